"""``provenance watermark``: marked text found, other text not, no key anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from provenance.cli.app import app
from provenance.evidence.watermark import make_scheme
from provenance.evidence.watermark.keys import read_watermark_keys
from provenance.files.lines import write_json_lines
from provenance.simulate.marked_text import Mark, texts_of, write_text
from provenance.simulate.token_model import ENCODING, library_model

KEY = 9182736455463


V = 100_277


HEADS = {
    "kgw": f'scheme = "kgw"\nvocab_size = {V}\ngamma = 0.25\nhash_key = {KEY}\n',
    "gumbel_vllm": f'scheme = "gumbel_vllm"\nkey = {KEY}\n',
    "synthid_hf": f'scheme = "synthid_hf"\nkeys = [{KEY}, 17, 400, 23, 9]\nstatistic = "mean"\n',
}


PARAMETERS: dict[str, dict[str, Any]] = {
    "kgw": {"vocab_size": V, "gamma": 0.25, "hash_key": KEY},
    "gumbel_vllm": {"key": KEY},
    "synthid_hf": {"keys": [KEY, 17, 400, 23, 9], "statistic": "mean"},
}


def table(head: str, **more: str) -> str:
    lines = {"tokenizer": ENCODING, **more}
    return "[[watermark]]\n" + head + "".join(f'{k} = "{v}"\n' for k, v in lines.items())


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of each scheme marked texts, a corpus of which a quarter is marked, and one without."""
    root = tmp_path_factory.mktemp("watermark")
    rng = np.random.default_rng(0)
    plain = texts_of(write_text(library_model(), rng, 120, 60).documents)
    for name, parameters in PARAMETERS.items():
        mark = Mark(make_scheme(name, parameters), delta=4.0)
        marked = texts_of(write_text(library_model(), rng, 40, 60, mark).documents)
        write_json_lines(root / f"{name}.marked.jsonl", [{"text": text} for text in marked[20:]])
        write_json_lines(root / f"{name}.jsonl", [{"text": t} for t in plain[:60] + marked[:20]])
    write_json_lines(root / "plain.jsonl", [{"text": text} for text in plain])
    write_json_lines(root / "short.jsonl", [{"text": "Far too short to tell."}])
    return root


@pytest.fixture(autouse=True)
def folder(corpora: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(corpora)
    monkeypatch.setenv("COLUMNS", "1000")
    return tmp_path


def run(*args: object) -> Result:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert str(KEY) not in result.output + result.stderr
    return result


def checked(corpora: Path, out: Path, corpus: str, keys: str, *more: object) -> dict[str, Any]:
    path = corpora / "K.toml"
    path.write_text(keys)
    result = run("watermark", corpus, "--keys", path, "-o", out, "--json", *more)
    assert result.exit_code == 0, result.stderr or result.exception
    written = (out / "watermark.json").read_bytes()
    assert str(KEY).encode() not in written
    found: dict[str, Any] = orjson.loads(result.stdout)
    assert found == orjson.loads(written)
    return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "kgw" else ()) for name in HEADS]
)
def test_marked_text_is_found(corpora: Path, folder: Path, name: str) -> None:
    keys = table(HEADS[name], name="ours", account="ann", marked=f"{name}.marked.jsonl")
    keys += table(
        HEADS[name].replace(f"{KEY}, 17, 400, 23, 9", "1, 2, 3, 4, 5").replace(str(KEY), "77"),
        name="other",
    )
    found = checked(corpora, folder / "out", f"{name}.jsonl", keys, "--random-keys", 30)
    assert found["schema"] == "provenance-watermark/1"
    ours, other = found["keys"]
    assert (ours["verdict"], ours["account"]) == ("found", "ann")
    assert ours["self_test"]["found"]
    assert ours["random_keys"]["uniform"] and ours["random_keys"]["n_smaller"] == 0
    assert {place["line"] for place in ours["where"]} <= {*range(61, 81)}
    assert other["verdict"] != "found" and other["random_keys"] is None
    rows = pq.read_table(folder / "out" / "documents.parquet")
    assert rows.column_names[:3] == ["id", "path", "line"]
    q = np.array(rows["q[ours]"])
    assert (q[60:] <= 0.05).mean() > 0.9
    assert (q[:60] <= 0.05).sum() <= 3
    assert (np.array(rows["q[other]"]) <= 0.05).sum() <= 2
    assert [path.name for path in sorted((folder / "out").iterdir())] == [
        "documents.parquet",
        "watermark.json",
    ]


