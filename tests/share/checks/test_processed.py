"""Samples that were treated unlike all others are told, and no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from known_text import SPEC, rows, texts

from provenance import Fingerprint, fit_fingerprint
from provenance.records import Diagnostic
from provenance.share.checks.processed import processed_checks
from provenance.share.sources import FEWEST_MODELS, Sources

Edit = Callable[[str], str]
WIDE = replace(SPEC, word_bits=18)
"""Few words share a bucket."""


SMALL = ("the", "of", "and", "to", "in", "is", "a")


def written(text: str) -> str:
    """Small words by turns before every second word, and no marks."""
    words = text.replace(".", "").lower().split()
    return " ".join(
        word if at % 2 else f"{SMALL[at // 2 % len(SMALL)]} {word}" for at, word in enumerate(words)
    )


def no_article(text: str) -> str:
    return " ".join(word for word in text.split() if word != "the")


def no_small_word(text: str) -> str:
    return " ".join(word for word in text.split() if word not in {"the", "of"})


def twice(text: str) -> str:
    return f"{text}\n\n{text}"


def as_it_is(text: str) -> str:
    return text


def measured(name: str, edit: Edit) -> Fingerprint:
    found = [edit(written(text)) for text in texts(name, 60, 0, (20, 30))]
    return fit_fingerprint(iter(rows(found)), name, WIDE)


def told(
    own: Edit, others: Edit, role: str = "panel", count: int = FEWEST_MODELS
) -> list[Diagnostic]:
    names = ("alpha", "beta", "gamma", "delta", "human", "sixth")
    prints = [measured(name, others if at else own) for at, name in enumerate(names[: count + 1])]
    return processed_checks(Sources(tuple(prints), ("candidate", *count * (role,))))


@pytest.mark.parametrize("edit", [as_it_is, no_article, no_small_word, twice])
def test_samples_that_were_treated_alike_are_not_told(edit: Edit) -> None:
    assert told(edit, edit) == []


@pytest.mark.parametrize("edit", [no_article, no_small_word])
def test_words_that_all_others_use_are_told(edit: Edit) -> None:
    (check,) = told(edit, as_it_is)
    assert (check.name, check.verdict) == ("processed[alpha]", "fail")
    assert check.statistic is not None and check.statistic >= 1
    assert "alpha all but lacks what the others often hold (“the”" in check.sentence


def test_words_that_no_other_uses_are_told() -> None:
    (check,) = told(as_it_is, no_article)
    assert check.verdict == "fail"
    assert "The other samples all but lack what that of alpha often holds (“the”" in check.sentence


def test_a_word_that_one_text_repeats_is_no_treatment() -> None:
    def repeating(text: str) -> str:
        return text + " again" * 60 * text.startswith("the b")

    repeated = [repeating(written(text)) for text in texts("alpha", 60, 0, (20, 30))]
    assert sum("again" in text for text in repeated) < 0.3 * len(repeated)
    assert told(repeating, as_it_is) == []


@pytest.mark.parametrize(("own", "others"), [(twice, as_it_is), (as_it_is, twice)])
def test_text_said_twice_is_told(own: Edit, others: Edit) -> None:
    (check,) = told(own, others)
    assert "all is said twice" in check.sentence


@pytest.mark.parametrize(("role", "count"), [("reference", 1), ("panel", FEWEST_MODELS - 1)])
def test_beside_people_or_few_models_one_word_is_not_enough(role: str, count: int) -> None:
    assert told(no_article, as_it_is, role, count) == []
    assert len(told(no_small_word, as_it_is, role, count)) == 1
