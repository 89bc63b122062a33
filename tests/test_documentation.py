"""README.md names every command, option, public name and module, and shows only what works."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import typer

import provenance
from provenance.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PACKAGE = ROOT / "provenance"

CLI: Any = typer.main.get_command(app)
COMMANDS: dict[str, Any] = {
    f"{name} {inner}".strip(): found
    for name, command in CLI.commands.items()
    for inner, found in getattr(command, "commands", {"": command}).items()
}
FENCE = re.compile(r"^```([\w-]*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
SHELL = {"sh", "bash", "console", "shell"}
CONTROL = {"&&", "||", ";", "|", "&"}


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of each fenced block."""
    return [(found[1], found[2]) for found in FENCE.finditer(text)]


def holds(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def missing_commands(text: str) -> list[str]:
    return [name for name in COMMANDS if not holds(text, f"provenance {name}")]


def missing_options(text: str) -> list[str]:
    commands = [CLI, *COMMANDS.values()]
    names = {
        name
        for command in commands
        for option in command.params
        if not getattr(option, "hidden", False)
        for name in (*option.opts, *option.secondary_opts)
        if name.startswith("--")
    }
    return sorted(name for name in names if not holds(text, name))


def missing_names(text: str) -> list[str]:
    """Public names that stand in no piece of code other than a command."""
    code = [content for language, content in blocks(text) if language not in SHELL]
    code += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    python = "\n".join(piece for piece in code if not piece.startswith("provenance "))
    return [name for name in provenance.__all__ if not holds(python, name)]


def commands(text: str) -> Iterator[list[str]]:
    """Every command of the shell blocks, split as a shell would."""
    for language, content in blocks(text):
        if language in SHELL:
            for line in content.replace("\\\n", " ").splitlines():
                yield from _of_line(line)


def _of_line(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    for is_control, words in groupby(lexer, CONTROL.__contains__):
        command = list(words)
        if not is_control:
            yield command[1:] if command[0] == "$" else command


def wrong_commands(text: str) -> list[str]:
    told = [(words, _problem(words)) for words in commands(text)]
    return [f"{shlex.join(words)}: {problem}" for words, problem in told if problem]


def _problem(words: list[str]) -> str | None:
    """What is wrong with a command of this project; None for those of others."""
    if words[0] == "provenance":
        return _unparsed(words[1:])
    if words[0].startswith("python") and words[1:2] == ["-m"]:
        ours = words[2].split(".")[0] == "provenance"
        return "no such module" if ours and not _is_module(words[2]) else None
    is_ours = "/" in words[0] and not words[0].startswith((".venv/", "/", "~"))
    return "no such file" if is_ours and not (ROOT / words[0]).is_file() else None


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _unparsed(words: list[str]) -> str | None:
    """What the parser says of the arguments; nothing runs."""
    if words in (["--help"], ["--version"]) or words[1:] == ["--help"]:
        return None
    name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
    if name not in COMMANDS:
        return "no such command"
    try:
        COMMANDS[name].make_context(name, words[len(name.split()) :])
    except Exception as error:
        return str(getattr(error, "message", "")) or repr(error)
    return None


def tree_differences(text: str) -> list[str]:
    """What the drawn tree of the package lacks of its folder, and what it invents."""
    there = {
        path.name + "/" * path.is_dir()
        for path in PACKAGE.iterdir()
        if path.name not in {"__init__.py", "__pycache__"}
        and (path.is_dir() or path.suffix == ".py")
    }
    shown = set(tree_names(text))
    return [f"not in the tree: {name}" for name in sorted(there - shown)] + [
        f"no such thing: {name}" for name in sorted(shown - there)
    ]


def tree_names(text: str) -> Iterator[str]:
    """Names right below ``provenance/`` in the block that starts with it."""
    trees = [content for _, content in blocks(text) if content.startswith("provenance/")]
    lines = "".join(trees[:1]).splitlines()[1:]
    depths = [len(line) - len(line.lstrip("│├└─| ")) for line in lines]
    for line, depth in zip(lines, depths, strict=True):
        if depth == min(depths):
            yield line[depth:].split("  ")[0].rstrip()


CHECKS: list[Callable[[str], list[str]]] = [
    missing_commands,
    missing_options,
    missing_names,
    wrong_commands,
    tree_differences,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_readme(check: Callable[[str], list[str]]) -> None:
    assert check(README.read_text("utf-8")) == []


def test_readme_has_what_ci_runs() -> None:
    text = README.read_text("utf-8")
    for marker, command in (("main job", "provenance demo"), ("test command", "pytest")):
        found = re.search(rf"^<!-- {marker} -->\n```sh\n(.+?)\n```$", text, re.MULTILINE)
        assert found, f"no block of one line right after <!-- {marker} -->"
        assert found[1].endswith(f"&& {command}")


@pytest.fixture(name="complete")
def complete_text() -> str:
    """A text of the shape of a README that names everything."""
    options = " ".join(f"`{name}`" for name in missing_options(""))
    names = " ".join(f"`{name}`" for name in provenance.__all__)
    entries = [line.rpartition(": ")[2] for line in tree_differences("")]
    tree = "".join(f"├── {name}   what it is\n│   ├── a\n" for name in entries)
    shown = (
        "provenance fingerprint a.jsonl --name a -o a.fp && provenance demo  # a comment\n"
        "provenance match 'corpus/*.jsonl' --candidate a.fp \\\n    --reference h.fp -o out\n"
        "python -m provenance.errors; .ci/run | tail -n 3\n"
        "$ provenance --version\npip install .\n"
    )
    return (
        "\n".join(f"`provenance {name}`" for name in COMMANDS)
        + f"\n\n{options}\n\n{names}\n\n```sh\n{shown}```\n\n"
        + f"```\nprovenance/\n{tree}```\n"
    )


def test_a_complete_readme_passes(complete: str) -> None:
    assert [problem for check in CHECKS for problem in check(complete)] == []


@pytest.mark.parametrize(
    ("check", "old", "new", "problem"),
    [
        (missing_commands, "`provenance report`", "`provenance reports`", "report"),
        (missing_options, "`--fdr`", "`--fdr-limit`", "--fdr"),
        (missing_options, "`--id-field`", "id-field", "--id-field"),
        (missing_names, "`match`", "`provenance match`", "match"),
        (missing_names, "`Report`", "Report", "Report"),
        (wrong_commands, "provenance demo", "provenance dance", "provenance dance: "),
        (wrong_commands, "--name a", "--nome a", "provenance fingerprint a.jsonl --nome"),
        (wrong_commands, "    --reference h.fp -o", "    --reference h.fp -q", "provenance match"),
        (wrong_commands, " -o a.fp", "", "provenance fingerprint a.jsonl --name a: "),
        (wrong_commands, "-m provenance.errors", "-m provenance.erors", "python -m"),
        (wrong_commands, "-m provenance.errors", "-m provenance.erors.x", "python -m"),
        (wrong_commands, ".ci/run", ".ci/ran", ".ci/ran"),
        (tree_differences, "├── cli.py ", "├── cly.py ", "not in the tree: cli.py"),
        (tree_differences, "├── cli.py ", "├── cly.py ", "no such thing: cly.py"),
        (tree_differences, "├── corpus/ ", "│   ├── corpus/ ", "not in the tree: corpus/"),
        (tree_differences, "provenance/\n├", "package/\n├", "not in the tree: _archive.py"),
    ],
)
def test_what_is_wrong_is_named(
    complete: str, check: Callable[[str], list[str]], old: str, new: str, problem: str
) -> None:
    assert old in complete
    assert any(told.startswith(problem) for told in check(complete.replace(old, new)))
