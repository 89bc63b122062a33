"""The API's own log beside the scores: looked up where one is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.log.findings import log_check, log_findings
from provenance.evidence.log.tally import LogBatch, LogFiles, LogTally
from provenance.evidence.protocol import MatchContext, ToldEvidence
from provenance.features.features import PreparedTexts
from provenance.records import Finding

__all__ = ["LogEvidence"]


class LogEvidence:
    """What of the documents that are taken in stands in a log; see `Evidence`.

    Parameters
    ----------
    files : LogFiles
    fdr : float
        Rate of false rows among the edited answers that are listed.
    """

    is_asked_for = True

    def __init__(self, files: LogFiles, fdr: float) -> None:
        self._files = files
        self._tally = LogTally(files.matcher(), fdr)
        self._trusted = LogTally(files.matcher(), fdr)

    @property
    def look_up(self) -> Callable[[Sequence[Document], PreparedTexts | None], LogBatch]:
        return self._files.look_up

    def add(self, documents: Sequence[Document], found: LogBatch) -> dict[str, NDArray[Any]]:
        self._tally.add(documents, found)
        return self._tally.columns(found)

    def add_trusted(self, documents: Sequence[Document], found: LogBatch) -> None:
        self._trusted.add(documents, found)

    def told(self, findings: tuple[Finding, ...], asked: MatchContext) -> ToldEvidence:
        own = log_findings(self._tally, asked, self._trusted)
        check = log_check(self._tally, own[0], asked.highest_share)
        reasons = () if check.verdict == "ok" else (check.sentence,)
        return ToldEvidence((*own, *findings), (check,), reasons)

    def columns(self, table: Any) -> dict[str, Any]:
        return self._tally.told_columns(table)
