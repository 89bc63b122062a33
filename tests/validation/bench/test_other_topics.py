"""Candidates on prompts of their own, of made data: what is drawn, and both tables."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from known_text import rows, texts

from provenance.validation.bench import other_topics
from provenance.validation.bench.other_topics import Apart, main

NAMES = ["alpha", "beta", "human", "gamma"]


def _data(folder: Path) -> None:
    """Four models that answered the same sixty prompts of two sets."""
    place = folder / "made"
    place.mkdir()
    for name in NAMES:
        given = [
            {
                "text": f"{text} {asked(n)}",
                "prompt": f"prompt {n} [turn]",
                "dataset": ("one", "two")[n % 2],
            }
            for n, text in enumerate(row["text"] for row in rows(texts(name, 120, 3)))
        ]
        with gzip.open(place / f"{name.replace('human', 'delta')}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(one) + "\n" for one in given)


def asked(number: int) -> str:
    """Words that an answer to this prompt has and no other."""
    return " ".join(f"{letter}{number}" for letter in "abcdefghijklmnop")


@pytest.mark.slow
def test_corpora_are_told_without_the_check_and_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _data(tmp_path)
    given = Apart(
        "made", "alpha", ["beta", "delta", "gamma"], ["beta", "gamma"], "made", halves=True
    )
    monkeypatch.setattr(other_topics, "APART", [given])
    monkeypatch.setattr(other_topics, "TOGETHER", [("made", False)])
    main(tmp_path, 1)
    apart, together = (part.splitlines()[2:] for part in capsys.readouterr().out.split("\n\n"))
    cells = [one.strip() for one in apart[0].split("|")[1:-1]]
    assert cells[:2] == ["`made`, one half", "the other half"]
    assert cells[3] == "4" and int(cells[7]) <= int(cells[4]) <= 4
    assert [one.split("|")[1:3] for one in together] == [[" `made` ", " 4 "]]
