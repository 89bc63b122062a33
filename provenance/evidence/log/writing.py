"""An index as it is written: entries sorted by their hashes, each once, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evidence.log.answers import AnswersWriter, as_records, ends
from provenance.evidence.log.buckets import (
    AT_ONCE,
    bucket_bits,
    directory_pieces,
    filter_pieces,
    key_pieces,
)
from provenance.evidence.log.hashing import HashedBatch
from provenance.evidence.log.index import KIND, LogIndex
from provenance.evidence.log.parts import Parts, TableParts
from provenance.evidence.log.windows import COMMON, SHINGLE_BITS
from provenance.files.claims import Claim, claimed
from provenance.files.leftovers import passing_folder
from provenance.files.mapped import MappedWriter
from provenance.files.places import unwritable

__all__ = ["IndexWriter"]

_COMMON_WINDOW: Final = 3
"""Prompts above which a window of their answers is common; its source is not recorded."""
_COMMON_SHINGLE: Final = 128
"""Answers above which a pair of words is no evidence; a round figure; not tuned."""
_TEXTS_A_WINDOW: Final = 16
"""Answers kept of one window; a round figure; not tuned."""


class IndexWriter:
    """Sorts what is added by its hashes, and writes the file, which is its own until then.

    The file does not depend on the order of what is added: texts are numbered by their hashes.

    Parameters
    ----------
    path : Path
        The index, claimed from ``with`` on.
    window : int
        Words of a window, the same for all that is added.
    keep_text : bool
        Whether answers are kept, compressed.
    """

    def __init__(self, path: Path, window: int, keep_text: bool) -> None:
        self._path, self._window, self._keep = path, window, keep_text
        self._inputs: set[str] = set()
        self._stack = ExitStack()
        self._claim = Claim([])
        self._parts: dict[str, Parts] = {}
        self._tables: dict[str, TableParts] = {}
        self._texts: list[NDArray[np.uint64]] = []
        self._n_texts = 0

    def __enter__(self) -> IndexWriter:
        if self._path.is_dir():
            raise InputError("this is a folder", where=str(self._path), expected="a file to write")
        with ExitStack() as stack:
            self._claim = stack.enter_context(claimed(self._path))
            try:
                folder = stack.enter_context(passing_folder(self._path.absolute().parent))
            except OSError as error:
                raise unwritable(error, self._path) from error
            self._stack = stack.pop_all()
        for name, bits in (("window", 64), ("shingle", SHINGLE_BITS)):
            self._parts[name] = Parts(folder, name, bits, self._path)
        for name in ("answer", "kept"):
            self._tables[name] = TableParts(folder, name, self._path)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, found: HashedBatch) -> None:
        """Take in one batch."""
        hashes = found.hashes
        self._tables["answer"].add(found.records)
        if found.kept:
            self._keep_texts(found.records["text"], found.kept)
        first = self._added(hashes.texts)
        self._parts["window"].add(hashes.windows, first + hashes.window_rows)
        self._parts["shingle"].add(hashes.shingles, first + hashes.shingle_rows)

    def _added(self, texts: NDArray[np.uint64]) -> np.uint64:
        """Hold the hashes of some texts; where the first of them stands among all."""
        self._texts.append(np.array(texts))
        self._n_texts += len(texts)
        return np.uint64(self._n_texts - len(texts))

    def _keep_texts(self, keys: Any, packed: Sequence[bytes]) -> None:
        import pyarrow as pa

        self._tables["kept"].add(pa.table({"text": keys, "kept": pa.array(packed, pa.binary())}))

    def add_index(self, index: LogIndex) -> None:
        """Take in an index that was made before."""
        if index.window != self._window:
            raise InputError(
                f"its windows are of {index.window} tokens",
                where=str(index.path),
                expected=f"{self._window}, as those of the others",
                remedy="Index the logs again with the same --window",
            )
        if self._keep and not index.has_text:
            raise InputError(
                "it holds no text, and the text is to be kept",
                where=str(index.path),
                remedy="Leave out --keep-text, or index that log again with it",
            )
        self._inputs |= set(index.inputs_sha256)
        for records in as_records(index):
            self._tables["answer"].add(records)
        arrays = index.arrays
        keys = arrays["text_hashes"]
        first = self._added(keys)
        for start in range(0, len(arrays["window_hashes"]), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            texts = _rows(first, arrays["window_texts"][some])
            self._parts["window"].add(arrays["window_hashes"][some], texts)
        end = 0
        for shingles in key_pieces(arrays["shingle_directory"], arrays["shingle_remainders"]):
            start, end = end, end + len(shingles)
            texts = _rows(first, arrays["shingle_texts"][start:end])
            self._parts["shingle"].add(shingles, texts)
        if self._keep:
            bounds, kept = arrays["kept_bounds"], arrays["kept"]
            for start in range(0, index.n_texts, 1 << 12):
                some = bounds[start : start + (1 << 12) + 1].tolist()
                packed = [kept[begin:end].tobytes() for begin, end in pairwise(some)]
                self._keep_texts(keys[start : start + len(packed)], packed)

    def finish(self, inputs: set[str]) -> LogIndex:
        """Write the file and load it."""
        answers = AnswersWriter.of(self._tables["answer"])
        if not answers.n:
            raise InputError(
                "the log holds no answer", where=str(self._path), expected="at least one"
            )
        self._claim.check()
        found = np.searchsorted(answers.texts, np.concatenate(self._texts))
        numbers = np.append(found.astype(np.uint64), np.uint64(COMMON))
        with MappedWriter(self._path, KIND, self._claim) as writer:
            for name, most, kept in (
                ("window", _COMMON_WINDOW, _TEXTS_A_WINDOW),
                ("shingle", _COMMON_SHINGLE, _COMMON_SHINGLE),
            ):
                again = partial(_entries, answers=answers, most=most, kept=kept)
                parts = self._parts[name]
                n_entries = parts.sort(partial(_entries_of_rows, numbers=numbers, of=again), again)
                self._write_entries(writer, name, parts, n_entries)
            answers.write(writer)
            self._write_kept(writer, answers)
            writer.finish(
                {
                    "window": self._window,
                    "n_answers": answers.n,
                    "n_texts": len(answers.texts),
                    "n_tokens": int(answers.tokens.astype(np.int64).sum()),
                    "inputs_sha256": sorted(self._inputs | inputs),
                },
                private=answers.has_accounts,
            )
        return LogIndex.load(self._path)

    def _write_entries(self, writer: MappedWriter, name: str, parts: Parts, n_entries: int) -> None:
        if n_entries >= 1 << 32:
            raise InputError(
                f"the log has {n_entries:,} {name}s, too many for one index",
                where=str(self._path),
                remedy="Make several and pass each with --log",
            )
        lowest = 6 if name == "window" else SHINGLE_BITS - 16
        width = bucket_bits(n_entries, lowest)
        shift = np.uint64(parts.bits - width)
        if name == "window":
            writer.add("window_hashes", "<u8", (piece[:, 0] for piece in parts.pieces()))
        else:
            # Bits below those of the bucket, shifted up to fill the sixteen.
            writer.add(
                "shingle_remainders",
                "<u2",
                ((piece[:, 0] & np.uint64(0xFFFF)) for piece in parts.pieces()),
            )
        writer.add(f"{name}_texts", "<u4", (piece[:, 1] for piece in parts.pieces()))
        writer.add(f"{name}_directory", "<u4", directory_pieces(parts.pieces(), shift, 1 << width))
        if name == "window":
            writer.add("filter", "<u8", filter_pieces(parts.pieces(), n_entries))

    def _write_kept(self, writer: MappedWriter, answers: AnswersWriter) -> None:
        writer.add(
            "kept", "|u1", (np.frombuffer(b"".join(some), np.uint8) for some in self._kept())
        )
        n_bounds = writer.add(
            "kept_bounds", "<u8", ends([*map(len, some)] for some in self._kept())
        )
        if self._keep and n_bounds != len(answers.texts) + 1:
            raise AssertionError("a text was not kept")

    def _kept(self) -> Iterator[list[bytes]]:
        """Packed texts in the order of their hashes, each once, part for part."""
        for table in self._tables["kept"].tables():
            packed = dict(zip(*table.to_pydict().values(), strict=True))
            yield [packed[text] for text in sorted(packed)]


def _rows(first: np.uint64, texts: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Where texts with these numbers stand among all, the first of them given; COMMON stays."""
    return np.where(texts == COMMON, np.uint64(COMMON), first + texts)


