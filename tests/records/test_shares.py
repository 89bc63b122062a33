"""Shares refuse what the contract refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import report_examples as examples


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": float("nan")}, "low: nan"),
        ({"low": 0.5}, "low: 0.5 is above high"),
        ({"high": 1.0000001}, "high: 1.0000001"),
        ({"share": None}, "share: null, but the verdict is estimated"),
        ({"verdict": "withheld"}, "share: a number, but the verdict is withheld"),
        ({"confidence_level": 95.0}, "confidence_level"),
        ({"source": None}, "source: null"),
        ({"role": "unknown"}, "source: null"),
        ({"role": "machine"}, "source: null"),
    ],
)
def test_a_share_refuses(change: dict[str, Any], message: str) -> None:
    row = examples.estimated().shares[0]
    with pytest.raises(ValueError, match=message):
        replace(row, **change)


@pytest.mark.parametrize("change", [{"candidate_low": -1.0}, {"candidate_low": 1.5}])
def test_a_family_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="candidate_low"):
        replace(examples.estimated().families[0], **change)
