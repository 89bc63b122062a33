"""The rows that a report shows, each once, with all that was found of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from provenance.records import Excerpt, Finding, Place
from provenance.report.page.court import row_weight
from provenance.report.page.grounds import finding_name
from provenance.report.report import Report
from provenance.words import MODEL_LIKE, source_name, visible

__all__ = ["DRAWN", "ShownEvidence", "browsed_rows"]

DRAWN: Final = "Drawn by chance"
"""What points at a row where nothing that was found does."""
_MOST_PLACES: Final = 20
"""Of a finding; a round figure, not tuned."""


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """A row of the corpus; `excerpt` is None where no text of it is shown."""

    id: str
    path: str
    line: int
    source: str
    findings: tuple[str, ...]
    parts: tuple[str, ...]
    excerpt: Excerpt | None = None
    weight: str = ""


def browsed_rows(report: Report) -> list[ShownEvidence]:
    """Rows that style lists, the strongest first; what only other evidence points at; drawn ones.

    Examples
    --------
    >>> [(one.path, one.line) for one in browsed_rows(Report.load("out"))]  # doctest: +SKIP
    [('suspect.jsonl', 118)]
    """
    rows: dict[tuple[str, int, str], ShownEvidence] = {}
    for excerpt in report.excerpts:
        key = (excerpt.path, excerpt.line, excerpt.id)
        rows.setdefault(key, _of_style(excerpt, report))
    for finding, place in _places(report):
        key = (place.path, place.line, place.id)
        name = finding_name(finding)
        known = rows.get(key)
        if known is None:
            # A log's source is the name of its file.
            is_named = finding.source is not None and finding.details.get("of") != "log"
            source = source_name(finding.source) if is_named else ""
            rows[key] = ShownEvidence(
                place.id, place.path, place.line, source, (name,), (f"file {visible(place.path)}",)
            )
        elif name not in known.findings:
            rows[key] = replace(known, findings=(*known.findings, name))
    for excerpt in report.drawn:
        key = (excerpt.path, excerpt.line, excerpt.id)
        drawn = ShownEvidence(
            excerpt.id, excerpt.path, excerpt.line, "", (DRAWN,), _parts(excerpt), excerpt
        )
        known = rows.get(key, drawn)
        rows[key] = replace(known, parts=drawn.parts, excerpt=known.excerpt or excerpt)
    return [*rows.values()]


def _of_style(excerpt: Excerpt, report: Report) -> ShownEvidence:
    nobodys = MODEL_LIKE if report.unattributed() is not None else ""
    source = nobodys if excerpt.source is None else source_name(excerpt.source)
    return ShownEvidence(
        excerpt.id,
        excerpt.path,
        excerpt.line,
        source,
        ("Style",),
        _parts(excerpt),
        excerpt,
        row_weight(excerpt, report),
    )


def _parts(excerpt: Excerpt) -> tuple[str, ...]:
    fields = [f"{name} {value or '(none)'}" for name, value in excerpt.fields.items()]
    return tuple(visible(one) for one in (f"file {excerpt.path}", *fields))


def _places(report: Report) -> Iterator[tuple[Finding, Place]]:
    for finding in report.findings:
        if finding.verdict == "found":
            yield from ((finding, place) for place in finding.where[:_MOST_PLACES])
