"""A corpus written again without the rows that a report points at."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, cast

import numpy as np
import orjson

from provenance.corpus import open_corpus
from provenance.corpus.formats import format_of
from provenance.corpus.inputs import FileInput, shown
from provenance.corpus.rewriting.choosing import Choice
from provenance.corpus.rewriting.rewriting import check_rewritable, rewrite
from provenance.errors import InputError, ProvenanceError, require_number
from provenance.evidence.hidden.tally import hidden_summary
from provenance.files.aside import written_aside
from provenance.files.claims import claimed
from provenance.files.places import errors_named, require_folder, unwritable
from provenance.files.spill import storable
from provenance.files.together import passing_folder
from provenance.matching.filtering.bounds import left_at_most
from provenance.matching.filtering.conditions import Condition, conditions, list_names
from provenance.matching.filtering.filtered import Filtered, FilteredFile, Left
from provenance.matching.filtering.rows import Planned, ReportRows, RowBatch
from provenance.records import Share
from provenance.report.report import Report
from provenance.share.estimate import over_all
from provenance.statistics.multiple_testing import joint_level
from provenance.version import __version__
from provenance.words import percent, source_name, visible

__all__ = ["MANIFEST", "PromiseError", "filter_corpus"]

MANIFEST: Final = "manifest.json"


class PromiseError(ProvenanceError):
    """No cut of the list leaves as little as was asked for; nothing was written."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What may be left, of whom, and which list speaks of it."""

    row: Share
    at_most: float
    listed: str
    planned: Planned
    list_level: float


def filter_corpus(
    paths: Sequence[str | os.PathLike[str]],
    report: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    drop: Sequence[str] = (),
    until: float | None = None,
    tag: bool = False,
) -> Filtered:
    """Write a corpus again without the rows chosen, in its own format, columns and order.

    Parameters
    ----------
    paths : sequence of path
        The corpus that the report is of: the same files, unchanged, in the same order.
    report : path
        Folder that `match` or `scan` wrote.
    output : path
        A folder that is not there or is empty; files have the names that they have in the corpus.
    drop : sequence of str
        Conditions: see `conditions`. A row is dropped where any holds for any of its documents.
    until : float, optional
        Drop rows in the order of evidence until at most less than this share may be left.
    tag : bool
        Keep all rows, and say in a column of their own which would be dropped.

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
    """
    if until is not None:
        require_number("until", until, within=True)
    if not any(one.strip(", ") for one in drop) and until is None:
        raise InputError(
            "nothing is said to be dropped", remedy="Give --drop q<=0.05, or --until 0.01"
        )
    told = Report.load(report)
    _require_new(output)
    sources = [
        check_rewritable(source, is_tagged=tag)
        for source in open_corpus([os.fspath(path) for path in paths]).sources
    ]
    _check_names(sources)
    _check_corpus(sources, told)
    folder = Path(report) if Path(report).is_dir() else Path(report).parent
    rows = ReportRows(
        folder / "documents.parquet", [storable(str(one["path"])) for one in told.manifest.inputs]
    )
    wanted = conditions(drop, told, rows.columns)
    targets = _targets(told, rows, wanted)
    planned = targets[0].planned if targets else rows.plan(wanted, None, 0.95)
    _check_plan(planned, told, wanted, rows)
    cut = None if until is None else _cut(sources, rows, wanted, targets, told, until)
    tags = [one.told for one in wanted]
    job = _Job(rows, wanted, tags, targets[0].listed if targets else None, cut, tag)
    with _whole_folder(Path(output)) as made:
        hashes = (str(one["sha256"]) for one in told.manifest.inputs)
        known = zip(sources, hashes, strict=True)
        files = tuple(_written(*one, made, job, number) for number, one in enumerate(known))
        job.end()
        found = _filtered(job, told, targets, files, until, Path(report))
        with written_aside(made / MANIFEST) as file:
            file.write(orjson.dumps(found.to_dict(), option=orjson.OPT_INDENT_2) + b"\n")
    return found


# --- what is refused


def _require_new(output: str | os.PathLike[str]) -> None:
    require_folder(output)
    if format_of(os.fspath(output)) is not None and not Path(output).is_dir():
        raise InputError(
            "the output is named like a file",
            where=os.fspath(output),
            expected="a folder, for the corpus and its manifest.json",
        )
    if Path(output).is_dir() and any(Path(output).iterdir()):
        raise InputError(
            "the output is not empty",
            where=os.fspath(output),
            expected="a folder that is not there, or is empty",
        )


