"""Do two endpoints serve the same model? An exact test, what it could have seen, and how far apart.

The null hypothesis: who wrote which of the answers to a prompt is as good as drawn. A scorer learns
to tell the two sources apart on some prompts and is tried on others, where the labels of the
answers to each prompt are dealt anew (a test by a classifier, Lopez-Paz and Oquab 2017; in turn,
Lhéritier and Cazals 2018). No text can show that two models are one: what is told is that no
difference was seen, and how large a difference would have been.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import LARGEST_SEED, InputError, require_number, require_whole
from provenance.files.named import GivenOne
from provenance.fingerprint.comparing import compare
from provenance.fingerprint.fingerprint import Fingerprint, require_same_spec
from provenance.matching.comparisons.paired import (
    FEWEST,
    PairedDocuments,
    Units,
    answers,
    exchangeable,
    kept_of,
    n_independent,
)
from provenance.matching.library.naming import named_source
from provenance.scoring.fitting.in_turn import two_sources
from provenance.scoring.panel import N_FOLDS
from provenance.statistics.conventions import POWER
from provenance.statistics.exchange import Exchanged, combined_in_turn, exchanged, right_order
from provenance.statistics.intervals import clopper_pearson, normal_quantile
from provenance.words import HOW_TO_ASK, as_html, how_many, percent, percent_range, source_name

__all__ = ["LIMIT", "SameSource", "same_source"]

LIMIT: Final = 0.57
"""Answers are told apart so often, or oftener, of any two models that were looked at, given the 300
prompts that it takes to see so much. Chosen on `alpaca_eval`: of its 48 models, each beside the
three whose words are most alike, the closest two are told apart in 59.5 % at 300 prompts, and were
seen to differ in each of 10 draws of these. Of three other collections the closest two models read
63, 66 and 58 %, on 96 to 150 prompts (`python -m provenance.validation.bench.same_models`)."""


@dataclass(frozen=True, slots=True)
class SameSource:
    """What was seen of two sources held against each other.

    Parameters
    ----------
    names : tuple of str
    paired : bool
        Whether answers to the same prompts were compared. Else documents were, whatever they
        answer, and a difference may be of the prompts.
    n_documents : tuple of int
        Documents of each source that were compared.
    left_out : tuple of int
        Documents of each source that were not: answers to prompts that the other did not answer,
        texts that occur twice, and what is beyond 2,000 of a source.
    n_identical : int
        Texts that both sources hold, under the same prompt or none: they are no evidence of one
        model, and in `told_apart` count as half told apart.
    n_tested : int
        Pairs of answers (documents of the rarer source, where unpaired) on which the test rests.
    p_value : float
        How often chance alone would make the sources differ so much.
    told_apart, told_apart_low, told_apart_high : float
        How often, of an answer by each, a scorer that never saw the prompt tells the right one,
        with its interval: the area under the ROC curve, 0.5 where there is nothing to see. The
        scorers are those of the test, which learnt from 20 to 80 % of the prompts.
    smallest_told_apart : float
        The smallest such rate that the test would have seen in four of five cases.
    smallest_difference : float
        The same as a difference of mean scores, in standard deviations within a prompt.
    distance, distance_low, distance_high : float
        As `provenance compare` tells it.
    confidence_level : float
        Of the intervals; the test's level is one less it.
    seed : int
    """

    names: tuple[str, str]
    paired: bool
    n_documents: tuple[int, int]
    left_out: tuple[int, int]
    n_identical: int
    n_tested: int
    p_value: float
    told_apart: float
    told_apart_low: float
    told_apart_high: float
    smallest_told_apart: float
    smallest_difference: float
    distance: float
    distance_low: float
    distance_high: float
    confidence_level: float
    seed: int

    @property
    def verdict(self) -> str:
        """``differ``, ``no difference seen``, or of unpaired documents ``samples differ``."""
        if self.p_value > 1 - self.confidence_level:
            return "no difference seen"
        return "differ" if self.paired else "samples differ"

    @property
    def alias_doubt(self) -> str | None:
        """Why ``--alias`` is not justified; None where it is."""
        if self.verdict != "no difference seen":
            return "a difference was seen"
        if not self.paired:
            return "they did not answer the same prompts"
        told = f"models as alike as any that were looked at are told apart in {percent(LIMIT)}"
        if self.smallest_told_apart > LIMIT:
            return f"too few prompts: {told}, which these could not show"
        if self.told_apart_high > LIMIT:
            return f"it cannot be ruled out that they differ as two models do: {told}"
        return None

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain JSON values, with ``verdict``, ``alias_justified`` and ``summary``."""
        held = {name: getattr(self, name) for name in self.__slots__}
        lists = {name: [*value] for name, value in held.items() if isinstance(value, tuple)}
        return {
            **held,
            **lists,
            "verdict": self.verdict,
            "alias_justified": self.alias_doubt is None,
            "alias_doubt": self.alias_doubt,
            "summary": self.summary(),
        }

    def __repr__(self) -> str:
        """The first sentence; `summary` has the others."""
        return f"<SameSource: {self.summary().splitlines()[0]}>"

    def _repr_html_(self) -> str:
        return as_html(self.summary())

    def summary(self) -> str:
        """The verdict in words, a sentence a line."""
        return "\n".join([*self._told(), *self._noted(), self._alias()])

    def _told(self) -> list[str]:
        first, second = self._called()
        what = "answers to the same prompts" if self.paired else "documents"
        rate = percent_range(self.told_apart_low, self.told_apart_high)
        level = f"{100 * self.confidence_level:g} % interval {rate}"
        apart = (
            f"Of an answer by each, the right one is told in {percent(self.told_apart)} ({level};"
            f" chance gives 50 %), p = {self.p_value:.2g}."
        )
        if self.verdict == "no difference seen":
            smallest = percent(self.smallest_told_apart)
            return [
                f"No difference was seen between {first} and {second}, on {self.n_tested:,} pairs"
                f" of {what}.",
                apart,
                f"A difference that tells {smallest} of pairs apart would have been seen in 4 of 5"
                " cases; a smaller one, or one that style does not show, may be there.",
            ]
        if self.paired:
            return [
                f"{first} and {second} differ in their answers to the same prompts.",
                apart,
                "Another version, system prompt, sampling or way of serving does that as another"
                " model does.",
            ]
        return [
            f"The samples of {first} and {second} differ, which may be of their prompts: it does"
            " not say that the models do.",
            apart,
            f"Answers of both to the same prompts would tell more: {HOW_TO_ASK}.",
        ]

    def _noted(self) -> list[str]:
        lines = []
        if self.n_identical:
            lines.append(
                f"{how_many(self.n_identical, 'text stands', 'texts stand')} in both: word for word"
                " the same, which is no evidence of one model."
            )
        if any(self.left_out):
            lines.append(
                "Not compared, as the other did not answer the prompt, the text occurs twice or"
                f" there are enough: {self.left_out[0]:,} and {self.left_out[1]:,} documents."
            )
        return lines

    def _alias(self) -> str:
        first, second = (source_name(name) for name in self.names)
        alias = f"--alias {first}={second}"
        doubt = self.alias_doubt
        return f"{alias} is justified." if doubt is None else f"{alias} is not justified: {doubt}."

    def _called(self) -> tuple[str, str]:
        first, second = (source_name(name) for name in self.names)
        if first == second:
            return f"the first {first}", f"the second {second}"
        return first, second


