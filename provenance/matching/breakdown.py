"""Rows of shares for the report: of the whole corpus, of families, and of its parts by a field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.matching.checks.checks import FEWEST_DOCUMENTS
from provenance.matching.judging import Judged, Told, judge_part
from provenance.matching.matched import Matched, Settings
from provenance.records import Breakdown, Family, ListedPart, ListedParts, Power, Share
from provenance.scoring.scored import Scored
from provenance.share.estimate import UNITS
from provenance.share.sources import Sources
from provenance.statistics.clusters import effective_number
from provenance.statistics.conventions import POWER

__all__ = [
    "FEWEST_OF_A_PART",
    "MOST_PARTS",
    "breakdowns",
    "family_rows",
    "listed_parts",
    "powers",
    "share_rows",
    "within_whole",
]

_ROLES: Final = ("candidate", "machine", "panel", "reference")
_CLAIMING: Final = {False: ("candidate", "panel", "reference"), True: ("machine", "reference")}
"""Roles whose low ends add up, by whether all models together have a row."""
MOST_PARTS: Final = 200
"""Most values of a field that are broken down; bounds the page, not tuned."""
FEWEST_OF_A_PART: Final = 30
"""Documents of a part below which its share is withheld; a round figure, not tuned."""


def share_rows(
    found: list[Told], models: Told | None, sources: Sources, unit: str, settings: Settings
) -> list[Share]:
    """A row for each source, the accused first, and one for what no source claims.

    Where too few other models were given to tell a candidate from one that was not, no low end of
    a model stands; beside people's text alone no share either. Text like a language model's has a
    row of its own then, of which the candidate may have everything or nothing; beside other models
    and people's text it has one too, of which candidates and panel are parts.

    Parameters
    ----------
    found : list of Told
        In the order of the sources.
    models : Told or None
        Of text like a language model's, where it is told; see `Judged.told_of_models`.
    sources : Sources
    unit : str
    settings : Settings
    """
    rows = []
    for name, role, one in zip(sources.names, sources.roles, found, strict=True):
        if role == "reference" or not (sources.too_few_models or sources.tell_a_model):
            rows.append(_share(name, role, unit, one, settings))
        elif sources.too_few_models:
            rows.append(_share(name, role, unit, replace(one, low=0.0), settings))
        else:
            bounded = _share(name, role, unit, Told(None, 0.0, one.high), settings)
            rows.append(_bounded(bounded, one))
    if models is not None:
        rows.append(_share(None, "machine", unit, models, settings))
    rows.sort(key=lambda row: _ROLES.index(row.role))
    claimed = sum(row.low for row in rows if row.role in _CLAIMING[models is not None])
    rest = Told(None, 0.0, max(0.0, 1 - claimed))
    return [*rows, _share(None, "unknown", unit, rest, settings)]


def _bounded(row: Share, found: Told) -> Share:
    """The row of a source of which only the high end stands, unless that is withheld too."""
    return row if found.share is None else replace(row, verdict="bounded")


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
                # Shares that add up to all do so but for rounding.
                share=None if withheld or whole.share is None else min(1.0, whole.share),
                low=0.0 if withheld else min(1.0, whole.low),
                high=1.0 if withheld else min(1.0, whole.high),
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


@dataclass(frozen=True, slots=True)
class _PartRows:
    """Which documents hold one value of one field, and whether they are enough to tell of."""

    field: str
    value: str
    chosen: NDArray[np.bool_]
    n_documents: float
    is_enough: bool


def _parts(matched: Matched) -> Iterator[_PartRows]:
    """The commonest values of each field, the commonest first."""
    corpus, tally = matched.corpus, matched.tally
    for column, (name, numbers) in enumerate(zip(tally.by, tally.value_numbers, strict=True)):
        value_of = corpus.values[:, column]
        weight = np.bincount(value_of, corpus.scored.weight, minlength=len(numbers))
        values = sorted(numbers, key=lambda value: (-weight[numbers[value]], value))
        for value in values[:MOST_PARTS]:
            chosen = value_of == numbers[value]
            n_documents = float(weight[numbers[value]])
            yield _PartRows(name, value, chosen, n_documents, _is_enough(corpus.scored, chosen))


def _is_enough(corpus: Scored, chosen: NDArray[np.bool_]) -> bool:
    """Documents enough, and as many that share nothing as a whole corpus must have."""
    weight = corpus.weight[chosen]
    if weight.sum() < FEWEST_OF_A_PART:
        return False
    return effective_number(weight, corpus.cluster[chosen]) >= FEWEST_DOCUMENTS


def breakdowns(
    matched: Matched, judged: Judged, sources: Sources, settings: Settings
) -> Iterator[Breakdown]:
    """Shares by the values of each field, the commonest values first.

    The intervals of one unit hold together: at the level asked for, none of them misses
    (Bonferroni over all parts that have documents enough, of all fields, and over the candidates).
    Where the whole corpus is of another domain, so is each part, though too small to show it.
    No part's low end is of more documents than the whole's high end allows for.
    A part without a document that is long enough to score is told too, with nothing known of it.
    """
    whole = matched.corpus.scored
    parts = list(_parts(matched))
    n_parts = sum(part.is_enough for part in parts) * len(sources.candidates)
    untold = judged.withheld or bool(judged.estimate.shifted)
    nothing = [Told(None, 0.0, 1.0)] * len(sources.names)
    for part in parts:
        found = dict.fromkeys(UNITS, nothing)
        # Beside other models it is told of the whole alone.
        models: dict[str, Told | None] = dict.fromkeys(
            UNITS, nothing[0] if sources.tell_a_model else None
        )
        if part.is_enough and not untold:
            rows_of_part = whole.part(part.chosen)
            one = judge_part(
                rows_of_part,
                whole,
                judged,
                matched.samples,
                sources,
                n_parts=n_parts,
                confidence_level=settings.confidence_level,
                caution=settings.caution,
            )
            for unit in UNITS:
                times = whole.total(unit) / rows_of_part.total(unit)
                found[unit], models[unit] = _of_part(one, judged, sources, unit, times)
        yield Breakdown(
            field=part.field,
            value=part.value,
            n_documents=round(part.n_documents),
            shares=tuple(
                row
                for unit, rows in found.items()
                for row in share_rows(rows, models[unit], sources, unit, settings)
            ),
        )


def _of_part(
    one: Judged, judged: Judged, sources: Sources, unit: str, times: float
) -> tuple[list[Told], Told | None]:
    """What is told of each source in a part, and of text like a language model's."""
    found = []
    for number in range(len(sources.names)):
        of_whole = judged.told(number, unit), judged.told_of_scored(number, unit)
        highest = max(told.high for told in of_whole)
        found.append(within_whole(one.told(number, unit), highest, times))
    models, of_all = one.told_of_models(sources, unit), judged.told_of_models(sources, unit)
    if models is not None and of_all is not None:
        models = within_whole(models, of_all.high, times)
    return found, models


