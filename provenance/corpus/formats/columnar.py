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


def read_parquet(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a parquet file, only the columns that are needed."""
    import pyarrow.parquet as parquet

    with _arrow_errors():
        table = parquet.ParquetFile(
            stream, buffer_size=BUFFER, pre_buffer=False, page_checksum_verification=True
        )
        batches = table.iter_batches(_BATCH, columns=columns(table.schema_arrow.names))
        number = 0
        for number, record in _numbered(batches):
            yield number, record
        if number != table.metadata.num_rows:
            what = f"the file gives {number:,} rows and says that it has"
            what += f" {table.metadata.num_rows:,}"
            yield number + 1, LostTail(what, "a whole file", "Fetch or write it again")


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
