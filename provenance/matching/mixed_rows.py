"""Whether rows are put together from text by several hands: along a row it changes, across it not.

A row is cut in six pieces. Its thirds as they stand are held against three parts that each take
every third piece: a row by one hand reads alike both ways, however its writer varies, and a row in
which one writer follows another reads as several along it and as one across it. No sample is needed
for that comparison, so that a kind of text which the samples do not explain does not upset it.

Such a row counts for each of its writers in part. How many rows hold some of a candidate's text is
then not known from above: its range ends at all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.features import extract, passages
from provenance.features.normalize import normalize
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.measuring import label_hashes
from provenance.matching.drawn_rows import DrawnRows
from provenance.matching.judging import Judged
from provenance.records import Diagnostic
from provenance.scoring.panel import Panel
from provenance.scoring.scored import document_means
from provenance.share.sources import Sources
from provenance.statistics.threads import one_thread
from provenance.words import percent

__all__ = ["Unevenness", "judged_by_hands", "unevenness"]

_FIRST_ROWS: Final = 128
_WORTH_MORE: Final = 0.1
"""The first rows that are drawn are read alone, and the others only where these have a p-value up
to it. Round figures, not tuned."""
_FEWEST_ROWS: Final = 50
"""Rows below which nothing is said; a round figure, not tuned."""
_FEWEST_WORDS: Final = 90
"""Of a row, between spaces: a program after a few sentences changes along itself by nature. A round
figure; text without spaces is not read in parts."""
_PARTS: Final = 3
_PIECES: Final = 2
"""Of a part. Four tell a little more and want longer rows."""
_MORE: Final = 1.0
"""Nats by which a row must speak more for several hands one way than the other; of four values
(`python -m provenance.validation.bench.mixed_hands DATA`, on `detectrl` and `slop_score`)."""
_NATURAL: Final = 0.03
"""Part of the rows that may change along them by nature, beyond those that change across them; of
three values, chosen on the same two."""
_LEVEL: Final = 1e-4
"""P-values up to it are told; the least of 1,275 clean corpora is 0.0013."""


@dataclass(frozen=True, slots=True)
class Unevenness:
    """How many rows speak for several hands one way more than the other.

    Parameters
    ----------
    n_rows : int
    n_along, n_across : int
        Along the row, and across it: what chance and a writer's own variation do.
    """

    n_rows: int
    n_along: int
    n_across: int

    @property
    def more(self) -> float:
        """Part of the rows that change along them, less that which change across them."""
        return (self.n_along - self.n_across) / max(1, self.n_rows)

    @property
    def p_value(self) -> float:
        """Chance of it where no more rows than by nature change along them.

        Examples
        --------
        >>> Unevenness(200, 8, 6).p_value > 0.5, Unevenness(200, 60, 4).p_value < 1e-9
        (True, True)
        """
        if self.n_rows < _FEWEST_ROWS:
            return 1.0
        from scipy.special import ndtr

        # One more, so that rows which all agree are no proof.
        changed = self.n_along + self.n_across + 1 - self.n_rows * self.more**2
        return float(ndtr((_NATURAL - self.more) * self.n_rows / np.sqrt(changed)))

    @property
    def is_found(self) -> bool:
        """Whether rows are told to be by several hands."""
        return self.p_value <= _LEVEL


def unevenness(
    rows: list[Document], panel: Panel, view: str, shares: NDArray[np.float64]
) -> Unevenness:
    """How rows read along and across, by models that saw no answer to their prompts.

    Parameters
    ----------
    rows : list of Document
    panel : Panel
    view : str
        By which the corpus was scored.
    shares : ndarray of float64, shape (n_sources,)
        What the corpus was read as: sources that it holds are likelier to have had a hand in it.
    """
    cut = [(one, parts) for one in rows if (parts := _parts(one.text, panel.spec))]
    if not cut:
        return Unevenness(0, 0, 0)
    features = extract([part for _, parts in cut for part in parts], panel.spec)
    asked = label_hashes([one.prompt for one, parts in cut for _ in parts])
    ratios = panel.read(view, features, asked)
    whole = ~features.too_short.reshape(-1, 2 * _PARTS).any(axis=1)
    means = document_means(
        ratios, features.document, features.passage_tokens, len(features.n_tokens)
    )
    of_parts = means.reshape(-1, 2, _PARTS, len(shares))[whole]
    prior = (shares + 1 / len(shares)) / 2
    along, across = _for_several(of_parts.astype(np.float64), prior).T
    more = along - across
    return Unevenness(len(more), int((more > _MORE).sum()), int((more < -_MORE).sum()))


def _parts(text: str, spec: FeatureSpec) -> list[str]:
    """A text's thirds, and three parts of every third piece; none where it has too few pieces."""
    clean = normalize(text, strip_markdown=spec.strip_markdown).text
    pieces = passages(clean, _PARTS * _PIECES, 1)
    if len(pieces) < _PARTS * _PIECES or len(clean.split()) < _FEWEST_WORDS:
        return []
    along = ["".join(pieces[at : at + _PIECES]) for at in range(0, len(pieces), _PIECES)]
    return along + ["".join(pieces[at::_PARTS]) for at in range(_PARTS)]


def _for_several(
    log_posterior: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log likelihood of a writer for each part against one writer for all, (n_rows, 2)."""
    from scipy.special import logsumexp

    each = logsumexp(log_posterior + np.log(prior), axis=-1).sum(axis=-1)
    one = logsumexp(log_posterior.sum(axis=-2) + np.log(prior), axis=-1)
    found: NDArray[np.float64] = each - one
    return found


@one_thread
def judged_by_hands(
    judged: Judged, rows: DrawnRows, panel: Panel, view: str, sources: Sources
) -> Judged:
    """What was judged, with ranges up to all rows where these are by several hands.

    Parameters
    ----------
    judged : Judged
    rows : DrawnRows
        Of the corpus.
    panel, view
        See `unevenness`.
    sources : Sources
    """
    drawn = [one.document for one in rows.rows()]
    if judged.withheld or len(drawn) < _FEWEST_ROWS:
        return judged
    shares = judged.estimate.mixtures["documents"].shares
    found = unevenness(drawn[:_FIRST_ROWS], panel, view, shares)
    if found.p_value <= _WORTH_MORE:
        found = unevenness(drawn, panel, view, shares)
    checked = replace(judged, diagnostics=(*judged.diagnostics, *_checks(found)))
    if not found.is_found:
        return checked
    return checked.widened(dict.fromkeys(sources.candidates, (0.0, 1.0)), sources)


def _checks(found: Unevenness) -> Iterator[Diagnostic]:
    if found.n_rows < _FEWEST_ROWS:
        return
    yield Diagnostic(
        name="mixed_rows",
        verdict="warn" if found.is_found else "ok",
        statistic=found.p_value,
        limit=_LEVEL,
        sentence=(
            f"At least {percent(max(0.0, found.more))} of the rows read as put together from"
            " text by several writers. Such a row counts for each of them in part, so that the"
            " range ends at all rows: how many hold some of a candidate's text is not known."
            if found.is_found
            else f"Of {found.n_rows:,} long rows that were read in parts no more change along"
            " them than across them: nothing shows that they are by several hands."
        ),
    )
