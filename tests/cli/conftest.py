"""The folder that commands work in."""

from __future__ import annotations

from pathlib import Path

import pytest
from known_commands import Files

from provenance.features.spec import FeatureSpec
from provenance.fingerprint.measuring import fit_fingerprint


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    made = Files(tmp_path_factory.mktemp("cli"), tmp_path_factory.mktemp("cache"))
    made.write("bad.jsonl", {"text": "as it was in the beginning it is now"}, {"text": None})
    spec = FeatureSpec(min_tokens=20)
    fit_fingerprint(made.texts["human"][:30], "other", spec).save(made.root / "other.fp")
    (made.root / "empty").mkdir()
    (made.root / "broken.fp").write_bytes(b"PK\x03\x04 and nothing else")
    return made


@pytest.fixture
def folder(files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(files.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(files.cache))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path
