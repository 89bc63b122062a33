"""Documents of WARC files whose records are plain text, as Common Crawl's WET files hold them."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from provenance.corpus.document import ROW_LIMIT, BadRow, Row
from provenance.corpus.formats.compression import BUFFER
from provenance.corpus.formats.jsonshapes import Columns
from provenance.corpus.formats.textlines import too_long

__all__ = ["read_warc"]

_HEAD_LIMIT: Final = 2**16
"""Bytes of a record's head, which the library would read whole; a round figure, not tuned."""
_LENGTH: Final = re.compile(r"\d{1,15}")
_PASSED: Final = frozenset({"warcinfo", "request", "metadata"})
"""Records about records: they hold no text of the corpus."""
_RAW: Final = frozenset({"response", "resource", "revisit", "continuation"})
_DIGESTS: Final = frozenset({"md5", "sha1", "sha256", "sha512"})
_FIELDS: Final = {
    "id": "WARC-Record-ID",
    "url": "WARC-Target-URI",
    "date": "WARC-Date",
    "language": "WARC-Identified-Content-Language",
}


def read_warc(stream: BinaryIO, columns: Columns) -> Iterator[Row]:
    """Yield the ``conversion`` records, each with ``id``, ``text``, ``url`` and ``date``."""
    number = 0
    while (head := _head(stream)) is not None:
        number += 1
        size = _length(head)
        kind = (head.get_header("WARC-Type") or "").strip().lower()
        if kind in _RAW:
            raise BadRow(
                f"the WARC holds records of the type {kind!r}: pages as they were fetched, no text",
                "records of the type 'conversion'",
                "Extract the text first (WET)",
            )
        content = _content(stream, size)
        if kind in _PASSED:
            continue
        if kind != "conversion":
            yield number, BadRow(f"a record of the type {kind[:40]!r} is not known", "'conversion'")
        elif content is None:
            yield number, too_long("the record")
        else:
            yield number, _document(head, content)


def _head(stream: BinaryIO) -> Any:
    """The head of the next record, None at the end."""
    from warcio.recordloader import ArcWarcRecordLoader
    from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

    lines = b""
    while not lines.endswith((b"\r\n\r\n", b"\n\n")):
        line = stream.readline(_HEAD_LIMIT + 1 - len(lines))
        if not lines and line and not line.strip():
            continue
        if not line and not lines:
            return None
        if not line:
            raise OSError("the head of a WARC record ends early")
        lines += line
        if len(lines) > _HEAD_LIMIT:
            raise BadRow(f"the head of a WARC record is longer than {_HEAD_LIMIT // 1024} KiB")
    try:
        return StatusAndHeadersParser(ArcWarcRecordLoader.WARC_TYPES).parse(io.BytesIO(lines))
    except (StatusAndHeadersParserException, EOFError):
        raise BadRow("no WARC record begins where one should", "a whole file") from None


def _length(head: Any) -> int:
    length = (head.get_header("Content-Length") or "").strip()
    if not _LENGTH.fullmatch(length):
        raise BadRow("a WARC record does not say how long it is", "Content-Length")
    return int(length)


def _content(stream: BinaryIO, size: int) -> bytes | None:
    """What a record holds, None where it is too long; read to its end either way."""
    kept = bytearray()
    left = size
    while left:
        data = stream.read(min(left, BUFFER))
        if not data:
            raise OSError("a WARC record ends early")
        left -= len(data)
        if size <= ROW_LIMIT:
            kept += data
    if stream.read(4) not in (b"\r\n\r\n", b""):
        raise BadRow("a WARC record does not end where its length says", "a whole file")
    return bytes(kept) if size <= ROW_LIMIT else None


def _document(head: Any, content: bytes) -> dict[str, str] | BadRow:
    if not _fits(head.get_header("WARC-Block-Digest"), content):
        return BadRow("the record does not fit its checksum", "a sound file", "Fetch it again")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return BadRow("the record is not UTF-8", "text in UTF-8")
    found = {name: head.get_header(header) for name, header in _FIELDS.items()}
    return {"text": text, **{name: value for name, value in found.items() if value}}


def _fits(digest: str | None, content: bytes) -> bool:
    """Whether content has a digest such as ``sha1:`` and base 32; any other is not known."""
    name, _, value = (digest or "").strip().partition(":")
    if name.lower() not in _DIGESTS:
        return True
    found = hashlib.new(name.lower(), content, usedforsecurity=False)
    written = {found.hexdigest().upper(), base64.b32encode(found.digest()).decode()}
    return value.upper().rstrip("=") in {item.rstrip("=") for item in written}
