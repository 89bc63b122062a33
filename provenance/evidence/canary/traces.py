"""What is kept of a corpus to look for canaries in: distinct places and strings, and no key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.canary.nonce_strings import strings_in
from provenance.evidence.canary.planting import readable, state_ids
from provenance.evidence.canary.word_choices import occurrences
from provenance.records import Place

if TYPE_CHECKING:
    from provenance.corpus import Document

__all__ = [
    "MAX_PLACES",
    "CanaryTraces",
    "HeldStates",
    "HeldStrings",
    "read_traces",
    "readable_texts",
]

MAX_PLACES: Final = 20
"""Most documents that are told of a string."""


@dataclass(slots=True)
class CanaryTraces:
    """What is kept of documents: it knows no key, and parts add up in any order.

    Parameters
    ----------
    ids : ndarray of uint64, shape (n_places,)
        The place that each word choice was met at, as a hash of what stands around it.
    leads : ndarray of int64, shape (n_places,)
        1 for its second wording, -1 for its first.
    strings : dict of str to list of Place
        Where each string of the form of a canary stands, up to `MAX_PLACES` places.
    n_documents : int
    """

    ids: NDArray[np.uint64]
    leads: NDArray[np.int64]
    strings: dict[str, list[Place]] = field(default_factory=dict)
    n_documents: int = 0


def readable_texts(documents: Sequence[Document]) -> list[str]:
    """Texts of documents as canaries are read in them."""
    return [readable(document.text) for document in documents]


def read_traces(
    documents: Sequence[Document], texts: Sequence[str], *, words: bool, strings: bool
) -> CanaryTraces:
    """What some documents hold of what any canary may be made of.

    Parameters
    ----------
    documents : sequence of Document
    texts : sequence of str
        Theirs, as `readable_texts` gives them.
    words, strings : bool
        Whether word choices are looked for, and strings.
    """
    found = [place for text in texts for place in occurrences(text)] if words else []
    leads = np.array([2 * place.side - 1 for place in found], np.int64)
    read = CanaryTraces(state_ids(found), leads, n_documents=len(documents))
    for document, text in zip(documents, texts, strict=True) if strings else ():
        for string in {*strings_in(text)}:
            places = read.strings.setdefault(string, [])
            if len(places) < MAX_PLACES:
                places.append(Place(id=document.id, path=document.path, line=document.line))
    return read


class HeldStates:
    """Distinct places of a corpus and by how much one wording leads, in bounded memory."""

    def __init__(self, most: int) -> None:
        self.ids = np.empty(0, np.uint64)
        self.leads = np.empty(0, np.int64)
        self.halvings = 0
        self.n_choices = 0
        self._most = most
        self._parts: list[tuple[NDArray[np.uint64], NDArray[np.int64]]] = []
        self._waiting = 0

    def add(self, ids: NDArray[np.uint64], leads: NDArray[np.int64]) -> None:
        self.n_choices += len(ids)
        self._parts.append((ids, leads))
        self._waiting += len(ids)
        if self._waiting > self._most:
            self.settle()

    def settle(self) -> None:
        ids = np.concatenate([self.ids, *(ids for ids, _ in self._parts)])
        leads = np.concatenate([self.leads, *(leads for _, leads in self._parts)])
        self._parts, self._waiting = [], 0
        kept = self._below(ids)
        distinct, place = np.unique(ids[kept], return_inverse=True)
        sums = np.bincount(place, leads[kept], len(distinct)).astype(np.int64)
        # The numbers are hashes of text alone: the lowest half is a fair sample.
        while np.count_nonzero(self._below(distinct)) > self._most:
            self.halvings += 1
        kept = self._below(distinct)
        self.ids, self.leads = distinct[kept], sums[kept]

    def _below(self, ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
        return ids <= np.uint64((1 << (64 - self.halvings)) - 1)


class HeldStrings:
    """Distinct strings of the form and where they stand, in bounded memory."""

    def __init__(self, most: int) -> None:
        self.places: dict[str, list[Place]] = {}
        self._most = most
        self._last = "~"

    def add(self, found: Mapping[str, list[Place]]) -> None:
        for string, places in found.items():
            if string < self._last:
                held = self.places.setdefault(string, [])
                held += places[: MAX_PLACES - len(held)]
        if len(self.places) > self._most:
            # Which are kept depends on the corpus alone, not on the key or the order.
            self._last = sorted(self.places)[self._most]
            self.places = {s: p for s, p in self.places.items() if s < self._last}
