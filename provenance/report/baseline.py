"""What changed since an earlier report: shares and numbers of documents, before and after.

A difference of shares says nothing by itself: text that was added dilutes what was there. So each
change is told in documents too, and nothing here says what anybody did.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from provenance.errors import InputError
from provenance.features.spec import FeatureSpec
from provenance.records import Baseline, BaselinePart, Change, ChangeVerdict, Share, Standing
from provenance.report.report import Report
from provenance.words import percent, percent_range, source_name, visible

__all__ = ["change", "compare_with", "require_comparable"]

_MOST_PARTS = 400
_NAMES_SHOWN = 8
_ROUNDING = 1e-9


def require_comparable(
    before: Report,
    roles: Mapping[str, str],
    spec: FeatureSpec,
    confidence_level: float,
    where: str | None = None,
) -> None:
    """Refuse a baseline that was made otherwise than what it shall be compared with.

    Parameters
    ----------
    before : Report
    roles : mapping of str to str
        Role of each source by its name.
    spec : FeatureSpec
    confidence_level : float
    where : str, optional
        What the baseline is called in the message.

    Raises
    ------
    InputError
        Naming every difference: in the sources, the spec or the confidence level.
    """
    then = {str(row.source): row.role for row in before.shares if row.source is not None}
    differences = []
    if only_then := sorted({*then.items()} - {*roles.items()}):
        differences.append(f"only it has {_named(only_then)}")
    if only_now := sorted({*roles.items()} - {*then.items()}):
        differences.append(f"it lacks {_named(only_now)}")
    differences += _spec_differences(before.manifest.spec, asdict(spec))
    levels = sorted({row.confidence_level for row in before.shares} - {confidence_level})
    if levels:
        told = ", ".join(f"{level:g}" for level in levels)
        differences.append(f"confidence level: {told} and {confidence_level:g}")
    if differences:
        raise InputError(
            f"the baseline cannot be compared with this match ({'; '.join(differences)})",
            where=where,
            expected="a report with the same sources, spec and confidence level",
            remedy="Match the earlier corpus again as this one is matched",
        )


def _named(pairs: Sequence[tuple[str, str]]) -> str:
    shown = [f"the {role} {source_name(name)!r}" for name, role in pairs[:_NAMES_SHOWN]]
    more = len(pairs) - _NAMES_SHOWN
    return ", ".join([*shown, f"{more} more"] if more > 0 else shown)


def _spec_differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = sorted({*then, *now})
    return [
        visible(f"{name}: {str(then.get(name))[:60]} and {str(now.get(name))[:60]}")
        for name in names
        if then.get(name) != now.get(name)
    ]


def compare_with(before: Report, after: Report) -> Baseline:
    """What changed between two reports that `require_comparable` accepts.

    Parameters
    ----------
    before, after : Report

    Returns
    -------
    Baseline
        With a change for each candidate of `after` and unit, and for each value of a field that
        both break down by.
    """
    corpus = before.corpus
    return Baseline(
        paths=corpus.paths,
        sha256=corpus.sha256,
        n_documents=corpus.n_documents,
        n_scored=corpus.n_scored,
        n_tokens=corpus.n_tokens,
        verdict=before.verdict,
        changes=tuple(
            _changes(
                before.shares,
                after.shares,
                before.n_counted,
                after.n_counted,
                (before.counted, after.counted),
            )
        ),
        parts=tuple(_parts(before, after))[:_MOST_PARTS],
        notes=tuple(_notes(before, after)),
    )


def _changes(
    before: Iterable[Share],
    after: Iterable[Share],
    n_before: int,
    n_after: int,
    counted: tuple[str, str],
) -> Iterator[Change]:
    then = {(row.source, row.unit): row for row in before}
    for row in after:
        earlier = then.get((row.source, row.unit))
        if row.role == "candidate" and earlier is not None:
            yield change(earlier, row, n_before, n_after, counted)


def change(
    before: Share,
    after: Share,
    n_before: int,
    n_after: int,
    counted: tuple[str, str] = ("documents", "documents"),
) -> Change:
    """The change of one candidate's share, in shares and in documents.

    Parameters
    ----------
    before, after : Share
        Of one source and unit.
    n_before, n_after : int
        Documents that they are of.
    counted : (str, str)
        What these documents are called, before and after.

    Examples
    --------
    >>> ends = dict(source="a", role="candidate", unit="documents", confidence_level=0.95)
    >>> then = Share(share=0.2, low=0.1, high=0.3, verdict="estimated", **ends)
    >>> now = Share(share=0.0, low=0.0, high=0.01, verdict="estimated", **ends)
    >>> found = change(then, now, 1000, 800)
    >>> found.verdict, round(found.low, 2), round(found.high, 2), found.after.most
    ('fall', -0.3, -0.09, 8)
    """
    assert after.source is not None
    then, now = _standing(before, n_before), _standing(after, n_after)
    low, high = now.low - then.high, now.high - then.low
    count_low = count_high = count_verdict = None
    if None not in (then.fewest, then.most, now.fewest, now.most):
        count_low = (now.fewest or 0) - (then.most or 0)
        count_high = (now.most or 0) - (then.fewest or 0)
        count_verdict = _verdict(count_low, count_high)
    verdict = _verdict(low, high)
    return Change(
        source=after.source,
        unit=after.unit,
        before=then,
        after=now,
        low=low,
        high=high,
        verdict=verdict,
        count_low=count_low,
        count_high=count_high,
        count_verdict=count_verdict,
        sentence=_sentence(after, then, now, verdict, count_verdict, counted),
    )


def _standing(row: Share, n_documents: int) -> Standing:
    of_documents = row.unit == "documents"
    return Standing(
        share=row.share,
        low=row.low,
        high=row.high,
        verdict=row.verdict,
        n_documents=n_documents,
        fewest=math.floor(row.low * n_documents + _ROUNDING) if of_documents else None,
        most=math.ceil(row.high * n_documents - _ROUNDING) if of_documents else None,
    )


def _verdict(low: float, high: float) -> ChangeVerdict:
    return "fall" if high < 0 else "rise" if low > 0 else "not_shown"


def _sentence(
    row: Share,
    then: Standing,
    now: Standing,
    verdict: ChangeVerdict,
    count_verdict: ChangeVerdict | None,
    counted: tuple[str, str],
) -> str:
    of_before, of_after = counted if row.unit == "documents" else (row.unit, row.unit)
    about = "" if now.most is None else f" (about {now.most:,} documents)"
    left = (
        f"{source_name(row.source)}: at most {percent(now.high)} of the {of_after}{about} is left"
    )
    earlier = f"before, {percent_range(then.low, then.high)}"
    if of_before != of_after:
        earlier += f" of the {of_before}"
    if then.fewest is not None:
        earlier += f" ({then.fewest:,} to {then.most:,} documents)"
    withheld = [name for name, one in (("before", then), ("after", now)) if one.share is None]
    told = f"{left}; {earlier}. {_told(verdict, count_verdict)}"
    if withheld:
        told += (
            f" No share was told {' and '.join(withheld)}: what can be defended there is compared."
        )
    return told


def _told(verdict: ChangeVerdict, count_verdict: ChangeVerdict | None) -> str:
    if verdict == "not_shown":
        return {
            "fall": "The fall in documents is larger than both intervals allow for, but no fall"
            " of the share can be shown: the corpus shrank.",
            "rise": "No fall can be shown: there are more of its documents than both intervals"
            " allow for, in a corpus that grew.",
        }.get(count_verdict or "", "No fall can be shown.")
    told = f"The {verdict} is larger than both intervals allow for"
    if count_verdict in (None, verdict):
        return f"{told}."
    if verdict == "fall":
        return (
            f"{told}, but no fall in documents can be shown: the rest of the corpus grew."
            if count_verdict == "not_shown"
            else f"{told}, but there are more of its documents: the rest of the corpus grew."
        )
    return f"{told}, but no rise in documents can be shown: the rest of the corpus shrank."


def _parts(before: Report, after: Report) -> Iterator[BaselinePart]:
    """Every field and value of both reports, those of the later one first."""
    then = {(part.field, part.value): part for part in before.breakdown}
    now = {(part.field, part.value): part for part in after.breakdown}
    counted = before.counted, after.counted
    for key in dict.fromkeys([*now, *then]):
        earlier, later = then.get(key), now.get(key)
        found: tuple[Change, ...] = ()
        if earlier is not None and later is not None:
            counts = earlier.n_documents, later.n_documents
            found = tuple(_changes(earlier.shares, later.shares, *counts, counted))
        yield BaselinePart(
            field=key[0],
            value=key[1],
            n_before=None if earlier is None else earlier.n_documents,
            n_after=None if later is None else later.n_documents,
            changes=found,
        )


def _notes(before: Report, after: Report) -> Iterator[str]:
    if before.corpus.sha256 and before.corpus.sha256 == after.corpus.sha256:
        yield "Both reports are of the same text: nothing was changed between them."
    for name, report in (("earlier", before), ("later", after)):
        if report.verdict == "withheld":
            yield (
                f"The shares of the {name} corpus are withheld; the ends that can be defended are"
                " compared."
            )
    if before.manifest.version != after.manifest.version:
        yield (
            f"The earlier report was made by version {visible(before.manifest.version)[:40]}, this"
            f" one by {after.manifest.version}."
        )
    if (before.unattributed() is None) != (after.unattributed() is None):
        yield (
            "Only one of the two reports takes all text like a language model's for the"
            " candidate's (--only, or a version that did so unasked); the other has no low end for"
            " it. Match both corpora alike."
        )
    if before.corpus.reference_before != after.corpus.reference_before:
        yield "The two matches trust rows dated before different days (--reference-before)."
    n_parts = len(
        {(part.field, part.value) for report in (before, after) for part in report.breakdown}
    )
    if n_parts > _MOST_PARTS:
        yield f"Of {n_parts:,} values of the fields, {_MOST_PARTS} are compared."
