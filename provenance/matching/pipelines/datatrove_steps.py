"""Steps for a pipeline of datatrove: score, then, with the tallies of all ranks, filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from provenance.errors import InputError
from provenance.files.aside import write_aside
from provenance.matching.scorer import RowTally, Scorer, in_batches
from provenance.statistics.conventions import FDR

try:
    from datatrove.pipeline.base import PipelineStep
except ImportError:  # whoever has no datatrove has no use for the steps
    PipelineStep = object

__all__ = ["FilterStep", "ScoreStep", "merged_tally"]


class ScoreStep(PipelineStep):  # type: ignore[misc]
    """Puts the scores of each document into its metadata, and a tally of each rank into a folder.

    Parameters
    ----------
    scorer : Scorer
    tallies : str
        A folder that all ranks can write to.
    """

    name = "provenance: score"
    type = "score"

    def __init__(self, scorer: Scorer, tallies: str) -> None:
        super().__init__()
        self.scorer, self.tallies = scorer, tallies

    def run(self, data: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Score documents batch by batch."""
        Path(self.tallies).mkdir(parents=True, exist_ok=True)
        tally = RowTally()
        for documents in in_batches(data):
            table = self.scorer.score_batch([one.text for one in documents])
            tally += RowTally.of(table)
            for document, scores in zip(documents, table.drop(["id"]).to_pylist(), strict=True):
                document.metadata.update(scores)
                yield document
        write_aside(Path(self.tallies) / f"{rank:05d}.json", tally.to_json())


class FilterStep(PipelineStep):  # type: ignore[misc]
    """Leaves out documents whose q-value for a candidate is at most ``fdr``.

    Parameters
    ----------
    candidate : str
    tallies : str
        What `ScoreStep` wrote, whole: this is a pipeline of its own, after all ranks of the first.
    fdr : float
    """

    name = "provenance: filter"
    type = "filter"

    def __init__(self, candidate: str, tallies: str, fdr: float = FDR) -> None:
        super().__init__()
        self.candidate, self.tallies, self.fdr = candidate, tallies, fdr

    def run(self, data: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Yield the documents that stay."""
        q = merged_tally(self.tallies).q(self.candidate)
        for document in data:
            q_value = q(document.metadata[f"p[{self.candidate}]"])
            if q_value is None or q_value > self.fdr:
                yield document


def merged_tally(folder: str) -> RowTally:
    """The tallies of all ranks, added up.

    Raises
    ------
    InputError
        Where there is none.
    """
    paths = sorted(Path(folder).glob("*.json"))
    if not paths:
        raise InputError("there are no tallies", where=folder, expected="what ScoreStep wrote")
    tally = RowTally()
    for path in paths:
        tally += RowTally.from_json(path.read_bytes())
    return tally
