"""Sources and what each is taken for."""

from __future__ import annotations

import pytest
from known_text import fingerprint

from provenance.share.sources import Sources

NAMES = ("alpha", "beta", "human")


@pytest.mark.parametrize(
    ("roles", "candidates", "references", "of_two_classes"),
    [
        (("candidate", "panel", "reference"), [0], [2], False),
        (("candidate", "reference", "reference"), [0], [1, 2], True),
        (("candidate", "candidate", "reference"), [0, 1], [2], False),
        (("candidate", "panel", "panel"), [0], [], False),
    ],
)
def test_roles_by_hand(
    roles: tuple[str, ...], candidates: list[int], references: list[int], of_two_classes: bool
) -> None:
    found = Sources(tuple(fingerprint(name) for name in NAMES), roles)
    assert found.names == NAMES
    assert (found.candidates, found.references) == (candidates, references)
    assert found.of_two_classes == of_two_classes
