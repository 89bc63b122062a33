"""Files and folders that stand for as long as a run does, and what a run that was killed left.

Each is held by a lock from its first moment, so that one whose lock is free is nobody's any more.
Whoever makes another beside it removes it. That of another machine has to be old as well: not every
network file system keeps locks among its machines.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from provenance.files.locks import HeldFile, hold, hold_new

__all__ = ["PassingFile", "is_passing", "lock_name", "passing_folder", "remove_leftovers"]

_NAME: Final = re.compile(r"\.provenance-([0-9a-f]{8})-[0-9a-f]{16}\.(part|lock|parts)")
_LOCK: Final = "lock"
"""Of a folder: the file inside that is held."""
_OLD: Final = 7 * 24 * 3600.0
"""Seconds after which what another machine left is nobody's; a round figure, not tuned."""


class PassingFile:
    """An empty file of its own in a folder, held.

    Parameters
    ----------
    folder : Path

    Attributes
    ----------
    path : Path

    Raises
    ------
    OSError
        Where nothing can be written there.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as name:
    ...     found = PassingFile(Path(name))
    ...     was_there = found.path.exists()
    ...     found.remove()
    ...     was_there, os.listdir(name)
    (True, [])
    """

    def __init__(self, folder: Path) -> None:
        remove_leftovers(folder)
        self.path, self._held = _made(folder, "part", hold_new)

    def release(self) -> None:
        """It is where it belongs, and no leftover."""
        self._held.release()

    def remove(self) -> None:
        """Leave nothing behind; what was renamed stays."""
        self.path.unlink(missing_ok=True)
        self._held.release()


@contextmanager
def passing_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder that is gone after the block.

    Parameters
    ----------
    parent : Path, optional
        Else the system's for temporary files.

    Raises
    ------
    OSError
        Where nothing can be written there.

    Examples
    --------
    >>> with passing_folder() as folder:
    ...     _ = (folder / "a").write_bytes(b"")
    >>> folder.exists()
    False
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    remove_leftovers(parent)
    folder, held = _made(parent, "parts", _hold_folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        held.release()


def lock_name(name: str) -> str:
    """What the lock of an output is called, which is the same for everybody."""
    # Zeros for the machine: all of them have to meet at one name.
    return f".provenance-{'0' * 8}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}.lock"


def is_passing(name: str) -> bool:
    """Whether a file or folder of this name is a run's own, at work or left by it.

    Examples
    --------
    >>> is_passing(lock_name("out")), is_passing("out.lock")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def remove_leftovers(folder: Path) -> None:
    """Remove what runs that were killed left in a folder, as far as that can be done."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _NAME.fullmatch(entry.name)
            if found and _is_nobodys(entry, found[1], found[2]):
                _remove(Path(entry.path), found[2])


def _is_nobodys(entry: os.DirEntry[str], machine: str, kind: str) -> bool:
    """Whether nothing speaks against removing it but a lock."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    is_kind = stat.S_ISDIR if kind == "parts" else stat.S_ISREG
    is_own = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
    is_near = kind == "lock" or machine == _machine() or time.time() - status.st_mtime > _OLD
    return is_kind(status.st_mode) and is_own and is_near


def _remove(path: Path, kind: str) -> None:
    if kind != "parts":
        held = hold(path)
        if held is not None:
            path.unlink(missing_ok=True)
            held.release()
        return
    held = hold(path / _LOCK)
    if held is not None:
        shutil.rmtree(path, ignore_errors=True)
        held.release()
    elif not os.path.lexists(path / _LOCK):
        # Killed before it had its lock: only a folder that is empty can be removed so.
        with suppress(OSError):
            path.rmdir()


def _made(
    folder: Path, kind: str, make: Callable[[Path], HeldFile | None]
) -> tuple[Path, HeldFile]:
    """Make what has a name of its own; whoever removes leftovers may take it before it is held."""
    while True:
        name = f".provenance-{_machine()}-{secrets.token_hex(8)}.{kind}"
        path = Path(folder).absolute() / name
        held = make(path)
        if held is not None:
            return path, held
        with suppress(OSError):
            path.unlink()


def _hold_folder(path: Path) -> HeldFile | None:
    path.mkdir(mode=0o700)
    try:
        return hold_new(path / _LOCK)
    except FileNotFoundError:
        return None


def _machine() -> str:
    return hashlib.sha256(os.fsencode(platform.node())).hexdigest()[:8]
