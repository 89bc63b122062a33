"""A picture of the join with the log: by day and by account."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from provenance.words import source_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

from provenance.evidence.log.accounts import CountArray, JoinRow

__all__ = ["join_picture"]


_MAX_BARS: Final = 20
_MAX_POINTS: Final = 120
_MAX_DAYS: Final = 40_000
_MAX_LABEL_CHARS: Final = 24


def join_picture(days: Sequence[tuple[str, int, int]], accounts: Sequence[JoinRow]) -> str:
    """Draw matched answers by day and by account, with random matching beside them, as SVG.

    Parameters
    ----------
    days : sequence of (str, int, int)
        ISO day, answers in the log, matched answers.
    accounts : sequence of JoinRow
        The first 20 are drawn.

    Examples
    --------
    >>> join_picture([("2024-05-01", 10, 2)], [])[:4]
    '<svg'
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    shown = accounts[:_MAX_BARS]
    stream = io.StringIO()
    # Equal joins give equal pictures: no date, no random names.
    with mpl.rc_context({"svg.hashsalt": "provenance"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        drawn = Figure(figsize=(9, 2.4 + 0.14 * len(shown)), layout="constrained")
        # Nothing is drawn of what the log does not hold; one of both always is.
        held = [width for width, is_held in ((3, days), (2, shown)) if is_held] or [3]
        panels = drawn.subplots(1, len(held), width_ratios=held, squeeze=False)[0]
        if days or not shown:
            _draw_days(panels[0], sorted(days))
        if shown:
            _draw_accounts(panels[-1], shown)
        for axes in panels:
            axes.spines[["top", "right"]].set_visible(False)
        panels[0].legend(
            frameon=False, fontsize=8, ncols=2, loc="lower left", bbox_to_anchor=(0, 1)
        )
        drawn.savefig(stream, format="svg", metadata={"Date": None}, transparent=True)
    text = stream.getvalue()
    return text[text.index("<svg") :]


def _draw_days(axes: Axes, days: Sequence[tuple[str, int, int]]) -> None:
    labels, counts = _calendar(days)
    width = max(1, -(-len(labels) // _MAX_POINTS))
    starts = np.arange(0, len(labels), width)
    answers, matched = (np.add.reduceat(row, starts) if len(labels) else row for row in counts)
    expected = answers * (matched.sum() / max(1, answers.sum()))
    edges = np.arange(len(starts) + 1) - 0.5
    axes.stairs(matched, edges, fill=True, color="C0", alpha=0.6, label="matched answers")
    axes.stairs(expected, edges, color="0.3", lw=1, label="under random matching")
    ticks = np.unique(np.linspace(0, len(starts) - 1, 4).astype(int)) if len(starts) else starts
    shown = [_label(labels[starts[at]]) for at in ticks.tolist()]
    axes.set_xticks(ticks, shown, parse_math=False, fontsize=8)
    axes.set_xlabel("day" if width == 1 else f"first of {width} days")
    axes.set_ylabel("matched answers a day" if width == 1 else f"matched answers in {width} days")
    axes.set_ylim(bottom=0)


def _calendar(days: Sequence[tuple[str, int, int]]) -> tuple[list[str], CountArray]:
    """Every day from the first to the last; only those given where some is no ISO day."""
    counts = np.array([row[1:] for row in days], np.int64).reshape(-1, 2).T
    try:
        ordinals = [date.fromisoformat(row[0]).toordinal() for row in days]
    except ValueError:
        return [row[0] for row in days], counts
    if not ordinals or ordinals[-1] - ordinals[0] >= _MAX_DAYS or sorted(ordinals) != ordinals:
        return [row[0] for row in days], counts
    span = range(ordinals[0], ordinals[-1] + 1)
    full = np.zeros((2, len(span)), np.int64)
    for row, count in zip(full, counts, strict=True):
        np.add.at(row, np.array(ordinals) - span[0], count)
    return [date.fromordinal(at).isoformat() for at in span], full


def _draw_accounts(axes: Axes, rows: Sequence[JoinRow]) -> None:
    places = range(len(rows))
    axes.barh(
        places, [row.n_matched for row in rows], color="C0", alpha=0.6, label="matched answers"
    )
    random = [row.expected for row in rows]
    axes.plot(random, places, "|", color="0.3", ms=9, mew=1.5, label="under random matching")
    labels = [_label(row.value) for row in rows]
    axes.set_yticks(places, labels, parse_math=False, fontsize=8)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("matched answers")


def _label(text: str) -> str:
    name = source_name(text[: 2 * _MAX_LABEL_CHARS])
    return name if len(name) <= _MAX_LABEL_CHARS else name[: _MAX_LABEL_CHARS - 1] + "…"
