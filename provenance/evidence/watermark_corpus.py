"""Whether a corpus was marked with a key: pooled and by document, with p-values that hold.

The pooled test adds up the scores of the distinct draws of the whole corpus, the test of a document
those of its own. Under the null the draws are as good as fresh, so that both p-values are exact;
many keys are corrected by Holm's rule, documents by Benjamini and Hochberg's.

A positive has to stand a check: keys that nobody marked with, tried on part of the same text, give
p-values that are uniform or larger; where they are smaller, something in the text or the settings
makes any key look found, and the verdict is withheld. A negative has to stand the other check,
where it can be made: text that is known to be marked is told as such.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from provenance._stats import benjamini_hochberg, holm, normal_quantile
from provenance._words import percent
from provenance.corpus import Corpus, Document, open_corpus
from provenance.errors import InputError
from provenance.evidence.watermark.pooled import MAX_STATES, PooledSums
from provenance.evidence.watermark.scoring import Documents, Scheme, score
from provenance.evidence.watermark_keys import WatermarkKey
from provenance.evidence.watermark_tokens import tokenize_documents
from provenance.execution import batches, map_batches
from provenance.records import Place

__all__ = [
    "EXCESS",
    "LEVEL",
    "KeyCheck",
    "Power",
    "RandomKeys",
    "Rows",
    "SelfTest",
    "WatermarkCheck",
    "check_watermarks",
    "log_tails",
]

LEVEL: Final = 0.001
"""Largest corrected p-value that is called found."""
EXCESS: Final = 0.25
"""Mean score of marked text above the null's, in standard deviations, that power is stated for."""
FDR: Final = 0.05
RANDOM_KEYS: Final = 200
CHECK_TOKENS: Final = 1 << 16
"""Tokens of the corpus that random keys are tried on."""

_POWER: Final = 0.8
_SMALLEST: Final = 2.3e-308
_MAX_PLACES: Final = 20
_FEWEST_UNKNOWN: Final = 1000
_UNIFORM_LEVEL: Final = 0.001

Verdict = Literal["found", "not_found", "not_checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """How much would be told, at the level that the number of keys leaves.

    Parameters
    ----------
    excess : float
        Mean score of marked text above the null's, in standard deviations of one score: measured
        on the self-test's text where there is one, else `EXCESS`.
    mean_score, null_mean : float
        The mean score that this is, and the null's.
    tokens_needed : int
        Scored tokens of wholly marked text that are told 4 times in 5.
    smallest_share : float or None
        Share of the scored tokens that would have to be marked to be told 4 times in 5; None
        where no share would do.
    """

    excess: float
    mean_score: float
    null_mean: float
    tokens_needed: int
    smallest_share: float | None
    at_power: float = _POWER


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """The key on text that is known to be marked with it."""

    path: str
    n_scored: int
    p_value: float
    excess: float | None
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomKeys:
    """Keys that nobody marked with, on part of the same text.

    Parameters
    ----------
    n_keys, n_tokens : int
    p_value : float
        Of the largest surplus of small p-values over a uniform law's (one-sided
        Kolmogorov-Smirnov).
    n_smaller : int
        Random keys whose p-value on that part is at most that of the key itself.
    uniform : bool
        Uniform or larger, as far as so many keys tell.
    """

    n_keys: int
    n_tokens: int
    p_value: float
    n_smaller: int
    uniform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """What one key says of the corpus.

    Parameters
    ----------
    name, account, scheme, tokenizer, settings
        Of the key's table, without the key.
    verdict : {"found", "not_found", "not_checked"}
    sentence : str
    n_tokens : int
    n_scored : int
        Distinct draws that the pooled test adds up.
    draws_kept : float
        Share of all distinct draws that these are; below 1 only where there were too many.
    statistic : float or None
        Green tokens, sum of -log(1 - u), mean of bits, or log posterior odds.
    p_value, log10_p_value, adjusted_p_value : float
        The last by Holm's rule over all keys.
    n_documents_scored, n_documents_listed : int
        Documents with a p-value, and with a q-value of at most the false-discovery rate.
    power : Power or None
    self_test : SelfTest or None
    random_keys : RandomKeys or None
        Only where the key was found.
    where : tuple of Place
        The documents of smallest p-values among those listed, up to 20.
    """

    name: str
    account: str | None
    scheme: str
    tokenizer: str
    settings: dict[str, Any]
    verdict: Verdict
    sentence: str
    n_tokens: int
    n_scored: int
    draws_kept: float
    statistic: float | None
    p_value: float
    log10_p_value: float
    adjusted_p_value: float
    n_documents_scored: int
    n_documents_listed: int
    power: Power | None
    self_test: SelfTest | None
    random_keys: RandomKeys | None
    null_hypothesis: str
    where: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkCheck:
    """What a corpus tells about all keys, in the order in which they were given."""

    keys: tuple[KeyCheck, ...]
    n_documents: int
    level: float
    fdr: float


class Rows(Protocol):
    """Where rows of documents go: first what is known of a batch, then all q-values."""

    def add(
        self,
        documents: Sequence[Document],
        n_scored: Sequence[NDArray[np.int64]],
        p_values: Sequence[NDArray[np.float64]],
    ) -> None:
        """One batch; an array for each key, NaN where a document has no scored token."""

    def finish(self, q_values: Sequence[NDArray[np.float64]]) -> None:
        """All documents in their order; an array for each key."""


@runtime_checkable
class _ManyTails(Protocol):
    """A scheme whose tails cost less together."""

    def log_tails(self, totals: NDArray[np.float64], ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Logarithms of the p-values of sums of so many scores."""


