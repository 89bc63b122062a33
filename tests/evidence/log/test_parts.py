"""Parts give back what was added, in order, however much of it was spilled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance.evidence.log import parts as module
from provenance.evidence.log.parts import Parts

Pairs = NDArray[np.uint64]


def in_order(hashes: Pairs, texts: Pairs) -> Pairs:
    pairs = np.stack([hashes, texts], axis=1)
    return pairs[np.lexsort((texts, hashes))]


def taken(folder: Path, batches: list[list[tuple[int, int]]], bits: int) -> list[tuple[int, ...]]:
    parts = Parts(folder, "a", bits, "an index")
    for batch in batches:
        pairs = np.array(batch, np.uint64).reshape(-1, 2)
        parts.add(pairs[:, 0], pairs[:, 1])
    count = parts.sort(in_order)
    found = [tuple(row) for piece in parts.pieces() for row in piece.tolist()]
    assert found == [tuple(row) for piece in parts.pieces() for row in piece.tolist()]
    assert count == len(found)
    return found


@settings(deadline=None, max_examples=30)
@given(
    data=st.data(),
    bits=st.sampled_from([40, 64]),
    in_memory=st.sampled_from([0, 64, 1 << 20]),
    one_part=st.sampled_from([0, 1 << 20]),
)
def test_spilled_or_not_the_pairs_are_the_same(
    data: st.DataObject,
    bits: int,
    in_memory: int,
    one_part: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pair = st.tuples(st.integers(0, (1 << bits) - 1), st.integers(0, 9))
    batches = data.draw(st.lists(st.lists(pair, max_size=8), max_size=6))
    folder = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_IN_MEMORY", in_memory)
        patch.setattr(module, "_ONE_PART", one_part)
        found = taken(folder, batches, bits)
    assert found == sorted(pair for batch in batches for pair in batch)


def test_few_pairs_open_no_file(tmp_path: Path) -> None:
    assert len(taken(tmp_path, [[(n, n) for n in range(1000)]] * 3, 64)) == 3000
    assert [*tmp_path.iterdir()] == []


def test_many_are_spilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IN_MEMORY", 1000)
    assert len(taken(tmp_path, [[(n << 54, n) for n in range(1000)]] * 3, 64)) == 3000
    assert 1 < len([*tmp_path.iterdir()]) <= 64
