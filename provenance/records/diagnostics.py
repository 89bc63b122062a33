"""Checks: reasons to believe the shares or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["FEW_MODELS", "FIT", "FRESH", "ROWS", "SHIFT", "SHORT", "Diagnostic"]

FIT: Final = "fit"
"""Kind of the check whether the samples explain the corpus's scores."""
SHIFT: Final = "shift"
"""Kind of the check how far the corpus's domain moves the scores."""
SHORT: Final = "short_documents"
"""Kind of the check whether the samples hold short texts as the corpus does."""
FEW_MODELS: Final = "few_models"
"""Kind of the check whether other models are enough for a candidate to be told by name."""
FRESH: Final = "fresh_answers"
"""Kind of the check whether rows are in the words of a candidate that is asked their prompts: what
tells it from a near sibling."""
ROWS: Final = "rows"
"""Kind of the check that tells what p-values rows can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One reason to believe the shares or not: a statistic beside its limit, in a sentence.

    Its name is its kind, and in brackets the source that it is about where it is about one.

    Examples
    --------
    >>> one = Diagnostic(name="fit[a[1]]", verdict="ok", statistic=0.5, limit=0.01, sentence="")
    >>> one.kind, one.source
    ('fit', 'a[1]')
    """

    name: str
    verdict: Literal["ok", "warn", "fail"]
    statistic: float | None
    limit: float | None
    sentence: str

    @property
    def kind(self) -> str:
        """What was checked."""
        return self.name.partition("[")[0]

    @property
    def source(self) -> str | None:
        """The source that the check is about; None where it is about all of them."""
        _, bracket, rest = self.name.partition("[")
        return rest.removesuffix("]") if bracket else None
