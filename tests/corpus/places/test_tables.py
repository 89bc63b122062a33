"""Objects, datasets and columnar files as corpora."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from known_corpora import DAY, one, refusal, texts, write

from provenance.corpus import open_corpus
from provenance.errors import InputError


def test_a_columnar_file_behind_a_url(remote: str, dataset: Any) -> None:
    import fsspec

    with fsspec.open(f"{remote}/c.parquet", "wb") as file:
        dataset.to_parquet(file)
    corpus = open_corpus(f"{remote}/c.parquet")
    assert [document.text for document in corpus] == ["a", "b"]
    assert corpus.inputs()[0]["bytes"] == corpus.bytes_total


def test_python_objects() -> None:
    assert texts([{"text": "a"}, {"text": "b"}]) == ["a", "b"]
    assert texts(text for text in ("a", "b")) == ["a", "b"]
    assert one({"text": "a", "at": datetime.datetime(2024, 1, 31, 23)}, date_field="at").date == DAY


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"text": ["a"]}, "a dict is not a corpus"),
        (7, "a int is not a corpus"),
        ([], "holds no documents"),
        ([7], "<rows>:1: the row is not an object"),
        ([{"text": b"a"}], "holds an object with the keys '<bytes>'"),
        ([{"text": "\ud800"}], "cannot be written as JSON"),
        (["no-such-file.jsonl"], "no such file"),
        (["a text with spaces, " * 500], "Texts themselves are given as dicts"),
    ],
)
def test_objects_that_are_no_corpus(source: object, said: str) -> None:
    message = refusal(source)
    assert said in message
    assert len(message) < 1000


def test_an_iterator_is_read_once() -> None:
    corpus = open_corpus(iter([{"text": "a"}]))
    assert len(list(corpus)) == 1
    with pytest.raises(InputError, match="read once"):
        list(corpus)


def test_errors_of_the_users_own_generator_are_left_alone() -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield {"text": "a"}
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        list(open_corpus(rows()))


def test_datasets_objects(dataset: Any) -> None:
    import datasets

    assert texts(dataset) == ["a", "b"]
    assert texts(dataset.select([1])) == ["b"]
    assert texts(dataset.to_iterable_dataset()) == ["a", "b"]
    both = datasets.DatasetDict({"train": dataset, "test": dataset.select([0])})
    corpus = open_corpus(both)
    assert [d.id for d in corpus] == ["test:1", "train:1", "train:2"]
    assert corpus.paths == ["<dataset>:test", "<dataset>:train"]
    assert corpus.text_fields == {"<dataset>:test": "text", "<dataset>:train": "text"}


def test_saved_datasets(dataset: Any, tmp_path: Path) -> None:
    import datasets

    dataset.save_to_disk(tmp_path / "one")
    datasets.DatasetDict({"train": dataset}).save_to_disk(tmp_path / "many")
    assert texts(tmp_path / "one") == texts(f"hf:{tmp_path / 'one'}") == ["a", "b"]
    assert texts(tmp_path / "many") == texts(f"hf:{tmp_path / 'many'}:train") == ["a", "b"]
    assert "no split 'test'" in refusal(f"hf:{tmp_path / 'many'}:test")


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("", ["test", "train"]),
        (":train", ["train"]),
        (":default", ["test", "train"]),
        (":default:test", ["test"]),
        ("@main:test", ["test"]),
    ],
)
def test_hub_names(tmp_path: Path, ending: str, expected: list[str]) -> None:
    pytest.importorskip("datasets")
    write(tmp_path / "data" / "train.jsonl", {"text": "train"})
    write(tmp_path / "data" / "test.jsonl", {"text": "test"})
    assert texts(f"hf:{tmp_path / 'data'}{ending}") == expected


@pytest.mark.parametrize("spec", ["hf:", "hf:a:b:c:d", "hf:a::c"])
def test_hub_names_that_cannot_be_read(spec: str) -> None:
    assert "hf:NAME[@REVISION][:CONFIG][:SPLIT]" in refusal(spec)


def test_hub_names_that_are_not_there(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    assert "datasets cannot load it" in refusal(f"hf:{tmp_path / 'none'}")


def test_parquet_columns_that_are_not_asked_for_stay_closed(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({"text": ["a"], "other": ["x"], "meta": [{"lang": "en", "n": 1}]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    (document,) = open_corpus(tmp_path / "a.parquet", by=("meta.lang",))
    assert (document.text, document.fields) == ("a", {"meta.lang": "en"})
    said = refusal(tmp_path / "a.parquet", text_field="answer")
    assert "the keys are 'text', 'other', 'meta'" in said


def test_inputs_of_a_columnar_file(tmp_path: Path, dataset: Any) -> None:
    dataset.to_parquet(tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    corpus = open_corpus(tmp_path)
    assert texts(corpus.paths) == [d.text for d in corpus]
    assert corpus.inputs()[0]["sha256"] == sha256(data).hexdigest()
    assert corpus.bytes_read == corpus.bytes_total == len(data)


def test_rows_in_memory_are_hashed_by_what_they_hold() -> None:
    def read(*rows: dict[str, str]) -> str:
        corpus = open_corpus(list(rows))
        list(corpus)
        return corpus.sha256

    assert read({"text": "a"}) == read({"text": "a"}) != read({"text": "b"})


@pytest.mark.parametrize("change", ["touched", "replaced", "gone"])
def test_a_saved_folder_that_changes_while_it_is_read_is_told(tmp_path: Path, change: str) -> None:
    import datasets

    folder = tmp_path / "saved"
    datasets.Dataset.from_dict({"text": ["one", "two"]}).save_to_disk(str(folder))
    (file,) = folder.glob("*.arrow")
    rows = iter(open_corpus(folder))
    next(rows)
    if change == "touched":
        os.utime(file, ns=(1, 1))
    else:
        data = file.read_bytes()
        file.unlink()
        if change == "replaced":
            file.write_bytes(data)
    with pytest.raises(InputError, match="the file changed while it was read"):
        list(rows)


def test_a_hub_that_nobody_reaches_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    def asked(*_: object, **__: object) -> None:
        raise AssertionError("datasets was asked, which tries for half a minute")

    monkeypatch.setattr("datasets.load_dataset", asked)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    # Port 9 discards; nobody listens there.
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    told = refusal("hf:some/name")
    assert "cannot be reached" in told and "Go online" in told
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set" in refusal("hf:some/name")
