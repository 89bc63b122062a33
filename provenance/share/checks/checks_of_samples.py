"""Checks of the samples: contamination, prompts, lengths, and a part of them read as a corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.sample import SampledDocuments
from provenance.records import Diagnostic
from provenance.scoring.em import mixture_shares
from provenance.scoring.fitting.shared_prompts import FEWEST_SHARED
from provenance.scoring.scored import Passages, Scored, ScoredSamples, row_statistic
from provenance.share.checks.checks import warn_where
from provenance.share.many_sources.many_sources import closed_reading
from provenance.share.two_sources.bins import two_source
from provenance.share.two_sources.two_sources import TwoSource
from provenance.statistics.clusters import effective_number
from provenance.statistics.intervals import clopper_pearson
from provenance.words import ASK_EVERY_MODEL, percent

__all__ = [
    "contamination_check",
    "length_check",
    "negative_control",
    "prompt_check",
]


CONTAMINATION_LIMIT: Final = 0.005
_TAILS: Final = (0.5, 0.9)
_PLATEAU: Final = 0.5
_ALONE: Final = {"fail": 0.5, "warn": 0.05}
ASKED: Final = 0.5
"""Part of a sample that answers the corpus's own prompts from which it was asked of the corpus; a
round figure, not tuned."""
_COUNT_MORE: Final = (
    "{} count for half of each model's sample, or more, and the ranges allow for how far the other"
    " answers lie from them."
)
_OWN: Final = "Answers to the corpus's own prompts"
_SAID: Final = (
    "Answers that the fingerprints say were asked of a corpus (no prompt that was read shows that"
    " it was this one)"
)
LENGTH_LIMIT: Final = 0.10
LENGTH_WARNING: Final = 0.05
FEWEST_OF_LENGTHS: Final = 20
"""Independent texts of the other sources that the corpus's lengths leave, below which nobody knows
how these write there: as many as any sample has to hold."""


def contamination_check(
    samples: ScoredSamples, candidates: Sequence[int], references: Sequence[int]
) -> list[Diagnostic]:
    """References part of which looks as the candidate does.

    The higher a score of the candidate, the rarer it is in another's text, until what remains is
    the candidate's own: a part of a reference that stays as high scores are reached is its share.
    """
    passages, names = samples.scored.passages(), samples.names
    assert passages.source is not None
    checks = []
    for candidate in candidates:
        score = row_statistic(passages.log_posterior, candidate)[:, 0]
        own = passages.source == candidate
        levels = np.quantile(score[own], _TAILS)
        for other in references:
            rest = passages.source == other
            n_rest = effective_number(passages.weight[rest], passages.cluster[rest])
            above = [float(passages.weight[rest] @ (score[rest] > level)) for level in levels]
            ratios = [part / (1 - tail) for part, tail in zip(above, _TAILS, strict=True)]
            least = clopper_pearson(above[1] * n_rest, n_rest)[0] / (1 - _TAILS[1])
            stays = ratios[1] > _PLATEAU * ratios[0]
            found = least > CONTAMINATION_LIMIT and stays
            checks.append(
                warn_where(
                    found,
                    f"contamination[{names[other]}]",
                    ratios[1] if stays else 0.0,
                    CONTAMINATION_LIMIT,
                    f"About {percent(ratios[1])} of {names[other]} looks as the text of"
                    f" {names[candidate]} does: shares of {names[candidate]} are read"
                    " too low by as much. Bring a reference from before the API."
                    if found
                    else f"No part of {names[other]} stays as scores of"
                    f" {names[candidate]} get high.",
                )
            )
    return checks


def prompt_check(
    samples: Mapping[str, SampledDocuments],
    corpus: NDArray[np.uint64] | None = None,
    learnt: Mapping[str, NDArray[np.bool_]] | None = None,
    *,
    asked_count_more: bool = False,
) -> list[Diagnostic]:
    """Whether models answered the same prompts, and which were asked the corpus's own.

    A model that was sampled on prompts of its own is told from the others by these: text of an
    innocent one on such prompts was read as 82 % the candidate's. The corpus's own prompts are the
    best ones, where all models are asked them. Nothing of one model alone; where the prompts of one
    of several were not read, nobody knows, and that is said.

    Parameters
    ----------
    samples : mapping of str to SampledDocuments
        Of all sources that are models.
    corpus : ndarray of uint64, optional
        Hashes of the corpus's prompts, those at least that some sample answers.
    learnt : mapping of str to ndarray of bool, optional
        Which documents of each sample taught the models; all, unless told (see `taught`).
    asked_count_more : bool
        Whether answers to the corpus's prompts were given more weight; see `scoring.asked`. Where
        none of these prompts was read, only the fingerprints say that they are the corpus's.
    """
    asked = _asked(samples, np.empty(0, np.uint64) if corpus is None else corpus)
    if asked_count_more:
        shown = corpus is not None and len(corpus) > 0
        asked = f"{asked} {_COUNT_MORE.format(_OWN if shown else _SAID)}".lstrip()
    kept = {
        name: sample.prompt_hash[... if learnt is None else learnt[name]]
        for name, sample in samples.items()
    }
    prompts = {name: hashes[hashes != 0] for name, hashes in kept.items() if hashes.any()}
    unread = [name for name in kept if name not in prompts] if len(kept) > 1 else []
    doubt = [_unread(unread)] if unread else []
    if len(prompts) < 2:
        sentence = " ".join([*doubt, asked]).rstrip()
        return [_check("warn" if doubt else "ok", None, sentence)] if sentence else []
    answered, n_models = np.unique(
        np.concatenate([np.unique(hashes) for hashes in prompts.values()]), return_counts=True
    )
    alone = {
        name: float((n_models[np.searchsorted(answered, hashes)] == 1).mean())
        for name, hashes in prompts.items()
    }
    worst = max(alone, key=lambda name: (alone[name], name))
    verdict = next(
        (name for name, limit in _ALONE.items() if alone[worst] > limit),
        "ok",
    )
    untaught = {
        name: 1 - float(learnt[name].mean())
        for name in prompts
        if learnt is not None and not learnt[name].all()
    }
    told = []
    if alone[worst] > 0 or not untaught:
        which = "texts that were learnt from" if worst in untaught else "sampled texts"
        told.append(
            f"{percent(alone[worst])} of the {which} of {worst} answer prompts that no other"
            " model's sample answers."
        )
    if verdict != "ok":
        told.append("The sources may be told apart by their prompts.")
    told += [
        f"{percent(part)} of the sampled texts of {name} answer prompts that few others answer:"
        " nothing was learnt from these, and how the others write there is not known."
        for name, part in untaught.items()
    ]
    told += doubt
    if (untaught or doubt) and verdict == "ok":
        verdict = "warn"
    if verdict != "ok":
        told.append(f"{ASK_EVERY_MODEL}.")
    if verdict == "fail":
        told.append(
            f"Or give, beside these, answers of {worst} to the prompts that the others answered,"
            f" {FEWEST_SHARED} or more (provenance merge A.fp B.fp -o C.fp): the sources are then"
            " told apart by these."
        )
    return [_check(verdict, alone[worst], " ".join([*told, asked]).rstrip())]


def _unread(names: Sequence[str]) -> str:
    """What is not known where samples came without their prompts."""
    named = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return (
        f"Which prompts {named} answered is not known. If the candidate was asked about other"
        " things than the other models, it is told apart by these, and whoever's text about them"
        " reads as its. Read the samples with their prompts (--prompt-field)."
    )


def _check(verdict: str, alone: float | None, sentence: str) -> Diagnostic:
    return Diagnostic(
        name="prompts",
        verdict=verdict,  # type: ignore[arg-type]
        statistic=alone,
        limit=None if alone is None else _ALONE["warn"],
        sentence=sentence,
    )


def _asked(samples: Mapping[str, SampledDocuments], corpus: NDArray[np.uint64]) -> str:
    """Which samples were asked the corpus's prompts, in a sentence each."""
    parts = {
        name: float(np.isin(sample.prompt_hash, corpus).mean())
        for name, sample in samples.items()
        if len(sample.prompt_hash)
    }
    return " ".join(
        f"{name} was asked: {percent(part)} of its sampled texts answer the corpus's own prompts,"
        " and a row that answers one is scored by models that saw no answer to it."
        for name, part in parts.items()
        if part >= ASKED
    )


