"""The view of fresh answers takes no detail on trust."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.records import Finding
from provenance.report.page.asked_view import asked_view

PAIR = {
    "id": "a",
    "path": "b",
    "line": 1,
    "prompt_hash": "0f",
    "likeness": 0.3,
    "likeness_to_next": 0.2,
    "next": "c",
    "ahead": 0.1,
    "prompt": None,
}


def finding(details: dict[str, Any]) -> Finding:
    return Finding(kind="regenerated", verdict="found", details=details)


def test_pairs_are_read() -> None:
    seen = asked_view(finding({"of": "asked", "n_prompts": 3, "n_others": 8, "pairs": [PAIR]}))
    assert seen is not None
    assert (seen.pairs[0].next, seen.n_others, seen.nearest) == ("c", 8, ())


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"of": "log"},
        {"of": "asked"},
        {"of": "asked", "n_prompts": "many"},
        {"of": "asked", "n_prompts": 3, "pairs": [{**PAIR, "line": "<b>"}]},
    ],
)
def test_what_is_not_so_is_not_shown(details: dict[str, Any]) -> None:
    assert asked_view(finding(details)) is None
