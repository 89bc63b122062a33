"""Chain of custody: what a report was made from, by size, time and hash, and with which packages.

Files are hashed while they are read, or were read whole already: of a corpus its stored bytes as
they go by (of a drawn sample its size and the rows drawn), of an index its header, which holds the
hash of every array and is what these were held against when it was opened.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from provenance.corpus import Corpus
from provenance.corpus.places.inputs import escaped, redacted
from provenance.evidence.log.index import KIND, LogIndex
from provenance.files.mapped import header_sha256
from provenance.files.named import named_files
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.library.naming import is_name

__all__ = [
    "OF_ARRAYS",
    "OF_HEADER",
    "corpus_entries",
    "deciding_versions",
    "file_sha256",
    "key_digest",
    "library_entries",
    "log_entries",
    "other_entries",
    "source_entries",
]

OF_ARRAYS: Final = "its arrays, as the fingerprint's own hash"
OF_HEADER: Final = "its header, which holds the hash of every array"

_DECIDING: Final = (
    *("numpy", "scipy", "scikit-learn", "numba", "pyarrow"),
    *("tiktoken", "regex", "confusable-homoglyphs"),
)
"""Packages that a figure of a report may depend on."""
_SCRYPT: Final = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}
"""The interactive cost of Percival and Josefsson (2016, RFC 7914): 16 MiB a guess."""


def deciding_versions() -> dict[str, str]:
    """Versions of Python, of the machine's kind and of the packages that decide figures.

    Examples
    --------
    >>> sorted(deciding_versions())[:2]
    ['confusable-homoglyphs', 'machine']
    """
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in _DECIDING:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def corpus_entries(corpus: Corpus) -> list[dict[str, Any]]:
    """What the last reading of a corpus tells of its inputs, with their times."""
    times = {one.path: getattr(one, "modified", None) for one in corpus.sources}
    return [
        {**entry, "role": "corpus", "modified": _time(times.get(entry["path"]))}
        for entry in corpus.inputs()
    ]


def source_entries(
    role: str, given: object, used: Sequence[Fingerprint]
) -> Iterator[dict[str, Any]]:
    """The sources of one role: files by their bytes, what came ready or by a name by its arrays.

    Parameters
    ----------
    role : str
    given : Fingerprint, path, name of the library, or several of these
        As it was given; where it can be walked through only once, all are told by their arrays.
    used : sequence of Fingerprint
        What that stood for: what came ready, then files, then the library's.
    """
    items = _items(given)
    names = [os.fspath(one) for one in items if isinstance(one, str | os.PathLike)]
    n_ready = sum(isinstance(one, Fingerprint) for one in items)
    files = named_files([one for one in names if not is_name(one)], ".fp")
    yield from (_file_entry(role, path) for path in files)
    ready = (*used[:n_ready], *used[n_ready + len(files) :])
    yield from library_entries(role, ready, (one.sha256 for one in ready))


def library_entries(
    role: str, used: Sequence[Fingerprint], hashes: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """Sources that no file was named for, by the hashes of their arrays.

    Parameters
    ----------
    role : str
    used : sequence of Fingerprint
    hashes : iterable of str
        Of each as whoever verifies the report finds it: of a source that was cut for the match,
        its hash before.
    """
    for one, sha256 in zip(used, hashes, strict=True):
        entry = {"path": one.name, "role": role, "bytes": None, "modified": None}
        yield {**entry, "sha256": sha256, "of": OF_ARRAYS}


def log_entries(role: str, indexes: Sequence[LogIndex]) -> Iterator[dict[str, Any]]:
    """Indexes, each by the hash of its header."""
    for one in indexes:
        path = os.fspath(one.path)
        yield _file_entry(role, path, sha256=header_sha256(path, KIND), of=OF_HEADER)


def other_entries(keys: object, baseline: object) -> Iterator[dict[str, Any]]:
    """Files of keys and an earlier report; of what came ready nothing is told."""
    if isinstance(keys, str | os.PathLike):
        # A key may be a small number, which a quick hash would give away.
        entry = _file_entry("watermark keys", os.fspath(keys), sha256=None)
        yield {**entry, "scrypt": key_digest(keys)}
    if isinstance(baseline, str | os.PathLike):
        yield _file_entry("baseline", _report_file(os.fspath(baseline)))


def _items(given: object) -> list[object]:
    is_one = isinstance(given, str) or not isinstance(given, Iterable)
    return [given] if is_one else [*given]  # type: ignore[misc]


def _report_file(name: str) -> str:
    return os.path.join(name, "report.json") if os.path.isdir(name) else name


def key_digest(path: str | os.PathLike[str]) -> str:
    """A slow digest of a file of keys.

    Its salt is the same for all, so that two reports made with one file of keys can be told to be.
    """
    data = Path(path).read_bytes()
    return hashlib.scrypt(data, salt=b"provenance watermark keys", **_SCRYPT).hex()


def _file_entry(role: str, path: str, **known: str | None) -> dict[str, Any]:
    stat = os.stat(path)
    entry: dict[str, Any] = {
        "path": redacted(escaped(path)),
        "role": role,
        "bytes": stat.st_size,
        "modified": _time(stat.st_mtime_ns),
    }
    return {**entry, **(known or {"sha256": file_sha256(path)})}


def file_sha256(path: str | os.PathLike[str]) -> str:
    """Hash of a file's bytes, in bounded memory."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _time(nanoseconds: int | None) -> str | None:
    if nanoseconds is None:
        return None
    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).isoformat()
