"""Odd text, and the features counted of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance.features.kernels import (
    character_tables,
    feature_rows,
)
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec

ODD = (
    "aAbBzZ éÉßİıǅſKℵ.,!?。！？*_#~|\n\r\t\v\u0085\u2028\u2029\u00a0…“”„«»‘’—‑-•–·0١９²ⅧⅣ"
    "中日ーคไทย한글שלוםمرحبا\u0301\u0651\u200b\u200d\u200f\u202e\ufe0f\ufeff\ufffd\x00\x1f"
    "\U0001f600\U0001f468\U0001d400\U0001d7d8\U0001ffff\U00020000\U000e0001\U0010ffff"
)


NASTY = st.text(
    st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=60
)


def points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def counted(
    pieces: list[str],
    edges: list[int],
    spec: FeatureSpec,
    ids: Sequence[Sequence[int]] | None = None,
) -> tuple[FeatureRows, NDArray[np.float32], NDArray[np.uint64], NDArray[np.uint32]]:
    layout = np.array(
        [
            *(spec.word_bits, spec.shape_bits, spec.word_order, spec.shape_order),
            *(spec.opening, spec.long_opening, spec.ending, spec.frequency_bits),
            *(spec.token_bits, spec.token_order),
        ]
    )
    bounds = np.cumsum([0, *map(len, pieces)])
    of_pieces = [[] for _ in pieces] if ids is None else ids
    id_bounds = np.cumsum([0, *map(len, of_pieces)])
    frequency = np.zeros(1 << spec.frequency_bits, np.uint32)
    result: Any = feature_rows(
        points("".join(pieces)),
        bounds,
        np.array(edges, np.uint8),
        np.array([one for part in of_pieces for one in part], np.int32),
        np.stack([id_bounds[:-1], id_bounds[1:]], axis=1),
        *character_tables(),
        layout,
        frequency,
    )
    return FeatureRows(*result[:3]), result[3], result[4], frequency


def row_counts(rows: FeatureRows, row: int) -> dict[int, int]:
    part = slice(rows.indptr[row], rows.indptr[row + 1])
    indices = rows.indices[part].tolist()
    assert len({*indices}) == len(indices)
    return dict(zip(indices, rows.counts[part].tolist(), strict=True))
