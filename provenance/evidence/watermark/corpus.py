"""Whether a corpus was marked with a key: pooled, by document and by passage.

The pooled test adds up the scores of the distinct draws of the whole corpus, the test of a document
those of its own. Under the null the draws are as good as fresh, so that both p-values are exact;
that of a document's best passage is a bound. Many keys are corrected by Holm's rule, documents by
Benjamini and Hochberg's.

A positive has to stand a check: keys that nobody marked with, tried on part of the same text, give
p-values that are uniform or larger; where they are smaller, something in the text or the settings
makes any key look found, and the verdict is withheld. A negative has to stand the other check,
where it can be made: text that is known to be marked is told as such.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Corpus, Document, open_corpus
from provenance.errors import (
    LARGEST_SEED,
    MOST_WORKERS,
    InputError,
    require_number,
    require_whole,
)
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.evidence.watermark.known_text import known_text, passage_excess
from provenance.evidence.watermark.marked_share import MarkedText
from provenance.evidence.watermark.pooled import MAX_STATES, PooledSums
from provenance.evidence.watermark.records import KeyCheck, KeyPower, SelfTest, WatermarkCheck
from provenance.evidence.watermark.tally import (
    DocumentTests,
    HeldText,
    KeyTally,
    q_values,
)
from provenance.evidence.watermark.tokens import Tokens, tokenize_documents, tokenized
from provenance.evidence.watermark.verdict import (
    Corrected,
    RandomCheck,
    power_of,
    share_of,
    verdict_of,
)
from provenance.statistics.conventions import FDR
from provenance.statistics.multiple_testing import holm
from provenance.statistics.tails import SMALLEST_P

__all__ = ["EXCESS", "LEVEL", "RANDOM_KEYS", "RowSink", "WatermarkTally", "check_watermarks"]

LEVEL: Final = 0.001
"""Largest corrected p-value that is called found; a round figure; not tuned."""
EXCESS: Final = 0.25
"""Mean score of marked text above the null's, in standard deviations, that power is stated for
where no marked text is given; a round figure; not tuned."""
RANDOM_KEYS: Final = 200
"""Keys that a positive has to stand against; a round figure; not tuned."""
MOST_RANDOM_KEYS: Final = 100_000
"""More would take days; a round figure; not tuned."""
CHECK_TOKENS: Final = 1 << 16
"""Tokens of the corpus that random keys are tried on."""


class RowSink(Protocol):
    """Where rows of documents go: first what is known of a batch, then all q-values."""

    def add(self, documents: Sequence[Document], tests: Sequence[DocumentTests]) -> None:
        """One batch; what each key says of it."""

    def finish(
        self,
        q_values: Sequence[NDArray[np.float64]],
        passage_q: Sequence[NDArray[np.float64]],
    ) -> None:
        """All documents in their order; an array for each key, of documents and of passages."""


class WatermarkTally:
    """Takes in batches of a corpus that is read once, and tells what all keys say of it.

    Parameters
    ----------
    keys : sequence of WatermarkKey
        Text that is known to be marked with them is read at once.
    level, fdr : float
        Largest corrected p-value that is called found; largest q-value of a listed document.
    exclude_prompts : bool
        Leave out contexts that stand in a document's prompt: for what a suspect model wrote.
    max_states : int
        Distinct draws held, over all keys.
    workers, executor
        That tokenize text known to be marked.

    Raises
    ------
    InputError
        Where there is no key, or its marked text cannot be read.
    """

    def __init__(
        self,
        keys: Sequence[WatermarkKey],
        *,
        level: float = LEVEL,
        fdr: float = FDR,
        exclude_prompts: bool = False,
        max_states: int = MAX_STATES,
        workers: int = 1,
        executor: Executor | None = None,
    ) -> None:
        require_number("level", level, within=True)
        require_number("fdr", fdr)
        require_whole("max_states", max_states, 1)
        if not keys:
            raise InputError("no key is given", expected="at least one [[watermark]] table")
        self.keys, self.level, self.fdr = tuple(keys), level, fdr
        self.exclude_prompts = exclude_prompts
        self.tokenizers = sorted({key.tokenizer for key in keys})
        self.n_documents = self.n_prompts = 0
        self._known = [known_text(key, level, workers, executor) for key in keys]
        self._tallies = [
            KeyTally(key, PooledSums(max_states // len(keys)), passage_excess(known), fdr)
            for key, known in zip(keys, self._known, strict=True)
        ]
        self._held = {name: HeldText(CHECK_TOKENS) for name in self.tokenizers}

    @property
    def tokenizer(self) -> Callable[[Sequence[Document]], dict[str, Tokens]]:
        """Makes what `add` asks for; it holds no key and can be sent to another process."""
        return partial(tokenize_documents, names=self.tokenizers, prompts=self.exclude_prompts)

    def add(self, documents: Sequence[Document], tokens: dict[str, Tokens]) -> list[DocumentTests]:
        """Take in a batch; what each key says of its documents."""
        self.n_documents += len(documents)
        self.n_prompts += sum(bool(item.prompt) for item in documents)
        hashes = _text_hashes(documents)
        for name, part in tokens.items():
            for number, rank in enumerate(hashes.tolist()):
                begin, end = part.ids.bounds[number : number + 2]
                self._held[name].add(rank, part.ids.ids[begin:end])
        return [
            tally.add(documents, tokens[tally.key.tokenizer], hashes) for tally in self._tallies
        ]

    def q_values(self) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
        """Of all documents and of their best passages, an array for each key."""
        return (
            [q_values(tally.p_values) for tally in self._tallies],
            [q_values(tally.passage_p) for tally in self._tallies],
        )

    def listed(self, check: WatermarkCheck) -> NDArray[np.bool_]:
        """Documents that any key lists that was found, as a whole or by a passage.

        Twice the smaller p-value of each document enters one list a key.
        """
        result = np.zeros(self.n_documents, np.bool_)
        for tally, row in zip(self._tallies, check.keys, strict=True):
            if row.verdict == "found":
                result |= tally.combined_q() <= self.fdr
        return result

    def told(
        self,
        *,
        excess: float = EXCESS,
        n_random_keys: int = RANDOM_KEYS,
        seed: int = 0,
        confidence_level: float = 0.95,
    ) -> WatermarkCheck:
        """What the keys say of all that was taken in.

        Parameters
        ----------
        excess : float
            What power is stated for where no marked text is given.
        n_random_keys : int
            Of the check on a positive.
        seed : int
            Of the random keys.
        confidence_level : float
            Of the marked shares.

        Raises
        ------
        InputError
            Where contexts of prompts are to be left out and there are no prompts.
        """
        if self.exclude_prompts and self.n_documents and not self.n_prompts:
            raise InputError(
                "contexts of prompts are to be left out, and no document has a prompt",
                expected="the prompt beside each answer",
                remedy="Name its field with --prompt-field",
            )
        pooled = [tally.log_p for tally in self._tallies]
        single = [tally.document_p for tally in self._tallies]
        # Two tests of one key: the smaller p-value counts twice.
        both = [
            min(1.0, 2 * min(max(SMALLEST_P, math.exp(log_p)), document))
            for log_p, document in zip(pooled, single, strict=True)
        ]
        corrected = [
            Corrected(log_p, document, adjusted, self.level)
            for log_p, document, adjusted in zip(pooled, single, holm(both), strict=True)
        ]
        level = self.level / (2 * len(self.keys))
        check = RandomCheck(self._held, n_random_keys, seed)
        listed = [[q <= self.fdr for q in part] for part in self.q_values()]
        told = []
        for number, (tally, known) in enumerate(zip(self._tallies, self._known, strict=True)):
            test = None if known is None else known.test
            power = power_of(tally, test, excess, level)
            n_listed = [int(part[number].sum()) for part in listed]
            text = known.text if known is not None and known.test.found else None
            said = _Said(corrected[number], test, power, text, check, confidence_level)
            told.append(_told(tally, said, n_listed))
        return WatermarkCheck(
            keys=tuple(told),
            n_documents=self.n_documents,
            level=self.level,
            fdr=self.fdr,
            prompts_excluded=self.exclude_prompts,
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """What the verdict on a key stands on."""

    p: Corrected
    test: SelfTest | None
    power: KeyPower | None
    text: MarkedText | None
    check: RandomCheck
    confidence_level: float


def _told(
    tally: KeyTally,
    said: _Said,
    n_listed: Sequence[int],
) -> KeyCheck:
    key, sums, p = tally.key, tally.sums, said.p
    random_keys = said.check(key) if p.found else None
    verdict, sentence = verdict_of(sums.n, p, said.test, said.power, random_keys)
    found = verdict == "found"
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
        p_value=max(SMALLEST_P, math.exp(p.log_pooled)),
        log10_p_value=p.log_pooled / math.log(10),
        document_p_value=p.document,
        adjusted_p_value=p.adjusted,
        n_documents_scored=sum(not math.isnan(value) for value in tally.p_values),
        n_documents_listed=n_listed[0],
        n_passages_listed=n_listed[1],
        share=share_of(tally, said.text, verdict, said.confidence_level),
        power=said.power,
        self_test=said.test,
        random_keys=random_keys,
        null_hypothesis=key.scheme.null_hypothesis,
        where=tally.places(n_listed[0]) if found else (),
        passages=tally.passages(n_listed[1]) if found else (),
    )


def check_watermarks(
    corpus: Corpus | Any,
    keys: Sequence[WatermarkKey],
    *,
    level: float = LEVEL,
    fdr: float = FDR,
    exclude_prompts: bool = False,
    excess: float = EXCESS,
    n_random_keys: int = RANDOM_KEYS,
    confidence_level: float | str = 0.95,
    seed: int = 0,
    max_states: int = MAX_STATES,
    rows: RowSink | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Callable[[Corpus], None] | None = None,
) -> WatermarkCheck:
    """Check a corpus for text that was marked with any of some keys.

    Memory: 48 bytes for each of ``max_states`` draws at most, 16 bytes for each document and key
    (64 while q-values are made), and a few batches of 2 million characters, or the longest
    document.

    Parameters
    ----------
    corpus : Corpus, path, or sequence of str
    keys : sequence of WatermarkKey
    level, fdr, exclude_prompts, max_states
        As for `WatermarkTally`.
    excess, n_random_keys, seed, confidence_level
        As for `WatermarkTally.told`.
    rows : RowSink, optional
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
    >>> from provenance.files.keys import Secret
    >>> key = WatermarkKey(
    ...     name="k", scheme_name="gumbel_vllm", key=Secret(42), tokenizer="cl100k_base"
    ... )
    >>> check_watermarks(["Too short to tell."], [key]).keys[0].verdict
    'not_checked'
    """
    confidence_level = require_number("confidence_level", confidence_level, within=True)
    require_whole("n_random_keys", n_random_keys, 0, MOST_RANDOM_KEYS)
    require_whole("seed", seed, 0, LARGEST_SEED)
    require_whole("workers", workers, 1, MOST_WORKERS)
    opened = _opened(corpus)
    tally = WatermarkTally(
        keys,
        level=level,
        fdr=fdr,
        exclude_prompts=exclude_prompts,
        max_states=max_states,
        workers=workers,
        executor=executor,
    )
    for documents, tokens in tokenized(opened, tally.tokenizer, workers, executor):
        tests = tally.add(documents, tokens)
        if rows is not None:
            rows.add(documents, tests)
        if progress is not None:
            progress(opened)
    told = tally.told(
        excess=excess,
        n_random_keys=n_random_keys,
        seed=seed,
        confidence_level=confidence_level,
    )
    if rows is not None:
        rows.finish(*tally.q_values())
    return told


def _opened(corpus: Any) -> Corpus:
    if isinstance(corpus, list | tuple) and all(isinstance(item, str) for item in corpus):
        corpus = iter(corpus)
    return corpus if isinstance(corpus, Corpus) else open_corpus(corpus)


def _text_hashes(documents: Sequence[Document]) -> NDArray[np.uint64]:
    """Of the texts as they stand; they know no key."""
    digests = (
        hashlib.blake2b(item.text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for item in documents
    )
    return np.frombuffer(b"".join(digests), ">u8").astype(np.uint64)
