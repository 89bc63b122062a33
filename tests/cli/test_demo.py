"""``provenance demo`` on the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from provenance.cli.app import app
from provenance.evidence.watermark.keys import read_watermark_keys


@pytest.mark.slow
def test_the_demonstration_on_the_terminal(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["demo", "--watermark", "--seed", "1", "-o", str(tmp_path)])
    assert told.exit_code == 0, told.exception
    assert "consistent with" in told.stdout and "no evidence" in told.stdout
    for key in read_watermark_keys(tmp_path / "watermark" / "K.toml"):
        assert str(key.key.reveal()) not in told.stdout
