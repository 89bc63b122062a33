"""Ids of many texts, lengths in bytes, and where passages cut them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_features import NASTY

from provenance.features.token_ids import byte_lengths, cut_ids, encode_texts
from provenance.features.tokens import ENCODINGS, encode, load_encoding

ANY_TEXT = st.one_of(NASTY, st.text(st.characters(), max_size=20))


@settings(deadline=None)
@given(st.lists(ANY_TEXT, max_size=4))
def test_ids_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    encoding = load_encoding()
    ids, n_tokens = encode_texts(texts, encoding)
    parts = np.split(ids, np.cumsum(n_tokens)[:-1]) if texts else []
    assert [part.tolist() for part in parts] == [encode(text, encoding).tolist() for text in texts]
    assert ids.dtype == np.int32


@pytest.mark.parametrize("name", ENCODINGS)
@settings(max_examples=50, deadline=None)
@given(text=NASTY)
def test_lengths_add_up_to_the_bytes_of_a_text(name: str, text: str) -> None:
    ids = encode(text, load_encoding(name))
    assert byte_lengths(name, ids).sum() == len(text.encode())


@settings(deadline=None)
@given(st.lists(ANY_TEXT, min_size=1, max_size=6))
def test_every_token_is_of_the_piece_that_it_begins_in(pieces: list[str]) -> None:
    """The slow way: how many tokens begin before the end of each piece."""
    name = ENCODINGS[0]
    whole = "".join(pieces)
    text = whole.encode("utf-8", "replace").decode()
    pieces = [text[sum(map(len, pieces[:at])) :][: len(pieces[at])] for at in range(len(pieces))]
    encoding = load_encoding(name)
    ids = encode(text, encoding)
    found = cut_ids(byte_lengths(name, ids), pieces)
    starts = [len(encoding.decode_bytes(ids[:at].tolist())) for at in range(len(ids))]
    ends = [len("".join(pieces[:at]).encode()) for at in range(len(pieces))]
    assert found.tolist() == [
        *(sum(start < end for start in starts) for end in ends),
        len(ids),
    ]


def test_a_token_over_a_cut_by_hand() -> None:
    """`` two`` is one token; a cut inside it leaves it to the first piece."""
    ids = encode("one two", load_encoding())
    assert len(ids) == 2
    lengths = byte_lengths("o200k_base", ids)
    assert cut_ids(lengths, ["one t", "wo"]).tolist() == [0, 2, 2]
    assert cut_ids(lengths, ["o", "ne two"]).tolist() == [0, 1, 2]


def test_a_lone_surrogate_does_not_move_a_cut() -> None:
    ids = encode("\ud800 one two", load_encoding())
    found = cut_ids(byte_lengths("o200k_base", ids), ["\ud800 one", " two"])
    assert found.tolist() == [0, len(ids) - 1, len(ids)]
