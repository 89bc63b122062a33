"""What a match writes is whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from known_matches import MIXED, long_corpus, matched, told

from provenance import Report, open_corpus
from provenance.errors import InputError
from provenance.matching.output import workplace, write_report


@pytest.mark.parametrize("n_sources", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_excerpts_are_rows_of_the_file_with_its_numbers(n_sources: int) -> None:
    report, found = told(n_sources)
    by_id = {row["id"]: row for row in found}
    assert report.excerpts
    for item in report.excerpts:
        assert item.q_value == pytest.approx(by_id[item.id]["q[alpha]"], abs=1e-6)
        assert item.llr == pytest.approx(by_id[item.id]["llr[alpha]"], rel=1e-5)
        assert item.q_value is not None and item.q_value <= 0.2
        assert by_id[item.id]["line"] == item.line


@pytest.mark.parametrize("n_sources", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_drawn_rows_are_rows_that_are_not_listed(n_sources: int) -> None:
    report, found = told(n_sources)
    by_id = {row["id"]: row for row in found}
    assert len(report.drawn) == 40 and len({item.id for item in report.drawn}) == 40
    assert not {item.id for item in report.drawn} & {item.id for item in report.excerpts}
    for item in report.drawn:
        assert item.q_value == pytest.approx(by_id[item.id]["q[alpha]"], abs=1e-6)
        assert item.llr == pytest.approx(by_id[item.id]["llr[alpha]"], rel=1e-5)
        assert item.llr is not None and item.q_value is not None
        assert item.q_value > 0.2 or item.llr <= 0


def test_a_report_in_a_folder_that_holds_one_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.json").write_text("old")
    (tmp_path / "out" / "mine.txt").write_text("mine")
    report = matched(MIXED[:80], tmp_path / "out")
    assert Report.load(tmp_path / "out") == report
    names = {"documents.parquet", "mine.txt", "report.html", "report.json"}
    assert set(os.listdir(tmp_path / "out")) == names
    assert os.listdir(tmp_path) == ["out"]


def test_an_output_that_is_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.write_text("mine")
    for output in (place, place / "below"):
        with pytest.raises(InputError) as caught:
            matched(iter(()), output)
        assert str(place) in str(caught.value)
    assert os.listdir(tmp_path) == ["out"]
    assert place.read_text() == "mine"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no /proc here")
def test_an_output_where_nothing_can_be_written_is_refused() -> None:
    with pytest.raises(InputError, match="/proc"):
        matched(MIXED, Path("/proc/out"))


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_that_breaks_off_leaves_nothing(workers: int, tmp_path: Path) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        matched(
            open_corpus(long_corpus(), group_field="talk"),
            tmp_path / "out",
            workers=workers,
            progress=stop,
        )
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["report.json", "documents.parquet", "report.html"])
def test_what_somebody_else_wrote_meanwhile_is_left_alone(name: str, tmp_path: Path) -> None:
    report, output = told(2)[0], tmp_path / "out"
    output.mkdir()
    (output / "report.html").write_text("old")

    def run() -> None:
        with workplace(output) as folder:
            write_report(report, folder)
            (output / name).write_text("theirs")

    with pytest.raises(InputError, match=rf"{name}: the file (appeared|was changed) while"):
        run()
    assert {path.name: path.read_text() for path in output.iterdir()} == {
        "report.html": "old",
        name: "theirs",
    }
    assert os.listdir(tmp_path) == ["out"]
