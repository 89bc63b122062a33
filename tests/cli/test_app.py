"""The command line: every command once for real, every refusal in one paragraph."""

from __future__ import annotations

import datetime
import io
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import report_examples as examples
from rich.console import Console
from typer.main import get_command
from typer.testing import CliRunner, Result

from provenance.cli.app import app
from provenance.cli.match import exit_status
from provenance.cli.options import fingerprint_paths
from provenance.cli.terminal import progress_bar
from provenance.corpus import CorpusOptions, open_corpus
from provenance.errors import InputError, ProvenanceWarning
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.file import fingerprint_sha256
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.sample import Limits
from provenance.fingerprint.showing import describe, ngram_rates, render_fingerprint
from provenance.report.report import Report
from provenance.simulate.words import NGramModel, library_texts
from provenance.version import __version__

COMMANDS = (
    "fingerprint index match merge compare inspect report demo validate watermark canary".split()
)
HEAVY = "numpy scipy numba sklearn datasets pandas pyarrow matplotlib tiktoken jinja2".split()


class Files:
    """A folder of corpora by two simulated sources, and their fingerprints."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.root, self.cache = root, cache
        api = NGramModel.fit(library_texts()[:300])
        human = api.distorted(1.5, np.random.default_rng(0))
        rng = np.random.default_rng(1)
        self.texts = {
            name: [model.sample(rng, 90) for _ in range(150)]
            for name, model in (("api", api), ("human", human))
        }
        mixed = self.texts["api"][100:] + self.texts["human"][100:]
        for name, texts in {**{k: v[:100] for k, v in self.texts.items()}, "mixed": mixed}.items():
            self.write(f"{name}.jsonl", *({"text": text, "kind": name} for text in texts))
        (root / "fps").mkdir()
        for name in ("api", "human"):
            made = fit_fingerprint(open_corpus(root / f"{name}.jsonl"), name)
            made.save(root / "fps" / f"{name}.fp")

    def write(self, name: str, *rows: object) -> Path:
        path = self.root / name
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        return path

    def listed(self) -> list[tuple[str, int]]:
        return sorted((str(p), p.stat().st_mtime_ns) for p in self.root.rglob("*"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    made = Files(tmp_path_factory.mktemp("cli"), tmp_path_factory.mktemp("cache"))
    made.write("bad.jsonl", {"text": "as it was in the beginning it is now"}, {"text": None})
    spec = FeatureSpec(min_tokens=20)
    fit_fingerprint(made.texts["human"][:30], "other", spec).save(made.root / "other.fp")
    (made.root / "empty").mkdir()
    (made.root / "broken.fp").write_bytes(b"PK\x03\x04 and nothing else")
    return made


@pytest.fixture(autouse=True)
def folder(files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(files.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(files.cache))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def done(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 0, result.stderr or result.exception
    assert result.stderr == ""
    return result.stdout


SOURCES = ("--candidate", "fps/api.fp", "--reference", "fps/human.fp")


def test_the_commands_are_those_that_are_built() -> None:
    shown = done("--help")
    listed = re.findall(r"^[│ ]+(\w+) {2,}\w", shown.partition("Commands")[2], re.MULTILINE)
    assert listed == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    assert f"provenance {command}" in done(command, "--help").replace("root", "provenance")


def test_the_version_is_told() -> None:
    assert done("--version") == f"provenance {__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['provenance', '--help']\n"
        "from provenance.cli.app import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        f"print('loaded', *[name for name in {HEAVY} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert ran.stdout.decode(errors="replace").splitlines()[-1] == "loaded"


def test_the_defaults_shown_are_the_defaults() -> None:
    spec, limits = FeatureSpec(), Limits()
    command: Any = get_command(app)
    shown = {item.name: item.show_default for item in command.commands["fingerprint"].params}
    assert {name: shown[name] for name in ("encoding", "min_tokens", "rows", "row_tokens")} == {
        "encoding": spec.encoding,
        "min_tokens": str(spec.min_tokens),
        "rows": str(limits.rows),
        "row_tokens": str(limits.row_tokens),
    }


# fingerprint


def test_a_fingerprint_is_made_and_told(folder: Path) -> None:
    told = done("fingerprint", "api.jsonl", "--name", "api", "-o", folder / "a.fp")
    made = Fingerprint.load(folder / "a.fp")
    assert (made.name, made.n_documents, made.sealed) == ("api", 100, False)
    assert "100 documents" in told and "field text" in told
    assert fingerprint_sha256(made) == fingerprint_sha256(Fingerprint.load("fps/api.fp"))


def test_a_fingerprint_that_exists_is_replaced(folder: Path) -> None:
    (folder / "a.fp").write_text("something else")
    done("fingerprint", "api.jsonl", "--name", "api", "-o", folder / "a.fp")
    assert Fingerprint.load(folder / "a.fp").n_documents == 100
    assert [path.name for path in folder.glob("*.fp")] == ["a.fp"]


def test_options_of_the_spec_arrive(folder: Path) -> None:
    options = "--encoding cl100k_base --min-tokens 3 --strip-markdown --rows 7 --row-tokens 900"
    made = folder / "a.fp"
    done("fingerprint", "api.jsonl", "--name", "a", "-o", made, "--sealed", *options.split())
    found = Fingerprint.load(made)
    spec = FeatureSpec(encoding="cl100k_base", min_tokens=3, strip_markdown=True)
    assert (found.spec, found.limits, found.sealed) == (spec, Limits(7, 900), True)
    assert found.readable == found.origin == ()


def test_skipped_rows_are_counted_and_named(folder: Path) -> None:
    made = folder / "a.fp"
    told = done("fingerprint", "bad.jsonl", "--name", "a", "--on-error", "skip", "-o", made)
    assert "1 rows skipped" in told and "bad.jsonl:2" in told
    assert Fingerprint.load(made).n_documents == 1


CORPUS_OPTIONS: dict[str, tuple[str, Any]] = {
    "text_field": ("text", "text"),
    "role": ("user", "user"),
    "prompt_field": ("p", "p"),
    "id_field": ("i", "i"),
    "group_field": ("g", "g"),
    "domain_field": ("d.e", "d.e"),
    "date_field": ("t", "t"),
    "before": ("2024-02-29", datetime.date(2024, 2, 29)),
    "after": ("2023-01-01", datetime.date(2023, 1, 1)),
    "limit": ("5", 5),
    "sample": ("6", 6),
    "seed": ("7", 7),
    "on_error": ("skip", "skip"),
}
TARGETS = {
    "fingerprint": (
        "provenance.fingerprint.measuring.fit_fingerprint",
        ("--name", "a", "-o", "a.fp"),
    ),
    "index": ("provenance.evidence.log.building.index_log", ("-o", "a.idx")),
    "match": ("provenance.matching.matching.match", (*SOURCES, "-o", "out")),
}


class Reached(Exception):  # noqa: N818
    """The function that a command is for was called."""


def called(monkeypatch: pytest.MonkeyPatch, command: str, *args: str) -> tuple[Any, dict[str, Any]]:
    target, needed = TARGETS[command]
    seen: list[Any] = []

    def reached(*given: Any, **named: Any) -> None:
        seen.extend((given, named))
        raise Reached

    monkeypatch.setattr(target, reached)
    assert isinstance(run(command, "mixed.jsonl", *needed, *args).exception, Reached)
    return seen[0], seen[1]


@pytest.mark.parametrize("command", TARGETS)
@pytest.mark.parametrize("left_out", ["limit", "sample"])
def test_every_option_of_a_corpus_arrives(
    monkeypatch: pytest.MonkeyPatch, command: str, left_out: str
) -> None:
    given = {name: pair for name, pair in CORPUS_OPTIONS.items() if name != left_out}
    args = [
        part for name, (text, _) in given.items() for part in (f"--{name}".replace("_", "-"), text)
    ]
    (corpus, *_), _ = called(monkeypatch, command, *args)
    assert corpus.options == CorpusOptions(**{name: value for name, (_, value) in given.items()})
    assert {*CORPUS_OPTIONS} == {item.name for item in fields(CorpusOptions)} - {"by"}


@pytest.mark.parametrize("command", TARGETS)
def test_without_options_a_corpus_is_read_as_ever(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (corpus, *_), named = called(monkeypatch, command)
    assert corpus.options == CorpusOptions()
    assert (named["workers"], named["progress"]) == (1, None)


# match


def test_options_of_a_match_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    args = (
        "--panel fps/*.fp --by kind --by lang --confidence-level 0.9 --same-domain --fdr 0.1"
        " --alias b=a --alias c=a=a --no-text --baseline b.json --cache-dir kept --workers 3"
        " --seed 9 --watermark-keys K.toml"
    )
    (corpus,), named = called(
        monkeypatch, "match", *args.split(), "--role", "ftp://me:secret@host/"
    )
    sources = {
        role: [item.name for item in named.pop(role)]
        for role in ("candidates", "references", "panel")
    }
    command = named.pop("command")
    assert sources == {"candidates": ["api"], "references": ["human"], "panel": ["api", "human"]}
    assert corpus.options.by == ("kind", "lang")
    assert named == {
        "aliases": {"b": "a", "c": "a=a"},
        "watermark_keys": Path("K.toml"),
        "baseline": "b.json",
        "output": Path("out"),
        "confidence_level": 0.9,
        "same_domain": True,
        "fdr": 0.1,
        "logs": [],
        "decoy_logs": [],
        "keep_text": False,
        "seed": 9,
        "workers": 3,
        "reference_before": None,
        "cache_dir": Path("kept"),
        "progress": None,
    }
    assert command[:3] == ("provenance", "match", "mixed.jsonl")
    assert "secret" not in " ".join(command) and command[-1] == "ftp://***@host/"


@pytest.fixture(scope="module")
def matched(files: Files, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    output = tmp_path_factory.mktemp("matched") / "out"
    corpus = files.root / "mixed.jsonl"
    sources = [files.root / part if part.endswith(".fp") else part for part in SOURCES]
    options = ("--same-domain", "--cache-dir", files.cache, "--fail-above", 0.05)
    return output, run("match", corpus, *sources, "-o", output, *options)


def test_a_match_is_told_and_written(matched: tuple[Path, Result]) -> None:
    output, result = matched
    assert {path.name for path in output.iterdir()} == {
        *("report.json", "report.html", "documents.parquet")
    }
    report = Report.load(output)
    assert report.summary() in " ".join(result.stdout.split())
    assert f"Report: {output / 'report.html'}" in result.stdout
    assert result.stderr == ""
    (row,) = report.candidates()
    assert row.low <= 0.5 <= row.high


def test_a_share_above_the_limit_ends_with_one(matched: tuple[Path, Result]) -> None:
    output, result = matched
    assert Report.load(output).candidates()[0].low > 0.05
    assert result.exit_code == 1


def test_a_candidate_alone_gets_an_upper_bound(folder: Path) -> None:
    args = ("match", "mixed.jsonl", "--candidate", "fps/api.fp", "-o", folder / "out")
    told = done(*args)
    assert re.search(r"^At most \d+\.\d % of the documents look like the sample of api", told)
    assert "95 % upper bound; a share cannot be told, and" in " ".join(told.split())
    assert "Bring --reference H.fp" in " ".join(told.split())
    assert sorted(os.listdir(folder / "out")) == ["report.html", "report.json"]
    report = Report.load(folder / "out")
    [row] = report.candidates()
    assert (row.share, row.low, row.verdict) == (None, 0, "bounded")
    assert 0.5 <= row.high < 1
    assert ">upper bound</span>" in (folder / "out" / "report.html").read_text()
    assert run(*args, "--fail-above", 0.1).exit_code == 3
    assert run(*args, "--fail-above", 1).exit_code == 0


def test_a_match_against_its_own_baseline_shows_no_fall(folder: Path) -> None:
    args = ("match", "mixed.jsonl", *SOURCES, "--by", "kind", "-o", folder / "out")
    done(*args)
    told = " ".join(done(*args, "--baseline", folder / "out" / "report.json").split())
    assert "Against the baseline, mixed.jsonl" in told
    assert "No fall can be shown." in told
    assert "Both reports are of the same text" in told
    other = run("match", "mixed.jsonl", *SOURCES[:2], "--baseline", folder / "out", "-o", "out")
    assert other.exit_code == 2
    assert "only it has the reference 'human'" in other.stderr


def test_a_share_below_the_limit_ends_with_none(folder: Path) -> None:
    done("match", "mixed.jsonl", *SOURCES, "-o", folder / "out", "--fail-above", 1)


def with_share(report: Report, low: float, high: float) -> Report:
    rows = [
        replace(row, low=low, high=high, share=None if row.share is None else low)
        if row.role == "candidate"
        else row
        for row in report.shares
    ]
    return replace(report, shares=tuple(rows))


@pytest.mark.parametrize(
    ("make", "low", "high", "limit", "status"),
    [
        (examples.estimated, 0.2, 0.3, 0.1, 1),
        (examples.estimated, 0.2, 0.3, 0.2, 0),
        (examples.estimated, 0.0, 0.3, 0.1, 0),
        (examples.withheld, 0.0, 1.0, 0.1, 3),
        (examples.withheld, 0.0, 0.05, 0.1, 0),
        (examples.withheld, 0.0, 1.0, 1.0, 0),
        (examples.withheld, 0.2, 1.0, 0.1, 1),
    ],
)
def test_exit_status(
    make: Callable[[], Report], low: float, high: float, limit: float, status: int
) -> None:
    assert exit_status(with_share(make(), low, high), limit) == status


def test_a_withheld_share_ends_with_three_only_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("provenance.matching.matching.match", lambda *_, **__: examples.withheld())
    args = ("match", "mixed.jsonl", *SOURCES, "-o", "out")
    assert run(*args, "--fail-above", 0.1).exit_code == 3
    assert run(*args).exit_code == 0


def test_tokens_and_other_sources_fail_nothing() -> None:
    report = with_share(examples.estimated(), 0.0, 0.1)
    rows = [
        replace(row, low=0.9, high=0.9, share=0.9)
        if row.unit == "tokens" or row.role == "panel"
        else row
        for row in report.shares
    ]
    assert exit_status(replace(report, shares=tuple(rows)), 0.1) == 0


# merge, compare, inspect, report


def test_merge_makes_one_of_a_folder(folder: Path) -> None:
    told = done("merge", "fps", "-o", folder / "both.fp")
    assert Fingerprint.load(folder / "both.fp").n_documents == 200
    assert "api + human" in told
    done("merge", "fps/api.fp", "fps/human.fp", "-o", folder / "two.fp", "--name", "both")
    assert Fingerprint.load(folder / "two.fp").name == "both"


def test_a_file_named_twice_is_counted_once(folder: Path) -> None:
    done("merge", "fps/api.fp", "fps", "./fps/../fps/api.fp", "-o", folder / "both.fp")
    assert Fingerprint.load(folder / "both.fp").n_documents == 200


def test_compare_tells_the_distance_with_its_interval() -> None:
    told = orjson.loads(done("compare", "fps", "--json", "--confidence-level", 0.9))
    (row,) = told["distances"]
    assert told["confidence_level"] == 0.9
    assert {row["source"], row["other"]} == {"api", "human"}
    assert 0 < row["low"] < row["distance"] < row["high"]
    table = done("compare", "fps/*.fp")
    assert f"{row['distance']:.3f}" in table and "95 %" in table


def test_inspect_shows_what_a_fingerprint_holds() -> None:
    told = orjson.loads(done("inspect", "fps/api.fp", "--json", "--top", 5))
    made = Fingerprint.load("fps/api.fp")
    assert told == orjson.loads(orjson.dumps(describe(made, ngram_rates(made, count=5))))
    assert told["counts"]["documents"] == 100
    rates = [row["rate"] for row in told["ngrams"]]
    assert len(rates) == 5 and rates == sorted(rates, reverse=True)
    shown = done("inspect", "fps/api.fp", "--top", 5)
    assert all(row["ngram"] in shown for row in told["ngrams"])


def test_inspect_ranks_by_what_tells_sources_apart() -> None:
    told = orjson.loads(done("inspect", "fps/api.fp", "--against", "fps/human.fp", "--json"))
    rows = told["ngrams"]
    assert len(rows) == 20
    assert all(row["rate"] > row["rate_against"] for row in rows)
    assert "tell it from human" in done("inspect", "fps/api.fp", "--against", "fps/human.fp")


def test_a_sealed_fingerprint_says_so(folder: Path) -> None:
    done("fingerprint", "api.jsonl", "--name", "api", "-o", folder / "a.fp", "--sealed")
    told = done("inspect", folder / "a.fp")
    assert "sealed" in told and "no readable n-gram" in told and "read from" not in told


def test_a_report_is_shown_as_table_json_and_page(folder: Path) -> None:
    report = examples.crowded()
    report.save(folder / "report.json")
    assert report.summary() in " ".join(done("inspect", folder / "report.json").split())
    assert done("inspect", folder) == done("inspect", folder / "report.json")
    assert orjson.loads(done("inspect", folder, "--json")) == report.to_dict()
    assert (
        done("report", folder / "report.json", "-o", folder / "page.html")
        == f"{folder / 'page.html'}\n"
    )
    assert (folder / "page.html").read_text().startswith("<!doctype html>")


# what was changed or is damaged


def changed_report(folder: Path) -> Path:
    path = folder / "report.json"
    examples.estimated().save(path)
    text = path.read_text()
    assert text.count("0.1458") > 1
    path.write_text(text.replace("0.1458", "0.1459", 1))
    return path


def without_checksum(folder: Path) -> Path:
    path = folder / "report.json"
    path.write_bytes(orjson.dumps(examples.estimated().to_dict()))
    return path


@pytest.mark.parametrize(
    "args",
    [
        ("inspect", "REPORT"),
        ("inspect", "REPORT", "--json"),
        ("report", "REPORT", "-o", "FOLDER/page.html"),
        ("match", "mixed.jsonl", *SOURCES, "--baseline", "REPORT", "-o", "FOLDER/out"),
    ],
    ids=lambda args: args[0],
)
def test_a_changed_report_is_refused(args: tuple[str, ...], folder: Path) -> None:
    path = changed_report(folder)
    named = {"REPORT": str(path)}
    result = run(*(named.get(arg, arg.replace("FOLDER", str(folder))) for arg in args))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {path}: the report was changed since it was written")
    assert result.stderr.count("\n") == 1
    assert os.listdir(folder) == [path.name]


@pytest.mark.parametrize("args", [("inspect",), ("inspect", "--json"), ("report", "-o", "PAGE")])
def test_a_report_without_a_checksum_is_shown_and_told(args: tuple[str, ...], folder: Path) -> None:
    path = without_checksum(folder)
    command, *more = (arg.replace("PAGE", str(folder / "page.html")) for arg in args)
    result = run(command, path, *more)
    assert result.exit_code == 0
    assert result.stdout
    assert result.stderr.startswith(f"Warning: {path}: the report carries no checksum")
    assert result.stderr.count("\n") == 1


def test_warnings_of_others_go_where_they_go(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    def warned(*_: Any, **__: Any) -> Report:
        warnings.warn("theirs", UserWarning, stacklevel=1)
        for _times in range(2):
            warnings.warn("ours \x1b[2J", ProvenanceWarning, stacklevel=1)
        return examples.estimated()

    monkeypatch.setattr("provenance.report.report.Report.load", warned)
    result = run("inspect", "any.json")
    assert result.stderr == "Warning: ours <U+001B>[2J\n"
    assert [str(one.message) for one in recwarn] == ["theirs"]


@pytest.mark.slow
def test_an_unusable_cache_is_told_and_done_without(folder: Path) -> None:
    (folder / "cache").write_text("a file")
    args = ("match", "mixed.jsonl", *SOURCES, "-o", folder / "out")
    result = run(*args, "--cache-dir", folder / "cache")
    assert result.exit_code == 0, result.output
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"Warning: {folder / 'cache'}: the cache folder cannot be writ")
    assert sorted(os.listdir(folder)) == ["cache", "out"]
    assert not [name for name in os.listdir(folder / "out") if name.endswith(".npz")]
    assert {**orjson.loads((folder / "out" / "report.json").read_bytes())}["content_sha256"]


# what is foreign


def control_characters(text: str) -> set[str]:
    return {c for c in text if not c.isprintable() and c not in examples.HARMLESS} - {"\n"}


@pytest.mark.parametrize("name", examples.HOSTILE)
def test_nothing_foreign_reaches_the_terminal(name: str, folder: Path) -> None:
    source = replace(
        Fingerprint.load("fps/api.fp"),
        name=name,
        origin=(name,),
        readable=(f"{name} as",),
        domains=(name,),
    )
    source.save(folder / "h.fp")
    for args in (("inspect", folder / "h.fp"), ("compare", folder / "h.fp", "fps/human.fp")):
        assert not control_characters(done(*args))
        printed = done(*args, "--json")
        assert printed.isascii() and not control_characters(printed)
    assert not control_characters(done("merge", folder / "h.fp", "-o", folder / "m.fp"))


def long() -> Report:
    """Every word of it is as long as a file may hold."""
    return Report.from_dict(
        examples.rewritten(examples.estimated().to_dict(), lambda word: (word or "x") * 600)
        | {"excerpts": []}
    )


@pytest.mark.parametrize("make", [examples.hostile, long], ids=["hostile", "long"])
def test_a_hostile_report_is_printed_safely(make: Callable[[], Report], folder: Path) -> None:
    make().save(folder / "report.json")
    assert not control_characters(done("inspect", folder))
    assert done("inspect", folder, "--json").isascii()
    assert not control_characters(done("report", folder, "-o", folder / "page.html"))
    page = (folder / "page.html").read_text()
    assert "<script>alert" not in page and "<img" not in page and "<iframe" not in page
    assert not control_characters(page)


@pytest.mark.parametrize("name", ["\x1b[2J.json", "a\u202egpj.json", "two\nlines.json"])
def test_a_hostile_path_of_a_report_is_printed_safely(name: str, folder: Path) -> None:
    """In each of the ways that it is told: done without, refused, written."""
    without_checksum(folder).rename(folder / name)
    for args in (("inspect", folder / name), ("report", folder / name, "-o", folder / "page.html")):
        result = run(*args)
        assert result.exit_code == 0
        assert "<U+" in result.stderr and not control_characters(result.output)
    (folder / name).write_text("{}")
    result = run("inspect", folder / name)
    assert result.exit_code == 2
    assert "<U+" in result.stderr and not control_characters(result.output)
    assert result.stderr.count("\n") == 1


def test_a_hostile_path_of_an_index_is_printed_safely(folder: Path) -> None:
    made = folder / "a.idx"
    done("index", "api.jsonl", "-o", made)
    hostile = made.rename(folder / "\x1b[2J\u202e.idx")
    told = done("inspect", hostile)
    assert "<U+001B>[2J<U+202E>.idx" in told and not control_characters(told)


def test_errors_show_no_control_characters() -> None:
    result = run("inspect", "\x1b[2J\nmissing.fp")
    assert result.exit_code == 2
    assert "<U+001B>" in result.stderr and not control_characters(result.stderr)


# refusals

CORPUS_REFUSALS = [
    (("bad.jsonl",), "bad.jsonl:2"),
    (("missing.jsonl",), "no such file or folder"),
    (("empty",), "no file of a known format"),
    (("fps/api.fp",), "--candidate"),
    (("api.jsonl", "--text-field", "answer"), "'text', 'kind'"),
    (("api.jsonl", "--text-field", "a..b"), "cannot be read"),
    (("api.jsonl", "--limit", "1", "--sample", "1"), "a limit and a sample"),
    (("api.jsonl", "--before", "2024-01-01"), "--date-field"),
]
FINGERPRINT_REFUSALS = [
    (("api.jsonl", "--name", " ", "-o", "new.fp"), "needs a name"),
    (("api.jsonl", "--name", "a", "-o", "new.json"), "ends in .fp"),
    (("api.jsonl", "--name", "a", "-o", "empty"), "ends in .fp"),
    (("api.jsonl", "--name", "a", "-o", "no/new.fp"), "no such folder"),
    (("api.jsonl", "--name", "a", "-o", "new.fp", "--encoding", "none"), "o200k_base"),
    (("api.jsonl", "--name", "a", "-o", "new.fp", "--encoding", "x" * 65), "encoding"),
    (("api.jsonl", "--name", "a", "-o", "new.fp", "--min-tokens", "9" * 30), "min_tokens"),
    (("api.jsonl", "--name", "a", "-o", "new.fp", "--rows", "9" * 30), "the limit rows"),
]
MATCH_REFUSALS = [
    (("--candidate", "api.jsonl", "--reference", "fps/human.fp"), "not a fingerprint"),
    (("--candidate", "broken.fp", "--reference", "fps/human.fp"), "broken.fp"),
    (("--candidate", "missing.fp", "--reference", "fps/human.fp"), "no such file"),
    (("--candidate", "empty", "--reference", "fps/human.fp"), "no fingerprint"),
    (("--candidate", "no*.fp", "--reference", "fps/human.fp"), "no fingerprint"),
    (("--candidate", "fps/api.fp", "--reference", "other.fp"), "min_tokens: 8 and 20"),
    (("--candidate", "fps/api.fp", "--reference", "fps/api.fp"), "two sources are called 'api'"),
    ((*SOURCES, "--alias", "api"), "NAME=NAME"),
    ((*SOURCES, "--alias", "=api"), "NAME=NAME"),
    ((*SOURCES, "--alias", "reseller=api"), "was not given"),
    ((*SOURCES, "--by", "language"), "'language'"),
]
OTHER_REFUSALS = [
    (("match", "api.jsonl", *SOURCES, "-o", "new"), "also read for the source 'api'"),
    (("match", "mixed.jsonl", *SOURCES, "-o", "api.jsonl"), "the output is a file"),
    (("merge", "fps", "-o", "fps/api.fp"), "also an input"),
    (("merge", "fps/api.fp", "other.fp", "-o", "new.fp"), "min_tokens: 8 and 20"),
    (("merge", "broken.fp", "-o", "new.fp"), "broken.fp"),
    (("compare", "fps/api.fp"), "at least two"),
    (("compare", "fps/api.fp", "other.fp"), "min_tokens: 8 and 20"),
    (("inspect", "missing.fp"), "no such file"),
    (("inspect", "api.jsonl"), "not a fingerprint"),
    (("inspect", "missing.json"), "missing.json"),
    (("inspect", "empty"), "empty"),
    (("inspect", "fps/api.fp", "--against", "other.fp"), "min_tokens: 8 and 20"),
    (("report", "missing.json", "-o", "new.html"), "missing.json"),
    (("report", "fps/api.fp", "-o", "new.html"), "fps/api.fp"),
    (("report", "missing.json", "-o", "new.json"), "ends in .html"),
    (("demo", "-o", "api.jsonl"), "cannot be made"),
]
REFUSALS = [
    *(
        (("fingerprint", *args, "--name", "a", "-o", "new.fp"), told)
        for args, told in CORPUS_REFUSALS
    ),
    *((("match", *args, *SOURCES, "-o", "new"), told) for args, told in CORPUS_REFUSALS),
    *((("fingerprint", *args), told) for args, told in FINGERPRINT_REFUSALS),
    *((("match", "mixed.jsonl", *args, "-o", "new"), told) for args, told in MATCH_REFUSALS),
    *OTHER_REFUSALS,
]


@pytest.mark.parametrize(
    ("args", "told"),
    REFUSALS,
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_a_user_can_put_right_is_one_paragraph(
    args: tuple[str, ...], told: str, files: Files
) -> None:
    before = files.listed()
    result = run(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ") and told in result.stderr
    assert result.stderr.count("\n") == 1 and result.stderr.endswith(".\n")
    assert files.listed() == before


USAGE = [
    (),
    ("validate",),
    ("fingerprint", "api.jsonl", "-o", "new.fp"),
    ("fingerprint", "--name", "a", "-o", "new.fp"),
    ("fingerprint", "api.jsonl", "--name", "a"),
    ("fingerprint", "api.jsonl", "--name", "a", "-o", "new.fp", "--limit", "0"),
    ("fingerprint", "api.jsonl", "--name", "a", "-o", "new.fp", "--before", "yesterday"),
    ("fingerprint", "api.jsonl", "--name", "a", "-o", "new.fp", "--on-error", "ignore"),
    ("fingerprint", "api.jsonl", "--name", "a", "-o", "new.fp", "--workers", "0"),
    ("fingerprint", "api.jsonl", "--name", "a", "-o", "new.fp", "--workers", "9" * 30),
    ("fingerprint", "api.jsonl", "--name", "a", "-o", "new.fp", "--seed", "9" * 30),
    ("fingerprint", "api.jsonl", "--name", "a", "-o", "new.fp", "--rows", "0"),
    ("fingerprint", "api.jsonl", "--name", "a", "-o", "new.fp", "--row-tokens", "9" * 5000),
    ("match", "mixed.jsonl", "--reference", "fps/human.fp", "-o", "new"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--fdr", "nan"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--confidence-level", "nan"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--seed", str(1 << 63)),
    ("match", "mixed.jsonl", *SOURCES),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--confidence-level", "0.4"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--confidence-level", "95"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--fail-above", "5"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--fdr", "-1"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--min-tokens", "3"),
    ("compare",),
    ("inspect",),
]


@pytest.mark.parametrize("args", USAGE, ids=" ".join)
def test_wrong_usage_ends_with_two(args: tuple[str, ...], files: Files) -> None:
    before = files.listed()
    result = run(*args)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert files.listed() == before


def test_a_folder_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device", "out/report.json")

    monkeypatch.setattr("provenance.matching.matching.match", full)
    result = run("match", "mixed.jsonl", *SOURCES, "-o", "out")
    assert result.exit_code == 2
    assert result.stderr == "Error: out/report.json: No space left on device.\n"


def test_a_bug_is_not_passed_off_as_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("provenance.matching.matching.match", wrong)
    result = run("match", "mixed.jsonl", *SOURCES, "-o", "out")
    assert isinstance(result.exception, ZeroDivisionError)


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("provenance.matching.matching.match", stopped)
    result = run("match", "mixed.jsonl", *SOURCES, "-o", "out")
    assert (result.exit_code, result.output) == (130, "")


def test_a_closed_pipe_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    script = "import sys; sys.argv[0] = 'provenance'; from provenance.cli.app import main; main()"
    try:
        ran = subprocess.run(
            [sys.executable, "-c", script, "inspect", "fps/api.fp", "--json"],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, b"")


# names, and the bar


def test_names_folders_and_globs(folder: Path) -> None:
    for name in ("b.fp", "a.fp", "c.txt"):
        (folder / name).write_text("")
    both = [str(folder / "a.fp"), str(folder / "b.fp")]
    assert fingerprint_paths([str(folder)]) == both
    assert fingerprint_paths([str(folder / "?.fp")]) == both
    assert fingerprint_paths(both[::-1]) == both[::-1]
    assert fingerprint_paths([both[1], str(folder)]) == both[::-1]
    assert fingerprint_paths([str(folder / "d.fp")]) == [str(folder / "d.fp")]
    (folder / "[x].fp").write_text("")
    assert fingerprint_paths([str(folder / "[x].fp")]) == [str(folder / "[x].fp")]
    with pytest.raises(InputError, match="no fingerprint"):
        fingerprint_paths([str(folder / "*.idx")])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    corpus = open_corpus("mixed.jsonl")
    with progress_bar() as progress:
        assert progress is not None
        for _ in corpus:
            pass
        progress(corpus)
    assert "100 documents" in terminal.getvalue()


def test_ngrams_are_few_where_few_are_asked_for() -> None:
    made = Fingerprint.load("fps/api.fp")
    assert ngram_rates(made, count=0) == []
    assert ngram_rates(made, made) == []
    console = Console(file=io.StringIO())
    render_fingerprint(made, console)
    assert "enough documents" in console.file.getvalue()  # type: ignore[attr-defined]
