"""A corpus as a newcomer brings it."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from provenance.simulate.words import library_texts
from provenance.validation.bench.fresh_scan import FILES, drawn_rows, main


@pytest.fixture
def data(tmp_path: Path) -> Path:
    texts = [one[:900] for one in library_texts() if len(one) > 300]
    for number, (_, name) in enumerate(FILES):
        path = tmp_path / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        own = texts[5 * number : 5 * number + 5]
        with gzip.open(path, "wb") as file:
            file.writelines(orjson.dumps({"text": text}) + b"\n" for text in own)
    return tmp_path


def test_all_by_models_and_people_for_the_rest(data: Path) -> None:
    rows = drawn_rows(data, 40)
    who = [one for one, _ in rows]
    assert (who.count("inside"), who.count("outside"), who.count("people")) == (15, 10, 15)
    assert rows == drawn_rows(data, 40)


@pytest.mark.slow
def test_what_is_told_stands_beside_the_truth(data: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(main)
    told = CliRunner().invoke(app, [str(data), "--rows", "60"])
    assert told.exit_code == 0, told.exception
    assert "| models named for known answers | 0 | 0 of them rightly, of 5 |" in told.stdout
    # All are people's words here, of which too few are there to tell anything.
    assert "of 60 rows that were judged | cannot tell (0 to 100 %)" in told.stdout