class _HeldText:
    """Documents chosen by a hash that knows no key, up to so many tokens."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: list[tuple[int, int, NDArray[np.int64]]] = []
        self._size = self._number = 0

    def add(self, rank: int, ids: NDArray[np.int64]) -> None:
        if self._size >= self._most and -rank <= self._held[0][0]:
            return
        heapq.heappush(self._held, (-rank, self._number, ids[: self._most].copy()))
        self._number += 1
        self._size += min(len(ids), self._most)
        while self._size - len(self._held[0][2]) >= self._most:
            self._size -= len(heapq.heappop(self._held)[2])

    def documents(self) -> Documents:
        parts = [ids for _, _, ids in sorted(self._held, key=lambda item: (-item[0], item[1]))]
        bounds = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
        return Documents(np.concatenate([np.empty(0, np.int64), *parts]), bounds)


@dataclass(slots=True)
class _Tally:
    """What is kept of one key while the corpus is read."""

    key: WatermarkKey
    sums: PooledSums
    n_tokens: int = 0
    p_values: array[float] = field(default_factory=lambda: array("d"))
    smallest: list[tuple[float, int, Place]] = field(default_factory=list)

    def add(
        self, documents: Sequence[Document], ids: Documents
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        scheme = self.key.scheme
        _check_ids(ids, self.key)
        self.n_tokens += len(ids.ids)
        n_scored, p_values = _add_scores(self.sums, scheme, ids)
        for number in np.flatnonzero(p_values <= FDR).tolist():
            self._note(float(p_values[number]), documents[number], len(self.p_values) + number)
        self.p_values.extend(p_values.tolist())
        return n_scored, p_values

    def _note(self, p_value: float, document: Document, number: int) -> None:
        place = Place(id=document.id, path=document.path, line=document.line)
        heapq.heappush(self.smallest, (-p_value, -number, place))
        if len(self.smallest) > _MAX_PLACES:
            heapq.heappop(self.smallest)


def _check_ids(ids: Documents, key: WatermarkKey) -> None:
    size = key.scheme.vocab_size
    if size is not None and len(ids.ids) and int(ids.ids.max()) >= size:
        raise InputError(
            f"the tokenizer gives the id {int(ids.ids.max()):,}, and vocab_size is {size:,}",
            where=key.place,
            expected="the generator's own tokenizer and vocab_size",
        )


def _add_scores(
    sums: PooledSums, scheme: Scheme, ids: Documents
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Add a batch to the pooled sums; count and p-value of each of its documents."""
    scored = score(ids, scheme)
    new = np.flatnonzero(scored.in_corpus)
    sums.add(scheme.draws(ids).states[new], scored.values[new])
    own = np.flatnonzero(scored.in_document)
    numbers = ids.numbers[own]
    n_documents = len(ids.bounds) - 1
    n_scored = np.bincount(numbers, minlength=n_documents)
    totals = np.bincount(numbers, scored.values[own], n_documents).astype(np.float64)
    logs = log_tails(scheme, totals, n_scored)
    p_values = np.where(n_scored > 0, np.maximum(_SMALLEST, np.exp(logs)), np.nan)
    return n_scored, p_values


