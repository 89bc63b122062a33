"""What a file of text holds that is not one text: rows, a page, several documents."""

from __future__ import annotations

import re
from typing import Final

from provenance.corpus.document import TEXT_FIELDS, BadRow
from provenance.corpus.formats.jsonvalues import parse_json

__all__ = ["hidden_form"]

_PAGE: Final = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html)[\s>]", re.IGNORECASE)
_PAGE_BEGINS: Final = re.compile(r"[^>]*>\s*<|.*</html\b", re.IGNORECASE | re.DOTALL)
"""What follows that in a page; a text may name the first tag of one."""
_END: Final = "<|endoftext|>"
_NAMED_END: Final = re.compile(r"([\w,(] )<\|endoftext\|>|([\"'`])<\|endoftext\|>\2")
"""The mark in a sentence or in quotation marks, which ends nothing."""
_ROW_STARTS: Final = ("{", "[{", "[\n")
_HEADER: Final = re.compile(r"[\w .\"-]{1,60}(?:([,;\t|])[\w .\"-]{0,60})(?:\1[\w .\"-]{0,60})*")
_NAMES: Final = frozenset({*TEXT_FIELDS, "prompt", "question", "answer", "instruction", "message"})
"""Names in the first line of a text that are those of a table."""
_LEAST_NAMES: Final = 2
"""Columns of a table at least: a single word may be the title of a text."""
_RULE: Final = re.compile(r"[-:|\s]+")
"""The second line of a table in markdown, which a text may begin with."""
_NEXT_ROWS: Final = 3
"""Lines after a first one of JSON of which one has to be JSON too; a round figure, not tuned."""
_LONGEST: Final = 1000
"""Characters of a header at most; a round figure, not tuned."""


def hidden_form(text: str) -> tuple[str, str] | None:
    """What a file holds that its name says is one text, and what to do; None where it is one.

    Examples
    --------
    >>> hidden_form('{"text": "It is so."}\\n{"text": "So it is."}\\n')[0]
    'the file holds rows of JSON'
    >>> hidden_form("<!DOCTYPE html><p>It is so.")[0]
    'the file is a page of HTML'
    >>> hidden_form("prompt,response\\nWhy is it?,It is so.\\n")[0]
    'the file is a table, whose header is its first line'
    >>> hidden_form("It is so.") is None
    True
    """
    if text.lstrip()[:2].startswith(_ROW_STARTS) and _is_json(text):
        return "the file holds rows of JSON", "Give it a name that ends in .jsonl or .json"
    page = _PAGE.match(text)
    if page is not None and _PAGE_BEGINS.match(text, page.end() - 1):
        return "the file is a page of HTML", "Extract its text first"
    if _is_several(text):
        return (
            f"the file holds several documents with {_END} between them",
            "Write them as JSON lines, one document a line",
        )
    if (delimiter := _table_parted_by(text)) is not None:
        end = ".tsv" if delimiter == "\t" else ".csv"
        return (
            "the file is a table, whose header is its first line",
            f"Give it a name that ends in {end}",
        )
    return None


def _is_json(text: str) -> bool:
    """Whether the first line and one of the next are rows, or the whole is JSON."""
    first, *following = text.lstrip().split("\n", _NEXT_ROWS + 1)[: _NEXT_ROWS + 1]
    return (_parses(first) and any(map(_parses, following))) or _parses(text)


def _parses(text: str) -> bool:
    try:
        return isinstance(parse_json(text.encode("utf-8", "replace")), dict | list)
    except BadRow:
        return False


def _is_several(text: str) -> bool:
    """Whether documents end where others begin; turns of a chat that end so have other marks."""
    text = _NAMED_END.sub(r"\1", text) if _END in text else text
    return any(part.strip() for part in text.split(_END)[1:]) and "<|" not in text.replace(_END, "")


def _table_parted_by(text: str) -> str | None:
    header = text.split("\n", 1)[0].rstrip("\r") if "\n" in text[:_LONGEST] else ""
    found = _HEADER.fullmatch(header)
    if found is None:
        return None
    names = [name.strip(' "').lower() for name in header.split(found[1])]
    is_header = len(_NAMES.intersection(names)) >= _LEAST_NAMES and len({*names}) == len(names)
    second = text.split("\n", 2)[1]
    if not is_header or _RULE.fullmatch(second):
        return None
    n_parted, n_least = second.count(found[1]), len(names) - 1
    # Words of a title stand apart; few tables are written so.
    is_row = n_parted == n_least if f"{found[1]} " in header else n_parted >= n_least
    return found[1] if is_row else None
