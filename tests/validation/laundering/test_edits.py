"""Each edit worked by hand, and how much of a text it changes."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_edits import ANY_TEXT, LONG, RATES, draw, outcomes

from provenance.validation.laundering.edits import scrub, sentences
from provenance.validation.laundering.table import launder


@given(text=ANY_TEXT)
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


@given(
    texts=st.lists(st.sampled_from(["Go on.", "Why?", "A title", "It is (so).", "“No!”", "好。"])),
    gaps=st.lists(st.sampled_from(["\n", "\n\n"]), min_size=8, max_size=8),
    strength=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_a_shuffle_keeps_the_sentences(
    texts: list[str], gaps: list[str], strength: float, seed: int
) -> None:
    text = "".join(a + b for a, b in zip(texts, gaps, strict=False)).rstrip()
    shuffled = launder(text, "sentence_shuffle", strength, draw(seed))
    before, after = (Counter(map(str.strip, sentences(t))) for t in (text, shuffled))
    assert before == after


@given(text=ANY_TEXT, strength=st.floats(0, 1), seed=st.integers(0, 9))
def test_what_is_left_is_part_of_the_text(text: str, strength: float, seed: int) -> None:
    assert launder(text, "truncation", strength, draw(seed)) in text
    left = iter(launder(text, "word_drop", strength, draw(seed)))
    rest = iter(text)
    assert all(character in rest for character in left)
    kept = iter(sentences(text))
    assert all(s in kept for s in sentences(launder(text, "sentence_drop", strength, draw(seed))))


@given(text=ANY_TEXT, strength=st.floats(0, 1), seed=st.integers(0, 9))
def test_swapping_words_keeps_them(text: str, strength: float, seed: int) -> None:
    swapped = launder(text, "word_swap", strength, draw(seed))
    assert Counter(swapped) == Counter(text)
    assert [*map(len, re.split(r"\S+", swapped))] == [*map(len, re.split(r"\S+", text))]


# --- realised rates ------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
def test_words_dropped(rate: float) -> None:
    left = len(launder(LONG, "word_drop", rate, draw(1)).split())
    assert left / len(LONG.split()) == pytest.approx(1 - rate, abs=0.002)


@pytest.mark.parametrize("rate", RATES)
def test_words_cut(rate: float) -> None:
    left = len(launder(LONG, "truncation", rate, draw(1)).split())
    assert left / len(LONG.split()) == pytest.approx(1 - rate, abs=0.002)


@pytest.mark.parametrize(("name", "bound"), [("word_swap", 0.005), ("typos", 0.01), ("case", 0.0)])
@pytest.mark.parametrize("rate", RATES)
def test_words_changed(name: str, bound: float, rate: float) -> None:
    # Every word is of two letters or more, no two neighbours are the same, no case is right.
    text = " ".join(f"Wo{letter}D" for letter in "abcdefghij" * 100)
    laundered = launder(text, name, rate, draw(2)).split()
    changed = np.mean([a != b for a, b in zip(text.split(), laundered, strict=True)])
    assert changed == pytest.approx(rate, abs=bound + 0.001)


@pytest.mark.parametrize("rate", RATES)
def test_letters_disguised(rate: float) -> None:
    n_letters = sum(c.isascii() and c.isalpha() for c in LONG)
    laundered = launder(LONG, "homoglyphs", rate, draw(4))
    n_foreign = sum(not c.isascii() for c in laundered)
    assert n_foreign / n_letters == pytest.approx(rate, abs=0.001)


@pytest.mark.parametrize("rate", RATES)
def test_gaps_changed(rate: float) -> None:
    changed = [gap != " " for gap in re.findall(r"\s+", launder(LONG, "whitespace", rate, draw(5)))]
    assert np.mean(changed) == pytest.approx(rate, abs=0.002)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.7])
def test_sentences_dropped_and_moved(rate: float) -> None:
    before = sentences(LONG)
    dropped = sentences(launder(LONG, "sentence_drop", rate, draw(6)))
    moved = sentences(launder(LONG, "sentence_shuffle", rate, draw(6)))
    assert len(dropped) == len(before) - round(60 * rate)
    assert sum(a.strip() != b.strip() for a, b in zip(before, moved, strict=True)) == round(
        60 * rate
    )


def test_a_rate_too_small_for_a_text_is_met_on_average() -> None:
    dropped = [
        10 - len(launder("a b c d e f g h i j", "word_drop", 0.03, draw(s)).split())
        for s in range(2000)
    ]
    assert set(dropped) == {0, 1}
    assert np.mean(dropped) == pytest.approx(0.3, abs=0.05)


# --- by hand -------------------------------------------------------------------------------------


def test_truncation() -> None:
    assert outcomes("a b\nc  d e f", "truncation", 0.5) == {"a b\nc", "d e f", "b\nc  d"}
    assert outcomes("a b", "truncation", 1.0) == {""}
    assert outcomes("你好世界", "truncation", 0.5) == {"你好", "世界", "好世"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("# One\n### Two", "One\nTwo"),
        ("**b** *i* ***bi*** __b__ _i_ ~~s~~ `c`", "b i bi b i s c"),
        ("- a\n* b\n  + c\n• d", "a\nb\nc\nd"),
        ("1. a\n2) b", "a\nb"),
        ("> said\n\n---\nend", "said\n\nend"),
        ("```python\nx = 1\n```\nso", "x = 1\nso"),
        ('see [this](https://a.b/c) and ![that](d.png "t")', "see this and that"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a  b\n1  2"),
        ("2 * 3 * 4, snake_case_name, a|b, #tag", "2 * 3 * 4, snake_case_name, a|b, #tag"),
    ],
)
def test_markdown(text: str, plain: str) -> None:
    assert outcomes(text, "markdown") == {plain}


def test_part_of_the_markdown() -> None:
    assert outcomes("**a** **b**", "markdown", 0.5) == {"a **b**", "**a** b"}


def test_case() -> None:
    assert outcomes("Don't go, USA", "case") == {"don't go, usa", "DON'T GO, USA", "Don't Go, Usa"}


def test_whitespace() -> None:
    assert outcomes("a\n\nb", "whitespace") == {"a b"}
    assert outcomes("a b", "whitespace") == {"a  b", "a\tb", "a\xa0b", "a \xa0b"}


def test_homoglyphs() -> None:
    found = outcomes("b", "homoglyphs")
    assert found == {f"b{hidden}" for hidden in "\u200b\u200c\u200d\u2060\ufeff"}
    assert outcomes("a", "homoglyphs") == {f"a{hidden[1]}" for hidden in found} | {"\u0430"}
    assert outcomes("12, 你", "homoglyphs") == {"12, 你"}


def test_punctuation() -> None:
    assert outcomes("“It’s” — a, b, and c…", "punctuation") == {'"It\'s" - a, b and c...'}
    assert outcomes('"It\'s" - a, b, or c...', "punctuation") == {"“It’s”—a, b or c…"}


def test_sentences() -> None:
    text = 'Title\n\n1. Go (now). "Why?" he said! 好。坏。 end'
    assert sentences(text) == [
        "Title\n\n",
        "1. Go (now). ",
        '"Why?" ',
        "he said! ",
        "好。",
        "坏。 ",
        "end",
    ]
    assert sentences("") == []


def test_sentence_shuffle_and_drop() -> None:
    assert outcomes("A. B.", "sentence_shuffle") == {"B.\nA."}
    assert outcomes("A.", "sentence_shuffle") == {"A."}
    assert outcomes("A. B. C.", "sentence_shuffle") == {"B. C.\nA.", "C.\nA. B."}
    assert outcomes("A. B.", "sentence_drop", 0.5) == {"A. ", "B."}


def test_words_drop_and_swap() -> None:
    assert outcomes("a b c", "word_drop", 1 / 3) >= {"b c", "a c", "a b "}
    assert outcomes("a  b\nc d", "word_swap") == {"b  a\nd c"}
    assert outcomes("a b c", "word_swap") == {"b a c", "a c b"}
    assert outcomes("a", "word_swap") == {"a"}


def test_typos() -> None:
    assert outcomes("as", "typos") == {"a", "sa", "ad", "ass"}
    assert outcomes("a 1 好", "typos") == {"a 1 好"}
    assert "as" not in outcomes("as", "typos") and "oo" not in outcomes("oo", "typos")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("As an AI language model, I can't.", {"I can't."}),
        ("As an AI language model developed by OpenAI, I can't.", {"I can't."}),
        ("I'm an AI assistant created by Anthropic.", {"I'm a writer."}),
        ("Ask ChatGPT now", {"Ask now", "Ask the assistant now", "Ask Nova now"}),
        ("GPT-4-turbo.", {".", "the assistant.", "Nova."}),
        ("by OpenAI", {"by ", "by the company", "by Acme"}),
        ("as a model of bards", {"as a model of bards"}),
    ],
)
def test_identity(text: str, found: set[str]) -> None:
    assert outcomes(text, "identity") == found


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Sure! Here's a list:\n\n- a\n\nI hope this helps! Let me know.", "- a"),
        ("<|im_start|>assistant a</s>", "assistant a"),
        ("ChatGPT said:\nyes\nCopy code\n2 / 3\n", "yes\n"),
        ("### Response:\nyes [1]【4†source】", "yes "),
        ("Surely a is b: so", "Surely a is b: so"),
    ],
)
def test_interface_debris(text: str, plain: str) -> None:
    assert outcomes(text, "interface_debris") == {plain}


def test_html() -> None:
    html = '<p>One<br/>two &amp; <b class="x">three</b></p><!-- no -->&nbsp;1 < 2'
    assert outcomes(html, "html") == {"One\ntwo & three\n 1 < 2"}


def test_articles() -> None:
    assert outcomes("The man saw a dog, an ant; theatre", "articles") == {
        "man saw dog, ant; theatre"
    }
    assert len(outcomes("The man saw a dog", "articles", 0.5)) == 2


def test_hidden_characters() -> None:
    found = outcomes("So a soup", "hidden_characters")
    assert all(len(text) == 11 and text[2] + text[7:] != "  soup" for text in found)
    assert {text.encode("ascii", "ignore") for text in found} == {b"So a soup"}


def test_a_name_is_written_over_and_every_claim_kept() -> None:
    found = outcomes("I am ChatGPT, made by OpenAI.", "identity_rewrite")
    assert found == {
        "I am Nova, made by Acme.",
        "I am Orion, made by Northwind Labs.",
        "I am Aria, made by Bluefield.",
    }


def test_words_are_scrubbed() -> None:
    edit = scrub(["Delve", "soup"])
    assert edit("Delve into soups, delve in soup.", 1.0, draw()) == "into soups, in ."
    assert edit("Delve", 0.0, draw()) == "Delve"
