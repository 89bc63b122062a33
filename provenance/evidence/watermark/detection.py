"""Is a text, or a corpus, marked by a known key? The one public function, and its table of schemes.

A new scheme is one file that has what `draws.Scheme` asks for, a row of `SCHEMES`, one of `KEYS`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from provenance.errors import InputError
from provenance.evidence.watermark.passages import EXCESS, Passage, earlier_draws, passages_of
from provenance.evidence.watermark.schemes.draws import (
    DEDUPLICATION,
    Documents,
    Scheme,
    ScoredDraws,
    score_draws,
)
from provenance.evidence.watermark.schemes.exp import ExpMarkllm, ExpThreebricks
from provenance.evidence.watermark.schemes.gumbel_vllm import GumbelVllm, GumbelVllmDual
from provenance.evidence.watermark.schemes.kgw import Kgw
from provenance.evidence.watermark.schemes.kgw_hf import KgwHf
from provenance.evidence.watermark.schemes.kgw_markllm import KgwMarkllm
from provenance.evidence.watermark.schemes.laws import ScoreLaw
from provenance.evidence.watermark.schemes.layers import unpacked_layers
from provenance.evidence.watermark.schemes.parameters import LARGEST_ID, construct, one_of
from provenance.evidence.watermark.schemes.synthid import SynthidGoogle, SynthidHf
from provenance.evidence.watermark.schemes.unigram import Unigram

__all__ = [
    "KEYS",
    "SCHEMES",
    "WatermarkDetection",
    "detect_watermark",
    "documents_of",
    "make_scheme",
]

SCHEMES: Final[dict[str, Any]] = {
    "kgw": Kgw,
    "kgw_hf": KgwHf,
    "kgw_markllm": KgwMarkllm,
    "unigram": Unigram,
    "exp_threebricks": ExpThreebricks,
    "exp_markllm": ExpMarkllm,
    "gumbel_vllm": GumbelVllm,
    "gumbel_vllm_dual": GumbelVllmDual,
    "synthid_google": SynthidGoogle,
    "synthid_hf": SynthidHf,
}
KEYS: Final[dict[str, str]] = {
    "kgw": "hash_key",
    "kgw_hf": "hashing_key",
    "kgw_markllm": "hash_key",
    "unigram": "hash_key",
    "exp_threebricks": "seed",
    "exp_markllm": "hash_key",
    "gumbel_vllm": "key",
    "gumbel_vllm_dual": "key",
    "synthid_google": "keys",
    "synthid_hf": "keys",
}
"""What each scheme's generator calls its key; ``key`` will do for any."""
_NOT_ONCE: Final = {
    "none": "; repeated draws are counted again, so that the p-value is not to be relied on",
    "ngram": "; one draw may be counted for several n-grams, so that the p-value is not to be "
    "relied on",
}


