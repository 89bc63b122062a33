"""Shares by a field are of their own rows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from known_matches import ALPHA, BETA, HUMAN, MIXED, matched, told
from known_text import rows, texts

from provenance import Report, open_corpus
from provenance.cli.gate import exit_status
from provenance.matching.breakdown import is_unattributed, share_rows
from provenance.matching.judging import Told
from provenance.matching.matched import Settings
from provenance.records import Share
from provenance.share.sources import Sources


def test_breakdowns_are_of_their_own_rows() -> None:
    report, _ = told()
    found = {part.value: part for part in report.breakdown}
    assert {value: part.n_documents for value, part in found.items()} == {"alpha": 60, "human": 140}
    high = {
        value: next(row for row in part.shares if row.source == "alpha")
        for value, part in found.items()
    }
    assert high["alpha"].low > 0.5
    assert high["human"].low == 0


HOSTILE = ("", "<script>alert(1)</script>", "\x1b[2J\x00", "a\u202eb", "x" * 5000, "{{7*7}}")


def test_hostile_values_break_nothing_down_but_the_shares(tmp_path: Path) -> None:
    values = [HOSTILE[place % len(HOSTILE)] for place in range(120)]
    found = [{**row, "kind": value} for row, value in zip(MIXED[:120], values, strict=True)]
    found += [{"text": texts("human", 1, 90)[0]}]
    report = matched(open_corpus(found, by=("kind",)), tmp_path / "out")
    assert {part.value for part in report.breakdown} == set(HOSTILE)
    assert sum(part.n_documents for part in report.breakdown) == 121
    assert Report.load(tmp_path / "out") == report
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "\x1b" not in page


def test_a_breakdown_of_few_documents_is_withheld() -> None:
    found = [{**row, "kind": "rare" if place < 5 else "common"} for place, row in enumerate(MIXED)]
    report = matched(open_corpus(found, by=("kind",)))
    verdicts = {part.value: part.shares[0].verdict for part in report.breakdown}
    assert verdicts == {"common": "estimated", "rare": "withheld"}


# One candidate beside people's text alone

SETTINGS = Settings(0.95, 1.0, 0.05, keep_text=True)
PAIR = Sources((ALPHA, HUMAN), ("candidate", "reference"))
ALONE = Sources((ALPHA, BETA, HUMAN), ("candidate", "reference", "reference"))
PANEL = Sources((ALPHA, BETA, HUMAN), ("candidate", "panel", "reference"))


@pytest.mark.parametrize(
    ("sources", "only", "unattributed"),
    [(PAIR, False, True), (ALONE, False, True), (PAIR, True, False), (PANEL, False, False)],
)
def test_whose_text_it_is_is_not_told_beside_people_alone(
    sources: Sources, only: bool, unattributed: bool
) -> None:
    assert is_unattributed(sources, replace(SETTINGS, only=only)) == unattributed


def row_of(rows: list[Share]) -> list[tuple[object, ...]]:
    return [
        (row.source, row.role, row.share, row.low, round(row.high, 6), row.verdict) for row in rows
    ]


def test_rows_beside_people_alone_by_hand() -> None:
    found = [Told(0.144, 0.121, 0.171), Told(0.856, 0.829, 0.879)]
    assert row_of(share_rows(found, PAIR, "documents", SETTINGS)) == [
        ("alpha", "candidate", None, 0.0, 0.171, "bounded"),
        (None, "machine", 0.144, 0.121, 0.171, "estimated"),
        ("human", "reference", 0.856, 0.829, 0.879, "estimated"),
        (None, "unknown", None, 0.0, 0.05, "bounded"),
    ]
    declared = share_rows(found, PAIR, "documents", replace(SETTINGS, only=True))
    assert row_of(declared)[0] == ("alpha", "candidate", 0.144, 0.121, 0.171, "estimated")
    assert [row.role for row in declared] == ["candidate", "reference", "unknown"]


def test_what_is_withheld_keeps_the_candidate_at_nothing() -> None:
    found = [Told(None, 0.2, 0.6), Told(None, 0.0, 0.8)]
    own, machine, *_ = share_rows(found, PAIR, "tokens", SETTINGS)
    assert (own.share, own.low, own.high, own.verdict) == (None, 0.0, 0.6, "withheld")
    assert (machine.share, machine.low, machine.verdict) == (None, 0.2, "withheld")


@cache
def undeclared() -> Report:
    corpus = open_corpus(MIXED, by=("source",))
    return matched(corpus, same_domain=True, fdr=0.2, only=False)


def measured(rows: tuple[Share, ...], role: str) -> list[tuple[float | None, float, float]]:
    return [(row.share, row.low, row.high) for row in rows if row.role == role]


def test_what_was_measured_is_the_same_and_the_candidate_has_none_of_it_for_sure() -> None:
    found, declared = undeclared(), told()[0]
    pairs = [(found.shares, declared.shares), (found.shares_all, declared.shares_all)]
    pairs += [
        (one.shares, other.shares)
        for one, other in zip(found.breakdown, declared.breakdown, strict=True)
    ]
    for rows_now, rows_declared in pairs:
        assert measured(rows_now, "machine") == measured(rows_declared, "candidate")
        assert measured(rows_now, "reference") == measured(rows_declared, "reference")
        highs = [high for _, _, high in measured(rows_now, "machine")]
        assert measured(rows_now, "candidate") == [(None, 0.0, high) for high in highs]
    assert found.verdict == "estimated"
    assert Report.from_dict(found.to_dict()) == found


def test_rows_are_told_as_model_like_and_the_reasons_say_what_to_bring() -> None:
    found, (declared, _) = undeclared(), told()
    assert found.excerpts and {item.source for item in found.excerpts} == {None}
    assert {item.source for item in declared.excerpts} == {"alpha"}
    assert "--panel" in " ".join(found.reasons) and "--only" in " ".join(found.reasons)
    assert any("It was declared (--only)" in reason for reason in declared.reasons)
    assert found.summary().startswith("Text like a language model's makes up ")
    assert "alpha are" not in found.summary()


def test_another_models_text_accuses_nobody() -> None:
    """People with a fifth of beta: alpha is not found in it, whatever it reads as."""
    texts_found = [*texts("human", 160, 41), *texts("beta", 40, 42)]
    report = matched(rows(texts_found), same_domain=True, only=False)
    (row,) = report.candidates()
    assert (row.share, row.low) == (None, 0.0)
    assert exit_status(report, 0.0) in (0, 3)
