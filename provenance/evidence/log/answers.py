"""The answers of a log as they are kept in its index: columns of strings and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.parts import TableParts
from provenance.files.mapped import MappedWriter
from provenance.files.spill import storable

if TYPE_CHECKING:
    import pyarrow as pa


__all__ = ["EPOCH", "AnswersWriter", "as_records", "ends", "text_column"]


EPOCH: Final = 719163  # ordinal of 1970-01-01
_STRINGS: Final = ("id", "account", "endpoint")
_AT_ONCE: Final = 1 << 18
"""Answers of an index that are taken in at once; a round figure, not tuned."""


def text_column(values: list[str]) -> Any:
    """A column of arrow; characters that UTF-8 cannot hold are replaced."""
    import pyarrow as pa

    return pa.array([storable(value) for value in values], pa.string())


@dataclass(frozen=True, slots=True)
class AnswersWriter:
    """All exchanges, those of one text together, each once.

    What is looked up while hashes are sorted is in memory, 28 bytes of an answer; the rest stays in
    its parts.

    Parameters
    ----------
    texts : ndarray of uint64, shape (n_texts,)
        Hashes of the distinct texts, ascending.
    tokens : ndarray of uint32, shape (n_texts,)
    bounds : ndarray of int64, shape (n_texts + 1,)
        Where the answers of each text begin and end.
    prompts : ndarray of uint64, shape (n_answers,)
        Hash of what each answers.
    parts : TableParts
    """

    texts: NDArray[np.uint64]
    tokens: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    prompts: NDArray[np.uint64]
    parts: TableParts

    @property
    def n(self) -> int:
        return len(self.prompts)

    @classmethod
    def of(cls, parts: TableParts) -> AnswersWriter:
        """Put the answers of each part in order."""
        columns: list[list[NDArray[Any]]] = [[], [], [], []]

        def in_order() -> Iterator[pa.Table]:
            for table in parts.tables():
                ordered, *found = _in_order(table)
                for column, values in zip(columns, found, strict=True):
                    column.append(values)
                yield ordered

        parts.replace(in_order())
        texts, tokens, sizes, prompts = (
            np.concatenate([np.zeros(0, dtype), *columns.pop(0)])
            for dtype in (np.uint64, np.uint32, np.int64, np.uint64)
        )
        return cls(texts, tokens, np.append(0, np.cumsum(sizes)), prompts, parts)

    @property
    def has_accounts(self) -> bool:
        """Whether any answer says to whom it went."""
        import pyarrow.compute as pc

        return any(
            pc.any(pc.not_equal(table["account"], "")).as_py() for table in self.parts.tables()
        )

    def n_prompts(
        self, group: NDArray[np.int64], number: NDArray[Any], n_groups: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Different prompts that the texts of each group answer; a text without one has its own.

        Also the places of the texts that are the first of their group to answer some prompt.
        """
        number = number.astype(np.int64)
        sizes = self.bounds[number + 1] - self.bounds[number]
        rows = np.repeat(self.bounds[number] - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
        rows = rows + np.arange(len(rows))
        prompts = self.prompts[rows]
        prompts = np.where(prompts == 0, np.repeat(self.texts[number], sizes), prompts)
        owner = np.repeat(group, sizes)
        order = np.lexsort((prompts, owner))
        place = np.repeat(np.arange(len(number)), sizes)[order]
        owner, prompts = owner[order], prompts[order]
        new = np.ones(len(owner), bool)
        new[1:] = (owner[1:] != owner[:-1]) | (prompts[1:] != prompts[:-1])
        return np.bincount(owner[new], minlength=n_groups), place[new]

    def write(self, writer: MappedWriter) -> None:
        """Write the columns of texts and answers."""
        writer.add("text_hashes", "<u8", iter([self.texts]))
        writer.add("text_tokens", "<u4", iter([self.tokens]))
        writer.add("answer_bounds", "<u4", iter([self.bounds]))
        writer.add("prompt_hashes", "<u8", iter([self.prompts]))
        for plural, name in (("accounts", "account"), ("endpoints", "endpoint")):
            names = sorted({"", *(value for column in self._columns(name) for value in column)})
            numbers = {value: place for place, value in enumerate(names)}
            writer.add(
                plural,
                "<u4",
                (
                    np.array([numbers[value] for value in column], np.uint32)
                    for column in self._columns(name)
                ),
            )
            _write_strings(writer, f"{name}_names", f"{name}_bounds", partial(iter, [names]))
        writer.add("days", "<i4", (table["day"].to_numpy() for table in self.parts.tables()))
        _write_strings(writer, "ids", "id_bounds", partial(self._columns, "id"))

    def _columns(self, name: str) -> Iterator[list[str]]:
        """The strings of a column, part for part."""
        return (table[name].to_pylist() for table in self.parts.tables())


def _in_order(table: pa.Table) -> tuple[Any, ...]:
    """Exchanges in order, each once; texts, their tokens and numbers of answers, and prompts."""
    names = ["text", "prompt", "day", *_STRINGS]
    table = table.combine_chunks()
    table = table.group_by(names, use_threads=False).aggregate([("tokens", "max")])
    table = table.sort_by([(name, "ascending") for name in names])
    keys = table["text"].to_numpy()
    texts, first, sizes = np.unique(keys, return_index=True, return_counts=True)
    tokens = table["tokens_max"].to_numpy()[first]
    return (
        table.drop_columns(["prompt", "tokens_max"]),
        texts,
        tokens,
        sizes,
        table["prompt"].to_numpy(),
    )


def _write_strings(
    writer: MappedWriter, name: str, bounds: str, columns: Callable[[], Iterator[Sequence[str]]]
) -> None:
    joined = ("".join(column).encode() for column in columns())
    writer.add(name, "|u1", (np.frombuffer(data, np.uint8) for data in joined))
    writer.add(bounds, "<u8", ends([len(value.encode()) for value in one] for one in columns()))


def ends(sizes: Iterator[Sequence[int]]) -> Iterator[NDArray[np.uint64]]:
    """Where things of these sizes begin and end, that stand one behind the other.

    Examples
    --------
    >>> [piece.tolist() for piece in ends(iter([[2, 1], [4]]))]
    [[0], [2, 3], [7]]
    """
    end = np.zeros(1, np.uint64)
    yield end
    for some in sizes:
        found = end[-1] + np.cumsum(np.array(some, np.uint64), dtype=np.uint64)
        if len(found):
            end = found
            yield found


def as_records(index: LogIndex) -> Iterator[pa.Table]:
    """Tables of the exchanges of an index, as batches give them; nothing of it stays mapped."""
    import pyarrow as pa

    arrays = index.arrays
    accounts, endpoints = index.account_names, index.endpoint_names
    text_of = np.repeat(np.arange(index.n_texts, dtype=np.uint32), index.answers_a_text)
    for start in range(0, index.n_answers, _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        texts = text_of[rows]
        yield pa.table(
            {
                "text": arrays["text_hashes"][texts],
                "prompt": np.array(arrays["prompt_hashes"][rows]),
                "tokens": arrays["text_tokens"][texts],
                "day": np.array(arrays["days"][rows]),
                "id": text_column([index.answer_id(start + n) for n in range(len(texts))]),
                "account": text_column([accounts[n] for n in arrays["accounts"][rows].tolist()]),
                "endpoint": text_column([endpoints[n] for n in arrays["endpoints"][rows].tolist()]),
            }
        )
