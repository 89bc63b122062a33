"""What a match writes: rows, report and page, made aside and moved when they are whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.files.columns import numbers
from provenance.files.together import passing_folder, written_together
from provenance.matching.documents import DocumentRows, DocumentScores
from provenance.matching.evidence import AllEvidence
from provenance.matching.judging import Judged
from provenance.matching.matched import Matched
from provenance.report.report import Report
from provenance.report.rows import DOCUMENTS, KeptRows
from provenance.scoring.em import mixture_shares
from provenance.scoring.false_rows import RowList, supported
from provenance.scoring.p_values import Conformal
from provenance.scoring.scored import against, row_statistic, weights_of_others
from provenance.share.sources import Sources

__all__ = ["kept_rows", "workplace", "write_report", "write_rows"]


_FILES: Final = (DOCUMENTS, "report.json", "report.html")


def workplace(output: str | os.PathLike[str] | None) -> AbstractContextManager[Path]:
    """A folder for what is being written, put into the output where the block ends well."""
    return passing_folder() if output is None else written_together(output, _FILES)


def write_rows(
    folder: Path,
    rows: DocumentRows,
    sources: Sources,
    matched: Matched,
    judged: Judged,
    evidence: AllEvidence,
    lists: Mapping[int, RowList],
) -> None:
    """Write ``documents.parquet`` aside."""
    shares = _final_shares(judged, matched)
    conformal = matched.conformal

    def columns(scores: DocumentScores) -> dict[str, Any]:
        told: dict[str, Any] = {**_document_columns(scores, shares, sources, conformal, lists)}
        return told | evidence.columns(scores.table)

    rows.finish(folder / DOCUMENTS, matched.view, len(matched.panel.names), columns)


def write_report(report: Report, folder: Path) -> None:
    """Write the report and its page into a folder of `workplace`."""
    from provenance.report.page.page import save_html

    report.save(folder / "report.json")
    save_html(report, folder / "report.html")


def kept_rows(
    folder: Path, output: str | os.PathLike[str] | None, *, whole_ids: bool
) -> KeptRows | None:
    """Where the rows will be: in the output, else in memory, as the folder goes."""
    if output is None:
        return KeptRows.held(folder / DOCUMENTS, whole_ids=whole_ids)
    return KeptRows(Path(output).absolute() / DOCUMENTS, None, whole_ids)


def _final_shares(judged: Judged, matched: Matched) -> NDArray[np.float64]:
    """Shares in the order of the sources; fitted ones where the report withholds them."""
    if judged.withheld:
        passages = matched.corpus.scored.passages()
        return mixture_shares(passages.log_posterior, passages.weight)
    return judged.estimate.mixtures["documents"].shares


def _posteriors(
    log_posterior: NDArray[np.float32], shares: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Posterior of each source at these shares, shape (n_passages, n_sources)."""
    from scipy.special import softmax

    with np.errstate(divide="ignore"):
        logits = log_posterior.astype(np.float64) + np.log(shares)
    result: NDArray[np.float32] = softmax(logits, axis=1).astype(np.float32)
    return result


def _document_columns(
    scores: DocumentScores,
    shares: NDArray[np.float64],
    sources: Sources,
    conformal: Mapping[int, Conformal],
    lists: Mapping[int, RowList],
) -> dict[str, Any]:
    """Log likelihood ratios, posteriors and what lists tell of the documents of a row group."""
    columns: dict[str, Any] = {}
    for number in sources.candidates:
        name = sources.names[number]
        others = weights_of_others(shares, number)
        ratio = against(scores.log_posterior, number, others).astype(np.float32)[:, None]
        columns[f"llr[{name}]"] = scores.means(ratio)[:, 0]
    means = scores.means(_posteriors(scores.log_posterior, shares))
    for number in sources.candidates:
        means = supported(means, shares, number, conformal[number].n_held_out)
    for number, name in enumerate(sources.names):
        columns[f"posterior[{name}]"] = means[:, number]
    for number in sources.candidates:
        name = sources.names[number]
        p_values = q_values = rows = false = np.full(scores.n_documents, np.nan)
        if number in lists:
            statistic = scores.means(row_statistic(scores.log_posterior, number))[:, 0]
            p_values = conformal[number].p(statistic)
            q_values = conformal[number].q(p_values)
            rows, false = lists[number].up_to(p_values)
        columns[f"p[{name}]"] = p_values
        columns[f"q[{name}]"] = q_values
        columns[f"rows_up_to[{name}]"] = _whole(rows)
        columns[f"false_at_most[{name}]"] = _whole(false)
    return columns


def _whole(values: NDArray[np.float64]) -> Any:
    """Whole numbers, however large; NaN is null."""
    missing = np.isnan(values)
    return numbers(np.where(missing, 0, values).astype(np.int64), missing)
