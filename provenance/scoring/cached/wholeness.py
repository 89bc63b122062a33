"""Whether the parts of a panel that was read from a file fit one another.

The compiled loops that score with a panel trust its shapes and its positions, so that a file may
not decide them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.statistics import STATISTICS
from provenance.scoring.panel import FAMILIES, N_FOLDS, Panel, References
from provenance.scoring.views import Calibration, View, column_limits, families_of, views_of

__all__ = ["check_whole"]

_DTYPES: Final[Mapping[str, type]] = {
    "cluster_hash": np.uint64,
    "prompt_hash": np.uint64,
    "statistics": np.float32,
}
_PASSAGES: Final = ("document", "passage_tokens", "statistics")


def check_whole(panel: Panel) -> None:
    """Refuse a panel whose parts do not fit.

    Parameters
    ----------
    panel : Panel
        As read, of any content.

    Raises
    ------
    InputError
        Naming the part that does not fit.
    """
    n_sources = len(panel.names)
    _require(n_sources >= 2 and len(set(panel.names)) == n_sources, "names")
    n_columns = 1 if n_sources == 2 else n_sources
    _shaped("weights", panel.weights, np.int16, N_FOLDS, panel.spec.n_features, n_columns)
    _shaped("units", panel.units, np.float32, N_FOLDS, len(FAMILIES), n_columns)
    _check_references(panel.references, n_sources)
    found = {name: view.families for name, view in panel.views.items()}
    _require(found == views_of(n_sources), "views")
    n_passages = len(panel.references.document)
    for name, view in panel.views.items():
        _check_view(name, view, n_passages, n_sources, n_columns)
    _require(tuple(panel.alone) == families_of(n_sources), "alone")
    for family, one in panel.alone.items():
        _shaped(f"{family}.log_posterior", one.log_posterior, np.float32, n_passages, n_sources)
        _check_calibration(family, one.calibration, n_sources, column_limits((family,), n_columns))


def _check_references(references: References, n_sources: int) -> None:
    n_documents, n_passages = len(references.source), len(references.document)
    for field in fields(References):
        dtype = _DTYPES.get(field.name, np.int64)
        shape: tuple[int, ...] = (n_passages,) if field.name in _PASSAGES else (n_documents,)
        shape += (len(STATISTICS),) if field.name == "statistics" else ()
        _shaped(field.name, getattr(references, field.name), dtype, *shape)
    for name, lowest, end in (
        ("source", 0, n_sources),
        ("component", 0, n_documents),
        ("fold", 0, N_FOLDS),
        ("multiplicity", 1, 1 << 62),
        ("domain", -1, n_documents),
        ("document", 0, n_documents),
        ("passage_tokens", 0, 1 << 62),
    ):
        found = getattr(references, name)
        _require(len(found) > 0 and found.min() >= lowest and found.max() < end, name)
    _require(len(np.unique(references.source)) == n_sources, "source")


def _check_view(name: str, view: View, n_passages: int, n_sources: int, n_columns: int) -> None:
    for table in ("log_posterior", "unknown", "other_domains"):
        _shaped(f"{name}.{table}", getattr(view, table), np.float32, n_passages, n_sources)
    _shaped(f"{name}.taken_for", view.taken_for, np.float32, n_sources, n_sources)
    _require(len(view.calibrations) == N_FOLDS, name)
    for calibration in view.calibrations:
        limits = column_limits(view.families, n_columns)
        _check_calibration(name, calibration, n_sources, limits)


def _check_calibration(
    name: str, calibration: Calibration, n_sources: int, limits: NDArray[np.float64]
) -> None:
    used = len(limits)
    shapes = {"coefficients": (n_sources, used), "intercepts": (n_sources,)}
    for field in fields(Calibration):
        shape = shapes.get(field.name, (used,))
        _shaped(f"{name}.{field.name}", getattr(calibration, field.name), np.float64, *shape)
    _require(np.array_equal(calibration.limit, limits), f"{name}.limit")


def _shaped(name: str, array: NDArray[Any], dtype: type, *shape: int) -> None:
    _require(array.dtype == dtype and array.shape == shape, name)


def _require(condition: bool, name: str) -> None:
    if not condition:
        raise InputError(f"the panel's {name} does not fit the rest of it")
