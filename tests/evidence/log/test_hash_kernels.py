"""Windows and shingles of a text are those of the readable twin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_log import WINDOW, answer, index, words
from reference import log_twin as twin

from provenance.evidence.log import buckets
from provenance.evidence.log.hash_kernels import _ascending, _minima, log_hashes
from provenance.evidence.log.windows import COMMON, SPAN, LogHashes
from provenance.features.code_points import joined
from provenance.features.kernels import character_tables

WORDS = st.sampled_from("the a ink of Owl, zu. so! «ja» 語 42 näh x😀 * # \n".split(" "))


TEXTS = st.lists(WORDS, max_size=40).map(" ".join)


def hashed(
    texts: list[str], prompts: list[str], window: int, span: int, fewest: int = 8
) -> LogHashes:
    found = log_hashes(
        *(*joined(texts), *joined(prompts), *character_tables(), window, span, fewest)
    )
    return LogHashes(tuple(texts), *found)


@given(
    st.lists(st.tuples(TEXTS, st.one_of(st.just(""), TEXTS)), max_size=4),
    st.integers(8, 14),
    st.integers(2, 7),
    st.booleans(),
)
def test_hashes_of_texts(
    pairs: list[tuple[str, str]], window: int, span: int, quoted: bool
) -> None:
    texts = [text for text, _ in pairs]
    prompts = [f"{text[:60]} {prompt}" if quoted else prompt for text, prompt in pairs]
    found = hashed(texts, prompts, window, span)
    token = 0
    for row, (text, prompt) in enumerate(zip(texts, prompts, strict=True)):
        expected = twin.hashed(text, prompt, window, span, 8)
        n = int(found.tokens[row])
        places = [(start, end) for start, end, _ in expected.tokens]
        starts, ends = found.starts[token : token + n], found.ends[token : token + n]
        assert [*zip(starts.tolist(), ends.tolist(), strict=True)] == places
        token += n
        inside = slice(*found.window_bounds[row : row + 2])
        windows = zip(found.places[inside].tolist(), found.windows[inside].tolist(), strict=True)
        assert [*windows] == expected.windows
        inside = slice(*found.shingle_bounds[row : row + 2])
        assert found.shingles[inside].tolist() == expected.shingles
    assert token == len(found.starts) == len(found.ends)


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=30), st.integers(1, 9))
def test_winnowing(values: list[int | None], span: int) -> None:
    largest = (1 << 64) - 1
    hashes = np.array([largest if value is None else value for value in values], np.uint64)
    chosen = np.zeros(len(values) + 1, np.int64)
    n = _minima(hashes, len(values), span, chosen)
    assert chosen[:n].tolist() == twin.winnowed(values, span)
    for first in range(len(values) - span + 1):
        group = range(first, first + span)
        if any(values[place] is not None for place in group):
            assert {*group} & {*chosen[:n].tolist()}


@pytest.mark.parametrize("n", [0, 1, 2, 5, 100, 1025])
def test_shingles_are_sorted_however_they_lie(n: int) -> None:
    rng = np.random.default_rng(n)
    even = rng.integers(0, 1 << 64, n, np.uint64)
    few = even[rng.integers(0, max(1, n // 50), n)] if n else even
    for hashes in (even, few, even >> np.uint64(40)):
        out, ends = np.empty(n + 1, np.uint64), np.empty(2 * n + 4, np.int64)
        _ascending(hashes, n, out, ends)
        assert out[:n].tolist() == sorted(hashes.tolist())


def test_windows_and_pairs_are_those_of_the_twin(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    log = [answer(n, words(rng, 40, 200), words(rng, 20, 200)) for n in range(5)]
    found = index(tmp_path / "a.idx", log)
    twins = [twin.hashed(item.text, item.prompt or "", WINDOW, SPAN, 8) for item in log]
    hashes = sorted({value for one in twins for _, value in one.windows})
    assert sorted({*found.arrays["window_hashes"].tolist()}) == hashes
    pairs = [value >> 32 for one in twins for value in one.shingles]
    arrays = found.arrays
    keys = buckets.joined_keys(arrays["shingle_directory"], arrays["shingle_remainders"])
    assert sorted({*keys.tolist()}) == sorted({*pairs})
    assert len(arrays["shingle_texts"]) == len(pairs)
    assert not (arrays["shingle_texts"] == COMMON).any()
