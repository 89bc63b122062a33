"""The sources of a mixture and what each is taken for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.fingerprint import Fingerprint

__all__ = ["FEWEST_MODELS", "Sources"]

_STANDS: Final = 0.01
"""Part of a set of prompts that stands in a corpus which it was asked of, at least: two corpora may
share a greeting, and one may be read in part. A round figure, not tuned."""
FEWEST_MODELS: Final = 5
"""Other models beside which a candidate is told by name: the fewest beside which no more innocents
are accused of a stranger's text than an interval's own 5 %. Of 2, 3, 4, 5, 6 and 8, by
`bench.few_models`."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources in the order of their names, and what each is taken for.

    Parameters
    ----------
    fingerprints : tuple of Fingerprint
    roles : tuple of str
    only : bool
        Whether it is known that no model but those given stands behind the corpus.
    """

    fingerprints: tuple[Fingerprint, ...]
    roles: tuple[str, ...]
    only: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What the sources are called."""
        return tuple(item.name for item in self.fingerprints)

    @property
    def candidates(self) -> list[int]:
        """Positions of the sources under test."""
        return [number for number, role in enumerate(self.roles) if role == "candidate"]

    @property
    def references(self) -> list[int]:
        """Positions of the sources that are no model's text."""
        return [number for number, role in enumerate(self.roles) if role == "reference"]

    @property
    def models(self) -> list[int]:
        """Positions of the sources that are models."""
        return [number for number, role in enumerate(self.roles) if role != "reference"]

    def asked_of(self, prompts: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Hashes of the prompts that models were asked of a corpus, as their fingerprints say.

        A set of which some prompts stand in the corpus was asked of it, and the others of others.
        Where none stands there all count: a corpus may have no prompts, or be read in part.

        Parameters
        ----------
        prompts : ndarray of uint64
            Those of the corpus, as far as some sample answers them.
        """
        samples = [self.fingerprints[one].sample for one in self.models]
        asked = np.concatenate([np.empty(0, np.uint64), *(one.asked_hash for one in samples)])
        hashes = np.concatenate([np.empty(0, np.uint64), *(one.prompt_hash for one in samples)])
        of_sets = [np.unique(hashes[asked == one]) for one in np.unique(asked[asked != 0])]
        here = [one for one in of_sets if np.isin(one, prompts).mean() >= _STANDS]
        return np.unique(np.concatenate([np.empty(0, np.uint64), *(here or of_sets)]))

    @property
    def of_two_classes(self) -> bool:
        """Whether one candidate stands against references alone."""
        return len(self.candidates) == 1 and set(self.roles) == {"candidate", "reference"}

    @property
    def n_other_models(self) -> int:
        """How many models a candidate stands beside."""
        return len(self.models) - 1

    @property
    def too_few_models(self) -> bool:
        """Whether a model that was not given may be taken for a candidate beside so few others.

        Not beside people alone, where what is measured is text like a language model's: that
        holds whosever it is.
        """
        return not self.only and not self.of_two_classes and self.n_other_models < FEWEST_MODELS

    @property
    def beside_many(self) -> tuple[int, ...]:
        """The candidates, where enough other models tell how far models differ; else none."""
        return tuple(self.candidates) if self.n_other_models >= FEWEST_MODELS else ()

    @property
    def tell_models(self) -> bool:
        """Whether all models together are told, from people's text, beside candidates or instead.

        Not where it was declared that no model but those given stands behind the corpus, nor of
        several candidates beside too few other models, of whom nothing is told.
        """
        if not self.candidates or not self.references or self.only:
            return False
        return self.tell_a_model or not self.too_few_models

    @property
    def tell_a_model(self) -> bool:
        """Whether it is text like a language model's that is told, whosever it is.

        Of one candidate among people's text, where too few other models were given to tell it from
        one that was not, or none, and nobody declared that there is none.
        """
        beside_people = len(self.candidates) == 1 and bool(self.references)
        return beside_people and not self.only and self.n_other_models < FEWEST_MODELS
