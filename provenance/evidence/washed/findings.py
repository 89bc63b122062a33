"""The traces as findings: each with its null in words, a p-value and rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from provenance.evidence.washed.laws import (
    FEWEST,
    MISJOINED,
    MISTYPED,
    NO_ARTICLES,
    ODDLY_SPACED,
    REPAIRED,
    SPEAKING,
    KindsLaw,
)
from provenance.evidence.washed.lengths import Spike, spike
from provenance.evidence.washed.phrases import (
    IN_PEOPLES_TEXT,
    KINDS,
    PEOPLES_TEXTS,
    PHRASES,
    SOURCES,
    UNTRIED,
)
from provenance.evidence.washed.tally import MISJOINED as IS_MISJOINED
from provenance.evidence.washed.tally import MISTYPED as IS_MISTYPED
from provenance.evidence.washed.tally import NO_ARTICLES as HAS_NO_ARTICLES
from provenance.evidence.washed.tally import ODDLY_SPACED as IS_ODDLY_SPACED
from provenance.evidence.washed.tally import OTHER_IDENTITY, SPEAKS, Traces
from provenance.evidence.washed.tally import REPAIRED as HAS_REPAIRS
from provenance.records import Diagnostic, Finding

__all__ = ["SPIKE_FEWEST", "SPIKE_LEVEL", "told_spike", "with_traces"]

SPIKE_LEVEL: Final = 1e-4
"""P-values of lengths up to it are told. Of 262 kinds of whole texts the least is 0.0032
(`python -m provenance.validation.bench.washing DATA`)."""
SPIKE_FEWEST: Final = 5
"""Cut texts of one length; a round figure."""


def with_traces(
    findings: Sequence[Finding], traces: Traces
) -> tuple[tuple[Finding, ...], tuple[Diagnostic, ...]]:
    """The findings with those of washing, and a sentence for each that was found.

    That of the repairs, which reading has made, gets its p-value; without one it was found only
    where hidden marks, which are told after, say something.

    Parameters
    ----------
    findings : sequence of Finding
    traces : Traces
    """
    own = [_speaking(traces), _identity(traces), _lengths(traces), *_typed(traces)]
    if not any(item.kind == "text_repair" for item in findings):
        findings = (*findings, _unread_repairs(traces))
    told = [_repairs(item, traces) if item.kind == "text_repair" else item for item in findings]
    repairs = [item for item in told if item.kind == "text_repair"]
    checks = [_sentence(item) for item in (*repairs, *own) if item.verdict == "found"]
    return (*told, *own), tuple(checks)


def _verdict(is_found: bool) -> Any:
    return "found" if is_found else "not_found"


def _null(what: str, law: KindsLaw) -> str:
    return (
        f"{what} in no more of the texts than in a kind of people's text that nobody washed"
        f" (rates of {law.n_kinds} kinds with {law.n_texts:,} texts; copies and conversations"
        " count once)"
    )


def _counts(traces: Traces, flag: int, law: KindsLaw) -> dict[str, Any]:
    n_texts, n_shown = len(traces.key), traces.n_units(flag)
    return {
        "n_texts": n_texts,
        "n_shown": n_shown,
        "people": {"n_kinds": law.n_kinds, "n_texts": law.n_texts, "n_shown": law.n_shown},
        "fewest": FEWEST,
        "limit": law.level,
    }


def _repairs(finding: Finding, traces: Traces) -> Finding:
    n_texts, n_shown = len(traces.key), traces.n_units(HAS_REPAIRS)
    return replace(
        finding,
        verdict=_verdict(REPAIRED.is_found(n_shown, n_texts)),
        p_value=REPAIRED.p_value(n_shown, n_texts),
        null_hypothesis=_null("characters that no keyboard types stand", REPAIRED),
        details={
            **finding.details,
            **_counts(traces, HAS_REPAIRS, REPAIRED),
            "n_by_edit": dict(sorted(traces.edits.items())),
        },
    )


def _unread_repairs(traces: Traces) -> Finding:
    """What nobody read for its scores was not read for its repairs either, but for these."""
    return Finding(
        kind="text_repair",
        verdict="not_found",
        statistic=float(traces.shown[HAS_REPAIRS]),
        n_documents=traces.shown[HAS_REPAIRS],
        where=tuple(traces.places.get(HAS_REPAIRS, ())),
    )


def _phrases(traces: Traces, *, other_identity: bool) -> list[dict[str, Any]]:
    """Phrases that were found, the commonest first, each with where it is known from."""
    rows = [
        (number, count)
        for number, count in traces.phrases.items()
        if (PHRASES[number].kind == "other_identity") == other_identity
    ]
    return [
        {
            "phrase": PHRASES[number].shown,
            "kind": PHRASES[number].kind,
            "language": PHRASES[number].language,
            "n_documents": count,
            "known_from": SOURCES[PHRASES[number].source],
            "in_peoples_text": {
                "n_shown": IN_PEOPLES_TEXT.get(PHRASES[number].shown, 0),
                "n_texts": PEOPLES_TEXTS.get(PHRASES[number].language, 0),
            },
        }
        for number, count in sorted(rows, key=lambda row: (-row[1], row[0]))
    ]


def _speaking(traces: Traces) -> Finding:
    n_texts, n_shown = len(traces.key), traces.n_units(SPEAKS)
    phrases = _phrases(traces, other_identity=False)
    by_kind: Counter[str] = Counter()
    by_language: Counter[str] = Counter()
    for row in phrases:
        by_kind[row["kind"]] += row["n_documents"]
        by_language[row["language"]] += row["n_documents"]
    return Finding(
        kind="disclosure",
        verdict=_verdict(SPEAKING.is_found(n_shown, n_texts)),
        statistic=float(n_shown),
        p_value=SPEAKING.p_value(n_shown, n_texts),
        null_hypothesis=_null("what a model says of itself stands", SPEAKING),
        n_documents=traces.shown[SPEAKS],
        where=tuple(traces.places.get(SPEAKS, ())),
        details={
            "of": "phrases",
            **_counts(traces, SPEAKS, SPEAKING),
            "n_quoted_or_about_models": traces.n_about,
            "by_kind": {kind: by_kind[kind] for kind in KINDS if by_kind[kind]},
            "by_language": dict(sorted(by_language.items())),
            "untried_languages": list(UNTRIED),
            "phrases": phrases,
        },
    )


def _identity(traces: Traces) -> Finding:
    n_texts, n_shown = len(traces.key), traces.n_units(OTHER_IDENTITY)
    return Finding(
        kind="suppressed_signature",
        verdict=_verdict(SPEAKING.is_found(n_shown, n_texts)),
        statistic=float(n_shown),
        p_value=SPEAKING.p_value(n_shown, n_texts),
        null_hypothesis=_null(
            "claims to be a machine of a maker nobody knows, or cut out of their sentence, stand",
            SPEAKING,
        ),
        n_documents=traces.shown[OTHER_IDENTITY],
        where=tuple(traces.places.get(OTHER_IDENTITY, ())),
        details={
            "of": "identity",
            **_counts(traces, OTHER_IDENTITY, SPEAKING),
            "phrases": _phrases(traces, other_identity=True),
        },
    )


def _typed(traces: Traces) -> Iterator[Finding]:
    """What light edits leave: errors in common words, odd gaps, no articles, words misjoined."""
    for of, flag, law, what in (
        ("typing", IS_MISTYPED, MISTYPED, "errors of typing in common English words stand"),
        ("gaps", IS_ODDLY_SPACED, ODDLY_SPACED, "tabs and double or no-break spaces part words"),
        ("articles", HAS_NO_ARTICLES, NO_ARTICLES, "English stands without articles"),
        ("joins", IS_MISJOINED, MISJOINED, "English words that do not follow each other stand"),
    ):
        n_shown = traces.n_units(flag)
        is_found = law.is_found(n_shown, len(traces.key))
        yield Finding(
            kind="suppressed_signature",
            verdict=_verdict(is_found),
            statistic=float(n_shown),
            p_value=law.p_value(n_shown, len(traces.key)),
            null_hypothesis=_null(what, law),
            n_documents=traces.shown[flag],
            where=tuple(traces.places.get(flag, ())),
            details={"of": of, **_counts(traces, flag, law)},
        )


def _strongest(traces: Traces) -> Spike | None:
    return spike(traces.lengths[traces.lengths[:, 0] > 0])


def told_spike(traces: Traces) -> Spike | None:
    """The length at which so many texts were cut that it is told; None where none is."""
    found = _strongest(traces)
    if found is None or found.p_value > SPIKE_LEVEL or found.n_there < SPIKE_FEWEST:
        return None
    return found


def _lengths(traces: Traces) -> Finding:
    found, told = _strongest(traces), told_spike(traces)
    details: dict[str, Any] = {
        "of": "lengths",
        "n_texts": len(traces.key),
        "n_cut": int(np.count_nonzero(traces.lengths[:, 0])),
        "limit": SPIKE_LEVEL,
        "fewest": SPIKE_FEWEST,
    }
    if found is not None:
        details |= {name: getattr(found, name) for name in ("measure", "length")}
        details |= {name: getattr(found, name) for name in ("n_there", "n_near")}
    return Finding(
        kind="suppressed_signature",
        verdict=_verdict(told is not None),
        statistic=None if found is None else float(found.n_there),
        p_value=1.0 if found is None else found.p_value,
        null_hypothesis="texts that end amid a sentence end at one length as often as at those"
        " about it",
        n_documents=0 if told is None else told.n_there,
        details=details,
    )


def _sentence(finding: Finding) -> Diagnostic:
    of = str(finding.details.get("of", "repairs"))
    return Diagnostic(
        name=f"washed[{of}]",
        verdict="ok",
        statistic=finding.p_value,
        limit=finding.details["limit"],
        sentence=f"{_said(of, finding.details)} It is no part of the shares.",
    )


def _said(of: str, told: Mapping[str, Any]) -> str:
    if of == "lengths":
        return (
            f"{told['n_there']:,} texts end amid a sentence at {told['length']:,}"
            f" {told['measure']}: they were cut, by whoever made the corpus or whoever washed it."
        )
    return f"{told['n_shown']:,} of {told['n_texts']:,} texts {_SAID[of]}"


_SAID: Final = {
    "repairs": "hold characters that no keyboard types, more than people's text does: they were"
    " washed, or came through a program that leaves such.",
    "phrases": "say what a model says of itself. It tells of some model, not which, and of no more"
    " than these.",
    "identity": "claim to be a machine of a maker nobody knows, or lack the name where one stood:"
    " somebody may have rewritten who they say they are.",
    "typing": "hold errors of typing in common words, more than people's text of any kind at hand:"
    " somebody may have put them there, so that text reads as typed by hand, or they were typed"
    " in haste or read by a machine.",
    "articles": "are English and hold next to no article, more than people's text of any kind at"
    " hand: somebody may have left them out.",
    "joins": "are English and hold words that do not follow each other (*the of*,"
    " *a important*), more than people's text of any kind at hand: somebody may have left out,"
    " swapped or replaced words, or the writers learn the language.",
    "gaps": "hold tabs, double or no-break spaces between words of one line, again and again:"
    " somebody may have changed the white space, or a program left it so.",
}
