"""Chats in any of their shapes: which turns are texts, what are their prompts and groups."""

from __future__ import annotations

from typing import Any

import pytest
from known_corpora import OPENAI, SHAREGPT, one

from provenance.corpus import open_corpus

CHATS: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, str | None]]]] = {
    "messages": ({"messages": OPENAI}, {}, [("Hello", "Hi"), ("So", "Why")]),
    "of users": ({"messages": OPENAI}, {"role": "user"}, [("Hi", None), ("Why", "Hi")]),
    "ShareGPT": ({"conversations": SHAREGPT}, {}, [("Hello", "Hi")]),
    "ShareGPT's own role": ({"conversations": SHAREGPT}, {"role": "gpt"}, [("Hello", "Hi")]),
    "messages named": ({"a": {"b": SHAREGPT}}, {"text_field": "a.b"}, [("Hello", "Hi")]),
    "rejected chat": (
        {"chosen": SHAREGPT, "rejected": OPENAI[1:3]},
        {"text_field": "rejected"},
        [("Hello", "Hi")],
    ),
    "prompt a chat": ({"prompt": OPENAI, "text": "a"}, {}, [("a", "Why")]),
    "prompt named for a chat": (
        {"ask": "a", "messages": SHAREGPT[:0] + OPENAI[:3]},
        {"prompt_field": "ask"},
        [("Hello", "a")],
    ),
    "prompt of the row": (
        {"prompt": "a", "messages": OPENAI[2:3]},
        {},
        [("Hello", "a")],
    ),
}


@pytest.mark.parametrize(("row", "changes", "expected"), CHATS.values(), ids=CHATS)
def test_turns_and_their_prompts(
    row: dict[str, Any], changes: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    found = [(document.text, document.prompt) for document in open_corpus([row], **changes)]
    assert found == expected


def test_documents_of_one_row_share_its_group() -> None:
    documents = list(open_corpus([{"id": 7, "messages": OPENAI}, {"messages": OPENAI}]))
    assert [d.id for d in documents] == ["7#1", "7#2", "row:2#1", "row:2#2"]
    assert [d.group for d in documents] == ["7", "7", "<rows>:2", "<rows>:2"]
    assert [d.line for d in documents] == [1, 1, 2, 2]


def test_a_conversation_of_one_turn_keeps_its_id_as_group() -> None:
    document = one({"id": "talk", "conversations": SHAREGPT})
    assert (document.id, document.group) == ("talk", "talk")
