"""What counts as a model speaking, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_growth import assert_grows_slowly

from provenance.evidence.washed.disclosures import (
    _folded,
    disclosed,
    looked_at,
    looked_at_bytes,
    spelled,
)
from provenance.evidence.washed.glance import glance
from provenance.evidence.washed.phrases import PHRASES, needles


def kinds(text: str) -> list[str]:
    return [PHRASES[one.phrase].kind for one in disclosed(text)[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("As an AI language model, I do not have personal opinions.", {"self_identification"}),
        ("I’m sorry, but I can’t assist with that.", {"refusal"}),
        ("The soil was wet.\n\nRegenerate response\n", {"interface"}),
        ("As of my last knowledge update in September 2021, it was open.", {"limits"}),
        ("I'm Nova, as an AI assistant created by Acme, I can help.", {"other_identity"}),
        ("作为一个AI语言模型，我无法预测未来。", {"self_identification"}),
        ("Hello.<|im_end|>", {"interface"}),
        ("I’m sorry, but I can’t help with İzmir.", {"refusal"}),
    ],
)
def test_a_text_that_speaks_as_a_model(text: str, expected: set[str]) -> None:
    assert expected <= set(kinds(text))


@pytest.mark.parametrize(
    "text",
    [
        "He wrote “As an AI language model, I cannot help” and left.",
        "> As an AI language model, I cannot help.\n\nThat is what it told me.",
        "> I'm sorry, but I can't assist with that.\n\nIs all it says.",
        "\"I'm sorry, but I can't help you,\" said the clerk.",
        "Typical as an AI language model answer.",
        "ChatGPT and other LLMs answer: As an AI language model, I cannot help. OpenAI's way.",
        "I am an AI pilot of the seventh fleet.",
        "I am an assistant professor made by hard work.",
        "Please regenerate response times for the report.",
        "She told him: I'm sorry, but I can't help you any more.",
        "We want an assistant developed by a team of nurses.",
        "for inst in block:\n    prints[inst] = expr",
        "The tokens `<|im_start|>` and `<|im_end|>` frame a turn.",
    ],
)
def test_what_others_said_or_what_only_looks_alike_does_not_count(text: str) -> None:
    assert kinds(text) == []


def test_what_does_not_count_is_told_apart() -> None:
    assert disclosed('"As an AI language model, I cannot."') == ([], True)
    assert disclosed("Nothing of it.") == ([], False)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(max_size=9))
def test_places_are_those_of_the_text(before: str, after: str) -> None:
    text = f"{before}\n\nAs an AI language model, I see{after}"
    for one in disclosed(text)[0]:
        assert 0 <= one.start < one.end <= len(text)
    counted = [one for one in disclosed(text)[0] if PHRASES[one.phrase].language == "en"]
    assert not counted or "AI language model" in text[counted[-1].start : counted[-1].end]


@pytest.mark.slow
def test_the_cost_of_hostile_text_grows_slowly() -> None:
    for unit in (
        "as an ai ",
        'i am an ai "',
        "i was created by ",
        "作为ai",
        "【1†",
        "large ",
        "> ",
    ):
        assert_grows_slowly(
            lambda text: disclosed(text) and None, unit * (2_000 // len(unit)), unit
        )


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [*{one for group in needles()[0] for one in group.split("/")}, "’", "ʼ", "K", "İ"]
            )
            | st.text("’ʼ'kKàÄäÜü КАК我i", max_size=6)
        ).map("".join),
        max_size=4,
    ),
    st.booleans(),
)
@settings(deadline=None)
def test_needles_are_found_in_texts_as_in_small_letters(texts: list[str], capital: bool) -> None:
    """The letters need not be made small before, nor the apostrophes plain."""
    given_ = [text.upper() if capital else text for text in texts]
    in_bytes = looked_at_bytes(given_, [text.encode() for text in given_])
    assert in_bytes == [looked_at(text).encode() for text in given_]
    found = glance(in_bytes, spelled(needles()[0]), frozenset())[0]
    folded = glance([_folded(text) for text in given_], needles()[0], frozenset())[0]
    assert found.tolist() == folded.tolist()
