"""A corpus without the rows of a report: what is kept, what is counted, what is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import report_examples as examples
from known_matches import MIXED, matched

from provenance.corpus import open_corpus
from provenance.corpus.batches.scheduler import workforce
from provenance.errors import InputError
from provenance.evidence.hidden.tally import HiddenMarks
from provenance.matching.filtering import side_by_side
from provenance.matching.filtering.filtering import PromiseError, filter_corpus
from provenance.matching.filtering.rows import ReportRows
from provenance.records import OF_LIBRARY, Diagnostic, Finding, Share, TurnCount

Told = Mapping[str, Any]


def share(high: float, verdict: Any = "estimated", name: str = "api") -> Share:
    point = None if verdict == "withheld" else high / 2
    return examples.share(name, "candidate", "documents", point, 0.0, high, verdict=verdict)


def write_report(
    folder: Path,
    corpus: Path,
    rows: Sequence[Told],
    *,
    high: float = 0.4,
    verdict: Any = "estimated",
    **changes: Any,
) -> Path:
    """A report of a corpus with these rows; what a row does not tell is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    read = open_corpus(corpus)
    n_read = sum(1 for _ in read)
    found = examples.estimated()
    one = share(high, verdict)
    shares_all = (dataclasses.replace(one, share=None, verdict="bounded"),)
    n = changes.pop("n_documents", len(rows))
    summary = dataclasses.replace(
        found.corpus,
        n_documents=n,
        n_scored=n,
        n_too_short=0,
        n_trusted=changes.pop("n_trusted", 0),
        turns=changes.pop("turns", ()),
    )
    report = dataclasses.replace(
        found,
        verdict=verdict,
        reasons=("the samples do not explain the corpus",),
        corpus=summary,
        shares=(one,),
        shares_all=shares_all if verdict == "estimated" else (),
        row_lists=(),
        findings=changes.pop("findings", ()),
        manifest=dataclasses.replace(found.manifest, inputs=tuple(read.inputs())),
        **changes,
    )
    assert n_read
    folder.mkdir(exist_ok=True)
    report.save(folder / "report.json")
    columns = {
        "id": pa.string(),
        "path": pa.string(),
        "line": pa.int64(),
        "p[api]": pa.float32(),
        "q[api]": pa.float32(),
        "rows_up_to[api]": pa.int64(),
        "false_at_most[api]": pa.int64(),
        "posterior[api]": pa.float32(),
        "log_covered": pa.float32(),
        "findings": pa.list_(pa.string()),
    }
    filled = [
        {"id": "x", "path": read.paths[0], "findings": [], "log_covered": 0.0, **row}
        for row in rows
    ]
    table = pa.table(
        {name: pa.array([row.get(name) for row in filled], kind) for name, kind in columns.items()}
    )
    pq.write_table(table, folder / "documents.parquet")
    return folder


