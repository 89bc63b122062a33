"""The report as one page and in the terminal; every word of it comes from `report`.

What was read from a corpus passes `visible` and is escaped, in the page by the template's
environment (no expression can forget it), in the terminal by `rich.text.Text`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from os import PathLike
from typing import TYPE_CHECKING, Any

import orjson

from provenance.files.aside import write_aside
from provenance.files.json import plain
from provenance.records import (
    Change,
    Family,
    RowCalibration,
    Share,
    Standing,
    unchecked_kinds,
)
from provenance.report.headline import told_once
from provenance.report.report import LIMITS, SCAN_LIMITS, Report
from provenance.words import percent, percent_range, source_name, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from provenance.records import Finding
    from provenance.report.asked_view import AskedView
    from provenance.report.log_view import LogView

from provenance.report.shown import (
    DASH,
    corpus_named,
    doubts,
    enumerated,
    list_sentence,
    panel_rows,
    part_told,
    parts_sentence,
    shown_rows,
)

__all__ = ["render_html", "save_html"]


_AXIS_ENDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
_PANEL_SHOWN = 8
_MAX_JSON_CHARS = 2000


def render_html(report: Report) -> str:
    """Render one self-contained page: no script, nothing fetched, every string escaped.

    Examples
    --------
    >>> render_html(Report.load("out")).splitlines()[0]  # doctest: +SKIP
    '<!doctype html>'
    """
    rows = shown_rows(report)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            question=_question(report),
            rows=[row for row in rows if row.role != "panel"] + panel_rows(rows)[:_PANEL_SHOWN],
            more_rows=panel_rows(rows)[_PANEL_SHOWN:],
            axis_end=_axis_end(report),
            seen=_seen(report),
            badge=_badge(report),
            doubts=doubts(report),
            baseline_corpus=corpus_named(report.baseline.paths if report.baseline else ()),
            unchecked=[kind.replace("_", " ") for kind in unchecked_kinds(report.findings)],
            limits=LIMITS if report.candidates() or not report.model_like() else SCAN_LIMITS,
        )
    )


def save_html(report: Report, path: str | PathLike[str]) -> None:
    """Write the page whole or not at all."""
    write_aside(path, render_html(report).encode())


def _badge(report: Report) -> str:
    candidates = report.candidates()
    bounded = bool(candidates) and all(row.verdict == "bounded" for row in candidates)
    bounded = bounded and report.model_like() is None
    return "upper bound" if bounded and report.verdict == "estimated" else report.verdict


def _seen(report: Report) -> dict[tuple[str | None, str], float | None]:
    """Smallest shares that would be seen, by the source and the unit of the row they belong to."""
    return {
        (None if report.model_like(row.unit) else row.source, row.unit): (
            row.smallest_detectable_share
        )
        for row in report.power
    }


def _question(report: Report) -> str:
    names = [source_name(row.source) for row in report.candidates()]
    corpus = corpus_named(report.corpus.paths)
    if not names and report.model_like() is not None:
        return f"How much of {corpus} reads as a language model's?"
    return f"How much of {corpus} is consistent with {enumerated(names[:8], len(names) - 8, 'or')}?"


def _axis_end(report: Report) -> float:
    """Return the shortest axis that holds every candidate's interval."""
    rows = [*report.candidates("documents"), *report.candidates("tokens")]
    measured = [one for one in report.shares if one.role == "machine"]
    most = max((row.high for row in [*rows, *measured]), default=1.0)
    return next(end for end in _AXIS_ENDS if end >= most)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from provenance.evidence.hidden.tally import hidden_summary
    from provenance.evidence.watermark.findings import watermark_view

    environment = Environment(
        loader=PackageLoader("provenance.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (
        _asked_view,
        _at,
        _count,
        _curves,
        _figure,
        _json,
        _log_view,
        _level,
        _lines,
        _megabytes,
        _ngram,
        _percent,
        _pieces,
        _points,
        _range,
        _safe_picture,
        _tie,
    )
    environment.filters |= {step.__name__.removeprefix("_"): step for step in filters}
    environment.filters |= {"command": shlex.join, "named": source_name}
    environment.filters["list_sentence"] = list_sentence
    environment.filters["told_once"] = told_once
    environment.filters |= {"part_told": part_told, "parts_sentence": parts_sentence}
    environment.filters["hidden_summary"] = hidden_summary
    environment.filters["watermark_view"] = watermark_view
    return environment


def _shown(value: Any) -> Any:
    """Pass every expression of the template through `visible`; Markup is already safe."""
    from markupsafe import Markup

    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _lines(text: str) -> str:
    from markupsafe import escape

    return escape(visible(text, lines=True))


def _tie(text: str) -> str:
    """Keep a figure and its percent sign on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _percent(share: float | None) -> str:
    return DASH if share is None else _tie(percent(share))


def _level(share: float) -> str:
    """Write a share that somebody chose, such as a tick or a power, without empty digits."""
    return _tie(f"{100 * share:.4g} %")


def _range(row: Share | Family | Standing) -> str:
    return _tie(percent_range(row.low, row.high))


def _points(change: Change) -> str:
    """Write the interval of a change in signed percentage points."""
    return f"{100 * change.low:+.1f} to {100 * change.high:+.1f}".replace("-", "\N{MINUS SIGN}")


def _at(share: float, end: float = 1.0) -> str:
    """Write a place on an axis from 0 to `end` as an SVG length."""
    return f"{100 * min(share / end, 1):.3f}%"


def _curves(row: RowCalibration) -> list[tuple[str, float, float, float, float]]:
    """Both curves of a Tippett plot as pieces: name, x and height of the ends as fractions."""
    low, high = min(*row.own, *row.others, 0.0), max(*row.own, *row.others, 0.0)
    width = (high - low) or 1.0
    pieces = [("zero", -low / width, 1.0, -low / width, 0.0)]
    for name, values in (("others", row.others), ("own", row.own)):
        at = [(value - low) / width for value in values]
        above = [1 - place / (len(values) - 1) for place in range(len(values))]
        ends = zip(at, above, at[1:], above[1:], strict=False)
        pieces += [(name, *end) for end in ends]
    return pieces


def _count(number: int) -> str:
    return f"{number:,}"


def _figure(number: float | None) -> str:
    return DASH if number is None else f"{number:.3g}"


def _ngram(text: str) -> str:
    """Draw line ends, which many telling n-grams hold."""
    return text.replace("\n", "↵")


def _megabytes(number: float) -> str:
    return f"{number / 1e6:,.1f} MB"


def _log_view(finding: Finding) -> LogView | None:
    from provenance.report.log_view import log_view

    return log_view(finding)


def _asked_view(finding: Finding) -> AskedView | None:
    from provenance.report.asked_view import asked_view

    return asked_view(finding)


def _safe_picture(svg: str) -> Markup:
    """A picture that this program drew; no other text may pass here."""
    from markupsafe import Markup

    return Markup(svg[svg.index("<svg") :])


def _json(value: object) -> str:
    text = orjson.dumps(plain(value)).decode()
    return text if len(text) <= _MAX_JSON_CHARS else text[:_MAX_JSON_CHARS] + "…"


def _pieces(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """Cut a text where marks begin and end; spans that meet or overlap are one mark."""
    covered = bytearray(len(text))
    for start, end in spans:
        covered[start:end] = b"\1" * (end - start)
    for marked, run in groupby(zip(covered, text, strict=True), key=itemgetter(0)):
        yield "".join(character for _, character in run), bool(marked)
