"""``verify`` on the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import report_examples as examples
from known_commands import SOURCES, Files, done, run


@pytest.fixture(scope="module", name="out")
def matched(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a corpus of its own, which tests change."""
    home = tmp_path_factory.mktemp("verified")
    (home / "fps").mkdir()
    for name in ("mixed.jsonl", "fps/api.fp", "fps/human.fp"):
        (home / name).write_bytes((files.root / name).read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("XDG_CACHE_HOME", str(files.cache))
        options = ("--same-domain", "--only", "--case", "24-117", "-o", "out")
        result = run("match", "mixed.jsonl", *SOURCES, *options)
        assert result.exit_code == 0, result.output
    return home / "out"


def test_a_report_is_verified_made_again_and_attested(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(out.parent)
    told = done("verify", "out")
    assert told.splitlines() == [
        "same: mixed.jsonl (corpus)",
        "same: fps/api.fp (candidate)",
        "same: fps/human.fp (reference)",
    ]
    before = sorted(path.name for path in out.parent.rglob("*"))
    assert done("verify", "out/report.json", "--rerun").endswith("made again: the same\n")
    assert sorted(path.name for path in out.parent.rglob("*")) == before
    result = run("verify", "out", "--rerun", "--attest", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["holds"] is True
    statement = json.loads((out / "report.intoto.json").read_text())
    assert [one["name"] for one in statement["subject"]] == [
        *("report.json", "documents.parquet", "report.html")
    ]
    assert statement["predicate"]["buildDefinition"]["externalParameters"]["case"] == "24-117"
    (out / "report.intoto.json").unlink()
    assert_only_what_was_held_against_the_report_is_attested(out)

    corpus = out.parent / "mixed.jsonl"
    kept = corpus.read_bytes()
    corpus.write_bytes(kept[:-2] + b" \n")
    result = run("verify", "out", "--rerun", "--attest")
    assert result.exit_code == 1
    assert "changed: mixed.jsonl (corpus): another hash, of the same size" in result.stdout
    assert "not made again" in result.stdout and not (out / "report.intoto.json").exists()
    corpus.write_bytes(kept)


def test_a_match_with_a_gate_is_made_again_with_it(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(out.parent)
    result = run(
        *("match", "mixed.jsonl", *SOURCES, "-o", "gated"),
        *("--fail-above", "0", "--fail-on", "machine"),
    )
    assert result.exit_code in (1, 3), result.output
    assert done("verify", "gated", "--rerun").endswith("made again: the same\n")


def assert_only_what_was_held_against_the_report_is_attested(out: Path) -> None:
    page, rows = out / "report.html", out / "documents.parquet"
    kept = page.read_bytes(), rows.read_bytes()
    page.write_bytes(kept[0] + b"<p>more</p>")
    result = run("verify", "out", "--attest")
    assert result.exit_code == 0 and result.stderr.count("not attested") == 2
    statement = json.loads((out / "report.intoto.json").read_text())
    assert [one["name"] for one in statement["subject"]] == ["report.json"]
    (out / "report.intoto.json").unlink()
    rows.write_bytes(b"no rows")
    result = run("verify", "out", "--rerun", "--attest")
    assert result.exit_code == 1 and "differs: documents.parquet: other rows" in result.stdout
    assert not (out / "report.intoto.json").exists()
    page.write_bytes(kept[0])
    rows.write_bytes(kept[1])


def test_what_cannot_be_checked_is_neither_right_nor_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = replace(
        examples.estimated(), manifest=replace(examples.MANIFEST, inputs=({"path": "hf:x"},))
    )
    made.save("report.json")
    result = run("verify", "report.json", "--attest", "--json")
    assert result.exit_code == 3 and json.loads(result.stdout)["holds"] is None
    assert "no statement is written" in result.stderr
    assert not Path("report.intoto.json").exists()
    assert run("verify", "none.json").exit_code == 2
    result = run("verify", "report.json", "--rerun")
    assert result.exit_code == 2 and "Run verify where the match was run" in result.stderr
