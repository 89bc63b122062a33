"""One picture of what washing does to shares, drawn from the tables of `laundered_shares`.

``python -m provenance.validation.bench.laundered_picture RESULTS.md -o washed.svg`` reads the
tables that `laundered_shares` printed, from its output or from the page that keeps them, and draws
a panel for each: the range that is told and the share within it before and after each launderer,
the published estimators beside, and what was seen of the washing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Annotated, Final

import typer

from provenance.errors import InputError
from provenance.files.aside import write_aside

__all__ = ["Line", "Table", "drawn", "main", "tables"]

_HEAD: Final = "| launderer | strengths | truth | share | low | high | held | seen |"
_COLUMNS: Final = 8
_LEFT, _WIDE, _SEEN, _TOP, _ROW = 180, 200, 230, 66, 20
"""Of labels, a scale, what was seen, the title and a launderer, in points."""
_PEER_COLOURS: Final = ("#c2571a", "#7a4fa3", "#5b7f3a")


@dataclass(frozen=True, slots=True)
class Line:
    """A launderer at its strengths, in percent; None is a share that was withheld.

    Parameters
    ----------
    launderer : str
    truth, low, high : tuple of float
    share : tuple of float or None
    seen : str
    peers : tuple of tuple of float
        The readings of each published estimator.
    """

    launderer: str
    truth: tuple[float, ...]
    share: tuple[float | None, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    seen: str
    peers: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One mix: what stood above its table, the names of the peers, and its lines."""

    title: str
    peers: tuple[str, ...]
    lines: tuple[Line, ...]


def tables(text: str) -> Iterator[Table]:
    r"""The tables of washed shares that a text holds.

    Parameters
    ----------
    text : str
        Markdown.

    Examples
    --------
    >>> page = "**one**, a mix\n\n" + _HEAD + " DyS |\n|---|\n"
    >>> page += "| case | 0.1, 1 | 30.0 | 29.0, – | 20.0, 0.0 | 40.0, 100.0 | 1 of 1 | fit 1 | 3 |"
    >>> (found,) = tables(page)
    >>> found.title, found.peers, found.lines[0].share, found.lines[0].peers
    ('one', ('DyS',), (29.0, None), ((3.0, 3.0),))
    """
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.startswith(_HEAD):
            above = [one for one in lines[:at] if one.strip()]
            title = above[-1] if above else ""
            # A paragraph may stand between the name of a mix and its table.
            named = [one for one in above[-3:] if one.startswith("**")]
            title = named[-1].split("**")[1].strip("`") if named else title
            rows = []
            for row in lines[at + 2 :]:
                if not row.startswith("|"):
                    break
                rows.append(_line(_cells(row), row))
            yield Table(title, tuple(_cells(line)[_COLUMNS:]), tuple(rows))


def _cells(line: str) -> list[str]:
    return [one.strip() for one in line.strip().strip("|").split("|")]


def _line(cells: Sequence[str], row: str) -> Line:
    if len(cells) < _COLUMNS:
        raise InputError(f"this row has {len(cells)} cells: {row[:80]}", expected="8 and more")
    name, _, truth, share, low, high, _, seen = cells[:_COLUMNS]
    n = max(len(_figures(one)) for one in (truth, share, low, high, *cells[_COLUMNS:]))
    known = tuple(_sure(_spread(_figures(one), n)) for one in (truth, low, high))
    peers = tuple(_sure(_spread(_figures(one), n)) for one in cells[_COLUMNS:])
    return Line(name, known[0], _spread(_figures(share), n), known[1], known[2], seen, peers)


def _figures(cell: str) -> list[float | None]:
    try:
        return [None if one == "–" else float(one) for one in cell.split(", ")]
    except ValueError as error:
        raise InputError(f"{cell[:40]!r} is no list of figures", expected="30.0, 29.1") from error


def _spread(values: Sequence[float | None], n: int) -> tuple[float | None, ...]:
    """A figure that is the same at all strengths stands once in the table."""
    return tuple(values) if len(values) == n else tuple(values[:1]) * n


