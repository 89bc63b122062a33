"""``doctor`` on the command line."""

from __future__ import annotations

import json

import pytest
from known_commands import done, run

from provenance.matching.doctor import Examined


def test_each_part_is_a_line_and_a_broken_one_ends_with_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = [Examined("tokenizer", True, "is at hand"), Examined("cache", True, "x\x1b[2J")]
    monkeypatch.setattr("provenance.matching.doctor.examined", lambda: parts)
    assert done("doctor").splitlines()[0] == "tokenizer: works: is at hand"
    assert "\x1b" not in done("doctor")
    parts.append(Examined("library", False, "Install it again."))
    result = run("doctor", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[2]["works"] is False
