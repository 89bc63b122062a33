"""Fresh answers beside the rows of their prompts: held against each other where both are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.protocol import Asked, Told
from provenance.evidence.regenerated.findings import Source, regenerated
from provenance.evidence.regenerated.tally import AskedRows, HeldRow, RowsFinder
from provenance.features.features import PreparedTexts
from provenance.features.spec import FeatureSpec
from provenance.records import Finding

__all__ = ["RegeneratedEvidence"]


class RegeneratedEvidence:
    """Rows of the documents taken in whose prompts a candidate answers; see `Evidence`.

    Parameters
    ----------
    sources : sequence of Source
        The models of the match.
    spec : FeatureSpec
    """

    is_asked_for = False

    def __init__(self, sources: Sequence[Source], spec: FeatureSpec) -> None:
        self._sources, self._spec = sources, spec
        answered = [one.answers.prompt for one in sources if one.is_candidate]
        prompts = np.unique(np.concatenate([np.empty(0, np.uint64), *answered]))
        # A document without a prompt answers none.
        self._finder = RowsFinder(prompts[prompts != 0], spec)
        self._rows = AskedRows()

    @property
    def look_up(self) -> Callable[[Sequence[Document], PreparedTexts | None], list[HeldRow]]:
        return self._finder

    def add(self, documents: Sequence[Document], found: list[HeldRow]) -> dict[str, NDArray[Any]]:
        self._rows.add(found)
        return {}

    def add_trusted(self, documents: Sequence[Document], found: list[HeldRow]) -> None:
        pass

    def told(self, findings: tuple[Finding, ...], asked: Asked) -> Told:
        rows = self._rows.rows()
        own, checks = regenerated(rows, self._sources, self._spec.n_word_features, asked)
        return Told((*own, *findings), tuple(checks))

    def columns(self, table: Any) -> dict[str, Any]:
        return {}
