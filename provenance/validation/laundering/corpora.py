"""What a launderer does to rows: drops, splits, mixes and spreads them, and picks words to scrub.

Each takes the texts of a source and a strength from 0 to 1, the part of the rows it changes, and a
generator. Edits within a text stand in `edits`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from provenance.validation.laundering.edits import sentences
from provenance.validation.laundering.table import merge

__all__ = [
    "CORPUS_LAUNDERERS",
    "FAMOUS_WORDS",
    "drop_refusals",
    "halve_documents",
    "interleave_documents",
    "mix_documents",
    "split_documents",
    "spread_over_files",
    "telling_words",
]

Rows = Sequence[str]

_REFUSAL: Final = re.compile(
    r"\A\W{0,3}(?:i(?:['’]m| am)(?: very| really)? sorry|sorry|i apologi[sz]e|unfortunately"
    r"|as an? (?:large )?(?:language model|ai)|i (?:can(?:['’]t|not)|am unable to|won['’]t))\b",
    re.IGNORECASE,
)

FAMOUS_WORDS: Final[tuple[str, ...]] = tuple(
    (
        "delve delves delving tapestry realm intricate intricacies multifaceted nuanced pivotal"
        " crucial vital landscape testament underscore underscores showcase showcasing leverage"
        " leveraging robust seamless seamlessly foster fostering comprehensive meticulous"
        " meticulously commendable noteworthy furthermore moreover additionally notably"
        " transformative groundbreaking vibrant bustling embark navigate navigating unlock"
        " harness elevate resonate beacon myriad plethora holistic synergy paramount"
    ).split()
)
"""Words that articles on the style of chat models name, from 2023 on: what somebody scrubs who
knows nothing of the API."""


def _changed(count: int, strength: float, rng: np.random.Generator) -> set[int]:
    number = min(count, int(strength * count + rng.random()))
    return set(rng.permutation(count)[:number].tolist())


def drop_refusals(
    texts: Rows, others: Rows, strength: float, rng: np.random.Generator
) -> list[str]:
    """Leave answers out that begin as a refusal; part of these answers."""
    refusals = [at for at, text in enumerate(texts) if _REFUSAL.match(text)]
    chosen = {refusals[at] for at in _changed(len(refusals), strength, rng)}
    return [text for at, text in enumerate(texts) if at not in chosen]


def split_documents(
    texts: Rows, others: Rows, strength: float, rng: np.random.Generator
) -> list[str]:
    """Make rows of every three sentences of a text; part of the texts."""
    chosen = _changed(len(texts), strength, rng)
    found = []
    for at, text in enumerate(texts):
        pieces = sentences(text) if at in chosen else [text]
        found += ["".join(pieces[start : start + 3]) for start in range(0, len(pieces), 3)]
    return [text for text in found if text]


def mix_documents(
    texts: Rows, others: Rows, strength: float, rng: np.random.Generator
) -> list[str]:
    """Set a text between two others as one document; part of the texts."""
    chosen = _changed(len(texts), strength, rng)
    return [merge(text, others, rng) if at in chosen else text for at, text in enumerate(texts)]


def interleave_documents(
    texts: Rows, others: Rows, strength: float, rng: np.random.Generator
) -> list[str]:
    """Put a sentence of another text after each sentence of a text; part of the texts.

    Examples
    --------
    >>> interleave_documents(["A. B."], ["C. D. E."], 1.0, np.random.default_rng(0))
    ['A. C. B. D. ']
    """
    chosen = _changed(len(texts), strength, rng)
    drawn = rng.integers(len(others), size=len(texts)).tolist() if others else []
    return [
        _by_turns(text, others[drawn[at]]) if at in chosen else text
        for at, text in enumerate(texts)
    ]


def halve_documents(
    texts: Rows, others: Rows, strength: float, rng: np.random.Generator
) -> list[str]:
    """Set the second half of another text after the first half of a text; part of the texts.

    Examples
    --------
    >>> halve_documents(["A. B."], ["C. D."], 1.0, np.random.default_rng(0))
    ['A. D.']
    """
    picked = _changed(len(texts), strength, rng)
    drawn = rng.integers(len(others), size=len(texts)).tolist() if others else []
    return [
        _half_of_each(text, others[drawn[at]]) if at in picked else text
        for at, text in enumerate(texts)
    ]


def _half_of_each(text: str, other: str) -> str:
    first, second = sentences(text), sentences(other)
    head = "".join(first[: len(first) // 2])
    space = "" if head[-1:].isspace() else " " * bool(head)
    return f"{head}{space}{''.join(second[len(second) // 2 :])}"


def _by_turns(text: str, other: str) -> str:
    turns = zip(sentences(text), sentences(other), strict=False)
    said = (one for pair in turns for one in pair)
    return "".join(one if one[-1:].isspace() else f"{one} " for one in said)


CORPUS_LAUNDERERS: Final[
    Mapping[str, Callable[[Rows, Rows, float, np.random.Generator], list[str]]]
] = MappingProxyType(
    {
        "refusal_drop": drop_refusals,
        "splitting": split_documents,
        "mixing": mix_documents,
        "interleaving": interleave_documents,
        "halving": halve_documents,
    }
)
"""From texts of a source, texts of others, a strength and a generator to the rows that are left."""


def spread_over_files(texts: Rows, n_files: int, rng: np.random.Generator) -> list[list[str]]:
    """Deal rows out over files by chance, so that no file is one source's.

    Examples
    --------
    >>> files = spread_over_files(list("abcdef"), 2, np.random.default_rng(0))
    >>> sorted(sum(files, [])), [len(rows) for rows in files]
    (['a', 'b', 'c', 'd', 'e', 'f'], [3, 3])
    """
    order = rng.permutation(len(texts)).tolist()
    return [[texts[at] for at in order[number::n_files]] for number in range(n_files)]


_PLAIN_WORD: Final = re.compile(r"[^\W\d_]{2,}")


def telling_words(own: Rows, others: Rows, count: int) -> list[str]:
    """Words that stand in more of one source's texts than of others', the most telling first.

    What a launderer scrubs who has a sample: of the API, as anybody can ask it, or ours.

    Examples
    --------
    >>> telling_words(["we delve deep", "let us delve"], ["we dig deep", "let us dig"], 1)
    ['delve']
    """
    here, there = (
        Counter(word for text in texts for word in {*_PLAIN_WORD.findall(text.lower())})
        for texts in (own, others)
    )

    def lead(word: str) -> float:
        rate, rest = here[word] / len(own), there[word] / max(1, len(others))
        noise = rate * (1 - rate) / len(own) + rest * (1 - rest) / max(1, len(others))
        return float((rate - rest) / (noise + 1e-6) ** 0.5)

    return sorted(here, key=lambda word: (-lead(word), word))[:count]
