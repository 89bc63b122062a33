"""From the records of one file to documents: which field is text, and what stands beside it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from provenance.corpus.chats.chat import (
    Texts,
    holds_turns,
    last_turn,
    said_in,
    shown_keys,
    texts_of,
)
from provenance.corpus.chats.roles import RoleChoice
from provenance.corpus.chats.row_roles import ROLE_COLUMNS, side_columns
from provenance.corpus.chats.shapes import ROW_KEYS
from provenance.corpus.chats.turn_counts import TurnCounts
from provenance.corpus.document import (
    FILE,
    TEXT_FIELD,
    BadRow,
    CorpusOptions,
    Document,
    Said,
    field_steps,
)
from provenance.corpus.formats import parse_json
from provenance.corpus.formats.jsonvalues import unquoted
from provenance.corpus.rows.dates import BadDate, day_of, last_day
from provenance.corpus.rows.dotted import lookup, whole_chats
from provenance.corpus.rows.field_choice import FieldChoice
from provenance.corpus.rows.fields import PREFERENCES, WHOLE_ROW, telling_fields
from provenance.corpus.rows.naming import is_of_strings
from provenance.corpus.rows.plain_names import PlainNames, plain_names
from provenance.corpus.rows.prompts import PROMPT_COLUMNS, asked_in, behind_prompt, prompts_beside

__all__ = ["RowReader", "needed_columns"]

_ALWAYS = {"id", "done", "model", FILE, TEXT_FIELD}
_NOTHING: Mapping[str, Any] = {}
_Dates = tuple[datetime.date | None, datetime.date | None]
_UNDATED: _Dates = (None, None)
_BESIDE = ("reasoning_content", "reasoning", "thinking", "thoughts", "tool_calls", "function_call")
"""What stands beside the words of a row and is a segment of it; see `spelled`."""


def needed_columns(options: CorpusOptions, names: Sequence[str]) -> list[str] | None:
    """Name the columns of a table that a row reader looks at, or None where it cannot tell."""
    plain = plain_names(names, _roots(options.named_fields))
    written, names = names, [plain.get(name, name) for name in names]
    texts = options.text_fields or telling_fields(names)
    if not texts:
        return None
    asked = {*texts, *options.named_fields}
    steps = {str(field_steps(name)[0]) for name in asked}
    beside = {*_BESIDE} if options.segments else set()
    wanted = beside | PROMPT_COLUMNS | ROLE_COLUMNS | asked | steps | _ALWAYS
    wanted |= {*side_columns(names)}
    if "type" in names:
        wanted |= ROW_KEYS | {"content"}
    narrow = [name for name in names if name in wanted]
    if not all(_holds(name, narrow) for name in asked):
        return None
    return [name for name in written if plain.get(name, name) in wanted]


def _roots(named: Sequence[str]) -> set[str]:
    return {*named, *(str(field_steps(name)[0]) for name in named)}


def _holds(name: str, names: Sequence[str]) -> bool:
    return name in names or field_steps(name)[0] in names


class RowReader:
    """Turn the records of one file into documents; see `FieldChoice` for the field of the text.

    Parameters
    ----------
    options : CorpusOptions
    path : str
        The file as shown to people.
    name : str
        What ids begin with where rows have none.
    unseen : set of str
        Fields asked for that no row had yet; those found are taken out.
    counts : TurnCounts
        Whose words were met is added to it.
    """

    def __init__(
        self,
        options: CorpusOptions,
        path: str,
        name: str,
        unseen: set[str],
        counts: TurnCounts,
    ) -> None:
        self.text_field = self.found_field = options.text_field
        self._wanted = RoleChoice(options.role)
        self._counts = counts
        self.keys = "none"
        self._options = options
        self._path = path
        self._name = name
        self._unseen = unseen
        self._steps = {field: field_steps(field) for field in options.named_fields}
        self._choice = FieldChoice(path)
        self._names = PlainNames(_roots(options.named_fields))
        self._has_dates = bool(options.date_field or options.before or options.after)
        self._several = options.text_fields if len(options.text_fields) > 1 else ()
        self._prompts = prompts_beside(options.text_field or "")

    @property
    def told_field(self) -> str | None:
        """The field of the last text, as the file spells it."""
        return None if self.found_field is None else self._names.written(self.found_field)

    def documents(self, line: int, record: object) -> list[Document]:
        """Read one record.

        Returns
        -------
        list of Document
            Empty where a chat has no turn of the role, or the date is outside.

        Raises
        ------
        BadRow
            Where the record has no text, id or date that was asked for.
        InputError
            Where the text may be in one of several fields and nobody said which is meant.
        """
        if type(record) is dict:  # first, since most are
            return self._row(line, record)
        if isinstance(record, BadRow):
            raise record
        if isinstance(record, bytes):
            record = unquoted(parse_json(record))
        if isinstance(record, str) and self._options.text_field is None:
            return self._text_alone(line, record)
        if isinstance(record, str):
            raise BadRow(f"the row is a text and has no field {self.text_field!r}", "an object")
        if isinstance(record, list) and holds_turns(record):
            record = {"messages": record}
        if not isinstance(record, Mapping):
            raise BadRow("the row is not an object", "an object with a text field")
        return self._row(line, record)

    def _text_alone(self, line: int, text: str) -> list[Document]:
        if self._options.before or self._options.after:
            raise BadRow("the text has no date", "an object with a date field")
        texts = texts_of(text, "text", self._wanted, self._counts, _NOTHING, (self._path, line))
        return self._documents(line, {}, texts, (None, None))

    def _row(self, line: int, record: Mapping[str, Any]) -> list[Document]:
        keys = tuple(record)
        if plain := self._names.of(keys):
            record = {plain.get(key, key): value for key, value in record.items()}
            keys = tuple(record)
        with_text = self._options.with_text
        name = (self.text_field or self._chosen(record, keys)) if with_text else WHOLE_ROW
        dates = self._dates(line, record) if self._has_dates else _UNDATED
        if self._has_dates and not self._is_dated(dates[0]):
            return []
        if self._several and with_text:
            if name not in record:
                return self._of_several(line, record, dates)
            self._unseen.difference_update(self._several)  # one name, with a comma in it
        texts = self._texts(line, record, name) if with_text else Texts([("", None)], False)
        return self._documents(line, record, texts, dates) if texts.texts else []

    def _of_several(self, line: int, record: Mapping[str, Any], dates: _Dates) -> list[Document]:
        """Documents of each of the fields of texts; one that is null or not there has none."""
        names = [name for name in self._several if self._value(record, name) is not None]
        if not names:
            raise BadRow(
                f"the row has none of the fields {self.text_field}; the keys are"
                f" {shown_keys(record)}",
                "the text in one of them",
            )
        return [
            document
            for name in names
            for document in self._documents(
                line, record, self._texts(line, record, name), dates, name
            )
        ]

    def _documents(
        self,
        line: int,
        record: Mapping[str, Any],
        said: Texts,
        dates: _Dates,
        side: str = "",
    ) -> list[Document]:
        texts = said.texts
        several = len(texts) > 1 or side != ""
        row_id = self._id(record)
        if several or not self._is_whole_id(record):
            self._counts.n_named += len(texts)
        # A table cannot say null: an empty cell is no group.
        group = self._text(record, self._options.group_field) or None
        if group is None and (several or said.is_chat):
            group = row_id or f"{self._path}:{line}"
        base = row_id or f"{self._name}:{line}"
        base = f"{base}:{side}" if side else base
        prompt = self._prompt(record)
        if prompt and not said.is_chat and (several or texts[0][0].startswith(prompt)):
            texts = [(self._behind_prompt(text, prompt), asked) for text, asked in texts]
        domain = self._text(record, self._options.domain_field)
        fields = self._by(record, side)
        has_own_prompts = self._options.prompt_field is None
        beginnings = self._said(record, said, prompt) if self._options.with_said else repeat(None)
        return [
            Document(
                f"{base}#{number}" if len(texts) > 1 else base,
                text,
                self._path,
                line,
                group,
                (before if has_own_prompts else None) or prompt,
                domain,
                dates[0],
                fields,
                dates[1],
                beginning,
            )
            for number, ((text, before), beginning) in enumerate(
                zip(texts, beginnings, strict=False), 1
            )
        ]

    def _behind_prompt(self, text: str, prompt: str) -> str:
        """The text without its prompt, whatever other rows begin with.

        An interface goes on with it or a model repeats it: the words are the user's.
        """
        rest = behind_prompt(text, prompt)
        self._counts.n_prompts_cut += rest is not None
        return text if rest is None else rest

    def _said(
        self, record: Mapping[str, Any], said: Texts, prompt: str | None
    ) -> Iterable[Said | None]:
        """What stands before each text, the user's words that it answers last."""
        whole = None if prompt is None else self._said_by_row(record, prompt)
        has_own = self._options.prompt_field is None and len(said.said) == len(said.texts)
        if not has_own:
            return repeat(whole)
        return (
            before if asked is not None else whole
            for (_, asked), before in zip(said.texts, said.said, strict=True)
        )

    def _said_by_row(self, record: Mapping[str, Any], prompt: str) -> Said | None:
        """The conversation in the field of the prompt; its last words are the prompt itself."""
        value = self._asked(record)[0]
        found = None if isinstance(value, str) else said_in(value)
        return found if found is not None and found[1] == prompt else ("user", prompt, None)

    def _texts(self, line: int, record: Mapping[str, Any], name: str) -> Texts:
        beside = _NOTHING if name == WHOLE_ROW else record
        where = self._path, line
        values = self._values(record, name)
        if len(values) == 1:
            return texts_of(values[0], name, self._wanted, self._counts, beside, where)
        found = [
            texts_of(value, name, self._wanted, self._counts, beside, where) for value in values
        ]
        texts = [pair for part in found for pair in part.texts]
        said = [turn for part in found for turn in part.said or [None] * len(part.texts)]
        return Texts(texts, any(part.is_chat for part in found), said)

    def _chosen(self, record: Mapping[str, Any], keys: tuple[str, ...]) -> str:
        found = self._choice.of(record, keys)
        if found != self.found_field:
            if found not in record and found != WHOLE_ROW:
                self._steps[found] = field_steps(found)
            self._prompts = prompts_beside(found)
            self.found_field = found
        return found

    def _values(self, record: Mapping[str, Any], name: str) -> list[Any]:
        if name in record:
            value = record[name]
            if name in PREFERENCES and is_of_strings(value):
                return list(value) or [value]  # several answers, not one in pieces
            return [value]
        if name == WHOLE_ROW:
            return [record]
        steps = self._steps.get(name, (name,))
        try:
            return (len(steps) > 1 and whole_chats(record, steps)) or lookup(record, name, steps)
        except BadRow as bad:
            raise BadRow(bad.what, "the text", "Name its field with --text-field") from None

    def _value(self, record: Mapping[str, Any], name: str) -> Any:
        """First match of an optional field, None where there is none."""
        try:
            values = lookup(record, name, self._steps[name])
        except BadRow:
            if self._unseen and name in self._unseen:
                self.keys = shown_keys(record)
            return None
        self._unseen.discard(name)
        return values[0] if values else None

    def _text(self, record: Mapping[str, Any], name: str | None) -> str | None:
        if name is None:
            return None
        value = self._value(record, name)
        return None if value is None else str(value)

    def _id(self, record: Mapping[str, Any]) -> str | None:
        name = self._options.id_field
        if name is None:
            value = record.get("id")
            return None if value is None else str(value)
        value = self._text(record, name)
        if value is None:
            keys = shown_keys(record)
            raise BadRow(f"the row has no id under {name!r}; the keys are {keys}", "an id")
        return value

    def _is_whole_id(self, record: Mapping[str, Any]) -> bool:
        name = self._options.id_field
        value = record.get("id") if name is None else self._value(record, name)
        # Rows are read as JSON, which has no larger whole numbers that a table could hold.
        return type(value) is int and -(2**63) <= value < 2**63

    def _prompt(self, record: Mapping[str, Any]) -> str | None:
        return self._asked(record)[1]

    def _asked(self, record: Mapping[str, Any]) -> tuple[Any, str | None]:
        """What the field of the prompt holds, and its words."""
        if self._options.prompt_field is not None:
            value = self._value(record, self._options.prompt_field)
            return value, last_turn(value)
        return asked_in(record, self._prompts, self.found_field)

    def _dates(self, line: int, record: Mapping[str, Any]) -> _Dates:
        """The day of a row, and the last one that it may be of where that is another."""
        name = self._options.date_field
        if name is None:
            return _UNDATED
        value = self._value(record, name)
        must = bool(self._options.before or self._options.after)
        try:
            day = day_of(value)
        except BadDate as bad:
            self._no_date(line, f"holds {_cut(value)}: {bad}", must, is_bad=True)
            return _UNDATED
        if day is None:
            self._no_date(line, f"holds {_cut(value)}: nothing", must, is_bad=False)
            return _UNDATED
        last = last_day(value, day)
        if must and self._is_cut(day, last):
            raise BadRow(
                f"the date {name!r} holds {_cut(value)}, and the day asked for lies within it",
                "a day, or a bound at the beginning of a year or month",
            )
        return day, last if last != day else None

    def _is_cut(self, first: datetime.date, last: datetime.date) -> bool:
        """Whether a year, month or week lies on both sides of a day that is asked for."""
        bounds = (self._options.before, self._options.after)
        return any(bound is not None and first < bound <= last for bound in bounds)

    def _no_date(self, line: int, why: str, must: bool, *, is_bad: bool) -> None:
        name = self._options.date_field
        if must:
            raise BadRow(
                f"the date {name!r} {why}",
                "a day as in 2024-01-31 or 20240131, a year, or an epoch",
            )
        where = self._path, line
        if is_bad:
            self._counts.n_bad_dates += 1
            self._counts.example("date", where, f"{name!r} {why}")
        else:
            self._counts.n_undated += 1
            self._counts.example("undated", where)

    def _is_dated(self, day: datetime.date | None) -> bool:
        before, after = self._options.before, self._options.after
        if day is None or (before is None and after is None):
            return True
        return (before is None or day < before) and (after is None or day >= after)

    def _by(self, record: Mapping[str, Any], side: str) -> Mapping[str, str]:
        if not self._options.by:
            return {}
        # Loaded where it is asked for: what only helps does without.
        from provenance.corpus.rows.crossing import part_value

        part = partial(self._part, record, side or self.found_field)
        return {name: part_value(name, part) for name in self._options.by}

    def _part(self, record: Mapping[str, Any], side: str | None, field: str) -> Any:
        if field == FILE:
            return record.get(FILE, self._path)
        if field == TEXT_FIELD:
            return record.get(TEXT_FIELD, side)
        return self._value(record, field)


def _cut(value: object) -> str:
    return repr(value if not isinstance(value, str) else value[:40])[:60]
