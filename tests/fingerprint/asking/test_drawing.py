"""Distinct prompts, drawn evenly and balanced, in bounded memory."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from provenance.corpus import Corpus, open_corpus
from provenance.errors import InputError
from provenance.fingerprint.asking.drawing import (
    NEARLY,
    ONE_GROUP,
    QUOTES,
    TRUSTED,
    DrawnPrompts,
    PromptPool,
    allotted,
    draw_prompts,
)
from provenance.fingerprint.asking.prompts import NO_PROMPT, NOT_AN_OPENING, Prompt


def ranked(rank: int, text: str = "x") -> Prompt:
    return Prompt(str(rank), text, (("user", text),), rank, (), ("a", rank))


def pool_of(ranks: Iterable[int], most: int = 3, room: int = 1000) -> PromptPool:
    pool = PromptPool(most, room)
    for rank in ranks:
        pool.add(ranked(rank, "x" * (1 + rank % 7)))
    return pool


@given(st.lists(st.integers(0, 50)), st.integers(1, 5), st.integers(1, 30), st.randoms())
def test_a_pool_holds_the_lowest_whatever_their_order(
    ranks: list[int], most: int, room: int, shuffler: random.Random
) -> None:
    lowest = pool_of(ranks, most, room).lowest()
    assert [one.rank for one in lowest] == sorted({*ranks})[: len(lowest)]
    assert len(lowest) <= most and (len(lowest) < 2 or sum(one.size for one in lowest) <= room)
    shuffler.shuffle(ranks)
    assert pool_of(ranks, most, room).lowest() == lowest


def test_a_pool_is_bounded() -> None:
    pool = PromptPool(most=10, room=100)
    for rank in np.random.default_rng(0).permutation(5000).tolist():
        pool.add(ranked(rank, "x" * 9))
        assert len(pool._held) <= 21 and pool._size <= 209
    assert pool.n_seen == 5000


def test_different_prompts_are_counted_as_long_as_all_are_held() -> None:
    pool = pool_of([5, 1, 5, 1, 9], most=3)
    pool.lowest()
    assert (pool.n_distinct, pool.n_seen, pool.is_whole) == (3, 5, True)


def test_of_more_their_number_is_estimated() -> None:
    rng, most, n = random.Random(7), 2000, 30_000
    pool = PromptPool(most)
    for rank in [rng.getrandbits(64) for _ in range(n)]:
        pool.add(ranked(rank))
    pool.lowest()
    assert not pool.is_whole
    assert abs(pool.n_distinct / n - 1) < 4 / most**0.5


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 1000), min_size=1), st.integers(1, 500))
def test_each_stratum_is_given_its_part(counts: dict[str, int], n: int) -> None:
    due, total = allotted(counts, n), sum(counts.values())
    n = min(n, total)
    assert sum(due.values()) == n
    assert all(abs(due[name] - n * count / total) < 1 for name, count in counts.items())
    assert all(due[name] <= count for name, count in counts.items())


TOPICS = (
    "tides bread glass clocks bees rivers lenses chess ink maps salt kites tea wool stars ferns"
    " coins rust moths opera"
).split()


def questions(n: int) -> list[str]:
    """Different prompts, no two of which are near one another."""
    rng = random.Random(3)
    return [
        f"{' '.join(rng.sample(TOPICS, 6))} or {' '.join(rng.sample(TOPICS, 6))} number {at}?"
        for at in range(n)
    ]


def corpus_of(rows: Sequence[Any], *by: str, **options: Any) -> Corpus:
    return open_corpus(Again(rows), with_said=True, by=by, **options)


class Again:
    """Rows that can be read more than once."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Any:
        return iter(self._rows)


def prompts(drawn: DrawnPrompts) -> list[str]:
    return [one.prompt for one in drawn.prompts]


def test_each_prompt_is_drawn_once_however_often_it_stands() -> None:
    asked = questions(30)
    rows = [{"text": f"t {at}", "prompt": asked[at % 30]} for at in range(90)]
    drawn = draw_prompts(corpus_of(rows), 100)
    assert sorted(prompts(drawn)) == sorted(asked)
    assert (drawn.n_documents, drawn.n_asked, drawn.n_distinct) == (90, 90, 30)
    assert drawn.is_counted and not drawn.left_out and not drawn.passed_over


@pytest.mark.slow
def test_a_draw_is_even_and_the_seed_makes_it() -> None:
    """A prompt that stands in half of the rows is drawn as often as any other."""
    asked = questions(20)
    rows = [{"text": "t", "prompt": one} for one in [*asked, *asked[:1] * 20]]
    n_draws = 40
    drawn = Counter(
        one
        for seed in range(n_draws)
        for one in prompts(draw_prompts(corpus_of(rows), 5, seed=seed))
    )
    assert drawn.total() == 5 * n_draws
    # Each of 20 in a quarter of the draws: none so often or so rarely once in 1,000 such tests.
    low, high = stats.binom(n_draws, 0.25).interval(1 - 1e-3 / 20)
    assert all(low <= drawn[one] <= high for one in asked)


def test_order_and_copies_change_nothing() -> None:
    asked = questions(40)
    rows = [{"text": "t", "prompt": one} for one in asked]
    drawn = prompts(draw_prompts(corpus_of(rows), 7, seed=5))
    assert prompts(draw_prompts(corpus_of(rows[::-1] + rows[:9]), 7, seed=5)) == drawn
    assert len(drawn) == 7


