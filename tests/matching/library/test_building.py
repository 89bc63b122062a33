"""A library is built of a folder, and the same text gives the same library."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import orjson
import pytest

from provenance.errors import InputError
from provenance.matching.library.building import build, measured

WORDS = "the sea was cold and we saw a long grey line of birds over it".split()


def folder(root: Path) -> Path:
    rng = np.random.default_rng(0)
    for place, model in (("reddit_qa", "gpt-4"), ("stackoverflow", "palm")):
        for name, word in (("human_a", "well"), (model, "furthermore")):
            path = root / "more" / place / f"{name}.jsonl.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            with gzip.open(path, "wb") as file:
                for _ in range(20):
                    text = " ".join([*rng.choice(WORDS, 40), *[word] * 6, place, "."])
                    file.write(orjson.dumps({"text": text, "lang": "en", "dataset": place}) + b"\n")
    return root


def test_a_library_is_built_of_a_folder(tmp_path: Path) -> None:
    found = measured(folder(tmp_path))
    people = np.array([kind.by == "people" for kind in found.library.kinds])[found.kind_of]
    assert [kind.topic for kind in found.library.kinds] == ["reddit_qa"] * 2 + ["stackoverflow"] * 2
    assert found.unseen[people, 0].max() < found.unseen[~people, 0].min()
    again = build(tmp_path)
    assert np.array_equal(again.weights, found.library.weights)
    assert np.array_equal(again.counts, found.library.counts)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds none of the sources"):
        build(tmp_path)
