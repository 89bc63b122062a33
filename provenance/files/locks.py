"""Locks on files that the kernel lets go of when whoever holds them ends, however it ends.

They are ``flock``'s, which a network file system keeps among its machines as well. Where a file
system knows none, or the system is Windows, nobody is kept out, and what asks whether somebody
else holds a file is told that this cannot be known.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["HeldFile", "hold", "hold_new", "hold_or_make"]

_BUSY: Final = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
_TRIES: Final = 10
_PAUSE: Final = 0.05
"""Seconds; whoever only looks whether a file is held holds it for less. A round figure."""

_DESCRIPTORS: Final[set[int]] = set()
"""Of this process; a worker that was forked lets go of them, so that it holds nothing longer."""


def _forget() -> None:
    for descriptor in _DESCRIPTORS:
        with suppress(OSError):
            os.close(descriptor)
    _DESCRIPTORS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class HeldFile:
    """A file that is held until `release`, or until the process ends.

    Parameters
    ----------
    descriptor : int or None
        None where nobody can be kept out.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        if descriptor is not None:
            _DESCRIPTORS.add(descriptor)

    def release(self) -> None:
        """Let go; once more does nothing, nor does it in a process that was forked meanwhile."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor in _DESCRIPTORS:
            _DESCRIPTORS.discard(descriptor)
            os.close(descriptor)


def hold(path: Path) -> HeldFile | None:
    """Hold a file that is there.

    Returns
    -------
    Held or None
        None where the file is gone, somebody else holds it or nobody can know.
    """
    try:
        descriptor = _opened(path, 0)
    except OSError:
        return None
    if _taken(descriptor) and _is_at(descriptor, path):
        return HeldFile(descriptor)
    os.close(descriptor)
    return None


def hold_new(path: Path) -> HeldFile | None:
    """Make a file of that name and hold it; None where somebody took it away at once.

    Raises
    ------
    OSError
        Where it cannot be made.
    """
    # Nobody else makes a file of that name: that one is there is enough.
    return _kept(_opened(path, os.O_CREAT | os.O_EXCL), lambda _: os.path.lexists(path))


def hold_or_make(path: Path) -> HeldFile | None:
    """Hold a file, made where it is not there; None where somebody else holds it.

    Raises
    ------
    OSError
        Where it can neither be opened nor made.
    """
    for left in reversed(range(_TRIES)):
        # There are file systems that number an open file in another way than its name.
        held = _kept(_opened_or_made(path), lambda found: _is_at(found, path) or not left)  # noqa: B023
        if held is not None:
            return held
        time.sleep(_PAUSE)
    return None


def _opened(path: Path, flags: int) -> int:
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    # Network file systems want a file that is locked to be open for writing.
    return os.open(path, os.O_RDWR | flags, 0o666)


def _opened_or_made(path: Path) -> int:
    try:
        return _opened(path, os.O_CREAT)
    except PermissionError:
        # Somebody else's, which may be looked at.
        return os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))


def _kept(descriptor: int, is_there: Callable[[int], bool]) -> HeldFile | None:
    """The lock of a file that was opened, as far as there are locks."""
    taken = _taken(descriptor)
    if taken and is_there(descriptor):
        return HeldFile(descriptor)
    os.close(descriptor)
    return HeldFile(None) if taken is None else None


def _taken(descriptor: int) -> bool | None:
    """Lock without waiting; None where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in _BUSY else None
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the file that is open is the one of that name: it may be another's by now."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except OSError:
        return False
