"""The whole story: how much of a corpus is consistent with each source, and which rows."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from provenance.corpus import Corpus, Document
from provenance.corpus.batches import batches, map_batches
from provenance.corpus.inputs import shown
from provenance.corpus.reading import opened
from provenance.errors import (
    LARGEST_SEED,
    MOST_WORKERS,
    InputError,
    require_number,
    require_whole,
)
from provenance.evidence.log.index import LogIndex
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.features.features import PreparedTexts
from provenance.features.tokens import load_encoding
from provenance.files.leftovers import passing_folder
from provenance.files.named import Given, loaded
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint, prepare_documents
from provenance.matching.bounding import bounded_report
from provenance.matching.checks import choose_view, segments_check, turns_checks
from provenance.matching.custody import log_entries, other_entries, source_entries
from provenance.matching.documents import DocumentRows
from provenance.matching.evidence import AllEvidence, LookedUp, LookUp, gathered
from provenance.matching.judging import judge
from provenance.matching.library.background import Background, background, set_asked
from provenance.matching.library.naming import named_sources
from provenance.matching.manifest import Run
from provenance.matching.matched import CorpusIs, Matched, Settings
from provenance.matching.output import kept_rows, workplace, write_report, write_rows
from provenance.matching.partials import (
    Numbered,
    Partials,
    numbered,
    opened_partials,
    refuse_partials,
)
from provenance.matching.precision import check_precision, to_precision
from provenance.matching.reporting import estimated_report, undated_check
from provenance.matching.row_lists import row_lists
from provenance.matching.scored_batch import ScoredBatch, hold_panel, scorer
from provenance.matching.segments import check_segments, match_segments, require_split_alike
from provenance.matching.sources import given_sources, refuse_same_file
from provenance.matching.summary import refuse_unscored
from provenance.matching.tally import Tally
from provenance.matching.trusted import TrustedRows, check_dates, refuse_trusted_rows
from provenance.records import FDR
from provenance.report.baseline import compare_with, require_comparable
from provenance.report.report import Report
from provenance.scoring.file import cached_panel, default_cache_folder
from provenance.scoring.fitting import Stages, silent
from provenance.scoring.p_values import Conformal
from provenance.scoring.panel import Panel
from provenance.share.sources import Sources
from provenance.share.two_sources import CAUTION
from provenance.statistics.threads import one_thread

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["match"]


def match(
    corpus: object,
    *,
    candidates: Given[Fingerprint] = (),
    references: Given[Fingerprint] = (),
    panel: Given[Fingerprint] = (),
    aliases: Mapping[str, str] | None = None,
    output: str | os.PathLike[str] | None = None,
    confidence_level: float = 0.95,
    same_domain: bool = False,
    only: bool = False,
    corpus_is: CorpusIs = "whole",
    precision: float | None = None,
    reference_before: date | None = None,
    baseline: Report | str | os.PathLike[str] | None = None,
    logs: Given[LogIndex] = (),
    decoy_logs: Given[LogIndex] = (),
    watermark_keys: Sequence[WatermarkKey] | str | os.PathLike[str] = (),
    fdr: float = FDR,
    keep_text: bool = True,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    library: bool = True,
    partials: str | os.PathLike[str] | None = None,
    command: Sequence[str] = (),
    title: str | None = None,
    case: str | None = None,
    author: str | None = None,
    progress: Callable[[Corpus], None] | None = None,
    stages: Stages | None = None,
    **reading: Any,
) -> Report:
    """Estimate how much of a corpus is consistent with each source.

    One candidate alone, without a reference or a panel, gets an upper bound and no share. One
    beside references alone gets an upper bound too: what is told is text like a language model's,
    in a row with the role ``machine``, unless `only` declares that there is no other model. Beside
    fewer than five other models a candidate's low end is 0, unless `only` declares the same.

    Parameters
    ----------
    corpus : Corpus, or what `open_corpus` takes
        A path, a table, a `datasets` object, rows; its ``by`` fields break the shares down.
    candidates, references, panel : Fingerprint, path, or several of these
        The APIs under test, text known not to come from a model, and other models. A path is a
        file, a folder of them, or a glob; a name such as ``gpt-4o-2024-05-13`` is a source of the
        library, ``people`` all its people, and ``library`` or ``library:SET`` as the panel its
        models of the prompts that the candidates answer.
    aliases : mapping of str to str, optional
        Sources that are another source under a second name, such as a reseller's endpoint.
    output : path, optional
        Folder for ``report.json``, ``documents.parquet`` and ``report.html``.
    confidence_level : float
    same_domain : bool
        The references are declared to be of the corpus's own domain and period; without it every
        standard error is multiplied by 1.5.
    only : bool
        No model but those given is declared to stand behind the corpus: what reads as a
        candidate's is its then. For one beside references alone, or beside few other models.
    corpus_is : {"whole", "sample"}
        Whether shares are of the documents of the corpus, or of what these were drawn from.
    precision : float, optional
        So many rows are drawn that the candidate's interval reaches no farther than this to each
        side, in parts such as 0.01, if any number of rows can do that; the corpus is read several
        times.
    reference_before : datetime.date, optional
        Rows of the corpus dated before that day (exclusive, UTC) are held to be of no candidate:
        they tell how the corpus's own domain scores and are no part of what is estimated. The
        corpus needs a ``date_field``; rows without a date stay suspect.
    baseline : Report or path, optional
        An earlier report with the same sources, spec and confidence level: what has changed since
        is told too.
    logs : LogIndex, path, or several of these
        The API's own log: what of the corpus stands in it is told beside the shares.
    decoy_logs : LogIndex, path, or several of these
        Texts that the API did not write, such as answers to the same prompts by other models:
        they tell what is common, and how alike a text may be to the log by chance.
    watermark_keys : sequence of WatermarkKey, or path
        Keys that the API may have marked its text with, or their file: what they find is told
        beside the shares.
    fdr : float
        Rows with q-values up to it are listed.
    keep_text : bool
        Whether the report shows excerpts.
    seed : int
        Draws the folds of the fit.
    workers : int
    executor : concurrent.futures.Executor, optional
    cache_dir : path, optional
        Where fitted panels are kept.
    library : bool
        Whether models of the library are the panel where none is given and the candidates answer
        the prompts of one of its sets.
    partials : path, optional
        Folder of the scores of each batch: those that `match_shard`, or a run that was broken off,
        left there are not made again, others are put there.
    command : sequence of str
        What the manifest tells as the command.
    title, case, author : str, optional
        What the report is called, the case that it belongs to, and who made it.
    progress : callable, optional
        Called with the corpus after each batch.
    stages : callable, optional
        Called before each step of the fit and of the estimate: what is done, steps done, all steps.
    **reading
        Options of `open_corpus`, such as ``text_field``, where the corpus is not opened yet.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        Where the sources cannot be used together, or the corpus cannot be read or is one of them.
    """
    run = Run(command, seed, title, case, author)
    require_number("confidence_level", confidence_level, within=True)
    require_number("fdr", fdr)
    require_whole("seed", seed, 0, LARGEST_SEED)
    require_whole("workers", workers, 1, MOST_WORKERS)
    _check_corpus_is(corpus_is)
    read = opened(corpus, reading, inspect.signature(match).parameters)
    check_dates(read, reference_before)
    asked = asked_sources(
        candidates,
        references,
        panel,
        aliases or {},
        only=only,
        # What it holds is of whole rows.
        library=library and not read.options.segments,
    )
    sources, alone = asked.sources, asked.alone
    if alone:
        refuse_trusted_rows(reference_before)
    if precision is not None:
        check_precision(precision, read, alone=alone)
    if read.options.segments:
        beside = precision, baseline, partials, reference_before
        check_segments(not alone and all(one is None for one in beside))
    require_split_alike(sources, read.options.segments)
    if partials is not None:
        refuse_partials(alone, logs, decoy_logs, watermark_keys, precision)
    before = _given_baseline(baseline, sources, confidence_level)
    work = Work(
        corpus=read,
        sources=sources,
        settings=Settings(
            confidence_level,
            1.0 if same_domain else CAUTION,
            fdr,
            keep_text,
            corpus_is,
        ),
        run=run,
        workers=workers,
        executor=executor,
        progress=progress,
        stages=stages,
        partials=None if partials is None else Path(partials),
    )
    log, decoys = loaded(logs, LogIndex, ".idx"), loaded(decoy_logs, LogIndex, ".idx")
    others_given = [*asked.files, *log_entries("log", log), *log_entries("decoy log", decoys)]
    gather = partial(
        gathered,
        log,
        decoys,
        watermark_keys,
        sources=sources,
        fdr=fdr,
        workers=workers,
        executor=executor,
    )
    cache = default_cache_folder() if cache_dir is None else Path(cache_dir)
    with workplace(output) as folder:

        def told(part: Corpus) -> Report:
            here = replace(work, corpus=part)
            with nullcontext(folder) if precision is None else passing_folder(folder) as place:
                evidence = gather(place)
                if alone:
                    return _bound(here, evidence)
                return _estimate(here, evidence, folder, cache, reference_before)

        def of_segment(part: Corpus, own: Sources, level: float, place: Path) -> Report:
            settings = replace(work.settings, confidence_level=level)
            here = replace(work, corpus=part, sources=own, settings=settings)
            return _estimate(here, gather(place, sources=own), place, cache, None)

        if read.options.segments:
            report = match_segments(
                read,
                sources,
                work.settings,
                of_segment,
                partial(run.manifest, spec=sources.fingerprints[0].spec),
                None if output is None else Path(output),
                folder,
            )
        else:
            report = told(read) if precision is None else to_precision(told, read, precision)
        made_from = (*others_given, *other_entries(watermark_keys, baseline))
        report = run.ended(asked.behind.told(report), cache, made_from)
        if before is not None:
            report = replace(report, baseline=compare_with(before, report))
        if output is not None:
            write_report(report, folder)
        whole_ids = read.counts.n_documents > 0 and not read.counts.n_named
        return replace(report, rows=kept_rows(folder, output, whole_ids=whole_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What was asked for, and with what it is done; see `match`."""

    corpus: Corpus
    sources: Sources
    settings: Settings
    run: Run
    workers: int
    executor: Executor | None
    progress: Callable[[Corpus], None] | None
    stages: Stages | None
    partials: Path | None = None


