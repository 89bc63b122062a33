"""Small encoders of the published schemes, written from their descriptions."""

from __future__ import annotations

from collections.abc import Callable

from provenance.features.normalize.homoglyphs import look_alikes

COVER = (
    "Once upon a time a clever fox opened a box of apples, pears and peaches; each piece was sweet,"
    " ripe and crisp. People came across valleys and copious plains to eat, speak and dance all"
    " night. No one complained, except one cat. The cat, who owned a coat of exotic purple, spoke"
    " softly about peace, about patience, and about a post office that no postal person operates."
)


def inserted(hidden: str) -> str:
    """The hidden characters at one place of the cover."""
    return COVER[:100] + hidden + COVER[100:]


def scattered(hidden: str, size: int = 8) -> str:
    """The hidden characters in groups at several places of the cover."""
    groups = [hidden[start : start + size] for start in range(0, len(hidden), size)]
    step = max(1, len(COVER) // (len(groups) + 1))
    pieces = [COVER[n * step : (n + 1) * step] + group for n, group in enumerate(groups)]
    return "".join([*pieces, COVER[len(groups) * step :]])


def bits_of(message: str, width: int = 8) -> str:
    if width == 8:
        return "".join(format(byte, "08b") for byte in message.encode())
    return "".join(format(ord(character), f"0{width}b") for character in message)


def digits_of(number: int, base: int) -> list[int]:
    found = [number % base]
    while number := number // base:
        found.append(number % base)
    return found[::-1]


def fixed(message: str, alphabet: str, width: int) -> str:
    """Each code unit as so many digits."""
    units = [digits_of(ord(character), len(alphabet)) for character in message]
    padded = [[0] * (width - len(unit)) + unit for unit in units]
    return "".join(alphabet[digit] for unit in padded for digit in unit)


def fixed_bytes(message: str, alphabet: str) -> str:
    return fixed(message.encode().decode("latin-1"), alphabet, 4)


def parted(message: str, alphabet: str, separator: str) -> str:
    units = [digits_of(ord(character), len(alphabet)) for character in message]
    return separator.join("".join(alphabet[digit] for digit in unit) for unit in units)


def binary(message: str, zero: str, one: str, width: int = 8) -> str:
    return bits_of(message, width).replace("0", zero).replace("1", one)


def umpox(message: str) -> str:
    """Bits of a character, ZWJ between characters, FEFF between all."""
    spaced = " ".join(format(ord(character), "08b") for character in message)
    table = {"1": "\u200b", "0": "\u200c", " ": "\u200d"}
    return "\ufeff".join(table[sign] for sign in spaced)


def selectors(message: str | bytes) -> str:
    data = message if isinstance(message, bytes) else message.encode()
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in data)


def tags(message: str) -> str:
    return "".join(chr(0xE0000 + ord(character)) for character in message)


def stegcloak(message: str) -> str:
    """Without a password; 0 and 1 doubled are one character."""
    alphabet = "\u200c\u200d\u2061\u2062\u2063\u2064"
    pairs = "".join(format(255 - byte, "08b") for byte in message.encode())
    digits = "2" + "".join(str(int(pairs[n : n + 2], 2)) for n in range(0, len(pairs), 2))
    shrunk = "0" + digits.replace("00", "4").replace("11", "5")
    return "".join(alphabet[int(digit)] for digit in shrunk)


def innamark(message: str) -> str:
    alphabet = "\u2008\u2009\u202f\u205f"
    quads = ["".join(alphabet[byte >> 2 * n & 3] for n in range(4)) for byte in message.encode()]
    spaces = iter("\u2004" + "".join(quads) + "\u2004")
    cover = f"{COVER} {COVER}"
    return "".join(next(spaces, " ") if sign == " " else sign for sign in cover)


def spaces(message: str) -> str:
    bits = iter(bits_of(message))
    cover = " ".join([COVER] * 4)
    return "".join(" \u2005"[int(next(bits, "0"))] if c == " " else c for c in cover)


def swapped(message: str, letters: str = "aceopxy") -> str:
    other = {latin: letter for letter, latin in look_alikes().items() if "\u0400" <= letter <= "ӿ"}
    bits = iter(bits_of(message))
    cover = " ".join([COVER] * 3)
    return "".join(other[c] if c in letters and next(bits, "0") == "1" else c for c in cover)


def snow(message: str) -> str:
    """Three bits a run of spaces, five runs a line, after a first tab."""
    bits = bits_of(message)
    bits += "0" * (-len(bits) % 3)
    runs = [int(bits[n : n + 3][::-1], 2) * " " + "\t" for n in range(0, len(bits), 3)]
    lines = ["".join(runs[n : n + 5]) for n in range(0, len(runs), 5)]
    return "\n".join(
        f"Line {n} of a poem{'' if n else chr(9)}{line}" for n, line in enumerate(lines)
    )


ENCODERS: dict[str, Callable[[str], str]] = {
    "unicode tags": lambda m: inserted(tags(m)),
    "variation selectors as bytes": lambda m: "\U0001f60a" + selectors(m) + COVER,
    "variation selectors on an emoji of its own form": lambda m: f"\u2764\ufe0f{selectors(m)}!",
    "a selector after each letter": lambda m: scattered(selectors(m), 1),
    "zwsp-steg": lambda m: inserted(fixed(m, "\u200b\u200c\u200d", 11)),
    "zwsp-steg full": lambda m: inserted(fixed(m, "\u200b\u200c\u200d\u200e\u200f", 7)),
    "unicode_steganography": lambda m: scattered(fixed(m, "\u200c\u200d\u202c\ufeff", 8)),
    "unicode_steganography binary": lambda m: scattered(
        fixed_bytes(m, "\u200c\u200d\u202c\ufeff"), 4
    ),
    "base 4 FEFF": lambda m: inserted(fixed_bytes(m, "\u200b\u200c\u200d\ufeff")),
    "base 4 2060": lambda m: inserted(fixed_bytes(m, "\u200b\u200c\u200d\u2060")),
    "zero-width-lib": lambda m: inserted(parted(m, "\u200e\u200f\u200c\u200d\ufeff", "\u200b")),
    "zwus": lambda m: inserted(parted(m, "\u200d\u200f\xad\u2060\u200b\u200e", "\u200c")),
    "stegcloak": lambda m: inserted(stegcloak(m)),
    "binary ZWSP ZWNJ": lambda m: inserted(binary(m, "\u200b", "\u200c")),
    "binary ZWNJ ZWJ": lambda m: inserted(binary(m, "\u200c", "\u200d")),
    "binary ZWJ ZWSP": lambda m: inserted(binary(m, "\u200d", "\u200b")),
    "binary ZWSP FEFF": lambda m: scattered(binary(m, "\u200b", "\ufeff")),
    "binary sneaky bits": lambda m: inserted(binary(m, "\u2062", "\u2064")),
    "binary 16": lambda m: inserted(binary(m, "\u200b", "\u200c", 16) + "\u200d"),
    "binary 7": lambda m: inserted(binary(m, "\u200b", "\u200c", 7)),
    "binary between marks": lambda m: inserted(
        f"\u2060{binary(m, chr(0x200B), chr(0x200C))}\u2060"
    ),
    "umpox": lambda m: inserted(umpox(m)),
    "in Persian": lambda m: f"می{binary(m, chr(0x200C), chr(0x200D))}خواهم بروم",
    "innamark": innamark,
    "spaces": spaces,
    "homoglyphs": swapped,
    "snow": snow,
    "snow on DOS": lambda m: snow(m).replace("\n", "\r\n"),
}
