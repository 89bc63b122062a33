"""Reports of segments as one: their shares added up, every doubt kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from provenance.corpus.segments import SEGMENT
from provenance.matching.breakdown import listed_parts
from provenance.matching.matched import Settings
from provenance.records import (
    MAX_DRAWN,
    MAX_EXCERPTS,
    Breakdown,
    CorpusSummary,
    Diagnostic,
    Excerpt,
    Finding,
    Manifest,
    Share,
)
from provenance.report.report import Report
from provenance.share.estimate import UNITS
from provenance.words import percent

__all__ = ["MatchedSegment", "UntoldSegments", "added_up"]

_UNTOLD: Final = 0.1
"""Part of the documents in segments of which nothing is told, above which no share of the whole is
told either; below it they are counted at their worst case. A round figure, not tuned."""
_WORTH_A_WORD: Final = 0.02
"""Part of the documents below which segments of which nothing is told are told together."""
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class MatchedSegment:
    """A segment that was matched."""

    name: str
    report: Report


@dataclass(frozen=True, slots=True)
class UntoldSegments:
    """Segments of which nothing is told: documents, those too short, and tokens."""

    n_documents: Mapping[str, int]
    n_too_short: int = 0
    n_tokens: int = 0


def added_up(
    settings: Settings,
    found: Sequence[MatchedSegment],
    untold: UntoldSegments,
    why: Mapping[str, str],
    manifest: Manifest,
) -> Report:
    """The reports of the segments as one.

    Parameters
    ----------
    settings : Settings
    found : sequence of MatchedSegment
        At least one.
    untold : UntoldSegments
    why : mapping of str to str
        By segment, why nothing is told of it.
    manifest : Manifest
        Of the whole corpus.
    """
    n_untold = sum(untold.n_documents.values())
    weights = {
        "documents": ([one.report.n_counted for one in found], n_untold),
        "tokens": ([one.report.corpus.n_tokens for one in found], untold.n_tokens),
    }
    shares = [row for unit in UNITS for row in _added(found, *weights[unit], unit, settings)]
    verdict = "estimated" if all(_is_told(row) for row in shares) else "withheld"
    checks = [*_checks(found, untold, why)]
    parts = tuple(
        sorted(
            [
                *(_part(one, settings) for one in found),
                *(_nothing(name, n, shares) for name, n in untold.n_documents.items()),
            ],
            key=lambda part: (-part.n_documents, part.value),
        )
    )
    failed, warned = (
        [check.sentence for check in checks if check.verdict == verdict]
        for verdict in ("fail", "warn")
    )
    return Report(
        verdict=verdict,  # type: ignore[arg-type]
        reasons=(
            *failed,
            *(f"{one.name}: {one.report.headline()}" for one in found),
            *warned,
            _SPLIT,
            *dict.fromkeys(r for one in found for r in _granted(one.report)),
        ),
        corpus=_summary(found, untold),
        shares=tuple(shares),
        breakdown=parts,
        parts_listed=listed_parts(parts, settings),
        findings=tuple(_findings(found)),
        diagnostics=tuple(checks),
        excerpts=tuple(_excerpts(found)),
        drawn=tuple(_drawn(found)),
        manifest=manifest,
    )


_SPLIT: Final = (
    "The rows were split into segments (--segments): each was read beside the same segment of the"
    " samples, a document is one segment of a row, and the shares of the whole are those of its"
    " segments added up."
)


def _granted(report: Report) -> Iterator[str]:
    """What a segment's report takes for granted, without its checks."""
    told = {check.sentence for check in report.diagnostics}
    return (reason for reason in report.reasons if reason not in told)


def _is_told(row: Share) -> bool:
    return row.share is not None or row.verdict == "bounded"


def _added(
    found: Sequence[MatchedSegment],
    counts: Sequence[int],
    n_untold: int,
    unit: str,
    settings: Settings,
) -> Iterator[Share]:
    """Shares of the whole: the segments', by what they hold; untold ones at their worst case."""
    total = max(1, sum(counts) + n_untold)
    weights = [count / total for count in counts]
    rows = [
        {(row.source, row.role): row for row in one.report.shares if row.unit == unit}
        for one in found
    ]
    low_sum = 0.0
    for key in dict.fromkeys(key for part in rows for key in part):
        source, role = key
        if role == "unknown":
            continue
        held = [part.get(key) for part in rows]
        low = sum(w * row.low for w, row in zip(weights, held, strict=True) if row is not None)
        high = n_untold / total + sum(
            w * (part[None, "unknown"].high if row is None else row.high)
            for w, row, part in zip(weights, held, rows, strict=True)
        )
        told = [
            (w, row.share)
            for w, row in zip(weights, held, strict=True)
            if row is not None and row.share is not None
        ]
        # A source that need not hold a segment has nothing of it.
        away = sum(w for w, row in zip(weights, held, strict=True) if row is None)
        known = sum(w for w, _ in told) + away
        is_told = known >= 1 - _UNTOLD and bool(told)
        is_bound = all(row is None or row.verdict == "bounded" for row in held)
        share = sum(w * one for w, one in told) / known if is_told else None
        low_sum += low
        low, high = min(1.0, low), min(1.0, high)
        yield Share(
            source=source,
            role=role,
            unit=unit,  # type: ignore[arg-type]
            share=None if share is None else min(max(share, low), high),
            low=low,
            high=high,
            confidence_level=settings.confidence_level,
            verdict="estimated" if is_told else "bounded" if is_bound else "withheld",
        )
    yield Share(
        source=None,
        role="unknown",
        unit=unit,  # type: ignore[arg-type]
        share=None,
        low=0.0,
        high=min(1.0, max(0.0, 1 - low_sum)),
        confidence_level=settings.confidence_level,
        verdict="bounded",
    )


