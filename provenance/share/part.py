"""What a part of a corpus takes over from the whole, so that no part is surer than the whole is.

Few documents cannot show that an unknown source wrote them: the tests that guard a candidate have
little to go by there, and pass. What the whole corpus has shown holds for each of its parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from provenance.statistics.multiple_testing import joint_level

__all__ = ["WHOLE", "Part", "ShareDoubt"]


@dataclass(frozen=True, slots=True)
class ShareDoubt:
    """How far a candidate's share of a corpus is in doubt.

    Parameters
    ----------
    caution : float
        What standard errors are multiplied by.
    unknown : float
        Share of the corpus that unknown sources may have: 1 where the sources given do not explain
        it.
    misfit : float
        Squared distance a document that every mixture leaves; see `Mixture.misfits`.
    """

    caution: float = 1.0
    unknown: float = 0.0
    misfit: float = 0.0

    def of_part(self, fraction: float) -> ShareDoubt:
        """What it is for a part that makes up this fraction: all of the unknown may be in it.

        Examples
        --------
        >>> ShareDoubt(1.2, 0.1).of_part(0.25).unknown, ShareDoubt(1.2, 0.1).of_part(0.05).unknown
        (0.4, 1.0)
        """
        return replace(self, unknown=min(1.0, self.unknown / fraction) if fraction > 0 else 1.0)

    def and_of(self, other: ShareDoubt) -> ShareDoubt:
        """The larger of both, in each respect."""
        return ShareDoubt(
            max(self.caution, other.caution),
            max(self.unknown, other.unknown),
            max(self.misfit, other.misfit),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """Under what a part of a corpus is read.

    Parameters
    ----------
    n_parts : int
        How many are read at once: their intervals hold all together (Bonferroni), and so do the
        tests of a share of 0.
    doubts : mapping of int to Doubt
        What of the whole corpus's doubts holds for the part, by candidate.
    """

    n_parts: int = 1
    doubts: Mapping[int, ShareDoubt] = field(default_factory=dict)

    def level(self, confidence_level: float) -> float:
        """Confidence level of one part's interval, so that all hold together at this one."""
        return joint_level(confidence_level, self.n_parts)

    def doubt(self, source: int) -> ShareDoubt:
        """What a candidate's reading takes over; nothing for the whole."""
        return self.doubts.get(source, _NONE)


_NONE: Final = ShareDoubt()
WHOLE: Final = Part()
"""A corpus that is read as a whole."""
