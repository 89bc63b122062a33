"""All readings of a plan, on samples that were given: lists, scenarios, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from known_text import SPEC, rows, texts
from known_validation import NAMES, ROLES, small, source, validated

from provenance import Fingerprint, InputError, fit_fingerprint, open_corpus
from provenance.simulate.words import NGramModel, library_texts
from provenance.validation.plan import SCENARIOS


def made_by_models(seed: int, count: int = 240) -> list[Fingerprint]:
    """Three APIs that know the same words and like others of them."""
    model = NGramModel.fit(library_texts()[:150])
    found = []
    for number, name in enumerate(NAMES):
        rng = np.random.default_rng([seed, number])
        api = model.distorted(0.8, rng)
        found.append(fit_fingerprint((api.sample(rng, 90) for _ in range(count)), name, SPEC))
    return found


def false_shares(seed: int, **changes: Any) -> list[float]:
    """Of all lists made of one set of samples."""
    alpha, beta, human = made_by_models(seed)
    options: dict[str, Any] = {"shares": (0.2, 0.5), "sizes": (100,), "splits": 2, **changes}
    found = small(
        candidates=[alpha, beta], panel=[], references=[human], scenarios=("closed",), **options
    )
    assert sum(item.n_listed or 0 for item in found.readings) > 0
    return [item.false_share for item in found.readings if item.false_share is not None]


@pytest.mark.slow
def test_few_of_the_listed_rows_are_false() -> None:
    found = false_shares(3, fdr=0.05, repeats=2)
    assert np.mean(found) <= 0.05 + 3 * np.std(found) / np.sqrt(4)


@pytest.mark.slow
@pytest.mark.parametrize("fdr", [0.05, 0.2])
def test_the_realised_rate_of_false_rows_is_at_most_the_rate_asked_for(fdr: float) -> None:
    """Ten sets of samples; corpora of one set share rows and count as one."""
    means = [np.mean(false_shares(100 + run, fdr=fdr, repeats=2)) for run in range(10)]
    assert np.mean(means) <= fdr + 3 * np.std(means) / np.sqrt(len(means))


def test_every_scenario_is_read() -> None:
    found = validated()
    assert {item.scenario for item in found.readings} == {*SCENARIOS}
    assert found.notes == ()
    for item in found.readings:
        assert 0 <= item.low <= item.high <= 1
        assert item.withheld == (item.share is None)
        assert item.n <= item.asked == 40
        if item.n_listed is None or item.n_false is None:
            assert item.n_listed is item.n_false is item.false_share is None
        else:
            assert not item.withheld
            assert 0 <= item.n_false <= item.n_listed <= item.n
            assert item.n_listed - item.n_false <= round(item.truth * item.n)
        assert (item.detail == "beta") == (item.unknown > 0) == (item.scenario == "unknown source")
    assert [(item.name, item.role) for item in found.sources] == [*zip(NAMES, ROLES, strict=True)]


@pytest.mark.slow
def test_the_order_of_the_sources_changes_nothing() -> None:
    given = {"shares": (0.3,), "scenarios": ("closed",)}
    as_panel = small(references=[], panel=[source("human"), source("beta")], **given)
    assert small(references=[], panel=[source("beta"), source("human")], **given).readings == (
        as_panel.readings
    )


def test_what_is_drawn_does_not_hang_on_what_else_is_drawn() -> None:
    [alone] = small(shares=(0.3,), scenarios=("closed",)).readings
    assert alone in validated().readings


@pytest.mark.slow
def test_candidates_take_turns() -> None:
    found = small(
        candidates=[source("alpha"), source("beta")], panel=[], shares=(0.3,), scenarios=("closed",)
    )
    assert {item.candidate for item in found.readings} == {"alpha", "beta"}


def test_what_cannot_be_tested_is_told() -> None:
    unlabelled = [
        fit_fingerprint(open_corpus(rows(texts(name, 60, seed=0))), name, SPEC)
        for name in ("alpha", "human")
    ]
    found = small(
        candidates=unlabelled[:1],
        references=unlabelled[1:],
        panel=[],
        scenarios=("other domain", "unknown source"),
    )
    assert found.readings == ()
    assert [note.split(" were")[0] for note in found.notes] == ["Other domains", "Unknown sources"]


def test_too_small_a_sample_is_refused() -> None:
    with pytest.raises(InputError, match="'human' has 39 documents") as caught:
        small(references=[source("human", 39)])
    assert "to draw corpora from" in str(caught.value)
