"""Whether a candidate's sample was treated unlike all others, so that such text reads as its.

Articles taken out, marks stripped, tags put around paragraphs, each text said twice: such traits
betray how text was kept, not who wrote it. They part the sample from the others better than any
writer's habits do, and a corpus that was treated alike is read as the candidate's, whoever wrote
it. Models differ in which words they like, but each uses the commonest words and marks of its
language. So a word that is among the commonest of every other sample and next to absent from this
one, or the other way round, is no habit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.features import last_hashes
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.sample import SampledDocuments
from provenance.records import Diagnostic
from provenance.share.sources import FEWEST_MODELS, Sources
from provenance.words import source_name, visible

__all__ = ["processed_checks"]

COMMON: Final = 0.01
"""Times a token that a word or mark stands in text, from which it is among the commonest."""
HELD: Final = 0.3
"""Part of the passages that hold it, at least: one text that repeats a word is no treatment."""
AGAIN: Final = 1.5
"""Times that a passage has it, of those that do, where the one sample often holds what the others
lack: a model opens each answer with one formula (*Okay, here's a story*), and tags and words put in
stand all over a text. Of 188 samples of four collections cut to 25 or 60 words 13 were told without
this, 2 with it; of 94 whole ones none."""
RARER: Final = 10.0
"""Times that it is rarer in the one sample than in any of the others. Of all treatments that are
seen the least, English articles left out of short answers, makes *a* and *the* 13 times as rare.
Clean samples beside five others of their collection: `bench.processed_samples`."""
FEWEST_WORDS: Final = 2
"""Words of `ENGLISH` that have to be so beside people, or beside fewer than `FEWEST_MODELS` other
models: a kind of text may do without a word that another uses."""
TWO_RARER: Final = 7.0
"""Times that two words have to be rarer there: of pairs of a kind of people's prose and a model's
file 0.3 % have such (0.7 % at 6 times, looked at once). Articles left out make both 6 to 100 times
as rare."""
ENGLISH: Final = (
    *"the a and of to in is that for it with as on are be this by or from at was not have".split(),
    *".,",
)
"""The commonest words and marks of English prose. Beside few sources these alone are looked at."""
PROSE: Final = 7
"""How many of these are among the commonest of prose, at least: 26 of 27 kinds of people's have 8
to 12, programs by people 2 to 6."""
SAID_AGAIN: Final = 0.03
"""Part of a passage's tokens that stand in it once, below which all of it is said twice."""
OFTENER: Final = 0.25
"""Part of the passages by which a sample says all twice oftener than any other. Models that loop do
it in up to 0.24, and three of 281 files, of base models, in more."""
ALL_OFTENER: Final = 0.1
"""The same of every other sample: no five models loop so. Where each of their texts stood twice,
answers that fill passages by themselves left 0.2 of them."""
_SHOWN: Final = 5
"""Words that are named; a round figure."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Words:
    """How often each word n-gram stands in a sample, by bucket; one more than was counted.

    Parameters
    ----------
    rate : ndarray of float32
        Times a token.
    held : ndarray of float32
        Part of the passages that hold it.
    spread : ndarray of float32
        Times a token that these passages alone tell of: a word counts once in each.
    again : ndarray of float32
        Times a passage that holds it.
    """

    rate: Floats
    held: Floats
    spread: Floats
    again: Floats

    @classmethod
    def of(cls, sample: SampledDocuments, spec: FeatureSpec) -> _Words:
        """Count them."""
        rows = sample.rows.unpacked()
        is_word = rows.indices < spec.n_word_features
        buckets = rows.indices[is_word]
        n_tokens, n_passages = max(1, int(sample.passage_tokens.sum())), len(rows)
        times = np.bincount(buckets, rows.counts[is_word], minlength=spec.n_word_features)
        passages = np.bincount(buckets, minlength=spec.n_word_features)
        held = (passages + 1) / (n_passages + 2)
        spread = -np.log1p(-held) * n_passages / n_tokens
        found = (times + 1) / n_tokens, held, spread, times / np.maximum(passages, 1)
        return cls(*(one.astype(np.float32) for one in found))

    def least(self, other: _Words) -> _Words:
        """The smaller of both, each for itself."""
        return _Words(
            np.minimum(self.rate, other.rate),
            np.minimum(self.held, other.held),
            np.minimum(self.spread, other.spread),
            np.minimum(self.again, other.again),
        )

    def most(self, other: _Words) -> _Words:
        """The larger of both."""
        return _Words(
            np.maximum(self.rate, other.rate),
            np.maximum(self.held, other.held),
            np.maximum(self.spread, other.spread),
            np.maximum(self.again, other.again),
        )

    @property
    def is_common(self) -> NDArray[np.bool_]:
        """Which are among the commonest."""
        found: NDArray[np.bool_] = (self.rate >= COMMON) & (self.held >= HELD)
        return found

    def rarer_in(self, other: _Words) -> Floats:
        """How many times rarer the commonest n-grams of this one are there; 0 of those less common.

        Both by their number and by the passages that hold them, whichever tells less.
        """
        times = np.minimum(self.rate / other.rate, self.spread / other.spread)
        return np.where(self.is_common, times, np.float32(0))


def processed_checks(sources: Sources) -> list[Diagnostic]:
    """Candidates whose samples were treated unlike all others; nothing where none is.

    Beside enough other models these alone are looked at, as people use other words; beside fewer,
    every other source.

    Parameters
    ----------
    sources : Sources

    Examples
    --------
    >>> alone = Sources((Fingerprint.empty("my-api", FeatureSpec()),), ("candidate",))
    >>> processed_checks(alone)
    []
    """
    return [check for one in sources.candidates if (check := _checked(one, sources)) is not None]


def _checked(candidate: int, sources: Sources) -> Diagnostic | None:
    models = [one for one in sources.models if one != candidate]
    are_many = len(models) >= FEWEST_MODELS
    others = models if are_many else [n for n in range(len(sources.names)) if n != candidate]
    prints = [sources.fingerprints[one] for one in others]
    own = sources.fingerprints[candidate]
    if not prints or not all(len(one.sample) for one in (own, *prints)):
        return None
    told = [*_of_words(own, prints, are_many=are_many), *_of_repeats(own, prints)]
    if not told:
        return None
    name = source_name(own.name)
    sentences = " ".join(sentence for sentence, _ in told)
    return Diagnostic(
        name=f"processed[{own.name}]",
        verdict="fail",
        statistic=max(times for _, times in told),
        limit=1.0,
        sentence=(
            f"{sentences} Its sample was treated unlike the others (edited, or kept in another"
            f" form), or is of another language or kind: whoever's text is so reads as {name}'s,"
            " and its own, as it writes, may not. Bring samples of all sources that were treated"
            " alike."
        ),
    )


def _of_words(
    own: Fingerprint, others: Sequence[Fingerprint], *, are_many: bool
) -> Iterator[tuple[str, float]]:
    """What is told of missing words, and of words that the others miss, in parts of the limit."""
    its = _Words.of(own.sample, own.spec)
    least = most = _Words.of(others[0].sample, own.spec)
    # One after the other: a panel may have many.
    for one in others[1:]:
        words = _Words.of(one.sample, own.spec)
        least, most = least.least(words), most.most(words)
    name = source_name(own.name)
    ways = (
        (least, its, f"The sample of {name} all but lacks what the others often hold"),
        (its, most, f"The other samples all but lack what that of {name} often holds"),
    )
    english = _buckets(ENGLISH, own.spec)
    for those, these, sentence in ways:
        rarer = those.rarer_in(these)
        if those is its:
            rarer = np.where(its.again >= AGAIN, rarer, np.float32(0))
        limit = RARER if are_many else TWO_RARER
        found = np.flatnonzero(rarer >= limit)
        if not are_many:
            found = np.intersect1d(found, english)
            if len(found) < FEWEST_WORDS or those.is_common[english].sum() < PROSE:
                continue
        if len(found):
            ranked = found[np.argsort(-rarer[found], kind="stable")].tolist()
            named = _shown(_named(ranked, (own, *others)))
            yield (
                f"{sentence}{named}.",
                float(np.sort(rarer[found])[-1 if are_many else -FEWEST_WORDS]) / limit,
            )


def _buckets(ngrams: Sequence[str], spec: FeatureSpec) -> NDArray[np.int64]:
    """The bucket of each n-gram, wherever in a text it stands; -1 of what holds no word."""
    hashes = last_hashes(ngrams, spec.word_order)
    return np.array([-1 if one is None else one >> (64 - spec.word_bits) for one in hashes])


def _of_repeats(own: Fingerprint, others: Sequence[Fingerprint]) -> Iterator[tuple[str, float]]:
    """The same of passages in which all is said twice."""
    its = _said_again(own.sample)
    every = [_said_again(one.sample) for one in others]
    apart = max((its - max(every)) / OFTENER, (min(every) - its) / ALL_OFTENER)
    if apart >= 1:
        yield (
            f"In {100 * its:.0f} % of the passages of {source_name(own.name)} all is said twice or"
            f" oftener, and in {100 * min(every):.0f} to {100 * max(every):.0f} % of the"
            " others'.",
            apart,
        )


def _said_again(sample: SampledDocuments) -> float:
    once, tokens = (
        sample.statistics[:, STATISTICS.index(name)] for name in ("tokens_once", "tokens")
    )
    return float((once < SAID_AGAIN * tokens).mean())


def _named(buckets: Sequence[int], prints: Sequence[Fingerprint]) -> list[str]:
    """Those n-grams of some buckets that a sample names, words before pairs of words."""
    if not buckets:
        return []
    every = {ngram for one in prints for ngram in one.readable} | {*ENGLISH}
    ngrams = sorted(every, key=lambda one: (len(one), one))
    names: dict[int, str] = {}
    for ngram, bucket in zip(ngrams, _buckets(ngrams, prints[0].spec).tolist(), strict=True):
        names.setdefault(bucket, ngram)
    return sorted((names[one] for one in buckets if one in names), key=lambda one: one.count(" "))


def _shown(words: Sequence[str]) -> str:
    told = ", ".join(f"“{visible(one)}”" for one in words[:_SHOWN])
    return f" ({told})" if told else ""
