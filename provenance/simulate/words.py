"""Text of known origin without end: a small word n-gram language model stands for an API.

It is no judge of how well the tool works on real models; it lets tests mix a corpus whose truth is
known, of any size, from nothing but what every Python carries.
"""

from __future__ import annotations

import ast
import importlib.util
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError

__all__ = ["NGramModel", "library_texts"]

_LONGEST: Final = 0.9
"""How often the next word follows from the longest context known, not from one word less."""

_BREAK: Final = "\n\n"

_MODULES: Final = (
    "argparse asyncio.base_events asyncio.tasks bdb calendar collections configparser contextlib"
    " csv datetime decimal difflib dis doctest email.message enum fractions functools gettext glob"
    " heapq html.parser http.client http.server imaplib inspect ipaddress json.decoder locale"
    " logging mailbox multiprocessing.pool optparse pathlib pickle pickletools pdb platform"
    " plistlib poplib pprint pydoc queue random sched selectors shlex shutil smtplib socket"
    " socketserver sqlite3.dbapi2 ssl statistics string subprocess tarfile tempfile textwrap"
    " threading timeit tokenize trace traceback turtle typing unittest.case unittest.mock"
    " urllib.parse urllib.request uuid warnings wave weakref webbrowser xml.dom.minidom"
    " xml.sax.handler zipfile"
).split()

_Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

_BLOCKS: Final = ("body", "handlers", "orelse", "finalbody", "cases")
"""Where statements hold others, in the order of the fields of ``ast``."""


