"""Token ids of many texts, and which of them stand in which passage.

A passage is a run of characters and a token a run of bytes, so that a token may begin in one
passage and end in the next: it counts where it begins.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from provenance.features.fast_tokens import paying_encoder
from provenance.features.tokens import encode, load_encoding

if TYPE_CHECKING:
    import tiktoken

__all__ = ["byte_lengths", "cut_ids", "encode_texts"]


def encode_texts(
    texts: Sequence[str], encoding: tiktoken.Encoding
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Token ids of some texts, one text behind the other, and how many each has.

    Parameters
    ----------
    texts : sequence of str
    encoding : tiktoken.Encoding
        From `load_encoding`.

    Examples
    --------
    >>> ids, n_tokens = encode_texts(["one two", "", "one"], load_encoding("cl100k_base"))
    >>> ids.tolist(), n_tokens.tolist()
    ([606, 1403, 606], [2, 0, 1])
    """
    fast = paying_encoder(encoding.name, texts)
    ids = None if fast is None else fast.encode(texts, encoding)
    if ids is not None:
        return ids
    found = [encode(text, encoding) for text in texts]
    n_tokens = np.fromiter((part.size for part in found), np.int64, len(found))
    return np.concatenate([np.empty(0, np.int32), *found]), n_tokens


def byte_lengths(name: str, ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """Number of bytes of each of some tokens.

    Parameters
    ----------
    name : str
        Of the encoding.
    ids : ndarray of int32, shape (n_tokens,)

    Examples
    --------
    >>> byte_lengths("cl100k_base", np.array([606, 1403])).tolist()
    [3, 4]
    """
    known = _known_lengths(name)
    found = known[ids]
    if found.min(initial=1) == 0:
        encoding = load_encoding(name)
        for token in np.unique(ids[found == 0]).tolist():
            known[token] = len(encoding.decode_single_token_bytes(token))
        found = known[ids]
    return found


@functools.cache
def _known_lengths(name: str) -> NDArray[np.int64]:
    """Bytes of the tokens of an encoding that were met, 0 where one was not: few of them are."""
    return np.zeros(load_encoding(name).n_vocab, np.int64)


def cut_ids(lengths: NDArray[np.int64], pieces: Sequence[str]) -> NDArray[np.int64]:
    """Where the tokens of each piece of one text begin, and where the last one's end.

    Parameters
    ----------
    lengths : ndarray of int64, shape (n_tokens,)
        Bytes of the tokens of the whole text.
    pieces : sequence of str
        The text, cut.

    Returns
    -------
    ndarray of int64, shape (len(pieces) + 1,)

    Examples
    --------
    >>> cut_ids(np.array([3, 4]), ["one", " two"]).tolist()
    [0, 1, 2]
    """
    if len(pieces) == 1:
        return np.array([0, len(lengths)], np.int64)
    starts = np.cumsum(lengths) - lengths
    # A lone surrogate was encoded as U+FFFD, which has three bytes too.
    sizes = [len(piece.encode("utf-8", "surrogatepass")) for piece in pieces[:-1]]
    inner = np.searchsorted(starts, np.cumsum(sizes), side="left")
    return np.concatenate([[0], inner, [len(lengths)]]).astype(np.int64)
