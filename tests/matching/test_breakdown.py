"""Shares by a field are of their own rows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from known_matches import ALPHA, BETA, HUMAN, MIXED, TRUTH, matched, told
from known_text import rows, texts

from provenance import Report, open_corpus
from provenance.cli.gate import exit_status
from provenance.matching.breakdown import listed_parts, share_rows, within_whole
from provenance.matching.judging import Told
from provenance.matching.matched import Settings
from provenance.records import Breakdown, Share
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


def test_a_part_of_documents_too_short_to_score_is_told(tmp_path: Path) -> None:
    found = [{**row, "kind": "long"} for row in MIXED]
    found += [{"text": "Yes.", "kind": "short"}] * 3
    report = matched(open_corpus(found, by=("kind",)), tmp_path / "out")
    told = {part.value: part.n_documents for part in report.breakdown}
    assert told == {"long": len(MIXED), "short": 0}
    # What is doubtful of them has one check.
    checks = [check.name for check in report.diagnostics if "too short" in check.sentence]
    assert checks == ["short_documents"]
    rows = report.breakdown[1].shares
    assert {(row.low, row.high, row.verdict) for row in rows if row.source} == {(0, 1, "withheld")}
    page = (tmp_path / "out" / "report.html").read_text()
    assert "1 more, of which nothing can be told" in page and ">short (0)<" in page
    assert report.parts_listed is not None and report.parts_listed.n_judged == 1


# One candidate beside people's text alone

SETTINGS = Settings(0.95, 1.0, 0.05, keep_text=True)
PAIR = Sources((ALPHA, HUMAN), ("candidate", "reference"))
PANEL = Sources((ALPHA, BETA, HUMAN), ("candidate", "panel", "reference"))


def row_of(rows: list[Share]) -> list[tuple[object, ...]]:
    return [
        (row.source, row.role, row.share, row.low, round(row.high, 6), row.verdict) for row in rows
    ]


def test_rows_beside_people_alone_by_hand() -> None:
    found = [Told(0.144, 0.121, 0.171), Told(0.856, 0.829, 0.879)]
    assert row_of(share_rows(found, found[0], PAIR, "documents", SETTINGS)) == [
        ("alpha", "candidate", None, 0.0, 0.171, "bounded"),
        (None, "machine", 0.144, 0.121, 0.171, "estimated"),
        ("human", "reference", 0.856, 0.829, 0.879, "estimated"),
        (None, "unknown", None, 0.0, 0.05, "bounded"),
    ]
    declared = share_rows(found, None, replace(PAIR, only=True), "documents", SETTINGS)
    assert row_of(declared)[0] == ("alpha", "candidate", 0.144, 0.121, 0.171, "estimated")
    assert [row.role for row in declared] == ["candidate", "reference", "unknown"]


def test_rows_beside_few_models_by_hand() -> None:
    """No low end of a model stands; what all of them have together is told of anyone's text."""
    found = [Told(0.2, 0.15, 0.25), Told(0.1, 0.0, 0.14), Told(0.7, 0.0, 0.8)]
    models = Told(0.3, 0.22, 0.35)
    rows_found = share_rows(found, models, PANEL, "documents", SETTINGS)
    assert row_of(rows_found) == [
        ("alpha", "candidate", 0.2, 0.0, 0.25, "estimated"),
        (None, "machine", 0.3, 0.22, 0.35, "estimated"),
        ("beta", "panel", 0.1, 0.0, 0.14, "estimated"),
        ("human", "reference", 0.7, 0.0, 0.8, "estimated"),
        (None, "unknown", None, 0.0, 0.78, "bounded"),
    ]
    assert row_of(share_rows(found, None, PANEL, "documents", SETTINGS))[0] == row_of(rows_found)[0]