@dataclass(frozen=True, slots=True)
class AskedSources:
    """What a corpus is matched with, and the files that it comes from.

    ``alone`` is one candidate and nothing beside it. The files are read and hashed as they are
    walked through, once: who writes no manifest need not.
    """

    sources: Sources
    behind: Background
    files: Iterator[Mapping[str, Any]]
    alone: bool


def asked_sources(
    candidates: Given[Fingerprint],
    references: Given[Fingerprint],
    panel: Given[Fingerprint],
    aliases: Mapping[str, str],
    *,
    only: bool,
    library: bool,
) -> AskedSources:
    """What a corpus is matched with, the library's models among them; see `match`."""
    asked = set_asked(panel)
    tested, people, others = (
        named_sources(given, rows_later=True)
        for given in (candidates, references, () if asked is not None else panel)
    )
    alone = len(tested) == 1 and not people and not others and asked is None
    behind = Background(tuple(tested))
    if asked is not None or (library and tested and people and not others and not only):
        behind = background(tested, people, asked)
    sources = given_sources(
        behind.candidates, people, [*others, *behind.panel], aliases, alone=alone, only=only
    )
    files = chain(
        source_entries("candidate", candidates, tested),
        source_entries("reference", references, people),
        source_entries("panel", () if asked is not None else panel, [*others, *behind.panel]),
    )
    return AskedSources(sources, behind, files, alone)


