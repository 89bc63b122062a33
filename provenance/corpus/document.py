"""What is read from a corpus, how it is asked for, and what a row that cannot be read says."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from types import EllipsisType
from typing import Final, Literal, TypeAlias

from provenance.errors import LARGEST_SEED, InputError, require_whole

__all__ = [
    "FILE",
    "MORE_THAN_WORDS",
    "ROW_LIMIT",
    "TEXT_FIELD",
    "TEXT_FIELDS",
    "BadRow",
    "CorpusOptions",
    "Document",
    "Row",
    "Said",
    "field_steps",
    "said_turns",
]

FILE: Final = "file"
"""What the file of a row is called as a field, where rows have none of that name."""

TEXT_FIELD: Final = "text_field"
"""What the field of a text is called as a field, where rows have none of that name."""

ROW_LIMIT = 32 * 2**20
"""Longest row in bytes; a longer one is a bad row."""

TEXT_FIELDS = (
    "text",
    "content",
    "output",
    "response",
    "completion",
    "messages",
    "conversations",
    "chosen",
    "rejected",
)
"""Where text is looked for when no field is named, in this order."""

Row = tuple[int, object]
"""Line, counted from 1, and record."""

Step = str | int | EllipsisType
"""One step of a dotted field: a key, a place in a list, or every place."""

_STEPS = re.compile(r"[^.\[\]]+(\[(\*|\d+)\])*(\.[^.\[\]]+(\[(\*|\d+)\])*)*")
_STEP = re.compile(r"\[(\*|\d+)\]|([^.\[\]]+)")


class BadRow(Exception):  # noqa: N818  (more often yielded as a value than raised)
    """A row that gives no document: what was got, what was expected and what to do."""

    def __init__(self, what: str, expected: str | None = None, remedy: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.remedy = remedy


Said: TypeAlias = "tuple[str, str, Said | None]"
"""A turn and, last, the one before it, or None: a list that the branches of a chat can share.

Name as written, words, and what was said before. A tuple, because each turn that is read makes one.
"""
MORE_THAN_WORDS: Final = "more than words"
"""The name, in a `Said`, of what a turn shows beside its words: images, sounds, files, calls.

