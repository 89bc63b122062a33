"""A corpus beside an API's own log: runs of words that stand in both, and edited answers.

A *run* is covered by windows that stand in the log and in none of: more than three prompts'
answers, the answer's own prompt, the decoys. An index holds one of `SPAN` neighbouring windows and
which one depends on what stands around it, so the neighbours of a common window count as common:
no run of ``window + SPAN - 1`` tokens that many answers or a decoy share leaves evidence.

An *edited answer* shares so many rare pairs of words with one answer that texts which are not of
the log hardly ever do. How many these share, the decoys tell: answers to the same prompts by other
models, or other text that the API did not write.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.log.buckets import joined_keys
from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.windows import COMMON, SHINGLE_BITS, SPAN, LogHashes, hash_texts
from provenance.files.places import open_named

__all__ = ["LIMIT", "LogMatcher", "LogMatches", "loaded_matcher"]

LIMIT: Final = 0.6
"""Part of a text's rare pairs that one answer shares, where no decoys tell what is usual;
its source is not recorded."""
LONG: Final = 40
"""Normalised tokens that a text needs to be called an edited answer without decoys; its source is
not recorded, but below 25 likeness passes 4.2 % of other models' answers (``edited_answers``)."""
_NEAREST: Final = 5
"""Answers that a document is compared with; a round figure; not tuned."""
_FLOOR: Final = 9.0
"""A text weighs at least as so many of the rarest pairs do; its source is not recorded."""
_CHUNK: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class LogMatches:
    """What a log knows of some texts.

    Parameters
    ----------
    tokens : ndarray of int32, shape (n_texts,)
        Words and punctuation marks.
    covered, discounted : ndarray of int32, shape (n_texts,)
        Tokens in runs of evidence; tokens in windows that are too common to be evidence.
    similarity : ndarray of float32, shape (n_texts,)
        Part of the text's rare pairs of words that one answer shares, less what the decoys share
        with that answer; at most 1.
    nearest : ndarray of int64, shape (n_texts,)
        Number of that answer's text in the log; -1 where none shares a pair.
    span_text, span_start, span_end : ndarray of int32, shape (n_runs,)
        Text, first character and end of each run.
    answer_text, answer : ndarray of int64, shape (n_pairs,)
        Pairs of a text and a text of the log that holds half as many of its windows as the one
        with most, which stands last.
    """

    tokens: NDArray[np.int32]
    covered: NDArray[np.int32]
    discounted: NDArray[np.int32]
    similarity: NDArray[np.float32]
    nearest: NDArray[np.int64]
    span_text: NDArray[np.int32]
    span_start: NDArray[np.int32]
    span_end: NDArray[np.int32]
    answer_text: NDArray[np.int64]
    answer: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class LogMatcher:
    """A log, its decoys, and what these teach.

    Parameters
    ----------
    log : LogIndex
    decoys : LogIndex, optional
        Texts that the API did not write.
    usual : ndarray of float32, shape (log.n_texts,)
        The largest part of a decoy's rare pairs that each answer shares.
    null : ndarray of float32, shape (n_decoys,), ascending
        Similarity of each decoy to the log, with the other decoys as its decoys.
    n_decoys_with_run : int
        Decoys that share a window with the log.
    ignored : ndarray of uint64, ascending
        Pairs of words that are too common among the decoys to be known of each: they are left out
        of every text, or decoys and texts would not be compared alike.
    """

    log: LogIndex
    decoys: LogIndex | None
    usual: NDArray[np.float32]
    null: NDArray[np.float32]
    n_decoys_with_run: int
    ignored: NDArray[np.uint64]

    @classmethod
    def fit(cls, log: LogIndex, decoys: LogIndex | None = None) -> LogMatcher:
        """Match the decoys with the log.

        Parameters
        ----------
        log, decoys : LogIndex
            With windows of the same length.
        """
        usual = np.zeros(log.n_texts, np.float32)
        if decoys is None:
            return cls(log, None, usual, np.zeros(0, np.float32), 0, np.zeros(0, np.uint64))
        best, shared = _nearest_of(log, decoys)
        decoy = np.repeat(np.arange(len(best)), best.shape[1])[best.ravel() >= 0]
        answer, part = best.ravel()[best.ravel() >= 0], shared.ravel()[best.ravel() >= 0]
        order = np.lexsort((decoy, -part, answer))
        answer, part, decoy = answer[order], part[order], decoy[order]
        first = np.flatnonzero(np.diff(answer, prepend=-1))
        usual[answer[first]] = part[first]
        owner = np.full(log.n_texts, -1, np.int64)
        owner[answer[first]] = decoy[first]
        second = np.zeros(log.n_texts, np.float32)
        after = first + 1
        after = after[(after < len(answer))]
        after = after[answer[after] == answer[after - 1]]
        second[answer[after]] = part[after]
        rest = np.where(owner[answer] == decoy, second[answer], usual[answer])
        null = np.zeros(len(best), np.float32)
        np.maximum.at(null, decoy, (part - rest).astype(np.float32))
        ignored = _keys(decoys)[decoys.arrays["shingle_texts"] == COMMON]
        return cls(log, decoys, usual, np.sort(null), _with_run(log, decoys), ignored)

    def save(self, path: Path) -> None:
        """Write what was fitted, for workers."""
        with open_named(path, "wb", path) as file:
            np.savez(
                file,
                usual=self.usual,
                null=self.null,
                run=self.n_decoys_with_run,
                ignored=self.ignored,
            )

    def match(self, texts: Sequence[str], *, normalized: bool = False) -> LogMatches:
        """Look some texts up.

        Parameters
        ----------
        texts : sequence of str
        normalized : bool
            Whether they have been through `normalize`.
        """
        hashes = hash_texts(texts, window=self.log.window, normalized=normalized)
        entry = self.log.find_windows(hashes.windows)
        hit = entry >= 0
        common = np.zeros(len(entry), bool)
        common[hit] = self.log.arrays["window_texts"][entry[hit]] == COMMON
        if self.decoys is not None:
            common[hit] |= self.decoys.find_windows(hashes.windows[hit]) >= 0
        common |= hit & _near(common, hashes.window_bounds)
        similarity, nearest = self._similarity(hashes)
        return self._told(hashes, entry, hit & ~common, common, similarity, nearest)

    def _similarity(self, hashes: LogHashes) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        bounds, shingles = hashes.shingle_bounds, hashes.shingles
        if len(self.ignored):
            keys = shingles >> np.uint64(64 - SHINGLE_BITS)
            place = np.searchsorted(self.ignored, keys).clip(max=len(self.ignored) - 1)
            stays = self.ignored[place] != keys
            bounds = np.concatenate([[0], np.cumsum(stays)])[bounds]
            shingles = shingles[stays]
        best, shared = self.log.similar(bounds, shingles, _NEAREST, _FLOOR)
        lead = np.where(best >= 0, shared - self.usual[best], 0)
        place = lead.argmax(axis=1)
        rows = np.arange(len(best))
        return lead[rows, place].clip(0, 1).astype(np.float32), best[rows, place]

    def _told(
        self,
        hashes: LogHashes,
        entry: NDArray[np.int64],
        evidence: NDArray[np.bool_],
        common: NDArray[np.bool_],
        similarity: NDArray[np.float32],
        nearest: NDArray[np.int64],
    ) -> LogMatches:
        from provenance.evidence.log.lookup_kernels import overlaps

        covered, discounted, row, start, end = overlaps(
            *(hashes.tokens, hashes.window_bounds, hashes.places, self.log.window),
            *(evidence, common),
        )
        base = np.concatenate([[0], np.cumsum(hashes.tokens)])[row]
        owner = np.repeat(np.arange(len(hashes.tokens)), np.diff(hashes.window_bounds))
        document, answer = self._answers(owner[evidence], entry[evidence])
        return LogMatches(
            hashes.tokens,
            covered,
            discounted,
            similarity,
            nearest,
            row,
            hashes.starts[base + start],
            hashes.ends[base + end - 1],
            document,
            answer,
        )

    def _answers(
        self, document: NDArray[np.int64], entry: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Texts of the log that share at least half as many windows as the one with most."""
        hashes, texts = (self.log.arrays[name] for name in ("window_hashes", "window_texts"))
        pairs = [(document, texts[entry])]
        alike = np.arange(len(entry))
        while len(alike):
            # Answers that hold the same window stand behind one another.
            following = entry[alike] + len(pairs)
            inside = following < len(hashes)
            alike, following = alike[inside], following[inside]
            same = hashes[following] == hashes[entry[alike]]
            alike, following = alike[same], following[same]
            pairs.append((document[alike], texts[following]))
        both = np.stack([np.concatenate(column) for column in zip(*pairs, strict=True)], axis=1)
        found, count = np.unique(both.astype(np.int64), axis=0, return_counts=True)
        most = np.zeros(int(found[:, 0].max(initial=-1)) + 1, np.int64)
        np.maximum.at(most, found[:, 0], count)
        # Behind one text the answer that explains most of it stands last.
        kept = 2 * count >= most[found[:, 0]]
        found, count = found[kept], count[kept]
        order = np.lexsort((-found[:, 1], count, found[:, 0]))
        return found[order, 0], found[order, 1]


def _nearest_of(log: LogIndex, decoys: LogIndex) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The nearest answers of every decoy, from the pairs of words that its index holds."""
    keys, texts = _keys(decoys), decoys.arrays["shingle_texts"]
    best, shared = [], []
    chunk = max(1, _CHUNK * decoys.n_texts // max(1, len(texts)))
    for start in range(0, decoys.n_texts, chunk):
        end = min(decoys.n_texts, start + chunk)
        inside = np.flatnonzero((texts >= start) & (texts < end))
        inside = inside[np.argsort(texts[inside], kind="stable")]
        bounds = np.searchsorted(texts[inside], np.arange(start, end + 1))
        shingles = keys[inside] << np.uint64(64 - SHINGLE_BITS)
        found = log.similar(bounds.astype(np.int64), shingles, _NEAREST, _FLOOR)
        best.append(found[0])
        shared.append(found[1])
    return np.concatenate(best), np.concatenate(shared)


def _keys(index: LogIndex) -> NDArray[np.uint64]:
    """The pairs of words of all texts of an index, ascending."""
    arrays = index.arrays
    return joined_keys(arrays["shingle_directory"], arrays["shingle_remainders"])


def _near(common: NDArray[np.bool_], bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Windows less than `SPAN` places from a common one of the same text."""
    place = np.arange(len(common))
    starts = np.repeat(bounds[:-1], np.diff(bounds))
    ends = np.repeat(bounds[1:], np.diff(bounds))
    before = np.maximum.accumulate(np.where(common, place, -SPAN))
    after = np.minimum.accumulate(np.where(common, place, len(place) + SPAN)[::-1])[::-1]
    result: NDArray[np.bool_] = ((before >= starts) & (place - before < SPAN)) | (
        (after < ends) & (after - place < SPAN)
    )
    return result


def _with_run(log: LogIndex, decoys: LogIndex) -> int:
    """Decoys that share a window with the log, common ones aside."""
    hashes, texts = decoys.arrays["window_hashes"], decoys.arrays["window_texts"]
    found = log.find_windows(np.asarray(hashes))
    hit = found >= 0
    hit[hit] &= log.arrays["window_texts"][found[hit]] != COMMON
    return len(np.unique(texts[hit & (texts != COMMON)]))


@lru_cache(maxsize=1)
def loaded_matcher(
    log: str | os.PathLike[str], decoys: str | os.PathLike[str] | None, fitted: Path
) -> LogMatcher:
    """A fitted matcher from its files, once a process; the files were verified before."""
    with np.load(fitted, allow_pickle=False) as held:
        return LogMatcher(
            LogIndex.load(log, verify=False),
            None if decoys is None else LogIndex.load(decoys, verify=False),
            held["usual"],
            held["null"],
            int(held["run"]),
            held["ignored"],
        )
