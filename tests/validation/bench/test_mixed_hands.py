"""The bench of rows by several hands, on text that is made up."""

from __future__ import annotations

import pytest
from known_text import texts

from provenance.validation.bench.laundered_shares import Mix
from provenance.validation.bench.mixed_hands import Bench

LONG = (140, 160)


@pytest.mark.slow
def test_rows_of_the_candidate_are_mixed_and_told() -> None:
    written = {
        name: {f"{name} {n}": text for n, text in enumerate(texts(name, 120, 4, LONG))}
        for name in ("alpha", "people")
    }
    bench = Bench.of(Mix("alpha", "reference", written, {}))
    own = len(bench.rest["alpha"])
    assert 40 < own < 80
    clean = bench.mixed(0.0)
    assert sorted(clean) == sorted(text for rows in bench.rest.values() for text in rows)
    mixed = bench.mixed(1.0)
    assert len(mixed) == own
    assert all("\n\n" in text for text in mixed)
    found, rows, corpus = bench.read(mixed + clean)
    assert len(rows) == len(corpus) == own + len(clean) == found.n_rows
    _, n_along, n_across = found.counts("one after another", 1.0)
    assert n_along > n_across
    assert [name for name, _ in bench.without_openings()] == ["alpha"]
