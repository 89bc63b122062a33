"""Rows listed beside the library's kinds of people's text, whose held-out rows are pooled.

``python -m provenance.validation.bench.pooled_rows DATA`` matches answers of a model among other
texts of one kind of people's, against the people of the library alone. Each kind is the corpus's in
turn: *given*, and *left out* of what is given, as a kind that nobody measured is; the scorer then
never saw it either. `_CAUTION` of `scoring/p_values.py` was chosen beside the first model, by
`--caution`, and is told beside the others.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import orjson
import typer
from numpy.typing import NDArray

from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.library.naming import named_sources
from provenance.matching.scorer import Scorer
from provenance.scoring import p_values
from provenance.scoring.false_rows import RowList, counted
from provenance.statistics.conventions import FDR
from provenance.statistics.multiple_testing import benjamini_hochberg

__all__ = ["Rows", "main", "read_rows"]

MODELS: Final = ("gpt-4o-2024-05-13", "claude-3-opus-20240229")
LEFT_OUT: Final = (
    "selfinstruct_human/human_expert",
    "reddit_qa/human_reddit",
    "stackoverflow/human_stackoverflow",
)
"""Kinds that read most like a model's where they are given; each takes another fit."""
_SHARES: Final = (0.05, 0.1, 0.3, 0.5)
_MOST: Final = 500
_CORPORA: Final = 10
_FEWEST: Final = 100


@dataclass(frozen=True)
class Rows:
    """P-values of a model's rows and of people's of one kind."""

    model: str
    kind: str
    given: bool
    own: NDArray[np.float64]
    people: NDArray[np.float64]

    def corpora(self, share: float, seed: int) -> Iterator[tuple[float, float, bool]]:
        """Of each corpus: false part of the list, part of the model's listed, bounds held."""
        rng = np.random.default_rng(seed)
        n = int(min(len(self.people) / (1 - share), len(self.own) / share))
        n_own = int(share * n)
        for _ in range(_CORPORA):
            own = rng.permutation(self.own)[:n_own]
            people = rng.permutation(self.people)[: n - n_own]
            every = np.concatenate([own, people])
            found, counts = counted([(every, np.ones(n))])
            q_values = benjamini_hochberg(found, counts.astype(np.float64))
            listed = q_values[np.searchsorted(found, every)] <= FDR
            false = int(listed[n_own:].sum())
            bounds = RowList.of(found, counts, 0.95).false
            held = ((people[:, None] <= found).sum(axis=0) <= bounds).all()
            yield false / max(1, int(listed.sum())), float(listed[:n_own].mean()), bool(held)


def read_rows(folder: Path, model: str, left_out: str | None, spare: Path) -> Iterator[Rows]:
    """P-values of fresh texts of the kind that is left out, or of every kind that is given."""
    sources = {one.name: one for one in named_sources(["people", model])}
    candidate = next(name for name in sources if name.endswith(model))
    people = [one for name, one in sources.items() if name not in (candidate, left_out)]
    scorer = Scorer.save(
        spare / f"{model}-{left_out or 'none'}".replace("/", "-"),
        candidates=[sources[candidate]],
        references=people,
        library=False,
        only=True,
        cache_dir=spare / "cache",
    )
    kinds = [left_out] if left_out else [one.name for one in people]
    own = _p_values(scorer, _fresh(folder, sources[candidate]), candidate)
    for kind in kinds:
        found = _p_values(scorer, _fresh(folder, sources[kind]), candidate)
        if len(found) >= _FEWEST:
            yield Rows(model, kind, left_out is None, own, found)


def _p_values(scorer: Scorer, texts: Sequence[str], candidate: str) -> NDArray[np.float64]:
    column = scorer.score_batch(texts)[f"p[{candidate}]"].drop_null()
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _fresh(folder: Path, known: Fingerprint) -> list[str]:
    """Texts of a source that are not in its fingerprint."""
    from provenance.features.features import extract

    place, name = known.name.split("/")
    path = next(
        path
        for path in (
            folder / place / f"{name}.jsonl.gz",
            folder / "more" / place / f"{name}.jsonl.gz",
        )
        if path.exists()
    )
    with gzip.open(path) as lines:
        rows = [*map(orjson.loads, lines)]
    texts = sorted(
        {row["text"] for row in rows if row.get("text") and (row.get("lang") or "en") == "en"}
    )
    order = np.random.default_rng(0).permutation(len(texts))[:_MOST].tolist()
    drawn = [texts[at] for at in order]
    new = ~np.isin(extract(drawn, known.spec).text_hash, known.sample.text_hash)
    return [text for text, is_new in zip(drawn, new.tolist(), strict=True) if is_new]


def table(every: Mapping[tuple[str, bool], Sequence[Rows]]) -> Iterator[str]:
    """A row for each model, whether the kind was given, and share."""
    yield (
        "| model | the corpus's kind | kinds | share | its rows listed | of the list people's, mean"
        " | worst kind | false_at_most held |"
    )
    yield "|---" * 8 + "|"
    for (model, given), rows in every.items():
        for share in _SHARES:
            found = np.array([[*one.corpora(share, at)] for at, one in enumerate(rows)], float)
            false, listed, _ = found.mean(axis=1).T
            worst = rows[int(false.argmax())].kind.split("/")[-1] if false.any() else "-"
            yield (
                f"| {model} | {'given' if given else 'left out'} | {len(rows)}"
                f" | {100 * share:g} % |"
                f" {100 * listed.mean():.0f} % | {100 * false.mean():.1f} % |"
                f" {100 * false.max():.1f} % ({worst}) |"
                f" {int(found[:, :, 2].sum())} of {found[:, :, 2].size} |"
            )


def main(
    folder: Path,
    model: Annotated[list[str] | None, typer.Option(help="Models; by default two.")] = None,
    caution: Annotated[float | None, typer.Option(help="Another than the product's.")] = None,
) -> None:
    """Print the table."""
    if caution is not None:
        p_values._CAUTION = caution  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as spare:
        every = {}
        for one in model or MODELS:
            for kinds in ((None,), LEFT_OUT):
                rows = [row for out in kinds for row in read_rows(folder, one, out, Path(spare))]
                every[one, kinds == (None,)] = rows
        typer.echo("\n".join(table(every)))


if __name__ == "__main__":
    typer.run(main)
