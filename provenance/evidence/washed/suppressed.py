"""Words that tell a candidate and that are all but missing from a corpus.

Text that a candidate wrote holds its telling words oftener than people's text does, and text by
people as often. Where they are all but missing, and other words that people use as much are not,
somebody took them out. Another domain has other words; but it lacks telling words no more than it
lacks others as common, and these are what they are held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEWEST_TELLING", "LEVEL", "MissingWords", "Words", "missing_words"]

LEVEL: Final = 1e-5
"""P-values up to it are told. Kinds differ more than chance, so that it lies far below a hundredth:
of 1,745 pairs of people's kinds, a corpus and its reference, beside three models the least is
1.03e-5 (`python -m provenance.validation.bench.washing DATA`, on which it was chosen)."""
FEWEST_TELLING: Final = 10
"""Telling words that must be common enough among people; a round figure."""
_MOST_TELLING: Final = 200
"""Telling words that are looked at: what a scrub of words takes away; a round figure."""
_EXPECTED: Final = 8.0
"""Passages of the corpus that would hold a word, were it as common as among people. Chance leaves
fewer than one in a thousand such words out; with 15 half as many scrubs are found."""
_MISSING: Final = 0.1
"""Part of people's rate up to which a word is missing; with a quarter fewer scrubs are found."""
_TELLS: Final = 3.0
"""Standard errors that a telling word's rate lies above people's at least."""
_OTHER: Final = 1.0
"""And a word's at most that it is held against: what tells, but less, is neither."""


@dataclass(frozen=True, slots=True)
class Words:
    """Some words, and the part of the passages that holds each.

    Parameters
    ----------
    words : tuple of str
    candidate, people, corpus : ndarray of float64, shape (n_words,)
    n_candidate, n_people, n_corpus : int
        Passages.
    """

    words: tuple[str, ...]
    candidate: NDArray[np.float64]
    people: NDArray[np.float64]
    corpus: NDArray[np.float64]
    n_candidate: int
    n_people: int
    n_corpus: int


@dataclass(frozen=True, slots=True)
class MissingWords:
    """How many telling words a corpus lacks.

    Parameters
    ----------
    p_value : float
    n_telling, n_missing : int
    n_others, n_others_missing : int
        Words as common among people that do not tell.
    expected : float
        Telling words that would be missing if they were missing as often as the others.
    words : tuple of str
        The missing ones, the most telling first.
    """

    p_value: float
    n_telling: int
    n_missing: int
    n_others: int
    n_others_missing: int
    expected: float
    words: tuple[str, ...]


def missing_words(given: Words) -> MissingWords | None:
    """Are telling words missing oftener than others that people use as much?

    Within each octave of people's rates the telling words are drawn from all without replacement;
    the sum over the octaves is exact. None where too few words are common enough.

    Parameters
    ----------
    given : Words

    Examples
    --------
    Half of eighty words tell, and all of these are missing:

    >>> rate, tells = np.full(80, 0.2), np.arange(80) < 40
    >>> missing_words(Words(
    ...     tuple(f"w{n}" for n in range(80)), np.where(tells, 0.6, 0.2), rate,
    ...     np.where(tells, 0.0, 0.2), 500, 500, 500,
    ... )).n_missing
    40
    """
    common = given.people * given.n_corpus >= _EXPECTED
    noise = given.candidate * (1 - given.candidate) / max(1, given.n_candidate)
    noise = noise + given.people * (1 - given.people) / max(1, given.n_people)
    lead = np.where(common, (given.candidate - given.people) / np.sqrt(noise + 1e-6), -np.inf)
    order = np.argsort(-lead, kind="stable")[:_MOST_TELLING]
    telling = np.zeros(len(lead), bool)
    telling[order] = lead[order] > _TELLS
    others = common & (lead < _OTHER)
    if telling.sum() < FEWEST_TELLING or others.sum() < FEWEST_TELLING:
        return None
    missing = given.corpus <= _MISSING * given.people
    octave = np.floor(np.log2(np.where(common, given.people, 1.0)))
    p_value, expected = _tail(octave, telling, others, missing)
    return MissingWords(
        p_value=p_value,
        n_telling=int(telling.sum()),
        n_missing=int((telling & missing).sum()),
        n_others=int(others.sum()),
        n_others_missing=int((others & missing).sum()),
        expected=expected,
        words=tuple(given.words[at] for at in order.tolist() if telling[at] and missing[at]),
    )


def _tail(
    octave: NDArray[np.float64],
    telling: NDArray[np.bool_],
    others: NDArray[np.bool_],
    missing: NDArray[np.bool_],
) -> tuple[float, float]:
    from scipy.stats import hypergeom

    law, expected = np.ones(1), 0.0
    for value in np.unique(octave[telling]).tolist():
        here = octave == value
        n_telling = int((here & telling).sum())
        every = here & (telling | others)
        n_every, n_missing = int(every.sum()), int((every & missing).sum())
        terms = hypergeom.pmf(np.arange(n_telling + 1), n_every, n_missing, n_telling)
        law = np.convolve(law, terms)
        expected += n_telling * n_missing / n_every
    observed = int((telling & missing).sum())
    return float(min(1.0, law[observed:].sum())), expected
