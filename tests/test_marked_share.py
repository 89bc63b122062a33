"""The marked share: worked by hand, withheld where it must be, and covering the truth."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.evidence.marked_share import CorpusMean, MarkedText, marked_share

NULL = (0.25, 0.4330127)


def known(mean: float, n_documents: int = 40, n: int = 200, spread: float = 0.0) -> MarkedText:
    means = np.linspace(mean - spread, mean + spread, n_documents)
    counts = np.full(n_documents, float(n))
    return MarkedText(counts, means * n, means * n)


def corpus(mean: float, n_documents: int = 500, n: int = 200) -> CorpusMean:
    total = n_documents * n
    return CorpusMean(total, mean * total, float(n_documents * n * n), n, float(total))


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
    shared = CorpusMean(row.n, row.total, row.n_squared, row.n_largest, 500.0 * row.n)
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
        ({"corpus": CorpusMean(0, 0.0, 0.0, 0, 0.0)}, "nothing was scored"),
        ({"corpus": CorpusMean(100, 45.0, 1e4, 100, 3e4)}, "a few frequent draws"),
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


def test_beyond_marked_text_the_share_is_one() -> None:
    found = marked_share(
        corpus(0.9), NULL, known(0.55), largest=1.0, significant=True, confidence_level=0.95
    )
    assert (found.share, found.low, found.high) == (1.0, 1.0, 1.0)


def simulated(
    rng: np.random.Generator, n_documents: int, marked: float
) -> tuple[float, CorpusMean]:
    """Documents of unequal length; frequent draws have one colour wherever they stand."""
    frequent = rng.random(40) < NULL[0]
    lengths = rng.integers(50, 400, n_documents)
    is_marked = rng.random(n_documents) < marked
    rates = np.where(is_marked, rng.normal(0.5, 0.06, n_documents), NULL[0])
    held = (rng.random((n_documents, 40)) < 0.3) & ~is_marked[:, None]
    totals = rng.binomial(lengths, np.clip(rates, 0, 1)) + (held & frequent).sum(axis=1)
    counts = lengths + held.sum(axis=1)
    repeats = float(lengths.sum() + (held.sum(axis=0) ** 2).sum())
    n = int(counts.sum())
    row = CorpusMean(n, float(totals.sum()), float((counts**2.0).sum()), int(counts.max()), repeats)
    return float(counts[is_marked].sum() / n), row


@pytest.mark.parametrize("marked", [0.0, 0.03, 0.3, 1.0])
def test_the_interval_covers(marked: float) -> None:
    rng = np.random.default_rng(8)
    missed = above = 0
    for _ in range(200):
        lengths = rng.integers(50, 400, 50).astype(np.float64)
        greens = rng.binomial(lengths.astype(int), np.clip(rng.normal(0.5, 0.06, 50), 0, 1))
        text = MarkedText(lengths, greens.astype(float), greens.astype(float))
        truth, row = simulated(rng, 150, marked)
        found = marked_share(row, NULL, text, largest=1.0, significant=True, confidence_level=0.95)
        assert found.low is not None and found.high is not None
        missed += not found.low <= truth <= found.high
        above += found.low > truth
    assert missed <= 200 * 0.05 + 2.6 * np.sqrt(200 * 0.05 * 0.95)
    assert above <= 200 * 0.025 + 2.6 * np.sqrt(200 * 0.025 * 0.975)
