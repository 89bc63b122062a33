"""What was read of the corpus, in the report; refused where nothing of it can be scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provenance.corpus import Corpus, Counts
from provenance.errors import InputError
from provenance.records import CorpusSummary, TurnCount

__all__ = ["CorpusCounts", "UnscoredError", "corpus_summary", "refuse_unscored", "sampled_told"]


class UnscoredError(InputError):
    """Nothing of a corpus, or of a segment of it, is long enough to score."""


@dataclass(frozen=True, slots=True)
class CorpusCounts:
    """What was counted of a corpus while it was read."""

    n_documents: int
    n_too_short: int
    n_tokens: int
    n_distinct: int
    repairs: Mapping[str, int]

    @property
    def n_scored(self) -> int:
        """Documents that are long enough."""
        return self.n_documents - self.n_too_short


def refuse_unscored(corpus: Corpus, n_scored: int, min_tokens: int) -> None:
    """Refuse a corpus without a document that is long enough.

    Raises
    ------
    UnscoredError
    """
    if not n_scored:
        raise UnscoredError(
            f"no document of the corpus has {min_tokens} tokens or more",
            where=", ".join(corpus.paths[:3]),
            expected="longer texts",
        )


def sampled_told(counts: Counts) -> tuple[str, ...]:
    """What rows that were drawn can show of single rows; nothing where all were read.

    Examples
    --------
    >>> sampled_told(Counts(n_drawn=300, n_drawn_from=9000, n_drawn_apart=300))[0][:38]
    'The corpus was sampled: 300 of 9,000 r'
    >>> sampled_told(Counts())
    ()
    """
    told = counts.drawn_told()
    if not told:
        return ()
    return (
        f"The corpus was sampled: {told[0]}. Copies, log, watermarks and hidden characters were"
        f" looked for in these alone: what was found is there, and {told[1]}.",
    )


def corpus_summary(
    corpus: Corpus,
    counts: CorpusCounts,
    *,
    n_trusted: int = 0,
    reference_before: str | None = None,
) -> CorpusSummary:
    """The record of a corpus that was read."""
    return CorpusSummary(
        paths=tuple(corpus.paths),
        given=tuple(corpus.given),
        n_documents=counts.n_documents,
        n_scored=counts.n_scored,
        n_too_short=counts.n_too_short,
        n_skipped=corpus.counts.n_skipped,
        n_tokens=counts.n_tokens,
        n_distinct=counts.n_distinct,
        sha256=corpus.sha256,
        repairs=dict(sorted({**counts.repairs, **corpus.counts.mended}.items())),
        text_fields=dict(corpus.text_fields),
        n_trusted=n_trusted,
        reference_before=reference_before,
        losses=corpus.counts.losses,
        lost=tuple(corpus.counts.lost),
        n_passed_over=corpus.n_passed_over,
        passed_over=tuple(corpus.passed_over),
        read=tuple(corpus.what_was_read()),
        turns=tuple(_turns(corpus)),
        n_drawn=corpus.counts.n_drawn if corpus.counts.unread else 0,
        n_drawn_from=corpus.counts.n_drawn_from if corpus.counts.unread else 0,
        drawn_from_is_about=corpus.counts.is_about and corpus.counts.unread > 0,
    )


def _turns(corpus: Corpus) -> Iterator[TurnCount]:
    """Most frequent first; equal ones by name, so that equal corpora give equal reports."""
    counted = corpus.counts.turns.items()
    for (name, role, taken), n in sorted(counted, key=lambda item: (-item[1], item[0][0])):
        yield TurnCount(name=name, role=role, taken=taken, n_turns=n)
