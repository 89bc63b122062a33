"""Fitted panels in the cache folder: the next corpus against the same sources starts at scoring.

A file says what it was made for, and carries a checksum of itself: what was damaged, swapped or
made otherwise is told and fitted again. Nothing that is wrong with a cache ends a run.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError, ProvenanceWarning
from provenance.features.spec import FeatureSpec
from provenance.files.archive import Broken, Kind
from provenance.files.mapped import MappedWriter, open_mapped
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.scoring.cached.wholeness import check_whole
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.fitting.room import take_room
from provenance.scoring.fitting.stages import Stages, silent
from provenance.scoring.panel import N_FOLDS, Panel, References
from provenance.scoring.views import Alone, Calibration, View, families_of, views_of

__all__ = ["cached_panel", "default_cache_folder", "load_panel", "panel_key", "save_panel"]

_TABLES: Final = ("log_posterior", "unknown", "other_domains", "taken_for")
_VERSION: Final = 11
"""Raised whenever the same fingerprints would give another panel, or another file of it."""
_MANY: Final = 3
"""A panel of so many sources has every array; what one of two lacks is empty in its file."""
_MOST_DIMENSIONS: Final = 3


def _names_of_arrays(n_sources: int) -> tuple[str, ...]:
    of_a_view = (*_TABLES, *(item.name for item in fields(Calibration)))
    of_a_family = ("log_posterior", *(item.name for item in fields(Calibration)))
    return (
        *(f"references.{item.name}" for item in fields(References)),
        *("weights", "units"),
        *(f"{view}.{name}" for view in views_of(n_sources) for name in of_a_view),
        *(f"alone.{family}.{name}" for family in families_of(n_sources) for name in of_a_family),
    )


_KIND: Final = Kind(
    schema=f"provenance-panel/{_VERSION}",
    called="fitted panel",
    arrays=_names_of_arrays(_MANY),
    remedy="It is fitted again",
)


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
    fingerprints: Sequence[Fingerprint],
    seed: int,
    folder: Path,
    spare: Path | None = None,
    stages: Stages = silent,
) -> tuple[Panel, Path]:
    """A panel from the cache folder, or a new one put there; and the file that holds it.

    What is wrong with the cache is told as a `ProvenanceWarning` and done without.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
    seed : int
    folder : path
        The cache folder; made where there is none.
    spare : path, optional
        A folder that lasts as long as the panel is used: it gets the file where the cache folder
        cannot be written.
    stages : callable
        As for `fit_panel`.

    Raises
    ------
    InputError
        Where the panel cannot be fitted, or can be written neither there nor there.
    """
    take_room()
    key = panel_key(fingerprints, seed)
    path = folder / f"{key}.panel"
    if os.path.lexists(path):
        try:
            return _kept(path, key, fingerprints, seed), path
        except InputError as error:
            _warn(f"{error} It is fitted again.")
    panel = fit_panel(fingerprints, seed, stages)
    try:
        save_panel(panel, path, key)
    except OSError as error:
        told = f"the cache folder cannot be written ({error.strerror or error})"
        if spare is None:
            raise InputError(
                told, where=os.fspath(folder), remedy="Name another with --cache-dir"
            ) from error
        _warn(f"{folder}: {told}. The fitted panel is kept for this run alone.")
        path = spare / path.name
        _save_spare(panel, path, key)
    return panel, path


def _kept(path: Path, key: str, fingerprints: Sequence[Fingerprint], seed: int) -> Panel:
    panel = load_panel(path, key)
    names = tuple(item.name for item in fingerprints)
    if (panel.names, panel.spec, panel.seed) != (names, fingerprints[0].spec, seed):
        raise InputError("the fitted panel was made for other fingerprints", where=os.fspath(path))
    return panel


def _warn(told: str) -> None:
    warnings.warn(told, ProvenanceWarning, stacklevel=3)


def _save_spare(panel: Panel, path: Path, key: str) -> None:
    try:
        save_panel(panel, path, key)
    except OSError as error:
        raise InputError(
            f"the fitted panel cannot be written ({error.strerror or error})",
            where=os.fspath(path.parent),
            remedy="Make room, or name another folder with --cache-dir",
        ) from error


def save_panel(panel: Panel, path: Path, key: str = "") -> None:
    """Write a panel, aside first, so that a reader never sees half of it.

    Parameters
    ----------
    panel : Panel
    path : path
    key : str
        What it was made for; see `panel_key`.
    """
    arrays = _arrays_of(panel)
    header = {
        "key": key,
        "names": panel.names,
        "spec": asdict(panel.spec),
        "seed": panel.seed,
        "shapes": _shapes_of(arrays),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    try:
        with MappedWriter(path, _KIND) as writer:
            for name in _KIND.arrays:
                array = arrays.get(name, np.zeros(0, np.float32))
                writer.add(name, array.dtype.str, iter([np.ravel(array)]))
            writer.finish(header)
    except InputError as error:
        raise error.__cause__ if isinstance(error.__cause__, OSError) else error from None


def load_panel(path: Path, key: str | None = None, *, verify: bool = True) -> Panel:
    """Read a panel that `save_panel` wrote; nothing in the file is trusted.

    A long one is mapped into memory: of its weights, most of it, a corpus needs those of its words.

    Parameters
    ----------
    path : path
    key : str, optional
        What the panel has to have been made for; anything, unless told.
    verify : bool
        Whether its hashes are held against its bytes; a worker that opens a file that its parent
        has verified need not. What compiled loops trust is looked at in any case.

    Raises
    ------
    InputError
        Where the file is damaged, made by another version or made for other fingerprints.
    """
    try:
        header, arrays = open_mapped(path, _KIND, verify=verify)
        if key is not None and header["key"] != key:
            raise InputError("the fitted panel was made for other fingerprints")
        panel = replace(_panel(header, _shaped(header, arrays)), held=arrays)
        check_whole(panel)
    except InputError as error:
        raise InputError(error.what, where=os.fspath(path), expected=error.expected) from None
    except Broken as error:
        told = f"the fitted panel was damaged or made by another version ({error})"
        raise InputError(told, where=os.fspath(path)) from None
    except FileNotFoundError:
        raise InputError("there is no such fitted panel", where=os.fspath(path)) from None
    except OSError as error:
        told = f"the fitted panel cannot be read ({error.strerror or error})"
        raise InputError(told, where=os.fspath(path)) from None
    except Exception as error:
        # Whatever a library says of a file that is not whole, its panel can be fitted again.
        told = f"the fitted panel was damaged ({type(error).__name__})"
        raise InputError(told, where=os.fspath(path)) from None
    return panel


def _arrays_of(panel: Panel) -> dict[str, NDArray[Any]]:
    """The arrays of a panel by their names in a file."""
    arrays = {
        f"references.{item.name}": getattr(panel.references, item.name)
        for item in fields(References)
    }
    arrays["weights"], arrays["units"] = panel.weights, panel.units
    for name, view in panel.views.items():
        for table in _TABLES:
            arrays[f"{name}.{table}"] = getattr(view, table)
        for item in fields(Calibration):
            arrays[f"{name}.{item.name}"] = np.stack(
                [getattr(calibration, item.name) for calibration in view.calibrations]
            )
    for family, one in panel.alone.items():
        arrays[f"alone.{family}.log_posterior"] = one.log_posterior
        for item in fields(Calibration):
            arrays[f"alone.{family}.{item.name}"] = getattr(one.calibration, item.name)
    return arrays


def _shapes_of(arrays: Mapping[str, NDArray[Any]]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in arrays.items()}


def _shaped(
    header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """The arrays of so many sources in the shapes that the header tells."""
    shapes, found = header["shapes"], {}
    for name in _names_of_arrays(len(header["names"])):
        shape = shapes[name]
        if len(shape) > _MOST_DIMENSIONS or not all(type(n) is int and n >= 0 for n in shape):
            raise Broken("an array is not of the shape it declares")
        found[name] = arrays[name].reshape(shape)
    return found


def _panel(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Panel:
    references = References(
        **{item.name: arrays[f"references.{item.name}"] for item in fields(References)}
    )
    views = {
        name: _view(arrays, name, families)
        for name, families in views_of(len(header["names"])).items()
    }
    alone = {family: _alone(arrays, family) for family in families_of(len(header["names"]))}
    spec = FeatureSpec.from_dict(header["spec"])
    return Panel(
        tuple(map(str, header["names"])),
        spec,
        int(header["seed"]),
        references,
        views,
        alone,
        arrays["weights"],
        arrays["units"],
    )


def _alone(arrays: Mapping[str, NDArray[Any]], family: str) -> Alone:
    columns = [arrays[f"alone.{family}.{item.name}"] for item in fields(Calibration)]
    return Alone(Calibration(*columns), arrays[f"alone.{family}.log_posterior"])


def _view(arrays: Mapping[str, NDArray[Any]], name: str, families: tuple[str, ...]) -> View:
    columns = [arrays[f"{name}.{item.name}"] for item in fields(Calibration)]
    calibrations = (Calibration(*(column[fold] for column in columns)) for fold in range(N_FOLDS))
    return View(families, tuple(calibrations), *(arrays[f"{name}.{table}"] for table in _TABLES))
