"""One file of a corpus written again in its own format."""

from __future__ import annotations

import shutil
from typing import IO, BinaryIO, Final

from provenance.corpus.document import BadRow
from provenance.corpus.formats.by_name import (
    Format,
    Reader,
    read_csv,
    read_json,
    read_json_lines,
    read_text,
    read_tsv,
)
from provenance.corpus.formats.columnar import read_arrow, read_parquet
from provenance.corpus.formats.compression import BUFFER, decompressed
from provenance.corpus.formats.jsonsplit import is_lines
from provenance.corpus.places.inputs import FileInput, Input, shown
from provenance.corpus.rewriting.choosing import Choose
from provenance.corpus.rewriting.columnar import write_arrow, write_parquet
from provenance.corpus.rewriting.lines import write_list, write_rows
from provenance.corpus.rewriting.packing import packed
from provenance.errors import InputError

__all__ = ["check_rewritable", "rewrite"]

_DELIMITERS: Final[dict[Reader, str]] = {
    read_json_lines: "",
    read_json: "",
    read_csv: ",",
    read_tsv: "\t",
}
_MARK: Final = b"\xef\xbb\xbf"


def check_rewritable(source: Input, *, is_tagged: bool) -> FileInput:
    """Refuse what cannot be written again.

    Raises
    ------
    InputError
        Where it is no local file, is of a format that is only read, or cannot be tagged.
    """
    if not isinstance(source, FileInput) or source.filesystem is not None:
        raise InputError(
            "only files of this machine can be written again",
            where=shown(source.path),
            expected="a file or a folder",
            remedy="Fetch it, match the copy, and filter that",
        )
    known = {*_DELIMITERS, read_text, read_parquet, read_arrow}
    if source.form.read not in known:
        raise InputError(
            "files of this format are read, not written",
            where=shown(source.path),
            expected="JSON lines, JSON, CSV, TSV, text, parquet or Arrow",
            remedy="Convert it, and match the result",
        )
    if is_tagged and source.form.read is read_text:
        raise InputError(
            "a text file has no room for a tag",
            where=shown(source.path),
            remedy="Write the texts as JSON lines, and match again",
        )
    return source


def rewrite(source: FileInput, out: IO[bytes], choose: Choose) -> bool:
    """Write a file again: kept rows in their order, with tags where they have one.

    Rows of text formats are the same bytes; of a JSON list the rows are, one a line. Memory holds a
    row, or a batch of columns.

    Parameters
    ----------
    source : FileInput
        See `check_rewritable`.
    out : binary file
    choose : callable
        Asked for line 0 at most: whether any row is tagged. Then once for each row.

    Returns
    -------
    bool
        False where nothing is left of a file that is one document.

    Raises
    ------
    InputError
        Where the file cannot be read to its end, or a row cannot be written again.
    """
    import pyarrow as pa

    if source.size == 0:
        return True  # no bytes are no rows, of any format
    try:
        with source.open() as stored:
            return _rewritten(stored, source.form, out, choose)
    except InputError as error:
        is_line = error.where is not None and error.where.isdigit()
        where = f"{shown(source.path)}:{error.where}" if is_line else shown(source.path)
        raise InputError(
            error.what, where=where, expected=error.expected, remedy=error.remedy
        ) from None
    except BadRow as bad:
        remedy = bad.remedy or "Write it as JSON lines, and match again"
        raise InputError(
            bad.what, where=shown(source.path), expected=bad.expected, remedy=remedy
        ) from None
    except OSError as error:
        if error.errno is not None:  # of the system, which names the place
            raise
        raise InputError(f"it cannot be read ({error})", where=shown(source.path)) from None
    except (pa.ArrowException, ValueError) as error:
        told = str(error).partition("\n")[0]
        raise InputError(f"it cannot be written again ({told})", where=shown(source.path)) from None


def _rewritten(stored: BinaryIO, form: Format, out: IO[bytes], choose: Choose) -> bool:
    if form.read is read_parquet:
        write_parquet(stored, out, choose)
    elif form.read is read_arrow:
        write_arrow(stored, out, choose)
    else:
        stream = decompressed(stored, form.compression)  # type: ignore[arg-type]
        with packed(out, form.compression) as plain:
            return _text_rewritten(stream, form, plain, choose)
    return True


def _text_rewritten(stream: BinaryIO, form: Format, out: IO[bytes], choose: Choose) -> bool:
    head = stream.peek(8)  # type: ignore[attr-defined]
    if form.read is read_text:
        is_kept = not head or choose(1).keep
        if is_kept:
            shutil.copyfileobj(stream, out, BUFFER)
        return is_kept
    if head.startswith(_MARK):
        out.write(stream.read(len(_MARK)))
    is_list = form.read is read_json and not is_lines(
        stream.peek(1)  # type: ignore[attr-defined]
    )
    if is_list:
        write_list(stream, out, choose)
    else:
        read = read_json_lines if form.read is read_json else form.read
        write_rows(stream, read, out, choose, _DELIMITERS[read])
    return True
