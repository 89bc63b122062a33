"""What is looked up to measure the cost of a log is what is stored."""

from __future__ import annotations

from provenance.validation.bench.log_cost import look_ups


def test_look_ups_find_what_is_stored() -> None:
    rows = look_ups(4000, n_probes=2000, rounds=1)
    assert rows[1][1] == "1,000" and rows[1][-1] == "0.00%"
    assert 45 < float(rows[2][-1].rstrip("%")) < 55
