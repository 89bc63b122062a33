"""The records of ``report.json``; each refuses what the contract refuses, nothing is computed.

Shares are fractions in [0, 1] everywhere but in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

__all__ = [
    "Baseline",
    "BaselinePart",
    "Breakdown",
    "Change",
    "CorpusSummary",
    "Diagnostic",
    "Excerpt",
    "Family",
    "FamilyReading",
    "Finding",
    "FindingKind",
    "ListCut",
    "ListedPart",
    "ListedParts",
    "ListedRows",
    "Looks",
    "Manifest",
    "Place",
    "Power",
    "RowCalibration",
    "Share",
    "SignatureRow",
    "Standing",
    "TurnCount",
    "Unit",
    "check",
    "unchecked_kinds",
]

MAX_EXCERPTS = 100
MAX_DRAWN = 40
"""Rows of a report that were drawn by chance; a round figure, for a page that stays small."""
MAX_EXCERPT_CHARS = 600
MAX_POINTS = 60

Role = Literal["candidate", "machine", "panel", "reference", "unknown"]
Unit = Literal["documents", "tokens"]
ShareVerdict = Literal["estimated", "bounded", "withheld"]
ChangeVerdict = Literal["fall", "rise", "not_shown"]
FindingKind = Literal[
    "overlap",
    "near_duplicate",
    "watermark",
    "disclosure",
    "text_repair",
    "suppressed_signature",
    "regenerated",
]


def check(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _check_fractions(record: object, *names: str) -> None:
    for name in names:
        value = getattr(record, name)
        check(value is None or 0 <= value <= 1, f"{name}: {value} is not in [0, 1]")


def _check_counts(record: object, *names: str) -> None:
    for name in names:
        check(getattr(record, name) >= 0, f"{name}: {getattr(record, name)} is below 0")


def _check_range(row: Share | Family) -> None:
    _check_fractions(row, "share", "low", "high")
    check(row.low <= row.high, f"low: {row.low} is above high, {row.high}")
    check(
        0 < row.confidence_level < 1,
        f"confidence_level: {row.confidence_level} is not between 0 and 1",
    )
    known = row.share is not None
    check(known or row.verdict != "estimated", "share: null, but the verdict is estimated")
    check(not known or row.verdict != "withheld", "share: a number, but the verdict is withheld")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One source's share of the documents or of their tokens.

    Parameters
    ----------
    source : str or None
        None is what belongs to no source given (role ``unknown``), and text like a language
        model's of which nobody knows whose it is (role ``machine``).
    share : float or None
        In [0, 1]; None where withheld.
    low, high : float
        Two-sided interval at `confidence_level`, or the set that can be defended.
    verdict : {"estimated", "bounded", "withheld"}
        ``bounded``: only the ends stand, no point between them is better than another.

    Examples
    --------
    >>> ends = dict(share=None, low=0.0, high=0.2, confidence_level=0.95, verdict="bounded")
    >>> Share(source="a", role="panel", unit="tokens", **ends).high
    0.2
    """

    source: str | None
    role: Role
    unit: Unit
    share: float | None
    low: float
    high: float
    confidence_level: float
    verdict: ShareVerdict

    def __post_init__(self) -> None:
        _check_range(self)
        unnamed = self.role in ("machine", "unknown")
        check(
            unnamed == (self.source is None),
            "source: null goes with the roles machine and unknown",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A candidate and its siblings, with their share together.

    ``candidate_low`` is the low end of the candidate's own share if the corpus may hold a sibling
    that was not given.
    """

    source: str
    members: tuple[str, ...]
    unit: Unit
    share: float | None
    low: float
    high: float
    candidate_low: float
    confidence_level: float
    verdict: ShareVerdict

    def __post_init__(self) -> None:
        _check_range(self)
        _check_fractions(self, "candidate_low")
        check(self.source in self.members, "members: without the candidate itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyReading:
    """What one feature family alone reads of a candidate's share of the documents.

    It stands beside the shares and decides none. ``share`` is None where shares are withheld.
    """

    family: str
    source: str
    share: float | None
    low: float
    high: float
    confidence_level: float

    def __post_init__(self) -> None:
        _check_fractions(self, "share", "low", "high")
        check(self.low <= self.high, f"low: {self.low} is above high, {self.high}")
        check(
            0 < self.confidence_level < 1,
            f"confidence_level: {self.confidence_level} is not between 0 and 1",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The shares among the documents that hold one value of one field.

    Their intervals hold together, at the confidence level, with those of all other parts.
    """

    field: str
    value: str
    n_documents: int
    shares: tuple[Share, ...]

    def __post_init__(self) -> None:
        _check_counts(self, "n_documents")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPart:
    """A part of a breakdown that has at least a share ``low`` of a source.

    ``source`` is None where it is text like a language model's, of which nobody knows whose it is.
    """

    field: str
    value: str
    source: str | None
    n_documents: int
    low: float

    def __post_init__(self) -> None:
        _check_counts(self, "n_documents")
        _check_fractions(self, "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedParts:
    """The parts whose low end is above 0, corrected for all that were judged, the highest first.

    Parameters
    ----------
    n_judged : int
        Shares of parts that were told, so that they might have been listed.
    error_rate : float
        Chance at most that any part is listed that has nothing of its source (family-wise, which
        bounds the expected rate of false ones too).
    parts : tuple of ListedPart
    """

    n_judged: int
    error_rate: float
    parts: tuple[ListedPart, ...]

    def __post_init__(self) -> None:
        _check_fractions(self, "error_rate")
        n_listed = len(self.parts)
        check(n_listed <= self.n_judged, f"parts: {n_listed}, but {self.n_judged} were judged")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCut:
    """The first ``n_rows`` rows by p-value, of which ``false_at_most`` are false."""

    n_rows: int
    false_at_most: int

    def __post_init__(self) -> None:
        _check_counts(self, "n_rows", "false_at_most")
        few = self.false_at_most <= self.n_rows
        check(few, f"false_at_most: {self.false_at_most} of {self.n_rows} rows")


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
    """

    source: str | None
    n_documents: int
    true_at_least: int
    listed_at_least: float
    confidence_level: float
    cuts: tuple[ListCut, ...]

    def __post_init__(self) -> None:
        _check_counts(self, "n_documents", "true_at_least")
        _check_fractions(self, "listed_at_least", "confidence_level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands: a document and, if known, characters ``start`` to ``end`` of it."""

    id: str
    path: str
    line: int
    start: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        _check_counts(self, "line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Evidence that needs no share; ``not_checked`` says that nobody looked."""

    kind: FindingKind
    verdict: Literal["found", "not_found", "not_checked"]
    statistic: float | None = None
    p_value: float | None = None
    null_hypothesis: str = ""
    n_documents: int = 0
    where: tuple[Place, ...] = ()
    source: str | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    q_value: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_counts(self, "n_documents")
        _check_fractions(self, "p_value", "q_value", "share", "low", "high")


def unchecked_kinds(findings: Iterable[Finding]) -> tuple[FindingKind, ...]:
    """The kinds that nobody looked for: told as *not checked*, or not told at all.

    Examples
    --------
    >>> unchecked_kinds([Finding(kind="overlap", verdict="not_found")])[:2]
    ('near_duplicate', 'watermark')
    """
    checked = {item.kind for item in findings if item.verdict != "not_checked"}
    return tuple(kind for kind in get_args(FindingKind) if kind not in checked)


FIT: Final = "fit"
"""Kind of the check whether the samples explain the corpus's scores."""
SHIFT: Final = "shift"
"""Kind of the check how far the corpus's domain moves the scores."""
SHORT: Final = "short_documents"
"""Kind of the check whether the samples hold short texts as the corpus does."""
FEW_MODELS: Final = "few_models"
"""Kind of the check whether other models are enough for a candidate to be told by name."""
ROWS: Final = "rows"
"""Kind of the check that tells what p-values rows can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One reason to believe the shares or not: a statistic beside its limit, in a sentence.

    Its name is its kind, and in brackets the source that it is about where it is about one.

    Examples
    --------
    >>> one = Diagnostic(name="fit[a[1]]", verdict="ok", statistic=0.5, limit=0.01, sentence="")
    >>> one.kind, one.source
    ('fit', 'a[1]')
    """

    name: str
    verdict: Literal["ok", "warn", "fail"]
    statistic: float | None
    limit: float | None
    sentence: str

    @property
    def kind(self) -> str:
        """What was checked."""
        return self.name.partition("[")[0]

    @property
    def source(self) -> str | None:
        """The source that the check is about; None where it is about all of them."""
        _, bracket, rest = self.name.partition("[")
        return rest.removesuffix("]") if bracket else None


FDR: Final = 0.05
"""Rate of false rows among those listed unless another is asked for: the usual level."""
POWER: Final = 0.8
"""Chance at which a smallest detectable share is told: the convention of Cohen (1988)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """The smallest share that would be seen; None where none would, or where it is not known."""

    source: str
    unit: Unit
    smallest_detectable_share: float | None
    at_power: float

    def __post_init__(self) -> None:
        _check_fractions(self, "smallest_detectable_share", "at_power")


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
        _check_counts(self, "cllr", "min_cllr", "n_own", "n_others", "n_trusted")
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
        _check_fractions(self, "rate_in_source", "rate_in_reference", "rate_in_corpus")


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
        _check_counts(self, "line")
        _check_fractions(self, "q_value")
        n_chars = len(self.text)
        check(n_chars <= MAX_EXCERPT_CHARS, f"text: more than {MAX_EXCERPT_CHARS} characters")
        inside = all(0 <= start < end <= n_chars for start, end in self.spans)
        check(inside, "spans: one that is empty or outside the text")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCount:
    """Turns of a chat under one name, as written.

    Parameters
    ----------
    name : str
        As the corpus has it.
    role : str or None
        What it was taken as; None where it is no known role.
    taken : bool
        Whether the turns are documents.
    n_turns : int
    """

    name: str
    role: str | None
    taken: bool
    n_turns: int

    def __post_init__(self) -> None:
        _check_counts(self, "n_turns")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSummary:
    """What was read; ``n_documents = n_scored + n_too_short``, skipped rows lie outside.

    So do the ``n_trusted`` documents dated before ``reference_before``: they are held to be of no
    candidate. ``losses`` counts the places at which nobody knows how many rows were lost
    (``lost`` names the first), and ``n_passed_over`` the files of folders that were not read.
    ``read`` says whose words were taken, ``turns`` counts them. Where rows were drawn, these are
    ``n_drawn`` of ``n_drawn_from``, which is estimated where ``drawn_from_is_about``.
    ``given`` is what was named to be read: of a folder its name, where ``paths`` has its files.
    """

    paths: tuple[str, ...]
    n_documents: int
    n_scored: int
    n_too_short: int
    n_skipped: int
    n_tokens: int
    n_distinct: int
    sha256: str
    repairs: Mapping[str, int] = field(default_factory=dict)
    text_fields: Mapping[str, str] = field(default_factory=dict)
    n_trusted: int = 0
    reference_before: str | None = None
    losses: Mapping[str, int] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    n_passed_over: int = 0
    passed_over: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    turns: tuple[TurnCount, ...] = ()
    n_drawn: int = 0
    n_drawn_from: int = 0
    drawn_from_is_about: bool = False
    given: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """What to call the corpus, and to read it again by."""
        return self.given or self.paths

    def __post_init__(self) -> None:
        _check_counts(self, "n_drawn", "n_drawn_from")
        _check_counts(self, "n_scored", "n_too_short", "n_skipped", "n_tokens", "n_distinct")
        _check_counts(self, "n_trusted", "n_passed_over")
        total = self.n_scored + self.n_too_short
        check(self.n_documents == total, f"n_documents: {self.n_documents}, parts sum to {total}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A share in one of two compared reports, and the documents that its interval stands for.

    Parameters
    ----------
    n_documents : int
        Documents that the share is of.
    fewest, most : int or None
        Documents that `low` and `high` stand for, rounded outwards; None for shares of tokens.
    """

    share: float | None
    low: float
    high: float
    verdict: ShareVerdict
    n_documents: int
    fewest: int | None
    most: int | None

    def __post_init__(self) -> None:
        _check_fractions(self, "share", "low", "high")
        _check_counts(self, "n_documents")
        check(self.low <= self.high, f"low: {self.low} is above high, {self.high}")
        for count in (self.fewest, self.most):
            check(count is None or count >= 0, f"fewest, most: {count} is below 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One candidate's share before and after, with an interval of the change.

    Parameters
    ----------
    low, high : float
        ``after.low - before.high`` and ``after.high - before.low``, in [-1, 1]: both intervals
        taken as independent, which is wider than the interval of a difference has to be.
    verdict : {"fall", "rise", "not_shown"}
        Whether the change of the share is larger than both intervals allow for.
    count_low, count_high : int or None
        The same for numbers of documents, which a corpus that grew does not dilute.
    count_verdict : {"fall", "rise", "not_shown"} or None
    sentence : str
        The same in words.
    """

    source: str
    unit: Unit
    before: Standing
    after: Standing
    low: float
    high: float
    verdict: ChangeVerdict
    count_low: int | None
    count_high: int | None
    count_verdict: ChangeVerdict | None
    sentence: str

    def __post_init__(self) -> None:
        check(-1 <= self.low <= self.high <= 1, "low, high: not in order within [-1, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselinePart:
    """One value of one field in two compared reports; `changes` is empty where one lacks it.

    Parameters
    ----------
    n_before, n_after : int or None
        Scored documents that hold the value; None where a report has no such breakdown.
    """

    field: str
    value: str
    n_before: int | None
    n_after: int | None
    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        for count in (self.n_before, self.n_after):
            check(count is None or count >= 0, f"n_before, n_after: {count} is below 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier report of a corpus, and what has changed since.

    Parameters
    ----------
    paths, sha256
        Of the earlier corpus.
    changes : tuple of Change
        One for each candidate and unit.
    parts : tuple of BaselinePart
    notes : tuple of str
        What weakens the comparison, in words.
    """

    paths: tuple[str, ...]
    sha256: str
    n_documents: int
    n_scored: int
    n_tokens: int
    verdict: Literal["estimated", "withheld"]
    changes: tuple[Change, ...]
    parts: tuple[BaselinePart, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_counts(self, "n_documents", "n_scored", "n_tokens")


def _is_input(item: Mapping[str, Any]) -> bool:
    path, sha256, size = (item.get(name) for name in ("path", "sha256", "bytes"))
    words = (item.get(name) for name in ("role", "modified", "of", "scrypt"))
    return (
        isinstance(path, str)
        and isinstance(sha256, str | None)
        and all(isinstance(one, str | None) for one in words)
        and (size is None or (type(size) is int and size >= 0))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Earlier matches of the same corpus, as far as the log of looks tells.

    Parameters
    ----------
    n_before : int
    first, last : str or None
        When the first and the last of them began, ISO 8601; None where there was none.
    at_least : bool
        Whether there were more than the log keeps.
    """

    n_before: int
    first: str | None = None
    last: str | None = None
    at_least: bool = False

    def __post_init__(self) -> None:
        _check_counts(self, "n_before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is needed to run it again; `inputs` have ``path`` and, where known, hash and size.

    Parameters
    ----------
    inputs : tuple of mapping
        Of the corpus.
    given : tuple of mapping
        All else, with its ``role``: fingerprints, indexes, keys, an earlier report.
    title, case, author : str or None
        As whoever ran it called the report, the case that it belongs to, and themselves.
    looks : Looks or None
        None where no log of looks was kept.
    """

    version: str
    command: tuple[str, ...]
    seed: int
    inputs: tuple[Mapping[str, Any], ...]
    spec: Mapping[str, Any]
    started: str
    seconds: float
    peak_memory_bytes: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    case: str | None = None
    author: str | None = None
    looks: Looks | None = None
    given: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        for name in ("inputs", "given"):
            for at, item in enumerate(getattr(self, name)):
                check(_is_input(item), f"{name}[{at}]: not a path, sha256 and bytes")
