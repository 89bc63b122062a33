"""Models that answer the same prompts, each saying things of its own."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from known_text import SPEC

from provenance import Fingerprint, fit_fingerprint, open_corpus

N_PROMPTS = 30
OTHERS = tuple(f"other{number}" for number in range(9))


def answer(model: str, prompt: int, time: int = 0) -> str:
    """Words of the prompt, of the model's style, of what the model says there, and any."""
    rng = np.random.default_rng([*model.encode(), prompt, time, 7])
    words = [
        *(f"topic{prompt}x{number}" for number in rng.integers(0, 15, 12)),
        *(f"{model}style{number}" for number in rng.integers(0, 15, 12)),
        *(f"{model}says{prompt}x{number}" for number in rng.integers(0, 15, 12)),
        *(f"any{number}" for number in rng.integers(0, 300, 12)),
    ]
    return " ".join(rng.permutation(np.array(words)).tolist())


def rows(model: str, time: int = 0, n_prompts: int = N_PROMPTS) -> list[dict[str, Any]]:
    """Its answers to the first prompts, asked for the given time."""
    return [
        {"id": f"{model}-{n}", "prompt": f"prompt {n}", "text": answer(model, n, time)}
        for n in range(n_prompts)
    ]


def sibling_rows(model: str, time: int = 0) -> list[dict[str, Any]]:
    """Answers of a near sibling: fewer words of the same style, and it says the same."""
    few = {f"{model}style{number}": f"{model}style{number % 5}" for number in range(15)}
    return [
        {**row, "text": " ".join(few.get(word, word) for word in row["text"].split())}
        for row in rows(model, time)
    ]


def sampled(name: str, found: list[dict[str, Any]]) -> Fingerprint:
    """A fingerprint of answers."""
    return fit_fingerprint(open_corpus(iter(found), prompt_field="prompt"), name, SPEC)


@cache
def fresh(model: str, time: int = 0) -> Fingerprint:
    """A fingerprint of a model's answers, asked for the given time."""
    return sampled(model, rows(model, time))
