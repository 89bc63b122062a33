"""A corpus that was read and scored, and what the user asked for."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from provenance.corpus import Corpus
from provenance.matching.custody.manifest import Run
from provenance.matching.tally import SampledCorpus, Tally
from provenance.records import Diagnostic
from provenance.scoring.fitting.stages import Stages
from provenance.scoring.p_values import Conformal
from provenance.scoring.panel import Panel
from provenance.scoring.scored import Scored, ScoredSamples
from provenance.share.sources import Sources

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["CorpusIs", "Matched", "Settings", "Trusted", "Work"]

CorpusIs = Literal["whole", "sample"]
"""Whether shares are of the documents of the corpus, or of what these were drawn from."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for; see `match`."""

    confidence_level: float
    caution: float
    fdr: float
    keep_text: bool
    corpus_is: CorpusIs = "whole"


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
    n_coarse : int
        Documents dated by a year, month or week that the day lies within, which stayed suspect.
    scored : Scored
    """

    before: datetime.date
    n_documents: int
    n_undated: int
    n_coarse: int
    scored: Scored


@dataclass(frozen=True, slots=True)
class Matched:
    """A corpus read and scored.

    Parameters
    ----------
    panel : Panel
    view : str
        Whose scores are used.
    layout : Diagnostic
        Why that view.
    samples : ScoredSamples
        Those of the panel, in that view.
    tally : Tally
    corpus : SampledCorpus
    conformal : mapping of int to Conformal
        By candidate.
    trusted : Trusted, optional
    """

    panel: Panel
    view: str
    layout: Diagnostic
    samples: ScoredSamples
    tally: Tally
    corpus: SampledCorpus
    conformal: Mapping[int, Conformal]
    trusted: Trusted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A corpus to match, what was asked for, and with what it is done; see `match`."""

    corpus: Corpus
    sources: Sources
    settings: Settings
    run: Run
    workers: int
    executor: Executor | None
    progress: Callable[[Corpus], None] | None
    stages: Stages | None
    partials: Path | None = None
