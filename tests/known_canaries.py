"""Answers with places to plant in, and canaries."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from provenance.evidence.canary.checking import check
from provenance.evidence.canary.planting import Canary, plant
from provenance.evidence.canary.word_choices import (
    CHOICES,
)
from provenance.files.keys import Secret

KEY = "kept-to-itself-0123456789"


WORDS = Canary(key=Secret(KEY))


STRINGS = Canary(key=Secret(KEY), styles=("strings",), rate=1.0)


BOTH = Canary(key=Secret(KEY), styles=("words", "strings"), rate=1.0)


WORDINGS = [wording for choice in CHOICES for wording in choice.wordings]


FOLLOWS = ["you to", "the way", "a", "your", "role", "to", "of", "3", "than", "that", "time", ""]


def text_of(rng: random.Random, n_choices: int) -> str:
    """Sentences with a choice in each, and three words of their own before it."""
    sentences = []
    for _ in range(n_choices):
        before = " ".join(f"w{rng.randrange(10**6)}" for _ in range(3))
        wording = rng.choice(["for example", "furthermore", "among", "toward", "usually"])
        sentences.append(f"{before} {wording} it ends.")
    return " ".join(sentences)


def answers(n: int, n_choices: int = 4, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return [text_of(rng, n_choices) for _ in range(n)]


def one(texts: list[str], canary: Canary = WORDS, account: str = "ann", **more: Any) -> Any:
    (found,) = check(texts, [canary], [account], **more).accounts
    return found


# planting

PIECES = [*WORDINGS, *FOLLOWS, "is", "an", "not", ".", ",", "`", "```", "\r\n", "\n\n", "\u200b"]


ODD = ["\u0430mong", "İt", "fi\ufb01", "e\u0301", "ﬁnd", "*", "_", "http://x.y", "Σ", "'", "-"]


pieces = st.sampled_from(PIECES + ODD).flatmap(
    lambda piece: st.sampled_from([piece, piece.capitalize(), piece.upper(), piece.title()])
)


# checking


def planted(texts: list[str], account: str = "ann", canary: Canary = WORDS) -> list[str]:
    return [plant(text, canary, account).text for text in texts]
