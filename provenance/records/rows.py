"""What is told of single rows: lists of them, how far they can be believed, the strongest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provenance.records.refusing import check, check_counts, check_fractions

__all__ = [
    "MAX_DRAWN",
    "MAX_EXCERPTS",
    "MAX_EXCERPT_CHARS",
    "MAX_POINTS",
    "CaughtUpTo",
    "Excerpt",
    "ListCut",
    "ListedRows",
    "RowCalibration",
    "SignatureRow",
]

MAX_EXCERPTS = 100
MAX_DRAWN = 40
"""Rows of a report that were drawn by chance; a round figure, for a page that stays small."""
MAX_EXCERPT_CHARS = 600
MAX_POINTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCut:
    """The first ``n_rows`` rows by p-value, of which ``false_at_most`` are false."""

    n_rows: int
    false_at_most: int

    def __post_init__(self) -> None:
        check_counts(self, "n_rows", "false_at_most")
        few = self.false_at_most <= self.n_rows
        check(few, f"false_at_most: {self.false_at_most} of {self.n_rows} rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUpTo:
    """Of a candidate's own ``n_held_out`` documents ``n_missed`` have a larger p-value than this.

    They are the third of its held-out documents by length of which most do.
    """

    p_value: float
    n_missed: int
    n_held_out: int

    def __post_init__(self) -> None:
        check_fractions(self, "p_value")
        check_counts(self, "n_missed", "n_held_out")
        few = self.n_missed <= self.n_held_out
        check(few, f"n_missed: {self.n_missed} of {self.n_held_out} documents")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRows:
    """A candidate's list of rows, which may be cut anywhere.

    A row is false where one of the other sources that were given wrote it, or whatever reads no
    otherwise. A row by a source that was not given may count as true.

    Parameters
    ----------
    source : str or None
        None where the rows are like a language model's, whosever they are.
    n_documents : int
        Scored documents.
    true_at_least : int
        Of them, rows that are not false.
    listed_at_least : float
        ``true_at_least / n_documents``: a bound on a share, beside its low end and no part of it.
    confidence_level : float
        At which `true_at_least` and all `cuts` of all lists hold together.
    cuts : tuple of ListCut
        A few places; ``false_at_most`` of ``documents.parquet`` has all.
    caught : tuple of CaughtUpTo
        How many of the candidate's own held-out documents the list misses, at a few places; none
        where the rows are like any language model's.
    n_repeats : int
        Of the documents, those that are no independent draws: copies, or of one conversation.
    """

    source: str | None
    n_documents: int
    true_at_least: int
    listed_at_least: float
    confidence_level: float
    cuts: tuple[ListCut, ...]
    caught: tuple[CaughtUpTo, ...] = ()
    n_repeats: int = 0

    def __post_init__(self) -> None:
        check_counts(self, "n_documents", "true_at_least", "n_repeats")
        check_fractions(self, "listed_at_least", "confidence_level")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCalibration:
    """How far a candidate's likelihood ratios of single rows can be believed.

    Parameters
    ----------
    source : str
    cllr : float
        Cost of the log likelihood ratio in bits: 0 is perfect, 1 is what no ratio at all costs.
    min_cllr : float
        The same after the best monotone recalibration.
    own, others : tuple of float
        Log likelihood ratios in nats at evenly spaced quantiles, from the smallest to the largest,
        of held-out rows of the candidate and of the other sources.
    n_own, n_others : int
        How many held-out rows these are; 0 where that is not known.
    trusted : tuple of float
        The same quantiles for rows of the corpus that no candidate can have written; without such
        rows empty.
    n_trusted : int
        How many different texts these are.
    """

    source: str
    cllr: float
    min_cllr: float
    own: tuple[float, ...]
    others: tuple[float, ...]
    n_own: int = 0
    n_others: int = 0
    trusted: tuple[float, ...] = ()
    n_trusted: int = 0

    def __post_init__(self) -> None:
        check_counts(self, "cllr", "min_cllr", "n_own", "n_others", "n_trusted")
        for name in ("own", "others", *(["trusted"] if self.trusted else [])):
            n_points = len(getattr(self, name))
            check(2 <= n_points <= MAX_POINTS, f"{name}: {n_points} points, not 2 to {MAX_POINTS}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """A readable n-gram that tells a source apart; rates are fractions of documents with it."""

    source: str
    ngram: str
    rate_in_source: float
    rate_in_reference: float | None
    rate_in_corpus: float | None

    def __post_init__(self) -> None:
        check_fractions(self, "rate_in_source", "rate_in_reference", "rate_in_corpus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """One of the strongest rows; `spans` are ``(start, end)`` in characters of `text`.

    `fields` has its values of the fields that shares were broken down by.
    """

    id: str
    path: str
    line: int
    text: str
    spans: tuple[tuple[int, int], ...] = ()
    source: str | None = None
    llr: float | None = None
    q_value: float | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_counts(self, "line")
        check_fractions(self, "q_value")
        n_chars = len(self.text)
        check(n_chars <= MAX_EXCERPT_CHARS, f"text: more than {MAX_EXCERPT_CHARS} characters")
        inside = all(0 <= start < end <= n_chars for start, end in self.spans)
        check(inside, "spans: one that is empty or outside the text")
