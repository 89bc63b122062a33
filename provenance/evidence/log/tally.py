"""What a match keeps of a corpus beside a log, and what the log alone tells of it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.errors import InputError
from provenance.evidence.log.building import merge_logs
from provenance.evidence.log.index import NO_DAY, LogIndex
from provenance.evidence.log.matcher import LIMIT, LONG, LogMatcher, LogMatches, loaded_matcher
from provenance.evidence.log.rows import LogRow, log_rows, strongest
from provenance.features.features import PreparedTexts
from provenance.statistics.conformal import conformal_p, n_at_least
from provenance.statistics.intervals import clopper_pearson
from provenance.statistics.multiple_testing import benjamini_hochberg

__all__ = ["LogBatch", "LogFiles", "LogTally", "log_files"]

_ACCOUNTS_A_TEXT: Final = 16


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Where workers find the log, its decoys and what was fitted."""

    log: Path
    decoys: Path | None
    fitted: Path

    def matcher(self) -> LogMatcher:
        return loaded_matcher(self.log, self.decoys, self.fitted)

    def look_up(self, documents: Sequence[Document], prepared: PreparedTexts | None) -> LogBatch:
        """Match a batch; texts that were prepared with their markdown are not normalised again."""
        matcher = self.matcher()
        if prepared is None or prepared.strip_markdown:
            # Here, as it loads a compiler.
            from provenance.features.normalize.tidy import repaired_texts

            texts = repaired_texts([item.text for item in documents])
        else:
            texts = list(prepared.texts)
        found = matcher.match(texts, normalized=True)
        return LogBatch(found, log_rows(matcher, documents, texts, found))


def log_files(
    logs: Sequence[LogIndex], decoys: Sequence[LogIndex], folder: Path
) -> LogFiles | None:
    """Fit a matcher and lay it out for workers; None without a log.

    Raises
    ------
    InputError
        Where there are decoys without a log, or windows differ.
    """
    if isinstance(logs, LogIndex) or isinstance(decoys, LogIndex):
        raise InputError("a single index was given", expected="a list of them, such as [index]")
    if not logs:
        if decoys:
            raise InputError("a decoy log was given without a log", remedy="Pass --log L.idx")
        return None
    log = logs[0] if len(logs) == 1 else merge_logs(logs, folder / "log.idx")
    decoy = None
    if decoys:
        decoy = decoys[0] if len(decoys) == 1 else merge_logs(decoys, folder / "decoys.idx")
        if decoy.window != log.window:
            raise InputError(
                f"the windows of the decoys are of {decoy.window} tokens",
                where=str(decoys[0].path),
                expected=f"{log.window}, as those of the log",
                remedy="Index them again with the same --window",
            )
        known = np.isin(decoy.arrays["text_hashes"], log.arrays["text_hashes"])
        if 2 * known.sum() > len(known):
            raise InputError(
                f"{int(known.sum()):,} of the {len(known):,} decoys are answers of the log",
                where=str(decoys[0].path),
                expected="text that the API did not write",
            )
    fitted = folder / "matcher.npz"
    LogMatcher.fit(log, decoy).save(fitted)
    return LogFiles(log.path, None if decoy is None else decoy.path, fitted)


@dataclass(frozen=True, slots=True)
class LogBatch:
    """A batch of documents beside the log."""

    found: LogMatches
    rows: list[LogRow]