def _check_names(sources: Sequence[FileInput]) -> None:
    seen: dict[str, str] = {}
    for source in sources:
        if source.name in seen or source.name == MANIFEST:
            other = seen.get(source.name, "the manifest")
            raise InputError(
                f"it would be written under the name of {shown(other)}",
                where=shown(source.path),
                expected="files with a name each",
                remedy="Put them in one folder, and match and filter that",
            )
        seen[source.name] = source.path


def _check_corpus(sources: Sequence[FileInput], report: Report) -> None:
    """Refuse another corpus than the report's, and files that changed since."""
    inputs = report.manifest.inputs
    remedy = "Give the corpus as it was matched, or match it again"
    if len(sources) != len(inputs):
        raise InputError(
            f"the corpus has {len(sources):,} files, and the report read {len(inputs):,}",
            where=shown(sources[0].path),
            expected="the corpus that the report is of, whole",
            remedy=remedy,
        )
    for source, known in zip(sources, inputs, strict=True):
        size = known.get("bytes")
        same_size = size is None or source.size is None or size == source.size
        if not same_size or source.read().entry()["sha256"] != known.get("sha256"):
            raise InputError(
                "the file is not the one that the report read"
                f" ({visible(str(known.get('path'))[:200])})",
                where=shown(source.path),
                expected="the same bytes, and the same paths in the same order",
                remedy=remedy,
            )


def _check_plan(
    planned: Planned, report: Report, wanted: Sequence[Condition], rows: ReportRows
) -> None:
    if planned.n_documents != report.corpus.n_documents:
        raise InputError(
            f"documents.parquet has {planned.n_documents:,} rows, and report.json tells of"
            f" {report.corpus.n_documents:,} documents",
            where=str(rows.path),
            expected="both of one run",
            remedy="Match or scan the corpus again",
        )
    for one, n_hit in zip(wanted, planned.hits, strict=True):
        if one.told == "hidden" and not n_hit and _n_marked(report):
            raise InputError(
                "--drop hidden: the report tells of hidden marks, but not which rows have them",
                expected="a report of this version",
                remedy="Match the corpus again",
            )
        if one.listed and not rows.has_values(one.columns):
            why = f" ({visible(report.reasons[0][:300])})" if report.reasons else ""
            raise InputError(
                f"--drop {visible(one.told[:80])}: the report lists no rows{why}",
                expected="a report that lists rows",
            )


def _n_marked(report: Report) -> int:
    found = (hidden_summary(one) for one in report.findings)
    return max((one.n_marked for one in found if one is not None), default=0)


# --- how much may be left


def _targets(report: Report, rows: ReportRows, wanted: Sequence[Condition]) -> list[_Target]:
    """A target for each list; none where shares are withheld."""
    if report.verdict == "withheld":
        return []
    machine = report.model_like()
    own = {str(row.source): row for row in report.candidates("documents")}
    found = []
    for name in list_names(report):
        row = machine if machine is not None else own[name]
        level = next(
            (one.confidence_level for one in report.row_lists if one.source in (name, None)),
            joint_level(row.confidence_level, len(list_names(report))),
        )
        planned = rows.plan(wanted, name, level)
        found.append(_Target(row, _at_most(row, report), name, planned, level))
    return found


def _at_most(row: Share, report: Report) -> float:
    """Documents of a source at most; those that were not scored count as its."""
    n_documents, n_scored = report.corpus.n_documents, report.n_counted
    same = (
        one
        for one in report.shares_all
        if (one.source, one.role, one.unit) == (row.source, row.role, row.unit)
    )
    whole = next(same, None) or over_all(row, n_scored / max(1, n_documents))
    return whole.high * n_documents