def same_source(
    first: GivenOne[Fingerprint],
    second: GivenOne[Fingerprint],
    *,
    confidence_level: float | str = 0.95,
    seed: int = 0,
) -> SameSource:
    """Test whether two sources differ in how they answer the same prompts.

    Folds of prompts stand in a row. On each but the first, a scorer that learnt from those before
    tells whose an answer is, and the labels within each prompt are dealt anew: a p-value that is
    exact whatever was learnt. The p-values are combined by their normal quantiles, a fold counting
    by the root of its pairs times the folds learnt from, since of a small difference a scorer sees
    more the more it has learnt. Which source is the first changes nothing but the order of what is
    told.

    Parameters
    ----------
    first, second : Fingerprint, the name of its file, or of a source of the library
        Of one spec. Prompts tell which documents can be compared: read corpora with
        ``prompt_field``.
    confidence_level : float, default 0.95
        Of the intervals; the test's level is one less it.
    seed : int
        Draws folds and dealings.

    Raises
    ------
    InputError
        Where specs differ, or too little can be compared.

    Examples
    --------
    >>> from provenance.fingerprint.measuring import fit_fingerprint
    >>> from provenance.corpus import open_corpus
    >>> def answers(word):
    ...     return [
    ...         {"prompt": f"p{n}", "text": f"in case {n} it is {word} to say {n * n} {word} less"}
    ...         for n in range(60)
    ...     ]
    >>> read = [fit_fingerprint(open_corpus(answers(word)), word) for word in ("good", "fair")]
    >>> found = same_source(*read)
    >>> found.verdict, found.told_apart, found.p_value < 0.001
    ('differ', 1.0, True)
    """
    confidence_level = require_number("confidence_level", confidence_level, within=True)
    require_whole("seed", seed, 0, LARGEST_SEED)
    one, other = map(named_source, (first, second))
    return _same_source(one, other, confidence_level, seed)


