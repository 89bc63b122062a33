"""A validation as a page, a plot, a terminal table and a Markdown table; computes nothing new."""

from __future__ import annotations

import html
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, Final, Protocol

from provenance.validation.markdown import table
from provenance.validation.readings import (
    OURS,
    ListRow,
    Reading,
    TableRow,
    UsedSource,
    mean_winkler,
)
from provenance.words import how_many, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Console

__all__ = [
    "COMPARED",
    "HEAD",
    "LIST_HEAD",
    "cells",
    "compared",
    "figure",
    "in_short",
    "list_cells",
    "markdown",
    "page",
    "render_terminal",
]

HEAD: Final = (
    "n asked (fewest)",
    "share",
    "corpora",
    "mean error",
    "worst",
    "bias",
    "covered",
    "low > truth",
    "low > 0",
    "mean low",
    "median width",
    "Winkler score",
    "withheld",
)
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:66rem;margin:2rem auto;padding:0 1rem;"
    "font-variant-numeric:tabular-nums}.wide{overflow-x:auto}table{border-collapse:collapse}"
    "td,th{padding:.15rem .6rem;text-align:right;border-bottom:1px solid #8888}"
    "td{white-space:nowrap}"
    "svg{max-width:100%;height:auto}"
    "@media(prefers-color-scheme:dark){svg{filter:invert(1) hue-rotate(180deg)}}"
    "@media print{:root{color-scheme:light}body{font-size:9.5pt;margin:0;padding:0;max-width:none}"
    "svg{filter:none}.wide{overflow:visible}table{font-size:7pt;width:100%}"
    "td,th{padding:.1rem .2rem}tr,svg{break-inside:avoid}"
    "h2{break-after:avoid;font-size:12pt;margin:.8rem 0 .3rem}}"
)
COMPARED: Final = (
    "estimator",
    "told",
    "mean error",
    "worst",
    "covered",
    "low > truth",
    "low > 0 at 0 %",
    "median width",
    "Winkler score",
)
_NARROW: Final = (
    "n asked\n(fewest)",
    "share",
    "cor-\npora",
    "mean\nerror",
    "\nworst",
    "\nbias",
    "cov-\nered",
    "\nlimits",
    "low >\ntruth",
    "low\n> 0",
    "med.\nwidth",
    "Wink-\nler",
    "not\ntold",
)
LIST_HEAD: Final = (
    "scenario",
    "share",
    "corpora",
    "with a list",
    "mean rows listed",
    "realised FDR",
    "worst",
    "recall",
)
_NARROW_LISTS: Final = (
    "\nscenario",
    "\nshare",
    "cor-\npora",
    "with\na list",
    "mean rows\nlisted",
    "realised\nFDR",
    "\nworst",
    "\nrecall",
)
EXPLAINED: Final = (
    "Errors, bias, low ends and widths are percentage points of the share of documents. Covered"
    " counts intervals that hold the truth among the shares that were told, with Clopper–Pearson"
    " limits in which the corpora of one split and candidate count as one: they share rows."
    " Candidates of one split share its panel, and all splits divide the same samples, so that the"
    " limits do not answer for other samples. Low > truth counts accusations above the"
    " truth; low > 0 is false alarms at a share of 0 and power elsewhere. The Winkler score is the"
    " mean width of the intervals of the shares that were told, plus two over one less the"
    " confidence level (40 at 95 %) times the distance by which one missed the truth: small is"
    " good. Shares that were withheld are not in it; they stand beside it. Realised FDR is the mean"
    " over the corpora with a list of the share of its rows that are not the candidate's, recall"
    " the share of the candidate's rows that are listed."
)
_DASH: Final = "–"
_TOP: Final = 1.02


