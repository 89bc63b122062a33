"""WET files give documents; raw pages, damage and hostile heads are refused."""

from __future__ import annotations

import base64
import gzip
import hashlib

import pytest
from known_formats import read

TEXTS = ["Tides rise “slowly”.\n", "Salt water freezes later than fresh water."]


def record(kind: str, content: bytes, *more: str) -> bytes:
    head = ["WARC/1.0", f"WARC-Type: {kind}", *more, f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(head).encode() + content + b"\r\n\r\n"


def conversion(number: int, text: str, digest: str = "") -> bytes:
    return record(
        "conversion",
        text.encode(),
        "WARC-Target-URI: http://example.org/",
        "WARC-Date: 2024-01-31T10:00:00Z",
        f"WARC-Record-ID: <urn:uuid:{number}>",
        *([f"WARC-Block-Digest: {digest}"] if digest else []),
        "Content-Type: text/plain",
    )


INFO = record("warcinfo", b"software: none")
WET = INFO + b"".join(conversion(number, text) for number, text in enumerate(TEXTS, 1))
WANT = [
    (
        number + 1,
        {
            "text": text,
            "id": f"<urn:uuid:{number}>",
            "url": "http://example.org/",
            "date": "2024-01-31T10:00:00Z",
        },
    )
    for number, text in enumerate(TEXTS, 1)
]


def test_conversions_are_documents() -> None:
    assert read(".wet", WET) == read(".warc", WET) == WANT
    assert read(".warc.gz", gzip.compress(WET)) == WANT
    members = b"".join(map(gzip.compress, (INFO, conversion(1, TEXTS[0]), conversion(2, TEXTS[1]))))
    assert read(".wet.gz", members) == WANT
    assert read(".wet", WET.replace(b"\r\n", b"\n").replace(b"WARC-Type", b"warc-type"))[0][0] == 1


@pytest.mark.parametrize("kind", ["response", "resource", "revisit"])
def test_pages_as_fetched_are_refused(kind: str) -> None:
    ((line, said),) = read(".warc", INFO + record(kind, b"HTTP/1.1 200 OK\r\n\r\n<p>Hi"))
    assert line == 1
    assert kind in said and "no text" in said


@pytest.mark.parametrize("name", ["sha1", "sha256", "md5"])
def test_digests_are_checked(name: str) -> None:
    digest = hashlib.new(name, TEXTS[0].encode())
    for written in (digest.hexdigest(), base64.b32encode(digest.digest()).decode()):
        good = conversion(1, TEXTS[0], f"{name}:{written}")
        assert read(".wet", good)[0][1]["text"] == TEXTS[0]
        assert "checksum" in read(".wet", good.replace(b"rise", b"sink"))[0][1]
    assert read(".wet", conversion(1, TEXTS[0], "crc9:00"))[0][1]["text"] == TEXTS[0]


BAD = {
    "cut in a text": (WET[:-30], "ends early", 3),
    "cut in a head": (WET[: len(INFO) + 40], "ends early", 1),
    "no record": (b"hello\r\n\r\n", "no WARC record begins", 1),
    "another length": (WET.replace(b"Length: 42", b"Length: 39"), "where its length says", 3),
    "no length": (WET.replace(b"Content-Length: 42", b"Content-Longth: 42"), "how long it is", 3),
    "a length that is none": (WET.replace(b"Length: 42", b"Length: -5"), "how long it is", 3),
    "a long head": (INFO + b"WARC/1.0\r\n" + b"a" * 70_000, "longer than 64 KiB", 1),
    "endless lines": (INFO + b"WARC/1.0\r\n" + b"a: b\r\n" * 20_000, "longer than 64 KiB", 1),
    "an unknown type": (WET.replace(b"conversion", b"convershon"), "not known", 2),
    "not UTF-8": (WET.replace("“".encode(), b"\xff\xff\xff"), "not UTF-8", 2),
}


@pytest.mark.parametrize(("data", "said", "line"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_named(data: bytes, said: str, line: int) -> None:
    bad = [(number, row) for number, row in read(".wet", data) if isinstance(row, str)]
    assert said in bad[0][1]
    assert bad[0][0] == line


@pytest.mark.usefixtures("small_limits")
def test_a_long_record_is_passed_over() -> None:
    found = read(".wet", conversion(1, "a" * 5000) + conversion(2, "b"))
    assert "longer than" in found[0][1]
    assert found[1][1]["text"] == "b"
