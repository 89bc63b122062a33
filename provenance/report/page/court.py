"""Words that a court can use: what is compared, how strongly, how often it errs, what else may be.

After the guideline for evaluative reporting of the European Network of Forensic Science Institutes
(ENFSI 2015) and ISO 21043 (forensic sciences, parts 4, interpretation, and 5, reporting): the
weight of a finding is told under propositions that exclude one another, never as the chance that
one of them is true; the report says what the figures rest on and what was not examined.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from provenance.records import Excerpt, RowCalibration
from provenance.report.page.grounds import grounds
from provenance.report.report import Report
from provenance.report.shown import enumerated
from provenance.words import how_many, percent, source_name

__all__ = [
    "SCALE",
    "ErrorRates",
    "Proposition",
    "alternatives",
    "error_rates",
    "not_examined",
    "propositions",
    "row_weight",
    "strength",
    "whose_rates",
]

SCALE: Final = (
    (1.0, "no support"),
    (2.0, "weak support"),
    (10.0, "moderate support"),
    (100.0, "moderately strong support"),
    (1_000.0, "strong support"),
    (10_000.0, "very strong support"),
    (1_000_000.0, "extremely strong support"),
)
"""Likelihood ratios from which on a word holds: the seven steps of the scale of ENFSI 2015."""

_RATIOS: Final = (1.0, 10.0, 100.0)
"""Ratios whose error rates are told: where a word of `SCALE` begins."""


@dataclass(frozen=True, slots=True)
class Proposition:
    """What may have happened, and what was brought that speaks to it."""

    said: str
    examined: str


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How often held-out rows of known origin are misread, at most, at a likelihood ratio."""

    source: str
    n_own: int
    n_others: int
    n_trusted: int
    rows: tuple[tuple[float, float, float, float], ...]
    """Ratio, part of the others' rows at or above it, part of its own rows below it, part of the
    corpus's trusted rows at or above it; at most."""


def strength(ratio: float) -> str:
    """The word of the scale for a likelihood ratio of 1 or more.

    Examples
    --------
    >>> strength(1.5), strength(50), strength(2e6)
    ('no support', 'moderate support', 'extremely strong support')
    """
    return SCALE[max(0, bisect_right([least for least, _ in SCALE], ratio) - 1)][1]


def propositions(report: Report) -> list[Proposition]:
    """The explanations that exclude one another, in the order of the question."""
    names = [source_name(row.source) for row in report.candidates()]
    name = names[0] if len(names) == 1 else "the API under test" if names else "a given API"
    held = {row.role for row in report.shares}
    has_log = any(
        one.details.get("of") == "log" and one.verdict != "not_checked" for one in report.findings
    )
    return [
        Proposition(
            f"The rows were written by {name}.",
            "compared: samples of it" if names else "not compared: no sample of one API was given",
        ),
        Proposition(
            "They were written by another language model.",
            "compared: samples of other models; models that were not given remain possible"
            if "panel" in held
            else "not compared: no other model's text was given"
            if names
            else "compared: the models of the library, all together",
        ),
        Proposition(
            "They were written by people.",
            "compared: text held to be people's"
            if "reference" in held or not names
            else "not compared: no people's text was given",
        ),
        Proposition(
            f"They were written by a model that was trained on what {name} wrote.",
            "compared by the log alone, which holds the answers themselves"
            if has_log
            else "not told apart: such a model writes alike, and no log was given",
        ),
    ]


def error_rates(report: Report) -> Iterator[ErrorRates]:
    """Rates of each candidate's likelihood ratios on held-out rows, where these are known."""
    for found in report.calibration:
        if found.n_own and found.n_others:
            rates = tuple(_rates(found, _RATIOS))
            n_trusted = found.n_trusted if found.trusted else 0
            yield ErrorRates(found.source, found.n_own, found.n_others, n_trusted, rates)


