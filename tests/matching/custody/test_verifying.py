"""A report held against its inputs; nothing that it says is trusted."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import report_examples as examples
from known_text import fingerprint

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.evidence.log.building import index_log
from provenance.evidence.log.index import LogIndex
from provenance.matching.custody.custody import (
    OF_ARRAYS,
    deciding_versions,
    file_sha256,
    key_digest,
    library_entries,
    log_entries,
)
from provenance.matching.custody.verifying import (
    again,
    differences,
    statement,
    verified_inputs,
    versions_changed,
)
from provenance.matching.library.background import background
from provenance.matching.library.naming import named_sources
from provenance.matching.library.shelf import shipped_shelf
from provenance.report.report import Report
from provenance.version import __version__


def of(*entries: dict[str, Any]) -> Report:
    made = replace(examples.MANIFEST, inputs=entries)
    return replace(examples.estimated(), manifest=made)


def entry(path: Path, **more: Any) -> dict[str, Any]:
    known = {"path": str(path), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
    return {**known, "role": "corpus", **more}


def verdicts(*entries: dict[str, Any]) -> list[str]:
    return [one.verdict for one in verified_inputs(of(*entries))]


def test_verdicts_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("one\n")
    known, keys = entry(path), entry(path, sha256=None, scrypt=key_digest(path))
    assert verdicts(known, keys) == ["same", "same"]
    path.write_text("two\n")  # of the same size
    assert verdicts(known, keys) == ["changed", "changed"]
    path.write_text("longer\n")
    assert verdicts(known, keys) == ["changed", "changed"]
    path.unlink()
    assert verdicts(known, keys) == ["missing", "missing"]


def test_what_cannot_be_checked_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("one\n")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    unknown: list[dict[str, Any]] = [
        {"path": "rows", "bytes": None, "sha256": "ab"},
        {"path": "https://host/a", "bytes": 3, "sha256": "ab"},
        {"path": "hf:name", "bytes": 3, "sha256": "ab"},
        entry(path, drawn=True, sha256="ab"),
        {"path": str(pipe), "bytes": 0, "sha256": "ab"},
        {"path": "/dev/zero", "bytes": 0, "sha256": "ab"},
    ]
    assert {*verdicts(*unknown)} == {"not_checked"}
    assert verdicts({"path": "a\0b", "bytes": 3, "sha256": "ab"}) == ["missing"]
    told = str(verified_inputs(of({"path": "\x1b[2J", "bytes": 1, "sha256": "ab"}))[0])
    assert "\x1b" not in told and told.startswith("missing: <U+001B>[2J")


def test_an_index_is_read_whole(tmp_path: Path) -> None:
    rows = [{"text": "a text that is long enough to be found again by its words " * 4}]
    index_log(open_corpus(rows), tmp_path / "log.idx")
    (told,) = log_entries("log", [LogIndex.load(tmp_path / "log.idx")])
    assert verdicts(told) == ["same"]
    data = bytearray((tmp_path / "log.idx").read_bytes())
    data[64] ^= 1  # in the first array
    (tmp_path / "log.idx").write_bytes(data)
    assert verdicts(told) == ["changed"]


def test_sources_of_the_library_are_found_again() -> None:
    (one,) = named_sources("reddit_qa/human_reddit")
    told = {"path": one.name, "bytes": None, "sha256": one.sha256, "of": OF_ARRAYS}
    assert verdicts(told) == ["same"]
    assert verdicts({**told, "sha256": "ab"}, {**told, "path": "ready"}) == ["not_checked"] * 2


def test_a_panel_that_the_library_gave_by_itself_is_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its models are matched by some of their answers, and checked by all of them."""
    monkeypatch.setattr("provenance.matching.library.background._FEWEST_MODELS", 2)
    monkeypatch.setattr("provenance.matching.library.background.of_another_kind", lambda *_: "")
    ships = shipped_shelf()
    (asked,) = named_sources("gpt4_1106_preview")
    first = replace(asked, name="api", sample=asked.sample.take(np.arange(100)))
    others = [one for one in ships.entries if one.prompts == "alpaca_eval"][:5]
    held = replace(ships, entries=tuple(one for one in others if one.name != asked.name))
    found = background([first], [fingerprint("human")], held=[held])
    assert found.panel and found.hashes != tuple(one.sha256 for one in found.panel)
    told = [*library_entries("panel", found.panel, found.hashes)]
    assert verdicts(*told) == ["same"] * len(found.panel)


