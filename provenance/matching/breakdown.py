"""Rows of shares for the report: of the whole corpus, of families, and of its parts by a field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from provenance.matching.judging import Judged, Told, any_failed, told
from provenance.matching.matched import Matched, Settings
from provenance.records import POWER, Breakdown, Family, Power, Share
from provenance.share.checks import fit_checks
from provenance.share.estimate import UNITS, fit_shares
from provenance.share.sources import Sources

__all__ = ["breakdowns", "family_rows", "is_unattributed", "powers", "share_rows"]

_ROLES: Final = ("candidate", "machine", "panel", "reference")
_MOST_VALUES: Final = 200
"""Most values of a field that are broken down; bounds the page, not tuned."""
_FEWEST_DOCUMENTS: Final = 30
"""Documents of a part below which its share is withheld; a round figure, not tuned."""


def share_rows(found: list[Told], sources: Sources, unit: str, settings: Settings) -> list[Share]:
    """A row for each source, the accused first, and one for what no source claims.

    Beside people's text alone, what is measured is text like a language model's, whosever it is.
    It has a row of its own then, of which the candidate may have everything or nothing, unless it
    was declared that no other model stands behind the corpus.

    Parameters
    ----------
    found : list of Told
        In the order of the sources.
    sources : Sources
    unit : str
    settings : Settings
    """
    rows = [
        row
        for name, role, one in zip(sources.names, sources.roles, found, strict=True)
        for row in (
            _unattributed(name, unit, one, settings)
            if role == "candidate" and is_unattributed(sources, settings)
            else (_share(name, role, unit, one, settings),)
        )
    ]
    rows.sort(key=lambda row: _ROLES.index(row.role))
    claimed = sum(row.low for row in rows)
    rest = Told(None, 0.0, max(0.0, 1 - claimed))
    return [*rows, _share(None, "unknown", unit, rest, settings)]


def is_unattributed(sources: Sources, settings: Settings) -> bool:
    """Whether text like a language model's may be any model's."""
    return sources.of_two_classes and not settings.only


def _unattributed(
    candidate: str, unit: str, found: Told, settings: Settings
) -> tuple[Share, Share]:
    """The candidate's row, of which only the high end stands, and what was measured."""
    machine = _share(None, "machine", unit, found, settings)
    own = _share(candidate, "candidate", unit, Told(None, 0.0, found.high), settings)
    return own if machine.verdict == "withheld" else replace(own, verdict="bounded"), machine


def family_rows(judged: Judged, sources: Sources, settings: Settings) -> Iterator[Family]:
    """Candidates with their siblings."""
    withheld = judged.withheld
    for unit in UNITS:
        for family in judged.estimate.mixtures[unit].families:
            members = (family.source, *family.siblings)
            names = [sources.names[one] for one in members]
            whole = judged.of_all(Told(family.share, family.low, family.high), members, unit)
            alone = judged.of_all(
                Told(None, family.low_alone, family.low_alone), [family.source], unit
            )
            yield Family(
                source=names[0],
                members=tuple(names),
                unit=unit,  # type: ignore[arg-type]
                share=None if withheld else whole.share,
                low=0.0 if withheld else whole.low,
                high=1.0 if withheld else whole.high,
                candidate_low=0.0 if withheld else alone.low,
                confidence_level=settings.confidence_level,
                verdict="withheld" if withheld else "estimated",
            )


def _share(name: str | None, role: str, unit: str, found: Told, settings: Settings) -> Share:
    is_told = found.share is not None
    verdict = "estimated" if is_told else "bounded" if role == "unknown" else "withheld"
    return Share(
        source=name,
        role=role,  # type: ignore[arg-type]
        unit=unit,  # type: ignore[arg-type]
        share=found.share,
        low=found.low,
        high=found.high,
        confidence_level=settings.confidence_level,
        verdict=verdict,  # type: ignore[arg-type]
    )


def breakdowns(
    matched: Matched, judged: Judged, sources: Sources, settings: Settings
) -> Iterator[Breakdown]:
    """Shares by the values of each field, the commonest values first.

    Where the whole corpus is of another domain, so is each part, though too small to show it.
    """
    corpus, tally = matched.corpus, matched.tally
    withheld = judged.withheld or bool(judged.estimate.shifted)
    for column, (name, numbers) in enumerate(zip(tally.by, tally.value_numbers, strict=True)):
        value_of = corpus.values[:, column]
        weight = np.bincount(value_of, corpus.scored.weight, minlength=len(numbers))
        values = sorted(numbers, key=lambda value: (-weight[numbers[value]], value))
        for value in values[:_MOST_VALUES]:
            part = value_of == numbers[value]
            few = bool(weight[numbers[value]] < _FEWEST_DOCUMENTS)
            shares: list[Share] = []
            for unit in UNITS if part.any() else ():
                mixture = fit_shares(
                    corpus.scored.passages(unit, part),
                    matched.samples,
                    sources,
                    confidence_level=settings.confidence_level,
                    caution=settings.caution,
                )
                unfit = any_failed(fit_checks(mixture, sources.candidates, sources.names))
                found = [
                    told(mixture, source, withheld=withheld or few or unfit)
                    for source in range(len(sources.names))
                ]
                shares += share_rows(found, sources, unit, settings)
            n_documents = round(float(weight[numbers[value]]))
            yield Breakdown(field=name, value=value, n_documents=n_documents, shares=tuple(shares))


def powers(judged: Judged, sources: Sources, settings: Settings) -> Iterator[Power]:
    """Smallest share of each candidate whose low end would leave 0.

    Beside people's text alone the low end is that of text like a language model's.
    """
    for unit in UNITS:
        for number in sources.candidates:
            yield Power(
                source=sources.names[number],
                unit=unit,  # type: ignore[arg-type]
                smallest_detectable_share=judged.smallest_detectable(
                    number, len(sources.candidates), settings.confidence_level, unit
                ),
                at_power=POWER,
            )
