"""What may be said of a scored corpus: the one rule that withholds, bounds and lists.

`match` reads its corpus from files, `validate` draws its corpora from held-out rows; both are
judged here, so that what was validated is what is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.checks.checks import size_checks
from provenance.matching.tally import SampledCorpus, Tally
from provenance.records import FEW_MODELS, FIT, Diagnostic
from provenance.scoring.fitting.shared_prompts import taught
from provenance.scoring.scored import Scored, ScoredSamples
from provenance.share.checks.checks import few_kinds_checks, few_models_checks
from provenance.share.checks.checks_of_samples import prompt_check
from provenance.share.estimate import Estimate, estimate_part, estimate_shares
from provenance.share.mixture import Mixture
from provenance.share.short_documents import ShortDocuments
from provenance.share.sources import Sources
from provenance.share.two_sources.two_sources import ZERO_LEVEL
from provenance.statistics.conventions import POWER
from provenance.statistics.threads import one_thread

__all__ = ["Judged", "Told", "any_failed", "explained", "judge", "judge_part", "told"]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one share: None where it is withheld, and the ends that can be defended."""

    share: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Every share of a corpus, and what of them may be told.

    Parameters
    ----------
    estimate : Estimate
    diagnostics : tuple of Diagnostic
        All checks that decide.
    withheld : bool
        Whether one of them failed, so that no share is told.
    keeps_ends : bool
        Whether the ends can be defended all the same.
    lists_rows : bool
        Whether the samples' rows are a null for the corpus's, so that rows can be listed: not where
        a model that was not given may have written them, unless they are listed as any model's.
    short : ShortDocuments
    confidence_level : float
    rooms : mapping of int to tuple of float
        How far below and above its range a candidate may lie; see `widened`.
    """

    estimate: Estimate
    diagnostics: tuple[Diagnostic, ...]
    withheld: bool
    keeps_ends: bool
    lists_rows: bool
    short: ShortDocuments
    confidence_level: float
    rooms: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    def widened(self, rooms: Mapping[int, tuple[float, float]], sources: Sources) -> Judged:
        """The same with ranges that reach further than they did, and nothing else changed.

        Parameters
        ----------
        rooms : mapping of int to tuple of float
            How far below and above, by candidate: where feature families disagree, where rows are
            by several hands, where a candidate is told by how its texts begin.
        sources : Sources
        """
        if not rooms:
            return self
        mixtures = {unit: one.widened(rooms) for unit, one in self.estimate.mixtures.items()}
        diagnostics = [item for item in self.diagnostics if item.kind != FEW_MODELS]
        if len(diagnostics) < len(self.diagnostics):
            diagnostics += few_models_checks(mixtures["documents"], sources, withheld=self.withheld)
        return replace(
            self,
            estimate=replace(self.estimate, mixtures=mixtures),
            diagnostics=tuple(diagnostics),
            rooms=_added(self.rooms, rooms),
        )

    def told(self, source: int, unit: str = "documents") -> Told:
        """What is told of a source's share: of all documents where samples explain short ones."""
        return self.of_all(self.told_of_scored(source, unit), [source], unit)

    def told_of_scored(self, source: int, unit: str = "documents") -> Told:
        """What is told of a source's share of the documents that were scored."""
        mixture = self.estimate.mixtures[unit]
        return told(mixture, source, withheld=self.withheld, keeps_ends=self.keeps_ends)

    def told_of_models(
        self, sources: Sources, unit: str, *, of_scored: bool = False
    ) -> Told | None:
        """What is told of text like a language model's; None where it is not told.

        One candidate beside people's text alone is read as any model is.
        """
        if not sources.tell_models:
            return None
        mixture = self.estimate.mixtures[unit]
        one = mixture.models
        say = self.told_of_scored if of_scored else self.told
        if one is None:
            return say(sources.candidates[0], unit) if sources.tell_a_model else None
        keeps = not self.withheld or self.keeps_ends
        low, high = (0.0 if self.withheld else one.low, one.high) if keeps else (0.0, 1.0)
        found = Told(None if self.withheld else one.share, low, high)
        if not of_scored:
            found = self.of_all(found, sources.models, unit)
        # Text of a candidate, or of it and its siblings, is a model's.
        own = [say(number, unit) for number in sources.candidates]
        if not self.withheld:
            own += [Told(None, family.low, 0.0) for family in mixture.families]
        return Told(
            found.share,
            max([found.low, *(one.low for one in own)]),
            max([found.high, *(one.high for one in own)]),
        )

    def of_all(self, scored: Told, members: Sequence[int], unit: str) -> Told:
        """The share that some sources have together, carried from the scored documents to all."""
        if unit != "documents" or not self.short.explained:
            return scored
        ends = scored.share, scored.low, scored.high
        return Told(*self.short.carried(ends, members, self.confidence_level))

    def smallest_detectable(
        self, candidate: int, n_candidates: int, confidence_level: float, unit: str = "documents"
    ) -> float | None:
        """Smallest share of a candidate whose low end would leave 0.

        None where no share would, and where the corpus is of another domain: nobody knows how its
        scores would move.
        """
        if unit in self.estimate.shifted:
            return None
        level = ZERO_LEVEL / n_candidates
        mixture = self.estimate.mixtures[unit]
        found = mixture.smallest_detectable(candidate, POWER, level, confidence_level)
        if found is None:
            return None
        return self.of_all(Told(found, found, found), [candidate], unit).share


