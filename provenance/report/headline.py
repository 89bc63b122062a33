"""The answer in words: a sentence or two for each candidate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from provenance.records import Family, Power, Share
from provenance.words import MODEL_LIKE, percent, percent_range, source_name, visible

_SEEN = 0.01
"""A share that is worth a word though its low end is 0; a round figure, not tuned."""

__all__ = ["Given", "sentences", "told_once", "without_candidate"]


@dataclass(frozen=True, slots=True)
class Given:
    """What of a report stands beside a candidate's share in the answer.

    Parameters
    ----------
    withheld : bool
    reasons : sequence of str
    families : sequence of Family
    power : sequence of Power
    model_like : Share or None
        The row of text like a language model's, where nobody knows whose it is.
    counted : str
        What shares are of.
    """

    withheld: bool
    reasons: Sequence[str]
    families: Sequence[Family]
    power: Sequence[Power]
    model_like: Share | None
    counted: str = "documents"


def told_once(families: Sequence[Family]) -> list[Family]:
    """Families of the same members as one, under the candidate that comes first.

    Two candidates that are siblings have a family each: the same sources, of which each low end
    gives up what that candidate's own does. The wider ends of both are told.
    """
    found: dict[tuple[frozenset[str], str], Family] = {}
    for one in families:
        known = found.setdefault((frozenset(one.members), one.unit), one)
        low, high = min(known.low, one.low), max(known.high, one.high)
        found[frozenset(one.members), one.unit] = replace(known, low=low, high=high)
    return [*found.values()]


def sentences(row: Share, given: Given) -> Iterator[str]:
    """The answer for a candidate: where siblings were given, with them first."""
    withheld = given.withheld or row.verdict == "withheld"
    for family in () if withheld else told_once(given.families):
        is_its = (family.source, family.unit) == (row.source, row.unit)
        if is_its and family.low > 0 and _ends(family) != _ends(row):
            named = [source_name(one) for one in family.members[1:4]]
            more = len(family.members) - 4
            others = ", ".join([*named, f"{more} more"] if more > 0 else named)
            yield (
                f"{percent(family.share or 0)} of the {given.counted} are consistent with"
                f" {source_name(row.source)} or its siblings ({others};"
                f" {100 * family.confidence_level:g} % interval"
                f" {percent_range(family.low, family.high)}). Alone:"
            )
    yield _sentence(row, given)


def _ends(one: Family | Share) -> tuple[str, str]:
    return percent(one.share or 0), percent_range(one.low, one.high)


def _sentence(row: Share, given: Given) -> str:
    name, level = source_name(row.source), f"{100 * row.confidence_level:g} %"
    if given.model_like is not None:
        return _unattributed(name, given.model_like, given)
    between = percent_range(row.low, row.high, "and")
    if given.withheld or row.verdict == "withheld":
        why = visible(given.reasons[0]).rstrip(". ") if given.reasons else "its share is withheld"
        return f"Cannot tell for {name}: {why}; what can be defended: between {between}."
    if row.low == 0 and row.verdict == "bounded":
        most = f"At most {percent(row.high)} of the {given.counted} look like the sample of {name}"
        return (
            f"{most} ({level} upper bound; a share cannot be told, and text on other prompts than"
            " the sample's can hide more)."
        )
    if row.low == 0 and _is_seen(row, given):
        read = f"{percent(row.share or 0)} of the {given.counted} read as {name}'s"
        return (
            f"{read}, but other sources may explain all of it ({level} interval 0 to"
            f" {percent(row.high)})."
        )
    if row.low == 0:
        most = f"at most {percent(row.high)} of the {given.counted} are consistent with it"
        return f"No evidence for {name}: {most} (upper end of the {level} interval)."
    if row.share is None or row.verdict == "bounded":
        told = f"Between {between} of the {given.counted} are consistent with {name}"
        return f"{told} ({level} interval)."
    told = f"{percent(row.share)} of the {given.counted} are consistent with {name}"
    return f"{told} ({level} interval {percent_range(row.low, row.high)})."


def _unattributed(name: str, row: Share, given: Given) -> str:
    """What can be said of a candidate beside people's text alone; `row` is what was measured."""
    level = f"{100 * row.confidence_level:g} %"
    if row.share is None:
        why = visible(given.reasons[0]).rstrip(". ") if given.reasons else "it is withheld"
        between = percent_range(row.low, row.high, "and")
        return (
            f"Cannot tell for {name}, nor for {MODEL_LIKE}: {why}; what can be defended of the"
            f" latter: between {between}."
        )
    if row.low == 0:
        return (
            f"No evidence for {MODEL_LIKE}, that of {name} included: at most {percent(row.high)} of"
            f" the {given.counted} are consistent with it (upper end of the {level} interval)."
        )
    return (
        f"{MODEL_LIKE.capitalize()} makes up {percent(row.share)} of the {given.counted} ({level}"
        f" interval {percent_range(row.low, row.high)}); whether it is that of {name}, other"
        " models' samples must tell: bring them with --panel, or declare with --only that no"
        " other model may stand behind the corpus."
    )


def without_candidate(row: Share, reasons: Sequence[str]) -> str:
    """What is said of text like a language model's where no candidate was given."""
    level = f"{100 * row.confidence_level:g} %"
    if row.share is None:
        why = visible(reasons[0]).rstrip(". ") if reasons else "it is withheld"
        between = percent_range(row.low, row.high, "and")
        return (
            f"Cannot tell how much is {MODEL_LIKE}: {why}; what can be defended: between {between}."
        )
    if row.low == 0 and row.share >= _SEEN:
        return (
            f"{percent(row.share)} of the documents that were judged read as a language model's,"
            f" but people's text may explain all of it ({level} interval 0 to {percent(row.high)})."
        )
    if row.low == 0:
        return (
            f"No evidence for {MODEL_LIKE}: at most {percent(row.high)} of the documents that were"
            f" judged (upper end of the {level} interval)."
        )
    return (
        f"{percent(row.share)} of the documents that were judged read as a language model's,"
        f" against people's ({level} interval {percent_range(row.low, row.high)})."
    )


def _is_seen(row: Share, given: Given) -> bool:
    """Whether the share itself is no smaller than what the corpus could show."""
    detectable = [
        item.smallest_detectable_share
        for item in given.power
        if (item.source, item.unit) == (row.source, row.unit)
    ]
    return any(one is not None and (row.share or 0) >= one for one in detectable)
