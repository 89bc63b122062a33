"""Selection, order and samples; bad rows and bad files stop or are counted."""

from __future__ import annotations

import datetime
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from known_corpora import DAY, refusal, rows_file, texts, write
from known_formats import set_limit

from provenance.corpus import open_corpus
from provenance.corpus.opening import opened
from provenance.errors import InputError


def test_a_list_of_paths_is_read_once_each(folder: Path) -> None:
    twice = [str(folder / "b.jsonl"), folder / "a", folder / "." / "b.jsonl"]
    assert texts(twice) == ["b1", "b2", "c"]


@pytest.mark.parametrize("option", ["group_field", "domain_field", "prompt_field", "date_field"])
@pytest.mark.parametrize("limit", [None, 2])
def test_a_field_that_no_row_has_is_an_error(option: str, limit: int | None) -> None:
    said = refusal([{"text": "a", "id": 1}] * 3, **{option: "langg"}, limit=limit)
    assert "no row has the field 'langg'; the keys are 'text', 'id'" in said
    assert "langg" in refusal([{"text": "a"}] * 3, by=("langg",))


def test_a_misspelt_field_is_told_early() -> None:
    def endless() -> Iterator[dict[str, str]]:
        while True:
            yield {"text": "a"}

    assert "no row has the field" in refusal(endless(), by=("langg",))


def test_before_is_exclusive_and_after_inclusive() -> None:
    rows = [{"text": f"{day}", "at": f"2024-01-{day}"} for day in (29, 30, 31)]
    assert texts(rows, date_field="at", before=DAY) == ["29", "30"]
    assert texts(rows, date_field="at", after=datetime.date(2024, 1, 30)) == ["30", "31"]
    corpus = open_corpus(rows, date_field="at", after=DAY)
    assert len(list(corpus)) == 1
    assert (corpus.counts.n_rows, corpus.counts.n_outside) == (3, 2)
    assert "dated outside" in refusal(rows, date_field="at", after=datetime.date(2025, 1, 1))


# --- how much


def test_limit() -> None:
    corpus = open_corpus(({"text": str(number)} for number in range(10)), limit=3)
    assert [d.text for d in corpus] == ["0", "1", "2"]
    assert corpus.counts.n_documents == 3


def test_a_sample_is_the_same_whatever_the_order_of_files(tmp_path: Path) -> None:
    paths = [rows_file(tmp_path / f"{n}.jsonl", range(100 * n, 100 * n + 100)) for n in range(3)]
    there = texts(paths, sample=20, seed=1)
    back = texts(paths[::-1], sample=20, seed=1)
    assert len(there) == 20
    assert sorted(there) == sorted(back)
    assert there == sorted(there, key=int)
    assert sorted(texts(paths, sample=20, seed=2)) != sorted(there)
    assert set(texts(paths, sample=10, seed=1)) < set(there)
    assert texts(paths, sample=1000) == [str(number) for number in range(300)]


@pytest.mark.parametrize(("sample", "unread"), [(None, 0.0), (20, 14 / 15), (1000, 0.0)])
def test_what_a_sample_left_out_is_counted(
    tmp_path: Path, sample: int | None, unread: float
) -> None:
    paths = [rows_file(tmp_path / f"{n}.jsonl", range(150 * n, 150 * n + 150)) for n in range(2)]
    corpus = open_corpus(paths, sample=sample)
    assert len([*corpus]) == min(sample or 300, 300)
    assert corpus.counts.unread == pytest.approx(unread)


def test_a_sample_is_uniform(tmp_path: Path) -> None:
    path = rows_file(tmp_path / "a.jsonl", range(40))
    drawn = [int(text) for seed in range(300) for text in texts(path, sample=4, seed=seed)]
    counts = [drawn.count(number) for number in range(40)]
    # 300 draws of 4 from 40: chi-squared with 39 degrees; 72 is its 99.9 % point.
    assert sum((count - 30) ** 2 / 30 for count in counts) < 72


