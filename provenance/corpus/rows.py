"""From the records of one file to documents: which field is text, and what stands beside it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Any

from provenance.corpus.chat import is_chat, last_turn, shown_keys, texts_of
from provenance.corpus.document import (
    TEXT_FIELDS,
    BadRow,
    CorpusOptions,
    Document,
    Step,
    field_steps,
)
from provenance.corpus.formats import parse_json
from provenance.errors import InputError

__all__ = ["RowReader", "day_of", "lookup", "needed_columns"]

PROMPT_FIELDS = ("prompt", "instruction", "question", "query")
_PREFERENCES = ("chosen", "rejected")
_MILLISECONDS = 10**11
"""Epochs from here on (the year 5138 in seconds, 1973 in milliseconds) are milliseconds."""


def needed_columns(options: CorpusOptions, names: Sequence[str]) -> list[str] | None:
    """Name the columns of a table that a row reader looks at, or None where it cannot tell."""
    text = options.text_field or next((name for name in TEXT_FIELDS if name in names), None)
    if text is None:
        return None
    asked = {text, *options.named_fields}
    wanted = {"id", "input", *PROMPT_FIELDS, *asked, *(str(field_steps(name)[0]) for name in asked)}
    narrow = [name for name in names if name in wanted]
    return narrow if all(_holds(name, narrow) for name in asked) else None


def _holds(name: str, names: Sequence[str]) -> bool:
    return name in names or field_steps(name)[0] in names


def lookup(record: Mapping[str, Any], name: str, steps: tuple[Step, ...]) -> list[Any]:
    """Follow a dotted field; a key that is written just so comes first.

    Raises
    ------
    BadRow
        Where the record does not go that way, with the keys it has.

    Examples
    --------
    >>> lookup({"turns": [{"text": "a"}, {"text": "b"}]}, "turns[*].text", ("turns", ..., "text"))
    ['a', 'b']
    """
    if name in record:
        return [record[name]]
    values: list[Any] = [record]
    for step in steps:
        values = [found for value in values for found in _step(value, step, name)]
    return values


def _step(value: Any, step: Step, name: str) -> list[Any]:
    if isinstance(step, str):
        if isinstance(value, Mapping) and step in value:
            return [value[step]]
        saw = f"the keys are {shown_keys(value)}" if isinstance(value, Mapping) else "no object"
        raise BadRow(f"there is no field {name!r} ({saw} where {step!r} is looked for)")
    if not isinstance(value, list):
        raise BadRow(f"there is no list where the field {name!r} looks for one")
    if step is ...:
        return value
    if step >= len(value):
        raise BadRow(f"the field {name!r} looks for place {step} in a list of {len(value)}")
    return [value[step]]


def day_of(value: object) -> datetime.date | None:
    """Read a day in UTC from ISO 8601, a date object, or an epoch in seconds or milliseconds.

    Examples
    --------
    >>> day_of("2024-01-31T23:30:00-02:00"), day_of(1706745600), day_of("soon")
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 1), None)
    """
    try:
        return _day(value)
    except (ValueError, OverflowError, OSError):
        return None


def _day(value: object) -> datetime.date | None:
    if isinstance(value, str):
        text = value.strip()
        is_epoch = len(text) > 8 and text.removeprefix("-").replace(".", "", 1).isdecimal()
        value = float(text) if is_epoch else datetime.datetime.fromisoformat(text)
    if isinstance(value, datetime.datetime):
        return (value if value.tzinfo is None else value.astimezone(datetime.UTC)).date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    seconds = value / 1000 if abs(value) >= _MILLISECONDS else value
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()


class RowReader:
    """Turn the records of one file into documents; the text field is fixed by its first row.

    Parameters
    ----------
    options : CorpusOptions
    path : str
        The file as shown to people.
    name : str
        What ids begin with where rows have none.
    unseen : set of str
        Fields asked for that no row had yet; those found are taken out.
    """

    def __init__(self, options: CorpusOptions, path: str, name: str, unseen: set[str]) -> None:
        self.text_field = options.text_field
        self.keys = "none"
        self._options = options
        self._path = path
        self._name = name
        self._unseen = unseen
        self._steps = {field: field_steps(field) for field in options.named_fields}

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
            Where only a preference pair is there and nobody said which side is meant.
        """
        if isinstance(record, BadRow):
            raise record
        if isinstance(record, bytes):
            record = parse_json(record)
        if isinstance(record, str) and self._options.text_field is None:
            return self._text_alone(line, record)
        if isinstance(record, str):
            raise BadRow(f"the row is a text and has no field {self.text_field!r}", "an object")
        if not isinstance(record, Mapping):
            raise BadRow("the row is not an object", "an object with a text field")
        return self._row(line, record)

    def _text_alone(self, line: int, text: str) -> list[Document]:
        if self._options.before or self._options.after:
            raise BadRow("the text has no date", "an object with a date field")
        return [Document(f"{self._name}:{line}", text, self._path, line, fields=self._by({}))]

    def _row(self, line: int, record: Mapping[str, Any]) -> list[Document]:
        name = self.text_field or self._find_text_field(record)
        whole = record.get(name)
        texts = [(whole, None)] if isinstance(whole, str) else self._texts(record, name)
        date = self._date(record) if self._options.date_field else None
        if not texts or not self._is_dated(date):
            return []
        row_id = self._id(record)
        # A table cannot say null: an empty cell is no group.
        group = self._text(record, self._options.group_field) or None
        if group is None and (len(texts) > 1 or is_chat(whole)):
            group = row_id or f"{self._path}:{line}"
        base = row_id or f"{self._name}:{line}"
        prompt = self._prompt(record)
        domain = self._text(record, self._options.domain_field)
        fields = self._by(record)
        several = len(texts) > 1
        return [
            Document(
                f"{base}#{number}" if several else base,
                text,
                self._path,
                line,
                group,
                said or prompt,
                domain,
                date,
                fields,
            )
            for number, (text, said) in enumerate(texts, 1)
        ]

    def _texts(self, record: Mapping[str, Any], name: str) -> list[tuple[str, str | None]]:
        role = self._options.role
        found = [
            pair for value in self._values(record, name) for pair in texts_of(value, name, role)
        ]
        is_own_prompt = self._options.prompt_field is None
        return found if is_own_prompt else [(text, None) for text, _ in found]

    def _find_text_field(self, record: Mapping[str, Any]) -> str:
        found = next((name for name in TEXT_FIELDS if name in record), None)
        if found is None:
            raise BadRow(
                f"no text field is found; the keys are {shown_keys(record)}",
                f"one of {', '.join(TEXT_FIELDS)}",
                "Name the field with --text-field",
            )
        if found in _PREFERENCES:
            raise InputError(
                "the rows hold preference pairs, and which side is the text is not said",
                where=self._path,
                remedy="Pass --text-field chosen or --text-field rejected",
            )
        self.text_field = found
        return found

    def _values(self, record: Mapping[str, Any], name: str) -> list[Any]:
        if name in record:
            return [record[name]]
        try:
            return lookup(record, name, self._steps.get(name, (name,)))
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

    def _prompt(self, record: Mapping[str, Any]) -> str | None:
        if self._options.prompt_field is not None:
            return last_turn(self._value(record, self._options.prompt_field))
        name = next((name for name in PROMPT_FIELDS if name in record), None)
        if name is None or name == self.text_field:
            return None
        prompt = last_turn(record[name])
        more = record.get("input") if name == "instruction" else None
        return f"{prompt}\n{more}" if prompt and more and isinstance(more, str) else prompt

    def _date(self, record: Mapping[str, Any]) -> datetime.date | None:
        name = self._options.date_field
        if name is None:
            return None
        value = self._value(record, name)
        day = day_of(value)
        if day is None and (self._options.before or self._options.after):
            got = repr(value if not isinstance(value, str) else value[:40])[:60]
            raise BadRow(
                f"the date {name!r} holds {got}",
                "a day as in 2024-01-31, or an epoch in seconds or milliseconds",
            )
        return day

    def _is_dated(self, day: datetime.date | None) -> bool:
        before, after = self._options.before, self._options.after
        if day is None or (before is None and after is None):
            return True
        return (before is None or day < before) and (after is None or day >= after)

    def _by(self, record: Mapping[str, Any]) -> Mapping[str, str]:
        if not self._options.by:
            return {}
        return {name: self._text(record, name) or "" for name in self._options.by}
