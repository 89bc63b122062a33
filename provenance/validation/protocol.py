"""Error and coverage at known shares, measured on the user's own samples.

Each sample is divided in halves that share no prompt, group or text. A panel learns from one half;
corpora of known share are drawn from the other, no row twice, and read as `match` would read them.
Corpora of one split share rows, and all splits are of the same samples: they tell how the estimator
does on text like these samples, not on text of other prompts, periods or models.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from provenance import __version__
from provenance._record import plain
from provenance.diagnostics import choose_view, size_checks
from provenance.errors import InputError
from provenance.estimate import Sources, estimate_shares
from provenance.fingerprint import Fingerprint, require_same_spec
from provenance.fingerprint_file import fingerprint_sha256
from provenance.matching import given_sources
from provenance.scoring import MINIMUM_DOCUMENTS
from provenance.share import CAUTION, ZERO_LEVEL
from provenance.validation.held_out import Drawn, Held, Pool, draw, hold_out, rng_of
from provenance.validation.plan import (
    CANDIDATE_BESIDE,
    FEWEST,
    SCENARIOS,
    SHARES,
    SIZES,
    THIRDS,
    UNKNOWN_SHARES,
    Fit,
    Plan,
    fits,
)
from provenance.validation.readings import Reading, TestedSource, Validation

if TYPE_CHECKING:
    from provenance.validation.peer_rows import PeerBench

__all__ = [
    "Progress",
    "drawn_corpora",
    "read",
    "run",
    "tested_sources",
    "validate",
]

_POWER: Final = 0.8

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the number of fits done and the number of all fits."""


