"""gigatoken in place of tiktoken where it is installed: the same ids, or tiktoken again.

It is used behind a test: texts that are hard to cut, the first texts of every process and one text
of each batch go through both, and at the first difference it is put away and that is told. Texts
that it is known to read otherwise never reach it.
"""

from __future__ import annotations

import functools
import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import regex

from provenance.features.normalize import unusual
from provenance.features.tested_tokens import (
    HARD,
    AgainstTiktoken,
    is_switched_off,
    tell_of_tiktoken,
)
from provenance.features.tokens import LONGEST_RUN, has_long_run, vocabulary_file

__all__ = ["LOADING_PAYS", "FastEncoder", "fast_encoder"]

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

_CACHE: Final = 1 << 28
"""Bytes that the tokenizer's memory of words may take until it is made anew; a round figure."""
_UNSEEN: Final = 1 << 25
"""Bytes of text after which it is, where nothing tells how much it takes: 36 MB of words that are
all different took 230 MB."""

LOADING_PAYS: Final = 1 << 22
"""Characters that a process reads with tiktoken before gigatoken is loaded: two batches. To load
and to test it takes as long as tiktoken takes for 8 to 12 million. A round figure, not tuned."""


@functools.cache
def fast_encoder(name: str) -> FastEncoder | None:
    """The fast encoder of an encoding, once a process; None where there is none to be trusted.

    Examples
    --------
    >>> fast_encoder("gpt2") is None
    True
    """
    pretokenizer = _PRETOKENIZERS.get(name)
    if pretokenizer is None or is_switched_off():
        return None
    try:
        return FastEncoder(name, pretokenizer)
    except ImportError:
        return None
    except BaseException as error:  # a foreign extension may fail in any way
        if not _is_failure(error):
            raise
        tell_of_tiktoken(f"gigatoken cannot be used ({type(error).__name__}: {str(error)[:200]})")
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
        self._test = AgainstTiktoken("gigatoken", name)
        self._taken = 0
        self._renew()
        hard = [text for text in HARD if not _is_for_tiktoken(text)]
        self.is_trusted = self._test.agrees(hard, *self._batch(hard), all_of_them=True)

    def encode(
        self, texts: Sequence[str]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]] | None:
        """Ids of some texts, one behind the other, and how many each has: -1 if it was not read.

        None where gigatoken is not trusted, or no more.
        """
        if not self.is_trusted:
            return None
        places = [place for place, text in enumerate(texts) if not _is_for_tiktoken(text)]
        n_tokens = np.full(len(texts), -1, np.int64)
        try:
            ids, n_tokens[places] = self._batch([texts[place] for place in places])
        except BaseException as error:  # as where it is loaded; of a text nothing is told
            if not _is_failure(error):
                raise
            tell_of_tiktoken(f"gigatoken failed ({type(error).__name__})", tested=True)
            self.is_trusted = False
            return None
        if not self._test.agrees(texts, ids, n_tokens):
            self.is_trusted = False  # never back: another thread may have found a difference
        return (ids, n_tokens) if self.is_trusted else None

    def _batch(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Ids, and how many each text has."""
        if not texts:
            return np.empty(0, np.int32), np.empty(0, np.int64)
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
        return ids, np.diff(ends)

    def _renew(self) -> None:
        """Make the tokenizer anew, without the words that it remembers."""
        with vocabulary_file(self._name) as path:
            # Without the empty table it would read what looks like a special token as one.
            self._tokenizer = self._load(path, self._pretokenizer, {})
        self._taken = 0


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
