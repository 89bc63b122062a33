"""An index in parts is the index in one piece, to the byte, or it is told why not."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from kept_partials import change_numbers, kill_at, unpacked
from known_log import WINDOW, words

from provenance.corpus import open_corpus
from provenance.corpus.batches import batches as execution
from provenance.errors import InputError
from provenance.evidence.log import hashing
from provenance.evidence.log.building import index_log, index_shard

READING: dict[str, Any] = {"prompt_field": "prompt", "date_field": "date", "by": ("account",)}


@pytest.fixture(autouse=True)
def _tiny_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_BATCH_CHARACTERS", 900)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    rng = np.random.default_rng(5)
    texts = [words(rng, 40, 500) for _ in range(30)]
    texts += ["", "short", texts[0], f"Ёлка\u00a0и\u200b 但是 {texts[1]}"]
    rows = [
        {"text": text, "prompt": f"p{n % 4}", "date": f"2024-01-{1 + n % 20:02}", "account": "me"}
        for n, text in enumerate(texts)
    ]
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def indexed(log: Path, partials: Path | None = None, **how: Any) -> bytes:
    path = log.with_name("made.idx")
    read = open_corpus(log, **READING)
    index_log(read, path, window=WINDOW, account_field="account", partials=partials, **how)
    return path.read_bytes()


def shard(part: str, folder: Path, log: Path, window: int = WINDOW) -> tuple[int, int]:
    done = index_shard(
        open_corpus(log, **READING),
        shard=part,
        partials=folder,
        window=window,
        account_field="account",
    )
    return done.n_batches, done.n_found


@pytest.fixture
def partials(log: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    n_second, n_found = shard("2/2", folder, log)
    assert (n_second > 2, n_found) == (True, 0)
    assert shard("1/2", folder, log)[1] == 0
    return folder


@pytest.mark.parametrize("keep_text", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_all_parts_give_what_one_piece_gives(
    log: Path, partials: Path, monkeypatch: pytest.MonkeyPatch, keep_text: bool, workers: int
) -> None:
    whole = indexed(log, keep_text=keep_text)
    monkeypatch.setattr(hashing, "hash_answers", None)  # nothing is hashed again
    assert indexed(log, partials, keep_text=keep_text, workers=workers) == whole


def test_a_rerun_does_what_is_missing(log: Path, partials: Path) -> None:
    (partials / "00000001.part").unlink()
    n_batches, n_found = shard("2/2", partials, log)
    assert n_batches - n_found == 1
    (partials / "00000002.part").unlink()
    assert indexed(log, partials) == indexed(log)


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="needs fork")
def test_a_worker_that_is_killed_costs_its_batches_alone(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    with monkeypatch.context() as patched:
        kill_at(patched, 6)
        with pytest.raises(BrokenProcessPool):
            indexed(log, folder, workers=2)
    assert not log.with_name("made.idx").exists()
    assert (folder / "00000000.part").exists()
    assert not (folder / "00000006.part").exists()
    assert indexed(log, folder) == indexed(log)


def test_parts_are_added_to_an_index(log: Path, partials: Path, tmp_path: Path) -> None:
    more, made = tmp_path / "more.jsonl", log.with_name("made.idx")
    more.write_bytes(orjson.dumps({"text": words(np.random.default_rng(1), 50)}) + b"\n")
    index_log(more, made, window=WINDOW)
    before = made.read_bytes()
    whole = indexed(log, append=True)
    made.write_bytes(before)
    assert indexed(log, partials, append=True) == whole


@pytest.mark.parametrize("change", [("w", "v"), ("p1", "p9"), ("-01-02", "-01-03"), ("me", "you")])
def test_a_log_that_changed_is_refused(log: Path, partials: Path, change: tuple[str, str]) -> None:
    log.write_text(log.read_text().replace(*change, 1))
    with pytest.raises(InputError, match="not the one that the partials were made of") as told:
        indexed(log, partials)
    assert str(log) in str(told.value)
    with pytest.raises(InputError, match="not the one that the partials were made of"):
        shard("1/1", partials, log)


def test_partials_of_another_run_are_refused(log: Path, partials: Path) -> None:
    with pytest.raises(InputError, match="of another run"):
        shard("1/2", partials, log, window=9)
    with pytest.raises(InputError, match="of another run"):
        index_log(log, log.with_name("b.idx"), window=WINDOW, partials=partials)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("texts", lambda values: values[:-1]),
        ("texts", lambda values: values.astype(np.float64)),
        ("tokens", lambda values: values.astype(np.uint64)),
        ("window_rows", lambda values: values + np.uint64(10**6)),
        ("shingle_rows", lambda values: values[:-1]),
        ("shingles", lambda values: values | np.uint64(1 << 63)),
        ("more", lambda values: values),
    ],
)
def test_numbers_that_no_batch_has_are_refused(
    log: Path, partials: Path, name: str, change: Callable[[Any], Any]
) -> None:
    change_numbers(partials / "00000000.part", name, change)
    with pytest.raises(InputError, match="the partial is damaged"):
        indexed(log, partials)


def test_a_partial_holds_no_text(partials: Path) -> None:
    for path in partials.glob("*.part"):
        assert not [word for word in (b"short", b"2024") if word in unpacked(path)]
