"""A tokenizer that stands in for tiktoken is tested against tiktoken itself, as texts come."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from provenance.errors import ProvenanceWarning
from provenance.features.tokens import encode, load_encoding

__all__ = ["HARD", "SWITCH", "AgainstTiktoken", "has_met", "is_switched_off", "tell_of_tiktoken"]

SWITCH: Final = "PROVENANCE_TOKENIZER"
"""Environment variable: ``tiktoken`` leaves out all that stands in for it."""

HARD: Final = (
    "",
    " ",
    "  \n\n \t  x",
    "\r\n\r\n a\r b\n\r",
    "trailing   \n   \n",
    "I'll we'VE don't DON'T it'S l'été O’Brien's 'tis",
    "12345678901 3.14159 1,000,000 ٣٤٥ ⅷ x²",
    "<|endoftext|><|im_start|>user<|fim_prefix|>",
    "camelCaseHTTPServer snake_case kebab-case SHOUTING",
    "def f(x):\n\treturn {'a': [1, 2]}  # ok!!!???...\n",
    "https://example.org/a_b?c=d&e=%20#f user@example.org",
    "—“quoted”— …‘single’ «guillemets»",
    "你好，世界。日本語のテキスト 한국어 문장 ภาษาไทย",
    "مرحبا بالعالم שלום हिन्दी देवनागरी தமிழ்",
    "e\u0301 a\u0308o n\u0303 \u01c5 ß ſ İ ı ﬁ K",
    "😀👩‍👩‍👧‍👦🇨🇭🏳️‍🌈 ✅✔︎ →↗",
    "\u200b\u200d\ufeff zero\u200bwidth \u2028 \u2029 \u3000 wide",
    "\x0b\x0c\x1c\x1f control\x00nul",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "----------------==================################********",
    " " * 300 + "x" + "\n" * 300 + "y" + "\t" * 70,
    "pneumonoultramicroscopicsilicovolcanoconiosis zxqjvkwq qqqqzzzz",
)
"""Texts that tokenizers disagree on."""

_FIRST: Final = 1 << 18
"""Characters of a process's first texts that are read twice: 15 ms; a round figure."""


_MET: Final[Counter[str]] = Counter()
"""Characters that this process was given before, by what they were counted for."""


def has_met(characters: int, what: str, texts: Sequence[str]) -> bool:
    """Whether this process was given so many characters before; if not, these are counted.

    Examples
    --------
    >>> has_met(3, "an example", ["four"]), has_met(3, "an example", ["more"])
    (False, True)
    """
    if _MET[what] >= characters:
        return True
    _MET[what] += sum(map(len, texts))
    return False


def is_switched_off() -> bool:
    """Whether tiktoken is asked for.

    Examples
    --------
    >>> is_switched_off()
    False
    """
    return os.environ.get(SWITCH, "") == "tiktoken"


class AgainstTiktoken:
    """Compares some ids with tiktoken's, and tells of the first difference.

    Parameters
    ----------
    who : str
        What stands in for tiktoken, as people know it.
    name : str
        Of the encoding.
    """

    def __init__(self, who: str, name: str) -> None:
        self._who, self._name = who, name
        self._unread = _FIRST

    def agrees(
        self,
        texts: Sequence[str],
        ids: npt.NDArray[np.int32],
        n_tokens: npt.NDArray[np.int64],
        *,
        all_of_them: bool = False,
    ) -> bool:
        """Whether tiktoken finds the same ids in some of the texts.

        Parameters
        ----------
        texts : sequence of str
        ids : ndarray of int32
            Of the texts that were read, one behind the other.
        n_tokens : ndarray of int64, shape (len(texts),)
            -1 for a text that was not read.
        all_of_them : bool
            Not the first of the process and one of each batch alone.

        Examples
        --------
        >>> test = AgainstTiktoken("a tokenizer", "cl100k_base")
        >>> test.agrees(["one", "two"], np.array([606, 20375]), np.array([1, 1]))
        True
        """
        encoding = load_encoding(self._name)
        ends = np.cumsum(np.maximum(n_tokens, 0))
        read = np.flatnonzero(n_tokens >= 0).tolist()
        for place in read if all_of_them else self._to_read_twice(texts, read):
            found = ids[ends[place] - n_tokens[place] : ends[place]]
            if not np.array_equal(found, encode(texts[place], encoding)):
                tell_of_tiktoken(f"{self._who} cuts a text otherwise than tiktoken", tested=True)
                return False
        return True

    def _to_read_twice(self, texts: Sequence[str], read: Sequence[int]) -> Iterable[int]:
        for number, place in enumerate(read):
            if number and self._unread <= 0:
                return
            self._unread -= len(texts[place])
            yield place


def tell_of_tiktoken(what: str, *, tested: bool = False) -> None:
    """Say why tiktoken is used: in any process, as it hangs on the texts that this one was given.

    Parameters
    ----------
    what : str
    tested : bool
        Whether texts were read before without it.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as told:
    ...     tell_of_tiktoken("It failed")
    >>> str(told[0].message)
    'It failed: tiktoken is used from here on, which takes longer.'
    """
    more = f" Of the texts before it a part was tested: {SWITCH}=tiktoken reads all of them with"
    told = f"{what}: tiktoken is used from here on, which takes longer."
    warnings.warn(told + f"{more} tiktoken." * tested, ProvenanceWarning, stacklevel=2)
