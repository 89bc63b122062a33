"""Score, tally, filter: with datatrove's own documents and executor where it is installed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from known_scorers import TEXTS, known_scorer, p_values

from provenance.errors import InputError
from provenance.matching.pipelines.datatrove_steps import FilterStep, ScoreStep, merged_tally
from provenance.matching.scorer import RowTally

FDR = 0.2


def given() -> list[Any]:
    return [SimpleNamespace(text=text, id=str(at), metadata={}) for at, text in enumerate(TEXTS)]


def kept_by_hand() -> list[str]:
    q = RowTally.of(known_scorer().score_batch(TEXTS)).q("alpha")
    found = [q(value) for value in p_values()]
    return [str(at) for at, value in enumerate(found) if value is None or value > FDR]


def test_ranks_are_put_together(tmp_path: Path) -> None:
    step = ScoreStep(known_scorer(), str(tmp_path))
    scored = [*step.run(given()[:40], rank=0), *step.run(given()[40:], rank=1)]
    assert [one.metadata["p[alpha]"] for one in scored] == p_values()
    assert merged_tally(str(tmp_path)).n_documents == len(TEXTS)
    left = FilterStep("alpha", str(tmp_path), FDR).run(scored)
    assert [one.id for one in left] == kept_by_hand()
    assert 0 < len(kept_by_hand()) < len(TEXTS)


def test_without_tallies_nothing_is_filtered(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no tallies"):
        next(iter(FilterStep("alpha", str(tmp_path)).run(given())))


def test_in_datatroves_own_pipeline(tmp_path: Path) -> None:
    pytest.importorskip("datatrove", reason="datatrove is not installed")
    from datatrove.data import Document
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    def run(*steps: Any, name: str) -> None:
        folder = str(tmp_path / f"log-{name}")
        LocalPipelineExecutor([*steps], tasks=1, workers=1, logging_dir=folder).run()

    documents = [Document(text=text, id=str(at)) for at, text in enumerate(TEXTS)]
    scored, left, tallies = (str(tmp_path / name) for name in ("scored", "left", "tallies"))
    score = ScoreStep(known_scorer(), tallies)
    run(documents, score, JsonlWriter(scored, compression=None), name="score")
    step = FilterStep("alpha", tallies, FDR)
    run(JsonlReader(scored), step, JsonlWriter(left, compression=None), name="filter")
    found = [one.id for one in JsonlReader(left).run()]
    assert found == kept_by_hand()
