"""What a user can put right: sentences in their order, whole after a worker sent it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from provenance.errors import InputError, require_number, require_whole


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "got."),
        ({"where": "a:3"}, "a:3: got."),
        ({"expected": "other"}, "got. Expected other."),
        ({"remedy": "Do it."}, "got. Do it."),
        ({"where": "a", "expected": "b.", "remedy": "C"}, "a: got. Expected b. C."),
    ],
)
def test_an_error_is_one_paragraph(parts: dict[str, Any], said: str) -> None:
    assert str(InputError("got", **parts)) == said


def test_an_error_comes_back_whole_from_a_worker() -> None:
    error = InputError("got", where="a:3", expected="b", remedy="C")
    back = pickle.loads(pickle.dumps(error))
    assert (str(back), vars(back)) == (str(error), vars(error))


WHOLE = [(1, True), (9, True), (0, False), (10, False), (2.0, False), (True, False), ("5", False)]
NUMBERS = [(0, True), (1, True), (0.5, True), (-0.1, False), (1.1, False), ("5", False)]
NEVER: list[Any] = [
    float("nan"),
    float("inf"),
    -float("inf"),
    10**400,
    10**5000,
    None,
    [],
    "",
    "x" * 999,
]


def kind_of(value: object) -> str:
    """Python refuses to write a number of five thousand digits."""
    return type(value).__name__


@pytest.mark.parametrize(
    ("value", "is_whole"), WHOLE + [(value, False) for value in NEVER], ids=kind_of
)
def test_whole_numbers(value: Any, is_whole: bool) -> None:
    if is_whole:
        assert require_whole("n", value, 1, 9) == value
        return
    with pytest.raises(InputError, match=r"n is .*Expected a whole number from 1 to 9") as caught:
        require_whole("n", value, 1, 9)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "is_number"), NUMBERS + [(value, False) for value in NEVER], ids=kind_of
)
def test_numbers_between_0_and_1(value: Any, is_number: bool) -> None:
    if is_number:
        assert require_number("n", value) == value
        return
    with pytest.raises(InputError, match=r"n is .*Expected a number in \[0, 1\]") as caught:
        require_number("n", value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0])
def test_ends_may_be_refused(value: float) -> None:
    with pytest.raises(InputError, match=r"a number in \(0, 1\)"):
        require_number("n", value, within=True)


def test_numbers_of_other_libraries_will_do() -> None:
    np = pytest.importorskip("numpy")
    assert require_whole("n", np.int64(3), 1) == 3
    assert require_number("n", np.float32(0.5)) == 0.5
