"""The records of ``report.json``; each refuses what the contract refuses, nothing is computed.

Shares are fractions in [0, 1] everywhere but in words.
"""

from __future__ import annotations

from provenance.records.baseline import Baseline, BaselinePart, Change, ChangeVerdict, Standing
from provenance.records.corpus import CorpusSummary, TurnCount
from provenance.records.diagnostics import (
    FEW_MODELS,
    FIT,
    FRESH,
    ROWS,
    SHIFT,
    SHORT,
    Diagnostic,
)
from provenance.records.findings import (
    OF_LIBRARY,
    Finding,
    FindingKind,
    Place,
    unchecked_kinds,
)
from provenance.records.manifest import Looks, Manifest
from provenance.records.refusing import check
from provenance.records.rows import (
    MAX_DRAWN,
    MAX_EXCERPT_CHARS,
    MAX_EXCERPTS,
    MAX_POINTS,
    CaughtUpTo,
    Excerpt,
    ListCut,
    ListedRows,
    RowCalibration,
    SignatureRow,
)
from provenance.records.shares import (
    Breakdown,
    Family,
    FamilyReading,
    ListedPart,
    ListedParts,
    Power,
    Role,
    Share,
    ShareVerdict,
    Unit,
)

__all__ = [
    "FEW_MODELS",
    "FIT",
    "FRESH",
    "MAX_DRAWN",
    "MAX_EXCERPTS",
    "MAX_EXCERPT_CHARS",
    "MAX_POINTS",
    "OF_LIBRARY",
    "ROWS",
    "SHIFT",
    "SHORT",
    "Baseline",
    "BaselinePart",
    "Breakdown",
    "CaughtUpTo",
    "Change",
    "ChangeVerdict",
    "CorpusSummary",
    "Diagnostic",
    "Excerpt",
    "Family",
    "FamilyReading",
    "Finding",
    "FindingKind",
    "ListCut",
    "ListedPart",
    "ListedParts",
    "ListedRows",
    "Looks",
    "Manifest",
    "Place",
    "Power",
    "Role",
    "RowCalibration",
    "Share",
    "ShareVerdict",
    "SignatureRow",
    "Standing",
    "TurnCount",
    "Unit",
    "check",
    "unchecked_kinds",
]
