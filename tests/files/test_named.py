"""Files that names, folders and globs stand for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from provenance.errors import InputError
from provenance.files.named import loaded, loaded_one, named_files


def test_names_folders_and_globs(tmp_path: Path) -> None:
    for name in ("b.fp", "a.fp", "c.txt"):
        (tmp_path / name).write_text("")
    both = [str(tmp_path / "a.fp"), str(tmp_path / "b.fp")]
    assert named_files([str(tmp_path)], ".fp") == both
    assert named_files([str(tmp_path / "?.fp")], ".fp") == both
    assert named_files(both[::-1], ".fp") == both[::-1]
    assert named_files([both[1], str(tmp_path)], ".fp") == both[::-1]
    assert named_files([str(tmp_path / "d.fp")], ".fp") == [str(tmp_path / "d.fp")]
    (tmp_path / "[x].fp").write_text("")
    assert named_files([str(tmp_path / "[x].fp")], ".fp") == [str(tmp_path / "[x].fp")]
    with pytest.raises(InputError, match="no fingerprint"):
        named_files([str(tmp_path / "*.idx")], ".fp")


def test_an_empty_name_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="an empty name was given"):
        named_files([str(tmp_path), ""], ".fp")


@dataclass(frozen=True)
class Held:
    text: str

    @classmethod
    def load(cls, path: Any) -> Self:
        return cls(Path(path).read_text())


def test_what_is_ready_comes_first(tmp_path: Path) -> None:
    for name in ("b.fp", "a.fp"):
        (tmp_path / name).write_text(name)
    ready = Held("ready")
    assert loaded(ready, Held, ".fp") == [ready]
    assert loaded(tmp_path / "a.fp", Held, ".fp") == [Held("a.fp")]
    assert loaded(str(tmp_path), Held, ".fp") == [Held("a.fp"), Held("b.fp")]
    assert loaded((tmp_path / "b.fp", ready), Held, ".fp") == [ready, Held("b.fp")]
    assert loaded((), Held, ".fp") == []


def test_one_is_ready_or_in_a_file(tmp_path: Path) -> None:
    for name in ("b.fp", "a.fp"):
        (tmp_path / name).write_text(name)
    ready = Held("ready")
    assert loaded_one(ready, Held, ".fp") is ready
    assert loaded_one(tmp_path / "a.fp", Held, ".fp") == Held("a.fp")
    with pytest.raises(InputError, match="it holds 2 fingerprints"):
        loaded_one(tmp_path, Held, ".fp")


@pytest.mark.parametrize("given", [3, None, [None], b"a.fp", [["a.fp"]]])
def test_what_is_neither_is_refused(given: Any) -> None:
    with pytest.raises(InputError, match="was given for a fingerprint"):
        loaded(given, Held, ".fp")
