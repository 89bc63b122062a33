"""What a match found of a corpus, put into a report; estimates nothing anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from provenance.corpus import Corpus, Document
from provenance.files.spill import storable
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.breakdown import (
    breakdowns,
    family_rows,
    listed_parts,
    powers,
    share_rows,
)
from provenance.matching.checks.by_family import Readings, agreement_checks, told_readings
from provenance.matching.checks.missing_words import missing_word_checks, missing_word_findings
from provenance.matching.findings import findings
from provenance.matching.judging import Judged
from provenance.matching.matched import Matched, Settings, Trusted
from provenance.matching.partials.kept import Kept
from provenance.matching.row_lists import listed_rows
from provenance.matching.scored_batch import StrongRow
from provenance.matching.signature import signature, telling_spans
from provenance.matching.summary import CorpusCounts, corpus_summary, sampled_told
from provenance.matching.tally import Tally
from provenance.records import MAX_DRAWN, CorpusSummary, Diagnostic, Excerpt, Manifest
from provenance.report.report import Report
from provenance.scoring.calibration import calibration_check, row_calibration
from provenance.scoring.false_rows import RowList
from provenance.scoring.p_values import row_check
from provenance.scoring.scored import against, row_statistic, weights_of_others
from provenance.share.estimate import UNITS, over_all
from provenance.share.mixture import Mixture
from provenance.share.sources import Sources
from provenance.statistics.threads import one_thread
from provenance.words import how_many, percent, source_name

__all__ = ["estimated_report", "told_fields", "undated_check"]

_FIELD_CHARACTERS = 80
"""Of a value that an excerpt tells; a round figure, not tuned."""


@one_thread
def estimated_report(
    corpus: Corpus,
    sources: Sources,
    matched: Matched,
    judged: Judged,
    settings: Settings,
    manifest: Manifest,
    lists: Mapping[int, RowList],
    readings: Mapping[int, Readings],
    kept: Kept,
) -> Report:
    """The report of a corpus that was scored and judged, and whose rows were listed."""
    tally, mixture = matched.tally, judged.estimate.mixtures["documents"]
    shares, of_scored = (
        [
            row
            for unit in UNITS
            for row in share_rows(
                [say(number, unit) for number in range(len(sources.names))],
                judged.told_of_models(sources, unit, of_scored=of_scored),
                sources,
                unit,
                settings,
            )
        ]
        for say, of_scored in ((judged.told, False), (judged.told_of_scored, True))
    )
    scored = _scored(tally)
    trusted = None if matched.trusted is None else matched.trusted.scored
    calibration = [
        row_calibration(matched.samples, number, trusted) for number in sources.candidates
    ]
    withheld = judged.withheld
    missing = list(missing_word_findings(sources, tally))
    diagnostics = [
        *judged.diagnostics,
        *map(calibration_check, calibration),
        *agreement_checks(readings, sources, settings, view=matched.view, withheld=withheld),
        *missing_word_checks(missing),
    ]
    if judged.lists_rows:
        diagnostics += _row_checks(matched, mixture, sources, settings)
    is_shown = judged.lists_rows and settings.keep_text
    listed = tuple(_excerpts(matched, mixture, sources, settings)) if is_shown else ()
    parts = tuple(breakdowns(matched, judged, sources, settings))
    return Report(
        verdict="withheld" if withheld else "estimated",
        reasons=(
            *_reasons(diagnostics, sources, matched, settings),
            *sampled_told(corpus.counts),
        ),
        corpus=_summary(corpus, matched),
        shares=tuple(shares),
        shares_scored=tuple(of_scored),
        shares_all=tuple(over_all(row, scored[row.unit]) for row in of_scored),
        breakdown=parts,
        parts_listed=listed_parts(parts, settings),
        findings=(*findings(tally, sources.names), *missing),
        diagnostics=tuple(diagnostics),
        power=tuple(powers(judged, sources, settings)),
        families=tuple(family_rows(judged, sources, settings)),
        by_family=tuple(
            told_readings(
                readings,
                sources,
                settings,
                withheld=withheld or sources.too_few_models or sources.tell_a_model,
            )
        ),
        signature=tuple(
            row
            for number in sources.candidates
            for row in signature(
                sources.fingerprints[number].name,
                kept.telling(sources.fingerprints[number], _others(sources, number)),
                tally,
            )
        ),
        calibration=tuple(calibration),
        row_lists=tuple(listed_rows(lists, matched, sources, settings)),
        excerpts=listed,
        drawn=tuple(_drawn(matched, mixture, sources, settings, listed, judged.lists_rows)),
        manifest=manifest,
    )


def told_fields(document: Document) -> dict[str, str]:
    """The values of a row's fields that shares are broken down by, as an excerpt tells them."""
    return {name: storable(value)[:_FIELD_CHARACTERS] for name, value in document.fields.items()}


