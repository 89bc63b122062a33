"""Fresh answers beside the rows of their prompts: held against each other where both are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.protocol import MatchContext, ToldEvidence
from provenance.evidence.regenerated.findings import AskedModel, regenerated
from provenance.evidence.regenerated.tally import AskedBatch, AskedRows, HeldRow, RowsFinder
from provenance.features.features import PreparedTexts
from provenance.features.spec import FeatureSpec
from provenance.records import Finding

__all__ = ["RegeneratedEvidence"]

_PROMPT, _TEXT = "asked_prompt", "asked_text"
"""Columns kept of each document until all are read."""


class RegeneratedEvidence:
    """Rows of the documents taken in whose prompts a candidate answers; see `Evidence`.

    Parameters
    ----------
    sources : sequence of AskedModel
        The models of the match.
    spec : FeatureSpec
    """

    is_asked_for = False

    def __init__(self, sources: Sequence[AskedModel], spec: FeatureSpec) -> None:
        self._sources, self._spec = sources, spec
        answered = [one.answers.prompt for one in sources if one.is_candidate]
        prompts = np.unique(np.concatenate([np.empty(0, np.uint64), *answered]))
        # A document without a prompt answers none.
        self._finder = RowsFinder(prompts[prompts != 0], spec)
        self._rows = AskedRows()
        self._ahead: dict[str, dict[tuple[int, int], float]] = {}

    @property
    def look_up(self) -> Callable[[Sequence[Document], PreparedTexts | None], AskedBatch]:
        return self._finder

    def add(self, documents: Sequence[Document], found: AskedBatch) -> dict[str, NDArray[Any]]:
        self._rows.add(found.rows)
        if not len(self._finder.asked):
            return {}
        # By these a row is found again when all are read; 0 is no prompt's hash here.
        prompt, text = np.zeros((2, len(documents)), np.uint64)
        prompt[found.at], text[found.at] = found.prompt, found.text
        return {_PROMPT: prompt, _TEXT: text}

    def add_trusted(self, documents: Sequence[Document], found: AskedBatch) -> None:
        pass

    def rows(self) -> list[HeldRow]:
        """The rows that are compared."""
        return self._rows.rows()

    def told(self, findings: tuple[Finding, ...], asked: MatchContext) -> ToldEvidence:
        found = regenerated(self.rows(), self._sources, self._spec.n_word_features, asked)
        self._ahead = found.ahead
        return ToldEvidence((*found.findings, *findings), found.diagnostics)

    def columns(self, table: Any) -> dict[str, Any]:
        if not self._ahead:
            return {}
        keys = zip(table[_PROMPT].to_pylist(), table[_TEXT].to_pylist(), strict=True)
        rows = list(keys)
        return {
            f"regenerated_ahead[{name}]": np.array([ahead.get(row, np.nan) for row in rows])
            for name, ahead in self._ahead.items()
        }
