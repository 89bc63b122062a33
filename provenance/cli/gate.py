"""The exit status of a gate: what of a report is above a limit for sure, and what may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance.errors import InputError, as_number
from provenance.records import FEW_MODELS
from provenance.words import MODEL_LIKE, percent, source_name, visible

if TYPE_CHECKING:
    from provenance.records import Finding
    from provenance.report.report import Report

__all__ = ["KINDS", "Bound", "bounds", "exit_status", "gate_kinds", "gate_limit", "verdict_lines"]

KINDS: Final = ("shares", "breakdown", "log", "watermark", "machine")
"""What may count against the limit; ``shares`` alone unless more is named."""

_NUMBER: Final = re.compile(r"(\d{1,9}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
_SHOWN: Final = 20
"""Most lines of a verdict; a round figure, not tuned."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a report defends of one number.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    name : str
        What the number is of, in words.
    low : float or None
        At least so much; None where nothing can be told.
    high : float
        At most so much, where no number is told; else 0, as it fails nothing.
    """

    kind: str
    name: str
    low: float | None
    high: float


def gate_limit(text: str, option: str = "--fail-above") -> float:
    """Read ``--fail-above`` or the like: a fraction, or a percentage with its sign.

    Raises
    ------
    InputError
        Where it is neither, or not between 0 and 1.

    Examples
    --------
    >>> gate_limit("0.05"), gate_limit("5%"), gate_limit("0.7 %")
    (0.05, 0.05, 0.007)
    """
    told = text.strip()
    number = told.removesuffix("%").rstrip()
    if _NUMBER.fullmatch(number):
        value = as_number(told)
        if value <= 1:
            return value
    raise InputError(
        f"{option} {visible(text[:40])} cannot be read",
        expected="a fraction from 0 to 1, such as 0.05, or a percentage, such as 5%",
    )


def gate_kinds(named: Sequence[str]) -> tuple[str, ...]:
    """Read ``--fail-on``, in the order of `KINDS`; the default where nothing is named.

    Examples
    --------
    >>> gate_kinds([]), gate_kinds(["log,shares"])
    (('shares',), ('shares', 'log'))
    """
    wanted = {part.strip() for value in named for part in value.split(",")}
    unknown = sorted(wanted - {*KINDS})
    if unknown:
        raise InputError(
            f"--fail-on {','.join(unknown)[:80]} cannot be read",
            expected=f"one or more of {', '.join(KINDS)}, with commas between them",
        )
    return tuple(kind for kind in KINDS if kind in (wanted or {"shares"}))


def exit_status(report: Report, fail_above: float, fail_on: Sequence[str] = ("shares",)) -> int:
    """1 where something is above the limit for sure, 3 where that cannot be told of something.

    Parameters
    ----------
    report : Report
    fail_above : float
    fail_on : sequence of str
        Which of `KINDS` count.
    """
    fired, open_ = _judged(report, fail_above, fail_on)
    return 1 if fired else 3 if open_ else 0


def verdict_lines(report: Report, fail_above: float, fail_on: Sequence[str]) -> list[str]:
    """What is above the limit, or may be, in words; none where all is at or below it."""
    fired, open_ = _judged(report, fail_above, fail_on)
    limit = percent(fail_above)
    lines = [
        f"Above {limit} for sure (--fail-above): {one.name}: at least {percent(one.low or 0)}."
        for one in fired
    ] or [
        f"Cannot tell whether it is above {limit} (--fail-above): {one.name}: it may be up to"
        f" {percent(one.high)}."
        for one in open_
    ]
    more = [f"And {len(lines) - _SHOWN:,} more."] if len(lines) > _SHOWN else []
    return [visible(line) for line in (*lines[:_SHOWN], *more)]


def _judged(report: Report, limit: float, kinds: Sequence[str]) -> tuple[list[Bound], list[Bound]]:
    found = bounds(report, kinds)
    fired = [one for one in found if one.low is not None and one.low > limit]
    return fired, [one for one in found if one.high > limit and one not in fired]


def bounds(report: Report, kinds: Sequence[str]) -> list[Bound]:
    """What the report defends of each number that counts."""
    tell = {
        "shares": _shares,
        "breakdown": _parts,
        "log": _log,
        "watermark": _keys,
        "machine": _model_like,
    }
    return [bound for kind in KINDS if kind in kinds for bound in tell[kind](report)]


def _shares(report: Report) -> Iterator[Bound]:
    for row in report.candidates("documents"):
        untold = report.verdict == "withheld" or row.share is None or _is_anyones(report)
        yield Bound(
            "shares",
            f"share of {report.counted} consistent with {source_name(row.source)}",
            row.low,
            row.high if untold else 0.0,
        )


def _is_anyones(report: Report) -> bool:
    """Whether a share is told as if there were no other models, as so few were given."""
    # Loaded where a report is: what only helps does without.

    return any(one.kind == FEW_MODELS for one in report.diagnostics)


def _model_like(report: Report) -> Iterator[Bound]:
    """Text like a language model's, whosever it is; nobody can tell where it was not measured."""
    row = report.model_like()
    of = report.counted if report.candidates() or row is None else "documents that were judged"
    name = f"share of {of} that is {MODEL_LIKE}"
    if row is None:
        yield Bound("machine", name, None, 1.0)
    else:
        untold = report.verdict == "withheld" or row.share is None
        yield Bound("machine", name, row.low, row.high if untold else 0.0)


def _parts(report: Report) -> Iterator[Bound]:
    """Low ends of parts, which hold for all of them together.

    A part whose share is withheld says nothing: nearly every breakdown has some that are small.
    One of which nobody knows whose text it is may be above the limit.
    """
    if report.verdict == "withheld":
        return
    if not report.breakdown:
        yield Bound("breakdown", "share of any part (no part was judged)", None, 1.0)
    rows = [
        (part, row)
        for part in report.breakdown
        for row in part.shares
        if (row.role, row.unit) == ("candidate", "documents") and row.verdict != "withheld"
    ]
    for part, row in rows:
        name = f"{part.field} {part.value[:80]}: {source_name(row.source)}"
        told = f"share of {part.n_documents:,} documents, {name}, corrected for {len(rows):,} parts"
        untold = row.share is None or _is_anyones(report)
        yield Bound("breakdown", told, row.low, row.high if untold else 0.0)


def _log(report: Report) -> Iterator[Bound]:
    for finding in report.findings:
        if finding.kind == "overlap" and finding.details.get("of") == "log":
            told = "share of documents that stands on the log alone"
            yield Bound("log", told, finding.low, 1.0 if finding.low is None else 0.0)


def _keys(report: Report) -> Iterator[Bound]:
    for finding in report.findings:
        if finding.kind == "watermark" and finding.details:
            name = source_name(str(finding.details.get("name", "a key")))
            told = f"share of scored tokens marked with {name}"
            untold = finding.verdict == "not_checked"
            low = _floor(finding) if finding.verdict == "found" else None if untold else 0.0
            yield Bound("watermark", told, low, 1.0 if untold else 0.0)


def _floor(finding: Finding) -> float:
    """The low end of the marked share; where none is told, what any marked text implies."""
    if finding.low is not None:
        return finding.low
    share = finding.details.get("share")
    floor = share.get("floor") if isinstance(share, dict) else None
    return float(floor) if isinstance(floor, int | float) else 0.0
