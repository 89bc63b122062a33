"""What a match costs beside tiktoken alone on the same text, measured in turns.

``python -m provenance.validation.bench.cost FILE --candidate A --other B`` (``--other`` repeats;
each a sample or a fingerprint) prints, for each round, the time of a match with one worker against
a cached panel, less that of a match of the first 200 documents, over the time of
``encode_ordinary``; in wall time and in processor time; and the medians. With the extra ``[fast]``
installed, ``PROVENANCE_TOKENIZER=tiktoken`` measures without it.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from provenance.corpus import open_corpus
from provenance.features.fast_tokens import fast_encoder
from provenance.features.tokens import load_encoding
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match

__all__ = ["main"]

_FEW = 200


def _timed(function: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, time.process_time() - processor


def _match(path: Path, sources: Sequence[Fingerprint], folder: Path, limit: int | None) -> None:
    match(
        open_corpus(path, limit=limit),
        candidates=sources[:1],
        panel=sources[1:],
        output=folder / "report",
        cache_dir=folder / "cache",
    )


def _sources(paths: Sequence[Path]) -> list[Fingerprint]:
    return [
        Fingerprint.load(path)
        if path.suffix == ".fp"
        else fit_fingerprint(open_corpus(path), path.name)
        for path in paths
    ]


def _peak(corpus: Path, sources: Sequence[Fingerprint], folder: Path) -> float:
    """Peak memory in MB of one match from the shell, its panel in the cache."""
    command = [sys.executable, "-m", "provenance", "match", str(corpus)]
    for number, source in enumerate(sources):
        source.save(folder / f"{number}.fp")
        command += ["--panel" if number else "--candidate", str(folder / f"{number}.fp")]
    command += ["--cache-dir", str(folder / "cache"), "-o", str(folder / "report")]
    subprocess.run(command, capture_output=True, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main(
    corpus: Annotated[Path, typer.Argument(help="JSON lines with a text field, 50 MB or more.")],
    candidate: Annotated[Path, typer.Option(help="A sample of one source.")],
    other: Annotated[list[Path], typer.Option(help="A sample of another. Repeat.")],
    rounds: Annotated[int, typer.Option(help="Times that all are measured.")] = 3,
) -> None:
    """Print the cost of a match over that of its tokenizer, and its peak memory."""
    sources = _sources([candidate, *other])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _match(corpus, sources, folder, _FEW)
        typer.echo(f"peak memory of a match: {_peak(corpus, sources, folder):.0f} MB")
        texts = [document.text for document in open_corpus(corpus)]
        encoding = load_encoding()
        fast = fast_encoder(encoding.name)
        typer.echo(f"tokens are made by {'tiktoken' if fast is None else 'gigatoken'}")
        found: list[tuple[float, float]] = []
        for _ in range(rounds):
            few = _timed(lambda: _match(corpus, sources, folder, _FEW))
            alone = _timed(lambda: [encoding.encode_ordinary(text) for text in texts])
            whole = _timed(lambda: _match(corpus, sources, folder, None))
            wall, processor = ((whole[n] - few[n]) / alone[n] for n in range(2))
            typer.echo(
                f"match / tiktoken: {wall:.2f} in wall time, {processor:.2f} in processor time"
                f" ({alone[0]:.1f} s tiktoken alone)"
            )
            found.append((wall, processor))
        wall, processor = (statistics.median(one[n] for one in found) for n in range(2))
        typer.echo(f"medians: {wall:.2f} in wall time, {processor:.2f} in processor time")


if __name__ == "__main__":
    typer.run(main)
