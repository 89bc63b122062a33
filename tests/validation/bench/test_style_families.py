"""Which families would be named for parts of documents that are made up."""

from __future__ import annotations

import numpy as np

from provenance.validation.bench.style_families import _LIMITS, _Found, _source


def tails(**parts: float) -> dict[str, dict[str, np.ndarray]]:
    return {
        view: {family: np.full(len(_LIMITS), part) for family, part in parts.items()}
        for view in ("words", "shape", "tokens", "all")
    }


def test_a_family_is_named_beyond_what_others_read_as_it() -> None:
    found = _Found(
        known={"a": tails(a=0.9, b=0.0), "b": tails(a=0.0, b=0.3)},
        left_out={"a": tails(b=0.2), "b": tails(a=0.0), "c": tails(a=0.1, b=0.6)},
        others={"~people": tails(a=0.0, b=0.0), "~math": tails(a=0.9, b=0.0)},
    )
    wrong, others = found.mistaken((1, 0.05))
    # Nobody but c reads so as b, nor as a: it is seen too late.
    assert wrong == ["c as a", "c as b"] and others == ["~math"]
    assert [found.right((1, 0.05), share) for share in (1.0, 0.5, 0.1)] == [1, 1, 0]
    assert found.mistaken((3, 0.3))[0] == []


def test_models_are_of_their_vendors() -> None:
    assert [_source(one) for one in ("o3", "gemma-3-4b-it", "claude-2", "vicuna-13b")] == [
        "GPT",
        "Gemini and Gemma",
        "Claude",
        "vicuna-13b",
    ]
