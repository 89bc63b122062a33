"""A match in parts is the match in one piece, to the bit, or one sentence says why not."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from kept_partials import change_numbers, unpacked
from known_matches import ALPHA, BETA, CACHE, HUMAN, long_corpus, matched, timeless

from provenance import open_corpus
from provenance.corpus.batches.in_parts import RUN_FILE, ShardDone, remove_partials
from provenance.errors import InputError
from provenance.matching.partials import partials as kept
from provenance.matching.partials.sharding import match_shard

READING: dict[str, Any] = {"group_field": "talk"}
SOURCES: dict[str, Any] = {
    "candidates": [ALPHA],
    "references": [HUMAN],
    "only": True,
    "cache_dir": CACHE,
}


def shard(number: int, count: int, folder: Path, corpus: Path, **more: Any) -> ShardDone:
    return match_shard(
        open_corpus(corpus, **READING),
        shard=f"{number}/{count}",
        partials=folder,
        **{**SOURCES, **more},
    )


def written(output: Path) -> bytes:
    return (output / "documents.parquet").read_bytes()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three batches, and a fourth that is not full."""
    text = long_corpus().read_text()
    path = tmp_path_factory.mktemp("parts") / "longer.jsonl"
    path.write_text(text + text + text.replace('"id": "', '"id": "again '))
    return path


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, bytes]:
    output = tmp_path_factory.mktemp("whole") / "out"
    report = matched(open_corpus(corpus, **READING), output)
    return timeless(report), written(output)


@pytest.fixture(scope="module")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All parts of two, in no order."""
    folder = tmp_path_factory.mktemp("made") / "partials"
    assert shard(2, 2, folder, corpus).n_found == 0
    done = shard(1, 2, folder, corpus, workers=2)
    assert done.n_batches > 1
    return folder


@pytest.fixture
def partials(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "partials"))


def test_all_parts_give_what_one_piece_gives(
    corpus: Path,
    whole: tuple[Any, bytes],
    partials: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "prepare_documents", None)  # nothing is scored again
    report = matched(open_corpus(corpus, **READING), tmp_path / "out", partials=partials)
    assert timeless(report) == whole[0]
    assert written(tmp_path / "out") == whole[1]


def test_a_rerun_does_what_is_missing(
    corpus: Path, whole: tuple[Any, bytes], partials: Path, tmp_path: Path
) -> None:
    (partials / "00000001.part").unlink()
    done = shard(2, 2, partials, corpus)
    assert done.n_batches - done.n_found == 1
    (partials / "00000000.part").unlink()
    report = matched(open_corpus(corpus, **READING), tmp_path / "out", partials=partials)
    assert timeless(report) == whole[0]
    assert written(tmp_path / "out") == whole[1]


@pytest.mark.parametrize("again", ["shard", "match"])
def test_a_corpus_that_changed_is_refused(
    corpus: Path, partials: Path, tmp_path: Path, again: str
) -> None:
    changed = tmp_path / corpus.name
    changed.write_text(corpus.read_text().replace("xxxx", "xxxy", 1))
    run: Callable[[], object] = {
        "shard": lambda: shard(1, 2, partials, changed),
        "match": lambda: matched(open_corpus(changed, **READING), partials=partials),
    }[again]
    with pytest.raises(InputError, match="not the one that the partials were made of") as told:
        run()
    assert str(changed) in str(told.value)


def test_partials_of_another_run_are_refused(corpus: Path, partials: Path) -> None:
    with pytest.raises(InputError, match="of another run"):
        shard(1, 2, partials, corpus, references=[BETA])
    with pytest.raises(InputError, match="of another run"):
        matched(open_corpus(corpus), partials=partials)  # other groups


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"(\xb5/\xfd no more", None])
def test_a_damaged_partial_is_told(corpus: Path, partials: Path, content: bytes | None) -> None:
    path = partials / "00000000.part"
    path.write_bytes(path.read_bytes()[:-9] if content is None else content)
    with pytest.raises(InputError, match="the partial is damaged") as told:
        matched(open_corpus(corpus, **READING), partials=partials)
    assert "Delete it" in str(told.value)


def test_a_partial_that_is_packed_twice_is_not_unpacked(corpus: Path, partials: Path) -> None:
    path, file = partials / "00000000.part", io.BytesIO()
    with np.load(io.BytesIO(unpacked(path))) as found:
        np.savez_compressed(file, **found)
    path.write_bytes(zstandard.compress(file.getvalue()))
    with pytest.raises(InputError, match="the partial is damaged"):
        matched(open_corpus(corpus, **READING), partials=partials)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("statistics", lambda values: values[:-1]),
        ("statistics", lambda values: values * np.nan),
        ("statistics", lambda values: values.astype(str)),
        ("log_posterior/words", lambda values: values[:, :1]),
        ("document", lambda values: values + 10**9),
        ("slots", lambda values: values - 10**9),
        ("overlap", lambda values: values[0]),
    ],
)
def test_numbers_that_no_batch_has_are_refused(
    corpus: Path, partials: Path, name: str, change: Callable[[Any], Any]
) -> None:
    change_numbers(partials / "00000000.part", name, change)
    with pytest.raises(InputError, match="the partial is damaged"):
        matched(open_corpus(corpus, **READING), partials=partials)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"references": [], "only": False}, "without a reference"),
        ({"precision": 0.1}, "--precision"),
        ({"watermark_keys": "keys.toml"}, "--watermark-keys"),
        ({"logs": "a.idx"}, "--log"),
    ],
)
def test_what_is_not_kept_in_parts_is_refused(
    corpus: Path, tmp_path: Path, more: dict[str, Any], name: str
) -> None:
    with pytest.raises(InputError, match="cannot be matched in parts") as told:
        matched(open_corpus(corpus, **READING), partials=tmp_path / "p", **more)
    assert name in str(told.value)
    assert not (tmp_path / "p").exists()


def test_a_partial_holds_no_text(partials: Path, corpus: Path) -> None:
    for path in sorted(partials.glob("*.part")):
        assert b"xxxxxxxx" not in unpacked(path)


def test_only_partials_are_removed(partials: Path) -> None:
    (partials / "mine.txt").write_text("kept")
    remove_partials(partials)
    assert names(partials) == ["mine.txt"]
    (partials / "mine.txt").unlink()
    remove_partials(partials)
    assert not partials.exists()


def names(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_whole_files_stand_in_the_folder(partials: Path) -> None:
    assert names(partials) == [
        *(f"{place:08d}.part" for place in range(len(names(partials)) - 1)),
        RUN_FILE,
    ]
