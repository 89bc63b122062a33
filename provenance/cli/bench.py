"""``provenance bench``, and what ``match --dry-run`` tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from provenance.cli.options import AsJson, Paths, reads_corpus
from provenance.cli.terminal import write, write_json
from provenance.corpus.document import CorpusOptions
from provenance.words import about, how_many

if TYPE_CHECKING:
    from provenance.matching.throughput import Forecast, Throughput

__all__ = ["bench", "forecast_lines"]


@reads_corpus
def bench(paths: Paths, options: CorpusOptions, as_json: AsJson = False) -> None:
    """Measure how fast a corpus is read, measured and scored here, with tiktoken beside it."""
    from provenance.corpus import open_corpus
    from provenance.matching.throughput import throughput

    found = throughput(open_corpus(paths, options))
    if as_json:
        write_json(asdict(found))
        return
    write("".join(f"{line}\n" for line in _lines(found)))


def _lines(found: Throughput) -> Iterator[str]:
    yield (
        f"The first {found.n_documents:,} documents, {found.n_bytes / 1e6:,.1f} MB of text, in one"
        " process; the middle of three rounds."
    )
    yield f"{'':<20}{'documents/s':>12}{'MB/s':>9}{'seconds':>10}{'processor':>11}"
    names = {
        "tiktoken": "tiktoken alone",
        "measuring": "repairs, n-grams",
        "scoring": "scores of a library",
    }
    for step, documents, megabytes in found.rates():
        yield (
            f"{names.get(step.name, step.name):<20}{documents:>12,.0f}{megabytes:>9,.1f}"
            f"{step.seconds:>10.2f}{step.processor_seconds:>11.2f}"
        )
    tokens = next(step.seconds for step in found.steps if step.name == "tiktoken")
    own = sum(step.seconds for step in found.steps if step.name != "tiktoken")
    yield f"All three steps take {own / max(tokens, 1e-9):.2f} times tiktoken alone."


def forecast_lines(found: Forecast, workers: int) -> Iterator[str]:
    """What a match would do, in words."""
    stored = "of unknown size" if found.n_bytes is None else _bytes(found.n_bytes)
    rows = "an unknown number of rows" if found.n_rows is None else f"about {about(found.n_rows)}"
    rows += "" if found.n_rows is None else " rows"
    files = how_many(found.n_files, "input")
    yield f"The corpus: {files}, {stored}, {rows}."
    if found.n_drawn is None:
        yield "Would be read: all of it."
    else:
        of = "" if found.bytes_read is None else f", about {_bytes(found.bytes_read)}"
        most = "at most " if found.is_most else ""
        yield f"Would be read: {most}{found.n_drawn:,} rows, drawn{of}."
    took = "not known" if found.seconds is None else f"about {_time(found.seconds)}"
    processes = how_many(workers, "process", "processes")
    yield (
        f"Time: {took} with {processes}, and what the panel's fit takes where it is not cached"
        " (seconds for two sources, minutes for dozens)."
    )
    yield f"Memory: about {_bytes(found.memory)} a process."
    yield "Nothing was written (--dry-run)."


def _bytes(number: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} bytes"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
