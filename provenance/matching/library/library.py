"""The library as one file: a scorer of people against models, and how each kind of text scores.

Statistics alone, no text: a weight for each bucket of features, and for each kind of text a count
of documents by their score. The file is sealed with a hash that is checked when it is read.
"""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.features import FeatureBatch
from provenance.features.rows import family_factors, log_counts
from provenance.features.spec import FAMILIES, FeatureSpec
from provenance.files.archive import Broken, Kind, explained, read, split, write

__all__ = [
    "EDGES",
    "VIEWS",
    "Library",
    "SourceKind",
    "counted",
    "stacked",
    "starter_library",
    "views_of",
]

VIEWS: Final = (*FAMILIES, "stack")
"""Each family's score alone, and their weighted sum."""
EDGES: Final = np.linspace(-4.0, 4.0, 161)
"""Edges of the bins that scores are counted in: a family's score lies near -1 for people's text
and near 1 for models', so that a bin is a fortieth of that. A round figure, not tuned."""
_STACK: Final = (0.3, 0.32, 0.38)
"""Weights of the families in the stack: a logistic regression on families, whole topics left out,
gave 1.17, 1.25 and 1.49; here so that they add up to 1. Figures of style are left out: abstracts by
people, left out with their topic, scored 0.71 by these alone, where other people's text lies below
0.13 (`python -m provenance.validation.bench.scanning`)."""
_FILE: Final = Kind(
    "provenance-library/1",
    "library of measured sources",
    ("weights", "counts"),
    "Install llm-provenance again, or build the library again",
)
_LEVELS: Final = 127
_LARGEST_WEIGHT: Final = 1e6
"""No ridge regression on -1 and 1 comes near it; keeps scores finite."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of text that was measured.

    Parameters
    ----------
    name : str
        Folder, source and part, such as ``human_web/imdb_review``.
    by : str
        ``people`` or ``models``.
    topic : str
        What it is about and for; kinds of one topic were left out together.
    n_documents : int
    median_tokens : int
    """

    name: str
    by: str
    topic: str
    n_documents: int
    median_tokens: int


