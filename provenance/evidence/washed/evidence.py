"""Traces of washing beside the scores: looked for in every corpus that is read for its scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.protocol import MatchContext, ToldEvidence
from provenance.evidence.washed.findings import told_spike, with_traces
from provenance.evidence.washed.lengths import MEASURES, Spike
from provenance.evidence.washed.tally import (
    MISJOINED,
    MISTYPED,
    NO_ARTICLES,
    ODDLY_SPACED,
    OTHER_IDENTITY,
    SPEAKS,
    Traces,
    traces_of,
)
from provenance.features.features import PreparedTexts
from provenance.files.columns import as_numbers
from provenance.records import Finding

__all__ = ["WashedEvidence"]

_Found = tuple[Traces, NDArray[np.uint8], NDArray[np.int64]]
"""Traces of a batch, the flags of each document, and its lengths where it was cut."""

_AT_ONCE = 64
"""Batches that are merged at once, because each merge sorts all that is held; a round figure."""


_TYPED = {
    "typing": MISTYPED,
    "gaps": ODDLY_SPACED,
    "articles": NO_ARTICLES,
    "joins": MISJOINED,
}
"""Of these single rows say nothing: they are marked where a finding says that there are many."""


class WashedEvidence:
    """Traces of the documents that are taken in; see `Evidence`."""

    is_asked_for = False

    def __init__(self) -> None:
        self._traces = Traces()
        self._waiting: list[Traces] = []
        self._spike: Spike | None = None
        self._typed: list[str] = []

    @property
    def look_up(self) -> Callable[[Sequence[Document], PreparedTexts | None], _Found]:
        return traces_of

    def add(self, documents: Sequence[Document], found: _Found) -> dict[str, NDArray[Any]]:
        traces, flags, lengths = found
        self._waiting.append(traces)
        if len(self._waiting) == _AT_ONCE:
            self._merge()
        return {
            "disclosure": (flags & SPEAKS) > 0,
            "other_identity": (flags & OTHER_IDENTITY) > 0,
            **{name: (flags & flag) > 0 for name, flag in _TYPED.items()},
            **{f"cut_{name}": lengths[:, at] for at, name in enumerate(MEASURES)},
        }

    def _merge(self) -> None:
        self._traces.merge(*self._waiting)
        self._waiting.clear()

    def add_trusted(self, documents: Sequence[Document], found: _Found) -> None:
        pass

    def told(self, findings: tuple[Finding, ...], asked: MatchContext) -> ToldEvidence:
        self._merge()
        if not self._traces.n_documents:
            return ToldEvidence(findings)
        told, checks = with_traces(findings, self._traces)
        self._spike = told_spike(self._traces)
        found = {one.details.get("of") for one in told if one.verdict == "found"}
        self._typed = [name for name in _TYPED if name in found]
        return ToldEvidence(told, checks)

    def columns(self, table: Any) -> dict[str, Any]:
        suppressed = as_numbers(table["other_identity"])
        for name in self._typed:
            suppressed = suppressed | as_numbers(table[name])
        if self._spike is not None:
            lengths = as_numbers(table[f"cut_{self._spike.measure}"])
            suppressed = suppressed | (lengths == self._spike.length)
        return {
            "disclosure": as_numbers(table["disclosure"]),
            "suppressed_signature": suppressed,
        }
