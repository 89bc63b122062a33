"""``documents.parquet``: a row for each document, written in two passes.

The first pass spills what is known of each document while the corpus is read. The second fills in
what depends on all of them: posteriors at the fitted shares, and q-values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.corpus.segments import SEGMENT
from provenance.files.spill import Spill, storable
from provenance.matching.scored_batch import ScoredBatch
from provenance.scoring.scored import document_means

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DocumentRows", "DocumentScores", "by_columns", "by_names", "with_findings"]


class DocumentRows:
    """The rows of every document, in the order of the corpus.

    Parameters
    ----------
    path : Path
        For the first pass; deleted by whoever made the folder.
    """

    def __init__(self, path: Path) -> None:
        self._spill = Spill(path)

    def add(self, batch: ScoredBatch, more: Mapping[str, NDArray[Any]] | None = None) -> None:
        """First pass: one batch, with more columns of numbers."""
        self._spill.add({**_columns(batch), **(more or {})})

    def close(self) -> None:
        """End the first pass."""
        self._spill.close()

    def scores(self, view: str, n_sources: int) -> Iterator[DocumentScores]:
        """What the first pass kept of each batch, after it was ended; as in `finish`."""
        for table in self._spill.batches():
            yield DocumentScores(table, view, n_sources)

    def finish(
        self,
        path: Path,
        view: str,
        n_sources: int,
        columns: Callable[[DocumentScores], dict[str, Any]],
    ) -> None:
        """Second pass: write the finished rows.

        Parameters
        ----------
        path : Path
        view : str
            Whose scores are used.
        n_sources : int
        columns : callable
            Columns for the documents of a batch: numbers, of which NaN is written as null, or
            strings. Those of truth values name a finding and are marks of it.
        """

        def finished(table: pa.Table) -> pa.Table:
            return _finished(table, columns(DocumentScores(table, view, n_sources)))

        self._spill.finish(path, finished)


def _columns(batch: ScoredBatch) -> dict[str, Any]:
    import pyarrow as pa

    bounds = np.searchsorted(batch.document, np.arange(len(batch.documents) + 1))
    columns: dict[str, Any] = {
        "id": [storable(item.id) for item in batch.documents],
        # A batch without a group must not make a column without a type.
        "group": pa.array(
            [None if item.group is None else storable(item.group) for item in batch.documents],
            pa.string(),
        ),
        "path": pa.array([storable(item.path) for item in batch.documents]).dictionary_encode(),
        "line": np.array([item.line for item in batch.documents], np.int64),
        "n_tokens": batch.n_tokens,
        "cluster_hash": batch.cluster_hash,
        "disguised": batch.disguised,
        "overlap": batch.overlap.any(axis=1),
        "passage_tokens": _lists(bounds, batch.passage_tokens, 1),
        **by_columns(batch.documents),
    }
    for view, ratios in batch.log_posterior.items():
        columns[view] = _lists(bounds, ratios.ravel(), ratios.shape[1])
    return columns


def by_columns(documents: Sequence[Document]) -> dict[str, Any]:
    """A column ``by[FIELD]`` for each field that shares are broken down by."""
    import pyarrow as pa

    names = [name for name in documents[0].fields if name != SEGMENT] if documents else []
    return {
        f"by[{name}]": pa.array(
            [storable(one.fields.get(name, "")) for one in documents], pa.string()
        ).dictionary_encode()
        for name in names
    }


def by_names(columns: Sequence[str]) -> list[str]:
    """Those of a table's columns that `by_columns` made."""
    return [name for name in columns if name.startswith("by[")]


def _lists(bounds: NDArray[np.int64], values: NDArray[Any], width: int) -> Any:
    import pyarrow as pa

    return pa.LargeListArray.from_arrays(pa.array(bounds * width), pa.array(values))


class DocumentScores:
    """Documents of one batch as the second pass sees them.

    Parameters
    ----------
    table : pyarrow.Table
    view : str
    n_sources : int
    """

    def __init__(self, table: pa.Table, view: str, n_sources: int) -> None:
        self.table = table
        tokens = table["passage_tokens"].combine_chunks()
        offsets = tokens.offsets.to_numpy()
        self.n_documents = table.num_rows
        self.document = np.repeat(np.arange(self.n_documents), np.diff(offsets))
        self.passage_tokens = tokens.flatten().to_numpy().astype(np.int64)
        flat = table[view].combine_chunks().flatten().to_numpy().astype(np.float32)
        self.log_posterior = flat.reshape(-1, n_sources)
        self.scored = np.diff(offsets) > 0

    def means(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Token-weighted means over passages; NaN for documents without one."""
        result = document_means(values, self.document, self.passage_tokens, self.n_documents)
        return np.where(self.scored[:, None], result.astype(np.float64), np.nan)


def _finished(table: pa.Table, columns: Mapping[str, Any]) -> pa.Table:
    import pyarrow as pa

    own = by_names(table.column_names)
    kept = table.select(["id", "group", "path", "line", "n_tokens", *own])
    marks: dict[str, NDArray[np.bool_]] = {}
    for name, values in columns.items():
        if not isinstance(values, np.ndarray):
            kept = kept.append_column(name, values)
        elif values.dtype == bool:
            marks[name] = values
        else:
            filled = pa.array(values.astype(np.float32), from_pandas=True)
            kept = kept.append_column(name, filled)
    found = {
        "text_repair": table["disguised"].to_numpy(),
        "overlap": table["overlap"].to_numpy(),
    }
    for name, hit in marks.items():
        found[name] = found[name] | hit if name in found else hit
    return with_findings(kept, found)


def with_findings(rows: pa.Table, marks: Mapping[str, NDArray[np.bool_]]) -> pa.Table:
    """Rows of documents with the column ``findings``: the names of the marks that each has."""
    import pyarrow as pa

    hits = np.array([*marks.values()], np.bool_).reshape(len(marks), rows.num_rows).T
    offsets = np.concatenate([[0], np.cumsum(hits.sum(axis=1))]).astype(np.int32)
    names = pa.array([*marks], pa.string()).take(pa.array(hits.nonzero()[1]))
    return rows.append_column("findings", pa.ListArray.from_arrays(pa.array(offsets), names))
