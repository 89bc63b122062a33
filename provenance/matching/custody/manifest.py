"""What a report says of its own making."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provenance.corpus import Corpus
from provenance.features.spec import FeatureSpec
from provenance.matching.custody.custody import corpus_entries, deciding_versions
from provenance.matching.custody.looks import noted_look
from provenance.records import Manifest
from provenance.report.report import Report
from provenance.version import __version__

__all__ = ["Run", "peak_memory"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the tool, from when this was made.

    Parameters
    ----------
    command : tuple of str
        What the user typed.
    seed : int
    title, case, author : str, optional
        What the report is to be called, the case that it belongs to, and who made it.
    """

    command: Sequence[str]
    seed: int
    title: str | None = None
    case: str | None = None
    author: str | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)

    def manifest(self, corpus: Corpus, spec: FeatureSpec) -> Manifest:
        """All but what is known at the end only, of a corpus that was read."""
        return Manifest(
            version=__version__,
            command=tuple(self.command),
            seed=self.seed,
            inputs=tuple(corpus_entries(corpus)),
            spec=asdict(spec),
            started=self.started.isoformat(timespec="seconds"),
            seconds=0.0,
            versions=deciding_versions(),
            title=self.title,
            case=self.case,
            author=self.author,
        )

    def ended(
        self, report: Report, cache: Path, others: Sequence[Mapping[str, Any]] = ()
    ) -> Report:
        """The report with the time and the memory that it took, and looks before this one.

        Parameters
        ----------
        report : Report
        cache : Path
            In which the log of looks is kept.
        others : sequence of mapping
            Inputs other than the corpus.
        """
        manifest = report.manifest
        made = replace(
            manifest,
            looks=noted_look(manifest.inputs, manifest.started, cache / "looks"),
            given=tuple(others),
            seconds=round(time.monotonic() - self.clock, 3),
            peak_memory_bytes=peak_memory(),
        )
        return replace(report, manifest=made)


def peak_memory() -> int | None:
    """Largest resident size of this process in bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
