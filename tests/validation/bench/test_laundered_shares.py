"""The bench of washed corpora, on text that is made up."""

from __future__ import annotations

import pytest
from known_text import texts

from provenance.validation.bench import laundered_shares
from provenance.validation.bench.laundered_shares import Mix, Washed, table, washings
from provenance.validation.laundering.table import LAUNDERERS


def test_a_row_tells_what_was_read_and_seen() -> None:
    row = Washed("case", "1", 0.3, 0.28, 0.25, 0.31, ("text_repair",), {"DyS": 0.2})
    head, line = table([row])
    assert head[-2:] == ("seen", "DyS")
    assert line == ("case", "1", "30.0", "28.0", "25.0 to 31.0", "yes", "text_repair", "20.0")
    withheld = Washed("case", "1", 0.3, float("nan"), 0.0, 1.0, (), {})
    assert table([withheld])[1][3:6] == ("withheld", "0.0 to 100.0", "yes")


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
