"""Corpora of models that a panel is not given: what is drawn, and the table."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from known_text import fingerprint, rows, texts

from provenance.validation.bench import hidden_models
from provenance.validation.bench.hidden_models import HIDDEN, PartlyHidden, main, readings


@pytest.mark.slow
def test_every_mixture_is_read_for_every_candidate() -> None:
    names = ("alpha", "beta", "human", "gamma", "delta")
    found = [*readings([fingerprint(name, 120) for name in names], 1, 0, size=60)]
    panel = {one.candidate for one in found}
    assert len(panel) == 4
    assert len(found) == 4 * len(HIDDEN)
    assert {(one.level, one.unknown) for one in found} == {*HIDDEN}
    for one in found:
        assert one.low <= one.high
        assert one.level == 0 or one.truth == pytest.approx(one.level, abs=0.05)


@pytest.mark.slow
def test_the_table_has_a_row_for_every_mixture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hidden_models, "COLLECTIONS", [PartlyHidden("few", 0, 2, hidden=1)])
    (tmp_path / "few").mkdir()
    for name in ("alpha", "beta", "delta", "gamma", "human"):
        lines = [json.dumps(row) for row in rows(texts(name, 100, 0))]
        packed = gzip.compress("\n".join(lines).encode())
        for copy in ("a", "b"):
            (tmp_path / "few" / f"{name}{copy}.jsonl.gz").write_bytes(packed)
    main(tmp_path, 1)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2 + len(HIDDEN)
    assert told[2].startswith("| `few` | 0 % | 0 % | ")
