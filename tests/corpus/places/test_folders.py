"""What a folder or a glob stands for, and what of it is passed over and told."""

from __future__ import annotations

import bz2
import os
from pathlib import Path

import pytest
from known_corpora import refusal, texts, write

from provenance.corpus import Corpus, open_corpus
from provenance.errors import InputError


def read(path: object) -> Corpus:
    corpus = open_corpus(path)
    list(corpus)
    return corpus


def why(corpus: Corpus) -> dict[str, str]:
    """Name of each file passed over, and the reason."""
    told = (place.rpartition(": ") for place in corpus.passed_over)
    return {os.path.basename(path): reason for path, _, reason in told}


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """A folder with all that may lie beside data, and another folder that a link leads to."""
    write(tmp_path / "elsewhere" / "d.jsonl", {"text": "not read either"})
    folder = tmp_path / "dump"
    write(folder / "a.jsonl", {"text": "read"})
    (folder / "b.jsonl.bz2").write_bytes(bz2.compress(b'{"text": "bz2"}\n'))
    write(folder / "c.jsonl.1", {"text": "not read"})
    write(folder / "e.jsonlines", {"text": "one per line"})
    write(folder / ".f.jsonl", {"text": "hidden"})
    write(folder / ".git" / "g.jsonl", {"text": "hidden"})
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "README.txt").write_text("About the data.")
    (folder / "notes.txt").write_text("A document.")
    return folder


def test_what_a_folder_passes_over_is_told(dump: Path) -> None:
    corpus = open_corpus(dump)
    assert [d.text for d in corpus] == ["read", "bz2", "one per line", "A document."]
    assert corpus.n_passed_over == 5
    assert why(corpus) == {
        "c.jsonl.1": "its ending is not known",
        "linked": "a link to a folder",
        "README.txt": "it tells of the folder, and is read where it is named",
        ".f.jsonl": "hidden",
        ".git": "hidden",
    }
    assert corpus.what_was_lost()[0] == "5 files or folders were passed over."


@pytest.mark.parametrize(
    ("pattern", "expected", "n_passed"),
    [
        ("dump/*", ["read", "bz2", "one per line", "A document."], 3),
        ("dump/*.jsonl", ["read"], 0),
        ("dump/.f*", [], 1),
        ("**/*.jsonl", ["read", "not read either"], 0),
        ("**/linked", [], 1),
        ("dump/linked/*.jsonl", ["not read either"], 0),
        ("dump/*.txt", ["A document."], 1),
    ],
)
def test_globs_tell_of_what_they_match(
    dump: Path, pattern: str, expected: list[str], n_passed: int
) -> None:
    path = str(dump.parent / pattern)
    if not expected:
        assert "no file of a known format (" in refusal(path)
        return
    corpus = read(path)
    assert texts(path) == expected
    assert corpus.n_passed_over == n_passed


def test_a_file_that_tells_of_the_folder_is_read_where_it_is_named(dump: Path) -> None:
    assert texts(dump / "README.txt") == ["About the data."]


@pytest.mark.parametrize(
    "name",
    [
        *("LICENSE.txt", "requirements.txt", "NOTICE.txt", "Changelog.TXT", "dataset_info.json"),
        *("README_zh.txt", "LICENSE-CC-BY-4.0.txt", "sha256sums.txt", "DATASHEET.txt"),
        *("config.json", "tokenizer_config.json", "vocab.json", "metadata.json", "Schema.JSON"),
    ],
)
def test_files_about_a_folder(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a.jsonl", {"text": "a"})
    (tmp_path / name).write_text("{}")
    assert [*why(read(tmp_path))] == [name]


def test_links_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path / "data" / "b.jsonl", {"text": "b"})
    write(tmp_path / "blobs" / "x", {"text": "x"})
    (tmp_path / "data" / "a.jsonl").symlink_to("b.jsonl")
    (tmp_path / "data" / "c.jsonl").symlink_to(tmp_path / "blobs" / "x")
    (tmp_path / "data" / "d.jsonl").symlink_to(tmp_path / "blobs" / "x")
    (tmp_path / "data" / "e.jsonl").symlink_to("none.jsonl")
    (tmp_path / "data" / "f.jsonl").symlink_to("f.jsonl")
    corpus = open_corpus(tmp_path / "data")
    assert [(d.text, d.id) for d in corpus] == [("b", "b.jsonl:1"), ("x", "c.jsonl:1")]
    assert why(corpus) == {
        "a.jsonl": "a link to a file that is read",
        "d.jsonl": "a link to a file that is read",
        "e.jsonl": "a link that leads nowhere",
        "f.jsonl": "a link that leads nowhere",
    }


@pytest.mark.parametrize("pattern", ["", "**", "**/*.jsonl", "**/**/*.jsonl"])
def test_links_in_circles_end(tmp_path: Path, pattern: str) -> None:
    write(tmp_path / "in" / "a.jsonl", {"text": "a"})
    for name in "bcd":
        (tmp_path / "in" / name).symlink_to(tmp_path)
    assert texts(str(tmp_path / pattern)) == ["a"]


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"text": "a"})
    (tmp_path / "b.jsonl").touch()
    assert "b.jsonl:1: it holds no documents" in refusal(tmp_path)
    corpus = open_corpus(tmp_path, on_error="skip")
    assert len(list(corpus)) == 1
    assert corpus.counts.losses == {}
    assert why(corpus) == {"b.jsonl:1": "it is empty"}


def test_only_the_first_are_named(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"text": "a"})
    for number in range(50):
        (tmp_path / f"{number}.log").touch()
        (tmp_path / f".{number}").touch()
    corpus = read(tmp_path)
    assert corpus.n_passed_over == 100
    assert len(corpus.passed_over) == 20
    assert {*why(corpus).values()} == {"its ending is not known"}


def test_a_remote_folder_tells_too(remote: str) -> None:
    assert why(read(remote)) == {"notes.md": "its ending is not known", ".a.jsonl": "hidden"}


def test_a_name_that_is_not_utf8_is_escaped(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"d\xfe")
    write(folder / os.fsdecode(b"bad\xff.jsonl"), {"text": "a"})
    (folder / os.fsdecode(b"\xff.log")).touch()
    for source in (folder, folder / os.fsdecode(b"bad\xff.jsonl"), f"{folder}/*"):
        corpus = open_corpus(source)
        (document,) = corpus
        assert document.path == corpus.paths[0] == rf"{tmp_path}/d\xfe/bad\xff.jsonl"
        assert document.id == r"bad\xff.jsonl:1"
        assert corpus.inputs()[0]["path"] == document.path
        assert all(place.isascii() for place in corpus.passed_over)


def test_two_names_that_look_alike_are_both_read(tmp_path: Path) -> None:
    write(tmp_path / os.fsdecode(b"\xff.jsonl"), {"text": "a"})
    write(tmp_path / r"\xff.jsonl", {"text": "b"})
    assert sorted(texts([tmp_path, tmp_path / r"\xff.jsonl"])) == ["a", "b"]
    assert len(read(tmp_path).inputs()) == 2


def test_an_empty_name_is_not_the_current_folder(
    dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dump)
    assert texts("*.jsonl") == ["read"]
    for path in ("", ["", "."]):
        assert "an empty name" in refusal(path)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.zip"])
def test_archives_are_to_be_unpacked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match="Unpack it, and name the folder"):
        open_corpus(tmp_path / name)