def whose_rates(report: Report) -> str:
    """Whose rows the rates of error are of, and what that leaves open, in plain words."""
    before = report.corpus.reference_before
    held = (
        "These rates are of the samples: rows that were held back from them, and read as the"
        " corpus was."
    )
    if any(one.n_trusted for one in report.calibration):
        return (
            f"{held} The last column is of the corpus's own kind: its rows dated before"
            f" {before}, which are held to be none of the candidate's. Where it tells more errors"
            " than the first, go by it; how often the candidate's rows are missed there is not"
            " known."
        )
    return (
        f"{held} None is of the corpus's own kind, where more rows may be misread: how many is not"
        " known. Rows of the corpus that are older than the API would tell it: --reference-before"
        " DATE with --date-field."
    )


def _rates(
    found: RowCalibration, ratios: Sequence[float]
) -> Iterator[tuple[float, float, float, float]]:
    for ratio in ratios:
        at = math.log(ratio)
        of_own = _above([-one for one in found.own], -at)
        of_trusted = _above(found.trusted, at) if found.trusted else 0.0
        yield ratio, _above(found.others, at), of_own, of_trusted


def _above(quantiles: Sequence[float], at: float) -> float:
    """Part of the rows at or above a value, at most: their even quantiles tell it to one step."""
    n_above = sum(one >= at for one in quantiles)
    return min(1.0, n_above / (len(quantiles) - 1))


def row_weight(row: Excerpt, report: Report) -> str:
    """A row's likelihood ratio in words, where the data carries one; else nothing.

    It needs one other source, so that the ratio is of two propositions, a ratio that held-out rows
    bear out, and no more than they can show: of n rows none can tell more than 1 in n.
    """
    others = [one for one in report.shares if one.unit == "documents" and one.source is not None]
    found = next((one for one in report.calibration if one.source == row.source), None)
    borne_out = any(
        one.kind == "calibration" and one.source == row.source and one.verdict == "ok"
        for one in report.diagnostics
    )
    if found is None or row.llr is None or len(others) != 2 or not borne_out or not found.n_others:
        return ""
    most = max(1, min(found.n_own, found.n_others))
    ratio = math.exp(min(row.llr, 50.0))
    told = f"about {ratio:,.0f}"
    if ratio > most:
        told = f"{most:,} or more; the held-back rows can show no more"
    other = next(source_name(one.source) for one in others if one.source != row.source)
    word = strength(min(ratio, most)).capitalize()
    return f"{word} for {source_name(row.source)} against {other} (likelihood ratio {told})."


def alternatives(report: Report) -> list[str]:
    """What else may explain what was found."""
    told = [
        "A model trained on the API's answers, or a close sibling of it, writes as the API does.",
        "People who edit, translate or imitate a model's answers come to read as it does.",
        "Text that both copied from a third place reads alike in both.",
    ]
    if report.candidates() and not any(row.role == "panel" for row in report.shares):
        told.insert(0, "Any other language model: none was compared.")
    return told


def not_examined(report: Report) -> list[str]:
    """What nobody looked at, in sentences."""
    corpus = report.corpus
    unchecked = (one.name for one in grounds(report) if one.state == "not_checked")
    names = [f"{name[:1].lower()}{name[1:]}" for name in unchecked]
    told = [f"Not checked: {enumerated(names, 0)}."] if names else []
    if corpus.n_too_short:
        part = percent(corpus.n_too_short / max(1, corpus.n_documents))
        told.append(
            f"The style of {how_many(corpus.n_too_short, 'document')} ({part}): too short to tell."
        )
    if corpus.n_skipped:
        told.append(f"{how_many(corpus.n_skipped, 'row')} that could not be read.")
    if corpus.n_drawn_from > corpus.n_drawn:
        told.append(
            f"All but {corpus.n_drawn:,} of {corpus.n_drawn_from:,} rows: these were drawn."
        )
    if corpus.n_passed_over:
        told.append(
            f"{how_many(corpus.n_passed_over, 'file')}, passed over when the corpus was read."
        )
    told.append(
        "Who acted, with what intent, and whether a use was allowed: text tells none of it."
    )
    return told
