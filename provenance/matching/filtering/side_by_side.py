"""The rows of a report beside those of the corpus, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from provenance.corpus.inputs import FileInput, shown
from provenance.corpus.rewriting.choosing import NOT_JUDGED, Choice
from provenance.errors import InputError
from provenance.matching.filtering.conditions import Condition
from provenance.matching.filtering.rows import ReportRows, RowBatch

__all__ = ["SideBySide"]


@dataclass(slots=True)
class SideBySide:
    """The rows of a report beside those of the corpus, one file after another.

    Parameters
    ----------
    rows : ReportRows
    wanted : sequence of Condition
    tags : sequence of str
        As they were written.
    listed : str or None
        Source whose p-values `cut` is of.
    cut : float or None
        Rows with a p-value up to it go too.
    is_tagged : bool
    """

    rows: ReportRows
    wanted: Sequence[Condition]
    tags: Sequence[str]
    listed: str | None
    cut: float | None
    is_tagged: bool
    n_rows: int = 0
    n_unjudged: int = 0
    n_dropped: int = 0
    n_documents: int = 0
    n_dropped_documents: int = 0
    n_along: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    posterior_kept: float = 0.0
    n_posterior_kept: int = 0
    _source: FileInput | None = None
    _number: int = 0
    _iterator: Iterator[tuple[int, int, int, int, int, float, float, int]] | None = None
    _next: tuple[int, int, int, int, int, float, float, int] | None = None

    def begin(self, number: int, source: FileInput) -> None:
        """Go on with the next file, where all rows of the one before were met."""
        if self._iterator is None:
            self.reasons = {one.told: 0 for one in self.wanted}
            self._iterator = self._each()
            self._next = next(self._iterator, None)
        self._refuse_unmet(number, 0)
        self._number, self._source = number, source

    def end(self) -> None:
        """Refuse rows of the report that no file had."""
        self._refuse_unmet(self._number + 1, 0)

    def _each(self) -> Iterator[tuple[int, int, int, int, int, float, float, int]]:
        for batch in self.rows.batches(self.wanted, self.listed):
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
        if not line:
            return Choice(True, "" if self.is_tagged else None)
        self.n_rows += 1
        self._refuse_unmet(self._number, line)
        if self._next is None or self._next[:2] != (self._number, line):
            self.n_unjudged += 1
            return Choice(True, NOT_JUDGED if self.is_tagged else None)
        _, _, n_documents, bits, n_hit, p, posterior, n_posterior = self._next
        assert self._iterator is not None
        self._next = next(self._iterator, None)
        self.n_documents += n_documents
        is_cut = self.cut is not None and p <= self.cut
        if not bits and not is_cut:
            self.posterior_kept += posterior
            self.n_posterior_kept += n_posterior
            return Choice(True, "" if self.is_tagged else None)
        self.n_dropped += 1
        self.n_dropped_documents += n_documents
        self.n_along += n_documents - max(n_hit, 1)
        held = [told for place, told in enumerate(self.reasons) if bits >> place & 1]
        for told in held:
            self.reasons[told] += 1
        if not self.is_tagged:
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
