"""The ids of o200k_base by our own compiled loops where a text is mostly ASCII: the same ids.

tiktoken cuts a text by a regular expression that goes back and forth; the loops of
`token_kernels` read it once, three to six times as fast. They stand behind the same test as
gigatoken, and leave to others what they do not know.
"""

from __future__ import annotations

import functools
import threading
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.tested_tokens import HARD, AgainstTiktoken, is_switched_off
from provenance.features.tokens import LONGEST_RUN, has_long_run, load_encoding

if TYPE_CHECKING:
    from provenance.features.token_kernels import Vocabulary

__all__ = ["LOADING_PAYS", "CompiledEncoder", "code_point_classes", "compiled_encoder"]

_PATTERN: Final = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
"""Of o200k_base in tiktoken 0.14: with another one the loops are not used."""

LOADING_PAYS: Final = 1 << 20
"""Characters that a process reads with tiktoken before the tables are made, which takes as long as
tiktoken takes for two million. A round figure, not tuned."""

_MOST_BYTES: Final = 1.25
"""Bytes a character up to which a text is read here. Scripts without spaces make long pieces, which
are merged more slowly than tiktoken does: Chinese takes 1.5 times as long, Korean 0.6 times."""
_MOST_CODES: Final = 0x20000
"""Code points that may be known; the letters above are all Chinese."""
_SHORT_BITS: Final = 19
_LONG_BITS: Final = 15
_MEMORY_BITS: Final = 16
"""Pieces that were merged are remembered in 1.5 MB, whatever is read: a round figure, not tuned."""
_MOST_TOKENS: Final = 1 << 18
_LONGEST_TOKEN: Final = 128


@functools.cache
def compiled_encoder(name: str) -> CompiledEncoder | None:
    """The encoder of an encoding, once a process; None where there is none to be trusted.

    Examples
    --------
    >>> compiled_encoder("cl100k_base") is None
    True
    """
    if is_switched_off():
        return None
    encoding = load_encoding(name)
    ranks: dict[bytes, int] = getattr(encoding, "_mergeable_ranks", {})
    is_known = getattr(encoding, "_pat_str", "") == _PATTERN and 0 < len(ranks) <= _MOST_TOKENS
    if (
        not is_known
        or max(map(len, ranks)) > _LONGEST_TOKEN
        or [*ranks.values()] != [*range(len(ranks))]
    ):
        return None
    return CompiledEncoder(name, [*ranks])