def _added(
    one: Mapping[int, tuple[float, float]], other: Mapping[int, tuple[float, float]]
) -> dict[int, tuple[float, float]]:
    none = 0.0, 0.0
    pairs = {source: (one.get(source, none), other.get(source, none)) for source in {*one, *other}}
    return {at: (a[0] + b[0], a[1] + b[1]) for at, (a, b) in sorted(pairs.items())}


@one_thread
def judge(
    tally: Tally,
    corpus: SampledCorpus,
    samples: ScoredSamples,
    sources: Sources,
    layout: Diagnostic,
    *,
    trusted: Scored | None = None,
    n_skipped: int = 0,
    lost: str = "",
    more: Sequence[Diagnostic] = (),
    of_samples: Sequence[Diagnostic] | None = None,
    confidence_level: float,
    caution: float,
) -> Judged:
    """Estimate every share of a corpus and decide what of it may be told.

    Parameters
    ----------
    tally : Tally
        Of the whole corpus.
    corpus : SampledCorpus
        What shares are estimated on.
    samples : ScoredSamples
    sources : Sources
        In the order of ``samples.names``.
    layout : Diagnostic
        Why the corpus was scored in this view; see `choose_view`.
    trusted : Scored, optional
        Rows of the corpus's own domain that are held to be of no candidate.
    n_skipped : int
        Rows that could not be read.
    lost : str
        What was lost beside them, of which nobody knows how many rows it was.
    more : sequence of Diagnostic
        Checks that the caller made itself.
    of_samples : sequence of Diagnostic, optional
        What `sample_checks` found, where many corpora are judged by the same samples.
    confidence_level, caution : float
        See `estimate_shares`.
    """
    estimate = estimate_shares(
        corpus.scored,
        samples,
        sources,
        # They stand for how the whole domain scores.
        trusted=None if trusted is None else replace(trusted, unread=1.0),
        of_samples=of_samples,
        confidence_level=confidence_level,
        caution=caution,
    )
    short = ShortDocuments.of(
        tally.n_documents,
        tally.n_too_short,
        sources.fingerprints,
        estimate.mixtures["documents"].shares,
    )
    diagnostics = (
        layout,
        *estimate.diagnostics,
        short.check(),
        *prompt_check(
            _models(sources),
            tally.prompts,
            _learnt(sources),
            asked_count_more=_has_part_asked(samples, sources),
        ),
        *size_checks(tally, corpus, samples, sources.candidates, n_skipped, lost),
        *more,
    )
    withheld = any_failed(diagnostics)
    few = (
        *few_models_checks(estimate.mixtures["documents"], sources, withheld=withheld),
        *(() if withheld else few_kinds_checks(estimate.mixtures["documents"], sources)),
    )
    return Judged(
        estimate,
        (*diagnostics, *few),
        withheld,
        keeps_ends=estimate.keeps_ends(diagnostics),
        lists_rows=not withheld
        and explained(diagnostics)
        and (not sources.too_few_models or sources.tell_a_model),
        short=short,
        confidence_level=confidence_level,
    )


