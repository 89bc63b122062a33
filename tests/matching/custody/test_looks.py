"""The log of looks: bounded, of what it names, and no ground to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.matching.custody import looks
from provenance.matching.custody.looks import noted_look

DAY = "2026-01-{:02}T00:00:00+00:00"
CORPUS = [{"path": "a", "sha256": "ab", "bytes": 3}]


def test_looks_are_counted_for_a_corpus_whatever_its_name(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        found = noted_look(CORPUS, DAY.format(day), tmp_path)
    assert found is not None
    assert (found.n_before, found.first, found.last) == (2, DAY.format(1), DAY.format(2))
    renamed = noted_look([{"path": "b", "sha256": "ab"}], DAY.format(4), tmp_path)
    other = noted_look([{"path": "a", "sha256": "cd"}], DAY.format(4), tmp_path)
    assert renamed is not None and renamed.n_before == 3
    assert other is not None and other.n_before == 0


def test_another_sample_of_a_file_is_another_look_at_it(tmp_path: Path) -> None:
    for n, digest in enumerate(("aa", "bb")):
        drawn = [{"path": "a", "bytes": 3, "sha256": digest, "drawn": True}]
        found = noted_look(drawn, DAY.format(n + 1), tmp_path)
        assert found is not None and found.n_before == n


def test_the_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "_MOST_LOOKS", 3)
    monkeypatch.setattr(looks, "_MOST_CORPORA", 2)
    for day in range(1, 9):
        found = noted_look(CORPUS, DAY.format(day), tmp_path)
    assert found is not None
    assert (found.n_before, found.at_least, found.first) == (3, True, DAY.format(5))
    (file,) = tmp_path.iterdir()
    assert len(file.read_text().splitlines()) == 3
    for n in range(5):
        noted_look([{"sha256": str(n)}], DAY.format(1), tmp_path)
    assert len([*tmp_path.iterdir()]) == 2


def test_a_folder_that_cannot_be_written_is_told_as_no_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert noted_look(CORPUS, DAY.format(1), tmp_path / "file" / "looks") is None


def test_what_is_no_look_is_passed_over(tmp_path: Path) -> None:
    noted_look(CORPUS, DAY.format(1), tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"\x00<script>\n" + file.read_bytes() + b"\xff" * 100)
    found = noted_look(CORPUS, DAY.format(2), tmp_path)
    assert found is not None and found.n_before == 1
