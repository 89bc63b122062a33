"""Watermarks of a known key: keyed functions, statistics and exact nulls, one file a family."""

from provenance.evidence.watermark.detection import (
    SCHEMES,
    WatermarkDetection,
    detect_watermark,
    make_scheme,
)
from provenance.evidence.watermark.schemes.draws import Documents, ScoredDraws, score

__all__ = [
    "SCHEMES",
    "Documents",
    "ScoredDraws",
    "WatermarkDetection",
    "detect_watermark",
    "make_scheme",
    "score",
]
