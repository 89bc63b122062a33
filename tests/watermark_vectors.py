"""Vectors made by the reference implementations, which are not part of the project."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from provenance import WatermarkDetection
from provenance.evidence.watermark import Documents


@dataclass(frozen=True)
class Vector:
    """A case with what its group says."""

    params: dict[str, Any]
    group: dict[str, Any]
    case: dict[str, Any]

    @property
    def ids(self) -> list[int]:
        ids: list[int] = self.case["ids"]
        return ids


def folder() -> Path | None:
    """``PROVENANCE_VECTORS``, else what stands beside the data folder, else beside the project."""
    data = os.environ.get("PROVENANCE_DATA")
    shared = Path(data).parent if data else Path(__file__).resolve().parents[2] / "shared"
    place = Path(os.environ.get("PROVENANCE_VECTORS", shared / "watermarks" / "vectors"))
    return place if place.is_dir() else None


def vectors(name: str) -> list[Any]:
    """Every case of a file as a parameter of a test; one that skips where the file is not there."""
    place = folder()
    path = None if place is None else place / f"{name}.json"
    if path is None or not path.is_file():
        why = f"{name}.json is not there: PROVENANCE_VECTORS names no folder that holds it"
        return [pytest.param(None, marks=pytest.mark.skip(reason=why), id=name)]
    found = json.loads(path.read_text("utf-8"))
    return [
        pytest.param(
            Vector(group.get("params", {}), group, case), id=f"{number}-{case.get('case', at)}"
        )
        for number, group in enumerate(found["groups"])
        for at, case in enumerate(group["cases"])
    ]


def bits(text: str) -> NDArray[np.float64]:
    return np.array(list(text), np.float64)


def one_document(ids: list[int]) -> Documents:
    return Documents(np.array(ids), np.array([0, len(ids)]))


def scored_values(found: WatermarkDetection) -> Any:
    return found.values[~np.isnan(found.values)]


def check_greens(
    found: WatermarkDetection, expected: dict[str, Any], gamma: float, vocab_size: int
) -> None:
    n, green = expected["T"], expected["green"]
    assert (found.n_scored, found.statistic) == (n, green)
    assert (green - gamma * n) / np.sqrt(n * gamma * (1 - gamma)) == pytest.approx(expected["z"])
    share = int(gamma * vocab_size) / vocab_size
    assert found.p_value == pytest.approx(stats.binom.sf(green - 1, n, share), rel=1e-8)
