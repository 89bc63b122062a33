"""Parquet and Arrow files written again: schema, metadata, compression and groups stay."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, Final

from provenance.corpus.formats.columnar import opened_parquet
from provenance.corpus.rewriting.choosing import TAG, Choose
from provenance.errors import InputError

__all__ = ["write_arrow", "write_parquet"]

_BATCH: Final = 4096
_GROUP_BYTES: Final = 64 << 20
"""Bytes of a group of rows that are held; a longer group becomes several. Not tuned."""
_FRAMES: Final = {b"\x04\x22\x4d\x18": "lz4", b"\x28\xb5\x2f\xfd": "zstd"}
"""How a compressed buffer begins, behind eight bytes of its length (Arrow columnar format)."""


def write_parquet(stream: BinaryIO, out: IO[bytes], choose: Choose) -> None:
    """Write the rows of a parquet file that are kept, group by group.

    Parameters
    ----------
    stream, out : binary file
    choose : callable

    Raises
    ------
    InputError
        Where a column has the name of the tag already, or times cannot be written as they were.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = opened_parquet(stream)
    has_old_times = _has_old_times(table)
    if has_old_times:
        # In nanoseconds, as they are read else, they end in 2262, and later ones become others.
        table = _in_microseconds(stream, table)
    chosen = _Chosen(table.schema_arrow, choose)
    metadata = table.metadata
    codecs = _codecs(metadata)
    options = {"compression": codecs, "use_deprecated_int96_timestamps": has_old_times}
    with pq.ParquetWriter(out, chosen.schema, **options) as writer:
        for number in range(metadata.num_row_groups):
            held: list[Any] = []
            size = 0
            for batch in table.iter_batches(_BATCH, row_groups=[number]):
                held.append(chosen.of(batch))
                size += held[-1].nbytes
                if size > _GROUP_BYTES:
                    _write_group(writer, pa.Table.from_batches(held, chosen.schema))
                    held, size = [], 0
            if held:
                _write_group(writer, pa.Table.from_batches(held, chosen.schema))


def _has_old_times(table: Any) -> bool:
    """Whether a file has times in the form that Spark wrote, 96 bits."""
    return "INT96" in {column.physical_type for column in _columns_of(table)}


def _columns_of(table: Any) -> list[Any]:
    return [table.schema.column(place) for place in range(len(table.schema))]


def _in_microseconds(stream: BinaryIO, table: Any) -> Any:
    """The file opened so that its old times are exact; refused where they cannot be."""
    import numpy as np

    found = opened_parquet(stream, coerce_int96_timestamp_unit="us")
    names = [one.path for one in _columns_of(table) if one.physical_type == "INT96"]
    others = [
        one.name
        for one in table.schema_arrow
        if "timestamp" in str(one.type) and one.name not in names
    ]
    is_exact = not others and {*names} <= {*table.schema_arrow.names}
    pairs = zip(
        table.iter_batches(_BATCH, columns=names),
        found.iter_batches(_BATCH, columns=names),
        strict=True,
    )
    for nanoseconds, microseconds in pairs if is_exact else ():
        for fine, coarse in zip(nanoseconds, microseconds, strict=True):
            values = [
                one.drop_null().to_numpy(zero_copy_only=False).astype(np.int64)
                for one in (fine, coarse)
            ]
            # Both wrap at 64 bits alike.
            is_exact = is_exact and not (values[0] - values[1] * 1000).any()
    if not is_exact:
        raise InputError(
            "its times of 96 bits cannot be written as they were",
            expected="times of 64 bits, or of whole microseconds in columns of their own",
            remedy="Write it with times of 64 bits, and match again",
        )
    return found


def _write_group(writer: Any, table: Any) -> None:
    if table.num_rows:
        writer.write_table(table, row_group_size=table.num_rows)


def _codecs(metadata: Any) -> Any:
    """Compression of each column, as the first group has it."""
    if not metadata.num_row_groups:
        return "snappy"
    group = metadata.row_group(0)
    columns = (group.column(place) for place in range(group.num_columns))
    found = {one.path_in_schema: _codec(one.compression) for one in columns}
    return next(iter(found.values())) if len({*found.values()}) == 1 else found


