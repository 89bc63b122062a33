"""One function per file format, each yielding the rows of a file as ``(line, record)``.

A record is what the format holds before anyone asks for a field: ``bytes`` (JSON that is not parsed
yet), ``str`` (a whole text), a mapping of columns, or a :class:`BadRow` where the row cannot be
read. Readers are streaming, and a row that is too long is never held whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import orjson

from provenance.corpus.compression import BUFFER, COMPRESSIONS, decompressed
from provenance.corpus.document import ROW_LIMIT, BadRow, Row
from provenance.corpus.jsonsplit import is_lines, split

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "Columns",
    "Format",
    "format_of",
    "parse_json",
    "read_rows",
    "table_records",
]

_BATCH = 512

Columns = Callable[[Sequence[str]], list[str] | None]
Reader = Callable[[BinaryIO, Columns], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Format:
    """How the bytes of a file become rows."""

    read: Reader
    compression: str = ""
    seeks: bool = False


# --- text: lines


def _too_long(what: str) -> BadRow:
    return BadRow(f"{what} is longer than {ROW_LIMIT // 2**20} MiB", "one row a line")


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Lines of at most ``ROW_LIMIT`` bytes; a longer one is read past and gives None."""
    readline = stream.readline
    while line := readline(ROW_LIMIT + 1):
        if len(line) <= ROW_LIMIT or line.endswith(b"\n"):
            yield line
            continue
        while (rest := readline(BUFFER)) and not rest.endswith(b"\n"):
            pass
        yield None