def length_check(
    samples: ScoredSamples,
    corpus: Scored,
    candidates: Sequence[int],
    shares: NDArray[np.float64],
    *,
    many: bool = False,
) -> Diagnostic:
    """Error at known shares on held-out rows that have the corpus's lengths.

    Of a candidate against references each side alone; of many sources, which differ in length, the
    mixture that was fitted. Of many, the others must have written at the corpus's lengths at all:
    where the candidate's texts alone were cut short, whoever's texts are cut read as its.

    Parameters
    ----------
    samples : ScoredSamples
    corpus : Scored
    candidates : sequence of int
    shares : ndarray of float64, shape (n_sources,)
        Of the fitted mixture.
    many : bool
        Whether there are other sources than one candidate and references.
    """
    passages, lengths = samples.scored.passages(), samples.scored.passage_tokens
    if many:
        fewest = min(
            _n_of_lengths(passages, lengths, corpus, candidate) for candidate in candidates
        )
        if fewest < FEWEST_OF_LENGTHS:
            return Diagnostic(
                name="lengths",
                verdict="fail",
                statistic=1.0,
                limit=LENGTH_LIMIT,
                sentence=(
                    "Next to no text of the other sources is as long as the corpus's are (worth"
                    f" {fewest:.0f} that share nothing, of {FEWEST_OF_LENGTHS} that it takes): how"
                    " they write at such lengths is not known. Bring samples of the corpus's"
                    " lengths, of all sources."
                ),
            )
    edges = np.unique(np.quantile(lengths, np.arange(1, 10) / 10))
    weight = corpus.passages().weight
    target = _shares_of(np.searchsorted(edges, corpus.passage_tokens), weight, len(edges) + 1)
    place = np.searchsorted(edges, lengths)
    error = max(
        _length_error(passages, place, target, part, candidate, many)
        for candidate in candidates
        for part in _compositions(np.maximum(shares, 0), candidate, many)
    )
    verdict = "fail" if error > LENGTH_LIMIT else "warn" if error > LENGTH_WARNING else "ok"
    mixed = "beyond their interval" if many else "at shares 0 and 100 %"
    return Diagnostic(
        name="lengths",
        verdict=verdict,  # type: ignore[arg-type]
        statistic=error,
        limit=LENGTH_LIMIT,
        sentence=(
            "Held-out rows of the samples, weighted to the corpus's lengths, are read with an error"
            f" of {100 * error:.1f} points {mixed}."
            + (" Bring samples of the corpus's lengths." if verdict != "ok" else "")
        ),
    )