def test_rows_beside_other_models_enough_by_hand() -> None:
    """Whose it is is told, and all models together too; the candidate's is a part of theirs."""
    names = ("candidate", *["panel"] * 5, "reference")
    sources = Sources((ALPHA, *[BETA] * 5, HUMAN), names)
    found = [Told(0.2, 0.15, 0.25), *[Told(0.02, 0.0, 0.04)] * 5, Told(0.7, 0.1, 0.8)]
    rows_found = share_rows(found, Told(0.3, 0.22, 0.35), sources, "documents", SETTINGS)
    assert row_of(rows_found)[:2] == [
        ("alpha", "candidate", 0.2, 0.15, 0.25, "estimated"),
        (None, "machine", 0.3, 0.22, 0.35, "estimated"),
    ]
    assert rows_found[-1].high == pytest.approx(1 - 0.22 - 0.1)
    alone = share_rows(found, None, sources, "documents", SETTINGS)
    assert [row for row in rows_found if row.role == "panel"] == [
        row for row in alone if row.role == "panel"
    ]
    assert alone[-1].high == pytest.approx(1 - 0.15 - 0.1)


def test_what_is_withheld_keeps_the_candidate_at_nothing() -> None:
    found = [Told(None, 0.2, 0.6), Told(None, 0.0, 0.8)]
    own, machine, *_ = share_rows(found, found[0], PAIR, "tokens", SETTINGS)
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


def test_beside_few_models_what_is_told_is_anyones() -> None:
    found = matched(MIXED, panel=[BETA], same_domain=True, fdr=0.2, only=False)
    machine = found.model_like()
    assert {row.low for row in found.shares if row.role in ("candidate", "panel")} == {0.0}
    assert machine is not None and 0.2 < machine.low <= TRUTH <= machine.high
    assert found.excerpts and {item.source for item in found.excerpts} == {None}
    assert {item.source for item in found.row_lists} == {None}
    assert found.headline().startswith("Text like a language model's makes up ")
    assert Report.from_dict(found.to_dict()) == found


def test_few_models_say_what_their_being_all_would_change() -> None:
    """Nobody is told by name; the check says how much would be, and it is what --only tells."""
    given: dict[str, Any] = {"panel": [BETA], "same_domain": True}
    found, declared = (matched(MIXED, only=only, **given) for only in (False, True))
    [check] = [one for one in found.diagnostics if one.kind == "few_models"]
    assert check.verdict == "warn" and "--panel library" in check.sentence
    assert check.statistic == pytest.approx(declared.candidates()[0].low, abs=1e-9)
    assert {row.low for row in found.candidates()} == {0.0}
    assert [row.smallest_detectable_share for row in found.power] == [None, None]
    assert not [one for one in declared.diagnostics if one.kind == "few_models"]
    assert "no model but those given" in " ".join(declared.reasons)


def test_what_tells_nothing_does_not_say_that_rows_are_listed() -> None:
    for panel in ([], [BETA]):
        found = matched(rows(texts("human", 5, 41)), panel=panel, only=False)
        assert found.verdict == "withheld" and not found.row_lists
        assert "each row that is listed" in " ".join(found.reasons)


def test_of_two_candidates_no_row_is_listed_and_no_low_end_told() -> None:
    found = matched(MIXED, candidates=[ALPHA, BETA], same_domain=True, only=False)
    assert [row.low for row in found.candidates()] == [0, 0]
    assert found.candidates()[0].share == pytest.approx(TRUTH, abs=0.05)
    assert found.model_like() is None
    assert not found.excerpts and not found.row_lists
    # Rows that chance draws may be read, without a word of whose they are.
    assert {(one.source, one.llr, one.q_value) for one in found.drawn} == {(None, None, None)}
    assert found.headline().startswith("No share can be shown of alpha, beta")


# Parts that show a candidate for sure


def part(value: str, *rows: Share) -> Breakdown:
    return Breakdown(field="f", value=value, n_documents=50, shares=rows)


def row(low: float, share: float | None = 0.5, role: str = "candidate", **other: Any) -> Share:
    given: dict[str, Any] = {
        "source": None if role == "machine" else "alpha",
        "role": role,
        "unit": "documents",
        "share": share,
        "low": low,
        "high": 1.0,
        "confidence_level": 0.95,
        "verdict": "estimated" if share is not None else "withheld",
    }
    return Share(**given | other)