def test_versions_are_compared() -> None:
    told = versions_changed(examples.estimated())
    assert any(one.startswith("provenance was 0.1.0, is ") for one in told)
    here = replace(examples.MANIFEST, version=__version__, versions=deciding_versions())
    assert versions_changed(replace(examples.estimated(), manifest=here)) == []
    gone = replace(here, versions={"no-such-package": "1"})
    told = versions_changed(replace(examples.estimated(), manifest=gone))
    assert told == ["no-such-package was 1, is not installed"]


def command(*words: str) -> Report:
    return replace(
        examples.estimated(), manifest=replace(examples.MANIFEST, command=("provenance", *words))
    )


def test_a_command_is_made_again_elsewhere(tmp_path: Path) -> None:
    given = "match a --candidate b.fp -o out --fail-above 5% --cache-dir c --output=x -oy --only"
    assert again(command(*given.split()), tmp_path) == [
        *("match", "-o", str(tmp_path / "again"), "--cache-dir", str(tmp_path / "cache")),
        *("a", "--candidate", "b.fp", "--fail-above", "5%", "--only"),
    ]
    # Nothing that was kept is read, and no file of the user's is written.
    kept = again(command(*"match a --partials p --ask f --ask=f --resume -o out".split()), tmp_path)
    assert kept[5:] == ["a"]
    scanned = again(command("scan", "a", "-o", "out"), tmp_path)
    assert scanned == ["scan", "-o", str(tmp_path / "again"), "a"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("merge", "a.fp", "-o", "x"),
        ("match", "https://host/a", "-o", "x"),
        ("match", "hf:name", "-o", "x"),
    ],
)
def test_no_other_command_is_run(words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(InputError):
        again(command(*words), tmp_path)
    bare = replace(examples.MANIFEST, command=())
    with pytest.raises(InputError, match="tells no command"):
        again(replace(examples.estimated(), manifest=bare), tmp_path)


def test_differences_are_named_and_bounded() -> None:
    one = examples.estimated()
    later = replace(one.manifest, started="2027-01-01T00:00:00Z", seconds=1.0, command=())
    assert differences(one, replace(one, manifest=later)) == []
    other = replace(one, reasons=("Another.",), manifest=replace(one.manifest, seed=1))
    told = differences(one, other)
    assert told[0].startswith("reasons[0]: ") and told[1] == "manifest.seed: 0, again 1"
    (finding, *others) = one.findings
    less = replace(one, findings=(replace(finding, details={}), *others))
    assert finding.details and "findings[0].details." in differences(one, less)[0]
    newer = replace(less, manifest=replace(less.manifest, version="9"))
    assert differences(one, newer) == []
    many = replace(one, shares=tuple(replace(row, low=0.0) for row in one.shares * 20))
    assert len(differences(replace(one, shares=one.shares * 20), many)) <= 21
    inputs = replace(one, manifest=replace(one.manifest, inputs=one.manifest.inputs[:1]))
    assert differences(one, inputs) == ["manifest.inputs: other hashes"]


def test_a_statement_names_what_it_is_of(tmp_path: Path) -> None:
    report = of(
        {"path": "a.jsonl", "bytes": 1, "sha256": "ab", "role": "corpus"},
        {"path": "l.idx", "bytes": 1, "sha256": "cd", "role": "log", "of": "its header"},
    )
    report.save(tmp_path / "report.json")
    told = statement(report, tmp_path / "report.json", verified_inputs(report))
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["subject"] == [
        {"name": "report.json", "digest": {"sha256": file_sha256(tmp_path / "report.json")}}
    ]
    whole, header = told["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert whole["digest"] == {"sha256": "ab"}
    # The hash of a header is not that of the file.
    assert "digest" not in header and header["annotations"]["sha256_of"] == "its header"
