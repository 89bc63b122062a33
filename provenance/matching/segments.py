"""A corpus whose rows were split: each segment matched on its own, and all of them as one report.

Like is compared with like: a segment of the corpus is read beside the same segment of every sample,
and where a sample has none of it nothing is said. Only a whole folder of reports is told of the
segments; the one above them adds up their shares and keeps every doubt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from provenance.corpus import Corpus, Document
from provenance.corpus.segments import SEGMENT, kind_of
from provenance.errors import InputError
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.breakdown import listed_parts
from provenance.matching.checks import FEWEST_DOCUMENTS
from provenance.matching.matched import Settings
from provenance.matching.output import workplace, write_report
from provenance.matching.summary import UnscoredError
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
from provenance.scoring.fitting import MINIMUM_DOCUMENTS
from provenance.share.estimate import UNITS
from provenance.share.sources import Sources
from provenance.statistics.multiple_testing import joint_level
from provenance.words import percent

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "Match",
    "SegmentCorpus",
    "check_segments",
    "comparable",
    "folder_of",
    "match_segments",
    "require_split_alike",
]

_UNTOLD: Final = 0.1
"""Part of the documents in segments of which nothing is told, above which no share of the whole is
told either; below it they are counted at their worst case. A round figure, not tuned."""
_WORTH_A_WORD: Final = 0.02
"""Part of the documents below which segments of which nothing is told are told together."""
_MOST_NAMED: Final = 5
_PEOPLE_HAVE_NONE: Final = ("reasoning", "tool")
"""Kinds of segments that people do not write: a reference need not hold them."""


Match = Callable[[Corpus, Sources, float, Path], Report]
"""Matches one part of a corpus at a level of confidence; what it writes goes into the folder."""


class SegmentCorpus(Corpus):
    """The documents of some segments of a corpus that is split."""

    segments: frozenset[str] = frozenset()

    @classmethod
    def of(cls, corpus: Corpus, segments: Iterable[str]) -> Self:
        """The same inputs, of which these segments are read."""
        made = cls.over(corpus)
        made.segments = frozenset(segments)
        return made

    def __iter__(self) -> Iterator[Document]:
        return (one for one in super().__iter__() if one.segment in self.segments)


@dataclass(frozen=True, slots=True)
class _Told:
    """A segment that was matched."""

    name: str
    report: Report


def comparable(sources: Sources, segment: str) -> tuple[Sources | None, str]:
    """The sources of a segment, or None and why it cannot be compared.

    Every source has to hold it, because the text of one that does not would be read as another's;
    only references need no reasoning and no calls of tools, which people do not write.

    Raises
    ------
    InputError
        Where a sample is of whole rows.
    """
    found = [
        (one.of_segment(segment), role)
        for one, role in zip(sources.fingerprints, sources.roles, strict=True)
    ]
    kept = [(one, role) for one, role in found if len(one.sample) >= MINIMUM_DOCUMENTS]
    lacking = [
        one.name
        for one, role in found
        if len(one.sample) < MINIMUM_DOCUMENTS
        and (role != "reference" or kind_of(segment) not in _PEOPLE_HAVE_NONE)
    ]
    if lacking:
        return None, (
            f"the sample of {' and '.join(lacking[:3])} holds fewer than {MINIMUM_DOCUMENTS}"
            " documents of it"
        )
    if len(kept) < 2:
        return None, "nothing that holds it was given to compare the candidate with"
    fingerprints, roles = zip(*kept, strict=True)
    return replace(sources, fingerprints=fingerprints, roles=roles), ""


def check_segments(able: bool) -> None:
    """Refuse what is asked for beside segments and is not done with them.

    Raises
    ------
    InputError
    """
    if not able:
        raise InputError(
            "segments are matched against samples that were split too, and together with nothing"
            " else",
            expected="a candidate beside references or a panel, without --precision, --baseline,"
            " --partials and --reference-before",
            remedy="Leave these out, or match whole rows without --segments",
        )


def require_split_alike(sources: Sources, segments: bool) -> None:
    """Refuse samples of whole rows beside segments, and samples of segments beside whole rows.

    Raises
    ------
    InputError
    """
    for one in sources.fingerprints:
        if segments and not one.segments:
            one.of_segment("")
        if one.segments and not segments:
            raise InputError(
                f"the fingerprint {one.name!r} is of segments, and the corpus is read whole",
                expected="both alike",
                remedy="Pass --segments, or make the fingerprint again without it",
            )


def folder_of(segment: str) -> str:
    """Name of the folder that a segment's report stands in.

    Examples
    --------
    >>> folder_of("code:python")
    'code-python'
    """
    return re.sub(r"[^a-z0-9]+", "-", segment.lower())


def match_segments(
    corpus: Corpus,
    sources: Sources,
    settings: Settings,
    match: Match,
    manifest: Callable[[Corpus], Manifest],
    output: Path | None,
    folder: Path,
) -> Report:
    """Match every segment on its own and put them together.

    Parameters
    ----------
    corpus : Corpus
        Opened with ``segments``.
    sources : Sources
        Of rows that were split as well.
    settings : Settings
    match : callable
    manifest : callable
        Of the whole corpus.
    output : Path, optional
        Where ``segments/NAME`` gets each segment's own report.
    folder : Path
        Of what is written of the whole.

    Raises
    ------
    InputError
        Where a sample is of whole rows, or no segment can be compared.
    """
    counts = Counter(one.segment or "" for one in corpus)
    checked = {
        name: comparable(sources, name)
        if n >= FEWEST_DOCUMENTS
        else (None, f"the corpus holds fewer than {FEWEST_DOCUMENTS} documents of it")
        for name, n in sorted(counts.items())
    }
    able = {name: one for name, (one, _) in checked.items() if one is not None}
    if not able:
        told = "; ".join(f"{name}: {why}" for name, (_, why) in [*checked.items()][:5])
        raise InputError(
            f"no segment of the corpus can be compared ({told})",
            expected="samples that hold what the corpus holds",
            remedy="Bring longer samples, or match whole rows without --segments",
        )
    level = joint_level(settings.confidence_level, len(able))
    found: list[_Told] = []
    why = {name: reason for name, (one, reason) in checked.items() if one is None}
    rows: list[tuple[str, Path]] = []
    for name, own in able.items():
        place = folder / folder_of(name)
        place.mkdir()
        try:
            report = match(SegmentCorpus.of(corpus, [name]), own, level, place)
        except UnscoredError as error:
            why[name] = error.what
            continue
        found.append(_Told(name, report))
        if output is not None:
            with workplace(output / "segments" / folder_of(name)) as own_place:
                write_report(report, own_place)
                rows.append((name, place / "documents.parquet"))
                (own_place / "documents.parquet").write_bytes(
                    (place / "documents.parquet").read_bytes()
                )
    if not found:
        raise InputError(f"no segment of the corpus could be matched: {next(iter(why.values()))}")
    untold = _untold(corpus, why, sources)
    if output is not None:
        _write_rows(rows, folder / "documents.parquet")
    return _whole(corpus, sources, settings, found, untold, why, manifest(corpus))


@dataclass(frozen=True, slots=True)
class _Untold:
    """Segments of which nothing is told: documents, those too short, and tokens."""

    n_documents: Mapping[str, int]
    n_too_short: int = 0
    n_tokens: int = 0


def _untold(corpus: Corpus, why: Mapping[str, str], sources: Sources) -> _Untold:
    if not why:
        return _Untold({})
    measured = fit_fingerprint(
        SegmentCorpus.of(corpus, why), "untold", sources.fingerprints[0].spec
    )
    counts = {name: n for name, (n, _) in measured.segments.items()}
    return _Untold(counts, measured.n_too_short, measured.n_tokens)


def _whole(
    corpus: Corpus,
    sources: Sources,
    settings: Settings,
    found: Sequence[_Told],
    untold: _Untold,
    why: Mapping[str, str],
    manifest: Manifest,
) -> Report:
    """The reports of the segments as one."""
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
        corpus=_summary(corpus, found, untold),
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
    found: Sequence[_Told], counts: Sequence[int], n_untold: int, unit: str, settings: Settings
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


def _part(one: _Told, settings: Settings) -> Breakdown:
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
    found: Sequence[_Told], untold: _Untold, why: Mapping[str, str]
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


def _summary(corpus: Corpus, found: Sequence[_Told], untold: _Untold) -> CorpusSummary:
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


def _findings(found: Sequence[_Told]) -> Iterator[Finding]:
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


def _excerpts(found: Sequence[_Told]) -> list[Excerpt]:
    every = [
        replace(excerpt, fields={**excerpt.fields, SEGMENT: one.name})
        for one in found
        for excerpt in one.report.excerpts
    ]
    every.sort(key=lambda one: -(one.llr or 0.0))
    return every[:MAX_EXCERPTS]


def _drawn(found: Sequence[_Told]) -> list[Excerpt]:
    """Of each segment as many in a hundred as it has documents."""
    n_documents = sum(one.report.corpus.n_documents for one in found)
    return [
        replace(excerpt, fields={**excerpt.fields, SEGMENT: one.name})
        for one in found
        for excerpt in one.report.drawn[
            : MAX_DRAWN * one.report.corpus.n_documents // max(1, n_documents)
        ]
    ]


def _write_rows(parts: Sequence[tuple[str, Path]], target: Path) -> None:
    """One table of all segments' rows; a column that a segment lacks is null there."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = [(name, pq.ParquetFile(path)) for name, path in parts]
    schema = pa.unify_schemas(
        [file.schema_arrow for _, file in files], promote_options="permissive"
    )
    schema = schema.append(pa.field(SEGMENT, pa.string()))
    with pq.ParquetWriter(target, schema.remove_metadata()) as writer:
        for name, file in files:
            for batch in file.iter_batches():
                writer.write_table(_filled(pa.Table.from_batches([batch]), schema, name))


def _filled(table: pa.Table, schema: pa.Schema, segment: str) -> pa.Table:
    import pyarrow as pa

    columns = [
        pa.array([segment] * table.num_rows, pa.string())
        if field.name == SEGMENT
        else table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema.remove_metadata())
