"""A corpus whose rows were split: each segment matched on its own.

Like is compared with like: a segment of the corpus is read beside the same segment of every sample,
and where a sample has none of it nothing is said. Every segment gets a report in a folder of
its own, and `adding_up` makes one of them all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from provenance.corpus import Corpus, Document
from provenance.corpus.segments import SEGMENT, kind_of
from provenance.errors import InputError
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.checks.checks import FEWEST_DOCUMENTS
from provenance.matching.matched import Settings
from provenance.matching.output import workplace, write_report
from provenance.matching.segments.adding_up import MatchedSegment, UntoldSegments, added_up
from provenance.matching.summary import UnscoredError
from provenance.records import Manifest
from provenance.report.report import Report
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS
from provenance.share.sources import Sources
from provenance.statistics.multiple_testing import joint_level

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
    found: list[MatchedSegment] = []
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
        found.append(MatchedSegment(name, report))
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
    return added_up(settings, found, untold, why, manifest(corpus))


def _untold(corpus: Corpus, why: Mapping[str, str], sources: Sources) -> UntoldSegments:
    if not why:
        return UntoldSegments({})
    measured = fit_fingerprint(
        SegmentCorpus.of(corpus, why), "untold", sources.fingerprints[0].spec
    )
    counts = {name: n for name, (n, _) in measured.segments.items()}
    return UntoldSegments(counts, measured.n_too_short, measured.n_tokens)


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
