"""``scan`` on the command line."""

from __future__ import annotations

import pytest
from known_commands import Files, done, run

pytestmark = pytest.mark.usefixtures("folder")


def test_nothing_else_has_to_be_given() -> None:
    told = done("scan", "human.jsonl")
    assert "language model" in told
    assert "names no model" in " ".join(told.split())


def test_the_gate_ends_as_that_of_a_match(files: Files) -> None:
    german = "Wir haben lange auf den Zug gewartet, aber er kam erst am Abend. "
    files.write("de.jsonl", *({"text": f"{n} {german * 5}"} for n in range(30)))
    result = run("scan", "de.jsonl", "--fail-above", "5%")
    assert result.exit_code == 3
    assert "Cannot tell" in result.stdout
    assert run("scan", "de.jsonl").exit_code == 0
