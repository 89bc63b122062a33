"""Traces of a whole corpus: each text once, each conversation once, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.washed.articles import lack_articles
from provenance.evidence.washed.disclosures import (
    Disclosed,
    all_disclosed,
    looked_at_bytes,
    spelled,
)
from provenance.evidence.washed.joins import NEEDLES, holds_misjoined, may_hold_misjoined
from provenance.evidence.washed.lengths import is_cut
from provenance.evidence.washed.phrases import PHRASES, needles
from provenance.evidence.washed.typing import all_mistyped, mistyped_forms
from provenance.features.features import PreparedTexts
from provenance.features.hashes import text_hash
from provenance.features.normalize import normalize
from provenance.features.normalize.gaps import are_odd
from provenance.records import Place

__all__ = [
    "EDITS",
    "MISJOINED",
    "MISTYPED",
    "MOST_UNITS",
    "NO_ARTICLES",
    "ODDLY_SPACED",
    "OTHER_IDENTITY",
    "REPAIRED",
    "SPEAKS",
    "Traces",
    "traces_of",
]

EDITS: Final = ("hidden", "letter_forms", "stacked_marks", "homoglyphs")
"""Repairs that are held against the clean kinds. Control characters are not: where a formula was
stored badly, ``\\f`` of ``\\frac`` is one, and up to a tenth of such answers hold some."""
REPAIRED: Final = 1
SPEAKS: Final = 2
OTHER_IDENTITY: Final = 4
MISTYPED: Final = 8
ODDLY_SPACED: Final = 16
NO_ARTICLES: Final = 32
MISJOINED: Final = 64
MOST_UNITS: Final = 1 << 16
"""Texts and conversations that are held, those of the smallest hashes; a bound of memory."""
PLACES: Final = 20
"""Places that a finding tells; a round figure."""


@dataclass(slots=True)
class Traces:
    """What documents show. What others show can be added, in any order and any parts.

    Attributes
    ----------
    key : ndarray of uint64, shape (n_units,)
        Hash of the conversation, or of the text where there is none; ascending, each once.
    flags : ndarray of uint8, shape (n_units,)
        Sum of `REPAIRED`, `SPEAKS`, `OTHER_IDENTITY`, `MISTYPED`, `ODDLY_SPACED`, `NO_ARTICLES`,
        `MISJOINED`.
    lengths : ndarray of int64, shape (n_units, 3)
        By `lengths.MEASURES` where the text was cut, else 0.
    n_documents, n_about : int
        All documents, and those whose phrases did not count.
    shown : Counter of int
        Documents that show a flag.
    edits : Counter of str
        Documents with each of `EDITS`.
    phrases : Counter of int
        Documents with each phrase, by its place in `PHRASES`.
    places : dict of int to list of Place
        The first places of each flag, by path, line and id.
    """

    key: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    flags: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    lengths: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 3), np.int64))
    n_documents: int = 0
    n_about: int = 0
    shown: Counter[int] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    phrases: Counter[int] = field(default_factory=Counter)
    places: dict[int, list[Place]] = field(default_factory=dict)

    def merge(self, *others: Traces) -> None:
        """Take in what other documents show."""
        every = (self, *others)
        flags = np.concatenate([one.flags for one in every])
        lengths = np.concatenate([one.lengths for one in every])
        self.key, first, unit = np.unique(
            np.concatenate([one.key for one in every]), return_index=True, return_inverse=True
        )
        joined, longest = np.zeros(len(self.key), np.uint8), lengths[first]
        np.bitwise_or.at(joined, unit, flags)
        np.maximum.at(longest, unit, lengths)
        self.key = self.key[:MOST_UNITS]
        self.flags, self.lengths = joined[:MOST_UNITS], longest[:MOST_UNITS]
        for other in others:
            self._add_counts(other)

    def _add_counts(self, other: Traces) -> None:
        self.n_documents += other.n_documents
        self.n_about += other.n_about
        self.shown.update(other.shown)
        self.edits.update(other.edits)
        self.phrases.update(other.phrases)
        for flag in {*self.places, *other.places}:
            every = [*self.places.get(flag, []), *other.places.get(flag, [])]
            self.places[flag] = sorted(every, key=_order)[:PLACES]

    def n_units(self, flag: int) -> int:
        """How many of the units held show a flag."""
        return int(np.count_nonzero(self.flags & flag))


def _order(place: Place) -> tuple[str, int, str, int]:
    return place.path, place.line, place.id, place.start or 0


def traces_of(
    documents: Sequence[Document], prepared: PreparedTexts | None
) -> tuple[Traces, NDArray[np.uint8], NDArray[np.int64]]:
    """What some documents show, the flags of each, and its lengths where it was cut.

    Parameters
    ----------
    documents : sequence of Document
    prepared : PreparedTexts, optional
        The same after their repairs; phrases are then read through disguises.

    Examples
    --------
    >>> row = Document(id="a", text="As an AI language model, I cannot taste.", path="x", line=1)
    >>> found, flags, _ = traces_of([row, row], None)
    >>> found.n_documents, found.n_units(SPEAKS), flags.tolist()
    (2, 1, [2, 2])
    """
    # Here, as it loads a compiler.
    from provenance.evidence.washed.glance import glance

    found = Traces(n_documents=len(documents))
    flags = np.zeros(len(documents), np.uint8)
    lengths = np.zeros((len(documents), 3), np.int64)
    texts: Sequence[str] = [one.text for one in documents]
    if prepared is None:
        encoded = [text.encode("utf-8", "replace") for text in texts]
    else:
        texts, encoded = prepared.texts, [*prepared.encoded]
    looked_for = needles()[0]
    needles_found, may_err = glance(
        looked_at_bytes(texts, encoded), spelled((*looked_for, *NEEDLES)), mistyped_forms()
    )
    for at in may_hold_misjoined(needles_found >> np.uint64(len(looked_for))).tolist():
        if holds_misjoined(texts[at]):
            flags[at] |= _add(found, MISJOINED, documents[at])
    of_phrases = needles_found & np.uint64((1 << len(looked_for)) - 1)
    for at, (phrases, is_about) in all_disclosed(texts, of_phrases).items():
        flags[at] |= _add_phrases(found, documents[at], texts[at], phrases, is_about)
    for at, shows in enumerate(all_mistyped(texts, may_err)):
        flags[at] |= shows and _add(found, MISTYPED, documents[at])
    for at in np.flatnonzero(lack_articles(texts, encoded)).tolist():
        flags[at] |= _add(found, NO_ARTICLES, documents[at])
    for at in _not_tidy(documents, prepared):
        one = documents[at]
        if not one.text.isascii() and (prepared is None or prepared.disguised[at]):
            flags[at] |= _add_repairs(found, one)
        if are_odd(one.text) if prepared is None else prepared.odd[at]:
            flags[at] |= _add(found, ODDLY_SPACED, one)
    for at, text in enumerate(texts):
        if is_cut(text):
            n_tokens = 0 if prepared is None else int(prepared.n_tokens[at])
            lengths[at] = len(text), len(text.split()), n_tokens
    key = _units(documents, prepared)
    found.merge(Traces(key=key, flags=flags, lengths=lengths))
    return found, flags, lengths


def _not_tidy(documents: Sequence[Document], prepared: PreparedTexts | None) -> Sequence[int]:
    """Documents that may hold something odd; in tidy ones nothing was repaired or parts words."""
    if prepared is None:
        return range(len(documents))
    places: list[int] = np.flatnonzero(~prepared.tidy).tolist()
    return places


def _units(documents: Sequence[Document], prepared: PreparedTexts | None) -> NDArray[np.uint64]:
    """Hash of the conversation of each document, or of its text where it is of none."""
    key = np.empty(len(documents), np.uint64) if prepared is None else prepared.text_hash.copy()
    for at, one in enumerate(documents):
        if one.group is not None or prepared is None:
            key[at] = text_hash(one.text if one.group is None else one.group)
    return key


def _add_repairs(found: Traces, one: Document) -> int:
    edits = [name for name in normalize(one.text).repairs if name in EDITS]
    if not edits:
        return 0
    found.edits.update(edits)
    return _add(found, REPAIRED, one)


def _add_phrases(
    found: Traces, one: Document, text: str, phrases: list[Disclosed], is_about: bool
) -> int:
    found.n_about += is_about
    found.phrases.update({phrase.phrase for phrase in phrases})
    flags = 0
    for phrase in phrases:
        is_other = PHRASES[phrase.phrase].kind == "other_identity"
        flag = OTHER_IDENTITY if is_other else SPEAKS
        if not flags & flag:
            flags |= flag
            found.shown[flag] += 1
            _note(found, flag, _place(one, text, phrase))
    return flags


def _place(one: Document, text: str, phrase: Disclosed) -> Place:
    """Where a phrase stands; its characters only where no repair has moved them."""
    place = Place(id=one.id, path=one.path, line=one.line)
    if text != one.text:
        return place
    return Place(id=one.id, path=one.path, line=one.line, start=phrase.start, end=phrase.end)


def _add(found: Traces, flag: int, one: Document) -> int:
    """Count a document that shows a flag, which is returned."""
    found.shown[flag] += 1
    _note(found, flag, Place(id=one.id, path=one.path, line=one.line))
    return flag


def _note(found: Traces, flag: int, place: Place) -> None:
    places = found.places.setdefault(flag, [])
    places.append(place)
    if len(places) > 2 * PLACES:
        found.places[flag] = sorted(places, key=_order)[:PLACES]
