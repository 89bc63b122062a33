"""What is refused: another corpus than the report's, and files of two runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provenance.corpus.places.inputs import FileInput, shown
from provenance.errors import InputError
from provenance.evidence.hidden.tally import hidden_summary
from provenance.files.spill import storable
from provenance.matching.filtering.conditions import Condition
from provenance.matching.filtering.places import MANIFEST
from provenance.matching.filtering.rows import Planned, ReportRows
from provenance.records import FEW_MODELS, FIT
from provenance.report.report import Report
from provenance.words import did_you_mean, visible

__all__ = ["check_corpus", "check_names", "check_plan"]


def check_names(sources: Sequence[FileInput]) -> None:
    """Refuse files that would be written under one name.

    Raises
    ------
    InputError
        Where two have one, or one has that of the manifest.
    """
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


def check_corpus(sources: Sequence[FileInput], report: Report) -> None:
    """Refuse another corpus than the report's, and files that changed since.

    Raises
    ------
    InputError
        Where a file is missing, is one too many, or is not the bytes that were read.
    """
    inputs = report.manifest.inputs
    remedy = "Give the corpus as it was matched, or match it again"
    if len(sources) != len(inputs):
        raise InputError(
            f"the corpus has {len(sources):,} files, and the report read {len(inputs):,}",
            where=shown(_not_in(sources, inputs).path),
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


def _not_in(sources: Sequence[FileInput], inputs: Sequence[Mapping[str, Any]]) -> FileInput:
    """The first file that the report does not name; the first of all where it names each."""
    known = {str(one.get("path")) for one in inputs}
    return next((one for one in sources if storable(one.path) not in known), sources[0])


def check_plan(
    planned: Planned, report: Report, wanted: Sequence[Condition], rows: ReportRows
) -> None:
    """Refuse rows and a report of two runs, and conditions that no row of the report can meet.

    Raises
    ------
    InputError
    """
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
        if one.is_part and not n_hit:
            field, _, value = one.told.partition("=")
            values = [part.value for part in report.breakdown if part.field == field.strip()]
            raise InputError(
                f"--drop {visible(one.told[:80])}: no row of the report has this value",
                expected="one as the report tells it",
                remedy=did_you_mean(value.strip(), values),
            )
        if one.listed and not rows.has_values(one.columns):
            raise InputError(
                f"--drop {visible(one.told[:80])}: the report lists no rows{_why_none(report)}",
                expected="a report that lists rows",
            )


def _why_none(report: Report) -> str:
    """What stands against a list of rows, in brackets."""
    against = [
        one.sentence
        for one in report.diagnostics
        if one.kind in (FIT, FEW_MODELS) and one.verdict != "ok"
    ]
    told = [*against, *report.reasons]
    return f" ({visible(told[0][:300])})" if told else ""


def _n_marked(report: Report) -> int:
    found = (hidden_summary(one) for one in report.findings)
    return max((one.n_marked for one in found if one is not None), default=0)
