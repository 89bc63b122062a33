"""One flipped bit in a file: what is read equals what was written, or it is refused in one line."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import known_log
import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import report_examples as examples
from known_text import SPEC, panel, texts

from provenance import fit_fingerprint
from provenance.errors import InputError, ProvenanceWarning
from provenance.evidence.canary.planting import Canary
from provenance.evidence.log.index import LogIndex
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.files.keys import read_keys
from provenance.files.spill import Spill
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.report.report import Report
from provenance.scoring.cached.file import load_panel, save_panel


@dataclass(frozen=True)
class Format:
    """How a file is written, and all that a reader learns from it, as bytes."""

    name: str
    write: Callable[[Path], object]
    read: Callable[[Path], object]


def again(save: Callable[[Path], object], path: Path) -> bytes:
    """What was read, as the bytes that it is written as."""
    beside = path.with_name(f"again{path.suffix}")
    save(beside)
    return beside.read_bytes()


@cache
def small_fingerprint() -> Fingerprint:
    return fit_fingerprint(texts("alpha", 12, seed=0), "alpha", SPEC)


def write_index(path: Path) -> object:
    rng = np.random.default_rng(0)
    log = [
        known_log.answer(
            number, known_log.words(rng, 40), "why", account=f"a{number % 3}", day="2024-02-29"
        )
        for number in range(12)
    ]
    return known_log.index(path, log, keep_text=True)


def read_index(path: Path) -> object:
    held = LogIndex.load(path)
    arrays = {name: array.tobytes() for name, array in held.arrays.items()}
    counts = (held.window, held.n_answers, held.n_texts, held.n_tokens, held.inputs_sha256)
    return counts, arrays, held.account_names, held.endpoint_names


def read_panel(path: Path) -> bytes:
    found = load_panel(path, "the key")
    return again(lambda beside: save_panel(found, beside, "the key"), path)


FORMATS = [
    Format(
        "made.fp",
        lambda path: small_fingerprint().save(path),
        lambda path: again(Fingerprint.load(path).save, path),
    ),
    Format("made.idx", write_index, read_index),
    Format("made.panel", lambda path: save_panel(panel(), path, "the key"), read_panel),
    Format("report.json", lambda path: examples.estimated().save(path), Report.load),
    Format("hostile.json", lambda path: examples.hostile().save(path), Report.load),
]
N_FLIPS = [
    pytest.param(30, id="few"),
    pytest.param(1000, id="many", marks=pytest.mark.slow),
]


def flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize("n_flips", N_FLIPS)
@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_a_flipped_bit_is_refused_or_changes_nothing(
    kind: Format, n_flips: int, tmp_path: Path
) -> None:
    path = tmp_path / kind.name
    kind.write(path)
    content, expected = path.read_bytes(), kind.read(path)
    rng = random.Random(n_flips)
    for _ in range(n_flips):
        path.write_bytes(flipped(content, rng))
        found = told_or_read(kind.read, path)
        assert found is None or found == expected


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_a_cut_file_is_refused(kind: Format, tmp_path: Path) -> None:
    path = tmp_path / kind.name
    kind.write(path)
    content, expected = path.read_bytes(), kind.read(path)
    for length in (0, 1, len(content) // 3, len(content) - 30, len(content) - 2):
        path.write_bytes(content[:length])
        found = told_or_read(kind.read, path)
        # The line end is no part of a report.
        assert found is None or (path.suffix == ".json" and found == expected)


def told_or_read(read: Callable[[Path], object], path: Path) -> Any:
    """What was read, None where it was refused as a user is told."""
    try:
        with warnings.catch_warnings():
            # The name of the checksum's own key can be hit: that a report has none is told.
            warnings.simplefilter("ignore", ProvenanceWarning)
            return read(path)
    except InputError as error:
        assert str(error).startswith(f"{path}:")
        assert "\n" not in str(error)
        assert len(str(error)) < len(str(path)) + 600
        return None


# files without a checksum of the whole


def rows_of_documents(path: Path) -> bytes:
    """As a match writes them, and where their pages end."""
    spill = Spill(path.with_name("spill"))
    rng = np.random.default_rng(0)
    for _ in range(3):
        spill.add({"id": [str(n) for n in range(50)], "llr[a]": rng.normal(size=50)})
    spill.finish(path, lambda table: table)
    spill.discard()
    return path.read_bytes()


@pytest.mark.parametrize("n_flips", N_FLIPS)
def test_a_flipped_bit_in_a_row_of_documents_is_refused(n_flips: int, tmp_path: Path) -> None:
    path = tmp_path / "documents.parquet"
    content = rows_of_documents(path)
    pages = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    rng = random.Random(n_flips)
    expected = pyarrow.parquet.read_table(path)
    n_told = 0
    for _ in range(n_flips):
        path.write_bytes(flipped(content[:pages], rng) + content[pages:])
        try:
            assert pyarrow.parquet.read_table(path, page_checksum_verification=True) == expected
        except (OSError, pyarrow.ArrowException):
            n_told += 1
    assert n_told > n_flips / 2


KEY_FILES = {
    "canary": (Canary, '[[canary]]\nname = "c"\nkey = "0123456789abcdef0123"\nrate = 0.5\n'),
    "watermark": (
        WatermarkKey,
        '[[watermark]]\nname = "k"\nscheme = "unigram"\ntokenizer = "cl100k_base"\n'
        "vocab_size = 100277\ngamma = 0.25\nkey = 15485863\n",
    ),
}


@pytest.mark.parametrize("n_flips", N_FLIPS)
@pytest.mark.parametrize("kind", KEY_FILES)
def test_a_flipped_bit_in_a_file_of_keys_is_another_key_or_refused(
    kind: str, n_flips: int, tmp_path: Path
) -> None:
    path, (record, content) = tmp_path / "K.toml", KEY_FILES[kind]
    rng = random.Random(n_flips)
    n_refused = 0
    for _ in range(n_flips):
        path.write_bytes(flipped(content.encode(), rng))
        found = told_or_read(lambda place: read_keys(place, kind, record), path)
        n_refused += found is None
    assert n_refused > 0
