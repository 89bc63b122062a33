"""A pointer of Git LFS stands where the file should be, and is told as what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance import Fingerprint
from provenance.errors import InputError
from provenance.files.pointer import POINTER


def test_a_fingerprint_that_was_not_fetched_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.fp"
    path.write_bytes(POINTER + b".github.com/spec/v1\noid sha256:abc\nsize 12345\n")
    with pytest.raises(InputError, match="a pointer of Git LFS"):
        Fingerprint.load(path)
