"""Small logs of answers whose words are known."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from provenance.corpus import Document
from provenance.evidence.log.building import index_log
from provenance.evidence.log.findings import log_findings
from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.matcher import LogMatcher
from provenance.evidence.log.rows import log_rows
from provenance.evidence.log.tally import LogBatch, LogTally
from provenance.evidence.protocol import MatchContext
from provenance.records import Finding

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


SECRET = "The Zanzibar quokka eats Perigord truffles, while seven xylophones play in Ulaanbaatar."


SEEDS = st.integers(0, 1 << 32).map(np.random.default_rng)


def edited(rng: np.random.Generator, text: str, every: int = 6) -> str:
    """The text with every sixth word another, so that no window is left."""
    found = text.split()
    for place in range(int(rng.integers(every)), len(found), every):
        found[place] = words(rng, 1)
    return " ".join(found)


def documents(texts: Sequence[str], **known: Any) -> list[Document]:
    return [answer(place, text, id=f"d{place:04}", **known) for place, text in enumerate(texts, 1)]


def batch(matcher: LogMatcher, found: Sequence[Document]) -> LogBatch:
    texts = [item.text for item in found]
    matches = matcher.match(texts, normalized=True)
    return LogBatch(matches, log_rows(matcher, found, texts, matches))


def tally(matcher: LogMatcher, *batches: Sequence[Document], fdr: float = 0.05) -> LogTally:
    result = LogTally(matcher, fdr)
    for found in batches:
        result.add(found, batch(matcher, found))
    return result


def told(one: LogTally, keep_text: bool = True, trusted: LogTally | None = None) -> list[Finding]:
    return list(log_findings(one, MatchContext(0.95, keep_text, seed=0), trusted))


# Sums of batches


def corpus_of(rng: np.random.Generator, folder: Path, with_decoys: bool) -> Any:
    log_texts = [words(rng, 60, 4000) for _ in range(12)]
    log = index(
        folder / "log.idx",
        [
            answer(n, text, f"p{n}", account=f"k{n % 3}", endpoint="chat", day="2024-05-01")
            for n, text in enumerate(log_texts)
        ],
        keep_text=True,
    )
    decoys = index(folder / "decoys.idx", [words(rng, 60, 4000) for _ in range(120)])
    texts = [*log_texts[:3], *(edited(rng, text) for text in log_texts[3:8])]
    texts += [words(rng, 60, 4000) for _ in range(20)] + ["", "short"]
    order = rng.permutation(len(texts))
    found = documents([texts[place] for place in order], day="2023-01-01")
    return LogMatcher.fit(log, decoys if with_decoys else None), found
