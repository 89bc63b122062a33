"""What a match tells, put into the records of a report; estimates nothing anew."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from provenance._stats import effective_number
from provenance._words import percent
from provenance.conformal import Conformal, explained, row_check
from provenance.corpus import Corpus
from provenance.diagnostics import fit_checks, prompt_check, size_checks
from provenance.errors import InputError
from provenance.estimate import UNITS, Estimate, Sources, estimate_shares, fit_shares, over_all
from provenance.evidence.findings import findings
from provenance.evidence.hidden_tally import HiddenMarks
from provenance.evidence.log_tally import LogTally
from provenance.evidence.signature import signature, telling_spans
from provenance.fingerprint import Fingerprint
from provenance.records import (
    Breakdown,
    CorpusSummary,
    Diagnostic,
    Excerpt,
    Family,
    Finding,
    Place,
    Power,
    Share,
)
from provenance.row_calibration import calibration_check, row_calibration
from provenance.sample import SampledDocuments
from provenance.scoring import Panel
from provenance.share import Mixture
from provenance.tally import Suspect, Tally
from provenance.two_source import ZERO_LEVEL, against, weights_of_others

__all__ = ["Matched", "Settings", "Trusted", "report_fields", "with_hidden_marks", "with_log"]

_ROLES = ("candidate", "panel", "reference")
_POWER = 0.8
_MOST_VALUES = 200
_FEWEST_DOCUMENTS = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for; see `match`."""

    confidence_level: float
    caution: float
    fdr: float
    keep_text: bool


@dataclass(frozen=True, slots=True)
class Trusted:
    """Rows of the corpus that are held to be of no candidate, and are no part of its share.

    Parameters
    ----------
    before : datetime.date
        They are dated before that day.
    n_documents : int
    n_undated : int
        Documents without a date, which stayed suspect.
    scored : Suspect
    """

    before: datetime.date
    n_documents: int
    n_undated: int
    scored: Suspect


@dataclass(frozen=True, slots=True)
class Matched:
    """A corpus read and scored.

    Parameters
    ----------
    panel : Panel
    tally : Tally
    suspect : Suspect
    view : str
        Whose scores are used.
    layout : Diagnostic
        Why that view.
    conformal : mapping of int to Conformal
        By candidate.
    trusted : Trusted, optional
    """

    panel: Panel
    tally: Tally
    suspect: Suspect
    view: str
    layout: Diagnostic
    conformal: Mapping[int, Conformal]
    trusted: Trusted | None = None


def report_fields(
    corpus: Corpus, sources: Sources, matched: Matched, settings: Settings
) -> dict[str, Any]:
    """All fields of the report but the manifest."""
    panel, tally, suspect, view = matched.panel, matched.tally, matched.suspect, matched.view
    if not len(suspect.weight):
        raise InputError(
            f"no document of the corpus has {panel.spec.min_tokens} tokens or more",
            where=", ".join(corpus.paths[:3]),
            expected="longer texts",
        )
    estimate = estimate_shares(
        panel,
        view,
        suspect,
        sources,
        trusted=None if matched.trusted is None else matched.trusted.scored,
        confidence_level=settings.confidence_level,
        caution=settings.caution,
    )
    mixtures = estimate.mixtures
    diagnostics = [
        matched.layout,
        *estimate.diagnostics,
        *prompt_check(_models(sources)),
        *size_checks(
            panel,
            tally,
            corpus.counts.n_skipped,
            sources.candidates,
            suspect.complete,
            effective_number(suspect.weight, suspect.cluster),
        ),
        *_undated_check(matched),
    ]
    withheld = any(item.verdict == "fail" for item in diagnostics)
    bounded = estimate.keeps_ends(diagnostics)
    shares = [
        row
        for unit in UNITS
        for row in _rows(mixtures[unit], sources, unit, settings, withheld, bounded)
    ]
    scored = _scored(tally)
    # Where the samples do not explain the corpus, their rows are no null for its rows.
    lists_rows = not withheld and explained(estimate.diagnostics)
    calibration = [row_calibration(panel, view, number) for number in sources.candidates]
    diagnostics += map(calibration_check, calibration)
    if lists_rows:
        diagnostics += _row_checks(matched, mixtures["documents"], sources, settings)
    return {
        "verdict": "withheld" if withheld else "estimated",
        "reasons": _reasons(diagnostics, sources),
        "corpus": _summary(corpus, matched),
        "shares": tuple(shares),
        "shares_all": tuple(over_all(row, scored[row.unit]) for row in shares),
        "breakdown": tuple(
            _breakdown(matched, sources, settings, withheld, bool(estimate.shifted))
        ),
        "findings": tuple(findings(tally, sources.names)),
        "diagnostics": tuple(diagnostics),
        "power": tuple(_powers(estimate, sources)),
        "families": tuple(_families(mixtures, sources, settings, withheld)),
        "signature": tuple(
            row
            for number in sources.candidates
            for row in signature(sources.fingerprints[number], _others(sources, number), tally)
        ),
        "calibration": tuple(calibration),
        "excerpts": (tuple(_excerpts(matched, mixtures, sources, settings)) if lists_rows else ()),
    }


