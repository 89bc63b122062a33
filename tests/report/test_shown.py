"""What page and terminal both show: names in a sentence, the panel, what is in doubt."""

from __future__ import annotations

import pytest
import report_examples as examples

from provenance.report.shown import corpus_named, doubts, enumerated, panel_rows, shown_rows


@pytest.mark.parametrize(
    ("words", "n_more", "said"),
    [
        ([], 0, "nothing"),
        (["a"], 0, "a"),
        (["a", "b"], 0, "a and b"),
        (["a", "b"], 7, "a, b and 7 more"),
    ],
)
def test_words_in_a_sentence(words: list[str], n_more: int, said: str) -> None:
    assert enumerated(words, n_more) == said


def test_three_paths_of_a_corpus_are_named() -> None:
    assert corpus_named(["a", "b"]) == "a and b"
    assert corpus_named(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert "\x1b" not in corpus_named(["\x1b[2J"])


@pytest.mark.parametrize("make", examples.REPORTS)
def test_a_row_has_the_shares_of_its_source(make: type) -> None:
    report = make()
    rows = shown_rows(report)
    assert len({(row.source, row.role) for row in rows}) == len(rows)
    kept = {(row.source, row.role, row.unit): row for row in report.shares}
    for row in rows:
        assert row.documents == kept.get((row.source, row.role, "documents"))
        assert row.tokens == kept.get((row.source, row.role, "tokens"))
    assert {row.role for row in panel_rows(rows)} <= {"panel"}
    assert all(row.verdict != "ok" for row in doubts(report))