def _n_of_lengths(
    passages: Passages, lengths: NDArray[np.integer], corpus: Scored, candidate: int
) -> float:
    """What the other sources' rows are worth where they are weighted to the corpus's lengths.

    By classes of their binary logarithm; what no other source has counts as one row.
    """
    assert passages.source is not None
    others = passages.source != candidate
    wanted, place = (np.log2(of).astype(np.intp) for of in (corpus.passage_tokens, lengths[others]))
    n_classes = int(max(wanted.max(), place.max())) + 1
    target = _shares_of(wanted, corpus.passages().weight, n_classes)
    weight, cluster = passages.weight[others], passages.cluster[others]
    own = np.bincount(place, weight, minlength=n_classes)
    weight = weight * (target / np.maximum(own, 1e-12))[place]
    lacking = float(target[own <= 0].sum())
    return effective_number(np.append(weight, lacking), np.append(cluster, cluster.max() + 1))


def _compositions(
    shares: NDArray[np.float64], candidate: int, many: bool
) -> list[NDArray[np.float64]]:
    """What a corpus of the samples' rows is made of, shares of the sources."""
    if many:
        return [shares]
    own = (np.arange(len(shares)) == candidate).astype(np.float64)
    return [own, 1 - own]


def _length_error(
    passages: Passages,
    place: NDArray[np.intp],
    target: NDArray[np.float64],
    shares: NDArray[np.float64],
    candidate: int,
    many: bool,
) -> float:
    """Of rows with these shares and lengths read as a corpus; 1 where none has such lengths."""
    assert passages.source is not None
    weight = passages.weight * shares[passages.source]
    own = _shares_of(place, weight, len(target))
    factor = np.where(own > 0, target / np.maximum(own, 1e-12), 0)
    weight = weight * np.minimum(factor, 20)[place]
    used = weight > 0
    if not used.any():
        return 1.0
    held = Passages(passages.log_posterior[used], weight[used], passages.cluster[used])
    truth = float(weight[passages.source == candidate].sum() / weight.sum())
    if not many:
        # By densities the share alone is near enough.
        return abs(_by_densities(held, passages, candidate).share - truth)
    reading = closed_reading(held, passages, candidate)
    # Each end costs a search; the share is between them.
    beyond = (
        reading.low_of_known - truth if reading.share > truth else truth - reading.high_of_known
    )
    return max(0.0, beyond)


