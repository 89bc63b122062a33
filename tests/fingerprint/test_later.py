"""Feature rows that are unpacked when they are looked at: as those read at once, or refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from known_text import fingerprint

from provenance.errors import InputError
from provenance.features.rows import FeatureRows
from provenance.files import archive
from provenance.fingerprint import file
from provenance.fingerprint.fingerprint import Fingerprint

FINGERPRINT = fingerprint("alpha")
NAMES = ("indptr", "indices", "counts")


def test_rows_are_those_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.fp"
    FINGERPRINT.save(path)
    whole, unpack = Fingerprint.load(path).sample.rows, file.rows_of
    asked: list[int] = []

    def counting(*given: object) -> FeatureRows:
        asked.append(1)
        return unpack(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(file, "rows_of", counting)
    found = Fingerprint.opened(path)
    rows = found.sample.rows
    assert (len(rows), rows.n_entries) == (len(whole), whole.n_entries)
    assert found.sha256 == FINGERPRINT.sha256
    assert not asked
    assert rows.indptr.tolist() == whole.indptr.tolist()
    for again in (rows, pickle.loads(pickle.dumps(rows)), FeatureRows.concatenate([rows])):
        for name in NAMES:
            assert np.array_equal(getattr(again, name), getattr(whole, name)), name
            assert getattr(again, name).dtype == getattr(whole, name).dtype
    # What is kept is not unpacked again; what was pickled is rows as any.
    assert len(asked) == 1


def test_rows_that_are_not_kept_are_unpacked_again(tmp_path: Path) -> None:
    path = tmp_path / "a.fp"
    FINGERPRINT.save(path)
    rows = Fingerprint.opened(path).sample.rows
    assert rows.unpacked() is not rows.unpacked()
    assert rows.indices is rows.indices


def test_wrong_rows_are_refused_with_their_file(tmp_path: Path) -> None:
    path, planes = tmp_path / "wrong.fp", file._planes(FINGERPRINT._fields)
    planes["counts"] = planes["counts"] * 0
    archive.write(path, file.KIND, file._header(FINGERPRINT._fields), planes)
    with pytest.raises(InputError, match="counts") as at_once:
        Fingerprint.load(path)
    found = Fingerprint.opened(path)
    with pytest.raises(InputError, match="counts") as later:
        found.sample.rows.matrix(found.spec, ["words"])
    assert str(later.value) == str(at_once.value)


def test_another_hash_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.fp"
    FINGERPRINT.save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(InputError):
        Fingerprint.opened(path)
