"""Samples divided into what is learnt from and what corpora of known share are drawn from.

Both parts share no prompt, group or text: the unit that is divided is the connected component.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.hashes import text_hash
from provenance.features.statistics import STATISTICS
from provenance.fingerprint.fingerprint import Fingerprint, held_labels
from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.checks.drawn_rows import (
    FEWEST_TOKENS,
    MOST_CHARACTERS,
    DrawnRow,
    DrawnRows,
)
from provenance.matching.tally import BY_FAMILY, SampledCorpus, Tally
from provenance.scoring.fitting.dealing import components
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.panel import Panel
from provenance.scoring.scored import Scored, independent
from provenance.validation.readings import Reading

__all__ = ["Drawn", "DrawnCorpus", "Held", "Pool", "draw", "hold_out", "rng_of", "split"]

Rows = NDArray[np.int64]


def rng_of(*key: object) -> np.random.Generator:
    """A generator of its own for each key, whatever was drawn before.

    Examples
    --------
    >>> rng_of(0, "a").integers(100) - rng_of(0, "a").integers(100)
    np.int64(0)
    """
    return np.random.default_rng(text_hash("\n".join(map(str, key))))


@dataclass(frozen=True, slots=True)
class Pool:
    """Stored rows of several sources, which share one numbering.

    Parameters
    ----------
    names : tuple of str
    sample : SampledDocuments
        One source behind the other.
    source : ndarray of int64, shape (n_documents,)
        Position in ``names``.
    component : ndarray of int64, shape (n_documents,)
        Documents joined by group, prompt or words, over all sources.
    """

    names: tuple[str, ...]
    sample: SampledDocuments
    source: Rows
    component: Rows

    @classmethod
    def of(cls, fingerprints: Sequence[Fingerprint]) -> Pool:
        """All rows of some sources, in the order given."""
        sample, source = SampledDocuments.pooled([item.sample for item in fingerprints])
        names = tuple(item.name for item in fingerprints)
        return cls(names, sample, source, components(sample, source))

    def __len__(self) -> int:
        return len(self.source)

    def take(self, rows: Rows) -> Pool:
        """The given rows, in the given order."""
        return Pool(self.names, self.sample.take(rows), self.source[rows], self.component[rows])

    def rows_of(self, name: str, allowed: NDArray[np.bool_] | None = None) -> Rows:
        """Rows of one source, or those of them that are allowed."""
        own = self.source == self.names.index(name)
        return np.flatnonzero(own if allowed is None else own & allowed)

    def touched(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Rows of every component that holds one of the rows given."""
        held = np.zeros(self.component.max(initial=0) + 1, bool)
        held[self.component[rows]] = True
        return held[self.component]


