"""Are rows nearer to a candidate's fresh answers than another model's answers are? An exact test.

How far a text *leads*: its likeness to the candidate's answers to its prompt, less its mean
likeness to the other models' answers to it. The rows are held against one other model at a time,
whose own answers are texts like any and are left out of what is compared with. The null hypothesis:
within each prompt, rows and that model's answers are as good as drawn from one urn. Any dealing is
then as likely as the one that happened. Told is the largest p-value of all models: small only where
every model that was asked is ruled out, one by one, whatever siblings of the candidate are among
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.regenerated.likeness import Likeness
from provenance.statistics.exchange import exchanged

__all__ = ["FEWEST_OTHERS", "FEWEST_PROMPTS", "TAIL", "Lead", "Other", "lead", "usable"]

FEWEST_OTHERS: Final = 8
"""Models beside the candidate whose answers are needed. One that was not asked may be nearer to the
candidate than all that were. Chosen on the 31 models of `eqbench_cw`: a corpus wholly by such a
model was found in 22 to 27 % of draws beside 2 others, 11 to 16 % beside 4, 5 to 7 % beside 8, 3 %
beside 16 (`python -m provenance.validation.bench.asked_again`)."""
FEWEST_PROMPTS: Final = 20
"""Prompts that rows, candidate and another model answer; a round figure, not tuned: of `eqbench_cw`
there are 32."""
TAIL: Final = 0.8
"""Leads count from this quantile of both sides' on, since of a mixture a part alone leads. Of five
ways (all leads, their signed squares, from the quantiles 0.5, 0.8 and 0.9 on) it found most corpora
of `eqbench_cw` of which a quarter or a half was the candidate's; with all leads one that is wholly
its is found a little oftener."""


@dataclass(frozen=True, slots=True)
class Other:
    """One model's answers taken as rows.

    Parameters
    ----------
    source : int
    p_value : float
        How often chance alone would put the corpus's rows so far before its answers.
    lead : float
        Mean lead of its answers.
    rows_lead : float
        Mean lead of the corpus's rows over the same models.
    """

    source: int
    p_value: float
    lead: float
    rows_lead: float


@dataclass(frozen=True, slots=True)
class Lead:
    """What was seen of the corpus's rows beside a candidate's answers and other models'.

    Parameters
    ----------
    p_value : float
        The largest of all others'.
    others : tuple of Other
        The nearest first.
    n_rows, n_prompts : int
        What was compared.
    own : float or None
        Mean lead of the candidate's own answers, held against its others to the same prompt; None
        where it gave one answer to each.
    """

    p_value: float
    others: tuple[Other, ...]
    n_rows: int
    n_prompts: int
    own: float | None


def usable(
    told: NDArray[np.bool_],
    source: NDArray[np.int64],
    prompt: NDArray[np.int64],
    candidate: int,
    others: Sequence[int],
) -> tuple[NDArray[np.int64], list[int]]:
    """Rows whose prompts the candidate answers, and the models that answer enough of these.

    Parameters
    ----------
    told : ndarray of bool, shape (n, n_sources)
        Where there is a likeness; see `is_told`.
    source, prompt : ndarray of int64, shape (n,)
    candidate : int
    others : sequence of int

    Returns
    -------
    rows : ndarray of int64
        Positions.
    others : list of int
        Those with answers to at least half of the rows' prompts, and to `FEWEST_PROMPTS`.
    """
    rows = np.flatnonzero((source < 0) & told[:, candidate])
    asked = np.unique(prompt[rows])
    answered = {
        other: len(np.intersect1d(asked, prompt[source == other], assume_unique=False))
        for other in others
    }
    enough = max(FEWEST_PROMPTS, len(asked) / 2)
    return rows, [other for other in others if answered[other] >= enough]


def lead(
    found: Likeness,
    source: NDArray[np.int64],
    prompt: NDArray[np.int64],
    candidate: int,
    others: Sequence[int],
    rng: np.random.Generator,
) -> Lead:
    """Hold the rows against each other model's answers, and tell the largest p-value.

    Parameters
    ----------
    found : Likeness
        Of rows and answers together.
    source : ndarray of int64, shape (n,)
        Whose answer each is; -1 for a row.
    prompt : ndarray of int64, shape (n,)
    candidate : int
    others : sequence of int
        Models with answers to the rows' prompts; at least two.
    rng : Generator
        Draws the dealings.
    """
    beyond = found.beyond
    rows = np.flatnonzero((source < 0) & np.isfinite(beyond[:, candidate]))
    told = [
        _against(
            beyond, rows, np.flatnonzero(source == other), prompt, (candidate, other), others, rng
        )
        for other in others
    ]
    told.sort(key=lambda one: (-one.p_value, -one.lead, one.source))
    own = _leads(beyond, np.flatnonzero(source == candidate), candidate, others)
    own = own[np.isfinite(own)]
    return Lead(
        p_value=max(one.p_value for one in told),
        others=tuple(told),
        n_rows=len(rows),
        n_prompts=len(np.unique(prompt[rows])),
        own=float(own.mean()) if len(own) else None,
    )


def _leads(
    beyond: NDArray[np.float64], texts: NDArray[np.int64], candidate: int, others: Sequence[int]
) -> NDArray[np.float64]:
    """Likeness to the candidate's answers less the mean of that to the others', NaN unknown."""
    rest = beyond[np.ix_(texts, np.array(others))]
    known = np.isfinite(rest)
    n_known = known.sum(axis=1)
    total = np.where(known, rest, 0.0).sum(axis=1)
    mean = np.divide(total, n_known, out=np.full(len(texts), np.nan), where=n_known > 0)
    result: NDArray[np.float64] = beyond[texts, candidate] - mean
    return result


def _against(
    beyond: NDArray[np.float64],
    rows: NDArray[np.int64],
    answers: NDArray[np.int64],
    prompt: NDArray[np.int64],
    pair: tuple[int, int],
    others: Sequence[int],
    rng: np.random.Generator,
) -> Other:
    candidate, other = pair
    rest = [one for one in others if one != other]
    texts = np.concatenate([rows, answers])
    first = np.arange(len(texts)) < len(rows)
    leads = _leads(beyond, texts, candidate, rest)
    kept = np.isfinite(leads)
    texts, first, leads = texts[kept], first[kept], leads[kept]
    shared = np.intersect1d(prompt[texts[first]], prompt[texts[~first]])
    kept = np.isin(prompt[texts], shared)
    texts, first, leads = texts[kept], first[kept], leads[kept]
    if not len(shared):
        return Other(other, 1.0, 0.0, 0.0)
    # Of both sides together, so that no exchange moves it.
    beyond_tail = np.maximum(leads - np.quantile(leads, TAIL), 0.0)
    tested = exchanged(beyond_tail, first, prompt[texts], rng)
    return Other(other, tested.p_value, float(leads[~first].mean()), float(leads[first].mean()))
