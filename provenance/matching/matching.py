"""The whole story: how much of a corpus is consistent with each source, and which rows."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from provenance.corpus import Corpus
from provenance.corpus.opening import opened
from provenance.corpus.places.inputs import shown
from provenance.errors import LARGEST_SEED, MOST_WORKERS, InputError, require_number, require_whole
from provenance.evidence.log.index import LogIndex
from provenance.files.leftovers import passing_folder
from provenance.files.named import Given, loaded
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.bounding import bounded
from provenance.matching.custody.custody import log_entries, other_entries
from provenance.matching.custody.manifest import Run
from provenance.matching.estimating import estimate
from provenance.matching.evidence import gathered
from provenance.matching.matched import CorpusIs, Settings, Work
from provenance.matching.output import kept_rows, workplace, write_report
from provenance.matching.partials.partials import refuse_partials
from provenance.matching.precision import check_precision, to_precision
from provenance.matching.segments.segments import (
    check_segments,
    match_segments,
    require_split_alike,
)
from provenance.matching.sources import asked_sources
from provenance.matching.trusted import check_dates, refuse_trusted_rows
from provenance.report.baseline import compare_with, require_comparable
from provenance.report.report import Report
from provenance.scoring.cached.file import default_cache_folder
from provenance.scoring.fitting.stages import Stages
from provenance.share.sources import Sources
from provenance.share.two_sources.two_sources import CAUTION
from provenance.statistics.conventions import FDR

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from provenance.evidence.watermark.keys import WatermarkKey

__all__ = ["match"]


def match(
    corpus: object,
    *,
    candidates: Given[Fingerprint] = (),
    references: Given[Fingerprint] = (),
    panel: Given[Fingerprint] = (),
    aliases: Mapping[str, str] | None = None,
    output: str | os.PathLike[str] | None = None,
    confidence_level: float | str = 0.95,
    same_domain: bool = False,
    only: bool = False,
    corpus_is: CorpusIs = "whole",
    precision: float | str | None = None,
    reference_before: date | None = None,
    baseline: Report | str | os.PathLike[str] | None = None,
    logs: Given[LogIndex] = (),
    decoy_logs: Given[LogIndex] = (),
    watermark_keys: Sequence[WatermarkKey] | str | os.PathLike[str] = (),
    fdr: float | str = FDR,
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
    confidence_level = require_number("confidence_level", confidence_level, within=True)
    fdr = require_number("fdr", fdr)
    require_whole("seed", seed, 0, LARGEST_SEED)
    require_whole("workers", workers, 1, MOST_WORKERS)
    _check_corpus_is(corpus_is)
    read = opened(corpus, reading, inspect.signature(match).parameters)
    check_dates(read, reference_before)
    cache = default_cache_folder() if cache_dir is None else Path(cache_dir)
    asked = asked_sources(
        candidates,
        references,
        panel,
        aliases or {},
        only=only,
        # What it holds is of whole rows.
        library=library and not read.options.segments,
        cache=cache,
    )
    sources, alone = asked.sources, asked.alone
    if alone:
        refuse_trusted_rows(reference_before)
    if precision is not None:
        precision = check_precision(precision, read, alone=alone)
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
    with workplace(output) as folder:

        def told(part: Corpus) -> Report:
            here = replace(work, corpus=part)
            with nullcontext(folder) if precision is None else passing_folder(folder) as place:
                evidence = gather(place)
                if alone:
                    return bounded(here, evidence)
                return estimate(here, evidence, folder, cache, reference_before)

        def of_segment(part: Corpus, own: Sources, level: float, place: Path) -> Report:
            settings = replace(work.settings, confidence_level=level)
            here = replace(work, corpus=part, sources=own, settings=settings)
            return estimate(here, gather(place, sources=own), place, cache, None)

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
