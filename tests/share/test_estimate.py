"""Which ends can still be defended where a check failed."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.records import Diagnostic
from provenance.share.estimate import Estimate
from provenance.share.mixture import Mixture
from provenance.share.shift import ShiftedShare

SHIFTED = ShiftedShare(0.1, 0.0, 0.5, 2, 0.0, (0.0, 0.0, 0.0, 0.0))


def estimate(is_open: bool, is_shifted: bool) -> Estimate:
    halves = np.array([0.5, 0.5])
    mixture = Mixture(
        halves, np.zeros(2), np.ones(2), {}, halves, {0: 0.5}, {0: 0.5} if is_open else {}
    )
    found = {"documents": SHIFTED} if is_shifted else {}
    return Estimate({"documents": mixture}, (), found)


def checks(*failed: str) -> list[Diagnostic]:
    kinds = ("fit[a]", "shift[a]", "size", "prompts", "siblings[a]", "separable[fit]", "fits[a]")
    return [
        Diagnostic(
            name=name,
            verdict="fail" if name in failed else "warn",
            statistic=None,
            limit=None,
            sentence="",
        )
        for name in kinds
    ]


@pytest.mark.parametrize(
    ("is_open", "is_shifted", "failed", "kept"),
    [
        (True, False, ["fit[a]"], True),
        (True, False, [], True),
        (True, False, ["size"], False),
        (True, False, ["prompts"], False),
        (True, False, ["fit[a]", "size"], False),
        (True, False, ["separable[fit]"], False),
        (True, False, ["fits[a]"], False),
        (True, False, ["shift[a]"], False),
        (False, True, ["shift[a]"], True),
        (False, True, ["fit[a]"], False),
        (False, True, ["shift[a]", "prompts"], False),
        (False, False, ["fit[a]"], False),
        (False, False, ["shift[a]"], False),
        (False, False, [], False),
    ],
)
def test_ends_are_kept_where_the_construction_allows_for_what_failed(
    is_open: bool, is_shifted: bool, failed: list[str], kept: bool
) -> None:
    """An open fit gives up what unknown sources take, a shift what it does not identify."""
    assert estimate(is_open, is_shifted).keeps_ends(checks(*failed)) is kept