def _part(one: MatchedSegment, settings: Settings) -> Breakdown:
    return Breakdown(
        field=SEGMENT,
        value=one.name,
        n_documents=one.report.corpus.n_documents,
        shares=tuple(
            replace(row, confidence_level=settings.confidence_level) for row in one.report.shares
        ),
    )


def _nothing(name: str, n_documents: int, shares: Iterable[Share]) -> Breakdown:
    return Breakdown(
        field=SEGMENT,
        value=name,
        n_documents=n_documents,
        shares=tuple(
            replace(
                row,
                share=None,
                low=0.0,
                high=1.0,
                verdict="bounded" if row.role == "unknown" else "withheld",
            )
            for row in shares
        ),
    )


def _checks(
    found: Sequence[MatchedSegment], untold: UntoldSegments, why: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """A check for each segment; all untold ones together say how much of the corpus they are."""
    n_all = sum(one.report.corpus.n_documents for one in found) + sum(untold.n_documents.values())
    for one in found:
        checks = [item for item in one.report.diagnostics if item.verdict != "ok"]
        failed = [item for item in checks if item.verdict == "fail"]
        part = one.report.corpus.n_documents / n_all
        said = f": {(failed or checks)[0].sentence}" if checks else " was read on its own."
        yield Diagnostic(
            name=f"segments[{one.name}]",
            verdict="ok" if not checks else "fail" if failed and part > _UNTOLD else "warn",
            statistic=part,
            limit=None,
            sentence=f"{one.name}, {percent(part)} of the segments{said}",
        )
    for name, n in untold.n_documents.items():
        if n / n_all > _WORTH_A_WORD:
            yield _untold_check(name, n / n_all, why[name])
    small = {name: n for name, n in untold.n_documents.items() if n / n_all <= _WORTH_A_WORD}
    if small:
        names = sorted(small, key=lambda name: (-small[name], name))
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        together = f"{', '.join(names[:_MOST_NAMED])}{more}"
        yield _untold_check(together, sum(small.values()) / n_all, why[names[0]], "others")


def _untold_check(name: str, part: float, why: str, called: str | None = None) -> Diagnostic:
    return Diagnostic(
        name=f"segments[{called or name}]",
        verdict="fail" if part > _UNTOLD else "warn",
        statistic=part,
        limit=_UNTOLD,
        sentence=(
            f"Not comparable: {name}, {percent(part)} of the segments"
            f"{' together' if called else ''}: {why}."
        ),
    )


def _summary(found: Sequence[MatchedSegment], untold: UntoldSegments) -> CorpusSummary:
    parts = [one.report.corpus for one in found]
    n_untold = sum(untold.n_documents.values())
    repairs: Counter[str] = Counter()
    for part in parts:
        repairs.update(part.repairs)
    return replace(
        parts[0],
        n_documents=sum(part.n_documents for part in parts) + n_untold,
        n_scored=sum(part.n_scored for part in parts) + n_untold - untold.n_too_short,
        n_too_short=sum(part.n_too_short for part in parts) + untold.n_too_short,
        n_tokens=sum(part.n_tokens for part in parts) + untold.n_tokens,
        n_distinct=sum(part.n_distinct for part in parts),
        repairs=dict(sorted(repairs.items())),
    )


def _findings(found: Sequence[MatchedSegment]) -> Iterator[Finding]:
    """Each segment's own where something was found, with its name; else the first one's word."""
    kinds = dict.fromkeys(finding.kind for one in found for finding in one.report.findings)
    for kind in kinds:
        held = [
            (one.name, finding)
            for one in found
            for finding in one.report.findings
            if finding.kind == kind
        ]
        hit = [pair for pair in held if pair[1].verdict == "found"]
        for name, finding in hit or held[:1]:
            told = {**finding.details, SEGMENT: name} if hit else finding.details
            yield replace(finding, details=told)


def _drawn(found: Sequence[MatchedSegment]) -> list[Excerpt]:
    """Of each segment as many in a hundred as it has documents."""
    n_documents = sum(one.report.corpus.n_documents for one in found)
    return [
        replace(excerpt, fields={**excerpt.fields, SEGMENT: one.name})
        for one in found
        for excerpt in one.report.drawn[
            : MAX_DRAWN * one.report.corpus.n_documents // max(1, n_documents)
        ]
    ]


def _excerpts(found: Sequence[MatchedSegment]) -> list[Excerpt]:
    every = [
        replace(excerpt, fields={**excerpt.fields, SEGMENT: one.name})
        for one in found
        for excerpt in one.report.excerpts
    ]
    every.sort(key=lambda one: -(one.llr or 0.0))
    return every[:MAX_EXCERPTS]
