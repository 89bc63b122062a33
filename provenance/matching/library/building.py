"""Build a library from a folder of measured sources.

``python -m provenance.matching.library.building DATA`` writes the shipped one anew.

A ridge regression of people against models on each family, learned from topics that hold text of
both, so that no topic stands for who wrote it: people's abstracts that were left out, where
models' were learned, read as a model's else. Kinds by people are scored by scorers that saw no
text of their topic by anybody, and models by scorers that saw none of theirs.
"""

from __future__ import annotations

import gzip
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.features import extract
from provenance.features.rows import FeatureRows
from provenance.features.spec import FAMILIES, FeatureSpec
from provenance.matching.library.kinds import found_files, topic_of, written_by
from provenance.matching.library.library import Library, SourceKind, counted, stacked
from provenance.scoring.fitting.ridge import repeated, ridge

__all__ = ["SPEC", "MeasuredKinds", "build", "measured"]

SPEC: Final = FeatureSpec(min_tokens=30)
"""Documents below 30 tokens are not judged: of 25 words a score is mostly noise. Not tuned."""
MADE: Final = "2026-05-31"
"""The newest models of the shipped library are of that month."""
_MOST_BY_PEOPLE: Final = 1_000
_MOST_BY_A_MODEL: Final = 150
_FEWEST: Final = 12
_PASSAGES: Final = 3
"""Bounds on time: documents of a kind, and passages of one. With 1,500 and 200 documents in place
of 400 and 60 low ends of corpora half by a model rose from 7.7 to 9.0 points."""
_PENALTY: Final = 0.3
"""Of 0.03, 0.1, 0.3, 1, 3 and 10: in corpora half by a model the family that says least has low
ends of 6.5, 7.7, 7.7, 5.5, 5.0 and 2.7 points on average, all topics left out in turn."""
_TOLERANCE: Final = 1e-2
_MODEL_FOLDS: Final = 3
NEWEST: Final = "debate_2026"
"""Left out as a whole where one of its models is: how a model newer than the library reads."""


@dataclass(frozen=True, slots=True)
class _Sources:
    """Passages of all kinds; ``kind`` and ``document`` say whose a passage is."""

    kinds: tuple[SourceKind, ...]
    rows: FeatureRows
    document: NDArray[np.int64]
    tokens: NDArray[np.int64]
    kind_of: NDArray[np.int64]

    @property
    def kind(self) -> NDArray[np.int64]:
        """Kind of each passage."""
        return self.kind_of[self.document]


@dataclass(frozen=True, slots=True)
class MeasuredKinds:
    """Kinds with the scores of their documents, shape (n_documents, len(VIEWS)).

    ``unseen`` are by scorers that saw no text of the document's topic; ``known`` by scorers that
    saw other documents of its kind, of people's text, and no text of its model, of models'.
    """

    library: Library
    kind_of: NDArray[np.int64]
    unseen: NDArray[np.float64]
    known: NDArray[np.float64]


def build(folder: Path, told: Callable[[str], object] = str) -> Library:
    """A library of the text in a data folder; the same text gives the same library."""
    return measured(folder, told).library


def measured(folder: Path, told: Callable[[str], object] = str) -> MeasuredKinds:
    """A library, and the scores of the documents it was made of."""
    sources = _read(folder)
    told(f"{len(sources.kinds)} kinds, {len(sources.kind_of):,} documents")
    of = np.array([kind.topic for kind in sources.kinds])
    features = {family: repeated(sources.rows.matrix(SPEC, [family])) for family in FAMILIES}
    unseen = np.zeros((len(sources.rows), len(FAMILIES)))
    for topic in sorted({*of.tolist()}):
        told(f"left out: {topic}")
        out = of[sources.kind] == topic
        unseen[out] = _scored(sources, features, of != topic, ~out, out)
    known, fold = np.zeros_like(unseen), _model_folds(sources)
    for number in range(_MODEL_FOLDS):
        told(f"left out: models, {number + 1} of {_MODEL_FOLDS}")
        out = fold == number
        learned = np.bincount(sources.kind[~out], minlength=len(of)) > 0
        known[out] = _scored(sources, features, learned, ~out, out)
    told("all together")
    everything = np.ones(len(sources.rows), bool)
    weights = np.zeros(SPEC.n_features, np.float32)
    for matrix, columns in features.values():
        weights[columns] += _fitted(sources, matrix, np.ones(len(of), bool), everything)
    by_document = [_documents(sources, one) for one in (unseen, known)]
    counts = np.stack(
        [
            counted(by_document[kind.by == "models"][sources.kind_of == number])
            for number, kind in enumerate(sources.kinds)
        ]
    )
    library = Library(SPEC, MADE, weights, sources.kinds, counts)
    return MeasuredKinds(library, sources.kind_of, *by_document)


def _read(folder: Path) -> _Sources:
    texts: dict[tuple[str, str, str], list[str]] = {}
    for place, path in found_files(folder):
        name = path.name.removesuffix(".jsonl.gz")
        if place == "detectrl":
            part = path.parts[-3] if path.parent.name == "direct_prompt" else name[6:]
            fixed: str | None = part
        else:
            fixed = None
        for row in _rows(path):
            if (row.get("lang") or "en") != "en" or not isinstance(row.get("text"), str):
                continue
            part = fixed or row.get("dataset") or ""
            shown = part if place in ("detectrl", "glimpse_en", "human_web", "raidar") else ""
            key = (place, f"{name}/{shown}".rstrip("/"), topic_of(place, part))
            texts.setdefault(key, []).append(row["text"])
    if not texts:
        raise InputError("it holds none of the sources", where=str(folder))
    return _measured_texts(texts)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) as lines:
        yield from map(orjson.loads, lines)


