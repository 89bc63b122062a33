"""``documents.parquet`` of watermarks: spilled while the corpus is read, then with its q-values."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.evidence.hidden.tally import HiddenMarks
from provenance.evidence.watermark.tally import DocumentTests

__all__ = ["WatermarkRows"]


class WatermarkRows:
    """A row for each document: ``hidden_marks``, and for each key its tests.

    These are ``n_scored[KEY]``, ``p[KEY]``, ``q[KEY]``, and of the best passage ``passage_p[KEY]``,
    ``passage_q[KEY]`` and its tokens, ``passage_start[KEY]`` to ``passage_end[KEY]``.

    Parameters
    ----------
    path : Path
        The file, once it is whole; what is spilled stands beside it meanwhile.
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
        self._whole = path.with_name(f".{path.name}.whole")
        self._names = names
        self.hidden = HiddenMarks()
        self._writer: Any = None

    def add(self, documents: Sequence[Document], tests: Sequence[DocumentTests]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: dict[str, Any] = {
            "id": pa.array([_text(item.id) for item in documents], pa.string()),
            "path": pa.array([_text(item.path) for item in documents]).dictionary_encode(),
            "line": np.array([item.line for item in documents], np.int64),
            "hidden_marks": np.array(self.hidden.add(documents), np.int64),
        }
        for name, test in zip(self._names, tests, strict=True):
            none = test.ends <= test.starts
            columns[f"n_scored[{name}]"] = test.n_scored
            columns[f"p[{name}]"] = _filled(test.p_values)
            columns[f"passage_p[{name}]"] = _filled(test.passage_p)
            columns[f"passage_start[{name}]"] = pa.array(test.starts, mask=none)
            columns[f"passage_end[{name}]"] = pa.array(test.ends, mask=none)
        table = pa.table(columns)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._spill, table.schema, compression="zstd")
        self._writer.write_table(table)

    def finish(
        self,
        q_values: Sequence[NDArray[np.float64]],
        passage_q: Sequence[NDArray[np.float64]],
    ) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._writer.close()
        spilled = pq.ParquetFile(self._spill)
        schema = spilled.schema_arrow
        kinds = (("q", q_values), ("passage_q", passage_q))
        found = {
            f"{kind}[{name}]": q
            for kind, values in kinds
            for name, q in zip(self._names, values, strict=True)
        }
        for name in found:
            schema = schema.append(pa.field(name, pa.float64()))
        begin = 0
        with pq.ParquetWriter(self._whole, schema, compression="zstd") as writer:
            for number in range(spilled.num_row_groups):
                table = spilled.read_row_group(number)
                part = slice(begin, begin + table.num_rows)
                for name, q in found.items():
                    table = table.append_column(name, _filled(q[part]))
                writer.write_table(table.cast(schema))
                begin += table.num_rows
        spilled.close()
        self._spill.unlink()
        os.replace(self._whole, self.path)

    def discard(self) -> None:
        """Leave nothing behind of a run that broke off."""
        if self._writer is not None:
            self._writer.close()
        self._spill.unlink(missing_ok=True)
        self._whole.unlink(missing_ok=True)


def _filled(values: NDArray[np.float64]) -> Any:
    """Numbers, with null for NaN."""
    import pyarrow as pa

    return pa.array(values, mask=np.isnan(values))


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()
