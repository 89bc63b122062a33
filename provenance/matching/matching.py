"""The whole story: how much of a corpus is consistent with each source, and which rows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.corpus import Corpus, Document
from provenance.corpus.batches import batches, map_batches
from provenance.errors import InputError
from provenance.evidence.log.index import LogIndex
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.features.features import PreparedTexts
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint, prepare_documents
from provenance.matching.checks import choose_view
from provenance.matching.documents import DocumentRows
from provenance.matching.evidence import LookedUp, LookUp, gathered
from provenance.matching.matched import Matched, Settings
from provenance.matching.output import workplace, write_report, write_rows
from provenance.matching.scored_batch import ScoredBatch, loaded_panel, scorer
from provenance.matching.tally import Tally
from provenance.matching.telling import report_fields
from provenance.records import Manifest
from provenance.report.baseline import compare_with, require_comparable
from provenance.report.report import Report
from provenance.scoring.file import cached_panel, default_cache_folder
from provenance.scoring.p_values import Conformal
from provenance.share.sources import Sources
from provenance.share.two_sources import CAUTION
from provenance.share.upper_bound import bound_fields
from provenance.version import __version__

if TYPE_CHECKING:
    from concurrent.futures import Executor

from provenance.matching.sources import given_sources, refuse_same_file
from provenance.matching.trusted import TrustedRows, check_dates, refuse_trusted_rows

__all__ = ["match"]


def match(
    corpus: Corpus,
    *,
    candidates: Sequence[Fingerprint],
    references: Sequence[Fingerprint] = (),
    panel: Sequence[Fingerprint] = (),
    aliases: Mapping[str, str] | None = None,
    output: str | os.PathLike[str] | None = None,
    confidence_level: float = 0.95,
    same_domain: bool = False,
    reference_before: date | None = None,
    baseline: Report | str | os.PathLike[str] | None = None,
    logs: Sequence[LogIndex] = (),
    decoy_logs: Sequence[LogIndex] = (),
    watermark_keys: Sequence[WatermarkKey] | str | os.PathLike[str] = (),
    fdr: float = 0.05,
    keep_text: bool = True,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    command: Sequence[str] = (),
    progress: Callable[[Corpus], None] | None = None,
) -> Report:
    """Estimate how much of a corpus is consistent with each source.

    One candidate alone, without a reference or a panel, gets an upper bound and no share.

    Parameters
    ----------
    corpus : Corpus
        From `open_corpus`; its ``by`` fields break the shares down.
    candidates, references, panel : sequence of Fingerprint
        The APIs under test, text known not to come from a model, and other models.
    aliases : mapping of str to str, optional
        Sources that are another source under a second name, such as a reseller's endpoint.
    output : path, optional
        Folder for ``report.json``, ``documents.parquet`` and ``report.html``.
    confidence_level : float
    same_domain : bool
        The references are declared to be of the corpus's own domain and period; without it every
        standard error is multiplied by 1.5.
    reference_before : datetime.date, optional
        Rows of the corpus dated before that day (exclusive, UTC) are held to be of no candidate:
        they tell how the corpus's own domain scores and are no part of what is estimated. The
        corpus needs a ``date_field``; rows without a date stay suspect.
    baseline : Report or path, optional
        An earlier report with the same sources, spec and confidence level: what has changed since
        is told too.
    logs : sequence of LogIndex
        The API's own log: what of the corpus stands in it is told beside the shares.
    decoy_logs : sequence of LogIndex
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
    command : sequence of str
        What the manifest tells as the command.
    progress : callable, optional
        Called with the corpus after each batch.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        Where the sources cannot be used together, or the corpus cannot be read or is one of them.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    _check_levels(confidence_level, fdr)
    check_dates(corpus, reference_before)
    alone = len(candidates) == 1 and not references and not panel
    sources = given_sources(candidates, references, panel, aliases or {}, alone=alone)
    before = _given_baseline(baseline, sources, confidence_level)
    settings = Settings(confidence_level, 1.0 if same_domain else CAUTION, fdr, keep_text)
    if alone:
        refuse_trusted_rows(reference_before)
    with workplace(output) as folder:
        evidence = gathered(
            logs,
            decoy_logs,
            watermark_keys,
            folder,
            fdr=fdr,
            workers=workers,
            executor=executor,
        )
        told_of = partial(evidence.told, keep_text=keep_text)
        finished = partial(
            _finished, corpus, sources, before, seed, command, started, clock, told_of
        )
        if alone:
            measured = fit_fingerprint(
                corpus,
                f"the corpus beside {sources.names[0]}",
                sources.fingerprints[0].spec,
                workers=workers,
                executor=executor,
                progress=progress,
            )
            refuse_same_file(corpus, sources)
            told = bound_fields(
                corpus,
                sources.fingerprints[0],
                measured,
                seed=seed,
                confidence_level=confidence_level,
            )
            if evidence.is_asked_for:
                # The scorer is fitted to the whole corpus, so that this is a second reading.
                look_up = partial(_look_up, look_up=evidence.look_up)
                for documents, seen in map_batches(
                    look_up, batches(corpus), prepare=_nothing, workers=workers, executor=executor
                ):
                    evidence.add(documents, seen)
            report = finished(told)
            if output is not None:
                write_report(report, Path(output), folder)
            return report
        cache = default_cache_folder() if cache_dir is None else Path(cache_dir)
        panel_path = cached_panel(sources.fingerprints, seed, cache)[1]
        fitted = loaded_panel(panel_path)
        tally = Tally(fitted.spec, len(fitted.names), corpus.options.by)
        rows = DocumentRows(folder / "scores.parquet")
        trusted = TrustedRows(reference_before, Tally(fitted.spec, len(fitted.names)))
        score = scorer(panel_path, sources.candidates)
        job = partial(_score_and_look_up, score=score, look_up=evidence.look_up)
        first = partial(prepare_documents, spec=fitted.spec)
        for batch, found in map_batches(
            job, trusted.apart(batches(corpus)), prepare=first, workers=workers, executor=executor
        ):
            if trusted.takes(batch.documents[0]):
                trusted.tally.add(batch)
                evidence.add_trusted(batch.documents, found)
            else:
                tally.add(batch)
                rows.add(batch, evidence.add(batch.documents, found))
            if progress is not None:
                progress(corpus)
        rows.close()
        refuse_same_file(corpus, sources)
        if not tally.n_documents:
            raise InputError(
                f"every document is dated before {reference_before}: none is left to estimate",
                where=", ".join(corpus.paths[:3]),
                remedy="Name an earlier day with --reference-before",
            )
        suspect = tally.suspect()
        view, layout = choose_view(fitted, tally)
        conformal = {
            source: Conformal.fit(fitted, view, suspect, source) for source in sources.candidates
        }
        matched = Matched(fitted, tally, suspect, view, layout, conformal, trusted.told(corpus))
        told = report_fields(corpus, sources, matched, settings)
        report = finished(told)
        if output is not None:
            write_rows(report, folder, rows, sources, matched, evidence)
            write_report(report, Path(output), folder)
    return report


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


