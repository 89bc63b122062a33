"""An index finds what is shared and nothing else, and depends on nothing but the log."""

from __future__ import annotations

import itertools
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_log import RUN, SECRET, WINDOW, answer, answers, index, words

from provenance.corpus import Document, open_corpus
from provenance.errors import InputError
from provenance.evidence.log import building, parts
from provenance.evidence.log.building import index_log, merge_logs
from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.matcher import LogMatcher
from provenance.evidence.log.windows import SPAN, hash_texts
from provenance.files import locks

SEEDS = st.integers(0, 1 << 32).map(np.random.default_rng)


def covered(found: LogIndex, *texts: str) -> list[int]:
    return [int(n) for n in LogMatcher.fit(found).match(texts).covered]


def held(found: LogIndex, text: str, window: int = WINDOW) -> list[bool]:
    """Of each window of a text, whether the index has it."""
    return [place >= 0 for place in found.find_windows(hash_texts([text], window=window).windows)]


# What is found


@settings(deadline=None, max_examples=5)
@given(rng=SEEDS, window=st.integers(WINDOW, 20), data=st.data())
def test_every_run_that_is_shared_is_found(
    rng: np.random.Generator,
    window: int,
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    log = [words(rng, int(n)) for n in rng.integers(window + SPAN - 1, 90, 4)]
    found = index(tmp_path_factory.mktemp("log") / "a.idx", log, window)
    source = log[int(rng.integers(4))].split()
    length = data.draw(st.integers(window + SPAN - 1, len(source)))
    first = data.draw(st.integers(0, len(source) - length))
    run = " ".join(source[first : first + length]).upper()
    before, after = (words(rng, data.draw(st.integers(0, 40))) for _ in range(2))
    text = f"{before}  {run}\n{after}"
    (n_covered,) = covered(found, text)
    assert max(window, length - 2 * (SPAN - 1)) <= n_covered <= length
    matches = LogMatcher.fit(found).match([text])
    inside = text.index(run), text.index(run) + len(run)
    clean = hash_texts([text]).texts[0]
    assert len(clean) <= len(text)
    for start, end in zip(matches.span_start, matches.span_end, strict=True):
        assert clean[start:end] in run
        assert end - start <= inside[1] - inside[0]


@settings(deadline=None, max_examples=10)
@given(rng=SEEDS)
def test_no_window_is_found_that_is_not_in_the_log(
    rng: np.random.Generator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = [words(rng, 40, 2) for _ in range(3)]
    found = index(tmp_path_factory.mktemp("log") / "a.idx", log)
    runs = {
        tuple(text.split()[first : first + WINDOW])
        for text in log
        for first in range(len(text.split()) - WINDOW + 1)
    }
    text = words(rng, 60, 2)
    asked = [tuple(text.split()[first : first + WINDOW]) for first in range(60 - WINDOW + 1)]
    hits = held(found, text)
    assert all(run in runs for run, hit in zip(asked, hits, strict=True) if hit)
    assert held(found, words(rng, 60)) == [False] * (60 - WINDOW + 1)


@settings(deadline=None, max_examples=2)
@given(rng=SEEDS, length=st.integers(RUN, 25))
def test_what_stands_in_answers_to_more_than_three_prompts_is_common(
    rng: np.random.Generator, length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shared = words(rng, length)
    folder = tmp_path_factory.mktemp("log")

    def surrounded() -> str:
        return f"{words(rng, int(rng.integers(0, 20)))} {shared} {words(rng, 12)}"

    document = f"{words(rng, 20)} {shared} {words(rng, 20)}"
    # Which windows at the edges an index holds depends on what stands around them.
    for n_prompts, is_common in ((3, False), (4, True), (60, True)):
        log = answers(
            (surrounded() for _ in range(n_prompts)), [f"p {n}" for n in range(n_prompts)]
        )
        found = LogMatcher.fit(index(folder / "a.idx", log)).match([document])
        assert (found.covered[0] == 0) == is_common
        assert (found.discounted[0] > 0) >= is_common
    log = answers((surrounded() for _ in range(20)), ["one prompt"] * 20)
    assert covered(index(folder / "a.idx", log), document)[0] >= WINDOW


@settings(deadline=None, max_examples=5)
@given(rng=SEEDS, length=st.integers(WINDOW, 30))
def test_what_an_answer_took_from_its_prompt_is_no_evidence(
    rng: np.random.Generator, length: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("log")
    quoted, own = words(rng, length), words(rng, 40)
    prompt = f"{words(rng, 3)} {quoted} {words(rng, 3)}"
    log = [answer(1, f"{quoted} {own}", prompt)]
    found = index(folder / "a.idx", log)
    assert not any(held(found, prompt))
    assert covered(found, prompt, quoted, own) == [0, 0, pytest.approx(40, abs=2 * SPAN)]
    assert LogMatcher.fit(found).match([prompt]).similarity[0] == 0
    # Of another answer it is.
    other = index(folder / "b.idx", [*log, answer(2, f"{quoted} {words(rng, 40)}", "else")])
    assert length < RUN or covered(other, quoted)[0] >= WINDOW


def test_a_short_answer_that_stands_in_its_prompt_is_no_evidence(tmp_path: Path) -> None:
    quoted = words(np.random.default_rng(0), 12)
    found = index(tmp_path / "a.idx", [answer(1, quoted, f"Say this again: {quoted}")], 20)
    assert covered(found, quoted) == [0]


def test_an_answer_shorter_than_the_window_matches_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    short, shorter = words(rng, 12), words(rng, 7)
    found = index(tmp_path / "a.idx", [short, shorter], window=20)
    assert found.n_tokens == 19
    assert covered(found, short, shorter, f"{short} more", f"{short.upper()}\n") == [12, 0, 0, 12]


def test_a_log_of_texts_too_short_to_match(tmp_path: Path) -> None:
    found = index(tmp_path / "a.idx", ["Yes.", "", "No, never."])
    assert (found.n_answers, found.n_texts, found.n_tokens) == (3, 3, 6)
    matches = LogMatcher.fit(found, found).match(
        ["Yes.", "", "a longer text that is not in it at all"]
    )
    assert matches.covered.tolist() == matches.similarity.tolist() == [0, 0, 0]
    assert matches.nearest.tolist() == [-1, -1, -1]
    again = merge_logs([found, found], tmp_path / "b.idx")
    assert (tmp_path / "a.idx").read_bytes() == again.path.read_bytes()


def test_an_empty_batch(tmp_path: Path) -> None:
    matches = LogMatcher.fit(
        index(tmp_path / "a.idx", [words(np.random.default_rng(0), 30)])
    ).match([])
    for name in matches.__slots__:
        assert len(getattr(matches, name)) == 0


def test_a_window_of_many_texts_keeps_some(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shared = words(rng, 30)
    log = answers([f"{shared} {words(rng, 10)}" for _ in range(50)], ["the same prompt"] * 50)
    found = index(tmp_path / "a.idx", log)
    _, counts = np.unique(found.arrays["window_hashes"], return_counts=True)
    assert counts.max() == 16
    matches = LogMatcher.fit(found).match([shared])
    assert matches.covered[0] >= 30 - SPAN + 1
    assert 1 <= len(matches.answer) <= 50
    assert (matches.answer_text == 0).all()


# The file depends on the log alone


def log_of(rng: np.random.Generator, n: int = 12) -> list[Document]:
    """Answers that share passages, prompts, texts and everything else."""
    passages = [words(rng, 16) for _ in range(3)]
    texts = [f"{passages[rng.integers(3)]} {words(rng, 9, 4)}" for _ in range(n)]
    texts += [texts[0], "short", words(rng, 10)]
    return [
        answer(
            int(number),
            text,
            None if rng.integers(4) == 0 else f"prompt {rng.integers(6)}",
            id=int(rng.integers(6)),
            account=f"k{rng.integers(3)}",
            endpoint="",
            day=["2024-05-01", None, "1969-01-02"][rng.integers(3)],
        )
        for number, text in enumerate(texts)
    ]


@settings(deadline=None, max_examples=2)
@given(rng=SEEDS, cut=st.integers(1, 14))
def test_merged_logs_are_one_log(
    rng: np.random.Generator, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, log = tmp_path_factory.mktemp("log"), log_of(rng)
    whole = index(folder / "whole.idx", log, keep_text=True).path.read_bytes()
    one, two = (
        index(folder / f"{place}.idx", part, keep_text=True)
        for place, part in enumerate((log[:cut], log[cut - 1 :]))
    )
    for order in ([one, two], [two, one], [two, one, two]):
        assert merge_logs(order, folder / "merged.idx").path.read_bytes() == whole
    shuffled = [log[place] for place in rng.permutation(len(log))]
    assert index(folder / "a.idx", [*shuffled, *log], keep_text=True).path.read_bytes() == whole
    index(folder / "a.idx", log, keep_text=True, append=True)
    assert (folder / "a.idx").read_bytes() == whole
    index(folder / "0.idx", log[cut:], keep_text=True, append=True)
    assert (folder / "0.idx").read_bytes() == whole
    # What is spilled is the same too.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_IN_MEMORY", 100)
        assert index(folder / "a.idx", log, keep_text=True).path.read_bytes() == whole


@pytest.mark.parametrize("n_prompts", [2, 3, 4, 140])
def test_a_run_that_many_answers_hold_is_sorted_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_prompts: int
) -> None:
    rng = np.random.default_rng(0)
    shared = words(rng, 30)
    log = [
        answer(n, f"{shared} {words(rng, 5, 40)}", f"prompt {n % n_prompts}") for n in range(300)
    ]
    whole = index(tmp_path / "whole.idx", log).path.read_bytes()
    monkeypatch.setattr(parts, "_IN_MEMORY", 4096)
    monkeypatch.setattr(parts, "_MOST_OF_A_FILE", 512)
    assert index(tmp_path / "pieces.idx", log).path.read_bytes() == whole


def test_merging_counts_the_prompts_of_texts_that_are_not_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shared = words(rng, 30)

    def part(prompts: Sequence[str]) -> list[Document]:
        return [answer(n, f"{shared} {words(rng, 5)}", p) for n, p in enumerate(prompts)]

    for _ in range(2):
        parts = part(["one"] * 40 + ["two", "three"]), part(["one", "four"])
        whole = index(tmp_path / "whole.idx", itertools.chain(*parts))
        shards = [index(tmp_path / f"{n}.idx", log) for n, log in enumerate(parts)]
        merged = merge_logs(shards, tmp_path / "merged.idx")
        assert merged.path.read_bytes() == whole.path.read_bytes()
        assert covered(merged, shared) == [0]


def test_workers_and_batches_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(np.random.default_rng(1), 40)
    whole = index(tmp_path / "a.idx", log).path.read_bytes()
    monkeypatch.setattr(building, "batches", lambda documents: ([item] for item in documents))
    assert index(tmp_path / "b.idx", log).path.read_bytes() == whole
    assert index(tmp_path / "c.idx", log, workers=2).path.read_bytes() == whole
    with ThreadPoolExecutor(2) as others:
        lent = index(tmp_path / "d.idx", log, workers=2, executor=others)
    assert lent.path.read_bytes() == whole


# One writer, who overwrites nothing

_SLOW_WRITER = """
import sys
from provenance.corpus import Document, open_corpus
from provenance.evidence.log.building import index_log

def log():
    yield Document("1", sys.argv[2], "log", 1)
    print("reading", flush=True)
    sys.stdin.read()

index_log(log(), sys.argv[1], window=8, append=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("stands", [True, False])
def test_of_two_appends_at_once_the_second_is_refused_and_nothing_is_lost(
    stands: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_PAUSE", 0.0)
    rng = np.random.default_rng(0)
    first, second, third = (words(rng, 30) for _ in range(3))
    path = tmp_path / "a.idx"
    if stands:
        index(path, [first])
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", _SLOW_WRITER, str(path), second]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"reading\n"
        for append in (True, False):
            with pytest.raises(InputError, match="another run is writing it"):
                index(path, [third], append=append)
        with pytest.raises(InputError, match="another run is writing it"):
            merge_logs([index(tmp_path / "b.idx", [third])], path)
        process.communicate()
    assert process.returncode == 0
    assert all(covered(LogIndex.load(path), second)) and LogIndex.load(path).n_answers == 1 + stands
    index(path, [third], append=True)
    assert LogIndex.load(path).n_answers == 2 + stands
    assert {found.name for found in tmp_path.iterdir()} == {"a.idx", "b.idx"}


def test_merging_into_an_input_takes_it_as_it_is_by_now(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    one, two = (index(tmp_path / f"{n}.idx", [words(rng, 30)]) for n in range(2))
    index(one.path, [words(rng, 30)], append=True)
    assert merge_logs([one, two], one.path).n_answers == 3


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("append", [True, False])
def test_an_index_that_changed_meanwhile_is_left_alone(
    stands: bool, append: bool, tmp_path: Path
) -> None:
    path = tmp_path / "a.idx"
    if stands:
        index(path, [SECRET])

    def log() -> Iterator[Document]:
        yield answer(1, SECRET * 2)
        path.write_bytes(b"somebody else's")

    with pytest.raises(InputError, match="while this run was at work, and is left as it is"):
        index_log(log(), path, window=WINDOW, append=append)
    assert path.read_bytes() == b"somebody else's"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("account", "before", "after"),
    [
        pytest.param("someone", None, 0o600, id="with accounts"),
        pytest.param("", None, 0o644, id="without"),
        pytest.param("someone", 0o640, 0o640, id="a mode of its own"),
    ],
)
def test_an_index_with_accounts_is_for_its_owner_alone(
    account: str, before: int | None, after: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.idx"
    if before is not None:
        path.write_bytes(b"old")
        path.chmod(before)
    umask = os.umask(0o022)
    try:
        found = index(path, [answer(1, SECRET, account=account)])
        merged = merge_logs([found, found], tmp_path / "b.idx")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == after
    assert stat.S_IMODE(merged.path.stat().st_mode) == (0o600 if account else 0o644)


# What cannot be done


def test_what_cannot_be_merged_is_told(tmp_path: Path) -> None:
    one = index(tmp_path / "a.idx", [SECRET])
    two = index(tmp_path / "b.idx", [SECRET], window=9)
    with pytest.raises(InputError, match="windows are of 9 tokens"):
        merge_logs([one, two], tmp_path / "c.idx")
    with pytest.raises(InputError, match="holds no text"):
        index(one.path, [SECRET], keep_text=True, append=True)
    with pytest.raises(InputError, match="window"):
        index(tmp_path / "c.idx", [SECRET], window=7)
    with pytest.raises(InputError, match="no answer"):
        index(tmp_path / "c.idx", [])
    for path in (tmp_path, tmp_path / "missing" / "a.idx"):
        with pytest.raises(InputError):
            index(path, [SECRET])
    assert {path.name for path in tmp_path.iterdir()} == {"a.idx", "b.idx"}


def test_merging_with_an_index_without_text_leaves_text_out(tmp_path: Path) -> None:
    one = index(tmp_path / "a.idx", [SECRET], keep_text=True)
    two = index(tmp_path / "b.idx", [SECRET])
    assert not merge_logs([one, two], tmp_path / "c.idx").has_text


_KILLED = """
import sys, time, os
from provenance.corpus import Document, open_corpus
from provenance.evidence.log.building import index_log

def wait(*_):
    print("ready", flush=True)
    time.sleep(600)

def log():
    for number in range(3):
        yield Document(str(number), f"other {number} text " * 100_000, "log", number)
    if sys.argv[2] == "reading":
        wait()

if sys.argv[2] == "writing":
    os.fsync = wait
index_log(log(), sys.argv[1], window=8)
"""


@pytest.mark.slow
@pytest.mark.parametrize("when", ["reading", "writing"])
def test_a_run_that_is_killed_leaves_the_old_file(when: str, tmp_path: Path) -> None:
    path = index(tmp_path / "a.idx", [SECRET]).path
    old = path.read_bytes()
    command = [sys.executable, "-c", _KILLED, str(path), when]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert path.read_bytes() == old
    assert LogIndex.load(path).n_answers == 1
    assert len([*tmp_path.iterdir()]) > 1
    index(tmp_path / "b.idx", [SECRET])
    assert {found.name for found in tmp_path.iterdir()} == {"a.idx", "b.idx"}


def test_a_log_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    path = index(tmp_path / "a.idx", [SECRET]).path
    old = path.read_bytes()

    def broken() -> object:
        yield answer(1, SECRET * 2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_log(broken(), path)
    assert path.read_bytes() == old
    assert [*tmp_path.iterdir()] == [path]


def test_a_log_is_what_a_corpus_is(tmp_path: Path) -> None:
    """A table, rows, texts, a path or documents give the same index."""
    import pandas as pd

    rows = [
        {"text": f"{text} {n}", "who": f"a{n % 3}"} for n, text in enumerate(["word " * 40] * 9)
    ]
    place = tmp_path / "log.jsonl"
    place.write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = [pd.DataFrame(rows), rows, iter(rows), place, open_corpus(rows, by="who")]
    found = [
        index_log(one, tmp_path / f"{n}.idx", account_field="who") for n, one in enumerate(given)
    ]
    assert [one.n_answers for one in found] == [9] * 5
    assert [one.account_names for one in found] == [found[0].account_names] * 5
    assert len(found[0].account_names) == 4
    bare = index_log(["word " * 40, "other " * 40], tmp_path / "bare.idx")
    assert bare.n_answers == 2
    with pytest.raises(TypeError, match="did you mean 'account_field'"):
        index_log(rows, tmp_path / "x.idx", acount_field="who")
