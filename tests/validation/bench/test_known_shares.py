"""Suites say which data is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.errors import InputError
from provenance.validation.bench.known_shares import SUITES, run_suite


def test_suites_say_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no suite 'x'"):
        run_suite("x", tmp_path, tmp_path)
    for name in SUITES:
        with pytest.raises(InputError):
            run_suite(name, tmp_path, tmp_path / "cache")
