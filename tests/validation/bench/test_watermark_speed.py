"""The script of speed says what is missing."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from provenance.validation.bench import watermark_speed


def run(main: Any, *args: object) -> str:
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_script_of_speed_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    told = run(watermark_speed.main, "--tokens", 1000)
    assert "torch is not installed: pip install torch" in told
