"""Whether a machine can do the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.errors import InputError
from provenance.matching import doctor
from provenance.matching.doctor import examined
from provenance.matching.library.library import starter_library


def test_all_parts_work_here_and_the_cache_is_left_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = examined()
    assert [one.name for one in found if not one.works] == []
    (library,) = (one.sentence for one in found if one.name == "library")
    assert f"{len(starter_library().kinds)} kinds of text for scan" in library
    assert [*(tmp_path / "provenance" / "panels").iterdir()] == []


def test_what_does_not_work_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (found,) = (one for one in examined() if not one.works)
    assert found.name == "cache folder" and str(tmp_path) in found.sentence

    def broken() -> str:
        raise InputError("no vocabulary", remedy="Connect once")

    def built_for_another() -> str:
        raise ValueError("numpy.dtype size changed")

    looks = (("tokenizer", broken), ("measuring", built_for_another))
    monkeypatch.setattr(doctor, "_LOOKS", looks)
    assert [(one.works, one.sentence) for one in examined()] == [
        (False, "no vocabulary. Connect once."),
        (False, "numpy.dtype size changed"),
    ]
