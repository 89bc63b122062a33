"""A candidate without anything to tell it from: at most how much, as a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from provenance.corpus import Corpus, Document
from provenance.corpus.batches.batches import batches, map_batches, unprepared
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.checks.checks import skipped_check, turns_checks
from provenance.matching.evidence import AllEvidence, LookedUp, LookUp
from provenance.matching.matched import Work
from provenance.matching.sources import refuse_same_file
from provenance.matching.summary import CorpusCounts, corpus_summary, refuse_unscored, sampled_told
from provenance.records import Diagnostic, Manifest, Power, Share
from provenance.report.report import Report
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS
from provenance.share.estimate import UNITS, over_all
from provenance.share.upper_bound import N_THRESHOLDS, TailBound, share_bounds
from provenance.statistics.conventions import POWER
from provenance.words import HOW_TO_ASK

__all__ = ["bounded"]


def bounded(work: Work, evidence: AllEvidence) -> Report:
    """One candidate alone: a scorer between its sample and the corpus bounds its share."""
    corpus, (candidate,) = _Grouped.over(work.corpus), work.sources.fingerprints
    measured = fit_fingerprint(
        corpus,
        f"the corpus beside {candidate.name}",
        candidate.spec,
        workers=work.workers,
        executor=work.executor,
        progress=work.progress,
    )
    refuse_same_file(corpus, work.sources)
    report = _report(
        corpus,
        candidate,
        measured,
        work.run.manifest(corpus, candidate.spec),
        seed=work.run.seed,
        confidence_level=work.settings.confidence_level,
    )
    if evidence.is_asked_for:
        # The scorer is fitted to the whole corpus, so that this is a second reading.
        look_up = partial(_look_up, look_up=evidence.look_up)
        for documents, seen in map_batches(
            look_up,
            batches(corpus),
            prepare=unprepared,
            workers=work.workers,
            executor=work.executor,
        ):
            evidence.add(documents, seen)
    return evidence.told(report, keep_text=work.settings.keep_text)


class _Grouped(Corpus):
    """Rows that were drawn together count as one: nothing tells a bound how alike they are."""

    def __iter__(self) -> Iterator[Document]:
        for one in super().__iter__():
            is_apart = one.drawn_with is None or one.group is not None
            yield one if is_apart else replace(one, group=one.drawn_with)


def _report(
    corpus: Corpus,
    candidate: Fingerprint,
    measured: Fingerprint,
    manifest: Manifest,
    *,
    seed: int,
    confidence_level: float,
) -> Report:
    """What a candidate alone allows to tell of a corpus.

    Parameters
    ----------
    corpus : Corpus
        That was read.
    candidate, measured : Fingerprint
        Of the candidate, and of the corpus.
    manifest : Manifest
    seed : int
    confidence_level : float

    Raises
    ------
    InputError
        Where no document is long enough, or the candidate has too little text.
    """
    n_scored = measured.n_documents - measured.n_too_short
    refuse_unscored(corpus, n_scored, measured.spec.min_tokens)
    bounds = share_bounds(candidate, measured, seed=seed, confidence_level=confidence_level)
    check = _bound_check(candidate.name, bounds)
    found = None if check.verdict == "fail" else bounds
    rows = [
        row
        for unit in UNITS
        for row in _rows(
            candidate.name, unit, None if found is None else found[unit], confidence_level
        )
    ]
    lost = corpus.counts.loss_told()
    skipped = [skipped_check(corpus.counts.n_skipped, measured.n_documents, lost)][: bool(lost)]
    turns = turns_checks(corpus.counts)
    doubts = [item.sentence for item in (*skipped, *turns) if item.verdict == "warn"]
    scored = _scored(measured)
    n_sampled = int(measured.sample.multiplicity.sum())
    counts = CorpusCounts(
        measured.n_documents,
        measured.n_too_short,
        measured.n_tokens,
        round(len(measured.sample) * n_scored / max(1, n_sampled)),
        measured.repairs,
    )
    return Report(
        verdict="withheld" if found is None else "estimated",
        reasons=(
            *_reasons(candidate.name, check, corpus.options.by),
            *doubts,
            *sampled_told(corpus.counts),
        ),
        corpus=corpus_summary(corpus, counts),
        shares=tuple(rows),
        shares_scored=tuple(rows),
        shares_all=tuple(over_all(row, scored[row.unit]) for row in rows),
        diagnostics=(check, *skipped, *turns),
        power=tuple(
            Power(
                source=candidate.name,
                unit=unit,  # type: ignore[arg-type]
                smallest_detectable_share=None,
                at_power=POWER,
            )
            for unit in UNITS
        ),
        manifest=manifest,
    )


def _rows(
    name: str, unit: str, bound: TailBound | None, confidence_level: float
) -> tuple[Share, Share]:
    high = 1.0 if bound is None else bound.high
    common: dict[str, Any] = {"unit": unit, "share": None, "confidence_level": confidence_level}
    verdict: Any = "withheld" if bound is None else "bounded"
    return (
        Share(source=name, role="candidate", low=0.0, high=high, verdict=verdict, **common),
        Share(source=None, role="unknown", low=1 - high, high=1.0, verdict="bounded", **common),
    )


def _scored(measured: Fingerprint) -> Mapping[str, float]:
    """Part of the documents, and at least what part of the tokens, that was scored."""
    n_unscored = measured.n_too_short * max(0, measured.spec.min_tokens - 1)
    return {
        "documents": 1 - measured.n_too_short / measured.n_documents,
        "tokens": max(0.0, 1 - n_unscored / max(1, measured.n_tokens)),
    }


def _bound_check(name: str, bounds: Mapping[str, TailBound] | None) -> Diagnostic:
    bound = None if bounds is None else bounds["documents"]
    if bound is None:
        sentence = (
            f"The corpus holds fewer than {MINIMUM_DOCUMENTS} independent documents long enough to"
            f" score: not even an upper bound of the share of {name} can be told."
        )
    elif bound.high >= 1:
        sentence = (
            f"Nothing in the corpus is rarer than in the sample of {name}: not even an upper bound"
            " of its share can be told."
        )
    else:
        sentence = (
            f"{100 * bound.own_above:.0f} % of the sample of {name} score above a threshold that"
            f" {100 * bound.corpus_above:.1f} % of the corpus reach"
            f" ({bound.n_own:,.0f} and {bound.n_corpus:,.0f} independent documents;"
            f" {N_THRESHOLDS} thresholds bounded at once)."
        )
    failed = bound is None or bound.high >= 1
    return Diagnostic(
        name=f"bound[{name}]",
        verdict="fail" if failed else "ok",
        statistic=None if bound is None else bound.high,
        limit=1.0,
        sentence=sentence,
    )


def _reasons(name: str, check: Diagnostic, by: tuple[str, ...]) -> list[str]:
    told = [check.sentence] if check.verdict == "fail" else []
    told += [
        "Without a reference or a panel only an upper bound can be told, and no rows are listed"
        " (documents.parquet is not written). Bring --reference H.fp: text of the corpus's own"
        " domain that no model wrote; and --panel: other models that may stand behind it.",
        f"The bound holds as far as the sample stands for what {name} wrote here: text on other"
        " prompts, or edited since, looks unlike the sample, and the bound is then too low. Where"
        f" the corpus holds its prompts, ask the API these: {HOW_TO_ASK}.",
    ]
    if by:
        told.append(f"No shares by {', '.join(by)} are told without a reference or a panel.")
    return told


def _look_up(
    documents: Sequence[Document], _: None, look_up: LookUp
) -> tuple[Sequence[Document], LookedUp]:
    return documents, look_up(documents, None)