class Shown(Protocol):
    """What is shown of a `Validation`."""

    @property
    def name(self) -> str: ...
    @property
    def readings(self) -> tuple[Reading, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def confidence_level(self) -> float: ...
    @property
    def version(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def sources(self) -> tuple[UsedSource, ...]: ...
    def table(self) -> tuple[TableRow, ...]: ...
    def list_table(self) -> tuple[ListRow, ...]: ...


def cells(row: TableRow) -> tuple[str, ...]:
    """One row of the table in words, in the order of `HEAD`."""
    return (
        f"{row.asked} ({row.fewest})",
        f"{100 * row.level:g} %",
        str(row.corpora),
        _points(row.error),
        _points(row.worst),
        _points(row.bias, "+"),
        _covered(row),
        str(row.low_above_truth),
        str(row.low_above_zero),
        _points(row.mean_low, digits=1),
        _points(row.median_width, digits=1),
        _points(row.winkler_score, digits=1),
        str(row.withheld),
    )


def _points(value: float | None, sign: str = "", digits: int = 2) -> str:
    return _DASH if value is None else f"{100 * value:{sign}.{digits}f}"


def _covered(row: TableRow) -> str:
    if row.covered_low is None or row.covered_high is None:
        return _DASH
    return f"{row.covered}/{row.told} ({row.covered_low:.2f}{_DASH}{row.covered_high:.2f})"


def list_cells(row: ListRow) -> tuple[str, ...]:
    """One row of the table of listed rows in words, in the order of `LIST_HEAD`."""
    return (
        _kind(row),
        f"{100 * row.level:g} %",
        str(row.corpora),
        str(row.with_list),
        _DASH if row.mean_listed is None else f"{row.mean_listed:.1f}",
        _percent(row.realised_fdr),
        _percent(row.worst),
        _percent(row.recall),
    )


def _percent(value: float | None) -> str:
    return _DASH if value is None else f"{100 * value:.1f} %"


def _list_title(validation: Shown) -> str:
    limit = validation.options.get("fdr")
    return "rows listed" if limit is None else f"rows listed at a q-value of at most {limit}"


def _kind(row: TableRow | ListRow) -> str:
    return row.scenario + (f", {100 * row.unknown:g} % of the corpus" if row.unknown else "")


def _titled(rows: Sequence[TableRow]) -> list[tuple[str, list[TableRow]]]:
    """Rows by scenario, share of an unknown source, trusted rows and estimator, ours first."""
    ordered = sorted(rows, key=_place)
    return [(_title(found[0]), found) for found in map(list, _grouped(ordered))]


def _grouped(rows: Sequence[TableRow]) -> Iterator[Iterator[TableRow]]:
    return (found for _, found in groupby(rows, _place))


def _place(row: TableRow) -> tuple[str, float, int, bool, str]:
    return row.scenario, row.unknown, row.trusted, row.estimator != OURS, row.estimator


def _title(row: TableRow) -> str:
    title = _kind(row) + (f", {row.trusted:,} trusted rows" if row.trusted else "")
    return title if row.estimator == OURS else f"{title}: {row.estimator}"


def _narrow(row: TableRow) -> tuple[str, ...]:
    """A row for a terminal of 80 columns."""
    limits = _DASH
    if row.covered_low is not None and row.covered_high is not None:
        limits = f"{100 * row.covered_low:.0f}{_DASH}{100 * row.covered_high:.0f}"
    asked, *first, _, above, power, _, width, score, held = cells(row)
    asked = asked if row.fewest < row.asked else str(row.asked)
    covered = f"{row.covered}/{row.told}" if row.told else _DASH
    return asked, *first, covered, limits, above, power, width, score, held


def compared(validation: Shown) -> list[tuple[str, ...]]:
    """All corpora of each estimator in one row, ours first; nothing where it is alone."""
    estimators = sorted(
        {item.estimator for item in validation.readings}, key=lambda name: (name != OURS, name)
    )
    return [_compared(name, validation) for name in estimators] if len(estimators) > 1 else []


def _compared(estimator: str, validation: Shown) -> tuple[str, ...]:
    found = [item for item in validation.readings if item.estimator == estimator]
    told = [item for item in found if item.share is not None]
    errors = [abs((item.share or 0.0) - item.truth) for item in told]
    alone = [item for item in found if item.truth == 0]
    return (
        estimator,
        f"{len(told)}/{len(found)}",
        _points(fmean(errors) if told else None),
        _points(max(errors) if told else None),
        f"{sum(item.covers for item in told)}/{len(told)}",
        f"{sum(item.low > item.truth and not item.covers for item in found)}",
        f"{sum(item.low > 0 for item in alone)}/{len(alone)}",
        _points(median(item.high - item.low for item in told) if told else None, digits=1),
        _points(mean_winkler(told, validation.confidence_level), digits=1),
    )


def markdown(validation: Shown) -> str:
    """All tables in Markdown; where estimators are compared, first one with a row for each."""
    parts = [
        f"**{visible(title)}**\n\n{table([*map(visible, row)] for row in (head, *rows))}"
        for title, head, rows in _all(validation)
    ]
    return "\n\n".join(parts) + "\n"


def _all(validation: Shown) -> Iterator[tuple[str, Sequence[str], list[tuple[str, ...]]]]:
    """Title, head and rows of every table."""
    if found := compared(validation):
        yield "all corpora", COMPARED, found
    for title, rows in _titled(validation.table()):
        yield title, HEAD, [cells(row) for row in rows]
    lists = validation.list_table()
    if lists:
        yield _list_title(validation), LIST_HEAD, [list_cells(row) for row in lists]


def render_terminal(validation: Shown, console: Console) -> None:
    """Print a table for each scenario and estimator, and what was not tested."""
    from rich.text import Text

    console.print(Text(visible(in_short(validation)), "bold"), highlight=False)
    console.print()
    for title, rows in _titled(validation.table()):
        _print_table(console, title, _NARROW, [_narrow(row) for row in rows])
    lists = [list_cells(row) for row in validation.list_table()]
    if lists:
        _print_table(console, _list_title(validation), _NARROW_LISTS, lists)
    for told in (*validation.notes, EXPLAINED):
        console.print(Text(visible(told)), highlight=False)


def _print_table(
    console: Console, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    from rich.table import Table
    from rich.text import Text

    shown = Table(
        title=Text(visible(title), "bold"),
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in head:
        is_said = name == _NARROW_LISTS[0]
        shown.add_column(name, justify="left" if is_said else "right", no_wrap=not is_said)
    for row in rows:
        shown.add_row(*(Text(visible(text)) for text in row))
    console.print(shown)
    console.print()


def figure(validation: Shown) -> Figure:
    """Draw what closed corpora were read as against their truth, and the coverage of all rows."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(9, 4), layout="constrained")
    left, right = drawn.subplots(1, 2)
    ours = [item for item in validation.readings if item.estimator == OURS]
    _draw_readings(left, [item for item in ours if not item.unknown])
    _draw_coverage(right, [row for row in validation.table() if row.estimator == OURS], validation)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    return drawn


def _draw_readings(axes: Axes, readings: Sequence[Reading]) -> None:
    told = [item for item in readings if item.share is not None]
    axes.plot([0, 100], [0, 100], lw=0.8, color="0.6", zorder=0)
    for item in told:
        ends = [100 * item.low, 100 * item.high]
        axes.plot([100 * item.truth] * 2, ends, lw=1.2, alpha=0.25, color="C0", zorder=1)
    truths = [100 * item.truth for item in told]
    axes.plot(truths, [100 * (item.share or 0) for item in told], ".", ms=3.5, color="C0")
    axes.set(xlabel="true share (%)", ylabel="share and interval (%)")


def _draw_coverage(axes: Axes, rows: Sequence[TableRow], validation: Shown) -> None:
    axes.axhline(100 * validation.confidence_level, lw=0.8, color="0.6", zorder=0)
    for number, (title, found) in enumerate(_titled(rows)):
        told = [row for row in found if row.covered_low is not None]
        for row in told:
            limits = [100 * (row.covered_low or 0), 100 * (row.covered_high or 0)]
            axes.plot([100 * row.level] * 2, limits, lw=1, alpha=0.3, color=f"C{number}")
        places = [100 * row.level for row in told]
        rates = [100 * row.covered / row.told for row in told]
        axes.plot(places, rates, "o", ms=4, alpha=0.7, color=f"C{number}", label=visible(title))
    axes.set(xlabel="share asked for (%)", ylabel="intervals that cover (%)", ylim=(0, 100 * _TOP))
    if rows:
        axes.legend(fontsize=8, loc="lower right")


def in_short(validation: Shown) -> str:
    """What came of it in plain words: how often the range held, how far off, how often wrongly."""
    rows = [row for row in validation.table() if row.estimator == OURS]
    n_corpora = sum(row.corpora for row in rows)
    told = [(row, row.corpora - row.withheld) for row in rows if row.error is not None]
    n_told, n_held = sum(n for _, n in told), sum(row.covered for row, _ in told)
    of_all = f"Of {how_many(n_corpora, 'corpus', 'corpora')} of known share"
    if not n_told:
        return f"{of_all} none was told a share."
    error = sum(n * (row.error or 0) for row, n in told) / n_told
    worst = max(row.worst or 0 for row, _ in told)
    level = f"{100 * validation.confidence_level:g} %"
    n_above = sum(row.low_above_truth for row in rows)
    return (
        f"{of_all} {how_many(n_told, 'was told one', 'were told one')}. The {level} interval holds"
        f" the truth in {n_held:,} of these; the share is {100 * error:.1f} points off on average,"
        f" {100 * worst:.1f} at worst. A low end above the truth, which is a wrong accusation,"
        f" stands in {n_above:,}."
    )


def page(validation: Shown) -> str:
    """Render one self-contained page: no script, nothing fetched, every string escaped."""
    tables = "".join(
        f"<h2>{html.escape(visible(title))}</h2>{_html_table(head, rows)}"
        for title, head, rows in _all(validation)
    )
    notes = "".join(f"<p>{html.escape(visible(text))}</p>" for text in validation.notes)
    sources = "".join(
        f"<li>{html.escape(visible(item.name))} ({item.role}), {item.n_documents:,} documents</li>"
        for item in validation.sources
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Provenance validation</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>Known shares: {html.escape(visible(validation.name))}</h1>"
        f"<p>{html.escape(in_short(validation))}</p>{notes}{_svg(validation)}{tables}"
        f"<h2>What the columns say</h2><p>{html.escape(EXPLAINED)}</p>"
        f"<h2>Sources</h2><ul>{sources}</ul>"
        f"<p>Version {html.escape(validation.version)}, seed {validation.seed}.</p>"
        "</main></body></html>\n"
    )


def _html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    names = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(visible(text))}</td>' for text in row)}</tr>"
        for row in rows
    )
    table = f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0">{table}</div>'


def _svg(validation: Shown) -> str:
    import matplotlib as mpl

    stream = io.StringIO()
    # Equal validations give equal pages: no date, no random names.
    with mpl.rc_context({"svg.hashsalt": "provenance"}):
        figure(validation).savefig(stream, format="svg", metadata={"Date": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]