def with_hidden_marks(told: dict[str, Any], hidden: HiddenMarks) -> dict[str, Any]:
    """The fields with hidden marks as details of the repairs of text, their places first."""
    marked = {_stands(place) for place in hidden.places}

    def with_marks(item: Finding) -> Finding:
        if item.kind != "text_repair":
            return item
        return replace(
            item,
            verdict="found" if hidden.n_marked else item.verdict,
            n_documents=max(item.n_documents, hidden.n_marked),
            where=(*hidden.places, *(p for p in item.where if _stands(p) not in marked))[:20],
            details={**item.details, "hidden_marks": hidden.told()},
        )

    findings = tuple(map(with_marks, told.get("findings", ())))
    if hidden.n_marked and not any(item.kind == "text_repair" for item in findings):
        findings = (*findings, with_marks(Finding(kind="text_repair", verdict="found")))
    return {**told, "findings": findings}


def _stands(place: Place) -> tuple[str, int, str]:
    return place.path, place.line, place.id


def with_log(
    told: dict[str, Any],
    in_log: LogTally,
    trusted: LogTally | None,
    settings: Settings,
    seed: int,
) -> dict[str, Any]:
    """The fields with what the log finds in place of what nobody looked for."""
    found = in_log.findings(settings.confidence_level, seed, settings.keep_text, trusted)
    kept = [
        item
        for item in told.get("findings", ())
        if item.verdict == "found" or item.kind not in ("overlap", "near_duplicate")
    ]
    check = _log_check(in_log, found[0], told["shares"])
    reasons = told["reasons"] if check.verdict == "ok" else (check.sentence, *told["reasons"])
    return {
        **told,
        "findings": (*found, *kept),
        "diagnostics": (*told["diagnostics"], check),
        "reasons": reasons,
    }


def _log_check(in_log: LogTally, overlap: Finding, shares: Sequence[Share]) -> Diagnostic:
    """How the log alone agrees with the shares; it can only speak against them from below."""
    highest = max(
        (row.high for row in shares if row.role == "candidate" and row.unit == "documents"),
        default=1.0,
    )
    low = overlap.low
    told = f"{in_log.n_matched:,} of {in_log.n_documents:,} documents match the log"
    if in_log.n_too_early:
        told += f" ({in_log.n_too_early:,} of them dated before the answer, which are left out)"
    if low is None:
        sentence = (
            f"{told}; without decoys (--decoy-log) or trusted rows nobody can say how many would"
            " by chance, so no share stands on the log alone."
        )
    elif low > highest:
        sentence = (
            f"{told}, so that at least {percent(low)} stand on the log alone: more than the"
            f" {percent(highest)} that style allows for. Text that was edited, is short or is of"
            " another kind than the samples hides from style, not from the log."
        )
    elif highest == 1:
        sentence = f"{told}; at least {percent(low)} stand on the log alone."
    else:
        sentence = (
            f"{told}; at least {percent(low)} stand on the log alone, which agrees with the share"
            f" that style allows for (at most {percent(highest)})."
        )
    against_style = low is not None and low > highest
    return Diagnostic(
        name="log",
        verdict="warn" if against_style else "ok",
        statistic=low,
        limit=highest,
        sentence=sentence,
    )


def _row_checks(
    matched: Matched, mixture: Mixture, sources: Sources, settings: Settings
) -> Iterator[Diagnostic]:
    for number in sources.candidates:
        expected = float(mixture.low[number]) > 0
        found = matched.conformal[number]
        yield row_check(found, sources.names[number], settings.fdr, expected)


def _undated_check(matched: Matched) -> Iterator[Diagnostic]:
    if matched.trusted is None:
        return
    n_undated = matched.trusted.n_undated
    yield Diagnostic(
        name="undated",
        verdict="warn" if n_undated else "ok",
        statistic=n_undated,
        limit=0,
        sentence=(
            f"{n_undated:,} documents have no date and count as suspect;"
            f" {matched.trusted.n_documents:,} dated before {matched.trusted.before} are trusted."
        ),
    )


