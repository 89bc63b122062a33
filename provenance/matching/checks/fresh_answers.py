"""Whether a near sibling of a candidate stands behind the rows that read as the candidate's.

No likeness to other models tells a candidate from a sibling that nobody gave: beside them both read
alike. What the candidate answers to the corpus's own prompts does. Where it was asked enough of
them, and rows that read as its are in no other words than its answers, its share is told as its
own; else as that of it or a near sibling. Its ends stay: rows also differ from fresh answers where
they were written under another system prompt, cut or reworded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.regenerated.likeness import Answers
from provenance.evidence.regenerated.same_words import SameWords, same_words
from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.judging import Judged
from provenance.matching.tally import SampledCorpus
from provenance.records import FRESH, Diagnostic
from provenance.scoring.scored import Scored, ScoredSamples
from provenance.share.sources import Sources
from provenance.statistics.threads import one_thread

__all__ = ["answers_of", "judged_beside_answers", "reads_as"]

_LEVEL: Final = 0.01
"""Chance of saying of a candidate that wrote the rows that they differ, over all candidates. A
round figure, not tuned."""
_FEWEST: Final = 20
"""Prompts below which nothing is tested; a round figure, not tuned."""
_ENOUGH: Final = 200
"""Prompts on which each of eight pairs of siblings of `alpaca_eval` was seen to differ in 19 of 20
draws or all (`python -m provenance.validation.bench.near_siblings DATA`)."""


def reads_as(scored: Scored, source: int) -> NDArray[np.bool_]:
    """Which documents read as a source's more than as all others' together, shape (n_documents,).

    Parameters
    ----------
    scored : Scored
    source : int
    """
    n_others = scored.log_posterior.shape[1] - 1
    return np.asarray(scored.row_statistic(source) > np.log(n_others))


def answers_of(sample: SampledDocuments) -> Answers:
    """Documents of a sample as answers to their prompts.

    Parameters
    ----------
    sample : SampledDocuments
    """
    return Answers(sample.prompt_hash, sample.text_hash, sample.document, sample.rows)


@one_thread
def judged_beside_answers(
    judged: Judged,
    rows: Answers,
    corpus: SampledCorpus,
    samples: ScoredSamples,
    sources: Sources,
    seed: int,
) -> Judged:
    """What was judged, and whether rows that read as a candidate's are in its own words.

    Not looked at where no name is told, or where it was declared that no model but those given
    stands behind the corpus.

    Parameters
    ----------
    judged : Judged
    rows : Answers
        Those rows of the corpus whose prompts a candidate answers.
    corpus : SampledCorpus
    samples : ScoredSamples
        Of the sources, in the view that the corpus was scored in.
    sources : Sources
    seed : int
    """
    if judged.withheld or sources.only or not sources.beside_many:
        return judged
    checks, level = [], _LEVEL / len(sources.candidates)
    for candidate in sources.candidates:
        if judged.told(candidate).low <= 0:
            continue
        fingerprint = sources.fingerprints[candidate]
        known = corpus.text_hash[reads_as(corpus.scored, candidate)]
        own = samples.source == candidate
        # Whether a text reads as its does not hang on whether it is a row or an answer: leaving out
        # the others takes nothing from the test.
        fresh = np.flatnonzero(reads_as(samples.scored, candidate)[own])
        found = same_words(
            rows.take(np.flatnonzero(np.isin(rows.text, known))),
            answers_of(fingerprint.sample).take(fresh),
            fingerprint.spec.n_word_features,
            np.random.default_rng(seed),
        )
        checks.append(_check(fingerprint.name, found, level))
    return replace(judged, diagnostics=(*judged.diagnostics, *checks))


def _check(name: str, found: SameWords, level: float) -> Diagnostic:
    differs = found.n_prompts >= _FEWEST and found.p_value <= level
    n = f"{found.n_prompts:,}"
    near = (
        f"a near sibling of {name} that was not given (another version or size of it, or a model"
        " trained on its answers)"
    )
    ask = (
        f"Ask {name} {_ENOUGH} of the corpus's prompts that its rows answer, or more: provenance"
        " ask, then match with these answers in its sample."
    )
    if differs:
        sentence = (
            f"At {n} prompts rows that read as {name}'s are in other words than its answers when it"
            " was asked the same: chance makes them differ so much once in"
            f" {1 / found.p_value:,.0f} times. They may be by {near}, or by it under another system"
            " prompt or setting, or edited since."
        )
    elif found.n_prompts >= _ENOUGH:
        sentence = (
            f"At {n} prompts rows that read as {name}'s are in no other words than its answers when"
            " it was asked the same: a sibling as near as those that were looked at would have been"
            " seen."
        )
    elif found.n_prompts >= _FEWEST:
        sentence = (
            f"At {n} prompts rows that read as {name}'s are in no other words than its answers when"
            f" it was asked the same, but so few do not rule out {near}: what reads as its may be"
            f" that one's. {ask}"
        )
    else:
        sentence = (
            f"Text by {near} reads as {name}'s, all of it, and no likeness to other models shows"
            f" that: its share is its own or that one's. {ask}"
        )
    return Diagnostic(
        name=f"{FRESH}[{name}]",
        verdict="ok" if not differs and found.n_prompts >= _ENOUGH else "warn",
        statistic=found.p_value if found.n_prompts >= _FEWEST else None,
        limit=level if found.n_prompts >= _FEWEST else None,
        sentence=sentence,
    )
