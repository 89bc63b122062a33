"""Whether a candidate was asked about what the other models were asked about, by the texts alone.

A model that was sampled on prompts of its own is told from the others by these. Where prompts were
read, `prompt_check` counts them. Where they were not, the texts tell: of two models that answered
one prompt, those texts of theirs that are nearest to a third one's answer are near to each other,
because they are about the same thing. Beside a text about something else they are any two texts.
How a model writes moves each of these alike, and cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.sample import SampledDocuments
from provenance.records import Diagnostic
from provenance.share.sources import Sources
from provenance.words import ASK_EVERY_MODEL, percent

if TYPE_CHECKING:
    import scipy.sparse

__all__ = ["FEWEST_OTHERS", "LIMIT", "agreement", "topic_checks"]

FEWEST_OTHERS: Final = 3
"""Other models at least: two that are looked through beside a third one's texts."""
LIMIT: Final = 0.4
"""Agreement below which a candidate was asked about other things. It lies between what was seen of
AlpacaEval's models on other prompts, 0.36 at most, and of sources on the same ones, where a model
that follows no instruction beside five that do had 0.46; sets it was not chosen on are told by
`bench.other_topics`."""
_MOST_OTHERS: Final = 8
"""Other models that are looked through, the nearest ones: a bound on time, not tuned."""
_MOST_TEXTS: Final = 1000
"""Texts of a sample that are looked through; a bound on time, not tuned."""
_MOST_ASKED: Final = 150
"""Texts of a sample that others are looked through for; a round figure, not tuned."""
_COMMON: Final = 0.1
"""Part of the texts from which on a word says how somebody writes, not what about; not tuned."""


def topic_checks(sources: Sources) -> list[Diagnostic]:
    """A check for each candidate whose prompts cannot be held against the other models'.

    Nothing where they can, and beside fewer than three other models.

    Parameters
    ----------
    sources : Sources
    """
    samples = {one: sources.fingerprints[one].sample for one in sources.models}
    checks = []
    for candidate in sources.candidates:
        others = [sample for one, sample in samples.items() if one != candidate]
        own = samples[candidate]
        read = own.prompt_hash.any() and any(one.prompt_hash.any() for one in others)
        if len(others) < FEWEST_OTHERS or read:
            continue
        found = agreement(own, others, sources.fingerprints[candidate].spec.n_word_features)
        if found is not None:
            checks.append(_check(sources.names[candidate], found))
    return checks


def agreement(
    own: SampledDocuments, others: Sequence[SampledDocuments], n_features: int
) -> float | None:
    """How far others' samples agree on what they hold nearest to a source's texts.

    In parts of how far they agree beside each other's texts: about 1 where all answered the same
    prompts, or prompts about the same things, near 0 where the source did not. None where the
    others do not agree beside their own texts either.

    Parameters
    ----------
    own : SampledDocuments
    others : sequence of SampledDocuments
        At least `FEWEST_OTHERS`.
    n_features : int
        Number of the buckets of words, which are the first.
    """
    said = _said([own, *others], n_features)
    if len(others) > _MOST_OTHERS:
        near = [-float(np.median(_nearest(said[0], one)[1])) for one in said[1:]]
        said = [said[0], *(said[1 + at] for at in np.argsort(near, kind="stable")[:_MOST_OTHERS])]
    beside = [
        _agreement(said[at], [one for number, one in enumerate(said) if number not in (0, at)])
        for at in range(1, len(said))
    ]
    usual = float(np.median(np.concatenate(beside)))
    found = float(np.median(_agreement(said[0], said[1:])))
    return found / usual if usual > 0 else None


