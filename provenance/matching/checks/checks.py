"""Checks of the corpus itself: its layout, its size, and what it shares with the samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Counts
from provenance.features.statistics import STATISTICS, STYLE, style
from provenance.matching.tally import SampledCorpus, Tally
from provenance.records import Diagnostic
from provenance.scoring.panel import Panel
from provenance.scoring.scored import ScoredSamples
from provenance.share.checks.checks import warn_where
from provenance.words import percent

__all__ = ["choose_view", "segments_check", "size_checks", "skipped_check", "turns_checks"]


LAYOUT_SLACK: Final = 0.5
"""By how much of the samples' range a layout may lie outside it; a round figure, not tuned."""
SKIPPED_WARNING: Final = 0.01
"""Part of the rows skipped that is worth a word; a round figure, not tuned."""
DOUBTFUL_TURNS: Final = 0.01
"""Part of the turns and texts whose speaker is in doubt that is worth a word; a round figure, not
tuned."""
FEW_DOCUMENTS: Final = 200
"""Documents of a sample below which scores are weak; a round figure, not tuned."""
FEWEST_DOCUMENTS: Final = 20
"""Independent documents of a corpus below which nothing is told; a round figure, not tuned."""
OVERLAP_WARNING: Final = 0.01
"""Part of the corpus in a sample that is worth a word; a round figure, not tuned."""
PARTED_WARNING: Final = 0.1
"""Part of the documents that hold reasoning, code or calls that is worth a word; a round figure: of
chat models' answers 4 in 100 do (`alpaca_eval`), and of people's none."""
_LAYOUT: Final = ("capitalised", "punctuation", "newlines", "markup")
_NO_LAYOUT: Final = 0.02
"""Layout a word below which a sample has none, as lists of bare words; not tuned."""


def layout_rates(sums: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.float64]:
    """Capitals, punctuation, newlines and markup a word, shape (..., 4)."""
    words = np.maximum(1, sums[..., STATISTICS.index("words")])
    columns = [STATISTICS.index(name) for name in _LAYOUT]
    return np.asarray(sums[..., columns] / words[..., None], np.float64)


def _farthest(samples: NDArray[np.float64], corpus: NDArray[np.float64]) -> tuple[int, float]:
    """Which rate of the corpus lies farthest outside the samples', in parts of what is allowed."""
    low, high = samples.min(axis=0), samples.max(axis=0)
    room = LAYOUT_SLACK * np.maximum(high - low, 0.1 * np.abs(high)) + 0.005
    excess = np.maximum(low - corpus, corpus - high) / room
    return int(excess.argmax()), float(excess.max())


def choose_view(panel: Panel, tally: Tally, candidates: Sequence[int]) -> tuple[str, Diagnostic]:
    """The feature families to score with, by what the corpus's style and layout allow.

    Shape and tokens hold layout, and figures of style are those of one kind of text: each is used
    only where the corpus's lie among the samples'. A corpus that mixes the sources has a layout
    and a style between theirs.

    Parameters
    ----------
    panel : Panel
    tally : Tally
        Of the corpus.
    candidates : sequence of int
        Those whose layout, where they alone have it, is no evidence; see `Sources.beside_many`.
    """
    *richer, words = panel.views
    references = panel.references
    source = references.source[references.document]
    weight = references.weighted(panel.document_weight)
    weighted = references.statistics * weight[:, None]
    sums = np.stack([weighted[source == k].sum(axis=0) for k in range(len(panel.names))])
    samples, corpus = layout_rates(sums), layout_rates(tally.sums)
    if samples.max() < _NO_LAYOUT:
        sentence = "The samples hold words alone, without layout; shape was left out."
        return words, Diagnostic(
            name="layout", verdict="ok", statistic=None, limit=None, sentence=sentence
        )
    worst, excess = _farthest(samples, corpus)
    outside = excess > 1
    its = [_farthest(np.delete(samples, one, axis=0), corpus) for one in candidates]
    only_its = not outside and any(far > 1 for _, far in its)
    view = words if outside or only_its else richer[-1]
    if only_its:
        worst, excess = max(its, key=lambda one: one[1])
        sentence = (
            f"The corpus's layout ({_LAYOUT[worst]} a word) lies within the samples' by the"
            " candidate's alone: it may have been cleaned as that sample was; only words were"
            " scored."
        )
    elif outside:
        sentence = (
            f"The corpus's layout ({_LAYOUT[worst]} a word) lies outside the samples'; only words"
            " were scored."
        )
    else:
        sentence = "The corpus's layout lies within the samples'."
        if len(richer) > 1:
            figure, far = _farthest(style(sums), style(tally.sums, tally.n_passages))
            view = richer[far > 1]
            if far > 1:
                shown = STYLE[figure].replace("_", " ")
                sentence += f" Its style ({shown}) does not: token statistics were left out."
    return view, Diagnostic(
        name="layout",
        verdict="warn" if outside or only_its else "ok",
        statistic=max(0.0, excess),
        limit=1.0,
        sentence=sentence,
    )