@dataclass(frozen=True, slots=True)
class WatermarkDetection:
    """What one key says of a text or a corpus.

    Parameters
    ----------
    scheme : str
    values : ndarray of float64, shape (n,)
        Score of each id; NaN where it was not counted.
    bounds : ndarray of int64, shape (n_documents + 1,)
        Where each document's ids begin and end.
    n_scored : int
        Counted ids.
    statistic : float
        Green tokens, sum of -log(1 - u), mean of bits, or log posterior odds.
    log_p_value : float
        Natural logarithm; finite where `p_value` underflows.
    null_hypothesis : str
        What the p-value assumes, in words.
    payload : int or None
        The best of several payloads.
    n_payloads : int
        How many were tried.
    scored : ScoredDraws
        Scores of all ids, counted or not, from which tests of parts need no key.
    law : ScoreLaw
        Of one score under the null.
    earlier : ndarray of int64, shape (n,)
        Counted draws from the same list before each id of its document.
    deduplicate : str
        What was counted once.
    """

    scheme: str
    values: NDArray[np.float64] = field(repr=False)
    bounds: NDArray[np.int64] = field(repr=False)
    n_scored: int
    statistic: float
    log_p_value: float
    null_hypothesis: str
    payload: int | None
    n_payloads: int
    scored: ScoredDraws = field(repr=False)
    law: ScoreLaw = field(repr=False)
    earlier: NDArray[np.int64] = field(repr=False)
    deduplicate: str = "state"

    @property
    def p_value(self) -> float:
        """Probability of as large a statistic under the null; 0 where it underflows."""
        return math.exp(self.log_p_value)

    def passages(self, level: float = 0.01, excess: float = EXCESS) -> list[list[Passage]]:
        """Marked passages of each document, in their order.

        Parameters
        ----------
        level : float
            Chance, at most, that any is listed of a document without marked text.
        excess : float
            Mean score of marked text above the null's, in standard deviations, that they are
            sought with; the chance holds for any that was fixed before the text was seen.

        Examples
        --------
        >>> detect_watermark([5, 6, 7], scheme="gumbel_vllm", key=42).passages()
        [[]]
        """
        if self.deduplicate not in ("state", "context"):
            raise InputError(
                f"draws were counted with deduplicate={self.deduplicate!r}",
                expected="state or context, under which they are independent",
            )
        if not 0 < level <= 1 or not excess > 0:
            raise InputError(
                f"level is {level}, excess {excess}", expected="in (0, 1], and above 0"
            )
        correction = math.log(self.n_payloads)
        found = passages_of(
            *(self.bounds, self.scored, self.earlier, self.law),
            log_level=math.log(level) - correction,
            excess=excess,
        )
        return [
            [replace(passage, log_p=passage.log_p + correction) for passage in each]
            for each in found
        ]

    def g_values(self, depth: int) -> NDArray[np.uint8]:
        """Bits of SynthID-Text's first ``depth`` layers, shape (n, depth); 0 where not scored."""
        layers = self.scored.layers
        if layers is None or depth > 64 * layers.shape[1]:
            raise InputError(
                f"{self.scheme} has no {depth} layers", expected="a SynthID scheme of that depth"
            )
        bits: NDArray[np.uint8] = unpacked_layers(layers, depth)
        return bits


def make_scheme(scheme: str, parameters: dict[str, Any]) -> Scheme:
    """A scheme of that name with its parameters checked.

    Raises
    ------
    InputError
        For a name or parameter that is not known, is missing or out of range, and for a key that
        cannot be evaluated here. No key stands in the message.

    Examples
    --------
    >>> make_scheme("gumbel_vllm", {"key": 42}).window
    (4, 5)
    """
    one_of("scheme", scheme, list(SCHEMES))
    own = KEYS[scheme]
    if own != "key" and "key" in parameters:
        if own in parameters:
            raise InputError(f"both key and {own} are given", expected="one of them")
        parameters = {own if name == "key" else name: it for name, it in parameters.items()}
    built: Scheme = construct(scheme, SCHEMES[scheme], parameters)
    return built


def documents_of(ids: Any, vocab_size: int | None, name: str = "ids") -> Documents:
    """Ids of one document, or of several, end to end.

    Examples
    --------
    >>> documents_of([[5], [6, 7]], None).bounds.tolist()
    [0, 1, 3]
    """
    rows = ids if _is_nested(ids) else [ids]
    parts = [_whole_ids(row, name) for row in rows]
    flat = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int64), *parts])
    bounds = np.array([0, *accumulate(map(len, parts))], np.int64)
    limit = LARGEST_ID + 1 if vocab_size is None else vocab_size
    if len(flat) and not 0 <= flat.min() <= flat.max() < limit:
        wrong = np.flatnonzero((flat < 0) | (flat >= limit))
        row = int(np.searchsorted(bounds, wrong[0], side="right")) - 1
        raise InputError(
            f"{name} hold {int(flat[wrong[0]])} at position {int(wrong[0] - bounds[row])} of "
            f"document {row}",
            expected=f"token ids from 0 to {limit - 1:,}",
            remedy="Tokenize with the generator's tokenizer, and give the generator's vocab_size",
        )
    return Documents(flat, bounds)


def _is_nested(ids: Any) -> bool:
    if isinstance(ids, np.ndarray):
        return ids.ndim == 2 or ids.dtype == object
    if isinstance(ids, str | bytes) or not isinstance(ids, Sequence):
        return False
    return len(ids) > 0 and isinstance(ids[0], Sequence | np.ndarray) and np.ndim(ids[0]) > 0


