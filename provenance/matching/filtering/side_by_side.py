"""The rows of a report beside those of the corpus, and what becomes of each.

Files follow one another in runs, each with its own rows of the report, so that other processes can
write them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from provenance.corpus.places.inputs import FileInput, shown
from provenance.corpus.rewriting.choosing import NOT_JUDGED, Choice
from provenance.errors import InputError
from provenance.matching.filtering.conditions import Condition
from provenance.matching.filtering.rows import ReportRows, RowBatch

__all__ = ["Choosing", "FileRun", "Met", "SideBySide", "runs"]

_RUN: Final = 1 << 26
"""Bytes that the files of a run have at least; a round figure, not tuned."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """By what rows are dropped.

    Parameters
    ----------
    rows : ReportRows
    wanted : sequence of Condition
    listed : str or None
        Source whose p-values `cut` is of.
    cut : float or None
        Rows with a p-value up to it go too.
    is_tagged : bool
    """

    rows: ReportRows
    wanted: Sequence[Condition]
    listed: str | None
    cut: float | None
    is_tagged: bool


@dataclass(slots=True)
class Met:
    """Rows of the corpus that were met, and what became of them."""

    n_rows: int = 0
    n_unjudged: int = 0
    n_dropped: int = 0
    n_documents: int = 0
    n_dropped_documents: int = 0
    n_along: int = 0
    posterior_kept: float = 0.0
    n_posterior_kept: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, other: Met) -> None:
        """Count the rows of other files too.

        Examples
        --------
        >>> met = Met(n_rows=2, reasons={"log": 1})
        >>> met.add(Met(n_rows=3, n_dropped=1, reasons={"log": 1}))
        >>> met.n_rows, met.n_dropped, met.reasons
        (5, 1, {'log': 2})
        """
        for one in fields(self):
            if one.name != "reasons":
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        for told, count in other.reasons.items():
            self.reasons[told] = self.reasons.get(told, 0) + count


@dataclass(frozen=True, slots=True)
class FileRun:
    """Files that follow one another.

    Parameters
    ----------
    first : int
        Number of the first.
    sources : tuple of FileInput
    documents : tuple of int
        Place of their first document in the report's rows, and of the next run's.
    """

    first: int
    sources: tuple[FileInput, ...]
    documents: tuple[int, int]


def runs(sources: Sequence[FileInput], starts: Sequence[int]) -> Iterator[FileRun]:
    """Files in runs of some size.

    Parameters
    ----------
    sources : sequence of FileInput
    starts : sequence of int
        See `Planned`.
    """
    first = size = 0
    for number, source in enumerate(sources, 1):
        size += source.size or 0
        if size >= _RUN or number == len(sources):
            documents = starts[first], starts[number]
            yield FileRun(first, tuple(sources[first:number]), documents)
            first, size = number, 0


@dataclass(slots=True)
class SideBySide:
    """The rows of a report beside those of a run of files, one file after another.

    Parameters
    ----------
    choosing : Choosing
    documents : tuple of int
        See `FileRun`.
    """

    choosing: Choosing
    documents: tuple[int, int]
    met: Met = field(default_factory=Met)
    _source: FileInput | None = None
    _number: int = 0
    _iterator: Iterator[tuple[int, int, int, int, int, float, float, int]] | None = None
    _next: tuple[int, int, int, int, int, float, float, int] | None = None

    def begin(self, number: int, source: FileInput) -> None:
        """Go on with the next file, where all rows of the one before were met."""
        if self._iterator is None:
            self.met.reasons = {one.told: 0 for one in self.choosing.wanted}
            self._iterator = self._each()
            self._next = next(self._iterator, None)
        self._refuse_unmet(number, 0)
        self._number, self._source = number, source

    def end(self) -> None:
        """Refuse rows of the report that no file of the run had."""
        self._refuse_unmet(self._number + 1, 0)

    def _each(self) -> Iterator[tuple[int, int, int, int, int, float, float, int]]:
        for batch in self.choosing.rows.batches(
            self.choosing.wanted, self.choosing.listed, self.documents
        ):
            yield from zip(*(column.tolist() for column in _columns(batch)), strict=True)

    def _refuse_unmet(self, number: int, line: int) -> None:
        if self._next is not None and self._next[:2] < (number, line):
            path = "" if self._source is None else self._source.path
            raise InputError(
                "the report names a row that the corpus does not have there",
                where=f"{shown(path)}:{self._next[1]}",
                expected="the corpus that the report is of",
                remedy="Match or scan the corpus again",
            )

    def count(self, line: int) -> Choice:
        """Meet a row that is not written."""
        if line:
            self.choose(line)
        return Choice(False)

    def choose(self, line: int) -> Choice:
        """What becomes of the next row of the file."""
        choosing, met = self.choosing, self.met
        if not line:
            return Choice(True, "" if choosing.is_tagged else None)
        met.n_rows += 1
        self._refuse_unmet(self._number, line)
        if self._next is None or self._next[:2] != (self._number, line):
            met.n_unjudged += 1
            return Choice(True, NOT_JUDGED if choosing.is_tagged else None)
        _, _, n_documents, bits, n_hit, p, posterior, n_posterior = self._next
        assert self._iterator is not None
        self._next = next(self._iterator, None)
        met.n_documents += n_documents
        is_cut = choosing.cut is not None and p <= choosing.cut
        if not bits and not is_cut:
            met.posterior_kept += posterior
            met.n_posterior_kept += n_posterior
            return Choice(True, "" if choosing.is_tagged else None)
        met.n_dropped += 1
        met.n_dropped_documents += n_documents
        met.n_along += n_documents - max(n_hit, 1)
        held = [told for place, told in enumerate(met.reasons) if bits >> place & 1]
        for told in held:
            met.reasons[told] += 1
        if not choosing.is_tagged:
            return Choice(False)
        return Choice(True, " ".join([*held, *(["until"] if is_cut else [])]))


def _columns(batch: RowBatch) -> tuple[Any, ...]:
    return (
        batch.source,
        batch.line,
        batch.n_documents,
        batch.bits,
        batch.n_hit,
        batch.smallest(),
        *batch.expected(),
    )
