"""Telling words of a candidate that the corpus lacks, as findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.washed.suppressed import (
    FEWEST_TELLING,
    LEVEL,
    MissingWords,
    Words,
    missing_words,
)
from provenance.fingerprint.fingerprint import Fingerprint, frequency_slots
from provenance.matching.tally import Tally
from provenance.records import Diagnostic, Finding
from provenance.share.sources import Sources
from provenance.words import source_name

__all__ = ["missing_word_checks", "missing_word_findings", "words_of"]

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_SHOWN: Final = 30
"""Missing words told; a round figure."""


def missing_word_findings(sources: Sources, tally: Tally) -> Iterator[Finding]:
    """A finding for each candidate: are its telling words missing from the corpus?

    Beside several references the words have to be missing beside each: the largest p-value counts.

    Parameters
    ----------
    sources : Sources
    tally : Tally
    """
    roles = zip(sources.fingerprints, sources.roles, strict=True)
    people = [one for one, role in roles if role == "reference"]
    for number in sources.candidates:
        candidate = sources.fingerprints[number]
        if not people:
            yield _unchecked(candidate, "no reference of people's text was given")
        elif not candidate.readable:
            yield _unchecked(candidate, "a sealed sample names no words")
        else:
            every = [
                missing_words(words_of(candidate, one, tally.frequency, tally.n_passages))
                for one in people
            ]
            tested = [one for one in every if one is not None]
            if len(tested) < len(people):
                why = (
                    f"fewer than {FEWEST_TELLING} telling words are common enough among people for"
                    " a corpus of this size"
                )
                yield _unchecked(candidate, why)
            else:
                yield _told(candidate, tested)


def missing_word_checks(findings: Sequence[Finding]) -> Iterator[Diagnostic]:
    """A sentence for each finding of missing words."""
    for one in findings:
        if one.verdict == "found":
            told = one.details
            yield Diagnostic(
                name=f"washed[telling words of {one.source}]",
                verdict="ok",
                statistic=one.p_value,
                limit=LEVEL,
                sentence=(
                    f"Of {told['n_telling']:,} words that tell {source_name(one.source)} and that"
                    f" people use too, {told['n_missing']:,} are all but missing from the corpus"
                    f" ({told['expected']:.1f} would be, were they missing as often as others):"
                    " somebody may have taken them out, and the share may read low for it."
                ),
            )


def words_of(
    candidate: Fingerprint,
    people: Fingerprint,
    frequency: NDArray[np.uint32],
    n_passages: int,
) -> Words:
    """The words that a candidate and people use, and how many passages of each hold them.

    Parameters
    ----------
    candidate, people : Fingerprint
    frequency : ndarray of uint32
        Passages of the corpus by slot, as a fingerprint counts them.
    n_passages : int
        Of the corpus.
    """
    named = {*candidate.readable, *people.readable}
    words = tuple(sorted(word for word in named if _WORD.fullmatch(word)))
    slots = frequency_slots(words, candidate.spec) if words else np.empty(0, np.int64)
    return Words(
        words,
        _rates(candidate.frequency, slots, candidate.n_passages),
        _rates(people.frequency, slots, people.n_passages),
        _rates(frequency, slots, n_passages),
        candidate.n_passages,
        people.n_passages,
        n_passages,
    )


def _rates(
    frequency: NDArray[np.uint32], slots: NDArray[np.int64], n_passages: int
) -> NDArray[np.float64]:
    """Part of the passages that holds each word, without what other n-grams put into its slot."""
    own = frequency[slots].astype(np.float64) - float(np.median(frequency))
    return np.clip(own / max(1, n_passages), 0.0, 1.0)


def _unchecked(candidate: Fingerprint, why: str) -> Finding:
    return Finding(
        kind="suppressed_signature",
        verdict="not_checked",
        null_hypothesis=why,
        source=candidate.name,
        details={"of": "telling words"},
    )


def _told(candidate: Fingerprint, tested: Sequence[MissingWords]) -> Finding:
    worst = max(tested, key=lambda one: one.p_value)
    details: dict[str, Any] = {
        "of": "telling words",
        "n_telling": worst.n_telling,
        "n_missing": worst.n_missing,
        "expected": worst.expected,
        "n_others": worst.n_others,
        "n_others_missing": worst.n_others_missing,
        "limit": LEVEL,
        "words": list(worst.words[:_SHOWN]),
    }
    return Finding(
        kind="suppressed_signature",
        verdict="found" if worst.p_value <= LEVEL else "not_found",
        statistic=float(worst.n_missing),
        p_value=worst.p_value,
        null_hypothesis="words that tell the candidate are missing from the corpus no oftener than"
        " others that people use as much",
        source=candidate.name,
        details=details,
    )
