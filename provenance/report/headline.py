"""The answer in words: a sentence or two for each candidate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from provenance.records import Family, Power, Share
from provenance.words import MODEL_LIKE, percent, percent_range, source_name, visible

_SEEN = 0.01
"""A share that is worth a word though its low end is 0; a round figure, not tuned."""

_NEAR = " or a near sibling that was not given"
"""Where nothing tells it from one."""

_NAMED = 3
"""Candidates named in a headline; a round figure, not tuned."""
_NAME_WORDS, _NAME_CHARS = 4, 40
"""Of a name in a headline; round figures, not tuned."""

__all__ = ["Given", "beside_candidates", "headline", "sentences", "told_once", "without_candidate"]


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
        The row of text like a language model's, where it stands in place of the candidates'.
    counted : str
        What shares are of.
    few_models : bool
        Whether a model that was not given may explain what reads as a candidate's, as so few were.
    near : frozenset of str
        Candidates that nothing tells from a near sibling which was not given.
    """

    withheld: bool
    reasons: Sequence[str]
    families: Sequence[Family]
    power: Sequence[Power]
    model_like: Share | None
    counted: str = "documents"
    few_models: bool = False
    near: frozenset[str] = frozenset()


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
        if is_its and _is_told(family, [row]):
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


def _is_told(family: Family, rows: Sequence[Share]) -> bool:
    """Whether a family says something of the candidates in it that they do not say alone.

    Where none of them reaches up to its low end, it is text of their siblings, which nobody asked
    for: to tell it first would accuse a candidate of what cannot be its own.
    """
    own = [row for row in rows if row.source in family.members]
    if family.low <= 0 or max(row.high for row in own) < family.low:
        return False
    return len(rows) > 1 or _ends(family) != _ends(rows[0])


def _ends(one: Family | Share) -> tuple[str, str]:
    return percent(one.share or 0), percent_range(one.low, one.high)


