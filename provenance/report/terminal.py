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
from provenance.words import percent, percent_range, source_name, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text


from provenance.report.grounds import MOST_WORDS
from provenance.report.shown import (
    DASH,
    ShownRow,
    corpus_named,
    doubts,
    panel_rows,
    part_told,
    parts_sentence,
    shown_rows,
)

__all__ = ["render_terminal"]


_TERMINAL_PANEL_SHOWN = 4
_BESIDE_NAMES = 66
"""Letters of a line that roles, shares and intervals of two units take."""
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
    console.print(_line(told, "bold"), highlight=False)
    for row in report.diagnostics:
        if row.kind in ("log", "watermark", "regenerated", "washed") and row.verdict == "ok":
            console.print(_line(row.sentence, "bold"), highlight=False)
    console.print(_counts(report), style="dim", highlight=False)
    if report.corpus.read:
        console.print(_line("; ".join(report.corpus.read)), style="dim", highlight=False)
    for told in _not_read(report):
        console.print(_line(told), style="dim", highlight=False, soft_wrap=True)
    console.print(_share_table(report, console.width))
    for reason in report.reasons:
        console.print(_line(f"· {reason}"), highlight=False)
    for doubt in doubts(report):
        console.print(_doubt_line(doubt), highlight=False)
    for row in report.diagnostics:
        if row.kind == ROWS and row.verdict == "ok":
            console.print(_line(f"· {row.sentence}", "dim"), highlight=False)
    for told in _part_lines(report):
        console.print(_line(told), highlight=False)
    for told in _baseline_lines(report):
        console.print(_line(told), highlight=False)
    if where is not None:
        console.print(_line(f"Report: {where}"), highlight=False, soft_wrap=True)


def _line(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(visible(text), style=style)


def _counts(report: Report) -> Text:
    corpus = report.corpus
    return _line(
        f"{corpus.n_scored:,} of {corpus.n_documents:,} documents scored, "
        f"{corpus.n_too_short:,} too short, {corpus.n_skipped:,} skipped, "
        f"{corpus.n_tokens:,} tokens"
        + (f", {corpus.n_trusted:,} trusted beside them" if corpus.n_trusted else "")
    )


def _not_read(report: Report) -> Iterator[str]:
    """The first places at which rows were lost, and the first files that were not read."""
    corpus = report.corpus
    yield from corpus.lost[:_NOT_READ_SHOWN]
    if corpus.n_passed_over:
        yield f"{corpus.n_passed_over:,} files or folders of the corpus were passed over, first:"
        yield from corpus.passed_over[:_NOT_READ_SHOWN]


def _doubt_line(doubt: Diagnostic) -> Text:
    from rich.text import Text

    style = "yellow" if doubt.verdict == "warn" else "red"
    return Text.assemble((doubt.verdict, style), _line(f" {doubt.name}: {doubt.sentence}"))


def _part_lines(report: Report) -> Iterator[str]:
    """Which parts show a candidate for sure, the first of them."""
    if report.parts_listed is None or not report.parts_listed.n_judged:
        return
    yield parts_sentence(report.parts_listed)
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
        yield f"· {len(shown)} parts of both corpora are compared in the report."


def _share_table(report: Report, width: int) -> Table:
    """The shares; those of tokens only where no name has to be broken for them."""
    rows = shown_rows(report)
    panel = panel_rows(rows)
    shown = [row for row in rows if row.role != "panel"] + panel[:_TERMINAL_PANEL_SHOWN]
    whole = _share_table_of(shown, panel, ("documents", "tokens"))
    longest = max((len(source_name(row.source, row.role)) for row in shown), default=0)
    if longest + _BESIDE_NAMES <= width:
        return whole
    return _share_table_of(shown, panel, ("documents",))


def _share_table_of(shown: list[ShownRow], panel: list[ShownRow], units: tuple[str, ...]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("source", overflow="fold")
    table.add_column("role")
    for unit in units:
        table.add_column(unit, justify="right", no_wrap=True)
        table.add_column("interval", justify="right", style="dim", no_wrap=True)
    for row in shown:
        _add_row(table, row, units)
    _add_rest(table, panel[_TERMINAL_PANEL_SHOWN:])
    return table


def _add_row(table: Table, row: ShownRow, units: tuple[str, ...]) -> None:
    style = "bold" if row.role in ("candidate", "machine") else ""
    found = {"documents": row.documents, "tokens": row.tokens}
    shares = [text for unit in units for text in _share_cells(found[unit])]
    table.add_row(_line(source_name(row.source, row.role)), row.role, *shares, style=style)


def _share_cells(row: Share | None) -> tuple[str, str]:
    if row is None:
        return DASH, DASH
    share = row.verdict if row.share is None else percent(row.share)
    return share, percent_range(row.low, row.high)


def _add_rest(table: Table, rest: list[ShownRow]) -> None:
    highs = [row.documents.high for row in rest if row.documents is not None]
    if highs:
        told = f"{len(rest)} more"
        told += f", none above {percent(max(highs))}" if max(highs) < 1 else ""
        table.add_row(_line(told), "panel", style="dim")