def _cut(
    sources: Sequence[FileInput],
    rows: ReportRows,
    wanted: Sequence[Condition],
    targets: Sequence[_Target],
    report: Report,
    until: float,
) -> float | None:
    """The p-value up to which rows are dropped."""
    if not targets or targets[0].row.share is None:
        why = f": {visible(report.reasons[0][:300])}" if report.reasons else ""
        raise PromiseError(
            f"Cannot promise less than {percent(until)}: the report tells no share{why}."
            " Nothing was written."
        )
    if len(targets) > 1:
        raise InputError(
            f"--until with {len(targets)} candidates",
            expected="one list of rows",
            remedy="Match each by itself, with the others as --panel",
        )
    target = targets[0]
    counting = _Job(rows, wanted, [], target.listed, np.inf, False)
    for number, source in enumerate(sources):
        counting.begin(number, source)
        rewrite(source, cast(IO[bytes], _Nowhere()), lambda line: counting.count(line))
    unjudged = _unjudged(counting.n_unjudged, report)
    n_documents = target.planned.n_documents
    cut, left = target.planned.cuts.first_cut(until, target.at_most, n_documents, unjudged)
    if left >= until:
        more = f", of {_counted(unjudged)} in it the report says nothing," if unjudged else ","
        raise PromiseError(
            f"Cannot promise less than {percent(until)}: at best {percent(left)} may be left of"
            f" {source_name(target.row.source, target.row.role)}. The corpus may hold up to"
            f" {percent(target.at_most / max(1, n_documents))}{more} and the list of rows shows"
            f" {target.planned.cuts.true_at_least(cut):,} documents for sure. Nothing was written."
        )
    return cut


def _counted(n_rows: int) -> str:
    return "1 row" if n_rows == 1 else f"{n_rows:,} rows"


def _unjudged(n_rows: int, report: Report) -> int:
    """Rows that may be anybody's; trusted ones are held to be no model's."""
    return max(0, n_rows - report.corpus.n_trusted)


class _Nowhere:
    def write(self, data: Any) -> int:
        return len(data)

    def flush(self) -> None:
        pass

    closed = False


# --- the work


@dataclass(slots=True)
class _Job:
    """The rows of a report beside those of the corpus, one file after another."""

    rows: ReportRows
    wanted: Sequence[Condition]
    tags: Sequence[str]
    listed: str | None
    cut: float | None
    is_tagged: bool
    n_rows: int = 0
    n_unjudged: int = 0
    n_dropped: int = 0
    n_documents: int = 0
    n_dropped_documents: int = 0
    n_along: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    posterior_kept: float = 0.0
    n_posterior_kept: int = 0
    _source: FileInput | None = None
    _number: int = 0
    _iterator: Iterator[tuple[int, int, int, int, int, float, float, int]] | None = None
    _next: tuple[int, int, int, int, int, float, float, int] | None = None

    def begin(self, number: int, source: FileInput) -> None:
        """Go on with the next file, where all rows of the one before were met."""
        if self._iterator is None:
            self.reasons = {one.told: 0 for one in self.wanted}
            self._iterator = self._each()
            self._next = next(self._iterator, None)
        self._refuse_unmet(number, 0)
        self._number, self._source = number, source

    def end(self) -> None:
        """Refuse rows of the report that no file had."""
        self._refuse_unmet(self._number + 1, 0)

    def _each(self) -> Iterator[tuple[int, int, int, int, int, float, float, int]]:
        for batch in self.rows.batches(self.wanted, self.listed):
            yield from zip(*(column.tolist() for column in _columns(batch)), strict=True)

    def _refuse_unmet(self, number: int, line: int) -> None:
        if self._next is not None and self._next[:2] < (number, line):
            path = "" if self._source is None else self._source.path
            raise InputError(
                "the report names a row that the corpus does not have there",
                where=f"{shown(path)}:{self._next[1]}",
                expected="the corpus that the report is of",
                remedy="Match or scan the corpus again",
            )

    def count(self, line: int) -> Choice:
        """Meet a row that is not written."""
        if line:
            self.choose(line)
        return Choice(False)

    def choose(self, line: int) -> Choice:
        """What becomes of the next row of the file."""
        if not line:
            return Choice(True, "" if self.is_tagged else None)
        self.n_rows += 1
        self._refuse_unmet(self._number, line)
        if self._next is None or self._next[:2] != (self._number, line):
            self.n_unjudged += 1
            return Choice(True, "not judged" if self.is_tagged else None)
        _, _, n_documents, bits, n_hit, p, posterior, n_posterior = self._next
        assert self._iterator is not None
        self._next = next(self._iterator, None)
        self.n_documents += n_documents
        is_cut = self.cut is not None and p <= self.cut
        if not bits and not is_cut:
            self.posterior_kept += posterior
            self.n_posterior_kept += n_posterior
            return Choice(True, "" if self.is_tagged else None)
        self.n_dropped += 1
        self.n_dropped_documents += n_documents
        self.n_along += n_documents - max(n_hit, 1)
        held = [told for place, told in enumerate(self.reasons) if bits >> place & 1]
        for told in held:
            self.reasons[told] += 1
        if not self.is_tagged:
            return Choice(False)
        return Choice(True, " ".join([*held, *(["until"] if is_cut else [])]))


