"""Rows of tables in memory: pandas, and what hands itself over as Arrow (polars, pyarrow, …)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from provenance.corpus.document import BadRow
from provenance.corpus.formats import Columns, table_records
from provenance.errors import InputError

__all__ = ["frame_rows", "is_frame"]

_ROWS: Final = 512
"""Rows turned into objects at once: a round figure, not tuned."""


def is_frame(source: object) -> bool:
    """Whether an object is a table of named columns that this module reads.

    Examples
    --------
    >>> import pyarrow
    >>> is_frame(pyarrow.table({"text": ["a"]})), is_frame({"text": ["a"]})
    (True, False)
    """
    # One column alone has a type of its own, and reads as a list does.
    is_stream = hasattr(source, "__arrow_c_stream__") and not hasattr(source, "dtype")
    return _is_pandas(source) or is_stream


def frame_rows(source: Any, columns: Columns) -> Iterator[object]:
    """Yield rows as objects, of the columns that are needed; one that cannot be is a `BadRow`.

    An empty cell is none, however the table says so (NaN, NaT, NA, null).

    Parameters
    ----------
    source : pandas.DataFrame or object with ``__arrow_c_stream__``
    columns : callable
        Given all names, those that are needed.

    Raises
    ------
    InputError
        Where two columns have one name, or the table cannot be handed over.
    """
    if _is_pandas(source):
        yield from _of_pandas(source, columns)
    else:
        yield from _of_arrow(source, columns)


def _is_pandas(source: object) -> bool:
    is_own = type(source).__module__.partition(".")[0] == "pandas"
    return is_own and type(source).__name__ == "DataFrame"


def _of_pandas(frame: Any, columns: Columns) -> Iterator[object]:
    frame = frame.loc[:, [isinstance(name, str) for name in frame.columns]]
    _refuse_twins([*frame.columns])
    needed = columns([*frame.columns])
    frame = frame if needed is None else frame[needed]
    for start in range(0, len(frame), _ROWS):
        part = frame.iloc[start : start + _ROWS].astype(object)
        yield from part.where(part.notna(), None).to_dict("records")


def _of_arrow(source: Any, columns: Columns) -> Iterator[object]:
    import pyarrow

    try:
        reader = pyarrow.RecordBatchReader.from_stream(source)
        _refuse_twins(reader.schema.names)
        needed = columns(reader.schema.names)
        for batch in reader:
            narrow = batch if needed is None else batch.select(needed)
            for start in range(0, narrow.num_rows, _ROWS):
                yield from table_records(narrow.slice(start, _ROWS))
    except (pyarrow.ArrowException, ValueError, OSError) as error:
        reason = str(error).strip().partition("\n")[0][:200]
        yield BadRow(f"the table cannot be handed over ({reason})", "a sound Arrow table")


def _refuse_twins(names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise InputError(
            f"two columns are called {twins[0]!r}",
            expected="columns of different names",
            remedy="Rename one of them",
        )
