"""Whether a candidate is told by how its texts begin: what is not seen then, and how much of it.

*Here is a story of five sentences* tells who wrote it, and is cut off for free. Rows that read as a
candidate's are read again without their first sentence. Where many of them then read as others', a
corpus may hold more such rows that lack it already: at most as many as there are rows that read as
these do, and at most as many as make the rows that read as others' read more like these than
others' samples do. The range reaches up by so much.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.features import extract
from provenance.features.normalize import normalize
from provenance.fingerprint.measuring import label_hashes
from provenance.matching.checks.drawn_rows import DrawnRow, DrawnRows
from provenance.matching.judging import Judged
from provenance.matching.matched import Settings
from provenance.records import Diagnostic
from provenance.scoring.panel import Panel
from provenance.scoring.scored import (
    Scored,
    ScoredSamples,
    against,
    document_means,
    weights_of_others,
)
from provenance.share.sources import Sources
from provenance.share.upper_bound import ScoredDocuments, mixture_bound, tail_bound
from provenance.statistics.intervals import clopper_pearson
from provenance.statistics.threads import one_thread
from provenance.words import percent

__all__ = ["Openings", "judged_without_openings", "openings"]

_MOST_ROWS: Final = 100
"""Rows of a candidate that are read again; a bound on time, not tuned."""
_FEWEST_ROWS: Final = 20
"""Rows below which nothing is said; a round figure, not tuned."""
_LOST: Final = 0.5
"""Part of the rows that may be lost without a word, at 95 %: most. A round figure; of 20 models the
lower limit is 0.84 for one and at most 0.19 for the others
(`python -m provenance.validation.bench.mixed_hands DATA`)."""
_FIRST_SENTENCE: Final = re.compile(r"\s*.*?(?:[.!?。！？][\"'”’)\]]*\s|\n|[。！？])\s*", re.DOTALL)
_FARTHEST: Final = 2000
"""Characters in which a first sentence ends: a text without an end of one is read as it is, and no
text takes long. A round figure, not tuned."""


@dataclass(frozen=True, slots=True)
class Openings:
    """How rows of a candidate read without their first sentence.

    Parameters
    ----------
    n_rows, n_lost : int
        Rows that read as the candidate's, and those that then read as another's.
    room : float
        At most this part of the corpus reads as the lost ones do.
    """

    n_rows: int
    n_lost: int
    room: float

    @property
    def lost_at_least(self) -> float:
        """Lower limit of the part that is lost, at 95 %."""
        return clopper_pearson(self.n_lost, self.n_rows, 0.95)[0]


def openings(
    rows: list[DrawnRow],
    corpus: Scored,
    panel: Panel,
    view: str,
    shares: NDArray[np.float64],
    candidate: int,
    samples: ScoredSamples,
    settings: Settings,
) -> Openings:
    """What of a candidate stands on first sentences alone.

    Parameters
    ----------
    rows : list of DrawnRow
        Of the corpus.
    corpus : Scored
    panel : Panel
    view : str
        By which the corpus was scored.
    shares : ndarray of float64, shape (n_sources,)
    candidate : int
    samples : ScoredSamples
        Of all sources, in that view.
    settings : Settings
    """
    others = weights_of_others(shares, candidate)
    own = DrawnRow.that_read_as(rows, view, candidate, others)[:_MOST_ROWS]
    if not own:
        return Openings(0, 0, 0.0)
    strip = panel.spec.strip_markdown
    texts = (normalize(one.document.text, strip_markdown=strip).text for one in own)
    bare = [_without_opening(text) for text in texts]
    features = extract(bare, panel.spec)
    asked = label_hashes([one.document.prompt for one in own])
    ratios = panel.read(view, features, asked)
    read = _of_rows(
        ratios, features.document, features.passage_tokens, len(bare), candidate, others
    )
    read = read[~features.too_short]
    lost = read[read <= 0]
    if not len(lost):
        return Openings(len(read), 0, 0.0)
    # Those that read as the candidate's are in its share.
    whole, known = (_hidden(one, candidate, others) for one in (corpus, samples.scored))
    is_other = samples.source != candidate
    rest = ScoredDocuments(
        known.score, known.weight * is_other * others[samples.source], known.cluster
    )
    alike = ScoredDocuments(lost, np.ones(len(lost)), np.arange(len(lost)))
    # Of two bounds the smaller holds where both do.
    level = (1 + settings.confidence_level) / 2
    room = tail_bound(alike, whole, level).high
    n_hidden, n_rest = (one.weight[one.score > -np.inf].sum() for one in (whole, rest))
    if n_hidden and n_rest:
        among = float(n_hidden / whole.weight.sum())
        bound = mixture_bound(alike, _seen(rest), _seen(whole), level, settings.caution)
        room = min(room, among * bound)
    return Openings(len(read), len(lost), room)


def _hidden(scored: Scored, candidate: int, others: NDArray[np.float64]) -> ScoredDocuments:
    """Documents with their log likelihood ratios; below all of those that read as a candidate's."""
    whole = _of_rows(
        scored.log_posterior,
        scored.document,
        scored.passage_tokens,
        len(scored),
        candidate,
        others,
    )
    return ScoredDocuments(np.where(whole > 0, -np.inf, whole), scored.weight, scored.cluster)


