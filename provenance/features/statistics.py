"""Token statistics: what is counted of a passage, and the figures of style that it gives.

Counts add: those of a corpus are the sums over its passages. Figures of style are ratios of them,
of one passage or of the mean passage of a source.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["LENGTH", "LOG_SCALE", "STATISTICS", "STYLE", "evened", "style"]

STATISTICS: Final = (
    "characters",
    "words",
    "letters",
    "capitalised",
    "upper_inside",
    "punctuation",
    "with_digits",
    "newlines",
    "markup",
    "sentences",
    "sentence_words_squared",
    "distinct_words",
    "commas",
    "semicolons",
    "colons",
    "dashes",
    "apostrophes",
    "straight_quotes",
    "curly_quotes",
    "asterisks",
    "tokens",
    "distinct_tokens",
    "tokens_once",
    "rare_tokens",
    "token_repeats",
    "token_ranks",
    "token_ranks_squared",
)
"""What is counted of a passage, each a whole number.

``dashes`` are em dashes, ``rare_tokens`` those with ids of 50,000 or more. The last three are sums
over the passage in units of `LOG_SCALE`: of ``count * log(count)`` over distinct tokens, and of
``log(1 + id)`` and its square over all tokens. A tokenizer's ids were given in the order in which
its pairs were merged, so that the logarithm of an id stands in for that of a rank.
"""

LOG_SCALE: Final = 10
"""Parts of a nat that logarithms are counted in; a round figure, whose sums of squares over a
thousand million passages stay within 64 bits."""

_A_WORD: Final = (
    "punctuation",
    "capitalised",
    "upper_inside",
    "with_digits",
    "newlines",
    "markup",
    "commas",
    "semicolons",
    "colons",
    "dashes",
    "apostrophes",
    "straight_quotes",
    "curly_quotes",
    "asterisks",
    "tokens",
)

LENGTH: Final = "log_tokens"
"""The figure that tells how long a passage is."""

STYLE: Final = (
    "characters_a_word",
    "type_token_ratio",
    "words_a_sentence",
    "sentence_length_spread",
    *(f"{name}_a_word" for name in _A_WORD),
    "distinct_tokens",
    "tokens_once",
    "token_evenness",
    "rare_tokens",
    "token_rank",
    "token_rank_spread",
    LENGTH,
)
"""Figures of style, in the order of `style`.

``token_evenness`` is the entropy of a passage's tokens over the largest that so many can have;
``token_rank`` and its spread are mean and standard deviation of ``log(1 + id)``.
"""


def style(
    statistics: NDArray[np.floating] | NDArray[np.integer], n_passages: int = 1
) -> NDArray[np.float64]:
    """Figures of style of passages.

    Parameters
    ----------
    statistics : ndarray, shape (..., len(STATISTICS))
        Of one passage, or the sums over several.
    n_passages : int
        Of how many; more than one gives the figures of the mean passage.

    Returns
    -------
    ndarray of float64, shape (..., len(STYLE))
        All finite; 0 where there is nothing to divide by.

    Examples
    --------
    >>> counts = np.zeros(len(STATISTICS))
    >>> for name, count in {"words": 8, "commas": 2, "tokens": 10, "distinct_tokens": 5}.items():
    ...     counts[STATISTICS.index(name)] = count
    >>> found = dict(zip(STYLE, style(counts).tolist(), strict=True))
    >>> found["commas_a_word"], found["distinct_tokens"]
    (0.25, 0.5)
    """
    of = {name: np.asarray(statistics[..., at], float) for at, name in enumerate(STATISTICS)}
    words, tokens, sentences = (np.maximum(1, of[one]) for one in ("words", "tokens", "sentences"))
    length = of["words"] / sentences
    rank = of["token_ranks"] / tokens / LOG_SCALE
    size = np.maximum(1, tokens / max(1, n_passages))
    repeats = of["token_repeats"] / tokens / LOG_SCALE
    figures = {
        "characters_a_word": of["letters"] / words,
        "type_token_ratio": of["distinct_words"] / words,
        "words_a_sentence": length,
        "sentence_length_spread": _spread(of["sentence_words_squared"] / sentences, length),
        **{f"{name}_a_word": of[name] / words for name in _A_WORD},
        **{name: of[name] / tokens for name in ("distinct_tokens", "tokens_once", "rare_tokens")},
        "token_evenness": 1 - repeats / np.log(np.maximum(2, size)),
        "token_rank": rank,
        "token_rank_spread": _spread(of["token_ranks_squared"] / tokens / LOG_SCALE, rank),
        LENGTH: np.log(size),
    }
    return np.stack([figures[name] for name in STYLE], axis=-1)


_RATES: Final = [STYLE.index(f"{name}_a_word") for name in _A_WORD if name != "tokens"]
_LENGTHS: Final = [STYLE.index(name) for name in ("words_a_sentence", "sentence_length_spread")]


def evened(figures: NDArray[np.float64]) -> NDArray[np.float32]:
    """Figures of style as a linear model takes them: few are far from the rest.

    Square roots of what is counted a word, whose spread grows with its mean, and logarithms of the
    lengths of sentences. The length of the passage itself is left out: that of a corpus is a matter
    of how it was cut.

    Parameters
    ----------
    figures : ndarray of float64, shape (n_passages, len(STYLE))
        From `style`.

    Returns
    -------
    ndarray of float32, shape (n_passages, len(STYLE) - 1)

    Examples
    --------
    >>> figures = np.zeros((1, len(STYLE)))
    >>> figures[0, STYLE.index("commas_a_word")] = 0.25
    >>> evened(figures)[0, STYLE.index("commas_a_word")]
    np.float32(0.5)
    """
    even = figures.copy()
    even[:, _RATES] = np.sqrt(figures[:, _RATES])
    even[:, _LENGTHS] = np.log1p(figures[:, _LENGTHS])
    return np.delete(even, STYLE.index(LENGTH), axis=1).astype(np.float32)


def _spread(mean_square: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    spread: NDArray[np.float64] = np.sqrt(np.maximum(0, mean_square - mean**2))
    return spread
