"""A suspect model: how much more its answers read as an API's than those of its public base do.

A model that learnt from an API writes like it, more than its base does. So does one that learnt
from the same texts as the API, or from another model that did: what is told is consistent with
training on the API, and proves none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import LARGEST_SEED, InputError, require_number, require_whole
from provenance.files.named import Given, GivenOne
from provenance.fingerprint.fingerprint import Fingerprint, require_same_spec
from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.comparisons.paired import FEWEST
from provenance.matching.library.background import background, set_asked
from provenance.matching.library.naming import named_source, named_sources
from provenance.scoring.fitting.dealing import components
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.panel import LEFT_OUT, Panel
from provenance.scoring.scored import document_means
from provenance.statistics.intervals import clopper_pearson, student_quantile
from provenance.words import as_html, percent, source_name

__all__ = ["Lean", "lean"]

_VIEW: Final = "n-grams"
"""Style is no part of it: a suspect's may lie outside that of all sources."""
_FEWEST_OTHERS: Final = 2
"""Other models that show how an unseen one reads; with one alone its accident is all there is."""


@dataclass(frozen=True, slots=True)
class Lean:
    """How much more a suspect's answers read as the candidate's than its base's do.

    Parameters
    ----------
    suspect, base, candidate : str
    n_prompts : int
        Prompts that suspect and base both answered.
    suspect_share, base_share : float
        Mean over these prompts of the share of answers that read as the candidate's: more than as
        the base's or any other given model's.
    more, more_low, more_high : float
        The difference of both, prompt by prompt, with its interval.
    others : tuple of (str, float, float)
        Of each other model: its name, the share of its documents that read as the candidate's
        where it is unknown itself, and the high end of that share.
    confidence_level : float
    seed : int
    """

    suspect: str
    base: str
    candidate: str
    n_prompts: int
    suspect_share: float
    base_share: float
    more: float
    more_low: float
    more_high: float
    others: tuple[tuple[str, float, float], ...]
    confidence_level: float
    seed: int

    @property
    def by_chance(self) -> float | None:
        """How much more than the base an unknown model may read so; None of too few others."""
        if len(self.others) < _FEWEST_OTHERS:
            return None
        return max(0.0, max(high for _, _, high in self.others) - self.base_share)

    @property
    def verdict(self) -> str:
        """``leans``, ``no lean seen`` or ``cannot tell``."""
        if self.more_low <= 0:
            return "no lean seen"
        if self.by_chance is None or self.more_low <= self.by_chance:
            return "cannot tell"
        return "leans"

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain JSON values, with ``by_chance``, ``verdict`` and ``summary``."""
        held = {name: getattr(self, name) for name in self.__slots__}
        keys = ("name", "share", "high")
        return {
            **held,
            "others": [dict(zip(keys, one, strict=True)) for one in self.others],
            "by_chance": self.by_chance,
            "verdict": self.verdict,
            "summary": self.summary(),
        }

    def __repr__(self) -> str:
        """The first sentence; `summary` has the others."""
        return f"<Lean: {self.summary().splitlines()[0]}>"

    def _repr_html_(self) -> str:
        return as_html(self.summary())

    def summary(self) -> str:
        """The verdict in words, a sentence a line."""
        suspect, base, candidate = map(source_name, (self.suspect, self.base, self.candidate))
        lines = [
            f"Of the answers to {self.n_prompts:,} prompts {percent(self.suspect_share)} of"
            f" {suspect} and {percent(self.base_share)} of its base {base} read as {candidate}.",
            f"The difference is {100 * self.more:.1f} percentage points"
            f" ({100 * self.confidence_level:g} % interval {100 * self.more_low:.1f} to"
            f" {100 * self.more_high:.1f}).",
        ]
        return "\n".join([*lines, *self._judged(suspect, candidate)])

    def _judged(self, suspect: str, candidate: str) -> list[str]:
        if self.verdict == "no lean seen":
            return [
                f"No lean of {suspect} towards {candidate} was seen beyond its base's; training on"
                " a few of its outputs, or on reworded ones, may leave none."
            ]
        if self.by_chance is None:
            return [
                f"Whether it leans towards {candidate} or only away from its base cannot be told:"
                f" give {_FEWEST_OTHERS} or more other models with --panel, which show how much any"
                " model's answers may read so."
            ]
        chance = (
            f"An unknown model that never saw {candidate} may read so in {percent(self.by_chance)}"
            f" more than the base, as the other {len(self.others)} models show."
        )
        if self.verdict == "cannot tell":
            return [chance, "So no lean can be told from a model that only left its base."]
        return [
            chance,
            f"{suspect} leans further. That is consistent with training on outputs of {candidate};"
            " it is no proof: texts that both learnt from, another model that learnt from it, or a"
            " request to write like it do the same.",
        ]


def lean(
    suspect: GivenOne[Fingerprint],
    base: GivenOne[Fingerprint],
    candidate: GivenOne[Fingerprint],
    others: Given[Fingerprint] = (),
    *,
    confidence_level: float | str = 0.95,
    seed: int = 0,
) -> Lean:
    """Tell how much more a suspect model's answers read as an API's than those of its base do.

    The candidate, the base and the other models are fitted as sources; every answer of the suspect
    and of the base is read by models that saw no answer to its prompt. Answers count as the
    candidate's where that is the likeliest source. The difference is taken prompt by prompt, and
    its interval is Student's over prompts that share nothing, with one pair for and one against
    added, so that it has a width where all pairs agree (Agresti and Min 2005). What an unknown
    model reads as is measured on the others, each left out of the fit.

    Parameters
    ----------
    suspect, base : Fingerprint, the name of its file, or of a source of the library
        Answers of both to the same prompts.
    candidate : Fingerprint, or the name of its file
        The API, best sampled on these prompts too.
    others : Fingerprint, path, name of the library, or several of these
        Models that did not learn from the API, on the same prompts; two at least for a verdict.
    confidence_level : float, default 0.95
    seed : int

    Raises
    ------
    InputError
        Where specs differ, a source has too little text, or too few prompts are shared.

    Examples
    --------
    >>> from provenance.corpus import open_corpus
    >>> from provenance.fingerprint.measuring import fit_fingerprint
    >>> def answered(word, name, tail):
    ...     rows = [
    ...         {"prompt": f"p{n}", "text": f"case {n} is {word} {n * tail} {word} so {word} it is"}
    ...         for n in range(60)
    ...     ]
    ...     return fit_fingerprint(open_corpus(rows), name)
    >>> base, api = answered("good", "base", 3), answered("fair", "api", 5)
    >>> found = lean(answered("fair", "suspect", 7), base, api)
    >>> found.suspect_share, found.base_share, found.verdict
    (1.0, 0.0, 'cannot tell')
    """
    confidence_level = require_number("confidence_level", confidence_level, within=True)
    require_whole("seed", seed, 0, LARGEST_SEED)
    model, before, api = map(named_source, (suspect, base, candidate))
    asked = set_asked(others)
    if asked is None:
        return _lean(model, before, api, named_sources(others), confidence_level, seed)
    behind = background([api], [before, model], asked)
    return _lean(model, before, behind.candidates[0], behind.panel, confidence_level, seed)


def _lean(
    suspect: Fingerprint,
    base: Fingerprint,
    candidate: Fingerprint,
    others: Sequence[Fingerprint],
    confidence_level: float,
    seed: int,
) -> Lean:
    require_same_spec([suspect, base, candidate, *others])
    pairs = _pairs(suspect, base)
    panel = fit_panel(
        [
            replace(candidate, name="candidate"),
            replace(base, name="base"),
            *(replace(one, name=f"other {number}") for number, one in enumerate(others)),
        ],
        seed,
    )
    shares = [_by_prompt(sample, panel) for sample in pairs]
    more, half = _mean_of_pairs(shares[0] - shares[1], _component_of(pairs), confidence_level)
    return Lean(
        suspect=suspect.name,
        base=base.name,
        candidate=candidate.name,
        n_prompts=len(shares[0]),
        suspect_share=float(shares[0].mean()),
        base_share=float(shares[1].mean()),
        more=more,
        more_low=max(-1.0, more - half),
        more_high=min(1.0, more + half),
        others=_unknown(panel, [one.name for one in others], confidence_level),
        confidence_level=confidence_level,
        seed=seed,
    )


def _pairs(suspect: Fingerprint, base: Fingerprint) -> tuple[SampledDocuments, SampledDocuments]:
    """Answers of both to the prompts that both answered."""
    prompts = np.intersect1d(suspect.sample.prompt_hash, base.sample.prompt_hash)
    prompts = prompts[prompts != 0]
    if len(prompts) < FEWEST:
        raise InputError(
            f"{suspect.name!r} and {base.name!r} answered {len(prompts):,} prompts in common",
            expected=f"at least {FEWEST}, better 400",
            remedy="Ask both the same prompts, and read these with --prompt-field",
        )
    first, second = (
        one.sample.take(np.flatnonzero(np.isin(one.sample.prompt_hash, prompts)))
        for one in (suspect, base)
    )
    return first, second


def _reads_so(
    log_posterior: NDArray[np.float32],
    document: NDArray[np.int64],
    passage_tokens: NDArray[np.int64],
    n_documents: int,
) -> NDArray[np.bool_]:
    """Whether the candidate, which is the first source, is each document's likeliest."""
    means = document_means(log_posterior, document, passage_tokens, n_documents)
    return np.asarray(means.argmax(axis=1) == 0)


