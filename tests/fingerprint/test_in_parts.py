"""A fingerprint in parts is the fingerprint in one piece, to the byte, or it is told why not."""

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
from known_fingerprints import SMALL, many

from provenance.corpus import open_corpus
from provenance.corpus.batches.in_parts import RUN_FILE
from provenance.errors import InputError
from provenance.features.spec import FeatureSpec
from provenance.fingerprint import in_parts as parts
from provenance.fingerprint.measuring import fingerprint_shard, fit_fingerprint
from provenance.fingerprint.sample import Limits

pytestmark = pytest.mark.usefixtures("tiny_batches")

READING: dict[str, Any] = {"prompt_field": "prompt", "domain_field": "domain"}
LIMITS = Limits(20, 200)
ROWS = [
    *many(),
    {"text": "", "prompt": "p", "domain": "law"},
    {"text": "kurz — zu kurz", "prompt": "p", "domain": "law"},
    {"text": "Пла́н\u00a0был\u200b готов, 但我们没有去。 " * 6, "prompt": "p", "domain": "news"},
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in ROWS))
    return path


def shard(part: str, folder: Path, corpus: Path, spec: FeatureSpec = SMALL) -> tuple[int, int]:
    read = open_corpus(corpus, **READING)
    done = fingerprint_shard(read, shard=part, partials=folder, spec=spec)
    return done.n_batches, done.n_found


def saved(corpus: Path, partials: Path | None = None, **how: Any) -> bytes:
    read = open_corpus(corpus, **READING)
    made = fit_fingerprint(read, "a", SMALL, LIMITS, partials=partials, **how)
    path = corpus.with_name("made.fp")
    made.save(path)
    return path.read_bytes()


@pytest.fixture
def partials(corpus: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    n_second, n_found = shard("2/2", folder, corpus)
    assert (n_second > 2, n_found) == (True, 0)
    assert shard("1/2", folder, corpus)[1] == 0
    return folder


@pytest.mark.parametrize("workers", [1, 2])
def test_all_parts_give_what_one_piece_gives(
    corpus: Path, partials: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    whole = saved(corpus)
    monkeypatch.setattr(parts, "prepare", None)  # nothing is measured again
    assert saved(corpus, partials, workers=workers) == whole


def test_a_rerun_does_what_is_missing(corpus: Path, partials: Path) -> None:
    (partials / "00000001.part").unlink()
    n_batches, n_found = shard("2/2", partials, corpus)
    assert n_batches - n_found == 1
    (partials / "00000000.part").unlink()
    assert saved(corpus, partials) == saved(corpus)
    assert (partials / "00000000.part").exists()


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="needs fork")
def test_a_worker_that_is_killed_costs_its_batches_alone(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    with monkeypatch.context() as patched:
        kill_at(patched, 7)
        with pytest.raises(BrokenProcessPool):
            saved(corpus, folder, workers=2)
    there = sorted(path.name for path in folder.glob("*.part"))
    assert "00000000.part" in there
    assert "00000007.part" not in there
    assert saved(corpus, folder) == saved(corpus)


@pytest.mark.parametrize("change", [("red", "rot"), ("prompt 1", "prompt x"), ("news", "old")])
def test_a_corpus_that_changed_is_refused(
    corpus: Path, partials: Path, change: tuple[str, str]
) -> None:
    corpus.write_text(corpus.read_text().replace(*change, 1))
    with pytest.raises(InputError, match="not the one that the partials were made of") as told:
        saved(corpus, partials)
    assert str(corpus) in str(told.value)
    with pytest.raises(InputError, match="not the one that the partials were made of"):
        shard("1/1", partials, corpus)


def test_partials_of_another_run_are_refused(corpus: Path, partials: Path) -> None:
    with pytest.raises(InputError, match="of another run"):
        shard("1/2", partials, corpus, FeatureSpec())
    with pytest.raises(InputError, match="of another run"):
        fit_fingerprint(open_corpus(corpus), "a", SMALL, partials=partials)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("statistics", lambda values: values * np.nan),
        ("document", lambda values: values[::-1] + 1),
        ("document", lambda values: values + 10**6),
        ("n_tokens", lambda values: values - 10**6),
        ("n_tokens", lambda values: values.astype(np.float64)),
        ("rows/indices", lambda values: values + (1 << 20)),
        ("rows/indptr", lambda values: values[::-1]),
        ("slots", lambda values: values - 10**9),
        ("text_hash", lambda values: values[:-1]),
    ],
)
def test_numbers_that_no_batch_has_are_refused(
    corpus: Path, partials: Path, name: str, change: Callable[[Any], Any]
) -> None:
    change_numbers(partials / "00000000.part", name, change)
    with pytest.raises(InputError, match="the partial is damaged"):
        saved(corpus, partials)


def test_a_partial_holds_no_text(partials: Path) -> None:
    for path in partials.glob("*.part"):
        words = (b"green", b"news", b"prompt")
        assert not [word for word in words if word in unpacked(path)]


def test_only_whole_files_stand_in_the_folder(partials: Path) -> None:
    names = sorted(path.name for path in partials.iterdir())
    assert names == [*(f"{place:08d}.part" for place in range(len(names) - 1)), RUN_FILE]
