"""Watermark keys beside the scores: looked for where keys are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.evidence.protocol import MatchContext, ToldEvidence
from provenance.evidence.watermark.corpus import WatermarkTally
from provenance.evidence.watermark.findings import watermark_check, watermark_findings
from provenance.evidence.watermark.records import WatermarkCheck
from provenance.evidence.watermark.tokens import Tokens
from provenance.features.features import PreparedTexts
from provenance.records import Finding

__all__ = ["WatermarkEvidence"]

_KINDS = ("watermark", "watermark_passage")


class WatermarkEvidence:
    """What keys say of the documents that are taken in; see `Evidence`.

    Parameters
    ----------
    tally : WatermarkTally
    """

    is_asked_for = True

    def __init__(self, tally: WatermarkTally) -> None:
        self._tally = tally
        self._check: WatermarkCheck | None = None

    @property
    def look_up(self) -> Callable[[Sequence[Document], PreparedTexts | None], dict[str, Tokens]]:
        return partial(_tokens, tokenizer=self._tally.tokenizer)

    def add(
        self, documents: Sequence[Document], found: dict[str, Tokens]
    ) -> dict[str, NDArray[Any]]:
        first = self._tally.n_documents
        tests = self._tally.add(documents, found)
        columns: dict[str, NDArray[Any]] = {
            "watermark_row": first + np.arange(len(documents)),
        }
        for key, test in zip(self._tally.keys, tests, strict=True):
            for kind, values in zip(_KINDS, (test.p_values, test.passage_p), strict=True):
                columns[f"{kind}_p[{key.name}]"] = values
        return columns

    def add_trusted(self, documents: Sequence[Document], found: dict[str, Tokens]) -> None:
        pass

    def told(self, findings: tuple[Finding, ...], asked: MatchContext) -> ToldEvidence:
        check = self._tally.told(seed=asked.seed, confidence_level=asked.confidence_level)
        self._check = check
        return ToldEvidence((*watermark_findings(check), *findings), (watermark_check(check),))

    def columns(self, table: Any) -> dict[str, Any]:
        import pyarrow as pa

        row = table["watermark_row"].to_numpy()
        columns: dict[str, Any] = {}
        for key, *q_values in zip(self._tally.keys, *self._all_q_values, strict=True):
            for kind, q in zip(_KINDS, q_values, strict=True):
                # As they are: a small p-value is 0 in fewer digits.
                p = table[f"{kind}_p[{key.name}]"].to_numpy()
                columns[f"{kind}_p[{key.name}]"] = pa.array(p, mask=np.isnan(p))
                columns[f"{kind}_q[{key.name}]"] = pa.array(q[row], mask=np.isnan(q[row]))
        return columns | {"watermark": self._listed[row]}

    @cached_property
    def _all_q_values(self) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
        return self._tally.q_values()

    @cached_property
    def _listed(self) -> NDArray[np.bool_]:
        assert self._check is not None, "rows are told after the findings"
        return self._tally.listed(self._check)


def _tokens(
    documents: Sequence[Document],
    prepared: PreparedTexts | None,
    tokenizer: Callable[[Sequence[Document]], dict[str, Tokens]],
) -> dict[str, Tokens]:
    return tokenizer(documents)