def _said(samples: Sequence[SampledDocuments], n_features: int) -> list[scipy.sparse.csr_array]:
    """Rows of length 1: the words of each document that are not common, the rarer the heavier."""
    import scipy.sparse

    held = [_words(sample, n_features) for sample in samples]
    rates = np.mean([one.sum(axis=0) / max(1, one.shape[0]) for one in held], axis=0)
    counts = np.sum([one.sum(axis=0) for one in held], axis=0)
    kept = np.flatnonzero((rates < _COMMON) & (counts >= 2))
    n_texts = sum(one.shape[0] for one in held)
    heavy = scipy.sparse.diags_array(np.log(n_texts / counts[kept]))
    return [_of_length_1(one[:, kept] @ heavy) for one in held]


def _words(sample: SampledDocuments, n_features: int) -> scipy.sparse.csr_array:
    """Which words stand in each of the first documents, which are drawn by their hashes."""
    import scipy.sparse

    n_texts = min(len(sample), _MOST_TEXTS)
    n_passages = int(np.searchsorted(sample.document, n_texts))
    rows = sample.rows.unpacked().part(0, n_passages)
    document = np.repeat(sample.document[:n_passages], np.diff(rows.indptr))
    words = rows.indices < n_features
    place = document[words], rows.indices[words].astype(np.int64)
    found = scipy.sparse.coo_array(
        (np.ones(len(place[0])), place), shape=(n_texts, n_features)
    ).tocsr()
    found.data[:] = 1.0
    return found


def _of_length_1(rows: Any) -> scipy.sparse.csr_array:
    import scipy.sparse

    lengths = np.sqrt(rows.multiply(rows).sum(axis=1))
    return scipy.sparse.csr_array(scipy.sparse.diags_array(1 / np.maximum(lengths, 1e-12)) @ rows)


def _nearest(
    texts: scipy.sparse.csr_array, among: scipy.sparse.csr_array
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which of some texts is nearest to each of the first others, and how near it is."""
    near = (texts[:_MOST_ASKED] @ among.T).toarray()
    return near.argmax(axis=1), near.max(axis=1)


def _agreement(
    texts: scipy.sparse.csr_array, samples: Sequence[scipy.sparse.csr_array]
) -> NDArray[np.float64]:
    """How near to each other the nearest texts of two samples are, beyond any two of these.

    The mean over pairs of samples, for each text.
    """
    found = [one[_nearest(texts, one)[0]] for one in samples]
    n_pairs = len(found) * (len(found) - 1)
    together = _pairs(sum(found[1:], start=found[0]), found) / n_pairs
    sums = [one.sum(axis=0) for one in found]
    whole = np.sum(sums, axis=0)
    # Of texts found for different ones: all pairs, less those found for the same.
    every = (whole @ whole - sum(one @ one for one in sums)) / n_pairs
    n_texts = len(together)
    apart = (every - together.sum()) / max(1, n_texts * (n_texts - 1))
    return np.asarray(together - apart)


def _pairs(
    whole: scipy.sparse.csr_array, parts: Sequence[scipy.sparse.csr_array]
) -> NDArray[np.float64]:
    """Sum over pairs of different parts of their inner products, for each row."""
    own = sum(one.multiply(one).sum(axis=1) for one in parts)
    return np.asarray(whole.multiply(whole).sum(axis=1) - own, np.float64)


def _check(name: str, found: float) -> Diagnostic:
    failed = found < LIMIT
    alike = (
        f"What the other models' samples hold nearest to each text of {name} agrees"
        f" {percent(max(0.0, found))} as well as what they hold nearest to each other's."
    )
    sentence = (
        f"{alike} {name} seems to have been asked about other things than they were, or answers in"
        " another language: it is told apart by these, and whoever's text of that kind reads as"
        " its."
        f" {ASK_EVERY_MODEL}. Where all answered the same prompts, read the samples with"
        " these (--prompt-field)."
        if failed
        else f"{alike} No text shows that it was asked about other things."
    )
    return Diagnostic(
        name=f"topics[{name}]",
        verdict="fail" if failed else "ok",
        statistic=found,
        limit=LIMIT,
        sentence=sentence,
    )
