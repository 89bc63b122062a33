"""So many rows of a corpus as a share's interval needs to be as narrow as was asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from provenance.corpus import Corpus
from provenance.errors import InputError, require_number
from provenance.matching.tally import CLUSTERS
from provenance.report.report import Report
from provenance.words import percent

__all__ = ["Draw", "check_precision", "half_width", "next_size", "to_precision"]

FIRST: Final = 2000
"""Rows of the first draw: half a second to score; what the checks need is met. Not tuned."""
_GROWTH: Final = 4
"""How much larger a draw is than the one before, where two do not yet tell what is needed."""
_SPARE: Final = 1.15
"""Rows drawn for each that two draws say is needed: widths of draws vary by a few hundredths."""
_FARTHEST: Final = 16
"""How much larger a draw may be than the one before: what two draws say reaches no farther."""
_ENOUGH_TO_TELL: Final = 16_000
"""Rows of a draw from which on what more rows could give is believed; a round figure."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: rows, the widest interval's half width, None where no share was told."""

    n_rows: int
    half_width: float | None


def check_precision(precision: float | str, corpus: Corpus, *, alone: bool = False) -> float:
    """The precision as a fraction; what cannot be drawn for is refused.

    Raises
    ------
    InputError
    """
    found = require_number("precision", precision, within=True)
    if corpus.options.sample is not None or corpus.options.limit is not None:
        raise InputError(
            "a precision is asked for beside a number of rows",
            remedy="Leave --sample and --limit out: so many rows are drawn as are needed",
        )
    if alone:
        raise InputError(
            "a precision is asked for, and one candidate alone gets an upper bound, no interval",
            remedy="Give a --reference or a --panel, or --sample N",
        )
    return found


def to_precision(run: Callable[[Corpus], Report], corpus: Corpus, precision: float) -> Report:
    """Run on ever larger samples until the interval is narrow enough, or cannot become so.

    Samples of one seed are drawn anew each time. That one stops where an interval is narrow makes
    it no less true here: its width hangs on the number of rows and not on where it lies, but for
    the share itself (Chow and Robbins 1965, Ann. Math. Stat. 36:457; measured in
    ``tests/statistical/test_precision_covers.py``).

    Parameters
    ----------
    run : callable
        Reads a corpus and tells of it.
    corpus : Corpus
        That can be read more than once.
    precision : float
        Half width in parts of the corpus, such as 0.01.

    Returns
    -------
    Report
        The last, with a reason more: what was reached, with how many rows, or why not.
    """
    draws: list[Draw] = []
    size = FIRST
    while True:
        part = corpus.sampled(size)
        report = run(part)
        counts = part.counts
        draws.append(Draw(counts.n_drawn, half_width(report)))
        if counts.n_drawn >= counts.n_drawn_from:
            return _told(report, draws, precision, "")
        found = next_size(draws, precision)
        if isinstance(found, str):
            return _told(report, draws, precision, found)
        size = found


def half_width(report: Report) -> float | None:
    """Half of the widest interval that is asked for, of documents; None where none is told."""
    machine = report.unattributed()
    rows = report.candidates() if machine is None else (machine,)
    if report.verdict == "withheld" or not rows:
        return None
    return max((row.high - row.low) / 2 for row in rows)


def next_size(draws: Sequence[Draw], precision: float) -> int | str:
    """How many rows to draw next, or why no more.

    The square of a half width is what no number of rows takes away, and what falls as one over
    their number: two draws tell both.

    Examples
    --------
    >>> next_size([Draw(2000, 0.03)], 0.01)
    8000
    >>> next_size([Draw(2000, 0.03), Draw(8000, 0.015)], 0.01)
    20700
    >>> next_size([Draw(2000, 0.03), Draw(8000, 0.009)], 0.01)
    ''
    """
    last = draws[-1]
    if last.half_width is None:
        is_first = len(draws) < 2 or draws[-2].half_width is not None
        return _GROWTH * last.n_rows if is_first else "no share is told, with few rows or many"
    if last.half_width <= precision:
        return ""
    if last.n_rows >= CLUSTERS:
        return "more rows are not used"
    if len(draws) < 2 or draws[-2].half_width is None:
        return min(CLUSTERS, _GROWTH * last.n_rows)
    before, squared = draws[-2].half_width ** 2, last.half_width**2
    falling = (before - squared) / (1 / draws[-2].n_rows - 1 / last.n_rows)
    staying = squared - max(falling, 0.0) / last.n_rows
    if staying >= precision**2:
        if last.n_rows >= _ENOUGH_TO_TELL:
            return (
                f"more rows would leave it about {percent(math.sqrt(staying))}: the samples limit"
                " it, and what is allowed for other sources, not the size of the corpus"
            )
        return min(CLUSTERS, _GROWTH * last.n_rows)
    needed = math.ceil(_SPARE * falling / (precision**2 - staying) / 100 - 1e-9) * 100
    return min(CLUSTERS, _FARTHEST * last.n_rows, max(needed, 5 * last.n_rows // 4))


def _told(report: Report, draws: Sequence[Draw], precision: float, why: str) -> Report:
    last = draws[-1]
    asked = f"{percent(precision)} (--precision)"
    is_whole = not report.corpus.n_drawn
    rows = (
        f"all {last.n_rows:,} rows were read"
        if is_whole
        else f"{last.n_rows:,} rows were drawn for it"
    )
    if last.half_width is None:
        why = why if why and not is_whole else "no share is told"
        sentence = f"No interval of {asked} to each side can be had: {why}; {rows}."
    elif last.half_width <= precision:
        width = percent(last.half_width)
        sentence = f"The interval reaches {width} to each side, within {asked}; {rows}."
    else:
        width = percent(last.half_width)
        end = "" if is_whole else f", and {why}"
        sentence = f"The interval reaches {width} to each side, not {asked}; {rows}{end}."
    return replace(report, reasons=(*report.reasons, sentence))
