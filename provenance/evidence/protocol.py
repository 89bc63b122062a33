"""What every kind of evidence that is looked up beside the scores has to do.

Worker processes look a batch of documents up; the parent takes in what they found, in the order of
the corpus, and at last adds it to the findings of the report and to the rows of the documents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.features import PreparedTexts
from provenance.records import Diagnostic, Finding

__all__ = ["Evidence", "MatchContext", "ToldEvidence"]


@dataclass(frozen=True, slots=True)
class MatchContext:
    """What the user asked for, and what the scores say, as far as evidence has to know it.

    Parameters
    ----------
    confidence_level : float
    keep_text : bool
        Whether the report shows text of the corpus.
    seed : int
    highest_share : float
        Largest share of the documents that the scores allow a candidate; 1 where they allow any.
    """

    confidence_level: float
    keep_text: bool
    seed: int
    highest_share: float = 1.0


@dataclass(frozen=True, slots=True)
class ToldEvidence:
    """What one kind of evidence makes of a report.

    Parameters
    ----------
    findings : tuple of Finding
        All of the report, those of this kind of evidence among them.
    diagnostics : tuple of Diagnostic
        To be told after the others.
    reasons : tuple of str
        What weakens the shares, to be told before the others.
    """

    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    reasons: tuple[str, ...] = ()


class Evidence(Protocol):
    """One kind of evidence: the API's own log, watermarks or hidden marks."""

    @property
    def is_asked_for(self) -> bool:
        """Whether the user named what is looked for, so that it is worth a reading of its own."""

    @property
    def look_up(self) -> Callable[[Sequence[Document], PreparedTexts | None], Any]:
        """What any process can do for a batch; it can be pickled and holds no key."""

    def add(self, documents: Sequence[Document], found: Any) -> dict[str, NDArray[Any]]:
        """Take in documents with what `look_up` gave; what is kept of each until all are read."""

    def add_trusted(self, documents: Sequence[Document], found: Any) -> None:
        """Take in documents that are held to be of no source."""

    def told(self, findings: tuple[Finding, ...], asked: MatchContext) -> ToldEvidence:
        """What it makes of a report that has these findings so far; once, after all documents."""

    def columns(self, table: Any) -> dict[str, Any]:
        """What ``documents.parquet`` tells of the rows of a table of the columns kept.

        Columns of truth values are no columns of the file: they mark rows with a finding.
        """
