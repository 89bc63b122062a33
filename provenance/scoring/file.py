"""Fitted panels in the cache folder: the next corpus against the same sources starts at scoring."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from provenance.errors import InputError
from provenance.features.spec import FeatureSpec
from provenance.files.aside import written_aside
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.scoring.fitting import fit_panel
from provenance.scoring.panel import N_FOLDS, Calibration, Panel, References, View

__all__ = ["cached_panel", "default_cache_folder", "load_panel", "panel_key", "save_panel"]

_TABLES: Final = ("log_posterior", "unknown", "other_domains", "taken_for")
_VERSION: Final = 4
"""Raised whenever the same fingerprints would give another panel."""


def default_cache_folder() -> Path:
    """The user's cache folder for fitted panels."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("provenance", appauthor=False), "panels")


def panel_key(fingerprints: Sequence[Fingerprint], seed: int) -> str:
    """Hash of everything that a panel depends on."""
    parts = [
        {"name": item.name, "spec": asdict(item.spec), "payload": item.sha256}
        for item in fingerprints
    ]
    text = json.dumps([_VERSION, seed, parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def cached_panel(
    fingerprints: Sequence[Fingerprint], seed: int, folder: Path
) -> tuple[Panel, Path]:
    """A panel from the folder, or a new one put there; and the file that holds it.

    Raises
    ------
    InputError
        Where the folder cannot be written, or the panel cannot be fitted.
    """
    path = folder / f"{panel_key(fingerprints, seed)}.npz"
    # Whatever is wrong with a file of the cache, its panel can be fitted again.
    with contextlib.suppress(Exception):
        return load_panel(path), path
    panel = fit_panel(fingerprints, seed)
    try:
        save_panel(panel, path)
    except OSError as error:
        raise InputError(
            f"the cache folder cannot be written ({error.strerror})",
            where=os.fspath(folder),
            remedy="Name another with --cache-dir",
        ) from error
    return panel, path


def save_panel(panel: Panel, path: Path) -> None:
    """Write a panel, aside first, so that a reader never sees half of it."""
    arrays = {
        f"references.{item.name}": getattr(panel.references, item.name) for item in _columns()
    }
    arrays["weights"], arrays["units"] = panel.weights, panel.units
    for name, view in panel.views.items():
        for table in _TABLES:
            arrays[f"{name}.{table}"] = getattr(view, table)
        for item in fields(Calibration):
            arrays[f"{name}.{item.name}"] = np.stack(
                [getattr(calibration, item.name) for calibration in view.calibrations]
            )
    header = {
        "names": panel.names,
        "spec": asdict(panel.spec),
        "seed": panel.seed,
        "views": {name: view.families for name, view in panel.views.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(path) as file:
        np.savez(file, header=np.frombuffer(json.dumps(header).encode(), np.uint8), **arrays)


def load_panel(path: Path) -> Panel:
    """Read a panel that `save_panel` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        header: dict[str, Any] = json.loads(archive["header"].tobytes())
        references = References(
            **{item.name: archive[f"references.{item.name}"] for item in _columns()}
        )
        weights, units = archive["weights"], archive["units"]
        views = {name: _view(archive, name, families) for name, families in header["views"].items()}
    spec = FeatureSpec.from_dict(header["spec"])
    return Panel(tuple(header["names"]), spec, header["seed"], references, views, weights, units)


def _view(archive: Any, name: str, families: Sequence[str]) -> View:
    columns = [archive[f"{name}.{item.name}"] for item in fields(Calibration)]
    calibrations = (Calibration(*(column[fold] for column in columns)) for fold in range(N_FOLDS))
    return View(
        tuple(families),
        tuple(calibrations),
        *(archive[f"{name}.{table}"] for table in _TABLES),
    )


def _columns() -> tuple[Any, ...]:
    return fields(References)
