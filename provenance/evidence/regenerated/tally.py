"""Rows of a corpus whose prompts were asked: found by any process, held in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.regenerated.likeness import Answers
from provenance.features.features import PreparedTexts, extract
from provenance.features.hashes import text_hash
from provenance.features.spec import FeatureSpec
from provenance.records import Place

__all__ = ["MOST_PROMPTS", "MOST_TEXTS", "AskedRows", "HeldRow", "RowsFinder"]

MOST_PROMPTS: Final = 500
"""Prompts compared, those of the smallest hashes; a bound of time and memory. Of a corpus wholly
the candidate's 32 tell (`python -m provenance.validation.bench.asked_again`)."""
MOST_TEXTS: Final = 4
"""Rows, and answers of a source, that are compared at one prompt; a bound of time and memory."""
_PROMPT_CHARACTERS: Final = 200
"""Of a prompt that is shown; a round figure."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row of the corpus whose prompt was asked.

    Parameters
    ----------
    place : Place
    prompt : str
        How its prompt begins.
    answers : Answers
        The row as one text.
    at : int
        Its position in the batch in which it was read.
    """

    place: Place
    prompt: str
    answers: Answers
    at: int

    @property
    def key(self) -> tuple[int, int]:
        """Hashes of its prompt and of its text."""
        return int(self.answers.prompt[0]), int(self.answers.text[0])


@dataclass(frozen=True, slots=True)
class RowsFinder:
    """What any process does for a batch.

    Parameters
    ----------
    asked : ndarray of uint64
        Hashes of the prompts that a candidate answers, ascending.
    spec : FeatureSpec
    """

    asked: NDArray[np.uint64]
    spec: FeatureSpec

    def __call__(
        self, documents: Sequence[Document], prepared: PreparedTexts | None
    ) -> list[HeldRow]:
        """The rows of the batch whose prompts were asked; too short ones are left out."""
        if not len(self.asked):
            return []
        hashes = np.array(
            [text_hash(one.prompt) if one.prompt else 0 for one in documents], np.uint64
        )
        kept = np.flatnonzero(np.isin(hashes, self.asked))
        chosen = [documents[at] for at in kept.tolist()]
        if not chosen:
            return []
        found = extract([one.text for one in chosen], self.spec)
        every = Answers(hashes[kept], found.text_hash, found.document, found.rows)
        return [
            HeldRow(
                Place(id=one.id, path=one.path, line=one.line),
                (one.prompt or "")[:_PROMPT_CHARACTERS],
                every.take(np.array([number])),
                at,
            )
            for number, (at, one) in enumerate(zip(kept.tolist(), chosen, strict=True))
            if not found.too_short[number]
        ]


@dataclass(slots=True)
class AskedRows:
    """Rows of the first prompts by their hashes, of each the first few texts, each text once."""

    _held: dict[int, dict[int, HeldRow]] = field(default_factory=dict)
    n_documents: int = 0

    def add(self, found: Sequence[HeldRow]) -> None:
        """Take in what was found in a batch."""
        self.n_documents += len(found)
        for row in found:
            prompt, text = row.key
            texts = self._held.setdefault(prompt, {})
            texts.setdefault(text, row)
            if len(texts) > MOST_TEXTS:
                del texts[max(texts)]
        if len(self._held) > 2 * MOST_PROMPTS:
            self._bound()

    def _bound(self) -> None:
        self._held = {prompt: self._held[prompt] for prompt in sorted(self._held)[:MOST_PROMPTS]}

    def rows(self) -> list[HeldRow]:
        """What is compared, by the hashes of prompt and text."""
        self._bound()
        return [
            row for prompt in sorted(self._held) for _, row in sorted(self._held[prompt].items())
        ]
