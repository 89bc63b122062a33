"""Selection, options, chat shapes, and every way in which input can be bad."""

from __future__ import annotations

import datetime
import gzip
import json
import pickle
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import provenance.corpus.textlines as textlines
from provenance.corpus import Document, open_corpus
from provenance.corpus.document import CorpusOptions
from provenance.corpus.inputs import redacted
from provenance.errors import InputError

DAY = datetime.date(2024, 1, 31)


def write(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def texts(source: object, **changes: Any) -> list[str]:
    return [document.text for document in open_corpus(source, **changes)]


def one(row: dict[str, Any], **changes: Any) -> Document:
    (document,) = open_corpus([row], **changes)
    return document


def refusal(source: object, **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        list(open_corpus(source, **changes))
    return str(caught.value)


# --- where rows come from


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "b.jsonl", {"text": "b1"}, {"text": "b2"})
    write(tmp_path / "a" / "c.ndjson", {"text": "c"})
    write(tmp_path / "a" / ".hidden.jsonl", {"text": "hidden"})
    write(tmp_path / ".cache" / "d.jsonl", {"text": "hidden"})
    (tmp_path / "notes.md").write_text("not a corpus")
    (tmp_path / "e.txt").write_text("one\n\ntext\n")
    (tmp_path / "f.json.gz").write_bytes(gzip.compress(b'[{"text": "f"}]'))
    return tmp_path


def test_a_folder_is_read_in_order_of_names(folder: Path) -> None:
    documents = list(open_corpus(folder))
    assert [document.text for document in documents] == ["c", "b1", "b2", "one\n\ntext\n", "f"]
    assert [d.id for d in documents] == ["a/c.ndjson:1", "b.jsonl:1", "b.jsonl:2", "e.txt:1",
                                         "f.json.gz:1"]  # fmt: skip
    assert documents[2].path == str(folder / "b.jsonl")
    assert documents[2].line == 2


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("*.jsonl", ["b1", "b2"]), ("**/*.*json", ["c"]), ("[ab]*", ["c", "b1", "b2"])],
)
def test_globs(folder: Path, pattern: str, expected: list[str]) -> None:
    assert texts(str(folder / pattern)) == expected


def test_a_name_that_looks_like_a_glob_is_a_name_first(tmp_path: Path) -> None:
    assert texts(write(tmp_path / "a[1].jsonl", {"text": "a"})) == ["a"]


def test_a_list_of_paths_is_read_once_each(folder: Path) -> None:
    twice = [str(folder / "b.jsonl"), folder / "a", folder / "." / "b.jsonl"]
    assert texts(twice) == ["b1", "b2", "c"]


@pytest.fixture
def remote() -> Iterator[str]:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/corpus-test/b.jsonl", b'{"text": "b"}\n')
    memory.pipe("/corpus-test/deep/a.jsonl.gz", gzip.compress(b'{"text": "a"}\n'))
    memory.pipe("/corpus-test/deep/.a.jsonl", b'{"text": "hidden"}\n')
    memory.pipe("/corpus-test/notes.md", b"not a corpus")
    yield "memory://corpus-test"
    memory.rm("/corpus-test", recursive=True)


@pytest.mark.parametrize(
    ("ending", "expected"),
    [("", ["b", "a"]), ("/b.jsonl", ["b"]), ("/*/*.gz", ["a"]), ("/**", ["b", "a"])],
)
def test_urls(remote: str, ending: str, expected: list[str]) -> None:
    corpus = open_corpus(remote + ending)
    assert [document.text for document in corpus] == expected
    assert all(path.startswith("memory://") for path in corpus.paths)
    assert all(len(entry["sha256"]) == 64 for entry in corpus.inputs())


