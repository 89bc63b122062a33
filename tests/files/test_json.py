"""Records to plain values and back; whatever is wrong is named by its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import InputError
from provenance.files.json import decode, plain

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    size: float
    kind: Literal["a", "b"] = "a"


@dataclass(frozen=True, slots=True)
class Whole:
    parts: tuple[Part, ...]
    pair: tuple[int, int] | None
    notes: Mapping[str, int]
    anything: Any = None
    flag: bool = False


WHOLE = {"parts": [{"name": "x", "size": 1}], "pair": [1, 2], "notes": {"n": 3}}


def test_plain_and_decode_are_inverse() -> None:
    whole = Whole((Part("x", 1.5, "b"),), (1, 2), {"n": 3}, {"k": [1, None]}, flag=True)
    assert decode(Whole, plain(whole), "") == whole


@given(json_values)
def test_plain_leaves_json_as_it_is(value: Any) -> None:
    assert plain(value) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.arange(3), [0, 1, 2]),
        ((1, (2,)), [1, [2]]),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_plain(value: object, expected: object) -> None:
    assert plain(value) == expected


def test_keys_of_mappings_are_sorted() -> None:
    assert list(plain({"b": 1, "a": {"d": 1, "c": 2}})) == ["a", "b"]


def _deep(depth: int) -> object:
    value: object = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1.0, float("nan")]}, r"^a|\['a'\]\[1\]: nan is not a finite"),
        ({"a": float("inf")}, "inf is not a finite"),
        ({"a": np.float64("nan")}, "nan is not a finite"),
        ({"a": np.array([1.0, np.inf])}, "inf is not a finite"),
        ({"a": 2**64}, "more than 64 bits"),
        ({1: 2}, "key that is not a string"),
        ({"a": {1, 2}}, "a set cannot be written"),
        ({"a": b"x"}, "a bytes cannot be written"),
        (_deep(100), "nested deeper"),
    ],
)
def test_plain_refuses(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plain(value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parts": None}, "`parts` is null. Expected a list"),
        ({"parts": [3]}, "`parts[0]` is 3. Expected an object"),
        ({"parts": [{"size": 1}]}, "`parts[0].name` is missing"),
        ({"parts": [{"name": 1, "size": 1}]}, "`parts[0].name` is 1. Expected a string"),
        ({"parts": [{"name": "x", "size": "1"}]}, "`parts[0].size` is the string '1'"),
        ({"parts": [{"name": "x", "size": True}]}, "`parts[0].size` is true. Expected a number"),
        ({"parts": [{"name": "x", "size": float("nan")}]}, "parts[0].size: nan is not a finite"),
        ({"parts": [{"name": "x", "size": 1, "kind": "c"}]}, 'Expected one of "a", "b"'),
        ({"parts": [{"name": "x", "size": 1, "kind": ["a"]}]}, "`parts[0].kind` is a list"),
        ({"pair": [1]}, "`pair` has 1 items. Expected 2"),
        ({"pair": [1, 2.5]}, "`pair[1]` is 2.5. Expected a whole number"),
        ({"notes": [1]}, "`notes` is a list. Expected an object"),
        ({"notes": {"\x1b[2J": "x"}}, r"`notes['\x1b[2J']` is the string 'x'"),
        ({"anything": _deep(900)}, "nested deeper"),
        ({"flag": 1}, "`flag` is 1. Expected true or false"),
        ({"flag": "\x1b" * 500}, r"\x1b"),
    ],
)
def test_decode_names_the_key(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(Whole, WHOLE | change, "")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_unknown_keys_are_passed_over() -> None:
    assert decode(Whole, WHOLE | {"later": 1}, "") == decode(Whole, WHOLE, "")


@given(json_values)
def test_decode_fails_only_with_input_errors(value: Any) -> None:
    with pytest.raises(InputError):
        decode(Whole, {"parts": [], "pair": None, "notes": value, "flag": None}, "")
