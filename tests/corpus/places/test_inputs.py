"""Files, folders, globs and URLs: what is read, under which name, and what leads nowhere."""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path

import pytest
from known_corpora import refusal, texts, write

from provenance.corpus import open_corpus
from provenance.corpus.places.inputs import redacted


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


@pytest.mark.parametrize(
    ("ending", "expected"),
    [("", ["b", "a"]), ("/b.jsonl", ["b"]), ("/*/*.gz", ["a"]), ("/**", ["b", "a"])],
)
def test_urls(remote: str, ending: str, expected: list[str]) -> None:
    corpus = open_corpus(remote + ending)
    assert [document.text for document in corpus] == expected
    assert all(path.startswith("memory://") for path in corpus.paths)
    assert all(len(entry["sha256"]) == 64 for entry in corpus.inputs())


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
    "standard input": ("-", None, "no such file or folder"),
    "pointer of Git LFS": (
        "a.parquet",
        b"version https://git-lfs.github.com/spec/v1\n",
        "of Git LFS",
    ),
    "long name": ("a" * 5000, None, "…: there is no such file"),
}


def test_a_long_text_that_begins_as_a_pointer_is_a_text(tmp_path: Path) -> None:
    rows = ["version https://git-lfs is how such a file begins", *["so it goes on"] * 100]
    (tmp_path / "a.txt").write_text("\n".join(rows))
    first = next(iter(open_corpus(tmp_path / "a.txt")))
    assert first.text.startswith(rows[0])


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


def test_a_link_that_leads_nowhere_or_around_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").symlink_to(tmp_path / "b.jsonl")
    (tmp_path / "b.jsonl").symlink_to(tmp_path / "a.jsonl")
    (tmp_path / "c.jsonl").symlink_to(tmp_path / "none.jsonl")
    for name in ("a.jsonl", "c.jsonl"):
        assert "the link leads to no file or folder" in refusal(f"{tmp_path}/{name}")


def test_a_fifo_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    write(tmp_path / "a.jsonl", {"text": "a"})
    os.mkfifo(tmp_path / "b.jsonl")
    assert texts(tmp_path) == ["a"]
    assert "Write it to a file first" in refusal(f"{tmp_path}/b.jsonl")
