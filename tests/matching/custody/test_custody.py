"""What a report was made from: every input by its size, time and hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from provenance.corpus import open_corpus
from provenance.evidence.log.building import index_log
from provenance.evidence.log.index import LogIndex
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.custody.custody import (
    OF_ARRAYS,
    OF_HEADER,
    corpus_entries,
    deciding_versions,
    file_sha256,
    key_digest,
    log_entries,
    other_entries,
    source_entries,
)

TEXT = "a text that is long enough to be measured by whoever reads it here"


def made(folder: Path, name: str) -> tuple[str, Fingerprint]:
    found = fit_fingerprint(open_corpus([{"text": f"{TEXT} {name}"}]), name)
    found.save(folder / f"{name}.fp")
    return str(folder / f"{name}.fp"), found


def test_a_corpus_is_told_by_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one two"}\n' * 50)
    corpus = open_corpus(path)
    list(corpus)
    (entry,) = corpus_entries(corpus)
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (entry["role"], entry["bytes"]) == ("corpus", path.stat().st_size)
    stamp = np.datetime64(entry["modified"].removesuffix("+00:00"))
    assert abs(stamp - np.datetime64(int(path.stat().st_mtime), "s")) < np.timedelta64(1, "s")
    objects = open_corpus([{"text": TEXT}])
    list(objects)
    assert corpus_entries(objects)[0]["modified"] is None


def test_sources_are_told_by_their_files_else_by_their_arrays(tmp_path: Path) -> None:
    path, filed = made(tmp_path, "filed")
    _, ready = made(tmp_path, "ready")
    (first,) = source_entries("candidate", path, [filed])
    assert first["sha256"] == file_sha256(path) and "of" not in first
    found = [*source_entries("panel", [path, ready], [ready, filed])]
    assert [one["path"] for one in found] == [path, "ready"]
    assert (found[1]["sha256"], found[1]["of"]) == (ready.sha256, OF_ARRAYS)
    # A folder is its files; what can be walked through once is told by its arrays.
    assert len([*source_entries("panel", str(tmp_path), [filed, ready])]) == 2
    spent = iter([path])
    list(spent)
    assert [one["of"] for one in source_entries("panel", spent, [filed])] == [OF_ARRAYS]
    named = [*source_entries("reference", "people", [ready])]
    assert [one["path"] for one in named] == ["ready"]


def test_an_index_is_told_by_its_header(tmp_path: Path) -> None:
    for n in (1, 2):
        rows = [{"text": f"{TEXT} {TEXT} {n}"}]
        index_log(open_corpus(rows), tmp_path / f"{n}.idx")
    found = [*log_entries("log", [LogIndex.load(tmp_path / f"{n}.idx") for n in (1, 2)])]
    assert [one["of"] for one in found] == [OF_HEADER] * 2
    assert found[0]["sha256"] != found[1]["sha256"]


def test_keys_are_told_by_a_slow_digest_only(tmp_path: Path) -> None:
    keys, report = tmp_path / "K.toml", tmp_path / "out" / "report.json"
    keys.write_text("key = 42\n")
    report.parent.mkdir()
    report.write_text("{}")
    told, before = other_entries(keys, str(report.parent))
    assert told["sha256"] is None and told["scrypt"] == key_digest(keys)
    assert hashlib.sha256(keys.read_bytes()).hexdigest() not in str(told)
    assert (before["role"], before["sha256"]) == ("baseline", file_sha256(report))
    assert [*other_entries((), None)] == []


def test_versions_are_of_packages_that_decide() -> None:
    assert {"python", "machine", "numpy", "scipy", "numba", "tiktoken"} <= {*deciding_versions()}