def test_text_of_others_is_not_found_and_power_is_told(corpora: Path, folder: Path) -> None:
    keys = table(HEADS["kgw"], marked="kgw.marked.jsonl")
    (key,) = checked(corpora, folder / "o", "plain.jsonl", keys)["keys"]
    assert key["verdict"] == "not_found"
    assert "which does not show that people wrote it" in key["sentence"]
    assert 0 < key["power"]["smallest_share"] < 0.2
    assert key["power"]["excess"] > 0.5
    (key,) = checked(corpora, folder / "o", "plain.jsonl", table(HEADS["kgw"]))["keys"]
    assert "no text known to be marked was given" in key["sentence"]


def test_no_negative_where_the_key_does_not_find_its_own_text(corpora: Path, folder: Path) -> None:
    keys = table(HEADS["kgw"], marked="gumbel_vllm.marked.jsonl")
    (key,) = checked(corpora, folder / "o", "plain.jsonl", keys)["keys"]
    assert key["verdict"] == "not_checked"
    assert "known to be marked" in key["sentence"]


def test_a_positive_says_where_the_known_text_is_not_found(corpora: Path, folder: Path) -> None:
    keys = table(HEADS["gumbel_vllm"], marked="kgw.marked.jsonl")
    (key,) = checked(corpora, folder / "o", "gumbel_vllm.jsonl", keys)["keys"]
    assert key["verdict"] == "found" and "is not found by it" in key["sentence"]
    assert not key["share"]["identified"]


def test_skipped_rows_are_told(corpora: Path, folder: Path) -> None:
    (folder / "bad.jsonl").write_text('{"text": "One."}\n{"text": 3}\n')
    (corpora / "K.toml").write_text(table(HEADS["gumbel_vllm"]))
    args = (folder / "bad.jsonl", "--keys", "K.toml", "-o", folder / "o", "--on-error", "skip")
    assert "skipped: 1." in run("watermark", *args).stdout


def test_too_little_text_is_not_checked(corpora: Path, folder: Path) -> None:
    (key,) = checked(corpora, folder / "o", "short.jsonl", table(HEADS["gumbel_vllm"]))["keys"]
    assert key["verdict"] == "not_checked"
    assert "too few" in key["sentence"]


