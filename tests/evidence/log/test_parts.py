"""Parts give back what was added, in order, however much of it was spilled."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance.evidence.log import parts as module
from provenance.evidence.log.parts import Parts, TableParts

Pairs = NDArray[np.uint64]


def in_order(hashes: Pairs, texts: Pairs) -> Pairs:
    pairs = np.stack([hashes, texts], axis=1)
    return pairs[np.lexsort((texts, hashes))]


def taken(folder: Path, batches: list[list[tuple[int, int]]], bits: int) -> list[tuple[int, ...]]:
    parts = Parts(folder, "a", bits, "an index")
    for batch in batches:
        pairs = np.array(batch, np.uint64).reshape(-1, 2)
        parts.add(pairs[:, 0], pairs[:, 1])
    count = parts.sort(in_order, in_order)
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


@pytest.mark.parametrize("bits", [32, 64])
def test_a_part_that_is_too_large_is_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bits: int
) -> None:
    """One part holds nearly all; as many of them share their next bits as do not."""
    monkeypatch.setattr(module, "_IN_MEMORY", 4096)
    monkeypatch.setattr(module, "_MOST_OF_A_FILE", 4096)
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 1 << (bits - 8), 2000).tolist() + [1, (1 << bits) - 1] * 3
    pairs = [(value, place) for place, value in enumerate(hashes)]
    assert taken(tmp_path, [pairs[:700], pairs[700:]], bits) == sorted(pairs)
    names = {path.name for path in tmp_path.iterdir()}
    assert "a.0" not in names and {"a.0.0", "a.0.15", "a.63"} <= names


def answered(folder: Path, batches: list[list[tuple[int, str]]]) -> list[list[tuple[int, str]]]:
    """What each part gives back, after each table of one was turned round."""
    parts = TableParts(folder, "answer", "an index")
    for batch in batches:
        texts = np.array([text for text, _ in batch], np.uint64)
        names = pa.array([name for _, name in batch], pa.string())
        parts.add(pa.table({"text": texts, "id": names}))
    found = [table.to_pydict() for table in parts.tables()]
    parts.replace(table.take([*reversed(range(len(table)))]) for table in parts.tables())
    turned = [table.to_pydict() for table in parts.tables()]
    pairs = [[*zip(one["text"], one["id"], strict=True)] for one in found]
    assert [[*zip(one["text"], one["id"], strict=True)] for one in turned] == [
        part[::-1] for part in pairs
    ]
    return pairs


def test_tables_come_back_in_parts_of_ascending_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 1 << 64, 300, np.uint64).tolist()
    batches = [[(one, f"{one}") for one in numbers[at::3]] for at in range(3)]
    (tmp_path / "held").mkdir()
    [held] = answered(tmp_path / "held", batches)
    assert [*(tmp_path / "held").iterdir()] == []
    assert held == [one for batch in batches for one in batch]
    monkeypatch.setattr(module, "_IN_MEMORY", 1000)
    spilled = answered(tmp_path, batches)
    assert len(spilled) > 1 and sorted(held) == sorted(one for part in spilled for one in part)
    ends = [(min(part)[0], max(part)[0]) for part in spilled]
    assert all(last < first for (_, last), (first, _) in pairwise(ends))
    assert answered(tmp_path / "none", []) == []
