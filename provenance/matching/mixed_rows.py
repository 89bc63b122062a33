"""Whether rows are put together from text by several hands: along a row it changes, across it not.

A row is cut in six pieces. Its thirds as they stand are held against three parts that each take
every third piece: a row by one hand reads alike both ways, however its writer varies, and a row in
which one writer follows another reads as several along it and as one across it. Where writers take
turns it is the other way round: every second sentence is held against every second pair of them. No
sample is needed for that comparison, so that a kind of text which the samples do not explain does
not upset it.

Such a row counts for each of its writers in part. How many there may be is told by rows of the
corpus that are put together on the spot: of these, too, only a part is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.features import extract, passages
from provenance.features.normalize import normalize
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.measuring import label_hashes
from provenance.matching.drawn_rows import DrawnRow, DrawnRows
from provenance.matching.judging import Judged
from provenance.records import Diagnostic
from provenance.scoring.panel import Panel
from provenance.scoring.scored import document_means, weights_of_others
from provenance.share.sources import Sources
from provenance.statistics.threads import one_thread
from provenance.words import percent

__all__ = ["WAYS", "Unevenness", "judged_by_hands", "unevenness"]

WAYS: Final = ("one after another", "by turns")
"""How a row's writers may stand in it."""
_LOOKS: Final = ((128, 0.5), (384, 0.1))
"""Rows that are read first, and the p-value up to which more are. Round figures, not tuned."""
_FEWEST_ROWS: Final = 50
"""Rows below which nothing is said; a round figure, not tuned."""
_FEWEST_WORDS: Final = 90
"""Of a row, between spaces: a program after a few sentences changes along itself by nature. A round
figure; text without spaces is not read in parts."""
_FEWEST_SENTENCES: Final = 8
"""Of a row whose writers may take turns; a round figure, not tuned."""
_MOST_BY_TURNS: Final = 4000
"""Characters of a row that are read by turns; a bound on time, not tuned."""
_PARTS: Final = 3
_PIECES: Final = 2
"""Of a part. Four tell a little more and want longer rows."""
_MORE: Final = (1.0, 2.0, 3.0)
"""Nats by which a row must speak more for several hands one way than the other: few rows of one
hand reach the last, and few mixed rows of some collections the first. Round figures."""
_SHAPE: Final = 0.3
_RATIO: Final = 1.2
"""The law of rows that change along them by nature, beside those that change across them: negative
binomial. The largest shape and ratio of eight fits (four thresholds, two ways) to the clean kinds
beside the first two collections of `python -m provenance.validation.bench.mixed_hands DATA`."""
_NATURAL: Final = {WAYS[0]: (0.01, 0.01, 0.005), WAYS[1]: (0.0, 0.0, 0.0)}
"""Part of the rows that may change along them beyond that law, for each way and threshold: the
least of five choices at which at most 1 in 100 of the clean kinds are found beside all five
collections there."""
_LEVEL: Final = 0.01
"""P-values up to it are told: the rate of false alarms that is asked for."""
_SIMULATED: Final = 100
_FEWEST_SIMULATED: Final = 20
"""Rows that are put together, to see how many of such are seen. Round figures, not tuned."""
_TWO_SIDED_95: Final = 1.96

_SENTENCE: Final = re.compile(r"(?<!\d)[.!?…][\"'”’)\]*_]{0,3}\s+|(?<=[。！？])")
"""Not the end of a line, nor a number's point: a list alternates by nature."""


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
    cut = [(one, parts) for one in rows if (parts := _parts(one.text, panel.spec))]
    texts = [text for _, (along, turns) in cut for text in (*along, *turns)]
    if not texts:
        return Unevenness({way: np.empty(0) for way in WAYS})
    features = extract(texts, panel.spec)
    asked = label_hashes([one.prompt for one, (along, turns) in cut for _ in (*along, *turns)])
    ratios = panel.read(view, features, asked)
    means = document_means(ratios, features.document, features.passage_tokens, len(texts))
    prior = (shares + 1 / len(shares)) / 2
    sizes = [(len(along), len(turns)) for _, (along, turns) in cut]
    starts = np.cumsum([0, *(size for pair in sizes for size in pair)])[:-1].reshape(-1, 2)
    more = {}
    for number, (way, n_parts) in enumerate(zip(WAYS, (_PARTS, 2), strict=True)):
        found = np.full(len(cut), np.nan)
        held = np.flatnonzero([pair[number] > 0 for pair in sizes])
        places = starts[held, number, None] + np.arange(2 * n_parts)
        long = ~features.too_short[places].any(axis=1)
        read = means[places[long]].reshape(-1, 2, n_parts, len(shares)).astype(np.float64)
        one_way, other_way = _for_several(read, prior).T
        found[held[long]] = one_way - other_way
        more[way] = found
    return Unevenness(more)