def _measured_texts(texts: dict[tuple[str, str, str], list[str]]) -> _Sources:
    rng = np.random.default_rng(0)
    kinds: list[SourceKind] = []
    parts: list[tuple[FeatureRows, NDArray[np.int64], NDArray[np.int64]]] = []
    kind_of: list[int] = []
    for place, name, topic in sorted(texts):
        by = written_by(name)
        distinct = sorted({text for text in texts[place, name, topic] if len(text.split()) >= 25})
        most = _MOST_BY_PEOPLE if by == "people" else _MOST_BY_A_MODEL
        drawn = [distinct[at] for at in sorted(rng.permutation(len(distinct))[:most].tolist())]
        batch = extract(drawn, SPEC)
        kept = [text for text, short in zip(drawn, batch.too_short, strict=True) if not short]
        if len(kept) < _FEWEST:
            continue
        batch = extract(kept, SPEC) if len(kept) < len(drawn) else batch
        first = np.searchsorted(batch.document, batch.document)
        rows = np.flatnonzero(np.arange(len(first)) - first < _PASSAGES)
        parts.append(
            (
                batch.rows.take(rows),
                batch.document[rows] + len(kind_of),
                batch.passage_tokens[rows],
            )
        )
        kind_of += [len(kinds)] * len(kept)
        median = int(np.median(batch.n_tokens))
        kinds.append(SourceKind(f"{place}/{name}", by, topic, len(kept), median))
    rows_of, documents, tokens = zip(*parts, strict=True)
    return _Sources(
        tuple(kinds),
        FeatureRows.concatenate(rows_of),
        np.concatenate(documents),
        np.concatenate(tokens),
        np.array(kind_of),
    )


def _weights(
    sources: _Sources, used: NDArray[np.bool_], rows: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Weight of each passage: topics of both count alike, and both sides of each, and its kinds."""
    topics = np.array([kind.topic for kind in sources.kinds])
    people = np.array([kind.by == "people" for kind in sources.kinds])
    weight = np.zeros(len(topics))
    for topic in sorted({*topics[used].tolist()}):
        sides = [used & (topics == topic) & (people == side) for side in (True, False)]
        if all(side.any() for side in sides):
            for side in sides:
                weight[side] = 1 / side.sum()
    if not weight.any():
        raise InputError("no topic holds text of people and of models")
    n_rows = np.bincount(sources.kind[rows], minlength=len(topics))
    spread = (weight / np.maximum(1, n_rows))[sources.kind] * rows
    return np.asarray(spread * (len(rows) / spread.sum()))


def _fitted(
    sources: _Sources, matrix: Any, used: NDArray[np.bool_], rows: NDArray[np.bool_]
) -> NDArray[np.float32]:
    weight = _weights(sources, used, rows)
    learned = np.flatnonzero(weight)
    people = np.array([kind.by == "people" for kind in sources.kinds])
    target = np.where(people[sources.kind[learned]], -1, 1).astype(np.float32)[:, None]
    return ridge(matrix[learned], target, weight[learned], _PENALTY, _TOLERANCE)[:, 0]


def _scored(
    sources: _Sources,
    features: dict[str, tuple[Any, NDArray[np.int64]]],
    used: NDArray[np.bool_],
    learned: NDArray[np.bool_],
    out: NDArray[np.bool_],
) -> NDArray[np.float64]:
    rows = np.flatnonzero(out)
    return np.stack(
        [matrix[rows] @ _fitted(sources, matrix, used, learned) for matrix, _ in features.values()],
        axis=1,
    )


def _model_folds(sources: _Sources) -> NDArray[np.int64]:
    """Fold of each passage: models by their names, people's documents by their place."""
    of_kind = [
        -1 if kind.by == "people" else 0 if kind.name.startswith(NEWEST) else _name_fold(kind.name)
        for kind in sources.kinds
    ]
    by_model = np.array(of_kind)[sources.kind]
    return np.where(by_model < 0, sources.document % _MODEL_FOLDS, by_model)


def _name_fold(name: str) -> int:
    """One fold for all text of a model, whatever its release is called."""
    model = re.sub("[^a-z0-9]", "", name.split("/")[1].lower())[:10]
    return zlib.crc32(model.encode()) % _MODEL_FOLDS


def _documents(sources: _Sources, passages: NDArray[np.float64]) -> NDArray[np.float64]:
    n_documents = len(sources.kind_of)
    total = np.bincount(sources.document, sources.tokens, n_documents)
    means = [
        np.bincount(sources.document, sources.tokens * column, n_documents) / total
        for column in passages.T
    ]
    return stacked(np.stack(means, axis=1))


def main(arguments: Sequence[str]) -> Iterator[str]:
    """Build the shipped library anew from a data folder, and tell what it holds."""
    folder, target = Path(arguments[0]), Path(arguments[1] if len(arguments) > 1 else "")
    target = target if target.name else Path(__file__).with_name("starter.library")
    lines: list[str] = []
    library = build(folder, lines.append)
    library.save(target)
    yield from lines
    yield f"{target}: {target.stat().st_size / 1e6:.2f} MB"


if __name__ == "__main__":
    for line in main(sys.argv[1:]):
        sys.stdout.write(f"{line}\n")
