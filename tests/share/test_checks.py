"""Each check passes where it should and fires where it should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_text import SPEC, documents, fingerprint, panel, rows, scored, texts

from provenance import fit_fingerprint, open_corpus
from provenance.corpus import Counts
from provenance.features.features import STATISTICS, prepare
from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.checks import choose_view, layout_rates, size_checks, turns_check
from provenance.matching.scored_batch import score_batch
from provenance.matching.tally import Tally
from provenance.scoring.fitting import fit_panel
from provenance.scoring.panel import Panel
from provenance.share.checks import fit_checks
from provenance.share.checks_of_samples import (
    contamination_check,
    length_check,
    negative_control,
    prompt_check,
)
from provenance.share.densities import fit_mixture

VIEW = "words and shape"


def tallied(found: list[str], n_sources: int = 2) -> Tally:
    result = Tally(SPEC, n_sources)
    result.add(scored(documents(found), n_sources))
    return result


def under(fitted: Panel, found: list[str]) -> Tally:
    result = Tally(SPEC, len(fitted.names))
    result.add(score_batch(documents(found), prepare(found, SPEC), fitted, (0,)))
    return result


MIXED = [*texts("alpha", 60, 5), *texts("human", 140, 5)]


def test_layout_by_hand() -> None:
    sums = np.zeros(len(STATISTICS))
    for name, value in {"words": 10, "capitalised": 5, "punctuation": 2, "markup": 1}.items():
        sums[STATISTICS.index(name)] = value
    assert layout_rates(sums).tolist() == [0.5, 0.2, 0.0, 0.1]
    assert layout_rates(np.zeros(len(STATISTICS))).tolist() == [0.0] * 4


def test_shape_is_used_where_the_layout_is_that_of_the_samples() -> None:
    view, check = choose_view(panel(), tallied(MIXED))
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
    view, check = choose_view(panel(), tallied([change(text) for text in MIXED]))
    assert (view, check.verdict) == ("words", "warn")
    assert check.statistic is not None and check.limit is not None
    assert check.statistic > check.limit


def test_samples_of_bare_words_have_no_shape() -> None:
    bare = {
        name: [text.lower().replace(".", "") for text in texts(name, 40, 0)]
        for name in ("alpha", "human")
    }
    fitted = fit_panel([fit_fingerprint(iter(found), name, SPEC) for name, found in bare.items()])
    view, check = choose_view(fitted, under(fitted, bare["human"]))
    assert (view, check.verdict) == ("words", "ok")


@pytest.mark.parametrize(("found", "failed"), [(MIXED, False), (None, True)])
def test_scores_that_no_mixture_has_do_not_fit(found: list[str] | None, failed: bool) -> None:
    """Half of each text is by one source and half by the other."""
    halves = zip(texts("alpha", 200, 6), texts("human", 200, 6), strict=True)
    found = found or [f"{one[:90]} {other[:90]}" for one, other in halves]
    corpus = tallied(found).sampled(VIEW).scored
    mixture = fit_mixture(corpus.passages(), panel().samples(VIEW).scored.passages(), [0])
    [check] = fit_checks(mixture, [0], panel().names)
    assert (check.verdict == "fail") == failed
    assert "alpha" in check.sentence


def test_lengths_of_the_samples_are_read_well() -> None:
    check = length_check(
        panel().samples(VIEW), tallied(MIXED).sampled(VIEW).scored, [0, 1], np.array([0.3, 0.7])
    )
    assert check.verdict == "ok"
    assert check.statistic is not None and check.statistic < 0.05


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("short", ["alpha", "human"])
def test_lengths_that_a_sample_does_not_have_cannot_be_read(short: str) -> None:
    """One source's sample is of short texts, the corpus of long ones."""
    sources = [
        fit_fingerprint(
            open_corpus(rows(texts(name, 80, 3, words=(9, 12) if name == short else (40, 44)))),
            name,
            SPEC,
        )
        for name in ("alpha", "human")
    ]
    fitted = fit_panel(sources)
    long = under(fitted, texts("human", 60, 5, words=(40, 44))).sampled(VIEW).scored
    check = length_check(fitted.samples(VIEW), long, [0], np.array([0.3, 0.7]))
    assert (check.verdict, check.statistic) == ("fail", 1.0)


@pytest.mark.parametrize("n_sources", [2, 3])
def test_held_back_samples_show_no_share(n_sources: int) -> None:
    check = negative_control(panel(n_sources).samples(VIEW), [0])
    assert check.verdict == "ok"


