"""How far apart sources are: distances between fingerprints, with intervals.

The distance is the maximum mean discrepancy with the linear kernel on feature rows of length 1
(Gretton et al. 2012), as a U-statistic over pairs of documents of different groups. The rows are of
words and shape: tokens hold what both do and would count it twice. Two samples of one source have
the squared distance 0 in expectation, whatever their sizes. A prompt that two sources answered is
one group of both, so that its topic does not draw them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError, require_number
from provenance.fingerprint.fingerprint import Fingerprint, require_same_spec
from provenance.fingerprint.sample import SampledDocuments
from provenance.statistics.intervals import normal_quantile
from provenance.words import how_many, visible

if TYPE_CHECKING:
    import pandas
    import scipy.sparse
    from matplotlib.axes import Axes

__all__ = ["Comparison", "compare"]

_FAMILIES: Final = ("words", "shape")
_LONGEST_LABEL: Final = 60


@dataclass(frozen=True, slots=True)
class Comparison:
    """Distances between sources.

    Parameters
    ----------
    names : tuple of str
    squared : ndarray, shape (n_sources, n_sources)
        Unbiased squared distances; chance alone takes them below 0.
    distance, low, high : ndarray, shape (n_sources, n_sources)
        Square roots, 0 where the square is below 0. Feature rows have length 1, so that no
        distance is above the square root of 2.
    confidence_level : float
    statistics : tuple of mapping of str to float
        Of each source, as `Fingerprint.statistics` tells them.
    """

    names: tuple[str, ...]
    squared: NDArray[np.float64]
    distance: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    confidence_level: float
    statistics: tuple[Mapping[str, float], ...] = ()

    def __repr__(self) -> str:
        """Whose distances they are; `to_frame` has them."""
        return f"<Comparison of {len(self.names)} sources: {visible(', '.join(self.names))[:80]}>"

    def to_frame(self) -> pandas.DataFrame:
        """One row a pair: ``source``, ``other``, ``distance``, ``low``, ``high``; nearest first."""
        import pandas

        pairs = list(combinations(range(len(self.names)), 2))
        first, second = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
        frame = pandas.DataFrame(
            {
                "source": [self.names[place] for place in first],
                "other": [self.names[place] for place in second],
                "distance": self.distance[first, second],
                "low": self.low[first, second],
                "high": self.high[first, second],
            }
        )
        return frame.sort_values("distance", kind="stable", ignore_index=True)

    def plot_dendrogram(self, ax: Axes | None = None) -> Axes:
        """Draw which sources are nearest to each other (average linkage of the distances)."""
        from matplotlib import pyplot
        from scipy.cluster.hierarchy import dendrogram, linkage
        from scipy.spatial.distance import squareform

        axes = pyplot.subplots(figsize=(7, 1 + 0.25 * len(self.names)))[1] if ax is None else ax
        tree = linkage(squareform(self.distance, checks=False), "average")
        labels = [_label(name) for name in self.names]
        dendrogram(
            tree,
            labels=labels,
            orientation="right",
            ax=axes,
            color_threshold=0,
            above_threshold_color="0.3",
        )
        axes.set_xlabel("distance")
        return axes

    def plot_map(self, ax: Axes | None = None) -> Axes:
        """Draw the sources on a plane, as far apart as two dimensions can show their distances.

        Classical scaling (Torgerson 1952); the title tells how much of the distances it shows.
        """
        from matplotlib import pyplot

        axes = ax or pyplot.subplots(figsize=(5, 4.5), layout="constrained")[1]
        count = len(self.names)
        centring = np.eye(count) - 1 / count
        values, vectors = np.linalg.eigh(-0.5 * centring @ np.square(self.distance) @ centring)
        kept = np.maximum(0.0, values[::-1])
        plane = np.zeros((count, 2))
        used = min(2, count)
        plane[:, :used] = vectors[:, ::-1][:, :used] * np.sqrt(kept[:used])
        axes.scatter(*plane.T)
        for (across, up), name in zip(plane, self.names, strict=True):
            axes.annotate(_label(name), (across, up), xytext=(5, 5), textcoords="offset points")
        axes.set_aspect("equal", "datalim")
        axes.margins(0.2)
        shown = kept[:2].sum() / max(kept.sum(), 1e-12)
        axes.set_title(f"{100 * shown:.0f} % of what the distances hold", fontsize="medium")
        axes.set_xlabel("distance")
        axes.set_ylabel("distance")
        return axes


def _label(name: str) -> str:
    shown = "".join(character if character.isprintable() else "�" for character in name)
    return shown[:_LONGEST_LABEL].replace("$", r"\$")


def compare(fingerprints: Sequence[Fingerprint], *, confidence_level: float = 0.95) -> Comparison:
    """Distances between sources, each with an interval that answers for groups of documents.

    The groups are those of ``group_hash``, else of ``prompt_hash``, else of equal words. Near 0
    the interval is wider than it had to be: the jackknife counts what two groups do together
    twice.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        At least two, of one spec and with different names.
    confidence_level : float, default 0.95

    Raises
    ------
    InputError
        Where there are fewer than two, names are equal, specs differ, or a source has fewer than
        two groups.

    Examples
    --------
    >>> from provenance.fingerprint.measuring import fit_fingerprint
    >>> texts = ["it is as it was and so it will be", "so be it and be it as it was then"]
    >>> others = ["no one saw them go home at night", "she had seen no one go by that night"]
    >>> found = compare([fit_fingerprint(texts, "a"), fit_fingerprint(others, "b")])
    >>> bool(found.distance[0, 1] > 0), found.distance.shape
    (True, (2, 2))
    """
    confidence_level = _checked(fingerprints, confidence_level)
    sources = _measured(fingerprints)
    quantile = normal_quantile((1 + confidence_level) / 2)
    squared = np.zeros((len(sources), len(sources)))
    error = np.zeros_like(squared)
    for first, second in combinations(range(len(sources)), 2):
        value, spread = _squared_distance(sources[first], sources[second], first, second)
        squared[[first, second], [second, first]] = value
        error[[first, second], [second, first]] = spread
    return Comparison(
        names=tuple(fingerprint.name for fingerprint in fingerprints),
        squared=squared,
        distance=_root(squared),
        low=_root(squared - quantile * error),
        high=_root(squared + quantile * error),
        confidence_level=confidence_level,
        statistics=tuple(fingerprint.statistics for fingerprint in fingerprints),
    )


def _root(squared: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(np.maximum(0.0, squared))


def _checked(fingerprints: Sequence[Fingerprint], confidence_level: float | str) -> float:
    """The level, where these can be compared."""
    level = require_number("confidence_level", confidence_level, within=True)
    if len(fingerprints) < 2:
        raise InputError(
            f"{how_many(len(fingerprints), 'fingerprint')} to compare", expected="at least two"
        )
    require_same_spec(fingerprints)
    names = [fingerprint.name for fingerprint in fingerprints]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"two fingerprints are called {name!r}",
                expected="different names",
                remedy="Make one again with another --name",
            )
    return level


@dataclass(frozen=True, slots=True)
class _Source:
    """Sums over the groups of one source, and what they have to do with all sources.

    Parameters
    ----------
    groups : ndarray of uint64, shape (n_groups,), ascending
    size : ndarray, shape (n_groups,)
        Documents of a group.
    sums : sparse matrix, shape (n_groups, n_used_features)
        Of the feature rows of the documents.
    square : ndarray, shape (n_groups,)
        Squared length of a group's sum.
    products : ndarray, shape (n_groups, n_sources)
        Inner product of a group's sum with the sum over each source.
    """

    groups: NDArray[np.uint64]
    size: NDArray[np.float64]
    sums: scipy.sparse.csr_matrix
    square: NDArray[np.float64]
    products: NDArray[np.float64]


def _measured(fingerprints: Sequence[Fingerprint]) -> list[_Source]:
    grouped = [_grouped(fingerprint) for fingerprint in fingerprints]
    used = np.unique(np.concatenate([np.unique(sums.indices) for _, _, sums in grouped]))
    compact = [_columns(sums, used) for _, _, sums in grouped]
    totals = np.stack([_total(sums) for sums in compact], axis=1)
    return [
        _Source(groups, size, sums, _row_products(sums, sums), np.asarray(sums @ totals))
        for (groups, size, _), sums in zip(grouped, compact, strict=True)
    ]


def _columns(matrix: Any, used: NDArray[np.int32]) -> Any:
    """The same matrix without the columns that no source uses."""
    from scipy.sparse import csr_matrix

    column = np.zeros(matrix.shape[1], np.int32)
    column[used] = np.arange(len(used))
    shape = (matrix.shape[0], len(used))
    return csr_matrix((matrix.data, column[matrix.indices], matrix.indptr), shape=shape)


def _total(matrix: Any) -> NDArray[np.float64]:
    return np.asarray(matrix.astype(np.float64).sum(axis=0)).ravel()


def _row_products(left: Any, right: Any) -> NDArray[np.float64]:
    return np.asarray(left.multiply(right).sum(axis=1, dtype=np.float64)).ravel()


def _grouped(
    fingerprint: Fingerprint,
) -> tuple[NDArray[np.uint64], NDArray[np.float64], scipy.sparse.csr_matrix]:
    """Groups in ascending order, their sizes and the sums of their documents' feature rows."""
    from scipy.sparse import csr_matrix

    sample = fingerprint.sample
    groups, group = np.unique(_group_hash(sample), return_inverse=True)
    if len(groups) < 2:
        raise InputError(
            f"the fingerprint {fingerprint.name!r} has {len(groups)} groups of documents that are"
            " long enough",
            expected="at least two",
            remedy="Make it again from more text",
        )
    tokens = np.maximum(1, sample.passage_tokens)
    share = tokens / np.bincount(sample.document, tokens)[sample.document]
    weight = (share * sample.multiplicity[sample.document]).astype(np.float32)
    place = (group[sample.document], np.arange(len(weight)))
    adding = csr_matrix((weight, place), shape=(len(groups), len(weight)))
    sums = adding @ sample.rows.matrix(fingerprint.spec, _FAMILIES)
    sums.sort_indices()
    return groups, np.bincount(group, sample.multiplicity).astype(np.float64), sums


