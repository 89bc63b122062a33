"""The file of a library: sealed, and read without trust."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.errors import InputError
from provenance.features.features import extract
from provenance.matching.library.library import (
    VIEWS,
    Library,
    family_scores,
    starter_library,
)


def test_what_ships_is_read_and_small() -> None:
    found = starter_library()
    assert len(found.of("people")) == 27
    assert len(found.of("models")) > 150
    assert (found.counts.sum(axis=2) == found.counts.sum(axis=2)[:, :1]).all()
    path = Path(__file__).parents[3] / "provenance/matching/library/starter.library"
    assert path.stat().st_size < 12e6


def test_the_same_library_has_the_same_bytes(tmp_path: Path) -> None:
    found = starter_library()
    found.save(tmp_path / "a")
    again = Library.load(tmp_path / "a")
    again.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert again.kinds == found.kinds
    assert np.array_equal(again.counts, found.counts)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    starter_library().save(tmp_path / "a")
    whole = (tmp_path / "a").read_bytes()
    for at in (40, len(whole) // 2, len(whole) - 60):
        (tmp_path / "b").write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        with pytest.raises(InputError):
            Library.load(tmp_path / "b")
    with pytest.raises(InputError, match="no such file"):
        Library.load(tmp_path / "c")


def test_a_header_that_does_not_fit_is_told(tmp_path: Path) -> None:
    found = starter_library()
    replace(found, counts=found.counts[1:]).save(tmp_path / "a")
    with pytest.raises(InputError, match="not as long"):
        Library.load(tmp_path / "a")


def _renamed(found: Library, **changes: object) -> Library:
    changed: Any = changes
    return replace(found, kinds=(replace(found.kinds[0], **changed), *found.kinds[1:]))


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        (lambda one: replace(one, weights=one.weights * np.float32(1e9)), "no scale"),
        (lambda one: replace(one, weights=one.weights * np.float32("nan")), "no scale"),
        (lambda one: replace(one, made="\x1b[31mtoday"), "tells no day"),
        (lambda one: one.only(one.of("people")), "by people and by models"),
        (lambda one: one.only(np.zeros(0, np.int64)), "by people and by models"),
        (lambda one: _renamed(one, by="nobody"), "and no others"),
        (lambda one: replace(one, counts=one.counts * 0), "as many documents"),
        (lambda one: _renamed(one, n_documents=-5), "no documents"),
        (lambda one: _renamed(one, name="\x1b[31m"), "no plain name"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_what_no_scan_could_use_is_refused(
    tmp_path: Path, spoiled: Callable[[Library], Library], told: str
) -> None:
    spoiled(starter_library()).save(tmp_path / "a")
    with pytest.raises(InputError, match=told):
        Library.load(tmp_path / "a")


def test_a_document_scores_the_same_alone_and_among_others() -> None:
    library = starter_library()
    texts = ["It was a cold day and we went to the sea, all of us. " * 6, "short", "Yes. " * 40]
    scores = library.scores(extract(texts, library.spec))
    assert scores.shape == (3, len(VIEWS))
    assert np.isnan(scores[1]).all()
    alone = library.scores(extract(texts[:1], library.spec))
    assert np.allclose(scores[0], alone[0])


def test_a_family_scores_by_its_own_features_alone() -> None:
    """The sum of log counts times weights, of a row whose log counts have length 1."""
    library = starter_library()
    found = extract(
        ["the sea and the moon, the tides and the wind over the quiet shore"] * 2, library.spec
    )
    bounds, rows = library.spec.family_bounds, found.rows
    scores = family_scores(found, library.spec, library.weights)
    for row in range(len(rows)):
        place = slice(rows.indptr[row], rows.indptr[row + 1])
        features, logs = rows.indices[place], np.log1p(rows.counts[place].astype(float))
        for family in range(len(bounds) - 1):
            own = (features >= bounds[family]) & (features < bounds[family + 1])
            expected = logs[own] @ library.weights[features[own]] / np.linalg.norm(logs[own])
            assert scores[row, family] == pytest.approx(expected, rel=1e-5)