def test_the_negative_control_fires_on_a_wrong_label() -> None:
    """A fifth of the human sample is the candidate's own text: every fifth of it reads so."""
    mixed = [*texts("human", 120, 0), *texts("alpha", 30, 8)]
    rng = np.random.default_rng(0)
    alpha = fingerprint("alpha")
    human = fit_fingerprint(iter([mixed[place] for place in rng.permutation(150)]), "human", SPEC)
    fitted = fit_panel([alpha, human])
    ratio = fitted.views[VIEW].log_posterior.copy()
    references = fitted.references
    # The first fold's rows of the other source look like the candidate's.
    turned = (references.fold == 0)[references.document] & (
        references.source[references.document] == 1
    )
    ratio[turned] = ratio[turned][:, ::-1]
    views = {**fitted.views, VIEW: replace(fitted.views[VIEW], log_posterior=ratio)}
    check = negative_control(replace(fitted, views=views).samples(VIEW), [0])
    assert check.verdict in ("warn", "fail")
    assert check.statistic is not None and check.statistic > 0.1


@pytest.mark.parametrize(
    ("n_short", "n_skipped", "complete", "expected"),
    [
        (0, 0, True, {"sample_size": "warn", "too_short": "ok", "skipped": "ok"}),
        (60, 0, True, {"sample_size": "warn", "too_short": "warn", "skipped": "ok"}),
        (
            0,
            5,
            False,
            {"sample_size": "warn", "too_short": "ok", "skipped": "warn", "sampled": "ok"},
        ),
    ],
)
def test_sizes_are_told(
    n_short: int, n_skipped: int, complete: bool, expected: dict[str, str]
) -> None:
    tally = tallied([*MIXED, *["x"] * n_short])
    corpus = replace(tally.sampled(VIEW), complete=complete)
    checks = size_checks(tally, corpus, panel().samples(VIEW), [0], n_skipped)
    assert {check.name: check.verdict for check in checks} == {**expected, "overlap": "ok"}


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
    check = turns_check(counts(100, n_unknown, n_mixed, n_named))
    assert (check.name, check.verdict) == ("turns", verdict)
    assert check.limit == 0.01
    assert ("not known" in check.sentence) == (n_unknown + n_mixed + n_named > 0)


@pytest.mark.parametrize(("n_texts", "failed"), [(19, True), (20, False)])
def test_a_corpus_of_few_documents_tells_nothing(n_texts: int, failed: bool) -> None:
    tally = tallied(MIXED[:n_texts])
    checks = size_checks(tally, tally.sampled(VIEW), panel().samples(VIEW), [0], 0)
    assert any(check.verdict == "fail" for check in checks) == failed


def test_passages_of_each_source_weigh_the_same() -> None:
    passages = panel(3).samples(VIEW).scored.passages()
    assert passages.source is not None
    assert np.bincount(passages.source, passages.weight) == pytest.approx([1, 1, 1])


def prompted(*prompts: int) -> SampledDocuments:
    return replace(SampledDocuments.empty(), prompt_hash=np.array(prompts, np.uint64))


@pytest.mark.parametrize(
    ("prompts", "verdict", "statistic"),
    [
        ({"a": (1, 2, 3, 4), "b": (1, 2, 3, 4)}, "ok", 0.0),
        ({"a": (1, 2, 3, 9), "b": (1, 2, 3)}, "warn", 0.25),
        ({"a": (1, 1, 1, 9), "b": (1, 0)}, "warn", 0.25),
        ({"a": (5, 6), "b": (1, 2), "c": (1, 2)}, "fail", 1.0),
    ],
)
def test_models_that_answered_other_prompts_are_told(
    prompts: dict[str, tuple[int, ...]], verdict: str, statistic: float
) -> None:
    (found,) = prompt_check({name: prompted(*given) for name, given in prompts.items()})
    assert (found.verdict, found.statistic) == (verdict, statistic)


def test_prompts_that_nobody_gave_are_not_checked() -> None:
    assert prompt_check({"a": prompted(1, 2), "b": prompted(0, 0)}) == []


def contaminated(n_of_candidate: int) -> Panel:
    """A reference of 300 texts by people, some more by the candidate."""
    human = [*texts("human", 300, 3), *texts("alpha", n_of_candidate, 4)]
    made = {"alpha": texts("alpha", 200, 1), "human": human}
    return fit_panel([fit_fingerprint(iter(found), name, SPEC) for name, found in made.items()])


def test_a_reference_that_holds_the_candidates_text_is_told() -> None:
    [clean] = contamination_check(contaminated(0).samples(VIEW), [0], [1])
    assert (clean.name, clean.verdict) == ("contamination[human]", "ok")
    [mixed] = contamination_check(contaminated(30).samples(VIEW), [0], [1])
    assert mixed.verdict == "warn"
    assert mixed.statistic == pytest.approx(30 / 330, abs=0.03)
