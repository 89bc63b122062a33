"""README.md and the manuals name every command, option, public name and folder, and are right.

A manual is the `README.md` of a folder of the package; it stands at the door that it explains, and
what it names need not stand in the README at the top. That one is short.
"""

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
from provenance.records.diagnostics import FEW_MODELS, FIT, FRESH, ROWS, SHIFT, SHORT
from provenance.report.page.weaknesses import IN_PLAIN_WORDS

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PACKAGE = ROOT / "provenance"

MOST_LINES = 300

# Folders that a newcomer meets: each has a row in the table of README.md and a manual.
ROOMS = [
    path.relative_to(PACKAGE).as_posix()
    for place in (PACKAGE, PACKAGE / "evidence")
    for path in sorted(place.iterdir())
    if (path / "__init__.py").is_file() and path.name != "evidence"
]
MANUALS = sorted(PACKAGE.rglob("*.md"))
PAGES = [README, *MANUALS]

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


COMMON = {"--help", "--json", "--quiet", "--output"}


def options_of(command: Any) -> set[str]:
    """Those that a command takes beside what every one does."""
    shown = (one for one in command.params if not getattr(one, "hidden", False))
    names = {name for one in shown for name in (*one.opts, *one.secondary_opts)}
    return {name for name in names if name.startswith("--")} - COMMON


def missing_options(text: str) -> list[str]:
    commands = [CLI, *COMMANDS.values()]
    names = COMMON.union(*map(options_of, commands))
    return sorted(name for name in names if not holds(text, name))


def options_of_table(text: str) -> dict[str, set[str]]:
    """Options by command, as the manual's table has them."""
    row = re.compile(r"^\| [`*]([a-z ]+)[`*] \| (.*(?:--|\*reading).*) \|$", re.MULTILINE)
    rows = dict(row.findall(text))
    found = {name: {*re.findall(r"`(--[\w-]+)`", told)} for name, told in rows.items()}
    reading = found.pop("reading")
    return {
        name: one | (reading if "*reading*" in rows[name] else set()) for name, one in found.items()
    }


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


LINK = re.compile(r"\[[^\]\n]*\]\(([^()\s]+)\)")


def links(text: str) -> list[str]:
    """Targets of the links outside code; a link's own words may be code."""
    prose = re.sub(r"\[`([^`\n]*)`\]\(", r"[\1](", FENCE.sub("", text))
    return LINK.findall(re.sub(r"`[^`\n]*`", "", prose))


def broken_links(text: str, folder: Path) -> list[str]:
    """Links to files that are not there, or to headings that the file does not have."""
    return [link for link in links(text) if "://" not in link and not _leads(link, folder)]


def _leads(link: str, folder: Path) -> bool:
    name, _, heading = link.partition("#")
    target = folder / name
    return target.exists() and (not heading or not target.is_file() or _has(target, heading))


