r"""Published ways to write a message in characters that nobody sees, read back.

A stream of hidden characters is read by every convention whose alphabet and length fit; `chance`
says which reading counts.
"""

from __future__ import annotations

import codecs
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final

from provenance.evidence.hidden.chance import Decoded, Decoding, best

__all__ = ["read_bits", "read_spaces", "read_stream"]

_MOST_ALPHABET: Final = 5
_C2PA: Final = b"C2PATXT\0"
_STEGCLOAK: Final = "\u200c\u200d\u2061\u2062\u2063\u2064"
_INNAMARK: Final = "\u2008\u2009\u202f\u205f"
_INNAMARK_SEPARATOR: Final = "\u2004"

# Name, digits in order, digits of a number, bytes of a number.
_FIXED: Final = (
    ("zwsp-steg", "\u200b\u200c\u200d", 11, 2),
    ("zwsp-steg full", "\u200b\u200c\u200d\u200e\u200f", 7, 2),
    ("unicode_steganography", "\u200c\u200d\u202c\ufeff", 8, 2),
    ("unicode_steganography binary", "\u200c\u200d\u202c\ufeff", 4, 1),
    ("base 4 of U+200B 200C 200D FEFF", "\u200b\u200c\u200d\ufeff", 4, 1),
    ("base 4 of U+200B 200C 200D 2060", "\u200b\u200c\u200d\u2060", 4, 1),
)
# Name, digits in order, what parts the numbers.
_PARTED: Final = (
    ("zero-width-lib", "\u200e\u200f\u200c\u200d\ufeff", "\u200b"),
    ("zwus", "\u200d\u200f\xad\u2060\u200b\u200e", "\u200c"),
)


# --- numbers to text -----------------------------------------------------------------------------


def _utf_8(scheme: str, data: bytes) -> Decoded | None:
    """Bytes as UTF-8; the last character may be cut, and zeros at the end are padding."""
    stripped = data.rstrip(b"\0")
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(stripped)
    except UnicodeDecodeError:
        return None
    return Decoded(scheme, text, 8 * len(text.encode())) if text else None


def _utf_16(scheme: str, data: bytes) -> Decoded | None:
    try:
        text = data.decode("utf-16-be").rstrip("\0")
    except UnicodeDecodeError:
        return None
    return Decoded(scheme, text, 16 * len(text)) if text else None


def _code_points(scheme: str, numbers: Sequence[int], n_bits: float) -> Decoded | None:
    if not numbers or max(numbers) > 0x10FFFF:
        return None
    text = "".join(map(chr, numbers))
    return Decoded(scheme, text, n_bits) if text.isprintable() or "\n" in text else None


