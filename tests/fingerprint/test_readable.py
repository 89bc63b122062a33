"""Readable n-grams are those that counting the strings of all of them would give."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.features.features import n_grams
from provenance.fingerprint.readable import ngrams_of_enough

_WORDS = st.sampled_from(
    [
        *("A", "b", "B.", "don't", "don’t", "  b", "é", "É\n", "\u212a", "k", "한"),
        *("ΟΔΟΣ", "οδος", "οδοσ", "İ", "i\u0307", "\U00010400", "\U00010428", "\U00020000"),
    ]
)


@given(
    st.lists(
        st.tuples(st.lists(_WORDS, max_size=6).map(" ".join), st.integers(1, 4)),
        max_size=14,
    )
)
@example([("The ΟΔΟΣ", number) for number in range(1, 4)] + [("the οδος.", 4)] * 2)
@example([("An\n É", number) for number in range(1, 4)] + [("an  é", 4)] * 2)
@example([])
def test_they_are_those_that_strings_would_give(rows: list[tuple[str, int]]) -> None:
    documents: Counter[str] = Counter()
    groups: dict[str, set[int]] = {}
    for text, group in rows:
        found = {" ".join(text[start:end].lower().split()) for start, end, _ in n_grams(text, 2)}
        documents.update(found)
        for ngram in found:
            groups.setdefault(ngram, set()).add(group)
    slow = {
        ngram: count for ngram, count in documents.items() if count >= 5 and len(groups[ngram]) >= 3
    }
    owner = np.array([group for _, group in rows], np.uint64)
    assert ngrams_of_enough([text for text, _ in rows], owner, 2) == slow
