"""Counts of token ids and figures of style, worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_features import NASTY, counted
from numpy.typing import NDArray

from provenance.features.spec import FeatureSpec
from provenance.features.statistics import LENGTH, STATISTICS, STYLE, evened, style

SPEC = FeatureSpec(word_bits=8, shape_bits=6, token_bits=6, frequency_bits=6)


def counts(**known: float) -> NDArray[np.float64]:
    return np.array([known.get(name, 0) for name in STATISTICS], float)


def figures(found: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(STYLE, found.tolist(), strict=True))


def test_marks_by_hand() -> None:
    text = "“No,” she said; it’s 'so': a — b, \"c\" *d*"
    found = dict(zip(STATISTICS, counted([text], [3], SPEC)[1][0].tolist(), strict=True))
    expected = {
        "commas": 2,
        "semicolons": 1,
        "colons": 1,
        "dashes": 1,
        "apostrophes": 3,
        "straight_quotes": 2,
        "curly_quotes": 2,
        "asterisks": 2,
    }
    assert {name: found[name] for name in expected} == expected
    assert found["punctuation"] == sum(expected.values()) - expected["asterisks"]


def test_ids_by_hand() -> None:
    """Four tokens of which one stands twice, one of them rare."""
    found = dict(zip(STATISTICS, counted([""], [3], SPEC, [[5, 5, 0, 60_000]])[1][0], strict=True))
    assert (found["tokens"], found["distinct_tokens"], found["tokens_once"]) == (4, 3, 2)
    assert found["rare_tokens"] == 1
    assert found["token_repeats"] == round(10 * 2 * math.log(2)) == 14
    assert found["token_ranks"] == round(10 * (2 * math.log(6) + math.log(60_001))) == 146
    assert found["token_ranks_squared"] == 1275


def test_figures_by_hand() -> None:
    found = figures(style(counts(
        words=10, letters=40, distinct_words=8, sentences=2, sentence_words_squared=52,
        commas=3, tokens=8, distinct_tokens=6, tokens_once=5, rare_tokens=2,
        token_repeats=10 * 8 * math.log(2), token_ranks=10 * 16, token_ranks_squared=10 * 40,
    )))  # fmt: skip
    expected = {
        "characters_a_word": 4,
        "type_token_ratio": 0.8,
        "words_a_sentence": 5,
        "sentence_length_spread": 1,
        "commas_a_word": 0.3,
        "tokens_a_word": 0.8,
        "distinct_tokens": 0.75,
        "tokens_once": 0.625,
        "rare_tokens": 0.25,
        # All tokens twice: the entropy of four alike, log 4, over log 8.
        "token_evenness": 2 / 3,
        "token_rank": 2,
        "token_rank_spread": 1,
        LENGTH: math.log(8),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert sum(found.values()) == pytest.approx(sum(expected.values()))


def test_the_mean_of_equal_passages_is_each_of_them() -> None:
    one = counted(["One, two; three. Four five!"], [3], SPEC, [[7, 7, 9, 60_000, 1]])[1][0]
    assert style(one * 5.0, 5) == pytest.approx(style(one))


@given(st.lists(NASTY, min_size=1, max_size=3), st.lists(st.integers(0, 2**20), max_size=9))
def test_figures_are_finite(texts: list[str], ids: list[int]) -> None:
    found = style(counted(texts, [3] * len(texts), SPEC, [ids] * len(texts))[1])
    assert found.shape == (len(texts), len(STYLE))
    assert np.isfinite(found).all()


def test_evened_figures_by_hand() -> None:
    figures = np.arange(1.0, len(STYLE) + 1)[None]
    found = dict(zip(STYLE, evened(figures)[0].tolist(), strict=False))
    plain = dict(zip(STYLE, figures[0].tolist(), strict=True))
    assert STYLE[-1] == LENGTH and LENGTH not in found
    for name, value in found.items():
        if name in ("words_a_sentence", "sentence_length_spread"):
            assert value == pytest.approx(math.log1p(plain[name]))
        elif name.endswith("_a_word") and not name.startswith(("characters", "tokens")):
            assert value == pytest.approx(math.sqrt(plain[name]))
        else:
            assert value == plain[name]