def test_a_columnar_file_behind_a_url(remote: str, dataset: Any) -> None:
    import fsspec

    with fsspec.open(f"{remote}/c.parquet", "wb") as file:
        dataset.to_parquet(file)
    corpus = open_corpus(f"{remote}/c.parquet")
    assert [document.text for document in corpus] == ["a", "b"]
    assert corpus.inputs()[0]["bytes"] == corpus.bytes_total


@pytest.mark.parametrize(
    ("ending", "said"),
    [("/none.jsonl", "no such file"), ("/none", "no such file"), ("/notes.md", "not known")],
)
def test_urls_that_lead_nowhere(remote: str, ending: str, said: str) -> None:
    assert said in refusal(remote + ending)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://bucket/a.jsonl", "s3://bucket/a.jsonl"),
        ("s3://KEY:SEC/RET@bucket/a.jsonl", "s3://***@bucket/a.jsonl"),
        ("ftp://token@host/a.jsonl", "ftp://***@host/a.jsonl"),
        ("https://me:p@ss@host/a.jsonl", "https://***@host/a.jsonl"),
        ("https://host/a.jsonl?SECRET", "https://host/a.jsonl?***"),
        ("https://host/a.jsonl#token=abc", "https://host/a.jsonl?***"),
        ("https://host/a.jsonl?X-Sig=1&b=2", "https://host/a.jsonl?***"),
        ("zip://a.jsonl::https://u:p@host/z.zip?k=1", "zip://a.jsonl::https://***@host/z.zip?***"),
        ("hf://datasets/org/name@main/a.jsonl", "hf://datasets/org/name@main/a.jsonl"),
        ("data/me:you@here.jsonl", "data/me:you@here.jsonl"),
    ],
)
def test_credentials_are_hidden(url: str, expected: str) -> None:
    assert redacted(url) == expected


def test_credentials_are_hidden_in_errors() -> None:
    said = refusal("nosuch://me:secret@host/a.jsonl")
    assert "secret" not in said
    assert "nosuch://***@host" in said


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


# --- datasets


@pytest.fixture(scope="module")
def dataset() -> Any:
    datasets = pytest.importorskip("datasets")
    return datasets.Dataset.from_dict({"text": ["a", "b"], "score": [1, 2]})


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


# --- which text


OPENAI = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": [{"type": "text", "text": "Why"}, {"type": "image_url"}]},
    {"role": "assistant", "content": None, "tool_calls": [{"id": 1}]},
    {"role": "assistant", "content": [{"type": "text", "text": "So"}]},
]
SHAREGPT = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]