@dataclass(slots=True)
class LogTally:
    """Adds batches; a few numbers stay of each document that may match, none of others.

    Parameters
    ----------
    matcher : LogMatcher
    fdr : float
        Rate of false rows among the edited answers that are listed.
    """

    matcher: LogMatcher
    fdr: float
    n_documents: int = 0
    n_tokens: int = 0
    n_covered: int = 0
    n_discounted: int = 0
    n_with_run: int = 0
    n_half: int = 0
    n_common_alone: int = 0
    ranks: NDArray[np.int64] = field(init=False)
    rows: list[LogRow] = field(default_factory=list)
    _by_rank: Counter[tuple[int, bool, bool]] = field(default_factory=Counter)
    _texts: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ranks = np.zeros(len(self.matcher.null) + 2, np.int64)

    def rank(self, found: LogMatches) -> NDArray[np.int64]:
        """How many decoys are at least as similar; without decoys 0 or 1: listed or not."""
        null = self.matcher.null
        if not len(null):
            return np.where((found.similarity >= LIMIT) & (found.tokens >= LONG), 0, 1)
        return np.where(found.similarity > 0, n_at_least(null, found.similarity), len(null))

    def add(self, documents: Sequence[Document], batch: LogBatch) -> None:
        """Take in one batch."""
        found = batch.found
        run, half = found.covered > 0, (found.covered > 0) & (2 * found.covered >= found.tokens)
        self.n_documents += len(documents)
        self.n_tokens += int(found.tokens.sum(dtype=np.int64))
        self.n_covered += int(found.covered.sum(dtype=np.int64))
        self.n_discounted += int(found.discounted.sum(dtype=np.int64))
        self.n_with_run += int(run.sum())
        self.n_half += int(half.sum())
        self.n_common_alone += int((~run & (found.discounted > 0)).sum())
        rank = self.rank(found)
        # What is half runs is found by them; among the tested it would let in others.
        self.ranks += np.bincount(rank[~half], minlength=len(self.ranks))
        self.rows = strongest([*self.rows, *batch.rows])
        self._hold(documents, found, rank, half)

    def _hold(
        self,
        documents: Sequence[Document],
        found: LogMatches,
        rank: NDArray[np.int64],
        half: NDArray[np.bool_],
    ) -> None:
        possible = rank == 0 if not len(self.matcher.null) else self.p(rank) <= self.fdr
        bounds = np.searchsorted(found.answer_text, np.arange(len(documents) + 1))
        texts, ranks = [], []
        possible &= ~half & (found.nearest >= 0)
        for at in np.flatnonzero(half | possible).tolist():
            own = found.answer[bounds[at] : bounds[at + 1]]
            # A run is found whatever the rank is.
            place = -1 if half[at] else int(rank[at])
            if not half[at]:
                own = found.nearest[at : at + 1]
            early = self._is_too_early(documents[at].last_date, own)
            self._by_rank[(place, bool(half[at]), early)] += 1
            texts.append(own)
            ranks.append(np.full(len(own), place))
        if texts:
            both = np.stack([np.concatenate(ranks), np.concatenate(texts)], axis=1)
            distinct = np.unique(both, axis=0)
            self._texts.append((distinct[:, 0], distinct[:, 1]))

    def accounts_of(self, text: int) -> tuple[int, ...]:
        """Numbers of the named accounts that an answer went to, at most 16."""
        log = self.matcher.log
        answers = log.answers(text)[: 4 * _ACCOUNTS_A_TEXT]
        held = {int(log.arrays["accounts"][answer]) for answer in answers}
        return tuple(sorted(number for number in held if log.account_names[number]))[
            :_ACCOUNTS_A_TEXT
        ]

    def _is_too_early(self, day: datetime.date | None, texts: NDArray[np.int64]) -> bool:
        """Whether a document is older than every answer that it matches."""
        if day is None:
            return False
        log = self.matcher.log
        days = [
            int(log.arrays["days"][answer])
            for text in texts.tolist()
            for answer in log.answers(text)[: 4 * _ACCOUNTS_A_TEXT]
        ]
        ordinal = (day - datetime.date(1970, 1, 1)).days
        return bool(days) and all(one != NO_DAY and one > ordinal for one in days)

    def columns(self, batch: LogBatch) -> dict[str, NDArray[Any]]:
        """What is kept of each document until all are read."""
        found = batch.found
        return {
            "log_covered": found.covered / np.maximum(1, found.tokens),
            "log_similarity": found.similarity,
            "log_rank": self.rank(found).astype(np.int32),
            "log_answer": self._answer_shown(found),
        }

    def _answer_shown(self, found: LogMatches) -> NDArray[np.int64]:
        """The answer named beside each document: that of its runs, else the nearest."""
        shown = found.nearest.copy()
        shown[found.answer_text] = found.answer
        return shown

    def told_columns(self, table: Any) -> dict[str, Any]:
        """What ``documents.parquet`` tells, from the columns kept."""
        import pyarrow as pa

        covered = table["log_covered"].to_numpy()
        rank = table["log_rank"].to_numpy()
        tested = (covered < 0.5) & (len(self.matcher.null) > 0)
        near = (rank <= self.last_rank) & (covered < 0.5)
        log = self.matcher.log
        answers = [
            log.answer_id(log.answers(number)[0]) if hit else None
            for number, hit in zip(
                table["log_answer"].to_pylist(), ((covered > 0) | near).tolist(), strict=True
            )
        ]
        return {
            "log_covered": covered,
            "log_similarity": table["log_similarity"].to_numpy(),
            "log_p": np.where(tested, self.p(rank), np.nan),
            "log_q": np.where(tested, self.q_by_rank()[rank], np.nan),
            "log_answer": pa.array(answers, pa.string()),
            "overlap": covered > 0,
            "near_duplicate": near,
        }

    def p(self, rank: NDArray[Any]) -> NDArray[np.float64]:
        """Conformal p-values: the part of the decoys that are at least as similar."""
        result: NDArray[np.float64] = conformal_p(np.asarray(rank), len(self.matcher.null))
        # Without decoys there are two ranks more than there are p-values.
        return np.minimum(1.0, result)

    def q_by_rank(self) -> NDArray[np.float64]:
        """Benjamini-Hochberg q-values of each rank, among the documents that are tested."""
        return benjamini_hochberg(self.p(np.arange(len(self.ranks))), self.ranks.astype(np.float64))

    @property
    def last_rank(self) -> int:
        """The largest rank that is listed; -1 where none is."""
        if not len(self.matcher.null):
            return 0
        # The last rank but one is that of a text which shares nothing: never evidence.
        allowed = np.flatnonzero((self.q_by_rank() <= self.fdr) & (self.ranks > 0))
        allowed = allowed[allowed < len(self.matcher.null)]
        return int(allowed[-1]) if len(allowed) else -1

    @property
    def n_near(self) -> int:
        """Documents that are listed as edited answers."""
        return int(self.ranks[: self.last_rank + 1].sum())

    @property
    def near_verdict(self) -> Literal["found", "not_found", "not_checked"]:
        """Whether any document is listed as an edited answer; unchecked where none could be."""
        if self.n_near:
            return "found"
        # So few decoys can give no p-value that is small enough.
        few = len(self.matcher.null) > 0 and float(self.p(np.zeros(1))[0]) > self.fdr
        return "not_checked" if few else "not_found"

    @property
    def n_matched(self) -> int:
        """Documents half of which are runs, or that are listed as edited answers."""
        return self.n_matched_at(self.last_rank)

    def n_matched_at(self, last: int) -> int:
        """The same where ranks up to `last` are listed."""
        return sum(n for (rank, _, _), n in self._by_rank.items() if rank <= last)

    @property
    def n_too_early(self) -> int:
        """Matched documents that are older than every answer that they match."""
        last = self.last_rank
        return sum(n for (rank, _, early), n in self._by_rank.items() if early and rank <= last)

    def lowest_share(
        self, confidence_level: float, trusted: LogTally | None = None
    ) -> float | None:
        """Share of the documents that the log alone accounts for, at least.

        Off go the documents that are older than their answers, and as many as match at most though
        they are not of the log: a quantile of the binomial distribution at the largest rate that
        the decoys and the trusted rows allow for (Clopper and Pearson), each at its part of the
        level. None without either.
        """
        null, last = self.matcher.null, self.last_rank
        told = []
        if len(null):
            n_near = 0 if last < 0 else int((len(null) - np.searchsorted(null, null) <= last).sum())
            told.append((min(len(null), self.matcher.n_decoys_with_run + n_near), len(null)))
        if trusted is not None and trusted.n_documents:
            told.append((trusted.n_matched_at(last), trusted.n_documents))
        if not told:
            return None
        from scipy.stats import binom

        # Half of the tail for each rate, as much for how many documents match at that rate.
        level = 1 - (1 - confidence_level) / (1 + len(told))
        rate = max(clopper_pearson(false, n, level)[1] for false, n in told)
        most = float(binom.ppf((1 + level) / 2, self.n_documents, rate))
        n_possible = self.n_matched - self.n_too_early
        return max(0.0, (n_possible - most) / max(1, self.n_documents))

    def lists(self, similarity: float, last: int) -> bool:
        """Whether a text so similar is listed where ranks up to `last` are."""
        null = self.matcher.null
        if not len(null):
            return similarity >= LIMIT
        return bool(n_at_least(null, np.float32(similarity)) <= last)

    def matched_texts(self) -> NDArray[np.bool_]:
        """Which different answers of the log the corpus holds, shape (n_texts,)."""
        last = self.last_rank
        texts = np.zeros(self.matcher.log.n_texts, bool)
        for rank, text in self._texts:
            texts[text[rank <= last]] = True
        return texts
