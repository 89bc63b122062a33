"""What is said of a key: the verdict in words, power, and the check by random keys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.watermark.keys import WatermarkKey
from provenance.evidence.watermark.marked_share import MarkedShare, MarkedText, marked_share
from provenance.evidence.watermark.records import KeyPower, RandomKeys, SelfTest, Verdict
from provenance.evidence.watermark.schemes.draws import Documents, Scheme, score
from provenance.evidence.watermark.tally import HeldText, KeyTally
from provenance.statistics.conventions import POWER
from provenance.statistics.intervals import normal_quantile
from provenance.words import percent

__all__ = ["Corrected", "RandomCheck", "power_of", "share_of", "surplus_of_small", "verdict_of"]

_FEWEST_UNKNOWN: Final = 1000
"""Scored tokens that a negative needs where power is not known; a round figure; not tuned."""
_UNIFORM_LEVEL: Final = 0.001
"""P-value at which random keys fail: one text in a thousand by chance, hence more keys then."""
_MORE: Final = 4
"""Times as many keys decide where the first ones fail; a round figure; not tuned."""
_STREAM: Final = 0x57415445


@dataclass(frozen=True, slots=True)
class Corrected:
    """The p-values of one key: pooled, of its best document, and of both among other keys."""

    log_pooled: float
    document: float
    adjusted: float
    level: float

    @property
    def found(self) -> bool:
        return self.adjusted <= self.level


def power_of(
    tally: KeyTally, test: SelfTest | None, excess: float, level: float
) -> KeyPower | None:
    """By the normal approximation, which is good where many tokens are needed."""
    moments = tally.law.moments
    if moments is None or moments[1] <= 0:
        return None
    if test is not None and test.found and test.excess is not None and test.excess > 0:
        excess = test.excess
    reach = normal_quantile(1 - level) + normal_quantile(POWER)
    n = tally.sums.n
    share = reach / (excess * math.sqrt(n)) if n else math.inf
    return KeyPower(
        excess=excess,
        mean_score=moments[0] + excess * moments[1],
        null_mean=moments[0],
        tokens_needed=math.ceil((reach / excess) ** 2),
        smallest_share=share if share <= 1 else None,
    )


def share_of(
    tally: KeyTally, text: MarkedText | None, verdict: Verdict, confidence_level: float
) -> MarkedShare:
    """How much of the corpus was marked with the key: nothing for sure unless it was found."""
    if verdict == "not_checked":
        return MarkedShare(
            identified=False,
            floor=0.0,
            confidence_level=confidence_level,
            sentence="not identifiable: nothing can be told of the key",
        )
    return marked_share(
        tally.mean,
        tally.law.moments,
        text,
        largest=tally.law.largest,
        significant=verdict == "found" and tally.log_p <= math.log((1 - confidence_level) / 2),
        confidence_level=confidence_level,
    )


class RandomCheck:
    """P-values of random keys on the held text; made once for keys of the same settings.

    Where those of the first keys are too small, more keys are drawn and decide alone: one check in
    a thousand would fail by chance, and always for the same text.
    """

    def __init__(self, held: dict[str, HeldText], n_keys: int, seed: int) -> None:
        self._held, self._n_keys, self._seed = held, n_keys, seed
        self._made: dict[Any, NDArray[np.float64]] = {}

    def __call__(self, key: WatermarkKey) -> RandomKeys | None:
        if not self._n_keys:
            return None
        text = self._held[key.tokenizer].documents()
        if key.family not in self._made:
            # Apart from keys that somebody drew with the same seed.
            rng = np.random.default_rng([self._seed, _STREAM])
            logs = _random_log_p(key, text, rng, self._n_keys)
            if surplus_of_small(np.exp(logs)) <= _UNIFORM_LEVEL:
                logs = _random_log_p(key, text, rng, _MORE * self._n_keys)
            self._made[key.family] = logs
        logs = self._made[key.family]
        own = _pooled_log_p(key.scheme, text)
        p_value = surplus_of_small(np.exp(logs))
        return RandomKeys(
            n_keys=len(logs),
            n_tokens=len(text.ids),
            p_value=p_value,
            n_smaller=int((logs <= own).sum()),
            uniform=p_value > _UNIFORM_LEVEL,
        )


def _random_log_p(
    key: WatermarkKey, text: Documents, rng: np.random.Generator, n_keys: int
) -> NDArray[np.float64]:
    """Ascending logarithms of the p-values of so many random keys."""
    return np.sort([_pooled_log_p(key.with_random_key(rng), text) for _ in range(n_keys)])


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


def verdict_of(
    n_scored: int,
    p: Corrected,
    test: SelfTest | None,
    power: KeyPower | None,
    random_keys: RandomKeys | None,
) -> tuple[Verdict, str]:
    """The verdict on a key, and a sentence that says why."""
    if p.found:
        verdict, told = _positive(p, random_keys)
        if verdict == "found" and test is not None and not test.found:
            told += (
                "; yet the text that is known to be marked is not found by it"
                f" (p = {test.p_value:.2g}): that text or a setting is not this key's"
            )
        return verdict, told
    if test is not None and not test.found:
        return "not_checked", (
            "the key does not find the text that is known to be marked"
            f" (p = {test.p_value:.2g}): key, settings, tokenizer or text are not the generator's"
        )
    needed = _FEWEST_UNKNOWN if power is None else power.tokens_needed
    if n_scored < needed:
        return "not_checked", f"{n_scored:,} scored tokens are too few: {needed:,} are needed"
    told = "not this key and these settings, which does not show that people wrote it"
    if test is None:
        told += "; no text known to be marked was given, so that a wrong setting reads the same"
    if power is not None and power.smallest_share is not None:
        least = percent(power.smallest_share)
        told += f"; marked text of {least} of the scored tokens would be told 4 times in 5"
    return "not_found", told


def _positive(p: Corrected, random_keys: RandomKeys | None) -> tuple[Verdict, str]:
    if random_keys is not None and not random_keys.uniform:
        return "not_checked", (
            f"{random_keys.n_keys} random keys have too many small p-values on this text, too"
            f" (p = {random_keys.p_value:.2g}): what looks marked is not the key's doing"
        )
    if math.exp(p.log_pooled) <= p.document:
        return "found", "more of the distinct draws are as the key has them than chance allows"
    return "found", (
        "single documents or passages have more draws as the key has them than chance allows"
        " in any of so many"
    )
