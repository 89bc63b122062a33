"""How entries of an index are found: buckets by highest bits of hashes, a filter before them.

Both are made of entries in ascending order, a piece at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.log.windows import SHINGLE_BITS

__all__ = [
    "AT_ONCE",
    "bucket_bits",
    "directory_pieces",
    "empty_filter",
    "filter_pieces",
    "joined_keys",
    "key_pieces",
]

AT_ONCE: Final = 1 << 20
"""Entries of an index that are taken in at once; a round figure; not tuned."""
_BITS_A_KEY: Final = 24
"""Size of the filter; it costs time alone, what it lets through is looked up by its hash."""


def bucket_bits(n_entries: int, lowest: int) -> int:
    """Highest bits of a hash that choose its bucket: about four entries in each."""
    return min(30, max(lowest, (n_entries // 4).bit_length()))


def empty_filter(n_entries: int) -> NDArray[np.uint64]:
    """Room for so many keys in a blocked Bloom filter, shape (n_blocks, BLOCK_WORDS)."""
    from provenance.evidence.log.lookup_kernels import BLOCK_WORDS

    return np.zeros((_n_blocks(n_entries), BLOCK_WORDS), np.uint64)


def _n_blocks(n_entries: int) -> int:
    from provenance.evidence.log.lookup_kernels import BLOCK_WORDS

    return max(1, n_entries * _BITS_A_KEY // (64 * BLOCK_WORDS))


def filter_pieces(
    pieces: Iterator[NDArray[np.uint64]], n_entries: int
) -> Iterator[NDArray[np.uint64]]:
    """A blocked Bloom filter of keys in ascending order, which is that of their blocks.

    Parameters
    ----------
    pieces : iterator of ndarray of uint64, shape (n, 2)
        Entries; their keys stand in the first column. None is empty.
    n_entries : int
        Of all pieces.

    Yields
    ------
    ndarray of uint64, shape (n_words,)
        Parts of what `empty_filter` makes room for, in its order.
    """
    from provenance.evidence.log.lookup_kernels import BLOCK_WORDS, add_keys, block_of

    n_blocks = _n_blocks(n_entries)
    first, blocks = 0, np.zeros((1, BLOCK_WORDS), np.uint64)
    for piece in pieces:
        last = int(block_of(piece[-1, 0], n_blocks))
        more = np.zeros((last - first + 1 - len(blocks), BLOCK_WORDS), np.uint64)
        blocks = np.concatenate([blocks, more])
        add_keys(blocks, np.ascontiguousarray(piece[:, 0]), first, n_blocks)
        # The last may get bits of the next piece.
        yield blocks[:-1].ravel()
        first, blocks = last, blocks[-1:]
    yield blocks.ravel()
    yield np.zeros((n_blocks - 1 - first) * BLOCK_WORDS, np.uint64)


def directory_pieces(
    pieces: Iterator[NDArray[np.uint64]], shift: np.uint64, n_buckets: int
) -> Iterator[NDArray[np.uint32]]:
    """Where the entries of each bucket begin, of pieces in ascending order.

    Parameters
    ----------
    pieces
        As for `filter_pieces`.
    shift : uint64
        Bits of a key below those that choose its bucket.
    n_buckets : int

    Yields
    ------
    ndarray of uint32
        All of them together are ``n_buckets + 1`` numbers, the last that of all entries.

    Examples
    --------
    >>> entries = np.array([[0, 5], [1, 6], [6, 7]], np.uint64)
    >>> [one.tolist() for one in directory_pieces(iter([entries]), np.uint64(1), 4)]
    [[0, 2, 2, 2], [3]]
    """
    done = total = 0
    for piece in pieces:
        bucket = (piece[:, 0] >> shift).astype(np.int64)
        # The last bucket may go on in the next piece.
        last = int(bucket[-1])
        begins = total + np.searchsorted(bucket, np.arange(done, last + 1))
        yield begins.astype(np.uint32)
        done, total = last + 1, total + len(piece)
    yield np.full(n_buckets + 1 - done, total, np.uint32)


def joined_keys(
    directory: NDArray[np.uint32], remainders: NDArray[np.uint16]
) -> NDArray[np.uint64]:
    """Keys of shingles from their buckets and their lowest sixteen bits, shape (n_shingles,).

    Parameters
    ----------
    directory : ndarray of uint32, shape (n_buckets + 1,)
        As `directory_pieces` makes it.
    remainders : ndarray of uint16, shape (n_shingles,)
    """
    return np.concatenate([*key_pieces(directory, remainders)])


def key_pieces(
    directory: NDArray[np.uint32], remainders: NDArray[np.uint16]
) -> Iterator[NDArray[np.uint64]]:
    """`joined_keys` in pieces, of `AT_ONCE` buckets each."""
    n_buckets = len(directory) - 1
    dropped = np.uint64(n_buckets.bit_length() - 1 + 16 - SHINGLE_BITS)
    for start in range(0, n_buckets, AT_ONCE):
        bounds = np.asarray(directory[start : start + AT_ONCE + 1])
        bucket = np.arange(start, start + len(bounds) - 1, dtype=np.uint64)
        high = np.repeat(bucket >> dropped, np.diff(bounds))
        yield (high << np.uint64(16)) | remainders[int(bounds[0]) : int(bounds[-1])]
