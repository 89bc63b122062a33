"""What a filter promises beside what it leaves."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest
from known_text import texts

from provenance.validation.bench import promised
from provenance.validation.bench.promised import Filter, FilterSet, filters, rows_of_table


def test_a_promise_is_broken_where_more_is_left_in_truth() -> None:
    found = [
        Filter("a", 0.1, 0.05, "estimated", 0.02, 0.045, 60, 3),
        Filter("a", 0.1, 0.05, "estimated", 0.06, 0.048, 0, 0),
        Filter("a", 0.1, 0.05, "withheld"),
    ]
    head, *rows = map(tuple, rows_of_table(found))
    five = ("5.0 %", "3", "2", "1", "60", "3", "4.0 %, 6.0 %", "4.7 %", "1")
    assert five in rows
    assert rows[0] == ("1.0 %", *"00000--0")
    assert {len(row) for row in rows} == {len(head)}


@pytest.mark.slow
def test_corpora_are_matched_and_filtered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promised, "SHARES", (0.25,))
    for name, source in (("api", "alpha"), ("people", "human")):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wb") as file:
            for at, text in enumerate(texts(source, 240, 7)):
                file.write(orjson.dumps({"id": f"{name}{at}", "text": text}) + b"\n")
    found = [*filters(tmp_path, FilterSet("api", ("people",)), 0, n_rows=100)]
    assert [one.until for one in found] == [*promised.UNTIL]
    assert {one.truth for one in found} == {0.25}
    for one in found:
        if one.left is not None and one.at_most is not None:
            assert one.at_most < one.until
            assert one.n_dropped >= one.n_false >= 0
            kept = 100 - one.n_dropped
            assert one.left == pytest.approx((25 - one.n_dropped + one.n_false) / kept)
