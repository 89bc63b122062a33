"""What a report says of its own making."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from provenance.corpus import Corpus
from provenance.features.spec import FeatureSpec
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
    """

    command: Sequence[str]
    seed: int
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)

    def manifest(self, corpus: Corpus, spec: FeatureSpec) -> Manifest:
        """All but what is known at the end only, of a corpus that was read."""
        return Manifest(
            version=__version__,
            command=tuple(self.command),
            seed=self.seed,
            inputs=tuple(corpus.inputs()),
            spec=asdict(spec),
            started=self.started.isoformat(timespec="seconds"),
            seconds=0.0,
        )

    def ended(self, report: Report) -> Report:
        """The report with the time and the memory that it took."""
        seconds = round(time.monotonic() - self.clock, 3)
        peak = peak_memory()
        made = replace(report.manifest, seconds=seconds, peak_memory_bytes=peak)
        return replace(report, manifest=made)


def peak_memory() -> int | None:
    """Largest resident size of this process in bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
