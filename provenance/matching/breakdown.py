"""Rows of shares for the report: of the whole corpus, of families, and of its parts by a field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from provenance.matching.matched import Matched, Settings
from provenance.records import (
    Breakdown,
    Family,
    Power,
    Share,
)
from provenance.share.checks import fit_checks
from provenance.share.estimate import UNITS, Estimate, fit_shares
from provenance.share.mixture import Mixture
from provenance.share.sources import Sources
from provenance.share.two_sources import ZERO_LEVEL

__all__ = ["breakdowns", "family_rows", "powers", "share_rows"]


_ROLES = ("candidate", "panel", "reference")
_POWER = 0.8
_MOST_VALUES = 200
_FEWEST_DOCUMENTS = 30


def share_rows(
    mixture: Mixture,
    sources: Sources,
    unit: str,
    settings: Settings,
    withheld: bool,
    bounded: bool = False,
) -> list[Share]:
    unbounded = withheld and not bounded
    rows = [
        _share(
            name,
            role,
            unit,
            None if withheld else float(mixture.shares[number]),
            0.0 if unbounded else float(mixture.low[number]),
            1.0 if unbounded else float(mixture.high[number]),
            settings,
        )
        for number, (name, role) in enumerate(zip(sources.names, sources.roles, strict=True))
    ]
    rows.sort(key=lambda row: _ROLES.index(row.role))
    claimed = sum(row.low for row in rows)
    unknown = _share(None, "unknown", unit, None, 0.0, max(0.0, 1 - claimed), settings)
    return [*rows, unknown]


def family_rows(
    mixtures: Mapping[str, Mixture], sources: Sources, settings: Settings, withheld: bool
) -> Iterator[Family]:
    """Candidates with their siblings."""
    for unit in UNITS:
        for family in mixtures[unit].families:
            names = [sources.names[one] for one in (family.source, *family.siblings)]
            yield Family(
                source=names[0],
                members=tuple(names),
                unit=unit,  # type: ignore[arg-type]
                share=None if withheld else family.share,
                low=0.0 if withheld else family.low,
                high=1.0 if withheld else family.high,
                candidate_low=0.0 if withheld else family.low_alone,
                confidence_level=settings.confidence_level,
                verdict="withheld" if withheld else "estimated",
            )


def _share(
    name: str | None,
    role: str,
    unit: str,
    share: float | None,
    low: float,
    high: float,
    settings: Settings,
) -> Share:
    verdict = "estimated" if share is not None else "bounded" if role == "unknown" else "withheld"
    return Share(
        source=name,
        role=role,  # type: ignore[arg-type]
        unit=unit,  # type: ignore[arg-type]
        share=share,
        low=low,
        high=high,
        confidence_level=settings.confidence_level,
        verdict=verdict,  # type: ignore[arg-type]
    )


def breakdowns(
    matched: Matched, sources: Sources, settings: Settings, withheld: bool, shifted: bool
) -> Iterator[Breakdown]:
    """Shares by the values of each field, the commonest values first.

    Where the whole corpus is of another domain, so is each part, though too small to show it.
    """
    suspect, view, tally = matched.suspect, matched.view, matched.tally
    for column, (name, numbers) in enumerate(zip(tally.by, tally.value_numbers, strict=True)):
        weight = np.bincount(suspect.values[:, column], suspect.weight, minlength=len(numbers))
        values = sorted(numbers, key=lambda value: (-weight[numbers[value]], value))
        for value in values[:_MOST_VALUES]:
            entries = suspect.values[:, column] == numbers[value]
            shares: list[Share] = []
            for unit in UNITS if entries.any() else ():
                mixture = fit_shares(
                    matched.panel,
                    view,
                    suspect.passages(view, unit, entries),
                    sources,
                    confidence_level=settings.confidence_level,
                    caution=settings.caution,
                )
                few = weight[numbers[value]] < _FEWEST_DOCUMENTS or shifted
                failed = any(
                    item.verdict == "fail"
                    for item in fit_checks(mixture, sources.candidates, sources.names)
                )
                shares += share_rows(mixture, sources, unit, settings, withheld or few or failed)
            n_documents = round(float(weight[numbers[value]]))
            yield Breakdown(field=name, value=value, n_documents=n_documents, shares=tuple(shares))


def powers(estimate: Estimate, sources: Sources, settings: Settings) -> Iterator[Power]:
    """Smallest share whose low end leaves 0; not known of a corpus of another domain."""
    level = ZERO_LEVEL / len(sources.candidates)
    for unit in UNITS:
        for number in sources.candidates:
            detectable = None
            if unit not in estimate.shifted:
                detectable = estimate.mixtures[unit].smallest_detectable(
                    number, _POWER, level, settings.confidence_level
                )
            yield Power(
                source=sources.names[number],
                unit=unit,  # type: ignore[arg-type]
                smallest_detectable_share=detectable,
                at_power=_POWER,
            )
