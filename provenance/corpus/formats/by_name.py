"""One function per file format, each yielding the rows of a file as ``(line, record)``.

A record is what the format holds before anyone asks for a field: ``bytes`` (JSON that is not parsed
yet), ``str`` (a whole text), a mapping of columns, a :class:`BadRow` where the row cannot be
read, or what is told beside rows (``Doubt``, ``Noted``). Readers are streaming, and a row that is
too long is never held whole. `FORMATS.md` has the table of formats.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Literal, cast

from provenance.corpus.document import ROW_LIMIT, BadRow, Row
from provenance.corpus.formats.columnar import read_arrow, read_parquet
from provenance.corpus.formats.commas import comma_rows
from provenance.corpus.formats.compression import COMPRESSIONS, decompressed
from provenance.corpus.formats.jsonshapes import Columns
from provenance.corpus.formats.jsonsplit import is_lines, split
from provenance.corpus.formats.jsonvalues import decoded, parse_json
from provenance.corpus.formats.tabs import tab_rows
from provenance.corpus.formats.textforms import hidden_form
from provenance.corpus.formats.textlines import lines_of, too_long
from provenance.corpus.formats.warc import read_warc
from provenance.corpus.lost import Doubt, LostFile, LostTail, Noted

__all__ = ["FORMATS", "SUFFIXES", "Format", "format_of", "line_rows", "read_rows"]

_NO_ROWS: Final = (BadRow, Doubt, Noted)

Reader = Callable[[BinaryIO, Columns], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Format:
    """How the bytes of a file become rows."""

    read: Reader
    compression: str = ""
    seeks: bool = False
    draws: Literal["", "lines", "rows", "file"] = ""
    """What of it can be read without the rest: lines at any offset, rows by number, one text."""


# --- text: lines


def read_json_lines(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield each line that is not blank, unparsed."""
    for number, line in enumerate(lines_of(stream), 1):
        if line is None or not line.endswith(b"\n"):
            yield from line_rows(number, line)
        elif not line.isspace():
            yield number, line


def line_rows(number: int, line: bytes | None) -> Iterator[Row]:
    """The row of one line; none where it is blank, a bad one where it is too long or cut."""
    if line is None:
        yield number, too_long("the line")
    elif not line.endswith(b"\n"):
        yield from _last_line(number, line)
    elif not line.isspace():
        yield number, line


def _last_line(number: int, line: bytes) -> Iterator[Row]:
    """A line that nothing ends: where it is no JSON either, the file was cut there."""
    if line.isspace():
        return
    try:
        parse_json(line)
    except BadRow as bad:
        yield number, _cut(bad)
    else:
        yield number, line


def _cut(bad: BadRow) -> LostTail:
    return LostTail(f"{bad.what}; it is cut off, and more may have followed", bad.expected)


