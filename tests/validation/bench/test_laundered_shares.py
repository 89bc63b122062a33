"""The bench of washed corpora, on text that is made up."""

from __future__ import annotations

import pytest
from known_text import texts

from provenance.validation.bench import laundered_shares
from provenance.validation.bench.laundered_shares import Mix, Washed, table, washings
from provenance.validation.laundering.table import LAUNDERERS


def test_a_row_tells_what_was_read_and_seen_at_each_strength() -> None:
    rows = [
        Washed("case", "0.1", 0.3, 0.28, 0.25, 0.31, ("text_repair",), {"DyS": 0.2}),
        Washed("case", "1", 0.3, float("nan"), 0.0, 1.0, ("fit", "text_repair"), {"DyS": 0.2}),
        Washed("html", "1", 0.3, 0.2, 0.19, 0.21, (), {"DyS": 0.1}),
    ]
    head, case, html = table(rows)
    assert head[-3:] == ("held", "seen", "DyS")
    assert case[:4] == ("case", "0.1, 1", "30.0", "28.0, –")
    assert case[4:] == ("25.0, 0.0", "31.0, 100.0", "1 of 1", "text_repair 2, fit 1", "20.0")
    assert html == ("html", "1", "30.0", "20.0", "19.0", "21.0", "0 of 1", "", "10.0")


@pytest.mark.slow
def test_every_launderer_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    edits = {name: LAUNDERERS[name] for name in ("homoglyphs", "case")}
    monkeypatch.setattr(laundered_shares, "LAUNDERERS", edits)
    monkeypatch.setattr(laundered_shares, "CORPUS_LAUNDERERS", {})
    monkeypatch.setattr(laundered_shares, "_SCRUBBED", (20,))
    own, people = (
        {f"{name}{n}": text for n, text in enumerate(texts(name, 160, 4))}
        for name in ("alpha", "human")
    )
    mix = Mix("alpha", "reference", {"alpha": own, "people": people}, {"given": ["So it is."] * 9})
    rows = list(washings(mix, most=80, peers=False))
    names = [row.launderer for row in rows]
    assert names.count("homoglyphs") == names.count("case") == 3
    assert {"nothing", "spreading", "the guide", "given", "scrub, our reference"} <= {*names}
    by_name = {(row.launderer, row.strength): row for row in rows}
    assert by_name["nothing", ""].truth == pytest.approx(0.3, abs=0.01)
    assert "text_repair" in by_name["homoglyphs", "0.3"].fired
    assert "text_repair" not in by_name["nothing", ""].fired
