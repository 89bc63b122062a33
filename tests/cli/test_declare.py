"""``declare`` on the command line."""

from __future__ import annotations

import json

import pytest
import report_examples as examples
from known_commands import Files, done, run

pytestmark = pytest.mark.usefixtures("folder")


def test_a_declaration_is_told_and_checked(files: Files) -> None:
    examples.estimated().save("report.json")
    told = json.loads(done("declare", "report.json"))
    done("declare", "report.json", "-o", "told.json")
    assert json.loads((files.root / "told.json").read_text()) == told

    (files.root / "README.md").write_text(f"---\n{told['card']}---\n# Card\n")
    assert "not contradicted: tags: synthetic" in done(
        "declare", "report.json", "--check", "README.md"
    )
    (files.root / "c.json").write_text(json.dumps({"rai:hasSyntheticData": False}))
    result = run("declare", "report.json", "--check", "c.json", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["verdict"] == "contradicted"

    examples.withheld().save("held.json")
    assert "cannot tell" in done("declare", "held.json", "--check", "c.json")
    assert run("declare", "report.json", "--check", "none.md").exit_code == 2
