"""What the installed package is: public names, what loads when, and what the wheel holds."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import provenance
from provenance.version import __version__

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "provenance"
HEAVY = {
    "datasets",
    "fsspec",
    "jinja2",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "regex",
    "scipy",
    "sklearn",
    "tiktoken",
}
DISTRIBUTION = {
    "distributed": "dask[distributed]",
    "fsspec": "fsspec[http]",
    "yaml": "pyyaml",
    "confusable_homoglyphs": "confusable-homoglyphs",
    "sklearn": "scikit-learn",
}
BROUGHT_ALONG = {"markupsafe", "joblib", "huggingface_hub"}  # by jinja2, scikit-learn, datasets
ONLY_COMPARED = {"datasketch", "torch", "transformers"}  # by the bench, where they are
ONLY_FITTED = {"datatrove", "nemo_curator"}  # by steps for whoever has them
# Measured as modules, because seconds are those of the machine: a help text needs typer and rich.
MOST_MODULES = 480


def project() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def loaded_by(code: str) -> set[str]:
    """Modules that a fresh interpreter has loaded at the end of some code."""
    told = "import atexit, sys; atexit.register(lambda: print('loaded', *sys.modules))\n"
    run = subprocess.run(
        [sys.executable, "-c", told + code], capture_output=True, text=True, check=True
    )
    return set(run.stdout.splitlines()[-1].removeprefix("loaded ").split())


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_import_loads_nothing_heavy() -> None:
    loaded = loaded_by("import provenance")
    theirs = packages(loaded) - packages(loaded_by("pass")) - sys.stdlib_module_names
    assert theirs == {"provenance"}
    assert {name for name in loaded if name.startswith("provenance")} == {
        "provenance",
        "provenance.version",
    }


def test_help_loads_nothing_heavy() -> None:
    asked = ["--help", "--version", "match --help", "canary plant --help"]
    code = (
        "import sys\n"
        "from provenance.cli.app import main\n"
        f"for words in {asked}:\n"
        "    sys.argv = ['provenance', *words.split()]\n"
        "    try:\n"
        "        main()\n"
        "    except SystemExit as end:\n"
        "        assert not end.code, words\n"
    )
    loaded = loaded_by(code)
    assert packages(loaded) & HEAVY == set()
    assert len(loaded) < MOST_MODULES


def test_loading_is_seen() -> None:
    assert "numpy" in packages(loaded_by("from provenance import LogIndex"))


def test_only_public_names_are_shown() -> None:
    assert dir(provenance) == sorted(provenance.__all__)
    assert len(set(provenance.__all__)) == len(provenance.__all__)
    assert all(getattr(provenance, name).__name__ == name for name in provenance.__all__)


def test_type_checkers_see_the_names_that_are_loaded_late() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    names = {
        alias.name
        for block in tree.body
        if isinstance(block, ast.If)
        for line in block.body
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }
    assert names == set(provenance.__all__)
    assert (PACKAGE / "py.typed").is_file()


def test_version_is_one() -> None:
    assert provenance.__version__ == __version__
    assert project()["tool"]["hatch"]["version"]["path"] == "provenance/version.py"
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_wheel_is_the_package_with_its_manuals_and_no_tests() -> None:
    # hatch takes whatever stands in the package, tests live beside it
    wheel = project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["provenance"]
    assert not {"exclude", "include", "only-include"} & set(wheel)
    assert not [path for path in PACKAGE.rglob("*") if "test" in path.name.split("_")]
    assert (PACKAGE / "report" / "templates" / "report.html.j2").is_file()
    assert (PACKAGE / "report" / "report-1.schema.json").is_file()


def test_python_has_no_upper_end() -> None:
    assert project()["project"]["requires-python"] == ">=3.11"


def test_what_is_imported_is_declared() -> None:
    settings = project()["project"]
    extras = settings["optional-dependencies"]
    told = [
        *settings["dependencies"],
        *(one for name in ("distributed", "fast", "peers", "tokenizers") for one in extras[name]),
    ]
    named = {line.partition(">")[0] for line in told} | BROUGHT_ALONG | ONLY_COMPARED | ONLY_FITTED
    imported = {
        name.partition(".")[0]
        for path in PACKAGE.rglob("*.py")
        for name in imports(ast.parse(path.read_text("utf-8")))
    }
    theirs = imported - set(sys.stdlib_module_names) - {"provenance"}
    assert {DISTRIBUTION.get(name, name) for name in theirs} - named == set()


def imports(tree: ast.Module) -> set[str]:
    """Modules that a file imports at any place."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_a_wrong_name_suggests_the_right_one() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import provenance; provenance.fit_fingerprnt"],
        capture_output=True,
        text=True,
    )
    assert "Did you mean: 'fit_fingerprint'?" in run.stderr
