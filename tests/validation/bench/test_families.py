"""Sets of families on text of known origin, and how a debate's proposition is read."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from known_text import fingerprint, rows, texts

from provenance.validation.bench.families import COLLECTIONS, SETS, main, told_apart


def test_every_set_is_told_and_tells_something() -> None:
    found = told_apart([fingerprint(name) for name in ("alpha", "beta", "human")])
    assert [one.families for one in found] == [*SETS]
    by_set = {one.families: one for one in found}
    assert by_set["words",].log_loss < 0.5 * math.log(3)
    assert by_set["words",].accuracy > 0.8
    assert by_set["words", "shape"].log_loss < by_set["shape",].log_loss


def test_equal_sources_cost_what_chance_does() -> None:
    one = fingerprint("alpha", 60)
    found = told_apart([one, replace(one, name="twin"), replace(one, name="third")])
    for told in found:
        assert told.log_loss == pytest.approx(math.log(3), abs=1e-3)


def test_a_debate_is_split_by_its_proposition() -> None:
    [debate] = [one for one in COLLECTIONS if one.folder.endswith("debate_2026")]
    assert debate.prompt("A [b] should be c. [CON Opening]") == "A [b] should be c."


def test_the_table_has_a_row_for_every_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from provenance.validation.bench import families

    monkeypatch.setattr(families, "COLLECTIONS", [families.Prompted("few")])
    (tmp_path / "few").mkdir()
    for name in ("alpha", "human"):
        lines = [json.dumps(row) for row in rows(texts(name, 30, 0))]
        (tmp_path / "few" / f"{name}.jsonl.gz").write_bytes(
            gzip.compress("\n".join(lines).encode())
        )
    main(tmp_path)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2 + len(SETS)
    assert told[2].startswith("| `few` | 2 | 60 | words | ")
