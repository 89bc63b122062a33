"""Names of parts: fields, spans of dates, files, and these crossed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import InputError, open_corpus
from provenance.corpus.rows.crossing import BETWEEN, crossed, part_value

ROW = {"source": "web", "created": "2024-05-31T23:00:00Z", "n": 7, "odd": "a + b"}

CASES = [
    ("source", "web"),
    ("n", "7"),
    ("created:month", "2024-05"),
    ("created:year", "2024"),
    ("source:month", ""),
    ("source+created:year", "web + 2024"),
    ("source+absent", "web + (none)"),
    ("odd+n", "a+b + 7"),
    ("odd", "a + b"),
]


@pytest.mark.parametrize(("name", "value"), CASES)
def test_values_by_name(name: str, value: str) -> None:
    assert part_value(name, ROW.get) == value


@given(st.lists(st.text(min_size=1), min_size=2, max_size=4))
def test_values_of_a_crossing_are_told_apart(values: list[str]) -> None:
    assert len(crossed(values).split(BETWEEN)) >= len(values)
    if not any("+" in value or value.startswith(" ") or value.endswith(" ") for value in values):
        assert crossed(values).split(BETWEEN) == values


def test_rows_keep_the_values_that_are_asked_for(tmp_path: Path) -> None:
    rows = [{"text": "one", **ROW}, {"text": "two", "source": "forum"}]
    by = ("source+created:month", "file", "created:year")
    first, second = open_corpus(rows, by=by)
    assert first.fields == {by[0]: "web + 2024-05", "file": "<rows>", by[2]: "2024"}
    assert second.fields[by[0]] == "forum + (none)" and second.fields[by[2]] == ""
    own = open_corpus([{"text": "one", "file": "mine"}], by="file")
    assert [one.fields for one in own] == [{"file": "mine"}]
    place = tmp_path / "a.csv"
    place.write_text("text,file\nwords,mine\n")
    assert [one.fields["file"] for one in open_corpus(place, by="file")] == ["mine"]


def test_a_field_of_a_crossing_that_no_row_has_is_named() -> None:
    with pytest.raises(InputError, match=r"no row has the field 'sorce'.*'source' is meant"):
        list(open_corpus([{"text": "one", **ROW}], by="sorce+created:month"))
