"""Whose texts are taken for another's answers, on texts that are made up."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson

from provenance.validation.bench.known_copies import table


def folder(root: Path) -> Path:
    """Thirty answers of each, of which one that copies another family says nothing of its own."""
    for name, says in (
        ("alpaca_eval/gpt-4o", "own"),
        ("alpaca_eval/claude-2", "other"),
        ("alpaca_eval/copier-7b", "own"),
        ("more/reddit_qa/human_reddit", "people"),
    ):
        path = root / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(path, "wb") as file:
            for at in range(30):
                text = " ".join([says, "abcdefghijklmnopqrstuvwxyzäöüß"[at]] * 60)
                file.write(orjson.dumps({"text": text}) + b"\n")
    return root


def test_who_only_copies_is_taken_for_whom_it_copied(tmp_path: Path) -> None:
    first, *_, families, copier, people = table(folder(tmp_path))
    # What the copier says too is on no list.
    assert first == "30 answers of 1 families; 120 texts in all"
    assert families.startswith("| families on the list, left out | 1 | 30 | 0 | 0.00 % | 0 ")
    assert copier.startswith("| models that nobody is named for | 2 | 60 | 30 | 100.00 % | 1 ")
    assert people.startswith("| people | 1 | 30 | 0 |")
