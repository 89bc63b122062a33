"""What is looked up in a corpus beside its scores: the API's own log, watermarks, hidden marks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.evidence.hidden.findings import with_hidden_marks
from provenance.evidence.hidden.tally import HiddenMarks
from provenance.evidence.log.findings import with_log
from provenance.evidence.log.tally import LogBatch, LogFiles, LogTally
from provenance.evidence.watermark.corpus import WatermarkTally
from provenance.evidence.watermark.findings import watermark_check, watermark_findings
from provenance.evidence.watermark.tokens import Tokens
from provenance.features.features import PreparedTexts
from provenance.matching.matched import Settings
from provenance.report.report import Report

if TYPE_CHECKING:
    from provenance.evidence.watermark.tally import DocumentTests

__all__ = ["Beside", "LookUp", "LookedUp"]


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A batch of documents: hidden marks, beside the log, and under the generators' tokenizers."""

    hidden: HiddenMarks
    log: LogBatch | None
    tokens: dict[str, Tokens] | None


@dataclass(frozen=True, slots=True)
class LookUp:
    """What any process can do for a batch; it holds no key."""

    log: LogFiles | None
    tokenizer: Callable[[Sequence[Document]], dict[str, Tokens]] | None

    def __call__(self, documents: Sequence[Document], prepared: PreparedTexts | None) -> LookedUp:
        hidden = HiddenMarks()
        hidden.add(documents)
        return LookedUp(
            hidden,
            None if self.log is None else self.log.look_up(documents, prepared),
            None if self.tokenizer is None else self.tokenizer(documents),
        )


class Beside:
    """Takes in what was looked up, and adds what it tells to a report.

    Parameters
    ----------
    log : LogFiles or None
    watermarks : WatermarkTally or None
    fdr : float
        Rate of false rows among those listed.
    """

    def __init__(self, log: LogFiles | None, watermarks: WatermarkTally | None, fdr: float) -> None:
        self.look_up = LookUp(log, None if watermarks is None else watermarks.tokenizer)
        self._in_log = None if log is None else LogTally(log.matcher(), fdr)
        self._trusted_in_log = None if log is None else LogTally(log.matcher(), fdr)
        self._watermarks = watermarks
        self._hidden = HiddenMarks()
        self._listed = np.zeros(0, np.bool_)
        self._q_values: tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing that is worth a reading of its own."""
        return self._in_log is None and self._watermarks is None

    def add_trusted(self, documents: Sequence[Document], found: LookedUp) -> None:
        """Take in documents that are held to be of no source."""
        if self._trusted_in_log is not None and found.log is not None:
            self._trusted_in_log.add(documents, found.log)

    def add(self, documents: Sequence[Document], found: LookedUp) -> dict[str, NDArray[Any]]:
        """Take in documents; what is kept of each until all are read."""
        self._hidden.merge(found.hidden)
        columns: dict[str, NDArray[Any]] = {}
        if self._in_log is not None and found.log is not None:
            self._in_log.add(documents, found.log)
            columns |= self._in_log.columns(found.log)
        if self._watermarks is not None and found.tokens is not None:
            first = self._watermarks.n_documents
            tests = self._watermarks.add(documents, found.tokens)
            columns["watermark_row"] = first + np.arange(len(documents))
            columns |= self._kept(tests)
        return columns

    def _kept(self, tests: Sequence[DocumentTests]) -> dict[str, NDArray[Any]]:
        assert self._watermarks is not None
        columns = {}
        for key, test in zip(self._watermarks.keys, tests, strict=True):
            columns[f"watermark_p[{key.name}]"] = test.p_values
            columns[f"watermark_passage_p[{key.name}]"] = test.passage_p
        return columns

    def told(self, report: Report, settings: Settings, seed: int) -> Report:
        """The report with what was found in place of what nobody looked for."""
        fields = {item.name: getattr(report, item.name) for item in dataclasses.fields(report)}
        fields = with_hidden_marks(fields, self._hidden)
        if self._in_log is not None:
            fields = with_log(fields, self._in_log, self._trusted_in_log, settings, seed)
        if self._watermarks is not None:
            check = self._watermarks.told(seed=seed, confidence_level=settings.confidence_level)
            self._listed = self._watermarks.listed(check)
            kept = (item for item in fields.get("findings", ()) if item.kind != "watermark")
            fields = {
                **fields,
                "findings": (*watermark_findings(check), *kept),
                "diagnostics": (*fields["diagnostics"], watermark_check(check)),
            }
        return Report(**fields)

    def told_columns(self, table: Any) -> dict[str, Any]:
        """What ``documents.parquet`` tells, from the columns kept."""
        columns: dict[str, Any] = {}
        if self._in_log is not None:
            columns |= self._in_log.told_columns(table)
        if self._watermarks is not None:
            columns |= self._watermark_columns(self._watermarks, table)
        return columns

    def _watermark_columns(self, watermarks: WatermarkTally, table: Any) -> dict[str, Any]:
        import pyarrow as pa

        if self._q_values is None:
            self._q_values = watermarks.q_values()
        row = table["watermark_row"].to_numpy()
        columns: dict[str, Any] = {}
        for key, q, passage_q in zip(watermarks.keys, *self._q_values, strict=True):
            for kind, values in (("watermark", q[row]), ("watermark_passage", passage_q[row])):
                kept = f"{kind}_p[{key.name}]"
                # As they are: a small p-value is 0 in fewer digits.
                p = table[kept].to_numpy()
                columns[kept] = pa.array(p, mask=np.isnan(p))
                columns[f"{kind}_q[{key.name}]"] = pa.array(values, mask=np.isnan(values))
        return columns | {"watermark": self._listed[row]}
