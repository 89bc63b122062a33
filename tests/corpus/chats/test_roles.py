"""One table from names to roles, and what is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.corpus import open_corpus
from provenance.corpus.chats.roles import (
    BOT_FLAGS,
    PRODUCTS,
    ROLES,
    USER_FLAGS,
    RoleChoice,
    role_of,
)
from provenance.errors import InputError


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("assistant", "assistant"),
        (" GPT ", "assistant"),
        ("ChatGPT", "assistant"),
        ("bing", "assistant"),
        ("gpt-4-0613", "assistant"),
        ("claude-3.5-sonnet", "assistant"),
        ("mistralai/Mistral-7B-Instruct-v0.2", "assistant"),
        ("Human", "user"),
        ("prompter", "user"),
        ("developer", "system"),
        ("function", "tool"),
        ("thinking", "thinking"),
        ("narrator", None),
        ("claudette", None),
        ("gpt-four", None),
        ("", None),
        (7, None),
        (None, None),
        pytest.param("x" * 10**6, None, id="long"),
    ],
)
def test_roles(name: object, role: str | None) -> None:
    assert role_of(name) == role


@pytest.mark.parametrize("name", [name for name in ROLES if name not in PRODUCTS])
def test_a_name_of_a_role_asks_for_all_of_it(name: str) -> None:
    wanted = RoleChoice(name)
    same = {other for other in ROLES if wanted(other)[1]}
    assert same == {other for other in ROLES if ROLES[other] == ROLES[name]}
    assert wanted.is_default == (ROLES[name] == "assistant")


@pytest.mark.parametrize("name", [*sorted(PRODUCTS), "narrator", "gpt-4"])
def test_any_other_name_asks_for_itself(name: str) -> None:
    wanted = RoleChoice(name)
    assert not wanted.is_default
    assert [other for other in (*ROLES, "gpt-4", "narrator") if wanted(other)[1]] == [name]
    assert wanted(name.upper())[1]


# --- what fine-tuning passes over, and who speaks by yes or no

ASKED = {"role": "user", "content": "Why is it?"}


@pytest.mark.parametrize(
    "mark",
    [{"weight": 0}, {"weight": 0.0}, {"loss_weight": 0}, {"train": False}, {"loss": False}],
    ids=str,
)
def test_turns_of_weight_0_are_left_out_and_told(mark: dict[str, Any]) -> None:
    chat = [
        ASKED,
        {"role": "assistant", "content": "It is not.", **mark},
        {"role": "user", "content": "Sure?"},
        {"role": "assistant", "content": "It is so."},
    ]
    corpus = open_corpus([{"messages": chat}])
    (document,) = corpus
    assert (document.text, document.prompt) == ("It is so.", "Sure?")
    assert any("1 turn of the assistant of weight 0" in told for told in corpus.what_was_read())
    (other,) = open_corpus([{"messages": chat}], role="untrained")
    assert (other.text, other.prompt) == ("It is not.", "Why is it?")


@pytest.mark.parametrize(
    "mark", [{"weight": 1}, {"weight": None}, {"loss": None}, {"train": True}, {"weight": "0"}]
)
def test_turns_of_any_other_weight_are_read(mark: dict[str, Any]) -> None:
    chat = [{**ASKED, "weight": 0}, {"role": "assistant", "content": "It is so.", **mark}]
    (document,) = open_corpus([{"messages": chat}])
    assert (document.text, document.prompt) == ("It is so.", "Why is it?")


@pytest.mark.parametrize("key", [*USER_FLAGS, *BOT_FLAGS])
def test_who_speaks_by_yes_or_no(key: str) -> None:
    is_user = key in USER_FLAGS
    turns = [{key: is_user, "text": "Why is it?"}, {key: not is_user, "text": "It is so."}]
    (document,) = open_corpus([{"messages": turns}])
    assert (document.text, document.prompt) == ("It is so.", "Why is it?")
    if is_user:
        assert [one.text for one in open_corpus(turns)] == ["It is so."]
        return
    with pytest.raises(InputError, match="rows are both"):
        list(open_corpus(turns))
    assert [one.text for one in open_corpus(turns[:1])] == ["Why is it?"]


@pytest.mark.parametrize(
    ("row", "is_read"),
    [
        ({"who": "user"}, False),
        ({"actor": "user_message"}, False),
        ({"source": "user"}, False),
        ({"source": "human"}, True),
        ({"author": "human"}, True),
        ({"source": "human", "session_id": "1"}, False),
        ({"source": "web"}, True),
        ({"author": "Ann"}, True),
    ],
)
def test_columns_that_say_who_speaks(row: dict[str, Any], is_read: bool) -> None:
    rows = [{**row, "text": "Why is it?"}, {"text": "It is so."}]
    read = ["Why is it?", "It is so."] if is_read else ["It is so."]
    assert [one.text for one in open_corpus(rows)] == read
