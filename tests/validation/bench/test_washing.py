"""The bench of false alarms, on kinds that are made up."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from provenance.evidence.washed.laws import REPAIRED as PEOPLES_LAW
from provenance.evidence.washed.tally import REPAIRED
from provenance.validation.bench.washing import (
    alarms,
    fitted,
    kinds_of,
    lengths,
    washed_identities,
)


def written(folder: Path) -> Path:
    place = folder / "more" / "forum"
    place.mkdir(parents=True)
    for name, hidden in (("human_a", 4), ("human_b", 3), ("human_c", 2), ("gpt", 150)):
        rows = [
            {"text": f"Soup {name} {n}{chr(0x200B) * (n < hidden)} was had."} for n in range(200)
        ]
        data = "\n".join(map(json.dumps, rows)).encode()
        (place / f"{name}.jsonl.gz").write_bytes(gzip.compress(data))
    return folder


def test_kinds_are_counted_and_tested(tmp_path: Path) -> None:
    kinds = list(kinds_of(written(tmp_path)))
    assert [(kind.by_people, kind.folder, len(kind.texts)) for kind in kinds] == [
        (False, "forum", 200),
        *[(True, "forum", 200)] * 3,
    ]
    assert [int(kind.flags(REPAIRED).sum()) for kind in kinds] == [150, 4, 3, 2]
    assert [row[1] for row in lengths(kinds)] == ["0 of 3", "0 of 1"]


def test_the_held_out_law_leaves_its_own_folder_out(tmp_path: Path) -> None:
    kinds = list(kinds_of(written(tmp_path)))
    moved = [*kinds[:1], *(kind for kind in kinds_of(tmp_path) if kind.by_people)]
    for kind in moved[1:]:
        object.__setattr__(kind, "folder", kind.name)
    people, models = alarms(moved, REPAIRED, PEOPLES_LAW)
    assert models[3] == "1 of 1" and "gpt" in models[4]
    assert people[3] == "0 of 3"


def test_a_law_is_fitted() -> None:
    law = fitted([5, 5, 5, 5], [100] * 4)
    assert law.alpha / (law.alpha + law.beta) == pytest.approx(0.05, abs=0.001)
    assert (law.n_kinds, law.n_texts, law.n_shown) == (4, 400, 20)


def test_identities_are_washed(tmp_path: Path) -> None:
    (model,) = (kind for kind in kinds_of(written(tmp_path)) if not kind.by_people)
    model.texts[:2] = [
        "As an AI assistant developed by OpenAI, I have no soup.",
        "I am an AI language model.",
    ]
    rows = {row[0]: row[1:] for row in washed_identities([model])}
    assert rows["nothing"] == ("2", "2", "0")
    assert rows["identity_rewrite"] == ("2", "1", "1")
    assert rows["identity"][1:] == ("0", "0")
