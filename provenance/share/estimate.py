"""Every source's share of a scored corpus, and whether it may be believed.

Knows no text: scores of the corpus and of the samples go in, shares with intervals and diagnostics
come out. `match` reads its corpus from files, `validate` draws its corpora from held-out rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from provenance.records import FIT, SHIFT, Diagnostic, Share
from provenance.scoring.scored import Passages, Scored, ScoredSamples, row_statistic
from provenance.share.checks.checks import fit_checks, shift_checks, sibling_checks
from provenance.share.checks.checks_of_samples import (
    contamination_check,
    length_check,
    negative_control,
)
from provenance.share.checks.processed import processed_checks
from provenance.share.checks.topics import topic_checks
from provenance.share.many_sources.many_sources import fit_many
from provenance.share.many_sources.problem import SampleRows
from provenance.share.mixture import Mixture
from provenance.share.other_domain.shift import ShiftedShare, shifted_share
from provenance.share.other_domain.shift_model import ClassScores, CorpusScores
from provenance.share.part import WHOLE, Part
from provenance.share.sources import Sources
from provenance.share.two_sources.densities import fit_mixture
from provenance.share.two_sources.two_sources import CAUTION
from provenance.statistics.threads import one_thread
from provenance.words import percent

__all__ = [
    "UNITS",
    "Estimate",
    "estimate_part",
    "estimate_shares",
    "fit_shares",
    "over_all",
    "sample_checks",
    "shift_estimate",
]


UNITS = ("documents", "tokens")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Shares of all sources and what was checked.

    Parameters
    ----------
    mixtures : mapping of str to Mixture
        By unit: documents, tokens.
    diagnostics : tuple of Diagnostic
    shifted : mapping of str to ShiftedShare
        By unit, where the shares are those of a corpus of another domain; else empty.
    """

    mixtures: Mapping[str, Mixture]
    diagnostics: tuple[Diagnostic, ...]
    shifted: Mapping[str, ShiftedShare] = field(default_factory=dict)

    @property
    def withheld(self) -> bool:
        """Whether a check failed."""
        return any(item.verdict == "fail" for item in self.diagnostics)

    def keeps_ends(self, diagnostics: Iterable[Diagnostic]) -> bool:
        """Whether the ends can be defended although one of all checks failed."""
        is_open = bool(self.mixtures["documents"].open_fit_p_values)
        kept = FIT if is_open else SHIFT if self.shifted else None
        failed = {item.kind for item in diagnostics if item.verdict == "fail"}
        return kept is not None and failed <= {kept}


def estimate_shares(
    corpus: Scored,
    samples: ScoredSamples,
    sources: Sources,
    *,
    trusted: Scored | None = None,
    of_samples: Sequence[Diagnostic] | None = None,
    confidence_level: float = 0.95,
    caution: float = CAUTION,
) -> Estimate:
    """Estimate the share of every source of the samples in a scored corpus.

    Parameters
    ----------
    corpus : Scored
    samples : ScoredSamples
        In the view that the corpus was scored in.
    sources : Sources
        In the order of ``samples.names``.
    trusted : Scored, optional
        Scored rows of the corpus's own domain that are held to be of no candidate.
    of_samples : sequence of Diagnostic, optional
        What `sample_checks` found of these samples and sources, where many corpora are read.
    confidence_level, caution : float
        See `fit_mixture`.
    """
    rows = SampleRows(samples.scored.passages(), samples.unknown)
    mixtures = {
        unit: fit_shares(
            corpus.passages(unit),
            samples,
            sources,
            confidence_level=confidence_level,
            caution=caution,
            rows=rows,
        )
        for unit in UNITS
    }
    checks = fit_checks(mixtures["documents"], sources.candidates, sources.names)
    shifted: dict[str, ShiftedShare] = {}
    if sources.of_two_classes and any(item.verdict == "fail" for item in checks):
        shifted = {
            unit: found
            for unit in UNITS
            if (
                found := shift_estimate(
                    corpus.passages(unit),
                    samples,
                    sources,
                    trusted=None if trusted is None else trusted.passages(unit),
                    confidence_level=confidence_level,
                )
            )
            is not None
        }
        checks = shift_checks(checks, shifted.get("documents"))
        mixtures = {
            unit: with_shift(mixture, shifted[unit], sources.candidates[0])
            if unit in shifted
            else mixture
            for unit, mixture in mixtures.items()
        }
    many = not _by_densities(sources)
    diagnostics = (
        *checks,
        *sibling_checks(mixtures["documents"], sources.names),
        *_told_apart(mixtures["documents"], sources),
        *_trusted_checks(trusted if not shifted else None, samples, sources, caution),
        length_check(samples, corpus, sources.candidates, mixtures["documents"].fitted, many=many),
        *(sample_checks(samples, sources) if of_samples is None else of_samples),
    )
    return Estimate(mixtures, diagnostics, shifted)