TEXTS: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, str | None]]]] = {
    "text": ({"text": "a", "output": "b"}, {}, [("a", None)]),
    "first name in the list": ({"response": "a", "output": "b"}, {}, [("b", None)]),
    "empty": ({"text": " "}, {}, [(" ", None)]),
    "list of strings": ({"text": ["two", "words"]}, {}, [("two words", None)]),
    "named": ({"text": "a", "answer": "b"}, {"text_field": "answer"}, [("b", None)]),
    "dotted": ({"a": {"b": "c"}}, {"text_field": "a.b"}, [("c", None)]),
    "dot in the key": ({"a.b": "c", "a": {"b": "d"}}, {"text_field": "a.b"}, [("c", None)]),
    "place": ({"a": [{"b": "c"}, {"b": "d"}]}, {"text_field": "a[1].b"}, [("d", None)]),
    "every place": (
        {"a": [{"b": "c"}, {"b": ["d", "e"]}]},
        {"text_field": "a[*].b"},
        [("c", None), ("d e", None)],
    ),
    "every string": ({"a": ["b", "c"]}, {"text_field": "a[*]"}, [("b", None), ("c", None)]),
    "messages": ({"messages": OPENAI}, {}, [("Hello", "Hi"), ("So", "Why")]),
    "of users": ({"messages": OPENAI}, {"role": "user"}, [("Hi", None), ("Why", "Hi")]),
    "ShareGPT": ({"conversations": SHAREGPT}, {}, [("Hello", "Hi")]),
    "ShareGPT's own role": ({"conversations": SHAREGPT}, {"role": "gpt"}, [("Hello", "Hi")]),
    "messages named": ({"a": {"b": SHAREGPT}}, {"text_field": "a.b"}, [("Hello", "Hi")]),
    "Alpaca": ({"instruction": "Sum", "input": "", "output": "4"}, {}, [("4", "Sum")]),
    "Alpaca with input": (
        {"instruction": "Sum", "input": "1 3", "output": "4"},
        {},
        [("4", "Sum\n1 3")],
    ),
    "chosen": (
        {"prompt": "Hi", "chosen": "a", "rejected": "b"},
        {"text_field": "chosen"},
        [("a", "Hi")],
    ),
    "rejected chat": (
        {"chosen": SHAREGPT, "rejected": OPENAI[1:3]},
        {"text_field": "rejected"},
        [("Hello", "Hi")],
    ),
    "answer beside preferences": ({"chosen": "a", "response": "b"}, {}, [("b", None)]),
    "prompt a chat": ({"prompt": OPENAI, "text": "a"}, {}, [("a", "Why")]),
    "prompt null": ({"prompt": None, "text": "a"}, {}, [("a", None)]),
    "prompt order": ({"query": "b", "question": "a", "text": "c"}, {}, [("c", "a")]),
    "prompt named": (
        {"ask": "a", "prompt": "b", "text": "c"},
        {"prompt_field": "ask"},
        [("c", "a")],
    ),
    "prompt named for a chat": (
        {"ask": "a", "messages": SHAREGPT[:0] + OPENAI[:3]},
        {"prompt_field": "ask"},
        [("Hello", "a")],
    ),
    "prompt of the row": (
        {"prompt": "a", "messages": OPENAI[2:3]},
        {},
        [("Hello", "a")],
    ),
}


