"""Two sources scored in turn: by the dense regression, and never by what a later fold tells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_text import SPEC, fingerprint

from provenance.scoring.fitting.in_turn import TwoSources, two_sources
from provenance.scoring.panel import N_FOLDS


@pytest.fixture(name="sources", scope="module")
def two() -> TwoSources:
    samples = [fingerprint(name, 60).sample for name in ("alpha", "beta")]
    return two_sources(samples[0], samples[1], SPEC, 0)


def test_the_first_fold_is_only_learnt_from(sources: TwoSources) -> None:
    found = sources.scored_in_turn()
    assert (np.isnan(found) == (sources.references.fold == 0)).all()


def test_scores_tell_the_sources_apart(sources: TwoSources) -> None:
    found, source = sources.scored_in_turn(), sources.references.source
    last = sources.references.fold == N_FOLDS - 1
    assert found[last & (source == 0)].mean() > found[last & (source == 1)].mean() + 0.2


def test_what_stands_later_changes_no_score(sources: TwoSources) -> None:
    """The exactness of the test rests on this."""
    fold, source = sources.references.fold, sources.references.source
    for number in range(1, N_FOLDS):
        other = np.where(fold >= number, 1 - source, source)
        changed = replace(sources, references=replace(sources.references, source=other))
        same = (fold <= number) & (fold > 0)
        np.testing.assert_array_equal(
            changed.scored_in_turn()[same], sources.scored_in_turn()[same]
        )


def test_the_other_way_round_the_scores_have_the_other_sign(sources: TwoSources) -> None:
    swapped = replace(sources.references, source=1 - sources.references.source)
    found = replace(sources, references=swapped).scored_in_turn()
    np.testing.assert_allclose(found, -sources.scored_in_turn(), atol=1e-12)


def test_a_source_that_no_earlier_fold_holds_leaves_no_score(sources: TwoSources) -> None:
    alone = replace(sources.references, source=np.zeros_like(sources.references.source))
    assert np.isnan(replace(sources, references=alone).scored_in_turn()).all()