@dataclass(frozen=True, slots=True)
class Library:
    """A scorer of people against models and what it was measured on.

    Parameters
    ----------
    spec : FeatureSpec
    made : str
        Day of the newest text in it: models after that day are unknown to it.
    weights : ndarray of float32, shape (n_features,)
    kinds : tuple of SourceKind
    counts : ndarray of int64, shape (n_kinds, len(VIEWS), len(EDGES) + 1)
        Documents of each kind by their score, by scorers that saw no text of its topic.
    sha256 : str
    """

    spec: FeatureSpec
    made: str
    weights: NDArray[np.float32]
    kinds: tuple[SourceKind, ...]
    counts: NDArray[np.int64]
    sha256: str = ""

    def only(self, kinds: NDArray[np.int64]) -> Library:
        """The same library with the kinds of these numbers alone."""
        chosen = tuple(self.kinds[number] for number in kinds.tolist())
        return replace(self, kinds=chosen, counts=self.counts[kinds])

    def of(self, by: str) -> NDArray[np.int64]:
        """Numbers of the kinds written by ``people`` or by ``models``."""
        return np.flatnonzero([kind.by == by for kind in self.kinds])

    def scores(self, features: FeatureBatch) -> NDArray[np.float64]:
        """Scores of a batch as of `views_of`: above 0 is more like a model's."""
        return views_of(features, self.spec, self.weights)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file; equal libraries give equal bytes."""
        bounds = self.spec.family_bounds
        largest = [
            float(np.abs(self.weights[start:end]).max(initial=1e-12))
            for start, end in itertools.pairwise(bounds)
        ]
        step = np.repeat(largest, np.diff(bounds)) / _LEVELS
        levels = np.rint(self.weights / step).astype(np.int64) + _LEVELS
        header = {
            "spec": asdict(self.spec),
            "made": self.made,
            "largest": largest,
            "kinds": [asdict(kind) for kind in self.kinds],
        }
        write(
            path,
            _FILE,
            header,
            {"weights": split(levels), "counts": split(self.counts.ravel())},
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Library:
        """Read a file, trusting nothing; `InputError` says what is wrong with it."""
        with explained(path, _FILE):
            header, numbers = read(path, _FILE)
            return cls(*_parts(header, numbers))


def _parts(header: dict[str, Any], numbers: dict[str, NDArray[np.uint64]]) -> tuple[Any, ...]:
    spec = FeatureSpec.from_dict(header.get("spec"))
    kinds, largest, made = header.get("kinds"), header.get("largest"), header.get("made")
    if not isinstance(kinds, list) or not isinstance(largest, list) or not isinstance(made, str):
        raise Broken("the header of the library lacks a part")
    if len(largest) != len(FAMILIES) or not all(
        type(one) is float and 0 < one <= _LARGEST_WEIGHT for one in largest
    ):
        raise Broken("the header of the library gives no scale of its weights")
    if not _DAY.fullmatch(made):
        raise Broken("the header of the library tells no day", "such as 2026-05-31")
    found = tuple(_kind(one) for one in kinds)
    if {kind.by for kind in found} != {"people", "models"}:
        raise Broken("the library does not hold kinds by people and by models, and no others")
    shape = (len(found), len(VIEWS), len(EDGES) + 1)
    levels, counts = numbers["weights"], numbers["counts"]
    if len(levels) != spec.n_features or len(counts) != np.prod(shape):
        raise Broken("the arrays of the library are not as long as its header says")
    if int(levels.max(initial=0)) > 2 * _LEVELS or int(counts.max(initial=0)) > 1 << 31:
        raise Broken("the arrays of the library hold numbers out of bounds")
    documents = counts.astype(np.int64).reshape(shape)
    if any((documents[at].sum(axis=1) != kind.n_documents).any() for at, kind in enumerate(found)):
        raise Broken("the library does not count as many documents of a kind as its header says")
    step = np.repeat(largest, np.diff(spec.family_bounds)) / _LEVELS
    weights = ((levels.astype(np.float64) - _LEVELS) * step).astype(np.float32)
    sha256 = str(header["sha256"])
    return spec, made, weights, found, documents, sha256


def _kind(values: object) -> SourceKind:
    fields = {"name": str, "by": str, "topic": str, "n_documents": int, "median_tokens": int}
    if not isinstance(values, dict) or {*values} != {*fields}:
        raise Broken("a kind of text in the library lacks a part")
    if any(type(values[name]) is not of for name, of in fields.items()):
        raise Broken("a kind of text in the library has a part of another type")
    if values["n_documents"] < 1 or not (values["name"] + values["topic"]).isprintable():
        raise Broken("a kind of text in the library has no documents, or no plain name")
    return SourceKind(**values)


def views_of(
    features: FeatureBatch, spec: FeatureSpec, weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Mean score of each document's passages by each family, and their stack.

    Parameters
    ----------
    features : FeatureBatch
    spec : FeatureSpec
    weights : ndarray of float32, shape (n_features,)

    Returns
    -------
    ndarray of float64, shape (n_documents, len(VIEWS))
        NaN of documents that are too short.
    """
    n_documents, size = len(features.n_tokens), features.passage_tokens.astype(np.float64)
    total = np.bincount(features.document, size, n_documents)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = [
            np.bincount(features.document, size * passages, n_documents) / total
            for passages in family_scores(features, spec, weights).T
        ]
    return stacked(np.stack(columns, axis=1))


def family_scores(
    features: FeatureBatch, spec: FeatureSpec, weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Score of each passage by each family, shape (n_passages, n_families)."""
    from provenance.features.row_kernels import family_sums

    # A feature is of one family: each entry is added to one sum, not multiplied for all of them.
    rows = features.rows
    sums, inverse = family_sums(
        *(rows.indptr, rows.indices, rows.counts, log_counts(), spec.family_bounds),
        weights.astype(np.float32, copy=False)[:, None],
    )
    scales = inverse * family_factors(FAMILIES) / family_factors(FAMILIES)
    return np.asarray(sums * scales, np.float64)


def stacked(families: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores by family with their weighted sum behind them."""
    return np.column_stack([families, families @ np.array(_STACK)])


def counted(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Documents by their score, shape (len(VIEWS), len(EDGES) + 1)."""
    place = np.searchsorted(EDGES, values, side="right")
    width = len(EDGES) + 1
    return np.stack([np.bincount(place[:, view], minlength=width) for view in range(len(VIEWS))])


@lru_cache(maxsize=1)
def starter_library() -> Library:
    """The library that ships with the package."""
    path = Path(__file__).with_name("starter.library")
    if not path.exists():
        raise InputError(
            "the library of measured sources is missing",
            where=str(path),
            remedy="Install llm-provenance again",
        )
    return Library.load(path)
