"""Whether answers are about the prompts under whose ids they came.

Each answer is held against the prompt of its id and against the one that was asked next: which of
the two has more of its words, rare ones counting more, in the answer? Were the ids mixed up, either
would as often as the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.features import word_hashes
from provenance.statistics.tails import binomial_tail

__all__ = ["Belonging"]

_FEWEST: Final = 20
"""Answers that favour a prompt, from which on anything is told; a round figure, not tuned."""
_LEVEL: Final = 0.01
"""Where as many favour their own prompt by chance, they are taken to be about it; a round figure,
not tuned."""
_CHARACTERS: Final = 4_000
"""Of a text that is looked at; a bound of time."""


@dataclass
class Belonging:
    """Counts which answers favour the prompt of their id.

    Parameters
    ----------
    prompts : mapping of str to str
        Id to prompt, of all that was asked.

    Examples
    --------
    >>> asked = {f"p{n}": f"Tell me of thing{n}" for n in range(40)}
    >>> right, wrong = Belonging(asked), Belonging(asked)
    >>> for n in range(40):
    ...     right.add(f"p{n}", f"Yes, thing{n} is old")
    ...     wrong.add(f"p{n}", f"Yes, thing{(n + n % 2) % 40} is old")
    >>> right.is_doubtful, wrong.is_doubtful
    (False, True)
    """

    prompts: Mapping[str, str] = field(default_factory=dict)
    n_own: int = 0
    n_next: int = 0

    def add(self, key: str, text: str) -> None:
        """Count an answer that came under an id."""
        answer = _words(text)
        ours, theirs = (self._shared(self._words[one], answer) for one in (key, self._next[key]))
        self.n_own += ours > theirs
        self.n_next += theirs > ours

    @property
    def is_doubtful(self) -> bool:
        """Whether no more answers favour their own prompt than chance would have it."""
        n = self.n_own + self.n_next
        return n >= _FEWEST and float(np.exp(binomial_tail(self.n_own, n, 0.5))) > _LEVEL

    def told(self) -> str:
        """The doubt in words."""
        return (
            f"of {self.n_own + self.n_next:,} answers that share words with their prompt or the"
            f" next one, {self.n_own:,} share more with their own: the ids may be mixed up, and a"
            " sample of such answers shows nothing of these prompts"
        )

    @cached_property
    def _words(self) -> dict[str, NDArray[np.uint64]]:
        return {key: _words(prompt) for key, prompt in self.prompts.items()}

    @cached_property
    def _next(self) -> dict[str, str]:
        ids = list(self.prompts)
        return dict(zip(ids, ids[1:] + ids[:1], strict=True))

    @cached_property
    def _rarity(self) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
        every = np.concatenate([np.empty(0, np.uint64), *self._words.values()])
        words, held = np.unique(every, return_counts=True)
        return words, np.log((1 + len(self._words)) / held)

    def _shared(self, prompt: NDArray[np.uint64], answer: NDArray[np.uint64]) -> float:
        """Part of a prompt's words that an answer has, by how rare they are."""
        words, rarity = self._rarity
        weight = rarity[np.searchsorted(words, prompt)]
        total = float(weight.sum())
        return float(weight[np.isin(prompt, answer)].sum()) / total if total else 0.0


def _words(text: str) -> NDArray[np.uint64]:
    return np.unique(word_hashes(text[:_CHARACTERS]))
