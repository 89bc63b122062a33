"""Repairs: worked cases as data, and the laws all of them keep."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.features.normalize import MARKDOWN, REPAIRS, normalize

CASES = Path(__file__).parents[1] / "cases" / "normalize.jsonl"


def _cases() -> Iterator[Any]:
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        why = case.get("known_failure")
        marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
        yield pytest.param(case, id=case["name"], marks=marks)


@pytest.mark.parametrize("case", list(_cases()))
def test_case(case: dict[str, Any]) -> None:
    done = normalize(case["text"], strip_markdown=case.get("strip_markdown", False))
    assert done.text == case.get("want", case["text"])
    assert done.repairs == case["repairs"]


# Text that the repairs fight over: marks, joiners, directions, scripts that mix, white space.
_NASTY = st.text(
    st.sampled_from(
        "aeonI1#*_-`~[]().! \n\t\r\x00\x0c\x7f\x81\x92\xa0\xad\u0301\u0316\u0338\u0344\u034f\u0335"
        "\u0430\u043e\u0441\u0440\u0448\u0406\u03bf\u03b1\u0391\u0585\u05d0\u0627\u064b\u0915\u094d"
        "\u0e01\u1100\u1161\u11a8\u115f\u180b\u1820\u200b\u200c\u200d\u200e\u200f\u2028\u202e\u202f"
        "\u2067\u2060\u20e3\u2126\u210e\u211d\u212b\u2329\u2adc\u3000\u3164\u5927\uac00\ufb01\uff21"
        "\ufe00\ufe0e\ufe0f\ufeff\ufa10\ud83d\ude00\ud800\U0001d41a\U0001d53f\U0001d6fc\U0001f3f4\U0001f469"
        "\U0001f3fd\U0001f680\u2764\U000e0067\U000e0062\U000e007f\U000e0100\U0001d15e\uffff"
    ),
    max_size=40,
)


_TEXT = st.one_of(st.text(max_size=40), _NASTY, st.text(st.characters(), max_size=20))


@given(_TEXT, st.booleans())
@example("a" + "\u0344" * 40, False)
@example("\u2adc\ufe00", False)
@example("A\U0001d53f", False)
@example("- - \n", True)
@example("**" * 20 + "x" + "**" * 20, True)
@example("*_" * 40 + "x y" + "_*" * 40, True)
def test_twice_is_once(text: str, strip_markdown: bool) -> None:
    once = normalize(text, strip_markdown=strip_markdown)
    twice = normalize(once.text, strip_markdown=strip_markdown)
    assert (twice.text, twice.repairs) == (once.text, {})


@given(_TEXT)
def test_repairs_are_counted_if_and_only_if_the_text_changed(text: str) -> None:
    done = normalize(text)
    assert bool(done.repairs) == (done.text != text)
    assert all(count > 0 for count in done.repairs.values())


@given(_TEXT)
def test_result_is_clean(text: str) -> None:
    clean = normalize(text).text
    clean.encode("utf-8")
    assert unicodedata.is_normalized("NFC", clean)
    assert not set("\r\x00\x7f\x85\xa0\xad\u2028\u2060\ufeff") & set(clean)
    assert "\n\n\n" not in clean
    assert " \n" not in clean
    assert clean == clean.strip(" \t\n")


_WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
_SENTENCE = st.lists(_WORD, min_size=1, max_size=12).map(lambda words: f"{' '.join(words)}.")
_PARAGRAPH = st.lists(_SENTENCE, min_size=1, max_size=4).map(" ".join)


@given(st.lists(_PARAGRAPH, max_size=3).map("\n\n".join), st.booleans())
def test_plain_prose_is_left_alone(text: str, strip_markdown: bool) -> None:
    done = normalize(text, strip_markdown=strip_markdown)
    assert (done.text, done.repairs) == (text, {})


def test_each_repair_is_named_once_and_said_in_a_sentence() -> None:
    names = [repair.name for repair in (*REPAIRS, MARKDOWN)]
    assert len(set(names)) == len(names)
    assert all(r.sentence.endswith(".") and ";" in r.sentence for r in (*REPAIRS, MARKDOWN))


def test_repairs_are_reported_in_the_order_of_the_table() -> None:
    done = normalize(" \n\n\n\ufb01 p\u0430y e\u0301\u200b \n\n\n\nx\r")
    assert list(done.repairs) == [r.name for r in REPAIRS if r.name in done.repairs]
    assert len(done.repairs) == 8


def test_every_repair_has_a_case_and_a_negative() -> None:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    repaired = {name for case in cases if "known_failure" not in case for name in case["repairs"]}
    assert repaired == {repair.name for repair in (*REPAIRS, MARKDOWN)}
    assert sum(not case["repairs"] for case in cases) >= 40


_HOSTILE = {
    "marks": "a" + "\u0301\u0316" * 50_000,
    "directions": "\u05d0" + "\u200e" * 100_000,
    "emphasis": "*_" * 50_000,
    "spaces": " " * 100_000,
    "links": "[" * 100_000,
    "lines": "\n" * 100_000,
    "code": "`a" * 50_000,
    "maths": "\U0001d41a" * 50_000,
    "bullets": "- " * 50_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("text", _HOSTILE.values(), ids=_HOSTILE.keys())
def test_hostile_text_ends(text: str) -> None:
    # Quadratic work on any of these would take minutes.
    once = normalize(text, strip_markdown=True).text
    assert normalize(once, strip_markdown=True).repairs == {}
