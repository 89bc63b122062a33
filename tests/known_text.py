"""Text of known origin: sources that draw the same words at rates of their own, and what is fitted.

Whatever is slow is made once and shared by all tests of a run.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np

from provenance import FeatureSpec, Fingerprint, fit_fingerprint, open_corpus
from provenance.corpus import Document
from provenance.matching.scored_batch import ScoredBatch, score_batch
from provenance.matching.tally import Tally
from provenance.scoring.cached.file import save_panel
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.panel import Panel
from provenance.scoring.scored import Passages

SPEC = FeatureSpec(passage_tokens=64, word_bits=12, shape_bits=10, token_bits=12, frequency_bits=12)


WORDS = tuple("".join(parts) for parts in product("bdklmnrst", "aeiou", "nrst"))[:120]


NAMES = ("alpha", "beta", "gamma", "delta", "human")


def texts(
    source: str, count: int, seed: int, words: tuple[int, int] = (30, 50), tilt: float = 0.5
) -> list[str]:
    """Texts by a source: no two sources or seeds share one."""
    number = [*source.encode()]
    taste = np.exp(tilt * np.random.default_rng(number).normal(size=len(WORDS)))
    rng = np.random.default_rng([seed, *number])
    return [
        _written(rng.choice(WORDS, int(rng.integers(*words)), p=taste / taste.sum()).tolist())
        for _ in range(count)
    ]


def _written(words: Sequence[str]) -> str:
    sentences = [words[start : start + 10] for start in range(0, len(words), 10)]
    return " ".join(" ".join(sentence).capitalize() + "." for sentence in sentences)


def rows(found: Sequence[str], **fields: str) -> list[dict[str, str]]:
    return [{"text": text, **fields} for text in found]


@cache
def fingerprint(name: str, count: int = 150) -> Fingerprint:
    return fit_fingerprint(open_corpus(rows(texts(name, count, seed=0))), name, SPEC)


@cache
def panel(n_sources: int = 2, seed: int = 0) -> Panel:
    """Candidate ``alpha`` at 0; the last source stands for people."""
    names = (*NAMES[: n_sources - 1], "human")
    return fit_panel([fingerprint(name) for name in names], seed)


@cache
def folder() -> Path:
    """A folder for fitted panels that lasts as long as the run."""
    path = Path(tempfile.mkdtemp(prefix="provenance-tests-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def panel_path(n_sources: int = 2) -> Path:
    path = folder() / f"known-{n_sources}.panel"
    save_panel(panel(n_sources), path)
    return path


def documents(found: Sequence[str], **fields: str) -> list[Document]:
    return [
        Document(id=f"d{line:04}", text=text, path="made.jsonl", line=line, fields=fields)
        for line, text in enumerate(found, 1)
    ]


def scored(found: Sequence[Document], n_sources: int = 2) -> ScoredBatch:
    from provenance.features.features import prepare

    prepared = prepare([item.text for item in found], SPEC)
    return score_batch(found, prepared, panel(n_sources), (0,))


def under(fitted: Panel, found: list[str]) -> Tally:
    """A corpus of these texts as a match reads it under a panel."""
    from provenance.features.features import prepare

    result = Tally(SPEC, len(fitted.names))
    result.add(score_batch(documents(found), prepare(found, SPEC), fitted, (0,)))
    return result


def gaussian(
    rng: np.random.Generator,
    counts: Sequence[int],
    copies: int = 1,
    distance: float = 2.0,
) -> tuple[
    np.ndarray[tuple[int, int], np.dtype[np.float32]], np.ndarray[tuple[int], np.dtype[np.int64]]
]:
    """Exact log posteriors of normal scores under two sources, and the cluster of each row.

    ``counts`` are the clusters by source; each stands ``copies`` times.
    """
    means = np.repeat([-distance / 2, distance / 2], counts)
    score = rng.normal(means)
    ratio = np.stack([-np.logaddexp(0, distance * score), -np.logaddexp(0, -distance * score)], 1)
    cluster = np.repeat(np.arange(len(score)), copies)
    return ratio[cluster].astype(np.float32), cluster


def gaussian_references(rng: np.random.Generator, n_each: int, distance: float = 2.0) -> Passages:
    """Reference passages of both sources, a component each."""
    ratio, cluster = gaussian(rng, (n_each, n_each), distance=distance)
    source = np.repeat([0, 1], n_each)
    return Passages(ratio, np.full(2 * n_each, 1 / n_each), cluster, source)


def tallied(found: list[str], n_sources: int = 2) -> Tally:
    result = Tally(SPEC, n_sources)
    result.add(scored(documents(found), n_sources))
    return result


def of_domains(name: str, domains: Sequence[str]) -> Fingerprint:
    """Thirty documents of each domain."""
    found = [
        {"text": text, "domain": domains[place % len(domains)]}
        for place, text in enumerate(texts(name, 30 * len(domains), 6))
    ]
    return fit_fingerprint(open_corpus(found, domain_field="domain"), name, SPEC)