def log_tails(
    scheme: Scheme, totals: NDArray[np.float64], n_scored: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Tails of documents, at once where the scheme can."""
    if isinstance(scheme, _ManyTails):
        return scheme.log_tails(totals, n_scored)
    pairs = zip(totals.tolist(), n_scored.tolist(), strict=True)
    return np.array([scheme.log_tail(total, n) if n else 0.0 for total, n in pairs])


def check_watermarks(
    corpus: Corpus | Any,
    keys: Sequence[WatermarkKey],
    *,
    level: float = LEVEL,
    fdr: float = FDR,
    excess: float = EXCESS,
    n_random_keys: int = RANDOM_KEYS,
    seed: int = 0,
    max_states: int = MAX_STATES,
    rows: Rows | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Callable[[Corpus], None] | None = None,
) -> WatermarkCheck:
    """Check a corpus for text that was marked with any of some keys.

    Memory: 48 bytes for each of ``max_states`` draws at most, 8 bytes for each document and key
    (32 while q-values are made), and a few batches of 2 million characters, or the longest
    document.

    Parameters
    ----------
    corpus : Corpus, path, or sequence of str
    keys : sequence of WatermarkKey
    level : float
        Largest corrected p-value that is called found.
    fdr : float
        Largest q-value of a document that is listed.
    excess : float
        What power is stated for where no marked text is given.
    n_random_keys : int
        Of the check on a positive.
    seed : int
        Of the random keys.
    max_states : int
        Distinct draws held, over all keys.
    rows : Rows, optional
        Where the documents' p- and q-values go.
    workers : int
        Processes that tokenize; no key goes there, and the result is the same for any number.
    executor : concurrent.futures.Executor, optional
        Used instead of processes of our own.
    progress : callable, optional
        Called with the corpus after each batch.

    Raises
    ------
    InputError
        Where there is no key, or a corpus cannot be read.

    Examples
    --------
    >>> from provenance.keys_file import Secret
    >>> key = WatermarkKey(
    ...     name="k", scheme_name="gumbel_vllm", key=Secret(42), tokenizer="cl100k_base"
    ... )
    >>> check_watermarks(["Too short to tell."], [key]).keys[0].verdict
    'not_checked'
    """
    if not keys:
        raise InputError("no key is given", expected="at least one [[watermark]] table")
    opened = _opened(corpus)
    read = _Reading(keys, max_states // len(keys), workers, executor)
    tests = [_self_test(key, read, level) for key in keys]
    tallies, held, n_documents = read.corpus(opened, rows, progress)
    p_logs = [_log_p(tally) for tally in tallies]
    adjusted = holm([max(_SMALLEST, math.exp(value)) for value in p_logs])
    q_values = [_q_values(tally.p_values) for tally in tallies]
    if rows is not None:
        rows.finish(q_values)
    check = _RandomCheck(held, n_random_keys, seed)
    return WatermarkCheck(
        keys=tuple(
            _told(
                tally,
                _Corrected(log_p, corrected, level, len(keys)),
                q <= fdr,
                test,
                _power(tally, test, excess, level / len(keys)),
                check,
            )
            for tally, log_p, corrected, q, test in zip(
                tallies, p_logs, adjusted, q_values, tests, strict=True
            )
        ),
        n_documents=n_documents,
        level=level,
        fdr=fdr,
    )


def _opened(corpus: Any) -> Corpus:
    if isinstance(corpus, list | tuple) and all(isinstance(item, str) for item in corpus):
        corpus = iter(corpus)
    return corpus if isinstance(corpus, Corpus) else open_corpus(corpus)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How corpora are read for some keys."""

    keys: Sequence[WatermarkKey]
    states: int
    workers: int
    executor: Executor | None

    def tokenized(
        self, corpus: Corpus, names: Iterable[str]
    ) -> Iterable[tuple[list[Document], dict[str, Documents]]]:
        job = partial(tokenize_documents, names=sorted({*names}))
        return map_batches(
            _both, batches(corpus), prepare=job, workers=self.workers, executor=self.executor
        )

    def corpus(
        self, corpus: Corpus, rows: Rows | None, progress: Callable[[Corpus], None] | None
    ) -> tuple[list[_Tally], dict[str, _HeldText], int]:
        tallies = [_Tally(key, PooledSums(self.states)) for key in self.keys]
        held = {key.tokenizer: _HeldText(CHECK_TOKENS) for key in self.keys}
        n_documents = 0
        for documents, ids in self.tokenized(corpus, held):
            _hold(held, documents, ids)
            found = [tally.add(documents, ids[tally.key.tokenizer]) for tally in tallies]
            if rows is not None:
                rows.add(documents, [n for n, _ in found], [p for _, p in found])
            n_documents += len(documents)
            if progress is not None:
                progress(corpus)
        return tallies, held, n_documents


def _both(
    documents: list[Document], ids: dict[str, Documents]
) -> tuple[list[Document], dict[str, Documents]]:
    return documents, ids


def _hold(
    held: dict[str, _HeldText], documents: Sequence[Document], ids: dict[str, Documents]
) -> None:
    for number, document in enumerate(documents):
        digest = hashlib.blake2b(
            document.text.encode("utf-8", "surrogatepass"), digest_size=8
        ).digest()
        for name, part in ids.items():
            begin, end = part.bounds[number : number + 2]
            held[name].add(int.from_bytes(digest, "big"), part.ids[begin:end])


def _q_values(p_values: array[float]) -> NDArray[np.float64]:
    """Benjamini-Hochberg over documents that have a p-value; NaN elsewhere."""
    p = np.frombuffer(p_values, np.float64) if len(p_values) else np.empty(0)
    order = np.argsort(p, kind="stable")[: len(p) - int(np.isnan(p).sum())]
    result = np.full(len(p), np.nan)
    result[order] = benjamini_hochberg(p[order])
    return result


def _log_p(tally: _Tally) -> float:
    n = tally.sums.n
    return tally.key.scheme.log_tail(tally.sums.total, n) if n else 0.0


def _self_test(key: WatermarkKey, read: _Reading, level: float) -> SelfTest | None:
    if key.marked is None:
        return None
    corpus = open_corpus(key.marked)
    sums = PooledSums(read.states)
    for _, ids in read.tokenized(corpus, [key.tokenizer]):
        _check_ids(ids[key.tokenizer], key)
        _add_scores(sums, key.scheme, ids[key.tokenizer])
    log_p = key.scheme.log_tail(sums.total, sums.n) if sums.n else 0.0
    moments, excess = key.scheme.null_moments, None
    if moments is not None and sums.n and moments[1] > 0:
        excess = (sums.total / sums.n - moments[0]) / moments[1]
    p_value = max(_SMALLEST, math.exp(log_p))
    return SelfTest(
        path=corpus.paths[0] if len(corpus.paths) == 1 else key.marked,
        n_scored=sums.n,
        p_value=p_value,
        excess=excess,
        found=p_value <= level,
    )


def _power(tally: _Tally, test: SelfTest | None, excess: float, level: float) -> Power | None:
    """By the normal approximation, which is good where many tokens are needed."""
    moments = tally.key.scheme.null_moments
    if moments is None or moments[1] <= 0:
        return None
    if test is not None and test.found and test.excess is not None and test.excess > 0:
        excess = test.excess
    reach = normal_quantile(1 - level) + normal_quantile(_POWER)
    n = tally.sums.n
    share = reach / (excess * math.sqrt(n)) if n else math.inf
    return Power(
        excess=excess,
        mean_score=moments[0] + excess * moments[1],
        null_mean=moments[0],
        tokens_needed=math.ceil((reach / excess) ** 2),
        smallest_share=share if share <= 1 else None,
    )


class _RandomCheck:
    """P-values of random keys on the held text; made once for keys of the same settings."""

    def __init__(self, held: dict[str, _HeldText], n_keys: int, seed: int) -> None:
        self._held, self._n_keys, self._seed = held, n_keys, seed
        self._made: dict[Any, NDArray[np.float64]] = {}

    def __call__(self, key: WatermarkKey) -> RandomKeys | None:
        if not self._n_keys:
            return None
        text = self._held[key.tokenizer].documents()
        if key.family not in self._made:
            rng = np.random.default_rng(self._seed)
            made = [_pooled_log_p(key.with_random_key(rng), text) for _ in range(self._n_keys)]
            self._made[key.family] = np.sort(made)
        logs = self._made[key.family]
        own = _pooled_log_p(key.scheme, text)
        p_value = surplus_of_small(np.exp(logs))
        return RandomKeys(
            n_keys=self._n_keys,
            n_tokens=len(text.ids),
            p_value=p_value,
            n_smaller=int((logs <= own).sum()),
            uniform=p_value > _UNIFORM_LEVEL,
        )


def _pooled_log_p(scheme: Scheme, text: Documents) -> float:
    scored = score(text, scheme)
    n = int(scored.in_corpus.sum())
    return scheme.log_tail(float(scored.values[scored.in_corpus].sum()), n) if n else 0.0


def surplus_of_small(p_values: NDArray[np.float64]) -> float:
    """P-value of the one-sided Kolmogorov-Smirnov test that p-values are uniform or larger.

    Parameters
    ----------
    p_values : ndarray, shape (n,)
        Ascending.

    Examples
    --------
    >>> surplus_of_small(np.linspace(0.5, 1, 200)), surplus_of_small(np.full(200, 0.01)) < 1e-9
    (1.0, True)
    """
    from scipy.special import smirnov

    n = len(p_values)
    surplus = float((np.arange(1, n + 1) / n - p_values).max())
    return float(smirnov(n, min(1.0, max(0.0, surplus)))) if surplus > 1 / n else 1.0


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A p-value among those of other keys."""

    log_p: float
    adjusted: float
    level: float
    n_keys: int


def _told(
    tally: _Tally,
    p: _Corrected,
    listed: NDArray[np.bool_],
    test: SelfTest | None,
    power: Power | None,
    check: _RandomCheck,
) -> KeyCheck:
    key, sums = tally.key, tally.sums
    random_keys = check(key) if p.adjusted <= p.level else None
    verdict, sentence = _verdict(tally, p, test, power, random_keys)
    n_listed = int(listed.sum())
    ranked = sorted(tally.smallest, reverse=True)[: min(_MAX_PLACES, n_listed)]
    return KeyCheck(
        name=key.name,
        account=key.account,
        scheme=key.scheme_name,
        tokenizer=key.tokenizer,
        settings=key.told,
        verdict=verdict,
        sentence=sentence,
        n_tokens=tally.n_tokens,
        n_scored=sums.n,
        draws_kept=sums.kept,
        statistic=key.scheme.summary(sums.total, sums.n) if sums.n else None,
        p_value=max(_SMALLEST, math.exp(p.log_p)),
        log10_p_value=p.log_p / math.log(10),
        adjusted_p_value=p.adjusted,
        n_documents_scored=int(np.count_nonzero(~np.isnan(tally.p_values))),
        n_documents_listed=n_listed,
        power=power,
        self_test=test,
        random_keys=random_keys,
        null_hypothesis=key.scheme.null_hypothesis,
        where=tuple(place for _, _, place in ranked),
    )


def _verdict(
    tally: _Tally,
    p: _Corrected,
    test: SelfTest | None,
    power: Power | None,
    random_keys: RandomKeys | None,
) -> tuple[Verdict, str]:
    if p.adjusted <= p.level:
        if random_keys is not None and not random_keys.uniform:
            return "not_checked", (
                f"{random_keys.n_keys} random keys have too many small p-values on this text, too"
                f" (p = {random_keys.p_value:.2g}): what looks marked is not the key's doing"
            )
        return "found", "more of the distinct draws are as the key has them than chance allows"
    if test is not None and not test.found:
        return "not_checked", (
            "the key does not find the text that is known to be marked"
            f" (p = {test.p_value:.2g}): key, settings, tokenizer or text are not the generator's"
        )
    needed = _FEWEST_UNKNOWN if power is None else power.tokens_needed
    n = tally.sums.n
    if n < needed:
        return "not_checked", f"{n:,} scored tokens are too few: {needed:,} are needed"
    told = "not this key and these settings, which does not show that people wrote it"
    if test is None:
        told += "; no text known to be marked was given, so that a wrong setting reads the same"
    if power is not None and power.smallest_share is not None:
        least = percent(power.smallest_share)
        told += f"; marked text of {least} of the scored tokens would be told 4 times in 5"
    return "not_found", told
