"""Two endpoints held against each other, on sources of known origin."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from known_text import SPEC, texts
from scipy.stats import binom, kstest

from provenance import FeatureSpec, Fingerprint, InputError, fit_fingerprint, open_corpus
from provenance.matching.comparisons.same import LIMIT, SameSource, same_source

DATA = Path(os.environ.get("PROVENANCE_DATA", ""))


def fit(found: Sequence[str], name: str, first_prompt: int | None = 0) -> Fingerprint:
    rows = [
        {"text": text} if first_prompt is None else {"text": text, "prompt": f"{first_prompt + n}"}
        for n, text in enumerate(found)
    ]
    return fit_fingerprint(open_corpus(iter(rows)), name, SPEC)


@cache
def source(name: str, seed: int = 0, count: int = 60) -> Fingerprint:
    return fit(texts(name, count, seed), name)


@cache
def one_model() -> SameSource:
    return same_source(source("alpha", 1, 320), replace(source("alpha", 2, 320), name="twin"))


def test_two_models_differ() -> None:
    found = same_source(source("alpha"), source("beta"))
    assert (found.verdict, found.paired, found.n_documents) == ("differ", True, (60, 60))
    assert found.n_tested == 48
    assert found.p_value < 1e-6
    assert 0.85 < found.told_apart_low < 0.95 < found.told_apart < found.told_apart_high
    assert found.distance_low > 0
    assert found.alias_doubt == "a difference was seen"
    assert "alpha and beta differ in their answers to the same prompts." in found.summary()
    assert "--alias alpha=beta is not justified" in found.summary()


def test_one_model_is_not_told_from_itself() -> None:
    found = one_model()
    assert found.verdict == "no difference seen"
    assert found.told_apart_low < 0.5 < found.told_apart_high
    assert found.smallest_told_apart < LIMIT
    assert found.distance_low == 0
    told = found.summary()
    assert "No difference was seen between alpha and twin" in told
    assert "would have been seen in 4 of 5" in told
    assert "the same model" not in told


def test_the_smallest_difference_is_that_of_as_many_pairs() -> None:
    """256 pairs in four folds of 64, whose weights are the roots of 1 to 4 over that of 10."""
    found = one_model()
    gain = math.sqrt(64 / 2) * sum(math.sqrt(fold) for fold in (1, 2, 3, 4)) / math.sqrt(10)
    assert found.n_tested == 256
    assert found.smallest_difference == pytest.approx((1.6449 + 0.8416) / gain, rel=1e-3)


def test_an_alias_wants_prompts_enough_and_a_narrow_interval() -> None:
    found = replace(one_model(), told_apart_high=LIMIT - 0.01)
    assert found.alias_doubt is None
    assert "--alias alpha=twin is justified." in found.summary()
    assert "cannot be ruled out" in (replace(found, told_apart_high=0.6).alias_doubt or "")
    assert "too few prompts" in (replace(found, smallest_told_apart=0.6).alias_doubt or "")
    assert "same prompts" in (replace(found, paired=False).alias_doubt or "")


def test_which_is_the_first_changes_nothing() -> None:
    first, second = source("alpha", 3), fit(texts("alpha", 75, 4), "other", 10)
    one, other = same_source(first, second), same_source(second, first)
    assert one.names == other.names[::-1]
    assert (one.n_documents, one.left_out) == (other.n_documents[::-1], other.left_out[::-1])
    assert one.left_out == (10, 25)
    symmetric = {"names": one.names, "n_documents": one.n_documents, "left_out": one.left_out}
    figures = {name for name in SameSource.__slots__ if name not in symmetric}
    for name in figures - {"distance", "distance_low", "distance_high"}:
        assert getattr(one, name) == getattr(other, name), name
    assert one.distance_high == pytest.approx(other.distance_high)


def test_the_order_of_documents_changes_nothing() -> None:
    found = texts("beta", 60, 5)
    rows = [{"text": text, "prompt": f"{number}"} for number, text in enumerate(found)]
    turned = fit_fingerprint(open_corpus(iter(rows[::-1])), "beta", SPEC)
    assert same_source(source("alpha"), turned) == same_source(source("alpha"), fit(found, "beta"))


def test_another_seed_is_another_division() -> None:
    first, second = source("alpha", 6), source("alpha", 7)
    assert same_source(first, second, seed=1) == same_source(first, second, seed=1)
    assert same_source(first, second, seed=1).p_value != same_source(first, second).p_value


def test_other_prompts_accuse_nobody() -> None:
    found = same_source(source("alpha"), fit(texts("beta", 60, 0), "beta", 1000))
    assert (found.verdict, found.paired) == ("samples differ", False)
    told = found.summary()
    assert "may be of their prompts" in told and "does not say that the models do" in told
    assert "beta differ in" not in told
    alike = same_source(source("alpha", 1), fit(texts("alpha", 60, 2), "twin", None))
    assert alike.verdict == "no difference seen"
    assert alike.alias_doubt == "they did not answer the same prompts"


def test_copies_are_no_evidence() -> None:
    own, other = texts("alpha", 90, 0), texts("beta", 90, 0)
    found = same_source(fit(own, "alpha"), fit([*own[:30], *other[30:]], "beta"))
    assert (found.n_identical, found.left_out) == (30, (30, 30))
    assert found.verdict == "differ"
    # 24 of 72 are copies, and half of these would be told by chance.
    assert found.told_apart == pytest.approx(1 - 12 / 72, abs=0.03)
    assert "30 texts stand in both" in found.summary()


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (source("alpha"), "60 texts stand in both"),
        (fit(texts("beta", 30, 0), "few"), "too little of 'alpha' and 'few'"),
        (Fingerprint.empty("nothing", SPEC), "'nothing'"),
        (Fingerprint.empty("other", FeatureSpec()), "different specs"),
    ],
)
def test_what_cannot_be_compared_is_one_paragraph(second: Fingerprint, told: str) -> None:
    with pytest.raises(InputError, match=told):
        same_source(source("alpha"), second)


@pytest.mark.parametrize(("name", "value"), [("confidence_level", 1.0), ("seed", -1)])
def test_settings_out_of_bounds_are_refused(name: str, value: float) -> None:
    with pytest.raises(InputError, match=name):
        same_source(source("alpha"), source("beta"), **{name: value})  # type: ignore[arg-type]


def test_equal_names_are_told_apart() -> None:
    told = same_source(source("alpha"), replace(source("beta"), name="alpha")).summary()
    assert "the first alpha and the second alpha differ" in told


def test_the_manual_has_the_keys_of_the_json() -> None:
    manual = Path(__file__).parents[3] / "provenance" / "matching" / "comparisons" / "README.md"
    [row] = [line for line in manual.read_text("utf-8").splitlines() if "told_apart_low" in line]
    assert row.split("`")[3].split() == [*one_model().to_dict()]


def uniform(p_values: Sequence[float]) -> None:
    """Of as many as there are: the test of Kolmogorov and Smirnov, and the rate at three levels."""
    assert kstest(p_values, "uniform").pvalue > 0.001
    for level in (0.05, 0.2, 0.5):
        hits = int((np.array(p_values) <= level).sum())
        assert hits <= binom.ppf(0.999, len(p_values), level)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runs", "shared"),
    [
        pytest.param(6, True, id="few"),
        pytest.param(200, True, marks=pytest.mark.slow, id="paired"),
        pytest.param(100, False, marks=pytest.mark.slow, id="unpaired"),
    ],
)
def test_halves_of_one_model_pass_at_the_nominal_rate(runs: int, shared: bool) -> None:
    pool = texts("gamma", 120, 9)
    p_values = []
    for run in range(runs):
        order = np.random.default_rng([3, run]).permutation(len(pool))
        halves = [[pool[place] for place in part] for part in np.split(order, 2)]
        second = fit(halves[1], "b", 0 if shared else 500)
        p_values.append(same_source(fit(halves[0], "a"), second, seed=run).p_value)
    uniform(p_values)


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("PROVENANCE_DATA") or not (DATA / "alpaca_eval").is_dir(),
    reason="PROVENANCE_DATA names no folder with alpaca_eval",
)
def test_real_answers_dealt_anew_pass_at_the_nominal_rate() -> None:
    """Answers of two versions of one model, dealt anew within each of 60 prompts."""
    from provenance.validation.bench.same_models import dealt, some_prompts

    read = [
        fit_fingerprint(open_corpus(DATA / "alpaca_eval" / f"{name}.jsonl.gz"), name)
        for name in ("gpt-3.5-turbo-0613", "gpt-3.5-turbo-1106")
    ]
    first, second = some_prompts(read[0], read[1], 60, 0)
    assert same_source(first, second).verdict == "differ"
    uniform([same_source(*dealt(first, second, run), seed=run).p_value for run in range(200)])
