"""Token ids of many texts, and which of them stand in which passage.

A passage is a run of characters and a token a run of bytes, so that a token may begin in one
passage and end in the next: it counts where it begins.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from provenance.features import compiled_tokens, fast_tokens
from provenance.features.compiled_tokens import compiled_encoder
from provenance.features.fast_tokens import fast_encoder
from provenance.features.tested_tokens import has_met
from provenance.features.tokens import encode, load_encoding

if TYPE_CHECKING:
    import tiktoken

__all__ = ["byte_lengths", "cut_ids", "encode_texts"]


_Ids: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int64]]
"""Of some texts, one text behind the other, and how many each has."""


def encode_texts(
    texts: Sequence[str], encoding: tiktoken.Encoding, encoded: Sequence[bytes] | None = None
) -> _Ids:
    """Token ids of some texts, one text behind the other, and how many each has.

    Our own loops read what they know, gigatoken the rest where it is installed, and tiktoken what
    is left.

    Parameters
    ----------
    texts : sequence of str
    encoding : tiktoken.Encoding
        From `load_encoding`.
    encoded : sequence of bytes, optional
        The texts as UTF-8, where they are at hand and none has a lone surrogate.

    Examples
    --------
    >>> ids, n_tokens = encode_texts(["one two", "", "one"], load_encoding("cl100k_base"))
    >>> ids.tolist(), n_tokens.tolist()
    ([606, 1403, 606], [2, 0, 1])
    """
    ours = None
    if has_met(compiled_tokens.LOADING_PAYS, f"loops {encoding.name}", texts):
        ours = compiled_encoder(encoding.name)
    found = None if ours is None else ours.encode(texts, encoded)
    return _completed(found, texts, lambda left: _by_others(left, encoding))


def _by_others(texts: Sequence[str], encoding: tiktoken.Encoding) -> _Ids:
    fast = None
    if has_met(fast_tokens.LOADING_PAYS, f"gigatoken {encoding.name}", texts):
        fast = fast_encoder(encoding.name)
    found = None if fast is None else fast.encode(texts)
    return _completed(found, texts, lambda left: _by_tiktoken(left, encoding))


def _by_tiktoken(texts: Sequence[str], encoding: tiktoken.Encoding) -> _Ids:
    found = [encode(text, encoding) for text in texts]
    n_tokens = np.fromiter((part.size for part in found), np.int64, len(found))
    return np.concatenate([np.empty(0, np.int32), *found]), n_tokens


def _completed(
    found: _Ids | None, texts: Sequence[str], others: Callable[[Sequence[str]], _Ids]
) -> _Ids:
    """The ids that were found, and those of the texts that were not read, in their places."""
    if found is None:
        return others(texts)
    ids, n_tokens = found
    left = np.flatnonzero(n_tokens < 0)
    if not len(left):
        return found
    more, n_more = others([texts[place] for place in left.tolist()])
    lengths = n_tokens.copy()
    lengths[left] = n_more
    is_more = np.repeat(n_tokens < 0, lengths)
    whole = np.empty(len(is_more), np.int32)
    whole[is_more], whole[~is_more] = more, ids
    return whole, lengths


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
