"""Every option of every command with values that nobody means: one paragraph, or it works."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import typer
from known_commands import NEEDED, WORK, Reached, run, stop_at

from provenance.cli.app import app

pytestmark = pytest.mark.usefixtures("folder")

ODD = (
    "0",
    "-1",
    "nan",
    "inf",
    "-inf",
    "1e30",
    "1" + "0" * 30,
    "5%",
    "",
    "0x10",
    "\uff11",
    "\x00\x1b[2J",
)
"""Numbers that are none, that are too large, and what is no number."""


def commands(group: Any = None, named: Sequence[str] = ()) -> Iterator[tuple[str, Any]]:
    found = group or typer.main.get_command(app)
    if not hasattr(found, "commands"):
        yield " ".join(named), found
        return
    for name, command in found.commands.items():
        yield from commands(command, (*named, name))


def options(command: Any) -> list[str]:
    """Long names of those that take a value."""
    return [
        max(item.opts, key=len)
        for item in command.params
        if item.param_type_name == "option" and not item.is_flag
    ]


COMMANDS = dict(commands())
SHARED = {*options(COMMANDS["fingerprint"])} & {*options(COMMANDS["index"])}
"""Tried with one command."""
CASES = [
    (name, option)
    for name, command in COMMANDS.items()
    for option in options(command)
    if name == "fingerprint" or option not in SHARED
]


NUMBERS = frozenset(
    "--confidence-level --fail-above --fdr --limit --max-tokens --min-tokens --n --random-keys"
    " --precision --reference-before"
    " --repeats --row-tokens --rows --sample --seed --shares --sizes --splits --top --window"
    " --until --workers".split()
)
FEW = ("nan", "1" + "0" * 30, "5%")


def tried() -> Iterator[Any]:
    for name, option in CASES:
        if option in NUMBERS:
            yield pytest.param(name, option, FEW, id=f"{name} {option}")
        yield pytest.param(name, option, ODD, id=f"{name} {option} all", marks=pytest.mark.slow)


def test_every_command_is_tried() -> None:
    assert {*NEEDED} == {*COMMANDS}
    assert {option for _, option in CASES} >= NUMBERS


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_at(monkeypatch, WORK)


@pytest.mark.parametrize(
    "command",
    [name for name in NEEDED if name not in ("report", "inspect", "declare", "verify", "run")],
)
def test_without_it_the_work_begins(command: str, stopped: None) -> None:
    assert isinstance(run(*command.split(), *NEEDED[command]).exception, Reached)


@pytest.mark.parametrize(("command", "option", "values"), [*tried()])
def test_an_odd_value_is_one_paragraph_or_taken(
    command: str, option: str, values: Sequence[str], stopped: None
) -> None:
    for value in values:
        result = run(*command.split(), *NEEDED[command], f"{option}={value}")
        if isinstance(result.exception, Reached) or result.exit_code == 0:
            continue
        assert result.exit_code == 2, (value, result.exception)
        assert "Traceback" not in result.output
        assert not {"\x1b", "\x00"} & {*result.output}
        assert len(result.stderr) < 1500, (value, result.stderr)
