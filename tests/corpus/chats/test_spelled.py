"""What stands beside the words of a row is written into them, and nothing else is touched."""

from __future__ import annotations

from provenance.corpus.chats.spelled import holds_parts, spelled_out


def test_rows_without_parts_stay_as_they_are() -> None:
    for record in (
        {"text": "a", "id": 7},
        {"messages": [{"role": "user", "content": "a"}]},
        3,
        "a",
    ):
        assert spelled_out(record) == record and not holds_parts(record)


def test_odd_values_are_no_parts() -> None:
    for record in ({"type": ["thinking"], "reasoning": 7}, {"thinking": [], "a": {"type": {}}}):
        assert not holds_parts(record)
        assert spelled_out(record) == record


def test_a_named_field_holds_the_words() -> None:
    found = spelled_out({"answer": "Yes.", "reasoning": "Hm."}, "answer")
    assert found["answer"] == "<think>Hm.</think>\nYes."


def test_a_call_without_words_becomes_the_words() -> None:
    found = spelled_out({"role": "assistant", "content": None, "tool_calls": [{"id": 1}]})
    assert holds_parts({"role": "assistant", "content": "a", "tool_calls": [{"id": 1}]})
    assert not holds_parts({"role": "assistant", "content": "a", "tool_calls": None})
    assert found["content"] == '\n<tool_call>[{"id":1}]</tool_call>'


def test_deep_rows_are_left_alone() -> None:
    deep: object = {"type": "thinking", "thinking": "Hm."}
    for _ in range(5000):
        deep = [deep]
    assert spelled_out(deep) is not None and not holds_parts(deep)
