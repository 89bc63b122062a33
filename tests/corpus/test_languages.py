"""Languages are told by their script or their commonest words, and not of a few words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.corpus.languages import (
    COMMON_WORDS,
    TRIED,
    UNTRIED,
    language_of,
    words_looked_at,
)

TEXTS = {
    "en": "There is no doubt that the moon pulls at the water of the sea.",
    "de": "Es ist bekannt, dass der Mond das Wasser anzieht und nicht die Sonne.",
    "fr": "La lune attire les eaux de la mer et c'est pour cela que nous avons des marées.",
    "es": "La luna atrae el agua del mar y por eso hay mareas en todas las costas.",
    "fi": "Kuu vetää merta puoleensa ja se on syy siihen, että vesi ei ole paikallaan.",
    "ru": "Луна притягивает воду, и поэтому бывают приливы.",
    "ar": "القمر يجذب مياه البحر ولهذا يوجد المد.",
    "zh": "月亮吸引海水，所以有潮汐。",
    "ja": "月が海の水を引くので、潮の満ち引きがあります。",
    "ko": "달이 바닷물을 끌어당기기 때문에 조수가 있습니다.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_texts(language: str) -> None:
    assert language_of(TEXTS[language]) == language


@pytest.mark.parametrize("text", ["", "7 + 8", "Yes.", "$\\mathrm{H}_2$", "xq zzk vvr qqp lmn"])
def test_nothing_is_told_of_too_little(text: str) -> None:
    assert language_of(text) == ""


def test_formulas_are_of_no_language() -> None:
    assert (
        language_of("解: $\\mathrm{NaOH}+\\mathrm{NaHCO}$ 的离子反应为 $\\mathrm{OH}$ 故不选")
        == "zh"
    )


def test_each_language_is_tried_or_told_as_untried() -> None:
    assert {*TRIED, *UNTRIED} >= {*COMMON_WORDS} and not {*TRIED} & {*UNTRIED}


@given(st.text(alphabet="abC' _1.-\n\x00é’", max_size=20))
def test_words_are_letters_with_at_most_one_apostrophe_between_them(text: str) -> None:
    """ASCII is read another way than the rest, to the same words."""
    expected = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower())
    assert words_looked_at(text) == expected
