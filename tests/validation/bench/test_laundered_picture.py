"""The picture of washed shares: what it reads of tables, and that it stays small and safe."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from provenance.errors import InputError
from provenance.validation.bench.laundered_picture import drawn, main, tables
from provenance.validation.bench.laundered_shares import Washed, table


def page(*rows: Washed, title: str = "**`mix`**, made up") -> str:
    head, *lines = table(rows)
    told = ["| " + " | ".join(one) + " |" for one in (head, *lines)]
    return "\n".join([title, "", told[0], "|---|", *told[1:], "", "After it."])


ROWS = (
    Washed("case", "0.1", 0.3, 0.28, 0.25, 0.31, ("text_repair",), {"DyS": 0.2}),
    Washed("case", "1", 0.3, float("nan"), 0.0, 1.0, ("fit",), {"DyS": 0.1}),
    Washed("<script>", "1", 0.3, 0.2, 0.19, 0.21, (), {"DyS": 0.1}),
)


def test_a_table_is_read_as_it_was_printed() -> None:
    (found,) = tables(page(*ROWS))
    assert (found.title, found.peers) == ("mix", ("DyS",))
    case = found.lines[0]
    assert case.share == (28.0, None) and case.truth == (30.0, 30.0)
    assert (case.low, case.high, case.peers) == ((25.0, 0.0), (31.0, 100.0), ((20.0, 10.0),))
    assert case.seen == "text_repair 1, fit 1"


def test_the_picture_holds_every_launderer_and_escapes_its_name(tmp_path: Path) -> None:
    place = tmp_path / "tables.md"
    place.write_text(page(*ROWS) + "\n" + page(ROWS[0], title="**other**"), "utf-8")
    main(place, tmp_path / "washed.svg")
    made = (tmp_path / "washed.svg").read_text("utf-8")
    words = [one.text for one in ElementTree.fromstring(made).iter() if one.tag.endswith("text")]
    assert {"case", "<script>", "mix", "other", "DyS"} <= {*words}
    assert "<script>" not in made


def test_a_picture_of_thirty_launderers_is_small() -> None:
    rows = [
        Washed(f"edit {n}", f"{k}", 0.3, 0.29, 0.28, 0.31, ("fit",), {"Liang": 0.2, "DyS": 0.1})
        for n in range(30)
        for k in range(3)
    ]
    three = list(tables("\n".join(page(*rows, title=f"**{n}**") for n in range(3))))
    assert len(three) == 3 and len(drawn(three).encode()) < 60_000


def test_pages_without_a_table_and_broken_ones_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "none.md"
    place.write_text("No table.", "utf-8")
    with pytest.raises(InputError, match="no table of washed shares"):
        main(place, tmp_path / "washed.svg")
    assert not (tmp_path / "washed.svg").exists()
    broken = page(*ROWS).replace("28.0", "much")
    with pytest.raises(InputError, match="no list of figures"):
        list(tables(broken))