def _seen(documents: ScoredDocuments) -> ScoredDocuments:
    held = (documents.score > -np.inf) & (documents.weight > 0)
    return ScoredDocuments(documents.score[held], documents.weight[held], documents.cluster[held])


def _of_rows(
    log_posterior: NDArray[np.float32],
    document: NDArray[np.int64],
    passage_tokens: NDArray[np.int64],
    n_documents: int,
    candidate: int,
    others: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Log likelihood ratio of each row against what else the corpus holds."""
    ratio = against(log_posterior, candidate, others).astype(np.float32)[:, None]
    means = document_means(ratio, document, passage_tokens, n_documents)
    return means[:, 0].astype(np.float64)


def _without_opening(text: str) -> str:
    """A text without its first sentence, or line.

    Examples
    --------
    >>> _without_opening("Sure! Here it is. It rained.")
    'Here it is. It rained.'
    """
    found = _FIRST_SENTENCE.match(text, 0, _FARTHEST)
    return text if found is None else text[found.end() :]


@one_thread
def judged_without_openings(
    judged: Judged,
    rows: DrawnRows,
    corpus: Scored,
    panel: Panel,
    view: str,
    samples: ScoredSamples,
    sources: Sources,
    settings: Settings,
) -> Judged:
    """What was judged, with ranges that reach up by rows which may lack their first sentence.

    Parameters
    ----------
    judged : Judged
    rows : DrawnRows
        Of the corpus.
    corpus, panel, view, samples
        See `openings`.
    sources : Sources
    settings : Settings
    """
    if judged.withheld:
        return judged
    shares = judged.estimate.mixtures["documents"].shares
    drawn, checks, rooms = rows.rows(), [], {}
    for candidate in sources.candidates:
        found = openings(drawn, corpus, panel, view, shares, candidate, samples, settings)
        if found.n_rows >= _FEWEST_ROWS and found.lost_at_least > _LOST:
            rooms[candidate] = 0.0, found.room
        if found.n_rows >= _FEWEST_ROWS:
            checks.append(_check(sources.names[candidate], found, candidate in rooms))
    checked = replace(judged, diagnostics=(*judged.diagnostics, *checks))
    return checked.widened(rooms, sources)


def _check(name: str, found: Openings, is_lost: bool) -> Diagnostic:
    said = (
        f"{found.n_lost:,} of {found.n_rows:,} rows that read as {name} read as another's without"
        f" their first sentence."
    )
    more = (
        " Rows that lack it already are not seen: up to"
        f" {percent(found.room)} of the rows may be such, and the range reaches up by these."
    )
    return Diagnostic(
        name=f"openings[{name}]",
        verdict="warn" if is_lost else "ok",
        statistic=found.lost_at_least,
        limit=_LOST,
        sentence=said + more * is_lost,
    )
