"""What was read of chats, texts and dates, counted and told in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from provenance.corpus.chats.roles import UNTRAINED
from provenance.words import how_many, visible

__all__ = ["Place", "TurnCounts"]

_MOST_NAMES = 200
"""Different names that are counted apart; a round figure, not tuned."""
_OTHERS = "(other names)"
_TOLD_NAMES = 10
_TOLD_LENGTH = 60

Name = tuple[str, str | None, bool]
"""Name as written, role it was taken as, and whether it was taken."""

Place = tuple[str, int]
"""Input and line."""


@dataclass(slots=True)
class TurnCounts:
    """Whose words a pass met, and what of them became documents.

    Parameters
    ----------
    turns : Counter of (str, str or None, bool)
        Turns, and rows with a role of their own, by name as written, role (None where the name is
        no known role) and whether they were taken.
    n_conversations : int
        Chats read.
    n_role_rows : int
        Rows with a role of their own.
    n_texts : int
        Texts without any role.
    n_silent : int
        Turns without words: calls of tools, images, null.
    n_others : int
        Turns taken that stand on another branch than the first: beside one of their role.
    n_joined : int
        Lists of texts that were joined to one.
    n_prompts_cut : int
        Texts that began with their own prompt, which was left out of them.
    n_maybe_transcripts : int
        Texts with markers of both sides that were taken whole.
    n_unknown_roles : int
        Rows whose ``role`` or ``author_role`` is no known role, taken as text.
    n_undated : int
        Rows whose date was asked for and is empty or missing.
    n_bad_dates : int
        Rows whose date cannot be read.
    n_named : int
        Documents whose id is not a whole number alone.
    examples : dict of str to str
        Where the first of each doubtful kind stands, and what it is.
    """

    turns: Counter[Name] = field(default_factory=Counter)
    n_conversations: int = 0
    n_role_rows: int = 0
    n_texts: int = 0
    n_silent: int = 0
    n_others: int = 0
    n_joined: int = 0
    n_prompts_cut: int = 0
    n_maybe_transcripts: int = 0
    n_unknown_roles: int = 0
    n_undated: int = 0
    n_bad_dates: int = 0
    n_named: int = 0
    examples: dict[str, str] = field(default_factory=dict)

    def turn(self, key: Name) -> None:
        """Count one turn; of a file of endless names only the first are kept apart."""
        if key not in self.turns and len(self.turns) >= _MOST_NAMES:
            key = _OTHERS, *key[1:]
        self.turns[key] += 1

    def example(self, kind: str, where: Place, what: str = "") -> None:
        """Keep the first place of a kind."""
        if kind not in self.examples:
            path, line = where
            self.examples[kind] = visible(f"{path}:{line}" + (f": {what}" if what else ""))

    @property
    def n_unknown_names(self) -> int:
        """Turns of no known role that were left out."""
        return sum(n for (_, role, taken), n in self.turns.items() if role is None and not taken)

    @property
    def n_doubtful(self) -> int:
        """Turns of no known role, rows of no known role, and texts that may be transcripts."""
        return self.n_unknown_names + self.n_unknown_roles + self.n_maybe_transcripts

    @property
    def n_said(self) -> int:
        """All turns and texts."""
        return self.turns.total() + self.n_texts

    def told(self) -> list[str]:
        """Say what was read.

        Examples
        --------
        >>> counts = TurnCounts(n_conversations=1)
        >>> counts.turn(("bing", "assistant", True))
        >>> counts.turn(("human", "user", False))
        >>> print(*counts.told(), sep="\\n")
        1 turn of assistant in 1 conversation
        1 of bing taken as assistant
        1 turn of user left out
        """
        return [*self._taken(), *self._left_out(), *self._doubtful()]

    def _taken(self) -> Iterator[str]:
        for told, n in self._by_role(taken=True).items():
            yield f"{how_many(n, 'turn')} of {told}{self._places()}"
        for (name, role, taken), n in self.turns.most_common():
            if taken and role is not None and name.lower() != role:
                yield f"{n:,} of {_shown(name)} taken as {role}"
        if self.n_others:
            yield (
                f"{self.n_others:,} of them beside another one in the same place: asked for again"
                " or edited, each is read"
            )
        if self.n_texts:
            yield f"{how_many(self.n_texts, 'text')} without a speaker's name"
        if self.n_joined:
            yield f"{how_many(self.n_joined, 'list')} of texts joined, one text each"

    def _places(self) -> str:
        chats = how_many(self.n_conversations, "conversation")
        rows = how_many(self.n_role_rows, "row that names a role", "rows that name a role")
        places = [chats] * bool(self.n_conversations) + [rows] * bool(self.n_role_rows)
        return f" in {' and '.join(places)}" if places else ""

    def _left_out(self) -> Iterator[str]:
        for role, n in self._by_role(taken=False).items():
            if role == UNTRAINED:
                yield (
                    f"{how_many(n, 'turn')} of the assistant of weight 0, which fine-tuning passes"
                    f" over, left out; --role {UNTRAINED} reads them"
                )
            else:
                yield f"{how_many(n, 'turn')} of {role} left out"
        unknown = Counter({k[0]: n for k, n in self.turns.items() if k[1] is None and not k[2]})
        if unknown:
            named = [f"{_shown(name)!r}" for name, _ in unknown.most_common(_TOLD_NAMES)]
            more = f" and {len(unknown) - len(named)} more" if len(unknown) > len(named) else ""
            told = ", ".join(named) + more
            yield f"{how_many(unknown.total(), 'turn')} of {told}, no known role, left out"
        if self.n_prompts_cut:
            yield f"the prompt that {how_many(self.n_prompts_cut, 'text')} began with left out"
        if self.n_silent:
            yield f"{how_many(self.n_silent, 'turn')} without words left out"

    def _doubtful(self) -> Iterator[str]:
        for kind, n, what in (
            (
                "role",
                self.n_unknown_roles,
                "a role that is not known and taken as text",
            ),
            ("transcript", self.n_maybe_transcripts, "markers of both sides of a chat, whole"),
            ("date", self.n_bad_dates, "a date that cannot be read"),
            ("undated", self.n_undated, "no date"),
        ):
            if n:
                first = self.examples.get(kind)
                noun = "text" if kind == "transcript" else "row"
                verb = "taken with" if kind == "transcript" else "with"
                yield f"{how_many(n, noun)} {verb} {what}" + (f", first {first}" if first else "")

    def _by_role(self, taken: bool) -> Counter[str]:
        found: Counter[str] = Counter()
        for (name, role, was_taken), n in self.turns.items():
            if was_taken == taken and (role is not None or taken):
                found[role or _shown(name)] += n
        return found


def _shown(name: str) -> str:
    return visible(name[:_TOLD_LENGTH])
