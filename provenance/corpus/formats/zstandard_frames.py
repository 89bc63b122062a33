"""Zstandard frames, read block by block (RFC 8878, section 3).

The package's own readers take a truncated file for a whole one and give what a few stored bytes
may blow up to at once. The frames are therefore walked here: a block gives 128 KiB at most, where
the last one ends is known, and the window is known before memory is taken for it.
"""

from __future__ import annotations

import io
from typing import Any, Final

__all__ = ["LARGEST_WINDOW", "Frames"]

LARGEST_WINDOW: Final = 2**31
"""Longest window that is read, in bytes of memory; the most that the library itself takes."""

_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_SKIPPABLE: Final = b"\x2a\x4d\x18"
"""The last three bytes of the first four of a skippable frame; the first is 0x50 to 0x5f."""
_LARGEST_BLOCK: Final = 2**17
_RLE: Final = 1
_RESERVED: Final = 3


class Frames:
    """The plain bytes of all frames of a file, one after another.

    Examples
    --------
    >>> import zstandard
    >>> stored = zstandard.compress(b"one ") + zstandard.compress(b"two")
    >>> frames = Frames(io.BytesIO(stored))
    >>> frames.read(100), frames.read(100), frames.read(100)
    (b'one ', b'two', b'')
    """

    def __init__(self, raw: Any) -> None:
        self._raw = io.BufferedReader(raw) if isinstance(raw, io.RawIOBase) else raw
        self._frame: Any = None
        self._checksum = False
        self._plain = b""
        self._at = 0
        self._is_first = True

    def read(self, size: int) -> bytes:
        """Give at least one byte; none at the end of the last frame.

        Raises
        ------
        OSError
            Where a frame is damaged, ends early, or asks for too much memory.
        """
        while self._at == len(self._plain):
            self._at = 0
            if self._frame is None and not self._begin():
                self._plain = b""
                return b""
            self._plain = self._block()
        data = self._plain[self._at : self._at + size]
        self._at += len(data)
        return data

    def _stored(self, size: int) -> bytes:
        data = bytes(self._raw.read(size) or b"")
        if len(data) < size:
            raise OSError("zstd: the frame ends before its end was written")
        return data

    def _begin(self) -> bool:
        """Go to the first block of the next frame that holds something; whether there is one."""
        while True:
            magic = bytes(self._raw.read(4) or b"")
            if not magic and not self._is_first:
                return False
            self._is_first = False
            if len(magic) == 4 and magic[0] >> 4 == 5 and magic[1:] == _SKIPPABLE:
                self._skip(int.from_bytes(self._stored(4), "little"))
                continue
            if magic != _MAGIC:
                raise OSError("zstd: no frame begins where one should")
            self._open_frame(magic)
            return True

    def _skip(self, size: int) -> None:
        while size:
            size -= len(self._stored(min(size, _LARGEST_BLOCK)))

    def _open_frame(self, magic: bytes) -> None:
        import zstandard

        head = self._stored(1)
        is_single, has_dictionary = head[0] >> 5 & 1, (0, 1, 2, 4)[head[0] & 3]
        n_content = (is_single, 2, 4, 8)[head[0] >> 6]
        rest = self._stored((0 if is_single else 1) + has_dictionary + n_content)
        content = int.from_bytes(rest[len(rest) - n_content :], "little")
        window = content + 256 * (n_content == 2) if is_single else _window(rest[0])
        if window > LARGEST_WINDOW:
            raise OSError(
                f"zstd: its window of {_size(window)} is longer than the {_size(LARGEST_WINDOW)}"
                " of memory that one may take"
            )
        dictionary = rest[0 if is_single else 1 :][:has_dictionary]
        if any(dictionary):
            raise OSError("zstd: it was compressed with a dictionary, which is not in the file")
        self._checksum = bool(head[0] & 4)
        found = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._frame = found.decompressobj()
        self._feed(magic + head + rest, window)

    def _block(self) -> bytes:
        head = self._stored(3)
        number = int.from_bytes(head, "little")
        is_last, kind, size = number & 1, number >> 1 & 3, number >> 3
        if kind == _RESERVED or size > _LARGEST_BLOCK:
            raise OSError("zstd: a block that cannot be")
        data = head + self._stored(1 if kind == _RLE else size)
        data += self._stored(4) if is_last and self._checksum else b""
        plain = self._feed(data)
        if is_last:
            if not self._frame.eof:
                raise OSError("zstd: the frame does not end where it should")
            self._frame = None
        return plain

    def _feed(self, data: bytes, window: int = 0) -> bytes:
        import zstandard

        try:
            return bytes(self._frame.decompress(data))
        except (zstandard.ZstdError, MemoryError) as error:
            reason = f"{error}".removeprefix("zstd decompress error: ") or "no memory"
            more = f" (its window takes {_size(window)})" if window else ""
            raise OSError(f"zstd: {reason}{more}") from error


def _window(descriptor: int) -> int:
    base = 1 << (10 + (descriptor >> 3))
    return base + (base >> 3) * (descriptor & 7)


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 2**20:,.0f} MiB"
