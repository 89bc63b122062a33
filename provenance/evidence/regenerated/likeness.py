"""How much a text says what an answer to its prompt says, whatever the style of both.

Texts are their word n-grams (rows of a fingerprint; no text is needed), weighted by how rare they
are. What two texts share is the cosine. Of it is taken what the text shares with the same source's
answers to *other* prompts: style, which the shares of a report rest on already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.features.rows import FeatureRows

if TYPE_CHECKING:
    import scipy.sparse

__all__ = ["Answers", "Likeness", "is_told", "likeness", "unit_rows"]


@dataclass(frozen=True, slots=True)
class Answers:
    """Texts that answer prompts, as feature rows of their passages.

    Parameters
    ----------
    prompt : ndarray of uint64, shape (n,)
        Hash of the prompt of each.
    text : ndarray of uint64, shape (n,)
        Hash of the text of each.
    document : ndarray of int64, shape (n_passages,)
        Ascending.
    rows : FeatureRows
    """

    prompt: NDArray[np.uint64]
    text: NDArray[np.uint64]
    document: NDArray[np.int64]
    rows: FeatureRows

    def __len__(self) -> int:
        return len(self.prompt)

    @classmethod
    def concatenate(cls, parts: Sequence[Answers]) -> Answers:
        """All texts of the parts, one part behind the other."""
        none, whole = np.empty(0, np.uint64), np.empty(0, np.int64)
        starts = np.cumsum([0, *(len(part) for part in parts)])
        moved = [part.document + start for part, start in zip(parts, starts, strict=False)]
        return cls(
            np.concatenate([none, *(part.prompt for part in parts)]),
            np.concatenate([none, *(part.text for part in parts)]),
            np.concatenate([whole, *moved]),
            FeatureRows.concatenate([part.rows for part in parts]),
        )

    def take(self, kept: NDArray[np.int64]) -> Answers:
        """Some of the texts, by position, in the given order."""
        starts = np.searchsorted(self.document, np.arange(len(self) + 1))
        lengths = np.diff(starts)[kept]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        passages = np.arange(offsets[-1]) + np.repeat(starts[kept] - offsets[:-1], lengths)
        document = np.repeat(np.arange(len(kept)), lengths)
        return Answers(self.prompt[kept], self.text[kept], document, self.rows.take(passages))

    def first_of_each(self, prompts: NDArray[np.uint64], most: int) -> Answers:
        """Those to some prompts, of each the `most` whose texts have the smallest hashes."""
        known = np.flatnonzero(np.isin(self.prompt, prompts))
        order = known[np.lexsort((self.text[known], self.prompt[known]))]
        ordered = self.prompt[order]
        rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
        return self.take(order[rank < most])


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like each text is to each source's answers to its prompt.

    Parameters
    ----------
    same : ndarray of float64, shape (n, n_sources)
        Mean cosine; NaN where the source has no other answer to the prompt.
    beyond : ndarray of float64, shape (n, n_sources)
        The same, less the mean cosine with the source's answers to other prompts.
    """

    same: NDArray[np.float64]
    beyond: NDArray[np.float64]


def likeness(
    texts: Answers, source: NDArray[np.int64], n_sources: int, n_features: int
) -> Likeness:
    """Likeness of all texts to all sources' answers.

    How rare an n-gram is depends on all texts alike, so that exchanging two of them between
    sources changes nothing of it.

    Parameters
    ----------
    texts : Answers
    source : ndarray of int64, shape (n,)
        Whose answer each is; -1 for a text of the corpus.
    n_sources : int
    n_features : int
        Buckets of the words.

    Examples
    --------
    Two texts answer one prompt; the third, to the same, shares two of three words with the first:

    >>> rows = FeatureRows(
    ...     np.array([0, 3, 6, 9, 12]),
    ...     np.array([0, 1, 2, 0, 3, 4, 0, 1, 5, 6, 7, 8], np.uint32),
    ...     np.ones(12, np.uint8),
    ... )
    >>> prompt, text = np.array([7, 7, 7, 8], np.uint64), np.arange(4, dtype=np.uint64)
    >>> texts = Answers(prompt, text, np.arange(4), rows)
    >>> found = likeness(texts, np.array([0, 1, -1, 0]), 2, 16)
    >>> found.same[2].round(2).tolist()
    [0.3, 0.06]
    """
    unit = unit_rows(texts, n_features)
    prompt = np.unique(texts.prompt, return_inverse=True)[1]
    n = len(texts)
    own, count, other = _counted(prompt, source, n_sources)
    within = np.zeros((n, n_sources))
    order = np.argsort(prompt, kind="stable")
    for held in np.split(order, np.flatnonzero(np.diff(prompt[order])) + 1):
        block = unit[held]
        answers = np.flatnonzero(source[held] >= 0)
        whose = np.zeros((len(answers), n_sources))
        whose[np.arange(len(answers)), source[held][answers]] = 1
        within[held] = np.asarray((block @ block[answers].T).todense()) @ whose
    lengths = np.asarray(unit.multiply(unit).sum(axis=1)).ravel()
    with np.errstate(invalid="ignore", divide="ignore"):
        same = (within - own * lengths[:, None]) / (count - own)
        beyond = same - (_with_all(unit, source, n_sources) - within) / other
    empty = count - own <= 0
    same[empty] = np.nan
    beyond[empty | (other <= 0)] = np.nan
    return Likeness(same, beyond)


