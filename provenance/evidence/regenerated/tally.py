"""Rows of a corpus whose prompts were asked: found by any process, held in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.regenerated.likeness import Answers
from provenance.features.features import FeatureBatch, PreparedTexts, extract, prepare
from provenance.features.hashes import label_hash
from provenance.features.spec import FeatureSpec
from provenance.records import Place

__all__ = ["MOST_PROMPTS", "MOST_TEXTS", "AskedBatch", "AskedRows", "HeldRow", "RowsFinder"]

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
    """

    place: Place
    prompt: str
    answers: Answers

    @property
    def key(self) -> tuple[int, int]:
        """Hashes of its prompt and of its text."""
        return int(self.answers.prompt[0]), int(self.answers.text[0])


@dataclass(frozen=True, slots=True)
class AskedBatch:
    """The rows of a batch whose prompts were asked.

    Parameters
    ----------
    at : ndarray of int64, shape (n,)
        Their positions in the batch.
    prompt, text : ndarray of uint64, shape (n,)
        Hashes of the prompt and of the text of each.
    rows : list of HeldRow
        Those of them that may be compared when all batches are read.
    """

    at: NDArray[np.int64]
    prompt: NDArray[np.uint64]
    text: NDArray[np.uint64]
    rows: list[HeldRow]


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

    def __call__(self, documents: Sequence[Document], prepared: PreparedTexts | None) -> AskedBatch:
        """The rows of the batch whose prompts were asked; too short ones are left out."""
        hashes = np.zeros(len(documents), np.uint64)
        if len(self.asked):
            hashes[:] = [label_hash(one.prompt) if one.prompt else 0 for one in documents]
        at = np.flatnonzero(np.isin(hashes, self.asked))
        if not len(at):
            return AskedBatch(at, hashes[at], hashes[at], [])
        known, places = prepared, at
        if known is None:
            known = prepare([documents[place].text for place in at.tolist()], self.spec)
            places = np.arange(len(at))
        scored = known.n_tokens[places] >= self.spec.min_tokens
        at, places = at[scored], places[scored]
        prompt, text = hashes[at], known.text_hash[places]
        first = _first(prompt, text)
        chosen = [documents[place] for place in at[first].tolist()]
        # Taken last: nearly all of a batch may have been asked, of which few are compared.
        found = known.take(places[first])
        if found.n_tokens.sum() != len(found.ids):  # of texts whose scores were kept
            found = prepare([one.text for one in chosen], self.spec)
        return AskedBatch(at, prompt, text, _held(chosen, prompt[first], extract(found, self.spec)))


def _first(prompt: NDArray[np.uint64], text: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Rows of a batch that `AskedRows` may hold when all are read, in their order."""
    order = np.lexsort((text, prompt))
    prompts, texts = prompt[order], text[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (prompts[1:] != prompts[:-1]) | (texts[1:] != texts[:-1])
    order, prompts = order[is_new], prompts[is_new]
    begins, number = np.unique(prompts, return_index=True, return_inverse=True)[1:]
    kept = (np.arange(len(order)) - begins[number] < MOST_TEXTS) & (number < MOST_PROMPTS)
    return np.sort(order[kept])


def _held(
    documents: Sequence[Document], prompt: NDArray[np.uint64], found: FeatureBatch
) -> list[HeldRow]:
    ends = np.searchsorted(found.document, np.arange(len(documents) + 1)).tolist()
    return [
        HeldRow(
            Place(id=one.id, path=one.path, line=one.line),
            (one.prompt or "")[:_PROMPT_CHARACTERS],
            Answers(
                prompt[number : number + 1],
                found.text_hash[number : number + 1],
                np.zeros(end - start, np.int64),
                found.rows.part(start, end),
            ),
        )
        for number, (one, (start, end)) in enumerate(zip(documents, pairwise(ends), strict=True))
    ]


@dataclass(slots=True)
class AskedRows:
    """Rows of the first prompts by their hashes, of each the first few texts, each text once."""

    _held: dict[int, dict[int, HeldRow]] = field(default_factory=dict)

    def add(self, found: Sequence[HeldRow]) -> None:
        """Take in what was found in a batch."""
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
