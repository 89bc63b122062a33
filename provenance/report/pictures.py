"""What a report tells, drawn: shares, parts, time, scores of rows, and pairs with the log."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from provenance.errors import InputError
from provenance.records import Finding, RowCalibration, Share
from provenance.words import source_name, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "as_day",
    "draw_intervals",
    "draw_over_time",
    "draw_scores",
    "draw_tippett",
    "pairs_html",
]

_DAYS: Final = ("%Y-%m-%d", "%Y-%m", "%Y")


def draw_intervals(labels: Sequence[str], rows: Sequence[Share], ax: Axes | None) -> Axes:
    """A bar for each interval, a dot for its share."""
    ax = _axes(ax, (7, 1 + 0.3 * len(rows)))
    for at, row in enumerate(rows):
        colour = "C0" if row.role in ("candidate", "machine") else "0.55"
        ax.plot([100 * row.low, 100 * row.high], [at, at], lw=4, alpha=0.5, color=colour)
        if row.share is not None:
            ax.plot(100 * row.share, at, "o", color=colour, clip_on=False)
    ax.set_yticks(range(len(rows)), labels, parse_math=False)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(left=0)
    return _bare(ax)


def as_day(text: str) -> date:
    """The first day of a day, month or year.

    Examples
    --------
    >>> as_day("2024-05").isoformat()
    '2024-05-01'
    """
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise InputError(f"{visible(text[:40])!r} is no day", expected="YYYY, YYYY-MM or YYYY-MM-DD")


def draw_over_time(
    parts: Iterable[tuple[str, Share]],
    releases: Mapping[str, str | date],
    ax: Axes | None,
) -> Axes:
    """A bar for the interval of each day, month or year, and a line for each release."""
    ax = _axes(ax, (7, 3))
    for value, row in sorted(parts, key=lambda part: as_day(part[0])):
        day: Any = as_day(value)
        ax.plot([day, day], [100 * row.low, 100 * row.high], lw=6, alpha=0.5, color="C0")
        if row.share is not None:
            ax.plot(day, 100 * row.share, "o", color="C0", clip_on=False)
    for name, told in releases.items():
        at: Any = as_day(told) if isinstance(told, str) else told
        ax.axvline(at, color="0.4", lw=1, ls=":")
        ax.annotate(
            source_name(name).replace("$", r"\$"),
            (at, 1),
            xycoords=("data", "axes fraction"),
            rotation=90,
            va="top",
            ha="right",
            fontsize="small",
        )
    ax.set_ylim(bottom=0)
    ax.tick_params(axis="x", rotation=30)
    return _bare(ax)


def draw_scores(
    scores: Sequence[float], calibration: RowCalibration, share: float, ax: Axes | None
) -> Axes:
    """The density of rows' scores, and the mix of the held-out rows' that a share makes.

    Parameters
    ----------
    scores : sequence of float
        Log likelihood ratios of the rows of the corpus, in nats; NaN for those not scored.
    calibration : RowCalibration
    share : float
        Weight of the candidate's held-out rows.
    ax : matplotlib.axes.Axes or None
    """
    found = np.asarray(scores, float)
    found = found[np.isfinite(found)]
    own, others = (np.asarray(rows) for rows in (calibration.own, calibration.others))
    every = np.concatenate([found, own, others])
    # Outermost rows are left outside: one of them would press all others into a corner.
    low, high = np.quantile(every, [0.005, 0.995])
    room = 0.1 * (high - low) + 1e-6
    at = np.linspace(low - room, high + room, 400)
    mine, theirs = share * _density(own, at), (1 - share) * _density(others, at)
    ax = _axes(ax, (7, 3.5))
    ax.hist(
        found, 40, range=(at[0], at[-1]), density=True, color="0.8", label="the corpus", zorder=0
    )
    ax.plot(at, mine, "C0", label=f"held-out rows of {_plain(calibration.source)}, by its share")
    ax.plot(at, theirs, "C1", label="held-out rows of the others, by theirs")
    ax.plot(at, mine + theirs, "k--", lw=1, label="both together")
    ax.set_xlabel("log likelihood ratio (nats)")
    ax.set_ylabel("density of rows")
    ax.legend(frameon=False, fontsize="small")
    return _bare(ax)


def _density(values: Any, at: Any) -> Any:
    """Gaussian kernels of Silverman's width over values."""
    spread = min(values.std(), (np.quantile(values, 0.75) - np.quantile(values, 0.25)) / 1.34)
    width = max(0.9 * (spread or values.std()) * len(values) ** -0.2, 1e-3)
    kernels = np.exp(-0.5 * ((at[:, None] - values) / width) ** 2)
    return kernels.mean(axis=1) / (width * np.sqrt(2 * np.pi))


def draw_tippett(row: RowCalibration, ax: Axes | None) -> Axes:
    """How many held-out rows have at least each likelihood ratio."""
    ax = _axes(ax, (6, 3.5))
    for name, values, style in (
        (_plain(row.source), row.own, "C0-"),
        ("all other sources", row.others, "k--"),
    ):
        above = [100 * (1 - at / (len(values) - 1)) for at in range(len(values))]
        ax.plot(values, above, style, label=name)
    ax.axvline(0, color="0.7", lw=1)
    ax.set_xlabel("log likelihood ratio (nats)")
    ax.set_ylabel("held-out rows at or above (%)")
    ax.set_title(f"Cllr {row.cllr:.2f} bits, at best {row.min_cllr:.2f}")
    ax.legend(frameon=False)
    return _bare(ax)


def pairs_html(finding: Finding, count: int) -> str:
    """Texts of the corpus beside the answers of the log that they match, what is shared marked."""
    from provenance.report.page.log_view import log_view

    view = log_view(finding)
    pairs = () if view is None else view.pairs[:count]
    if not pairs:
        return "<p>No row of the corpus is shown beside an answer of the log.</p>"
    rows = "".join(
        f"<tr><td>{html.escape(visible(pair.id))}</td>"
        f"<td>{_marked(pair.text, pair.spans)}</td>"
        f"<td>{_marked(pair.answer_text, pair.answer_spans)}</td></tr>"
        for pair in pairs
    )
    head = "<tr><th>Row</th><th>The corpus</th><th>The log</th></tr>"
    return f"<table>{head}{rows}</table>"


def _marked(text: str | None, spans: Sequence[tuple[int, int]]) -> str:
    if text is None:
        return "<i>the text was not kept</i>"
    parts, end = [], 0
    for start, stop in sorted(spans):
        start = max(start, end)
        if stop > start:
            parts += [html.escape(text[end:start]), f"<mark>{html.escape(text[start:stop])}</mark>"]
            end = stop
    whole = "".join([*parts, html.escape(text[end:])])
    return f'<div style="white-space: pre-wrap; text-align: left; max-width: 45ch">{whole}</div>'


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]


def _bare(ax: Axes) -> Axes:
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _plain(name: str) -> str:
    return source_name(name).replace("$", r"\$")