def read_json_lines(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield each line that is not blank, unparsed."""
    for number, line in enumerate(_lines(stream), 1):
        if line is None:
            yield number, _too_long("the line")
        elif not line.isspace():
            yield number, line


def parse_json(line: bytes) -> object:
    """Parse one JSON value.

    Raises
    ------
    BadRow
        Where the bytes are not UTF-8, not JSON or nested too deeply.

    Examples
    --------
    >>> parse_json(b'{"text": "a"}')
    {'text': 'a'}
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        _decoded(line)
        raise BadRow(f"the row is not JSON ({error.msg})", "one JSON object a line") from None


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadRow(
            f"the bytes are not UTF-8 (byte {error.start + 1} of the row)",
            "text in UTF-8",
            "Convert the file, for example with iconv",
        ) from None


def read_json(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the objects of a JSON array, of an object holding one list, or of JSON lines."""
    head = cast(io.BufferedReader, stream).peek(1)
    return read_json_lines(stream, columns) if is_lines(head) else split(stream)


def read_text(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the whole file as one text."""
    data = stream.read(ROW_LIMIT + 1)
    if len(data) > ROW_LIMIT:
        too_long = _too_long("the text file")
        too_long.remedy = "Split it, or write one document a line as JSON lines"
        yield 1, too_long
    elif data:
        yield 1, _text_or_bad(data)


def _text_or_bad(data: bytes) -> str | BadRow:
    try:
        return _decoded(data)
    except BadRow as bad:
        return bad


# --- text: tables


class _TooLong(csv.Error):
    pass


class _CsvLines:
    """Decoded lines for the csv module that know where they are and how long the row is."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = _lines(stream)
        self._row_bytes = 0
        self.number = 0

    def begin_row(self) -> int:
        """Number of the line that comes next."""
        self._row_bytes = 0
        return self.number + 1

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self._row_bytes += ROW_LIMIT + 1 if line is None else len(line)
        if line is None or self._row_bytes > ROW_LIMIT:
            raise _TooLong(f"the row is longer than {ROW_LIMIT // 2**20} MiB")
        return line.decode("utf-8", "surrogateescape")


@contextmanager
def _field_limit(limit: int) -> Iterator[None]:
    # The csv module knows one limit for the whole process: it is given back at once.
    before = csv.field_size_limit(limit)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _csv_rows(stream: BinaryIO, delimiter: str) -> Iterator[tuple[int, list[str] | BadRow]]:
    lines = _CsvLines(stream)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.begin_row()
        try:
            with _field_limit(ROW_LIMIT):
                row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            # Inside quotes: the lines that follow are pieces of this row, not rows.
            ends = isinstance(error, _TooLong) and lines.number > number
            more = "; the rest of the file is not read" if ends else ""
            what = f"the row is not CSV ({error}){more}"
            yield number, BadRow(what, "quotes closed and doubled inside")
            if ends:
                return
            continue
        if row:
            yield number, row


def _is_unicode(row: list[str]) -> bool:
    try:
        "".join(row).encode()
    except UnicodeEncodeError:
        return False
    return True


def _csv_record(header: list[str], row: list[str] | BadRow) -> object:
    if isinstance(row, BadRow):
        return row
    if len(row) != len(header):
        return BadRow(f"the row has {len(row)} fields", f"{len(header)}, as in the first row")
    if not _is_unicode(row):
        return BadRow("the bytes are not UTF-8", "text in UTF-8")
    return dict(zip(header, row, strict=True))


def _read_delimited(stream: BinaryIO, delimiter: str) -> Iterator[Row]:
    rows = _csv_rows(stream, delimiter)
    number, header = next(rows, (1, []))
    if isinstance(header, BadRow):
        yield number, header
        return
    if len(set(header)) < len(header) or not _is_unicode(header):
        yield number, BadRow("two columns have one name, or a name is not UTF-8", "a header row")
        return
    for number, row in rows:
        yield number, _csv_record(header, row)


def read_csv(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows below the header of a comma-separated table."""
    return _read_delimited(stream, ",")


def read_tsv(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows below the header of a tab-separated table."""
    return _read_delimited(stream, "\t")


# --- columns: parquet and Arrow


def read_parquet(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a parquet file, only the columns that are needed."""
    import pyarrow.parquet as parquet

    with _arrow_errors():
        table = parquet.ParquetFile(stream, buffer_size=BUFFER, pre_buffer=False)
        batches = table.iter_batches(_BATCH, columns=columns(table.schema_arrow.names))
        yield from _numbered(batches)


def read_arrow(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows of an Arrow IPC file or stream."""
    import pyarrow

    with _arrow_errors():
        mapped = _mapped(stream)
        is_file = mapped.read(6) == b"ARROW1"
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
    return pyarrow.memory_map(name) if is_local else pyarrow.PythonFile(stream, mode="r")


@contextmanager
def _arrow_errors() -> Iterator[None]:
    import pyarrow

    try:
        yield
    except pyarrow.ArrowException as error:
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


# --- the tables

_TEXT: dict[str, Reader] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".txt": read_text,
}
_COLUMNS: dict[str, Reader] = {".parquet": read_parquet, ".arrow": read_arrow}

FORMATS: dict[str, Format] = {
    suffix + compression: Format(reader, compression)
    for suffix, reader in _TEXT.items()
    for compression in COMPRESSIONS
} | {suffix: Format(reader, seeks=True) for suffix, reader in _COLUMNS.items()}
"""How to read a file, by the end of its name."""

SUFFIXES = f"{' '.join((*_TEXT, *_COLUMNS))}; text formats also .gz .zst"
"""The suffixes that are read, for messages."""


def format_of(name: str) -> Format | None:
    """Find the format of a file by the end of its name.

    Examples
    --------
    >>> format_of("a.JSONL.gz") is FORMATS[".jsonl.gz"], format_of("a.exe")
    (True, None)
    """
    lowered = name.lower()
    ends = (end for end in FORMATS if lowered.endswith(end))
    return FORMATS.get(max(ends, key=len, default=""))


def read_rows(raw: Any, form: Format, columns: Columns) -> Iterator[Row]:
    """Yield the rows of an open file; where it breaks off, the last one is a :class:`BadRow`.

    Parameters
    ----------
    raw : binary file
        The bytes as stored: an ``io.RawIOBase``, or a seekable stream where ``form.seeks``.
    form : Format
    columns : callable
        Given the column names, the ones that are needed, or None for all.
    """
    line = 0
    try:
        stream = raw if form.seeks else _text_stream(raw, form)
        for row in form.read(stream, columns):
            line = row[0]
            yield row
    except BadRow as bad:
        yield line + 1, bad
    except OSError as error:
        what = f"the file is truncated, damaged or cannot be read ({error})"
        yield line + 1, BadRow(what, "a whole file", "Fetch or write it again")


def _text_stream(raw: io.RawIOBase, form: Format) -> BinaryIO:
    stream = decompressed(raw, form.compression)
    head = stream.peek(3)[:3]
    if head == b"\xef\xbb\xbf":
        stream.read(3)
    elif head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadRow("the file is UTF-16", "UTF-8", "Convert it, for example with iconv")
    return stream