def _has(page: Path, heading: str) -> bool:
    """Whether a page has a heading, as GitHub writes its anchor."""
    lines = FENCE.sub("", page.read_text("utf-8")).splitlines()
    titles = [line.lstrip("#").strip().lower() for line in lines if line.startswith("#")]
    return heading in {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def missing_rooms(text: str) -> list[str]:
    """Folders without a row of a table that links to their manual."""
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    linked = {link.removeprefix("./") for link in links(rows)}
    return [room for room in ROOMS if f"provenance/{room}/README.md" not in linked]


CHECKS: list[Callable[[str], list[str]]] = [
    missing_commands,
    missing_options,
    missing_names,
    wrong_commands,
    missing_rooms,
]


@pytest.mark.parametrize(
    "check", [missing_commands, missing_options, missing_names], ids=lambda check: check.__name__
)
def test_everything_is_named(check: Callable[[str], list[str]]) -> None:
    assert check("\n\n".join(page.read_text("utf-8") for page in PAGES)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_shows_only_what_works(page: Path) -> None:
    text = page.read_text("utf-8")
    assert wrong_commands(text) == []
    assert broken_links(text, page.parent) == []


def test_readme_has_a_row_for_each_folder() -> None:
    assert missing_rooms(README.read_text("utf-8")) == []


def test_readme_names_every_command() -> None:
    assert missing_commands(README.read_text("utf-8")) == []


@pytest.mark.parametrize("room", ROOMS)
def test_folder_has_a_manual(room: str) -> None:
    assert (PACKAGE / room / "README.md").is_file()


FOLDERS = sorted(
    path.parent.relative_to(PACKAGE).as_posix()
    for path in PACKAGE.rglob("__init__.py")
    if path.parent not in {PACKAGE, PACKAGE / "evidence"}
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_manual_names_every_module(folder: str) -> None:
    """A file that no manual tells of is found by nobody: one of its folder, or of the one above."""
    own = PACKAGE / folder
    manuals = [*own.glob("*.md"), *own.parent.glob("*.md")]
    text = "\n".join(path.read_text("utf-8") for path in manuals)
    names = sorted(path.stem for path in own.glob("[!_]*.py"))
    assert [name for name in names if not re.search(rf"[`/.]{name}(\.py)?\b", text)] == []


def test_every_module_of_the_bench_stands_as_a_command() -> None:
    """What nobody knows how to run measures nothing."""
    told = "\n".join(page.read_text("utf-8") for page in PAGES)
    commands = [
        f"provenance.validation.bench.{path.stem}"
        for path in sorted((PACKAGE / "validation" / "bench").glob("*.py"))
        if 'if __name__ == "__main__"' in path.read_text("utf-8")
    ]
    assert len(commands) > 20
    assert [name for name in commands if not holds(told, f"python -m {name}")] == []


def test_the_table_of_options_is_what_commands_take() -> None:
    table = options_of_table((PACKAGE / "cli" / "README.md").read_text("utf-8"))
    taken = {name: options_of(command) for name, command in COMMANDS.items()}
    assert table == {name: options for name, options in taken.items() if options}


TABLE_OF_CHECKS = PACKAGE / "matching" / "CHECKS.md"
CHECK_ROWS = re.findall(
    r"^\| (`[a-z_]+`.*?) \| (.*) \| (.*) \|$", TABLE_OF_CHECKS.read_text("utf-8"), re.M
)


def test_every_check_has_a_row() -> None:
    kinds = {kind for cell, _, _ in CHECK_ROWS for kind in re.findall(r"`([a-z_]+)`", cell)}
    assert {*IN_PLAIN_WORDS} <= kinds


@pytest.mark.parametrize("row", CHECK_ROWS, ids=lambda row: row[0])
def test_a_check_is_made_where_its_row_says(row: tuple[str, str, str]) -> None:
    """The file names the check, or the constant for its name, and each level stands somewhere."""
    cell, places, level = row
    kind = re.findall(r"`([a-z_]+)`", cell)[0]
    constants = {
        FIT: "FIT",
        FEW_MODELS: "FEW_MODELS",
        FRESH: "FRESH",
        ROWS: "ROWS",
        SHIFT: "SHIFT",
        SHORT: "SHORT",
    }
    files = [
        (TABLE_OF_CHECKS.parent / link).read_text("utf-8")
        for link in re.findall(r"\]\((.*?)\)", places)
    ]
    named = re.compile(rf'"{kind}["\[]' if kind not in constants else rf"\b{constants[kind]}\b")
    assert files and all(named.search(text) for text in files)
    files += [
        (PACKAGE / path).read_text("utf-8") for path in re.findall(r"`(\w+/[\w/]+\.py)`", level)
    ]
    for name in re.findall(r"`([A-Z_]+)`", level):
        assert any(re.search(rf"^{name}\b.*=", text, re.M) for text in files), name


PATH = re.compile(r"`((?:[a-z_]+/)+[a-z_0-9]+\.py)`")


def test_paths_in_code_lead_somewhere() -> None:
    """Files move, and what speaks of them stays: from the top, the package or a folder above."""
    lost = [
        (source.relative_to(ROOT).as_posix(), path)
        for source in sorted(PACKAGE.rglob("*.py"))
        for path in PATH.findall(source.read_text("utf-8"))
        if not any((folder / path).is_file() for folder in source.parents)
    ]
    assert lost == []


def test_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= MOST_LINES


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
    rooms = "".join(f"| [`{room}/`](provenance/{room}/README.md) | what |\n" for room in ROOMS)
    shown = (
        "provenance fingerprint a.jsonl --name a -o a.fp && provenance demo  # a comment\n"
        "provenance match 'corpus/*.jsonl' --candidate a.fp \\\n    --reference h.fp -o out\n"
        "python -m provenance.errors; .ci/run | tail -n 3\n"
        "$ provenance --version\npip install .\n"
    )
    return (
        "\n".join(f"`provenance {name}`" for name in COMMANDS)
        + f"\n\n{options}\n\n{names}\n\n```sh\n{shown}```\n\n"
        + f"| folder | |\n|---|---|\n{rooms}"
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
        (missing_rooms, "provenance/corpus/README.md", "provenance/corpora/README.md", "corpus"),
        (missing_rooms, "| [`evidence/log/`]", "[`evidence/log/`]", "evidence/log"),
        (missing_rooms, "[`cli/`](provenance/cli/README.md)", "`cli/`", "cli"),
    ],
)
def test_what_is_wrong_is_named(
    complete: str, check: Callable[[str], list[str]], old: str, new: str, problem: str
) -> None:
    assert old in complete
    assert any(told.startswith(problem) for told in check(complete.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[a](README.md) [b](provenance/py.typed) [c](https://example.org/x)", []),
        ("[`a`](REEDME.md)", ["REEDME.md"]),
        ("[a](#development) [b](README.md#what-may-not-be-claimed)", []),
        ("[a](README.md#nothing-of-the-kind)", ["README.md#nothing-of-the-kind"]),
        ("`[a](REEDME.md)`\n\n```\n[a](REEDME.md)\n```\n", []),
    ],
)
def test_links_that_lead_nowhere(text: str, broken: list[str]) -> None:
    found = broken_links(text.replace("(#", "(README.md#"), ROOT)
    assert found == broken
