"""``documents.parquet`` of watermarks: spilled while the corpus is read, then with its q-values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.evidence.hidden_tally import HiddenMarks

__all__ = ["WatermarkRows"]


class WatermarkRows:
    """A row for each document: ``hidden_marks``, and ``n_scored p q`` of each key.

    Parameters
    ----------
    path : Path
        The file; what is spilled stands beside it meanwhile.
    names : sequence of str
        Of the keys.

    Attributes
    ----------
    hidden : HiddenMarks
        Of all documents.
    """

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.path = path
        self._spill = path.with_name(f".{path.name}.part")
        self._names = names
        self.hidden = HiddenMarks()
        self._writer: Any = None

    def add(
        self,
        documents: Sequence[Document],
        n_scored: Sequence[NDArray[np.int64]],
        p_values: Sequence[NDArray[np.float64]],
    ) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: dict[str, Any] = {
            "id": pa.array([_text(item.id) for item in documents], pa.string()),
            "path": pa.array([_text(item.path) for item in documents]).dictionary_encode(),
            "line": np.array([item.line for item in documents], np.int64),
            "hidden_marks": np.array(self.hidden.add(documents), np.int64),
        }
        for name, n, p in zip(self._names, n_scored, p_values, strict=True):
            columns[f"n_scored[{name}]"] = n
            columns[f"p[{name}]"] = pa.array(p, mask=np.isnan(p))
        table = pa.table(columns)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._spill, table.schema, compression="zstd")
        self._writer.write_table(table)

    def finish(self, q_values: Sequence[NDArray[np.float64]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._writer.close()
        spilled = pq.ParquetFile(self._spill)
        schema = spilled.schema_arrow
        for name in self._names:
            schema = schema.append(pa.field(f"q[{name}]", pa.float64()))
        begin = 0
        with pq.ParquetWriter(self.path, schema, compression="zstd") as writer:
            for number in range(spilled.num_row_groups):
                table = spilled.read_row_group(number)
                part = slice(begin, begin + table.num_rows)
                for name, q in zip(self._names, q_values, strict=True):
                    column = pa.array(q[part], mask=np.isnan(q[part]))
                    table = table.append_column(f"q[{name}]", column)
                writer.write_table(table.cast(schema))
                begin += table.num_rows
        spilled.close()
        self._spill.unlink()

    def discard(self) -> None:
        """Leave nothing behind of a run that broke off."""
        if self._writer is not None:
            self._writer.close()
        self._spill.unlink(missing_ok=True)


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()