def read_json(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the objects of a JSON array, of a wrapper or a table in one object, or of lines."""
    head = cast(io.BufferedReader, stream).peek(1)
    lines = is_lines(head)
    return read_json_lines(stream, columns) if lines else split(stream, columns)


def read_text(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the whole file as one text."""
    data = stream.read(ROW_LIMIT + 1)
    if len(data) > ROW_LIMIT:
        bad = too_long("the text file")
        remedy = "Split it, or write one document a line as JSON lines"
        yield 1, LostFile(bad.what, bad.expected, remedy)
    elif data:
        yield 1, _text_or_bad(data)


def _text_or_bad(data: bytes) -> str | BadRow:
    try:
        text = decoded(data)
    except BadRow as bad:
        return LostFile(bad.what, bad.expected, bad.remedy)
    hidden = hidden_form(text)
    return text if hidden is None else LostFile(hidden[0], "one text", hidden[1])


# --- text: tables


def _is_unicode(row: list[str]) -> bool:
    try:
        "".join(row).encode()
    except UnicodeEncodeError:
        return False
    return True


def _table_record(header: list[str], row: object, is_cut: bool) -> object:
    if not isinstance(row, list):
        return row
    if len(row) != len(header):
        bad = BadRow(f"the row has {len(row)} fields", f"{len(header)}, as in the first row")
        return _cut(bad) if is_cut and len(row) < len(header) else bad
    if not _is_unicode(row):
        return BadRow("the bytes are not UTF-8", "text in UTF-8")
    return dict(zip(header, row, strict=True))


def _table(rows: Iterator[tuple[int, Any, bool]]) -> Iterator[Row]:
    number, header, _ = next(rows, (1, [], False))
    if not isinstance(header, list):
        raise header if isinstance(header, BadRow) else BadRow("there is no header row")
    if len(set(header)) < len(header) or not _is_unicode(header):
        raise BadRow("two columns have one name, or a name is not UTF-8", "a header row")
    for number, row, is_cut in rows:
        yield number, _table_record(header, row, is_cut)


def read_csv(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows below the header of a comma-separated table."""
    return _table(comma_rows(stream))


def read_tsv(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the rows below the header of a tab-separated table."""
    return _table(tab_rows(stream))


# --- the tables

_TEXT: dict[str, Reader] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".jsonlines": read_json_lines,
    ".jl": read_json_lines,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".txt": read_text,
    ".warc": read_warc,
    ".wet": read_warc,
}
_COLUMNS: dict[str, Reader] = {
    ".parquet": read_parquet,
    ".arrow": read_arrow,
    ".feather": read_arrow,
    ".ipc": read_arrow,
}
_MAGIC: Final = {
    b"\x1f\x8b": ("gzip", ".gz"),
    b"BZh": ("bzip2", ".bz2"),
    b"\xfd7zXZ": ("xz", ".xz"),
    b"\x28\xb5\x2f\xfd": ("zstd", ".zst"),
    b"PAR1": ("parquet", ".parquet"),
    b"ARROW1": ("Arrow", ".arrow"),
    b"PK\x03\x04": ("zip", ""),
}
"""How files begin whose name may not say what they are."""

_DRAWS: dict[Reader, Literal["lines", "rows", "file"]] = {
    read_json_lines: "lines",
    read_json: "lines",
    read_parquet: "rows",
    read_text: "file",
}
"""Not tables with commas or tabs: a line of theirs may stand within quotes that open anywhere."""

FORMATS: dict[str, Format] = {
    suffix + compression: Format(
        reader, compression, draws="" if compression else _DRAWS.get(reader, "")
    )
    for suffix, reader in _TEXT.items()
    for compression in COMPRESSIONS
} | {
    suffix: Format(reader, seeks=True, draws=_DRAWS.get(reader, ""))
    for suffix, reader in _COLUMNS.items()
}
"""How to read a file, by the end of its name."""

SUFFIXES = (
    f"{' '.join((*_TEXT, *_COLUMNS))}; text formats also {' '.join(filter(None, COMPRESSIONS))}"
)
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

    It is a :class:`LostFile` where no row came before it, else a :class:`LostTail`.

    Parameters
    ----------
    raw : binary file
        The bytes as stored: an ``io.RawIOBase``, or a seekable stream where ``form.seeks``.
    form : Format
    columns : callable
        Given the column names, the ones that are needed, or None for all.
    """
    line = 0
    has_rows = False
    try:
        stream = raw if form.seeks else _text_stream(raw, form)
        for row in form.read(stream, columns):
            line = row[0]
            has_rows = has_rows or not isinstance(row[1], _NO_ROWS)
            yield row
    except BadRow as bad:
        yield line + 1, _broken(bad, has_rows)
    except OSError as error:
        what = f"the file is truncated, damaged or cannot be read ({error})"
        broken = BadRow(what, "a whole file", "Fetch or write it again")
        yield line + 1, _broken(broken, has_rows)


def _broken(bad: BadRow, has_rows: bool) -> BadRow:
    if isinstance(bad, LostFile | LostTail):
        return bad
    return (LostTail if has_rows else LostFile)(bad.what, bad.expected, bad.remedy)


_ZEROS: Final = 8
"""Zero bytes in a row that no text of UTF-16 or UTF-32 begins with."""


def _is_half_of_zeros(head: bytes) -> bool:
    """Whether a file begins as UTF-16 and UTF-32 do that no mark tells."""
    return len(head) >= 4 and 2 * head.count(0) >= len(head)


def _text_stream(raw: io.RawIOBase, form: Format) -> BinaryIO:
    stream = decompressed(raw, form.compression)
    head = stream.peek(8)
    if head[:3] == b"\xef\xbb\xbf":
        stream.read(3)
    for magic, (kind, suffix) in _MAGIC.items():
        if head.startswith(magic):
            remedy = f"Give it a name that ends in {suffix}" if suffix else "Unpack it"
            raise BadRow(
                f"the bytes are those of a {kind} file, which its name hides", None, remedy
            )
    if len(head) >= _ZEROS and not any(head[:_ZEROS]):
        raise BadRow("the file begins with nothing but zeros", "text in UTF-8", "Fetch it again")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or _is_half_of_zeros(head[:8]):
        raise BadRow("the file is UTF-16 or UTF-32", "UTF-8", "Convert it, for example with iconv")
    return stream
