"""For ``datasets.Dataset.map``: rows with their scores as columns beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provenance.matching.scorer import Scorer

__all__ = ["ScoreColumns"]


@dataclass(frozen=True, slots=True)
class ScoreColumns:
    """``dataset.map(ScoreColumns(scorer), batched=True, num_proc=8)``.

    Parameters
    ----------
    scorer : Scorer
    text_field : str
    prompt_field : str, optional
    """

    scorer: Scorer
    text_field: str = "text"
    prompt_field: str | None = None

    def __call__(self, rows: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        """The new columns of a batch of columns."""
        texts = [text or "" for text in rows[self.text_field]]
        prompts = None if self.prompt_field is None else rows[self.prompt_field]
        found: dict[str, list[Any]] = self.scorer.score_batch(texts, prompts=prompts).to_pydict()
        del found["id"]
        return found