class _Grouped(Corpus):
    """Rows that were drawn together count as one: nothing tells a bound how alike they are."""

    def __iter__(self) -> Iterator[Document]:
        for one in super().__iter__():
            is_apart = one.drawn_with is None or one.group is not None
            yield one if is_apart else replace(one, group=one.drawn_with)


def _bound(work: Work, evidence: AllEvidence) -> Report:
    """One candidate alone: a scorer between its sample and the corpus bounds its share."""
    corpus, (candidate,) = _Grouped.over(work.corpus), work.sources.fingerprints
    measured = fit_fingerprint(
        corpus,
        f"the corpus beside {candidate.name}",
        candidate.spec,
        workers=work.workers,
        executor=work.executor,
        progress=work.progress,
    )
    refuse_same_file(corpus, work.sources)
    report = bounded_report(
        corpus,
        candidate,
        measured,
        work.run.manifest(corpus, candidate.spec),
        seed=work.run.seed,
        confidence_level=work.settings.confidence_level,
    )
    if evidence.is_asked_for:
        # The scorer is fitted to the whole corpus, so that this is a second reading.
        look_up = partial(_look_up, look_up=evidence.look_up)
        for documents, seen in map_batches(
            look_up,
            batches(corpus),
            prepare=_nothing,
            workers=work.workers,
            executor=work.executor,
        ):
            evidence.add(documents, seen)
    return evidence.told(report, keep_text=work.settings.keep_text)


