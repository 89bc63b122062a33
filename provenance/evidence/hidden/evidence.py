"""Hidden marks beside the scores: looked for in every corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.hidden.findings import with_hidden_marks
from provenance.evidence.hidden.tally import HiddenMarks
from provenance.evidence.protocol import Asked, Told
from provenance.features.features import PreparedTexts
from provenance.records import Finding

__all__ = ["HiddenEvidence"]


class HiddenEvidence:
    """Hidden marks of the documents that are taken in; see `Evidence`."""

    is_asked_for = False

    def __init__(self) -> None:
        self._marks = HiddenMarks()

    @property
    def look_up(self) -> Callable[[Sequence[Document], PreparedTexts | None], HiddenMarks]:
        return _hidden_marks

    def add(self, documents: Sequence[Document], found: HiddenMarks) -> dict[str, NDArray[Any]]:
        self._marks.merge(found)
        return {}

    def add_trusted(self, documents: Sequence[Document], found: HiddenMarks) -> None:
        pass

    def told(self, findings: tuple[Finding, ...], asked: Asked) -> Told:
        return Told(with_hidden_marks(findings, self._marks))

    def columns(self, table: Any) -> dict[str, Any]:
        return {}


def _hidden_marks(documents: Sequence[Document], prepared: PreparedTexts | None) -> HiddenMarks:
    found = HiddenMarks()
    found.add(documents)
    return found
