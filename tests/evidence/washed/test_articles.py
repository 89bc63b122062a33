"""Texts without articles: what counts as one, and what never does."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.washed import articles
from provenance.evidence.washed.articles import lack_articles
from provenance.features.code_points import joined_bytes
from provenance.validation.laundering.table import launder

PLAIN = (
    "The old man was at the door when they came by, but he had a letter that was to be read. It"
    " has been on the table of a friend, and his sister knew that we were to have it by the end of"
    " the week. They are at an inn on the hill, and you have to be on the way to the town by noon."
    " This was a thing that he was glad of, but it has a price, and the price of it is on a list."
)
BARE = launder(PLAIN, "articles", 1.0, np.random.default_rng(0))


def test_articles_that_were_all_left_out_are_missed() -> None:
    assert lack_articles([PLAIN, BARE, BARE.upper(), PLAIN]).tolist() == [False, True, True, False]


@pytest.mark.parametrize("part", [0.1, 0.3, 0.6])
def test_who_leaves_some_out_is_not_told(part: float) -> None:
    """As people do whose own language has none."""
    rng = np.random.default_rng(1)
    told = lack_articles([launder(PLAIN * 2, "articles", part, rng) for _ in range(50)])
    assert not told.any()


@pytest.mark.parametrize(
    "text",
    [
        "Police hold man at border; minister to meet leader of opposition on Monday. " * 2,
        "Add oil to pan on low heat. Stir by hand. Serve to four. " * 6,
        "It was good. " * 40,
        "for x in y: if x is not None and y: return [x for x in y if x] # to be or not " * 5,
        "Ale to by on we has te i po to je do to on by to, nie to na je. " * 8,
        "Det at han er her at se at vi to by de på at det er at on to it. " * 8,
        "Der Mann war am Haus, was man da so hat, und es war, was er was by der Tür at. " * 6,
        "Он был у двери, но они не знали, что это было. " * 10,
        "El hombre estaba en la puerta y no lo sabía; era de noche en la ciudad. " * 10,
        "그는 문 앞에 있었고 아무도 그것을 알지 못했다. " * 20,
        "他站在门口，谁也不知道这件事。" * 30,
        "",
    ],
)
def test_headlines_notes_code_and_other_languages_are_not_told(text: str) -> None:
    assert not lack_articles([text]).any()


def test_an_article_to_many_small_words_is_still_hardly_one() -> None:
    assert lack_articles([BARE + " the"]).all()
    assert not lack_articles([BARE + " the a"]).any()


@given(st.lists(st.text("athe nofwsu.'é\n你", max_size=120), max_size=5))
@settings(deadline=None)
def test_words_are_counted_as_a_plain_reader_counts_them(texts: list[str]) -> None:
    data, bounds = joined_bytes(texts)
    found = articles._counted(data, bounds, *articles._TABLE)
    for text, (n_articles, n_others, n_kinds) in zip(texts, found.tolist(), strict=True):
        words = Counter(re.findall("[a-z]+", text.lower()))
        articles_there = sum(words[word] for word in articles._ARTICLES)
        if articles_there >= articles._ENOUGH:
            assert n_articles == articles._ENOUGH
            continue
        there = [words[word] for word in articles._OTHERS if words[word]]
        assert (n_articles, n_others, n_kinds) == (articles_there, sum(there), len(there))


@given(st.text("aé你😀", max_size=60), st.integers(1990, 2010))
def test_so_many_characters_are_looked_at_whatever_their_bytes(text: str, before: int) -> None:
    whole = "é" * before + text * 3
    data, bounds = joined_bytes([whole])
    expected = whole[: articles._MOST_CHARACTERS].encode()
    assert articles._end(data, bounds[0], bounds[1]) == len(expected)
