"""Compressed files: streams one after another, windows, and files that end early."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from hashlib import sha256

import pytest
import zstandard
from known_formats import json_lines, read, zst

from provenance.corpus.formats.compression import decompressed
from provenance.corpus.formats.zstandard_frames import LARGEST_WINDOW

LONG_WINDOW = base64.b64decode(
    "KLUv/QCo/QEA1AJ7InRleHQiOiAicm93IDAgYWJvdXQgdGlkZXMgYW5kIG1vb25zIn0KMTIzNDUGAGARoDygZEAp"
    "QHmxZFUG"
)
"""Six rows in a frame whose window is 2 GiB, as ``zstd --ultra --long=31`` writes it."""
SKIPPABLE = b"\x5a\x2a\x4d\x18\x03\0\0\0abc"

Compress = Callable[[bytes], bytes]


def checked(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def long_distance(data: bytes) -> bytes:
    chosen = zstandard.ZstdCompressionParameters.from_level(3, enable_ldm=True, window_log=27)
    return zstandard.ZstdCompressor(compression_params=chosen).compress(data)


COMPRESS: dict[str, tuple[str, Compress]] = {
    "gzip": (".gz", gzip.compress),
    "bzip2": (".bz2", bz2.compress),
    "xz": (".xz", lzma.compress),
    "zstd": (".zst", zstandard.compress),
    "zstd as a stream": (".zst", zst),
    "zstd with checksums": (".zst", checked),
    "zstd with a long window": (".zst", long_distance),
    "zstd behind another frame": (".zst", lambda data: SKIPPABLE + zst(data) + SKIPPABLE),
}
ALL = pytest.mark.parametrize(("suffix", "compress"), COMPRESS.values(), ids=COMPRESS)
DATA = b"".join(b'{"text": "%d"}\n' % number for number in range(20_000))


def plain(stored: bytes, suffix: str) -> bytes:
    return decompressed(io.BytesIO(stored), suffix).read()  # type: ignore[arg-type]


@ALL
def test_streams_follow_one_another(suffix: str, compress: Compress) -> None:
    assert plain(compress(DATA), suffix) == DATA
    assert plain(compress(DATA[:1000]) + compress(b"") + compress(DATA[1000:]), suffix) == DATA
    assert plain(compress(b""), suffix) == b""


@ALL
@pytest.mark.parametrize("junk", [b"x", b"junk behind the end of the last stream"])
def test_what_follows_the_last_stream_is_no_silence(
    suffix: str, compress: Compress, junk: bytes
) -> None:
    with pytest.raises(OSError, match=r"gzip|bzip2|xz|zstd|BZ|magic"):
        plain(compress(DATA) + junk, suffix)


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_zeros_behind_the_last_stream_are_padding(suffix: str) -> None:
    compress = dict(COMPRESS.values())[suffix]
    assert plain(compress(DATA) + bytes(512), suffix) == DATA


@ALL
@pytest.mark.parametrize("cut", [1, 4, 0.5])
def test_a_truncated_file_keeps_what_came_before(
    suffix: str, compress: Compress, cut: float
) -> None:
    # So many that bzip2 and xz, which compress slowly, end soon.
    n_rows = 8000 if suffix in (".gz", ".zst") else 2000
    rows = [{"text": sha256(b"%d" % number).hexdigest()} for number in range(n_rows)]
    stored = compress(json_lines(rows)).removesuffix(SKIPPABLE)
    kept = len(stored) - cut if cut >= 1 else len(stored) * cut
    *read_rows, (line, last) = read(f".jsonl{suffix}", stored[: int(kept)])
    assert read_rows == list(enumerate(rows, 1))[: len(read_rows)]
    # A block of bzip2 or xz is read whole or not at all.
    assert len(read_rows) >= (0.3 if suffix in (".gz", ".zst") else 0.0) * len(rows)
    assert line == len(read_rows) + 1
    assert "truncated" in str(last)


def test_the_longest_window_is_read() -> None:
    assert [row["text"] for _, row in read(".jsonl.zst", LONG_WINDOW)] == [
        f"row {number} about tides and moons" for number in range(6)
    ]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        pytest.param(b"\0\xb0", "window of 4,096 MiB is longer than the 2,048 MiB", id="window"),
        pytest.param(b"\0\xff", "window of ", id="the longest that can be said"),
        pytest.param(b"\xe0" + b"\xff" * 8, "is longer than", id="in one piece"),
        pytest.param(b"\1\x58\7", "with a dictionary", id="dictionary"),
    ],
)
def test_a_frame_that_asks_for_too_much_says_so(head: bytes, said: str) -> None:
    with pytest.raises(OSError, match=said):
        plain(b"\x28\xb5\x2f\xfd" + head + b"\1\0\0", ".zst")
    assert LARGEST_WINDOW == 2**31


def test_a_few_bytes_that_blow_up_are_given_in_pieces() -> None:
    bomb = zstandard.compress(bytes(2**28))
    stream = decompressed(io.BytesIO(bomb), ".zst")  # type: ignore[arg-type]
    assert len(bomb) < 2**15 and len(stream.read1(2**22)) <= 2**20


def test_a_dictionary_of_xz_that_is_too_large_says_so() -> None:
    chain = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**20}]
    stored = bytearray(lzma.compress(b"a", filters=chain))
    # The largest that the format has, 4 GiB; the checksum of the head no longer fits.
    stored[16] = 40
    with pytest.raises(OSError, match="xz: "):
        plain(bytes(stored), ".xz")


@pytest.mark.parametrize("suffix", [".bz2", ".xz", ".zst"])
def test_an_empty_file_is_no_stream(suffix: str) -> None:
    assert "damaged" in str(read(f".jsonl{suffix}", b"")[0][1])
