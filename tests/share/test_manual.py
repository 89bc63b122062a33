"""The manual's table of constants is that of the code."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import provenance.share

FOLDER = Path(provenance.share.__file__).parent
MODULES = {path.stem: path for path in sorted(FOLDER.rglob("[!_]*.py"))}
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| `(\w+)\.py` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall((FOLDER / "README.md").read_text())


def imported(stem: str) -> ModuleType:
    """A module of the folder, in whichever room it stands."""
    inner = MODULES[stem].relative_to(FOLDER).with_suffix("").parts
    return import_module(".".join(["provenance.share", *inner]))


def numbers(path: Path) -> set[str]:
    """Names of the module's constants that are numbers."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.AnnAssign) and "Final" in ast.unparse(node.annotation):
            assert isinstance(node.target, ast.Name)
            value = getattr(imported(path.stem), node.target.id)
            if isinstance(value, int | float):
                found.add(node.target.id)
    return found


@pytest.mark.parametrize(("name", "value", "file", "source"), ROWS)
def test_every_row_is_a_constant_of_this_value(
    name: str, value: str, file: str, source: str
) -> None:
    known = getattr(imported(file), name)
    assert np.array_equal(np.atleast_1d(known), [float(one) for one in value.split(",")])
    assert source.strip()


@pytest.mark.parametrize("path", MODULES.values(), ids=lambda path: path.stem)
def test_every_number_stands_in_the_table(path: Path) -> None:
    assert numbers(path) <= {name for name, _, file, _ in ROWS if file == path.stem}


def test_no_row_stands_twice() -> None:
    assert len(ROWS) > 40
    assert len({(name, file) for name, _, file, _ in ROWS}) == len(ROWS)
