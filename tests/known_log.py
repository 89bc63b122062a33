"""Small logs of answers whose words are known."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from provenance.corpus import Document
from provenance.evidence.log.building import index_log
from provenance.evidence.log.index import LogIndex

WINDOW = 8
RUN = WINDOW + 6


def words(rng: np.random.Generator, n: int, among: int = 1 << 40) -> str:
    """So many words; no two of them are alike unless they are drawn from few."""
    return " ".join(f"w{number}" for number in rng.integers(0, among, n))


def answer(number: int, text: str, prompt: str | None = None, **known: Any) -> Document:
    day = known.pop("day", None)
    date = None if day is None else datetime.date.fromisoformat(day)
    return Document(
        str(known.pop("id", f"a{number}")), text, "log", number, None, prompt, None, date, known
    )


def answers(texts: Iterable[str], prompts: Sequence[str | None] | None = None) -> list[Document]:
    found = list(texts)
    asked = prompts or [None] * len(found)
    return [answer(place, *pair) for place, pair in enumerate(zip(found, asked, strict=True), 1)]


def index(path: Path, log: Iterable[Document | str], window: int = WINDOW, **how: Any) -> LogIndex:
    documents = [
        answer(place, item) if isinstance(item, str) else item for place, item in enumerate(log, 1)
    ]
    how = {"account_field": "account", "endpoint_field": "endpoint", **how}
    return index_log(documents, path, window=window, **how)