def _same_source(
    first: Fingerprint, second: Fingerprint, confidence_level: float, seed: int
) -> SameSource:
    spec = require_same_spec([first, second])
    swapped = _stands_behind(first, second)
    kept = kept_of(*((second.sample, first.sample) if swapped else (first.sample, second.sample)))
    _require_enough(kept, (second, first) if swapped else (first, second))
    sources = two_sources(*kept.samples, spec, seed)
    scores = sources.scored_in_turn()
    test = _tested(exchangeable(sources.references, scores, kept.paired), seed)
    if not test.n_tested:
        raise _too_little(kept, (first, second))
    rate, n_effective = _told_apart(answers(sources.references, scores, kept.paired), kept)
    low, high = clopper_pearson(rate * n_effective, n_effective, confidence_level)
    apart = compare(
        [replace(one, name=f"{number}") for number, one in enumerate((first, second))],
        confidence_level=confidence_level,
    )
    smallest = (normal_quantile(confidence_level) + normal_quantile(POWER)) / test.gain
    counted, out = [len(one) for one in kept.samples], [*kept.left_out]
    step = -1 if swapped else 1
    return SameSource(
        names=(first.name, second.name),
        paired=kept.paired,
        n_documents=(counted[::step][0], counted[::step][1]),
        left_out=(out[::step][0], out[::step][1]),
        n_identical=kept.n_identical,
        n_tested=test.n_tested,
        p_value=test.p_value,
        told_apart=rate,
        told_apart_low=low,
        told_apart_high=high,
        smallest_told_apart=_rate_of(smallest),
        smallest_difference=smallest,
        distance=float(apart.distance[0, 1]),
        distance_low=float(apart.low[0, 1]),
        distance_high=float(apart.high[0, 1]),
        confidence_level=confidence_level,
        seed=seed,
    )


def _stands_behind(first: Fingerprint, second: Fingerprint) -> bool:
    """Whether the second is computed with as the first, so that no last digit tells which is."""
    hashes = [one.sample.text_hash for one in (first, second)]
    return bool(len(hashes[0]) and len(hashes[1]) and hashes[0][0] > hashes[1][0])


def _require_enough(kept: PairedDocuments, sources: tuple[Fingerprint, Fingerprint]) -> None:
    if not kept.paired and min(n_independent([one]) for one in kept.samples) < FEWEST:
        raise _too_little(kept, sources)


