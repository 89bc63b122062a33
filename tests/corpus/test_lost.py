"""What of a corpus is lost is counted apart from bad rows, and named."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from known_corpora import refusal, rows_file, write

import provenance.corpus.places.inputs as inputs
from provenance.corpus import Corpus, open_corpus
from provenance.corpus.formats import columnar
from provenance.errors import InputError


def skipping(source: object, **changes: Any) -> Corpus:
    corpus = open_corpus(source, on_error="skip", **changes)
    list(corpus)
    return corpus


GOOD = b"".join(b'{"text": "row %d of several"}\n' % number for number in range(20_000))

LOST: dict[str, tuple[str, bytes, dict[str, int]]] = {
    "not gzip": ("z.jsonl.gz", b"hello", {"files": 1}),
    "not xz": ("z.jsonl.xz", b"hello", {"files": 1}),
    "not parquet": ("z.parquet", b"hello", {"files": 1}),
    "UTF-16": ("z.csv", "text\na\n".encode("utf-16"), {"files": 1}),
    "not UTF-8": ("z.txt", b"\xff", {"files": 1}),
    "gzip by another name": ("z.jsonl", gzip.compress(GOOD), {"files": 1}),
    "cut gzip": ("z.jsonl.gz", gzip.compress(GOOD)[:-9], {"tails": 1}),
    "cut at once": ("z.jsonl.gz", gzip.compress(GOOD)[:12], {"files": 1}),
    "cut JSON": ("z.json", b'[{"text": "a"}, {"te', {"tails": 1}),
    "cut turns": ("z.json", b'[{"role": "user", "content": "a"}, {"ro', {"files": 1}),
    "two names alike": ("z.csv", b"text,text\na,b\n", {"files": 1}),
    "a bad row alone": ("z.jsonl", b'{"text": \n', {}),
}


@pytest.mark.parametrize(("name", "data", "losses"), LOST.values(), ids=LOST)
@pytest.mark.parametrize("sample", [None, 5])
def test_losses_are_counted_apart(
    tmp_path: Path, name: str, data: bytes, losses: dict[str, int], sample: int | None
) -> None:
    write(tmp_path / "a.jsonl", {"text": "good"})
    (tmp_path / name).write_bytes(data)
    corpus = skipping(tmp_path, sample=sample)
    assert corpus.counts.losses == losses
    assert corpus.counts.n_unknown == sum(losses.values())
    assert corpus.counts.n_skipped == 1
    assert [name in place for place in corpus.counts.lost] == [True] * len(losses)
    assert bool(corpus.what_was_lost()) == bool(losses)
    assert f"{name}:" in refusal(tmp_path)


def test_a_closed_file_is_a_lost_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows_file(tmp_path / "a.jsonl", range(3))
    closed = rows_file(tmp_path / "b.jsonl", range(4))
    real = inputs.FileInput.open

    def refuse(self: inputs.FileInput) -> Any:
        if self.location == str(closed):
            raise InputError("it cannot be read (PermissionError)", where=self.path)
        return real(self)

    # Not by its mode, which does not stop everybody.
    monkeypatch.setattr(inputs.FileInput, "open", refuse)
    corpus = skipping(tmp_path)
    assert corpus.counts.n_documents == 3
    assert corpus.counts.losses == {"files": 1}
    assert [entry["bytes"] for entry in corpus.inputs()] == [
        (tmp_path / "a.jsonl").stat().st_size,
        0,
    ]
    assert "b.jsonl:1: it cannot be read" in refusal(tmp_path)


def changes_while_read(path: Path, change: Any, **options: Any) -> Iterator[Any]:
    corpus = open_corpus(path, **options)
    for number, document in enumerate(corpus):
        if number == 0:
            change()
        yield document


def table_file(path: Path, start: int, n_rows: int = 1500, batch: int = 300) -> Path:
    """A table larger than what is read ahead, in the format that the name says."""
    texts = [f"row {start + n} of several " * 40 for n in range(n_rows)]
    table = pa.table({"text": texts, "other": texts})
    if path.suffix == ".jsonl":
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in table.to_pylist()))
    elif path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=batch, compression="none", use_dictionary=False)
    else:
        opened = pa.ipc.new_stream if path.suffix == ".ipc" else pa.ipc.new_file
        with pa.OSFile(str(path), "wb") as sink, opened(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=batch)
    return path


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"text": "more"}\n')


def replace(path: Path) -> None:
    path.unlink()
    table_file(path, 60)


CHANGES: dict[str, Callable[[Path], object]] = {
    "longer": grow,
    "cut": lambda path: os.truncate(path, 100),
    "emptied": lambda path: os.truncate(path, 0),
    "touched": lambda path: os.utime(path, ns=(1, 1)),
    "written over": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "gone": Path.unlink,
    "replaced": replace,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize(
    ("name", "long_batch"),
    [("a.jsonl", 0), ("a.parquet", 0), ("a.ipc", 0), ("a.arrow", 0), ("a.arrow", 1 << 30)],
)
def test_a_file_that_changes_while_it_is_read_is_told(
    tmp_path: Path,
    name: str,
    change: Callable[[Path], object],
    long_batch: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columnar, "_LONG_BATCH", long_batch)
    path = table_file(tmp_path / name, 0)
    told = "the file changed while it was read"
    with pytest.raises(InputError, match=rf"{re.escape(name)}:\d+: {told}"):
        list(changes_while_read(path, lambda: change(path)))


@pytest.mark.parametrize("change", [grow, replace])
def test_a_file_that_changes_before_it_is_hashed_is_told(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    path = table_file(tmp_path / "a.parquet", 0)
    corpus = open_corpus(path)
    list(corpus)
    change(path)
    with pytest.raises(InputError, match=r"a\.parquet: the file changed while it was read"):
        corpus.inputs()


def test_a_changed_file_is_counted(tmp_path: Path) -> None:
    path = rows_file(tmp_path / "a.jsonl", range(50))
    corpus = open_corpus(path, on_error="skip")
    for document in corpus:
        if document.line == 1:
            os.utime(path, ns=(1, 1))
    assert corpus.counts.losses == {"changed": 1}
    assert "1 file changed while being read." in corpus.what_was_lost()


def test_a_second_reading_knows_the_first(tmp_path: Path) -> None:
    path = rows_file(tmp_path / "a.jsonl", range(50))
    stat = path.stat()
    corpus = open_corpus(path)
    list(corpus)
    before = corpus.inputs()
    list(corpus)
    assert corpus.inputs() == before
    # As long, and written at the same time: only the hash tells.
    path.write_bytes(path.read_bytes().replace(b'"7"', b'"8"'))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    list(corpus)
    with pytest.raises(InputError, match=r"a\.jsonl: the file changed between two readings"):
        corpus.inputs()


def test_everything_lost_is_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(b"hello")
    said = refusal(tmp_path, on_error="skip")
    assert "the corpus holds no documents; 1 bad rows were passed over" in said


def test_what_is_told_is_bounded_and_escaped(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"\x1b[31m{number}.jsonl.gz").write_bytes(b"hello")
    write(tmp_path / "a.jsonl", {"text": "good"})
    corpus = skipping(tmp_path)
    assert corpus.counts.n_files_lost == 30
    assert len(corpus.counts.lost) == 20
    assert len(corpus.what_was_lost()) == 4
    assert "\x1b" not in "".join(corpus.what_was_lost() + corpus.counts.lost)
