"""Every notebook is stored without outputs, runs from top to bottom, and draws."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from typing import Any

import matplotlib
import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS_A_CELL = 600  # ends a cell that hangs; says nothing of speed


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


@pytest.fixture
def own_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel of this environment, whatever is registered elsewhere, and empty caches."""
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    # The list of fonts alone is kept: to make it anew takes longer than a short notebook.
    monkeypatch.setenv("MPLCONFIGDIR", matplotlib.get_cachedir())
    monkeypatch.delenv("JUPYTER_PATH", raising=False)


def run(notebook: Any) -> None:
    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=SECONDS_A_CELL,
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_stored_without_outputs(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert outputs(notebook) == []
    assert {cell.execution_count for cell in code_cells(notebook)} == {None}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_names_that_are_imported_exist(path: Path) -> None:
    for cell in code_cells(read(path)):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = importlib.import_module(node.module)
                assert [item.name for item in node.names if not hasattr(module, item.name)] == []


@pytest.mark.slow
@pytest.mark.usefixtures("own_kernel")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_runs(path: Path) -> None:
    notebook = read(path)
    run(notebook)
    warnings = [item.text for item in outputs(notebook) if item.get("name") == "stderr"]
    assert warnings == []
    assert any("image/png" in item.get("data", {}) for item in outputs(notebook))


@pytest.mark.slow
@pytest.mark.usefixtures("own_kernel")
def test_kernel_is_of_this_environment() -> None:
    cell = nbformat.v4.new_code_cell("import sys; sys.prefix")  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    run(notebook)
    assert [item.data["text/plain"] for item in outputs(notebook)] == [repr(sys.prefix)]


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_one_question_is_asked_and_answered(path: Path) -> None:
    told = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    assert told[0].splitlines()[0].startswith("# ") and told[0].splitlines()[0].endswith("?")
    heads = [line for text in told for line in text.splitlines() if line.startswith("## ")]
    assert {*heads} & {"## The answer", "## What the data carry", "## What to take away"}
