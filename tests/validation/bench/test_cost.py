"""The script of costs runs on small samples and tells its ratios."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import typer
from known_text import rows, texts
from typer.testing import CliRunner

from provenance.validation.bench import cost


@pytest.mark.slow
def test_the_script_of_costs_tells_each_command(tmp_path: Path) -> None:
    files = {}
    for name, count in (("alpha", 60), ("human", 60), ("mixed", 250)):
        found = rows(texts(name, count, seed=3))
        files[name] = tmp_path / f"{name}.jsonl"
        files[name].write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in found))
    app = typer.Typer()
    app.command()(cost.main)
    sources = ["--candidate", str(files["alpha"]), "--other", str(files["human"])]
    result = CliRunner().invoke(app, [str(files["mixed"]), *sources, "--rounds", "2"])
    assert result.exit_code == 0, result.output
    assert "peak memory of a match" in result.output
    for name in ("match of two sources", "fingerprint", "index of a log", "match with a log"):
        assert f"| {name} | " in result.output
    assert "| scan | " in result.output and "| filter | " in result.output
