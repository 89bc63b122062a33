"""Every command can be silent, and every one can speak JSON."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import report_examples as examples
from known_commands import NEEDED, done, run

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize("command", NEEDED)
def test_every_command_has_both(command: str) -> None:
    told = " ".join(done(*command.split(), "--help").split())
    assert "--quiet" in told
    assert "--json" in told


@pytest.mark.parametrize(
    "args",
    [
        ("fingerprint", "api.jsonl", "--name", "q", "-o", "q.fp"),
        ("index", "api.jsonl", "-o", "q.idx"),
        ("compare", "fps/api.fp", "fps/human.fp"),
        ("library", "list"),
    ],
)
def test_quiet_is_silent(args: tuple[str, ...]) -> None:
    assert done(*args, "--quiet") == ""


def test_errors_are_told_all_the_same() -> None:
    result = run("inspect", "none.fp", "--quiet")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none.fp" in result.stderr


@pytest.mark.parametrize(
    ("args", "key"),
    [
        (("fingerprint", "api.jsonl", "--name", "j", "-o", "j.fp"), "sha256"),
        (("merge", "fps/api.fp", "fps/human.fp", "-o", "both.fp"), "counts"),
        (("index", "api.jsonl", "-o", "j.idx"), "first_day"),
        (("report", "shown.json", "-o", "page.html"), "told"),
    ],
)
def test_json_is_one_value(args: tuple[str, ...], key: str) -> None:
    examples.estimated().save("shown.json")
    assert key in orjson.loads(done(*args, "--json", "-q"))


def test_a_match_prints_its_report_also_where_the_gate_closes() -> None:
    sources = ("--candidate", "fps/api.fp", "--reference", "fps/human.fp", "--only")
    result = run("match", "mixed.jsonl", *sources, "--fail-above", "1%", "-o", "gated", "--json")
    assert result.exit_code == 1
    assert orjson.loads(result.stdout) == orjson.loads(Path("gated/report.json").read_bytes())
