"""What the page and the terminal both show of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.records import (
    Diagnostic,
    ListedPart,
    ListedParts,
    ListedRows,
    Share,
)
from provenance.report.report import Report, shown_order
from provenance.words import MODEL_LIKE, percent, source_name, visible

__all__ = [
    "DASH",
    "ShownRow",
    "apart",
    "corpus_named",
    "doubts",
    "enumerated",
    "list_sentence",
    "panel_rows",
    "part_told",
    "parts_doubt",
    "parts_sentence",
    "shown_rows",
]


DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One source with its shares of both units, and of all documents."""

    source: str | None
    role: str
    documents: Share | None
    tokens: Share | None
    documents_all: Share | None


def shown_rows(report: Report) -> list[ShownRow]:
    """Rows of the table of shares in the order of the page, both units of a source in one."""
    units = {(row.source, row.role, row.unit): row for row in report.shares}
    in_all = {(row.source, row.role, row.unit): row for row in report.shares_all}
    shown = sorted(report.shares, key=lambda row: row.unit)
    if not report.candidates() and report.model_like():
        # "None of these sources" would be said where none were given.
        shown = [row for row in shown if row.role != "unknown"]
    keys = dict.fromkeys((row.source, row.role) for row in shown_order(shown))
    return [
        ShownRow(
            *key,
            units.get((*key, "documents")),
            units.get((*key, "tokens")),
            in_all.get((*key, "documents")),
        )
        for key in keys
    ]


def apart(name: str, path: str, line: int) -> str:
    """The id of a row where it says more than its place does.

    Examples
    --------
    >>> apart("a.csv:3", "data/a.csv", 3), apart("conv-7", "data/a.csv", 3)
    ('', 'conv-7')
    """
    head, colon, tail = name.rpartition(":")
    is_place = colon and tail == str(line) and (path.endswith(head) or head == "row")
    return "" if is_place else name


def panel_rows(rows: list[ShownRow]) -> list[ShownRow]:
    """Those of the panel, which the page folds away."""
    return [row for row in rows if row.role == "panel"]


def corpus_named(paths: Sequence[str]) -> str:
    """The first paths of a corpus in words, safe to show."""
    return enumerated([visible(path) for path in paths[:3]], len(paths) - 3)


def enumerated(words: list[str], n_more: int, joiner: str = "and") -> str:
    """Words as a sentence lists them, with how many more there are.

    Examples
    --------
    >>> enumerated(["a", "b"], 0), enumerated(["a", "b"], 3)
    ('a and b', 'a, b and 3 more')
    """
    words = [*words, f"{n_more} more"] if n_more > 0 else words
    if len(words) < 2:
        return "".join(words) or "nothing"
    return f"{', '.join(words[:-1])} {joiner} {words[-1]}"


def parts_sentence(found: ListedParts) -> str:
    """How many parts show a candidate for sure, and what the list may be wrong by."""
    judged = f"the {found.n_judged:,} parts that were judged"
    if not found.parts:
        return f"None of {judged} has a low end above 0, corrected for their number."
    have = "has" if len(found.parts) == 1 else "have"
    return (
        f"{len(found.parts):,} of {judged} {have} a low end above 0, corrected for their number"
        f" (the chance that any of them is wrong is at most {percent(found.error_rate)}):"
    )


def parts_doubt(report: Report) -> str:
    """What is to be known of parts that are listed for what the whole corpus does not show."""
    found = report.parts_listed.parts if report.parts_listed is not None else ()
    listed = {part.source for part in found}
    rows = (row for row in report.shares if row.unit == "documents" and row.low == 0)
    unseen = [row for row in rows if row.role in ("candidate", "machine") and row.source in listed]
    if not unseen:
        return ""
    named = enumerated([source_name(row.source, row.role) for row in unseen], 0, "or")
    return (
        f"Of the whole corpus no share is shown of {named}. What a part shows may be the text of a"
        " writer who stands in no sample and writes alike: read its rows before you rely on it."
    )


def part_told(part: ListedPart) -> str:
    """What is told of one part that is listed."""
    of_what = MODEL_LIKE if part.source is None else f"consistent with {source_name(part.source)}"
    named = f"{part.field} {part.value[:80] or '(none)'}"
    return f"{named}: at least {percent(part.low)} of {part.n_documents:,} documents are {of_what}"


def list_sentence(found: ListedRows) -> str:
    """How many rows of a list are not false at least, and how sure that is."""
    of_what = MODEL_LIKE if found.source is None else f"consistent with {source_name(found.source)}"
    level = f"{100 * found.confidence_level:g} %"
    if not found.true_at_least:
        return (
            f"No row that is {of_what} can be told from chance by the list alone ({level} bound)."
        )
    return (
        f"Of {found.n_documents:,} scored documents at least {found.true_at_least:,}"
        f" ({percent(found.listed_at_least)}) are {of_what} and read as those of no other source"
        f" given ({level} bound). Text of a source that was not given may be among them."
    )


def doubts(report: Report) -> list[Diagnostic]:
    """Checks that speak against the shares and are not among the reasons already."""
    failed = (row for row in report.diagnostics if row.verdict != "ok")
    return [row for row in failed if row.sentence not in report.reasons]