@dataclass(frozen=True, slots=True)
class _Table:
    """What follows each context of one length, as entries sorted by context.

    Parameters
    ----------
    rows : dict of tuple of int to int
        Number of each context.
    starts : ndarray of int64, shape (n_contexts + 1,)
    words : ndarray of int64, shape (n_entries,)
    weights : ndarray of float64, shape (n_entries,)
    """

    rows: dict[tuple[int, ...], int]
    starts: NDArray[np.int64]
    words: NDArray[np.int64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class NGramModel:
    """A language model of words, fitted once and never changed.

    Parameters
    ----------
    vocabulary : tuple of str
        Words with the punctuation that touches them; the first stands for the end of a text.
    tables : tuple of _Table
        By length of the context, from none.

    Examples
    --------
    >>> model = NGramModel.fit(["to be or not to be"])
    >>> model.sample(np.random.default_rng(0), 4)
    'to be or not'
    """

    vocabulary: tuple[str, ...]
    tables: tuple[_Table, ...]

    @classmethod
    def fit(cls, texts: Iterable[str], order: int = 2) -> NGramModel:
        """Count the words of texts after each context of up to ``order - 1`` words.

        Raises
        ------
        InputError
            Where the order is below 1 or no text holds a word.
        """
        if order < 1:
            raise InputError(f"the order is {order}", expected="at least 1")
        split = [text.split() for text in texts]
        vocabulary = ("", *sorted({*chain.from_iterable(split)}))
        if len(vocabulary) == 1:
            raise InputError("the texts hold no word", expected="at least one")
        number = {word: place for place, word in enumerate(vocabulary)}
        numbered = [[number[word] for word in words] for words in split if words]
        return cls(vocabulary, tuple(_table(numbered, length) for length in range(order)))

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return len(self.tables)

    def sample(self, rng: np.random.Generator, n_words: int, temperature: float = 1.0) -> str:
        """Write a text of so many words; where a text would end, a new paragraph begins.

        Parameters
        ----------
        rng : numpy.random.Generator
        n_words : int
        temperature : float
            Below 1 the likely words become likelier, above 1 the unlikely ones.

        Raises
        ------
        InputError
            Where the temperature is not above 0.
        """
        if not temperature > 0:
            raise InputError(f"the temperature is {temperature}", expected="above 0")
        words = _written(self, rng, n_words, _drawing(self, float(temperature)))
        return " ".join(words).replace(f" {_BREAK} ", _BREAK)

    def distorted(self, strength: float, rng: np.random.Generator) -> NGramModel:
        """A second API: the same knowledge, other preferences among words.

        Parameters
        ----------
        strength : float
            Standard deviation of the logarithm of each word's preference; 0 changes nothing.
        rng : numpy.random.Generator

        Raises
        ------
        InputError
            Where the strength is negative.
        """
        if strength < 0:
            raise InputError(f"the strength is {strength}", expected="0 or more")
        preference = np.exp(strength * rng.standard_normal(len(self.vocabulary)))
        preference[0] = 1.0
        tables = (
            replace(table, weights=table.weights * preference[table.words]) for table in self.tables
        )
        return replace(self, tables=tuple(tables))


def _table(texts: Sequence[Sequence[int]], length: int) -> _Table:
    """Count what follows contexts of one length; before its beginning a text holds ends."""
    counts: Counter[tuple[int, ...]] = Counter()
    for words in texts:
        padded = [0] * length + [*words, 0]
        counts.update(zip(*(padded[start:] for start in range(length + 1)), strict=False))
    grams = sorted(counts)
    rows = {context: row for row, context in enumerate(dict.fromkeys(g[:-1] for g in grams))}
    sizes = Counter(rows[gram[:-1]] for gram in grams)
    return _Table(
        rows,
        np.cumsum([0, *(sizes[row] for row in range(len(rows)))]),
        np.array([gram[-1] for gram in grams], np.int64),
        np.array([counts[gram] for gram in grams], np.float64),
    )


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A table as lists, which single look-ups read faster; weights as their running sum."""

    rows: dict[tuple[int, ...], int]
    starts: list[int]
    words: list[int]
    sums: list[float]

    def word(self, context: tuple[int, ...], chance: float) -> int | None:
        """The word at a fraction of what follows a context; None where it is not known."""
        row = self.rows.get(context)
        if row is None:
            return None
        start, end = self.starts[row], self.starts[row + 1]
        low, high = self.sums[start], self.sums[end]
        place = bisect_right(self.sums, low + chance * (high - low), start + 1, end) - 1
        return self.words[place]


@lru_cache(maxsize=8)
def _drawing(model: NGramModel, temperature: float) -> tuple[_Drawing, ...]:
    return tuple(_lists(table, temperature) for table in model.tables)


def _lists(table: _Table, temperature: float) -> _Drawing:
    largest = np.maximum.reduceat(table.weights, table.starts[:-1])
    scaled = table.weights / np.repeat(largest, np.diff(table.starts))
    sums = np.concatenate([[0.0], np.cumsum(scaled ** (1 / temperature))])
    return _Drawing(table.rows, table.starts.tolist(), table.words.tolist(), sums.tolist())


def _written(
    model: NGramModel, rng: np.random.Generator, n_words: int, tables: Sequence[_Drawing]
) -> Iterator[str]:
    chances = _chances(rng)
    context = (0,) * (len(tables) - 1)
    written, ended = 0, True
    while written < n_words:
        word = _next(tables, context, chances)
        context = (*context, word)[1:] if context else ()
        if word:
            written += 1
            yield model.vocabulary[word]
        elif not ended:
            yield _BREAK
        ended = not word


def _next(tables: Sequence[_Drawing], context: tuple[int, ...], chances: Iterator[float]) -> int:
    """The next word, from the longest context that is known and that chance does not pass over."""
    for length in range(len(tables) - 1, 0, -1):
        word = tables[length].word(context[-length:], next(chances))
        if word is not None and next(chances) < _LONGEST:
            return word
    return tables[0].word((), next(chances)) or 0


def _chances(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(1024).tolist()


def library_texts() -> list[str]:
    """Text that every Python carries: the topics of its manual, docstrings of its library.

    Returns
    -------
    list of str
        The same for one release of Python; what an installation lacks is left out.

    Raises
    ------
    InputError
        Where it lacks all.

    Examples
    --------
    >>> len(library_texts()) > 100
    True
    """
    texts = [*_topics(), *chain.from_iterable(map(_docstrings, _MODULES))]
    if not texts:
        raise InputError(
            "this Python holds neither its manual nor the source of its library",
            remedy="Use a complete Python, such as one from python.org",
        )
    return texts


def _topics() -> list[str]:
    try:
        from pydoc_data.topics import topics
    except ImportError:
        return []
    return [str(topics[name]) for name in sorted(topics)]


@cache
def _docstrings(module: str) -> list[str]:
    """Docstrings of a module, from its source; only the package around it is imported."""
    try:
        spec = importlib.util.find_spec(module)
    except ImportError:
        return []
    path = Path(spec.origin) if spec is not None and spec.origin else None
    if path is None or path.suffix != ".py" or not path.is_file():
        return []
    nodes = _documented(ast.parse(path.read_bytes()))
    return [text for node in nodes if (text := ast.get_docstring(node)) and len(text) >= 80]


def _documented(module: ast.Module) -> Iterator[_Documented]:
    """What can have a docstring, in the order of ``ast.walk``; no expression holds any."""
    waiting: deque[ast.AST] = deque([module])
    while waiting:
        node = waiting.popleft()
        if isinstance(node, _Documented):
            yield node
        for block in _BLOCKS:
            waiting.extend(getattr(node, block, ()))
