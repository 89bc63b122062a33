"""Panels of a few models and one that they lack: what is drawn, and the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from known_text import fingerprint

from provenance.validation.bench import few_models
from provenance.validation.bench.few_models import MIXTURES, main, readings
from provenance.validation.bench.hidden_models import PartlyHidden
from provenance.validation.readings import Reading

MODELS = [fingerprint(name, 120) for name in ("alpha", "beta", "human", "gamma")]


@pytest.mark.slow
def test_every_model_of_the_panel_is_the_candidate_and_its_text_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As if it were declared that there is no other model: else nothing would be told."""
    found: list[Reading] = []

    def read(*args: object) -> Iterator[Reading]:
        found.extend(readings(MODELS, 2, 0, size=60))
        yield from found

    monkeypatch.setattr(few_models, "COLLECTIONS", [PartlyHidden("few", 0, 1, hidden=1)])
    monkeypatch.setattr(few_models, "collected", lambda data, collection: MODELS)
    monkeypatch.setattr(few_models, "readings", read)
    main(Path(), 1)
    assert len({one.candidate for one in found}) == 3
    assert {(one.level, one.unknown) for one in found} == {*MIXTURES}
    own = [one.low for one in found if one.level > 0]
    assert len(own) == 3 and sum(low > 0.1 for low in own) >= 2
    [row] = capsys.readouterr().out.splitlines()[2:]
    assert row.startswith("| `few` | 2 | ")