def _by_densities(held: Passages, references: Passages, candidate: int) -> TwoSource:
    shares = mixture_shares(held.log_posterior, held.weight)
    return two_source(held, references, candidate, shares)


def _share_and_low(
    held: Passages, references: Passages, candidate: int, many: bool
) -> tuple[float, float]:
    """Of a part of the samples read as if it were a corpus."""
    if many:
        reading = closed_reading(held, references, candidate)
        return reading.share, reading.low_of_known
    found = _by_densities(held, references, candidate)
    return found.share, found.interval(0.95)[0]


def _shares_of(
    place: NDArray[np.intp], weight: NDArray[np.float64], n_bins: int
) -> NDArray[np.float64]:
    counted = np.bincount(place, weight, minlength=n_bins)
    result: NDArray[np.float64] = counted / counted.sum()
    return result


def negative_control(
    samples: ScoredSamples, candidates: Sequence[int], *, many: bool = False
) -> Diagnostic:
    """Each fifth of the other sources matched as if it were a corpus; no share may show."""
    passages = samples.scored.passages()
    fold = samples.fold[samples.scored.document]
    assert passages.source is not None
    fired, n_read, worst = 0, 0, 0.0
    for candidate in candidates:
        for held in np.unique(fold):
            test = (fold == held) & (passages.source != candidate)
            kept = fold != held
            if not test.any() or not np.isin(passages.source, passages.source[kept]).all():
                continue
            suspect = Passages(
                passages.log_posterior[test], passages.weight[test], passages.cluster[test]
            )
            source = passages.source[kept]
            rest = Passages(
                passages.log_posterior[kept],
                passages.weight[kept] / np.bincount(source, passages.weight[kept])[source],
                passages.cluster[kept],
                source,
            )
            share, low = _share_and_low(suspect, rest, candidate, many)
            n_read += 1
            fired += int(low > 0)
            worst = max(worst, share)
    failed = fired > len(candidates)
    return Diagnostic(
        name="negative_control",
        verdict="fail" if failed else "warn" if fired else "ok",
        statistic=worst,
        limit=0.0,
        sentence=(
            f"Held-back fifths of the other sources were read as up to {percent(worst)} of the"
            f" candidate's, and {fired} of {n_read} were told as above 0."
        ),
    )
