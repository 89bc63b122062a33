"""How much of a text corpus was written by a given API, with an interval that can be defended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from provenance.version import __version__ as __version__

if TYPE_CHECKING:
    from provenance.corpus import Corpus, CorpusOptions, open_corpus
    from provenance.errors import InputError, ProvenanceError
    from provenance.evidence.log.building import index_log
    from provenance.evidence.log.index import LogIndex
    from provenance.evidence.watermark.detection import WatermarkDetection, detect_watermark
    from provenance.features.spec import FeatureSpec
    from provenance.fingerprint.fingerprint import Fingerprint, merge
    from provenance.fingerprint.measuring import fit_fingerprint
    from provenance.matching.comparisons.lean import Lean, lean
    from provenance.matching.comparisons.same import SameSource, same_source
    from provenance.matching.filtering.filtered import Filtered
    from provenance.matching.filtering.filtering import filter_corpus
    from provenance.matching.matching import match
    from provenance.matching.scanning.scanning import scan
    from provenance.report.report import Report
    from provenance.scoring.estimator import SourceClassifier
    from provenance.validation.protocol import validate

_HOME: Final = {
    "Corpus": "corpus",
    "CorpusOptions": "corpus",
    "open_corpus": "corpus",
    "InputError": "errors",
    "ProvenanceError": "errors",
    "FeatureSpec": "features.spec",
    "Fingerprint": "fingerprint.fingerprint",
    "fit_fingerprint": "fingerprint.measuring",
    "Filtered": "matching.filtering.filtered",
    "filter_corpus": "matching.filtering.filtering",
    "Lean": "matching.comparisons.lean",
    "lean": "matching.comparisons.lean",
    "index_log": "evidence.log.building",
    "LogIndex": "evidence.log.index",
    "merge": "fingerprint.fingerprint",
    "match": "matching.matching",
    "Report": "report.report",
    "scan": "matching.scanning.scanning",
    "SameSource": "matching.comparisons.same",
    "SourceClassifier": "scoring.estimator",
    "same_source": "matching.comparisons.same",
    "validate": "validation.protocol",
    "WatermarkDetection": "evidence.watermark.detection",
    "detect_watermark": "evidence.watermark.detection",
}

__all__ = [
    "Corpus",
    "CorpusOptions",
    "FeatureSpec",
    "Filtered",
    "Fingerprint",
    "InputError",
    "Lean",
    "LogIndex",
    "ProvenanceError",
    "Report",
    "SameSource",
    "SourceClassifier",
    "WatermarkDetection",
    "detect_watermark",
    "filter_corpus",
    "fit_fingerprint",
    "index_log",
    "lean",
    "match",
    "merge",
    "open_corpus",
    "same_source",
    "scan",
    "validate",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: a command that needs none of it answers at once.
    if name not in _HOME:
        # With both, the interpreter adds what was meant.
        raise AttributeError(
            f"module 'provenance' has no attribute {name!r}",
            name=name,
            obj=sys.modules[__name__],
        )
    from importlib import import_module

    return getattr(import_module(f"provenance.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