def _models(sources: Sources) -> dict[str, SampledDocuments]:
    """Samples of all sources that are models."""
    pairs = zip(sources.fingerprints, sources.roles, strict=True)
    return {item.name: item.sample for item, role in pairs if role != "reference"}


def _others(sources: Sources, number: int) -> list[Fingerprint]:
    return [item for position, item in enumerate(sources.fingerprints) if position != number]


def _reasons(diagnostics: Sequence[Diagnostic], sources: Sources) -> tuple[str, ...]:
    failed = [item.sentence for item in diagnostics if item.verdict == "fail"]
    warned = [item.sentence for item in diagnostics if item.verdict == "warn"]
    return (*failed, *warned, _ASSUMED[len(sources.names) > 2 and not sources.of_two_classes])


_ASSUMED = {
    False: "The shares assume that the corpus holds no source but those given; text by another"
    " model may be taken for one of them.",
    True: "The candidates' low ends allow for sources that were not given as far as these are no"
    " more alike than the given ones; a close sibling of a candidate, or a model trained on its"
    " outputs, writes as it does and cannot be told from it by its style.",
}


def _rows(
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


def _families(
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


def _scored(tally: Tally) -> Mapping[str, float]:
    """Part of the documents and of the tokens that was scored."""
    return {
        "documents": tally.n_scored / tally.n_documents,
        "tokens": tally.n_tokens_scored / max(1, tally.n_tokens),
    }


def _breakdown(
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
                shares += _rows(mixture, sources, unit, settings, withheld or few or failed)
            n_documents = round(float(weight[numbers[value]]))
            yield Breakdown(field=name, value=value, n_documents=n_documents, shares=tuple(shares))


def _powers(estimate: Estimate, sources: Sources) -> Iterator[Power]:
    """Smallest share whose low end leaves 0; under shift no smaller than the interval's arm."""
    level = ZERO_LEVEL / len(sources.candidates)
    for unit in UNITS:
        for number in sources.candidates:
            mixture = estimate.mixtures[unit]
            detectable = mixture.two_sources[number].smallest_detectable(_POWER, level)
            if detectable is not None and unit in estimate.shifted:
                arm = float(mixture.high[number] - mixture.shares[number])
                detectable = max(detectable, arm)
            if detectable is not None and mixture.open_fit_p_values:
                # What other sources and unknown ones may explain comes off the low end too.
                lower = float(mixture.shares[number] - mixture.low[number])
                detectable = max(detectable, lower)
            yield Power(
                source=sources.names[number],
                unit=unit,  # type: ignore[arg-type]
                smallest_detectable_share=detectable,
                at_power=_POWER,
            )


def _summary(corpus: Corpus, matched: Matched) -> CorpusSummary:
    tally, suspect, trusted = matched.tally, matched.suspect, matched.trusted
    distinct = len(np.unique(suspect.text_hash))
    if not suspect.complete:
        distinct = round(distinct * tally.n_scored / max(1.0, float(suspect.weight.sum())))
    return CorpusSummary(
        paths=tuple(corpus.paths),
        n_documents=tally.n_documents,
        n_scored=tally.n_scored,
        n_too_short=tally.n_too_short,
        n_skipped=corpus.counts.n_skipped,
        n_tokens=tally.n_tokens,
        n_distinct=distinct,
        sha256=corpus.sha256,
        repairs=dict(sorted(tally.repairs.items())),
        text_fields=dict(corpus.text_fields),
        n_trusted=0 if trusted is None else trusted.n_documents,
        reference_before=None if trusted is None else trusted.before.isoformat(),
    )


def _excerpts(
    matched: Matched, mixtures: Mapping[str, Mixture], sources: Sources, settings: Settings
) -> Iterator[Excerpt]:
    """The strongest rows of each candidate whose q-value is at most the rate asked for."""
    if not settings.keep_text:
        return
    most = 100 // len(sources.candidates)
    view = matched.view
    for number in sources.candidates:
        others = weights_of_others(mixtures["documents"].shares, number)
        shown = 0
        for item in matched.tally.strongest.get((view, number), []):
            p_value = matched.conformal[number].p(np.array([item.statistic]))
            q_value = float(matched.conformal[number].q(p_value)[0])
            llr = item.mean(against(item.log_ratio, number, others))
            if q_value > settings.fdr or llr <= 0 or shown == most:
                continue
            shown += 1
            text = item.document.text.encode("utf-8", "replace").decode()
            yield Excerpt(
                id=item.document.id,
                path=item.document.path,
                line=item.document.line,
                text=text,
                spans=tuple(telling_spans(text, matched.panel, view, number)),
                source=sources.names[number],
                llr=llr,
                q_value=q_value,
            )
