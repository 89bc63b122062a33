"""Rows of the corpus dated before a day, held to be of no candidate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from provenance.corpus import Corpus, Document
from provenance.errors import InputError
from provenance.matching.matched import Trusted
from provenance.matching.tally import Tally
from provenance.share.other_domain.shift import FEWEST_TRUSTED

__all__ = ["TrustedRows", "check_dates", "is_trusted", "refuse_trusted_rows"]


def refuse_trusted_rows(reference_before: date | None) -> None:
    """Refuse trusted rows beside a candidate alone, which is scored against nothing."""
    if reference_before is not None:
        raise InputError(
            f"rows dated before {reference_before} cannot be trusted beside a candidate alone",
            expected="a reference or a panel too",
            remedy="Make a reference of these rows: provenance fingerprint --before"
            f" {reference_before}, then match --after {reference_before} --reference",
        )


def check_dates(corpus: Corpus, reference_before: date | None) -> None:
    """Refuse to trust rows by a date where nobody said which field holds it."""
    if reference_before is not None and corpus.options.date_field is None:
        raise InputError(
            f"rows dated before {reference_before} are to be trusted, but where the date stands is"
            " not said",
            expected="the field that holds each row's date",
            remedy="Name it with --date-field (CorpusOptions.date_field)",
        )


def is_trusted(document: Document, before: date | None) -> bool:
    """Whether all of a document's day, month or year lies before a day; never without one."""
    # By its last day: of a year that holds the day a part may be a model's.
    day = document.last_date
    return before is not None and day is not None and day < before


@dataclass(slots=True)
class TrustedRows:
    """Rows dated before a day, kept apart while the corpus is read; none without a day."""

    before: date | None
    tally: Tally
    n_undated: int = 0
    n_coarse: int = 0

    def takes(self, document: Document) -> bool:
        return is_trusted(document, self.before)

    def apart(self, batches: Iterable[list[Document]]) -> Iterator[list[Document]]:
        """The batches, each with the trusted and the suspect documents in lists of their own."""
        for batch in batches:
            if self.before is None:
                yield batch
                continue
            suspect = [document for document in batch if not self.takes(document)]
            days = [document.date for document in suspect]
            self.n_undated += days.count(None)
            self.n_coarse += sum(day is not None and day < self.before for day in days)
            if suspect:
                yield suspect
            if len(suspect) < len(batch):
                yield [document for document in batch if self.takes(document)]

    def told(self, corpus: Corpus, view: str) -> Trusted | None:
        """These rows in one view; refused where there are too few."""
        if self.before is None:
            return None
        # A tally that nothing was added to has no sample.
        scored = self.tally.sampled(view).scored if self.tally.n_documents else None
        n_distinct = 0 if scored is None else len(np.unique(scored.cluster_hash))
        if scored is None or n_distinct < FEWEST_TRUSTED:
            raise InputError(
                f"{n_distinct} different documents long enough to score are dated before"
                f" {self.before}",
                where=", ".join(corpus.paths[:3]),
                expected=f"at least {FEWEST_TRUSTED}, better 200, that no model wrote",
                remedy="Name a later day with --reference-before, or leave it out",
            )
        n_documents = self.tally.n_documents
        return Trusted(self.before, n_documents, self.n_undated, self.n_coarse, scored)