def _sure(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(0.0 if one is None else one for one in values)


def drawn(found: Sequence[Table]) -> str:
    """The picture, as SVG.

    Parameters
    ----------
    found : sequence of Table
        At least one.
    """
    names = list(dict.fromkeys(line.launderer for table in found for line in table.lines))
    wide = _LEFT + len(found) * (_WIDE + _SEEN)
    high = _TOP + _ROW * len(names) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}"'
        ' font-family="sans-serif" font-size="10" fill="#222">',
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        *(_words(4, _y(at) + 3, name) for at, name in enumerate(names)),
        *_key(found[0].peers),
    ]
    for number, table in enumerate(found):
        parts += _panel(table, names, _LEFT + number * (_WIDE + _SEEN), high - 24)
    return "\n".join([*parts, "</svg>\n"])


def _y(row: int) -> int:
    return _TOP + _ROW * row + _ROW // 2


def _words(x: float, y: float, text: str, size: int = 10) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}">{escape(text)}</text>'


def _key(peers: Sequence[str]) -> Iterator[str]:
    yield _words(4, 14, "Share before and after washing, in percent", 12)
    yield _words(
        4,
        30,
        "Bars: the range told. Dots: the share. Pale bars: withheld. Strengths stand"
        " one below another; the line is the truth.",
    )
    for at, (name, colour) in enumerate(zip(peers, _PEER_COLOURS, strict=False)):
        yield f'<path d="M{700 + 130 * at} 26h0" stroke="{colour}" {_DOT}/>'
        yield _words(708 + 130 * at, 30, name)


_DOT: Final = 'stroke-width="4" stroke-linecap="round"'


def _panel(table: Table, names: Sequence[str], left: int, bottom: int) -> Iterator[str]:
    def x(value: float) -> str:
        return f"{left + _WIDE * value / 100:.4g}"

    paths: dict[str, list[str]] = {}
    yield _words(left, _TOP - 16, table.title, 12)
    for tick in (0, 25, 50, 75, 100):
        yield f'<path d="M{x(tick)} {_TOP}V{bottom}" stroke="#ddd"/>'
        yield _words(left + _WIDE * tick / 100 - 6, bottom + 12, f"{tick}", 8)
    for line in table.lines:
        middle, n = _y(names.index(line.launderer)), len(line.share)
        for at in range(n):
            y = middle + (at - (n - 1) / 2) * 5
            told = "range" if line.share[at] is not None else "withheld"
            paths.setdefault(told, []).append(f"M{x(line.low[at])} {y:g}H{x(line.high[at])}")
            paths.setdefault("truth", []).append(f"M{x(line.truth[at])} {y - 2.5:g}v5")
            for number, values in enumerate(line.peers):
                paths.setdefault(str(number), []).append(f"M{x(values[at])} {y:g}h0")
            share = line.share[at]
            if share is not None:
                paths.setdefault("share", []).append(f"M{x(share)} {y:g}h0")
        yield _words(left + _WIDE + 6, middle + 3, line.seen, 8)
    yield from _strokes(paths)


def _strokes(paths: dict[str, list[str]]) -> Iterator[str]:
    """All marks of one kind as one path, so that the file stays small."""
    styles = {
        "withheld": 'stroke="#e3e8ee" stroke-width="3"',
        "range": 'stroke="#8fb4d9" stroke-width="3"',
        "truth": 'stroke="#222" stroke-width="1"',
        **{str(at): f'stroke="{one}" {_DOT}' for at, one in enumerate(_PEER_COLOURS)},
        "share": f'stroke="#12528f" {_DOT}',
    }
    for name, style in styles.items():
        if name in paths:
            yield f'<path d="{"".join(paths[name])}" fill="none" {style}/>'


def main(
    page: Annotated[Path, typer.Argument(help="Markdown that holds the tables.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The SVG that is written.")],
) -> None:
    """Draw every table of washed shares of a page, a panel each."""
    found = list(tables(page.read_text("utf-8")))
    if not found:
        raise InputError("there is no table of washed shares", where=str(page), expected=_HEAD)
    write_aside(output, drawn(found).encode())


if __name__ == "__main__":
    typer.run(main)
