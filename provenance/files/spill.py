"""A parquet file in two passes: what is known of a batch, then what depends on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from provenance.files.aside import written_aside
from provenance.files.columns import as_column
from provenance.files.places import open_named

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["Spill", "storable"]


class Spill:
    """Batches of rows, kept in a file of their own until what depends on all of them is known.

    Parameters
    ----------
    path : Path
        Where they are kept meanwhile. Nothing is written before the first batch.

    Examples
    --------
    >>> import pyarrow as pa, pyarrow.parquet as pq, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> spill = Spill(folder / "spill")
    >>> for number in (1, 2):
    ...     spill.add({"n": pa.array([number])})
    >>> spill.finish(folder / "rows.parquet", lambda rows: rows.append_column("of", [[2]]))
    >>> pq.read_table(folder / "rows.parquet").to_pylist()
    [{'n': 1, 'of': 2}, {'n': 2, 'of': 2}]
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: Any = None
        self._file: Any = None

    def add(self, columns: Mapping[str, Any]) -> None:
        """First pass: one batch, as one group of rows; all have the same names and types."""
        import pyarrow as pa

        table = pa.table({name: as_column(values) for name, values in columns.items()})
        if self._writer is None:
            # Not by its name, which the library takes for UTF-8.
            self._file = open_named(self.path, "wb", self.path)
            # It is read once and whole: without both it is written faster, and smaller.
            self._writer = _writer(
                self._file, table.schema, use_dictionary=False, write_statistics=False
            )
        self._writer.write_table(table)

    def close(self) -> None:
        """End the first pass."""
        if self._writer is not None:
            self._writer.close()
            self._file.close()

    def batches(self) -> Iterator[pa.Table]:
        """What the first pass kept, batch for batch, after it was ended."""
        import pyarrow.parquet as pq

        if self._writer is None:
            return
        with self.path.open("rb") as stored, pq.ParquetFile(stored) as batches:
            for number in range(batches.num_row_groups):
                yield batches.read_row_group(number)

    def finish(self, path: Path, finished: Callable[[pa.Table], pa.Table]) -> None:
        """Second pass, after one batch at least: write each, as `finished` makes it, in its place.

        Parameters
        ----------
        path : Path
        finished : callable
            Takes the batches in their order; what it gives has the same names and types for all.
        """
        self.close()
        with written_aside(path) as file:
            writer = None
            for batch in self.batches():
                table = finished(batch)
                if writer is None:
                    writer = _writer(file, table.schema)
                writer.write_table(table)
            if writer is not None:
                writer.close()

    def discard(self) -> None:
        """Leave nothing of the first pass behind."""
        # Closing writes what is left, which a full disk refuses once more.
        for part in (self._writer, self._file):
            with suppress(OSError):
                if part is not None:
                    part.close()
        self.path.unlink(missing_ok=True)


def _writer(file: IO[bytes], schema: pa.Schema, **options: bool) -> pq.ParquetWriter:
    import pyarrow.parquet as pq

    return pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True, **options)


def storable(value: str) -> str:
    """A text as a file can hold it: lone surrogates are replaced."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()
