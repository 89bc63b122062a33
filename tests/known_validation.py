"""A validation on small sources, and readings to tabulate."""

from __future__ import annotations

from functools import cache
from typing import Any

from known_text import SPEC, texts

from provenance import Fingerprint, fit_fingerprint, open_corpus, validate
from provenance.share.sources import Sources
from provenance.validation.held_out import Pool
from provenance.validation.readings import Reading
from provenance.validation.result import Validation

NAMES = ("alpha", "beta", "human")


ROLES = ("candidate", "panel", "reference")


@cache
def source(name: str, count: int = 120) -> Fingerprint:
    """A sample of two domains, whose prompts it shares with the other samples."""
    found = [
        {"text": text, "prompt": f"prompt {number}", "kind": ("old", "new")[number % 2]}
        for number, text in enumerate(texts(name, count, seed=0))
    ]
    return fit_fingerprint(open_corpus(found, domain_field="kind"), name, SPEC)


@cache
def pool() -> Pool:
    return Pool.of([source(name) for name in NAMES])


def sources() -> Sources:
    return Sources(tuple(source(name) for name in NAMES), ROLES)


def small(**changes: Any) -> Validation:
    given: dict[str, Any] = {
        "candidates": [source("alpha")],
        "references": [source("human")],
        "panel": [source("beta")],
        "shares": (0.0, 0.3),
        "sizes": (40,),
        "splits": 1,
    }
    return validate(**{**given, **changes})


@cache
def validated() -> Validation:
    return small()


def reading(share: float | None, low: float, high: float, **changes: Any) -> Reading:
    given: dict[str, Any] = {
        "scenario": "closed",
        "candidate": "a",
        "asked": 100,
        "n": 100,
        "level": 0.1,
        "truth": 0.1,
        "withheld": share is None,
    }
    return Reading(**{**given, **changes}, share=share, low=low, high=high)