It stands before the turn; its words are the name of who speaks there.
"""


def said_turns(said: Said | None, most: int) -> list[tuple[str, str]] | None:
    """Names and words of a conversation, the oldest first; None where there are more than `most`.

    Examples
    --------
    >>> said_turns(("assistant", "Yes?", ("user", "Hi", None)), 9)
    [('user', 'Hi'), ('assistant', 'Yes?')]
    """
    found: list[tuple[str, str]] = []
    while said is not None:
        if len(found) == most:
            return None
        found.append(said[:2])
        said = said[2]
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Document:
    """One text of a corpus and where it stands.

    Parameters
    ----------
    id : str
        The row's id, or ``name:line``; ``#1``, ``#2`` … follow where a row gives several documents.
    text : str
    path : str
        The input it is from, as shown to people (without credentials).
    line : int
        Line or row in that input, from 1; the byte where it begins, from 0, where a sample was
        drawn from lines that nobody counted (the id says ``byte``).
    group : str or None
        Conversation or value of the group field; None where it is a group of its own.
    prompt : str or None
    domain : str or None
    date : datetime.date or None
        Day in UTC; the first one of a year, month or week that is all that is said.
    fields : mapping of str to str
        Values of the fields asked for with ``by``; an empty string where a row lacks one.
    date_until : datetime.date or None
        The last day that it may be of, where `date` is the first of several.
    said : tuple or None
        What was said before it, where `CorpusOptions.with_said` asks for that; the user's words
        that it answers come last.
    drawn_with : str or None
        The stretch of a file that it was drawn with; rows of one stretch may be alike. None where
        rows were drawn one by one, or all were read.
    segment : str or None
        Which part of a row it is, where `CorpusOptions.segments` asks for that.
    asked : str or None
        Digest of the prompts that were asked, where it is an answer to one of them.
    """

    id: str
    text: str
    path: str
    line: int
    group: str | None = None
    prompt: str | None = None
    domain: str | None = None
    date: datetime.date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    date_until: datetime.date | None = None
    said: Said | None = None
    drawn_with: str | None = None
    segment: str | None = None
    asked: str | None = None

    @property
    def last_date(self) -> datetime.date | None:
        """The last day that it may be of: what is older than a day is so by this one."""
        return self.date_until or self.date

    def with_text(self, text: str) -> Document:
        """The same with another text, in less than half of the time that `replace` takes.

        Examples
        --------
        >>> Document("a", "A long text", "x", 1).with_text("A").text
        'A'
        """
        name, _, *others = _VALUES(self)
        return Document(name, text, *others)


_VALUES: Final = attrgetter(*(item.name for item in fields(Document)))
"""All that a document holds, as it is made of: the id and the text come first."""


@dataclass(frozen=True, slots=True)
class CorpusOptions:
    """How a corpus is read.

    Fields are dotted: ``a.b``, ``messages[0].content``, ``messages[*].content`` (a document for
    each match; the role beside it counts). A field that holds a list of strings is joined with one
    space. A field that holds a chat, in any of its shapes, gives a document for each turn of
    ``role``.

    Parameters
    ----------
    text_field : str, optional
        Several with commas between, such as ``chosen,rejected``, are all read; ``by`` the field
        ``text_field`` tells them apart. Without it, the first row of each file decides.
    role : str
        Whose turns of a chat are documents.
    prompt_field, id_field, group_field, domain_field, date_field : str, optional
    before, after : datetime.date, optional
        Only documents dated before (exclusive), from (inclusive) that day in UTC.
    limit : int, optional
        Only the first documents.
    sample : int, optional
        Only so many rows, drawn uniformly from all rows with ``seed``, whatever their order.
    seed : int
    on_error : {"stop", "skip"}
        Whether a bad row is an error or is counted and passed over.
    by : tuple of str
        Fields whose values are kept in ``Document.fields``; of a date ``FIELD:month`` or
        ``FIELD:year``, ``file``, ``text_field``, and of several crossed ``A+B``.
    with_said : bool
        Whether a document tells what was said before it. Such documents stay in one process.
    segments : bool
        Whether each text is cut into its segments, each of which is a document.
    with_text : bool
        Whether rows have a text; without, each row is one document with none, for its fields.

    Raises
    ------
    InputError
        Where options contradict each other or a field is not written as above.

    Examples
    --------
    >>> CorpusOptions(text_field="answer", limit=10).role
    'assistant'
    """

    text_field: str | None = None
    role: str = "assistant"
    prompt_field: str | None = None
    id_field: str | None = None
    group_field: str | None = None
    domain_field: str | None = None
    date_field: str | None = None
    before: datetime.date | None = None
    after: datetime.date | None = None
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    on_error: Literal["stop", "skip"] = "stop"
    by: tuple[str, ...] = ()
    with_said: bool = False
    segments: bool = False
    with_text: bool = True

    def __post_init__(self) -> None:
        # One name where several are taken.
        by = (self.by,) if isinstance(self.by, str) else tuple(self.by)
        object.__setattr__(self, "by", by)
        _check_counts(self)
        if self.date_field is None and (self.before or self.after):
            raise InputError("before and after need a date", remedy="Name it with --date-field")
        if self.on_error not in ("stop", "skip"):
            raise InputError(f"on_error is {self.on_error!r}", expected="stop or skip")
        for name in self.named_fields:
            field_steps(name)

    @property
    def text_fields(self) -> tuple[str, ...]:
        """The fields of texts that are asked for, none where nobody named one."""
        named = [] if self.text_field is None else self.text_field.split(",")
        return tuple(name.strip() for name in named)

    @property
    def named_fields(self) -> tuple[str, ...]:
        """The fields asked for by name, those of texts first."""
        named = (getattr(self, item.name) for item in fields(self) if item.name.endswith("_field"))
        others = (name for name in named if name is not None and name != self.text_field)
        return (*self.text_fields, *others, *_fields_of(self.by))


def _fields_of(by: Sequence[str]) -> list[str]:
    if not by:
        return []
    # Loaded where it is asked for: what only helps does without.
    from provenance.corpus.rows.crossing import part_fields

    parts = (one.field for name in by for one in part_fields(name))
    return [one for one in parts if one not in (FILE, TEXT_FIELD)]


def _check_counts(options: CorpusOptions) -> None:
    if options.limit is not None and options.sample is not None:
        raise InputError("both a limit and a sample are asked for", remedy="Give one of them")
    for name in ("limit", "sample"):
        if getattr(options, name) is not None:
            require_whole(name, getattr(options, name), 1)
    require_whole("seed", options.seed, 0, LARGEST_SEED)


def field_steps(name: str) -> tuple[Step, ...]:
    """Read a dotted field.

    Raises
    ------
    InputError
        Where it is not written as a dotted field.

    Examples
    --------
    >>> field_steps("messages[*].content")
    ('messages', Ellipsis, 'content')
    """
    if not _STEPS.fullmatch(name):
        raise InputError(
            f"the field {name!r} cannot be read",
            expected="a dotted field such as text, answer.text or messages[*].content",
        )
    return tuple(
        key if key else ... if place == "*" else int(place) for place, key in _STEP.findall(name)
    )
