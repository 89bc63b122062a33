"""What stands in for tiktoken is compared with it: the first texts, and one of each batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from provenance.errors import ProvenanceWarning
from provenance.features import tested_tokens
from provenance.features.tested_tokens import AgainstTiktoken
from provenance.features.tokens import encode, load_encoding

NAME = "cl100k_base"


def ids_of(texts: Sequence[str]) -> list[list[int]]:
    return [encode(text, load_encoding(NAME)).tolist() for text in texts]


def agrees(test: AgainstTiktoken, texts: Sequence[str], ids: Sequence[list[int] | None]) -> bool:
    flat = np.array([one for part in ids for one in part or []], np.int32)
    n_tokens = np.array([-1 if part is None else len(part) for part in ids], np.int64)
    return test.agrees(texts, flat, n_tokens)


def test_texts_that_were_not_read_are_passed_over() -> None:
    texts = ["one", "not read", "two words", "", "nor this"]
    first, _, third, fourth, _ = ids_of(texts)
    assert agrees(AgainstTiktoken("it", NAME), texts, [first, None, third, fourth, None])


def test_any_of_the_first_texts_may_differ_and_then_the_first_of_a_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tested_tokens, "_FIRST", 5)
    test, texts = AgainstTiktoken("it", NAME), ["abc", "def", "ghi"]
    right = ids_of(texts)
    assert agrees(test, texts, [*right[:2], [7]])  # six characters were read twice before
    with pytest.warns(ProvenanceWarning, match="it cuts a text otherwise"):
        assert not agrees(test, texts, [[7], *right[1:]])
    with pytest.warns(ProvenanceWarning, match="it cuts a text otherwise"):
        assert not agrees(AgainstTiktoken("it", NAME), texts, [right[0], [7], right[2]])
