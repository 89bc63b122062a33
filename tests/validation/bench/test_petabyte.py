"""What a petabyte takes: by hand, and as the manual tells it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from provenance.validation.bench.petabyte import Job, main

MANUAL = Path(__file__).resolve().parents[3] / "provenance" / "matching" / "PETABYTE.md"


def test_by_hand() -> None:
    """A terabyte in 50 parts at 10 MB/s: 100,000 s; of a billion documents 17 GB of scores."""
    job = Job(1e12, 50, 1e7, 1e3, 17.0, 1e4, 7)
    assert job.core_hours == pytest.approx(1e5 / 3600)
    assert job.scores == pytest.approx(17e9)
    # 50 tallies, 8 sums of seven or fewer, 2, 1.
    assert job.n_levels == 3


def test_the_manual_holds_what_the_command_prints() -> None:
    import typer

    app = typer.Typer()
    app.command()(main)
    printed = CliRunner().invoke(app, []).output.strip()
    assert printed.count("\n") == 10
    assert printed in MANUAL.read_text(encoding="utf-8")