def _too_little(kept: PairedDocuments, sources: tuple[Fingerprint, Fingerprint]) -> InputError:
    names = " and ".join(repr(one.name) for one in sources)
    identical = (
        f"; {how_many(kept.n_identical, 'text stands', 'texts stand')} in both"
        if kept.n_identical
        else ""
    )
    return InputError(
        f"too little of {names} can be held against each other{identical}",
        expected=f"at least {FEWEST} answers of both to the same prompts, better 400, or so many"
        " documents of each that share no group and no words",
        remedy="Read the prompts with --prompt-field, and ask both the same prompts",
    )


def _rate_of(difference: float) -> float:
    """How often the larger of two normal scores is the right one, whose means differ so."""
    from scipy.special import ndtr

    return float(ndtr(difference / np.sqrt(2)))


@dataclass(frozen=True, slots=True)
class _Test:
    """A p-value, the pairs it rests on, and how many standard errors one unit of difference is."""

    p_value: float
    n_tested: int
    gain: float


def _tested(units: Units, seed: int) -> _Test:
    # Their order must not tell whose they are: dealings are drawn for places.
    units = units.take(np.lexsort((units.score, units.stratum)))
    rng = np.random.default_rng(seed)
    found: list[Exchanged] = []
    weights: list[float] = []
    n_tested = 0
    for fold in range(1, N_FOLDS):
        part = units.take(units.fold == fold)
        one = exchanged(part.score, part.first, part.stratum, rng)
        if one.spread > 0:
            n_pairs = _n_pairs(part)
            found.append(one)
            weights.append(float(np.sqrt(n_pairs * fold)))
            n_tested += n_pairs
    if not found:
        return _Test(1.0, 0, 0.0)
    share = np.array(weights) / np.sqrt(np.square(weights).sum())
    gains = np.array([one.n_strata / np.sqrt(one.noise) for one in found])
    p_value = combined_in_turn([one.p_value for one in found], weights)
    return _Test(p_value, n_tested, float(share @ gains))


def _n_pairs(units: Units) -> int:
    """Units of the rarer label of each stratum, together."""
    number = np.unique(units.stratum, return_inverse=True)[1]
    counts = [np.bincount(number[units.first == label]) for label in (True, False)]
    return int(np.minimum(*counts).sum())


def _told_apart(units: Units, kept: PairedDocuments) -> tuple[float, float]:
    """How often the right answer is told, and of how many independent pairs that is the rate.

    The variance of the rate in one stratum is at most rate * (1 - rate) over the number of
    independent units of its rarer label (Birnbaum and Klose 1957; Bamber 1975). Strata of one
    component count as one, which takes no more than its one pair.
    """
    strata, rates = right_order(units.score, units.first, units.stratum)
    number = np.searchsorted(strata, units.stratum)
    fewest = np.minimum(
        *(
            _n_components(number[units.first == label], units.component[units.first == label])
            for label in (True, False)
        )
    )
    leader = np.empty(len(strata), np.int64)
    leader[number] = units.component
    one_pair = fewest == 1
    together = np.unique(leader[one_pair], return_counts=True)[1]
    # Of the copies as much as of the rest: the first fold is learnt from alone.
    n_copies = kept.n_identical * (1 - 1 / N_FOLDS) if kept.paired else 0
    variance = (together**2).sum() + (1 / fewest[~one_pair]).sum() + n_copies
    n_all = len(strata) + n_copies
    return float((rates.sum() + n_copies / 2) / n_all), float(n_all**2 / variance)


def _n_components(number: NDArray[np.int64], component: NDArray[np.int64]) -> NDArray[np.int64]:
    """Different components of each stratum, shape (n_strata,)."""
    pairs = np.unique(np.stack([number, component]), axis=1)
    return np.bincount(pairs[0])
