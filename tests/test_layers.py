"""An import goes to a lower row, never to a higher one; no folder holds a cycle."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

PACKAGE = "provenance"
FOLDER = Path(__file__).resolve().parents[1] / PACKAGE

# Highest first. A room may import from the rows below its own; rooms of one row are strangers.
LAYERS = (
    ("cli", "__init__"),
    ("validation",),
    ("simulate",),
    ("matching",),
    ("share",),
    ("scoring", "report"),
    ("fingerprint", "evidence"),
    ("corpus", "features"),
    ("files",),
    ("errors", "records", "statistics", "version", "words"),
)

# The door of `python -m provenance`: the only file that may enter through the highest row.
DOOR = "__main__"
# The rooms of `evidence` are strangers to one another, but for these; all know what a match asks.
PROTOCOL_OF_EVIDENCE = "protocol"
BETWEEN_EVIDENCE = {"watermark.rows": {"hidden"}, "watermark.corpus": {"hidden"}}
MOST_ENTRIES = 20


def module_name(path: Path, folder: Path = FOLDER) -> str:
    """``corpus/chats/chat.py`` is ``corpus.chat``, ``corpus/__init__.py`` is ``corpus``."""
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(FOLDER.rglob("*.py"))}
ROOMS = {DOOR: -1} | {room: row for row, rooms in enumerate(LAYERS) for room in rooms}


@cache
def imported(module: str, source: str) -> tuple[tuple[int, str], ...]:
    """Line and module of each import from the package, wherever in the source it stands."""
    return tuple(_imported(module, source))


def _imported(module: str, source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    yield node.lineno, alias.name.partition(".")[2] or "__init__"
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node)
            if origin is not None:
                for alias in node.names:
                    inner = f"{origin}.{alias.name}".strip(".")
                    yield node.lineno, inner if inner in MODULES else origin or "__init__"


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


def room_of(module: str) -> str:
    return module.split(".")[0]


def violations(module: str, source: str) -> list[str]:
    """Imports that do not go down, in words."""
    own = room_of(module)
    told = []
    for line, target in imported(module, source):
        room = room_of(target)
        if room != own and ROOMS.get(room, -2) <= ROOMS[own]:
            told.append(f"line {line}: {module} may not import {target}")
    return told


def cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """Modules that import one another in a ring; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_imports_go_down() -> None:
    strangers = {room_of(module) for module in MODULES} - {*ROOMS}
    assert not strangers, f"give {strangers} a row of LAYERS"
    told = [violations(module, path.read_text("utf-8")) for module, path in MODULES.items()]
    assert [*chain.from_iterable(told)] == []


def test_every_room_stands() -> None:
    assert {room_of(module) for module in MODULES} == {*ROOMS}


def test_no_module_imports_itself_in_a_ring() -> None:
    graph = {
        module: {
            target
            for _, target in imported(module, path.read_text("utf-8"))
            # A package's own file may name what stands in it.
            if target != module
        }
        for module, path in MODULES.items()
    }
    assert cycle(graph) == []


def test_no_module_has_a_leading_underscore() -> None:
    dunder = {"__init__", "__main__"}
    names = {path.stem for path in MODULES.values()} - dunder
    assert not [name for name in names if name.startswith("_")]


def test_the_house_has_few_entries() -> None:
    entries = [path.name for path in FOLDER.iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES, sorted(entries)


def test_rooms_of_evidence_are_strangers() -> None:
    told = []
    for module in MODULES:
        if not module.startswith("evidence.") or "." not in module[9:]:
            continue
        known = BETWEEN_EVIDENCE.get(module.removeprefix("evidence."), set())
        for line, target in imported(module, MODULES[module].read_text("utf-8")):
            parts = target.split(".")
            own = {module.split(".")[1], PROTOCOL_OF_EVIDENCE}
            if target.startswith("evidence.") and parts[1] not in own | known:
                told.append(f"line {line}: {module} may not import {target}")
    assert told == []


LAZY = "def run():\n    from provenance.matching.matching import match\n"
TYPING = "if TYPE_CHECKING:\n    from provenance.report.report import Report\n"


@pytest.mark.parametrize(
    ("module", "source", "targets"),
    [
        pytest.param("features.rows", "import numpy, provenance_other", [], id="foreign"),
        pytest.param("features.rows", "from provenance.errors import InputError", [], id="lower"),
        pytest.param("features.rows", "from provenance import match", ["__init__"], id="package"),
        pytest.param("features.rows", "import provenance", ["__init__"], id="whole package"),
        pytest.param("features.rows", "from provenance import report", ["report"], id="room"),
        pytest.param("features.rows", "import provenance.report as r", ["report"], id="import as"),
        pytest.param("features.rows", "from .. import report", ["report"], id="relative"),
        pytest.param("corpus", "from ..report import Report", ["report"], id="from a folder"),
        pytest.param("corpus", "from .chat import is_chat", [], id="within a folder"),
        pytest.param(
            "corpus.rows", "from provenance.features import x", ["features"], id="strangers"
        ),
        pytest.param("features.rows", "from provenance.new import x", ["new"], id="unknown"),
        pytest.param("features.rows", LAZY, ["matching.matching"], id="lazy"),
        pytest.param("features.rows", TYPING, ["report.report"], id="type checking"),
    ],
)
def test_what_counts_as_going_up(module: str, source: str, targets: list[str]) -> None:
    told = [line.rpartition(" ")[2] for line in violations(module, source)]
    assert told == targets


@pytest.mark.parametrize(
    ("graph", "ring"),
    [({"a": {"b"}, "b": {"c"}}, False), ({"a": {"b"}, "b": {"c"}, "c": {"a"}}, True)],
)
def test_a_ring_is_seen(graph: dict[str, set[str]], ring: bool) -> None:
    assert bool(cycle(graph)) == ring
