"""The rows that a report names, batch by batch, in the order of the corpus.

A row of a corpus may give several documents, the turns of a chat: it is one row here, with what
holds for any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.formats.columnar import opened_parquet
from provenance.corpus.segments import SEGMENT
from provenance.errors import InputError
from provenance.matching.filtering.bounds import CutList
from provenance.matching.filtering.conditions import Condition
from provenance.scoring.false_rows import RowList, counted
from provenance.words import visible

__all__ = ["Planned", "ReportRows", "RowBatch"]

_BATCH: Final = 1 << 16
_MOST_CONDITIONS: Final = 60
"""Conditions that fit in the bits of a number."""


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows of a corpus that documents were read from.

    Parameters
    ----------
    source : ndarray of int64, shape (n_rows,)
        Number of the input.
    line : ndarray of int64, shape (n_rows,)
    n_documents : ndarray of int64, shape (n_rows,)
    bits : ndarray of int64, shape (n_rows,)
        Conditions that hold for any of its documents.
    n_hit : ndarray of int64, shape (n_rows,)
        Documents for which any condition holds.
    held : ndarray of int64, shape (n_documents,)
        Conditions that hold for each document.
    p : ndarray, shape (n_documents,)
        Of each document on the list; NaN where it has none.
    false : ndarray, shape (n_documents,)
        False ones up to it at most, as the report tells; NaN where it does not.
    posterior : ndarray, shape (n_documents,)
        Of the source of the list; NaN where the report tells none.
    """

    source: NDArray[np.int64]
    line: NDArray[np.int64]
    n_documents: NDArray[np.int64]
    bits: NDArray[np.int64]
    n_hit: NDArray[np.int64]
    held: NDArray[np.int64]
    p: NDArray[np.float64]
    false: NDArray[np.float64]
    posterior: NDArray[np.float64]

    def expected(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Sum of the posteriors of each row's documents, and how many have one."""
        starts = np.cumsum(self.n_documents) - self.n_documents
        there = ~np.isnan(self.posterior)
        if not len(starts):
            return np.empty(0), np.empty(0, np.int64)
        posterior = np.where(there, self.posterior, 0.0)
        return np.add.reduceat(posterior, starts), np.add.reduceat(there.astype(np.int64), starts)

    def smallest(self) -> NDArray[np.float64]:
        """Smallest p-value of each row; infinity where it has none."""
        starts = np.cumsum(self.n_documents) - self.n_documents
        p = np.where(np.isnan(self.p), np.inf, self.p)
        return np.minimum.reduceat(p, starts) if len(starts) else np.empty(0)


@dataclass(frozen=True, slots=True)
class Planned:
    """What one reading of the rows tells, before any row of the corpus is read.

    Parameters
    ----------
    n_documents : int
    cuts : CutList
    hits : tuple of int
        Documents that each condition holds for.
    starts : tuple of int
        Place of each file's first document, and behind the last.
    """

    n_documents: int
    cuts: CutList
    hits: tuple[int, ...]
    starts: tuple[int, ...]


class ReportRows:
    """``documents.parquet`` of a report.

    Parameters
    ----------
    path : Path
    inputs : sequence of str
        Paths of the corpus as the report has them, in their order.

    Raises
    ------
    InputError
        Where it is not there or cannot be read.
    """

    def __init__(self, path: Path, inputs: Sequence[str]) -> None:
        self.path = path
        self._inputs: Mapping[str, int] = {name: at for at, name in enumerate(inputs)}
        if not path.is_file():
            raise InputError(
                "the report has no rows",
                where=str(path),
                expected="the folder that `provenance match` or `scan` wrote with -o",
                remedy="Match or scan with -o, beside a reference or a panel",
            )
        with self._errors(), path.open("rb") as file:
            self.columns = list(opened_parquet(file).schema_arrow.names)
        if SEGMENT in self.columns:
            raise InputError(
                "the report is of several segments of its rows",
                where=str(path),
                expected="the report of one of them",
                remedy="Pass --report OUT/segments/NAME",
            )
        missing = {"id", "path", "line"} - {*self.columns}
        if missing:
            raise InputError(
                f"the rows have no {min(missing)}", where=str(path), expected="a report's rows"
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            yield
        except (
            *(pa.ArrowException, OSError),
            *(ValueError, LookupError, TypeError, AttributeError),
        ) as error:
            told = visible(str(error).partition("\n")[0][:200])
            raise InputError(
                f"the rows of the report cannot be read ({told})",
                where=str(self.path),
                expected="documents.parquet as it was written",
                remedy="Match or scan the corpus again",
            ) from None

    def has_values(self, columns: Sequence[str]) -> bool:
        """Whether any row has a number in any of these columns."""
        with self._errors(), self.path.open("rb") as file:
            read = opened_parquet(file).iter_batches(_BATCH, columns=list(columns))
            return any(column.null_count < len(column) for batch in read for column in batch)

    def batches(
        self,
        wanted: Sequence[Condition],
        listed: str | None,
        documents: tuple[int, int] | None = None,
    ) -> Iterator[RowBatch]:
        """The rows, with which of the conditions hold.

        Parameters
        ----------
        wanted : sequence of Condition
        listed : str or None
            Source whose p-values are told.
        documents : tuple of int, optional
            Places of the first document and of the first that is left out; all by default.

        Raises
        ------
        InputError
            Where a row names an input that the report does not.
        """
        if len(wanted) > _MOST_CONDITIONS:
            raise InputError(f"{len(wanted)} conditions", expected=f"at most {_MOST_CONDITIONS}")
        kept: list[NDArray[Any]] | None = None
        for found in self._documents(wanted, listed, documents):
            joined = (
                found
                if kept is None
                else [np.concatenate(pair) for pair in zip(kept, found, strict=True)]
            )
            source, line = joined[:2]
            # The last row may go on in the next batch.
            last = int(np.argmax((source == source[-1]) & (line == line[-1])))
            kept = [column[last:] for column in joined]
            if last:
                yield _rows([column[:last] for column in joined])
        if kept is not None:
            yield _rows(kept)

    def _documents(
        self, wanted: Sequence[Condition], listed: str | None, part: tuple[int, int] | None
    ) -> Iterator[list[NDArray[Any]]]:
        names = {"path", "line"} | {name for one in wanted for name in one.columns}
        told = [f"{name}[{listed}]" for name in ("p", "false_at_most", "posterior")]
        names |= {name for name in told if name in self.columns}
        for table in self._tables(sorted(names), part):
            with self._errors():
                columns = [self._sources(table), _lines(table)]
                bits = np.zeros(table.num_rows, np.int64)
                for place, one in enumerate(wanted):
                    bits |= one.test(table).astype(np.int64) << place
                figures = [_figures(table, name) for name in told]
            yield [*columns, bits, *figures]

    def _tables(self, names: Sequence[str], part: tuple[int, int] | None) -> Iterator[Any]:
        """Columns, as many rows at a time as a batch has; none is empty."""
        import pyarrow as pa

        with self._errors():
            file = self.path.open("rb")
        with file:
            with self._errors():
                parquet = opened_parquet(file)
                first, end = part or (0, parquet.metadata.num_rows)
                groups, place = _groups(parquet.metadata, first, end)
                read = iter(parquet.iter_batches(_BATCH, row_groups=groups, columns=list(names)))
            while True:
                with self._errors():
                    batch = next(read, None)
                if batch is None:
                    return
                begin, place = place, place + batch.num_rows
                batch = batch[max(0, first - begin) : max(0, end - begin)]
                if batch.num_rows:
                    yield pa.table(batch)

    def _sources(self, table: Any) -> NDArray[np.int64]:
        import pyarrow as pa

        column = table["path"].combine_chunks()
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        numbers = [self._inputs.get(str(name), -1) for name in coded.dictionary.to_pylist()]
        codes = coded.indices.to_numpy()
        found: NDArray[np.int64] = np.array(numbers, np.int64)[codes]
        if (found < 0).any():
            at = int(np.argmin(found))
            where = f"{column[at].as_py()}:{table['line'][at].as_py()}"
            raise InputError(
                "the rows name a file that the report did not read",
                where=visible(where),
                expected="report.json and documents.parquet of one run",
                remedy="Match or scan the corpus again",
            )
        return found

    def plan(
        self, wanted: Sequence[Condition], listed: str | None, confidence_level: float
    ) -> Planned:
        """Read all rows once.

        Parameters
        ----------
        wanted : sequence of Condition
        listed : str or None
            Source whose list may be cut.
        confidence_level : float
            Of bounds on false rows, where the report tells none of its own.
        """
        known: NDArray[np.float64] = np.empty(0)
        totals = np.zeros((3, 0), np.int64)
        told: dict[float, float] = {}
        hits = np.zeros(len(wanted), np.int64)
        n_documents = n_hit = 0
        firsts: dict[int, int] = {}
        for batch in self.batches(wanted, listed):
            places = n_documents + np.cumsum(batch.n_documents) - batch.n_documents
            numbers, rows = np.unique(batch.source, return_index=True)
            firsts = dict(zip(numbers.tolist(), places[rows].tolist(), strict=True)) | firsts
            n_documents += int(batch.n_documents.sum())
            is_hit = batch.bits != 0
            n_hit += int(batch.n_documents[is_hit].sum())
            for place in range(len(wanted)):
                hits[place] += int((batch.held >> place & 1).sum())
            smallest = np.where(is_hit, np.nan, batch.smallest())
            parts = [
                counted([(batch.p, np.ones(len(batch.p)))]),
                counted([(batch.p, np.repeat(is_hit, batch.n_documents).astype(np.float64))]),
                counted(
                    [
                        (
                            np.where(np.isinf(smallest), np.nan, smallest),
                            batch.n_documents.astype(np.float64),
                        )
                    ]
                ),
            ]
            known, totals = _merged(known, totals, parts)
            there = ~np.isnan(batch.false)
            p, rows = np.unique(batch.p[there], return_index=True)
            told.update(zip(p.tolist(), batch.false[there][rows].tolist(), strict=True))
        if told:
            # A p-value that the report tells no bound of has as many false ones as there are.
            below = np.cumsum(totals[0])
            at = zip(known.tolist(), below.tolist(), strict=True)
            false = np.array([int(min(max(told.get(p, n), 0), n)) for p, n in at], np.int64)
        else:
            # As they are kept, rounded to 32 bits: the next larger one is on the safe side.
            larger = np.nextafter(known.astype(np.float32), np.float32(np.inf))
            false = RowList.of(larger.astype(np.float64), totals[0], confidence_level).false
        cuts = CutList(known, totals[0], false, totals[1], totals[2], n_hit)
        starts = _starts(firsts, len(self._inputs), n_documents)
        return Planned(n_documents, cuts, tuple(hits.tolist()), starts)


def _groups(metadata: Any, first: int, end: int) -> tuple[list[int], int]:
    """Groups of rows that hold some documents, and the place of the first document in them."""
    sizes = [metadata.row_group(one).num_rows for one in range(metadata.num_row_groups)]
    ends = np.cumsum([0, *sizes])
    held = np.flatnonzero((ends[1:] > first) & (ends[:-1] < end)).tolist()
    return held, int(ends[held[0]]) if held else end


def _starts(firsts: Mapping[int, int], n_inputs: int, n_documents: int) -> tuple[int, ...]:
    """Where each file's documents begin: a file without any begins where the next one does."""
    starts = [n_documents]
    for number in reversed(range(n_inputs)):
        starts.append(min(starts[-1], firsts.get(number, n_documents)))
    return (*starts[:0:-1], n_documents)


def _lines(table: Any) -> NDArray[np.int64]:
    import pyarrow as pa

    column = table["line"]
    if not pa.types.is_integer(column.type) or column.null_count:
        raise ValueError("a line is no whole number")
    lines: NDArray[np.int64] = column.to_numpy().astype(np.int64)
    return lines


def _figures(table: Any, name: str) -> NDArray[np.float64]:
    """A column of numbers, or NaN where there is none; p-values and posteriors in [0, 1]."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    values: NDArray[np.float64] = table[name].to_numpy().astype(np.float64)
    most = np.inf if name.startswith("false") else 1.0
    if ((values < 0) | (values > most)).any():
        raise ValueError(f"a figure of {name} is outside its range")
    return values


def _merged(
    known: NDArray[np.float64],
    totals: NDArray[np.int64],
    parts: Sequence[tuple[NDArray[np.float64], NDArray[np.int64]]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    values = np.unique(np.concatenate([known, *(part[0] for part in parts)]))
    merged = np.zeros((len(totals), len(values)), np.int64)
    merged[:, np.searchsorted(values, known)] = totals
    for row, (p, count) in enumerate(parts):
        merged[row, np.searchsorted(values, p)] += count
    return values, merged


def _rows(documents: Sequence[NDArray[Any]]) -> RowBatch:
    source, line, bits, p, false, posterior = documents
    begins = np.flatnonzero(
        np.r_[True, (source[1:] != source[:-1]) | (line[1:] != line[:-1])] if len(line) else []
    )
    return RowBatch(
        source[begins],
        line[begins],
        np.diff(np.r_[begins, len(line)]),
        np.bitwise_or.reduceat(bits, begins),
        np.add.reduceat((bits != 0).astype(np.int64), begins),
        bits,
        p,
        false,
        posterior,
    )