def _estimate(
    work: Work,
    evidence: AllEvidence,
    folder: Path,
    cache: Path,
    reference_before: date | None,
) -> Report:
    """Score the corpus in one reading, judge it, and tell it; its rows go to the folder."""
    corpus, sources, settings = work.corpus, work.sources, work.settings
    stages = work.stages or silent
    panel, panel_path = cached_panel(sources.fingerprints, work.run.seed, cache, folder, stages)
    hold_panel(panel_path, panel)
    # Workers inherit it, and say nothing of a cache that cannot be used.
    load_encoding(panel.spec.encoding)
    rows = DocumentRows(folder / "scores.parquet")
    tally = Tally(panel.spec, len(panel.names), corpus.options.by)
    trusted = TrustedRows(reference_before, Tally(panel.spec, len(panel.names)))
    for batch, found in _scored(work, evidence.look_up, panel, panel_path, trusted):
        if trusted.takes(batch.documents[0]):
            trusted.tally.add(batch)
            evidence.add_trusted(batch.documents, found)
        else:
            tally.add(batch)
            rows.add(batch, evidence.add(batch.documents, found))
        if work.progress is not None:
            work.progress(corpus)
    rows.close()
    refuse_same_file(corpus, sources)
    _refuse_empty(corpus, tally, reference_before)
    stages("estimating shares and their intervals", 0, 1)
    matched = _matched(corpus, sources, panel, tally, trusted, settings.corpus_is)
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
        confidence_level=settings.confidence_level,
        caution=settings.caution,
    )
    manifest = work.run.manifest(corpus, panel.spec)
    lists = row_lists(matched, judged, rows, sources, settings)
    report = estimated_report(corpus, sources, matched, judged, settings, manifest, lists)
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
    asked = sources.asked_of(tally.prompts, is_known=tally.n_with_prompt > 0)
    panel = panel.beside(np.union1d(tally.prompts, asked), sources.models)
    view, layout = choose_view(panel, tally)
    unread = 1.0 if corpus_is == "sample" else corpus.counts.unread
    samples, sampled = panel.samples(view), tally.sampled(view, unread)
    refuse_unscored(corpus, len(sampled.scored), panel.spec.min_tokens)
    conformal = {
        source: Conformal.fit(samples, sampled.scored, source) for source in sources.candidates
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


def _given_baseline(
    baseline: Report | str | os.PathLike[str] | None, sources: Sources, confidence_level: float
) -> Report | None:
    """The earlier report, refused before the corpus is read where it cannot be compared."""
    if baseline is None:
        return None
    loaded = baseline if isinstance(baseline, Report) else Report.load(baseline)
    require_comparable(
        loaded,
        dict(zip(sources.names, sources.roles, strict=True)),
        sources.fingerprints[0].spec,
        confidence_level,
        where=None if isinstance(baseline, Report) else os.fspath(baseline),
    )
    return loaded


def _check_corpus_is(corpus_is: str) -> None:
    if corpus_is not in get_args(CorpusIs):
        raise InputError(
            f"corpus_is is {shown(repr(corpus_is)[:40])}", expected="'whole' or 'sample'"
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


def _look_up(
    documents: Sequence[Document], _: None, look_up: LookUp
) -> tuple[Sequence[Document], LookedUp]:
    return documents, look_up(documents, None)


def _nothing(_: object) -> None:
    return None
