"""Runs that are hit end as they should: see `provenance.validation.bench.faults`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provenance.validation.bench.faults import CELLS, Cell, run_cell

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("material")


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell",
    CELLS,
    ids=lambda cell: cell.name,
)
def test_a_run_that_is_hit_ends_as_it_should(cell: Cell, material: Path, tmp_path: Path) -> None:
    found = run_cell(cell, material, tmp_path)
    assert found.faults(cell) == [], found.told[-2000:]


def test_a_cell_is_one_of_its_kind() -> None:
    names = [cell.name for cell in CELLS]
    assert len({*names}) == len(names) > 0
