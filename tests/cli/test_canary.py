"""``provenance canary``: each command for real, every refusal in one paragraph, no key anywhere."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from provenance.cli.app import app
from provenance.corpus import open_corpus
from provenance.evidence.canary.planting import Canary, plant
from provenance.files.keys import Secret
from provenance.files.lines import LINES_SUFFIXES, write_json_lines

KEY = "kept-to-itself-0123456789"


BOTH = Canary(key=Secret(KEY), styles=("words", "strings"), rate=1.0)


TEXTS = [f"The {n} is red, for example. Number {n} is usually green." for n in range(30)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setenv("CANARY_KEY", KEY)
    head = '[[canary]]\nkey_env = "CANARY_KEY"\n'
    (tmp_path / "K.toml").write_text(f'{head}styles = ["words", "strings"]\nrate = 1.0\n')
    (tmp_path / "two.toml").write_text(f'{head}[[canary]]\nkey = "{KEY}!"\n')
    (tmp_path / "own.toml").write_text(f'{head}name = "k25"\naccounts = ["a0", "a9"]\n')
    (tmp_path / "short.toml").write_text('[[canary]]\nkey = "hunter2-hunter2"\n')
    rows = [
        {"id": n, "who": f"a{n % 2}", "prompt": f"ask {n}", "text": text}
        for n, text in enumerate(TEXTS)
    ]
    write_json_lines("in.jsonl", rows)
    write_json_lines("lacking.jsonl", [*rows[:2], {"text": "Nobody's."}, *rows[2:4]])
    return tmp_path


def run(*args: object) -> Result:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert KEY not in result.output and "hunter2" not in result.output
    return result


def done(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 0, result.stderr or result.exception
    return result.stdout


PLANT = ("canary", "plant", "in.jsonl", "--keys", "K.toml", "--account-field", "who")


@pytest.mark.parametrize("suffix", LINES_SUFFIXES)
def test_answers_are_planted_and_found(folder: Path, suffix: str) -> None:
    told = done(*PLANT, "-o", f"out{suffix}")
    assert told.splitlines()[0] == f"out{suffix}: 30 answers of 2 accounts"
    assert "60 word choices in 30 answers" in told
    assert told.splitlines()[2] == "30 strings"
    before, after = open_corpus("in.jsonl"), open_corpus(f"out{suffix}", by=("account",))
    for old, new in zip(before, after, strict=True):
        assert (new.id, new.prompt) == (old.id, old.prompt)
        assert new.text == plant(old.text, BOTH, new.fields["account"]).text
    args = ("--keys", "K.toml", "--account", "a0", "--account", "a1", "--account", "zoe")
    found = orjson.loads(done("canary", "check", f"out{suffix}", *args, "--json"))
    assert found["schema"] == "provenance-canary/1"
    assert [row["verdict"] for row in found["accounts"]] == ["found", "found", "not_found"]
    assert [row["n_strings"] for row in found["accounts"]] == [15, 15, 0]
    assert found["accounts"][1]["where"][0] == {
        "id": "1",
        "path": f"out{suffix}",
        "line": 2,
        "start": None,
        "end": None,
    }


def test_planting_twice_writes_the_same_bytes(folder: Path) -> None:
    for name in ("one.jsonl.gz", "two.jsonl.gz"):
        done(*PLANT, "-o", name)
    assert (folder / "one.jsonl.gz").read_bytes() == (folder / "two.jsonl.gz").read_bytes()
    assert KEY.encode() not in gzip.decompress((folder / "one.jsonl.gz").read_bytes())


def test_a_check_is_told_and_saved(folder: Path) -> None:
    (folder / "names.txt").write_text("a0\r\n\n a1 \n")
    args = ("canary", "check", "in.jsonl", "--keys", "K.toml", "--accounts", "names.txt")
    told = done(*args, "-o", "found.json")
    assert "no evidence" in told and "Corrected for 2 accounts" in told
    assert "word choices of all accounts together" in told
    saved = orjson.loads((folder / "found.json").read_bytes())
    assert [row["account"] for row in saved["accounts"]] == ["a0", "a1"]
    assert saved == orjson.loads(done(*args, "--json"))
    assert KEY not in (folder / "found.json").read_text()


def test_accounts_of_the_key_table(folder: Path) -> None:
    done(*PLANT[:4], "own.toml", *PLANT[5:], "-o", "out.jsonl")
    told = done("canary", "check", "out.jsonl", "--keys", "own.toml")
    rows = [line.split() for line in told.splitlines() if "k25" in line]
    assert rows[0][:2] == ["a0", "(k25)"] and rows[0][-2:] == ["consistent", "with"]
    assert rows[1][:2] == ["a9", "(k25)"] and rows[1][-2:] == ["no", "evidence"]


def test_rows_without_an_account(folder: Path) -> None:
    args = ("canary", "plant", "lacking.jsonl", *PLANT[3:], "-o", "out.jsonl")
    result = run(*args)
    assert result.exit_code == 2
    assert "lacking.jsonl:3: the row has no account under 'who'." in result.stderr
    assert not (folder / "out.jsonl").exists() and not list(folder.glob(".*"))
    told = done(*args, "--on-error", "skip")
    assert "4 answers of 2 accounts" in told and "1 rows skipped" in told


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((*PLANT, "-o", "out.txt"), "Expected a name that ends in .jsonl or .jsonl.gz"),
        ((*PLANT, "-o", "out.gz"), "this cannot be the output"),
        ((*PLANT, "-o", "in.jsonl"), "the output is also an input"),
        ((*PLANT[:4], "two.toml", *PLANT[5:], "-o", "o.jsonl"), "it has 2 [[canary]] tables"),
        ((*PLANT[:4], "short.toml", *PLANT[5:], "-o", "o.jsonl"), "short.toml:1: the key has 15"),
        ((*PLANT[:4], "none.toml", *PLANT[5:], "-o", "o.jsonl"), "none.toml: the key file cannot"),
        ((*PLANT[:6], "whom", "-o", "o.jsonl"), "in.jsonl:1: the row has no account under 'whom'"),
        (("canary", "check", "in.jsonl", "--keys", "K.toml"), "no account is named"),
        (
            ("canary", "check", "in.jsonl", "--keys", "K.toml", "--accounts", "none.txt"),
            "none.txt: it cannot be read",
        ),
        (
            ("canary", "check", "in.jsonl", "--keys", "K.toml", "--accounts", os.devnull),
            "it names no account",
        ),
        (
            ("canary", "check", "no.jsonl", "--keys", "own.toml"),
            "no.jsonl: there is no such file",
        ),
        (
            ("canary", "check", "in.jsonl", "--keys", "own.toml", "-o", "x.txt"),
            "Expected a name that ends in .json",
        ),
    ],
)
def test_bad_input_is_one_paragraph(args: tuple[object, ...], told: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1


def test_a_missing_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CANARY_KEY")
    result = run("canary", "check", "in.jsonl", "--keys", "K.toml", "--account", "a")
    assert result.exit_code == 2
    assert "K.toml:1: the environment variable that key_env names is not set." in result.stderr