def split(pool: Pool, rng: np.random.Generator, n_parts: int = 2) -> NDArray[np.bool_]:
    """All but a part of the components, as near as can be for each combination of sources.

    Domains are kept apart too. Of two parts a half is learnt from, of three two thirds.

    Returns
    -------
    ndarray of bool, shape (n_documents,)
        Whether a document is learnt from.
    """
    n = int(pool.component.max()) + 1
    smallest = np.full(n, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(smallest, pool.component, pool.sample.cluster_hash)
    drawn = np.empty(n, np.int64)
    drawn[np.argsort(smallest, kind="stable")] = rng.permutation(n)
    order = np.lexsort((drawn, _signature(pool, n)))
    learnt = np.empty(n, bool)
    learnt[order] = np.arange(n) % n_parts < n_parts - 1
    return learnt[pool.component]


def _signature(pool: Pool, n_components: int) -> NDArray[np.uint64]:
    """Which sources and domains a component holds, as one number."""
    signature = np.zeros(n_components, np.uint64)
    names = np.array([text_hash(name) for name in pool.names], np.uint64)
    for labels in (names[pool.source], pool.sample.domain_hash):
        pairs = np.rec.fromarrays([pool.component, labels])
        first = np.unique(pairs, return_index=True)[1]
        np.add.at(signature, pool.component[first], labels[first])
    return signature


@dataclass(frozen=True, slots=True)
class DrawnCorpus:
    """A corpus of known share, as rows of a pool.

    Parameters
    ----------
    rows : ndarray of int64, shape (n,)
    own : ndarray of bool, shape (n,)
        Whether a row is the candidate's.
    unknown : float
        Share of a source that was not given, as drawn.
    """

    rows: Rows
    own: NDArray[np.bool_]
    unknown: float

    @property
    def truth(self) -> float:
        """Share of the candidate, as drawn."""
        return float(self.own.sum() / len(self.rows))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A corpus, and what was asked for.

    ``trusted`` are rows of its domain that are no part of it and known not to be the candidate's.
    """

    scenario: str
    detail: str
    asked: int
    level: float
    unknown: float
    corpus: DrawnCorpus
    trusted: Rows = field(default_factory=lambda: np.empty(0, np.int64))

    def read_as(self, candidate: str, split: int, **told: Any) -> Reading:
        """What it was read as: the fields of `Reading` that do not hang on the corpus alone."""
        return Reading(
            scenario=self.scenario,
            candidate=candidate,
            detail=self.detail,
            split=split,
            asked=self.asked,
            n=len(self.corpus.rows),
            level=self.level,
            truth=self.corpus.truth,
            unknown=self.unknown,
            trusted=len(self.trusted),
            **told,
        )


def draw(
    rng: np.random.Generator,
    own: Rows,
    rest: Sequence[Rows],
    asked: int,
    level: float,
    stranger: Rows | None = None,
    unknown: float = 0.0,
) -> DrawnCorpus | None:
    """A corpus of known share without a row twice, as large as asked or as there are rows.

    Parameters
    ----------
    rng : numpy.random.Generator
    own : ndarray of int64
        Rows of the candidate.
    rest : sequence of ndarray of int64
        Rows of each other source; these are weighted by a draw of the uniform Dirichlet law.
    asked : int
    level : float
        The candidate's share.
    stranger : ndarray of int64, optional
        Rows of the source that was not given.
    unknown : float
        Its share.

    Returns
    -------
    DrawnCorpus or None
        None where a share that is asked for takes less than one row.
    """
    others = np.empty(0, np.int64) if stranger is None else stranger
    background = 1 - level - unknown
    parts = [(len(own), level), (len(others), unknown), (sum(map(len, rest)), background)]
    limits = [int(count / share) for count, share in parts if share > 1e-9]
    n = min([asked, *limits])
    n_own = min(round(level * n), len(own))
    n_unknown = min(round(unknown * n), len(others), n - n_own)
    if (level > 0 and not n_own) or (unknown > 0 and not n_unknown) or not n:
        return None
    n_rest = n - n_own - n_unknown if background > 1e-9 else 0
    drawn = [
        rng.permutation(own)[:n_own],
        rng.permutation(others)[:n_unknown],
        _background(rng, rest, n_rest),
    ]
    rows = np.sort(np.concatenate(drawn))
    return DrawnCorpus(rows, np.isin(rows, drawn[0]), n_unknown / len(rows))


def _background(rng: np.random.Generator, rest: Sequence[Rows], n: int) -> Rows:
    if not rest:
        return np.empty(0, np.int64)
    room = np.array([len(rows) for rows in rest])
    counts = np.minimum(rng.multinomial(n, rng.dirichlet(np.ones(len(rest)))), room)
    # What a source cannot give comes from the rows that the others have left.
    missing = min(n, int(room.sum())) - int(counts.sum())
    counts = counts + rng.multivariate_hypergeometric(room - counts, missing)
    kept = [rng.permutation(rows)[:count] for rows, count in zip(rest, counts, strict=True)]
    return np.concatenate(kept)


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out rows, scored by a panel that has seen none of their components.

    Parameters
    ----------
    panel : Panel
    fingerprints : tuple of Fingerprint
        What the panel was fitted on, in its order.
    pool : Pool
        The held-out rows; it may hold sources that the panel lacks.
    log_posterior, by_family : dict of str to ndarray of float32, shape (n_passages, n_sources)
        By view, and by feature family alone.
    prompts : ndarray of uint64
        Those of the samples' prompts that corpora count as theirs: no held-out row answers one, but
        a corpus of the prompts that the sources were asked has these too.
    """

    panel: Panel
    fingerprints: tuple[Fingerprint, ...]
    pool: Pool
    log_posterior: dict[str, NDArray[np.float32]]
    by_family: dict[str, NDArray[np.float32]]
    prompts: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    def tally(self, rows: Rows) -> Tally:
        """What `match` would count of a corpus of these rows."""
        sample = self.pool.sample
        passages = np.isin(sample.document, rows)
        tally = Tally(self.panel.spec, len(self.panel.names))
        tally.n_documents, tally.n_passages = len(rows), int(passages.sum())
        tally.n_tokens = tally.n_tokens_scored = int(sample.n_tokens[rows].sum())
        tally.sums = sample.statistics[passages].astype(np.int64).sum(axis=0)
        tally.prompts = self.prompts
        return tally

    def corpus(self, rows: Rows, view: str) -> SampledCorpus:
        """What `match` would keep of a corpus of these rows, in one view."""
        sample = self.pool.sample
        values = np.zeros((len(rows), 0), np.int64)
        scored = self._scored(rows, self.log_posterior[view])
        return SampledCorpus(scored, sample.text_hash[rows], values, complete=True)

    def read_by_families(self, rows: Rows) -> dict[str, Scored]:
        """What `match` would keep of them as each family alone reads them."""
        words = self.pool.sample.cluster_hash[rows]
        first = rows[np.isin(words, np.unique(words)[:BY_FAMILY])]
        return {family: self._scored(first, found) for family, found in self.by_family.items()}

    def drawn_rows(self, rows: Rows, view: str, texts: Mapping[int, str]) -> DrawnRows:
        """What `match` would keep of their long rows with their text; none where one has none.

        Parameters
        ----------
        rows : ndarray of int64
        view : str
        texts : mapping of int to str
            By hash.
        """
        sample, ratios = self.pool.sample, self.log_posterior[view]
        hashes = sample.text_hash[rows].tolist()
        if any(one not in texts for one in hashes):
            return DrawnRows()
        long = rows[sample.n_tokens[rows] >= FEWEST_TOKENS]
        first, end = (np.searchsorted(sample.document, long, side) for side in ("left", "right"))
        return DrawnRows.of(
            sample.cluster_hash[long],
            (
                # No prompt: the panel has seen no answer to a held-out one.
                DrawnRow(
                    Document(str(one), texts[one][:MOST_CHARACTERS], "", 1),
                    {view: ratios[start:stop]},
                )
                for one, start, stop in zip(
                    sample.text_hash[long].tolist(), first.tolist(), end.tolist(), strict=True
                )
            ),
        )

    def _scored(self, rows: Rows, log_posterior: NDArray[np.float32]) -> Scored:
        sample = self.pool.sample
        passages = np.flatnonzero(np.isin(sample.document, rows))
        words = sample.cluster_hash[rows]
        return Scored(
            log_posterior[passages],
            np.searchsorted(rows, sample.document[passages]),
            sample.passage_tokens[passages],
            np.ones(len(rows)),
            independent(words, sample.group_hash[rows]),
            words,
        )


def hold_out(
    fingerprints: Sequence[Fingerprint],
    pool: Pool,
    learnt: NDArray[np.bool_],
    held: NDArray[np.bool_],
    seed: int,
    left_out: Sequence[str] = (),
) -> Held:
    """Fit a panel on some rows of a pool and score others.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        The sources of the pool, in its order.
    pool : Pool
    learnt, held : ndarray of bool, shape (n_documents,)
        Rows to learn from and rows to score.
    seed : int
        Draws the folds of the fit.
    left_out : sequence of str
        Sources that the panel is not given.
    """
    fitted = tuple(
        _only(item, pool.rows_of(item.name, learnt) - int((pool.source < number).sum()))
        for number, item in enumerate(fingerprints)
        if item.name not in left_out
    )
    panel = fit_panel(fitted, seed)
    kept = pool.take(np.flatnonzero(held))
    scores, fold = panel.scores(kept.sample.as_batch())
    by_view = {name: one.calibrated(scores, fold) for name, one in panel.views.items()}
    return Held(panel, fitted, kept, by_view, panel.under_families(scores))


def _only(fingerprint: Fingerprint, documents: Rows) -> Fingerprint:
    """A fingerprint of some of the stored documents; nothing in it knows of the others."""
    sample = fingerprint.sample.take(documents)
    statistics = sample.statistics.astype(np.int64)
    empty = Fingerprint.empty(fingerprint.name, fingerprint.spec, fingerprint.limits)
    return replace(
        empty,
        n_documents=len(sample),
        n_passages=len(sample.document),
        n_tokens=int(sample.n_tokens.sum()),
        sums=statistics.sum(axis=0) if len(statistics) else np.zeros(len(STATISTICS), np.int64),
        squares=(statistics**2).sum(axis=0),
        sample=sample,
        domains=held_labels(fingerprint.domains, sample),
    )
