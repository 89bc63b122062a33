"""Room is taken while there is some."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.scoring.fitting.room import take_room


def test_where_there_is_no_room_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise MemoryError

    take_room.cache_clear()
    monkeypatch.setattr(np, "empty", none)
    with pytest.raises(MemoryError):
        take_room()
    monkeypatch.undo()
    take_room()
