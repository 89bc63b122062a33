"""The n-gram language model: worked by hand, and the laws a source of text has to keep."""

from __future__ import annotations

import ast
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import InputError
from provenance.simulate import words
from provenance.simulate.words import NGramModel, library_texts

SMALL = NGramModel.fit(
    [
        "the cat sat on the mat and the dog sat on the cat",
        "a dog and a cat sat",
        "on the mat the dog lay",
    ]
)


def draw(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def distance(first: str, second: str) -> float:
    """Total variation of the words of two texts."""
    one, other = Counter(first.split()), Counter(second.split())
    sizes = one.total(), other.total()
    return sum(abs(one[w] / sizes[0] - other[w] / sizes[1]) for w in one | other) / 2


def test_a_text_of_one_word_is_written_again_and_again() -> None:
    model = NGramModel.fit(["a"], order=1)
    written = model.sample(draw(0), 50)
    assert model.vocabulary == ("", "a")
    assert set(written.split("\n\n")) <= {" ".join("a" * n) for n in range(1, 51)}
    assert written.split() == ["a"] * 50


def test_words_are_as_frequent_as_they_were() -> None:
    words = Counter(NGramModel.fit(["a a a b"], order=1).sample(draw(1), 20_000).split())
    assert words["a"] / 20_000 == pytest.approx(0.75, abs=0.015)


def test_what_follows_depends_on_the_word_before() -> None:
    model = NGramModel.fit(["x 1", "y 2"] * 5, order=2)
    words = model.sample(draw(2), 4000).replace("\n\n", " . ").split()
    after_x = Counter(word for before, word in pairwise(words) if before == "x")
    assert after_x["1"] > 0.9 * after_x.total()


def test_a_longer_order_reads_a_longer_context() -> None:
    texts = ["a b c", "d b e"]
    longest = NGramModel.fit(texts, order=3)
    assert longest.order == 3
    pairs = Counter(tuple(part.split()[:3]) for part in longest.sample(draw(3), 6000).split("\n\n"))
    assert pairs["a", "b", "c"] > 5 * pairs["a", "b", "e"]


def test_a_low_temperature_takes_the_likeliest_word() -> None:
    model = NGramModel.fit(["a b", "a b", "a c"], order=2)
    warm, cold = (model.sample(draw(4), 3000, temperature=t) for t in (1.0, 0.02))
    assert "a c" in warm
    assert "a c" not in cold


def test_no_temperature_overflows() -> None:
    for temperature in (1e-3, 1e6):
        assert len(SMALL.sample(draw(5), 40, temperature=temperature).split()) == 40


@given(st.integers(0, 200), st.integers(0, 2**32), st.integers(1, 4))
def test_a_text_has_the_words_asked_for_and_no_others(n_words: int, seed: int, order: int) -> None:
    model = NGramModel.fit(["the cat sat", "a dog sat on the cat"], order)
    words = model.sample(draw(seed), n_words).split()
    assert len(words) == n_words
    assert {*words} <= {*model.vocabulary}


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_one_seed_gives_one_text(temperature: float) -> None:
    texts = [SMALL.sample(draw(seed), 60, temperature) for seed in (6, 6, 7)]
    assert texts[0] == texts[1] != texts[2]


def test_a_distorted_model_is_another_and_leaves_the_first_as_it_was() -> None:
    before = SMALL.sample(draw(8), 3000)
    other = SMALL.distorted(1.0, draw(9))
    chance = distance(before, SMALL.sample(draw(10), 3000))
    assert distance(before, other.sample(draw(10), 3000)) > 3 * chance
    assert SMALL.sample(draw(8), 3000) == before
    assert other.sample(draw(8), 60) == SMALL.distorted(1.0, draw(9)).sample(draw(8), 60)


def test_no_strength_distorts_nothing() -> None:
    same = SMALL.distorted(0.0, draw(11))
    assert same.sample(draw(12), 100) == SMALL.sample(draw(12), 100)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_is_above_zero(temperature: float) -> None:
    with pytest.raises(InputError, match="temperature"):
        SMALL.sample(draw(0), 1, temperature)


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(InputError, match="order is 0"):
        NGramModel.fit(["a"], order=0)
    with pytest.raises(InputError, match="no word"):
        NGramModel.fit(["", " \n"])
    with pytest.raises(InputError, match="strength"):
        SMALL.distorted(-1.0, draw(0))


def test_the_library_holds_much_text() -> None:
    assert sum(len(text.split()) for text in library_texts()) > 50_000


def test_the_library_is_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_MODULES", words._MODULES[::10])
    texts = library_texts()
    words._docstrings.cache_clear()
    assert texts == library_texts()


HOLDERS = """
async def a():
    with b:
        def c(): "c"
    async for d in e:
        class F: "F"
    else:
        def g(h=lambda: 0): "g"
try:
    def i(): "i"
except (j := Exception):
    class K:
        def l(self): "l"
else:
    async def m(): "m"
finally:
    def n(): "n"
match o:
    case p if p:
        def q(): "q"
    case _:
        while r:
            def s(): "s"
if t:
    def u(): "u"
elif v:
    class W: "W"
else:
    def x(): "x"
try:
    def y(): "y"
except* Exception:
    def z(): "z"
"""


def test_docstrings_come_in_the_order_of_the_tree() -> None:
    """The text of the library, and all that is made of it, is the same from release to release."""
    for source in (HOLDERS, Path(ast.__file__).read_text("utf-8")):
        module = ast.parse(source)
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        walked = [node for node in ast.walk(module) if isinstance(node, kinds)]
        assert [*words._documented(module)] == walked
        assert len(walked) >= 16


def test_a_missing_module_is_left_out() -> None:
    assert words._docstrings("no_such_module") == []
    assert words._docstrings("no_such_package.module") == []
    assert words._docstrings("sys") == []


def test_a_python_without_any_text_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_topics", list)
    monkeypatch.setattr(words, "_MODULES", ())
    with pytest.raises(InputError, match="complete Python"):
        library_texts()