def validate(
    *,
    candidates: Sequence[Fingerprint],
    references: Sequence[Fingerprint] = (),
    panel: Sequence[Fingerprint] = (),
    shares: Sequence[float] = SHARES,
    sizes: Sequence[int] = SIZES,
    repeats: int = 1,
    splits: int = 3,
    seed: int = 0,
    confidence_level: float = 0.95,
    same_domain: bool = False,
    scenarios: Sequence[str] = SCENARIOS,
    peers: Sequence[str] = (),
    texts: Mapping[int, str] | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Measure error and coverage at known shares on samples of known origin.

    Works from the rows that fingerprints hold; no text is needed, but by the peers.

    Parameters
    ----------
    candidates, references, panel : sequence of Fingerprint
        As for `match`. Each candidate is tried in turn, the others then stand in the panel.
    shares : sequence of float
        The candidate's shares of the corpora.
    sizes : sequence of int
        Documents asked for; a corpus has as many as there are without taking a row twice.
    repeats, splits : int
        Corpora of each kind in a split, and divisions of the samples in halves.
    seed : int
        For everything that is drawn.
    confidence_level : float
    same_domain : bool
        As in `match`.
    scenarios : sequence of str
        ``closed``: corpora of the held-out half. ``length``: of its shortest, middle and longest
        third. ``other domain``: of each domain that the samples label, learnt from the others.
        ``unknown source``: holding each other source in turn, which the panel is not given.
    peers : sequence of str
        Published estimators to run on the same corpora; they need texts.
    texts : mapping of int to str, optional
        Texts by their hash.
    progress : callable, optional

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        Where the sources cannot be used together or are too small to be divided.

    Examples
    --------
    >>> validate(candidates=[api], references=[people]).save("out")  # doctest: +SKIP
    """
    clock = time.monotonic()
    plan = Plan().changed(
        {
            "shares": shares,
            "sizes": sizes,
            "repeats": repeats,
            "splits": splits,
            "seed": seed,
            "confidence_level": confidence_level,
            "same_domain": same_domain,
            "scenarios": scenarios,
            "peers": peers,
        }
    )
    sources = given_sources(candidates, references, panel, {})
    readings, notes = run(sources, plan, texts=texts, progress=progress)
    return Validation(
        name="samples",
        readings=tuple(readings),
        notes=tuple(notes),
        confidence_level=confidence_level,
        version=__version__,
        seed=seed,
        options=plain(plan),
        spec=plain(require_same_spec(sources.fingerprints)),
        sources=tested_sources(sources),
        seconds=round(time.monotonic() - clock, 1),
    )


def tested_sources(sources: Sources) -> tuple[TestedSource, ...]:
    """What the manifest tells of each source."""
    pairs = zip(sources.fingerprints, sources.roles, strict=True)
    return tuple(
        TestedSource(
            name=item.name,
            role=role,
            n_documents=len(item.sample),
            sha256=fingerprint_sha256(item),
        )
        for item, role in pairs
    )


def run(
    sources: Sources,
    plan: Plan,
    *,
    texts: Mapping[int, str] | None = None,
    progress: Progress | None = None,
) -> tuple[list[Reading], list[str]]:
    """All readings of a plan, and what could not be tested and why.

    Parameters
    ----------
    sources : Sources
    plan : Plan
    texts : mapping of int to str, optional
    progress : callable, optional
    """
    pool = Pool.of(sources.fingerprints)
    _check_rows(pool)
    jobs, notes = fits(pool, sources, plan)
    readings: list[Reading] = []
    for done, fit in enumerate(jobs):
        if progress is not None:
            progress(fit.told, done, len(jobs))
        bench = _peer_bench(pool, fit, plan, texts) if plan.peers else None
        seed = plan.seed + fit.split
        held = hold_out(
            sources.fingerprints, pool, fit.learnt, fit.held, seed, [fit.left_out or ""]
        )
        for candidate in [sources.names[number] for number in sources.candidates]:
            if candidate != fit.left_out:
                drawn = list(drawn_corpora(held, candidate, fit, plan))
                readings += (read(held, sources, candidate, fit, one, plan) for one in drawn)
                if bench is not None:
                    readings += bench.readings(held.pool, candidate, fit.split, drawn)
    return readings, notes


def _peer_bench(pool: Pool, fit: Fit, plan: Plan, texts: Mapping[int, str] | None) -> PeerBench:
    from provenance.validation.peer_rows import PeerBench

    place = -1 if fit.left_out is None else pool.names.index(fit.left_out)
    learnt = np.flatnonzero(fit.learnt & (pool.source != place))
    return PeerBench.of(plan.peers, texts or {}, pool.take(learnt), plan.seed)


def _check_rows(pool: Pool) -> None:
    for number, name in enumerate(pool.names):
        n_apart = len(np.unique(pool.component[pool.source == number]))
        if n_apart < 2 * MINIMUM_DOCUMENTS:
            raise InputError(
                f"the sample of {name!r} has {n_apart} documents that share no prompt, group or"
                " words",
                expected=f"at least {2 * MINIMUM_DOCUMENTS}, better 400: a half to learn from and"
                " a half to draw corpora from",
                remedy="Make its fingerprint from more text",
            )


def drawn_corpora(held: Held, candidate: str, fit: Fit, plan: Plan) -> Iterator[Drawn]:
    """Every corpus of a candidate that a plan draws from one division.

    Parameters
    ----------
    held : Held
    candidate : str
    fit : Fit
    plan : Plan
    """
    if fit.left_out is not None:
        pairs = [
            (level, unknown)
            for unknown in UNKNOWN_SHARES
            for level in CANDIDATE_BESIDE
            if level + unknown <= 1
        ]
        yield from _series(held, candidate, fit, plan, [max(plan.sizes)], pairs)
        return
    pairs = [(level, 0.0) for level in plan.shares]
    if fit.scenario in plan.scenarios:
        yield from _series(held, candidate, fit, plan, plan.sizes, pairs)
    if fit.scenario == "closed" and "length" in plan.scenarios:
        edges = np.quantile(held.pool.sample.n_tokens, (1 / 3, 2 / 3))
        third = np.searchsorted(edges, held.pool.sample.n_tokens)
        for number, detail in enumerate(THIRDS):
            part = Fit("length", fit.split, fit.learnt, fit.held, detail)
            size = [max(plan.sizes)]
            yield from _series(held, candidate, part, plan, size, pairs, third == number)


def _series(
    held: Held,
    candidate: str,
    fit: Fit,
    plan: Plan,
    sizes: Sequence[int],
    pairs: Sequence[tuple[float, float]],
    allowed: NDArray[np.bool_] | None = None,
) -> Iterator[Drawn]:
    """Corpora of several sizes and shares; a size that gives no larger one is passed over."""
    pool = held.pool
    own = pool.rows_of(candidate, allowed)
    others = [name for name in held.panel.names if name != candidate]
    rest = [pool.rows_of(name, allowed) for name in others]
    stranger = None if fit.left_out is None else pool.rows_of(fit.left_out, allowed)
    for level, unknown in pairs:
        largest = 0
        for asked in sorted(sizes):
            for repeat in range(plan.repeats):
                key = (plan.seed, fit.split, fit.scenario, fit.detail, candidate)
                rng = rng_of(*key, asked, level, unknown, repeat)
                made = draw(rng, own, rest, asked, level, stranger, unknown)
                if made is not None and len(made.rows) >= max(FEWEST, largest + (repeat == 0)):
                    largest = len(made.rows)
                    yield Drawn(fit.scenario, fit.detail, asked, level, unknown, made)


def read(
    held: Held, sources: Sources, candidate: str, fit: Fit, drawn: Drawn, plan: Plan
) -> Reading:
    """What one corpus is read as, with every check that `match` makes of it.

    Parameters
    ----------
    held : Held
    sources : Sources
        All that were given; of those in the panel the roles are taken.
    candidate : str
        The one under test: the other candidates count as panel.
    fit : Fit
    drawn : Drawn
    plan : Plan
    """
    number = held.panel.names.index(candidate)
    roles = tuple(
        "candidate" if name == candidate else _role(sources, name) for name in held.panel.names
    )
    suspect, tally = held.corpus(drawn.corpus.rows)
    view, _ = choose_view(held.panel, tally)
    in_domain = plan.same_domain and fit.scenario != "other domain"
    estimate = estimate_shares(
        held.panel,
        view,
        suspect,
        Sources(held.fingerprints, roles),
        confidence_level=plan.confidence_level,
        caution=1.0 if in_domain else CAUTION,
    )
    failed = any(
        item.verdict == "fail" for item in size_checks(held.panel, tally, 0, [number], True)
    )
    withheld = failed or estimate.withheld
    mixture = estimate.mixtures["documents"]
    return Reading(
        scenario=drawn.scenario,
        candidate=candidate,
        detail=drawn.detail,
        split=fit.split,
        asked=drawn.asked,
        n=len(drawn.corpus.rows),
        level=drawn.level,
        truth=drawn.corpus.truth,
        unknown=drawn.unknown,
        share=None if withheld else float(mixture.shares[number]),
        low=0.0 if withheld else float(mixture.low[number]),
        high=1.0 if withheld else float(mixture.high[number]),
        withheld=withheld,
        smallest_detectable_share=mixture.two_sources[number].smallest_detectable(
            _POWER, ZERO_LEVEL
        ),
    )


def _role(sources: Sources, name: str) -> str:
    role = sources.roles[sources.names.index(name)]
    return "panel" if role == "candidate" else role
