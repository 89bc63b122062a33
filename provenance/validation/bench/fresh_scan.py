"""What somebody who holds a corpus and nothing else gets: a scan and a filter as they are typed.

``python -m provenance.validation.bench.fresh_scan DATA`` writes 10,000 rows as Parquet: people's
answers and web text, answers of three models whose other answers the library was built of, and of
two models that it holds nothing of. It runs ``provenance scan`` and ``provenance filter`` as a
first run does, without a cache and without the network, and prints what they say beside the truth.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from provenance.report.report import Report
from provenance.statistics.conventions import FDR
from provenance.validation.bench.files import ENDING, rows_of
from provenance.words import percent, percent_range

__all__ = ["FILES", "drawn_rows", "main"]

FILES: Final = (
    ("people", "more/selfinstruct_human/human_expert"),
    ("people", "more/reddit_qa/human_reddit"),
    ("people", "more/stackoverflow/human_stackoverflow"),
    ("people", "more/human_web/human_c4_web"),
    ("people", "more/human_web/human_wikipedia"),
    ("people", "more/human_web/human_abc_news"),
    ("people", "more/human_web/human_amazon_review"),
    ("people", "more/human_web/human_bbc_xsum"),
    ("people", "more/human_web/human_imdb_review"),
    ("people", "more/human_web/human_cnn_dailymail"),
    ("people", "more/human_web/human_yelp_review"),
    ("people", "detectrl/human_yelp"),
    ("inside", "alpaca_eval/gpt-4o-2024-05-13"),
    ("inside", "alpaca_eval/claude-3-opus-20240229"),
    ("inside", "alpaca_eval/mistral-large-2402"),
    ("outside", "more/zeroeval_mathl5/reka-core-20240501"),
    ("outside", "more/zeroeval_mathl5/Phi-3.5-mini-instruct"),
)
"""Who wrote it, as the library knows them, and where it is."""
_ROWS: Final = 10_000


def drawn_rows(data: Path, n_rows: int) -> list[tuple[str, str]]:
    """Who and text: all by models that there are, and as many by people as make it so many rows."""
    rng = np.random.default_rng(0)
    found: dict[str, list[tuple[str, str]]] = {"people": [], "inside": [], "outside": []}
    for who, name in FILES:
        texts = [row.get("text") for row in rows_of(data / f"{name}{ENDING}")]
        found[who] += [(who, text) for text in texts if isinstance(text, str) and text.strip()]
    models = found["inside"] + found["outside"]
    people = found["people"]
    drawn = rng.permutation(len(people))[: max(0, n_rows - len(models))]
    rows = [*models, *(people[at] for at in drawn.tolist())]
    return [rows[at] for at in rng.permutation(len(rows)).tolist()]


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data.")],
    n_rows: Annotated[int, typer.Option("--rows", min=1, help="Rows of the corpus.")] = _ROWS,
) -> None:
    """Print the table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = drawn_rows(data, n_rows)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        corpus, out, clean = place / "corpus.parquet", place / "report", place / "clean"
        who = [one for one, _ in rows]
        pq.write_table(pa.table({"id": range(len(rows)), "text": [one for _, one in rows]}), corpus)
        seconds = _run(place, "scan", corpus, "-o", out)
        filtering = _run(place, "filter", corpus, "--report", out, "-o", clean, "--drop", "machine")
        manifest = clean / "manifest.json"
        # Where nothing is told there is nothing to drop by, and `filter` says so and ends with 2.
        left = json.loads(manifest.read_text())["left"] if manifest.is_file() else []
        typer.echo("\n".join(_table(out, who, left, seconds, filtering)))


def _run(place: Path, *command: object) -> float:
    """Seconds of a first run: no cache of this tool's is there, and nothing is fetched."""
    homes = {name: str(place / "home") for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME")}
    start = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "provenance", *map(str, command), "--quiet"],
        check=command[0] == "scan",
        env={**os.environ, **homes, "HF_HUB_OFFLINE": "1"},
    )
    return time.monotonic() - start


def _table(
    out: Path,
    who: Sequence[str],
    left: Sequence[Mapping[str, Any]],
    seconds: float,
    filtering: float,
) -> Iterator[str]:
    import pyarrow.parquet as pq

    report = Report.load(out)
    table = pq.read_table(out / "documents.parquet")
    judged = table["judged"].to_numpy()
    q = table["q[machine]"].to_numpy(zero_copy_only=False)
    by_model = np.array([one != "people" for one in who])
    row = report.model_like()
    assert row is not None
    hit = q <= FDR
    told = "cannot tell" if row.share is None else percent(row.share)
    left_out = table["left_out"].value_counts().to_pylist()
    counts = [f"{one['values']} {one['counts']:,}" for one in left_out if one["values"]]
    missed = int((by_model & ~judged).sum())
    known = [one.details["by_model"] for one in report.findings if one.kind == "overlap"]
    named = [*(known[0] if known else ())]
    inside = {f"({name.split('/')[-1]})" for who, name in FILES if who == "inside"}
    true = sum(name.partition(" ")[2] in inside for name in named)
    rows = [
        ("seconds to the page, and of the filter", f"{seconds:.0f}, {filtering:.0f}", ""),
        (
            f"share by models, of {int(judged.sum()):,} of {len(who):,} rows that were judged",
            f"{told} ({percent_range(row.low, row.high)})",
            percent(float(by_model[judged].mean())),
        ),
        ("not judged", ", ".join(sorted(counts)), f"{missed:,} by models"),
        ("models named for known answers", f"{len(named)}", f"{true} of them rightly, of 5"),
        ("rows listed", f"{int(hit.sum()):,}", f"{int((hit & ~by_model).sum()):,} by people"),
        *(
            ("by models of what the filter left", f"at most {percent(one['at_most'])}", true)
            for one in left
            for true in [percent(float(by_model[~hit].mean()))]
        ),
    ]
    yield "| of the corpus | told | truth |"
    yield "|---|---|---|"
    yield from (f"| {' | '.join(cells)} |" for cells in rows)


if __name__ == "__main__":
    typer.run(main)
