"""What a data set's card or Croissant file declares of text by language models, checked.

Few forms are read, and each that is read is told as it was written: who reads *contradicted* sees
the statement beside what was measured. A sentence that may speak of something else (what was
removed, of other data) declares nothing.
"""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from provenance.errors import InputError
from provenance.report.declared.declaration import Measured
from provenance.report.declared.sentences import Statement, stated, unread
from provenance.words import percent_range, visible

__all__ = ["Checked", "Statement", "checked", "checked_lines", "read_statements"]

_MOST_BYTES: Final = 16 << 20
_MOST_FRONT: Final = 1 << 20
_SHOWN: Final = 160
_UNREAD_TOLD: Final = 20
"""Of what is not read; a round figure, not tuned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A statement beside what was measured."""

    statement: Statement
    verdict: str


def checked(statements: list[Statement], found: Measured) -> list[Checked]:
    """Which statements the measured interval contradicts; a withheld share contradicts none.

    Parameters
    ----------
    statements : list of Statement
    found : Measured

    Returns
    -------
    list of Checked
        ``contradicted``, ``not contradicted``, ``cannot tell`` where the share is withheld, or
        ``not read``: it speaks of text by language models in no form that is read.

    Examples
    --------
    >>> none = Statement(where="a", said="hasSyntheticData: false", low=0.0, high=0.0)
    >>> seen = Measured(verdict="measured", low=0.2, high=0.4, confidence_level=0.95, of="text")
    >>> [one.verdict for one in checked([none], seen)]
    ['contradicted']
    """
    return [Checked(statement=one, verdict=_verdict(one, found)) for one in statements]


def _verdict(one: Statement, found: Measured) -> str:
    if not one.is_read:
        return "not read"
    if found.verdict == "withheld":
        return "cannot tell"
    apart = one.high < found.low or one.low > found.high
    return "contradicted" if apart else "not contradicted"


def checked_lines(found: list[Checked], measured: Measured) -> Iterator[str]:
    """What is told of a card, safe to print."""
    read = [one for one in found if one.statement.is_read]
    others = [one for one in found if not one.statement.is_read]
    if not read:
        yield "The card says nothing of text by language models in a form that is read."
    for one in (*read, *others[:_UNREAD_TOLD]):
        yield visible(f"{one.verdict}: {one.statement.where}: {one.statement.said}")
    if len(others) > _UNREAD_TOLD:
        yield f"not read: {len(others) - _UNREAD_TOLD:,} more"
    if measured.verdict == "withheld":
        yield "The report tells no share, which contradicts nothing."
    else:
        told = percent_range(measured.low, measured.high)
        yield visible(
            f"Measured: {told} of the documents read as language models'"
            f" ({100 * measured.confidence_level:g} % interval); the low end is of {measured.of}."
        )


# --- reading


