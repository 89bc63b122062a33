"""How a corpus that was read against the library is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Corpus, Document
from provenance.matching.breakdown import listed_parts
from provenance.matching.checks.checks import skipped_check, turns_checks
from provenance.matching.library.library import Library
from provenance.matching.library.shares import FEWEST_JUDGED, MachineShare
from provenance.matching.matched import Settings
from provenance.matching.reporting import told_fields
from provenance.matching.scanning.parts import parts_of, share_rows
from provenance.matching.scanning.rows import ScannedRows
from provenance.matching.scanning.tally import JudgedDocuments, ScanTally
from provenance.matching.summary import CorpusCounts, corpus_summary, sampled_told
from provenance.records import (
    MAX_DRAWN,
    SHORT,
    Breakdown,
    CorpusSummary,
    Diagnostic,
    Excerpt,
    Finding,
    Manifest,
)
from provenance.report.report import Report
from provenance.share.estimate import UNITS, over_all
from provenance.words import HOW_TO_ASK, TO_TELL_MORE, how_many

__all__ = ["Scanned"]

_UNJUDGED: Final = 0.5
"""Part of the documents that may be left unjudged before nothing is told; a round figure."""
_LANGUAGES_TOLD: Final = 5
"""A round figure, not tuned."""
_MORE: Final = (
    f"{TO_TELL_MORE} ({HOW_TO_ASK}): provenance match CORPUS --candidate A.fp --reference H.fp -o"
    " OUT."
)
_LEFT_OUT: Final = {
    "language": "in another language than English",
    "code": "code",
    "unlike": "neither prose nor code, unlike anything in the library",
}


@dataclass(frozen=True, slots=True)
class Scanned:
    """A corpus that was read, and how it is told."""

    corpus: Corpus
    library: Library
    tally: ScanTally
    judged: JudgedDocuments
    copied: Finding
    level: float
    fdr: float
    keep_text: bool

    def report(self, manifest: Manifest) -> tuple[Report, ScannedRows]:
        """The report, and what tells the p-values of its rows."""
        found = self.judged.shares(self.library, self.level)
        tally, counts = self.tally, self.corpus.counts
        is_untold = len(self.judged) < _UNJUDGED * tally.n_long_enough
        withheld = is_untold or not found["documents"].is_told
        shares = tuple(
            row for unit in UNITS for row in share_rows(found[unit], unit, self.level, withheld)
        )
        # A list of rows that nothing stands behind would be of people's text of an unknown kind.
        is_listed = not withheld and found["documents"].low > 0
        rows = ScannedRows.of(self.library, self.judged, is_listed)
        listed = tuple(self._excerpts(rows)) if self.keep_text and is_listed else ()
        # Parts have intervals of their own: one may be told where the whole is not.
        parts, note = ((), "") if is_untold else self._parts()
        checks = [*self._checks()]
        reading = [skipped_check(counts.n_skipped, tally.n_documents, counts.loss_told())]
        checks += [*reading[: bool(counts.loss_told())], *turns_checks(counts)]
        doubts = [one.sentence for one in checks if one.verdict == "warn"]
        scored = {
            "documents": len(self.judged) / tally.n_documents,
            "tokens": tally.n_tokens_judged / max(1, tally.n_tokens),
        }
        report = Report(
            verdict="withheld" if withheld else "estimated",
            reasons=(
                *self._copies(),
                *self._why(found["documents"], is_untold, withheld),
                *self._listed_or_not(rows, is_listed),
                *doubts,
                *filter(None, [note]),
                self._holds(),
                _MORE,
                *sampled_told(counts),
            ),
            corpus=self._summary(),
            shares=shares,
            shares_scored=shares,
            shares_all=tuple(over_all(row, scored[row.unit]) for row in shares),
            breakdown=parts,
            parts_listed=listed_parts(parts, self._settings),
            findings=(self.copied,),
            diagnostics=tuple(checks),
            excerpts=listed,
            drawn=tuple(self._drawn(rows, listed, is_listed)) if self.keep_text else (),
            manifest=manifest,
        )
        return report, rows

    def _summary(self) -> CorpusSummary:
        tally = self.tally
        counts = CorpusCounts(
            tally.n_documents,
            tally.n_too_short,
            tally.n_tokens,
            len(np.unique(np.concatenate(tally.texts))),
            tally.repairs,
        )
        return replace(corpus_summary(self.corpus, counts), n_judged=len(self.judged))

    def _copies(self) -> Iterator[str]:
        if self.copied.verdict == "found":
            yield (
                f"{self.copied.details['sentence']} A copy says whose answer it is, not who put it"
                " there; what a model wrote afresh is not found so."
            )

    def _why(self, found: MachineShare, is_untold: bool, withheld: bool) -> Iterator[str]:
        if is_untold:
            yield (
                f"only {len(self.judged):,} of {self.tally.n_documents:,} documents are English"
                " prose of 30 tokens or more, and the library holds no other text"
            )
        elif withheld and found.n_effective < FEWEST_JUDGED:
            yield (
                "too few independent documents of English prose:"
                f" {int(found.n_effective):,}, where it takes {FEWEST_JUDGED}, better 300"
            )
        elif withheld:
            yield (
                "people's text of some kind, or models' that reads as people's, may explain what"
                " is there"
            )

    def _listed_or_not(self, rows: ScannedRows, is_listed: bool) -> Iterator[str]:
        if not is_listed:
            return
        n_listed = int((rows.told(self.judged.scores)[1] <= self.fdr).sum())
        if n_listed:
            listed = how_many(n_listed, "row is listed", "rows are listed")
            yield f"{listed} (q-value at most {self.fdr:g}): some of such a list are people's."
        else:
            yield (
                "No single row is listed: none stands out enough by itself (every q-value is above"
                f" {self.fdr:g}). The share stands on all of them together."
            )

    def _holds(self) -> str:
        people, models = (len(self.library.of(by)) for by in ("people", "models"))
        return (
            f"Read against a library of {people} kinds of English prose by people and {models} of"
            f" models' answers up to {self.library.made}: newer models, other languages, code and"
            " text rewritten by people or tools may read otherwise. It names no model and no"
            " family of models for their style: text of a family that it does not hold may read as"
            " that of one that it does, on the same prompts too."
        )

    def _checks(self) -> Iterator[Diagnostic]:
        n, out = self.tally.n_documents, self.tally.left_out
        yield Diagnostic(
            name=SHORT,
            verdict="warn" if len(self.judged) < n else "ok",
            statistic=self.tally.n_too_short / n,
            limit=0.0,
            sentence=(
                f"Outside the share, of {n:,} documents: shorter than"
                f" {self.library.spec.min_tokens} tokens {self.tally.n_too_short:,}, in another"
                f" language than English {out['language']:,}{self._languages()}, code"
                f" {out['code']:,}, neither prose nor code {out['unlike']:,}."
            ),
        )
        for reason, what in _LEFT_OUT.items():
            part = out[reason] / n
            yield Diagnostic(
                name=reason,
                verdict="ok" if part <= _UNJUDGED else "fail",
                statistic=part,
                limit=_UNJUDGED,
                sentence=(
                    f"{how_many(out[reason], 'document is', 'documents are')} {what}, of {n:,}."
                ),
            )

    def _languages(self) -> str:
        """The commonest other languages, in brackets."""
        found = sorted(self.tally.languages.items(), key=lambda one: (-one[1], one[0]))
        told = [f"{name} {count:,}" for name, count in found[:_LANGUAGES_TOLD]]
        more = ["others"] if len(found) > _LANGUAGES_TOLD else []
        return f" ({', '.join([*told, *more])})" if found else ""

    def _parts(self) -> tuple[tuple[Breakdown, ...], str]:
        return parts_of(self.tally, self.judged, self.library, self.level)

    @property
    def _settings(self) -> Settings:
        return Settings(self.level, 1.0, self.fdr, self.keep_text)

    def _excerpts(self, rows: ScannedRows) -> Iterator[Excerpt]:
        """The strongest rows among those listed."""
        for scores, one in self.tally.strongest:
            q_value = _q_value(rows, scores)
            if q_value <= self.fdr:
                yield replace(_excerpt(one), q_value=q_value)

    def _drawn(
        self, rows: ScannedRows, listed: Sequence[Excerpt], has_figures: bool
    ) -> Iterator[Excerpt]:
        """Rows that chance drew among those that are not listed."""
        known = {(one.path, one.line, one.id) for one in listed}
        told = (
            replace(_excerpt(one), q_value=_q_value(rows, scores) if has_figures else None)
            for scores, one in self.tally.drawn.values()
            if (one.path, one.line, one.id) not in known
        )
        # More may be listed than are shown.
        rest = (one for one in told if one.q_value is None or one.q_value > self.fdr)
        yield from islice(rest, MAX_DRAWN)


def _q_value(rows: ScannedRows, scores: NDArray[np.float32]) -> float:
    return float(rows.told(scores[None].astype(np.float64))[1][0])


def _excerpt(one: Document) -> Excerpt:
    return Excerpt(id=one.id, path=one.path, line=one.line, text=one.text, fields=told_fields(one))
