"""Every name of the vocabulary does what it stands there for."""

from __future__ import annotations

import pytest

from provenance.corpus import open_corpus
from provenance.corpus.rows.vocabulary import (
    ASKED_IN_PAIRS,
    ASKED_ROWS,
    ASKING,
    MORE_PROMPTS,
    PROMPT_CHATS,
    PROMPT_FIELDS,
    PROMPTS,
)
from provenance.errors import InputError

CHAT = [{"role": "user", "content": "Why is it?"}, {"role": "assistant", "content": "It is so."}]


@pytest.mark.parametrize("name", [*PROMPT_FIELDS, *MORE_PROMPTS])
def test_a_prompt_is_found_under_each_name(name: str) -> None:
    (document,) = open_corpus([{name: "Why is it?", "response": "It is so."}])
    assert (document.text, document.prompt) == ("It is so.", "Why is it?")
    (document,) = open_corpus([{name: "Why is it?", "answer": "It is so."}])
    assert (document.text, document.prompt) == ("It is so.", "Why is it?")


@pytest.mark.parametrize("name", PROMPT_CHATS)
def test_a_chat_that_asks_is_a_prompt(name: str) -> None:
    (document,) = open_corpus([{name: CHAT[:1], "response": "It is so."}])
    assert (document.text, document.prompt) == ("It is so.", "Why is it?")


@pytest.mark.parametrize("name", sorted(ASKING))
def test_turns_of_a_question_are_not_the_text(name: str) -> None:
    with pytest.raises(InputError):
        list(open_corpus([{name: CHAT, "remark": "It is so."}]))


@pytest.mark.parametrize("name", sorted(ASKED_IN_PAIRS))
def test_pairs_begin_with_what_was_asked(name: str) -> None:
    (document,) = open_corpus([{"turns": [{name: "Why is it?", "assistant": "It is so."}]}])
    assert (document.text, document.prompt) == ("It is so.", "Why is it?")


@pytest.mark.parametrize("value", sorted(ASKED_ROWS))
def test_rows_of_questions_and_answers_are_asked_about(value: str) -> None:
    rows = [{"event": value, "text": "Why is it?"}, {"event": "answer", "text": "It is so."}]
    with pytest.raises(InputError, match="rows are both"):
        list(open_corpus(rows))


def test_all_prompts_are_known_as_such() -> None:
    assert {*PROMPT_FIELDS, *MORE_PROMPTS} <= PROMPTS
