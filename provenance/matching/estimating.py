"""A corpus scored in one reading beside its sources, judged, and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from provenance.corpus import Corpus, Document
from provenance.corpus.batches.batches import batches, map_batches
from provenance.corpus.batches.in_parts import Numbered, numbered
from provenance.errors import InputError
from provenance.features.features import PreparedTexts
from provenance.features.tokens import encoding_meanwhile
from provenance.fingerprint.measuring import prepare_documents
from provenance.matching.checks.by_family import judged_by_families
from provenance.matching.checks.checks import choose_view, segments_check, turns_checks
from provenance.matching.checks.drawn_rows import DrawnRows
from provenance.matching.checks.fresh_answers import judged_beside_answers
from provenance.matching.checks.mixed_rows import judged_by_hands
from provenance.matching.checks.openings import judged_without_openings
from provenance.matching.documents import DocumentRows
from provenance.matching.evidence import AllEvidence, LookedUp, LookUp
from provenance.matching.judging import judge
from provenance.matching.matched import CorpusIs, Matched, Work
from provenance.matching.output import write_rows
from provenance.matching.partials.kept import Kept
from provenance.matching.partials.partials import Partials, opened_partials
from provenance.matching.reporting import estimated_report, undated_check
from provenance.matching.row_lists import row_lists, with_p_values
from provenance.matching.scored_batch import ScoredBatch, hold_panel, scorer
from provenance.matching.sources import refuse_same_file
from provenance.matching.summary import refuse_unscored
from provenance.matching.tally import Tally
from provenance.matching.trusted import TrustedRows
from provenance.report.report import Report
from provenance.scoring.cached.file import cached_panel
from provenance.scoring.fitting.stages import silent
from provenance.scoring.p_values import Conformal
from provenance.scoring.panel import Panel
from provenance.share.sources import Sources
from provenance.statistics.threads import one_thread

__all__ = ["estimate"]


def estimate(
    work: Work,
    evidence: AllEvidence,
    folder: Path,
    cache: Path,
    reference_before: date | None,
) -> Report:
    """Score the corpus in one reading, judge it, and tell it; its rows go to the folder."""
    corpus, sources, settings = work.corpus, work.sources, work.settings
    stages = work.stages or silent
    fingerprints = sources.fingerprints
    # Workers inherit it, and say nothing of a cache that cannot be used.
    with encoding_meanwhile(fingerprints[0].spec.encoding):
        panel, panel_path = cached_panel(fingerprints, work.run.seed, cache, folder, stages)
    hold_panel(panel_path, panel)
    rows = DocumentRows(folder / "scores.parquet")
    tally, drawn = Tally(panel.spec, len(panel.names), corpus.options.by), DrawnRows()
    trusted = TrustedRows(reference_before, Tally(panel.spec, len(panel.names)))
    for batch, found in _scored(work, evidence.look_up, panel, panel_path, trusted):
        if trusted.takes(batch.documents[0]):
            trusted.tally.add(batch)
            evidence.add_trusted(batch.documents, found)
        else:
            tally.add(batch)
            drawn.add(batch)
            rows.add(batch, evidence.add(batch.documents, found))
        if work.progress is not None:
            work.progress(corpus)
    rows.close()
    refuse_same_file(corpus, sources)
    _refuse_empty(corpus, tally, reference_before)
    stages("estimating shares and their intervals", 0, 1)
    matched = _matched(corpus, sources, panel, tally, trusted, settings.corpus_is)
    kept = Kept(cache / "of-sources")
    judged = judge(
        tally,
        matched.corpus,
        matched.samples,
        sources,
        matched.layout,
        trusted=None if matched.trusted is None else matched.trusted.scored,
        n_skipped=corpus.counts.n_skipped,
        lost=corpus.counts.loss_told(),
        more=(
            *undated_check(matched.trusted, corpus.counts.n_bad_dates),
            *turns_checks(corpus.counts),
            *segments_check(corpus.counts),
        ),
        of_samples=kept.sample_checks(matched.samples, sources, panel_path.stem, matched.view),
        confidence_level=settings.confidence_level,
        caution=settings.caution,
    )
    judged, readings = judged_by_families(
        judged, panel, matched.samples, tally.read_by_families(), sources, matched.view, settings
    )
    judged = judged_by_hands(judged, drawn, matched.panel, matched.view, sources)
    judged = judged_without_openings(
        judged,
        drawn,
        matched.corpus.scored,
        matched.panel,
        matched.view,
        matched.samples,
        sources,
        settings,
    )
    judged = judged_beside_answers(
        judged, evidence.asked_rows, matched.corpus, matched.samples, sources, work.run.seed
    )
    matched = with_p_values(matched, judged)
    manifest = work.run.manifest(corpus, panel.spec)
    lists = row_lists(matched, judged, rows, sources, settings)
    report = estimated_report(
        corpus, sources, matched, judged, settings, manifest, lists, readings, kept
    )
    report = evidence.told(report, keep_text=settings.keep_text)
    write_rows(folder, rows, sources, matched, judged, evidence, lists)
    return report


def _scored(
    work: Work, look_up: LookUp, panel: Panel, panel_path: Path, trusted: TrustedRows
) -> Iterator[tuple[ScoredBatch, LookedUp]]:
    """Each batch of the corpus with its scores, from its partial where it has one."""
    candidates = work.sources.candidates
    score = scorer(panel_path, candidates)
    parts = trusted.apart(batches(work.corpus))
    how: dict[str, Any] = {"workers": work.workers, "executor": work.executor}
    if work.partials is None:
        job = partial(_score_and_look_up, score=score, look_up=look_up)
        first = partial(prepare_documents, spec=panel.spec)
        return map_batches(job, parts, prepare=first, **how)
    kept = opened_partials(work.partials, panel, work.sources, work.corpus, work.run.command)
    kept_or_made = partial(_kept_and_look_up, score=score, look_up=look_up, partials=kept)
    return map_batches(kept_or_made, numbered(parts), prepare=kept.prepared, **how)


@one_thread
def _matched(
    corpus: Corpus,
    sources: Sources,
    panel: Panel,
    tally: Tally,
    trusted: TrustedRows,
    corpus_is: CorpusIs,
) -> Matched:
    """What was read, in the view that the corpus's layout allows."""
    asked = np.union1d(tally.prompts, sources.asked_of(tally.prompts))
    panel = panel.beside(asked, sources.models)
    view, layout = choose_view(panel, tally, sources.beside_many)
    unread = 1.0 if corpus_is == "sample" else corpus.counts.unread
    samples, sampled = panel.samples(view), tally.sampled(view, unread)
    refuse_unscored(corpus, len(sampled.scored), panel.spec.min_tokens)
    conformal = {
        source: Conformal.unread(samples, source, sources.references)
        for source in sources.candidates
    }
    told = trusted.told(corpus, view)
    return Matched(panel, view, layout, samples, tally, sampled, conformal, told)


def _refuse_empty(corpus: Corpus, tally: Tally, reference_before: date | None) -> None:
    if not tally.n_documents:
        raise InputError(
            f"every document is dated before {reference_before}: none is left to estimate",
            where=", ".join(corpus.paths[:3]),
            remedy="Name an earlier day with --reference-before",
        )


def _score_and_look_up(
    documents: Sequence[Document],
    prepared: PreparedTexts,
    score: Callable[[Sequence[Document], PreparedTexts], ScoredBatch],
    look_up: LookUp,
) -> tuple[ScoredBatch, LookedUp]:
    return score(documents, prepared), look_up(documents, prepared)


def _kept_and_look_up(
    batch: Numbered,
    prepared: PreparedTexts | None,
    score: Callable[[Sequence[Document], PreparedTexts], ScoredBatch],
    look_up: LookUp,
    partials: Partials,
) -> tuple[ScoredBatch, LookedUp]:
    found, texts = partials.scored(batch, prepared, score)
    return found, look_up(batch.documents, texts)
