"""Rows of a corpus that is read against the library: p- and q-values, and ``documents.parquet``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.files.columns import as_numbers, numbers, texts
from provenance.matching.documents import by_columns, by_names, with_findings
from provenance.matching.library.library import VIEWS, Library
from provenance.matching.library.shares import p_values
from provenance.matching.scanning.tally import Batch, JudgedDocuments
from provenance.statistics.multiple_testing import benjamini_hochberg

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ScannedRows", "columns", "finished"]


def columns(batch: Batch, more: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """What is kept of a batch until all are read, with what evidence keeps of it."""
    return {
        "id": texts([one.id for one in batch.documents]),
        "group": texts([one.group for one in batch.documents]),
        "path": texts([one.path for one in batch.documents]),
        "line": np.array([one.line for one in batch.documents], np.int64),
        "n_tokens": batch.n_tokens,
        "judged": batch.judged,
        "left_out": texts(batch.left_out),
        "disguised": batch.disguised,
        **by_columns(batch.documents),
        **{
            f"score[{view}]": np.where(batch.judged, batch.scores[:, at], np.nan)
            for at, view in enumerate(VIEWS)
        },
        **more,
    }


@dataclass(frozen=True, slots=True)
class ScannedRows:
    """P-values of rows and their q-values; none where no low end stands behind a list.

    Parameters
    ----------
    library : Library
    p, q : ndarray of float64, shape (n_distinct,)
        Distinct p-values of the judged documents, ascending, and their q-values.
    """

    library: Library
    p: NDArray[np.float64]
    q: NDArray[np.float64]

    @classmethod
    def of(cls, library: Library, judged: JudgedDocuments, is_listed: bool) -> ScannedRows:
        """Of all judged documents, or of none where none are listed."""
        if not is_listed:
            return cls(library, np.zeros(0), np.zeros(0))
        p, count = np.unique(p_values(library, judged.scores), return_counts=True)
        return cls(library, p, benjamini_hochberg(p, count.astype(np.float64)))

    def told(self, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P- and q-values of documents whose scores are numbers, NaN where rows are not listed."""
        found = p_values(self.library, scores)
        if not len(self.p):
            return np.full(len(found), np.nan), np.full(len(found), np.nan)
        return found, self.q[np.searchsorted(self.p, found)]


def finished(
    table: pa.Table,
    rows: ScannedRows,
    named: Collection[str],
    marks: Callable[[pa.Table], Mapping[str, NDArray[np.bool_]]],
) -> pa.Table:
    """The rows of ``documents.parquet``; ``marks`` tells which of them show a finding.

    Known answers are told of those alone who are ``named``: the others' may be so by chance.
    """
    scores = np.stack([as_numbers(table[f"score[{view}]"]) for view in VIEWS], axis=1)
    judged = ~np.isnan(scores[:, 0])
    p, q = np.full(len(scores), np.nan), np.full(len(scores), np.nan)
    p[judged], q[judged] = rows.told(scores[judged].astype(np.float64))
    own = by_names(table.column_names)
    kept = table.select(["id", "group", "path", "line", "n_tokens", *own, "judged", "left_out"])
    shown = [(f"score[{view}]", scores[:, at]) for at, view in enumerate(VIEWS)]
    for name, values in (*shown, ("p[machine]", p), ("q[machine]", q)):
        kept = kept.append_column(name, numbers(values.astype(np.float32), np.isnan(values)))
    kept = kept.append_column("known_answer", _only(table["known_answer"], named))
    repairs = {"text_repair": as_numbers(table["disguised"])}
    return with_findings(kept, {**repairs, **marks(table)})


def _only(column: pa.ChunkedArray, named: Collection[str]) -> pa.ChunkedArray:
    """The texts of a column that are among these; null in place of the others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    among = pc.is_in(column, value_set=pa.array([*named], column.type))
    return pc.if_else(among, column, pa.scalar(None, column.type))
