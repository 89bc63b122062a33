"""Columns of Arrow tables from numbers and texts, and numbers from columns, by their bytes.

pyarrow asks pandas, where it is installed, what every array and list is: importing it takes longer
than a small corpus does. Columns made here ask nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_column", "as_numbers", "lists", "numbers", "texts", "word_lists"]

_MOST_BYTES: Final = (1 << 31) - 1
"""Of the texts of one column, as its offsets are of 32 bits."""


def numbers(values: NDArray[Any], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of numbers or truth values.

    Parameters
    ----------
    values : ndarray of one dimension
    missing : ndarray of bool, optional
        Which of them are null.

    Examples
    --------
    >>> numbers(np.array([1, 2]), np.array([False, True])).to_pylist()
    [1, None]
    """
    import pyarrow as pa

    is_bool = values.dtype == np.bool_
    data = _bits(values) if is_bool else np.ascontiguousarray(values)
    kind = pa.bool_() if is_bool else pa.from_numpy_dtype(values.dtype)
    valid = None if missing is None else pa.py_buffer(_bits(~missing))
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(data)])


def texts(values: Sequence[str | None]) -> pa.Array:
    """A column of texts; lone surrogates are replaced.

    Examples
    --------
    >>> texts(["a", None, "bc"]).to_pylist()
    ['a', None, 'bc']
    """
    import pyarrow as pa

    stored = [b"" if value is None else value.encode("utf-8", "replace") for value in values]
    ends = np.cumsum([0, *map(len, stored)], dtype=np.int64)
    kind, width = (pa.string(), np.int32) if ends[-1] <= _MOST_BYTES else (pa.large_string(), "i8")
    missing = np.array([value is None for value in values], np.bool_)
    valid = pa.py_buffer(_bits(~missing)) if missing.any() else None
    parts = [valid, pa.py_buffer(ends.astype(width)), pa.py_buffer(b"".join(stored))]
    return pa.Array.from_buffers(kind, len(stored), parts)


def lists(bounds: NDArray[np.int64], values: NDArray[Any]) -> pa.Array:
    """A column of lists of numbers, each from one bound to the next.

    Examples
    --------
    >>> lists(np.array([0, 1, 3]), np.array([7, 8, 9])).to_pylist()
    [[7], [8, 9]]
    """
    import pyarrow as pa

    return pa.LargeListArray.from_arrays(numbers(bounds.astype(np.int64)), numbers(values))


def word_lists(marks: dict[str, NDArray[np.bool_]], n_rows: int) -> pa.Array:
    """A column of lists of words, those whose mark a row has.

    Examples
    --------
    >>> word_lists({"a": np.array([True, False]), "b": np.array([True, True])}, 2).to_pylist()
    [['a', 'b'], ['b']]
    """
    import pyarrow as pa

    names = [*marks]
    hit = np.array([marks[name] for name in names], np.bool_).reshape(len(names), n_rows).T
    bounds = np.cumsum([0, *hit.sum(axis=1)], dtype=np.int32)
    words = texts([names[place] for place in np.nonzero(hit)[1].tolist()])
    return pa.ListArray.from_arrays(numbers(bounds), words)


def as_column(values: Any) -> Any:
    """What is given as a column, if it is an array of numbers or a list of texts; else itself."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuf":
        # pyarrow refuses what its columns cannot hold: other orders of bytes, and tables.
        return numbers(values) if values.ndim == 1 and values.dtype.isnative else values
    if isinstance(values, list) and all(value is None or type(value) is str for value in values):
        return texts(values)
    return values


def as_numbers(column: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """The numbers or truth values of a column, which has no nulls.

    Examples
    --------
    >>> as_numbers(numbers(np.array([True, False]))).tolist()
    [True, False]
    """
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        parts = [as_numbers(part) for part in column.chunks]
        if len(parts) == 1:
            return parts[0]
        empty = np.empty(0, column.type.to_pandas_dtype())
        return np.concatenate([empty, *parts]) if parts else empty
    if column.null_count or not len(column):
        found: NDArray[Any] = column.to_numpy(zero_copy_only=False)
        return found
    data = column.buffers()[1]
    if pa.types.is_boolean(column.type):
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return bits[column.offset : column.offset + len(column)].astype(np.bool_)
    kind = np.dtype(column.type.to_pandas_dtype())
    return np.frombuffer(data, kind, len(column), column.offset * kind.itemsize)


def _bits(values: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.packbits(values, bitorder="little")
