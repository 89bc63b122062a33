"""The answers of a log as they are kept in its index: columns of strings and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.log.index import (
    LogIndex,
)
from provenance.files.mapped import MappedWriter
from provenance.files.spill import storable

if TYPE_CHECKING:
    import pyarrow as pa


__all__ = ["EPOCH", "AnswersWriter", "as_records", "text_column"]


EPOCH: Final = 719163  # ordinal of 1970-01-01
_STRINGS: Final = ("id", "account", "endpoint")


def text_column(values: list[str]) -> Any:
    import pyarrow as pa

    return pa.array([storable(value) for value in values], pa.string())


@dataclass(frozen=True, slots=True)
class AnswersWriter:
    """All exchanges, those of one text together, each once."""

    texts: NDArray[np.uint64]
    tokens: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    prompts: NDArray[np.uint64]
    table: pa.Table

    @property
    def n(self) -> int:
        return len(self.prompts)

    @classmethod
    def of(cls, tables: Sequence[pa.Table]) -> AnswersWriter:
        import pyarrow as pa

        if not tables:
            none = np.zeros(0, np.uint64)
            return cls(none, none.astype(np.uint32), np.zeros(1, np.int64), none, None)
        table = pa.concat_tables(tables).combine_chunks()
        names = ["text", "prompt", "day", *_STRINGS]
        table = table.group_by(names, use_threads=False).aggregate([("tokens", "max")])
        table = table.sort_by([(name, "ascending") for name in names])
        keys = table["text"].to_numpy()
        texts, first = np.unique(keys, return_index=True)
        return cls(
            texts,
            table["tokens_max"].to_numpy()[first],
            np.append(first, len(keys)),
            table["prompt"].to_numpy(),
            table,
        )

    @property
    def has_accounts(self) -> bool:
        """Whether any answer says to whom it went."""
        import pyarrow.compute as pc

        if self.table is None:
            return False
        return bool(pc.any(pc.not_equal(self.table["account"], "")).as_py())

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
            values = self.table[name].to_pylist()
            names = sorted({"", *values})
            numbers = {value: place for place, value in enumerate(names)}
            writer.add(plural, "<u4", iter([np.array([numbers[v] for v in values], np.uint32)]))
            _write_strings(writer, f"{name}_names", f"{name}_bounds", names)
        writer.add("days", "<i4", iter([self.table["day"].to_numpy()]))
        _write_strings(writer, "ids", "id_bounds", self.table["id"].to_pylist())


def _write_strings(writer: MappedWriter, name: str, bounds: str, values: Sequence[str]) -> None:
    encoded = [value.encode() for value in values]
    writer.add(name, "|u1", iter([np.frombuffer(b"".join(encoded), np.uint8)]))
    sizes = np.cumsum([0, *(len(value) for value in encoded)])
    writer.add(bounds, "<u8", iter([sizes.astype(np.uint64)]))


def as_records(index: LogIndex) -> Any:
    """The table of exchanges of an index, as batches give it; nothing of it is mapped any more."""
    import pyarrow as pa

    arrays = index.arrays
    sizes = index.answers_a_text
    accounts, endpoints = index.account_names, index.endpoint_names
    return pa.table(
        {
            "text": np.repeat(np.asarray(arrays["text_hashes"]), sizes),
            "prompt": np.array(arrays["prompt_hashes"]),
            "tokens": np.repeat(arrays["text_tokens"], sizes),
            "day": np.array(arrays["days"]),
            "id": text_column([index.answer_id(n) for n in range(index.n_answers)]),
            "account": text_column([accounts[n] for n in arrays["accounts"].tolist()]),
            "endpoint": text_column([endpoints[n] for n in arrays["endpoints"].tolist()]),
        }
    )
