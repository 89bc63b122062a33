"""What changed since an earlier report: by hand, through `match`, and what cannot be compared."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st
from known_text import SPEC, fingerprint, folder, rows, texts
from rich.console import Console

from provenance import match, open_corpus
from provenance.errors import InputError
from provenance.report.baseline import change, compare_with, require_comparable
from provenance.report.page.page import render_html
from provenance.report.report import Report
from provenance.report.terminal import render_terminal

ALPHA, BETA, HUMAN = (fingerprint(name) for name in ("alpha", "beta", "human"))


ROLES = {"alpha": "candidate", "human": "reference"}


def row(low: float, high: float, share: float | None = None, unit: str = "documents") -> Any:
    verdict = "withheld" if share is None else "estimated"
    return examples.share("a", "candidate", unit, share, low, high, verdict=verdict)


def test_a_change_by_hand() -> None:
    found = change(row(0.10, 0.20, 0.15), row(0.0, 0.02, 0.01), 1000, 500)
    assert (found.low, found.high) == pytest.approx((-0.2, -0.08))
    assert (found.before.fewest, found.before.most) == (100, 200)
    assert (found.after.fewest, found.after.most) == (0, 10)
    assert (found.count_low, found.count_high) == (-200, -90)
    assert found.verdict == found.count_verdict == "fall"
    assert found.sentence == (
        "a: at most 2.0 % of the documents (about 10 documents) is left; before, 10.0 to 20.0 %"
        " (100 to 200 documents). The fall is larger than both intervals allow for."
    )


def test_shares_of_long_documents_are_called_so() -> None:
    long = "documents long enough to score"
    then, now = row(0.10, 0.20, 0.15), row(0.0, 0.02, 0.01)
    both = change(then, now, 1000, 500, (long, long)).sentence
    assert both.startswith(
        f"a: at most 2.0 % of the {long} (about 10 documents) is left; before, 10.0 to 20.0 % (100"
    )
    one = change(then, now, 1000, 500, (long, "documents")).sentence
    assert "2.0 % of the documents (about 10" in one
    assert f"before, 10.0 to 20.0 % of the {long} (100 to 200 documents)" in one
    tokens = row(0.1, 0.2, 0.15, unit="tokens")
    assert "of the tokens is left" in change(tokens, tokens, 9, 9, (long, "documents")).sentence


@pytest.mark.parametrize(
    ("verdict", "of_what", "n_documents"),
    [("ok", "documents", 12_000), ("warn", "documents long enough to score", 11_790)],
)
def test_a_comparison_says_what_its_shares_are_of(
    verdict: Any, of_what: str, n_documents: int
) -> None:
    report = examples.estimated()
    short = replace(report.diagnostics[0], name="short_documents", verdict=verdict)
    report = replace(report, diagnostics=(*report.diagnostics, short))
    (found, *_) = compare_with(report, report).changes
    assert found.unit == "documents" and found.before.n_documents == n_documents
    assert f"% of the {of_what} (about" in found.sentence


def test_counts_are_rounded_outwards() -> None:
    found = change(row(0.0, 0.1, 0.05), row(0.101, 0.2, 0.15), 33, 33)
    assert (found.before.fewest, found.before.most) == (0, 4)
    assert (found.after.fewest, found.after.most) == (3, 7)


@pytest.mark.parametrize(
    ("before", "after", "sizes", "verdicts", "told"),
    [
        ((0.1, 0.2), (0.15, 0.25), (100, 100), ("not_shown", "not_shown"), "No fall can be shown"),
        ((0.2, 0.3), (0.05, 0.1), (100, 1000), ("fall", "rise"), "there are more of its doc"),
        ((0.2, 0.3), (0.1, 0.15), (100, 200), ("fall", "not_shown"), "the rest of the corpus grew"),
        ((0.2, 0.3), (0.2, 0.3), (1000, 100), ("not_shown", "fall"), "the corpus shrank"),
        ((0.2, 0.3), (0.2, 0.3), (100, 1000), ("not_shown", "rise"), "in a corpus that grew"),
        ((0.1, 0.2), (0.4, 0.5), (100, 100), ("rise", "rise"), "The rise is larger"),
    ],
)
def test_a_share_that_falls_need_not_be_text_that_went(
    before: Any, after: Any, sizes: tuple[int, int], verdicts: tuple[str, str], told: str
) -> None:
    found = change(row(before[0], before[1], before[0]), row(after[0], after[1], after[0]), *sizes)
    assert (found.verdict, found.count_verdict) == verdicts
    assert told in found.sentence


def test_what_is_withheld_is_compared_by_its_ends() -> None:
    found = change(row(0.3, 0.6), row(0.0, 0.1, 0.05), 100, 100)
    assert found.verdict == "fall"
    assert "No share was told before: what can be defended there is compared." in found.sentence
    vacuous = change(row(0.3, 0.6, 0.4), row(0.0, 1.0), 100, 100)
    assert (vacuous.verdict, vacuous.after.most) == ("not_shown", 100)
    assert "No share was told after" in vacuous.sentence


def test_tokens_have_no_number_of_documents() -> None:
    found = change(row(0.3, 0.6, 0.4, unit="tokens"), row(0.0, 0.1, 0.05, unit="tokens"), 100, 100)
    assert (found.before.most, found.count_low, found.count_verdict) == (None, None, None)
    assert "10.0 % of the tokens is left" in found.sentence


fractions = st.floats(0, 1)


@given(fractions, fractions, fractions, fractions, st.integers(1, 9999), st.integers(1, 9999))
def test_a_change_covers_every_pair_of_shares(
    a: float, b: float, c: float, d: float, n_before: int, n_after: int
) -> None:
    found = change(row(min(a, b), max(a, b)), row(min(c, d), max(c, d)), n_before, n_after)
    for then in (a, b):
        for now in (c, d):
            assert found.low <= now - then <= found.high
            counted = now * n_after - then * n_before
            assert found.count_low is not None and found.count_high is not None
            assert found.count_low - 1e-6 <= counted <= found.count_high + 1e-6
    assert "remov" not in found.sentence and "prove" not in found.sentence


def corpus(n_alpha: int, n_human: int) -> list[dict[str, str]]:
    made = {"alpha": n_alpha, "human": n_human}
    return [
        {**item, "kind": "web" if place % 2 else name, "when": name}
        for name, count in made.items()
        for place, item in enumerate(rows(texts(name, count, 77)))
    ]


def matched(n_alpha: int, n_human: int, by: tuple[str, ...] = ("kind",), **options: Any) -> Report:
    chosen: dict[str, Any] = {"candidates": [ALPHA], "references": [HUMAN], "same_domain": True}
    chosen["only"] = True
    return match(
        open_corpus(corpus(n_alpha, n_human), by=by),
        cache_dir=folder() / "cache",
        **{**chosen, **options},
    )


@cache
def earlier() -> Report:
    return matched(100, 100)


def test_a_match_tells_what_changed(tmp_path: Path) -> None:
    earlier().save(tmp_path / "report.json")
    report = matched(0, 100, ("kind",), baseline=tmp_path, output=tmp_path / "out")
    assert report.baseline is not None
    assert report.baseline.sha256 == earlier().corpus.sha256
    documents, tokens = report.baseline.changes
    assert (documents.unit, tokens.unit) == ("documents", "tokens")
    assert documents.verdict == documents.count_verdict == tokens.verdict == "fall"
    assert documents.after.high == report.candidates()[0].high
    assert documents.before.n_documents == 200
    parts = {part.value: part for part in report.baseline.parts}
    assert [*parts] == ["human", "web", "alpha"]
    assert (parts["alpha"].n_before, parts["alpha"].n_after) == (50, None)
    assert parts["alpha"].changes == ()
    assert (parts["web"].n_before, parts["web"].n_after) == (100, 50)
    assert parts["web"].changes[0].verdict == "fall"
    assert parts["human"].changes[0].verdict == "not_shown"
    assert Report.load(tmp_path / "out") == report


def test_the_same_corpus_again_shows_no_fall() -> None:
    report = matched(100, 100, ("when",), baseline=earlier())
    assert report.baseline is not None
    assert {item.verdict for item in report.baseline.changes} == {"not_shown"}
    assert "same text" in report.baseline.notes[0]
    assert all(not part.changes for part in report.baseline.parts)


@pytest.mark.parametrize(
    ("roles", "spec", "level", "message"),
    [
        ({"alpha": "candidate"}, SPEC, 0.95, "only it has the reference 'human'"),
        ({**ROLES, "beta": "panel"}, SPEC, 0.95, "it lacks the panel 'beta'"),
        ({**ROLES, "human": "panel"}, SPEC, 0.95, "it lacks the panel 'human'"),
        (ROLES, replace(SPEC, encoding="gpt2"), 0.95, "encoding: o200k_base and gpt2"),
        (
            ROLES,
            replace(SPEC, min_tokens=9),
            0.9,
            "min_tokens: 8 and 9; confidence level: 0.95 and",
        ),
    ],
)
def test_another_set_up_is_refused_with_every_difference(
    roles: dict[str, str], spec: Any, level: float, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        require_comparable(earlier(), roles, spec, level)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_hostile_baseline_is_refused_and_shown_safely() -> None:
    with pytest.raises(InputError) as caught:
        require_comparable(examples.hostile(), ROLES, SPEC, 0.95)
    assert str(caught.value).isprintable()


def test_reports_of_other_versions_and_withheld_ones_say_so() -> None:
    before = examples.withheld()
    before = replace(before, manifest=replace(before.manifest, version="0.0.9"))
    notes = compare_with(before, examples.estimated()).notes
    assert any("earlier corpus are withheld" in note for note in notes)
    assert any("version 0.0.9" in note for note in notes)


def test_a_report_that_accuses_and_one_that_does_not_say_so() -> None:
    before, after = examples.estimated(), examples.model_like()
    for pair in ((before, after), (after, before)):
        found = compare_with(*pair)
        assert any("Only one of the two reports" in note for note in found.notes)
        assert [item.verdict for item in found.changes if item.source != "gpt-4"] == []
    assert not any("--only" in note for note in compare_with(after, after).notes)
    assert [item.source for item in compare_with(after, after).changes] == ["gpt-4", "gpt-4"]


def test_the_change_is_shown_in_the_page_and_in_the_terminal() -> None:
    report = examples.estimated()
    assert report.baseline is not None
    page = render_html(report)
    for told in ("Against the baseline", "before/sft.jsonl", "only in the baseline, 30", "3,490"):
        assert told in page
    console = Console(width=400, record=True)
    with console.capture() as captured:
        render_terminal(report, console)
    assert report.baseline.changes[0].sentence in captured.get()
