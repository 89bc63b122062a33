"""Settings of memory are those of a long run, wherever the system knows them."""

from __future__ import annotations

import gc

import pytest

from provenance.statistics.freed import keep_what_is_freed


def test_what_is_freed_is_kept_once_or_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()
    try:
        for name in ("glibc", ""):
            monkeypatch.setattr("platform.libc_ver", lambda name=name: (name, ""))
            keep_what_is_freed()
            assert gc.get_threshold()[0] > before[0] or before[0] >= 50_000
            assert gc.get_threshold()[1:] == before[1:]
    finally:
        gc.set_threshold(*before)
