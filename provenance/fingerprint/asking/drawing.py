"""Drawing prompts from a corpus of any size: distinct ones, balanced by length and by fields.

Each prompt has a rank that its words and a seed draw. The lowest are held, a few times as many as
are wanted, so that one reading in any order gives a uniform draw of distinct prompts. Of these as
many are chosen of each stratum as its part says, and none that quotes an answer of the corpus, is
nearly another one's, or stands in another one's conversation. A second reading finds the quotes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError, require_whole
from provenance.features.tokens import encode, load_encoding
from provenance.fingerprint.asking.alike import Quotes, Sketches, sketch
from provenance.fingerprint.asking.prompts import NO_PROMPT, NOT_AN_OPENING, Prompt, prompt_of

if TYPE_CHECKING:
    from provenance.corpus import Corpus, Document

Stratum = TypeVar("Stratum", bound=Hashable)

__all__ = ["MOST_PROMPTS", "DrawnPrompts", "PromptPool", "allotted", "draw_prompts"]

MOST_PROMPTS: Final = 10_000
"""Most prompts of one draw: a round figure, less than a batch of either kind may hold."""
QUOTES: Final = "that quote an answer of the corpus"
NEARLY: Final = "nearly the same as one that was drawn"
ONE_GROUP: Final = "of a conversation, or a group, that one was drawn of"
TRUSTED: Final = "of the reference period"

_SPARE: Final = 4
"""Prompts held for each that is wanted; a round figure, not tuned."""
_ROOM: Final = 1 << 25
"""Characters of the prompts held: a bound on memory."""
_RANKS: Final = 1 << 64


@dataclass(slots=True)
class PromptPool:
    """The prompts of the lowest ranks, one of each rank, whatever order they come in.

    Parameters
    ----------
    most : int
        How many are kept.
    room : int
        Characters that they may have together.

    Examples
    --------
    >>> pool = PromptPool(most=2)
    >>> for rank in (5, 3, 9, 5, 1):
    ...     pool.add(Prompt(str(rank), "", (), rank, (), ("a", rank)))
    >>> [prompt.rank for prompt in pool.lowest()], pool.n_seen
    ([1, 3], 5)
    """

    most: int
    room: int = _ROOM
    n_seen: int = 0
    _held: dict[int, Prompt] = field(default_factory=dict)
    _size: int = 0
    _end: int = _RANKS

    def add(self, prompt: Prompt) -> None:
        """Take one in; of two of one rank the smaller id stays."""
        self.n_seen += 1
        if prompt.rank >= self._end:
            return
        known = self._held.get(prompt.rank)
        if known is not None:
            if (known.id, known.row) <= (prompt.id, prompt.row):
                return
            self._size -= known.size
        self._held[prompt.rank] = prompt
        self._size += prompt.size
        if len(self._held) > 2 * self.most or self._size > 2 * self.room:
            self.lowest()

    def lowest(self) -> list[Prompt]:
        """Those that are kept, by their ranks; the others are forgotten."""
        ranked = [self._held[rank] for rank in sorted(self._held)]
        kept, size = 0, 0
        for prompt in ranked[: self.most]:
            size += prompt.size
            if size > self.room and kept:
                break
            kept += 1
        if kept < len(ranked):
            self._end = ranked[kept].rank
        self._held = {prompt.rank: prompt for prompt in ranked[:kept]}
        self._size = sum(prompt.size for prompt in ranked[:kept])
        return ranked[:kept]

    @property
    def n_distinct(self) -> int:
        """Different prompts that were met; of more than are kept an estimate.

        So many ranks below the end of so many possible ones tell how many there are in all
        (Bar-Yossef et al. 2002); of 2,000 kept the standard error is 2 %.
        """
        return min(self.n_seen, round(len(self._held) * _RANKS / self._end))

    @property
    def is_whole(self) -> bool:
        """Whether all that were met are kept."""
        return self._end == _RANKS


@dataclass(frozen=True, slots=True)
class DrawnPrompts:
    """What was drawn, from what, and what was left out.

    Parameters
    ----------
    prompts : tuple of Prompt
        In the order of their ranks, which is a random one.
    n_documents, n_asked, n_distinct : int
        Documents read; those whose prompts can be asked; different prompts of these.
    is_counted : bool
        Whether ``n_distinct`` was counted; else it is an estimate.
    left_out : mapping of str to int
        Documents by why their prompts cannot be asked.
    passed_over : mapping of str to int
        Prompts that would have been drawn, by why they were not.
    n_tokens : int
        Of all messages, without what an API adds around each.
    n_strata : int
        Strata that prompts were drawn of.
    n_held : int
        Different prompts that were looked at.
    """

    prompts: tuple[Prompt, ...]
    n_documents: int
    n_asked: int
    n_distinct: int
    is_counted: bool
    left_out: Mapping[str, int]
    passed_over: Mapping[str, int]
    n_tokens: int
    n_strata: int
    n_held: int

    @property
    def n_continuing(self) -> int:
        """Prompts whose messages hold earlier answers, which the corpus's own authors wrote."""
        return sum(not prompt.is_opening for prompt in self.prompts)


