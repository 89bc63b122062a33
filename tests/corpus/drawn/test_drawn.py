"""Rows drawn without reading the rest: each with the same chance, the same for the same seed."""

from __future__ import annotations

import datetime
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as parquet
import pytest
from known_corpora import rows_file, texts
from scipy import stats

from provenance.corpus import Corpus, open_corpus
from provenance.corpus.drawn import drawn, drawn_lines, drawn_tables
from provenance.corpus.drawn.drawn_tables import spread, together


@pytest.fixture(autouse=True)
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw from small files as from large ones."""
    monkeypatch.setattr(drawn, "SMALL", 0)
    monkeypatch.setattr(drawn_lines, "_SHORTEST", 64)
    monkeypatch.setattr(drawn_lines, "_PILOT_BYTES", 4096)


def lines_of(path: Path, lengths: list[int], **more: Any) -> Path:
    rows = ({"text": f"{number} {'x' * length}"} for number, length in enumerate(lengths))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), **more)
    return path


def table_of(path: Path, numbers: range, group: int) -> Path:
    columns = {"text": [f"{number} row" for number in numbers], "other": ["y" * 90] * len(numbers)}
    parquet.write_table(pyarrow.table(columns), path, row_group_size=group)
    return path


def drawn_numbers(source: object, size: int, seed: int) -> list[int]:
    return [int(text.split()[0]) for text in texts(source, sample=size, seed=seed)]


def is_uniform(counts: Counter[int], n_rows: int) -> bool:
    """Whether no row was drawn oftener than others, at one in ten thousand."""
    seen = [counts[row] for row in range(n_rows)]
    mean = sum(seen) / n_rows
    statistic = sum((count - mean) ** 2 / mean for count in seen)
    return bool(statistic < stats.chi2.ppf(0.9999, n_rows - 1))


def test_a_long_line_and_one_after_it_have_the_chance_of_any_other(tmp_path: Path) -> None:
    rng = random.Random(0)
    lengths = [rng.choice([1, 5, 40, 300, 3000]) for _ in range(120)]
    path = lines_of(tmp_path / "a.jsonl", lengths)
    counts = Counter(row for seed in range(240) for row in drawn_numbers(path, 6, seed))
    assert sum(counts.values()) == 1440
    assert is_uniform(counts, 120)
    by_length = dict.fromkeys(lengths, 0.0)
    for row, count in counts.items():
        by_length[lengths[row]] += count / lengths.count(lengths[row])
    # 12 draws a row are expected, of some 24 rows of each length: a mean errs by 0.7.
    assert all(abs(mean - 12) < 3 for mean in by_length.values())


def test_rows_of_many_groups_and_of_one_have_one_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_tables, "_GROUPS", 6)
    first = table_of(tmp_path / "a.parquet", range(90), 4)
    last = table_of(tmp_path / "b.parquet", range(90, 120), 30)
    counts: Counter[int] = Counter()
    for seed in range(150):
        corpus = open_corpus([first, last], sample=8, seed=seed)
        found = [*corpus]
        assert len(found) == 8
        assert len({document.drawn_with for document in found}) <= 6
        assert (corpus.counts.n_drawn_from, corpus.counts.is_about) == (120, False)
        counts.update(int(document.text.split()[0]) for document in found)
    assert is_uniform(counts, 120)


def test_kinds_of_files_are_drawn_from_in_proportion(tmp_path: Path) -> None:
    """Lines at offsets, a table by number, texts by file, and a table with commas read whole."""
    rows_file(tmp_path / "a.jsonl", range(200))
    table_of(tmp_path / "b.parquet", range(200, 300), 50)
    for number in range(300, 350):
        (tmp_path / f"c{number}.txt").write_text(f"{number}")
    (tmp_path / "d.csv").write_text("text\n" + "".join(f"{row}\n" for row in range(350, 400)))
    counts: Counter[str] = Counter()
    for seed in range(40):
        corpus = open_corpus(tmp_path, sample=40, seed=seed)
        found = [int(document.text.split()[0]) for document in corpus]
        assert len({*found}) == len(found) == corpus.counts.n_drawn == 40
        assert corpus.counts.is_about
        assert corpus.counts.n_drawn_from == pytest.approx(400, rel=0.5)
        counts.update("abcd"[sum(row >= end for end in (200, 300, 350))] for row in found)
    parts = {name: count / 1600 for name, count in counts.items()}
    assert parts == pytest.approx({"a": 0.5, "b": 0.25, "c": 0.125, "d": 0.125}, abs=0.04)


def test_a_seed_gives_its_rows_whatever_the_order_of_files(tmp_path: Path) -> None:
    paths = [rows_file(tmp_path / f"{n}.jsonl", range(100 * n, 100 * n + 100)) for n in range(3)]
    paths += [table_of(tmp_path / f"{n}.parquet", range(100 * n, 100 * n + 90), 30) for n in (3, 4)]
    there = drawn_numbers(paths, 20, 1)
    assert sorted(there) == sorted(drawn_numbers(paths[::-1], 20, 1))
    assert len(there) == 20
    assert sorted(there) != sorted(drawn_numbers(paths, 20, 2))


def test_little_is_read_and_the_manifest_says_so(tmp_path: Path) -> None:
    path = lines_of(tmp_path / "a.jsonl", [100] * 60_000)
    corpus = open_corpus(path, sample=100)
    found = [*corpus]
    assert len(found) == 100
    assert corpus.bytes_read < 0.3 * path.stat().st_size
    assert corpus.bytes_total is None
    assert corpus.counts.n_drawn_from == pytest.approx(60_000, rel=0.25)
    (entry,) = corpus.inputs()
    assert (entry["bytes"], entry["drawn"]) == (path.stat().st_size, True)
    again = open_corpus(path, sample=100)
    assert [*again] == found
    assert again.sha256 == corpus.sha256
    assert {document.text for document in found} != {
        document.text for document in open_corpus(path, sample=100, seed=1)
    }


def test_a_row_drawn_by_its_offset_is_called_by_it(tmp_path: Path) -> None:
    path = lines_of(tmp_path / "a.jsonl", [10] * 400)
    data = path.read_bytes()
    for document in open_corpus(path, sample=10):
        assert document.id == f"a.jsonl:byte {int(document.line)}"
        assert json.loads(data[document.line :].split(b"\n")[0])["text"] == document.text


def test_where_a_quarter_is_asked_for_all_is_read(tmp_path: Path) -> None:
    path = lines_of(tmp_path / "a.jsonl", [50] * 400)
    corpus = open_corpus(path, sample=390)
    assert len([*corpus]) == 390
    assert (corpus.counts.n_drawn_from, corpus.counts.is_about) == (400, False)


def test_commas_are_read_whole_for_a_quote_may_be_open(tmp_path: Path) -> None:
    body = "x\nno row,\nno row,\n"
    rows = "".join(f'"{number} {body}",a\n' for number in range(200))
    (tmp_path / "a.csv").write_text(f"text,kind\n{rows}")
    corpus = open_corpus(tmp_path, sample=5)
    assert all(document.text.split()[0].isdigit() for document in corpus)
    assert corpus.counts.n_drawn_from == 200


def skipped(path: Path, size: int) -> Corpus:
    corpus = open_corpus(path, sample=size, on_error="skip")
    assert len([*corpus]) <= size
    return corpus


def test_bad_lines_that_are_met_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.corpus.formats.at_offsets.ROW_LIMIT", 2000)
    path = lines_of(tmp_path / "a.jsonl", [5, 3000] * 100)
    corpus = skipped(path, 20)
    assert corpus.counts.n_drawn == 20
    assert 5 < corpus.counts.n_skipped < 60
    assert "a.jsonl:byte " in corpus.counts.skipped[0]
    assert "longer than" in corpus.counts.skipped[0]


def test_a_table_that_is_cut_is_told(tmp_path: Path) -> None:
    path = table_of(tmp_path / "a.parquet", range(400), 20)
    data = bytearray(path.read_bytes())
    column = parquet.read_metadata(path).row_group(12).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    corpus = skipped(path, 30)
    assert corpus.counts.losses == {"tails": 1}


def test_blank_lines_and_a_mark_before_the_first_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = "".join(f'{{"text": "{number}"}}\n\n   \n' for number in range(300))
    path.write_bytes(b"\xef\xbb\xbf" + rows.encode())
    counts = Counter(row for seed in range(100) for row in drawn_numbers(path, 30, seed))
    assert is_uniform(counts, 300)
    assert counts[0]


@pytest.mark.parametrize("seed", range(5))
def test_points_stand_for_rows_by_size(seed: int) -> None:
    """Each stretch is met as often as it has rows for: to a point more or less."""
    rng = random.Random(seed)
    ends: list[int] = []
    for _ in range(30):
        ends.append((ends[-1] if ends else 0) + rng.choice([1, 3, 50, 400]))
    size = ends[-1] // 8
    stretches = together(ends, 4 * size / 10)
    assert stretches[-1] == ends[-1]
    found = [*spread(stretches, size, 10, rng)]
    assert sum(count for *_, count in found) == size
    for begin, end, count in found:
        assert abs(count - (end - begin) / 8) <= size / 10 + 1


def test_filters_act_on_what_was_drawn_and_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = ({"text": f"{row} text", "at": f"{2020 + row % 4}-05-01"} for row in range(2000))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = open_corpus(path, sample=200, date_field="at", before=datetime.date(2022, 1, 1))
    found = [*corpus]
    assert all(int(document.text.split()[0]) % 4 < 2 for document in found)
    assert corpus.counts.n_drawn == len(found) + corpus.counts.n_outside == 200
    assert 60 < len(found) < 140
    told = corpus.what_was_read()
    assert any(line.startswith("200 of about ") for line in told)
    assert any(line.startswith("what none of them shows") for line in told)


def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path) -> None:
    path = lines_of(tmp_path / "a.jsonl", [20] * 400)
    corpus = open_corpus(path, sample=10, on_error="skip")
    path.write_text(path.read_text() + '{"text": "0 more"}\n')
    assert len([*corpus]) <= 10
    assert corpus.counts.losses == {"changed": corpus.counts.n_files_changed}
    assert corpus.counts.n_files_changed


def test_lines_that_turn_out_to_hold_no_rows_leave_all_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "0 line"}\n{"text": "1 line"}\n' + "\n" * 9000)
    table_of(tmp_path / "b.parquet", range(2, 300), 7)
    corpus = open_corpus(tmp_path, sample=400)
    assert sorted(int(one.text.split()[0]) for one in corpus) == [*range(300)]
    assert (corpus.counts.n_drawn, corpus.counts.n_drawn_from) == (300, 300)