def _codec(name: str) -> str:
    return {"UNCOMPRESSED": "none", "LZ4_RAW": "lz4"}.get(name, name.lower())


class _Chosen:
    """The kept rows of batches that come one after another."""

    def __init__(self, schema: Any, choose: Choose) -> None:
        import pyarrow as pa

        self._choose = choose
        self._row = 0
        self._is_tagged = choose(0).tag is not None
        if self._is_tagged and TAG in schema.names:
            raise InputError(
                f"the table has a column {TAG!r} already",
                expected="a corpus that is not tagged",
                remedy="Take the column away, and match again",
            )
        self.schema = schema.append(pa.field(TAG, pa.string())) if self._is_tagged else schema

    def of(self, batch: Any) -> Any:
        import pyarrow as pa

        first = self._row + 1
        self._row += batch.num_rows
        choices = [self._choose(row) for row in range(first, self._row + 1)]
        if self._is_tagged:
            tags = pa.array([choice.tag for choice in choices], pa.string())
            batch = pa.RecordBatch.from_arrays([*batch.columns, tags], schema=self.schema)
        if all(choice.keep for choice in choices):
            return batch
        return _filtered(batch, [choice.keep for choice in choices])


def _filtered(batch: Any, kept: list[bool]) -> Any:
    import pyarrow as pa

    try:
        return batch.filter(pa.array(kept, pa.bool_()))
    except pa.ArrowNotImplementedError:  # views of strings are put together, not filtered
        parts = [batch.slice(place, 1) for place, keep in enumerate(kept) if keep]
        whole = pa.Table.from_batches(parts, batch.schema).combine_chunks().to_batches()
        return whole[0] if whole else batch.slice(0, 0)


def write_arrow(stream: BinaryIO, out: IO[bytes], choose: Choose) -> None:
    """Write the rows of an Arrow file or stream that are kept, batch by batch.

    Raises
    ------
    InputError
        Where a batch holds what cannot be, or a column has the name of the tag already.
    """
    import pyarrow as pa

    codec = _arrow_codec(stream)
    magic = _at_start(stream).read(6)
    stream.seek(0)
    source = pa.PythonFile(stream, mode="r")
    options = pa.ipc.IpcWriteOptions(compression=codec)
    is_file = magic == b"ARROW1"
    opened = pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)
    chosen = _Chosen(opened.schema, choose)
    new = pa.ipc.new_file if is_file else pa.ipc.new_stream
    with new(out, chosen.schema, options=options) as writer:
        for batch in _batches(opened, is_file):
            batch.validate(full=True)
            writer.write_batch(chosen.of(batch))


def _batches(opened: Any, is_file: bool) -> Iterator[Any]:
    if is_file:
        yield from (opened.get_batch(number) for number in range(opened.num_record_batches))
    else:
        yield from opened


def _at_start(stream: BinaryIO) -> BinaryIO:
    stream.seek(0, os.SEEK_SET)
    return stream


def _arrow_codec(stream: BinaryIO) -> str | None:
    """Compression of the first buffer that has one: the library tells of none."""
    import pyarrow as pa

    begins = 8 if _at_start(stream).read(6) == b"ARROW1" else 0
    stream.seek(begins)
    messages = pa.ipc.MessageReader.open_stream(pa.PythonFile(stream, mode="r"))
    try:
        while (message := messages.read_next_message()) is not None:
            if message.type == "record batch":
                return _codec_of(message.body)
    except (pa.ArrowException, StopIteration):
        pass  # without a batch, or what the reading itself will name
    return None


def _codec_of(body: Any) -> str | None:
    data = memoryview(body)[: 1 << 16] if body is not None else memoryview(b"")
    starts = (bytes(data[place : place + 4]) for place in range(8, len(data), 8))
    return next((_FRAMES[start] for start in starts if start in _FRAMES), None)
