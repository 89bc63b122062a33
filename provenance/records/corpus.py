"""What was read of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provenance.records.refusing import check, check_counts

__all__ = ["CorpusSummary", "TurnCount"]


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
        check_counts(self, "n_turns")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSummary:
    """What was read; ``n_documents = n_scored + n_too_short``, skipped rows lie outside.

    So do the ``n_trusted`` documents dated before ``reference_before``: they are held to be of no
    candidate. ``losses`` counts the places at which nobody knows how many rows were lost
    (``lost`` names the first), and ``n_passed_over`` the files of folders that were not read.
    ``read`` says whose words were taken, ``turns`` counts them. Where rows were drawn, these are
    ``n_drawn`` of ``n_drawn_from``, which is estimated where ``drawn_from_is_about``.
    ``given`` is what was named to be read: of a folder its name, where ``paths`` has its files.
    ``n_judged`` of a scan is how many of the scored are of a kind that is judged; else None.
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
    n_judged: int | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """What to call the corpus, and to read it again by."""
        return self.given or self.paths

    def __post_init__(self) -> None:
        check_counts(self, "n_drawn", "n_drawn_from")
        check_counts(self, "n_scored", "n_too_short", "n_skipped", "n_tokens", "n_distinct")
        check_counts(self, "n_trusted", "n_passed_over")
        total = self.n_scored + self.n_too_short
        check(self.n_documents == total, f"n_documents: {self.n_documents}, parts sum to {total}")
        judged = self.n_scored if self.n_judged is None else self.n_judged
        check(0 <= judged <= self.n_scored, f"n_judged: {judged} of {self.n_scored} scored")
