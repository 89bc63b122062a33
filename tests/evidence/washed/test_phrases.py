"""The table of phrases: every row can be found, says where it is from, and is cheap to look for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.washed.glance import MOST_NEEDLES
from provenance.evidence.washed.joins import NEEDLES
from provenance.evidence.washed.phrases import (
    KINDS,
    PHRASES,
    SOURCES,
    UNTRIED,
    needles,
    patterns,
)

SAID = {
    "As an AI (language model), I …": "as an ai language model developed by openai, i cannot",
    "I am an AI (language model)": "i'm just an ai, so no",
    "I am ChatGPT, Claude, …": "i am chatgpt, a large model created by openai",
    "I am an AI assistant made by …": "i am an ai assistant created by anthropic",
    "I was trained by OpenAI, …": "i was trained by openai on text",
    "As of my last (knowledge) update": "as of my latest update in 2021",
    "my knowledge cutoff": "my knowledge cutoff is 2021",
    "I do not have personal feelings": "i do not have personal feelings about it",
    "I cannot browse the internet": "i can't browse the internet",
    "I don't have the ability to access …": "i don't have the ability to access files",
    "I'm unable to access …": "i am unable to browse the internet",
    "I don't have access to current data": "i do not have access to current data",
    "I'm sorry, but I can't assist …": "i'm sorry, but i can't assist with that",
    "I cannot fulfill your request": "i cannot fulfill your request",
    "I can't help with that": "i'm not able to help with that",
    "I must decline to …": "i need to decline this request",
    "my knowledge up to 2023": "as of my knowledge up to october 2022",
    "I don't have feelings or consciousness": "i don't have feelings or consciousness",
    "a writing block": ':::writing{variant="email"}',
    "the end of reasoning": "so it is.</think>it is",
    "against my guidelines": "it goes against my programming",
    "Regenerate response": "the end.\nregenerate response\n",
    "ChatGPT said:": "chatgpt said:\nhello",
    "chat markup": "<|im_end|>",
    "[INST] … [/INST]": "[inst] hello [/inst]",
    "links an interface marked": "https://example.org/?utm_source=chatgpt.com",
    "an assistant made by nobody known": "as an ai assistant created by acme, i",
    "a claim cut out of its sentence": "i am , an ai",
    "I am a writer and have no feelings": "i'm a writer and i don't have feelings",
    "作为一个AI语言模型，我…": "作为一个ai语言模型，我无法",
    "我是一个AI语言模型": "我是一个ai语言模型",
    "对不起，我无法…": "很抱歉，我无法提供",
    "我的知识截止于…": "我的知识截止到2021年",
    "저는 AI 언어 모델로서 …": "저는 ai 언어 모델이므로",
    "인공지능 언어 모델로서, 저는 …": "인공지능 언어 모델로서, 저는",
    "AI言語モデルとして、私は…": "ai言語モデルとして、私は",
    "Als KI(-Sprachmodell) …": "als ki-sprachmodell habe ich",
    "En tant que modèle de langage …": "en tant que modèle de langage, je",
    "Como modelo de lenguaje (de IA) …": "como modelo de lenguaje, no tengo",
    "Как языковая модель, я …": "как языковая модель, я не",
    "بصفتي نموذج لغة …": "بصفتي نموذج لغة",
    "Tekoälynä / kielimallina minä …": "tekoälynä minulla ei",
}
MARKS = (
    *(
        "turn0search12",
        ":contentreference[oaicite:3]",
        "【12†source】",
        "[cite_start]so[cite: 1, 2]",
    ),
    *('{"attributableindex":"1009-1"}', "[attached_file:1]"),
)


def test_every_phrase_is_said_once_here() -> None:
    shown = {row.shown for row in PHRASES}
    assert shown == {*SAID, "citation marks of an interface"}


@pytest.mark.parametrize("number", range(len(PHRASES)), ids=[row.shown for row in PHRASES])
def test_a_phrase_is_found_and_its_needle_stands_in_it(number: int) -> None:
    texts = [SAID[PHRASES[number].shown]] if PHRASES[number].shown in SAID else MARKS
    first, pattern = patterns()[number]
    found = [text for text in texts if pattern.search(text)]
    assert found
    for text in found:
        assert all(any(needle in text for needle in part) for part in first)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("that is against my policies.", "against my guidelines"),
        ("it violates openai's usage policies.", "against my guidelines"),
        ("it is against my policy to lend books.", None),
        ("sorry, but i can't assist with that.", "I'm sorry, but I can't assist …"),
        ("i can't help but smile.", None),
        ("i must decline your kind offer.", None),
        ("i don't have feelings for him.", None),
        ("my knowledge is limited to cheese.", None),
        ("see [cite: someone 2011].", None),
    ],
)
def test_what_people_say_alike_is_no_phrase(text: str, shown: str | None) -> None:
    found = {row.shown for row, (_, p) in zip(PHRASES, patterns(), strict=True) if p.search(text)}
    assert found == ({shown} if shown else set())


def test_a_phrase_says_where_it_is_from() -> None:
    for row in PHRASES:
        assert row.source in SOURCES and row.kind in KINDS
        assert (row.source == "translated") == (row.language in UNTRIED)
    named = {source for source in SOURCES if source not in ("answers", "launderers", "translated")}
    assert all(re.search(r"20\d\d", SOURCES[source]) for source in named)


def test_every_row_has_bits_of_its_needles() -> None:
    every, bits = needles()
    assert len(every) + len(NEEDLES) <= MOST_NEEDLES and min(map(len, every)) > 0
    for row, (first, _) in zip(bits, patterns(), strict=True):
        assert [every[bit.bit_length() - 1].split("/") for bit in row] == [*map(list, first)]


WORDS = [
    *{word for said in SAID.values() for word in re.findall(r"\w+|\W+", said)},
    "aim",
    "_i",
    "’",
]


SENTENCES = [*SAID.values(), *WORDS]


@given(st.lists(st.sampled_from(SENTENCES), max_size=20).map("".join))
def test_the_quick_pattern_finds_what_the_written_one_finds(text: str) -> None:
    for (_, quick), row in zip(patterns(), PHRASES, strict=True):
        written = [one.span() for one in re.finditer(row.pattern, text)]
        assert [one.span() for one in quick.finditer(text)] == written