def read_statements(path: Path) -> list[Statement]:
    """Statements of a card (``.md``, with YAML front matter) or of a Croissant file (``.json``).

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        Where it cannot be read as one.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > _MOST_BYTES:
        expected = f"a card of at most {_MOST_BYTES >> 20} MiB"
        raise InputError("the file is too large", where=str(path), expected=expected)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8", where=str(path), expected="a card") from None
    is_json = path.suffix.lower() in (".json", ".jsonld") or text.lstrip().startswith("{")
    return [*(_croissant(text, path) if is_json else _card(text, path))]


def _croissant(text: str, path: Path) -> Iterator[Statement]:
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error}", where=str(path), expected="a Croissant file"
        ) from None
    graph = values.get("@graph") if isinstance(values, dict) else values
    nodes = graph if isinstance(graph, list) else [values]
    if not any(isinstance(node, dict) for node in nodes):
        raise InputError("it holds no object", where=str(path), expected="a Croissant file")
    for node in nodes:
        if isinstance(node, dict):
            yield from _of_keys(node)


def _card(text: str, path: Path) -> Iterator[Statement]:
    front, body, first = _split(text)
    if front:
        yield from _of_keys(_yaml(front, path))
    yield from stated(_shown(body), first)


def _split(text: str) -> tuple[str, str, int]:
    """Front matter, text below it, and the line on which that begins."""
    lines = text.splitlines(keepends=True)
    start = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[start].strip() == "---":
        for at, line in enumerate(lines[start + 1 :], start + 1):
            if line.strip() in ("---", "..."):
                return "".join(lines[start + 1 : at]), "".join(lines[at + 1 :]), at + 2
    return "", text, 1


def _shown(text: str) -> str:
    """The text without comments, code and what is struck through; lines stay where they are."""
    kept: list[str] = []
    fence, at = "", 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    lines = "".join([*kept, text[at:]]).splitlines(keepends=True)
    for place, line in enumerate(lines):
        if fence:
            lines[place] = "\n"
            closing = line.strip()
            is_closed = closing.startswith(fence) and not closing.strip(fence[0])
            fence = "" if is_closed else fence
        elif (opened := _FENCE.match(line)) is not None:
            lines[place], fence = "\n", opened[1]
        else:
            lines[place] = _STRUCK.sub("", line)
    return "".join(lines)


def _yaml(front: str, path: Path) -> Mapping[Any, Any]:
    import yaml

    if len(front) > _MOST_FRONT:
        raise InputError("the front matter is too long", where=str(path), expected="at most 1 MiB")
    try:
        # Every scalar is text: nothing is built of a tag, and no merge unfolds.
        values = yaml.load(front, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        told = visible(str(error).partition("\n")[0][:200])
        raise InputError(
            f"the front matter is not YAML ({told})", where=str(path), expected="a data-set card"
        ) from None
    if not isinstance(values, Mapping):
        return {}
    keys = Counter(_TOP_KEY.findall(front))
    twice = next((key for key, count in keys.items() if count > 1), None)
    if twice is not None:
        raise InputError(
            f"the key {visible(twice[:60])} stands twice in the front matter",
            where=str(path),
            expected="each key once: which of the two is meant?",
        )
    return values


_FENCE: Final = re.compile(r"\s*(`{3,}(?![^\n]*`)|~{3,})")
"""Marks behind which code follows; in backticks on one line a sentence may go on."""
_STRUCK: Final = re.compile(r"~~[^~\n]{1,2000}~~")
_TOP_KEY: Final = re.compile(r"^([A-Za-z_][\w.\-]*)[ \t]*:(?=\s|$)", re.MULTILINE)
_MADE: Final = r"(?:synthetic|(?:ai|llm|machine|model)generated)"
_OF_WHAT: Final = r"(?:data|text|content)?"
_FLAG: Final = re.compile(rf"(?:has|contains|is|includes)?{_MADE}{_OF_WHAT}")
_SHARE: Final = re.compile(rf"{_MADE}{_OF_WHAT}(?:share|fraction|ratio|proportion)")
_PERCENT: Final = re.compile(rf"{_MADE}{_OF_WHAT}(?:percent(?:age)?|pct)|percent(?:age)?{_MADE}")
_ABOUT: Final = re.compile(rf"synthetic|{_MADE}")
_PLAIN_NUMBER: Final = re.compile(r"\d{1,3}(?:\.\d{1,12})?")
_TEXTS: Final = frozenset({"syntheticdataexplanation", "description", "datalimitations"})
_BY_MACHINE: Final = "machine-generated"
_INSIDE: Final = ("share", "fraction", "value", "ratio")
"""Keys below one of synthetic data, that hold its share."""
_OUTLINE: Final = reprlib.Repr()
_OUTLINE.maxlevel = 2


def _of_keys(values: Mapping[Any, Any], *, is_inner: bool = False) -> Iterator[Statement]:
    for key, value in values.items():
        name = re.split(r"[:/#]", str(key))[-1]
        plain_name = re.sub(r"[_\-\s]", "", name).lower()
        # One level alone: a few anchors of YAML stand for as many below one another as one likes.
        if plain_name == "rai" and isinstance(value, Mapping) and not is_inner:
            yield from _of_keys(value, is_inner=True)
            continue
        items = value if isinstance(value, list) else [value]
        for item in items[:100]:
            for told in _scalars(item, plain_name):
                yield from _of_value(visible(str(key)[:60]), plain_name, told)


def _scalars(item: Any, name: str) -> Iterator[Any]:
    """A value, or those of it in each language; a mapping of a share as it is."""
    if not isinstance(item, Mapping):
        yield item
    elif "@value" in item:
        yield item["@value"]
    elif name in _TEXTS:
        yield from [one for one in item.values() if isinstance(one, str)][:100]
    else:
        yield item


def _of_value(key: str, name: str, value: Any) -> Iterator[Statement]:
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value.strip()):
        value = float(value)
    if name in _TEXTS and isinstance(value, str):
        for one in stated(value):
            yield replace(one, where=key)
    elif name == "tags" and isinstance(value, str) and value.strip().lower() == "synthetic":
        yield Statement(where=key, said="synthetic", low=0.0, high=1.0)
    elif name == "languagecreators" and value == _BY_MACHINE:
        yield Statement(where=key, said=_BY_MACHINE, low=0.0, high=1.0)
    elif _ABOUT.search(name):
        found = [*_of_share(key, name, value)]
        yield from found or [unread(key, _written(value))]


def _written(value: Any) -> str:
    if isinstance(value, Mapping | list):  # whole, its anchors might fill the memory
        told = _OUTLINE.repr(value)
    else:
        told = value if isinstance(value, str) else orjson.dumps(value).decode()
    return visible(told[:_SHOWN])


def _of_share(key: str, name: str, value: Any) -> Iterator[Statement]:
    """What a key that is named for such text says, where its value is of a form that is read."""
    is_flag, is_share = _FLAG.fullmatch(name), _SHARE.fullmatch(name)
    if is_flag and (flag := _flag(value)) is not None:
        low, high = (0.0, 1.0) if flag else (0.0, 0.0)
        yield Statement(where=key, said=f"{'true' if flag else 'false'}", low=low, high=high)
    elif _PERCENT.fullmatch(name):
        if not isinstance(value, float | int):
            yield from _of_number(key, value)
        elif value == 0 or value > 1:  # up to 1 it may be a fraction
            yield from _of_number(key, f"{value:g} %")
    elif isinstance(value, Mapping) and (is_flag or is_share):
        yield from _of_mapping(key, value)
    elif is_flag or is_share:
        yield from _of_number(key, value)


def _of_mapping(key: str, values: Mapping[Any, Any]) -> Iterator[Statement]:
    """A share below a key, or both its ends, as `declaration` writes them."""
    low, high = (_fraction(values.get(name)) for name in ("low", "high"))
    if low is not None and high is not None and low <= high:
        yield Statement(where=key, said=f"{low:g} to {high:g}", low=low, high=high)
    else:
        for name in _INSIDE:
            if name in values and not isinstance(values[name], Mapping):
                yield from _of_value(f"{key}.{name}", "syntheticshare", values[name])


def _fraction(value: Any) -> float | None:
    if isinstance(value, str) and _PLAIN_NUMBER.match(value):
        try:
            value = float(value)
        except ValueError:
            return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    words = re.split(r"[:/]", value.strip().lower())[-1] if isinstance(value, str) else ""
    yes, no = ("true", "yes", "y"), ("false", "no", "n", "none")
    return True if words in yes else False if words in no else None


def _of_number(key: str, value: Any) -> Iterator[Statement]:
    """A fraction as a number, or a percentage in words."""
    number = _fraction(value) if isinstance(value, int | float) else None
    if number is not None:
        half = 0.5 * 10.0 ** -len(repr(number).partition(".")[2])
        low, high = max(0.0, number - half), min(1.0, number + half)
        yield Statement(where=key, said=f"{number:g}", low=low, high=high)
    elif isinstance(value, str):
        for one in stated(f"{value} synthetic"):
            if one.is_read:
                yield replace(one, where=key, said=visible(value[:_SHOWN]))
