"""Tables as Markdown, for `validation.md` and for what the bench prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["table", "table_lines"]


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table, each as soon as its row is there: a bench takes hours for some.

    Parameters
    ----------
    rows : iterable of sequence of str
        The first is the head. Cells are shown as they are: foreign text has to be made fit before.

    Examples
    --------
    >>> next(table_lines(iter([("a", "b")])))
    '| a | b |'
    """
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if not number:
            yield "|" + "---|" * len(row)


def table(rows: Iterable[Sequence[str]]) -> str:
    """The whole table, without a line end behind it.

    Parameters
    ----------
    rows : iterable of sequence of str
        As for `table_lines`.

    Examples
    --------
    >>> print(table([("a", "b"), ("1", "2")]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    return "\n".join(table_lines(rows))
