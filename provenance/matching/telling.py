"""What a match tells, put into the records of a report; estimates nothing anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from provenance.corpus import Corpus
from provenance.errors import InputError
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.breakdown import breakdowns, family_rows, powers, share_rows
from provenance.matching.checks import size_checks
from provenance.matching.findings import findings
from provenance.matching.matched import Matched, Settings
from provenance.matching.signature import signature, telling_spans
from provenance.matching.tally import Tally
from provenance.records import (
    CorpusSummary,
    Diagnostic,
    Excerpt,
)
from provenance.scoring.calibration import calibration_check, row_calibration
from provenance.scoring.p_values import explained, row_check
from provenance.scoring.scored import against, weights_of_others
from provenance.share.checks_of_samples import prompt_check
from provenance.share.estimate import UNITS, estimate_shares, over_all
from provenance.share.mixture import Mixture
from provenance.share.sources import Sources
from provenance.statistics.clusters import effective_number

__all__ = ["report_fields"]


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
        for row in share_rows(mixtures[unit], sources, unit, settings, withheld, bounded)
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
            breakdowns(matched, sources, settings, withheld, bool(estimate.shifted))
        ),
        "findings": tuple(findings(tally, sources.names)),
        "diagnostics": tuple(diagnostics),
        "power": tuple(powers(estimate, sources, settings)),
        "families": tuple(family_rows(mixtures, sources, settings, withheld)),
        "signature": tuple(
            row
            for number in sources.candidates
            for row in signature(sources.fingerprints[number], _others(sources, number), tally)
        ),
        "calibration": tuple(calibration),
        "excerpts": (tuple(_excerpts(matched, mixtures, sources, settings)) if lists_rows else ()),
    }


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


def _scored(tally: Tally) -> Mapping[str, float]:
    """Part of the documents and of the tokens that was scored."""
    return {
        "documents": tally.n_scored / tally.n_documents,
        "tokens": tally.n_tokens_scored / max(1, tally.n_tokens),
    }


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
            llr = item.mean(against(item.log_posterior, number, others))
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
