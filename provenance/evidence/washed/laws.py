"""How often clean text of one kind shows what washing shows, and how that differs between kinds.

Rates differ more between kinds (a forum leaves zero-width characters, a newspaper none) than chance
within a kind explains. So the null is a new kind: its rate follows a beta law that was fitted to
the kinds at hand, and the number of its documents a binomial law at that rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["FEWEST", "LEVEL", "REPAIRED", "SPEAKING", "KindsLaw"]

LEVEL: Final = 0.01
"""P-values up to it are told as *found*: the rate of false alarms that was asked for."""
FEWEST: Final = 3
"""Texts that must show it; a round figure: one or two may have strayed into any corpus."""


@dataclass(frozen=True, slots=True)
class KindsLaw:
    """A beta-binomial law over kinds of clean text.

    Parameters
    ----------
    alpha, beta : float
        Of the beta law of a kind's rate.
    n_kinds, n_texts, n_shown : int
        What it was fitted to: kinds, texts, and texts that show it.
    """

    alpha: float
    beta: float
    n_kinds: int
    n_texts: int
    n_shown: int

    def p_value(self, n_shown: int, n_texts: int) -> float:
        """Chance that so many of a new kind's texts or more show it.

        Examples
        --------
        Of three texts of a kind whose rate is anything alike, one in four times all show it:

        >>> KindsLaw(1.0, 1.0, 0, 0, 0).p_value(3, 3)
        0.25
        """
        if n_shown <= 0:
            return 1.0
        from scipy.stats import betabinom

        tail = float(betabinom.sf(n_shown - 1, n_texts, self.alpha, self.beta))
        return round(min(1.0, max(0.0, tail)), 12)

    def is_found(self, n_shown: int, n_texts: int) -> bool:
        """Whether so many are too many for a clean kind."""
        return n_shown >= FEWEST and self.p_value(n_shown, n_texts) <= LEVEL


REPAIRED: Final = KindsLaw(0.228, 125.7, 33, 25_211, 64)
"""Texts by people with repairs that no keyboard types, by maximum likelihood over kinds of 100
texts and more (`python -m provenance.validation.bench.washing DATA`). Over models' answers too the
law is a narrower one (0.092, 214.9)."""
SPEAKING: Final = KindsLaw(0.047, 168.0, 33, 25_211, 13)
"""The same of texts that speak as a model. The limit errs to the safe side: twelve of the thirteen
are sentences of a model amid two sets of people's text, and one is a story told by a machine, which
the phrase at fault no longer finds."""
