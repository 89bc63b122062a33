"""Panels of a few models and one that they lack: what is drawn, and the table."""

from __future__ import annotations

import pytest
from known_text import fingerprint

from provenance.validation.bench import few_models
from provenance.validation.bench.few_models import MIXTURES, main, readings
from provenance.validation.bench.hidden_models import Collection

MODELS = [fingerprint(name, 120) for name in ("alpha", "beta", "human", "gamma", "delta")]


@pytest.mark.slow
def test_every_model_of_the_panel_is_the_candidate_and_its_text_is_told() -> None:
    found = [*readings(MODELS, 2, 0, size=60)]
    assert len({one.candidate for one in found}) == 3
    assert {(one.level, one.unknown) for one in found} == {*MIXTURES}
    own = [one.low for one in found if one.level > 0]
    assert len(own) == 3 and min(own) > 0


@pytest.mark.slow
def test_the_table_has_a_row_for_each_number_of_models(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(few_models, "COLLECTIONS", [Collection("few", 0, 1, 1)])
    monkeypatch.setattr(few_models, "collected", lambda data, collection: MODELS)
    main(few_models.Path(), 1)
    told = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[1] for line in told[2:]] == ["2", "3"]
