"""What a log index costs: beside tiktoken on the same text, by look-up, and beside other tools.

``python -m provenance.validation.bench.log_cost FILE`` divides the rows of a file into a log,
decoys and other text, and prints tables; with ``--answers``, ``--decoys`` and ``--other`` the tools
are compared on those instead. All times are of one process, measured in turns.
"""

from __future__ import annotations

import importlib.util
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import Document, open_corpus
from provenance.corpus.batches.batches import batches
from provenance.errors import InputError
from provenance.evidence.log.buckets import bucket_bits, empty_filter
from provenance.evidence.log.building import index_log
from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.lookup_kernels import add_keys
from provenance.evidence.log.matcher import LIMIT, LogMatcher
from provenance.features.tokens import load_encoding
from provenance.validation.bench.edited_answers import threshold_of
from provenance.validation.laundering.table import launder
from provenance.validation.markdown import table

__all__ = ["Tool", "compared", "look_ups", "main", "random_index"]

_STORED: Final = 4
"""Windows of a log for each that is stored."""
_PROBES: Final = 1 << 23
_EDITS: Final = (("truncation", 0.5), ("synonyms", 0.3))
_FEWEST_WORDS: Final = 80
_ALLOWED: Final = 0.001
_SHINGLE: Final = 3
_PERMUTATIONS: Final = 128
_LIKENESS: Final = 0.5

Rows = list[tuple[str, ...]]


