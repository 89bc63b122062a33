"""What of the rows says what a candidate answers afresh, as findings and diagnostics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.protocol import MatchContext
from provenance.evidence.regenerated.lead import (
    FEWEST_OTHERS,
    FEWEST_PROMPTS,
    Lead,
    lead,
    usable,
)
from provenance.evidence.regenerated.likeness import Answers, Likeness, is_told, likeness
from provenance.evidence.regenerated.tally import MOST_TEXTS, HeldRow
from provenance.records import Diagnostic, Finding
from provenance.words import HOW_TO_ASK, source_name

__all__ = ["AskedModel", "Regenerated", "regenerated"]

_SHOWN: Final = 100
"""Most rows told; a round figure."""
_NEAREST: Final = 5
"""Models told by name, the nearest first; a round figure."""


@dataclass(frozen=True, slots=True)
class AskedModel:
    """A model whose answers are at hand.

    Parameters
    ----------
    name : str
    is_candidate : bool
    answers : Answers
    """

    name: str
    is_candidate: bool
    answers: Answers


@dataclass(frozen=True, slots=True)
class Regenerated:
    """What is told of rows whose prompts were asked.

    Parameters
    ----------
    findings : tuple of Finding
        One for each candidate that answers prompts of the corpus.
    diagnostics : tuple of Diagnostic
        A sentence for each that was tested.
    ahead : dict of str to dict
        By candidate that was tested, and by the hashes of a row's prompt and text: how much more
        the row is like the candidate's answers than like those of the nearest other model.
    """

    findings: tuple[Finding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    ahead: dict[str, dict[tuple[int, int], float]] = field(default_factory=dict)


def regenerated(
    rows: Sequence[HeldRow], sources: Sequence[AskedModel], n_features: int, asked: MatchContext
) -> Regenerated:
    """What is told of each candidate that answers prompts of the corpus.

    Parameters
    ----------
    rows : sequence of HeldRow
    sources : sequence of AskedModel
        Models alone: text by people is not asked for anything.
    n_features : int
        Buckets of the words.
    asked : MatchContext
    """
    if not rows or len(sources) < 2:
        return Regenerated()
    held = Answers.concatenate([row.answers for row in rows])
    prompts = np.unique(held.prompt)
    fresh = [one.answers.first_of_each(prompts, MOST_TEXTS) for one in sources]
    texts = Answers.concatenate([held, *fresh])
    source = np.repeat(np.arange(-1, len(fresh)), [len(held), *(len(one) for one in fresh)])
    prompt = np.searchsorted(prompts, texts.prompt)
    told = is_told(texts, source, len(sources))
    found: Likeness | None = None
    findings, checks, told_ahead = [], [], {}
    candidates = [number for number, one in enumerate(sources) if one.is_candidate]
    for candidate in candidates:
        name = sources[candidate].name
        n_shared = len(np.unique(fresh[candidate].prompt))
        if not n_shared:
            continue
        if n_shared < FEWEST_PROMPTS:
            findings.append(_unchecked(name, n_shared, None))
            continue
        every = [number for number in range(len(sources)) if number != candidate]
        used, others = usable(told, source, prompt, candidate, every)
        if len(others) < FEWEST_OTHERS:
            findings.append(_unchecked(name, n_shared, len(others)))
            continue
        # Of all that is done here it takes the longest.
        found = found or likeness(texts, source, len(sources), n_features)
        rng = np.random.default_rng(asked.seed)
        tested = lead(found, source, prompt, candidate, others, rng)
        ahead, nearest = _ahead(found, used, candidate, others)
        told_ahead[name] = {
            rows[number].key: float(ahead[at])
            for at, number in enumerate(used.tolist())
            if np.isfinite(ahead[at])
        }
        pairs = _pairs(rows, used, found, sources, (candidate, nearest), ahead, asked.keep_text)
        level = (1 - asked.confidence_level) / len(candidates)
        one = _told(name, tested, sources, rows, pairs, level)
        findings.append(one)
        checks.append(_check(one, tested, sources, level))
    return Regenerated(tuple(findings), tuple(checks), told_ahead)


def _ahead(
    found: Likeness, used: NDArray[np.int64], candidate: int, others: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """How far rows are nearer to the candidate's answers than to any other's, and whose is next."""
    rest = np.nan_to_num(found.beyond[np.ix_(used, np.array(others))], nan=-np.inf)
    ahead = found.beyond[used, candidate] - rest.max(axis=1)
    return ahead, np.array(others)[rest.argmax(axis=1)]


def _unchecked(name: str, n_prompts: int, n_others: int | None) -> Finding:
    shown = source_name(name)
    if n_others is None:
        why = (
            f"{shown} answers {n_prompts:,} of the corpus's prompts, too few to be held against:"
            f" ask {FEWEST_PROMPTS} or more of them ({HOW_TO_ASK})"
        )
    else:
        why = (
            f"beside {shown} only {n_others:,} other models answer the same prompts: ask at least"
            f" {FEWEST_OTHERS} the same file, and give them with --panel"
        )
    return Finding(
        kind="regenerated",
        verdict="not_checked",
        null_hypothesis=why,
        source=name,
        details={"of": "asked", "n_prompts": n_prompts, "n_others": n_others},
    )


def _told(
    name: str,
    tested: Lead,
    sources: Sequence[AskedModel],
    rows: Sequence[HeldRow],
    pairs: list[tuple[int, dict[str, Any]]],
    level: float,
) -> Finding:
    nearest = tested.others[0]
    is_found = tested.p_value <= level
    return Finding(
        kind="regenerated",
        verdict="found" if is_found else "not_found",
        statistic=nearest.rows_lead - nearest.lead,
        p_value=tested.p_value,
        null_hypothesis=(
            "the rows are no nearer to what the candidate answers afresh to their prompts than the"
            " answers of another model that was asked the same are"
        ),
        n_documents=tested.n_rows,
        where=tuple(rows[at].place for at, _ in pairs[:20]) if is_found else (),
        source=name,
        details={
            "of": "asked",
            "n_prompts": tested.n_prompts,
            "n_others": len(tested.others),
            "unasked_at_most": 1 / (len(tested.others) + 1),
            "own_lead": tested.own,
            "nearest": [
                {
                    "name": sources[one.source].name,
                    "p_value": one.p_value,
                    "lead": one.lead,
                    "rows_lead": one.rows_lead,
                }
                for one in tested.others[:_NEAREST]
            ],
            "pairs": [pair for _, pair in pairs] if is_found else [],
        },
    )


def _pairs(
    rows: Sequence[HeldRow],
    used: NDArray[np.int64],
    found: Likeness,
    sources: Sequence[AskedModel],
    compared: tuple[int, NDArray[np.int64]],
    ahead: NDArray[np.float64],
    keep_text: bool,
) -> list[tuple[int, dict[str, Any]]]:
    """Rows nearer to the candidate's answers than to any other's, the farthest before first."""
    candidate, nearest = compared
    order = [at for at in np.argsort(-ahead, kind="stable").tolist() if 0 < ahead[at] < np.inf]
    told = []
    for at in order[:_SHOWN]:
        number = int(used[at])
        row, other = rows[number], int(nearest[at])
        pair = {
            "id": row.place.id,
            "path": row.place.path,
            "line": row.place.line,
            "prompt_hash": f"{row.key[0]:016x}",
            "likeness": float(found.same[number, candidate]),
            "likeness_to_next": float(found.same[number, other]),
            "next": sources[other].name,
            "ahead": float(ahead[at]),
            "prompt": row.prompt if keep_text else None,
        }
        told.append((number, pair))
    return told


def _check(one: Finding, tested: Lead, sources: Sequence[AskedModel], level: float) -> Diagnostic:
    name = source_name(one.source)
    nearest = tested.others[0]
    other = source_name(sources[nearest.source].name)
    n = len(tested.others)
    on = f"on {tested.n_rows:,} rows to {tested.n_prompts:,} prompts that were asked"
    if one.verdict == "found":
        sentence = (
            f"Asked again, {name} says what the rows say, more than any of {n} other models does"
            f" (p = {tested.p_value:.2g}, {on}; the nearest is {other}). A model near to {name}"
            " that was not asked, or learnt from it, would do the same, and it tells nothing of"
            " how many rows."
        )
        if tested.own is not None:
            sentence += (
                f" The rows lead by {nearest.rows_lead:.3f}, {name}'s own answers by"
                f" {tested.own:.3f}, {other}'s by {nearest.lead:.3f}."
            )
    else:
        sentence = (
            f"Asked again, {name} says what the rows say no more than {other} does, of {n} other"
            f" models (p = {tested.p_value:.2g}, {on}). A part of the rows, or a sibling that was"
            " asked too, can hide it."
        )
    return Diagnostic(
        name=f"regenerated[{one.source}]",
        verdict="ok",
        statistic=tested.p_value,
        limit=level,
        sentence=sentence,
    )
