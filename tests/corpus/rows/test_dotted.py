"""Where dotted fields lead."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.corpus.document import BadRow, Step
from provenance.corpus.rows.dotted import lookup, whole_chats

TURNS = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]


@pytest.mark.parametrize(
    ("record", "name", "steps", "found"),
    [
        ({"a": {"b": "c"}}, "a.b", ("a", "b"), ["c"]),
        ({"a": {"b": "c"}, "a.b": "whole"}, "a.b", ("a", "b"), ["whole"]),
        ({"a": {"b.c": "d"}}, "a.b.c", ("a", "b", "c"), ["d"]),
        ({"a.b": [{"c.d": "e"}, {"c.d": "f"}]}, "a.b[*].c.d", ("a.b", ..., "c", "d"), ["e", "f"]),
        ({"a": ["b", "c"]}, "a[1]", ("a", 1), ["c"]),
        ({"a": []}, "a[*]", ("a", ...), []),
    ],
)
def test_a_field_leads_there(
    record: dict[str, Any], name: str, steps: tuple[Step, ...], found: list[Any]
) -> None:
    assert lookup(record, name, steps) == found


@pytest.mark.parametrize(
    ("record", "steps", "told"),
    [
        ({"a": {"b": 1}}, ("a", "c"), "the keys are 'b' where 'c' is looked for"),
        ({"a": "b"}, ("a", "c"), "no object where 'c'"),
        ({"a": "b"}, ("a", ...), "no list"),
        ({"a": ["b"]}, ("a", 1), "place 1 in a list of 1"),
    ],
)
def test_a_field_that_leads_nowhere_is_told(
    record: dict[str, Any], steps: tuple[Step, ...], told: str
) -> None:
    with pytest.raises(BadRow, match=told):
        lookup(record, "field", steps)


def test_words_that_are_taken_without_their_roles_show_their_chat() -> None:
    record = {"messages": TURNS}
    assert whole_chats(record, ("messages", ..., "content")) == [TURNS]
    assert whole_chats(record, ("messages",)) is None
    assert whole_chats({"id": "a"}, ("messages", ..., "content")) is None
