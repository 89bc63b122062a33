"""At most how much of a corpus a candidate wrote, where nothing else was given to tell it from.

Estimation of mixture proportions (Blanchard, Lee and Scott 2010; Scott 2015): if a share a of the
corpus is the candidate's, the corpus has at least a times the candidate's probability on every set,
whatever the rest is. So a is at most the smallest ratio of the two probabilities, here over the
sets of documents that look most like the candidate's sample to a scorer that was fitted between the
sample and the corpus itself, and scores both without having seen them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.fingerprint.sample import SampledDocuments
from provenance.records import CorpusSummary, Diagnostic, Power, Share
from provenance.scoring.fitting import MINIMUM_DOCUMENTS, components, fit_panel
from provenance.scoring.scored import document_means, row_statistic
from provenance.share.estimate import UNITS, over_all
from provenance.statistics.clusters import effective_number, weighted_quantiles
from provenance.statistics.intervals import clopper_pearson

if TYPE_CHECKING:
    from provenance.corpus import Corpus
    from provenance.fingerprint.fingerprint import Fingerprint

__all__ = ["ScoredDocuments", "TailBound", "bound_fields", "share_bounds", "tail_bound"]

N_THRESHOLDS: Final = 20
"""Thresholds whose ratios are bounded at once. A round figure, not tuned."""
_VIEW: Final = "words"
"""Not the shape: whoever strips the layout of a corpus would lower the bound."""
_POWER: Final = 0.8
"""Of the smallest detectable share, which is not known here. A custom of test planning."""


@dataclass(frozen=True, slots=True)
class ScoredDocuments:
    """Documents of one origin with their scores.

    Parameters
    ----------
    score : ndarray of float64, shape (n_documents,)
        High where a document looks like the candidate's.
    weight : ndarray of float64, shape (n_documents,)
    cluster : ndarray of int64, shape (n_documents,)
        Number of the unit of independence.
    """

    score: NDArray[np.float64]
    weight: NDArray[np.float64]
    cluster: NDArray[np.int64]

    def above(self, threshold: float) -> float:
        """Part of the weight with a score above a threshold."""
        return float(self.weight[self.score > threshold].sum() / self.weight.sum())

    @property
    def n_effective(self) -> float:
        """Number of independent documents that these are worth."""
        return effective_number(self.weight, self.cluster)


@dataclass(frozen=True, slots=True)
class TailBound:
    """The largest share that the scores allow, and the set of scores that says so.

    Parameters
    ----------
    high : float
        Upper confidence bound of the share, in [0, 1]; 1 bounds nothing.
    own_above, corpus_above : float
        Parts of the candidate's sample and of the corpus in that set.
    n_own, n_corpus : float
        Independent documents of both.
    """

    high: float
    own_above: float
    corpus_above: float
    n_own: float
    n_corpus: float


def tail_bound(own: ScoredDocuments, corpus: ScoredDocuments, confidence_level: float) -> TailBound:
    """Upper confidence bound of the candidate's share, whatever the rest of the corpus is.

    The thresholds stand at evenly spaced quantiles of the candidate's scores, wherever the ratio is
    smallest. All of the probabilities above them are bounded at once (Clopper and Pearson 1934 on
    effective numbers, Bonferroni), so that the smallest of the ratios may be taken.

    Parameters
    ----------
    own, corpus : ScoredDocuments
    confidence_level : float

    Examples
    --------
    >>> alike = ScoredDocuments(np.arange(400.0), np.ones(400), np.arange(400))
    >>> tail_bound(alike, alike, 0.95).high
    1.0
    """
    n_own, n_corpus = own.n_effective, corpus.n_effective
    # Each of the 2 N one-sided bounds fails with (1 - confidence_level) / (2 N) at most.
    each = 1 - (1 - confidence_level) / N_THRESHOLDS
    levels = np.arange(1, N_THRESHOLDS + 1) / (N_THRESHOLDS + 1)
    best = TailBound(1.0, 1.0, 1.0, n_own, n_corpus)
    for threshold in weighted_quantiles(own.score, own.weight, levels).tolist():
        own_above, corpus_above = own.above(threshold), corpus.above(threshold)
        least = clopper_pearson(own_above * n_own, n_own, each)[0]
        most = clopper_pearson(corpus_above * n_corpus, n_corpus, each)[1]
        if most < best.high * least:
            best = TailBound(most / least, own_above, corpus_above, n_own, n_corpus)
    return best


def share_bounds(
    candidate: Fingerprint, corpus: Fingerprint, *, seed: int, confidence_level: float
) -> dict[str, TailBound] | None:
    """Bounds by unit; None where the corpus has too few independent documents for any.

    Parameters
    ----------
    candidate, corpus : Fingerprint
        Of one spec, with different names.
    seed : int
        Draws the folds of the fit.
    confidence_level : float

    Raises
    ------
    InputError
        Where the candidate has too little text.
    """
    samples = candidate.sample, corpus.sample
    source = np.repeat([0, 1], [len(sample) for sample in samples])
    pooled = SampledDocuments.concatenate(samples)
    if len(np.unique(components(pooled, source)[source == 1])) < MINIMUM_DOCUMENTS:
        return None
    panel = fit_panel([candidate, corpus], seed)
    references = panel.references
    score = document_means(
        row_statistic(panel.views[_VIEW].log_posterior, 0),
        references.document,
        references.passage_tokens,
        len(source),
    )[:, 0].astype(np.float64)
    bounds = {}
    for unit in UNITS:
        weight = pooled.multiplicity * (pooled.n_tokens if unit == "tokens" else 1.0)
        own, rest = (
            ScoredDocuments(score[one], weight[one], references.component[one])
            for one in (source == 0, source == 1)
        )
        bounds[unit] = tail_bound(own, rest, confidence_level)
    return bounds


def bound_fields(
    corpus: Corpus,
    candidate: Fingerprint,
    measured: Fingerprint,
    *,
    seed: int,
    confidence_level: float,
) -> dict[str, Any]:
    """All fields of the report but the manifest.

    Parameters
    ----------
    corpus : Corpus
        That was read.
    candidate, measured : Fingerprint
        Of the candidate, and of the corpus.
    seed : int
    confidence_level : float

    Raises
    ------
    InputError
        Where no document is long enough, or the candidate has too little text.
    """
    n_scored = measured.n_documents - measured.n_too_short
    if not n_scored:
        raise InputError(
            f"no document of the corpus has {measured.spec.min_tokens} tokens or more",
            where=", ".join(corpus.paths[:3]),
            expected="longer texts",
        )
    bounds = share_bounds(candidate, measured, seed=seed, confidence_level=confidence_level)
    found = bounds if bounds is not None and bounds["documents"].high < 1 else None
    rows = [
        row
        for unit in UNITS
        for row in _rows(
            candidate.name, unit, None if found is None else found[unit], confidence_level
        )
    ]
    check = _bound_check(candidate.name, bounds)
    scored = _scored(measured)
    return {
        "verdict": "withheld" if found is None else "estimated",
        "reasons": tuple(_reasons(candidate.name, check, found is None, corpus.options.by)),
        "corpus": _summary(corpus, measured),
        "shares": tuple(rows),
        "shares_all": tuple(over_all(row, scored[row.unit]) for row in rows),
        "diagnostics": (check,),
        "power": tuple(
            Power(
                source=candidate.name,
                unit=unit,  # type: ignore[arg-type]
                smallest_detectable_share=None,
                at_power=_POWER,
            )
            for unit in UNITS
        ),
    }


def _rows(
    name: str, unit: str, bound: TailBound | None, confidence_level: float
) -> tuple[Share, Share]:
    high = 1.0 if bound is None else bound.high
    common: dict[str, Any] = {"unit": unit, "share": None, "confidence_level": confidence_level}
    verdict: Any = "withheld" if bound is None else "bounded"
    return (
        Share(source=name, role="candidate", low=0.0, high=high, verdict=verdict, **common),
        Share(source=None, role="unknown", low=1 - high, high=1.0, verdict="bounded", **common),
    )


def _scored(measured: Fingerprint) -> Mapping[str, float]:
    """Part of the documents, and at least what part of the tokens, that was scored."""
    n_unscored = measured.n_too_short * max(0, measured.spec.min_tokens - 1)
    return {
        "documents": 1 - measured.n_too_short / measured.n_documents,
        "tokens": max(0.0, 1 - n_unscored / max(1, measured.n_tokens)),
    }


def _bound_check(name: str, bounds: Mapping[str, TailBound] | None) -> Diagnostic:
    bound = None if bounds is None else bounds["documents"]
    if bound is None:
        sentence = (
            f"The corpus holds fewer than {MINIMUM_DOCUMENTS} independent documents long enough to"
            f" score: not even an upper bound of the share of {name} can be told."
        )
    elif bound.high >= 1:
        sentence = (
            f"Nothing in the corpus is rarer than in the sample of {name}: not even an upper bound"
            " of its share can be told."
        )
    else:
        sentence = (
            f"{100 * bound.own_above:.0f} % of the sample of {name} score above a threshold that"
            f" {100 * bound.corpus_above:.1f} % of the corpus reach"
            f" ({bound.n_own:,.0f} and {bound.n_corpus:,.0f} independent documents;"
            f" {N_THRESHOLDS} thresholds bounded at once)."
        )
    failed = bound is None or bound.high >= 1
    return Diagnostic(
        name=f"bound[{name}]",
        verdict="fail" if failed else "ok",
        statistic=None if bound is None else bound.high,
        limit=1.0,
        sentence=sentence,
    )


def _reasons(name: str, check: Diagnostic, withheld: bool, by: tuple[str, ...]) -> list[str]:
    told = [check.sentence] if withheld else []
    told += [
        "Without a reference or a panel only an upper bound can be told, and no rows are listed"
        " (documents.parquet is not written). Bring --reference H.fp: text of the corpus's own"
        " domain that no model wrote; and --panel: other models that may stand behind it.",
        f"The bound holds as far as the sample stands for what {name} wrote here: text on other"
        " prompts, or edited since, looks unlike the sample, and the bound is then too low.",
    ]
    if by:
        told.append(f"No shares by {', '.join(by)} are told without a reference or a panel.")
    return told


def _summary(corpus: Corpus, measured: Fingerprint) -> CorpusSummary:
    n_scored = measured.n_documents - measured.n_too_short
    n_sampled = int(measured.sample.multiplicity.sum())
    return CorpusSummary(
        paths=tuple(corpus.paths),
        n_documents=measured.n_documents,
        n_scored=n_scored,
        n_too_short=measured.n_too_short,
        n_skipped=corpus.counts.n_skipped,
        n_tokens=measured.n_tokens,
        n_distinct=round(len(measured.sample) * n_scored / max(1, n_sampled)),
        sha256=corpus.sha256,
        repairs=dict(sorted(measured.repairs.items())),
        text_fields=dict(corpus.text_fields),
    )
