"""Lists of rows that may be cut anywhere: of each candidate, over all rows of the corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from provenance.matching.documents import DocumentRows
from provenance.matching.judging import Judged
from provenance.matching.matched import Matched, Settings
from provenance.records import ListCut, ListedRows
from provenance.scoring.false_rows import RowList, counted
from provenance.scoring.p_values import Conformal
from provenance.scoring.scored import Scored, row_statistic
from provenance.share.sources import Sources
from provenance.statistics.multiple_testing import joint_level
from provenance.statistics.threads import one_thread

__all__ = ["conformal_of", "listed_rows", "row_lists", "with_p_values"]


def conformal_of(ranks: Conformal, corpus: Scored, judged: Judged, number: int) -> Conformal:
    """P-values of a candidate's rows, beyond ranks where the candidate is there.

    A list of rows beside small samples rests on tails that are alike; it names no candidate of
    which the low end says that it may have written nothing.

    Parameters
    ----------
    ranks : Conformal
        Its null distributions.
    corpus : Scored
    judged : Judged
    number : int
        The candidate.
    """
    is_there = judged.lists_rows and judged.told_of_scored(number).low > 0
    return (ranks.beyond_ranks() if is_there else ranks).read(corpus)


def with_p_values(matched: Matched, judged: Judged) -> Matched:
    """The same with p-values of each candidate's rows, as far as these are known to be there."""
    corpus = matched.corpus.scored
    found = {
        number: conformal_of(ranks, corpus, judged, number)
        for number, ranks in matched.conformal.items()
    }
    return replace(matched, conformal=found)


@one_thread
def row_lists(
    matched: Matched, judged: Judged, rows: DocumentRows, sources: Sources, settings: Settings
) -> dict[int, RowList]:
    """Each candidate's list; none where rows are not listed.

    The lists of all candidates hold together at the confidence level (Bonferroni).

    Parameters
    ----------
    matched : Matched
    judged : Judged
    rows : DocumentRows
        After the first pass.
    sources : Sources
    settings : Settings
    """
    if not judged.lists_rows:
        return {}
    level = joint_level(settings.confidence_level, len(sources.candidates))
    return {
        number: RowList.of(*counted(_p_values(matched, rows, number)), level)
        for number in sources.candidates
    }


def _p_values(
    matched: Matched, rows: DocumentRows, number: int
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """P-values of all documents and how many documents have each.

    Where the sample holds every document it is enough; else what the first pass kept is read.
    """
    conformal, scored = matched.conformal[number], matched.corpus.scored
    if matched.corpus.complete:
        yield conformal.p(scored.row_statistic(number)), scored.weight
        return
    for scores in rows.scores(matched.view, len(matched.panel.names)):
        statistic = scores.means(row_statistic(scores.log_posterior, number))[:, 0]
        yield conformal.p(statistic), np.ones(scores.n_documents)


def listed_rows(
    lists: Mapping[int, RowList], sources: Sources, settings: Settings
) -> Iterator[ListedRows]:
    """The lists as the report tells them."""
    nobodys = sources.tell_a_model
    for number, found in lists.items():
        yield ListedRows(
            source=None if nobodys else sources.names[number],
            n_documents=found.n_rows,
            true_at_least=found.true_at_least,
            listed_at_least=found.true_at_least / max(1, found.n_rows),
            confidence_level=settings.confidence_level,
            cuts=tuple(ListCut(n_rows=n, false_at_most=false) for n, false in found.cuts()),
        )
