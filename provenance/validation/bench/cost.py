"""What each command costs beside tiktoken alone on the same text, measured in turns.

``python -m provenance.validation.bench.cost FILE --candidate A --other B`` (``--other`` repeats;
each a sample or a fingerprint) prints a table: the time of each command with one worker, less that
of the same on the first 200 rows, over the time of ``encode_ordinary``, in processor time and by
the clock; medians of all rounds, and each round. A match reads a cached panel of the first two
sources, and another one all of them where there are more. ``PROVENANCE_TOKENIZER=tiktoken``
measures with the ids of tiktoken alone.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from provenance.corpus import open_corpus
from provenance.corpus.batches.batches import batches
from provenance.evidence.log.building import index_log
from provenance.evidence.log.matcher import LogMatcher
from provenance.features.compiled_tokens import compiled_encoder
from provenance.features.fast_tokens import fast_encoder
from provenance.features.tokens import load_encoding
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.filtering.filtering import filter_corpus
from provenance.matching.matching import match
from provenance.matching.scanning.scanning import scan
from provenance.statistics.freed import keep_what_is_freed

__all__ = ["main"]

_FEW = 200
"""Rows whose time is taken off: it holds all that does not grow, nearly."""
_LOG_PART = 10
"""Of the corpus the log holds every tenth row, so that one in ten is found."""

Job = Callable[[Path], object]
Seconds = tuple[float, float]
"""In processor time, and by the clock."""


def _timed(function: Callable[[], object]) -> Seconds:
    wall, processor = time.perf_counter(), time.process_time()
    function()
    return time.process_time() - processor, time.perf_counter() - wall


def _match(corpus: Path, sources: Sequence[Fingerprint], folder: Path) -> None:
    match(
        open_corpus(corpus),
        candidates=sources[:1],
        panel=sources[1:],
        output=folder / f"report-{corpus.stem}",
        cache_dir=folder / "cache",
    )


def _match_log(corpus: Path, matcher: LogMatcher) -> None:
    for batch in batches(open_corpus(corpus)):
        matcher.match([one.text for one in batch])


def _filter(corpus: Path, folder: Path) -> None:
    clean = folder / "clean"
    filter_corpus(corpus, folder / f"report-{corpus.stem}", clean, drop="repaired")
    shutil.rmtree(clean)


def _jobs(corpus: Path, sources: Sequence[Fingerprint], folder: Path) -> dict[str, Job]:
    """What is measured; a match comes before the filter, which reads its report."""
    log = index_log(islice(open_corpus(corpus), 0, None, _LOG_PART), folder / "log.idx")
    matcher = LogMatcher.fit(log)
    pairs = {"match of two sources": sources[:2]}
    if len(sources) > 2:
        pairs[f"match with a panel of {len(sources)}"] = sources
    return {
        **{name: partial(_match, sources=used, folder=folder) for name, used in pairs.items()},
        "fingerprint": lambda path: fit_fingerprint(open_corpus(path), "cost"),
        "index of a log": lambda path: index_log(open_corpus(path), folder / "whole.idx"),
        "match with a log": partial(_match_log, matcher=matcher),
        "scan": lambda path: scan(open_corpus(path), output=folder / "scanned"),
        "filter": partial(_filter, folder=folder),
    }


def _sources(paths: Sequence[Path]) -> list[Fingerprint]:
    return [
        Fingerprint.load(path)
        if path.suffix == ".fp"
        else fit_fingerprint(open_corpus(path), path.name)
        for path in paths
    ]


def _first_rows(corpus: Path, folder: Path) -> Path:
    few = folder / f"few{corpus.suffix}"
    with corpus.open("rb") as rows:
        few.write_bytes(b"".join(islice(rows, _FEW)))
    return few


def _peak(corpus: Path, sources: Sequence[Fingerprint], folder: Path) -> float:
    """Peak memory in MB of one match from the shell, its panel in the cache."""
    command = [sys.executable, "-m", "provenance", "match", str(corpus)]
    for number, source in enumerate(sources):
        source.save(folder / f"{number}.fp")
        command += ["--panel" if number else "--candidate", str(folder / f"{number}.fp")]
    command += ["--cache-dir", str(folder / "cache"), "-o", str(folder / "report")]
    subprocess.run(command, capture_output=True, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _round(
    jobs: Mapping[str, Job], corpus: Path, few: Path, alone: Callable[[], object]
) -> dict[str, Seconds]:
    """Each job over tiktoken alone, which is measured before and after it."""
    found = {}
    before = _timed(alone)
    for name, job in jobs.items():
        fixed, whole = _timed(partial(job, few)), _timed(partial(job, corpus))
        after = _timed(alone)
        processor, wall = ((whole[n] - fixed[n]) / ((before[n] + after[n]) / 2) for n in range(2))
        found[name] = processor, wall
        before = after
    return found


def _row(name: str, rounds: Sequence[Seconds]) -> str:
    every = ", ".join(f"{processor:.2f}" for processor, _ in rounds)
    middle = " | ".join(f"{statistics.median(one[n] for one in rounds):.2f}" for n in range(2))
    return f"| {name} | {every} | {middle} |"


def main(
    corpus: Annotated[Path, typer.Argument(help="JSON lines with a text field, 50 MB or more.")],
    candidate: Annotated[Path, typer.Option(help="A sample of one source.")],
    other: Annotated[list[Path], typer.Option(help="A sample of another. Repeat.")],
    rounds: Annotated[int, typer.Option(help="Times that all are measured.")] = 3,
) -> None:
    """Print the cost of each command over that of its tokenizer, and a match's peak memory."""
    keep_what_is_freed()  # as the command line does
    sources = _sources([candidate, *other])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few = _first_rows(corpus, folder)
        jobs = _jobs(corpus, sources, folder)
        for job in jobs.values():  # what is compiled and cached is so before anything is measured
            job(few)
        typer.echo(f"peak memory of a match: {_peak(corpus, sources[:2], folder):.0f} MB")
        texts = [document.text for document in open_corpus(corpus)]
        encoding = load_encoding()
        others = "tiktoken" if fast_encoder(encoding.name) is None else "gigatoken and tiktoken"
        ours = "" if compiled_encoder(encoding.name) is None else "the compiled loops, "
        typer.echo(f"tokens are made by {ours}{others}")

        def alone() -> None:
            for text in texts:
                encoding.encode_ordinary(text)

        processor, _ = _timed(alone)
        typer.echo(f"tiktoken alone took {processor:.1f} s of processor time")
        found = [_round(jobs, corpus, few, alone) for _ in range(rounds)]
        typer.echo("| | processor time over tiktoken's (rounds) | median | wall time, median |")
        typer.echo("|---|---|---|---|")
        for what in jobs:
            typer.echo(_row(what, [one[what] for one in found]))


if __name__ == "__main__":
    typer.run(main)
