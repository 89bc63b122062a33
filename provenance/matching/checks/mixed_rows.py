"""Whether rows are put together from text by several hands: along a row it changes, across it not.

A row is cut in six pieces. Its thirds and its halves as they stand are held against parts that each
take every third, or every second, piece: a row by one hand reads alike both ways, however its
writer varies, and a row in which one writer follows another reads as several along it and as one
across it. Where writers take turns it is the other way round: every second sentence is held against
every second pair of them. No sample is needed for that comparison, so that a kind of text which the
samples do not explain does not upset it.

Such a row counts for each of its writers in part. How many there may be is told by rows of the
corpus that are put together on the spot: of these, too, only a part is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.features import extract
from provenance.fingerprint.measuring import label_hashes
from provenance.matching.checks.drawn_rows import DrawnRow, DrawnRows
from provenance.matching.checks.row_parts import PARTS, WAYS, parts_of, put_together
from provenance.matching.judging import Judged
from provenance.records import Diagnostic
from provenance.scoring.panel import Panel
from provenance.scoring.scored import document_means, weights_of_others
from provenance.share.sources import Sources
from provenance.statistics.threads import one_thread
from provenance.words import percent

__all__ = ["Unevenness", "judged_by_hands", "looked_at", "unevenness"]

_LOOKS: Final = ((256, 0.5), (512, 0.2))
"""Rows that are read first, and the p-value up to which more are: of four choices the quickest that
loses next to nothing of what all rows tell, on corpora of which 1 in 10 is mixed."""
_FEWEST_ROWS: Final = 50
"""Rows below which nothing is said; a round figure, not tuned."""
_MORE: Final = (1.0, 2.0, 3.0)
"""Nats by which a row must speak more for several hands one way than the other: few rows of one
hand reach the last, and few mixed rows of some collections the first. Round figures."""
_SHAPE: Final = 0.3
_RATIO: Final = 1.2
"""The law of rows that change along them by nature, beside those that change across them: negative
binomial. The largest shape and ratio of eight fits (four thresholds, two ways) to the clean kinds
beside the first two collections of `python -m provenance.validation.bench.mixed_hands DATA`, while
thirds alone were read. Of halves alone it tells of none of 1,260 clean corpora of up to 120 texts
and of 1 of 385 of up to 1,600, beside all five; of both, as they are read, of 1 and 1 (looked at
once). Fits to both have shapes up to 0.36 and ratios up to 1.24, of the large ones 0.35 and 1.55,
where few rows reach the last threshold: 189 one way and 78 the other."""
_NATURAL: Final = {WAYS[0]: (0.01, 0.005, 0.0), WAYS[1]: (0.04, 0.01, 0.005)}
"""Part of the rows that may change along them beyond that law, for each way and threshold: of nine
choices the one with the most mixed corpora found beside the first two collections there, of those
at which at most 1 in 100 of a half of the kinds are, 300 to 1,600 texts each, beside all five. By
turns 0.02 at the first threshold, doubled since: of clean mixtures of `alpaca_eval`'s 24 models, in
which more rows are open, 8 of 231 were told, now 3; of those of `collections` none, then as now."""
_LEVEL: Final = 0.01
"""P-values up to it are told: the rate of false alarms that is asked for."""
_SIMULATED: Final = 100
_FEWEST_SIMULATED: Final = 20
"""Rows that are put together, to see how many of such are seen. Round figures, not tuned."""
_TWO_SIDED_95: Final = 1.96


@dataclass(frozen=True, slots=True)
class Unevenness:
    """How much more rows speak for several hands one way than the other, in nats.

    Parameters
    ----------
    more : mapping of str to ndarray of float64, shape (n_rows,)
        By way; NaN of a row that is too short for it.
    """

    more: Mapping[str, NDArray[np.float64]]

    @property
    def n_rows(self) -> int:
        """Rows that were read in parts."""
        return len(self.more[WAYS[0]])

    def counts(self, way: str, nats: float) -> tuple[int, int, int]:
        """Rows that were read, those that change this way by so much, and the other way."""
        found = self.more[way][~np.isnan(self.more[way])]
        return len(found), int((found > nats).sum()), int((found < -nats).sum())

    def best(self, way: str) -> tuple[float, float]:
        """The least p-value of one way, for all that are tried, and its threshold.

        Examples
        --------
        >>> rows = np.repeat([4.0, 0.0, -4.0], [20, 178, 2])
        >>> one = Unevenness({"one after another": rows, "by turns": rows * np.nan})
        >>> one.best("one after another")[0] < 1e-3, one.best("by turns")[0]
        (True, 1.0)
        """
        from scipy.special import betainc

        tried = []
        for nats, natural in zip(_MORE, _NATURAL[way], strict=True):
            n_rows, n_along, n_across = self.counts(way, nats)
            beyond = n_along - natural * n_rows
            if n_rows < _FEWEST_ROWS or beyond <= 0:
                continue
            chance = betainc(beyond, _SHAPE + n_across, _RATIO / (1 + _RATIO))
            tried.append((min(1.0, float(chance) * len(_MORE) * len(WAYS)), nats))
        return min(tried, default=(1.0, _MORE[0]))

    @property
    def p_value(self) -> float:
        """Chance of so many where none but by nature change along them."""
        return min(self.best(way)[0] for way in WAYS)

    @property
    def ways(self) -> list[str]:
        """Those that are told."""
        return [way for way in WAYS if self.best(way)[0] <= _LEVEL]

    def excess(self, way: str, nats: float) -> tuple[float, float, float]:
        """Part of the rows that change this way beyond the other, and its ends at 95 %.

        Examples
        --------
        >>> rows = np.repeat([4.0, 0.0, -4.0], [20, 178, 2])
        >>> one = Unevenness({"one after another": rows, "by turns": rows})
        >>> [round(part, 3) for part in one.excess("by turns", 1.0)]
        [0.09, 0.045, 0.135]
        """
        n_rows, n_along, n_across = self.counts(way, nats)
        if not n_rows:
            return 0.0, 0.0, 1.0
        more = (n_along - n_across) / n_rows
        # One more, so that rows which all agree are no proof.
        changed = max(1.0, n_along + n_across + 1 - n_rows * more**2)
        room = _TWO_SIDED_95 * float(np.sqrt(changed)) / n_rows
        return more, max(0.0, more - room), min(1.0, more + room)


def unevenness(
    rows: Sequence[Document], panel: Panel, view: str, shares: NDArray[np.float64]
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
    cut = [(one, parts) for one in rows if (parts := parts_of(one.text, panel.spec))]
    texts = [text for _, parts in cut for way in WAYS for text in parts[way]]
    if not texts:
        return Unevenness({way: np.empty(0) for way in WAYS})
    features = extract(texts, panel.spec)
    sizes = np.array([[len(parts[way]) for way in WAYS] for _, parts in cut])
    prompts = [one.prompt for one, _ in cut]
    asked = np.repeat(label_hashes(prompts), sizes.sum(axis=1))
    ratios = panel.read(view, features, asked)
    means = document_means(ratios, features.document, features.passage_tokens, len(texts))
    prior = (shares + 1 / len(shares)) / 2
    starts = np.cumsum([0, *sizes.ravel()])[:-1].reshape(sizes.shape)
    more = {}
    for number, way in enumerate(WAYS):
        found = np.full(len(cut), np.nan)
        held = np.flatnonzero(sizes[:, number])
        places = starts[held, number, None] + np.arange(2 * sum(PARTS[way]))
        long = ~features.too_short[places].any(axis=1)
        found[held[long]] = _more(means[places[long]].astype(np.float64), PARTS[way], prior)
        more[way] = found
    return Unevenness(more)


def _more(
    log_posterior: NDArray[np.float64], divisions: Sequence[int], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Nats by which rows speak more for several hands one way than the other.

    Parameters
    ----------
    log_posterior : ndarray of float64, shape (n_rows, n_parts, n_sources)
        Of each division the parts one way, then the other.
    divisions : sequence of int
    prior : ndarray of float64, shape (n_sources,)
    """
    ends = np.cumsum([2 * n_parts for n_parts in divisions])[:-1]
    each = [
        _for_several(both.reshape(len(both), 2, n_parts, len(prior)), prior)
        for n_parts, both in zip(divisions, np.split(log_posterior, ends, axis=1), strict=True)
    ]
    one_way, other_way = np.logaddexp.reduce(each, axis=0).T
    found: NDArray[np.float64] = one_way - other_way
    return found


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
    """What was judged, with ranges that reach up by rows which are by several hands.

    Parameters
    ----------
    judged : Judged
    rows : DrawnRows
        Of the corpus.
    panel, view
        See `unevenness`.
    sources : Sources
    """
    drawn = rows.rows()
    if judged.withheld or len(drawn) < _FEWEST_ROWS:
        return judged
    shares = judged.estimate.mixtures["documents"].shares
    found = looked_at([one.document for one in drawn], panel, view, shares)
    rooms = {
        candidate: (0.0, _room(found, drawn, candidate, panel, view, shares))
        for candidate in sources.candidates
        if found.ways
    }
    checked = replace(judged, diagnostics=(*judged.diagnostics, *_checks(found, rooms, sources)))
    return checked.widened(rooms, sources)


