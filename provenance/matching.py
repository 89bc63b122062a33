"""The whole story: how much of a corpus is consistent with each source, and which rows."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance import __version__
from provenance.baseline import compare_with, require_comparable
from provenance.beside import Beside, LookedUp, LookUp
from provenance.conformal import Conformal
from provenance.corpus import Corpus, Document
from provenance.diagnostics import choose_view
from provenance.documents_file import Spill
from provenance.errors import InputError
from provenance.estimate import Sources
from provenance.evidence.log_tally import log_files
from provenance.evidence.watermark_corpus import WatermarkTally
from provenance.evidence.watermark_keys import WatermarkKey, read_watermark_keys
from provenance.execution import batches, map_batches
from provenance.features import PreparedTexts
from provenance.fingerprint import Fingerprint, merge
from provenance.log_index import LogIndex
from provenance.match_files import workplace, write_report, write_rows
from provenance.measuring import fit_fingerprint, prepare_documents
from provenance.panel_file import cached_panel, default_cache_folder
from provenance.report import Manifest, Report
from provenance.shift import FEWEST_TRUSTED
from provenance.tally import ScoredBatch, Tally, loaded_panel, scorer
from provenance.telling import Matched, Settings, Trusted, report_fields
from provenance.two_source import CAUTION
from provenance.upper_bound import bound_fields

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["given_sources", "match"]


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
    _check_dates(corpus, reference_before)
    alone = len(candidates) == 1 and not references and not panel
    sources = given_sources(candidates, references, panel, aliases or {}, alone=alone)
    before = _given_baseline(baseline, sources, confidence_level)
    settings = Settings(confidence_level, 1.0 if same_domain else CAUTION, fdr, keep_text)
    if alone:
        _refuse_trusted_rows(reference_before)
    with workplace(output) as folder:
        finished = partial(_finished, corpus, sources, before, seed, command, started, clock)
        beside = Beside(
            log_files(logs, decoy_logs, folder),
            _watermark_tally(watermark_keys, fdr, workers, executor),
            fdr,
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
            _refuse_same_file(corpus, sources)
            told = bound_fields(
                corpus,
                sources.fingerprints[0],
                measured,
                seed=seed,
                confidence_level=confidence_level,
            )
            if not beside.is_idle:
                # The scorer is fitted to the whole corpus, so that this is a second reading.
                look_up = partial(_look_up, look_up=beside.look_up)
                for documents, seen in map_batches(
                    look_up, batches(corpus), prepare=_nothing, workers=workers, executor=executor
                ):
                    beside.add(documents, seen)
            report = finished(beside.told(told, settings, seed))
            if output is not None:
                write_report(report, Path(output), folder)
            return report
        cache = default_cache_folder() if cache_dir is None else Path(cache_dir)
        panel_path = cached_panel(sources.fingerprints, seed, cache)[1]
        fitted = loaded_panel(panel_path)
        tally = Tally(fitted.spec, len(fitted.names), corpus.options.by)
        spill = Spill(folder / "scores.parquet")
        trusted = _TrustedRows(reference_before, Tally(fitted.spec, len(fitted.names)))
        score = scorer(panel_path, sources.candidates)
        job = partial(_score_and_look_up, score=score, look_up=beside.look_up)
        first = partial(prepare_documents, spec=fitted.spec)
        for batch, found in map_batches(
            job, trusted.apart(batches(corpus)), prepare=first, workers=workers, executor=executor
        ):
            if trusted.takes(batch.documents[0]):
                trusted.tally.add(batch)
                beside.add_trusted(batch.documents, found)
            else:
                tally.add(batch)
                spill.add(batch, beside.add(batch.documents, found))
            if progress is not None:
                progress(corpus)
        spill.close()
        _refuse_same_file(corpus, sources)
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
        report = finished(beside.told(told, settings, seed))
        if output is not None:
            write_rows(report, folder, spill, sources, matched, beside)
            write_report(report, Path(output), folder)
    return report


def _watermark_tally(
    keys: Sequence[WatermarkKey] | str | os.PathLike[str],
    fdr: float,
    workers: int,
    executor: Executor | None,
) -> WatermarkTally | None:
    if isinstance(keys, str | os.PathLike):
        keys = read_watermark_keys(keys)
    return WatermarkTally(keys, fdr=fdr, workers=workers, executor=executor) if keys else None


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


def _refuse_trusted_rows(reference_before: date | None) -> None:
    if reference_before is not None:
        raise InputError(
            f"rows dated before {reference_before} cannot be trusted beside a candidate alone",
            expected="a reference or a panel too",
            remedy="Make a reference of these rows: provenance fingerprint --before"
            f" {reference_before}, then match --after {reference_before} --reference",
        )


def _check_dates(corpus: Corpus, reference_before: date | None) -> None:
    if reference_before is not None and corpus.options.date_field is None:
        raise InputError(
            f"rows dated before {reference_before} are to be trusted, but where the date stands is"
            " not said",
            expected="the field that holds each row's date",
            remedy="Name it with --date-field (CorpusOptions.date_field)",
        )


@dataclass(slots=True)
class _TrustedRows:
    """Rows dated before a day, kept apart while the corpus is read; none without a day."""

    before: date | None
    tally: Tally
    n_undated: int = 0

    def takes(self, document: Document) -> bool:
        day = document.date
        return self.before is not None and day is not None and day < self.before

    def apart(self, batches: Iterable[list[Document]]) -> Iterator[list[Document]]:
        """The batches, each with the trusted and the suspect documents in lists of their own."""
        for batch in batches:
            if self.before is None:
                yield batch
                continue
            self.n_undated += sum(document.date is None for document in batch)
            suspect = [document for document in batch if not self.takes(document)]
            if suspect:
                yield suspect
            if len(suspect) < len(batch):
                yield [document for document in batch if self.takes(document)]

    def told(self, corpus: Corpus) -> Trusted | None:
        if self.before is None:
            return None
        # A tally that nothing was added to has no sample.
        scored = self.tally.suspect() if self.tally.n_documents else None
        n_distinct = 0 if scored is None else len(np.unique(scored.cluster_hash))
        if scored is None or n_distinct < FEWEST_TRUSTED:
            raise InputError(
                f"{n_distinct} different documents long enough to score are dated before"
                f" {self.before}",
                where=", ".join(corpus.paths[:3]),
                expected=f"at least {FEWEST_TRUSTED}, better 200, that no model wrote",
                remedy="Name a later day with --reference-before, or leave it out",
            )
        return Trusted(self.before, self.tally.n_documents, self.n_undated, scored)


def given_sources(
    candidates: Sequence[Fingerprint],
    references: Sequence[Fingerprint],
    panel: Sequence[Fingerprint],
    aliases: Mapping[str, str],
    *,
    alone: bool = False,
) -> Sources:
    """The sources with their roles, refused where they cannot be used together.

    Parameters
    ----------
    candidates, references, panel, aliases
        As in `match`.
    alone : bool
        Whether one candidate may stand without anything to tell it from.
    """
    if not candidates:
        raise InputError("no candidate was given", remedy="Pass --candidate A.fp")
    if not alone and not references and not panel and len(candidates) < 2:
        raise InputError(
            "there is nothing to tell the candidate from",
            expected="a reference (text by no model) or a panel of other models",
            remedy="Pass --reference H.fp or --panel OTHER.fp",
        )
    given = [("candidate", item) for item in candidates]
    given += [("panel", item) for item in panel] + [("reference", item) for item in references]
    if not all(item.name.strip() for _, item in given):
        raise InputError(
            "a source has no name", remedy="Name it with provenance fingerprint --name"
        )
    known = {item.name for _, item in given}
    if len(known) < len(given):
        twice = Counter(item.name for _, item in given).most_common(1)[0][0]
        raise InputError(
            f"two sources are called {twice!r}",
            expected="different names",
            remedy="Name them with provenance fingerprint --name",
        )
    for alias, name in aliases.items():
        if name in aliases:
            raise InputError(
                f"the alias {alias}={name} names {name}, which is an alias itself",
                expected="the name of the source that both are",
            )
        if alias not in known or name not in known:
            raise InputError(
                f"the alias {alias}={name} names a source that was not given",
                expected=f"two of {', '.join(sorted(known))}",
            )
    roles: dict[str, str] = {}
    merged: dict[str, Fingerprint] = {}
    for role, item in given:
        name = aliases.get(item.name, item.name)
        renamed = _renamed(item, name)
        merged[name] = _renamed(merge(merged[name], renamed), name) if name in merged else renamed
        roles.setdefault(name, role)
    # In the order of their names, so that a fitted panel serves whatever the roles are.
    names = sorted(merged)
    return Sources(tuple(merged[name] for name in names), tuple(roles[name] for name in names))


def _renamed(fingerprint: Fingerprint, name: str) -> Fingerprint:
    return replace(fingerprint, name=name)


def _refuse_same_file(corpus: Corpus, sources: Sources) -> None:
    for entry in corpus.inputs():
        for fingerprint in sources.fingerprints:
            if entry["sha256"] in fingerprint.inputs_sha256:
                raise InputError(
                    f"this very file was also read for the source {fingerprint.name!r}",
                    where=entry["path"],
                    expected="a corpus that no sample was taken from",
                    remedy="Split the file, by prompt or document, and use one part for each",
                )


def _finished(
    corpus: Corpus,
    sources: Sources,
    before: Report | None,
    seed: int,
    command: Sequence[str],
    started: datetime,
    clock: float,
    fields: dict[str, Any],
) -> Report:
    """The report of these fields, with its manifest and what has changed since another."""
    manifest = Manifest(
        version=__version__,
        command=tuple(command),
        seed=seed,
        inputs=tuple(corpus.inputs()),
        spec=asdict(sources.fingerprints[0].spec),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        peak_memory_bytes=_peak_memory(),
    )
    report = Report(**fields, manifest=manifest)
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
