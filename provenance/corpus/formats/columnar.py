"""Rows of parquet files and of Arrow files and streams, batch by batch."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from provenance.corpus.document import ROW_LIMIT, BadRow, Row
from provenance.corpus.formats.compression import BUFFER
from provenance.corpus.formats.jsonshapes import Columns
from provenance.corpus.lost import LostTail
from provenance.files.leftovers import passing_folder
from provenance.words import visible

__all__ = [
    "opened_parquet",
    "parquet_group_rows",
    "parquet_rows_at",
    "read_arrow",
    "read_parquet",
    "table_records",
]

_BATCH = 512
_LONG_BATCH = 64 << 20
"""Bytes of a batch that are read into memory as a whole; a round figure, not tuned."""
_WHOLE_CHUNK = 32 << 20
"""Bytes of a row group, uncompressed, whose columns are read at once: in a longer one a damaged
page, which says itself how long it is, may take up to 2 GiB before it is known to be damaged. A
round figure, not tuned."""
_LONGEST_PAGE_HEADER = 16 << 20
"""What the library itself reads of one at most; a page's own bounds may stand in it."""


def read_parquet(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a parquet file, only the columns that are needed."""
    with _arrow_errors():
        table = opened_parquet(stream)
        batches = table.iter_batches(_BATCH, columns=_needed(table.schema_arrow.names, columns))
        number = 0
        for number, record in _numbered(batches):
            yield number, record
        if number != table.metadata.num_rows:
            what = f"the file gives {number:,} rows and says that it has"
            what += f" {table.metadata.num_rows:,}"
            yield number + 1, LostTail(what, "a whole file", "Fetch or write it again")


def parquet_group_rows(stream: BinaryIO) -> list[int]:
    """Rows of each row group of a parquet file, by its footer.

    Raises
    ------
    OSError
        Where the footer cannot be read or contradicts itself.
    """
    with _arrow_errors():
        metadata = opened_parquet(stream).metadata
        rows = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
        if min(rows, default=0) < 0 or sum(rows) != metadata.num_rows:
            raise OSError("its row groups do not add up to its rows")
    return rows


def parquet_rows_at(
    stream: BinaryIO, columns: Columns, wanted: Mapping[int, Sequence[int]]
) -> Iterator[Row]:
    """Yield some rows of a parquet file; other row groups and columns are not read.

    Parameters
    ----------
    stream : binary file
    columns : callable
        As of `read_parquet`.
    wanted : mapping of int to sequence of int
        Positions within row groups, by the number of the group.
    """
    with _arrow_errors():
        table = opened_parquet(stream)
        names = _needed(table.schema_arrow.names, columns)
        before = 0
        for group in range(table.metadata.num_row_groups):
            if group in wanted:
                batches = table.iter_batches(_BATCH, row_groups=[group], columns=names)
                yield from _rows_at(batches, sorted(wanted[group]), before)
            before += table.metadata.row_group(group).num_rows


def _rows_at(batches: Any, positions: Sequence[int], before: int) -> Iterator[Row]:
    at = done = 0
    for batch in batches:
        while done < len(positions) and positions[done] < at + batch.num_rows:
            (record,) = table_records(batch.slice(positions[done] - at, 1))
            yield before + positions[done] + 1, record
            done += 1
        at += batch.num_rows
        if done == len(positions):
            return
    what = "a row group has fewer rows than the file says"
    yield before + at + 1, LostTail(what, "a whole file", "Fetch or write it again")


def opened_parquet(stream: BinaryIO) -> Any:
    """Open a parquet file; a header that says more than there is takes no memory for it.

    Raises
    ------
    OSError
        Where the footer would be longer than the file.
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
    # Not the sizes of the columns: where the footer is damaged, asking for one ends the process.
    groups = (table.metadata.row_group(number) for number in range(table.metadata.num_row_groups))
    longest = max((group.total_byte_size for group in groups), default=0)
    if 0 <= longest <= _WHOLE_CHUNK:
        return table
    return parquet.ParquetFile(stream, metadata=table.metadata, buffer_size=BUFFER, **options)


def read_arrow(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows of an Arrow IPC file or stream, only the columns that are needed.

    The file is read and never mapped: where one that is mapped is cut short, the process dies.
    """
    import pyarrow

    with _arrow_errors():
        magic = stream.read(6)
        if magic[:4] == b"FEA1":
            raise BadRow("it is Feather of version 1", "version 2", "Write it again, or as parquet")
        stream.seek(0)
        source = pyarrow.PythonFile(stream, mode="r")
        if magic != b"ARROW1":
            with pyarrow.ipc.open_stream(source) as batches:
                yield from _numbered(_narrowed(batches, _needed(batches.schema.names, columns)))
            return
        with pyarrow.ipc.open_file(source) as table:
            all_names, n_batches = table.schema.names, table.num_record_batches
        names = _needed(all_names, columns)
        if stream.seek(0, os.SEEK_END) > _LONG_BATCH * n_batches:
            with _copied(stream) as mapped:
                yield from _numbered(_narrowed(_batches(mapped, None), names))
            return
        fields = None if names is None else [all_names.index(name) for name in names]
        yield from _numbered(_narrowed(_batches(source, fields), names))


def _batches(source: Any, fields: list[int] | None) -> Iterator[Any]:
    """Batches of a file; of what is not mapped only these fields are read."""
    import pyarrow

    source.seek(0)
    options = pyarrow.ipc.IpcReadOptions(included_fields=fields)
    with pyarrow.ipc.open_file(source, options=options) as table:
        for number in range(table.num_record_batches):
            yield table.get_batch(number)


@contextmanager
def _copied(stream: BinaryIO) -> Iterator[Any]:
    """Map a copy, which nobody cuts: of what is mapped, only what is looked at is in memory."""
    import pyarrow

    with passing_folder() as folder:
        copy = folder / "copy"
        stream.seek(0)
        with copy.open("wb") as file:
            shutil.copyfileobj(stream, file, BUFFER)
        # As bytes: a name need not be UTF-8.
        with pyarrow.memory_map(os.fsencode(copy)) as mapped:
            yield mapped


@contextmanager
def _arrow_errors() -> Iterator[None]:
    import pyarrow

    try:
        yield
    # Names of columns are decoded, and sizes taken, before anything is validated.
    except (pyarrow.ArrowException, ValueError, OverflowError, MemoryError) as error:
        raise OSError(str(error).partition("\n")[0]) from error


def _needed(names: list[str], columns: Columns) -> list[str] | None:
    """Names of the columns that are needed, None for all."""
    found = columns(names)
    needed = names if found is None else found
    alike = sorted({name for name in needed if needed.count(name) > 1})
    if alike:
        what = f"more than one column is called {visible(alike[0])}"
        raise BadRow(what, "a name for each", "Give them names of their own")
    return found


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
    """Rows of a pyarrow table or batch; one that holds what cannot be is a :class:`BadRow`.

    One that is longer than a row of any format may be is one too.
    """
    import pyarrow

    try:
        # Arrow files are taken into memory as they are: offsets and UTF-8 may be anything.
        batch.validate(full=True)
        if _size(batch) <= ROW_LIMIT:
            return cast(list[Any], batch.to_pylist())
    except (pyarrow.ArrowException, ValueError, OverflowError) as error:
        if batch.num_rows > 1:
            return _row_by_row(batch)
        what = "not UTF-8" if "utf" in str(error).lower() else "out of bounds"
        return [BadRow(f"the row holds a value that is {what}", "a sound table")]
    if batch.num_rows > 1:
        return _row_by_row(batch)
    return [BadRow(f"the row is longer than {ROW_LIMIT // 2**20} MiB", "a document a row")]


def _size(batch: Any) -> int:
    """Bytes of the values; of those in a dictionary nothing, which rows share."""
    from pyarrow import types

    return sum(column.nbytes for column in batch.columns if not types.is_dictionary(column.type))


def _row_by_row(batch: Any) -> list[Any]:
    rows = (batch.slice(row, 1) for row in range(batch.num_rows))
    return [record for row in rows for record in table_records(row)]
