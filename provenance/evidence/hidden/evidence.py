"""Hidden marks beside the scores: looked for in every corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.hidden.findings import with_hidden_marks
from provenance.evidence.hidden.tally import HiddenMarks
from provenance.evidence.protocol import MatchContext, ToldEvidence
from provenance.features.features import PreparedTexts
from provenance.files.columns import as_numbers
from provenance.records import Finding

__all__ = ["HiddenEvidence"]

_Found = tuple[HiddenMarks, NDArray[np.bool_]]
"""Marks of a batch, and which of its documents have any."""


class HiddenEvidence:
    """Hidden marks of the documents that are taken in; see `Evidence`."""

    is_asked_for = False

    def __init__(self) -> None:
        self._marks = HiddenMarks()

    @property
    def look_up(self) -> Callable[[Sequence[Document], PreparedTexts | None], _Found]:
        return _hidden_marks

    def add(self, documents: Sequence[Document], found: _Found) -> dict[str, NDArray[Any]]:
        marks, is_marked = found
        self._marks.merge(marks)
        return {"hidden_mark": is_marked}

    def add_trusted(self, documents: Sequence[Document], found: _Found) -> None:
        pass

    def told(self, findings: tuple[Finding, ...], asked: MatchContext) -> ToldEvidence:
        return ToldEvidence(with_hidden_marks(findings, self._marks))

    def columns(self, table: Any) -> dict[str, Any]:
        return {"hidden_mark": as_numbers(table["hidden_mark"])}


def _hidden_marks(documents: Sequence[Document], prepared: PreparedTexts | None) -> _Found:
    found = HiddenMarks()
    # A tidy text is of common characters alone, and has no white space at the end of a line.
    looked_at = None if prepared is None else ~prepared.tidy
    n_marks = found.add(documents, looked_at)
    return found, np.array(n_marks, np.int64) > 0