def _by_prompt(sample: SampledDocuments, panel: Panel) -> NDArray[np.float64]:
    """Share of the answers to each prompt that read as the candidate's, in the prompts' order."""
    read = panel.read(_VIEW, sample.as_batch(), sample.prompt_hash)
    so = _reads_so(read, sample.document, sample.passage_tokens, len(sample))
    number = np.unique(sample.prompt_hash, return_inverse=True)[1]
    return np.bincount(number, so) / np.bincount(number)


def _component_of(pairs: Sequence[SampledDocuments]) -> NDArray[np.int64]:
    """Of each prompt, in their order: which share a group or words."""
    pooled, source = SampledDocuments.pooled(pairs)
    component = components(pooled, source)
    _, first = np.unique(pooled.prompt_hash, return_index=True)
    return component[first]


def _mean_of_pairs(
    values: NDArray[np.float64], component: NDArray[np.int64], confidence_level: float
) -> tuple[float, float]:
    """Mean over prompts and half the width of its interval, with one pair for and one against."""
    number = np.unique(component, return_inverse=True)[1]
    totals = np.concatenate([np.bincount(number, values), [1.0, -1.0]])
    sizes = np.concatenate([np.bincount(number), [1.0, 1.0]])
    mean = totals.sum() / sizes.sum()
    effects = (totals - mean * sizes) / sizes.sum()
    n = len(effects)
    error = np.sqrt(np.square(effects).sum() * n / (n - 1))
    return float(mean), student_quantile((1 + confidence_level) / 2, n - 1) * float(error)


def _unknown(
    panel: Panel, names: Sequence[str], confidence_level: float
) -> tuple[tuple[str, float, float], ...]:
    """What each other model reads as by models that have not seen it."""
    references, unknown = panel.references, panel.views[_VIEW].unknown
    # Where it was left out together with the candidate, its text could not read as that.
    measured = np.isfinite(unknown[:, 0]) & (unknown[:, 0] > LEFT_OUT)
    found = []
    for number, name in enumerate(names):
        rows = np.flatnonzero(measured & (references.source[references.document] == 2 + number))
        if len(rows):
            documents, document = np.unique(references.document[rows], return_inverse=True)
            so = _reads_so(unknown[rows], document, references.passage_tokens[rows], len(documents))
            share = float(so.mean())
            trials = len(np.unique(references.component[documents]))
            high = clopper_pearson(share * trials, trials, confidence_level)[1]
            found.append((name, share, high))
    return tuple(found)
