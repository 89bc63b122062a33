"""Whether a candidate's answers are of the kind of the models' that would stand beside it.

Answers that were cut, wrapped in a phrase or written under another instruction are told from the
models' by that alone, and so is the text of any model that was treated alike: it would be read as
the candidate's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.spec import FAMILIES
from provenance.features.statistics import STATISTICS
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS

__all__ = ["at_one_length", "nearest", "of_another_kind"]

_ALIKE: Final = 0.8
"""Part of the models that have to have a nearest model as far away as the candidate's, or nearer.
A round figure."""
_LONGER: Final = 1.5
"""How much shorter or longer than all models' its long answers may be. A round figure."""
_TOP: Final = 0.98
_NEAR_TOP: Final = 0.9
_CUT: Final = 0.15
"""Part of the answers near the longest from which they were cut, if it is more than any model's."""
_MOST: Final = 100
"""Prompts that are compared, those of the lowest hashes: two seconds for 20 models. With 120, 48
samples and some that were changed were looked at; with 100, 14 and 3."""


def of_another_kind(candidate: Fingerprint, models: Sequence[Fingerprint]) -> str:
    """Why a candidate's answers are of another kind than the models'; empty where they are not.

    Parameters
    ----------
    candidate : Fingerprint
    models : sequence of Fingerprint
        That answer the same prompts.
    """
    if at_one_length(candidate) > max(_CUT, *map(at_one_length, models)):
        return "the candidate's answers end at one length, as where they are cut"
    own, *others = (float(np.quantile(one.sample.n_tokens, 0.95)) for one in (candidate, *models))
    if not min(others) / _LONGER <= own <= max(others) * _LONGER:
        return "the candidate's answers are far shorter or longer than those of any of its models"
    distances = nearest([candidate, *models])
    if distances is None:
        return "too few of its prompts are answered by all"
    if distances[0] > np.quantile(distances[1:], _ALIKE):
        return "the candidate's answers are less like any model's than its models' are"
    return ""


def at_one_length(fingerprint: Fingerprint) -> float:
    """Part of the documents that are nearly as long as the longest, by tokens or by characters."""
    sample = fingerprint.sample
    characters = np.bincount(
        sample.document,
        sample.statistics[:, STATISTICS.index("characters")].astype(np.float64),
        minlength=len(sample),
    )
    lengths = (sample.n_tokens.astype(np.float64), characters)
    return max(float((one >= _NEAR_TOP * np.quantile(one, _TOP)).mean()) for one in lengths)


def nearest(fingerprints: Sequence[Fingerprint]) -> NDArray[np.float64] | None:
    """Squared distance of each source's mean features to the nearest other's, prompts alike.

    Only pairs of answers to two prompts are multiplied, so that how much single answers vary adds
    nothing. None where fewer prompts than a fit needs documents are answered by all.
    """
    prompts = reduce(np.intersect1d, (one.sample.prompt_hash for one in fingerprints))[:_MOST]
    n = len(prompts)
    if n < MINIMUM_DOCUMENTS:
        return None
    prompt, feature, value = zip(*(_of_prompts(one, prompts) for one in fingerprints), strict=True)
    width = 1 + max(int(one.max(initial=0)) for one in feature)
    of_each = [at * width + column for at, column in zip(prompt, feature, strict=True)]
    products = (_products(feature, value) - _products(of_each, value)) / (n * (n - 1))
    own = np.diag(products)
    distances = own[:, None] + own[None, :] - 2 * products
    np.fill_diagonal(distances, np.inf)
    found: NDArray[np.float64] = distances.min(axis=1)
    return found


def _products(
    columns: Sequence[NDArray[np.int64]], values: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Of each pair of sparse rows; columns that occur twice in a row add."""
    import scipy.sparse

    # Numbered anew: a matrix as wide as all features of all prompts would take gigabytes.
    _, column = np.unique(np.concatenate(columns), return_inverse=True)
    row = np.repeat(np.arange(len(columns)), [len(one) for one in columns])
    table = scipy.sparse.csr_matrix((np.concatenate(values), (row, column)))
    found: NDArray[np.float64] = (table @ table.T).toarray()
    return found


def _of_prompts(
    fingerprint: Fingerprint, prompts: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Number of the prompt, feature and value, of the mean passage of one answer to each prompt."""
    _, first, _ = np.intersect1d(fingerprint.sample.prompt_hash, prompts, return_indices=True)
    sample = fingerprint.sample.take(first)
    weight = 1 / np.bincount(sample.document, minlength=len(sample))[sample.document]
    rows = sample.rows.matrix(fingerprint.spec, FAMILIES).tocoo()
    return sample.document[rows.row], rows.col.astype(np.int64), rows.data * weight[rows.row]