def read_bits(bits: str, told: str, widths: Sequence[int] = (8, 7)) -> Iterator[Decoded | None]:
    """Read bits in groups, the highest bit first; what is left over at the end is dropped.

    Parameters
    ----------
    bits : str
        Of ``0`` and ``1``.
    told : str
        Name of the scheme, to which the width is added.
    widths : sequence of int
        Bits of a character: 7, 8 (UTF-8) or 16 (UTF-16).

    Examples
    --------
    >>> next(read_bits("0110100001101001", "binary"))
    Decoded(scheme='binary, 8 bits', text='hi', n_bits=16)
    """
    for width in widths:
        whole = bits[: len(bits) // width * width]
        if not whole:
            continue
        scheme = f"{told}, {width} bits"
        if width == 7:
            starts = range(0, len(whole.rstrip("0")), 7)
            numbers = [int(whole[start : start + 7], 2) for start in starts]
            yield _code_points(scheme, numbers, 7 * len(numbers))
        else:
            data = int(whole, 2).to_bytes(len(whole) // 8, "big")
            yield (_utf_16 if width == 16 else _utf_8)(scheme, data)


# --- streams of hidden characters ----------------------------------------------------------------


def read_stream(kind: str, stream: str, *, cut: bool = False) -> Decoding | None:
    r"""What a stream of hidden characters says, where a known scheme reads it.

    Parameters
    ----------
    kind : {"zero_width", "variation_selector", "tag_characters"}
    stream : str
        The hidden characters alone.
    cut : bool
        Whether more of them follow.

    Examples
    --------
    >>> read_stream("tag_characters", "\U000e0068\U000e0065\U000e0079")
    Decoding(scheme='unicode tags', payload='hey', chance=None)
    """
    if kind == "tag_characters":
        return _tags(stream)
    if kind == "variation_selector":
        return _selectors(stream)
    if len(stream) >= 16 and _is_stegcloak(stream):
        plain = best([_stegcloak(stream)])
        return plain or Decoding("stegcloak", None)
    return best([*_fixed(stream, cut), *_parted(stream), *_binary(stream, cut)])


def _tags(stream: str) -> Decoding | None:
    """Unicode defines these as copies of ASCII: nothing is guessed."""
    text = "".join(chr(ord(c) - 0xE0000) for c in stream if c not in "\U000e0001\U000e007f")
    return Decoding("unicode tags", text) if text and text.isprintable() else None


def _selectors(stream: str) -> Decoding | None:
    """One selector is one byte: VS1 to VS16 are 0 to 15, VS17 to VS256 are 16 to 255."""
    codes = map(ord, stream)
    data = bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes)
    if _C2PA in data[:16]:
        return Decoding("c2pa text manifest", None)
    scheme = "variation selectors as bytes"
    # Before the payload may stand the selector that the emoji itself has.
    tried = [_utf_8(scheme, data), _utf_8(scheme, data.lstrip(b"\x0e\x0f"))]
    return best([*tried, *_binary(stream, cut=True)])


def _fixed(stream: str, cut: bool) -> Iterator[Decoded | None]:
    for scheme, digits, width, n_bytes in _FIXED:
        if set(stream) <= set(digits) and (cut or not len(stream) % width):
            whole = _digits(stream[: len(stream) // width * width], digits)
            starts = range(0, len(whole), width)
            numbers = [int(whole[start : start + width], len(digits)) for start in starts]
            fits = bool(numbers) and max(numbers) < 256**n_bytes
            data = b"".join(n.to_bytes(n_bytes, "big") for n in numbers) if fits else b""
            yield (_utf_16 if n_bytes == 2 else _utf_8)(scheme, data)


def _parted(stream: str) -> Iterator[Decoded | None]:
    for scheme, digits, separator in _PARTED:
        if separator in stream and set(stream) <= set(digits + separator):
            groups = _digits(stream, digits).split(separator)
            n_bits = math.log2(len(digits)) * (len(stream) - len(groups) + 1)
            yield _numbers(scheme, groups, len(digits), n_bits)


def _digits(stream: str, alphabet: str) -> str:
    return stream.translate({ord(digit): str(value) for value, digit in enumerate(alphabet)})


def _numbers(scheme: str, groups: Sequence[str], base: int, n_bits: float) -> Decoded | None:
    if not all(0 < len(group) <= 21 for group in groups):
        return None
    return _code_points(scheme, [int(group, base) for group in groups], n_bits)


def _binary(stream: str, cut: bool) -> Iterator[Decoded | None]:
    """Two of the characters are the bits; others part the characters or do nothing."""
    alphabet = sorted(set(stream))
    if not 2 <= len(alphabet) <= _MOST_ALPHABET:
        return
    for zero, one in permutations(alphabet, 2):
        others = [character for character in alphabet if character not in (zero, one)]
        table = {ord(zero): "0", ord(one): "1"}
        told = f"binary, U+{ord(zero):04X} is 0 and U+{ord(one):04X} is 1"
        dropped: dict[int, str | None] = {**table, **dict.fromkeys(map(ord, others))}
        bits = stream.translate(dropped)
        yield from read_bits(bits, told, [w for w in (8, 7, 16) if cut or not len(bits) % w])
        for separator in others:
            rest = {code: value for code, value in dropped.items() if code != ord(separator)}
            groups = [g for g in stream.translate(rest).split(separator) if g]
            yield _numbers(f"{told}, parted by U+{ord(separator):04X}", groups, 2, len(bits))


def _is_stegcloak(stream: str) -> bool:
    found = set(stream)
    return found <= set(_STEGCLOAK) and len(found & set(_STEGCLOAK[2:])) >= 3


def _stegcloak(stream: str) -> Decoded | None:
    """StegCloak without a password: pairs of bits, doubled digits as one, complemented bytes."""
    digits = _digits(stream, _STEGCLOAK)
    pairs = ("01", "02", "03", "12", "13", "23")
    pair = pairs[int(digits[0])]
    digits = digits[1:].replace("4", 2 * pair[0]).replace("5", 2 * pair[1])
    if digits[:1] != "2" or len(digits) % 4 != 1:
        return None
    starts = range(1, len(digits), 4)
    return _utf_8("stegcloak", bytes(255 - int(digits[start : start + 4], 4) for start in starts))


def read_spaces(odd: str) -> Iterator[Decoded | None]:
    """Read a stream of spaces other than U+0020, in order, by what parts or pairs them.

    Examples
    --------
    >>> next(read_spaces("\\u2008\\u205f\\u2009\\u2009\\u2004" * 2), None)
    Decoded(scheme='innamark', text='\\\\', n_bits=8)
    """
    if set(odd) <= set(_INNAMARK + _INNAMARK_SEPARATOR) and _INNAMARK_SEPARATOR in odd:
        segments = Counter(part for part in odd.split(_INNAMARK_SEPARATOR) if part)
        commonest = segments.most_common(1)[0][0] if segments else ""
        values = [_INNAMARK.index(character) for character in commonest]
        data = bytes(
            sum(digit << 2 * place for place, digit in enumerate(values[start : start + 4]))
            for start in range(0, len(values) // 4 * 4, 4)
        )
        yield _utf_8("innamark", data)
        yield _utf_8("innamark", data[1:])  # a tag begins with a byte that tells its kind
    yield from _binary(odd, cut=True)
