"""The published peers: the laws of a reading, sanity on text of known origin."""

from __future__ import annotations

import importlib.util
import shutil
from typing import Any

import pytest
from known_peers import able, mixed, simulated, telling, told

from provenance.errors import InputError
from provenance.validation.peers.peers import PEERS, PeerTexts, compare, missing

# The first run of a peer that compiles takes a minute or more.
NAMES = tuple(
    pytest.param(name, marks=pytest.mark.slow) if peer.compiles else name
    for name, peer in PEERS.items()
)
QUAPY = tuple(name for name, peer in PEERS.items() if "quapy" in peer.packages)

# Words are not independent: the mixture of Liang et al. is biased, most of all on sentences here.
# ReadMe takes the mean over subsets of words, most of which tell nothing: it stays near a half.
TOLERANCE = dict.fromkeys(PEERS, 0.1) | {"Liang, sentences": 0.3, "Liang, documents": 0.3}
TOLERANCE["ReadMe"] = 0.45


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_shares_of_simulated_text(name: str) -> None:
    able(name)
    corpora = [(mixed(count), count / 100) for count in (0, 50, 100)]
    found = compare(simulated(), corpora, {name: PEERS[name]})
    assert [reading.truth for reading in found] == [0.0, 0.5, 1.0]
    for reading in found:
        assert reading.share == pytest.approx(reading.truth, abs=TOLERANCE[name])
        assert 0 <= reading.low <= reading.high <= 1
    none, half, whole = (reading.share for reading in found)
    assert none < half < whole


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_documents_does_not_matter(name: str) -> None:
    fitted, documents = able(name).fit(simulated()), mixed(10, 40)
    assert fitted.read(PeerTexts(documents)) == fitted.read(PeerTexts(documents[::-1]))


@pytest.mark.parametrize("name", QUAPY)
def test_a_missing_package_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec

    def without_quapy(name: str) -> Any:
        return None if name == "quapy" else there(name)

    monkeypatch.setattr(importlib.util, "find_spec", without_quapy)
    assert "quapy" in str(missing(PEERS[name]))
    assert compare(simulated(), [(["x y"], 0.0)], {name: PEERS[name]}) == []


def test_a_corpus_holds_something() -> None:
    with pytest.raises(InputError, match="no texts"):
        compare(simulated(), [([], 0.0)], {"Liang, documents": PEERS["Liang, documents"]})


@pytest.mark.parametrize(
    ("package", "extra"), [("quapy", "peers"), ("stan", "peers-bayes"), ("jax", "peers-bayes")]
)
def test_the_remedy_names_the_extra(
    package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else name)
    needy = [peer for peer in PEERS.values() if package in peer.packages and peer.extra == extra]
    assert needy
    for peer in needy:
        why = missing(peer)
        assert why == f"{package} not installed: pip install 'llm-provenance[{extra}]'"


def test_a_peer_that_compiles_needs_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", str)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert {name for name, peer in PEERS.items() if missing(peer)} == {"PQ"}
    assert "C++ compiler" in str(missing(PEERS["PQ"]))


def test_intervals_are_of_the_level_asked_for() -> None:
    found = []
    for level in (0.5, 0.9, 0.99):
        fitted = PEERS["classify and count"].fit(told([0.9] * 5, [0.1] * 5, confidence_level=level))
        found.append(fitted.read(telling([0.9] * 3 + [0.1] * 7)))
    widths = [high - low for _, low, high in found]
    assert widths == sorted(widths) and len({*widths}) == 3
