"""``datasets.Dataset.map`` gets the scores as columns."""

from __future__ import annotations

import pickle

from datasets import Dataset
from known_scorers import TEXTS, known_scorer, p_values

from provenance.matching.pipelines.hub_rows import ScoreColumns


def test_columns_stand_beside_the_rows() -> None:
    made = pickle.loads(pickle.dumps(ScoreColumns(known_scorer(), text_field="said")))
    rows = Dataset.from_dict({"said": TEXTS, "kept": [*range(len(TEXTS))]})
    found = rows.map(made, batched=True, batch_size=17)
    assert found["p[alpha]"][:] == p_values()
    assert found["kept"][:] == [*range(len(TEXTS))]
    assert "id" not in found.column_names


def test_a_row_without_a_text_is_too_short() -> None:
    made = ScoreColumns(known_scorer(), prompt_field="prompt")
    assert made({"text": [None], "prompt": [None]})["p[alpha]"] == [None]
