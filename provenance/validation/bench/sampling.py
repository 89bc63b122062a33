"""What the share of 100 GB costs, sampled to a point, and how often the interval holds it.

``python -m provenance.validation.bench.sampling`` writes 50 MB of simulated text, of which a known
part is the candidate's, as JSON lines and as Parquet, links each 2,000 times into a folder, so that
it is 100 GB to whoever reads it, and matches both with a precision. Pages of the files are in the
memory of the system then: a disk adds what the bytes read take.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import orjson
import typer

from provenance.corpus import Corpus, open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.matching.precision import half_width
from provenance.simulate.words import NGramModel, library_texts

__all__ = ["Sampled", "main", "sampled", "written"]

_SHARE = 0.3
_WORDS = 90
_SAMPLES = 1500
"""Texts of each sample; rows of a row group are 10,000, as writers make them."""
_GROUP = 10_000


@dataclass(frozen=True, slots=True)
class Sampled:
    """One corpus, matched to a precision."""

    kind: str
    n_bytes: int
    bytes_read: int
    n_rows: int
    seconds: float
    processor_seconds: float
    share: float | None
    half_width: float | None
    truth: float


def written(folder: Path, n_bytes: int, n_files: int) -> tuple[float, list[Fingerprint]]:
    """Write both folders; the candidate's true share, and fingerprints of both sources."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    rng, chance = np.random.default_rng(1), random.Random(0)
    api = NGramModel.fit(library_texts()[:300])
    human = api.distorted(1.5, np.random.default_rng(0))
    models = {"api": api, "human": human}
    made = [
        fit_fingerprint(
            open_corpus([{"text": model.sample(rng, _WORDS)} for _ in range(_SAMPLES)]), name
        )
        for name, model in models.items()
    ]
    texts, own, size = [], 0, 0
    while size < n_bytes:
        is_own = chance.random() < _SHARE
        own += is_own
        texts.append((api if is_own else human).sample(rng, _WORDS))
        size += len(texts[-1]) + len('{"text":""}\n')
    lines, table = folder / "base.jsonl", folder / "base.parquet"
    lines.write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in texts))
    parquet.write_table(pa.table({"text": texts}), table, row_group_size=_GROUP)
    for path in (lines, table):
        place = folder / path.suffix[1:]
        place.mkdir()
        for number in range(n_files):
            os.link(path, place / f"part-{number:05}{path.suffix}")
    return own / len(texts), made


def sampled(
    place: Path, made: list[Fingerprint], truth: float, precision: float, seed: int = 0
) -> Sampled:
    """Match one folder to a precision."""
    read: dict[int, tuple[Corpus, int]] = {}

    def note(corpus: Corpus) -> None:
        read[id(corpus)] = corpus, corpus.bytes_read

    corpus = open_corpus(place, seed=seed)
    n_bytes = corpus.bytes_total or 0
    clock, processor = time.perf_counter(), time.process_time()
    report = match(
        corpus,
        candidates=made[0],
        references=made[1],
        only=True,
        same_domain=True,
        precision=precision,
        progress=note,
    )
    return Sampled(
        place.name,
        n_bytes,
        sum(size for _, size in read.values()),
        report.corpus.n_scored,
        time.perf_counter() - clock,
        time.process_time() - processor,
        report.candidates()[0].share,
        half_width(report),
        truth,
    )


def _told(one: Sampled) -> Iterator[str]:
    share = "withheld" if one.share is None else f"{100 * one.share:.1f} %"
    width = "none" if one.half_width is None else f"{100 * one.half_width:.2f} points"
    yield (
        f"{one.kind}: {one.n_bytes / 1e9:.1f} GB, {one.bytes_read / 1e6:,.0f} MB read,"
        f" {one.n_rows:,} rows, {one.seconds:.1f} s ({one.processor_seconds:.1f} s of processor),"
        f" share {share} (truth {100 * one.truth:.1f} %), half width {width}"
    )


def main(
    size: Annotated[int, typer.Option(min=1, help="Megabytes of each file.")] = 50,
    files: Annotated[int, typer.Option(min=1, help="Files of each folder.")] = 2000,
    precision: Annotated[float, typer.Option(min=0.001, max=0.5)] = 0.01,
) -> None:
    """Print what matches of both folders read and take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truth, made = written(folder, size * 10**6, files)
        for kind in ("jsonl", "parquet"):
            for line in _told(sampled(folder / kind, made, truth, precision)):
                typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
