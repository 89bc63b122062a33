"""Lines of a stream, none held that is too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from provenance.corpus.document import ROW_LIMIT, BadRow
from provenance.corpus.formats.compression import BUFFER

__all__ = ["lines_of", "too_long"]


def too_long(what: str) -> BadRow:
    """A bad row for what is longer than the limit."""
    return BadRow(f"{what} is longer than {ROW_LIMIT // 2**20} MiB", "one row a line")


def lines_of(stream: BinaryIO) -> Iterator[bytes | None]:
    """Lines of at most ``ROW_LIMIT`` bytes; a longer one is read past and gives None."""
    readline = stream.readline
    while line := readline(ROW_LIMIT + 1):
        if len(line) <= ROW_LIMIT or line.endswith(b"\n"):
            yield line
            continue
        while (rest := readline(BUFFER)) and not rest.endswith(b"\n"):
            pass
        yield None
