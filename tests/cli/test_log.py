"""The log from the shell: index, match --log, merge, inspect; what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from known_text import texts
from typer.testing import CliRunner, Result

from provenance.cli.app import app
from provenance.corpus import open_corpus
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.report.report import Report

N_LOGGED = 60
N_PLANTED = 20


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def done(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 0, result.stderr or result.exception
    return result.stdout


def refused(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 2, result.stdout
    assert "Traceback" not in result.stderr
    return result.stderr


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    answers = texts("alpha", 200, 3)
    people = texts("human", 300, 4)
    logged = [
        {
            "request": f"r{place}",
            "prompt": f"what of {place}",
            "output": text,
            "user": f"user-{place % 7}",
            "at": f"2026-03-{1 + place % 9:02}",
        }
        for place, text in enumerate(answers[:N_LOGGED])
    ]
    write(folder / "log.jsonl", logged)
    write(
        folder / "decoys.jsonl",
        [{"prompt": f"what of {n}", "output": text} for n, text in enumerate(answers[100:])],
    )
    planted = [{"id": f"p{n}", "text": text.upper()} for n, text in enumerate(answers[:N_PLANTED])]
    others = [{"id": f"h{n}", "text": text} for n, text in enumerate(people[:80])]
    write(folder / "corpus.jsonl", [*planted, *others])
    for name, found in (("alpha", answers[60:100]), ("human", people[80:])):
        write(folder / f"{name}.jsonl", [{"text": text} for text in found])
        fit_fingerprint(open_corpus(folder / f"{name}.jsonl"), name).save(folder / f"{name}.fp")
    fields = ("--text-field", "output", "--prompt-field", "prompt")
    named = ("--id-field", "request", "--account-field", "user", "--date-field", "at")
    done("index", folder / "log.jsonl", *fields, *named, "-o", folder / "log.idx", "--keep-text")
    done("index", folder / "decoys.jsonl", *fields, "-o", folder / "decoys.idx")
    return folder


def matched(root: Path, output: Path, *args: object) -> Report:
    sources = ("--candidate", root / "alpha.fp", "--reference", root / "human.fp")
    done(
        *("match", root / "corpus.jsonl", *sources, "--cache-dir", root / "cache"),
        *("-o", output, *args),
    )
    return Report.load(output / "report.json")


@pytest.fixture(scope="module")
def output(root: Path) -> Path:
    matched(root, root / "out", "--log", root / "log.idx", "--decoy-log", root / "decoys.idx")
    return root / "out"


def test_planted_answers_are_found_with_their_accounts(output: Path) -> None:
    overlap, near, *_ = Report.load(output / "report.json").findings
    assert (overlap.kind, overlap.verdict, near.kind) == ("overlap", "found", "near_duplicate")
    assert overlap.n_documents == overlap.details["n_matched_answers"] == N_PLANTED
    assert overlap.share == pytest.approx(N_PLANTED / 100)
    assert overlap.low is not None and 0.05 < overlap.low < N_PLANTED / 100
    assert {row["value"] for row in overlap.details["accounts"]} == {f"user-{n}" for n in range(7)}
    assert sum(row["n_matched"] for row in overlap.details["accounts"]) == N_PLANTED
    assert sum(found for _, _, found in overlap.details["days"]) == N_PLANTED
    assert overlap.details["expected_false_hits"] < 1e-3
    assert {place.id[0] for place in overlap.where} == {"p"}


def test_rows_are_marked_with_the_answer_that_they_hold(output: Path) -> None:
    rows = pq.read_table(output / "documents.parquet").to_pylist()
    for row in rows:
        is_planted = row["id"].startswith("p")
        assert ("overlap" in row["findings"]) == is_planted
        assert row["log_answer"] == (f"r{row['id'][1:]}" if is_planted else None)
        assert (row["log_covered"] > 0.9) == is_planted
        assert (row["log_p"] is None) == is_planted


def test_the_page_shows_both_sides(output: Path) -> None:
    page = (output / "report.html").read_text("utf-8")
    assert page.count("<mark>") >= 2 * N_PLANTED
    assert "user-3" in page and "logged as r1" in page


def test_no_text_shows_none(root: Path, tmp_path: Path) -> None:
    report = matched(root, tmp_path / "out", "--log", root / "log.idx", "--no-text")
    assert all("text" not in pair for pair in report.findings[0].details["pairs"])
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert texts("alpha", 200, 3)[0].upper()[:60] not in page


def test_without_decoys_there_is_no_bound_and_no_p_value(root: Path, tmp_path: Path) -> None:
    report = matched(root, tmp_path / "out", "--log", root / "log.idx")
    overlap, near, *_ = report.findings
    assert overlap.n_documents == N_PLANTED
    assert overlap.low is None and near.p_value is None and near.q_value is None
    check = next(row for row in report.diagnostics if row.name == "log")
    assert "no share stands on the log alone" in check.sentence


def test_without_a_log_nobody_looked(root: Path, tmp_path: Path) -> None:
    report = matched(root, tmp_path / "out")
    verdicts = {finding.kind: finding.verdict for finding in report.findings}
    assert verdicts["overlap"] == verdicts["near_duplicate"] == "not_checked"


@pytest.mark.slow
def test_workers_change_nothing(root: Path, output: Path, tmp_path: Path) -> None:
    logs = ("--log", root / "log.idx", "--decoy-log", root / "decoys.idx")
    report = matched(root, tmp_path / "out", *logs, "--workers", 2)
    assert report.findings == Report.load(output / "report.json").findings


def test_a_candidate_alone_is_looked_up_too(root: Path, tmp_path: Path) -> None:
    args = ("--candidate", root / "alpha.fp", "--log", root / "log.idx", "-o", tmp_path / "out")
    done("match", root / "corpus.jsonl", *args)
    assert Report.load(tmp_path / "out" / "report.json").findings[0].n_documents == N_PLANTED


def test_indexes_merge_and_append(root: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.idx"
    told = done("merge", root / "log.idx", root / "decoys.idx", "-o", both)
    assert "160 answers" in told
    again = ("index", root / "log.jsonl", "--text-field", "output", "--prompt-field", "prompt")
    named = ("--id-field", "request", "--account-field", "user", "--date-field", "at")
    assert "160 answers" in done(*again, *named, "-o", both, "--append")
    assert orjson.loads(done("inspect", both, "--json"))["accounts"] == 7


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        pytest.param(lambda data: b"", "empty", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], "ends too early", id="cut"),
        pytest.param(lambda data: b"PK\x03\x04" + data, "is not a log index", id="foreign"),
        pytest.param(
            lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:], "hash", id="flipped"
        ),
    ],
)
def test_a_damaged_index_is_refused(root: Path, tmp_path: Path, damage: Any, told: str) -> None:
    bad = tmp_path / "bad.idx"
    bad.write_bytes(damage((root / "log.idx").read_bytes()))
    sources = ("--candidate", root / "alpha.fp", "--reference", root / "human.fp")
    said = refused(
        *("match", root / "corpus.jsonl", *sources, "--log", bad, "-o", tmp_path / "out")
    )
    assert told in said and "bad.idx" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        pytest.param(("index", "log.idx", "-o", "x.idx"), "--log", id="an index as a path"),
        pytest.param(("index", "log.jsonl", "-o", "x.json"), ".idx", id="another name"),
        pytest.param(("index", "log.jsonl", "-o", "x.idx", "--window", "5"), "8", id="window"),
        pytest.param(
            ("index", "log.jsonl", "--account-field", "nobody", "-o", "x.idx"), "nobody", id="field"
        ),
        pytest.param(
            (
                *("match", "corpus.jsonl", "--candidate", "alpha.fp"),
                "--decoy-log",
                "log.idx",
                "-o",
                "o",
            ),
            "without a log",
            id="decoys alone",
        ),
        pytest.param(("merge", "log.idx", "alpha.fp", "-o", "x.idx"), "log index", id="a mixture"),
    ],
)
def test_what_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(root)
    before = sorted(root.iterdir())
    assert told in refused(*args)
    assert sorted(root.iterdir()) == before


def test_a_path_is_shown_without_what_a_terminal_obeys(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl", [{"text": texts("alpha", 1, 3)[0]}])
    made, merged = tmp_path / "a\x1b[31m.idx", tmp_path / "b\u202e\n.idx"
    told = done("index", log, "-o", made)
    told += done("merge", made, made, "-o", merged) + done("inspect", merged)
    told += refused("merge", made, "-o", made) + refused("merge", made, merged, "-o", made)
    assert not {"\x1b", "\u202e"} & {*told}
    assert "a<U+001B>[31m.idx: 1 answer," in told and "b<U+202E><U+000A>.idx: 1 answer," in told
