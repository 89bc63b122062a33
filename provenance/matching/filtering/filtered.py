"""What was filtered, as ``manifest.json`` keeps it and the terminal tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provenance.files.json import plain
from provenance.matching.filtering.conditions import ON_RECORD
from provenance.records import Role
from provenance.words import MODEL_LIKE, as_html, how_many, percent, source_name, visible

__all__ = ["Filtered", "FilteredFile", "Left"]

SCHEMA = "provenance-filter/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredFile:
    """One file before and after; ``sha256_after`` is None where nothing is left to write."""

    path: str
    name: str
    rows: int
    rows_kept: int
    sha256: str
    sha256_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How much of a source may be left.

    Parameters
    ----------
    source : str or None
        None is text like a language model's, whosever it is.
    role : str
    before : float
        Its share of all documents before, at most.
    at_most : float
        Of what is left.
    expected : float or None
        Of what is left and was scored, by the mean of the posteriors at the fitted shares: an
        estimate without a range, which nothing is promised of. None where the report has none.
    true_at_least : int
        Dropped documents that are its for sure.
    confidence_level : float
        At which all of it holds: the share's, that of the list of rows and that of what is caught
        of its own documents together (Bonferroni).
    """

    source: str | None
    role: Role
    before: float
    at_most: float
    expected: float | None
    true_at_least: int
    confidence_level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """What `filter_corpus` did.

    Parameters
    ----------
    rows, rows_kept, rows_dropped : int
        Rows of the corpus. With tags none is dropped: these say what would be.
    rows_unjudged : int
        Kept rows of which the report says nothing: bad ones, without a text of the role, outside
        a sample or the dates asked for.
    documents, documents_dropped : int
        Documents of the report; a row with several is dropped whole.
    documents_along : int
        Dropped documents that no condition holds for, because another of their row is dropped.
    reasons : mapping of str to int
        Rows that each condition holds for; a row may be in several.
    reasons_documents : mapping of str to int
        Documents that each condition holds for, as the report counts.
    cut : float or None
        Rows with a p-value up to it were dropped for `until`.
    left : tuple of Left
        Empty where the report withholds its shares.
    expected_false : float or None
        Dropped documents that other sources are expected to have written, where rows are dropped
        by one list of q-values alone: the rate of the list times its length.
    notes : tuple of str
        What weakens this, in words.
    """

    schema: str = SCHEMA
    version: str
    report_sha256: str
    report_verdict: str
    tagged: bool
    drop: tuple[str, ...]
    until: float | None
    cut: float | None
    rows: int
    rows_kept: int
    rows_dropped: int
    rows_unjudged: int
    documents: int
    documents_dropped: int
    documents_along: int
    reasons: Mapping[str, int]
    reasons_documents: Mapping[str, int]
    left: tuple[Left, ...]
    expected_false: float | None
    notes: tuple[str, ...]
    files: tuple[FilteredFile, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        values: dict[str, Any] = plain(self)
        return values

    def __repr__(self) -> str:
        """The first sentence; `summary` has the others."""
        return f"<Filtered: {self.summary().splitlines()[0]}>"

    def _repr_html_(self) -> str:
        return as_html(self.summary())

    def summary(self) -> str:
        """What was done and how much may be left, a sentence a line, safe to print."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        verb = "would be dropped and are tagged" if self.tagged else "were dropped"
        yield f"{self.rows_dropped:,} of {self.rows:,} rows {verb}, {self.rows_kept:,} are kept."
        for told, count in self.reasons.items():
            n_documents = self.reasons_documents.get(told, count)
            several = f" ({n_documents:,} documents)" if n_documents != count else ""
            yield f"· {visible(told)}: {how_many(count, 'row')}{several}"
        if self.cut is not None:
            yield f"· rows in the order of evidence, up to a p-value of {self.cut:.3g}"
        if self.documents_along:
            yield (
                f"{self.documents_along:,} of the {self.documents_dropped:,} documents stand in a"
                " row with another that is dropped: a row goes whole."
            )
        kept = "what would be left" if self.tagged else "what is left"
        for one in self.left:
            name = (
                MODEL_LIKE if one.source is None else f"consistent with {source_name(one.source)}"
            )
            yield (
                f"At most {percent(one.at_most)} of {kept} is {name} (before: at most"
                f" {percent(one.before)}), with confidence {percent(one.confidence_level)}."
            )
            if one.expected is not None:
                yield (
                    f"By the rows' posteriors about {percent(one.expected)} are expected to be,"
                    " which is no bound."
                )
            if self.documents_dropped:
                yield self._true_told(one.true_at_least)
            if self.documents_dropped and one.at_most > one.before:
                yield (
                    "That the bound is higher than before does not say that more is left: what is"
                    " not shown to be gone may all be among the rows kept, and these are fewer."
                )
        if self.expected_false is not None and self.documents_dropped:
            yield f"About {self.expected_false:,.1f} of them at most are expected to be by others."
        yield from (f"· {visible(note)}" for note in self.notes)

    def _true_told(self, n_true: int) -> str:
        of = f"Of the {self.documents_dropped:,} documents {'tagged' if self.tagged else 'dropped'}"
        on_record = [one for one in self.drop if one.partition("[")[0] in ON_RECORD]
        if on_record:
            shown = f"at least {n_true:,} for sure" if n_true else "none for sure"
            by = visible(" and ".join(on_record))
            return (
                f"{of} the list of rows shows {shown}; what {by} shows of them besides is no part"
                " of the bound."
            )
        if not n_true:
            return f"{of} the list shows none for sure: all may be by others."
        others = self.documents_dropped - n_true
        if not others:
            return f"{of} all are."
        return f"{of} at least {n_true:,} are; up to {others:,} may be by others."
