"""All that is looked up in a corpus beside its scores, behind one door.

What is looked for, and how, each kind of evidence knows: see `provenance.evidence.protocol`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.evidence.hidden.evidence import HiddenEvidence
from provenance.evidence.protocol import Evidence, MatchContext
from provenance.evidence.regenerated.evidence import RegeneratedEvidence
from provenance.evidence.regenerated.findings import AskedModel
from provenance.evidence.regenerated.likeness import Answers
from provenance.evidence.washed.evidence import WashedEvidence
from provenance.features.features import PreparedTexts
from provenance.matching.checks.fresh_answers import answers_of
from provenance.matching.findings import with_unchecked
from provenance.report.report import Report
from provenance.share.sources import Sources

if TYPE_CHECKING:
    from provenance.evidence.log.index import LogIndex
    from provenance.evidence.watermark.keys import WatermarkKey

__all__ = ["AllEvidence", "LookUp", "LookedUp", "gathered", "read_by_itself"]

LookedUp = tuple[Any, ...]
"""What each kind of evidence found in a batch, in their order."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """What any process can do for a batch; it holds no key."""

    parts: tuple[Callable[[Sequence[Document], PreparedTexts | None], Any], ...]

    def __call__(self, documents: Sequence[Document], prepared: PreparedTexts | None) -> LookedUp:
        return tuple(part(documents, prepared) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AllEvidence:
    """Hands every kind of evidence what was looked up, and its findings to a report.

    Parameters
    ----------
    kinds : tuple of Evidence
        Later ones are told before earlier ones.
    """

    kinds: tuple[Evidence, ...]

    @property
    def is_asked_for(self) -> bool:
        """Whether there is anything that is worth a reading of its own."""
        return any(kind.is_asked_for for kind in self.kinds)

    @property
    def asked_rows(self) -> Answers:
        """Rows whose prompts a candidate answers afresh, of the documents taken in."""
        held = (kind.rows() for kind in self.kinds if isinstance(kind, RegeneratedEvidence))
        return Answers.concatenate([row.answers for rows in held for row in rows])

    @property
    def look_up(self) -> LookUp:
        return LookUp(tuple(kind.look_up for kind in self.kinds))

    def add_trusted(self, documents: Sequence[Document], found: LookedUp) -> None:
        """Take in documents that are held to be of no source."""
        for kind, part in zip(self.kinds, found, strict=True):
            kind.add_trusted(documents, part)

    def add(self, documents: Sequence[Document], found: LookedUp) -> dict[str, NDArray[Any]]:
        """Take in documents; what is kept of each until all are read."""
        columns: dict[str, NDArray[Any]] = {}
        for kind, part in zip(self.kinds, found, strict=True):
            columns |= kind.add(documents, part)
        return columns

    def told(self, report: Report, *, keep_text: bool) -> Report:
        """The report with what was found, and with what nobody looked for."""
        asked = _asked(report, keep_text)
        # Beside a candidate alone nobody reads for repairs; then nothing is told to be unchecked.
        was_read = any(item.kind == "text_repair" for item in report.findings)
        for kind in self.kinds:
            told = kind.told(report.findings, asked)
            report = replace(
                report,
                findings=told.findings,
                diagnostics=(*report.diagnostics, *told.diagnostics),
                reasons=(*told.reasons, *report.reasons),
            )
        return replace(report, findings=with_unchecked(report.findings)) if was_read else report

    def columns(self, table: Any) -> dict[str, Any]:
        """What ``documents.parquet`` tells of the rows of a table of the columns kept."""
        return {name: part for kind in self.kinds for name, part in kind.columns(table).items()}


def gathered(
    logs: Sequence[LogIndex],
    decoy_logs: Sequence[LogIndex],
    keys: Sequence[WatermarkKey] | str | os.PathLike[str],
    folder: Path,
    *,
    sources: Sources,
    fdr: float,
    workers: int = 1,
    executor: Executor | None = None,
) -> AllEvidence:
    """All evidence that can be looked for with these logs and keys.

    Parameters
    ----------
    logs, decoy_logs : sequence of LogIndex
    keys : sequence of WatermarkKey, or path
        Keys, or the file that holds them.
    folder : Path
        For what workers load.
    sources : Sources
        Whose answers to the corpus's own prompts are looked for.
    fdr : float
        Rate of false rows among those listed.
    workers, executor
        That tokenize text known to be marked.

    Raises
    ------
    InputError
        Where logs do not fit together, or keys or their marked text cannot be read.
    """
    kinds: list[Evidence] = [*read_by_itself().kinds, _fresh_answers(sources)]
    # What nobody asks for is not loaded: most matches have neither.
    if logs or decoy_logs:
        from provenance.evidence.log.evidence import LogEvidence
        from provenance.evidence.log.tally import log_files

        files = log_files(logs, decoy_logs, folder)
        if files is not None:
            kinds.append(LogEvidence(files, fdr))
    if isinstance(keys, str | os.PathLike) or keys:
        from provenance.evidence.watermark.corpus import WatermarkTally
        from provenance.evidence.watermark.evidence import WatermarkEvidence
        from provenance.evidence.watermark.keys import read_watermark_keys

        held = read_watermark_keys(keys) if isinstance(keys, str | os.PathLike) else keys
        if held:
            tally = WatermarkTally(held, fdr=fdr, workers=workers, executor=executor)
            kinds.append(WatermarkEvidence(tally))
    return AllEvidence(tuple(kinds))


def read_by_itself() -> AllEvidence:
    """What any corpus shows that is read, whatever was given with it."""
    # Traces are told before hidden marks, which find repairs that no rate of them would.
    return AllEvidence((WashedEvidence(), HiddenEvidence()))


def _fresh_answers(sources: Sources) -> RegeneratedEvidence:
    models = [
        AskedModel(one.name, role == "candidate", answers_of(one.sample))
        for one, role in zip(sources.fingerprints, sources.roles, strict=True)
        if role != "reference"
    ]
    return RegeneratedEvidence(models, sources.fingerprints[0].spec)


def _asked(report: Report, keep_text: bool) -> MatchContext:
    return MatchContext(
        confidence_level=report.shares[0].confidence_level,
        keep_text=keep_text,
        seed=report.manifest.seed,
        highest_share=max((row.high for row in report.candidates("documents")), default=1.0),
    )