def _columns(batch: RowBatch) -> tuple[Any, ...]:
    return (
        batch.source,
        batch.line,
        batch.n_documents,
        batch.bits,
        batch.n_hit,
        batch.smallest(),
        *batch.expected(),
    )


def _written(source: FileInput, sha256: str, folder: Path, job: _Job, number: int) -> FilteredFile:
    job.begin(number, source)
    before = job.n_rows, job.n_dropped
    place = folder / source.name
    with errors_named(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(place) as file:
        is_left = rewrite(source, file, job.choose)
    # Since it was hashed; to hash it again would be one more reading.
    if source.read().has_changed():
        raise InputError("the file changed while it was read", where=shown(source.path))
    if not is_left:
        place.unlink()
    rows, dropped = job.n_rows - before[0], job.n_dropped - before[1]
    return FilteredFile(
        path=source.path,
        name=source.name,
        rows=rows,
        rows_kept=rows if job.is_tagged else rows - dropped,
        sha256=sha256,
        sha256_after=_sha256(place) if is_left else None,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _whole_folder(place: Path) -> Iterator[Path]:
    """A folder that is put in its place where the block ends well."""
    above = place.absolute().parent
    try:
        above.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, place) from error
    with claimed(place, [MANIFEST]) as claim, passing_folder(place, above) as folder:
        made = folder / "corpus"
        made.mkdir()
        yield made
        claim.check()
        _require_new(place)
        with errors_named(place):
            if place.is_dir():
                place.rmdir()
            os.rename(made, place)


def _filtered(
    job: _Job,
    report: Report,
    targets: Sequence[_Target],
    files: tuple[FilteredFile, ...],
    until: float | None,
    place: Path,
) -> Filtered:
    place = place / "report.json" if place.is_dir() else place
    return Filtered(
        version=__version__,
        report_sha256=_sha256(place),
        report_verdict=report.verdict,
        tagged=job.is_tagged,
        drop=tuple(job.tags),
        until=until,
        cut=job.cut,
        rows=job.n_rows,
        rows_kept=job.n_rows - job.n_dropped,
        rows_dropped=job.n_dropped,
        rows_unjudged=job.n_unjudged,
        documents=job.n_documents,
        documents_dropped=job.n_dropped_documents,
        documents_along=job.n_along,
        reasons=job.reasons,
        left=tuple(_left(job, target, report) for target in targets),
        expected_false=_expected_false(job),
        notes=tuple(_notes(job, report)),
        files=files,
    )


def _left(job: _Job, target: _Target, report: Report) -> Left:
    n_true = target.planned.cuts.true_at_least(job.cut)
    at_most = left_at_most(
        target.at_most,
        job.n_documents,
        job.n_dropped_documents,
        n_true,
        _unjudged(job.n_unjudged, report),
    )
    level = target.row.confidence_level - (1 - target.list_level if n_true else 0.0)
    return Left(
        source=target.row.source,
        role=target.row.role,
        before=target.at_most / max(1, job.n_documents),
        at_most=at_most,
        expected=_expected_left(job, target),
        true_at_least=n_true,
        confidence_level=round(max(0.0, level), 12),
    )


def _expected_left(job: _Job, target: _Target) -> float | None:
    """Mean posterior of the kept documents that were scored; no more than an estimate."""
    if target.listed != job.listed or target.row.share is None or not job.n_posterior_kept:
        return None
    return min(1.0, job.posterior_kept / job.n_posterior_kept)


def _expected_false(job: _Job) -> float | None:
    """Rate times length, where one list of q-values says all that is dropped."""
    lists = {one.listed for one in job.wanted}
    if job.cut is not None or len(lists) != 1 or len(next(iter(lists))) != 1:
        return None
    most = max(one.most or 0.0 for one in job.wanted)
    return most * (job.n_dropped_documents - job.n_along)


def _notes(job: _Job, report: Report) -> Iterator[str]:
    if job.n_unjudged:
        yield (
            f"Kept, and nothing is told of them: {_counted(job.n_unjudged)} that could not be read,"
            " have no text of the role, or stand outside a sample or a date. What is left at most"
            " counts each of them as the source's."
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
