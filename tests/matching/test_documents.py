"""``documents.parquet``: two passes, any batches, hostile names, nothing invented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from known_text import documents, scored, texts
from numpy.typing import NDArray

from provenance.corpus import Document
from provenance.matching.documents import DocumentRows, DocumentScores

VIEW = "n-grams"
NAMES = ("alpha", "human")
BOOK = " ".join(texts("alpha", 8, 3))
HOSTILE = "<b>\x00\x1b[2J\u202e\ud800"
FOUND = [
    replace(item, id=name, group=group)
    for item, name, group in zip(
        documents([*texts("alpha", 2, 3), "short", "", BOOK]),
        ["a", HOSTILE, "b", "", "b"],
        [None, HOSTILE, "", "g", "g"],
        strict=True,
    )
]


def written(found: list[Document], cuts: list[int], folder: Path) -> list[dict[str, object]]:
    rows = DocumentRows(folder / "scores.parquet")
    for start, end in zip([0, *cuts], [*cuts, len(found)], strict=True):
        rows.add(scored(found[start:end]))

    def columns(scores: DocumentScores) -> dict[str, NDArray[np.float64]]:
        return {"p[alpha]": scores.means(np.exp(scores.log_posterior))[:, 0]}

    rows.finish(folder / "documents.parquet", VIEW, len(NAMES), columns)
    table: list[dict[str, object]] = pq.read_table(folder / "documents.parquet").to_pylist()
    return table


@pytest.mark.parametrize("cuts", [[], [1, 2], [2, 4], [1, 2, 3, 4]])
def test_rows_are_the_documents_in_their_order(cuts: list[int], tmp_path: Path) -> None:
    found = written(FOUND, cuts, tmp_path)
    assert [row["line"] for row in found] == [1, 2, 3, 4, 5]
    assert [row["id"] for row in found] == ["a", HOSTILE.replace("\ud800", "?"), "b", "", "b"]
    assert [row["group"] for row in found] == [None, HOSTILE.replace("\ud800", "?"), "", "g", "g"]
    assert {row["path"] for row in found} == {"made.jsonl"}


def test_what_was_not_scored_is_null(tmp_path: Path) -> None:
    found = written(FOUND, [], tmp_path)
    assert [row["p[alpha]"] is None for row in found] == [False, False, True, True, False]
    assert [row["n_tokens"] for row in found][2:4] == [1, 0]


def test_a_file_of_unscored_rows_has_the_same_columns(tmp_path: Path) -> None:
    found = written(FOUND[2:4], [1], tmp_path)
    assert [row["p[alpha]"] for row in found] == [None, None]


def test_a_long_document_has_the_mean_of_its_passages(tmp_path: Path) -> None:
    batch = scored(FOUND[4:])
    assert len(batch.document) > 2
    mean = np.average(np.exp(batch.log_posterior[VIEW][:, 0]), weights=batch.passage_tokens)
    assert written(FOUND, [3], tmp_path)[4]["p[alpha]"] == pytest.approx(mean, rel=1e-5)


def test_findings_name_what_was_found(tmp_path: Path) -> None:
    known = texts("human", 150, 0)[3]
    hidden = texts("human", 1, 8)[0].replace(" ", " \u200b", 3)
    found = written(documents([known, hidden, *texts("human", 1, 9)]), [1], tmp_path)
    assert [row["findings"] for row in found] == [["overlap"], ["text_repair"], []]
