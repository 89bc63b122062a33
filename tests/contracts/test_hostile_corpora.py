"""Commands on corpora of which some is lost, passed over, or named in no known encoding."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from known_commands import SOURCES, Files, done, run

KEYS = '[[canary]]\nkey = "kept-to-itself-0123456789"\naccounts = ["a0"]\n'
ODD = os.fsdecode(b"bad\xff.jsonl")


@pytest.fixture
def dump(files: Files, folder: Path) -> Path:
    """A folder with a corpus, one that breaks off, and one of another ending."""
    made = folder / "dump"
    made.mkdir()
    shutil.copy(files.root / "mixed.jsonl", made / "a.jsonl")
    whole = (files.root / "human.jsonl").read_bytes()
    (made / "b.jsonl.gz").write_bytes(gzip.compress(whole)[:-2000])
    shutil.copy(files.root / "human.jsonl", made / "c.jsonl.1")
    (folder / "K.toml").write_text(KEYS)
    return made


def report(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((out / "report.json").read_bytes())
    return found


@pytest.mark.parametrize("sources", [SOURCES, SOURCES[:2]], ids=["shares", "a bound"])
def test_a_broken_tail_is_never_well(dump: Path, folder: Path, sources: tuple[str, ...]) -> None:
    told = done("match", dump, *sources, "-o", folder / "out", "--on-error", "skip")
    found = report(folder / "out")
    (check,) = [row for row in found["diagnostics"] if row["name"] == "skipped"]
    assert check["verdict"] == "warn"
    assert "1 file broke off, and how many rows followed is not known." in check["sentence"]
    assert check["sentence"] in found["reasons"]
    corpus = found["corpus"]
    assert corpus["losses"] == {"tails": 1}
    assert corpus["lost"][0].startswith(f"{dump}/b.jsonl.gz:")
    assert corpus["n_passed_over"] == 1
    assert corpus["passed_over"] == [f"{dump}/c.jsonl.1: its ending is not known"]
    page = (folder / "out" / "report.html").read_text()
    for shown in (told, page):
        assert "b.jsonl.gz:" in shown and "c.jsonl.1" in shown


def test_every_command_tells_what_was_lost(dump: Path, folder: Path) -> None:
    skip = ("--on-error", "skip")
    tellings = [
        done("fingerprint", dump, "--name", "x", "-o", folder / "x.fp", *skip),
        done("index", dump, "-o", folder / "x.idx", *skip),
        done("watermark", dump, "-o", folder / "wm", *skip),
        done("canary", "check", dump, "--keys", folder / "K.toml", *skip),
        done("canary", "plant", dump, "--keys", folder / "K.toml", "--account-field", "kind",
             "-o", folder / "planted.jsonl", *skip),
    ]  # fmt: skip
    for told in tellings:
        assert "1 file broke off, and how many rows followed is not known." in told
        assert "b.jsonl.gz:" in told
        assert "1 file or folder was passed over." in told
        assert "c.jsonl.1: its ending is not known" in told
    written = orjson.loads((folder / "wm" / "watermark.json").read_bytes())
    assert written["losses"] == {"tails": 1}
    assert written["n_passed_over"] == 1
    stops = run("fingerprint", dump, "--name", "x", "-o", folder / "y.fp")
    assert stops.exit_code == 2 and "b.jsonl.gz:" in stops.stderr
    assert not (folder / "y.fp").exists()


def test_names_that_are_not_utf8_go_through_every_command(
    files: Files, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    odd = os.fsdecode(b"d\xfe")
    os.mkdir(odd)
    shutil.copy(files.root / "mixed.jsonl", f"{odd}/{ODD}")
    shutil.copy(files.root / "mixed.jsonl", ODD)
    shutil.copytree(files.root / "fps", "fps")
    Path("K.toml").write_text(KEYS)
    for corpus in (ODD, odd):
        done("fingerprint", corpus, "--name", "x", "-o", os.fsdecode(b"x\xff.fp"))
        done("index", corpus, "-o", "x.idx", "--keep-text")
        done("watermark", corpus, "-o", os.fsdecode(b"wm\xff"))
        done("canary", "check", corpus, "--keys", "K.toml", "-o", "c.json")
        done("match", corpus, *SOURCES, "-o", os.fsdecode(b"out\xff"), "--log", "x.idx")
        found = report(Path(os.fsdecode(b"out\xff")))
        (path,) = found["corpus"]["paths"]
        assert path == (r"bad\xff.jsonl" if corpus == ODD else r"d\xfe/bad\xff.jsonl")
        assert found["manifest"]["inputs"][0]["path"] == path
        assert orjson.loads(Path("c.json").read_bytes())["paths"] == [path]
    refused = run("fingerprint", os.fsdecode(b"no\xff.jsonl"), "--name", "x", "-o", "y.fp")
    assert refused.exit_code == 2
    assert r"no\xff.jsonl: there is no such file" in refused.stderr