def _timed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def in_turns(functions: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Least seconds of each function, all of them called in every round."""
    seconds = [[_timed(one) for one in functions] for _ in range(rounds)]
    return [min(column) for column in zip(*seconds, strict=True)]


def beside_tiktoken(
    log: Sequence[Document], other: Sequence[Document], folder: Path, rounds: int
) -> Rows:
    """Indexing and matching over the time of the tokenizer on the same text."""
    encoding = load_encoding()
    path = folder / "log.idx"
    index_log(log[:100], path)
    matcher = LogMatcher.fit(index_log(log, path))
    matcher.match([item.text for item in other[:100]])

    def tokens(documents: Sequence[Document]) -> int:
        return sum(len(encoding.encode_ordinary(item.text)) for item in documents)

    def match(documents: Sequence[Document]) -> None:
        for batch in batches(documents):
            matcher.match([item.text for item in batch])

    rows: Rows = [("what", "characters", "s", "tiktoken, s", "ratio")]
    for what, documents, function in (
        ("index a log", log, lambda: index_log(log, path)),
        ("match other text", other, lambda: match(other)),
        ("match the log's own text", log, lambda: match(log)),
    ):
        own, alone = in_turns([function, partial(tokens, documents)], rounds)
        size = sum(len(item.text) for item in documents)
        rows.append((what, f"{size:,}", f"{own:.2f}", f"{alone:.2f}", f"{own / alone:.2f}"))
    n_bytes, n_tokens = path.stat().st_size, tokens(log)
    rows.append(
        (
            f"file: {n_bytes:,} bytes for {n_tokens:,} tokens",
            "",
            "",
            "",
            f"{n_bytes / n_tokens:.2f}",
        )
    )
    return rows


def random_index(n_entries: int, rng: np.random.Generator) -> LogIndex:
    """An index in memory of so many random window hashes, and nothing else.

    Parameters
    ----------
    n_entries : int
        Stored windows.
    rng : numpy.random.Generator
    """
    hashes = rng.integers(0, 1 << 64, n_entries, np.uint64)
    hashes.sort()
    width = bucket_bits(n_entries, 6)
    firsts = np.arange(1 << width, dtype=np.uint64) << np.uint64(64 - width)
    directory = np.append(np.searchsorted(hashes, firsts), n_entries).astype(np.uint32)
    blocks = empty_filter(n_entries)
    add_keys(blocks, hashes, 0, len(blocks))
    arrays = {"window_hashes": hashes, "window_directory": directory, "filter": blocks.ravel()}
    return LogIndex(Path("random.idx"), 32, 0, 0, 0, (), arrays)


def look_ups(windows: int, *, n_probes: int = _PROBES, rounds: int = 3, seed: int = 0) -> Rows:
    """Nanoseconds of a look-up in an index of a log of so many windows.

    Parameters
    ----------
    windows : int
        Of the log; one in four is stored.
    n_probes, rounds, seed : int
    """
    rng = np.random.default_rng(seed)
    index = random_index(windows // _STORED, rng)
    hashes = index.arrays["window_hashes"]
    index.find_windows(hashes[:10])
    rows: Rows = [("windows of the log", "stored", "bytes", "in the log", "ns a window", "found")]
    for part in (0.0, 0.5):
        keys = rng.integers(0, 1 << 64, n_probes, np.uint64)
        own = rng.random(n_probes) < part
        keys[own] = hashes[rng.integers(0, len(hashes), int(own.sum()))]
        (seconds,) = in_turns([partial(index.find_windows, keys)], rounds)
        found = np.mean(index.find_windows(keys) >= 0)
        cells = (f"{part:.0%}", f"{1e9 * seconds / n_probes:.0f}", f"{found:.2%}")
        rows.append((f"{windows:,}", f"{len(hashes):,}", f"{index.size:,}", *cells))
    return rows


@dataclass(frozen=True, slots=True)
class Tool:
    """One way to find texts again.

    Parameters
    ----------
    name : str
    build : callable
        From the log's texts to what is looked in, and its bytes.
    find : callable
        From that and some texts to which are found.
    """

    name: str
    build: Callable[[Sequence[str]], tuple[Any, int]]
    find: Callable[[Any, Sequence[str]], NDArray[np.bool_]]


def compared(
    tools: Sequence[Tool], log: Sequence[str], other: Sequence[str], seed: int = 0
) -> Rows:
    """Seconds, bytes and what is found, for each tool on the same texts.

    Parameters
    ----------
    tools : sequence of Tool
    log, other : sequence of str
        Answers of the log, and texts that are none.
    seed : int
    """
    encoding = load_encoding()
    rng = np.random.default_rng(seed)
    edited = {
        f"{name} {strength:g}": [launder(text, name, strength, rng) for text in log]
        for name, strength in _EDITS
    }
    alone = _timed(lambda: [encoding.encode_ordinary(text) for text in log])
    beside = _timed(lambda: [encoding.encode_ordinary(text) for text in other])
    rows: Rows = [("tool", "index, s", "bytes", "look up other text, s", *edited, "other text")]
    for tool in tools:
        start = time.perf_counter()
        built, size = tool.build(log)
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        false = tool.find(built, other)
        looked = time.perf_counter() - start
        found = [f"{tool.find(built, texts).mean():.1%}" for texts in edited.values()]
        cells = (f"{seconds:.2f}", f"{size:,}", f"{looked:.2f}", *found, f"{false.mean():.2%}")
        rows.append((tool.name, *cells))
    rows.append(("tiktoken alone", f"{alone:.2f}", "", f"{beside:.2f}", *[""] * (len(_EDITS) + 1)))
    return rows


def our_tool(decoys: Sequence[str], folder: Path) -> Iterator[Tool]:
    """This package, by runs and by likeness, without decoys and with them."""

    def build(texts: Sequence[str]) -> tuple[tuple[LogMatcher, float], int]:
        path = folder / "small.idx"
        index = index_log(_documents(texts, "log"), path)
        return (LogMatcher.fit(index), LIMIT), path.stat().st_size

    def build_with(texts: Sequence[str]) -> tuple[tuple[LogMatcher, float], int]:
        path, beside = folder / "small.idx", folder / "decoys.idx"
        index = index_log(_documents(texts, "log"), path)
        matcher = LogMatcher.fit(index, index_log(_documents(decoys, "decoys"), beside))
        size = path.stat().st_size + beside.stat().st_size
        return (matcher, threshold_of(matcher.null, _ALLOWED)), size

    def find(built: tuple[LogMatcher, float], texts: Sequence[str]) -> NDArray[np.bool_]:
        matcher, least = built
        found = matcher.match(texts)
        return (found.covered > 0) | (found.similarity > least)

    def runs(built: tuple[LogMatcher, float], texts: Sequence[str]) -> NDArray[np.bool_]:
        return built[0].match(texts).covered > 0

    yield Tool("provenance, runs", build, runs)
    yield Tool(f"provenance, runs or likeness {LIMIT:g}, no decoys", build, find)
    yield Tool(f"provenance, {len(decoys):,} decoys indexed and matched too", build_with, find)


def _documents(texts: Sequence[str], name: str) -> list[Document]:
    return [Document(f"{name}:{n}", text, name, n) for n, text in enumerate(texts, 1)]


def minhash_tool() -> Tool | None:
    """MinHash with locality-sensitive hashing of datasketch, where it is installed."""
    if importlib.util.find_spec("datasketch") is None:
        return None
    from datasketch import MinHash, MinHashLSH

    def of(text: str) -> Any:
        words = text.lower().split()
        parts = {" ".join(words[n : n + _SHINGLE]) for n in range(len(words) - _SHINGLE + 1)}
        made = MinHash(num_perm=_PERMUTATIONS)
        made.update_batch([part.encode("utf-8", "replace") for part in sorted(parts)])
        return made

    def build(texts: Sequence[str]) -> tuple[Any, int]:
        held = MinHashLSH(threshold=_LIKENESS, num_perm=_PERMUTATIONS)
        for number, text in enumerate(texts):
            held.insert(number, of(text))
        return held, len(pickle.dumps(held))

    def find(held: Any, texts: Sequence[str]) -> NDArray[np.bool_]:
        return np.array([bool(held.query(of(text))) for text in texts])

    return Tool(f"datasketch MinHashLSH, {_LIKENESS:g}", build, find)


def ngram_tool(folder: Path) -> Tool | None:
    """Decontamination by n-grams of datatrove, where it and its word splitter are installed."""
    if not all(importlib.util.find_spec(name) for name in ("datatrove", "spacy")):
        return None
    from datatrove.data import Document as Row
    from datatrove.pipeline.decont.n_grams import NGramsDecontFilter, NGramsDecontIndexer

    def build(texts: Sequence[str]) -> tuple[Any, int]:
        place = folder / "ngrams"
        place.mkdir(exist_ok=True)
        tool = NGramsDecontFilter(str(place))
        plain = tool.hash_func
        # Releases of xxhash from 4 on take bytes alone.
        tool.hash_func = lambda part: plain(part.encode("utf-8", "replace"))
        # Its indexer can only be made beside an evaluation suite; the hashes alone are needed.
        hashes = {code for text in texts for code in NGramsDecontIndexer.compute_hashes(tool, text)}
        path = place / "log.index.hashes"
        np.array(list(hashes), dtype=tool.config.hash_config.np_descr).tofile(path)
        tool.load_index_hashes()
        return tool, path.stat().st_size

    def find(tool: Any, texts: Sequence[str]) -> NDArray[np.bool_]:
        rows = [Row(text=text, id=str(number)) for number, text in enumerate(texts)]
        return np.array([tool.filter(row) is not True for row in rows])

    return Tool("datatrove, 12-grams", build, find)


def main(
    file: Annotated[Path, typer.Argument(help="JSON lines with a text field, 30 MB or more.")],
    windows: Annotated[int, typer.Option(help="Of the log whose look-ups are timed.")] = 10**8,
    texts: Annotated[int, typer.Option(help="Answers for the comparison of tools.")] = 2000,
    answers: Annotated[Path | None, typer.Option(help="Log of the comparison of tools.")] = None,
    decoys: Annotated[Path | None, typer.Option(help="Its decoys.")] = None,
    other: Annotated[Path | None, typer.Option(help="Text that is not of that log.")] = None,
    rounds: Annotated[
        int, typer.Option(help="Times that all are measured; the least is told.")
    ] = 3,
) -> None:
    """Print what indexing, matching and looking up cost, and what other tools do."""
    rows = list(open_corpus(file))
    if len(rows) < 3:
        raise InputError("it has too few rows", where=str(file), expected="thousands")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _tell("Beside tiktoken", beside_tiktoken(rows[0::2], rows[1::2], folder, rounds))
        _tell("Look-ups", look_ups(windows, rounds=rounds))
        given = [_long(path) for path in (answers, decoys, other) if path is not None]
        if len(given) != 3:
            given = [_long(file)[start::3] for start in range(3)]
        log, unlike, rest = (found[:texts] for found in given)
        tools = list(our_tool(unlike, folder))
        for what, tool in (
            ("datasketch", minhash_tool()),
            ("datatrove and spacy", ngram_tool(folder)),
        ):
            if tool is None:
                typer.echo(f"\n{what}: not installed, left out (pip install {what})")
            else:
                tools.append(tool)
        _tell(f"Tools, {len(log):,} answers", compared(tools, log, rest))


def _long(path: Path) -> list[str]:
    return [d.text for d in open_corpus(path) if len(d.text.split()) >= _FEWEST_WORDS]


def _tell(title: str, rows: Rows) -> None:
    typer.echo(f"\n{title}\n\n{table(rows)}")


if __name__ == "__main__":
    typer.run(main)
