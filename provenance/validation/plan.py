"""What is drawn to measure error and coverage, and how samples are divided for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import LARGEST_SEED, InputError, require_number, require_whole, told
from provenance.features.hashes import text_hash
from provenance.scoring.asked import FEWEST_ASKED
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS
from provenance.share.sources import Sources
from provenance.statistics.conventions import FDR
from provenance.validation.held_out import Pool, rng_of, split

__all__ = [
    "CANDIDATE_BESIDE",
    "FEWEST",
    "SCENARIOS",
    "SHARES",
    "SIZES",
    "THIRDS",
    "UNKNOWN_SHARES",
    "Fit",
    "Plan",
    "fits",
]

SHARES: Final = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
SIZES: Final = (100, 500, 2000)
SCENARIOS: Final = ("closed", "length", "other domain", "unknown source")
UNKNOWN_SHARES: Final = (0.3, 0.7, 1.0)
CANDIDATE_BESIDE: Final = (0.0, 0.3)
"""Shares of the candidate beside an unknown source."""
THIRDS: Final = ("shortest third", "middle third", "longest third")
MOST_LEFT_OUT: Final = 8
"""Domains, and sources, that are left out in turn: each takes a fit of its own."""
FEWEST: Final = 20
"""Smallest corpora."""
MOST_REPEATS: Final = 1 << 16
"""Corpora of a kind, and divisions: more would take years; a round figure, not tuned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is drawn and how it is read.

    Parameters
    ----------
    shares : tuple of float
        The candidate's shares of the corpora.
    sizes : tuple of int
        Documents asked for.
    repeats : int
        Corpora of one share, size, candidate and split.
    splits : int
    seed : int
    confidence_level : float
    same_domain : bool
        As in `match`; never so where a domain was left out.
    fdr : float
        Rows with q-values up to it are listed, as in `match`.
    scenarios : tuple of str
        Of `SCENARIOS`.
    peers : tuple of str
        Other estimators to run on the same corpora; they need texts.
    trusted : tuple of int
        Rows of a domain that was left out which are known not to be the candidate's: its corpora
        are read with each number of them.
    """

    shares: tuple[float, ...] = SHARES
    sizes: tuple[int, ...] = SIZES
    repeats: int = 1
    splits: int = 3
    seed: int = 0
    confidence_level: float = 0.95
    same_domain: bool = False
    fdr: float = FDR
    scenarios: tuple[str, ...] = SCENARIOS
    peers: tuple[str, ...] = ()
    trusted: tuple[int, ...] = (0,)

    def changed(self, changes: Mapping[str, Any]) -> Plan:
        """The same plan but for some fields; lists become tuples, sizes whole numbers."""
        kinds: dict[str, Callable[[Any], Any]]
        kinds = {"shares": _share, "sizes": _size, "scenarios": str, "peers": str}
        given = {name: changes[name] for name in kinds if name in changes}
        for name, values in given.items():
            if not isinstance(values, Iterable):
                raise InputError(f"{name} is {told(values)}", expected=f"a list of {name}")
        tuples = {name: tuple(map(kinds[name], values)) for name, values in given.items()}
        return replace(self, **{**changes, **tuples})

    def __post_init__(self) -> None:
        _refuse(not self.shares or not all(0 <= one <= 1 for one in self.shares), "shares", self)
        _refuse(not self.sizes or min(self.sizes) < FEWEST, "sizes", self)
        require_whole("repeats", self.repeats, 1, MOST_REPEATS)
        require_whole("splits", self.splits, 1, MOST_REPEATS)
        require_whole("seed", self.seed, 0, LARGEST_SEED)
        level = require_number("confidence_level", self.confidence_level, within=True)
        object.__setattr__(self, "confidence_level", level)
        object.__setattr__(self, "fdr", require_number("fdr", self.fdr))
        _refuse(not {*self.scenarios} <= {*SCENARIOS}, "scenarios", self)


_EXPECTED: Final = {
    "shares": "one or more fractions in [0, 1]",
    "sizes": f"one or more numbers of documents, each at least {FEWEST}",
    "scenarios": f"some of {', '.join(SCENARIOS)}",
}


def _share(value: object) -> float:
    return require_number("shares", value)


def _size(value: object) -> int:
    is_whole = isinstance(value, float) and value.is_integer()
    return require_whole("sizes", int(value) if is_whole else value, FEWEST)  # type: ignore[call-overload]


def _refuse(wrong: bool, name: str, plan: Plan) -> None:
    if wrong:
        raise InputError(f"{name} is {getattr(plan, name)}", expected=_EXPECTED[name])


@dataclass(frozen=True, slots=True)
class Fit:
    """One division of the samples: a panel is fitted for each.

    Parameters
    ----------
    scenario : str
    split : int
    learnt, held : ndarray of bool, shape (n_documents,)
        Rows of the pool to learn from and to draw corpora from.
    detail : str
        The domain or the source that was left out.
    left_out : str or None
        The source that the panel is not given.
    prompts : ndarray of uint64, optional
        What the models were asked of the corpora's prompts; see `Held`.
    """

    scenario: str
    split: int
    learnt: NDArray[np.bool_]
    held: NDArray[np.bool_]
    detail: str = ""
    left_out: str | None = None
    prompts: NDArray[np.uint64] | None = None

    @property
    def told(self) -> str:
        """What a progress bar says."""
        return f"{self.scenario}, {self.detail or f'split {self.split + 1}'}"


def fits(pool: Pool, sources: Sources, plan: Plan) -> tuple[list[Fit], list[str]]:
    """Every division of the samples that a plan needs, and why some scenarios have none."""
    halves = [split(pool, rng_of(plan.seed, "split", number)) for number in range(plan.splits)]
    found: list[Fit] = []
    notes: list[str] = []
    like_corpus, prompts = _asked(pool, sources)
    if not like_corpus.all():
        notes.append(
            "Corpora were drawn from the answers that models were asked for alone, and from people:"
            " as the corpus at hand, they are of the prompts that were asked."
        )
    if {"closed", "length"} & {*plan.scenarios}:
        found += [
            Fit("closed", number, half, ~half & like_corpus, prompts=prompts)
            for number, half in enumerate(halves)
        ]
    if "other domain" in plan.scenarios:
        domains = list(_domain_fits(pool, sources, plan))
        found += domains
        if not domains:
            notes.append(
                "Other domains were not tested: fewer than two domains are labelled and hold"
                " enough documents of every source."
            )
    if "unknown source" in plan.scenarios:
        strangers = [
            replace(one, held=one.held & like_corpus, prompts=prompts)
            for one in _stranger_fits(sources, halves, plan)
        ]
        found += strangers
        if not strangers:
            notes.append(
                "Unknown sources were not tested: that takes a candidate, a second model to"
                " leave out and a third source."
            )
    return found, notes


def _asked(pool: Pool, sources: Sources) -> tuple[NDArray[np.bool_], NDArray[np.uint64] | None]:
    """Which rows corpora are drawn from, and the prompts that models were asked of a corpus.

    All rows, and no prompts, where not every model was asked enough for both halves.
    """
    asked: NDArray[np.bool_] = pool.sample.asked_hash != 0
    models = np.isin(pool.source, sources.models)
    enough = 2 * max(FEWEST, FEWEST_ASKED)
    n_asked = _apart(pool, asked)
    if not sources.models or min(n_asked[one] for one in sources.models) < enough:
        return np.ones(len(pool), np.bool_), None
    return asked | ~models, np.unique(pool.sample.prompt_hash[asked & models])


def _domain_fits(pool: Pool, sources: Sources, plan: Plan) -> Iterator[Fit]:
    """Each domain in turn; all labelled rows that share nothing with it are learnt from."""
    labels = pool.sample.domain_hash
    names = {text_hash(name): name for item in sources.fingerprints for name in item.domains}
    tried: list[Fit] = []
    for label in np.unique(labels[labels != 0]).tolist():
        held = labels == label
        learnt = ~pool.touched(held) & (labels != 0)
        n_held = _apart(pool, held)
        candidates = [n_held[number] for number in sources.candidates]
        enough = max(candidates) >= FEWEST and sum(n_held) - max(candidates) >= FEWEST
        if enough and min(_apart(pool, learnt)) >= MINIMUM_DOCUMENTS:
            name = names.get(label, f"domain {label:016x}")
            tried.append(Fit("other domain", 0, learnt, held, name))
    yield from _some(sorted(tried, key=lambda fit: fit.detail), plan)


def _apart(pool: Pool, rows: NDArray[np.bool_]) -> list[int]:
    """How many rows of each source share nothing."""
    return [
        len(np.unique(pool.component[rows & (pool.source == number)]))
        for number in range(len(pool.names))
    ]


def _stranger_fits(
    sources: Sources, halves: Sequence[NDArray[np.bool_]], plan: Plan
) -> Iterator[Fit]:
    """Each model but the only candidate is left out in turn."""
    if len(sources.names) < 3:
        return
    only = sources.candidates[0] if len(sources.candidates) == 1 else None
    tried: list[Fit] = []
    for number, (name, role) in enumerate(zip(sources.names, sources.roles, strict=True)):
        if role != "reference" and number != only:
            turn = len(tried) % len(halves)
            half = halves[turn]
            tried.append(Fit("unknown source", turn, half, ~half, name, name))
    yield from _some(tried, plan)


def _some(tried: Sequence[Fit], plan: Plan) -> list[Fit]:
    order = rng_of(plan.seed, "left out").permutation(len(tried))[:MOST_LEFT_OUT]
    return [tried[place] for place in sorted(order.tolist())]
