"""What hangs on the sources alone is found once, and again where what is kept is no good."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from known_text import fingerprint, panel

from provenance.matching.partials import kept
from provenance.matching.partials.kept import Kept
from provenance.share.estimate import sample_checks
from provenance.share.sources import Sources

NAMES = ("alpha", "human")
SOURCES = Sources(tuple(map(fingerprint, NAMES)), ("candidate", "reference"))
VIEW = "n-grams"


def checks(place: Path, sources: Sources = SOURCES, key: str = "key") -> list[str]:
    found = Kept(place).sample_checks(panel().samples(VIEW), sources, key, VIEW)
    return [one.sentence for one in found]


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number each time that the samples are checked."""
    counted: list[int] = []

    def counting(*given: object) -> object:
        counted.append(1)
        return sample_checks(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "sample_checks", counting)
    return counted


def test_they_are_checked_once(tmp_path: Path, found: list[int]) -> None:
    expected = [one.sentence for one in sample_checks(panel().samples(VIEW), SOURCES)]
    assert checks(tmp_path) == checks(tmp_path) == expected
    assert len(found) == 1
    exact = Kept(tmp_path).sample_checks(panel().samples(VIEW), SOURCES, "key", VIEW)
    assert exact == sample_checks(panel().samples(VIEW), SOURCES)


def test_another_panel_role_or_answer_is_another_check(tmp_path: Path, found: list[int]) -> None:
    checks(tmp_path)
    checks(tmp_path, key="other")
    checks(tmp_path, Sources(SOURCES.fingerprints, ("reference", "candidate")))
    samples = panel().samples(VIEW)
    for place in (0, 1):
        asked = np.arange(len(samples.scored)) == place
        answered = replace(samples, scored=replace(samples.scored, asked=asked))
        Kept(tmp_path).sample_checks(answered, SOURCES, "key", VIEW)
    assert len(found) == 5


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"a\nb", b"x" * 2_000_000])
def test_a_damaged_file_is_made_again(data: bytes, tmp_path: Path, found: list[int]) -> None:
    first = checks(tmp_path)
    [name] = os.listdir(tmp_path)
    (tmp_path / name).write_bytes(data)
    assert checks(tmp_path) == first
    assert checks(tmp_path) == first
    assert len(found) == 2


def test_files_that_changed_places_are_made_again(tmp_path: Path, found: list[int]) -> None:
    first = checks(tmp_path)
    [name] = os.listdir(tmp_path)
    os.rename(tmp_path / name, tmp_path / "one")
    assert checks(tmp_path, key="other") == first
    [other] = {*os.listdir(tmp_path)} - {"one"}
    os.rename(tmp_path / "one", tmp_path / other)
    checks(tmp_path, key="other")
    assert len(found) == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
def test_nobody_waits_for_a_pipe(tmp_path: Path, found: list[int]) -> None:
    first = checks(tmp_path)
    [name] = os.listdir(tmp_path)
    os.unlink(tmp_path / name)
    os.mkfifo(tmp_path / name)
    assert checks(tmp_path) == first
    assert len(found) == 2


def test_any_other_byte_is_told(tmp_path: Path, found: list[int]) -> None:
    first = checks(tmp_path)
    [name] = os.listdir(tmp_path)
    whole = (tmp_path / name).read_bytes()
    for place in range(0, len(whole), len(whole) // 10):
        changed = bytearray(whole)
        changed[place] ^= 1
        (tmp_path / name).write_bytes(bytes(changed))
        assert checks(tmp_path) == first
    assert len(found) > 5


def test_changed_code_finds_it_anew(
    tmp_path: Path, found: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    checks(tmp_path)
    monkeypatch.setattr(kept, "_stamp", lambda: [["em.py", 1, 2]])
    checks(tmp_path)
    assert len(found) == 2


def test_where_nothing_can_be_kept_it_is_found_each_time(tmp_path: Path, found: list[int]) -> None:
    place = tmp_path / "file"
    place.write_text("no folder")
    assert checks(place) == checks(place)
    assert len(found) == 2


def test_few_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST_KEPT", 3)
    for number in range(6):
        checks(tmp_path, key=str(number))
    assert len(os.listdir(tmp_path)) == 3


def test_telling_ngrams_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = map(fingerprint, NAMES)
    expected = one.telling([other])[:30]
    assert expected
    assert Kept(tmp_path).telling(one, [other]) == expected
    monkeypatch.setattr(type(one), "telling", lambda *_: pytest.fail("told twice"))
    assert Kept(tmp_path).telling(one, [other]) == expected