def listed(line: int, p: float, q: float, false: int, **more: Any) -> Told:
    return {"line": line, "p[api]": p, "q[api]": q, "false_at_most[api]": false, **more}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Ten rows, of which the first four are at the top of the list."""
    place = tmp_path / "corpus.jsonl"
    place.write_text("".join(f'{{"text":  "row {n}"}}\n' for n in range(1, 11)))
    return place


TOP = [listed(line, 0.01, 0.02, 1, **{"posterior[api]": 0.99}) for line in range(1, 5)]
REST = [listed(line, 0.8, 0.9, 7, **{"posterior[api]": 0.1}) for line in range(5, 11)]


def kept_lines(output: Path) -> list[int]:
    lines = (output / "corpus.jsonl").read_text().splitlines()
    return [int(json.loads(line)["text"].split()[1]) for line in lines]


def test_rows_kept_and_bound_by_hand(tmp_path: Path, corpus: Path) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST])
    found = filter_corpus([corpus], report, tmp_path / "clean", drop=["q<=0.05"])
    before = corpus.read_bytes().splitlines(keepends=True)
    assert (tmp_path / "clean" / "corpus.jsonl").read_bytes() == b"".join(before[4:])
    assert (found.rows, found.rows_kept, found.rows_dropped) == (10, 6, 4)
    assert found.reasons == {"q<=0.05": 4}
    # At most 4 of 10 are the API's, 3 of the 4 dropped are: 1 of 6 at most is left.
    (left,) = found.left
    assert left.true_at_least == 3
    assert left.before == pytest.approx(0.4)
    assert left.at_most == pytest.approx(1 / 6)
    assert left.confidence_level == pytest.approx(0.90)
    assert found.expected_false == pytest.approx(0.2)
    assert left.expected == pytest.approx(0.1)  # the mean posterior of those that are kept
    told = json.loads((tmp_path / "clean" / "manifest.json").read_text())
    assert told == found.to_dict()
    assert told["files"][0]["sha256"] == hashlib.sha256(corpus.read_bytes()).hexdigest()
    assert "At most 16.7 % of what is left is consistent with api" in found.summary()
    # The manifest of a clean corpus is no part of it.
    assert len([*open_corpus(tmp_path / "clean")]) == 6


def test_conditions_join(tmp_path: Path, corpus: Path) -> None:
    rows = [*TOP, *REST]
    rows[6] = {**rows[6], "log_covered": 0.9}
    rows[7] = {**rows[7], "findings": ["overlap", "near_duplicate"]}
    rows[8] = {**rows[8], "findings": ["hidden_mark"]}
    rows[9] = {**rows[9], "findings": ["text_repair"]}
    report = write_report(tmp_path / "out", corpus, rows)

    def kept(*drop: str) -> list[int]:
        output = tmp_path / "-".join(drop).replace("/", "")
        filter_corpus([corpus], report, output, drop=drop)
        return kept_lines(output)

    assert kept("log") == [1, 2, 3, 4, 5, 6, 9, 10]
    assert kept("hidden,log") == [1, 2, 3, 4, 5, 6, 10]
    assert kept("repaired", "posterior[api]>=0.99") == [5, 6, 7, 8, 9]
    assert kept("p[api]>=0.5") == [1, 2, 3, 4]


def test_tags_name_the_reasons(tmp_path: Path, corpus: Path) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST[:5]])
    drop = ["q<=0.05", "posterior>=0.9"]
    found = filter_corpus([corpus], report, tmp_path / "tagged", drop=drop, tag=True)
    lines = (tmp_path / "tagged" / "corpus.jsonl").read_text().splitlines()
    tags = [json.loads(line)["provenance_drop"] for line in lines]
    assert tags == ["q<=0.05 posterior>=0.9"] * 4 + [""] * 5 + ["not judged"]
    assert lines[9] == '{"text":  "row 10", "provenance_drop": "not judged"}'
    assert (found.rows_dropped, found.rows_unjudged) == (4, 1)
    assert "would be dropped" in found.summary()


def test_a_row_of_turns_goes_whole(tmp_path: Path) -> None:
    turns = [{"role": "assistant", "content": f"turn {n}"} for n in range(3)]
    corpus = tmp_path / "chat.jsonl"
    corpus.write_text("".join(json.dumps({"messages": turns}) + "\n" for _ in range(2)))
    rows = [listed(1, 0.9, 0.9, 5), listed(1, 0.01, 0.01, 0), listed(1, 0.9, 0.9, 5)]
    report = write_report(tmp_path / "out", corpus, [*rows, *[listed(2, 0.9, 0.9, 5)] * 3])
    found = filter_corpus([corpus], report, tmp_path / "clean", drop=["q<=0.05"])
    assert (found.rows_dropped, found.documents_dropped, found.documents_along) == (1, 3, 2)
    assert found.left[0].true_at_least == 1
    # 0.4 * 6 - 1 of the three that are left.
    assert found.left[0].at_most == pytest.approx(1.4 / 3)
    assert "a row goes whole" in found.summary()
    assert (found.reasons, found.reasons_documents) == ({"q<=0.05": 1}, {"q<=0.05": 1})


def test_documents_are_counted_as_the_report_counts_them(tmp_path: Path) -> None:
    turns = [{"role": "assistant", "content": f"turn {n}"} for n in range(3)]
    corpus = tmp_path / "chat.jsonl"
    corpus.write_text("".join(json.dumps({"messages": turns}) + "\n" for _ in range(2)))
    hits = [listed(1, 0.9, 0.9, 5, log_covered=0.9)] * 3
    report = write_report(tmp_path / "out", corpus, [*hits, *[listed(2, 0.9, 0.9, 5)] * 3])
    found = filter_corpus([corpus], report, tmp_path / "clean", drop=["log"])
    assert (found.reasons, found.reasons_documents) == ({"log": 1}, {"log": 3})
    assert "· log: 1 row (3 documents)" in found.summary()
    # The list of rows shows nothing of them, the log does.
    assert "the list of rows shows none for sure; what log shows" in found.summary()


def test_a_bound_that_rises_does_not_say_that_more_is_left(tmp_path: Path, corpus: Path) -> None:
    """The list shows nothing of two rows of the log: 4 of 10 before, then 4 of 8."""
    logged = [listed(line, 0.9, 0.9, 9, log_covered=0.9) for line in (1, 2)]
    rest = [listed(line, 0.9, 0.9, 9) for line in range(3, 11)]
    report = write_report(tmp_path / "out", corpus, [*logged, *rest])
    found = filter_corpus([corpus], report, tmp_path / "tagged", drop=["log"], tag=True)
    assert (found.left[0].before, found.left[0].at_most) == pytest.approx((0.4, 0.5))
    assert "does not say that more is left" in found.summary()
    assert "documents tagged" in found.summary()
    found = filter_corpus([corpus], report, tmp_path / "as-is", drop=["q<=0.01"])
    assert "does not say that more" not in found.summary()


def test_until_drops_no_more_than_it_takes(tmp_path: Path, corpus: Path) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST])
    found = filter_corpus([corpus], report, tmp_path / "clean", until=0.2)
    assert found.cut == pytest.approx(0.01)
    assert found.rows_dropped == 4
    assert found.left[0].at_most < 0.2
    nothing = filter_corpus([corpus], report, tmp_path / "all", until=0.5)
    assert (nothing.rows_dropped, nothing.cut) == (0, None)
    with pytest.raises(PromiseError, match=r"at best 16\.7 % may be left of api"):
        filter_corpus([corpus], report, tmp_path / "none", until=0.1)
    assert not (tmp_path / "none").exists()


def test_rows_that_nobody_judged_break_a_promise(tmp_path: Path, corpus: Path) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST[:5]])
    with pytest.raises(PromiseError, match="of 1 row in it the report says nothing"):
        filter_corpus([corpus], report, tmp_path / "none", until=0.2)
    found = filter_corpus([corpus], report, tmp_path / "clean", drop=["q<=0.05"])
    assert found.left[0].at_most == pytest.approx((0.4 * 9 - 3 + 1) / 6)
    assert "nothing is told of them: 1 row that" in found.summary()


def test_a_withheld_share_promises_nothing(tmp_path: Path, corpus: Path) -> None:
    rows = [{"line": n, "log_covered": float(n == 2)} for n in range(1, 11)]
    report = write_report(tmp_path / "out", corpus, rows, high=1.0, verdict="withheld")
    found = filter_corpus(corpus, report, tmp_path / "clean", drop="log")
    assert (found.rows_dropped, found.left) == (1, ())
    assert "nobody can tell how much is left" in found.summary()
    for drop in ("q<=0.05", "posterior>=0.9", "machine"):
        with pytest.raises(InputError, match=r"withholds|does not tell"):
            filter_corpus([corpus], report, tmp_path / "no", drop=[drop])
    with pytest.raises(PromiseError, match="tells no share"):
        filter_corpus([corpus], report, tmp_path / "no", until=0.5)


def test_a_report_that_lists_no_rows_drops_none_by_them(tmp_path: Path, corpus: Path) -> None:
    report = write_report(tmp_path / "out", corpus, [{"line": n} for n in range(1, 11)])
    with pytest.raises(InputError, match=r"lists no rows \(the samples do not"):
        filter_corpus([corpus], report, tmp_path / "no", drop=["q<=0.05"])


def test_why_a_report_lists_no_rows_is_told(tmp_path: Path, corpus: Path) -> None:
    few = Diagnostic(
        name="few_models[alpha]",
        verdict="warn",
        statistic=0.2,
        limit=None,
        sentence="Beside one other model none is.",
    )
    rows = [{"line": n} for n in range(1, 11)]
    report = write_report(tmp_path / "out", corpus, rows, diagnostics=(few,))
    with pytest.raises(InputError, match=r"lists no rows \(Beside one other model none is"):
        filter_corpus([corpus], report, tmp_path / "no", drop=["q<=0.05"])


def test_rows_of_another_kind_are_refused(tmp_path: Path, corpus: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    copies = Finding(
        kind="overlap",
        verdict="found",
        n_documents=3,
        details={"of": OF_LIBRARY, "by_source": {"GPT": 3}, "by_model": {"GPT": 3}},
    )
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST], findings=(copies,))
    table = pq.read_table(report / "documents.parquet")
    numbers = pa.array(range(len(table)))
    pq.write_table(table.append_column("known_answer", numbers), report / "documents.parquet")
    with pytest.raises(InputError, match="cannot be read"):
        filter_corpus([corpus], report, tmp_path / "clean", drop=["known[GPT]"])
    assert not (tmp_path / "clean").exists()


def test_a_changed_corpus_is_refused(tmp_path: Path, corpus: Path) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST])
    corpus.write_bytes(corpus.read_bytes().replace(b"row 3", b"Row 3"))
    with pytest.raises(InputError, match="not the one that the report read") as error:
        filter_corpus([corpus], report, tmp_path / "clean", drop=["q<=0.05"])
    assert str(corpus) in str(error.value)
    assert not (tmp_path / "clean").exists()


def test_a_corpus_that_changes_meanwhile_is_refused(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST])
    plan = ReportRows.plan

    def touched(*given: Any) -> Any:
        corpus.write_bytes(corpus.read_bytes().replace(b"row 3", b"Row 3"))
        return plan(*given)

    monkeypatch.setattr(ReportRows, "plan", touched)
    with pytest.raises(InputError, match="changed while it was read"):
        filter_corpus([corpus], report, tmp_path / "clean", drop=["q<=0.05"])
    assert not (tmp_path / "clean").exists()


@pytest.mark.parametrize("line", [11, 400])
def test_rows_that_the_corpus_lacks_are_refused(tmp_path: Path, corpus: Path, line: int) -> None:
    rows = [*TOP, *REST[:-1], listed(line, 0.8, 0.9, 7)]
    report = write_report(tmp_path / "out", corpus, rows)
    with pytest.raises(InputError, match=rf"corpus\.jsonl:{line}: the report names a row"):
        filter_corpus([corpus], report, tmp_path / "clean", drop=["q<=0.05"])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert not (tmp_path / "clean").exists()


def test_an_empty_folder_is_filled(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST])
    for name in ("empty", "here", "linked"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "linked")
    # What a run that was killed left there is nobody's.
    (tmp_path / "empty" / ".provenance-00000000-0123456789abcdef.lock").touch()
    monkeypatch.chdir(tmp_path / "here")
    for output in (tmp_path / "empty", tmp_path / "link", Path()):
        filter_corpus([corpus], report, output, drop=["q<=0.05"])
        assert sorted(os.listdir(output)) == ["corpus.jsonl", "manifest.json"]


def test_a_folder_that_cannot_be_filled_stays_empty(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST])
    (tmp_path / "empty").mkdir()
    rename = os.rename

    def failing(before: Path, after: Path) -> None:
        if Path(after) == tmp_path / "empty" / "manifest.json":
            raise OSError(28, "No space left on device")
        rename(before, after)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(OSError, match="No space"):
        filter_corpus([corpus], report, tmp_path / "empty", drop=["q<=0.05"])
    assert os.listdir(tmp_path / "empty") == []


def test_an_output_in_the_corpus_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "in"
    (place / "b").mkdir(parents=True)
    (place / "a.jsonl").write_text('{"text": "a"}\n')
    report = write_report(tmp_path / "out", place, [{"line": 1}])
    for output in (place / "b" / "clean", place / "b"):
        with pytest.raises(InputError, match="stands in the corpus"):
            filter_corpus([place], report, output, drop=["log"])
    (tmp_path / "nothing").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="a link to nothing"):
        filter_corpus([place], report, tmp_path / "nothing", drop=["log"])
    # A file that came to the corpus since is named.
    (place / "b" / "c.jsonl").write_text('{"text": "c"}\n')
    with pytest.raises(InputError, match=r"c\.jsonl: the corpus has 2 files"):
        filter_corpus([place], report, tmp_path / "clean", drop=["log"])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"p[api]": -1.0}, "outside its range"),
        ({"p[api]": float("-inf")}, "outside its range"),
        ({"posterior[api]": float("inf")}, "outside its range"),
        ({"line": None}, "no whole number"),
        ({"line": -1}, "names a row that the corpus does not have"),
        ({"line": 2**62}, "names a row that the corpus does not have"),
    ],
)
def test_figures_and_lines_that_cannot_be_are_refused(
    tmp_path: Path, corpus: Path, more: Told, told: str
) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST[:-1], {**REST[-1], **more}])
    with pytest.raises(InputError, match=told):
        filter_corpus([corpus], report, tmp_path / "no", until=0.2)


def test_more_false_rows_than_rows_show_nothing(tmp_path: Path, corpus: Path) -> None:
    def true(false: int) -> int:
        place = tmp_path / str(false)
        rows = [{**row, "false_at_most[api]": false} for row in [*TOP, *REST]]
        report = write_report(place, corpus, rows)
        found = filter_corpus([corpus], report, place / "clean", drop=["q<=5"])
        assert found.expected_false == 10
        return found.left[0].true_at_least

    assert [true(false) for false in (0, 10, 2**40)] == [10, 0, 0]


def test_trusted_turns_clear_no_more_rows_than_they_stand_in(tmp_path: Path, corpus: Path) -> None:
    """Four trusted turns may all stand in one row; of plain texts each is a row."""
    rows = [*TOP, *REST[:2]]

    def at_most(name: str, *turns: TurnCount) -> float:
        report = write_report(tmp_path / name, corpus, rows, n_trusted=4, turns=turns)
        found = filter_corpus([corpus], report, tmp_path / f"{name}-clean", drop=["q<=0.05"])
        assert found.rows_unjudged == 4
        return found.left[0].at_most

    turn = TurnCount(name="assistant", role="assistant", taken=True, n_turns=10)
    assert at_most("plain") == 0
    assert at_most("turns", turn) == pytest.approx(4 / 6)


def test_what_cannot_be_is_refused(tmp_path: Path, corpus: Path) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST])

    def refused(told: str, drop: str = "q<=0.05", output: str = "no", **more: Any) -> None:
        with pytest.raises(InputError, match=told):
            filter_corpus([corpus], report, tmp_path / output, drop=[drop], **more)

    refused("cannot be read", "q=0.05")
    refused("cannot be read", "q<=nan")
    refused("have no nothing", "nothing<=0.05")
    refused("did not look for it", "watermark")
    refused("does not tell text like", "machine")
    refused("not empty", output="out")
    refused("named like a file", output="clean.jsonl")
    refused("nothing is said", "")
    refused("until", until=float("nan"))
    (report / "documents.parquet").write_bytes(b"PAR1 no")
    refused("rows of the report cannot be read")
    (report / "documents.parquet").unlink()
    refused("the report has no rows")


def test_what_is_no_file_is_refused(tmp_path: Path, corpus: Path) -> None:
    frame: Any = SimpleNamespace(columns=["text"])
    report: Any = examples.estimated()
    for paths, of in ((frame, tmp_path), ([frame], tmp_path), (corpus, report)):
        with pytest.raises(InputError, match="is not written again"):
            filter_corpus(paths, of, tmp_path / "clean", drop="log")


def test_files_of_two_runs_are_refused(tmp_path: Path, corpus: Path) -> None:
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST], n_documents=11)
    with pytest.raises(InputError, match=r"10 rows, and report\.json tells of 11"):
        filter_corpus([corpus], report, tmp_path / "no", drop=["log"])
    other = write_report(
        tmp_path / "other", corpus, [{**row, "path": "else.jsonl"} for row in [*TOP, *REST]]
    )
    with pytest.raises(InputError, match=r"else\.jsonl:1: the rows name a file"):
        filter_corpus([corpus], other, tmp_path / "no", drop=["log"])


@pytest.mark.parametrize(
    "columns",
    [
        {"path": [None], "line": [1]},
        {"path": [1], "line": [1]},
        {"path": ["corpus.jsonl"], "line": ["x"]},
        {"path": ["corpus.jsonl"], "line": [None]},
        {"path": ["corpus.jsonl"], "line": [1], "findings": [7]},
        {"path": ["corpus.jsonl"]},
    ],
)
def test_rows_of_other_types_are_refused(
    tmp_path: Path, corpus: Path, columns: dict[str, list[Any]]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    report = write_report(tmp_path / "out", corpus, [{"line": 1}])
    path = str(open_corpus(corpus).paths[0])
    named = [path if name == "corpus.jsonl" else name for name in columns["path"]]
    table = {"id": ["x"], "log_covered": [1.0], "findings": [[]], **columns, "path": named}
    pq.write_table(pa.table(table), report / "documents.parquet")
    with pytest.raises(InputError):
        filter_corpus([corpus], report, tmp_path / "no", drop=["log"])
    assert not (tmp_path / "no").exists()


def test_an_old_report_does_not_tell_which_rows_are_marked(tmp_path: Path, corpus: Path) -> None:
    marks = HiddenMarks().told()
    finding = Finding(
        kind="text_repair", verdict="found", details={"hidden_marks": {**marks, "n_marked": 2}}
    )
    report = write_report(tmp_path / "out", corpus, [*TOP, *REST], findings=(finding,))
    with pytest.raises(InputError, match="not which rows have them"):
        filter_corpus([corpus], report, tmp_path / "no", drop=["hidden"])


def test_folders_stay_as_they_are(tmp_path: Path) -> None:
    place = tmp_path / "in"
    (place / "b").mkdir(parents=True)
    (place / "a.csv").write_text('text\n"one\n two"\nthree\n')
    (place / "b" / "c.txt").write_text("A whole text.")
    read = open_corpus(place)
    rows = [
        {"line": one.line, "path": one.path, "log_covered": float(one.line != 4)} for one in read
    ]
    report = write_report(tmp_path / "out", place, rows)
    found = filter_corpus([place], report, tmp_path / "clean", drop=["log"])
    names = [path.relative_to(tmp_path / "clean") for path in (tmp_path / "clean").rglob("*.*")]
    assert sorted(map(str, names)) == ["a.csv", "manifest.json"]
    assert (tmp_path / "clean" / "a.csv").read_text() == "text\nthree\n"
    assert [one.sha256_after is None for one in found.files] == [False, True]


def several_files(folder: Path) -> tuple[Path, Path]:
    """Four files, one of which no row of the report is of, and the report of their rows."""
    place = folder / "in"
    place.mkdir()
    for name, first in (("a", 0), ("b", 3), ("c", 6), ("d", 8)):
        texts = [f"row {first + n}" for n in range(3 if name < "c" else 2)]
        lines = [json.dumps({"text": text}) + "\n" for text in texts]
        (place / f"{name}.jsonl").write_text("".join(lines))
    rows = [
        {**(TOP if at % 2 else REST)[0], "line": one.line, "path": one.path}
        for at, one in enumerate(open_corpus(place))
        if not one.path.endswith("c.jsonl")
    ]
    return place, write_report(folder / "out", place, rows)


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_any_workers(folder: Path, **hands: Any) -> None:
    place, report = several_files(folder)
    asked: dict[str, dict[str, Any]] = {
        "dropped": {"drop": ["q<=0.05"]},
        "tagged": {"drop": ["q<=0.05"], "tag": True},
        "until": {"until": 0.9},
    }
    for name, told in asked.items():
        for number, given in enumerate(({}, hands)):
            filter_corpus([place], report, folder / f"{name}{number}", **told, **given)
        assert written(folder / f"{name}0") == written(folder / f"{name}1")
    kept = [json.loads(row)["text"] for row in (folder / "dropped0" / "b.jsonl").open()]
    assert kept == ["row 4"]


@pytest.mark.parametrize("run_bytes", [1, 100, 1 << 26])
def test_whoever_writes_the_files_their_bytes_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_bytes: int
) -> None:
    monkeypatch.setattr(side_by_side, "_RUN", run_bytes)
    with ThreadPoolExecutor(2) as executor:
        check_any_workers(tmp_path, workers=2, executor=executor)


@pytest.mark.slow
def test_processes_write_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "_RUN", 1)
    check_any_workers(tmp_path, workers=2)


@pytest.mark.slow
def test_workers_of_a_scheduler_write_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    monkeypatch.setattr(side_by_side, "_RUN", 1)
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster as found, workforce(1, found.scheduler_address) as hands:
        check_any_workers(tmp_path, workers=hands.workers, executor=hands.executor)


def test_rows_out_of_order_are_refused_by_any_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, report = several_files(tmp_path)
    import pyarrow.parquet as pq

    rows = pq.read_table(report / "documents.parquet")
    pq.write_table(rows.take([*range(1, len(rows)), 0]), report / "documents.parquet")
    for run_bytes in (1, 1 << 26):
        monkeypatch.setattr(side_by_side, "_RUN", run_bytes)
        with pytest.raises(InputError, match="the report names a row that the corpus does not"):
            filter_corpus([place], report, tmp_path / "clean", drop=["q<=0.05"])
    assert not (tmp_path / "clean").exists()


def test_a_part_of_the_corpus_is_taken_out(tmp_path: Path) -> None:
    rows = [{**row, "half": "one" if n % 2 else "two"} for n, row in enumerate(MIXED)]
    corpus = tmp_path / "suspect.jsonl"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = matched(open_corpus(corpus, by="half"), tmp_path / "out")
    assert {*report.documents["by[half]"]} == {"one", "two"}
    found = filter_corpus(corpus, tmp_path / "out", tmp_path / "clean", drop="half=one")
    left = (tmp_path / "clean" / "suspect.jsonl").read_text().splitlines()
    assert found.rows_dropped == len(rows) // 2 == len(left)
    assert {json.loads(line)["half"] for line in left} == {"two"}
    with pytest.raises(InputError, match="Perhaps 'one' is meant"):
        filter_corpus(corpus, tmp_path / "out", tmp_path / "again", drop="half=onw")
    assert not (tmp_path / "again").exists()
