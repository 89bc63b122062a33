"""A document filter for NeMo Curator: ``ScoreFilter(PValueFilter(scorer, "api"))``."""

from __future__ import annotations

from provenance.errors import InputError
from provenance.matching.scorer import Scorer

try:
    from nemo_curator.stages.text.filters.doc_filter import DocumentFilter
except ImportError:  # whoever has no NeMo Curator has no use for it
    DocumentFilter = object

__all__ = ["PValueFilter"]


class PValueFilter(DocumentFilter):  # type: ignore[misc]
    """Scores a document with its p-value for a candidate, and keeps those above a limit.

    The limit is one on p-values, whose part of false rows hangs on the corpus; see `RowTally.q`.

    Parameters
    ----------
    scorer : Scorer
    candidate : str
    limit : float
    """

    def __init__(self, scorer: Scorer, candidate: str, limit: float = 0.001) -> None:
        super().__init__()
        if candidate not in scorer.candidates:
            raise InputError(
                f"{candidate!r} is no candidate of the scorer",
                expected=" or ".join(scorer.candidates),
            )
        self._name = "provenance_p_value"
        self.scorer, self.candidate, self.limit = scorer, candidate, limit

    def score_document(self, text: str) -> float:
        """Its p-value; 1 where it is too short to have one."""
        (found,) = self.scorer.score_batch([text])[f"p[{self.candidate}]"].to_pylist()
        return 1.0 if found is None else float(found)

    def keep_document(self, score: float) -> bool:
        """Whether nothing speaks for the candidate."""
        return score > self.limit