@one_thread
def sample_checks(samples: ScoredSamples, sources: Sources) -> tuple[Diagnostic, ...]:
    """What is checked of the samples alone, the same beside any corpus."""
    many = not _by_densities(sources)
    return (
        negative_control(samples, sources.candidates, many=many),
        *contamination_check(samples, sources.candidates, sources.references),
        *processed_checks(sources),
        *topic_checks(sources),
    )


def estimate_part(
    part: Scored,
    whole: Scored,
    found: Mapping[str, Mixture],
    samples: ScoredSamples,
    sources: Sources,
    *,
    n_parts: int,
    confidence_level: float,
    caution: float,
) -> Estimate:
    """Shares of a part of a corpus, under all that its own rows and the whole corpus call for.

    Parameters
    ----------
    part, whole : Scored
    found : mapping of str to Mixture
        Of the whole, by unit; not of a corpus of another domain.
    samples, sources
        As in `estimate_shares`.
    n_parts : int
        How many parts are read: their intervals hold together at the level asked for.
    confidence_level, caution : float
        See `fit_mixture`.

    Returns
    -------
    Estimate
        Its checks are those that hang on the part's own rows. What hangs on the samples alone is
        checked with the whole.
    """
    mixtures = {}
    for unit in UNITS:
        fraction = part.total(unit) / whole.total(unit)
        doubts = {source: one.of_part(fraction) for source, one in found[unit].doubts.items()}
        mixture = fit_shares(
            part.passages(unit),
            samples,
            sources,
            confidence_level=confidence_level,
            caution=caution,
            part=Part(n_parts, doubts),
        )
        mixtures[unit] = mixture.within(found[unit], fraction)
    documents, many = mixtures["documents"], not _by_densities(sources)
    return Estimate(
        mixtures,
        (
            *(
                check
                for mixture in mixtures.values()
                for check in fit_checks(mixture, sources.candidates, sources.names)
            ),
            *_told_apart(documents, sources),
            length_check(samples, part, sources.candidates, documents.fitted, many=many),
        ),
    )


def _by_densities(sources: Sources) -> bool:
    """Whether shares come from the densities of one score, not from moments of many."""
    return len(sources.names) == 2 or sources.of_two_classes


def _told_apart(mixture: Mixture, sources: Sources) -> Iterator[Diagnostic]:
    """Candidates of which any share would do."""
    for number in sources.candidates:
        name = sources.names[number]
        low = mixture.low_of_given.get(number, mixture.low[number])
        nothing = low <= 0 and mixture.high[number] >= 1
        sentence = (
            f"Any share of {name} is compatible with the corpus: the sources cannot be told apart"
            " on so little text, or at all. Bring a larger corpus, or samples that differ."
            if nothing
            else f"Some shares of {name} can be excluded."
        )
        yield Diagnostic(
            name=f"separable[{name}]",
            verdict="fail" if nothing else "ok",
            statistic=float(mixture.high[number] - mixture.low[number]),
            limit=1.0,
            sentence=sentence,
        )


def _trusted_checks(
    trusted: Scored | None, samples: ScoredSamples, sources: Sources, caution: float
) -> Iterator[Diagnostic]:
    """Trusted rows read as if they were a corpus: no candidate may show in them."""
    if trusted is None:
        return
    passages = trusted.passages()
    # What reads as a candidate's counts here, whosever it may be.
    given = replace(sources, only=True)
    found = fit_shares(passages, samples, given, confidence_level=0.95, caution=caution)
    for number in sources.candidates:
        name, low = sources.names[number], float(found.low[number])
        sentence = (
            f"Rows that are held to be no model's are read as {name}'s, {percent(low)} of them at"
            " least: shares of this corpus cannot be believed."
            if low > 0
            else f"No share of {name} is read in the trusted rows."
        )
        yield Diagnostic(
            name=f"trusted[{name}]",
            verdict="fail" if low > 0 else "ok",
            statistic=low,
            limit=0.0,
            sentence=sentence,
        )


