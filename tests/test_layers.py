"""An import goes to a lower layer, never to a higher one; every module has its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "provenance"
FOLDER = Path(__file__).resolve().parents[1] / PACKAGE

# Lowest first. An entry may import from the rows before its own, and modules that stand together
# in one entry may import one another; entries of one row are strangers. `x.*` is a whole folder.
LAYERS = (
    ("errors", "_stats", "_tails", "_words"),
    ("_record", "moments"),
    ("_archive", "keys_file", "records"),
    ("_mapped",),
    ("corpus.*", "normalize.*", "tokens"),
    ("execution",),
    ("_kernels",),
    ("_log_kernels",),
    ("spec",),
    ("ridge", "rows"),
    ("features",),
    ("log_index",),
    ("indexing",),
    ("sample",),
    ("fingerprint fingerprint_file",),
    ("comparison", "measuring", "scoring"),
    ("two_source",),
    ("share",),
    ("fitting", "many_sources", "shift"),
    ("panel_file",),
    ("tally",),
    ("conformal", "diagnostics", "documents_file", "evidence.*", "row_calibration"),
    ("estimate",),
    ("report", "inspection", "render_log", "telling", "upper_bound"),
    ("render", "baseline"),
    ("beside",),
    ("match_files",),
    ("matching",),
    ("demo", "validation.*"),
    ("watermark_demo",),
    ("_options", "_terminal"),
    ("_canary_commands", "_watermark_command"),
    ("cli",),
    ("__init__", "__main__"),
)

# What the package itself defines and any module may read; all else in it comes from above.
CONSTANTS = {"__version__"}


def module_name(path: Path) -> str:
    """``corpus/chat.py`` is ``corpus.chat``, ``corpus/__init__.py`` is ``corpus``."""
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(FOLDER.rglob("*.py"))}


def is_of(module: str, entry: str) -> bool:
    return any(
        module == item or (item.endswith(".*") and f"{module}.".startswith(item[:-1]))
        for item in entry.split()
    )


def places(module: str) -> list[tuple[int, str]]:
    """Rows and entries that name a module; one of each where the table is right."""
    return [
        (number, entry)
        for number, row in enumerate(LAYERS)
        for entry in row
        if is_of(module, entry)
    ]


def imported(module: str, source: str) -> Iterator[tuple[int, str]]:
    """Line and module of each import from the package, wherever in the source it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    yield node.lineno, alias.name.partition(".")[2] or "__init__"
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node)
            if origin is not None:
                for alias in node.names:
                    yield from _targets(node.lineno, origin, alias.name)


def _origin(module: str, node: ast.ImportFrom) -> str | None:
    """Where a ``from`` looks, without the package's name; None outside the package."""
    name = node.module or ""
    if node.level:
        is_folder = module in MODULES and MODULES[module].name == "__init__.py"
        parts = module.removeprefix("__init__").split(".")
        above = parts[: len(parts) - node.level + is_folder]
        return ".".join([*above, name]).strip(".")
    package, _, rest = name.partition(".")
    return rest if package == PACKAGE else None


def _targets(line: int, origin: str, name: str) -> Iterator[tuple[int, str]]:
    inner = f"{origin}.{name}".strip(".")
    if inner in MODULES:
        yield line, inner
    elif origin or name not in CONSTANTS:
        yield line, origin or "__init__"


def violations(module: str, source: str) -> list[str]:
    """Imports that go up, in words."""
    ((row, entry),) = places(module)
    told = []
    for line, target in imported(module, source):
        found = places(target)
        if not any(lower < row or other == entry for lower, other in found):
            told.append(f"line {line}: {module} may not import {target}")
    return told


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_one_place(module: str) -> None:
    found = places(module)
    assert len(found) == 1, (
        f"{PACKAGE}.{module} has {len(found)} places in LAYERS of tests/test_layers.py; give it "
        "one: the lowest row that is above everything it imports."
    )


@pytest.mark.parametrize("item", [item for row in LAYERS for e in row for item in e.split()])
def test_every_place_has_a_module(item: str) -> None:
    found = [module for module in MODULES if is_of(module, item)]
    assert found, f"no module is called {item}: take it out of LAYERS in tests/test_layers.py."


@pytest.mark.parametrize("module", [module for module in MODULES if places(module)])
def test_imports_go_down(module: str) -> None:
    assert violations(module, MODULES[module].read_text("utf-8")) == []


LAZY = "def run():\n    from provenance.matching import match\n"
TYPING = "if TYPE_CHECKING:\n    from provenance.report import Report\n"


@pytest.mark.parametrize(
    ("module", "source", "targets"),
    [
        pytest.param("features", "import numpy, provenance_other", [], id="foreign"),
        pytest.param("features", "from provenance.errors import InputError", [], id="lower"),
        pytest.param("features", "from provenance import __version__", [], id="version"),
        pytest.param("features", "from provenance import match", ["__init__"], id="package"),
        pytest.param("features", "import provenance", ["__init__"], id="whole package"),
        pytest.param("features", "from provenance import report", ["report"], id="submodule"),
        pytest.param("features", "import provenance.report as r", ["report"], id="import as"),
        pytest.param("features", "from . import report", ["report"], id="relative"),
        pytest.param("features", "from .report import Report", ["report"], id="relative name"),
        pytest.param("corpus.rows", "from .. import report", ["report"], id="two up"),
        pytest.param("corpus", "from ..report import Report", ["report"], id="from a folder"),
        pytest.param("corpus", "from .chat import is_chat", [], id="within a folder"),
        pytest.param("corpus.rows", "from provenance.tokens import x", ["tokens"], id="strangers"),
        pytest.param("fingerprint", "from provenance.fingerprint_file import x", [], id="family"),
        pytest.param("features", "from provenance.newcomer import x", ["newcomer"], id="unknown"),
        pytest.param("features", LAZY, ["matching"], id="lazy"),
        pytest.param("features", TYPING, ["report"], id="type checking"),
    ],
)
def test_what_counts_as_going_up(module: str, source: str, targets: list[str]) -> None:
    told = [line.rpartition(" ")[2] for line in violations(module, source)]
    assert told == targets


@pytest.mark.parametrize(
    ("module", "n_places"),
    [("newcomer", 0), ("corpus", 1), ("corpus.newcomer", 1), ("corpuscle", 0), ("sample", 1)],
)
def test_places(module: str, n_places: int) -> None:
    assert len(places(module)) == n_places