def looked_at(
    rows: Sequence[Document], panel: Panel, view: str, shares: NDArray[np.float64]
) -> Unevenness:
    """How a few of the rows read, and more of them where these leave it open.

    Parameters
    ----------
    rows : list of Document
        In an order of chance.
    panel, view, shares
        See `unevenness`.
    """
    found = unevenness(rows[: _LOOKS[0][0]], panel, view, shares)
    for (first, worth), end in zip(_LOOKS, (_LOOKS[1][0], len(rows)), strict=True):
        if found.p_value > worth or first >= len(rows):
            break
        more = unevenness(rows[first:end], panel, view, shares).more
        found = Unevenness({way: np.concatenate([found.more[way], more[way]]) for way in WAYS})
    return found


def _room(
    found: Unevenness,
    drawn: list[DrawnRow],
    candidate: int,
    panel: Panel,
    view: str,
    shares: NDArray[np.float64],
) -> float:
    """At most this part of the rows is by a candidate and others, at 95 %.

    As many as are seen, for each that would be: of rows which are put together from the candidate's
    and from others' of the corpus, as many parts of each as writers.
    """
    own = DrawnRow.that_read_as(drawn, view, candidate, weights_of_others(shares, candidate))
    names = {one.document.id for one in own}
    rest = [one for one in drawn if one.document.id not in names]
    n_made = min(len(own), len(rest) // 2, _SIMULATED)
    if n_made < _FEWEST_SIMULATED:
        return 1.0
    room = 0.0
    for way in found.ways:
        _, nats = found.best(way)
        seen = min(
            unevenness(made, panel, view, shares).excess(way, nats)[1]
            for n_parts in PARTS[way]
            for made in [_made(way, n_parts, own[:n_made], rest)]
        )
        room += found.excess(way, nats)[2] / max(seen, 1e-9)
    return min(1.0, room)


def _made(
    way: str, n_parts: int, own: Sequence[DrawnRow], rest: Sequence[DrawnRow]
) -> list[Document]:
    """Rows by a candidate and others."""
    return [
        replace(
            one.document,
            text=put_together(
                way, n_parts, one.document.text, [other.document.text for other in others]
            ),
        )
        for one, *others in zip(own, rest, rest[len(own) :], strict=False)
    ]


def _checks(
    found: Unevenness, rooms: Mapping[int, tuple[float, float]], sources: Sources
) -> Iterator[Diagnostic]:
    if found.n_rows < _FEWEST_ROWS:
        return
    yield Diagnostic(
        name="mixed_rows",
        verdict="warn" if rooms else "ok",
        statistic=found.p_value,
        limit=_LEVEL,
        sentence=_said(found, rooms, sources)
        if rooms
        else f"Of {found.n_rows:,} long rows that were read in parts not surely more change along"
        " them than by nature: nothing shows that they are by several hands.",
    )


def _said(found: Unevenness, rooms: Mapping[int, tuple[float, float]], sources: Sources) -> str:
    counts = [(way, *found.counts(way, found.best(way)[1])) for way in found.ways]
    told = "; ".join(
        f"{way}: {along:,} of {n:,} long rows, and {across:,} the other way"
        for way, n, along, across in counts
    )
    # What is seen the least of rows in thirds and in halves bounds how many there may be of either.
    part = "a half" if found.ways == ["by turns"] else "a third or a half"
    reach = ", ".join(f"{percent(up)} for {sources.names[one]}" for one, (_, up) in rooms.items())
    return (
        "More rows than by nature read as put together from text by several writers"
        f" ({told}), as edited text may, too. Such a row counts for each of them in part, so that"
        f" the range reaches up by as many as there may be, if {part} of each is the candidate's:"
        f" {reach}."
    )
