"""Classify and count, worked by hand."""

from __future__ import annotations

from known_peers import telling, told

from provenance.validation.peers.peers import PEERS


def test_classify_and_count_by_hand() -> None:
    fitted = PEERS["classify and count"].fit(told([0.9] * 5, [0.1] * 5))
    share, low, high = fitted.read(telling([0.9, 0.6, 0.5, 0.4, *[0.1] * 6]))
    assert (share, round(low, 4), round(high, 4)) == (0.2, 0.0252, 0.5561)
