"""The view, the layout and the sizes of a corpus: each check passes and fires where it should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_text import SPEC, panel, tallied, texts, under

from provenance import fit_fingerprint
from provenance.corpus import Counts
from provenance.features.statistics import STATISTICS
from provenance.matching.checks.checks import (
    choose_view,
    layout_rates,
    size_checks,
    skipped_check,
    turns_checks,
)
from provenance.scoring.fitting.fitting import fit_panel

VIEW = "n-grams"


MIXED = [*texts("alpha", 60, 5), *texts("human", 140, 5)]


def test_layout_by_hand() -> None:
    sums = np.zeros(len(STATISTICS))
    for name, value in {"words": 10, "capitalised": 5, "punctuation": 2, "markup": 1}.items():
        sums[STATISTICS.index(name)] = value
    assert layout_rates(sums).tolist() == [0.5, 0.2, 0.0, 0.1]
    assert layout_rates(np.zeros(len(STATISTICS))).tolist() == [0.0] * 4


def test_shape_is_used_where_the_layout_is_that_of_the_samples() -> None:
    view, check = choose_view(panel(), tallied(MIXED), ())
    assert (view, check.verdict) == (VIEW, "ok")


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda text: text.replace(". ", ".\n\n* "),
        lambda text: text.title(),
        lambda text: text.replace(" ", ", "),
    ],
)
def test_shape_is_left_out_where_the_layout_is_another(change: object) -> None:
    assert callable(change)
    view, check = choose_view(panel(), tallied([change(text) for text in MIXED]), ())
    assert (view, check.verdict) == ("words", "warn")
    assert check.statistic is not None and check.limit is not None
    assert check.statistic > check.limit


def test_statistics_are_left_out_where_the_style_is_another() -> None:
    """Sentences of twice as many words, in the same letters, marks and lines a text."""
    fitted = panel(3)
    view, check = choose_view(fitted, under(fitted, MIXED), ())
    assert (view, check.verdict) == ("all families", "ok")
    long = [text.replace(".", ",", 1).replace(".", ";", 1) for text in MIXED]
    view, check = choose_view(fitted, under(fitted, long), ())
    assert (view, check.verdict) == ("n-grams", "ok")
    assert "token statistics were left out" in check.sentence


def test_a_layout_that_only_the_candidate_has_is_no_evidence() -> None:
    """Its sample was lower-cased, and so was a corpus of the others' text."""
    made = {
        name: [str.lower(one) if name == "alpha" else one for one in texts(name, 60, 0)]
        for name in ("alpha", "beta", "human")
    }
    fitted = fit_panel([fit_fingerprint(iter(found), name, SPEC) for name, found in made.items()])
    others = [*texts("beta", 60, 5), *texts("human", 60, 5)]
    lowered = under(fitted, [text.lower() for text in others])
    assert choose_view(fitted, lowered, ())[0] != "words"
    view, check = choose_view(fitted, lowered, (0,))
    assert (view, check.verdict) == ("words", "warn")
    assert "candidate's alone" in check.sentence
    # The others' own layout is evidence against it.
    assert choose_view(fitted, under(fitted, others), (0,))[0] != "words"


def test_samples_of_bare_words_have_no_shape() -> None:
    bare = {
        name: [text.lower().replace(".", "") for text in texts(name, 40, 0)]
        for name in ("alpha", "human")
    }
    fitted = fit_panel([fit_fingerprint(iter(found), name, SPEC) for name, found in bare.items()])
    view, check = choose_view(fitted, under(fitted, bare["human"]), ())
    assert (view, check.verdict) == ("words", "ok")


@pytest.mark.parametrize(
    ("n_short", "n_skipped", "complete", "expected"),
    [
        (0, 0, True, {"sample_size": "warn", "skipped": "ok"}),
        # Texts too short to score have one check, which is another room's.
        (60, 0, True, {"sample_size": "warn", "skipped": "ok"}),
        (0, 5, False, {"sample_size": "warn", "skipped": "warn", "sampled": "ok"}),
    ],
)
def test_sizes_are_told(
    n_short: int, n_skipped: int, complete: bool, expected: dict[str, str]
) -> None:
    tally = tallied([*MIXED, *["x"] * n_short])
    corpus = replace(tally.sampled(VIEW), complete=complete)
    checks = size_checks(tally, corpus, panel().samples(VIEW), [0], n_skipped)
    assert {check.name: check.verdict for check in checks} == {**expected, "overlap": "ok"}


@pytest.mark.parametrize(("n_texts", "failed"), [(19, True), (20, False)])
def test_a_corpus_of_few_documents_tells_nothing(n_texts: int, failed: bool) -> None:
    tally = tallied(MIXED[:n_texts])
    checks = size_checks(tally, tally.sampled(VIEW), panel().samples(VIEW), [0], 0)
    assert any(check.verdict == "fail" for check in checks) == failed


def counts(n_texts: int, n_unknown: int, n_mixed: int, n_named: int) -> Counts:
    found = Counts(n_texts=n_texts, n_unknown_roles=n_unknown, n_maybe_transcripts=n_mixed)
    for _ in range(n_named):
        found.turn(("narrator", None, False))
    return found


@pytest.mark.parametrize(
    ("n_unknown", "n_mixed", "n_named", "verdict"),
    [(0, 0, 0, "ok"), (1, 0, 0, "ok"), (2, 0, 0, "warn"), (0, 2, 0, "warn"), (0, 0, 2, "warn")],
)
def test_turns_of_unknown_speakers_are_told(
    n_unknown: int, n_mixed: int, n_named: int, verdict: str
) -> None:
    found = turns_checks(counts(100, n_unknown, n_mixed, n_named))
    assert len(found) == (n_unknown + n_mixed + n_named > 0)
    for check in found:
        assert (check.name, check.verdict) == ("turns", verdict)
        assert check.limit == 0.01
        assert "not known" in check.sentence


@pytest.mark.parametrize(
    ("n_skipped", "n_documents", "lost", "verdict"),
    [
        (0, 1000, "", "ok"),
        (10, 990, "", "ok"),
        (11, 989, "", "warn"),
        (1, 1_000_000, "1 file broke off.", "warn"),
        (0, 1000, "1 row may be several each.", "warn"),
    ],
)
def test_an_unknown_number_of_rows_is_never_few(
    n_skipped: int, n_documents: int, lost: str, verdict: str
) -> None:
    check = skipped_check(n_skipped, n_documents, lost)
    assert check.verdict == verdict
    assert lost in check.sentence