def _entries_of_rows(
    hashes: NDArray[np.uint64],
    rows: NDArray[np.uint64],
    numbers: NDArray[np.uint64],
    of: Callable[[NDArray[np.uint64], NDArray[np.uint64]], NDArray[np.uint64]],
) -> NDArray[np.uint64]:
    """`_entries` of texts that are told by where they stand among all that were added.

    ``numbers`` are those of the texts, in that order, and COMMON.
    """
    return of(hashes, numbers[np.minimum(rows, np.uint64(len(numbers) - 1))])


def _entries(
    hashes: NDArray[np.uint64],
    number: NDArray[np.uint64],
    answers: AnswersWriter,
    most: int,
    kept: int,
) -> NDArray[np.uint64]:
    """Sorted distinct entries; a hash in answers to more than `most` prompts is COMMON.

    ``number`` tells the text of each, or that it is COMMON. Of the texts that hold a hash the first
    `kept` stay, and the first that answers each prompt, so that what is merged later counts no
    fewer prompts than all logs at once would.
    """
    hashes, number = _distinct(hashes, number)
    starts = np.flatnonzero(np.diff(hashes, prepend=~hashes[:1]))
    sizes = np.diff(starts, append=len(hashes))
    group = np.repeat(np.arange(len(starts)), sizes)
    common = np.zeros(len(starts), bool)
    common[group[number == COMMON]] = True
    # No more prompts than answers: few groups have so many that they have to be counted.
    text = np.minimum(number, np.uint64(len(answers.texts) - 1)).astype(np.int64)
    n_answers_of = answers.bounds[text + 1] - answers.bounds[text]
    n_answers = np.add.reduceat(n_answers_of, starts) if len(starts) else starts
    many = np.flatnonzero((~common & (n_answers > most))[group])
    n_prompts, opens = answers.n_prompts(group[many], number[many], len(starts))
    common |= n_prompts > most
    opening = np.zeros(len(hashes), bool)
    opening[many[opens]] = True
    first = np.ones(len(hashes), bool)
    long = np.flatnonzero(common[group] | (sizes > kept)[group])
    rank = long - starts[group[long]]
    first[long] = np.where(common[group[long]], rank == 0, (rank < kept) | opening[long])
    number[common[group]] = COMMON
    return np.stack([hashes[first], number[first]], axis=1)


def _distinct(
    hashes: NDArray[np.uint64], number: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Pairs in ascending order, each once; numbers are below 2 ** 32."""
    low = np.uint64(32)
    if not len(hashes) or hashes.max() >> low == 0:
        pairs = np.sort((hashes << low) | number)
        pairs = pairs[np.diff(pairs, prepend=~pairs[:1]) != 0]
        return pairs >> low, pairs & np.uint64(0xFFFFFFFF)
    order = np.argsort(hashes)
    hashes, number = hashes[order], number[order]
    same = hashes[1:] == hashes[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    number[tied] = number[tied][np.lexsort((number[tied], hashes[tied]))]
    new = np.ones(len(hashes), bool)
    new[1:] = ~same | (number[1:] != number[:-1])
    return hashes[new], number[new]
