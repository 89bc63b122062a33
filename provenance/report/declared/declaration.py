"""What a report lets a data set's author declare: fields of a card and of Croissant-RAI.

Filled with what was measured and its limits. Nothing is declared that was not shown: that no share
was seen is not that there is none, so that ``rai:hasSyntheticData`` is true or is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from provenance.records import Share
from provenance.report.report import LIMITS, SCAN_LIMITS, Report
from provenance.version import __version__
from provenance.words import (
    MODEL_LIKE,
    is_advice,
    percent,
    percent_range,
    source_name,
    visible,
)

__all__ = ["Measured", "declaration", "measured"]

SCHEMA: Final = "provenance-declaration/1"
_RAI: Final = "http://mlcommons.org/croissant/RAI/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How much of a corpus language models wrote, as far as a report tells.

    Parameters
    ----------
    verdict : {"measured", "withheld"}
    low, high : float
        Share of all documents that were read: at least, at most. 0 and 1 where it is withheld.
    confidence_level : float
    of : str
        What stands behind the low end, in words.
    """

    verdict: str
    low: float
    high: float
    confidence_level: float
    of: str


def measured(report: Report) -> Measured:
    """The share of text by language models.

    The low end is that of text like a language model's where the report tells it, else the largest
    of the candidates'. The high end is what the references, text by people, leave; without any
    it is 1. Documents that were not scored count at their worst. With several candidates or
    references both ends hold together at less than the level of one interval.

    Parameters
    ----------
    report : Report

    Examples
    --------
    >>> from provenance.report.report import Report
    >>> measured(Report.load("out"))  # doctest: +SKIP
    Measured(verdict='measured', low=0.19, high=0.39, confidence_level=0.95, of='...')
    """
    rows = [row for row in report.shares_all or report.shares if row.unit == "documents"]
    machine = [row for row in rows if row.role == "machine"]
    is_alone = report.unattributed() is not None
    candidates = [row for row in rows if row.role == "candidate"]
    shown = machine or candidates
    level = min((row.confidence_level for row in shown), default=0.95)
    if report.verdict == "withheld" or not shown:
        return Measured(verdict="withheld", low=0.0, high=1.0, confidence_level=level, of="nothing")
    best = max(shown, key=lambda row: row.low)
    people = [row for row in rows if row.role == "reference"]
    # Beside other models its high end leaves out models whose answers are of another kind.
    high = machine[0].high if is_alone else 1.0 - sum(row.low for row in people)
    if not is_alone:
        # One end of each row's interval is used, which fails half as often as the interval: two
        # fail together as often as one interval (Bonferroni).
        level = max(0.0, round(1 - (1 - level) * max(2, len(shown) + len(people)) / 2, 12))
    return Measured(
        verdict="measured",
        low=best.low,
        high=max(best.low, min(1.0, high)),
        confidence_level=level,
        of=_told(best),
    )


def _told(row: Share) -> str:
    if row.source is None:
        return MODEL_LIKE
    return f"text consistent with {source_name(row.source)}"


def declaration(report: Report) -> dict[str, Any]:
    """Fields of a data-set card and of a Croissant file.

    Parameters
    ----------
    report : Report

    Returns
    -------
    dict
        Plain JSON values: ``schema measured croissant card``. ``croissant`` has the keys of the RAI
        vocabulary with its ``@context``; ``card`` is a block of YAML for the front matter.
    """
    found = measured(report)
    sentence = visible(_sentence(found, report))
    limits = [visible(line) for line in _limits(report)]
    tool = f"llm-provenance {__version__}"
    croissant: dict[str, Any] = {"@context": {"rai": _RAI}}
    if found.low > 0:
        croissant["rai:hasSyntheticData"] = True
    croissant |= {
        "rai:syntheticDataExplanation": sentence,
        "rai:machineAnnotationTools": [
            f"{tool}: estimated the share of text by language models; no row was changed"
        ],
        "rai:dataLimitations": limits,
    }
    values = {
        "verdict": found.verdict,
        "low": found.low,
        "high": found.high,
        "confidence_level": found.confidence_level,
        "unit": "documents",
        "n_documents": report.corpus.n_documents,
        "of": visible(found.of),
    }
    return {
        "schema": SCHEMA,
        "measured": {**values, "corpus_sha256": report.corpus.sha256, "tool": tool},
        "croissant": croissant,
        "card": _card(found, values, sentence, limits, tool, report.corpus.sha256),
    }


def _sentence(found: Measured, report: Report) -> str:
    n = f"{report.corpus.n_documents:,} documents that were read"
    if found.verdict == "withheld":
        why = f": {report.reasons[0].rstrip('.')}" if report.reasons else ""
        return f"Of the {n} no share of text by language models can be told{why}."
    level = f"{100 * found.confidence_level:g} %"
    if found.low > 0:
        return (
            f"Of the {n}, {percent_range(found.low, found.high)} read as language"
            f" models' ({level} interval): at least {percent(found.low)} are {found.of}."
        )
    most = "" if found.high >= 1 else f", and at most {percent(found.high)} may ({level} interval)"
    return (
        f"Of the {n} none were shown to read as language models'{most}; that is not that none do."
    )


def _limits(report: Report) -> Iterator[str]:
    """What the figures do not say; what the reader of the report may do next is none of it."""
    yield from (one for one in report.reasons if not is_advice(one))
    yield from LIMITS if report.candidates() else SCAN_LIMITS


def _card(
    found: Measured,
    values: dict[str, Any],
    sentence: str,
    limits: list[str],
    tool: str,
    sha256: str,
) -> str:
    """YAML, whose scalars are JSON: nothing in a name can end one."""

    def scalar(value: object) -> str:
        return orjson.dumps(value).decode()

    lines = ["tags:", "- synthetic"] if found.low > 0 else []
    lines += ["synthetic_data:", f"  measured_by: {scalar(tool)}"]
    lines += [f"  corpus_sha256: {scalar(sha256)}"]
    lines += [f"  {name}: {scalar(value)}" for name, value in values.items()]
    lines += [f"  explanation: {scalar(sentence)}", "  limits:"]
    lines += [f"  - {scalar(limit)}" for limit in limits]
    return "\n".join(lines) + "\n"
