"""The script of nulls runs and prints its table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from provenance.validation.bench import watermark_nulls


def run(main: Any, *args: object) -> str:
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "text.jsonl").write_text(
        "".join(f'{{"text": "Words of text {n}, and of text {n + 1}."}}\n' for n in range(300))
    )
    return tmp_path


def test_the_script_of_nulls_prints_its_table(folder: Path) -> None:
    told = run(
        watermark_nulls.main,
        *(folder, "--scheme", "gumbel_vllm", "--tokens", 2000, "--keys", 4),
        *("-o", folder / "out.jsonl"),
    )
    assert "gumbel_vllm" in told and "sd of z" in told
    assert (folder / "out.jsonl").read_text().count("\n") == 1
