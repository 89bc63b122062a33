"""Error and coverage at known shares, measured on the user's own samples.

Each sample is divided in halves that share no prompt, group or text. A panel learns from one half;
corpora of known share are drawn from the other, no row twice, and read as `match` would read them.
Corpora of one split share rows, and all splits are of the same samples: they tell how the estimator
does on text like these samples, not on text of other prompts, periods or models.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from provenance.errors import InputError
from provenance.files.json import plain
from provenance.files.named import Given
from provenance.fingerprint.fingerprint import Fingerprint, require_same_spec
from provenance.matching.library.background import background, set_asked
from provenance.matching.library.naming import named_sources
from provenance.matching.sources import given_sources
from provenance.scoring.fitting import MINIMUM_DOCUMENTS
from provenance.scoring.stages import Stages
from provenance.share.sources import Sources
from provenance.statistics.conventions import FDR
from provenance.validation.held_out import Pool
from provenance.validation.plan import SCENARIOS, SHARES, SIZES, Plan, fits
from provenance.validation.readings import Reading, UsedSource
from provenance.validation.result import Validation
from provenance.validation.session import Session
from provenance.version import __version__

__all__ = ["run", "used_sources", "validate"]


def validate(
    *,
    candidates: Given[Fingerprint],
    references: Given[Fingerprint] = (),
    panel: Given[Fingerprint] = (),
    shares: Sequence[float] = SHARES,
    sizes: Sequence[int] = SIZES,
    repeats: int = 1,
    splits: int = 3,
    seed: int = 0,
    confidence_level: float = 0.95,
    same_domain: bool = False,
    fdr: float = FDR,
    scenarios: Sequence[str] = SCENARIOS,
    peers: Sequence[str] = (),
    texts: Mapping[int, str] | None = None,
    progress: Stages | None = None,
) -> Validation:
    """Measure error and coverage at known shares on samples of known origin.

    Works from the rows that fingerprints hold; no text is needed, but by the peers.

    Parameters
    ----------
    candidates, references, panel : Fingerprint, path, or several of these
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
    fdr : float
        Rows with q-values up to it are listed, as in `match`: how many of them are false is
        counted.
    scenarios : sequence of str
        ``closed``: corpora of the held-out half. ``length``: of its shortest, middle and longest
        third. ``other domain``: of each domain that the samples label, learnt from the others.
        ``unknown source``: holding each other source in turn, which the panel is not given.
    peers : sequence of str
        Published estimators to run on the same corpora; they need texts.
    texts : mapping of int to str, optional
        Texts by their hash, for peers, and to look at rows as `match` does.
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
            "fdr": fdr,
            "scenarios": scenarios,
            "peers": peers,
        }
    )
    asked = set_asked(panel)
    tested, people, others = (
        named_sources(given)
        for given in (candidates, references, () if asked is not None else panel)
    )
    if asked is not None:
        behind = background(tested, people, asked)
        tested, others = [*behind.candidates], [*behind.panel]
    sources = given_sources(tested, people, others, {})
    readings, notes = run(sources, plan, texts=texts, of_rows=texts or {}, progress=progress)
    return Validation(
        name="samples",
        readings=tuple(readings),
        notes=tuple(notes),
        confidence_level=confidence_level,
        version=__version__,
        seed=seed,
        options=plain(plan),
        spec=plain(require_same_spec(sources.fingerprints)),
        sources=used_sources(sources),
        seconds=round(time.monotonic() - clock, 1),
    )


def used_sources(sources: Sources) -> tuple[UsedSource, ...]:
    """What the manifest tells of each source."""
    pairs = zip(sources.fingerprints, sources.roles, strict=True)
    return tuple(
        UsedSource(
            name=item.name,
            role=role,
            n_documents=len(item.sample),
            sha256=item.sha256,
        )
        for item, role in pairs
    )


def run(
    sources: Sources,
    plan: Plan,
    *,
    texts: Mapping[int, str] | None = None,
    of_rows: Mapping[int, str] | None = None,
    progress: Stages | None = None,
) -> tuple[list[Reading], list[str]]:
    """All readings of a plan, and what could not be tested and why.

    Parameters
    ----------
    sources : Sources
    plan : Plan
    texts : mapping of int to str, optional
        For peers.
    of_rows : mapping of int to str, optional
        By hash, to be looked at as `match` looks at rows: whether they are by several hands, and
        what stands on their first sentences.
    progress : callable, optional
    """
    pool = Pool.of(sources.fingerprints)
    _check_rows(pool)
    jobs, notes = fits(pool, sources, plan)
    readings: list[Reading] = []
    for done, fit in enumerate(jobs):
        if progress is not None:
            progress(fit.told, done, len(jobs))
        session = replace(Session.of(sources, pool, fit, plan, texts), texts=of_rows or {})
        for number in sources.candidates:
            if sources.names[number] != fit.left_out:
                readings += session.readings(sources.names[number])
    return readings, notes


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