def test_fields_and_lengths_have_their_parts() -> None:
    short, long = questions(60), [f"{one} {' '.join(TOPICS)}" for one in questions(140)[100:]]
    rows = [{"text": "t", "prompt": one, "kind": "ab"[at % 3 > 0]} for at, one in enumerate(short)]
    rows += [{"text": "t", "prompt": one, "kind": "b"} for one in long]
    for seed in range(5):
        drawn = draw_prompts(corpus_of(rows, "kind"), 20, seed=seed)
        # 20 of a, 40 of b, and of b 40 long ones.
        n = Counter(one.stratum[0] for one in drawn.prompts)
        n_long = sum(one.prompt in long for one in drawn.prompts)
        assert abs(n["a"] - 4) <= 1 and abs(n_long - 8) <= 2


def test_what_is_left_out_is_counted() -> None:
    asked, answer = questions(6), " ".join(f"word{number}" for number in range(40))
    rows = [
        {"text": "No prompt."},
        {"text": answer, "prompt": asked[0]},
        {"text": "Short.", "prompt": f"Shorten: {answer}"},
        {"text": "t", "prompt": asked[1]},
        {"text": "t", "prompt": asked[1].replace("?", " ?").title()},
        {"text": "t", "prompt": " ".join(TOPICS * 2)},
        {"text": "t", "prompt": " ".join(TOPICS * 2) + " once more"},
        {"text": "t", "prompt": asked[2], "day": "2019-05-01"},
    ]
    chat = [
        {"role": "user", "content": asked[3]},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": asked[4]},
        {"role": "assistant", "content": "Yes!"},
    ]
    corpus = open_corpus(Again(rows), with_said=True, date_field="day")
    drawn = draw_prompts(corpus, 50, is_trusted=lambda document: document.date is not None)
    assert drawn.left_out == {NO_PROMPT: 1, TRUSTED: 1}
    assert drawn.passed_over == {QUOTES: 1, NEARLY: 1}
    assert len(drawn.prompts) == 3 and asked[0] in prompts(drawn)
    # Of a conversation one prompt; the one behind an answer holds what was said.
    corpus = open_corpus(Again([{"messages": chat}]), with_said=True)
    drawn = draw_prompts(corpus, 50)
    assert (len(drawn.prompts), drawn.passed_over) == (1, {ONE_GROUP: 1})
    assert drawn.n_continuing == (prompts(drawn) == [asked[4]])
    drawn = draw_prompts(corpus, 50, openings=True)
    assert (prompts(drawn), drawn.left_out, drawn.n_continuing) == (
        [asked[3]],
        {NOT_AN_OPENING: 1},
        0,
    )


def test_of_a_group_that_was_named_one_prompt_is_drawn() -> None:
    rows = [
        {"id": n // 2, "text": "Yes.", "prompt": f"What is {word}, then?", "thread": thread}
        for n, (word, thread) in enumerate(
            [("a tide", "x"), ("bread", "x"), ("glass", ""), ("chess", ""), ("ink", None)]
        )
    ]
    grouped = draw_prompts(open_corpus(Again(rows), with_said=True, group_field="thread"), 50)
    assert (len(grouped.prompts), grouped.passed_over) == (4, {ONE_GROUP: 1})
    assert len(draw_prompts(open_corpus(Again(rows), with_said=True), 50).prompts) == 5


def test_others_take_the_places_of_what_is_passed_over() -> None:
    near = [f"{' '.join(TOPICS * 3)} number {at}" for at in range(30)]
    rows = [{"text": "t", "prompt": one} for one in [*near, *questions(30)]]
    drawn = draw_prompts(corpus_of(rows), 20)
    assert len(drawn.prompts) == 20
    assert sum(one in near for one in prompts(drawn)) == 1


def test_tokens_of_all_messages_are_counted() -> None:
    rows = [{"text": "t", "prompt": "one two three"}, {"text": "t", "prompt": "four"}]
    assert draw_prompts(corpus_of(rows), 5).n_tokens == 4


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"text": "one"}, {"text": "two"}], "2 without a prompt"),
        ([{"text": "one", "prompt": ""}], "1 without a prompt"),
        ([{"text": (w := " ".join(TOPICS * 3)), "prompt": w}], "1 that quote an answer"),
    ],
)
def test_a_corpus_without_prompts_is_refused_in_one_paragraph(rows: list[Any], told: str) -> None:
    with pytest.raises(InputError) as caught:
        draw_prompts(corpus_of(rows), 5)
    assert told in str(caught.value) and "--prompt-field" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "asked_for", "remedy"),
    [
        ({"text": "Yes."}, {}, "--prompt-field"),
        ({"text": "Yes.", "prompt": "Why?"}, {"is_trusted": bool}, "an earlier day"),
        ({"text": "Yes.", "prompt": "Why? " * 20_000}, {}, "a sample of the API on other prompts"),
        (
            {
                "text": "Yes.",
                "prompt": [
                    {"role": role, "content": f"So, {role}?"}
                    for role in ("user", "assistant", "user")
                ],
            },
            {"openings": True},
            "Leave out --openings",
        ),
    ],
)
def test_the_remedy_is_of_what_most_prompts_lack(
    row: dict[str, Any], asked_for: dict[str, Any], remedy: str
) -> None:
    with pytest.raises(InputError) as caught:
        draw_prompts(corpus_of([row]), 5, **asked_for)
    told = caught.value.remedy or ""
    assert remedy in told and told.count("--") == ("API" not in remedy)