def draw_prompts(
    corpus: Corpus,
    n: int,
    *,
    seed: int = 0,
    openings: bool = False,
    is_trusted: Callable[[Document], bool] | None = None,
    encoding: str = "o200k_base",
    progress: Callable[[Corpus], None] | None = None,
) -> DrawnPrompts:
    """Draw prompts of a corpus; it is read twice.

    Parameters
    ----------
    corpus : Corpus
        Opened with ``with_said``; its fields ``by`` balance the draw.
    n : int
        How many are wanted, at most 10,000.
    seed : int
    openings : bool
        Whether prompts behind an earlier answer are left out.
    is_trusted : callable, optional
        Whether a document is of the reference period, whose prompts are not asked.
    encoding : str
        Counts tokens.
    progress : callable, optional
        Called with the corpus now and then.

    Raises
    ------
    InputError
        Where no document has a prompt that can be asked.
    """
    require_whole("n", n, 1, MOST_PROMPTS)
    pool, left_out, n_documents = PromptPool(_SPARE * n), Counter[str](), 0
    for document in _read(corpus, progress):
        n_documents += 1
        found = prompt_of(document, seed, corpus.options.by)
        if is_trusted is not None and is_trusted(document):
            left_out[TRUSTED] += 1
        elif isinstance(found, str):
            left_out[found] += 1
        elif openings and not found.is_opening:
            left_out[NOT_AN_OPENING] += 1
        else:
            pool.add(found)
    held = pool.lowest()
    if not held:
        raise _nothing(corpus, n_documents, left_out)
    quotes = Quotes(held)
    for document in _read(corpus, progress):
        quotes.look_in([document.text])
    # Ids of rows, which stand for groups that nobody named, may begin anew in each file.
    is_grouped = corpus.options.group_field is not None
    chosen, passed_over = _chosen(held, _Choice(n, quotes.ranks, is_grouped=is_grouped))
    if not chosen:
        raise _nothing(corpus, n_documents, Counter({**left_out, **passed_over}))
    counts = load_encoding(encoding)
    return DrawnPrompts(
        tuple(chosen),
        n_documents,
        pool.n_seen,
        pool.n_distinct,
        pool.is_whole,
        dict(left_out),
        dict(passed_over),
        sum(len(encode(words, counts)) for one in chosen for _, words in one.messages),
        len({prompt.stratum for prompt in chosen}),
        len(held),
    )


def _read(corpus: Corpus, progress: Callable[[Corpus], None] | None) -> Iterable[Document]:
    for number, document in enumerate(corpus):
        if progress is not None and number % 1000 == 0:
            progress(corpus)
        yield document


def _chosen(ranked: Sequence[Prompt], choice: _Choice) -> tuple[list[Prompt], Counter[str]]:
    """As many of each stratum as are due to it, the lowest ranks first; then what is left."""
    due = allotted(Counter(prompt.stratum for prompt in ranked), choice.most)
    later = list[Prompt]()
    for prompt in ranked:
        if due[prompt.stratum] == 0:
            later.append(prompt)
        elif choice.takes(prompt):
            due[prompt.stratum] -= 1
    for prompt in later:
        if len(choice.chosen) == choice.most:
            break
        choice.takes(prompt)
    return sorted(choice.chosen, key=lambda prompt: prompt.rank), choice.passed_over


class _Choice:
    """What was chosen so far, and why others were not."""

    def __init__(self, most: int, quoting: set[int], *, is_grouped: bool) -> None:
        self.most = most
        self.chosen: list[Prompt] = []
        self.passed_over: Counter[str] = Counter()
        self._quoting = quoting
        self._near = Sketches(most)
        self._is_grouped = is_grouped
        self._groups: set[str | tuple[str, int]] = set()

    def takes(self, prompt: Prompt) -> bool:
        found = sketch(prompt.prompt)
        why = self._against(prompt, found)
        if why is not None:
            self.passed_over[why] += 1
            return False
        self._near.add(found)
        self._groups.add(self._group_of(prompt))
        self.chosen.append(prompt)
        return True

    def _against(self, prompt: Prompt, found: NDArray[np.uint64]) -> str | None:
        if prompt.rank in self._quoting:
            return QUOTES
        if self._group_of(prompt) in self._groups:
            return ONE_GROUP
        return NEARLY if self._near.holds(found) else None

    def _group_of(self, prompt: Prompt) -> str | tuple[str, int]:
        # An empty value names no group.
        return (prompt.group if self._is_grouped else None) or prompt.row


def allotted(counts: Mapping[Stratum, int], n: int) -> dict[Stratum, int]:
    """How many of each stratum are drawn: its part of ``n``, by the largest remainders.

    Examples
    --------
    >>> allotted({"a": 6, "b": 3, "c": 1}, 5)
    {'a': 3, 'b': 2, 'c': 0}
    """
    total = sum(counts.values())
    n = min(n, total)
    parts = {name: divmod(count * n, total) for name, count in counts.items()}
    due = {name: whole for name, (whole, _) in parts.items()}
    by_rest = sorted(parts, key=lambda name: (-parts[name][1], repr(name)))
    for name in by_rest[: n - sum(due.values())]:
        due[name] += 1
    return due


def _nothing(corpus: Corpus, n_documents: int, why: Mapping[str, int]) -> InputError:
    told = ", ".join(f"{count:,} {reason}" for reason, count in sorted(why.items()))
    return InputError(
        f"none of its {n_documents:,} documents has a prompt that can be asked ({told})",
        where=", ".join(corpus.paths[:3]),
        expected="chats, or rows with a field called prompt, instruction, question or query; in"
        " them words alone, of a system, a user and an assistant",
        remedy=_REMEDIES.get(max(why, key=lambda reason: why[reason]), _ANOTHER_SAMPLE),
    )


_ANOTHER_FIELD: Final = (
    "Name the field of the prompts with --prompt-field; of a corpus without prompts an API cannot"
    " be asked"
)
_REMEDIES: Final = {
    NO_PROMPT: _ANOTHER_FIELD,
    QUOTES: _ANOTHER_FIELD,
    TRUSTED: "Name an earlier day with --reference-before, or leave it out",
    NOT_AN_OPENING: "Leave out --openings",
}
"""What to do where most prompts cannot be asked for one reason."""
_ANOTHER_SAMPLE: Final = "Take a sample of the API on other prompts, of the same kind"
