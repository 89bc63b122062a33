"""The report as one page and in the terminal; every word of it comes from `report`.

What was read from a corpus passes `visible` and is escaped, in the page by the template's
environment (no expression can forget it), in the terminal by `rich.text.Text`.
"""

from __future__ import annotations

import base64
import hashlib
import math
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import groupby
from operator import itemgetter
from os import PathLike
from typing import TYPE_CHECKING, Any

from provenance.files.aside import write_aside
from provenance.files.json import plain
from provenance.records import (
    Change,
    Diagnostic,
    Family,
    Finding,
    RowCalibration,
    Share,
    Standing,
    unchecked_kinds,
)
from provenance.report.headline import told_once
from provenance.report.page.court import (
    SCALE,
    alternatives,
    error_rates,
    not_examined,
    propositions,
    strength,
    whose_rates,
)
from provenance.report.page.grounds import finding_name, grounds
from provenance.report.page.next_steps import next_steps
from provenance.report.page.parts_map import grids, parts_maps
from provenance.report.page.row_browser import DRAWN, browsed_rows
from provenance.report.page.telling import told_grams
from provenance.report.page.weaknesses import weaknesses
from provenance.report.report import LIMITS, SCAN_LIMITS, Report
from provenance.words import how_many, percent, percent_range, source_name, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from provenance.records import FindingKind
    from provenance.report.page.asked_view import AskedView
    from provenance.report.page.log_view import LogView

from provenance.report.shown import (
    DASH,
    apart,
    corpus_named,
    enumerated,
    list_sentence,
    panel_rows,
    part_told,
    parts_doubt,
    parts_sentence,
    shown_rows,
)

__all__ = ["render_html", "save_html"]


_AXIS_ENDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
_ROUNDING = 1e-9
"""Far below a share, a distance or a count that anything shows."""
_TESTS = frozenset({"regenerated", "washed", "watermark"})
"""Checks whose statistic is a p-value, which is as small as it is where something is found."""
_PANEL_SHOWN = 8
_MOST_PAIRS = 40
_VALUE_CHARS = 300
_DEPTH = 4
"""Of what is told of a finding that has no view of its own; round figures, not tuned."""


