"""JSON arrays are cut into rows as a parser would."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_formats import ROWS, json_lines, read

import provenance.corpus.formats.jsonsplit as jsonsplit


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"data": ROWS}, ROWS),
        ({"version": 1, "data": ROWS}, [{"version": 1, "data": ROWS}]),
        ({"a": ROWS, "b": ROWS}, [{"a": ROWS, "b": ROWS}]),
        ({"text": "a", "parts": ROWS}, [{"text": "a", "parts": ROWS}]),
        ({"messages": [{"role": "user"}]}, [{"messages": [{"role": "user"}]}]),
        ([], []),
        (["a", 1, None, [2]], ["a", 1, None, [2]]),
    ],
    ids=["list", "list among others", "two lists", "text", "chat", "empty", "scalars"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_shapes(data: object, expected: list[object], indent: int | None) -> None:
    assert [row for _, row in read(".json", json.dumps(data, indent=indent).encode())] == expected


def test_json_lines_called_json() -> None:
    assert read(".json", json_lines(ROWS)) == [(1, ROWS[0]), (2, ROWS[1])]
    pretty = "\n".join(json.dumps(row, indent=1) for row in ROWS).encode()
    assert read(".json", pretty) == [(1, ROWS[0]), (2, ROWS[1])]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.lists(JSON_VALUES, max_size=8), st.sampled_from([None, 1]), st.integers(1, 40))
def test_json_arrays_are_cut_as_a_parser_would(
    values: list[object], indent: int | None, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonsplit, "BUFFER", chunk)
        found = read(".json", json.dumps(values, indent=indent, ensure_ascii=False).encode())
    assert found == list(enumerate(values, 1))


@pytest.mark.usefixtures("small_limits")
def test_an_object_longer_than_the_limit_is_streamed() -> None:
    rows = [{"text": f"number {number}"} for number in range(50)]
    assert [row for _, row in read(".json", json.dumps({"data": rows}).encode())] == rows
    *streamed, last = read(".json", json.dumps({"data": rows, "end": [2]}).encode())
    assert [row for _, row in streamed] == rows
    assert "more than its list of rows" in str(last[1])
    found = read(".json", json.dumps({"version": 1, "data": rows}).encode())
    assert "longer than" in str(found[0][1])
    assert "longer than" in str(read(".json", json.dumps({"text": "a" * 999}).encode())[0][1])