def test_one_hash_over_inputs_knows_content_only(tmp_path: Path) -> None:
    first = [rows_file(tmp_path / "a.jsonl", range(3)), rows_file(tmp_path / "b.jsonl", range(4))]
    moved = [rows_file(tmp_path / "c.jsonl", range(4)), rows_file(tmp_path / "d.jsonl", range(3))]
    other = [rows_file(tmp_path / "e.jsonl", range(4)), rows_file(tmp_path / "f.jsonl", range(2))]
    assert open_corpus(first).sha256 == open_corpus(moved).sha256 != open_corpus(other).sha256


def test_a_corpus_is_read_anew_each_time(folder: Path) -> None:
    corpus = open_corpus(folder)
    assert list(corpus) == list(corpus)
    assert corpus.counts.n_documents == 5
    assert set(corpus.text_fields.values()) == {"text"}
    assert len(corpus.text_fields) == 3


# --- bad input

GOOD = b'{"text": "good"}\n'


BAD_ROWS = {
    "malformed line": ("a.jsonl", b'{"text": "x"\n', "a.jsonl:2: the row is not JSON"),
    "not UTF-8": ("a.jsonl", b'{"text": "\xff"}\n', "a.jsonl:2: the bytes are not UTF-8"),
    "deep": ("a.jsonl", b'{"text": ' + b"[" * 50_000 + b"\n", "a.jsonl:2: the row is not JSON"),
    "number": ("a.jsonl", b'{"text": 7}\n', "a.jsonl:2: the field 'text' holds a number"),
    "null": ("a.jsonl", b'{"text": null}\n', "a.jsonl:2: the field 'text' holds null"),
    "true": ("a.jsonl", b'{"text": true}\n', "a.jsonl:2: the field 'text' holds true or false"),
    "object": ("a.jsonl", b'{"text": {"k": 1}}\n', "holds an object with the keys 'k'"),
    "mixed list": ("a.jsonl", b'{"text": ["a", 1]}\n', "a list that is neither"),
    "list of lists": ("a.jsonl", b'{"text": [["a"]]}\n', "--text-field 'text[*].KEY'"),
    "no object": ("a.jsonl", b"[1]\n", "a.jsonl:2: the row is not an object"),
    "missing field": (
        "a.jsonl",
        b'{"body": "x", "n": 1}\n',
        "a.jsonl:2: there is no field 'text' (the keys are 'body', 'n'",
    ),
    "turn without text": ("a.jsonl", b'{"text": [{"role": "assistant"}]}\n', "turn 1 of the field"),
    "long line": (
        "a.jsonl",
        b'{"text": "' + b"x" * 2000 + b'"}\n',
        "a.jsonl:2: the line is longer",
    ),
}