def render_html(report: Report) -> str:
    """Render one self-contained page: nothing fetched, every string escaped.

    It stands whole without its one script, which sorts and searches rows; no other script runs.

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
            standing=_standing(report),
            grounds=grounds(report),
            weaknesses=weaknesses(report),
            said_above=_said_above(report),
            steps=next_steps(report),
            maps=[*parts_maps(report)],
            grids=[*grids(report)],
            browsed=browsed_rows(report),
            drawn_name=DRAWN,
            propositions=propositions(report),
            rates=[*error_rates(report)],
            whose_rates=whose_rates(report),
            scale=SCALE,
            alternatives=alternatives(report),
            not_examined=not_examined(report),
            looks=_looks(report),
            policy=_policy(),
            style=_own_text("style.css"),
            script=_own_text("rows.js"),
            baseline_corpus=corpus_named(report.baseline.paths if report.baseline else ()),
            parts_doubt=parts_doubt(report),
            unchecked=[*map(_named_kind, unchecked_kinds(report.findings))],
            limits=LIMITS if report.candidates() or not report.model_like() else SCAN_LIMITS,
        )
    )


def save_html(report: Report, path: str | PathLike[str]) -> None:
    """Write the page whole or not at all."""
    write_aside(path, render_html(report).encode())


def _standing(report: Report) -> tuple[str, str]:
    """What stands at the end, as a class and in words: none that could be taken for a verdict."""
    measured = report.unattributed()
    rows = report.candidates() if measured is None else (measured,)
    if report.verdict == "withheld":
        return "cannot_tell", "withheld: cannot tell"
    if not rows:
        return "not_checked", "not checked"
    if measured is not None and measured.low > 0:
        return "found", "text like a model's is shown, no one's in particular"
    if any(row.low > 0 for row in rows):
        return "found", "a share above 0 is shown"
    if all(row.verdict == "bounded" for row in rows):
        return "not_found", "upper bound"
    return "not_found", "no share is shown"


def _named_kind(kind: FindingKind) -> str:
    name = finding_name(Finding(kind=kind, verdict="not_checked"))
    return f"{name[:1].lower()}{name[1:]}"


def _held(check: Diagnostic) -> float | None:
    """The statistic of a check; what is 0 but for rounding, as 0."""
    found = check.statistic
    if found is None or check.verdict != "ok" or check.kind in _TESTS:
        return found
    return 0.0 if 0 < found < _ROUNDING else found


def _said_above(report: Report) -> set[str]:
    """Sentences of checks that stand under what the answer rests on, or weakens it."""
    checks = (check for doubt in weaknesses(report) for check in doubt.checks)
    return {check.sentence for check in checks} | {one.sentence for one in grounds(report)}


def _looks(report: Report) -> str:
    """How often this corpus was matched before."""
    found = report.manifest.looks
    if found is None:
        return ""
    if not found.n_before:
        return "none that the log of looks on that machine knows of"
    least = "at least " if found.at_least else ""
    return (
        f"{least}{found.n_before:,}, from {(found.first or '')[:10]} to {(found.last or '')[:10]}"
    )


@cache
def _own_text(name: str) -> Markup:
    """A file of this folder that stands in the page as it is."""
    from markupsafe import Markup

    return Markup(resources.files("provenance.report").joinpath("templates", name).read_text())


@cache
def _policy() -> str:
    """What a browser may do: nothing but show the page, and run the one script that is ours."""
    digest = hashlib.sha256(_own_text("rows.js").encode()).digest()
    ours = f"'sha256-{base64.b64encode(digest).decode()}'"
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {ours};"
        " base-uri 'none'; form-action 'none'"
    )


def _seen(report: Report) -> dict[tuple[str | None, str], float | None]:
    """Smallest shares that would be seen, by the source and the unit of the row they belong to."""
    return {
        (None if report.unattributed(row.unit) else row.source, row.unit): (
            row.smallest_detectable_share
        )
        for row in report.power
    }


def _question(report: Report) -> str:
    names = [source_name(row.source) for row in report.candidates()]
    corpus = corpus_named(report.corpus.named)
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
        _capitalize_first,
        _figure,
        _flat,
        _log_view,
        _level,
        _lines,
        _megabytes,
        _ngram,
        _percent,
        _pieces,
        _points,
        _range,
        _rate_told,
        _safe_picture,
        _whole,
        _tie,
    )
    environment.filters |= {step.__name__.removeprefix("_"): step for step in filters}
    environment.filters |= {"command": shlex.join, "named": source_name}
    environment.filters |= {"strength": strength, "finding_name": finding_name}
    environment.filters |= {"held": _held, "apart": apart, "how_many": how_many}
    environment.filters["told_grams"] = told_grams
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
    from provenance.report.page.log_view import log_view

    return log_view(finding)


def _asked_view(finding: Finding) -> AskedView | None:
    from provenance.report.page.asked_view import asked_view

    return asked_view(finding)


def _safe_picture(svg: str) -> Markup:
    """A picture that this program drew; no other text may pass here."""
    from markupsafe import Markup

    return Markup(svg[svg.index("<svg") :])


def _flat(mapping: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What stands in a mapping as names and values in words, the first of many."""
    found: list[tuple[str, str]] = []
    for name, value in _leaves(plain(mapping), (), 0):
        if len(found) == _MOST_PAIRS:
            return [*found, ("…", "more in report.json")]
        found.append((" · ".join(name).replace("_", " "), value[:_VALUE_CHARS]))
    return found


def _leaves(value: Any, name: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict) and depth < _DEPTH:
        for key, inner in value.items():
            yield from _leaves(inner, (*name, str(key)), depth + 1)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for place, inner in enumerate(value[:_MOST_PAIRS], 1):
            if depth < _DEPTH:
                yield from _leaves(inner, (*name, str(place)), depth + 1)
    elif isinstance(value, list):
        yield name, ", ".join(map(_scalar, value[:_MOST_PAIRS])) or "none"
    else:
        yield name, _scalar(value)


def _scalar(value: object) -> str:
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "…" if isinstance(value, dict | list) else str(value)


def _capitalize_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _rate_told(rate: float, n_rows: int) -> str:
    """A part of held-out rows; of none, what cannot be excluded (at 95 %, each row by itself)."""
    if rate > 0:
        return f"at most {_percent(rate)}"
    return f"none (up to {_percent(-math.expm1(math.log(0.05) / n_rows))} cannot be excluded)"


def _pieces(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """Cut a text where marks begin and end; spans that meet or overlap are one mark."""
    covered = bytearray(len(text))
    for start, end in spans:
        covered[start:end] = b"\1" * (end - start)
    for marked, run in groupby(zip(covered, text, strict=True), key=itemgetter(0)):
        yield "".join(character for _, character in run), bool(marked)
