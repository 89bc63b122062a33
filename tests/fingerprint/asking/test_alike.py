"""Near-duplicates by their sketches, and quotes by their runs of words."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.fingerprint.asking.alike import WINDOW, Quotes, Sketches, sketch
from provenance.fingerprint.asking.prompts import Prompt


def words(start: int, end: int) -> str:
    return " ".join(f"word{number}" for number in range(start, end))


def asked(text: str, rank: int = 0, before: str = "") -> Prompt:
    said = (("user", before), ("assistant", words(500, 600)), ("user", text))
    return Prompt(str(rank), text, said if before else said[2:], rank, (), ("a", rank))


@pytest.mark.parametrize("n_shared", [0, 50, 90, 99])
def test_sketches_agree_in_as_many_places_as_texts_share(n_shared: int) -> None:
    # 100 pairs each, of which so many are both texts': Jaccard n / (200 - n).
    first, second = words(0, 101), words(100 - n_shared, 201 - n_shared)
    truth = n_shared / (200 - n_shared)
    error = np.sqrt(truth * (1 - truth) / 128)
    assert abs(float((sketch(first) == sketch(second)).mean()) - truth) <= 4 * error


def test_a_prompt_is_near_one_that_differs_by_a_word() -> None:
    held = Sketches(2)
    held.add(sketch(words(0, 60)))
    held.add(sketch("What is the capital of France?"))
    assert held.holds(sketch(words(0, 59) + " another"))
    assert held.holds(sketch("what is the capital of  FRANCE?"))
    assert not held.holds(sketch("What is the capital of Peru?"))
    assert not held.holds(sketch(words(0, 30) + words(70, 100)))
    assert not held.holds(sketch(""))


def quoting(prompts: list[Prompt], *answers: str) -> set[int]:
    quotes = Quotes(prompts)
    quotes.look_in(answers)
    return quotes.ranks


def test_a_run_of_an_answer_is_a_quote_from_32_words_on() -> None:
    answer = words(0, 100)
    prompts = [asked(f"Shorten: {words(20, 20 + n)} please", n) for n in (WINDOW - 1, WINDOW, 60)]
    assert quoting(prompts, words(200, 300), answer) == {WINDOW, 60}
    assert quoting(prompts, answer.upper().replace(" ", "\n")) == {WINDOW, 60}
    assert quoting(prompts, words(20, 20 + WINDOW - 1)) == set()
    assert quoting([], answer) == quoting([asked("Hi")], "Yes?", answer, "") == set()


def test_earlier_words_of_the_user_count_and_those_of_others_do_not() -> None:
    prompts = [asked("Go on", 1, before=words(0, 50)), asked("Go on", 2, before="Hi")]
    assert quoting(prompts, words(0, 50)) == {1}
    assert quoting(prompts, words(500, 600)) == set()


def test_no_run_goes_over_from_one_turn_to_the_next() -> None:
    prompt = asked(words(20, 40), before=words(0, 20))
    assert quoting([prompt], words(0, 40)) == set()


def test_the_form_of_many_prompts_is_no_quote() -> None:
    form = words(0, 40)
    prompts = [asked(f"{form} about {topic}", n) for n, topic in enumerate("abcd")]
    assert quoting(prompts, form) == set()
    assert quoting(prompts[:3], form) == {0, 1, 2}