def shift_estimate(
    corpus: Passages,
    samples: ScoredSamples,
    sources: Sources,
    *,
    trusted: Passages | None = None,
    confidence_level: float = 0.95,
) -> ShiftedShare | None:
    """Share of the only candidate in a corpus of another domain than the references.

    Parameters
    ----------
    corpus : Passages
    samples, sources
        As in `estimate_shares`; one candidate, all others references.
    trusted : Passages, optional
    confidence_level : float

    Returns
    -------
    ShiftedShare or None
        None where nothing tells how far scores shift.
    """
    (candidate,) = sources.candidates
    passages = samples.scored.passages()
    source, weight = samples.source[samples.scored.document], passages.weight
    inside = _ratio(passages.log_posterior, candidate)
    outside = _ratio(samples.other_domains, candidate)
    domain = samples.domain[samples.scored.document]
    own, rest = (
        ClassScores(inside[chosen], outside[chosen], weight[chosen], domain[chosen])
        for chosen in (source == candidate, source != candidate)
    )
    scores = [
        None
        if one is None
        else CorpusScores(_ratio(one.log_posterior, candidate), one.weight, one.cluster)
        for one in (corpus, trusted)
    ]
    assert scores[0] is not None
    return shifted_share(own, rest, scores[0], scores[1], confidence_level=confidence_level)


def _ratio(log_posterior: NDArray[np.float32], candidate: int) -> NDArray[np.float64]:
    """Log likelihood ratio of the candidate against all references alike."""
    return row_statistic(log_posterior, candidate)[:, 0].astype(np.float64)


def with_shift(mixture: Mixture, found: ShiftedShare, candidate: int) -> Mixture:
    """The same mixture with the candidate's share; the references divide the rest as before."""
    others = np.arange(len(mixture.shares)) != candidate
    divided = np.where(others, np.maximum(mixture.fitted, 1e-9), 0)
    shares = (1 - found.share) * divided / divided.sum()
    shares[candidate] = found.share
    low, high = np.zeros(len(shares)), np.full(len(shares), 1 - found.low)
    if len(shares) == 2:
        low[others] = 1 - found.high
    low[candidate], high[candidate] = found.low, found.high
    return replace(mixture, shares=shares, low=low, high=high)


def fit_shares(
    corpus: Passages,
    samples: ScoredSamples,
    sources: Sources,
    *,
    confidence_level: float,
    caution: float,
    part: Part = WHOLE,
    rows: SampleRows | None = None,
) -> Mixture:
    """Shares of one API against references by score densities, of many sources by moments.

    Beside few other models none is told as a candidate's for sure.
    """
    rows = rows or SampleRows(samples.scored.passages(), samples.unknown)
    references = rows.references
    read = (
        partial(fit_mixture, corpus, references)
        if _by_densities(sources)
        else partial(
            fit_many,
            corpus,
            references,
            samples.unknown,
            samples.taken_for,
            people=sources.references if _tells_models(sources, part) else (),
            # Who declares so (`--same-domain`) is taken at their word.
            of_one_kind=caution <= 1,
            rows=rows,
        )
    )
    found = read(sources.candidates, confidence_level=confidence_level, caution=caution, part=part)
    if sources.too_few_models:
        return found.unattributed(sources.candidates, sources.models)
    if found.models is not None and caution > 1:
        # Models whose answers are of another kind than those given may read as people.
        return replace(found, models=replace(found.models, high=1.0))
    return found


def _tells_models(sources: Sources, part: Part) -> bool:
    """Whether all models together are read; of a part only where it has no other row."""
    return sources.tell_models and (part is WHOLE or sources.tell_a_model)


def over_all(row: Share, scored: float) -> Share:
    """The same row over all documents, those too short to score at their worst case.

    Parameters
    ----------
    row : Share
    scored : float
        Part of the documents, or of the tokens, that was scored.
    """
    return Share(
        source=row.source,
        role=row.role,
        unit=row.unit,
        share=None,
        low=row.low * scored,
        high=1 - (1 - row.high) * scored,
        confidence_level=row.confidence_level,
        verdict="withheld" if row.verdict == "withheld" else "bounded",
    )
