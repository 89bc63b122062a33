"""What a launderer does to a text so that it is not found again: one table of small edits.

Each edit takes a text, a strength from 0 to 1 and a generator. The strength is the part of what the
edit works on (words, letters, marks, sentences) that it changes: none of it at 0, all of it at 1,
and in between that part exactly, up to one. A new launderer is one function of `edits` and one row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from provenance.errors import InputError
from provenance.validation.laundering import edits, rewordings
from provenance.validation.laundering.edits import sentences

__all__ = ["GUIDE", "LAUNDERERS", "Launderer", "launder", "launder_by", "merge", "sentences"]

Edit: TypeAlias = Callable[[str, float, np.random.Generator], str]


@dataclass(frozen=True, slots=True)
class Launderer:
    """One row of the table of edits.

    Attributes
    ----------
    name : str
        Its name in tables of results.
    sentence : str
        What it does and what its strength is a part of.
    function : callable
        From a text, a strength from 0 to 1 and a generator to the edited text.
    """

    name: str
    sentence: str
    function: Edit


_TABLE: Final = (
    Launderer(
        "truncation",
        "Keeps the first, last or middle words; the strength is the part of the words cut off.",
        edits.truncate,
    ),
    Launderer(
        "markdown",
        "Strips headings, emphasis, bullets, numbers, fences, links and tables; part of the marks.",
        edits.strip_markdown,
    ),
    Launderer("html", "Strips tags, comments and entities; part of them.", edits.strip_html),
    Launderer(
        "case",
        "Writes words in small letters, CAPITALS or Titles; part of the words.",
        edits.change_case,
    ),
    Launderer(
        "whitespace",
        "Joins lines and doubles, tabs or hardens spaces; part of the gaps between words.",
        edits.change_spaces,
    ),
    Launderer(
        "homoglyphs",
        "Puts Cyrillic and Greek look-alikes or zero-width characters; part of the Latin letters.",
        edits.disguise,
    ),
    Launderer(
        "hidden_characters",
        "Puts a zero-width character into words; part of the words of two letters or more.",
        edits.hide_characters,
    ),
    Launderer(
        "punctuation",
        "Changes quotes, dashes and dots between plain and typographic, drops Oxford commas; part"
        " of the marks.",
        edits.change_punctuation,
    ),
    Launderer(
        "sentence_shuffle",
        "Moves sentences to each other's places; part of the sentences moved.",
        edits.shuffle_sentences,
    ),
    Launderer(
        "sentence_drop", "Leaves sentences out; part of the sentences.", edits.drop_sentences
    ),
    Launderer("word_drop", "Leaves words out; part of the words.", edits.drop_words),
    Launderer("articles", "Leaves English articles out; part of them.", edits.delete_articles),
    Launderer(
        "word_swap",
        "Changes words with their neighbours; part of the words moved.",
        edits.swap_words,
    ),
    Launderer(
        "synonyms",
        "Swaps words for others of a fixed table; part of all words, as far as the table reaches.",
        edits.swap_synonyms,
    ),
    Launderer(
        "typos",
        "Drops, doubles, changes or mistypes one letter; part of the words of two letters or more.",
        edits.mistype,
    ),
    Launderer(
        "contractions",
        "Writes short forms out, or long forms short where there are none; part of them.",
        rewordings.change_contractions,
    ),
    Launderer(
        "sentence_swap",
        "Changes sentences with the next; part of the pairs of neighbours.",
        rewordings.swap_sentences,
    ),
    Launderer(
        "ends",
        "Cuts off the first and the last sentence; part of the texts.",
        rewordings.cut_ends,
    ),
    Launderer(
        "identity",
        "Deletes or renames the model, its maker and what it says of itself; part of the mentions.",
        edits.hide_model,
    ),
    Launderer(
        "identity_rewrite",
        "Writes another name over the model and its maker; part of the mentions.",
        edits.rename_model,
    ),
    Launderer(
        "interface_debris",
        "Strips chat labels, special tokens, buttons, citation marks, openers and closers; part of"
        " the marks.",
        edits.strip_debris,
    ),
)

LAUNDERERS: Final[Mapping[str, Launderer]] = MappingProxyType({row.name: row for row in _TABLE})
"""The table, by name."""


def launder(text: str, name: str, strength: float, rng: np.random.Generator) -> str:
    """Edit a text as one launderer does.

    Parameters
    ----------
    text : str
    name : str
        A key of `LAUNDERERS`.
    strength : float
        From 0, which changes nothing, to 1.
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        Where there is no such launderer or the strength is out of range.

    Examples
    --------
    >>> launder("Use **bold** words", "markdown", 1.0, np.random.default_rng(0))
    'Use bold words'
    """
    if name not in LAUNDERERS:
        raise InputError(f"no launderer is called {name!r}", expected=", ".join(LAUNDERERS))
    if not 0 <= strength <= 1:
        raise InputError(f"the strength is {strength}", expected="0 to 1")
    return LAUNDERERS[name].function(text, strength, rng)


GUIDE: Final[tuple[tuple[str, float], ...]] = (
    *(("interface_debris", 1.0), ("identity", 1.0), ("markdown", 1.0), ("html", 1.0)),
    *(("punctuation", 1.0), ("whitespace", 0.2), ("sentence_drop", 0.1), ("synonyms", 0.1)),
    *(("articles", 0.2), ("typos", 0.02)),
)
"""*The guide*: what a page of advice on washing asks for, in its order: what gives a copy away,
then layout, then light edits. Rows are dropped, split and spread by `corpora`."""


def launder_by(text: str, steps: Sequence[tuple[str, float]], rng: np.random.Generator) -> str:
    """Edit a text as several launderers do, one after the other.

    Parameters
    ----------
    text : str
    steps : sequence of (str, float)
        Launderers and their strengths, such as `GUIDE`.
    rng : numpy.random.Generator

    Examples
    --------
    >>> steps = (("markdown", 1.0), ("articles", 1.0))
    >>> launder_by("Use **the** bold words of a text", steps, np.random.default_rng(0))
    'Use bold words of text'
    """
    for name, strength in steps:
        text = launder(text, name, strength, rng)
    return text


def merge(text: str, others: Sequence[str], rng: np.random.Generator) -> str:
    r"""Set a text as a paragraph between two other texts, two different ones where there are.

    Raises
    ------
    InputError
        Where there is no other text.

    Examples
    --------
    >>> merge("b", ["a", "a"], np.random.default_rng(0))
    'a\n\nb\n\na'
    """
    if not others:
        raise InputError("there is no other text to merge with", expected="at least one")
    places = rng.permutation(len(others))
    return "\n\n".join([others[places[0]], text, others[places[-1]]])
