"""How far a suspect leans, on sources of known origin and by hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from known_text import NAMES, SPEC, texts
from scipy.stats import binom
from scipy.stats import t as student

from provenance import Fingerprint, InputError, fit_fingerprint, open_corpus
from provenance.matching.comparisons.lean import Lean, _mean_of_pairs, lean

N = 80
DATA = Path(os.environ.get("PROVENANCE_DATA", ""))


def fit(found: Sequence[str], name: str) -> Fingerprint:
    rows = [{"text": text, "prompt": f"{number}"} for number, text in enumerate(found)]
    return fit_fingerprint(open_corpus(iter(rows)), name, SPEC)


@cache
def source(name: str, seed: int = 0) -> Fingerprint:
    return fit(texts(name, N, seed), name)


def mixed(share: float, seed: int = 1) -> Fingerprint:
    """A suspect that answers so much as alpha would, and the rest as beta, its base."""
    n_alpha = round(share * N)
    own = [*texts("alpha", n_alpha, seed), *texts("beta", N - n_alpha, seed)]
    order = np.random.default_rng(seed).permutation(N)
    return fit([own[place] for place in order], "suspect")


OTHERS = NAMES[2:4]


def others() -> list[Fingerprint]:
    return [source(name) for name in OTHERS]


@cache
def leaning() -> Lean:
    return lean(mixed(1), source("beta"), source("alpha"), others())


def test_a_suspect_that_writes_as_the_candidate_leans() -> None:
    found = leaning()
    assert found.n_prompts == N
    assert found.suspect_share > 0.7 > 0.2 > found.base_share
    assert found.more == pytest.approx((found.suspect_share - found.base_share) * N / (N + 2))
    assert found.verdict == "leans"
    told = found.summary()
    assert "consistent with training on outputs of alpha" in told and "no proof" in told
    assert [name for name, _, _ in found.others] == [*OTHERS]


def test_of_a_suspect_that_does_so_half_of_the_time_half_is_told() -> None:
    found, whole = lean(mixed(0.5), source("beta"), source("alpha"), others()), leaning()
    assert found.more_low < whole.more / 2 < found.more_high


def test_the_base_again_does_not_lean() -> None:
    found = lean(mixed(0), source("beta"), source("alpha"), others())
    assert (found.verdict, found.more_low <= 0 <= found.more_high) == ("no lean seen", True)
    assert "no proof" not in found.summary() and "may leave none" in found.summary()


@pytest.mark.slow
def test_a_model_that_left_its_base_for_elsewhere_is_not_accused() -> None:
    """One that learnt from a model nobody gave: beside the base alone it may read as anybody's."""
    elsewhere = fit(texts("human", N, 1), "suspect")
    assert lean(elsewhere, source("beta"), source("alpha"), others()).verdict != "leans"
    alone = lean(mixed(0.9), source("beta"), source("alpha"))
    assert (alone.verdict, alone.by_chance) == ("cannot tell", None)
    assert "give 2 or more other models" in alone.summary()


def test_a_lean_must_be_larger_than_that_of_unknown_models() -> None:
    found = leaning()
    high = (("one", 0.1, found.more_low + found.base_share + 0.01), ("two", 0.0, 0.05))
    doubtful = replace(found, others=high)
    assert doubtful.verdict == "cannot tell"
    assert doubtful.by_chance == pytest.approx(found.more_low + 0.01)
    assert "no lean can be told" in doubtful.summary()


def test_documents_in_another_order_and_another_name_change_no_figure() -> None:
    found = texts("beta", N, 1)
    rows = [{"text": text, "prompt": f"{number}"} for number, text in enumerate(found)]
    turned = fit_fingerprint(open_corpus(iter(rows[::-1])), "else", SPEC)
    one = lean(fit(found, "suspect"), source("beta"), source("alpha"))
    other = lean(turned, replace(source("beta"), name="alpha"), source("alpha"))
    assert replace(other, suspect=one.suspect, base=one.base) == one


def test_the_interval_is_students_with_a_pair_for_and_one_against() -> None:
    values = np.array([1.0, 0.0, 1.0, 0.0, 0.0, -1.0])
    mean, half = _mean_of_pairs(values, np.arange(6), 0.95)
    more = np.append(values, [1.0, -1.0])
    assert mean == pytest.approx(more.mean())
    assert half == pytest.approx(student.ppf(0.975, 7) * more.std(ddof=1) / np.sqrt(8))


def test_prompts_that_belong_together_are_one_draw() -> None:
    values = np.repeat([1.0, 0.0, 1.0, 0.0], 5)
    _, alone = _mean_of_pairs(values, np.arange(20), 0.95)
    _, together = _mean_of_pairs(values, np.repeat(np.arange(4), 5), 0.95)
    assert together > 1.8 * alone


@pytest.mark.parametrize("chances", [(0.0, 0.0), (0.02, 0.02), (0.3, 0.1), (0.9, 0.05)])
def test_the_interval_covers(chances: tuple[float, float]) -> None:
    """95 % of intervals, but for what 400 runs vary; known chances of each reading so."""
    runs, n = 400, 60
    held = 0
    for run in range(runs):
        rng = np.random.default_rng([17, run])
        values = [(rng.random(n) < chance).astype(float) for chance in chances]
        mean, half = _mean_of_pairs(values[0] - values[1], np.arange(n), 0.95)
        held += abs(mean - (chances[0] - chances[1])) <= half
    assert held >= binom.ppf(0.001, runs, 0.95)


def test_too_few_shared_prompts_are_refused() -> None:
    rows = [{"text": text, "prompt": f"other {n}"} for n, text in enumerate(texts("beta", N, 0))]
    elsewhere = fit_fingerprint(open_corpus(iter(rows)), "base", SPEC)
    with pytest.raises(InputError, match="0 prompts in common"):
        lean(mixed(0.5), elsewhere, source("alpha"))


def test_the_manual_has_the_keys_of_the_json() -> None:
    manual = Path(__file__).parents[3] / "provenance" / "matching" / "comparisons" / "README.md"
    [row] = [line for line in manual.read_text("utf-8").splitlines() if "suspect_share" in line]
    assert row.split("`")[3].split() == [*leaning().to_dict()]


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("PROVENANCE_DATA") or not (DATA / "alpaca_eval").is_dir(),
    reason="PROVENANCE_DATA names no folder with alpaca_eval",
)
def test_a_model_that_learnt_from_an_api_leans_to_it_and_to_no_other() -> None:
    """One trained on claude-2, beside another model of the same origin, on 200 prompts."""
    names = "claude2-alpaca-13b vicuna-13b-v1.5 claude-2 gpt4_0613 gemini-pro cohere".split()
    suspect, base, claude, gpt, *others = (
        fit_fingerprint(open_corpus(DATA / "alpaca_eval" / f"{name}.jsonl.gz", limit=200), name)
        for name in names
    )
    found = lean(suspect, base, claude, [gpt, *others])
    assert found.verdict == "leans" and found.more_low > 0.5
    assert lean(suspect, base, gpt, [claude, *others]).verdict == "no lean seen"
