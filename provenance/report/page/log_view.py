"""What the page shows of a log: decoded from a finding's details, of which nothing is trusted."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.errors import InputError
from provenance.evidence.log.accounts import JoinRow
from provenance.evidence.log.cover import Cover
from provenance.files.json import decode, plain
from provenance.records import MAX_EXCERPT_CHARS, Finding, check
from provenance.report.page.log_picture import join_picture
from provenance.words import how_many

__all__ = ["LogPair", "LogView", "log_view"]

_MOST_ROWS = 20
_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class LogPair:
    """A text of the corpus beside an answer of the log."""

    id: str
    path: str
    line: int
    answers: tuple[str, ...]
    text: str | None = None
    spans: tuple[tuple[int, int], ...] = ()
    answer_text: str | None = None
    answer_spans: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        for text, spans in ((self.text, self.spans), (self.answer_text, self.answer_spans)):
            n_chars = len(text or "")
            check(n_chars <= MAX_EXCERPT_CHARS, "text: too long")
            inside = all(0 <= start < end <= n_chars for start, end in spans)
            check(inside, "spans: one that is empty or outside the text")


@dataclass(frozen=True, slots=True)
class LogView:
    """The parts of a finding that stands on a log; those that it lacks are empty."""

    pairs: tuple[LogPair, ...]
    accounts: tuple[JoinRow, ...] = ()
    endpoints: tuple[JoinRow, ...] = ()
    days: tuple[tuple[str, int, int], ...] = ()
    cover: Cover | None = None
    n_answers: int = 0
    n_matched_answers: int = 0
    n_matched: int = 0
    n_half_covered: int = 0
    n_with_common_text_alone: int = 0
    n_older_than_the_answer: int = 0
    expected_false_hits: float = 0.0
    n_decoys: int | None = None

    @property
    def kept_no_text(self) -> bool:
        """Whether texts of the corpus are there and none of the log's."""
        texts = [one.answer_text for one in self.pairs if one.text is not None]
        return bool(texts) and all(one is None for one in texts)

    @property
    def cover_sentence(self) -> str:
        """How many accounts explain what was found, beside random matching."""
        if self.cover is None:
            return ""
        found = self.cover
        half = how_many(found.n_accounts_half, "account explains", "accounts explain")
        most = how_many(found.n_accounts_most, "explains", "explain")
        return (
            f"At most {half} half of the {found.n_documents:,} matched answers (random matching:"
            f" {found.random_half_low:,} to {found.random_half_high:,}), {most} 90 % (random:"
            f" {found.random_low:,} to {found.random_high:,}) and {found.n_accounts:,} all of them."
        )

    @property
    def picture(self) -> str:
        """Matched answers by day and by account, as SVG; empty where there is neither."""
        if not self.days and not self.accounts:
            return ""
        try:
            return join_picture(self.days[-_MOST_DAYS:], self.accounts[:_MOST_ROWS])
        except (OverflowError, ValueError):
            # A date or a number that nobody can draw.
            return ""


def log_view(finding: Finding) -> LogView | None:
    """The view of a finding, None where it does not stand on a log or its details are not so.

    Examples
    --------
    >>> log_view(Finding(kind="overlap", verdict="not_checked")) is None
    True
    """
    if finding.details.get("of") != "log":
        return None
    try:
        found: LogView = decode(LogView, plain(finding.details), "details")
    except InputError:
        return None
    return found