def _parts(text: str, spec: FeatureSpec) -> tuple[list[str], list[str]] | None:
    """A text's parts one way and the other, first in a row and then by turns.

    Thirds, and three parts of every third piece; every second sentence, and every second pair of
    sentences, or none where there are too few. None of a text that is too short.
    """
    clean = normalize(text, strip_markdown=spec.strip_markdown).text
    pieces = passages(clean, _PARTS * _PIECES, 1)
    if len(pieces) < _PARTS * _PIECES or len(clean.split()) < _FEWEST_WORDS:
        return None
    along = ["".join(pieces[at : at + _PIECES]) for at in range(0, len(pieces), _PIECES)]
    across = ["".join(pieces[at::_PARTS]) for at in range(_PARTS)]
    said = _sentences(clean[:_MOST_BY_TURNS])
    if len(said) < _FEWEST_SENTENCES:
        return along + across, []
    turns = [
        "".join(one for at, one in enumerate(said) if at // every % 2 == which)
        for every in (1, 2)
        for which in (0, 1)
    ]
    return along + across, turns


def _sentences(text: str) -> list[str]:
    """Sentences, each with the white space after it; joined they are the text.

    Examples
    --------
    >>> _sentences("It rained. Why? Nobody knew")
    ['It rained. ', 'Why? ', 'Nobody knew']
    """
    ends = [match.end() for match in _SENTENCE.finditer(text)]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)]) if end > start]


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
    found = _looked_at([one.document for one in drawn], panel, view, shares)
    rooms = {
        candidate: (0.0, _room(found, drawn, candidate, panel, view, shares))
        for candidate in sources.candidates
        if found.ways
    }
    checked = replace(judged, diagnostics=(*judged.diagnostics, *_checks(found, rooms, sources)))
    return checked.widened(rooms, sources)


def _looked_at(
    rows: list[Document], panel: Panel, view: str, shares: NDArray[np.float64]
) -> Unevenness:
    """A few of the rows, and more where these leave it open."""
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
        made = [
            replace(one.document, text=_put_together(way, *(two.document.text for two in three)))
            for one, *others in zip(own[:n_made], rest, rest[n_made:], strict=False)
            for three in [(one, *others)]
        ]
        _, nats = found.best(way)
        seen = unevenness(made, panel, view, shares).excess(way, nats)[1]
        room += found.excess(way, nats)[2] / max(seen, 1e-9)
    return min(1.0, room)


def _put_together(way: str, own: str, other: str, third: str) -> str:
    """A row by a candidate and others, as long as theirs."""
    if way == "by turns":
        turns = zip(_sentences(own), _sentences(other), strict=False)
        return "".join(
            one if one[-1:].isspace() else f"{one} "
            for at, pair in enumerate(turns)
            for one in [pair[at % 2]]
        )
    return "\n\n".join(" ".join(_third(text)) for text in (other, own, third))


def _third(text: str) -> list[str]:
    words = text.split(" ")
    return words[: -(-len(words) // _PARTS)]


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
    part = "a half" if found.ways == ["by turns"] else "a third"
    reach = ", ".join(f"{percent(up)} for {sources.names[one]}" for one, (_, up) in rooms.items())
    return (
        "More rows than by nature read as put together from text by several writers"
        f" ({told}), as edited text may, too. Such a row counts for each of them in part, so that"
        f" the range reaches up by as many as there may be, if {part} of each is the candidate's:"
        f" {reach}."
    )