def _check_levels(confidence_level: float, fdr: float) -> None:
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level is {confidence_level}", expected="a number in (0, 1)")
    if not 0 <= fdr <= 1:
        raise InputError(f"fdr is {fdr}", expected="a number in [0, 1]")


def _finished(
    corpus: Corpus,
    sources: Sources,
    before: Report | None,
    seed: int,
    command: Sequence[str],
    started: datetime,
    clock: float,
    with_evidence: Callable[[Report], Report],
    fields: dict[str, Any],
) -> Report:
    """The report of these fields, with evidence, manifest and what has changed since another."""
    manifest = Manifest(
        version=__version__,
        command=tuple(command),
        seed=seed,
        inputs=tuple(corpus.inputs()),
        spec=asdict(sources.fingerprints[0].spec),
        started=started.isoformat(timespec="seconds"),
        seconds=0.0,
    )
    report = with_evidence(Report(**fields, manifest=manifest))
    seconds = round(time.monotonic() - clock, 3)
    spent = replace(manifest, seconds=seconds, peak_memory_bytes=_peak_memory())
    report = replace(report, manifest=spent)
    return report if before is None else replace(report, baseline=compare_with(before, report))


def _peak_memory() -> int | None:
    """Largest resident size of this process in bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _score_and_look_up(
    documents: Sequence[Document],
    prepared: PreparedTexts,
    score: Callable[[Sequence[Document], PreparedTexts], ScoredBatch],
    look_up: LookUp,
) -> tuple[ScoredBatch, LookedUp]:
    return score(documents, prepared), look_up(documents, prepared)


def _look_up(
    documents: Sequence[Document], _: None, look_up: LookUp
) -> tuple[Sequence[Document], LookedUp]:
    return documents, look_up(documents, None)


def _nothing(_: object) -> None:
    return None
