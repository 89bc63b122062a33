"""Are a column of grades an API's own? More like its answers than independent raters' are.

Grades are too short for style. But a judge errs in its own way: whoever copied its verdicts agrees
with it oftener than raters do who looked at the items themselves, also where the others agree on
something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, Literal

from provenance.corpus import Corpus
from provenance.errors import InputError
from provenance.files.json import plain
from provenance.statistics.agreement import Beyond, Kappa, beyond_rater, kappa
from provenance.words import percent, visible

__all__ = ["FEWEST_ITEMS", "FEWEST_RATERS", "LEVEL", "Grades", "RaterTested", "grades", "labels_of"]

LEVEL: Final = 0.01
"""P-values up to it are told, the largest over raters and tests: the rate of false alarms that was
asked for. The test is exact, so that no data chose it."""
FEWEST_ITEMS: Final = 30
"""Items that the suspect, the judge and a rater have all graded; a round figure."""
FEWEST_RATERS: Final = 2
"""Beside one, nobody says what raters agree on where the judge errs."""

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RaterTested:
    """The suspect beside one rater.

    Parameters
    ----------
    name : str
    kappa : Kappa
        Of the rater and the judge.
    everywhere : Beyond
        On all items that the three have graded.
    where_others_differ : Beyond
        On those where most other raters say something else than the judge.
    """

    name: str
    kappa: Kappa
    everywhere: Beyond
    where_others_differ: Beyond

    @property
    def p_value(self) -> float:
        """The larger of both: the suspect has to be nearer in both ways."""
        return max(self.everywhere.p_value, self.where_others_differ.p_value)

    def line(self) -> str:
        """What a terminal shows of it."""
        there = self.where_others_differ
        return (
            f"  {visible(self.name)}: {percent(self.kappa.agreement)}"
            f" ({_kappa_in_words(self.kappa)}); where other raters differ from the judge"
            f" {there.n_rater:,} of {there.n_items:,}, the suspect {there.n_suspect:,}"
            f" (p = {self.p_value:.2g})"
        )


@dataclass(frozen=True, slots=True)
class Grades:
    """What was found of a column of grades.

    Parameters
    ----------
    verdict : str
    kappa : Kappa
        Of the suspect and the judge.
    p_value : float, optional
        The largest over the raters.
    level : float
    raters : tuple of RaterTested
    why : str
        Where nothing could be tested.
    """

    verdict: Literal["beyond raters", "not beyond raters", "too little to score"]
    kappa: Kappa
    p_value: float | None
    level: float
    raters: tuple[RaterTested, ...]
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""
        found: dict[str, Any] = plain(self)
        return found

    def summary(self) -> str:
        """What a terminal shows."""
        if self.verdict == "too little to score":
            return f"Too little to score: {visible(self.why)}"
        one = self.kappa
        head = (
            f"The suspect's grades are the judge's on {percent(one.agreement)} of"
            f" {one.n_items:,} items ({_kappa_in_words(one, with_range=True)})."
        )
        said = {
            "beyond raters": "They are nearer to the judge's own grades than those of any rater,"
            " also where raters agree on something else: consistent with grades that were copied,"
            " or learnt, from the judge or one like it.",
            "not beyond raters": "They are no nearer to the judge's own grades than raters' are: no"
            " evidence that they were copied. Few copied ones among others would not show.",
        }[self.verdict]
        lines = [rater.line() for rater in self.raters]
        return "\n".join([head, *lines, said])


def _kappa_in_words(one: Kappa, *, with_range: bool = False) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "no kappa: chance alone would agree as often"
    told = f"kappa {one.value:.2f}"
    return f"{told}, {one.low:.2f} to {one.high:.2f}" if with_range else told


def labels_of(corpus: Corpus, field: str) -> dict[str, str]:
    """The label of each row, by its id; rows without one are left out.

    Parameters
    ----------
    corpus : Corpus
        Opened with ``by=(field,)``.
    field : str

    Raises
    ------
    InputError
        Where no row has a label, or an id stands twice with two labels.
    """
    found: dict[str, str] = {}
    for one in corpus:
        label = _as_compared(one.fields.get(field, ""))
        if not label:
            continue
        if found.setdefault(one.id, label) != label:
            raise InputError(
                f"the item {one.id[:60]!r} has two labels",
                where=f"{one.path}:{one.line}",
                expected="one row for each item",
                remedy="Name the field that tells items apart with --id-field",
            )
    if not found:
        raise InputError(
            f"no row has a label in the field {field!r}",
            remedy="Name the field of the labels with --label-field",
        )
    return found


def _as_compared(label: str) -> str:
    """A label as it is compared: 1, 1.0 and "1", or Yes and yes, are one."""
    found = label.strip().casefold()
    try:
        short = f"{float(found):g}"
    except ValueError:
        return found
    return short if float(short) == float(found) else found


def _refuse_other_scales(judge: Labels, columns: Mapping[str, Labels]) -> None:
    """Whoever grades on a scale of its own never agrees with the judge, and anybody else would."""
    for who, labels in columns.items():
        both = [item for item in labels if item in judge]
        if len(both) >= FEWEST_ITEMS and not {labels[item] for item in both} & {*judge.values()}:
            example = both[0]
            raise InputError(
                f"{who} and the judge have no grade in common: one says"
                f" {labels[example][:30]!r} of an item, the other {judge[example][:30]!r}",
                expected="grades on one scale, written alike",
                remedy="Name the field of the grades with --label-field, or write them alike",
            )


def _refuse_same_raters(raters: Mapping[str, Labels]) -> None:
    """A column that is given twice agrees with itself wherever the judge errs."""
    for one, other in combinations(raters, 2):
        if (
            len(raters[one]) >= FEWEST_ITEMS
            and raters[one] == raters[other]
            and _varied(raters[one])
        ):
            raise InputError(
                f"the raters {one!r} and {other!r} say the same of every item",
                expected="raters who are independent of one another, each given once",
                remedy="Leave one of them out",
            )


def _varied(labels: Labels) -> bool:
    return len({*labels.values()}) > 1


def grades(suspect: Labels, judge: Labels, raters: Mapping[str, Labels]) -> Grades:
    """Test whether grades agree with a judge's own beyond what independent raters reach.

    Parameters
    ----------
    suspect : mapping of str to str
        Label of each item.
    judge : mapping of str to str
        The API's own labels of the same items, asked afresh.
    raters : mapping of str to mapping of str to str
        Labels by people, or by models that are not the judge.

    Examples
    --------
    >>> items = [str(number) for number in range(60)]
    >>> judge = {item: "ab"[int(item) % 2] for item in items}
    >>> people = {name: dict.fromkeys(items, "a") for name in ("x", "y")}
    >>> grades(judge, judge, people).verdict
    'beyond raters'
    """
    _refuse_same_raters(raters)
    named = {f"the rater {name!r}": labels for name, labels in raters.items()}
    _refuse_other_scales(judge, {"the suspect": suspect, **named})
    shared = [item for item in suspect if item in judge]
    own = kappa([suspect[item] for item in shared], [judge[item] for item in shared])
    if len(raters) < FEWEST_RATERS:
        return _untested(own, f"give {FEWEST_RATERS} raters or more (--rater).")
    tested = []
    for name, labels in raters.items():
        others = [rest for other, rest in raters.items() if other != name]
        items = [item for item in shared if item in labels]
        if len(items) < FEWEST_ITEMS:
            return _untested(
                own,
                f"{len(items):,} items were graded by the suspect, the judge and {name}, fewer than"
                f" {FEWEST_ITEMS}. Are their ids the same (--id-field)?",
            )
        differ = [item for item in items if _most_differ(item, judge[item], others)]
        tested.append(
            RaterTested(
                name,
                kappa([labels[item] for item in items], [judge[item] for item in items]),
                _beyond(suspect, labels, judge, items),
                _beyond(suspect, labels, judge, differ),
            )
        )
    p_value = max(one.p_value for one in tested)
    verdict: Any = "beyond raters" if p_value <= LEVEL else "not beyond raters"
    return Grades(verdict, own, p_value, LEVEL, tuple(tested))


def _untested(own: Kappa, why: str) -> Grades:
    return Grades("too little to score", own, None, LEVEL, (), why)


def _most_differ(item: str, label: str, others: Sequence[Labels]) -> bool:
    """Whether the commonest label of some raters is another than the judge's, without a tie."""
    votes = Counter(rest[item] for rest in others if item in rest)
    most = max(votes.values(), default=0)
    return most > votes[label]


def _beyond(suspect: Labels, rater: Labels, judge: Labels, items: Sequence[str]) -> Beyond:
    return beyond_rater(
        [suspect[item] for item in items],
        [rater[item] for item in items],
        [judge[item] for item in items],
    )