@pytest.mark.parametrize(("name", "data", "said"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_rows_stop_or_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, said: str
) -> None:
    if "longer" in said:
        set_limit(monkeypatch, 1000)
    (tmp_path / name).write_bytes(GOOD + data + GOOD)
    message = refusal(tmp_path / name)
    assert said in message
    assert "--on-error skip" in message
    assert len(message) < 1000
    corpus = open_corpus(tmp_path / name, on_error="skip")
    assert [document.text for document in corpus] == ["good", "good"]
    assert corpus.counts.n_skipped == 1
    assert corpus.counts.n_rows == 3
    assert f"{name}:2: " in corpus.counts.skipped[0]


CUT = gzip.compress(GOOD * 2000 + json.dumps({"text": list(map(str, range(9999)))}).encode())


BAD_FILES = {
    "truncated gzip": ("z.jsonl.gz", CUT[:-100], "truncated"),
    "not gzip": ("z.jsonl.gz", GOOD, "damaged"),
    "not zst": ("z.jsonl.zst", GOOD, "damaged"),
    "not parquet": ("z.parquet", GOOD, "damaged"),
    "not Arrow": ("z.arrow", GOOD, "damaged"),
    "UTF-16": ("z.csv", "text\na\n".encode("utf-16"), "UTF-16"),
    "not UTF-8": ("z.txt", b"\xff", "not UTF-8"),
    "empty file": ("z.jsonl", b"", "holds no documents"),
    "blank file": ("z.jsonl", b"\n \n", "holds no documents"),
    "empty text": ("z.txt", b"", "holds no documents"),
    "header only": ("z.csv", b"text\n", "holds no documents"),
    "empty array": ("z.json", b"[]", "holds no documents"),
    "cut array": ("z.json", b'[{"text": "good"}, {"te', "ends early"),
}


@pytest.mark.parametrize(("name", "data", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_files_stop_or_are_counted(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    (tmp_path / name).write_bytes(data)
    message = refusal(tmp_path)
    assert f"{name}:" in message
    assert said in message
    corpus = open_corpus(tmp_path, on_error="skip")
    assert {document.text for document in corpus} == {"good"}
    assert corpus.counts.n_skipped == 1
    assert said in corpus.counts.skipped[0]
    sampled = open_corpus(tmp_path, on_error="skip", sample=1)
    assert len(list(sampled)) == 1
    assert said in sampled.counts.skipped[0]


def test_each_file_has_its_own_text_field(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"output": "a"}, {"output": "c"})
    write(tmp_path / "b.jsonl", {"text": "d", "output": "e"})
    corpus = open_corpus(tmp_path)
    assert [document.text for document in corpus] == ["a", "c", "d"]
    assert list(corpus.text_fields.values()) == ["output", "text"]


def test_all_fields_that_rows_of_a_file_were_read_in_are_told() -> None:
    rows = [{"prompt": "Why?", "output": "a"}, {"text": "b"}, {"prompt": "Why?", "output": "c"}]
    corpus = open_corpus(rows)
    assert [document.text for document in corpus] == ["a", "b", "c"]
    assert list(corpus.text_fields.values()) == ["output,text"]


def test_only_the_first_reasons_are_kept() -> None:
    corpus = open_corpus([{"text": "a"}] + [{"text": None}] * 100, on_error="skip")
    list(corpus)
    assert corpus.counts.n_skipped == 100
    assert len(corpus.counts.skipped) == 20


def test_hostile_keys_and_names_are_escaped_and_bounded(tmp_path: Path) -> None:
    row = {f"\x1b[2J{'k' * 500}{number}": 1 for number in range(500)}
    path = write(tmp_path / "a\x1b[31m.jsonl", row)
    said = refusal(path)
    assert "\x1b" not in said
    assert "and 480 more" in said
    assert len(said) < 3000


def test_an_option_that_is_misspelt_is_told_with_the_nearest() -> None:
    with pytest.raises(TypeError, match="no option 'textfield'; did you mean 'text_field'"):
        open_corpus([], textfield="a")
    with pytest.raises(TypeError, match="no option 'zzz'; there are text_field, "):
        open_corpus([], zzz="a")
    with pytest.raises(TypeError, match="did you mean 'references'"):
        opened([], {"reference": "a.fp"}, ["references"])


def test_a_corpus_that_is_open_stays_as_it_was_opened() -> None:
    corpus = open_corpus([{"answer": "a"}], text_field="answer")
    assert opened(corpus, {}) is corpus
    with pytest.raises(InputError, match="text_field cannot be changed"):
        opened(corpus, {"text_field": "other"})


def test_a_list_of_long_texts_is_one_of_texts() -> None:
    long = "no file is called so. " * 20
    corpus = opened([long, "short"], {})
    assert [one.text for one in corpus] == [long, "short"] == [one.text for one in corpus]
    with pytest.raises(InputError, match="Texts themselves are given as dicts"):
        opened(["short", "too"], {})
    with pytest.raises(InputError, match="Texts themselves are given as dicts"):
        open_corpus([long])


def test_one_field_may_stand_for_several() -> None:
    (one,) = open_corpus([{"text": "a", "kind": "b"}], by="kind")
    assert one.fields == {"kind": "b"}


def test_a_misspelt_field_suggests_the_right_one() -> None:
    with pytest.raises(InputError, match="Perhaps 'topic' is meant"):
        list(open_corpus([{"text": "a", "topic": "b"}], group_field="topc"))
