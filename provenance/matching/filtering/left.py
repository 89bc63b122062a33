"""How much of a source may be left: what a report tells of it, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, Any, Final, Protocol, TypeVar, cast

import numpy as np

from provenance.corpus.rewriting.rewriting import rewrite
from provenance.errors import InputError, ProvenanceError
from provenance.matching.filtering.bounds import beyond, left_at_most
from provenance.matching.filtering.conditions import Condition, list_names
from provenance.matching.filtering.filtered import Left
from provenance.matching.filtering.rows import Planned, ReportRows
from provenance.matching.filtering.side_by_side import Choosing, FileRun, Met, SideBySide
from provenance.records import Share
from provenance.report.report import Report
from provenance.share.estimate import over_all
from provenance.statistics.multiple_testing import joint_level
from provenance.words import how_many, percent, source_name, visible

__all__ = [
    "OverRuns",
    "PromiseError",
    "Target",
    "expected_false",
    "first_cut",
    "left_of",
    "targets",
    "unjudged_rows",
]


_CAUGHT: Final = 0.2
"""Of the chance that the list of rows is wrong, what is given to its own held-out documents
besides, so that all holds at 0.89 where it held at 0.90; a round figure, not tuned."""


class PromiseError(ProvenanceError):
    """No cut of the list leaves as little as was asked for; nothing was written."""


@dataclass(frozen=True, slots=True)
class Target:
    """What may be left, of whom, and which list speaks of it."""

    row: Share
    at_most: float
    listed: str
    planned: Planned
    list_level: float


def targets(report: Report, rows: ReportRows, wanted: Sequence[Condition]) -> list[Target]:
    """A target for each list; none where shares are withheld."""
    if report.verdict == "withheld":
        return []
    machine = report.unattributed()
    own = {str(row.source): row for row in report.candidates("documents")}
    found = []
    for name in list_names(report):
        row = machine if machine is not None else own[name]
        told = next((one for one in report.row_lists if one.source in (name, None)), None)
        level = (
            joint_level(row.confidence_level, len(list_names(report)))
            if told is None
            else told.confidence_level
        )
        planned = rows.plan(wanted, name, level)
        if told is not None and told.caught:
            alpha = _CAUGHT * (1 - joint_level(told.confidence_level, len(list_names(report))))
            cuts = beyond(planned.cuts, told, planned.n_documents, alpha)
            planned = replace(planned, cuts=cuts)
        found.append(Target(row, _at_most(row, report), name, planned, level))
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


Result = TypeVar("Result")


class OverRuns(Protocol):
    """Calls a function with each run of files, and gives what it returns in their order."""

    def __call__(self, function: Callable[[FileRun, None], Result]) -> Iterator[Result]: ...


def first_cut(
    over_runs: OverRuns,
    rows: ReportRows,
    wanted: Sequence[Condition],
    aims: Sequence[Target],
    report: Report,
    until: float,
) -> float | None:
    """The p-value up to which rows are dropped, so that less than a share may be left.

    Parameters
    ----------
    over_runs : callable
        Each file is read once, for the rows of which the report says nothing.
    rows : ReportRows
    wanted : sequence of Condition
        Dropped whatever the cut is.
    aims : sequence of Target
    report : Report
    until : float

    Returns
    -------
    float or None
        None where no row has to go besides.

    Raises
    ------
    PromiseError
        Where no cut leaves so little.
    InputError
        Where there are several lists.
    """
    if not aims or aims[0].row.share is None:
        why = f": {visible(report.reasons[0][:300])}" if report.reasons else ""
        raise PromiseError(
            f"Cannot promise less than {percent(until)}: the report tells no share{why}."
            " Nothing was written."
        )
    if len(aims) > 1:
        raise InputError(
            f"--until with {len(aims)} candidates",
            expected="one list of rows",
            remedy="Match each by itself, with the others as --panel",
        )
    target = aims[0]
    choosing = Choosing(rows, wanted, target.listed, np.inf, False)
    met = Met()
    for one in over_runs(partial(_counted, choosing=choosing)):
        met.add(one)
    unjudged = unjudged_rows(met, report)
    n_documents = target.planned.n_documents
    cut, left = target.planned.cuts.first_cut(until, target.at_most, n_documents, unjudged)
    if left >= until:
        more = (
            f", of {how_many(unjudged, 'row')} in it the report says nothing," if unjudged else ","
        )
        raise PromiseError(
            f"Cannot promise less than {percent(until)}: at best {percent(left)} may be left of"
            f" {source_name(target.row.source, target.row.role)}. The corpus may hold up to"
            f" {percent(target.at_most / max(1, n_documents))}{more} and the list of rows shows"
            f" {target.planned.cuts.true_at_least(cut):,} documents for sure. Nothing was written."
        )
    return cut


def _counted(run: FileRun, _: None, choosing: Choosing) -> Met:
    job = SideBySide(choosing, run.documents)
    for number, source in enumerate(run.sources, run.first):
        job.begin(number, source)
        rewrite(source, cast(IO[bytes], _Nowhere()), job.count)
    job.end()
    return job.met


def unjudged_rows(met: Met, report: Report) -> int:
    """Rows that may be anybody's; trusted documents are held to be no model's.

    How many rows these are is known where each row gives one document.
    """
    has_turns = any(one.taken for one in report.corpus.turns)
    has_several = met.n_documents != met.n_rows - met.n_unjudged
    cleared = 0 if has_turns or has_several else report.corpus.n_trusted
    return max(0, met.n_unjudged - cleared)


class _Nowhere:
    def write(self, data: Any) -> int:
        return len(data)

    def flush(self) -> None:
        pass

    closed = False


def left_of(choosing: Choosing, met: Met, target: Target, report: Report) -> Left:
    """How much may be left of a target where all rows were met."""
    n_true = target.planned.cuts.true_at_least(choosing.cut)
    at_most = left_at_most(
        target.at_most,
        met.n_documents,
        met.n_dropped_documents,
        n_true,
        unjudged_rows(met, report),
        target.planned.cuts.left(choosing.cut),
    )
    doubt = 1 - target.list_level
    level = target.row.confidence_level - (doubt if n_true else 0.0)
    level -= _CAUGHT * doubt if target.planned.cuts.beyond else 0.0
    return Left(
        source=target.row.source,
        role=target.row.role,
        before=target.at_most / max(1, met.n_documents),
        at_most=at_most,
        expected=_expected_left(choosing, met, target),
        true_at_least=n_true,
        confidence_level=round(max(0.0, level), 12),
    )


def _expected_left(choosing: Choosing, met: Met, target: Target) -> float | None:
    """Mean posterior of the kept documents that were scored; no more than an estimate."""
    if target.listed != choosing.listed or target.row.share is None or not met.n_posterior_kept:
        return None
    return min(1.0, met.posterior_kept / met.n_posterior_kept)


def expected_false(choosing: Choosing, met: Met) -> float | None:
    """Rate times length, where one list of q-values says all that is dropped."""
    lists = {one.listed for one in choosing.wanted}
    if choosing.cut is not None or len(lists) != 1 or len(next(iter(lists))) != 1:
        return None
    most = min(1.0, max(one.most or 0.0 for one in choosing.wanted))
    return most * (met.n_dropped_documents - met.n_along)
