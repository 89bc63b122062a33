"""Partials of a run that is done in parts: with other numbers in one, and a worker that dies."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

from provenance.corpus.batches.in_parts import KeptParts, Numbered


def unpacked(partial: Path) -> bytes:
    packed = partial.read_bytes()
    return zstandard.ZstdDecompressor().decompress(packed, max_output_size=1 << 28)


def change_numbers(partial: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Put other numbers under a name, in a file that is whole."""
    with np.load(io.BytesIO(unpacked(partial)), allow_pickle=False) as found:
        arrays = {key: found[key] for key in found.files}
    arrays[name] = change(arrays.get(name, np.zeros(1)))
    file = io.BytesIO()
    np.savez(file, **arrays)
    partial.write_bytes(zstandard.compress(file.getvalue()))


def kill_at(patched: pytest.MonkeyPatch, place: int) -> None:
    """The worker that is to keep the batch of a place is killed before it does."""
    save = KeptParts.save

    def killed(kept: KeptParts, batch: Numbered, *told: Any) -> None:
        if batch.place == place:
            os.kill(os.getpid(), signal.SIGKILL)
        save(kept, batch, *told)

    patched.setattr(KeptParts, "save", killed)
