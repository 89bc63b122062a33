"""Limits that keep nothing, or that no file could hold, are refused."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.errors import InputError
from provenance.fingerprint.sample import Limits

ABSURD: tuple[Any, ...] = (0, -1, 1 << 62, 10**5000, True, 3.0, float("inf"), "7", None)


@pytest.mark.parametrize("place", range(len(ABSURD)))
@pytest.mark.parametrize("name", ["rows", "row_tokens"])
def test_absurd_limits_are_refused(name: str, place: int) -> None:
    with pytest.raises(InputError, match=f"the limit {name} is out of bounds"):
        Limits(**{name: ABSURD[place]})


def test_the_ends_are_allowed() -> None:
    assert Limits(1, (1 << 62) - 1).meet(Limits()) == Limits(1, 2_000_000)
