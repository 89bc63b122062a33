"""The share in each part of a corpus."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from provenance.matching.library.library import VIEWS, starter_library
from provenance.matching.scanning import parts as module
from provenance.matching.scanning.parts import parts_of
from provenance.matching.scanning.tally import JudgedDocuments, ScanTally
from provenance.records import Breakdown

MODEL, PEOPLE = 1.2, -1.2


def found(
    sizes: Mapping[str, tuple[int, float]], by: tuple[str, ...] = ()
) -> tuple[tuple[Breakdown, ...], str]:
    """Parts of so many documents that all have one score."""
    tally = ScanTally(by)
    tally.numbers = [{name: at for at, name in enumerate(sizes)}]
    n = [size for size, _ in sizes.values()]
    scores = np.repeat([score for _, score in sizes.values()], n)
    judged = JudgedDocuments(
        np.tile(scores[:, None], (1, len(VIEWS))),
        np.ones(sum(n)),
        np.arange(sum(n)),
        np.repeat(np.arange(len(n)), n)[:, None],
    )
    return parts_of(tally, judged, starter_library(), 0.95)


def test_files_that_are_large_enough_are_told_the_largest_first() -> None:
    told, note = found({"a": (200, MODEL), "b": (300, PEOPLE), "c": (29, MODEL)})
    assert [(one.field, one.value, one.n_documents) for one in told] == [
        ("file", "b", 300),
        ("file", "a", 200),
    ]
    assert told[0].shares[0].low == 0
    assert told[1].shares[0].low > 0.5
    assert "2 of 3 files" in note


def test_one_file_has_no_parts() -> None:
    assert found({"a": (200, MODEL)}) == ((), "")


def test_more_parts_make_wider_intervals() -> None:
    two, _ = found({"a": (200, MODEL), "b": (200, PEOPLE)})
    more, _ = found({"a": (200, MODEL), **{f"b{n}": (200, PEOPLE) for n in range(30)}})
    lows = [next(one for one in parts if one.value == "a").shares[0].low for parts in (two, more)]
    assert lows[1] < lows[0]


def test_values_beyond_the_bound_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PARTS", 1)
    told, note = found({"a": (200, MODEL), "b": (300, PEOPLE), "c": (29, MODEL)}, ("part",))
    assert [one.value for one in told] == ["b"]
    assert note.startswith("2 values of --by")
    told, note = found({"a": (200, MODEL), "b": (300, PEOPLE)})
    assert [one.value for one in told] == ["b"]
    assert "1 of 2 files" in note


def test_files_of_which_nothing_can_be_told_are_counted() -> None:
    told, note = found({"a": (200, MODEL), "b": (40, 0.0)})
    assert [one.shares[0].verdict for one in told] == ["estimated", "withheld"]
    assert note.endswith("Of 1 of them nothing can be told.")
    assert "nothing can be told" not in found({"a": (200, MODEL), "b": (300, PEOPLE)})[1]
