"""Every source's share of a scored corpus, and whether it may be believed.

Knows no text: scores of the corpus and of the samples go in, shares with intervals and diagnostics
come out. `match` reads its corpus from files, `validate` draws its corpora from held-out rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provenance.diagnostics import fit_checks, length_check, negative_control, reference_passages
from provenance.fingerprint import Fingerprint
from provenance.many_sources import fit_many
from provenance.records import Diagnostic
from provenance.scoring import Panel
from provenance.share import CAUTION, Mixture, Passages, fit_mixture
from provenance.tally import Suspect

__all__ = ["UNITS", "Estimate", "Sources", "estimate_shares", "fit_shares"]

UNITS = ("documents", "tokens")


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources in the order of their names, and what each is taken for."""

    fingerprints: tuple[Fingerprint, ...]
    roles: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the sources are called."""
        return tuple(item.name for item in self.fingerprints)

    @property
    def candidates(self) -> list[int]:
        """Positions of the sources under test."""
        return [number for number, role in enumerate(self.roles) if role == "candidate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Shares of all sources and what was checked.

    Parameters
    ----------
    mixtures : mapping of str to Mixture
        By unit: documents, tokens.
    diagnostics : tuple of Diagnostic
    """

    mixtures: Mapping[str, Mixture]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def withheld(self) -> bool:
        """Whether a check failed."""
        return any(item.verdict == "fail" for item in self.diagnostics)


def estimate_shares(
    panel: Panel,
    view: str,
    suspect: Suspect,
    sources: Sources,
    *,
    confidence_level: float = 0.95,
    caution: float = CAUTION,
) -> Estimate:
    """Estimate the share of every source of a panel in a scored corpus.

    Parameters
    ----------
    panel : Panel
    view : str
        Whose scores are used; one of ``panel.views``.
    suspect : Suspect
    sources : Sources
        In the order of ``panel.names``.
    confidence_level, caution : float
        See `fit_mixture`.
    """
    mixtures = {
        unit: fit_shares(
            panel,
            view,
            suspect.passages(view, unit),
            sources.candidates,
            confidence_level=confidence_level,
            caution=caution,
        )
        for unit in UNITS
    }
    diagnostics = (
        *fit_checks(mixtures["documents"], sources.candidates, sources.names),
        length_check(panel, view, suspect, sources.candidates),
        negative_control(panel, view, sources.candidates),
    )
    return Estimate(mixtures, diagnostics)


def fit_shares(
    panel: Panel,
    view: str,
    corpus: Passages,
    candidates: Sequence[int],
    *,
    confidence_level: float,
    caution: float,
) -> Mixture:
    """Estimate the shares of two sources by their densities, of more by moments."""
    references = reference_passages(panel, view)
    if len(panel.names) == 2:
        return fit_mixture(
            corpus,
            references,
            candidates,
            confidence_level=confidence_level,
            caution=caution,
        )
    return fit_many(
        corpus,
        references,
        panel.views[view].unknown,
        panel.views[view].taken_for,
        candidates,
        confidence_level=confidence_level,
        caution=caution,
    )