def _row_checks(
    matched: Matched, mixture: Mixture, sources: Sources, settings: Settings
) -> Iterator[Diagnostic]:
    for number in sources.candidates:
        expected = float(mixture.low[number]) > 0
        found = matched.conformal[number]
        yield row_check(found, sources.names[number], settings.fdr, expected)


def undated_check(trusted: Trusted | None, n_bad_dates: int = 0) -> Iterator[Diagnostic]:
    """How many rows have no date or one that cannot be read, where dated rows are trusted."""
    if trusted is None:
        return
    bad = (
        f" ({how_many(n_bad_dates, 'row holds', 'rows hold')} a date that cannot be read)"
        if n_bad_dates
        else ""
    )
    within = f" and {trusted.n_coarse:,} by a year, month or week that holds that day"
    n_doubtful = trusted.n_undated + trusted.n_coarse
    yield Diagnostic(
        name="undated",
        verdict="warn" if n_doubtful else "ok",
        statistic=n_doubtful,
        limit=0,
        sentence=(
            f"{how_many(trusted.n_undated, 'document is', 'documents are')} not dated{bad}"
            f"{within if trusted.n_coarse else ''}, counted as suspect;"
            f" trusted, as dated before {trusted.before}: {trusted.n_documents:,}."
        ),
    )


def _others(sources: Sources, number: int) -> list[Fingerprint]:
    return [item for position, item in enumerate(sources.fingerprints) if position != number]


def _reasons(
    diagnostics: Sequence[Diagnostic], sources: Sources, matched: Matched, settings: Settings
) -> tuple[str, ...]:
    failed = [item.sentence for item in diagnostics if item.verdict == "fail"]
    warned = [item.sentence for item in diagnostics if item.verdict == "warn"]
    unread = matched.corpus.scored.unread
    return (*failed, *warned, _assumed(sources), _spoken_of(unread, settings))


def _assumed(sources: Sources) -> str:
    """What the shares take for granted of sources that were not given."""
    name = source_name(sources.names[sources.candidates[0]])
    if sources.tell_a_model and sources.too_few_models:
        return (
            "What is told, and each row that is listed, is text like a language model's, whosever"
            " it is."
        )
    if sources.tell_a_model:
        return (
            f"Beside people's text alone, any model's text reads as that of {name}: what is told,"
            " and each row that is listed, is text like a language model's. Bring samples of the"
            " other models that may stand behind the corpus (--panel), or declare with --only that"
            " none may."
        )
    if sources.of_two_classes:
        return (
            f"It was declared (--only) that no model but {name} may stand behind the corpus: text"
            " by another one is told as its."
        )
    if sources.only:
        return (
            "It was declared (--only) that no model but those given may stand behind the corpus:"
            " text by another one may be told as a candidate's."
        )
    if sources.too_few_models:
        return (
            "Shares are told as if there were no other models, and only their high ends stand:"
            " beside so few what reads as a candidate's may be that of a model that was not given."
        )
    if sources.tell_models:
        return f"{_ASSUMED} {_OF_ALL_MODELS}"
    return _ASSUMED


def _spoken_of(unread: float, settings: Settings) -> str:
    """What the shares are of, and so what the intervals answer for."""
    if settings.corpus_is == "sample":
        return (
            "It was declared (--corpus-is sample) that the corpus stands for more than itself: the"
            " shares are of what these documents were drawn from."
        )
    if unread:
        return (
            f"The shares are of what these documents were drawn from: {percent(unread)} of the"
            " corpus was not looked at, and the intervals answer for it."
        )
    return "The shares are of the documents that were read."