def is_told(texts: Answers, source: NDArray[np.int64], n_sources: int) -> NDArray[np.bool_]:
    """Where `likeness` tells how like a text is beyond style, shape (n, n_sources)."""
    prompt = np.unique(texts.prompt, return_inverse=True)[1]
    own, count, other = _counted(prompt, source, n_sources)
    found: NDArray[np.bool_] = (count - own > 0) & (other > 0)
    return found


def _counted(
    prompt: NDArray[np.int64], source: NDArray[np.int64], n_sources: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Whether each text is each source's own, and its answers to that prompt and to others."""
    n_prompts = int(prompt.max(initial=-1)) + 1
    known = np.flatnonzero(source >= 0)
    cells = np.bincount(prompt[known] * n_sources + source[known], minlength=n_prompts * n_sources)
    count = cells.reshape(n_prompts, n_sources)[prompt]
    own = np.zeros((len(prompt), n_sources))
    own[known, source[known]] = 1
    return own, count, np.bincount(source[known], minlength=n_sources) - count


def _with_all(
    unit: scipy.sparse.csr_matrix, source: NDArray[np.int64], n_sources: int
) -> NDArray[np.float64]:
    """Sum of the cosines of each text with all answers of each source, shape (n, n_sources)."""
    found = np.empty((unit.shape[0], n_sources))
    for number in range(n_sources):
        whole = np.asarray(unit[np.flatnonzero(source == number)].sum(axis=0)).ravel()
        found[:, number] = unit @ whole
    return found


def unit_rows(texts: Answers, n_features: int) -> Any:
    """Rows of length 1 of the whole texts: log counts times the log of how rare each n-gram is.

    Parameters
    ----------
    texts : Answers
        By which it is told how rare an n-gram is.
    n_features : int
        Buckets of the words.

    Returns
    -------
    scipy.sparse.csr_matrix, shape (n, n_features)

    Examples
    --------
    >>> rows = FeatureRows(np.array([0, 1, 2]), np.array([0, 1], np.uint32), np.ones(2, np.uint8))
    >>> hashes = np.arange(2, dtype=np.uint64)
    >>> unit_rows(Answers(hashes, hashes, np.arange(2), rows), 2).toarray().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    import scipy.sparse

    lengths = np.diff(texts.rows.indptr)
    words = texts.rows.indices < n_features
    # Half the memory of the defaults; features are below 2 ** 31.
    document = np.repeat(texts.document.astype(np.int32), lengths)[words]
    places = (document, texts.rows.indices[words].astype(np.int32))
    counts = texts.rows.counts[words].astype(np.float32)
    # What stands in several passages of a text is one entry of it.
    rows = scipy.sparse.coo_matrix((counts, places), (len(texts), n_features)).tocsr()
    held = np.bincount(rows.indices, minlength=n_features)
    rare = np.log((1 + len(texts)) / np.maximum(1, held)).astype(np.float32)
    rows.data = np.log1p(rows.data) * rare[rows.indices]
    norm = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = np.divide(1.0, norm, out=np.zeros(len(texts), np.float32), where=norm > 0)
    rows.data *= np.repeat(scale, np.diff(rows.indptr))
    return rows
