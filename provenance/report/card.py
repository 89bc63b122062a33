"""What a data set's card or Croissant file declares of text by language models, checked.

Few forms are read, and each that is read is told as it was written: who reads *contradicted* sees
the statement beside what was measured. A sentence that may speak of something else (what was
removed, of other data) declares nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from provenance.errors import InputError
from provenance.report.declaration import Measured
from provenance.words import percent_range, visible

__all__ = ["Checked", "Statement", "checked", "checked_lines", "read_statements"]

_MOST_BYTES: Final = 16 << 20
_MOST_FRONT: Final = 1 << 20
_SHOWN: Final = 160
_ABOUT: Final = 0.25
"""Part of a number by which *about* may be off before it is contradicted; generous, not tuned."""

_MADE: Final = (
    r"(?:(?:fully |entirely |partly )?synthetic(?:ally generated)?"
    r"|(?:machine|ai|llm|model|computer)[- ](?:generated|written)"
    r"|(?:generated|written) by (?:a |an )?(?:(?:large )?language models?|llms?|ai\b|machines?))"
)
_NUMBER: Final = r"(\d{1,3}(?:\.\d{1,6})?)"
_QUALIFIER: Final = (
    r"(at most|up to|no more than|less than|fewer than|under|below|<=?|≤|at least|no less than"
    r"|more than|over|above|>=?|≥|about|around|approximately|approx\.|roughly|nearly|~|≈)?"
)
_SHARE: Final = re.compile(
    rf"{_QUALIFIER}\s*{_NUMBER}(?:\s*%?\s*(?:-|–|to)\s*{_NUMBER})?\s*(?:%|percent)"
    rf"\s*(?:of (?:the |all |its )?(?:data|data ?set|rows|texts?|documents|examples|samples|corpus"
    rf"|answers|responses)\s*)?(?:(?:is|are|was|were)\s+)?{_MADE}",
    re.IGNORECASE,
)
_NONE: Final = re.compile(
    rf"\b(?:no|none of the (?:data|rows|texts?|documents|examples|samples)"
    rf"|free of|without(?: any)?|not contain(?: any)?)\s+(?:(?:is|are|was|were)\s+)?{_MADE}",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(
    r"\b(?:remov\w*|filter\w*|exclud\w*|drop\w*|discard\w*|clean\w*|before|originally|previous\w*"
    r"|other (?:data ?sets?|corpora)|unlike|compared|if|should|may|might|could|would|validation"
    r"|test set|split|subset|labels?|annotations?|questions?|prompts?|images?|audio)\b",
    re.IGNORECASE,
)
"""Words beside which a number may be of something else than this corpus's text."""
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d*_`\"“])|\n\s*\n|\n(?=[#\-*|>])")
_MOST: Final = frozenset("at most,up to,no more than,less than,fewer than,under,below".split(","))
_LEAST: Final = frozenset("at least,no less than,more than,over,above".split(","))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is declared: a share between two ends, 0 to 1.

    Parameters
    ----------
    where : str
        Key, or line of the text.
    said : str
        As it was written.
    low, high : float
        What the share may be if the statement is true; the rounding of its digits is in it.
    """

    where: str
    said: str
    low: float
    high: float


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
        ``contradicted``, ``not contradicted``, or ``cannot tell`` where the share is withheld.

    Examples
    --------
    >>> none = Statement(where="a", said="hasSyntheticData: false", low=0.0, high=0.0)
    >>> seen = Measured(verdict="measured", low=0.2, high=0.4, confidence_level=0.95, of="text")
    >>> [one.verdict for one in checked([none], seen)]
    ['contradicted']
    """
    return [Checked(statement=one, verdict=_verdict(one, found)) for one in statements]


def _verdict(one: Statement, found: Measured) -> str:
    if found.verdict == "withheld":
        return "cannot tell"
    apart = one.high < found.low or one.low > found.high
    return "contradicted" if apart else "not contradicted"


def checked_lines(found: list[Checked], measured: Measured) -> Iterator[str]:
    """What is told of a card, safe to print."""
    if not found:
        yield "The card says nothing of text by language models in a form that is read."
    for one in found:
        yield visible(f"{one.verdict}: {one.statement.where}: {one.statement.said}")
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
    graph = values.get("@graph") if isinstance(values, dict) else None
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
    yield from _of_text(body, first)


def _split(text: str) -> tuple[str, str, int]:
    """Front matter, text below it, and the line on which that begins."""
    lines = text.splitlines(keepends=True)
    if lines and lines[0].strip() == "---":
        for at, line in enumerate(lines[1:], 1):
            if line.strip() == "---":
                return "".join(lines[1:at]), "".join(lines[at + 1 :]), at + 2
    return "", text, 1


def _yaml(front: str, path: Path) -> Mapping[Any, Any]:
    import yaml

    if len(front) > _MOST_FRONT:
        raise InputError("the front matter is too long", where=str(path), expected="at most 1 MiB")
    try:
        values = yaml.safe_load(front)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        told = visible(str(error).partition("\n")[0][:200])
        raise InputError(
            f"the front matter is not YAML ({told})", where=str(path), expected="a data-set card"
        ) from None
    return values if isinstance(values, Mapping) else {}


_FLAGS: Final = frozenset({"hassyntheticdata", "syntheticdata", "synthetic", "containssynthetic"})
_SHARES: Final = frozenset({"syntheticshare", "syntheticfraction", "syntheticdatashare"})
_TEXTS: Final = frozenset({"syntheticdataexplanation", "description", "datalimitations"})


def _of_keys(values: Mapping[Any, Any]) -> Iterator[Statement]:
    for key, value in values.items():
        name = re.split(r"[:/#]", str(key))[-1]
        plain_name = re.sub(r"[_\-\s]", "", name).lower()
        items = value if isinstance(value, list) else [value]
        for item in items[:100]:
            told = item.get("@value") if isinstance(item, dict) else item
            yield from _of_value(visible(str(key)[:60]), plain_name, told)


def _of_value(key: str, name: str, value: Any) -> Iterator[Statement]:
    if name in _FLAGS and (flag := _flag(value)) is not None:
        low, high = (0.0, 1.0) if flag else (0.0, 0.0)
        yield Statement(where=key, said=f"{'true' if flag else 'false'}", low=low, high=high)
    elif name in _SHARES | _FLAGS:
        yield from _of_number(key, value)
    elif name == "tags" and isinstance(value, str) and value.strip().lower() == "synthetic":
        yield Statement(where=key, said="synthetic", low=0.0, high=1.0)
    elif name in _TEXTS and isinstance(value, str):
        for one in _of_text(value, 1):
            yield Statement(where=key, said=one.said, low=one.low, high=one.high)


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    words = str(value).strip().lower() if isinstance(value, str) else ""
    return {"true": True, "yes": True, "false": False, "no": False, "none": False}.get(words)


def _of_number(key: str, value: Any) -> Iterator[Statement]:
    """A fraction as a number, or a percentage in words."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        if 0 <= value <= 1:
            half = 0.5 * 10.0 ** -len(repr(float(value)).partition(".")[2])
            low, high = max(0.0, value - half), min(1.0, value + half)
            yield Statement(where=key, said=f"{value:g}", low=low, high=high)
    elif isinstance(value, str):
        for one in _of_text(f"{value} synthetic", 1):
            yield Statement(where=key, said=visible(value[:_SHOWN]), low=one.low, high=one.high)


def _of_text(text: str, first: int) -> Iterator[Statement]:
    start = 0
    for piece in _pieces(text):
        line = first + text.count("\n", 0, start)
        start += len(piece)
        flat = " ".join(piece.split())
        if not flat or len(flat) > 2000 or _ELSEWHERE.search(flat):
            continue
        said = flat if len(flat) <= _SHOWN else f"{flat[: _SHOWN - 1]}…"
        matches = [*_SHARE.finditer(flat)]
        for match in matches:
            ends = _ends(match)
            if ends is not None:
                yield Statement(where=f"line {line}", said=said, low=ends[0], high=ends[1])
        if not matches and _NONE.search(flat):
            yield Statement(where=f"line {line}", said=said, low=0.0, high=0.0)


def _pieces(text: str) -> Iterator[str]:
    at = 0
    for match in _SENTENCE.finditer(text):
        yield text[at : match.end()]
        at = match.end()
    yield text[at:]


def _ends(match: re.Match[str]) -> tuple[float, float] | None:
    """What the share may be; None where the numbers are no percentages."""
    qualifier = (match[1] or "").lower()
    low, high = float(match[2]), float(match[3] or match[2])
    if not low <= high <= 100:
        return None
    half = max(_half(match[2]), _half(match[3] or match[2]))
    least, most = low - half, high + half
    if qualifier in _MOST or qualifier[:1] in ("<", "≤"):
        least = 0.0
    elif qualifier in _LEAST or qualifier[:1] in (">", "≥"):
        most = 100.0
    elif qualifier:
        least, most = least - _ABOUT * low, most + _ABOUT * high
    return max(0.0, least / 100), min(1.0, most / 100)


def _half(digits: str) -> float:
    """Half of the last digit that was written."""
    return 0.5 * 10.0 ** -len(digits.partition(".")[2])
