"""``declare`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import report_examples as examples
from known_commands import done, run


def test_a_declaration_is_told_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples.estimated().save("report.json")
    told = json.loads(done("declare", "report.json"))
    done("declare", "report.json", "-o", "told.json")
    assert json.loads((tmp_path / "told.json").read_text()) == told

    (tmp_path / "README.md").write_text(f"---\n{told['card']}---\n# Card\n")
    assert "not contradicted: tags: synthetic" in done(
        "declare", "report.json", "--check", "README.md"
    )
    (tmp_path / "c.json").write_text(json.dumps({"rai:hasSyntheticData": False}))
    result = run("declare", "report.json", "--check", "c.json", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["verdict"] == "contradicted"

    # A report is not written over, and nothing is where the card cannot be read.
    (tmp_path / "out").mkdir()
    examples.estimated().save("out/report.json")
    assert "also an input" in run("declare", "out", "-o", "out/report.json").stderr
    assert run("declare", "out", "-o", "new.json", "--check", "none.md").exit_code == 2
    assert not (tmp_path / "new.json").exists()

    examples.withheld().save("held.json")
    assert "cannot tell" in done("declare", "held.json", "--check", "c.json")
    assert run("declare", "report.json", "--check", "none.md").exit_code == 2