@one_thread
def judge_part(
    part: Scored,
    whole: Scored,
    judged: Judged,
    samples: ScoredSamples,
    sources: Sources,
    *,
    n_parts: int,
    confidence_level: float,
    caution: float,
) -> Judged:
    """Estimate the shares of a part of a corpus that was judged and decide what may be told.

    By the rule of the whole: what withholds it withholds each part, what makes it doubtful makes
    each part doubtful, what widens its ranges widens each part's, and the part's own rows are
    checked beside. No ends are kept.

    Parameters
    ----------
    part, whole : Scored
    judged : Judged
        The whole; not withheld, and not of another domain, of which no part is told.
    samples, sources
        See `judge`.
    n_parts, confidence_level, caution
        See `estimate_part`.
    """
    estimate = estimate_part(
        part,
        whole,
        judged.estimate.mixtures,
        samples,
        sources,
        n_parts=n_parts,
        confidence_level=confidence_level,
        caution=caution,
    )
    return Judged(
        estimate,
        estimate.diagnostics,
        estimate.withheld,
        keeps_ends=False,
        lists_rows=False,
        # Short documents are counted for the whole alone.
        short=replace(judged.short, of_whole=False),
        confidence_level=confidence_level,
    ).widened(judged.rooms, sources)


def told(mixture: Mixture, source: int, *, withheld: bool, keeps_ends: bool = False) -> Told:
    """What is told of a source's share where it is withheld, and where it is not."""
    share = None if withheld else float(mixture.shares[source])
    if withheld and not keeps_ends:
        return Told(share, 0.0, 1.0)
    # The low end is what unknown sources leave, and they do not explain the corpus either.
    low = 0.0 if withheld and mixture.open_fit_p_values else float(mixture.low[source])
    return Told(share, low, float(mixture.high[source]))


def any_failed(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether a share must be withheld."""
    return any(item.verdict == "fail" for item in diagnostics)


def explained(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether rows can be listed: where the samples do not explain the corpus, they are no null."""
    return all(item.verdict == "ok" for item in diagnostics if item.kind == FIT)


def _learnt(sources: Sources) -> dict[str, NDArray[np.bool_]]:
    """Which documents of each sample taught the models."""
    samples = [item.sample for item in sources.fingerprints]
    sizes = [len(sample) for sample in samples]
    source = np.repeat(np.arange(len(samples)), sizes)
    whole = taught(source, np.concatenate([sample.prompt_hash for sample in samples]))
    return dict(zip(sources.names, np.split(whole, np.cumsum(sizes)[:-1]), strict=True))


def _has_part_asked(samples: ScoredSamples, sources: Sources) -> bool:
    """Whether some model's sample answers the corpus's prompts, and others besides."""
    asked = samples.scored.asked
    return asked is not None and any(
        len(np.unique(asked[samples.source == one])) > 1 for one in sources.models
    )


def _models(sources: Sources) -> dict[str, SampledDocuments]:
    """Samples of all sources that are models."""
    pairs = zip(sources.fingerprints, sources.roles, strict=True)
    return {item.name: item.sample for item, role in pairs if role != "reference"}
