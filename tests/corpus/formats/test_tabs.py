"""Tab-separated tables: what is written with quotes or without is read again."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from known_formats import read

CELLS = st.text('ab" ,\n', max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6)


@given(ROWS)
def test_what_the_csv_module_quotes_is_read_again(rows: list[tuple[str, str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows([("a", "b", "c"), *rows])
    found = read(".tsv", text.getvalue().encode())
    assert [tuple(row.values()) for _, row in found if isinstance(row, dict)] == rows


@given(st.lists(st.tuples(*[st.text('ab" ,', max_size=8)] * 2), min_size=1, max_size=6))
def test_bare_quotes_are_characters_where_they_quote_nothing(rows: list[tuple[str, str]]) -> None:
    # Only a field that is wholly in quotes, or two of them, may be meant otherwise.
    rows = [(a.lstrip('"'), b.lstrip('"') + "x") for a, b in rows]
    text = "a\tb\n" + "".join(f"{a}\t{b}\n" for a, b in rows)
    assert [tuple(row.values()) for _, row in read(".tsv", text.encode())] == rows


def test_many_open_quotes_cost_no_more_than_their_lines() -> None:
    lines = b"".join(b'"open\t%d\n' % number for number in range(20_000))
    found = read(".tsv", b"text\tn\n" + lines)
    assert len([row for _, row in found if isinstance(row, dict)]) == 20_000


def test_a_quote_that_closes_at_once_quotes_no_row() -> None:
    found = read(".tsv", b"text\tn\n" + b'a\t"\n' * 2 + b"b\n" * 1000)
    rows = [row for _, row in found if isinstance(row, dict)]
    assert rows == [{"text": "a", "n": '"'}] * 2
    assert sum(row == "the row has 1 fields" for _, row in found) == 1000
