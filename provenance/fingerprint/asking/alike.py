"""Which prompts are nearly one another's, and which quote an answer of the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.features import word_hashes
from provenance.features.hashes import GOLDEN, mix64
from provenance.fingerprint.asking.prompts import Prompt

__all__ = ["NEAR", "WINDOW", "Quotes", "Sketches", "sketch"]

NEAR: Final = 0.8
"""Part of the neighbouring words that two prompts share from which they are told as one; a round
figure, not tuned."""
WINDOW: Final = 32
"""Words of a run that is no accident: the one by which an API's log is looked up, whose source
stands in ``evidence/log/windows.py``."""
_COMMON: Final = 3
"""A run in more prompts than this is their form, and quotes nobody: the rule of the log too."""
_DRAWS: Final = 128
"""Draws of a sketch: two prompts that share 0.8 are read so within 0.07 (two standard errors)."""
_SHINGLES: Final = 4096
"""Neighbouring words looked at, those of the smallest hashes; a bound on time."""

_SALTS: Final = mix64(np.arange(1, _DRAWS + 1, dtype=np.uint64) * GOLDEN)


def sketch(text: str) -> NDArray[np.uint64]:
    """Smallest hashes of the pairs of neighbouring words (Broder 1997), shape (128,).

    Two sketches agree in as many places as the texts share of their pairs, on average.

    Examples
    --------
    >>> same = sketch("How do tides work?") == sketch("how do TIDES work?")
    >>> float(same.mean())
    1.0
    """
    words = word_hashes(text)
    pairs = np.unique(mix64(words[:-1] * GOLDEN + words[1:]) if len(words) > 1 else words)
    pairs = pairs[:_SHINGLES] if len(pairs) else np.zeros(1, np.uint64)
    smallest = np.full(_DRAWS, np.iinfo(np.uint64).max)
    for part in np.array_split(pairs, -(-len(pairs) // 256)):
        np.minimum(smallest, mix64(part[:, None] ^ _SALTS).min(axis=0), out=smallest)
    return smallest


class Sketches:
    """Sketches of what was chosen; what is nearly one of them is not chosen too.

    Parameters
    ----------
    most : int
        How many it may hold.
    """

    def __init__(self, most: int) -> None:
        self._held = np.empty((most, _DRAWS), np.uint64)
        self._n = 0

    def holds(self, found: NDArray[np.uint64]) -> bool:
        """Whether one of them is near."""
        same = self._held[: self._n] == found
        return bool((same.mean(axis=1) >= NEAR).any())

    def add(self, found: NDArray[np.uint64]) -> None:
        """Take one in."""
        self._held[self._n] = found
        self._n += 1


def _windows(text: str) -> NDArray[np.uint64]:
    """Hash of each run of `WINDOW` words; what is shorter has none."""
    words = word_hashes(text)
    n_windows = max(0, len(words) - WINDOW + 1)
    found = np.zeros(n_windows, np.uint64)
    for place in range(WINDOW):
        found = found * GOLDEN + words[place : place + n_windows]
    return found


class Quotes:
    """Long runs of words of some prompts, looked for in the answers of a corpus.

    A run that stands in more than three of the prompts is their form; it is not looked for.

    Parameters
    ----------
    prompts : sequence of Prompt

    Examples
    --------
    >>> answer = " ".join(f"w{n}" for n in range(40))
    >>> asked = Prompt("p", f"Shorten this: {answer}", (), 7, (), ("a", 1))
    >>> quotes = Quotes([asked])
    >>> quotes.look_in(["Another one.", answer])
    >>> quotes.ranks
    {7}
    """

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        found = [_runs(prompt) for prompt in prompts]
        owner = np.repeat(np.arange(len(prompts)), [len(windows) for windows in found])
        windows = np.concatenate([np.empty(0, np.uint64), *found])
        order = np.argsort(windows, kind="stable")
        _, number, times = np.unique(windows[order], return_inverse=True, return_counts=True)
        rare = times[number] <= _COMMON
        self._windows = windows[order][rare]
        self._owner = owner[order][rare]
        self._ranks = [prompt.rank for prompt in prompts]
        self.ranks: set[int] = set()

    def look_in(self, answers: Iterable[str]) -> None:
        """Note the ranks of the prompts that quote one of some answers."""
        if not len(self._windows):
            return
        for answer in answers:
            asked = np.unique(_windows(answer))
            first = np.searchsorted(self._windows, asked, "left")
            last = np.searchsorted(self._windows, asked, "right")
            for start, end in zip(first[first < last], last[first < last], strict=True):
                self.ranks.update(self._ranks[place] for place in self._owner[start:end])


def _runs(prompt: Prompt) -> NDArray[np.uint64]:
    """The runs of what the user says, turn by turn."""
    turns = {prompt.prompt, *(words for role, words in prompt.messages if role == "user")}
    return np.unique(np.concatenate([_windows(words) for words in turns]))
