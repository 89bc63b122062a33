"""Which batch is of which part, and what a folder of partials must hold.

What partials give is tested with the match that they are of, in ``test_sharding``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provenance.corpus.batches.in_parts import (
    RUN_FILE,
    KeptParts,
    Numbered,
    Shard,
    opened_parts,
    remove_partials,
    run_of,
)
from provenance.corpus.document import Document
from provenance.errors import InputError


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "-1/2", "٣/٤", ""])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="I/N"):
        Shard.read(text)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_batch_is_of_one_part(count: int) -> None:
    parts = [Shard(number, count) for number in range(1, count + 1)]
    assert [sum(part.has(place) for part in parts) for place in range(20)] == [1] * 20


@pytest.mark.parametrize("content", [None, "no JSON", "[]", '{"schema": "other/1"}'])
def test_a_folder_that_holds_no_run_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / RUN_FILE).write_text(content)
    with pytest.raises(InputError) as told:
        run_of(tmp_path)
    assert str(tmp_path) in str(told.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_nobody_waits_at_a_pipe(tmp_path: Path) -> None:
    opened_parts(tmp_path, "a run")
    os.mkfifo(tmp_path / "00000000.part")
    row = Document(id="a", text="So it is.", path="x", line=1)
    with pytest.raises(InputError, match="it is no file"):
        KeptParts(tmp_path, "key").load(Numbered(0, [row]), lambda arrays, told: None)
    (tmp_path / RUN_FILE).unlink()
    os.mkfifo(tmp_path / RUN_FILE)
    with pytest.raises(InputError, match="it is no file"):
        opened_parts(tmp_path, "a run")


def test_a_partial_of_another_run_is_none_of_this(tmp_path: Path) -> None:
    """As where two folders were copied into one, or two runs began in one at once."""
    one, other = opened_parts(tmp_path / "a", "a run"), opened_parts(tmp_path / "b", "another")
    batch = Numbered(0, [Document(id="a", text="So it is.", path="x", line=1)])
    other.save(batch, {}, "told")
    assert other.load(batch, lambda arrays, told: told) == "told"
    os.replace(tmp_path / "b" / "00000000.part", tmp_path / "a" / "00000000.part")
    with pytest.raises(InputError, match="another run"):
        one.load(batch, lambda arrays, told: told)


def test_what_is_no_partial_stays(tmp_path: Path) -> None:
    kept = opened_parts(tmp_path / "a", "a run")
    kept.save(Numbered(0, [Document(id="a", text="So.", path="x", line=1)]), {}, None)
    (tmp_path / "a" / "2024-notes.part").write_text("mine")
    remove_partials(tmp_path / "a")
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["2024-notes.part"]