def test_parts_are_listed_by_hand() -> None:
    found = listed_parts(
        [
            part("a", row(0.1), row(0.9, unit="tokens"), row(0.3, role="reference")),
            part("b", row(0.4)),
            part("c", row(0.0)),
            # Withheld: not judged. Of people's text alone: whosever it is.
            part("d", row(0.0, None)),
            part("e", row(0.0, None, verdict="bounded"), row(0.2, role="machine")),
        ],
        SETTINGS,
    )
    assert found is not None
    assert (found.n_judged, found.error_rate) == (4, 0.05)
    assert [(one.value, one.source, one.low) for one in found.parts] == [
        ("b", "alpha", 0.4),
        ("e", None, 0.2),
        ("a", "alpha", 0.1),
    ]
    assert listed_parts([], SETTINGS) is None


def test_a_report_lists_the_parts_whose_low_ends_it_tells() -> None:
    report, _ = told()
    listed, more = report.parts_listed, undeclared().parts_listed
    assert listed is not None and more is not None
    rows_of = {value.value: value.shares[0] for value in report.breakdown}
    assert [(one.value, one.low) for one in listed.parts] == [("alpha", rows_of["alpha"].low)]
    assert listed.n_judged == 2
    assert [(one.source, one.low) for one in more.parts] == [(None, rows_of["alpha"].low)]


@pytest.mark.slow
def test_parts_are_corrected_for_those_that_have_documents_enough() -> None:
    """Two parts of 100, then 3 more fields that tell the same: lower low ends."""
    corpus = [{**row, "kind": str(place % 2)} for place, row in enumerate(MIXED)]
    again = [{**row, **{f"k{n}": row["kind"] for n in range(3)}} for row in corpus]
    few = [{**row, "k0": str(place) if place < 20 else "rest"} for place, row in enumerate(corpus)]

    def low(rows: list[dict[str, str]], *by: str) -> float:
        report = matched(open_corpus(rows, by=("kind", *by)), same_domain=True)
        return report.breakdown[0].shares[0].low

    alone = low(corpus)
    assert 0 < low(again, *(f"k{n}" for n in range(3))) < alone
    # Values of single documents are not judged, and so cost nothing but the rest's place.
    assert low(few, "k0") > low(again, "k0", "k1")


def test_a_part_of_one_conversation_is_withheld_as_a_corpus_would_be() -> None:
    talk = [{**row, "kind": "talk", "group": "one"} for row in MIXED[:40]]
    rest = [{**row, "kind": "rest", "group": str(at)} for at, row in enumerate(MIXED[40:])]
    corpus = open_corpus([*talk, *rest], by=("kind",), group_field="group")
    report = matched(corpus, same_domain=True)
    found = {one.value: one.shares[0].verdict for one in report.breakdown}
    assert found == {"rest": "estimated", "talk": "withheld"}
    assert report.parts_listed is not None and report.parts_listed.n_judged == 1


def test_a_part_of_other_lengths_than_the_samples_is_withheld() -> None:
    """As a corpus of such lengths is; the whole holds too few of them to be."""
    short = [" ".join(text.split()[:9]) for text in texts("human", 40, 77)]
    found = [{**row, "kind": "long"} for row in MIXED]
    found += [{"text": text, "kind": "short"} for text in short]
    corpus = matched(open_corpus(rows(short)), same_domain=True)
    report = matched(open_corpus(found, by=("kind",)), same_domain=True)
    verdicts = {one.value: one.shares[0].verdict for one in report.breakdown}
    assert verdicts["short"] == corpus.candidates()[0].verdict == "withheld"
    assert report.verdict == "estimated"


def test_no_part_holds_more_than_the_whole_does() -> None:
    report, _ = told()
    whole = report.candidates()[0]
    for one in report.breakdown:
        assert one.shares[0].low * one.n_documents <= whole.high * report.corpus.n_scored + 1e-9


def test_what_is_sure_of_a_part_fits_into_the_whole_by_hand() -> None:
    """Half of 200 rows: of a whole of which 30 % are the API's at most, 60 % of it at most."""
    half = Told(0.8, 0.7, 0.9)
    assert within_whole(half, 0.3, 200 / 100) == Told(0.8, 0.6, 0.9)
    assert within_whole(half, 0.4, 200 / 100) == half
    assert within_whole(half, 0.0, 200 / 100).low == 0
