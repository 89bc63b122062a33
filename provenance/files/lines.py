"""JSON lines out, plain or compressed as the file's name says."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Any, Final

import orjson

from provenance.files.aside import written_aside
from provenance.files.claims import claimed
from provenance.files.json import plain

__all__ = ["LINES_SUFFIXES", "write_json_lines"]

LINES_SUFFIXES: Final = (".jsonl", ".jsonl.gz", ".jsonl.zst")


def write_json_lines(path: str | os.PathLike[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as they come under another name, rename the file into place, tell how many.

    Whatever is raised meanwhile, nothing is left behind, and what somebody else wrote there
    meanwhile is not replaced.

    Parameters
    ----------
    path : path
        Ends in one of ``LINES_SUFFIXES``.
    rows : iterable of mappings
    """
    count = 0
    with (
        claimed(path) as claim,
        written_aside(path, claim) as raw,
        _compressed(raw, Path(path).suffix.lower()) as file,
    ):
        for count, row in enumerate(rows, 1):  # noqa: B007
            file.write(orjson.dumps(plain(row)) + b"\n")
    return count


def _compressed(raw: IO[bytes], suffix: str) -> AbstractContextManager[Any]:
    if suffix == ".gz":
        # Neither a time nor a name inside: equal rows are equal files.
        return gzip.GzipFile("", "wb", fileobj=raw, mtime=0)
    if suffix == ".zst":
        import zstandard

        return zstandard.ZstdCompressor().stream_writer(raw, closefd=False)
    return nullcontext(raw)
