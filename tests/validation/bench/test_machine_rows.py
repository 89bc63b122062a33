"""Panels beside people's text, and what all models together are told to have: what is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from known_text import fingerprint

from provenance.fingerprint.fingerprint import Fingerprint
from provenance.validation.bench import machine_rows
from provenance.validation.bench.machine_rows import Setting, main


def made(data: Path, folder: str, name: str, most: int) -> Fingerprint:
    return fingerprint(name, 44)


def names(data: Path, folder: str) -> list[str]:
    return [f"{folder}{number}" for number in range(7)]


@pytest.mark.slow
def test_every_kind_of_people_and_every_model_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine_rows, "_fingerprint", made)
    monkeypatch.setattr(machine_rows, "_names", names)
    monkeypatch.setattr(machine_rows, "_kinds", lambda data: ["p/human", "p/human2"])
    for count in ("_HIDDEN", "_STRANGE", "_AWAY", "_CANDIDATES"):
        monkeypatch.setattr(machine_rows, count, 1)
    monkeypatch.setattr(machine_rows, "SETTINGS", [Setting("a", "b", 3, 1, 60)])
    main(Path(), 1)
    cells = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    whose = ("candidate", "panel", "hidden", "elsewhere")
    assert [(row[3], row[4]) for row in cells] == [
        *(("given", one) for one in ("none", *whose)),
        *(("other", one) for one in ("none", *whose)),
        *(("none", one) for one in whose),
    ]
    # One kind stands for no other: no low end, and none above the truth.
    assert {row[6] for row in cells} == {"0"}