def _group_hash(sample: SampledDocuments) -> NDArray[np.uint64]:
    prompt = np.where(sample.prompt_hash != 0, sample.prompt_hash, sample.cluster_hash)
    return np.where(sample.group_hash != 0, sample.group_hash, prompt)


def _squared_distance(
    first: _Source, second: _Source, place: int, other: int
) -> tuple[float, float]:
    """Unbiased squared distance of two sources and its standard error."""
    alike, effect = _within(first, place)
    others_alike, others_effect = _within(second, other)
    _, mine, theirs = np.intersect1d(
        first.groups, second.groups, assume_unique=True, return_indices=True
    )
    cross, cross_effect, others_cross_effect = _between(
        first, second, (place, other), (mine, theirs)
    )
    effect = effect - 2 * cross_effect
    others_effect = others_effect - 2 * others_cross_effect
    effect[mine] += others_effect[theirs]
    effects = np.concatenate([effect, np.delete(others_effect, theirs)])
    spread = np.sqrt(np.square(effects).sum() * len(effects) / (len(effects) - 1))
    return alike + others_alike - 2 * cross, float(spread)


def _within(source: _Source, place: int) -> tuple[float, NDArray[np.float64]]:
    """Mean inner product of documents of different groups, and the effect of each group on it."""
    products = source.products[:, place] - source.square
    pairs = source.size * (source.size.sum() - source.size)
    mean = products.sum() / pairs.sum()
    return float(mean), 2 * (products - mean * pairs) / pairs.sum()


def _between(
    first: _Source,
    second: _Source,
    places: tuple[int, int],
    shared: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """The same for documents of two sources; the effects are those of each one's groups."""
    mine, theirs = shared
    products = first.products[:, places[1]].copy()
    others_products = second.products[:, places[0]].copy()
    pairs = first.size * second.size.sum()
    others_pairs = second.size * first.size.sum()
    common = _row_products(first.sums[mine], second.sums[theirs])
    common_pairs = first.size[mine] * second.size[theirs]
    products[mine] -= common
    others_products[theirs] -= common
    pairs[mine] -= common_pairs
    others_pairs[theirs] -= common_pairs
    mean = products.sum() / pairs.sum()
    return (
        float(mean),
        (products - mean * pairs) / pairs.sum(),
        (others_products - mean * others_pairs) / pairs.sum(),
    )
