"""The bench of families that agree, on text that is made up."""

from __future__ import annotations

import pytest
from known_text import texts

from provenance.validation.bench import agreeing_families


@pytest.mark.slow
def test_every_model_of_a_clean_corpus_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreeing_families, "_CORPORA", 1)
    rows = {
        name: {f"{name} {n}": text for n, text in enumerate(texts(name, 100, 4))}
        for name in ("alpha", "beta", "gamma")
    }
    found = list(agreeing_families.clean(rows, "made up"))
    assert len(found) == 3
    assert all(far >= 0 and not above for far, above in found)
