"""gigatoken in place of tiktoken where it is installed: the same ids, or tiktoken again.

It is used behind a test: texts that are hard to cut, the first texts of every process and one text
of each batch go through both, and at the first difference it is put away and that is told. Texts
that it is known to read otherwise never reach it.
"""

from __future__ import annotations

import functools
import mmap
import os
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import regex

from provenance.errors import ProvenanceWarning
from provenance.features.normalize import unusual
from provenance.features.tokens import (
    LONGEST_RUN,
    encode,
    has_long_run,
    load_encoding,
    vocabulary_file,
)

if TYPE_CHECKING:
    import tiktoken

__all__ = ["LOADING_PAYS", "SWITCH", "FastEncoder", "fast_encoder", "paying_encoder"]

SWITCH: Final = "PROVENANCE_TOKENIZER"
"""Environment variable: ``tiktoken`` leaves gigatoken out where it is installed."""

_PRETOKENIZERS: Final = {
    "o200k_base": "o200k",
    "o200k_harmony": "o200k",
    "cl100k_base": "cl100k",
}

# Letters that Unicode 17 knows and tiktoken 0.14 does not: every code point was read in seven
# contexts under both encodings by gigatoken 0.10, and these differ. White space that it was seen to
# cut otherwise in long runs, surrogates, which it refuses, and what has no meaning or a private
# one, which other releases may read otherwise, go to tiktoken too.
_DIFFERENT: Final = regex.compile(
    "[\x80-\xa0\ud800-\udfff\\p{Cn}\\p{Co}"
    "\u088f\u0c5c\u0cdc\u1acf-\u1add\u1ae0-\u1aeb\ua7ce\ua7cf\ua7d2\ua7d4\ua7f1"
    "\U00010940-\U00010959\U00010ec5-\U00010ec7\U00010efa\U00010efb\U00011b60-\U00011b67"
    "\U00011db0-\U00011ddb\U00011de0-\U00011de9\U00016ea0-\U00016eb8\U00016ebb-\U00016ed3"
    "\U00016ff2-\U00016ff6\U000187f8-\U000187ff\U00018d09-\U00018d1e\U00018d80-\U00018df2"
    "\U0001e6c0-\U0001e6de\U0001e6e0-\U0001e6f5\U0001e6fe\U0001e6ff\U0002b73a-\U0002b73f"
    "\U0002cea2-\U0002cead\U000323b0-\U00033479]"
)

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

_CACHE: Final = 1 << 28
"""Bytes that the tokenizer's memory of words may take until it is made anew; a round figure."""
_UNSEEN: Final = 1 << 25
"""Bytes of text after which it is, where nothing tells how much it takes: 36 MB of words that are
all different took 230 MB."""


LOADING_PAYS: Final = 1 << 22
"""Characters that a process reads with tiktoken before gigatoken is loaded: two batches. To load
and to test it takes as long as tiktoken takes for 8 to 12 million. A round figure, not tuned."""

_MET: Final[Counter[str]] = Counter()
"""Characters that this process was given before, by encoding."""


def paying_encoder(name: str, texts: Sequence[str]) -> FastEncoder | None:
    """`fast_encoder`, and None in a process that was given too little text for it to pay."""
    met = _MET[name]
    if met < LOADING_PAYS:
        _MET[name] += sum(map(len, texts))
        return None
    return fast_encoder(name)


@functools.cache
def fast_encoder(name: str) -> FastEncoder | None:
    """The fast encoder of an encoding, once a process; None where there is none to be trusted.

    Examples
    --------
    >>> fast_encoder("gpt2") is None
    True
    """
    pretokenizer = _PRETOKENIZERS.get(name)
    if pretokenizer is None or os.environ.get(SWITCH, "") == "tiktoken":
        return None
    try:
        return FastEncoder(name, pretokenizer)
    except ImportError:
        return None
    except BaseException as error:  # a foreign extension may fail in any way
        if not _is_failure(error):
            raise
        _tell(f"gigatoken cannot be used ({type(error).__name__}: {str(error)[:200]})")
        return None


