"""Whether rows say in the same words what a candidate says when it is asked their prompts.

A row and a fresh answer to its prompt do not differ by what was asked. If the candidate wrote the
rows, which of the two is the row is as good as drawn; the rows of a sibling lean one way, though no
likeness to other models tells it from the candidate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from provenance.evidence.regenerated.likeness import Answers, unit_rows
from provenance.statistics.exchange import exchanged_pairs

__all__ = ["SameWords", "same_words"]


@dataclass(frozen=True, slots=True)
class SameWords:
    """What was seen of rows beside fresh answers.

    Parameters
    ----------
    n_prompts : int
        Prompts of which a row and an answer were compared.
    p_value : float
        How often chance alone would make them differ so much, had one model written both.
    """

    n_prompts: int
    p_value: float


def same_words(
    rows: Answers, fresh: Answers, n_features: int, rng: np.random.Generator
) -> SameWords:
    """Hold one row against one answer at each prompt that has both, those of the least hashes.

    Texts that are word for word the same say nothing either way and count for no prompt.

    Parameters
    ----------
    rows, fresh : Answers
        Which texts are left out must not hang on which of the two they are.
    n_features : int
        Buckets of the words.
    rng : Generator

    Examples
    --------
    At each of ten prompts the row says one word, and the answer another:

    >>> from provenance.features.rows import FeatureRows
    >>> def texts(word, first):
    ...     rows = FeatureRows(np.arange(11), np.full(10, word, np.uint32), np.ones(10, np.uint8))
    ...     hashes = np.arange(10, dtype=np.uint64)
    ...     return Answers(hashes, hashes + np.uint64(first), np.arange(10), rows)
    >>> found = same_words(texts(3, 0), texts(4, 10), 16, np.random.default_rng(0))
    >>> found.n_prompts, found.p_value < 0.01
    (10, True)
    """
    prompts = np.intersect1d(rows.prompt, fresh.prompt)
    one, other = (texts.first_of_each(prompts, 1) for texts in (rows, fresh))
    differ = np.flatnonzero(one.text != other.text)
    n = len(differ)
    if not n:
        return SameWords(0, 1.0)
    unit = unit_rows(Answers.concatenate([one.take(differ), other.take(differ)]), n_features)
    apart = unit[:n] - unit[n:]
    products = np.asarray((apart @ apart.T).todense(), np.float64)
    return SameWords(n, exchanged_pairs(products, rng))
