"""``documents.parquet`` of watermarks: spilled while the corpus is read, then with its q-values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.evidence.hidden.tally import HiddenMarks
from provenance.evidence.watermark.tally import DocumentTests
from provenance.files.leftovers import PassingFile
from provenance.files.spill import Spill, storable

if TYPE_CHECKING:
    import pyarrow as pa

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
        self._passing = PassingFile(path.absolute().parent)
        self._spill = Spill(self._passing.path)
        self._names = names
        self.hidden = HiddenMarks()

    def add(self, documents: Sequence[Document], tests: Sequence[DocumentTests]) -> None:
        import pyarrow as pa

        columns: dict[str, Any] = {
            "id": pa.array([storable(item.id) for item in documents], pa.string()),
            "path": pa.array([storable(item.path) for item in documents]).dictionary_encode(),
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
        self._spill.add(columns)

    def finish(
        self,
        q_values: Sequence[NDArray[np.float64]],
        passage_q: Sequence[NDArray[np.float64]],
    ) -> None:
        kinds = (("q", q_values), ("passage_q", passage_q))
        found = {
            f"{kind}[{name}]": q
            for kind, values in kinds
            for name, q in zip(self._names, values, strict=True)
        }
        n_before = 0

        def finished(table: pa.Table) -> pa.Table:
            nonlocal n_before
            part = slice(n_before, n_before + table.num_rows)
            for name, q in found.items():
                table = table.append_column(name, _filled(q[part]))
            n_before = part.stop
            return table

        self._spill.finish(self.path, finished)
        self.discard()

    def discard(self) -> None:
        """Leave nothing behind of a run that broke off."""
        self._spill.discard()
        self._passing.remove()


def _filled(values: NDArray[np.float64]) -> Any:
    """Numbers, with null for NaN."""
    import pyarrow as pa

    return pa.array(values, mask=np.isnan(values))
