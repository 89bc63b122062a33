"""Rows by several hands: by hand, and on text whose writers change within a row."""

from __future__ import annotations

import numpy as np
import pytest
from known_matches import matched
from known_text import fingerprint, texts
from numpy.typing import NDArray
from scipy.stats import nbinom

from provenance.corpus.document import Document
from provenance.matching.checks.mixed_rows import Unevenness, unevenness
from provenance.matching.checks.row_parts import WAYS
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.panel import Panel
from provenance.validation.laundering.corpora import halve_documents, interleave_documents


def rows_of(n_rows: int, n_along: int, n_across: int) -> NDArray[np.float64]:
    """So many rows that change one way, and the other, by four nats."""
    return np.repeat([4.0, -4.0, 0.0], [n_along, n_across, n_rows - n_along - n_across])


@pytest.mark.parametrize(
    ("n_rows", "n_along", "n_across", "is_found"),
    [
        (200, 60, 4, True),
        (120, 60, 60, False),  # as many change across: chance
        (200, 4, 60, False),
        (200, 18, 2, True),  # few of many
        (200, 4, 0, False),  # by nature
        (2000, 30, 10, False),
        (49, 49, 0, False),  # too few rows
        (0, 0, 0, False),
    ],
)
def test_what_is_found_by_hand(n_rows: int, n_along: int, n_across: int, is_found: bool) -> None:
    found = rows_of(n_rows, n_along, n_across)
    assert bool(Unevenness({WAYS[0]: found, WAYS[1]: found * np.nan}).ways) is is_found


def test_the_law_of_rows_by_hand() -> None:
    """Twelve of fifty along and none across: a negative binomial tail, six times tried."""
    one = Unevenness({way: rows_of(50, 12, 0) for way in WAYS})
    tail = 1 - float(nbinom.cdf(11, 0.3, 1 / 2.2))
    p_value, nats = one.best(WAYS[0])
    assert p_value == pytest.approx(6 * tail) and nats == 3
    assert one.best("by turns")[0] > p_value
    assert one.excess(WAYS[0], 5.0)[0] == 0


def fitted() -> Panel:
    return fit_panel([fingerprint(name) for name in ("alpha", "human")], 0)


def joined(*parts: list[str]) -> list[str]:
    return [" ".join(one) for one in zip(*parts, strict=True)]


def as_rows(found: list[str]) -> list[Document]:
    return [Document(str(at), text, "", 1) for at, text in enumerate(found)]


def test_rows_of_which_the_writer_changes_are_found_and_others_are_not() -> None:
    panel, n = fitted(), 240
    view = next(iter(panel.views))
    one, two, three = (texts("alpha", n, seed) for seed in (2, 3, 4))
    other, more = (texts("human", n, seed) for seed in (5, 6))
    even = np.array([0.5, 0.5])
    clean = unevenness(
        as_rows(joined(one, two, three) + joined(other, more, other)), panel, view, even
    )
    mixed = unevenness(as_rows(joined(other, two, more)), panel, view, even)
    assert clean.n_rows == 2 * n and not clean.ways
    assert mixed.n_rows == n and mixed.ways == [WAYS[0]]
    n_rows, n_along, n_across = mixed.counts(WAYS[0], 1.0)
    assert n_rows == n and n_across <= n_along / 10


def test_one_half_after_another_is_found() -> None:
    panel, n = fitted(), 120
    view = next(iter(panel.views))
    one, other = texts("alpha", n, 2, (120, 140)), texts("human", n, 5, (120, 140))
    halved = as_rows(halve_documents(one, other, 1.0, np.random.default_rng(0)))
    found = unevenness(halved, panel, view, np.array([0.5, 0.5]))
    assert found.ways == [WAYS[0]]


def test_rows_without_sentences_are_read_in_a_row_alone() -> None:
    panel = fitted()
    written = [text.replace(".", "") for text in texts("alpha", 60, 2, (120, 140))]
    found = unevenness(as_rows(written), panel, next(iter(panel.views)), np.array([0.5, 0.5]))
    assert found.n_rows == 60 and np.isnan(found.more["by turns"]).all() and not found.ways
    assert not unevenness([], panel, next(iter(panel.views)), np.array([0.5, 0.5])).n_rows


def test_writers_who_take_turns_are_found() -> None:
    panel, n = fitted(), 120
    view = next(iter(panel.views))
    one, other = (texts(*which, words=(120, 140)) for which in (("alpha", n, 2), ("human", n, 5)))
    turns = interleave_documents(one, other, 1.0, np.random.default_rng(0))
    even = np.array([0.5, 0.5])
    found = unevenness(as_rows(turns), panel, view, even)
    assert found.ways == ["by turns"]
    assert not unevenness(as_rows(one + other), panel, view, even).ways


@pytest.mark.parametrize("is_mixed", [False, True])
def test_the_range_ends_at_all_rows_where_they_are_mixed(is_mixed: bool) -> None:
    own, before, after = (
        texts(*one, words=(50, 60))
        for one in (("alpha", 90, 7), ("human", 90, 8), ("human", 90, 9))
    )
    others = [
        joined(*(texts("human", 90, seed, (50, 60)) for seed in range(s, s + 3))) for s in (11, 15)
    ]
    rest = [text for part in others for text in part]
    written = joined(before, own, after) if is_mixed else joined(own, own[1:] + own[:1])
    report = matched([{"text": text} for text in written + rest], same_domain=True)
    [check] = [one for one in report.diagnostics if one.kind == "mixed_rows"]
    (row,) = report.candidates("documents")
    assert (check.verdict == "warn", row.high == 1) == (is_mixed, is_mixed)
    assert (check.sentence in report.reasons) is is_mixed
    assert row.low > 0


def test_nothing_is_said_of_a_corpus_of_short_rows() -> None:
    report = matched(
        [{"text": text[:200]} for text in texts("alpha", 90, 3) + texts("human", 90, 3)]
    )
    assert not [one for one in report.diagnostics if one.kind in {"mixed_rows", "openings"}]
