"""Rows of parquet files and of Arrow files and streams, batch by batch."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from provenance.corpus.document import BadRow, Row
from provenance.corpus.formats.compression import BUFFER
from provenance.corpus.formats.jsonshapes import Columns
from provenance.corpus.lost import LostTail

__all__ = ["read_arrow", "read_parquet", "table_records"]

_BATCH = 512
_WHOLE_CHUNK = 32 << 20
"""Bytes of a column that are read at once: in a longer one a damaged page, which says itself how
long it is, may take up to 2 GiB before it is known to be damaged. A round figure, not tuned."""
_LONGEST_PAGE_HEADER = 16 << 20
"""What the library itself reads of one at most; a page's own bounds may stand in it."""


def read_parquet(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a parquet file, only the columns that are needed."""
    with _arrow_errors():
        table = _opened_parquet(stream)
        batches = table.iter_batches(_BATCH, columns=columns(table.schema_arrow.names))
        number = 0
        for number, record in _numbered(batches):
            yield number, record
        if number != table.metadata.num_rows:
            what = f"the file gives {number:,} rows and says that it has"
            what += f" {table.metadata.num_rows:,}"
            yield number + 1, LostTail(what, "a whole file", "Fetch or write it again")


def _opened_parquet(stream: BinaryIO) -> Any:
    """Open a parquet file; a header that says more than there is takes no memory for it.

    Raises
    ------
    OSError
        Where the footer, or a column, would be longer than the file.
    """
    import pyarrow.parquet as parquet

    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 8))
    tail = stream.read(8)
    footer = int.from_bytes(tail[:4], "little") if tail[4:] == b"PAR1" else 0
    if footer > size:
        raise OSError("its footer is longer than the file")
    stream.seek(0)
    options: dict[str, Any] = {
        "pre_buffer": False,
        "page_checksum_verification": True,
        # A list takes a byte of the footer for each entry at least.
        "thrift_container_size_limit": max(footer, 1),
        "thrift_string_size_limit": max(footer, _LONGEST_PAGE_HEADER),
    }
    table = parquet.ParquetFile(stream, **options)
    longest = _longest_chunk(table.metadata)
    if longest > size:
        raise OSError("a column is longer than the file")
    if longest <= _WHOLE_CHUNK:
        return table
    return parquet.ParquetFile(stream, metadata=table.metadata, buffer_size=BUFFER, **options)


def _longest_chunk(metadata: Any) -> int:
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    return max(
        (
            group.column(number).total_compressed_size
            for group in groups
            for number in range(group.num_columns)
        ),
        default=0,
    )


def read_arrow(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows of an Arrow IPC file or stream."""
    import pyarrow

    with _arrow_errors():
        mapped = _mapped(stream)
        magic = mapped.read(6)
        if magic[:4] == b"FEA1":
            raise BadRow("it is Feather of version 1", "version 2", "Write it again, or as parquet")
        is_file = magic == b"ARROW1"
        mapped.seek(0)
        open_ipc = pyarrow.ipc.open_file if is_file else pyarrow.ipc.open_stream
        with open_ipc(mapped) as table:
            batches = (
                (table.get_batch(index) for index in range(table.num_record_batches))
                if is_file
                else table
            )
            yield from _numbered(_narrowed(batches, columns(table.schema.names)))


def _mapped(stream: BinaryIO) -> Any:
    """Map a local file, so that one batch as long as the file costs no memory."""
    import pyarrow

    name = getattr(stream, "name", None)
    is_local = isinstance(stream, io.BufferedReader) and isinstance(name, str)
    # As bytes: a name need not be UTF-8.
    return (
        pyarrow.memory_map(os.fsencode(str(name)))
        if is_local
        else pyarrow.PythonFile(stream, mode="r")
    )


@contextmanager
def _arrow_errors() -> Iterator[None]:
    import pyarrow

    try:
        yield
    # Names of columns are decoded, and sizes taken, before anything is validated.
    except (pyarrow.ArrowException, ValueError, OverflowError, MemoryError) as error:
        raise OSError(str(error).partition("\n")[0]) from error


def _narrowed(batches: Any, names: list[str] | None) -> Iterator[Any]:
    for batch in batches:
        narrow = batch if names is None else batch.select(names)
        for start in range(0, narrow.num_rows, _BATCH):
            yield narrow.slice(start, _BATCH)


def _numbered(batches: Any) -> Iterator[Row]:
    number = 0
    for batch in batches:
        for record in table_records(batch):
            number += 1
            yield number, record


def table_records(batch: Any) -> list[Any]:
    """Rows of a pyarrow table or batch; one that holds what cannot be is a :class:`BadRow`."""
    import pyarrow

    try:
        # Arrow files are taken into memory as they are: offsets and UTF-8 may be anything.
        batch.validate(full=True)
        return cast(list[Any], batch.to_pylist())
    except (pyarrow.ArrowException, ValueError, OverflowError) as error:
        if batch.num_rows > 1:
            rows = (batch.slice(row, 1) for row in range(batch.num_rows))
            return [record for row in rows for record in table_records(row)]
        what = "not UTF-8" if "utf" in str(error).lower() else "out of bounds"
        return [BadRow(f"the row holds a value that is {what}", "a sound table")]
