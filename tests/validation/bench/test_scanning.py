"""The tables of a scan, on scores that are made up."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from provenance.matching.library.building import SPEC, MeasuredKinds
from provenance.matching.library.library import Library, SourceKind, counted
from provenance.validation.bench import scanning
from provenance.validation.bench.scanning import judged, models, people, settings


def made_up() -> MeasuredKinds:
    """People around -0.6 and models around 0.8, of two topics."""
    rng = np.random.default_rng(0)
    kinds: list[SourceKind] = []
    scores, kind_of = [], []
    for topic in ("reviews", "news"):
        for by, name, at in (("people", "human", -0.6), ("models", "gpt", 0.8)):
            kind_of += [len(kinds)] * 120
            kinds.append(SourceKind(f"{topic}/{name}-{topic}", by, topic, 120, 100))
            scores.append(rng.normal(at, 0.2, (120, 4)))
    values, numbers = np.concatenate(scores), np.array(kind_of)
    counts = np.stack([counted(values[numbers == at]) for at in range(len(kinds))])
    library = Library(SPEC, "2026", np.zeros(4, np.float32), tuple(kinds), counts)
    return MeasuredKinds(library, numbers, values, values)


def test_people_have_no_low_end_and_models_are_found() -> None:
    found = made_up()
    assert "| all | | | | 0 of 6 (0 %) |" in [*people(found, 3)][-1]
    rows = [line.split("|") for line in [*models(found, 3)][2:]]
    assert len(rows) == 10
    assert {row[7].strip() for row in rows} <= {"3 of 3", "2 of 3"}
    assert "0 %" in [*scanning.rows(found, 2)][2]
    assert [*settings(found, 2)][-1].count(" 0 % ") == 5


def test_what_is_judged_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "more" / "some" / "human_a.jsonl.gz"
    path.parent.mkdir(parents=True)
    texts = [
        "It was what it was, and we had to go on with it. " * 4,
        "Der Zug kam nicht, weil es regnete. " * 20,
    ]
    with gzip.open(path, "wb") as file:
        file.writelines(orjson.dumps({"text": text, "lang": "en"}) + b"\n" for text in texts)
    assert [*judged(tmp_path)][-1] == "| some | people | en | 2 | 50.0 % |"
    monkeypatch.setattr(scanning, "measured", lambda _: made_up())
    import typer

    app = typer.Typer()
    app.command()(scanning.main)
    told = CliRunner().invoke(app, [str(tmp_path), "--repeats", "1"])
    assert told.exit_code == 0, told.exception
    assert told.stdout.count("|---|---") > 3
