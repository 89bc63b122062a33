"""Lists of rows of made-up models: what is counted of them."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.scoring.p_values import Conformal
from provenance.validation.bench.rows_of_models import Listed, Rows, table


def rows(own: float, others: float, hidden: float | None = None) -> Rows:
    nulls = tuple(np.arange(20, dtype=np.float32) + source for source in range(5))
    strange = np.empty(0) if hidden is None else np.full(100, hidden)
    return Rows(
        Conformal(0, nulls, np.empty(0), np.empty(0)),
        np.full(200, own, np.float32),
        np.full(200, others, np.float32),
        strange.astype(np.float32),
    )


@pytest.mark.parametrize(
    ("made", "own", "false"),
    [
        # Ranks of 1 / 21 allow no list at 0.05 of a tenth of the rows, tails of 2 / 101 neither.
        pytest.param(rows(90.0, 0.0), [0.0, 0.0], [0.0, 0.0], id="few"),
        pytest.param(rows(90.0, 90.0), [1.0, 1.0], [0.9, 0.9], id="all alike"),
        pytest.param(rows(0.0, 0.0), [0.0, 0.0], [0.0, 0.0], id="none"),
    ],
)
def test_a_list_holds_what_is_beyond_all(made: Rows, own: list[float], false: list[float]) -> None:
    found = [*made.listed(0.1, np.random.default_rng(0))]
    assert [one.beyond for one in found] == [False, True]
    assert [one.own for one in found] == own
    assert [one.false for one in found] == pytest.approx(false, abs=0.01)


def test_tails_list_what_ranks_do_not() -> None:
    found = [*rows(90.0, 0.0).listed(0.5, np.random.default_rng(0))]
    assert [(one.own, one.false, one.held) for one in found] == [(0.0, 0.0, True), (1.0, 0.0, True)]


def test_a_hidden_model_is_a_fifth_of_the_corpus() -> None:
    (_, one) = rows(90.0, 0.0, 90.0).listed(0.3, np.random.default_rng(0))
    assert one.hidden and one.own == 1.0 and one.false == pytest.approx(0.4, abs=0.01)


def test_the_table_has_a_row_for_each_share() -> None:
    every = [
        Listed(share, beyond, hidden, own=float(beyond), false=0.1 * beyond, held=True)
        for share in (0.03, 0.05, 0.1, 0.3)
        for beyond in (False, True)
        for hidden in (False, True)
    ]
    *_, last = table({"more/set": every})
    assert last == "| `set` | 20 % | 30 % | 1 | 0 % | 100 % | 10.0 % | 1 | 10 % | 1 of 1 |"
