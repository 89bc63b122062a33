"""Tables come row for row, and are the same at once."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.validation.markdown import table, table_lines


def test_a_line_is_there_before_the_next_row_is_made() -> None:
    asked: list[int] = []

    def rows() -> Iterator[tuple[str, str]]:
        for number in range(3):
            asked.append(number)
            yield str(number), "x"

    lines = table_lines(rows())
    assert [next(lines), next(lines)] == ["| 0 | x |", "|---|---|"]
    assert asked == [0]
    assert [*lines] == ["| 1 | x |", "| 2 | x |"]


def test_a_table_without_rows_is_its_head() -> None:
    assert table([("a",)]) == "| a |\n|---|"
    assert table([]) == ""
