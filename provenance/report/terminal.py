"""A report on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import TYPE_CHECKING

from provenance.records import (
    ROWS,
    Diagnostic,
    Share,
)
from provenance.report.report import Report
from provenance.words import (
    how_many,
    name_lines,
    percent,
    percent_range,
    source_name,
    visible,
    wrapped,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text


from provenance.report.page.grounds import MOST_WORDS
from provenance.report.shown import (
    DASH,
    ShownRow,
    corpus_named,
    doubts,
    panel_rows,
    part_told,
    parts_doubt,
    parts_sentence,
    shown_rows,
)

__all__ = ["render_terminal"]


_TERMINAL_PANEL_SHOWN = 4
_BESIDE_NAMES, _BESIDE_DOCUMENTS, _BESIDE_SHARES = 66, 45, 33
"""Letters of a line that roles, shares and intervals of two units take; of documents; without
the roles."""
_NOT_READ_SHOWN = 3
_PARTS_SHOWN = 5


def render_terminal(
    report: Report, console: Console, *, where: str | PathLike[str] | None = None
) -> None:
    """Print the answer, the shares, what speaks against them and where the report is.

    Parameters
    ----------
    console : rich.console.Console
        Where to print; nothing foreign is read as markup or reaches it as a control character.
    where : path, optional
        Where the whole report was written.
    """
    told = report.answer()
    # What a longer answer says of reasons and of each candidate stands below.
    told = told if len(told.split()) <= MOST_WORDS else report.headline()
    _say(console, told, "bold")
    for row in report.diagnostics:
        if row.kind in ("log", "watermark", "regenerated", "washed") and row.verdict == "ok":
            _say(console, row.sentence, "bold")
    _say(console, _counts(report), "dim")
    if report.corpus.read:
        _say(console, "; ".join(report.corpus.read), "dim")
    for place in _not_read(report):
        _say(console, place, "dim")
    console.print(_share_table(report, console.width))
    for reason in report.reasons:
        if visible(reason).rstrip(". ") not in told:
            _say(console, f"· {reason}")
    for doubt in doubts(report):
        console.print(_doubt_line(doubt, console.width), highlight=False, soft_wrap=True)
    for row in report.diagnostics:
        if row.kind == ROWS and row.verdict == "ok":
            _say(console, f"· {row.sentence}", "dim")
    for line in (*_part_lines(report), *_baseline_lines(report)):
        _say(console, line)
    if where is not None:
        _say(console, f"Report: {where}")


def _say(console: Console, text: str, style: str = "") -> None:
    """Print a line, broken between words alone."""
    told = _line(wrapped(visible(text), console.width), style, lines=True)
    console.print(told, highlight=False, soft_wrap=True)


def _line(text: str, style: str = "", *, lines: bool = False) -> Text:
    from rich.text import Text

    return Text(visible(text, lines=lines), style=style)


def _counts(report: Report) -> str:
    corpus = report.corpus
    scored = f"{corpus.n_scored:,} of {corpus.n_documents:,} documents scored, "
    other = ""
    if corpus.n_judged is not None:
        scored = f"{corpus.n_judged:,} of {corpus.n_documents:,} documents judged, "
        other = f"{corpus.n_scored - corpus.n_judged:,} of another kind, "
    return (
        f"{scored}{corpus.n_too_short:,} too short, {other}{corpus.n_skipped:,} skipped, "
        f"{corpus.n_tokens:,} tokens"
        + (f", {corpus.n_trusted:,} trusted beside them" if corpus.n_trusted else "")
    )


def _not_read(report: Report) -> Iterator[str]:
    """The first places at which rows were lost, and the first files that were not read."""
    corpus = report.corpus
    yield from corpus.lost[:_NOT_READ_SHOWN]
    if corpus.n_passed_over:
        told = how_many(corpus.n_passed_over, "file or folder was", "files or folders were")
        yield f"{told} passed over in the corpus, first:"
        yield from corpus.passed_over[:_NOT_READ_SHOWN]


def _doubt_line(doubt: Diagnostic, width: int) -> Text:
    told = _line(
        wrapped(visible(f"{doubt.verdict} {doubt.name}: {doubt.sentence}"), width), lines=True
    )
    told.stylize("yellow" if doubt.verdict == "warn" else "red", 0, len(doubt.verdict))
    return told


def _part_lines(report: Report) -> Iterator[str]:
    """Which parts show a candidate for sure, the first of them."""
    if report.parts_listed is None or not report.parts_listed.n_judged:
        return
    yield parts_sentence(report.parts_listed)
    yield from filter(None, [parts_doubt(report)])
    told = [part_told(part) for part in report.parts_listed.parts]
    yield from (f"· {one}" for one in told[:_PARTS_SHOWN])
    if len(told) > _PARTS_SHOWN:
        yield f"· and {len(told) - _PARTS_SHOWN:,} more in the report"


def _baseline_lines(report: Report) -> Iterator[str]:
    if report.baseline is None:
        return
    yield f"Against the baseline, {corpus_named(report.baseline.paths)}:"
    for change in report.baseline.changes:
        if change.unit == "documents":
            yield f"· {change.sentence}"
    for note in report.baseline.notes:
        yield f"· {note}"
    shown = [part for part in report.baseline.parts if part.changes]
    if shown:
        told = how_many(len(shown), "part of both corpora is", "parts of both corpora are")
        yield f"· {told} compared in the report."


def _share_table(report: Report, width: int) -> Table:
    """The shares; no name is broken for those of tokens, nor for the roles in a column."""
    rows = shown_rows(report)
    panel = panel_rows(rows)
    shown = [row for row in rows if row.role != "panel"] + panel[:_TERMINAL_PANEL_SHOWN]
    longest = max((len(source_name(row.source, row.role)) for row in shown), default=0)
    if longest + _BESIDE_NAMES <= width:
        return _share_table_of(shown, panel, ("documents", "tokens"))
    room = None if longest + _BESIDE_DOCUMENTS <= width else width - _BESIDE_SHARES
    return _share_table_of(shown, panel, ("documents",), room)


def _share_table_of(
    shown: list[ShownRow], panel: list[ShownRow], units: tuple[str, ...], room: int | None = None
) -> Table:
    """The table; with `room` for names a role stands below its source, and so do longer names."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("source", overflow="fold")
    if room is None:
        table.add_column("role")
    for unit in units:
        table.add_column(unit, justify="right", no_wrap=True)
        table.add_column("interval", justify="right", style="dim", no_wrap=True)
    for row in shown:
        style = "bold" if row.role in ("candidate", "machine") else ""
        table.add_row(*_cells(row, units, room), style=style)
    _add_rest(table, panel[_TERMINAL_PANEL_SHOWN:], room)
    return table


def _cells(row: ShownRow, units: tuple[str, ...], room: int | None) -> Iterator[Text | str]:
    name = source_name(row.source, row.role)
    found = {"documents": row.documents, "tokens": row.tokens}
    if room is None:
        yield from (_line(name), row.role)
    else:
        role = "" if row.role == "machine" else f"\n  {row.role}"
        yield _line(name_lines(name, room) + role, lines=True)
    for unit in units:
        yield from _share_cells(found[unit])


def _share_cells(row: Share | None) -> tuple[str, str]:
    if row is None:
        return DASH, DASH
    share = row.verdict if row.share is None else percent(row.share)
    return share, percent_range(row.low, row.high)


def _add_rest(table: Table, rest: list[ShownRow], room: int | None) -> None:
    highs = [row.documents.high for row in rest if row.documents is not None]
    if highs:
        told = f"{len(rest)} more"
        told += f", none above {percent(max(highs))}" if max(highs) < 1 else ""
        table.add_row(_line(told), *(["panel"] if room is None else []), style="dim")