def _whole_ids(row: Any, name: str) -> NDArray[np.int64]:
    found = None
    if not isinstance(row, str | bytes):
        try:
            found = np.asarray(row)
        except (ValueError, TypeError, OverflowError):
            found = None
    if found is not None and found.size == 0 and found.ndim == 1:
        return np.empty(0, np.int64)
    if found is None or found.ndim != 1 or found.dtype.kind not in "iu":
        raise InputError(
            f"{name} are not whole numbers in a row",
            expected="token ids of one document, or a sequence of such rows",
            remedy="Encode the text with the generator's tokenizer, without special tokens",
        )
    if found.dtype.kind == "u" and int(found.max()) > LARGEST_ID:
        return np.full(1, int(found.max()) if int(found.max()) < 1 << 63 else -1, np.int64)
    return found.astype(np.int64)


def detect_watermark(
    ids: ArrayLike | Sequence[ArrayLike],
    *,
    scheme: str,
    deduplicate: str = "state",
    prompts: ArrayLike | Sequence[ArrayLike] | None = None,
    **parameters: Any,
) -> WatermarkDetection:
    """Test whether text was marked by a key.

    Parameters
    ----------
    ids : sequence of int, or sequence of such sequences
        Token ids of one document, or of several that share what was seen: the generator's own
        tokenizer, no special tokens, no prompt.
    scheme : str
        One of `SCHEMES`.
    deduplicate : {"state", "context", "ngram", "none"}, default "state"
        What is counted once: what the key's function sees together with its target; its context;
        the n-gram of ids, as reference detectors do; nothing. The first of equal ones is kept.
    prompts : as ids, optional
        One for each document: where a context stands in its prompt, the id is not counted
        (text copied from a marked prompt is no trace of training on marked text).
    **parameters
        Of the scheme, as its generator calls them; its key may be called ``key``.

    Returns
    -------
    WatermarkDetection

    Raises
    ------
    InputError
        For ids, a scheme or parameters that cannot be used, and a key whose generator runs on
        another device. It holds no key.

    Examples
    --------
    >>> found = detect_watermark([5, 6, 7], scheme="gumbel_vllm", key=42)
    >>> found.n_scored, round(found.p_value, 3)
    (3, 0.754)
    """
    made = make_scheme(scheme, parameters)
    one_of("deduplicate", deduplicate, DEDUPLICATION)
    documents = documents_of(ids, made.vocab_size)
    asked = None if prompts is None else documents_of(prompts, made.vocab_size, "prompts")
    if asked is not None and len(asked.bounds) != len(documents.bounds):
        raise InputError(
            f"{len(asked.bounds) - 1} prompts for {len(documents.bounds) - 1} documents",
            expected="one prompt for each document, empty where there was none",
        )
    draws = made.draws(documents)
    scored = score_draws(documents, draws, made, deduplicate, asked)
    counted = scored.in_corpus
    n = int(counted.sum())
    payload, n_payloads = None, 1
    if isinstance(made, ExpThreebricks) and made.payload_max:
        payload, scored = _with_best_payload(made, documents, scored)
        n_payloads = made.payload_max + 1
    total = float(scored.values[counted].sum())
    return WatermarkDetection(
        scheme=scheme,
        values=np.where(counted, scored.values, np.nan),
        bounds=documents.bounds,
        n_scored=n,
        statistic=made.summary(total, n),
        log_p_value=made.log_tail(total, n) if n else 0.0,
        null_hypothesis=made.null_hypothesis + _NOT_ONCE.get(deduplicate, ""),
        payload=payload,
        n_payloads=n_payloads,
        scored=scored,
        law=made.law,
        earlier=earlier_draws(documents, draws, scored, made.law),
        deduplicate=deduplicate,
    )


def _with_best_payload(
    scheme: ExpThreebricks, documents: Documents, scored: ScoredDraws
) -> tuple[int, ScoredDraws]:
    """The payload of the largest sum, and the scores under it."""
    draws = scheme.draws(documents)
    payload = int(np.argmax(scheme.payload_totals(draws.states[scored.in_corpus])))
    at = np.flatnonzero(draws.eligible)
    values = np.full(len(documents.ids), np.nan)
    values[at] = scheme.values(documents, draws, at, payload)[0]
    parts = (scored.layers, scored.first, scored.in_corpus, scored.in_document)
    return payload, ScoredDraws(values, *parts)