@pytest.mark.parametrize(("row", "changes", "expected"), TEXTS.values(), ids=TEXTS)
def test_texts_and_prompts(
    row: dict[str, Any], changes: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    found = [(document.text, document.prompt) for document in open_corpus([row], **changes)]
    assert found == expected


def test_documents_of_one_row_share_its_group() -> None:
    documents = list(open_corpus([{"id": 7, "messages": OPENAI}, {"messages": OPENAI}]))
    assert [d.id for d in documents] == ["7#1", "7#2", "row:2#1", "row:2#2"]
    assert [d.group for d in documents] == ["7", "7", "<rows>:2", "<rows>:2"]
    assert [d.line for d in documents] == [1, 1, 2, 2]


def test_a_conversation_of_one_turn_keeps_its_id_as_group() -> None:
    document = one({"id": "talk", "conversations": SHAREGPT})
    assert (document.id, document.group) == ("talk", "talk")
    assert one({"id": "row", "text": "a"}).group is None


def test_what_stands_beside_a_text() -> None:
    row = {"text": "a", "key": 3, "user": {"name": "u"}, "source": "web", "lang": None, "n": 1.5}
    document = one(
        row,
        id_field="key",
        group_field="user.name",
        domain_field="source",
        by=("source", "n"),
    )
    assert (document.id, document.group, document.domain) == ("3", "u", "web")
    assert document.fields == {"source": "web", "n": "1.5"}
    assert pickle.loads(pickle.dumps(document)) == document


def test_a_row_that_lacks_a_field_has_an_empty_one() -> None:
    rows = [{"text": "a", "lang": "en"}, {"text": "b"}, {"text": "c", "lang": None}]
    found = [(d.fields, d.group) for d in open_corpus(rows, by=("lang",), group_field="lang")]
    assert found == [({"lang": "en"}, "en"), ({"lang": ""}, None), ({"lang": ""}, None)]


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


def test_parquet_columns_that_are_not_asked_for_stay_closed(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({"text": ["a"], "other": ["x"], "meta": [{"lang": "en", "n": 1}]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    (document,) = open_corpus(tmp_path / "a.parquet", by=("meta.lang",))
    assert (document.text, document.fields) == ("a", {"meta.lang": "en"})
    said = refusal(tmp_path / "a.parquet", text_field="answer")
    assert "the keys are 'text', 'other', 'meta'" in said


# --- dates


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-31", DAY),
        ("2024-01-31T23:59:59", DAY),
        ("2024-01-31T23:59:59Z", DAY),
        ("2024-02-01T00:30:00+02:00", DAY),
        ("2024-01-31 20:30:00-02:00", DAY),
        ("20240131", DAY),
        (1706659200, DAY),
        (1706745599, DAY),
        (1706745600, DAY + datetime.timedelta(1)),
        (1706659200.5, DAY),
        (1706659200000, DAY),
        ("1706659200", DAY),
        ("1706659200000", DAY),
        (0, datetime.date(1970, 1, 1)),
        (-86400, datetime.date(1969, 12, 31)),
    ],
)
def test_dates(value: object, expected: datetime.date) -> None:
    assert one({"text": "a", "at": value}, date_field="at").date == expected


@pytest.mark.parametrize("value", ["soon", "", None, True, [], 1e300, "9" * 400, "2024-13-01"])
def test_dates_that_are_none(value: object) -> None:
    row = {"text": "a", "at": value}
    assert one(row, date_field="at").date is None
    assert "<rows>:1: the date 'at' holds" in refusal([row], date_field="at", before=DAY)


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


def rows_file(path: Path, numbers: range) -> Path:
    return write(path, *({"text": str(number)} for number in numbers))


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


def test_a_sample_is_uniform(tmp_path: Path) -> None:
    path = rows_file(tmp_path / "a.jsonl", range(40))
    drawn = [int(text) for seed in range(300) for text in texts(path, sample=4, seed=seed)]
    counts = [drawn.count(number) for number in range(40)]
    # 300 draws of 4 from 40: chi-squared with 39 degrees; 72 is its 99.9 % point.
    assert sum((count - 30) ** 2 / 30 for count in counts) < 72


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"limit": 1, "sample": 1}, "both a limit and a sample"),
        ({"limit": 0}, "limit is 0"),
        ({"sample": -1}, "sample is -1"),
        ({"before": DAY}, "--date-field"),
        ({"on_error": "ignore"}, "stop or skip"),
        ({"text_field": "a..b"}, "cannot be read"),
        ({"by": ("a[x]",)}, "cannot be read"),
    ],
)
def test_options_that_contradict(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        CorpusOptions(**changes)


# --- what was read


def test_inputs_are_the_stored_bytes(tmp_path: Path) -> None:
    data = gzip.compress(b"".join(b'{"text": "%d"}\n' % number for number in range(1000)))
    (tmp_path / "a.jsonl.gz").write_bytes(data)
    expected = {
        "path": str(tmp_path / "a.jsonl.gz"),
        "bytes": len(data),
        "sha256": sha256(data).hexdigest(),
    }
    corpus = open_corpus(tmp_path)
    assert corpus.inputs() == [expected]
    for limit in (None, 1):
        corpus = open_corpus(tmp_path, limit=limit)
        list(corpus)
        assert corpus.inputs() == [expected]
    assert corpus.bytes_total == len(data)


def test_inputs_of_a_columnar_file(tmp_path: Path, dataset: Any) -> None:
    dataset.to_parquet(tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    corpus = open_corpus(tmp_path)
    assert texts(corpus.paths) == [d.text for d in corpus]
    assert corpus.inputs()[0]["sha256"] == sha256(data).hexdigest()
    assert corpus.bytes_read == corpus.bytes_total == len(data)


def test_one_hash_over_inputs_knows_content_only(tmp_path: Path) -> None:
    first = [rows_file(tmp_path / "a.jsonl", range(3)), rows_file(tmp_path / "b.jsonl", range(4))]
    moved = [rows_file(tmp_path / "c.jsonl", range(4)), rows_file(tmp_path / "d.jsonl", range(3))]
    other = [rows_file(tmp_path / "e.jsonl", range(4)), rows_file(tmp_path / "f.jsonl", range(2))]
    assert open_corpus(first).sha256 == open_corpus(moved).sha256 != open_corpus(other).sha256


def test_rows_in_memory_are_hashed_by_what_they_hold() -> None:
    def read(*rows: dict[str, str]) -> str:
        corpus = open_corpus(list(rows))
        list(corpus)
        return corpus.sha256

    assert read({"text": "a"}) == read({"text": "a"}) != read({"text": "b"})


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
        monkeypatch.setattr(textlines, "ROW_LIMIT", 1000)
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


CUT = gzip.compress(GOOD * 50_000 + json.dumps({"text": list(map(str, range(9999)))}).encode())

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


NOTHING = {
    "missing path": ("none.jsonl", None, "no such file or folder"),
    "missing folder": ("none", None, "no such file or folder"),
    "glob without match": ("*.jsonl", None, "no file of a known format"),
    "empty folder": (".", None, "no file of a known format"),
    "unknown format": ("a.exe", b"", ".json .csv .tsv .txt .warc .wet .parquet .arrow"),
    "no format": ("a", b"", ".jsonl"),
    "fingerprint": ("a.fp", b"", "Fingerprints go behind --candidate, --reference or --panel"),
    "log index": ("a.idx", b"", "Log indexes go behind --log"),
    "missing fingerprint": ("b.fp", None, "--candidate"),
    "only bad rows": ("a.jsonl", b"[\n", "the corpus holds no documents; 1 bad rows"),
    "no turn": ("a.jsonl", b'{"messages": [{"role": "user", "content": "a"}]}\n', "'assistant'"),
    "first keys": ("a.jsonl", b'{"body": 1, "url": 2}\n', "the keys are 'body', 'url'"),
    "a folder for a file": ("a.jsonl/", None, "no such file or folder"),
    "zero byte": ("a\0b.jsonl", None, "no such file or folder"),
    "long name": ("a" * 5000, None, "…: there is no such file"),
}


@pytest.mark.parametrize("on_error", ["stop", "skip"])
@pytest.mark.parametrize(("name", "data", "said"), NOTHING.values(), ids=NOTHING)
def test_nothing_to_read(
    tmp_path: Path, name: str, data: bytes | None, said: str, on_error: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    message = refusal(f"{tmp_path}/{name}", on_error=on_error)
    assert "Expected" in message or "behind" in message
    if not (name == "a.jsonl" and on_error == "stop" and "bad rows" in said):
        assert said in message
    assert len(message) < 1500


@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_preference_pairs_wait_for_a_word(on_error: str) -> None:
    said = refusal([{"chosen": "a", "rejected": "b", "prompt": "c"}], on_error=on_error)
    assert "Pass --text-field chosen or --text-field rejected" in said


def test_the_text_field_is_fixed_by_the_first_row_of_each_file(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"output": "a"}, {"text": "b", "output": "c"})
    write(tmp_path / "b.jsonl", {"text": "d", "output": "e"})
    corpus = open_corpus(tmp_path)
    assert [document.text for document in corpus] == ["a", "c", "d"]
    assert list(corpus.text_fields.values()) == ["output", "text"]


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


def test_a_missing_id_is_named() -> None:
    rows = [{"text": "a", "key": 1}, {"text": "b"}]
    assert "<rows>:2: the row has no id under 'key'" in refusal(rows, id_field="key")


def test_a_fifo_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    write(tmp_path / "a.jsonl", {"text": "a"})
    os.mkfifo(tmp_path / "b.jsonl")
    assert texts(tmp_path) == ["a"]
