"""The marked share: worked by hand, withheld where it must be, and covering the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.evidence.watermark.marked_share import (
    CorpusMean,
    MarkedText,
    _measured,
    marked_share,
)

NULL = (0.25, 0.4330127)


def known(mean: float, n_documents: int = 40, n: int = 200, spread: float = 0.0) -> MarkedText:
    means = np.linspace(mean - spread, mean + spread, n_documents)
    counts = np.full(n_documents, float(n))
    return MarkedText(counts, means * n, means * n)


def corpus(mean: float, n_documents: int = 500, n: int = 200) -> CorpusMean:
    total = n_documents * n
    return of_documents(mean * total, np.full(n_documents, float(n)))


def of_documents(total: float, counts: NDArray[np.float64], **more: float) -> CorpusMean:
    """Documents that share nothing, unless told otherwise."""
    n = int(counts.sum())
    known = {
        "repeats": float(n),
        "most_repeated": 1.0,
        "clusters": float((counts**2).sum()),
        "largest_cluster": float(counts.max(initial=0)),
        "copies": float(n),
    }
    return CorpusMean(n=n, total=total, **{**known, **more})


def test_by_hand() -> None:
    """A mean a fifth of the way from 0.25 to 0.55."""
    found = marked_share(
        corpus(0.31), NULL, known(0.55), largest=1.0, significant=True, confidence_level=0.95
    )
    assert found.identified and found.share == pytest.approx(0.2)
    # Of 100,000 draws the standard error is 0.0014 to 0.0016, that is half a point of share.
    assert found.low == pytest.approx(0.19, abs=0.003)
    assert found.high == pytest.approx(0.21, abs=0.003)
    # Marked draws could all be green: (0.31 - 0.2523) / (1 - 0.2523)
    assert found.floor == pytest.approx(0.0772, abs=0.0005)


def test_draws_that_all_documents_share_widen_it() -> None:
    settings = {"largest": 1.0, "significant": True, "confidence_level": 0.95}
    row = corpus(0.31)
    shared = replace(row, repeats=500.0 * row.n, most_repeated=500.0)
    found = marked_share(shared, NULL, known(0.55), **settings)  # type: ignore[arg-type]
    plain = marked_share(row, NULL, known(0.55), **settings)  # type: ignore[arg-type]
    assert found.high - found.low > 5 * (plain.high - plain.low)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": None}, "no text that is known to be marked"),
        ({"text": known(0.55, 19)}, "fewer than 20 documents"),
        ({"text": known(0.2)}, "scores no higher"),
        ({"null": None}, "no known mean"),
        ({"corpus": of_documents(0.0, np.zeros(1))}, "nothing was scored"),
        (
            {"corpus": of_documents(45.0, np.array([100.0]), repeats=3e4, most_repeated=1e3)},
            "a few frequent draws",
        ),
    ],
)
def test_not_identifiable(change: dict[str, object], said: str) -> None:
    given = {"corpus": corpus(0.31), "null": NULL, "text": known(0.55), **change}
    found = marked_share(
        **given,  # type: ignore[arg-type]
        largest=1.0,
        significant=True,
        confidence_level=0.95,
    )
    assert not found.identified and found.low is None and found.high is None
    assert found.sentence.startswith("not identifiable") and said in found.sentence


def test_what_the_exact_test_does_not_reject_has_no_low_end() -> None:
    found = marked_share(
        corpus(0.26), NULL, known(0.55), largest=1.0, significant=False, confidence_level=0.95
    )
    assert found.low == 0 and found.floor == 0


def test_a_corpus_above_the_known_text_refutes_it() -> None:
    found = marked_share(
        corpus(0.9), NULL, known(0.55), largest=1.0, significant=True, confidence_level=0.95
    )
    assert not found.identified and "scores higher" in found.sentence
    assert found.floor == pytest.approx(0.866, abs=0.002)


def test_a_corpus_below_the_null_has_an_upper_end() -> None:
    found = marked_share(
        corpus(0.24), NULL, known(0.55), largest=1.0, significant=False, confidence_level=0.95
    )
    assert found.low == 0 and found.high is not None and 0.005 < found.high < 0.02


@dataclass(frozen=True)
class World:
    """How a simulated corpus is made.

    Parameters
    ----------
    copies : int
        Of each document.
    n_frequent : int
        Draws that a part of the documents hold, of one colour wherever they stand.
    in_marked : bool
        Whether marked documents hold them, too.
    """

    copies: int = 1
    n_frequent: int = 40
    in_marked: bool = False


WORLDS = {
    "frequent draws in other text alone": World(),
    "frequent draws everywhere": World(in_marked=True),
    "copies": World(copies=15, n_frequent=0),
}


def simulated(
    rng: np.random.Generator,
    n_documents: int,
    marked: float,
    world: World,
    frequent: NDArray[np.bool_],
) -> tuple[float, CorpusMean]:
    """Documents of unequal length, and what is kept of them."""
    lengths = rng.integers(50, 400, n_documents)
    is_marked = rng.random(n_documents) < marked
    rates = np.where(is_marked, rng.normal(0.5, 0.06, n_documents), NULL[0])
    held = rng.random((n_documents, world.n_frequent)) < 0.3
    held &= world.in_marked | ~is_marked[:, None]
    totals = rng.binomial(lengths, np.clip(rates, 0, 1)) + (held & frequent).sum(axis=1)
    counts, times = (lengths + held.sum(axis=1)).astype(np.float64), world.copies
    n_with = times * held.sum(axis=0)
    row = of_documents(
        float(times * totals.sum()),
        np.repeat(counts, times),
        repeats=float(times**2 * lengths.sum() + (n_with**2).sum()),
        most_repeated=float(max(times, n_with.max(initial=0))),
        clusters=float(((times * counts) ** 2).sum()),
        largest_cluster=float(times * counts.max()),
        copies=float(times**2 * counts.sum()),
    )
    return float(counts[is_marked].sum() / counts.sum()), row


def known_text(rng: np.random.Generator, world: World, frequent: NDArray[np.bool_]) -> MarkedText:
    lengths = rng.integers(50, 400, 50)
    held = world.in_marked & (rng.random((50, world.n_frequent)) < 0.3)
    greens = rng.binomial(lengths, np.clip(rng.normal(0.5, 0.06, 50), 0, 1))
    totals = (greens + (held & frequent).sum(axis=1)).astype(np.float64)
    return MarkedText((lengths + held.sum(axis=1)).astype(np.float64), totals, totals)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(
    "marked", [0.03, *(pytest.param(n, marks=pytest.mark.slow) for n in (0.0, 0.3, 0.7, 1.0))]
)
def test_the_interval_covers(marked: float, world: str) -> None:
    rng = np.random.default_rng(8)
    missed = above = n_told = 0
    for _ in range(200):
        frequent = rng.random(WORLDS[world].n_frequent) < NULL[0]
        text = known_text(rng, WORLDS[world], frequent)
        truth, row = simulated(rng, 150, marked, WORLDS[world], frequent)
        found = marked_share(row, NULL, text, largest=1.0, significant=True, confidence_level=0.95)
        above += max(found.low or 0.0, found.floor) > truth
        if found.low is not None and found.high is not None:
            n_told += 1
            missed += not found.low <= truth <= found.high
    assert n_told > 180
    assert missed <= 200 * 0.05 + 2.6 * np.sqrt(200 * 0.05 * 0.95)
    # The floor is one-sided at 5 %.
    assert above <= 200 * 0.05 + 2.6 * np.sqrt(200 * 0.05 * 0.95)


def test_marked_text_by_hand() -> None:
    """Means 0.4 and 0.6 of ten tokens each: one degree of freedom, so sqrt(2 / 1 * 2) / 20."""
    found = _measured(MarkedText(np.full(2, 10.0), np.array([4.0, 6.0]), np.array([4.0, 6.0])))
    assert found.mean == pytest.approx(0.5)
    assert found.error == pytest.approx(0.1)
    assert found.within == pytest.approx(0.25)