def size_checks(
    tally: Tally,
    corpus: SampledCorpus,
    samples: ScoredSamples,
    candidates: Sequence[int],
    n_skipped: int,
    lost: str = "",
) -> list[Diagnostic]:
    """Too little text, rows that were skipped; `ShortDocuments` tells of text that is too short.

    Parameters
    ----------
    tally : Tally
        Of the whole corpus.
    corpus : SampledCorpus
        What shares are estimated on; copies and one conversation are worth one document.
    samples : ScoredSamples
    candidates : sequence of int
    n_skipped : int
        Rows that could not be read.
    lost : str
        What was lost beside them, of which nobody knows how many rows it was.
    """
    counts = np.bincount(samples.source)
    smallest = int(counts[list(candidates)].min())
    checks = [
        warn_where(
            smallest < FEW_DOCUMENTS,
            "sample_size",
            smallest,
            FEW_DOCUMENTS,
            f"The smallest candidate sample has {smallest} different documents.",
        ),
        skipped_check(n_skipped, tally.n_documents, lost),
    ]
    worth = corpus.scored.n_effective
    if worth < FEWEST_DOCUMENTS:
        sentence = (
            f"The corpus has {tally.n_scored} documents long enough to score, worth {worth:.0f}"
            " that share nothing: too few to tell."
        )
        checks.append(
            Diagnostic(
                name="corpus_size",
                verdict="fail",
                statistic=worth,
                limit=FEWEST_DOCUMENTS,
                sentence=sentence,
            )
        )
    overlap = tally.n_overlapping / max(1, tally.n_scored)
    checks.append(
        warn_where(
            overlap > OVERLAP_WARNING,
            "overlap",
            overlap,
            OVERLAP_WARNING,
            f"{percent(overlap)} of the scored documents also stand in a source's sample"
            " (they were scored by models that had not seen them)."
            if overlap
            else "No scored document also stands in a source's sample.",
        )
    )
    if not corpus.complete:
        sentence = "Shares are of a uniform sample of the distinct documents; counts are of all."
        checks.append(warn_where(False, "sampled", None, None, sentence))
    return checks


def skipped_check(n_skipped: int, n_documents: int, lost: str = "") -> Diagnostic:
    """Whether rows could not be read; an unknown number of them is never few.

    Examples
    --------
    >>> skipped_check(0, 100).verdict, skipped_check(1, 100, "1 file broke off.").verdict
    ('ok', 'warn')
    """
    skipped = n_skipped / max(1, n_skipped + n_documents)
    sentence = (
        f"{percent(skipped)} of the rows could not be read and were skipped."
        if n_skipped
        else "No row was skipped."
    )
    return warn_where(
        bool(lost) or skipped > SKIPPED_WARNING,
        "skipped",
        skipped,
        SKIPPED_WARNING,
        f"{sentence} Beyond them: {lost}" if lost else sentence,
    )


def turns_checks(counts: Counts) -> list[Diagnostic]:
    """Turns and texts of which it is not known who speaks; nothing where that is always known."""
    if not counts.n_doubtful:
        return []
    doubtful = counts.n_doubtful / max(1, counts.n_said)
    sentence = (
        f"Of {percent(doubtful)} of the turns and texts it is not known whose words they are:"
        f" {counts.n_unknown_names:,} turns under names that are no known role were left out,"
        f" {counts.n_unknown_roles:,} rows of no known role and {counts.n_maybe_transcripts:,}"
        " texts with markers of both sides of a chat were taken whole."
    )
    return [warn_where(doubtful > DOUBTFUL_TURNS, "turns", doubtful, DOUBTFUL_TURNS, sentence)]


def segments_check(counts: Counts) -> list[Diagnostic]:
    """Rows of several parts that were not split; nothing where there are few.

    Examples
    --------
    >>> segments_check(Counts(n_documents=100, n_parted=2))
    []
    >>> segments_check(Counts(n_documents=100, n_parted=60))[0].verdict
    'warn'
    """
    parted = counts.n_parted / max(1, counts.n_documents)
    if parted <= PARTED_WARNING:
        return []
    sentence = (
        f"{percent(parted)} of the documents hold reasoning, code or calls of tools beside their"
        " prose, and were read whole (reasoning and calls in fields of their own were left out): a"
        " part of another source's is told as the whole row's. To read each part on its own, make"
        " the samples and match with --segments."
    )
    return [warn_where(True, "segments", parted, PARTED_WARNING, sentence)]