@pytest.mark.slow
def test_a_positive_that_any_key_gives_is_withheld(
    corpora: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(scheme: object, total: float, n: int) -> float:
        return -50.0

    monkeypatch.setattr(
        "provenance.evidence.watermark.schemes.gumbel_vllm.GumbelVllm.log_tail", wrong
    )
    keys = table(HEADS["gumbel_vllm"])
    (key,) = checked(corpora, folder / "o", "plain.jsonl", keys)["keys"]
    assert key["verdict"] == "not_checked"
    assert "random keys" in key["sentence"]
    assert not key["random_keys"]["uniform"]


def test_the_table_on_the_terminal(corpora: Path, folder: Path) -> None:
    (corpora / "K.toml").write_text(table(HEADS["gumbel_vllm"], name="ours"))
    result = run("watermark", "gumbel_vllm.jsonl", "--keys", "K.toml", "-o", folder / "o")
    assert result.exit_code == 0, result.stderr
    assert "consistent with" in result.stdout and "200 random keys" in result.stdout
    assert "proves" not in result.stdout


@pytest.mark.slow
def test_the_result_is_the_same_for_any_workers_and_parts(
    corpora: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = table(HEADS["kgw"]) + table(HEADS["gumbel_vllm"])
    few = ("--random-keys", 5)
    whole = checked(corpora, folder / "a", "kgw.jsonl", keys, *few)
    monkeypatch.setattr("provenance.corpus.batches.batches._BATCH_CHARACTERS", 2000)
    for workers in (1, 2):
        again = checked(corpora, folder / "b", "kgw.jsonl", keys, "--workers", workers, *few)
        assert without_sums(again) == without_sums(whole)
    rows = [pq.read_table(folder / name / "documents.parquet").to_pydict() for name in "ab"]
    assert rows[0].keys() == rows[1].keys()
    assert rows[0]["n_scored[watermark 1]"] == rows[1]["n_scored[watermark 1]"]
    assert rows[0]["q[watermark 2]"] == pytest.approx(rows[1]["q[watermark 2]"])


def without_sums(found: dict[str, Any]) -> Any:
    """What does not hang on the order in which real numbers are added."""
    names = ("verdict", "n_scored", "n_tokens", "n_documents_listed", "where", "draws_kept")
    return [{name: key[name] for name in names} for key in found["keys"]]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("[[canary]]\nkey = 'x'\n", "no [[watermark]] table"),
        (f'[[watermark]]\nkey = {KEY}\ntokenizer = "cl100k_base"\n', "no `scheme`"),
        (f'[[watermark]]\nscheme = "kgv"\nkey = {KEY}\n', "scheme is 'kgv'"),
        (f'[[watermark]]\nscheme = "gumbel_vllm"\nkey = {KEY}\n', "no `tokenizer`"),
        (table(HEADS["gumbel_vllm"], account="a", extra="x"), "no parameter called 'extra'"),
        (table(f'scheme = "kgw"\ngamma = 0.25\nhash_key = {KEY}\n'), "kgw lacks vocab_size"),
        (table(f'scheme = "kgw"\nvocab_size = {V}\ngamma = 0.25\n'), "neither key nor hash_key"),
        (table(HEADS["kgw"] + f"key = {KEY}\n"), "both key and hash_key are given"),
        (table(HEADS["kgw"].replace(str(KEY), f'"{KEY}x"')), "not usable"),
        (table(HEADS["gumbel_vllm"].replace(str(KEY), "true")), "wrong type"),
        (table(HEADS["kgw"].replace("0.25", "2.5")), "gamma is 2.5"),
        (table(HEADS["kgw"] + f'seeding_scheme = "ff-minhash-4-True-{KEY}"\n'), "ends with a key"),
        (table(HEADS["kgw"] + 'device = "cuda"\n'), "cannot be evaluated here"),
        (table('scheme = "gumbel_vllm"\nkey_env = "NO_SUCH_VARIABLE"\n'), "is not set"),
        (table(HEADS["kgw"]) * 2, "same key and settings"),
        (table(HEADS["kgw"]) + "[[watermrak]]\n", "watermrak is not a kind of key"),
        (table(HEADS["kgw"], name="a") + table(HEADS["gumbel_vllm"], name="a"), "called 'a'"),
        (table(HEADS["kgw"]).replace(ENCODING, "cl1000k"), "no encoding called 'cl1000k'"),
        (table(HEADS["kgw"]).replace(ENCODING, "no/tokenizer.json"), "there is no tokenizer"),
        (table(HEADS["kgw"], marked="nowhere.jsonl"), "nowhere.jsonl"),
        (table(HEADS["kgw"].replace(str(V), "5000")), "vocab_size is 5,000"),
    ],
)
def test_what_is_wrong_is_told_in_a_paragraph(
    corpora: Path, folder: Path, keys: str, said: str
) -> None:
    path = folder / "K.toml"
    path.write_text(keys)
    result = run("watermark", corpora / "plain.jsonl", "--keys", path, "-o", folder / "o")
    assert result.exit_code == 2, result.output
    assert said in result.stderr and len(result.stderr.strip().splitlines()) == 1
    assert not [*(folder / "o").glob("*")]


def test_a_key_in_the_environment(
    corpora: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKS", f"{KEY}, 17, 400, 23, 9")
    path = folder / "K.toml"
    path.write_text(table('scheme = "synthid_hf"\nkey_env = "MARKS"\n'))
    (key,) = read_watermark_keys(path)
    assert key.scheme.keys == (KEY, 17, 400, 23, 9)  # type: ignore[attr-defined]
    assert str(KEY) not in repr(key) + repr(key.scheme) + str(key.told)


def test_hidden_characters_need_no_key(corpora: Path, folder: Path) -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "for ann")
    texts = [f"An answer{hidden} with a mark.", "An answer without one."]
    write_json_lines(folder / "c.jsonl", [{"text": text} for text in texts])
    result = run("watermark", folder / "c.jsonl", "-o", folder / "out")
    assert result.exit_code == 0, result.stderr
    assert "1 of 2 documents" in result.stdout and "'for ann'" in result.stdout
    assert "keys are not checked" in result.stdout
    rows = pq.read_table(folder / "out" / "documents.parquet")
    assert rows["hidden_marks"].to_pylist() == [1, 0]
    told = orjson.loads((folder / "out" / "watermark.json").read_bytes())
    assert told["keys"] == []
    (row,) = told["hidden_marks"]["payloads"]
    (place,) = row["where"]
    assert (row["payload"], place["line"], place["start"], place["end"]) == ("for ann", 1, 9, 16)


def test_hidden_characters_are_told_beside_keys(corpora: Path, folder: Path) -> None:
    found = checked(corpora, folder / "o", "short.jsonl", table(HEADS["gumbel_vllm"]))
    assert found["hidden_marks"]["n_documents"] == 1
    assert found["hidden_marks"]["n_marked"] == 0
