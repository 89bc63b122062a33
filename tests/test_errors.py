"""What a user can put right: sentences in their order, whole after a worker sent it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from provenance.errors import InputError


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