class CompiledEncoder:
    """tiktoken's ids for those texts that the loops know.

    Parameters
    ----------
    name : str
        Of the encoding.
    tokens : sequence of bytes
        Its tokens in the order of their ids.
    """

    def __init__(self, name: str, tokens: Sequence[bytes]) -> None:
        self._vocabulary = _vocabulary(tokens)
        self._memories = threading.local()  # what two threads wrote to would be neither's
        self._test = AgainstTiktoken("the compiled tokenizer", name)
        hard = [text for text in HARD if _is_for_us(text, text.encode())]
        ids, n_tokens = self._ids([text.encode() for text in hard])
        self.is_trusted = self._test.agrees(hard, ids, n_tokens, all_of_them=True)

    def encode(
        self, texts: Sequence[str], encoded: Sequence[bytes] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]] | None:
        """Ids of some texts, one behind the other, and how many each has: -1 if it was not read.

        None where the loops are not trusted any more.

        Parameters
        ----------
        texts : sequence of str
        encoded : sequence of bytes, optional
            The same as UTF-8, without lone surrogates.
        """
        if not self.is_trusted:
            return None
        data = [_as_utf8(text) for text in texts] if encoded is None else encoded
        ours = [_is_for_us(*both) for both in zip(texts, data, strict=True)]
        read = data if all(ours) else [data[at] if ours[at] else b"" for at in range(len(data))]
        ids, n_tokens = self._ids(read)
        n_tokens[~np.array(ours, bool)] = -1
        if not self._test.agrees(texts, ids, n_tokens):
            self.is_trusted = False  # never back: another thread may have found a difference
        return (ids, n_tokens) if self.is_trusted else None

    def _ids(self, encoded: Sequence[bytes]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        from provenance.features.token_kernels import PADDING, ids_of_texts

        memory = getattr(self._memories, "held", None)
        if memory is None:
            memory = self._memories.held = np.zeros((1 << _MEMORY_BITS, 3), np.uint64)
        bounds = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        data = np.frombuffer(b"".join([*encoded, bytes(PADDING)]), np.uint8)
        return ids_of_texts(data, bounds, *self._vocabulary, memory)  # type: ignore[no-any-return]


def _as_utf8(text: str) -> bytes:
    """As UTF-8; of a text with a lone surrogate so many bytes that others read it."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return bytes(2 * len(text))


def _is_for_us(text: str, encoded: bytes) -> bool:
    if len(encoded) > _MOST_BYTES * len(text):
        return False
    return len(text) <= LONGEST_RUN or not has_long_run(text)


def _vocabulary(tokens: Sequence[bytes]) -> Vocabulary:
    from provenance.features.token_kernels import PADDING, Vocabulary, fill

    made = Vocabulary(
        short=np.zeros((1 << _SHORT_BITS, 3), np.uint64),
        long=np.full(1 << _LONG_BITS, -1, np.int32),
        pairs=np.full((256, 256), -1, np.int32),
        content=np.frombuffer(b"".join([*tokens, bytes(PADDING)]), np.uint8),
        ends=np.cumsum([*map(len, tokens)], dtype=np.int64),
        classes=code_point_classes(),
    )
    fill(*made[:-1])
    return made


_SPACES: Final = (
    *(0x09, 0x0B, 0x0C, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)),
    *(0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
)
"""White space as Unicode's property and the regular expression have it, but for line ends."""
_MEANINGLESS: Final = ("Cn", "Co", "Cs")
_LONG_S: Final = 0x17F
"""Taken for an s where case does not count, and so for a contraction: others read its texts."""


@functools.cache
def code_point_classes() -> NDArray[np.uint8]:
    """Class of each code point below 2^17; unknown where versions of Unicode may not be at one.

    A letter, mark or digit is known that was one in Unicode 3.2 already; what is none of these
    counts as if it had no meaning, which it may not have elsewhere.

    Examples
    --------
    >>> code_point_classes()[[*map(ord, "Aa中1 .")]].tolist()
    [0, 1, 2, 4, 5, 7]
    """
    from provenance.features import token_kernels as kernels

    classes = dict.fromkeys(("Lu", "Lt"), kernels.UPPER) | {"Ll": kernels.LOWER}
    classes |= dict.fromkeys(("Lm", "Lo"), kernels.BOTH)
    classes |= dict.fromkeys(("Mn", "Mc", "Me"), kernels.MARK)
    classes |= dict.fromkeys(("Nd", "Nl", "No"), kernels.DIGIT)
    classes |= dict.fromkeys(_MEANINGLESS, kernels.UNKNOWN)

    def of(category: Callable[[str], str]) -> NDArray[np.uint8]:
        kinds = (classes.get(category(chr(code)), kernels.OTHER) for code in range(_MOST_CODES))
        return np.fromiter(kinds, np.uint8, _MOST_CODES)

    now, then = of(unicodedata.category), of(unicodedata.ucd_3_2_0.category)
    is_new = (now == kernels.OTHER) & (then == kernels.UNKNOWN)
    found = np.where((now == then) | is_new, now, np.uint8(kernels.UNKNOWN)).astype(np.uint8)
    found[[*_SPACES]] = kernels.SPACE
    found[[ord("\n"), ord("\r")]] = kernels.LINE_END
    found[_LONG_S] = kernels.UNKNOWN
    return found
