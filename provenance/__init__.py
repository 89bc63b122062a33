"""How much of a text corpus was written by a given API, with an interval that can be defended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from provenance.corpus import Corpus, CorpusOptions, open_corpus
    from provenance.errors import InputError, ProvenanceError
    from provenance.evidence.watermark.detection import WatermarkDetection, detect_watermark
    from provenance.features import FeatureSpec
    from provenance.fingerprint import Fingerprint, merge
    from provenance.indexing import index_log
    from provenance.log_index import LogIndex
    from provenance.matching import match
    from provenance.measuring import fit_fingerprint
    from provenance.report import Report
    from provenance.validation.protocol import validate

__version__ = "0.1.0"

_HOME: Final = {
    "Corpus": "corpus",
    "CorpusOptions": "corpus",
    "open_corpus": "corpus",
    "InputError": "errors",
    "ProvenanceError": "errors",
    "FeatureSpec": "features",
    "Fingerprint": "fingerprint",
    "fit_fingerprint": "measuring",
    "index_log": "indexing",
    "LogIndex": "log_index",
    "merge": "fingerprint",
    "match": "matching",
    "Report": "report",
    "validate": "validation.protocol",
    "WatermarkDetection": "evidence.watermark.detection",
    "detect_watermark": "evidence.watermark.detection",
}

__all__ = [
    "Corpus",
    "CorpusOptions",
    "FeatureSpec",
    "Fingerprint",
    "InputError",
    "LogIndex",
    "ProvenanceError",
    "Report",
    "WatermarkDetection",
    "detect_watermark",
    "fit_fingerprint",
    "index_log",
    "match",
    "merge",
    "open_corpus",
    "validate",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: a command that needs none of it answers at once.
    if name not in _HOME:
        raise AttributeError(f"module 'provenance' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"provenance.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
