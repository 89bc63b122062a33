"""Matches of a corpus whose share is known."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from known_text import fingerprint, folder, rows, texts

from provenance import Report, match, open_corpus
from provenance.corpus import Corpus
from provenance.share.sources import FEWEST_MODELS

ALPHA, BETA, HUMAN = (fingerprint(name) for name in ("alpha", "beta", "human"))


CACHE = folder() / "cache"


MIXED = [
    {**row, "source": source, "id": f"{source}{place}"}
    for source, seed, count in (("alpha", 31, 60), ("human", 31, 140))
    for place, row in enumerate(rows(texts(source, count, seed)))
]


TRUTH = 0.3


def matched(found: Any, output: Path | None = None, **options: Any) -> Report:
    """A match that declares, where it can, that the models given are the only ones."""
    chosen: dict[str, Any] = {"candidates": [ALPHA], "references": [HUMAN], "cache_dir": CACHE}
    chosen = {**chosen, **options}
    panel = chosen.get("panel", [])
    models = [*chosen["candidates"], *([] if isinstance(panel, str) else panel)]
    few = isinstance(panel, list) and len(models) <= FEWEST_MODELS
    chosen.setdefault("only", few and len(models) + len(chosen["references"]) > 1)
    corpus = found if isinstance(found, Corpus) else open_corpus(found)
    return match(corpus, output=output, **chosen)


@cache
def told(n_sources: int = 2) -> tuple[Report, tuple[dict[str, Any], ...]]:
    """A report on 30 % of 200 documents, and its rows."""
    output = folder() / f"told-{n_sources}"
    more = {"panel": [fingerprint(name) for name in ("beta", "gamma", "delta")][: n_sources - 2]}
    corpus = open_corpus(MIXED, by=("source",))
    report = matched(corpus, output, same_domain=True, fdr=0.2, **more)
    return report, tuple(pq.read_table(output / "documents.parquet").to_pylist())


def timeless(report: Report) -> dict[str, Any]:
    """The report without when, where and on what it was made."""
    values = report.to_dict()
    for name in (
        "started",
        "seconds",
        "command",
        "peak_memory_bytes",
        "inputs",
        "versions",
        "looks",
        "given",
    ):
        values["manifest"].pop(name, None)
    for part in ("paths", "text_fields", "sha256"):
        values["corpus"].pop(part)
    return json.loads(json.dumps(values).replace(str(folder()), ""))  # type: ignore[no-any-return]


@cache
def long_corpus() -> Path:
    """Enough text for several batches, with groups, copies and short rows."""
    path = folder() / "long.jsonl"
    found = [
        {"text": f"{row['text']} {'x' * 9000}", "id": row["id"], "talk": f"t{place // 7}"}
        for place, row in enumerate(MIXED)
    ]
    found += [found[3], {"text": "short", "id": "s", "talk": None}]  # type: ignore[dict-item]
    path.write_text("".join(json.dumps(row) + "\n" for row in found))
    return path
