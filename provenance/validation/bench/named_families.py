"""Whether a family of models can be named by the library alone: families that it does not hold.

``python -m provenance.validation.bench.named_families`` needs no data but the fingerprints that
ship. In each set of prompts families are told apart by ridge regression, learnt from one half of
the prompts (of the documents where no prompts are shared) and looked at on the other. A family
would be named where more of a corpus is likest it, by more than a limit, than of *any* family that
was left out, and by a margin. What is likest a family that was never seen is looked at by leaving
each family out of what is learnt and of what is compared with: it must not be named as another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.features.spec import FAMILIES
from provenance.matching.library.shelf import Shelf, shipped_shelf
from provenance.scoring.fitting.ridge import products_of_rows, scores_by_products
from provenance.statistics.intervals import clopper_pearson
from provenance.statistics.multiple_testing import joint_level

__all__ = ["Answers", "answers_of", "main", "table"]

_LIMITS: Final = np.arange(0, 1.01, 0.1)
_MARGINS: Final = (0.02, 0.1, 0.3, 0.5, 0.6)
_SIZE: Final = 200
"""Documents of the corpora that are spoken of: as many as score as the held-out ones do."""
_LEVEL: Final = 0.95
_SHARES: Final = (1.0, 0.5, 0.25)
_FEWEST_MODELS: Final = 8
"""Of a set that is looked at; a round figure."""

Tails = NDArray[np.float64]
"""Part of some documents that is likest a family by more than each limit."""


@dataclass(frozen=True)
class Answers:
    """Answers of a set, by the mean features of their passages.

    Parameters
    ----------
    products : ndarray, shape (n_documents, n_documents)
    family, model : ndarray of str, shape (n_documents,)
    learnt : ndarray of bool, shape (n_documents,)
    """

    products: NDArray[np.float32]
    family: NDArray[np.str_]
    model: NDArray[np.str_]
    learnt: NDArray[np.bool_]

    @cached_property
    def families(self) -> list[str]:
        """Their names in order."""
        return sorted({*self.family.tolist()})

    def tails(self, out: NDArray[np.bool_], scored: NDArray[np.bool_]) -> dict[str, Tails]:
        """For each family that is left: how far held-out documents are likest it."""
        learn = np.flatnonzero(self.learnt & ~out)
        held = np.flatnonzero(~self.learnt & scored)
        left = sorted({*self.family[learn].tolist()})
        weight = np.zeros(len(learn))
        for name in left:
            own = self.family[learn] == name
            weight[own] = len(learn) / (len(left) * own.sum())
        targets = np.where(self.family[learn][:, None] == np.array(left), 1, -1)
        scores = scores_by_products(self.products, learn, held, targets.astype(np.float32), weight)
        found = {}
        for at, name in enumerate(left):
            ahead = scores[:, at] - np.delete(scores, at, axis=1).max(axis=1)
            found[name] = np.asarray((ahead[:, None] > _LIMITS).mean(axis=0))
        return found


def answers_of(shelf: Shelf, prompts: str) -> Answers:
    """The answers of a set's models whose family is known."""
    import scipy.sparse

    rows, family, model, prompt = [], [], [], []
    for entry in shelf.entries:
        if entry.prompts != prompts or entry.by != "model" or entry.family is None:
            continue
        found = shelf.fingerprint(entry)
        sample = found.sample
        n = len(sample)
        weight = 1 / np.bincount(sample.document, minlength=n)[sample.document]
        place = (sample.document, np.arange(len(weight)))
        mean: Any = scipy.sparse.csr_matrix((weight, place), (n, len(weight)))
        rows.append((mean @ sample.rows.matrix(found.spec, FAMILIES)).astype(np.float32))
        family += [entry.family] * n
        model += [entry.name] * n
        prompt.append(sample.prompt_hash)
    products = products_of_rows(scipy.sparse.vstack(rows).tocsr())
    return Answers(products, np.array(family), np.array(model), _half(np.concatenate(prompt)))


def _half(prompt: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """One half of the prompts; of the documents where no prompts are told, or few are shared."""
    rng = np.random.default_rng(0)
    distinct = np.unique(prompt)
    if not 1 < len(distinct) <= len(prompt) / 4:
        return np.asarray(rng.random(len(prompt)) < 0.5)
    drawn = distinct[rng.permutation(len(distinct))[: len(distinct) // 2]]
    return np.isin(prompt, drawn)


def table(sets: Mapping[str, Answers]) -> Iterator[str]:
    """A row for each set and margin."""
    shares = "".join(f" | at {100 * share:g} % named" for share in _SHARES)
    yield f"| set | margin | unseen families named as another{shares} | new models, named right |"
    yield "|---" * (4 + len(_SHARES)) + "|"
    for name, answers in sets.items():
        unseen = {
            out: answers.tails(answers.family == out, answers.family == out)
            for out in answers.families
        }
        own = {one: answers.tails(_none(answers), answers.family == one)[one] for one in unseen}
        new = list(_new_models(answers))
        for margin in _MARGINS:
            wrong = [out for out in unseen if _misnamed(out, unseen, margin)]
            right = [
                sum(_is_named(own[one] * share, _worst(one, unseen), margin) for one in own)
                for share in _SHARES
            ]
            known = sum(_is_named(tail, _worst(one, unseen), margin) for one, tail in new)
            cells = [f"{number} of {len(own)}" for number in (len(wrong), *right)]
            yield f"| {name} | {margin:g} | {' | '.join(cells)} | {known} of {len(new)} |"


def _none(answers: Answers) -> NDArray[np.bool_]:
    return np.zeros(len(answers.family), bool)


def _new_models(answers: Answers) -> Iterator[tuple[str, Tails]]:
    """Family and tail of each model that was left out, where its family has another."""
    for model in sorted({*answers.model.tolist()}):
        out = answers.model == model
        family = str(answers.family[out][0])
        if (answers.family == family).sum() > out.sum():
            yield family, answers.tails(out, out)[family]


def _misnamed(out: str, unseen: Mapping[str, Mapping[str, Tails]], margin: float) -> bool:
    """Whether a corpus of a family that nothing knows of is named as one that is known."""
    return any(
        _is_named(tail, _worst(one, unseen, out), margin) for one, tail in unseen[out].items()
    )


def _worst(name: str, unseen: Mapping[str, Mapping[str, Tails]], but: str = "") -> Tails:
    """The largest part of any other family, left out itself, that is likest this one."""
    tails = [found[name] for out, found in unseen.items() if out not in (name, but)]
    return np.asarray(np.max(tails, axis=0))


def _is_named(tail: Tails, worst: Tails, margin: float) -> bool:
    level = joint_level(_LEVEL, len(_LIMITS))
    lows = [clopper_pearson(float(part) * _SIZE, _SIZE, level)[0] for part in tail]
    return any(low > min(1.0, most + margin) for low, most in zip(lows, worst, strict=True))


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Sets; by default all.")] = None,
) -> None:
    """Print the table."""
    shelf = shipped_shelf()
    sets = {one: answers_of(shelf, one) for one in _sets(shelf, names)}
    typer.echo("\n".join(table(sets)))


def _sets(shelf: Shelf, names: Sequence[str] | None) -> list[str]:
    models = [one.prompts for one in shelf.entries if one.by == "model" and one.family]
    large = {one for one in models if models.count(one) >= _FEWEST_MODELS}
    return list(names or sorted(large))


if __name__ == "__main__":
    typer.run(main)
