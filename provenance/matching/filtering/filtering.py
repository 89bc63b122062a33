"""A corpus written again without the rows that a report points at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson

from provenance.corpus import open_corpus
from provenance.corpus.batches.batches import map_batches, unprepared
from provenance.corpus.places.inputs import FileInput, shown
from provenance.corpus.rewriting.rewriting import check_rewritable, rewrite
from provenance.errors import InputError, require_number
from provenance.files.aside import written_aside
from provenance.files.places import errors_named
from provenance.files.spill import storable
from provenance.matching.custody.custody import file_sha256
from provenance.matching.filtering.checks import check_corpus, check_names, check_plan
from provenance.matching.filtering.conditions import conditions
from provenance.matching.filtering.filtered import Filtered, FilteredFile
from provenance.matching.filtering.left import (
    OverRuns,
    PromiseError,
    Target,
    expected_false,
    first_cut,
    left_of,
    targets,
    unjudged_rows,
)
from provenance.matching.filtering.places import MANIFEST, require_new, whole_folder
from provenance.matching.filtering.rows import ReportRows
from provenance.matching.filtering.side_by_side import (
    Choosing,
    FileRun,
    Met,
    SideBySide,
    runs,
)
from provenance.report.report import Report
from provenance.version import __version__
from provenance.words import how_many

__all__ = ["MANIFEST", "PromiseError", "filter_corpus"]


def filter_corpus(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    report: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    drop: str | Sequence[str] = (),
    until: float | str | None = None,
    tag: bool = False,
    workers: int = 1,
    executor: Executor | None = None,
) -> Filtered:
    """Write a corpus again without the rows chosen, in its own format, columns and order.

    Parameters
    ----------
    paths : path or sequence of path
        The corpus that the report is of: the same files, unchanged, in the same order.
    report : path
        Folder that `match` or `scan` wrote.
    output : path
        A folder that is not there or is empty; files have the names that they have in the corpus.
    drop : str or sequence of str
        Conditions, as ``q<=0.05``, ``family>=0.9`` or ``log``, with commas between several. A row
        is dropped where any holds for any of its documents.
    until : float, optional
        Drop rows in the order of evidence until at most less than this share may be left.
    tag : bool
        Keep all rows, and say in a column of their own which would be dropped.
    workers : int
        Processes that write files; what is written is the same for any.
    executor : concurrent.futures.Executor, optional
        Used instead. Its workers find the corpus, the report and the output under the same paths.

    Returns
    -------
    Filtered
        Also written as ``manifest.json``.

    Raises
    ------
    InputError
        Where the corpus is not the one of the report, cannot be written again, or a condition
        stands on what the report does not tell.
    PromiseError
        Where nothing that could be dropped leaves as little as `until`.

    Examples
    --------
    >>> found = filter_corpus("suspect/", "report", "clean", drop="q<=0.05")  # doctest: +SKIP
    >>> found.rows_dropped, found.rows_kept  # doctest: +SKIP
    (61, 141)
    """
    paths = [paths] if isinstance(paths, str | os.PathLike) else paths
    _require_paths([*(paths if isinstance(paths, list | tuple) else [paths]), report, output])
    drop = [drop] if isinstance(drop, str) else drop
    if until is not None:
        until = require_number("until", until, within=True)
    if not any(one.strip(", ") for one in drop) and until is None:
        raise InputError(
            "nothing is said to be dropped",
            remedy="Give --drop 'q<=0.05', --until 0.01, or what rows show by themselves:"
            " --drop log, of a scan --drop known",
        )
    told = Report.load(report)
    require_new(output, paths)
    sources = [
        check_rewritable(source, is_tagged=tag)
        for source in open_corpus([os.fspath(path) for path in paths]).sources
    ]
    check_names(sources)
    check_corpus(sources, told)
    folder = Path(report) if Path(report).is_dir() else Path(report).parent
    rows = ReportRows(
        folder / "documents.parquet", [storable(str(one["path"])) for one in told.manifest.inputs]
    )
    wanted = conditions(drop, told, rows.columns)
    aims = targets(told, rows, wanted)
    planned = aims[0].planned if aims else rows.plan(wanted, None, 0.95)
    check_plan(planned, told, wanted, rows)
    over_runs = partial(
        map_batches,
        batches=list(runs(sources, planned.starts)),
        prepare=unprepared,
        workers=workers,
        executor=executor,
    )
    cut = None if until is None else first_cut(over_runs, rows, wanted, aims, told, until)
    choosing = Choosing(rows, wanted, aims[0].listed if aims else None, cut, tag)
    with whole_folder(Path(output)) as made:
        met, files = _all_written(over_runs, choosing, made, sources, told)
        found = _filtered(choosing, met, told, aims, files, until, Path(report), planned.hits)
        with written_aside(made / MANIFEST) as file:
            file.write(orjson.dumps(found.to_dict(), option=orjson.OPT_INDENT_2) + b"\n")
    return found


def _require_paths(places: Sequence[object]) -> None:
    """Files alone are written again: no frame, no rows at hand, no report without its folder."""
    for place in places:
        if not isinstance(place, str | os.PathLike):
            raise InputError(
                f"a {type(place).__name__} is not written again",
                expected="paths of the files that the report was made from, and of its folder",
                remedy="Save the rows to a file, and scan or match that; of rows at hand"
                " report.documents tells which to take out",
            )


def _all_written(
    over_runs: OverRuns,
    choosing: Choosing,
    folder: Path,
    sources: Sequence[FileInput],
    report: Report,
) -> tuple[Met, tuple[FilteredFile, ...]]:
    met, written = Met(), list[_Written]()
    for one, files in over_runs(partial(_written, choosing=choosing, folder=folder)):
        met.add(one)
        written += files
    hashes = (str(one["sha256"]) for one in report.manifest.inputs)
    return met, tuple(
        FilteredFile(
            path=source.path,
            name=source.name,
            rows=one.rows,
            rows_kept=one.rows if choosing.is_tagged else one.rows - one.dropped,
            sha256=sha256,
            sha256_after=one.sha256,
        )
        for source, one, sha256 in zip(sources, written, hashes, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """A file that was written: its rows, those that were dropped, and its hash, if it is left."""

    rows: int
    dropped: int
    sha256: str | None


def _written(run: FileRun, _: None, choosing: Choosing, folder: Path) -> tuple[Met, list[_Written]]:
    job = SideBySide(choosing, run.documents)
    files = []
    for number, source in enumerate(run.sources, run.first):
        before = job.met.n_rows, job.met.n_dropped
        job.begin(number, source)
        sha256 = _written_file(source, folder / source.name, job)
        files.append(_Written(job.met.n_rows - before[0], job.met.n_dropped - before[1], sha256))
    job.end()
    return job.met, files


def _written_file(source: FileInput, place: Path, job: SideBySide) -> str | None:
    with errors_named(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(place) as file:
        is_left = rewrite(source, file, job.choose)
    # Since it was hashed; to hash it again would be one more reading.
    if source.read().has_changed():
        raise InputError("the file changed while it was read", where=shown(source.path))
    if not is_left:
        place.unlink()
    return file_sha256(place) if is_left else None


def _filtered(
    choosing: Choosing,
    met: Met,
    report: Report,
    aims: Sequence[Target],
    files: tuple[FilteredFile, ...],
    until: float | None,
    place: Path,
    n_holding: Sequence[int],
) -> Filtered:
    place = place / "report.json" if place.is_dir() else place
    return Filtered(
        version=__version__,
        report_sha256=file_sha256(place),
        report_verdict=report.verdict,
        tagged=choosing.is_tagged,
        drop=tuple(one.told for one in choosing.wanted),
        until=until,
        cut=choosing.cut,
        rows=met.n_rows,
        rows_kept=met.n_rows - met.n_dropped,
        rows_dropped=met.n_dropped,
        rows_unjudged=met.n_unjudged,
        documents=met.n_documents,
        documents_dropped=met.n_dropped_documents,
        documents_along=met.n_along,
        reasons=met.reasons,
        reasons_documents=dict(zip(met.reasons, n_holding, strict=True)),
        left=tuple(left_of(choosing, met, target, report) for target in aims),
        expected_false=expected_false(choosing, met),
        notes=(*filter(None, (one.note for one in choosing.wanted)), *_notes(met, report, aims)),
        files=files,
    )


def _notes(met: Met, report: Report, aims: Sequence[Target]) -> Iterator[str]:
    if any(aim.planned.cuts.beyond for aim in aims):
        yield (
            "How much may be left rests on how the source's own sample reads: text of it that was"
            " edited, cut short or asked for otherwise than the sample may be left besides."
        )
    if met.n_unjudged:
        counted = unjudged_rows(met, report)
        each = "each" if counted == met.n_unjudged else f"{counted:,}"
        more = f" What is left at most counts {each} of them as the source's."
        yield (
            f"Kept, and nothing is told of them: {how_many(met.n_unjudged, 'row')} that could not"
            " be read, have no text of the role, or stand outside a sample or a date."
            f"{'' if report.verdict == 'withheld' else more}"
        )
    if report.verdict == "withheld":
        yield (
            "The report withholds its shares: rows are dropped for what they show by themselves,"
            " and nobody can tell how much is left."
        )
    if report.corpus.n_trusted:
        yield f"{report.corpus.n_trusted:,} trusted documents are kept, and held to be no model's."
    if not report.candidates() and report.model_like() is not None:
        yield (
            "People's text of a kind that the library does not hold may read as a language"
            " model's: it is dropped with the rest, and counted as true."
        )
