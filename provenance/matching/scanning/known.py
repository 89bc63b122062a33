"""Documents of a corpus that are known answers of models, word for word, and whose."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from provenance.files.columns import texts
from provenance.matching.library.known_answers import FEWEST_TOKENS, KnownAnswers
from provenance.matching.scanning.tally import Batch
from provenance.records import OF_LIBRARY, Finding, Place
from provenance.statistics.intervals import clopper_pearson
from provenance.statistics.multiple_testing import joint_level
from provenance.words import percent

__all__ = ["KnownTally", "is_named"]

_BY_CHANCE: Final = 0.001
"""Part of the documents that may be known answers of a family where another wrote them: of 71,069
texts by whom the list does not hold 4 are, 2 of one file at most (`bench.known_copies`). A round
figure far above that."""
_FEWEST: Final = 3
"""Different answers below which nobody is named; a round figure."""
_WHERE: Final = 100
"""Places that are told; as of other findings."""
_TOLD: Final = 5
"""Families and models that a sentence names; a round figure, not tuned."""


def is_named(n_answers: int, n_long: int, n_families: int, confidence_level: float) -> bool:
    """Whether surely more of the long documents are a family's known answers than by chance.

    Parameters
    ----------
    n_answers : int
        Different ones.
    n_long, n_families : int
        Documents that are long enough; families on the list, whose rates hold together
        (Bonferroni).
    confidence_level : float

    Examples
    --------
    >>> is_named(3, 300, 24, 0.95), is_named(5, 300, 24, 0.95), is_named(20, 10_000, 24, 0.95)
    (False, True, False)
    """
    level = joint_level(confidence_level, n_families)
    return n_answers >= _FEWEST and clopper_pearson(n_answers, n_long, level)[0] > _BY_CHANCE


@dataclass(slots=True)
class KnownTally:
    """Counts known answers as batches come; copies of one text show no more than the text does.

    Parameters
    ----------
    held : KnownAnswers
    is_comparable : bool
        Whether the corpus is measured as these answers were; nobody looks where it is not.
    """

    held: KnownAnswers
    is_comparable: bool = True
    n_documents: int = 0
    n_long: int = 0
    n_of: Counter[int] = field(default_factory=Counter)
    distinct: dict[int, set[int]] = field(default_factory=dict)
    where: dict[int, list[Place]] = field(default_factory=dict)

    def add(self, batch: Batch) -> dict[str, Any]:
        """Take in a batch; the column that tells whose known answer each document is."""
        numbers = self.held.look_up(batch.cluster_hash, batch.n_tokens)
        if not self.is_comparable:
            numbers[:] = -1
        found = np.flatnonzero(numbers >= 0)
        self.n_documents += len(numbers)
        self.n_long += int((batch.n_tokens >= FEWEST_TOKENS).sum())
        names: list[str | None] = [None] * len(numbers)
        for at in found.tolist():
            number, one = int(numbers[at]), batch.documents[at]
            self.n_of[number] += 1
            self.distinct.setdefault(number, set()).add(int(batch.cluster_hash[at]))
            names[at] = self.held.answerers[number].name
            self.where.setdefault(number, []).append(Place(id=one.id, path=one.path, line=one.line))
        for number in {*numbers[found].tolist()}:
            # The first by their places, in whatever order batches come.
            self.where[number] = _first(self.where[number])
        return {"known_answer": texts(names)}

    def finding(self, confidence_level: float) -> Finding:
        """Which families have answers on record in the corpus, and how many.

        A family is named where surely more of the long documents are its answers than of texts by
        a family that is not on the list; the rates of all families hold together (Bonferroni).
        """
        families = self._by_family()
        n_families = len({one.family for one in self.held.answerers})
        named = {
            family: numbers
            for family, numbers in families.items()
            if is_named(self._n_distinct(numbers), self.n_long, n_families, confidence_level)
        }
        kept = [number for numbers in named.values() for number in numbers]
        n = self._n_documents(kept)
        by_family = {family: self._n_documents(numbers) for family, numbers in named.items()}
        by_model = {self.held.answerers[at].name: self.n_of[at] for at in kept}
        return Finding(
            kind="overlap",
            verdict="found" if named else "not_found" if self.is_comparable else "not_checked",
            statistic=float(n),
            null_hypothesis="no more documents are known answers of a model than chance explains",
            n_documents=n,
            where=tuple(_first([place for number in kept for place in self.where[number]])),
            details={
                "of": OF_LIBRARY,
                "by_source": by_family,
                "by_model": by_model,
                "sentence": self._sentence(n, named),
            },
        )

    def _by_family(self) -> dict[str, list[int]]:
        """Numbers of those found, by family, the commonest first."""
        found: dict[str, list[int]] = {}
        for number, _ in sorted(self.n_of.items(), key=lambda one: (-one[1], one[0])):
            found.setdefault(self.held.answerers[number].family, []).append(number)
        return found

    def _n_documents(self, numbers: list[int]) -> int:
        return sum(self.n_of[number] for number in numbers)

    def _n_distinct(self, numbers: list[int]) -> int:
        return sum(len(self.distinct[number]) for number in numbers)

    def _sentence(self, n: int, named: dict[str, list[int]]) -> str:
        if not named:
            return ""
        ranked = sorted(named, key=lambda family: (-self._n_documents(named[family]), family))
        told = []
        for family in ranked[:_TOLD]:
            models = [name for at in named[family] if (name := self.held.answerers[at].model)]
            inside = ", ".join(models[:_TOLD])
            others = ", others" if len(models) > _TOLD else ""
            count = self._n_documents(named[family])
            told.append(f"{family} {count:,}{f' ({inside}{others})' if inside else ''}")
        more = " and others" if len(ranked) > _TOLD else ""
        return (
            f"{n:,} of {self.n_documents:,} documents ({percent(n / self.n_documents)}) are, word"
            f" for word, answers that models are on record with: {'; '.join(told)}{more}."
        )


def _first(places: list[Place]) -> list[Place]:
    return sorted(places, key=lambda one: (one.path, one.line, one.id))[:_WHERE]
