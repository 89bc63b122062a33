"""How often clean text of one kind shows what washing shows, and how that differs between kinds.

Rates differ more between kinds (a forum leaves zero-width characters, a newspaper none) than chance
within a kind explains. So the null is a new kind: its rate follows a beta law that was fitted to
the kinds at hand, and the number of its documents a binomial law at that rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = [
    *("FEWEST", "MISJOINED", "MISTYPED", "NO_ARTICLES", "ODDLY_SPACED", "REPAIRED", "SPEAKING"),
    "KindsLaw",
]

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
    level : float
        P-values up to it are told as found.
    """

    alpha: float
    beta: float
    n_kinds: int
    n_texts: int
    n_shown: int
    level: float = 0.01

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
        # Of scipy.special alone: scipy.stats has the law, and takes half a second to load.
        from scipy.special import betaln

        fewer = np.arange(min(n_shown, n_texts + 1), dtype=np.float64)
        others = n_texts - fewer
        ways = -np.log(n_texts + 1) - betaln(others + 1, fewer + 1)
        chance = betaln(fewer + self.alpha, others + self.beta) - betaln(self.alpha, self.beta)
        tail = 1 - float(np.exp(ways + chance).sum())
        return round(min(1.0, max(0.0, tail)), 12)

    def is_found(self, n_shown: int, n_texts: int) -> bool:
        """Whether so many are too many for a clean kind."""
        return n_shown >= FEWEST and self.p_value(n_shown, n_texts) <= self.level


REPAIRED: Final = KindsLaw(0.205, 72.1, 39, 23_966, 64, level=1e-5)
"""Texts by people with repairs that no keyboard types, by maximum likelihood over kinds of 100
texts and more (`python -m provenance.validation.bench.washing DATA`). The level is the largest
power of ten at which no kind is found by a law that knows nothing of its source: a forum whose
answers hold zero-width characters in 3.3 % of the texts has 5.7e-5."""
SPEAKING: Final = KindsLaw(0.05, 204.6, 39, 23_966, 12)
"""The same of texts that speak as a model; the level is the rate of false alarms asked for. The law
errs to the safe side: all twelve are sentences of a model amid two sets of people's text."""
MISTYPED: Final = KindsLaw(0.558, 183.3, 39, 23_966, 81, level=1e-3)
"""The same of texts with an error of typing in a common word. The level is the largest power of ten
at which neither a kind nor any part of one is found by a law that knows nothing of its source."""
ODDLY_SPACED: Final = KindsLaw(0.182, 363.5, 39, 23_966, 10, level=1e-4)
"""The same of texts with odd gaps between words. At 1e-3 a model that doubles spaces by itself
would be found."""
NO_ARTICLES: Final = KindsLaw(0.152, 696.0, 39, 23_966, 4, level=1e-4)
"""The same of English texts without articles. At 1e-3 a model that writes few would be found."""
MISJOINED: Final = KindsLaw(0.0653, 359.9, 39, 23_966, 2, level=1e-4)
"""The same of English texts with two pairs of words that do not follow each other. It was fitted
while three texts showed it: two, of different kinds, do not tell how far kinds lie apart. At 1e-2
nothing is found either; of learners of English, who write such oftener, there is no text at hand,
and at 1e-3 imitated ones are found who err in one of twenty articles."""