_ASSUMED = (
    "The candidates' low ends allow for sources that were not given as far as these are no"
    " more alike than the given ones; a close sibling of a candidate, or a model trained on its"
    " outputs, writes as it does and cannot be told from it by its style, but where it was asked"
    " the corpus's own prompts (check fresh_answers)."
)

_OF_ALL_MODELS = (
    "The share of all models together leaves out models whose answers are of another kind than"
    " those given: their text may read as people's."
)


def _scored(tally: Tally) -> Mapping[str, float]:
    """Part of the documents and of the tokens that was scored."""
    return {
        "documents": tally.n_scored / tally.n_documents,
        "tokens": tally.n_tokens_scored / max(1, tally.n_tokens),
    }


def _summary(corpus: Corpus, matched: Matched) -> CorpusSummary:
    tally, sampled, trusted = matched.tally, matched.corpus, matched.trusted
    n_distinct = len(np.unique(sampled.text_hash))
    if not sampled.complete:
        part = tally.n_scored / max(1.0, float(sampled.scored.weight.sum()))
        n_distinct = round(n_distinct * part)
    counts = CorpusCounts(
        tally.n_documents, tally.n_too_short, tally.n_tokens, n_distinct, tally.repairs
    )
    return corpus_summary(
        corpus,
        counts,
        n_trusted=0 if trusted is None else trusted.n_documents,
        reference_before=None if trusted is None else trusted.before.isoformat(),
    )


def _excerpts(
    matched: Matched, mixture: Mixture, sources: Sources, settings: Settings
) -> Iterator[Excerpt]:
    """The strongest rows of each candidate whose q-value is at most the rate asked for."""
    most = 100 // len(sources.candidates)
    view = matched.view
    for number in sources.candidates:
        others = weights_of_others(mixture.shares, number)
        shown = 0
        for item in matched.tally.strongest.get((view, number), []):
            q_value = _q_value(matched, number, item.statistic)
            llr = item.mean(against(item.log_posterior, number, others))
            if q_value > settings.fdr or llr <= 0 or shown == most:
                continue
            shown += 1
            told = _excerpt(item)
            yield replace(
                told,
                spans=tuple(telling_spans(told.text, matched.panel, number)),
                source=None if sources.tell_a_model else sources.names[number],
                llr=llr,
                q_value=q_value,
            )


def _drawn(
    matched: Matched,
    mixture: Mixture,
    sources: Sources,
    settings: Settings,
    listed: Sequence[Excerpt],
    has_figures: bool,
) -> Iterator[Excerpt]:
    """Rows that chance drew among those that are not listed, with the figures of the nearest."""
    rows = matched.tally.drawn.get(matched.view, []) if settings.keep_text else []
    known = {(one.path, one.line, one.id) for one in listed}
    drawn = (one for one in rows if _place(one.document) not in known)
    if not has_figures:
        yield from map(_excerpt, islice(drawn, MAX_DRAWN))
        return
    told = (_with_figures(one, matched, mixture, sources) for one in drawn)
    # More may be listed than are shown.
    rest = (one for one in told if (one.q_value or 0) > settings.fdr or (one.llr or 0) <= 0)
    yield from islice(rest, MAX_DRAWN)


def _with_figures(item: StrongRow, matched: Matched, mixture: Mixture, sources: Sources) -> Excerpt:
    """A row with the figures of the candidate that it reads most like."""
    ratios = {
        number: item.mean(
            against(item.log_posterior, number, weights_of_others(mixture.shares, number))
        )
        for number in sources.candidates
    }
    nearest = max(ratios, key=lambda number: ratios[number])
    statistic = item.mean(row_statistic(item.log_posterior, nearest)[:, 0])
    return replace(
        _excerpt(item),
        source=None if sources.tell_a_model else sources.names[nearest],
        llr=ratios[nearest],
        q_value=_q_value(matched, nearest, statistic),
    )


def _q_value(matched: Matched, number: int, statistic: float) -> float:
    found = matched.conformal[number]
    return float(found.q(found.p(np.array([statistic])))[0])


def _place(document: Document) -> tuple[str, int, str]:
    return (document.path, document.line, document.id)


def _excerpt(item: StrongRow) -> Excerpt:
    return Excerpt(
        id=item.document.id,
        path=item.document.path,
        line=item.document.line,
        text=item.document.text.encode("utf-8", "replace").decode(),
        fields=told_fields(item.document),
    )
