"""Error and coverage at known shares, measured on the user's own samples.

Each sample is divided in halves that share no prompt, group or text. A panel learns from one half;
corpora of known share are drawn from the other, no row twice, and read as `match` would read them.
Corpora of one split share rows, and all splits are of the same samples: they tell how the estimator
does on text like these samples, not on text of other prompts, periods or models.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.files.json import plain
from provenance.files.named import Given
from provenance.fingerprint.fingerprint import Fingerprint, require_same_spec
from provenance.matching.checks.by_family import judged_by_families
from provenance.matching.checks.checks import choose_view
from provenance.matching.checks.mixed_rows import judged_by_hands
from provenance.matching.checks.openings import judged_without_openings
from provenance.matching.judging import Judged, Told, judge
from provenance.matching.library.background import background, set_asked
from provenance.matching.library.naming import named_sources
from provenance.matching.matched import Settings
from provenance.matching.row_lists import conformal_of
from provenance.matching.sources import given_sources
from provenance.records import Diagnostic
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS
from provenance.scoring.fitting.stages import Stages
from provenance.scoring.p_values import Conformal
from provenance.scoring.scored import Scored
from provenance.share.estimate import sample_checks
from provenance.share.sources import Sources
from provenance.share.two_sources.two_sources import CAUTION
from provenance.statistics.conventions import FDR
from provenance.validation.drawing import drawn_corpora
from provenance.validation.held_out import Drawn, Held, Pool, hold_out
from provenance.validation.plan import SCENARIOS, SHARES, SIZES, Fit, Plan, fits
from provenance.validation.readings import Reading, UsedSource
from provenance.validation.result import Validation
from provenance.version import __version__

if TYPE_CHECKING:
    from provenance.validation.peers.peer_rows import PeerBench

__all__ = [
    "Session",
    "run",
    "used_sources",
    "validate",
]

_ELSEWHERE: Final = ("other domain", "whole other set")


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
    progress: Stages | None = None,
) -> tuple[list[Reading], list[str]]:
    """All readings of a plan, and what could not be tested and why.

    Parameters
    ----------
    sources : Sources
    plan : Plan
    texts : mapping of int to str, optional
        By hash: for peers, and to be looked at as `match` looks at rows, whether they are by
        several hands, and what stands on their first sentences.
    progress : callable, optional
    """
    pool = Pool.of(sources.fingerprints)
    _check_rows(pool)
    jobs, notes = fits(pool, sources, plan)
    readings: list[Reading] = []
    for done, fit in enumerate(jobs):
        if progress is not None:
            progress(fit.told, done, len(jobs))
        session = Session.of(sources, pool, fit, plan, texts)
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


@dataclass(frozen=True, slots=True)
class Session:
    """One division of the samples, fitted: corpora can be read.

    Parameters
    ----------
    held : Held
    sources : Sources
        All that were given; the panel may lack some.
    fit : Fit
    plan : Plan
    peers : PeerBench or None
    conformal, checks : dict
        Null distributions of rows, and what is checked of the samples alone, by view and
        candidate; made where they are first needed.
    texts : mapping of int to str
        By hash, of rows that are looked at as `match` looks at them; none of a fingerprint's.
    """

    held: Held
    sources: Sources
    fit: Fit
    plan: Plan
    peers: PeerBench | None
    conformal: dict[tuple[str, int], Conformal] = field(default_factory=dict)
    checks: dict[tuple[str, int], tuple[Diagnostic, ...]] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        sources: Sources,
        pool: Pool,
        fit: Fit,
        plan: Plan,
        texts: Mapping[int, str] | None = None,
        left_out: Sequence[str] = (),
    ) -> Session:
        """Fit a panel, and the peers, on what a division learns from.

        Parameters
        ----------
        sources : Sources
        pool : Pool
            Their rows, in their order.
        fit : Fit
        plan : Plan
        texts : mapping of int to str, optional
            By hash: for the peers, and to look at rows.
        left_out : sequence of str
            Sources that the panel is not given, beside that of the division.
        """
        missing = [*left_out, fit.left_out or ""]
        peers = None
        if plan.peers:
            from provenance.validation.peers.peer_rows import PeerBench

            given = np.array([name not in missing for name in pool.names])
            learnt = pool.take(np.flatnonzero(fit.learnt & given[pool.source]))
            level = plan.confidence_level
            peers = PeerBench.of(plan.peers, texts or {}, learnt, plan.seed, level)
        seed = plan.seed + fit.split
        held = hold_out(sources.fingerprints, pool, fit.learnt, fit.held, seed, missing)
        if fit.prompts is not None:
            held = replace(held, prompts=fit.prompts)
        return cls(held, sources, fit, plan, peers, texts=texts or {})

    def readings(self, candidate: str, drawn: Sequence[Drawn] | None = None) -> list[Reading]:
        """What corpora of a candidate are read as, by default all that the plan draws."""
        corpora = drawn
        if corpora is None:
            corpora = list(drawn_corpora(self.held, candidate, self.fit, self.plan))
        found = [self._read(candidate, one) for one in corpora]
        if self.peers is not None:
            found += self.peers.readings(self.held.pool, candidate, self.fit.split, corpora)
        return found

    def readings_of_models(self, candidate: str, drawn: Sequence[Drawn]) -> list[Reading]:
        """What the models in corpora of a candidate have together, where no name is told.

        Parameters
        ----------
        candidate : str
        drawn : sequence of Drawn

        Returns
        -------
        list of Reading
            None of a corpus of which it is told whose text it is.
        """
        pool = self.held.pool
        people = [self.sources.names[number] for number in self.sources.references]
        human = np.isin(pool.source, [pool.names.index(name) for name in people])
        found = []
        for one in drawn:
            judged, sources, *_ = self._judged(candidate, one)
            told = judged.told_of_models(sources, "documents")
            if told is not None:
                reading = _reading(self.fit, candidate, one, judged, told)
                truth = 1 - float(human[one.corpus.rows].mean())
                name = f"{one.scenario}, all models together"
                found.append(replace(reading, scenario=name, truth=truth))
        return found

    def _read(self, candidate: str, drawn: Drawn) -> Reading:
        """What one corpus is read as, by the very rules of `match`."""
        judged, sources, view, corpus = self._judged(candidate, drawn)
        number = self.held.panel.names.index(candidate)
        people = sources.references
        listed = self._listed(view, corpus, number, people, judged) if judged.lists_rows else None
        reading = _reading(self.fit, candidate, drawn, judged, judged.told(number))
        return replace(
            reading,
            smallest_detectable_share=judged.smallest_detectable(
                number, 1, self.plan.confidence_level
            ),
            n_listed=None if listed is None else int(listed.sum()),
            n_false=None if listed is None else int((listed & ~drawn.corpus.own).sum()),
        )

    def _judged(self, candidate: str, drawn: Drawn) -> tuple[Judged, Sources, str, Scored]:
        """What may be said of one corpus, of which sources, by which view and its scores."""
        plan = self.plan
        number = self.held.panel.names.index(candidate)
        tally = self.held.tally(drawn.corpus.rows)
        # Of a corpus that holds no model but those given this is known, as --only would declare it.
        closed = len(self.held.panel.names) == len(self.sources.names)
        sources = Sources(self.held.fingerprints, self._roles(candidate), only=closed)
        panel = self.held.panel.beside(tally.prompts, sources.models)
        view, layout = choose_view(panel, tally, sources.beside_many)
        corpus = self.held.corpus(drawn.corpus.rows, view)
        in_domain = plan.same_domain and self.fit.scenario not in _ELSEWHERE
        caution = 1.0 if in_domain else CAUTION
        settings = Settings(plan.confidence_level, caution, plan.fdr, keep_text=False)
        samples = panel.samples(view)
        key = view, number
        if key not in self.checks:
            self.checks[key] = sample_checks(samples, sources)
        judged = judge(
            tally,
            corpus,
            samples,
            sources,
            layout,
            of_samples=self.checks[key],
            trusted=self.held.corpus(drawn.trusted, view).scored if len(drawn.trusted) else None,
            confidence_level=settings.confidence_level,
            caution=settings.caution,
        )
        by_family = self.held.read_by_families(drawn.corpus.rows)
        judged, _ = judged_by_families(judged, panel, samples, by_family, sources, view, settings)
        rows = self.held.drawn_rows(drawn.corpus.rows, view, self.texts)
        judged = judged_by_hands(judged, rows, panel, view, sources)
        judged = judged_without_openings(
            judged, rows, corpus.scored, panel, view, samples, sources, settings
        )
        return judged, sources, view, corpus.scored

    def _listed(
        self, view: str, corpus: Scored, candidate: int, people: Sequence[int], judged: Judged
    ) -> NDArray[np.bool_]:
        """Which rows of a corpus `match` would list as the candidate's."""
        key = view, candidate
        if key not in self.conformal:
            samples = self.held.panel.samples(view)
            self.conformal[key] = Conformal.unread(samples, candidate, people)
        found = conformal_of(self.conformal[key], corpus, judged, candidate)
        return found.listed(corpus, self.plan.fdr)

    def _roles(self, candidate: str) -> tuple[str, ...]:
        """The one under test; the other candidates count as panel."""
        given = dict(zip(self.sources.names, self.sources.roles, strict=True))
        beside = {name: "panel" if role == "candidate" else role for name, role in given.items()}
        return tuple(
            "candidate" if name == candidate else beside[name] for name in self.held.panel.names
        )


def _reading(fit: Fit, candidate: str, drawn: Drawn, judged: Judged, told: Told) -> Reading:
    """What was told of one share of a corpus."""
    return drawn.read_as(
        candidate,
        fit.split,
        share=told.share,
        low=told.low,
        high=told.high,
        withheld=judged.withheld,
    )
