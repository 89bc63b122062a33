"""A worker scores as this process does."""

from __future__ import annotations

import numpy as np
from known_text import SPEC, documents, panel, panel_path, scored, texts

from provenance.features.features import prepare
from provenance.matching.scored_batch import scorer

VIEW = "n-grams"


def test_a_worker_scores_as_this_process_does() -> None:
    found = documents(texts("alpha", 3, 5))
    prepared = prepare([item.text for item in found], SPEC)
    batch = scorer(panel_path(), (0,))(found, prepared)
    expected = scored(found)
    assert np.array_equal(batch.log_posterior[VIEW], expected.log_posterior[VIEW])
    assert panel().names == ("alpha", "human")
