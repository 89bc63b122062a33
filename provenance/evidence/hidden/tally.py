"""Hidden marks of a whole corpus: how many documents, which payloads, and where."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.errors import InputError
from provenance.evidence.hidden.marks import KINDS, HiddenMark, find_hidden_marks
from provenance.files.json import decode, plain
from provenance.records import Finding, Place
from provenance.words import visible

__all__ = ["PLACES", "HiddenMarks", "HiddenPayload", "HiddenSummary", "hidden_summary"]

PLACES: Final = 20
"""Places that are told; a round figure, not tuned."""
_TOLD: Final = 20
_HELD: Final = 1 << 12
"""Different payloads that are counted; of more, those with the smallest hashes."""

_NARROW: Final = "\u202f"


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenPayload:
    """A decoded payload, escaped, and the first places where it stands."""

    payload: str
    scheme: str
    chance: float | None
    n_marks: int
    n_documents: int
    where: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenSummary:
    """What is told of the hidden marks of a corpus.

    Parameters
    ----------
    n_documents, n_marked, n_decoded : int
        Documents looked at, with a mark, with a mark that says something.
    by_kind : mapping of str to int
        Documents with a mark of each kind.
    not_decoded : mapping of str to int
        Marks by the scheme that their form is consistent with.
    n_with_narrow_no_break_space : int
        Documents with U+202F, which some models write by themselves; no mark.
    n_payloads : int
        Different payloads that were counted.
    payloads_complete : bool
        False where there were more; then those with the smallest hashes were counted.
    payloads : tuple of HiddenPayload
        The 20 that stand in most documents.
    where : tuple of Place
        The first 20 places of marks, decoded or not.
    """

    n_documents: int
    n_marked: int
    n_decoded: int
    by_kind: Mapping[str, int]
    not_decoded: Mapping[str, int]
    n_with_narrow_no_break_space: int
    n_payloads: int
    payloads_complete: bool
    payloads: tuple[HiddenPayload, ...]
    where: tuple[Place, ...]


def hidden_summary(finding: Finding) -> HiddenSummary | None:
    """What a finding's details tell of hidden marks; None where they tell nothing, or not so.

    Examples
    --------
    >>> hidden_summary(Finding(kind="text_repair", verdict="not_found")) is None
    True
    """
    details = plain(finding.details)
    if "hidden_marks" not in details:
        return None
    try:
        found: HiddenSummary = decode(HiddenSummary, details["hidden_marks"], "hidden_marks")
    except InputError:
        return None
    return found


def _order(place: Place) -> tuple[str, int, str, int]:
    return place.path, place.line, place.id, place.start or 0


@dataclass(slots=True)
class _Payload:
    """A decoded payload: how often, in how many documents, and the first places."""

    scheme: str
    payload: str
    chance: float | None
    n_marks: int = 0
    n_documents: int = 0
    where: list[Place] = field(default_factory=list)

    def add(self, other: _Payload) -> None:
        self.n_marks += other.n_marks
        self.n_documents += other.n_documents
        chances = [c for c in (self.chance, other.chance) if c is not None]
        self.chance = max(chances, default=None)
        self.where = _first([*self.where, *other.where])


def _first(places: Iterable[Place]) -> list[Place]:
    return heapq.nsmallest(PLACES, places, key=_order)


@dataclass(slots=True)
class HiddenMarks:
    """Adds documents; keeps counts, decoded payloads and the first places, nothing else.

    Equal for any order and any shards: places are the first by path, line and id, and where there
    are too many payloads to count, a hash decides which are counted.

    Examples
    --------
    >>> tally = HiddenMarks()
    >>> hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "for ann")
    >>> tally.add([Document(id="a", text=f"Hello{hidden}.", path="x", line=1)])
    [1]
    >>> row = tally.told()["payloads"][0]
    >>> row["payload"], row["where"][0]["start"], row["where"][0]["end"]
    ('for ann', 5, 12)
    """

    n_documents: int = 0
    n_marked: int = 0
    n_narrow_spaces: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    n_decoded: int = 0
    undecoded: Counter[str] = field(default_factory=Counter)
    places: list[Place] = field(default_factory=list)
    _payloads: dict[bytes, _Payload] = field(default_factory=dict)
    _limit: bytes | None = None

    def add(
        self, documents: Sequence[Document], may_hold: NDArray[np.bool_] | None = None
    ) -> list[int]:
        """Take in documents, as they were read.

        Parameters
        ----------
        documents : sequence of Document
        may_hold : ndarray of bool, shape (n_documents,), optional
            False where a text is known to be without any mark.

        Returns
        -------
        list of int
            How many marks each of them has.
        """
        self.n_documents += len(documents)
        if may_hold is None:
            return [self._add(document) for document in documents]
        n_marks = [0] * len(documents)
        for at in np.flatnonzero(may_hold).tolist():
            n_marks[at] = self._add(documents[at])
        return n_marks

    def _add(self, document: Document) -> int:
        marks = find_hidden_marks(document.text)
        self.n_narrow_spaces += _NARROW in document.text
        if marks:
            self.n_marked += 1
            self.by_kind.update({mark.kind for mark in marks})
            self.n_decoded += any(mark.payload is not None for mark in marks)
            own: dict[bytes, _Payload] = {}
            for mark in marks:
                self._note(document, mark, own)
            self._take(own)
        return len(marks)

    def _note(self, document: Document, mark: HiddenMark, own: dict[bytes, _Payload]) -> None:
        place = Place(
            id=document.id,
            path=document.path,
            line=document.line,
            start=mark.start,
            end=mark.end,
        )
        self.places = _first([*self.places, place])
        if mark.payload is None or mark.scheme is None:
            self.undecoded[mark.scheme or f"no known scheme, {mark.kind}"] += 1
            return
        name = f"{mark.scheme}\0{mark.payload}".encode("utf-8", "surrogatepass")
        row = own.setdefault(
            hashlib.blake2b(name, digest_size=16).digest(),
            _Payload(mark.scheme, mark.payload, mark.chance, n_documents=1),
        )
        row.n_marks += 1
        row.where.append(place)

    def _take(self, payloads: dict[bytes, _Payload]) -> None:
        for key, row in payloads.items():
            if self._limit is not None and key >= self._limit:
                continue
            if key in self._payloads:
                self._payloads[key].add(row)
            else:
                fresh = _Payload(row.scheme, row.payload, row.chance)
                fresh.add(row)
                self._payloads[key] = fresh
        while len(self._payloads) > _HELD:
            self._limit = max(self._payloads)
            del self._payloads[self._limit]

    def merge(self, other: HiddenMarks) -> None:
        """Take in what another tally counted of other documents."""
        self.n_documents += other.n_documents
        self.n_marked += other.n_marked
        self.n_narrow_spaces += other.n_narrow_spaces
        self.n_decoded += other.n_decoded
        self.by_kind.update(other.by_kind)
        self.undecoded.update(other.undecoded)
        self.places = _first([*self.places, *other.places])
        limits = [limit for limit in (self._limit, other._limit) if limit is not None]
        self._limit = min(limits, default=None)
        if self._limit is not None:
            limit = self._limit
            self._payloads = {k: row for k, row in self._payloads.items() if k < limit}
        self._take(other._payloads)

    def summary(self) -> HiddenSummary:
        """Counts, the 20 commonest payloads and the first 20 places.

        Payloads are escaped: no character of them can hide or move what is shown beside them.
        """
        ranked = sorted(
            self._payloads.values(), key=lambda row: (-row.n_documents, row.scheme, row.payload)
        )
        return HiddenSummary(
            n_documents=self.n_documents,
            n_marked=self.n_marked,
            n_decoded=self.n_decoded,
            by_kind={kind: self.by_kind[kind] for kind in KINDS if self.by_kind[kind]},
            not_decoded=dict(sorted(self.undecoded.items())),
            n_with_narrow_no_break_space=self.n_narrow_spaces,
            n_payloads=len(self._payloads),
            payloads_complete=self._limit is None,
            payloads=tuple(
                HiddenPayload(
                    payload=visible(row.payload),
                    scheme=row.scheme,
                    chance=row.chance,
                    n_marks=row.n_marks,
                    n_documents=row.n_documents,
                    where=tuple(row.where),
                )
                for row in ranked[:_TOLD]
            ),
            where=tuple(self.places),
        )

    def told(self) -> dict[str, Any]:
        """The summary as plain values."""
        found: dict[str, Any] = plain(self.summary())
        return found

    def lines(self) -> list[str]:
        """What a terminal shows."""
        told = self.summary()
        if not told.n_marked:
            return [f"Hidden marks: no evidence for any in {told.n_documents:,} documents."]
        kinds = ", ".join(f"{kind.replace('_', ' ')} {n:,}" for kind, n in told.by_kind.items())
        lines = [
            f"Hidden marks: {told.n_marked:,} of {told.n_documents:,} documents ({kinds});"
            f" decoded in {told.n_decoded:,}."
        ]
        for row in told.payloads[:3]:
            lines.append(
                f"  {row.n_documents:,} documents say {row.payload[:80]!r} ({row.scheme}):"
                f" {_at(row.where[0])}"
            )
        return lines if told.payloads else [*lines, f"  {_at(told.where[0])}"]


def _at(place: Place) -> str:
    return f"{place.path}:{place.line}, characters {place.start} to {place.end}"