class FastEncoder:
    """gigatoken's ids for those texts that it reads as tiktoken does.

    Parameters
    ----------
    name : str
        Of the encoding.
    pretokenizer : str
        What gigatoken calls its rules.
    """

    def __init__(self, name: str, pretokenizer: str) -> None:
        import gigatoken

        self._load = gigatoken.Tokenizer.from_tiktoken
        self._name, self._pretokenizer = name, pretokenizer
        self._unread = _FIRST
        self._taken = 0
        self._renew()
        hard = [text for text in HARD if not _is_for_tiktoken(text)]
        self.is_trusted = self._is_same(hard, *self._batch(hard), range(len(hard)))

    def encode(
        self, texts: Sequence[str], encoding: tiktoken.Encoding
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]] | None:
        """Ids of some texts, one behind the other, and how many each has.

        None where gigatoken is not trusted, or no more.
        """
        if not self.is_trusted:
            return None
        by_tiktoken = {
            place: encode(text, encoding)
            for place, text in enumerate(texts)
            if _is_for_tiktoken(text)
        }
        fast = [text for place, text in enumerate(texts) if place not in by_tiktoken]
        try:
            ids, ends = self._batch(fast)
        except BaseException as error:  # as where it is loaded; of a text nothing is told
            if not _is_failure(error):
                raise
            _tell(f"gigatoken failed ({type(error).__name__})", _BEFORE)
            self.is_trusted = False
            return None
        self.is_trusted = self._is_same(fast, ids, ends, self._to_read_twice(fast))
        if not self.is_trusted:
            return None
        if not by_tiktoken:
            return ids, np.diff(ends)
        others = iter(np.split(ids, ends[1:-1]))
        parts = [
            by_tiktoken[place] if place in by_tiktoken else next(others)
            for place in range(len(texts))
        ]
        return np.concatenate(parts), np.array([part.size for part in parts], np.int64)

    def _batch(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Ids, and where those of each text begin and the last one's end."""
        if not texts:
            return np.empty(0, np.int32), np.zeros(1, np.int64)
        before = _memory()
        # Threads are not ours to start: the other cores have batches of their own.
        layout: Any = self._tokenizer.encode_batch(list(texts), parallel=False).layout
        ids = np.asarray(layout.content.data).astype(np.int32)
        ends = np.asarray(layout.offsets.data).astype(np.int64)
        del layout
        if before is None:
            self._taken += _CACHE // _UNSEEN * sum(map(len, texts))
        else:
            self._taken += max(0, (_memory() or 0) - before - ids.nbytes)
        if self._taken > _CACHE:
            self._renew()
        return ids, ends

    def _renew(self) -> None:
        """Make the tokenizer anew, without the words that it remembers."""
        with vocabulary_file(self._name) as path:
            # Without the empty table it would read what looks like a special token as one.
            self._tokenizer = self._load(path, self._pretokenizer, {})
        self._taken = 0

    def _to_read_twice(self, texts: Sequence[str]) -> set[int]:
        """The first texts of the process, and one of each batch."""
        twice = {0} if texts else set()
        for place, text in enumerate(texts):
            if self._unread <= 0:
                break
            twice.add(place)
            self._unread -= len(text)
        return twice

    def _is_same(
        self,
        texts: Sequence[str],
        ids: npt.NDArray[np.int32],
        ends: npt.NDArray[np.int64],
        places: Iterable[int],
    ) -> bool:
        encoding = load_encoding(self._name)
        for place in places:
            found = ids[ends[place] : ends[place + 1]]
            if not np.array_equal(found, encode(texts[place], encoding)):
                _tell("gigatoken cuts a text otherwise than tiktoken", _BEFORE)
                return False
        return True


def _is_failure(error: BaseException) -> bool:
    """Whether code failed, as a panic of Rust code does too, and nobody asked for an end."""
    return isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime"


def _is_for_tiktoken(text: str) -> bool:
    if not text.isascii() and _DIFFERENT.search(unusual(text)):
        return True
    return len(text) > LONGEST_RUN and has_long_run(text)


def _memory() -> int | None:
    """Bytes that this process holds now, where the system tells at no cost."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return None


_BEFORE: Final = (
    f" Of the texts before it a part was tested: {SWITCH}=tiktoken reads all of them with tiktoken."
)


def _tell(what: str, more: str = "") -> None:
    """In whichever process it is met: it hangs on the texts that this one was given."""
    told = f"{what}: tiktoken is used from here on, which takes longer.{more}"
    warnings.warn(told, ProvenanceWarning, stacklevel=2)
