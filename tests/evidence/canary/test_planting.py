"""Planting: once is enough, nothing else changes, what cannot be planted is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_canaries import (
    BOTH,
    FOLLOWS,
    KEY,
    STRINGS,
    WORDINGS,
    WORDS,
    answers,
    one,
    pieces,
)

from provenance.errors import InputError
from provenance.evidence.canary.checking import check
from provenance.evidence.canary.planting import Canary, plant
from provenance.evidence.canary.word_choices import (
    occurrences,
)
from provenance.files.keys import Secret

mixed_texts = st.lists(pieces, max_size=25).map(" ".join) | st.lists(pieces).map("".join)


@given(mixed_texts)
def test_planting_twice_is_planting_once(text: str) -> None:
    made = plant(text, BOTH, "ann")
    again = plant(made.text, BOTH, "ann")
    assert again.text == made.text
    assert (again.n_changed, again.string) == (0, None)


@given(mixed_texts)
def test_what_was_planted_agrees_at_every_place(text: str) -> None:
    made = plant(text, WORDS, "ann")
    if made.n_choices:
        found = one([made.text])
        assert found.n_agreeing == found.n_states > 0
    else:
        assert made.text == text


@given(st.lists(st.sampled_from([*WORDINGS, *FOLLOWS, "is", "it", "one"]), max_size=20))
def test_ordinary_text_is_always_planted(words: list[str]) -> None:
    text = " ".join(words)
    assert plant(text, WORDS, "ann").n_choices == len(list(occurrences(text)))


@given(st.text())
def test_any_text_can_be_planted(text: str) -> None:
    made = plant(text, BOTH, "ann")
    assert made.text.startswith(text.rstrip()) or made.n_changed


def test_nothing_but_wordings_changes() -> None:
    text = "# Usually\r\n\r\n  Furthermore, `often` red.\r\n- Among us\ttoday \r\n"
    for account in "abcdef":
        made = plant(text, WORDS, account).text
        shape = re.sub("Furthermore|Moreover", "F", made)
        shape = re.sub("Usually|Typically", "U", re.sub("Among(st)?", "A", shape))
        assert shape == "# U\r\n\r\n  F, `often` red.\r\n- A us\ttoday \r\n"


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("It ends.", "It ends.\n\n(Ref. {})"),
        ("It\r\nends! \r\n", "It\r\nends!\r\n\r\n(Ref. {}) \r\n"),
        ("", ""),
        ('{"a": "It ends."}', '{"a": "It ends."}'),
        ("```\nx.\n```\nIt ends.", "```\nx.\n```\nIt ends."),
        ("no end", "no end"),
    ],
)
def test_a_string_stands_after_a_sentence_only(text: str, ends: str) -> None:
    made = plant(text, STRINGS, "ann")
    assert made.text == ends.replace("{}", made.string or "{}")


def test_about_so_many_answers_get_a_string() -> None:
    canary = replace(STRINGS, rate=0.2)
    n_strings = sum(plant(text, canary, "ann").string is not None for text in answers(1000, 1))
    assert 150 < n_strings < 250
    assert plant("It ends.", replace(STRINGS, rate=0.0), "ann").string is None


def test_accounts_and_keys_differ() -> None:
    texts = answers(20)
    made = [
        tuple(plant(text, canary, account).text for text in texts)
        for canary in (WORDS, Canary(key=Secret(KEY[::-1])))
        for account in ("ann", "bob")
    ]
    assert len({*made}) == 4


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"key": Secret("short")}, "the key has 5 characters. Expected at least 16"),
        ({"key": Secret(123456789)}, "the key has 9 characters"),
        ({"styles": ()}, "styles is empty"),
        ({"styles": ("letters",)}, "styles is empty or unknown"),
        ({"rate": 1.5}, "rate is 1.5"),
        ({"strings": 0}, "strings is 0"),
        ({"strings": 10**9}, "strings is 1000000000"),
    ],
)
def test_what_cannot_be_planted_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        replace(WORDS, **changes)
    assert "short" not in str(caught.value) and "123456789" not in str(caught.value)


def test_an_account_has_a_name() -> None:
    for call in (lambda: plant("a", WORDS, ""), lambda: check(["a"], [WORDS], [""])):
        with pytest.raises(InputError, match="an account has no name"):
            call()
