"""How far up a range reaches where the corpus is of another kind than the samples.

Models on other prompts, or asked for other kinds of text, read as themselves in part only: what of
a candidate is not seen goes to others and to no source given. The scores that shares are told by
show little of it; the scores of each feature family by itself do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from provenance.matching.judging import Judged
from provenance.records import Diagnostic
from provenance.scoring.panel import Panel
from provenance.scoring.scored import Scored, ScoredSamples
from provenance.scoring.views import VIEWS
from provenance.share.many_sources.families_fit import FamiliesFit, families_fit
from provenance.share.mixture import Mixture
from provenance.share.sources import Sources
from provenance.words import percent

__all__ = ["judged_of_another_kind", "room_above"]

_LEVEL: Final = 1e-3
"""Chance at which a corpus counts as of another kind. Of 1e-3 to 1e-5, on every second of
AlpacaEval's models: so counted 0.6 % of 311 corpora of the samples' kind and 88 % of 600 on other
prompts, five sets of these."""


def judged_of_another_kind(
    judged: Judged,
    panel: Panel,
    samples: ScoredSamples,
    corpus: Mapping[str, Scored],
    sources: Sources,
    view: str,
) -> Judged:
    """What was judged, with ranges that reach up where the families show another kind of text.

    Parameters
    ----------
    judged : Judged
    panel : Panel
    samples : ScoredSamples
        Those of the panel, in the view.
    corpus : mapping of str to Scored
        A sample of the corpus as each family reads it.
    sources : Sources
    view : str
        By which the corpus was judged.
    """
    mixture = judged.estimate.mixtures["documents"]
    read = {one: corpus[one].passages() for one in VIEWS[view] if one in corpus}
    # Of two classes the densities' own fit and shift tell it.
    if not mixture.doubts or len(read) < 2:
        return judged
    alone = {family: panel.alone[family].log_posterior for family in read}
    fit = families_fit(read, samples.scored.passages(), alone, mixture.fitted)
    is_other = fit.p_value < _LEVEL
    check = _check(fit, mixture, is_other=is_other)
    checked = replace(judged, diagnostics=(*judged.diagnostics, check))
    if not is_other:
        return checked
    rooms = {one: (0.0, room_above(mixture, one, fit.factor)) for one in sources.candidates}
    return checked.widened(rooms, sources)


def room_above(mixture: Mixture, source: int, factor: float) -> float:
    """How much higher a source's share may be than its range.

    Errors are larger than the range allows for as far as the families' distance says so. And what
    reads as no source's may be divided as the rest is, as where it answers other prompts: of a
    share s beside a part u of that, it makes s / (1 - u).

    Parameters
    ----------
    mixture : Mixture
    source : int
    factor : float
        What errors are larger by, by the families' distance.

    Examples
    --------
    >>> import numpy as np
    >>> from provenance.share.part import ShareDoubt
    >>> shares, high = np.array([0.3, 0.7]), np.array([0.4, 0.8])
    >>> doubts = {0: ShareDoubt(1.2)}
    >>> found = Mixture(shares, shares, high, {}, shares, {}, unknown=0.25, doubts=doubts)
    >>> round(room_above(found, 0, 1.8), 3)
    0.15
    """
    share, unknown = float(mixture.shares[source]), min(mixture.unknown, 0.99)
    more = max(1.0, factor / mixture.doubts[source].caution) - 1
    return (float(mixture.high[source]) - share) * more + share * unknown / (1 - unknown)


def _unseen(unknown: float) -> str:
    told = percent(unknown)
    if told == percent(0.0):
        return " The range reaches up by as much as that moves shares."
    return (
        f" {told} of it reads as no source's. It may be the candidate's as the rest is, and the"
        " range reaches up by that."
    )


def _check(fit: FamiliesFit, mixture: Mixture, *, is_other: bool) -> Diagnostic:
    sentence = (
        "No mixture of the samples explains what the feature families see, each by itself: the"
        " corpus answers other prompts, was edited, or holds a writer who was not given."
        f"{_unseen(mixture.unknown)} Samples on the corpus's own prompts would tell (provenance"
        " ask)."
        if is_other
        else "What the feature families see, each by itself, does not show the corpus to be of"
        " another kind than mixtures of the samples."
    )
    return Diagnostic(
        name="kind_of_text",
        verdict="warn" if is_other else "ok",
        statistic=fit.p_value,
        limit=_LEVEL,
        sentence=sentence,
    )
