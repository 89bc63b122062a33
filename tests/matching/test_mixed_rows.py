"""Rows by several hands: by hand, and on text whose writers change within a row."""

from __future__ import annotations

import numpy as np
import pytest
from known_matches import matched
from known_text import fingerprint, texts

from provenance.corpus.document import Document
from provenance.matching.mixed_rows import Unevenness, unevenness
from provenance.scoring.fitting import fit_panel
from provenance.scoring.panel import Panel


@pytest.mark.parametrize(
    ("n_rows", "n_along", "n_across", "is_found"),
    [
        (200, 60, 4, True),
        (200, 60, 60, False),  # as many change across: chance
        (200, 4, 60, False),
        (200, 8, 0, False),  # by nature
        (49, 49, 0, False),  # too few rows
        (0, 0, 0, False),
    ],
)
def test_what_is_found_by_hand(n_rows: int, n_along: int, n_across: int, is_found: bool) -> None:
    assert Unevenness(n_rows, n_along, n_across).is_found is is_found


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
    assert clean.n_rows == 2 * n and not clean.is_found
    assert mixed.n_rows == n and mixed.is_found
    assert mixed.n_across <= mixed.n_along / 10


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
