"""Fingerprints and their distances in words and tables, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.fingerprint.comparing import Comparison
from provenance.fingerprint.fingerprint import Fingerprint, require_same_spec
from provenance.words import name_lines, percent, source_name, visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

__all__ = [
    "NgramRate",
    "comparison_rows",
    "describe",
    "ngram_rates",
    "render_comparison",
    "render_fingerprint",
]

_PATHS_SHOWN = 5
_BESIDE_NAMES, _BESIDE_FIGURES = 40, 26  # letters of a line that distances take; names of figures
_SIDES = ("source", "other")
_SOURCES_ABREAST = 4  # a round figure: what a terminal of 80 columns has room for


@dataclass(frozen=True, slots=True)
class NgramRate:
    """In which fraction of the passages an n-gram stands, here and in another source."""

    ngram: str
    rate: float
    rate_against: float | None = None


def ngram_rates(
    fingerprint: Fingerprint, against: Fingerprint | None = None, *, count: int = 20
) -> list[NgramRate]:
    """The readable n-grams of a source, the most frequent or the most telling first.

    Parameters
    ----------
    fingerprint : Fingerprint
    against : Fingerprint, optional
        Order by how many standard errors the rate lies above the rate there, and show no n-gram
        that is as frequent there.
    count : int
        At most so many.

    Raises
    ------
    InputError
        Where the specs differ.

    Examples
    --------
    >>> from provenance.fingerprint.measuring import fit_fingerprint
    >>> texts = [f"in short it is {n} as we said at {n}" for n in "one two three four five".split()]
    >>> [row.ngram for row in ngram_rates(fit_fingerprint(texts, "a"), count=3)]
    ['as', 'as we', 'at']
    """
    if against is not None:
        require_same_spec([fingerprint, against])
        return [NgramRate(*row) for row in fingerprint.telling([against])[:count]]
    ngrams = fingerprint.readable
    rate = np.minimum(1.0, fingerprint.rates(ngrams))
    order = np.argsort(-rate, kind="stable")[:count].tolist()
    return [NgramRate(ngrams[place], float(rate[place])) for place in order]


def describe(fingerprint: Fingerprint, ngrams: Sequence[NgramRate] = ()) -> dict[str, Any]:
    """What a fingerprint says of itself, as plain JSON values."""
    return {
        "name": fingerprint.name,
        "sealed": fingerprint.sealed,
        "sha256": fingerprint.sha256,
        "counts": _counts(fingerprint),
        "statistics": fingerprint.statistics,
        "repairs": dict(fingerprint.repairs),
        "segments": {
            name: {"documents": n, "too_short": n_short}
            for name, (n, n_short) in fingerprint.segments.items()
        },
        "spec": asdict(fingerprint.spec),
        "limits": asdict(fingerprint.limits),
        "origin": list(fingerprint.origin),
        "domains": list(fingerprint.domains),
        "ngrams": [asdict(row) for row in ngrams],
    }


def _counts(fingerprint: Fingerprint) -> dict[str, int]:
    return {
        "documents": fingerprint.n_documents,
        "too_short": fingerprint.n_too_short,
        "passages": fingerprint.n_passages,
        "tokens": fingerprint.n_tokens,
        "rows_kept": len(fingerprint.sample),
        "tokens_of_rows_kept": int(fingerprint.sample.n_tokens.sum()),
        "rows_asked": int(np.count_nonzero(fingerprint.sample.asked_hash)),
    }


def render_fingerprint(
    fingerprint: Fingerprint,
    console: Console,
    ngrams: Sequence[NgramRate] = (),
    *,
    against: Fingerprint | None = None,
) -> None:
    """Print what a fingerprint holds; nothing foreign reaches the console unescaped."""
    from rich.columns import Columns
    from rich.text import Text

    sealed = ", sealed" if fingerprint.sealed else ""
    console.print(Text(f"{source_name(fingerprint.name)}{sealed}", style="bold"))
    for line in _origin(fingerprint):
        console.print(line, highlight=False)
    tables = [
        _figures("counts", {k: f"{n:,}" for k, n in _counts(fingerprint).items()}),
        _figures("statistics", {k: f"{n:.4g}" for k, n in fingerprint.statistics.items()}),
        _figures("spec", {k: str(value) for k, value in asdict(fingerprint.spec).items()}),
    ]
    if fingerprint.segments:
        held = {name: f"{n:,}" for name, (n, _) in fingerprint.segments.items()}
        tables.append(_figures("segments", held))
    if fingerprint.repairs:
        tables.append(_figures("repairs", {k: f"{n:,}" for k, n in fingerprint.repairs.items()}))
    console.print(Columns(tables, padding=(0, 4)))
    console.print(_ngram_part(fingerprint, ngrams, against))


def _origin(fingerprint: Fingerprint) -> list[Text]:
    from rich.text import Text

    told = []
    for what, values in (("read from", fingerprint.origin), ("domains", fingerprint.domains)):
        names = [visible(value) for value in values[:_PATHS_SHOWN]]
        more = [f"{len(values) - _PATHS_SHOWN} more"] if len(values) > _PATHS_SHOWN else []
        if names:
            told.append(Text(f"{what} {', '.join([*names, *more])}", style="dim"))
    return told


def _ngram_part(
    fingerprint: Fingerprint, ngrams: Sequence[NgramRate], against: Fingerprint | None
) -> RenderableType:
    from rich.text import Text

    if fingerprint.sealed:
        return Text("It is sealed: it holds no readable n-gram.")
    if not ngrams:
        return Text("No n-gram stands in enough documents and groups to be shown.")
    if against is None:
        title = "most frequent n-grams"
        return _ngram_table(title, ["share of passages"], ngrams)
    title = f"n-grams that tell it from {source_name(against.name)}"
    return _ngram_table(title, ["share of passages", "there"], ngrams)


def _ngram_table(title: str, columns: Sequence[str], ngrams: Sequence[NgramRate]) -> Table:
    table = _table(title)
    table.add_column("n-gram", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    for row in ngrams:
        rates = [row.rate] if row.rate_against is None else [row.rate, row.rate_against]
        table.add_row(_plain(row.ngram), *map(percent, rates))
    return table


def _figures(title: str, values: Mapping[str, str]) -> Table:
    table = _table(title)
    table.show_header = False
    table.add_column("what")
    table.add_column("value", justify="right")
    for name, value in values.items():
        table.add_row(_plain(name.replace("_", " ")), _plain(value))
    return table


def _table(title: str | None = None) -> Table:
    from rich import box
    from rich.table import Table

    shown = None if title is None else _plain(title)
    return Table(title=shown, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def _plain(text: str) -> Text:
    from rich.text import Text

    return Text(visible(text))


def _named(name: str, width: int) -> Text:
    from rich.text import Text

    return Text(name_lines(source_name(name), width))


def comparison_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """One mapping a pair of sources: ``source other distance low high``, the nearest first."""
    records = comparison.to_frame().to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in records]


def render_comparison(comparison: Comparison, console: Console) -> None:
    """Print the distances between sources, the nearest first, and their statistics."""
    level = f"{100 * comparison.confidence_level:g} %"
    table = _table()
    table.add_column("source", overflow="fold")
    table.add_column("other", overflow="fold")
    table.add_column("distance", justify="right")
    table.add_column("interval", justify="right", style="dim")
    for row in comparison_rows(comparison):
        names = (_named(row[side], (console.width - _BESIDE_NAMES) // 2) for side in _SIDES)
        ends = f"{row['low']:.3f} to {row['high']:.3f}"
        table.add_row(*names, f"{row['distance']:.3f}", ends)
    told = f"Distances with {level} intervals; between samples of one source it is about 0."
    console.print(told, highlight=False)
    console.print(table)
    for start in range(0, len(comparison.names), _SOURCES_ABREAST):
        chosen = slice(start, start + _SOURCES_ABREAST)
        console.print(_side_by_side(comparison, chosen, console.width))


def _side_by_side(comparison: Comparison, chosen: slice, width: int) -> Table:
    """The statistics of some sources, a column each."""
    table = _table("statistics")
    table.add_column("what")
    names = comparison.names[chosen]
    for name in names:
        shown = _named(name, (width - _BESIDE_FIGURES) // len(names) - 3)
        table.add_column(shown, justify="right", overflow="fold")
    sources = comparison.statistics[chosen]
    for figure in sources[0] if sources else ():
        cells = [f"{source[figure]:.4g}" for source in sources]
        table.add_row(figure.replace("_", " "), *cells)
    return table