def within_whole(part: Told, highest: float, times: float) -> Told:
    """What is told of a part, of which no more can be sure than the whole corpus may hold.

    Parameters
    ----------
    part : Told
    highest : float
        The high end of the whole.
    times : float
        How often the whole is as large as the part.

    Examples
    --------
    >>> within_whole(Told(0.9, 0.75, 1.0), 0.25, 2.0)
    Told(share=0.9, low=0.5, high=1.0)
    """
    return replace(part, low=min(part.low, highest * times))


def listed_parts(found: Iterable[Breakdown], settings: Settings) -> ListedParts | None:
    """The parts that show a candidate, or text like a language model's, for sure.

    As the intervals of all parts hold together, the chance that any part is listed which has none
    of it is at most one less the confidence level.

    Parameters
    ----------
    found : iterable of Breakdown
        From `breakdowns`.
    settings : Settings

    Returns
    -------
    ListedParts or None
        None where nothing was broken down.
    """
    parts = list(found)
    if not parts:
        return None
    judged = [
        (part, row)
        for part in parts
        for row in part.shares
        if row.unit == "documents"
        and row.role in ("candidate", "machine")
        and row.share is not None
    ]
    listed = [
        ListedPart(
            field=part.field,
            value=part.value,
            source=row.source,
            n_documents=part.n_documents,
            low=row.low,
        )
        for part, row in judged
        if row.low > 0
    ]
    return ListedParts(
        n_judged=len(judged),
        error_rate=round(1 - settings.confidence_level, 12),
        parts=tuple(sorted(listed, key=lambda one: (-one.low, one.field, one.value))),
    )


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
