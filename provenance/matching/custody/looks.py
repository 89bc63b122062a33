"""The log of looks: how often a corpus was matched before, in a folder of the cache.

Whoever looks often enough finds something by chance. The log is of this machine and this cache
folder alone; it names no file and holds no text, and whoever takes it away leaves no trace.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from provenance.records import Looks

__all__ = ["noted_look"]

_MOST_LOOKS: Final = 1000
_MOST_CORPORA: Final = 2000
"""Kept at most, together some 50 MB; round figures, not tuned."""
_LINE: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:+.]{8,20}")


def noted_look(inputs: Iterable[Mapping[str, Any]], started: str, folder: Path) -> Looks | None:
    """Note a match of a corpus and tell of those before it; None where that cannot be written.

    Parameters
    ----------
    inputs : iterable of mapping
        Of the corpus, as a manifest tells them. Of a drawn sample it is the file that counts, not
        the rows that were drawn.
    started : str
        ISO 8601.
    folder : Path

    Examples
    --------
    >>> import tempfile
    >>> place, corpus = Path(tempfile.mkdtemp()), [{"path": "a", "sha256": "ab"}]
    >>> noted_look(corpus, "2026-01-01T00:00:00+00:00", place)
    Looks(n_before=0, first=None, last=None, at_least=False)
    >>> noted_look(corpus, "2026-01-02T00:00:00+00:00", place).n_before
    1
    """
    file = folder / f"{_key(inputs)}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = _read(file)
        kept = [*before, started][-_MOST_LOOKS:]
        if len(before) < _MOST_LOOKS:
            with file.open("a", encoding="ascii") as log:
                log.write(f"{started}\n")
        else:
            file.write_text("".join(f"{one}\n" for one in kept), "ascii")
        _forget_the_oldest(folder)
    except (OSError, ValueError):
        return None
    if not before:
        return Looks(n_before=0)
    full = len(before) == _MOST_LOOKS
    return Looks(n_before=len(before), first=before[0], last=before[-1], at_least=full)


def _key(inputs: Iterable[Mapping[str, Any]]) -> str:
    told = sorted(
        f"{one.get('path')}:{one.get('bytes')}" if one.get("drawn") else str(one.get("sha256"))
        for one in inputs
    )
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:32]


def _read(file: Path) -> list[str]:
    """The last lines that are times; anything else in the file is nobody's look."""
    try:
        with file.open(encoding="ascii", errors="replace") as log:
            lines = log.read(64 * _MOST_LOOKS).splitlines()
    except FileNotFoundError:
        return []
    return [line for line in lines if _LINE.fullmatch(line)][-_MOST_LOOKS:]


def _forget_the_oldest(folder: Path) -> None:
    files = [Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(".txt")]
    if len(files) > _MOST_CORPORA:
        files.sort(key=lambda one: one.stat().st_mtime_ns)
        for one in files[:-_MOST_CORPORA]:
            with suppress(OSError):
                one.unlink()
