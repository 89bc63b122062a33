"""Fitted panels in the cache folder: the next corpus against the same sources starts at scoring.

A file says what it was made for, and carries a checksum of itself: what was damaged, swapped or
made otherwise is told and fitted again. Nothing that is wrong with a cache ends a run.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from provenance.errors import InputError, ProvenanceWarning
from provenance.features.spec import FeatureSpec
from provenance.files.archive import is_unpacked
from provenance.files.aside import written_aside
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.scoring.fitting import fit_panel
from provenance.scoring.panel import (
    N_FOLDS,
    Alone,
    Calibration,
    Panel,
    References,
    View,
    families_of,
    views_of,
)
from provenance.scoring.room import take_room
from provenance.scoring.stages import Stages, silent
from provenance.scoring.wholeness import check_whole

__all__ = ["cached_panel", "default_cache_folder", "load_panel", "panel_key", "save_panel"]

_TABLES: Final = ("log_posterior", "unknown", "other_domains", "taken_for")
_VERSION: Final = 10
"""Raised whenever the same fingerprints would give another panel, or another file of it."""
_SCHEMA: Final = f"provenance-panel/{_VERSION}"
_NAME_LENGTH: Final = 26
"""Where the head of an entry of a zip tells how long its name is, and what follows that."""
_PIECE: Final = 1 << 20
"""Bytes read at a time, few enough to be hashed while they are in a cache. A round figure."""
_LONGEST_HEADER: Final = 16 << 20
"""A round figure: the names of some thousand sources take less than 1 MiB."""


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
    path = folder / f"{key}.npz"
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
    header = {
        "schema": _SCHEMA,
        "key": key,
        "names": panel.names,
        "spec": asdict(panel.spec),
        "seed": panel.seed,
    }
    header["sha256"] = _sha256(header, arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(path) as file:
        np.savez(file, header=np.frombuffer(_text(header), np.uint8), **arrays)


def load_panel(path: Path, key: str | None = None) -> Panel:
    """Read a panel that `save_panel` wrote; nothing in the file is trusted.

    Parameters
    ----------
    path : path
    key : str, optional
        What the panel has to have been made for; anything, unless told.

    Raises
    ------
    InputError
        Where the file is damaged, made by another version or made for other fingerprints.
    """
    try:
        header, arrays = _read(path)
        if key is not None and header["key"] != key:
            raise InputError("the fitted panel was made for other fingerprints")
        panel = _panel(header, arrays)
        check_whole(panel)
    except InputError as error:
        raise InputError(error.what, where=os.fspath(path), expected=error.expected) from None
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


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header and arrays of a file; takes no more memory than the file is long."""
    with open(path, "rb") as stream, zipfile.ZipFile(stream) as archive:
        _check_entries(archive, path.stat().st_size)
        header = json.loads(_array(stream, archive.getinfo("header.npy"), None).tobytes())
        if not isinstance(header, dict) or not isinstance(header.get("schema"), str):
            raise InputError("the fitted panel was damaged (its header names no schema)")
        if header["schema"] != _SCHEMA:
            raise InputError(
                f"the fitted panel was made by another version ({header['schema'][:60]!r})"
            )
        digest = _started(header)
        arrays = {}
        for name in _names_of_arrays(len(header["names"])):
            digest.update(f"{name} ".encode())
            arrays[name] = _array(stream, archive.getinfo(f"{name}.npy"), digest)
    if digest.hexdigest() != header["sha256"]:
        raise InputError("the fitted panel was damaged (its checksum is of another content)")
    return header, arrays


def _array(stream: IO[bytes], entry: zipfile.ZipInfo, digest: Any) -> NDArray[Any]:
    """One array that lies in a zip as it is, hashed while it comes.

    The numbers are half a gigabyte: what reads zips would copy, and check, each of them thrice.
    """
    stream.seek(entry.header_offset + _NAME_LENGTH)
    stream.seek(sum(struct.unpack("<HH", stream.read(4))), os.SEEK_CUR)
    start = stream.tell()
    version = npy.read_magic(stream)
    shape, is_turned, dtype = npy.read_array_header_1_0(stream)
    size = math.prod(shape) * dtype.itemsize
    if version != (1, 0) or dtype.hasobject or stream.tell() - start + size != entry.file_size:
        raise InputError("the fitted panel was damaged (an array is not of the size it declares)")
    found = np.empty(shape, dtype, "F" if is_turned else "C")
    if digest is not None:
        digest.update(_described(found))
    data = _as_written(found)
    for first in range(0, size, _PIECE):
        piece = data[first : first + _PIECE]
        if stream.readinto(piece) != len(piece):  # type: ignore[attr-defined]
            raise InputError("the fitted panel was damaged (it ends too early)")
        if digest is not None:
            digest.update(piece)
    return found


def _check_entries(archive: zipfile.ZipFile, size: int) -> None:
    if not is_unpacked(archive, size):
        raise InputError("the fitted panel was damaged (it is packed in another way)")
    if archive.getinfo("header.npy").file_size > _LONGEST_HEADER:
        raise InputError("the fitted panel was damaged (its header is too long)")


def _names_of_arrays(n_sources: int) -> list[str]:
    of_a_view = (*_TABLES, *(item.name for item in fields(Calibration)))
    of_a_family = ("log_posterior", *(item.name for item in fields(Calibration)))
    return [
        *(f"references.{item.name}" for item in fields(References)),
        *("weights", "units"),
        *(f"{view}.{name}" for view in views_of(n_sources) for name in of_a_view),
        *(f"alone.{family}.{name}" for family in families_of(n_sources) for name in of_a_family),
    ]


def _sha256(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """Hash of everything in the file but the hash itself, in hexadecimal."""
    digest = _started(header)
    for name in _names_of_arrays(len(header["names"])):
        digest.update(f"{name} ".encode())
        digest.update(_described(arrays[name]))
        digest.update(_as_written(arrays[name]))
    found: str = digest.hexdigest()
    return found


def _started(header: Mapping[str, Any]) -> Any:
    return hashlib.sha256(_text({**header, "sha256": None}))


def _described(array: NDArray[Any]) -> bytes:
    return f"{array.dtype.str} {array.shape} {array.flags.fnc}\n".encode()


def _as_written(array: NDArray[Any]) -> memoryview:
    """Bytes of an array in the order in which NumPy writes, and keeps, them."""
    straight = array.T if array.flags.fnc else np.ascontiguousarray(array)
    return straight.reshape(-1).view(np.uint8).data


def _text(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()


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