def _sentence(row: Share, given: Given) -> str:
    name, level = source_name(row.source), f"{100 * row.confidence_level:g} %"
    if given.model_like is not None:
        return _unattributed(name, given.model_like, given)
    between = percent_range(row.low, row.high, "and")
    if given.withheld or row.verdict == "withheld":
        why = visible(given.reasons[0]).rstrip(". ") if given.reasons else "its share is withheld"
        return f"Cannot tell for {name}: {why}; {_defended(row)}."
    if row.low == 0 and row.verdict == "bounded":
        most = f"At most {percent(row.high)} of the {given.counted} look like the sample of {name}"
        return (
            f"{most} ({level} upper bound; a share cannot be told, and text on other prompts than"
            " the sample's can hide more)."
        )
    if row.low == 0 and given.few_models:
        return (
            f"{percent(row.share or 0)} of the {given.counted} read as {name}'s, but a model that"
            f" was not given may explain all of it ({level} interval 0 to {percent(row.high)})."
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
    near = _NEAR if row.source in given.near else ""
    if row.share is None or row.verdict == "bounded":
        told = f"Between {between} of the {given.counted} are consistent with {name}{near}"
        return f"{told} ({level} interval)."
    told = f"{percent(row.share)} of the {given.counted} are consistent with {name}{near}"
    return f"{told} ({level} interval {percent_range(row.low, row.high)})."


def _defended(row: Share, of: str = "") -> str:
    """What is left of a share that is withheld."""
    if (row.low, row.high) == (0, 1):
        return "no share is ruled out"
    return f"what can be defended is between {percent_range(row.low, row.high, 'and')}{of}"


def _unattributed(name: str, row: Share, given: Given) -> str:
    """What can be said of a candidate beside people's text alone; `row` is what was measured."""
    level = f"{100 * row.confidence_level:g} %"
    if row.share is None:
        why = visible(given.reasons[0]).rstrip(". ") if given.reasons else "it is withheld"
        return (
            f"Cannot tell for {name}, nor for {MODEL_LIKE}: {why}; of the latter {_defended(row)}."
        )
    if row.low == 0 and row.share > _SEEN:
        return (
            f"{percent(row.share)} of the {given.counted} read as a language model's, that of"
            f" {name} included, but people's text may explain all of it ({level} interval 0 to"
            f" {percent(row.high)})."
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


def beside_candidates(row: Share, counted: str) -> str:
    """What is said of text like a language model's behind the sentences of the candidates."""
    interval = f"{100 * row.confidence_level:g} % interval {percent_range(row.low, row.high)}"
    if row.low == 0:
        return (
            f"Of all models together no share can be shown: {percent(row.share or 0)} of the"
            f" {counted} read as a language model's, but people's text may explain them"
            f" ({interval})."
        )
    if row.high == 1:
        return (
            f"Of all models together, these and others: at least {percent(row.low)} of the"
            f" {counted}; {percent(row.share or 0)} read as these models' answers do, and models"
            f" that answer otherwise may read as people ({interval})."
        )
    return (
        f"Of all models together, these and others that answer alike: {percent(row.share or 0)} of"
        f" the {counted} ({interval})."
    )


def without_candidate(row: Share, reasons: Sequence[str]) -> str:
    """What is said of text like a language model's where no candidate was given."""
    level = f"{100 * row.confidence_level:g} %"
    if row.share is None:
        why = visible(reasons[0]).rstrip(". ") if reasons else "it is withheld"
        return f"Cannot tell how much is {MODEL_LIKE}: {why}; {_defended(row)}."
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


def headline(rows: Sequence[Share], given: Given) -> str:
    """The answer at one look: families first, no advice and no reasons, at most 60 words.

    Parameters
    ----------
    rows : sequence of Share
        The candidates'.
    given : Given
    """
    measured = given.model_like
    if measured is not None:
        return _headline_of_anyones(measured, given, named=bool(rows))
    if len(rows) == 1:
        return _headline_of_one(rows[0], given)
    if given.withheld:
        widest = (min(row.low for row in rows), max(row.high for row in rows))
        return (
            f"Cannot tell how much of the corpus is consistent with {_short_names(rows)}. What can"
            f" be defended of each: between {percent_range(*widest, 'and')} of the {given.counted}."
        )
    found = [one for one in told_once(given.families) if one.unit == "documents"]
    families = [one for one in found if _is_told(one, rows)]
    within = {name for one in families for name in one.members}
    apart = [row for row in rows if row.source not in within]
    shown: list[tuple[str, Family | Share]] = [(_family_name(one), one) for one in families]
    shown += [(_short_name(row.source), row) for row in apart if row.low > 0]
    if not shown:
        most = percent(max(row.high for row in rows))
        return (
            f"No share can be shown of {_short_names(rows)}: at most {most} of the {given.counted}"
            " are consistent with any one of them."
        )
    shown.sort(key=lambda item: -item[1].low)
    (first, best), *rest = shown[:_NAMED]
    told = f"{_told_short(best)} are consistent with {first}"
    told += "".join(f"; {_told_short(row)} with {name}" for name, row in rest)
    more = f"; {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    n_none = sum(row.low == 0 for row in apart)
    others = "another candidate" if n_none == 1 else f"{n_none} other candidates"
    none = f" Of {others} no share can be shown." if n_none else ""
    of_near = any(one.source in given.near for _, one in shown[:_NAMED])
    near = " Near siblings that were not given read alike." if of_near else ""
    return f"Of the {given.counted} {told}{more}.{none}{near}"


def _headline_of_one(row: Share, given: Given) -> str:
    name = _short_name(row.source)
    if given.withheld or row.verdict == "withheld":
        defended = _defended(row, f" of the {given.counted}")
        return f"Cannot tell how much of the corpus is consistent with {name}: {defended}."
    of_it = [one for one in told_once(given.families) if (one.source, one.unit) == _key(row)]
    for family in of_it:
        if _is_told(family, [row]):
            near = f"{_NEAR}," if row.source in given.near else ""
            alone = f"with {name} alone{near} {_told_short(row)}"
            if row.low == 0:
                alone = f"of {name} alone no share can be shown (at most {percent(row.high)})"
            return (
                f"{percent(family.share or 0)} of the {given.counted} are consistent with"
                f" {_family_name(family)} ({_interval(family)}); {alone}."
            )
    of_near = frozenset([name] if row.source in given.near else [])
    renamed = replace(given, power=_renamed(given, row, name), near=of_near)
    return _sentence(replace(row, source=name), renamed)


def _headline_of_anyones(row: Share, given: Given, *, named: bool) -> str:
    if row.share is None:
        defended = _defended(row, f" of the {given.counted}")
        return f"Cannot tell how much of the corpus is {MODEL_LIKE}: {defended}."
    if row.low > 0 and named:
        return (
            f"{MODEL_LIKE.capitalize()} makes up {percent(row.share)} of the {given.counted}"
            f" ({_interval(row)}). Which model wrote it cannot be told from what was given."
        )
    return without_candidate(row, ())


def _told_short(row: Family | Share) -> str:
    if row.share is None:
        return f"between {percent_range(row.low, row.high, 'and')}"
    return f"{percent(row.share)} ({percent_range(row.low, row.high)})"


def _interval(row: Share | Family) -> str:
    level = f"{100 * row.confidence_level:g} %"
    return f"{level} interval {percent_range(row.low, row.high)}"


def _key(row: Share) -> tuple[str | None, str]:
    return row.source, row.unit


def _renamed(given: Given, row: Share, name: str) -> list[Power]:
    return [replace(one, source=name) for one in given.power if (one.source, one.unit) == _key(row)]


def _family_name(family: Family) -> str:
    others = len(family.members) - 1
    siblings = f"its {others} siblings" if others > 1 else "its sibling"
    return f"{_short_name(family.source)} or {siblings}"


def _short_name(source: str | None) -> str:
    """A name that no headline is lost in."""
    name = source_name(source)
    words = name.split()
    short = " ".join(words[:_NAME_WORDS])[:_NAME_CHARS]
    return short if short == name else f"{short}…"


def _short_names(rows: Sequence[Share]) -> str:
    named = ", ".join(_short_name(row.source) for row in rows[:_NAMED])
    more = len(rows) - _NAMED
    return f"{named} or {more} more" if more > 0 else named
