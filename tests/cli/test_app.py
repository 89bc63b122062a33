"""The command line: what it has, what it refuses in one paragraph, how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from known_commands import SOURCES, Files, done, run
from typer.main import get_command

from provenance.cli.app import app
from provenance.corpus import Corpus, Document
from provenance.features.spec import FeatureSpec
from provenance.files import locks
from provenance.files.claims import claimed
from provenance.fingerprint.sample import Limits
from provenance.version import __version__

pytestmark = pytest.mark.usefixtures("folder")


COMMANDS = (
    "ask fingerprint index match run scan filter declare merge compare same lean grades inspect"
    " report verify demo validate watermark bench doctor canary library"
).split()


def test_the_commands_are_those_that_are_built() -> None:
    shown = done("--help")
    listed = re.findall(r"^[│ ]+(\w+) {2,}\w", shown.partition("Commands")[2], re.MULTILINE)
    assert listed == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    assert f"provenance {command}" in done(command, "--help").replace("root", "provenance")


def test_the_version_is_told() -> None:
    assert done("--version") == f"provenance {__version__}\n"


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
    (("demo", "-o", "api.jsonl"), "the output is a file"),
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
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--fdr", "nan"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--confidence-level", "nan"),
    ("match", "mixed.jsonl", *SOURCES, "-o", "new", "--seed", str(1 << 63)),
    ("match", "mixed.jsonl", "--reference", "fps/human.fp", "-o", "new"),
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
    told = (
        "Error: out/report.json: No space left on device. Make room there, or name another place.\n"
    )
    assert result.stderr == told


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


@pytest.mark.slow
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


# one writer

WRITERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "fingerprint": (("--name", "a"), "a.fp", "a.fp"),
    "index": ((), "a.idx", "a.idx"),
    "match": (SOURCES, "out", "out/report.json"),
    "watermark": ((), "out", "out/documents.parquet"),
    "validate": (("--shares", "0"), "out", "out/validation.md"),
}


@pytest.fixture
def reads_slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Do something once a corpus begins to be read."""

    def slow(act: Callable[[], object]) -> None:
        usual = Corpus.__iter__

        def begin(self: Corpus) -> Iterator[Document]:
            act()
            return usual(self)

        monkeypatch.setattr(Corpus, "__iter__", begin)

    return slow


def arguments(command: str, folder: Path) -> list[object]:
    more, output, _ = WRITERS[command]
    corpus = ("--candidate", "api.jsonl", "--reference", "human.jsonl")
    read = corpus if command == "validate" else ("mixed.jsonl",)
    return [command, *read, *more, "-o", folder / output]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in ("match", "validate")))
        for name in WRITERS
    ],
)
@pytest.mark.parametrize("stands", [True, False])
def test_what_somebody_else_wrote_during_a_run_is_left_alone(
    command: str,
    stands: bool,
    folder: Path,
    reads_slowly: Callable[[Callable[[], object]], None],
) -> None:
    place = folder / WRITERS[command][2]

    def write() -> None:
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"theirs")

    if stands:
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"old")
    reads_slowly(write)
    result = run(*arguments(command, folder))
    assert result.exit_code == 2, result.exception
    assert "while this run was at work, and is left as it is" in result.stderr
    assert place.read_bytes() == b"theirs"
    assert [path for path in folder.rglob("*") if path.is_file()] == [place]


@pytest.mark.parametrize("command", WRITERS)
def test_a_second_run_to_an_output_is_refused(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl")
    monkeypatch.setattr(locks, "_PAUSE", 0.0)
    output = folder / WRITERS[command][1]
    with claimed(output):
        result = run(*arguments(command, folder))
    assert result.exit_code == 2
    assert "another run is writing it. Expected one run at a time." in result.stderr
    assert not [path for path in folder.rglob("*") if path.is_file()]
