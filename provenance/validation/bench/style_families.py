"""Whether style names a family where all texts are learnt from, and none of a library alone.

``python -m provenance.validation.bench.style_families DATA [SETS]``. The stronger try beside
`named_families`: in each set of prompts models are told apart, by words, by layout, by tokens and
by all of them, beside texts of other kinds by people and models (half of these kinds; the other
half is looked at). A family of three models or more would be named where words, tokens and all
together say that more of a corpus is its than `times` what any *other* source reads as it that was
left out whole, and a margin. Prompts are dealt into those that are learnt from, those that
calibrate, and those that are looked at.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import orjson
import typer
from numpy.typing import NDArray

from provenance.features.features import extract
from provenance.features.hashes import text_hash
from provenance.features.spec import FAMILIES
from provenance.matching.library.building import SPEC
from provenance.matching.library.kinds import found_files
from provenance.matching.library.stocking import known_of
from provenance.scoring.fitting.ridge import repeated, ridge
from provenance.statistics.intervals import clopper_pearson
from provenance.statistics.multiple_testing import joint_level

__all__ = ["main", "table"]

SETS: Final = {
    "debates": ("debate_2026",),
    "stories": ("slop_score", "eqbench_cw"),
    "instructions": ("alpaca_eval",),
}
_RULES: Final = ((1, 0.02), (2, 0.02), (2, 0.05), (2, 0.1), (3, 0.1), (3, 0.3))
_SHARES: Final = (1.0, 0.5, 0.2)
_LIMITS: Final = np.arange(-3, 8.01, 0.5)
_SIZE: Final = 300
_FEWEST_MODELS: Final = 3
_MOST: Final = {True: 250, False: 40}
"""Documents of a file of the set, and of another: bounds on time."""
_FEWEST: Final = 20
_ASKED: Final = ("words", "tokens", "all")
_OTHER: Final = "~"

Tails = dict[str, dict[str, NDArray[np.float64]]]
"""By view and family: part of some documents above each limit."""


@dataclass(frozen=True)
class _Texts:
    """Documents by the features of their passages, and who wrote them; others begin with ``~``."""

    matrices: tuple[Any, ...]
    model: NDArray[np.str_]
    source: NDArray[np.str_]
    part: NDArray[np.int64]


def _source(model: str) -> str:
    """Family of a model, by its vendor; a model that others tuned stands for itself."""
    if re.match(r"o[134]$|chatgpt|gpt|text_davinci", model):
        return "GPT"
    if re.search(r"gemma|gemini", model, re.IGNORECASE):
        return "Gemini and Gemma"
    return known_of(model)[1] or model


def _read(folder: Path, places: Sequence[str]) -> _Texts:
    import scipy.sparse

    rows, model, part = [], [], []
    for place, path in found_files(folder):
        name = path.name.removesuffix(".jsonl.gz")
        is_own = place in places
        texts = sorted(_texts(path, place), key=lambda one: (text_hash(one[0]), one))[
            : _MOST[is_own]
        ]
        if len(texts) < _FEWEST:
            continue
        batch = extract([text for _, text in texts], SPEC)
        size = np.bincount(batch.document, batch.passage_tokens, len(texts))
        weight = batch.passage_tokens / size[batch.document]
        at = (batch.document, np.arange(len(weight)))
        mean: Any = scipy.sparse.csr_matrix((weight, at), (len(texts), len(weight)))
        kept = np.flatnonzero(size)
        rows.append((mean @ batch.rows.matrix(SPEC, FAMILIES))[kept].astype(np.float32))
        model += [name if is_own else f"{_OTHER}{place}/{name}"] * len(kept)
        # Kinds of other texts go into one half; a prompt of the set into one part of five.
        half = zlib.crc32(place.encode()) % 2
        part += [
            text_hash(texts[number][0]) % 5 if is_own else -1 - half for number in kept.tolist()
        ]
    together = scipy.sparse.vstack(rows).tocsc()
    bounds = SPEC.family_bounds
    matrices = tuple(
        repeated(together[:, bounds[at] : bounds[at + 1]].tocsr())[0] for at in range(len(FAMILIES))
    )
    names = np.array(model)
    source = np.array([one if one.startswith(_OTHER) else _source(one) for one in model])
    return _Texts(matrices, names, source, np.array(part))


def _texts(path: Path, place: str) -> Iterator[tuple[str, str]]:
    with gzip.open(path) as lines:
        for row in map(orjson.loads, lines):
            text, is_english = row.get("text"), (row.get("lang") or "en") == "en"
            if is_english and isinstance(text, str) and len(text.split()) >= 25:
                is_repeated = place == "eqbench_cw"
                asked = str(row["id"]).split("_")[0] if is_repeated else row.get("prompt")
                yield str(asked or text), text


@dataclass(frozen=True)
class _Fitted:
    """Models told apart, one source left out of what is learnt."""

    texts: _Texts
    weights: tuple[NDArray[np.float32], ...]
    calibrations: tuple[Any, ...]

    @classmethod
    def of(cls, texts: _Texts, out: str, half: int) -> _Fitted:
        from sklearn.linear_model import LogisticRegression

        is_other = texts.part < 0
        used = (texts.source != out) & (~is_other | (texts.part == -1 - half))
        called = np.where(is_other, _OTHER, texts.model)
        dealt = np.where(is_other, np.arange(len(called)) % 3, texts.part)
        learn, rest = np.flatnonzero(used & (dealt <= 1)), np.flatnonzero(used & (dealt == 2))
        models = sorted({*called[learn].tolist()})
        weight = np.zeros(len(learn))
        for one in models:
            own = called[learn] == one
            weight[own] = len(learn) / (len(models) * own.sum())
        targets = np.where(called[learn][:, None] == np.array(models), 1, -1).astype(np.float32)
        weights = tuple(
            ridge(matrix[learn], targets, weight, 0.3, 1e-2) for matrix in texts.matrices
        )
        calibrations = tuple(
            LogisticRegression(C=1, max_iter=60).fit(scores, called[rest])
            for scores in _views(texts, weights, rest)
        )
        return cls(texts, weights, calibrations)

    def tails(self, looked_at: NDArray[np.bool_]) -> Tails:
        """How far documents read as each family."""
        from scipy.special import logsumexp

        found: Tails = {}
        views = _views(self.texts, self.weights, np.flatnonzero(looked_at))
        for view, model, scores in zip((*FAMILIES, "all"), self.calibrations, views, strict=True):
            log = model.predict_log_proba(scores)
            of = np.array([_OTHER if one == _OTHER else _source(one) for one in model.classes_])
            found[view] = {}
            for family in sorted({*of.tolist()} - {_OTHER}):
                own = of == family
                ahead = logsumexp(log[:, own], axis=1) - logsumexp(log[:, ~own], axis=1)
                found[view][family] = (ahead[:, None] > _LIMITS).mean(axis=0)
        return found


def _views(
    texts: _Texts, weights: Sequence[NDArray[np.float32]], at: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    """Scores by each feature family, and all of them side by side."""
    scores = [3.0 * (matrix[at] @ one) for matrix, one in zip(texts.matrices, weights, strict=True)]
    return [*scores, np.hstack(scores)]


@dataclass(frozen=True)
class _Found:
    """What families read as where they are known, sources that were left out, and other kinds."""

    known: dict[str, Tails]
    left_out: dict[str, Tails]
    others: dict[str, Tails]

    @classmethod
    def of(cls, texts: _Texts) -> _Found:
        every = sorted({*texts.source.tolist()})
        sources = [one for one in every if not one.startswith(_OTHER)]
        n_models = {one: len({*texts.model[texts.source == one].tolist()}) for one in sources}
        held = {one: (texts.part >= 3) & (texts.source == one) for one in sources}
        whole = [_Fitted.of(texts, "", half) for half in (0, 1)]
        known = {
            one: whole[0].tails(held[one]) for one in sources if n_models[one] >= _FEWEST_MODELS
        }
        left_out = {one: _Fitted.of(texts, one, 0).tails(held[one]) for one in sources}
        others: dict[str, Tails] = {}
        for one in (one for one in every if one.startswith(_OTHER)):
            own = texts.source == one
            # By the models that learnt from the other half of the kinds.
            others[one] = whole[2 + int(texts.part[own][0])].tails(own)
        return cls(known, left_out, others)

    def named(self, tails: Tails, family: str, but: str, rule: tuple[int, float]) -> bool:
        """Whether documents would be told as a family's, none of them by the source ``but``."""
        times, margin = rule
        level = joint_level(0.95, len(_LIMITS) * len(self.known))
        for view in _ASKED:
            parts = tails[view].get(family)
            if parts is None:
                return False
            others = [
                found[view][family]
                for out, found in self.left_out.items()
                if out not in (family, but)
            ]
            most = np.minimum(1.0, times * np.max(others, axis=0) + margin)
            lows = [clopper_pearson(float(one) * _SIZE, _SIZE, level)[0] for one in parts]
            if not (np.array(lows) > most).any():
                return False
        return True

    def mistaken(self, rule: tuple[int, float]) -> tuple[list[str], list[str]]:
        """Sources that were left out and named as another, and other kinds that were named."""
        wrong = [
            f"{out} as {family}"
            for out, tails in self.left_out.items()
            for family in self.known
            if family != out and self.named(tails, family, out, rule)
        ]
        others = [
            kind
            for kind, tails in self.others.items()
            if any(self.named(tails, family, "", rule) for family in self.known)
        ]
        return wrong, others

    def right(self, rule: tuple[int, float], share: float) -> int:
        """Families that are named where so much of a corpus is theirs, and nothing like theirs."""
        return sum(
            self.named(
                {view: {family: share * tails[view][family]} for view in _ASKED}, family, "", rule
            )
            for family, tails in self.known.items()
        )


def table(folder: Path, sets: Sequence[str]) -> Iterator[str]:
    """A row for each set and rule."""
    at = "".join(f" at {100 * share:g} % |" for share in _SHARES)
    yield f"| set | times, margin | left out, named as another | other kinds named | named{at}"
    yield "|---" * (4 + len(_SHARES)) + "|"
    for name in sets:
        found = _Found.of(_read(folder, SETS[name]))
        for rule in _RULES:
            wrong, others = found.mistaken(rule)
            n_wrong = len({one.split(" as ")[0] for one in wrong})
            cells = [f"{found.right(rule, share)} of {len(found.known)}" for share in _SHARES]
            listed = f" ({', '.join(wrong[:3])}{', …' if len(wrong) > 3 else ''})" if wrong else ""
            yield (
                f"| {name} | {rule[0]}, {rule[1]:g} | {n_wrong} of {len(found.left_out)}{listed} |"
                f" {len(others)} of {len(found.others)} | {' | '.join(cells)} |"
            )


def main(
    folder: Path,
    sets: Annotated[list[str] | None, typer.Argument(help="By default all.")] = None,
) -> None:
    """Print the table."""
    for line in table(folder, sets or [*SETS]):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
