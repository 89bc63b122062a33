"""Compiled loops over code points and token ids: words, n-grams, counts.

The slow readable twin of every loop is ``tests/reference/features_twin.py``; a law test holds
the two together. Hashes are 64-bit and keyed by nothing: the same text has the same features on
every machine.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import GOLDEN, mix64
from provenance.features.statistics import LOG_SCALE
from provenance.files.compiled import njit, prefetch

__all__ = [
    "N_STATISTICS",
    "character_tables",
    "extend",
    "feature_rows",
    "mix",
    "plain_n_grams",
    "put",
    "read_tokens",
    "token_statistics",
]

# Classes of a code point.
PUNCTUATION: Final = 0
LETTER: Final = 1
DIGIT: Final = 2
SPACE: Final = 3
NEWLINE: Final = 4
IDEOGRAPH: Final = 5  # a word of its own: scripts written without spaces
MARKUP: Final = 6  # belongs to the layout, not to the words

# Where an n-gram stands: its hash starts from this.
PLAIN: Final = 1
OPENING: Final = 2
LONG_OPENING: Final = 3
ENDING: Final = 4
SHAPE: Final = 5
TOKENS: Final = 6

N_STATISTICS: Final = 27
_RARE: Final = 50_000  # about the size of the vocabularies before 2022; not tuned
_TABLE_SIZE: Final = 0x20000
_AHEAD: Final = 24
"""N-grams that their slots, in no near cache, are asked for ahead; a round figure, not tuned."""
_MARKUP: Final = "*_#`|~<>\\=+/{}[]•–·"
_SAME: Final = {
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "‘": "'",
    "’": "'",
    "—": "-",
    "‑": "-",
}

_FNV_OFFSET: Final = np.uint64(0xCBF29CE484222325)
_FNV_PRIME: Final = np.uint64(0x100000001B3)


def _class(character: str) -> int:
    if character.isalpha():  # first, since most are
        return IDEOGRAPH if _stands_alone(ord(character)) else LETTER
    if character in "\n\r\u2028\u2029":
        return NEWLINE
    if character.isspace():
        return SPACE
    if _stands_alone(ord(character)):
        return IDEOGRAPH if character.isalnum() else PUNCTUATION
    if character.isdigit():
        return DIGIT
    if unicodedata.category(character).startswith("M"):
        return LETTER
    return MARKUP if character in _MARKUP else PUNCTUATION


def _stands_alone(code: int) -> bool:
    """Whether it is of a script that is written without spaces."""
    return 0x0E00 <= code <= 0x0EFF or 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF


@lru_cache(maxsize=1)
def character_tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Class and canonical (lower-case, plain quotes) form of each code point below 2^17.

    Returns
    -------
    classes : ndarray of uint8, shape (131072,)
    canonical : ndarray of uint32, shape (131072,)
    """
    characters = [chr(code) for code in range(_TABLE_SIZE)]
    classes = np.fromiter(map(_class, characters), np.uint8, _TABLE_SIZE)
    canonical = np.arange(_TABLE_SIZE, dtype=np.uint32)
    for code, lower in enumerate(map(str.lower, characters)):
        if lower != characters[code] and len(lower) == 1:
            canonical[code] = ord(lower)
    for character, plain in _SAME.items():
        canonical[ord(character)] = ord(plain)
    return classes, canonical


mix = njit(cache=True, inline="always")(mix64)


@njit(cache=True, inline="always")
def extend(state: Any, token: Any) -> Any:
    """Hash of an n-gram from that of all tokens but the last."""
    return mix((state + GOLDEN) * _FNV_PRIME ^ token)


@njit(cache=True)
def read_tokens(
    code_points: Any,
    classes: Any,
    canonical: Any,
    words: Any,
    starts: Any,
    ends: Any,
    shapes: Any,
    stats: Any,
) -> Any:
    """Write the word and shape tokens of one passage; return how many of each."""
    # Places without a sign: one that may be below 0 is compared with it each time.
    one = np.uint64(1)
    n_words = np.uint64(0)
    n_shapes = np.uint64(0)
    sentence = 0
    position = np.uint64(0)
    n = np.uint64(len(code_points))
    stats[0] = n
    while position < n:
        code = code_points[position]
        kind = classes[code] if code < _TABLE_SIZE else LETTER
        if kind == SPACE:
            position += one
        elif kind in (LETTER, DIGIT):
            state = _FNV_OFFSET
            start = position
            first_upper = False
            later_upper = False
            digits = 0
            while position < n:
                code = code_points[position]
                kind = classes[code] if code < _TABLE_SIZE else LETTER
                if kind != LETTER and kind != DIGIT:
                    break
                plain = canonical[code] if code < _TABLE_SIZE else code
                if plain != code:
                    if position == start:
                        first_upper = True
                    else:
                        later_upper = True
                digits += kind == DIGIT
                state = (state ^ np.uint64(plain)) * _FNV_PRIME
                position += one
            length = np.int64(position - start)
            token = mix(state)
            words[n_words] = token
            starts[n_words] = start
            ends[n_words] = position
            n_words += one
            sentence += 1
            stats[1] += 1
            stats[2] += length
            stats[3] += first_upper
            stats[4] += later_upper
            stats[6] += digits > 0
            if digits == length:
                shapes[n_shapes] = np.uint64(1)
            elif digits > 0:
                shapes[n_shapes] = np.uint64(2)
            elif length <= 3:
                shapes[n_shapes] = token
            elif later_upper:
                shapes[n_shapes] = np.uint64(3)
            elif first_upper:
                shapes[n_shapes] = np.uint64(4)
            else:
                shapes[n_shapes] = np.uint64(5)
            n_shapes += one
        elif kind == NEWLINE:
            run = 0
            while position < n:
                code = code_points[position]
                kind = classes[code] if code < _TABLE_SIZE else LETTER
                if kind != NEWLINE and kind != SPACE:
                    break
                run += kind == NEWLINE
                position += one
            stats[7] += run
            shapes[n_shapes] = np.uint64(5 + min(run, 3))
            n_shapes += one
        else:
            plain = canonical[code] if code < _TABLE_SIZE else code
            token = mix((_FNV_OFFSET ^ np.uint64(plain)) * _FNV_PRIME)
            shapes[n_shapes] = token
            n_shapes += one
            if kind == MARKUP:
                stats[8] += 1
                stats[19] += code == 42
            else:
                words[n_words] = token
                starts[n_words] = position
                ends[n_words] = position + one
                n_words += one
                if kind == IDEOGRAPH:
                    sentence += 1
                    stats[1] += 1
                    stats[2] += 1
                else:
                    stats[5] += 1
                    mark = _mark(code)
                    stats[mark] += mark > 0
            if kind == PUNCTUATION and _ends_sentence(code) and sentence > 0:
                stats[9] += 1
                stats[10] += sentence * sentence
                sentence = 0
            position += one
    if sentence > 0:
        stats[9] += 1
        stats[10] += sentence * sentence
    return np.int64(n_words), np.int64(n_shapes)


@njit(cache=True, inline="always")
def _ends_sentence(code: Any) -> Any:
    return (
        code == 46 or code == 33 or code == 63 or code == 0x3002 or code == 0xFF01 or code == 0xFF1F
    )


@njit(cache=True, inline="always")
def _mark(code: Any) -> Any:
    """Place of a punctuation mark among the statistics; 0 for those that are not told apart."""
    if code == 44:
        return 12
    if code == 59:
        return 13
    if code == 58:
        return 14
    if code == 0x2014:
        return 15
    if code == 39 or code == 0x2019:
        return 16
    if code == 34:
        return 17
    if code == 0x201C or code == 0x201D:
        return 18
    return 0


@njit(cache=True, inline="always")
def _is_punctuation(code: Any, classes: Any) -> Any:
    return code < _TABLE_SIZE and classes[code] == PUNCTUATION


@njit(cache=True)
def _n_grams(
    tokens: Any, start: Any, end: Any, order: Any, salt: Any, hashes: Any, size: Any
) -> Any:
    """Append the hashes of every n-gram of orders 1 to ``order``, order by order."""
    # Places without a sign, and slices that begin where is written: several are hashed at once.
    tokens = tokens[start:end]
    n = np.uint64(len(tokens))
    found = hashes[size:]
    for first in range(n):
        found[first] = extend(salt, tokens[first])
    size += len(tokens)
    for length in range(2, min(order, len(tokens)) + 1):
        previous, found = found, hashes[size:]
        n = np.uint64(len(tokens) - length + 1)
        more = np.uint64(length - 1)
        for first in range(n):
            found[first] = extend(previous[first], tokens[first + more])
        size += len(tokens) - length + 1
    return size


@njit(cache=True)
def put(out: Any, at: Any, numbers: Any, n: Any) -> None:
    """Write ``n`` numbers from a place on: a slice set to a slice takes seconds to compile."""
    for number in range(n):
        out[at + number] = numbers[number]


@njit(cache=True)
def plain_n_grams(code_points: Any, classes: Any, canonical: Any, order: Any) -> Any:
    """Where the words of a text stand, and the hash of every plain n-gram.

    Returns
    -------
    starts, ends (int32, (n_words,)): positions of code points
    hashes (uint64): n-grams of order 1 by their first word, then of order 2, and so on
    """
    size = len(code_points) + 1
    words = np.empty(size, np.uint64)
    shapes = np.empty(size, np.uint64)
    starts = np.empty(size, np.int32)
    ends = np.empty(size, np.int32)
    stats = np.zeros(N_STATISTICS, np.float32)
    n_words, _ = read_tokens(code_points, classes, canonical, words, starts, ends, shapes, stats)
    hashes = np.empty(size * order, np.uint64)
    none = np.int64(0)
    n_hashes = _n_grams(words, none, n_words, order, np.uint64(PLAIN), hashes, none)
    return starts[:n_words].copy(), ends[:n_words].copy(), hashes[:n_hashes].copy()


@njit(cache=True)
def token_statistics(
    tokens: Any, logarithms: Any, of_times: Any, times: Any, used: Any, stats: Any
) -> None:
    """Write what is counted of the token ids of one passage.

    Parameters
    ----------
    tokens : ndarray of uint64
    logarithms : ndarray of float64, shape (more than the largest id,)
        Of ids and 1; zeros before the first passage, and filled in where ids are met.
    of_times : ndarray of float64, shape (more than the number of tokens,)
        The logarithms of 1 and what follows.
    times : ndarray of int32, shape (more than the largest id,)
        Zeros, before and after.
    used : ndarray of uint64, shape (more than the number of tokens,)
        Overwritten.
    stats : ndarray of float32, shape (N_STATISTICS,)
    """
    ranks = 0.0
    squares = 0.0
    rare = 0
    distinct = np.uint64(0)
    for token in tokens:
        rank = logarithms[token]
        if rank == 0:
            rank = np.log(1.0 + token)
            logarithms[token] = rank
        ranks += rank
        squares += rank * rank
        rare += token >= _RARE
        # No branch on whether it is new: it would be mispredicted half of the time.
        used[distinct] = token
        distinct += np.uint64(times[token] == 0)
        times[token] += 1
    once = 0
    repeats = 0.0
    for place in range(distinct):
        count = times[used[place]]
        times[used[place]] = 0
        once += count == 1
        # Nothing of what stands once: a branch on that would be mispredicted often.
        repeats += count * of_times[count]
    stats[20] = len(tokens)
    stats[21] = distinct
    stats[22] = once
    stats[23] = rare
    stats[24] = np.rint(LOG_SCALE * repeats)
    stats[25] = np.rint(LOG_SCALE * ranks)
    stats[26] = np.rint(LOG_SCALE * squares)


@njit(cache=True)
def _put_new(
    hashes: Any, shift: Any, offset: Any, buckets: Any, scratch: Any, indices: Any, size: Any
) -> Any:
    """Count some n-grams by bucket and append the buckets that are new; return how many there are.

    Buckets come first and counts after: compilers then take several hashes at once.
    """
    n = np.uint64(len(hashes))
    for position in range(n):
        buckets[position] = offset + (hashes[position] >> shift)
    end = np.uint64(size)
    for position in range(n):
        ahead = min(position + np.uint64(_AHEAD), n - np.uint64(1))
        prefetch(scratch, np.int64(buckets[ahead]))
        bucket = buckets[position]
        held = scratch[bucket]
        # No branch on whether a bucket is new: it would be mispredicted half of the time.
        indices[end] = bucket
        end += np.uint64(held == 0)
        scratch[bucket] = held + np.uint8(held < 255)
    return np.int64(end)


@njit(cache=True)
def _put_new_words(
    hashes: Any,
    is_word: Any,
    shift: Any,
    slot_shift: Any,
    buckets: Any,
    slots: Any,
    scratch: Any,
    frequency: Any,
    indices: Any,
    size: Any,
) -> Any:
    """The same, each new one counted in its slot too; also return how many of these are words."""
    n = np.uint64(len(hashes))
    for position in range(n):
        buckets[position] = hashes[position] >> shift
        slots[position] = hashes[position] >> slot_shift
    end = np.uint64(size)
    n_words = 0
    for position in range(n):
        ahead = min(position + np.uint64(_AHEAD), n - np.uint64(1))
        prefetch(frequency, np.int64(slots[ahead]))
        prefetch(scratch, np.int64(buckets[ahead]))
        bucket = buckets[position]
        held = scratch[bucket]
        indices[end] = bucket
        end += np.uint64(held == 0)
        n_words += (held == 0) & is_word[position]
        frequency[slots[position]] += np.uint32(held == 0)
        scratch[bucket] = held + np.uint8(held < 255)
    return np.int64(end), n_words


@njit(cache=True, nogil=True)
def feature_rows(
    code_points: Any,
    bounds: Any,
    edges: Any,
    ids: Any,
    id_bounds: Any,
    classes: Any,
    canonical: Any,
    layout: Any,
    frequency: Any,
) -> Any:
    """Hashed n-gram counts of each passage, as a sparse matrix in row form.

    Parameters
    ----------
    code_points : ndarray of uint32
        The passages, one behind the other.
    bounds : ndarray of int64, shape (n_passages + 1,)
        Where each passage begins and ends.
    edges : ndarray of uint8, shape (n_passages,)
        1 where the passage opens its document, 2 where it ends it, 3 where it does both.
    ids : ndarray of int32
        Of the tokens of whole documents, one behind the other; tables are as long as the largest.
    id_bounds : ndarray of int64, shape (n_passages, 2)
        Where the tokens of each passage begin and end.
    layout : ndarray of int64, shape (10,)
        Bits of words and shapes, their orders, opening, long opening, ending, frequency bits, bits
        and order of the tokens.
    frequency : ndarray of uint32, shape (2 ** layout[7],) or (0,)
        In how many passages a plain word n-gram stands; added to in place.

    Returns
    -------
    indptr, indices (uint32), counts (uint8), statistics (float32, (n_passages, N_STATISTICS)),
    word_hash (uint64, (n_passages,)): the hash of the canonical word sequence without punctuation
    """
    word_bits, shape_bits, word_order, shape_order = layout[0], layout[1], layout[2], layout[3]
    opening, long_opening, ending, frequency_bits = layout[4], layout[5], layout[6], layout[7]
    token_bits, token_order = layout[8], layout[9]
    n_passages = len(bounds) - 1
    longest = 0
    most_tokens = 0
    edge = 3 * opening + 2 * long_opening + 2 * ending
    # As many as there can be: what is not written to takes no memory, and to grow takes compiling.
    capacity = 1
    for row in range(n_passages):
        length = bounds[row + 1] - bounds[row]
        n_tokens = id_bounds[row, 1] - id_bounds[row, 0]
        longest = max(longest, length)
        most_tokens = max(most_tokens, n_tokens)
        capacity += (length + 1) * (word_order + shape_order) + edge + n_tokens * token_order
    tokens = np.empty(most_tokens, np.uint64)
    largest: Any = 0
    for token in ids:
        largest = max(largest, np.int64(token))
    logarithms = np.zeros(largest + 1)
    of_times = np.log(np.maximum(np.arange(most_tokens + 1), 1.0))
    times = np.zeros(largest + 1, np.int32)
    used = np.empty(most_tokens + 1, np.uint64)
    words = np.empty(longest + 1, np.uint64)
    shapes = np.empty(longest + 1, np.uint64)
    starts = np.empty(longest + 1, np.int32)
    ends = np.empty(longest + 1, np.int32)
    room = (longest + 1) * (word_order + shape_order) + edge
    room += most_tokens * token_order
    hashes = np.empty(room, np.uint64)
    buckets = np.empty(room, np.uint32)
    slots = np.empty(room, np.uint32)
    is_word = np.zeros(room, np.bool_)
    scratch = np.zeros((1 << word_bits) + (1 << shape_bits) + (1 << token_bits), np.uint8)
    indices = np.empty(capacity, np.uint32)
    counts = np.empty(capacity, np.uint8)
    indptr = np.zeros(n_passages + 1, np.int64)
    statistics = np.zeros((n_passages, N_STATISTICS), np.float32)
    word_hash = np.empty(n_passages, np.uint64)
    word_shift = np.uint64(64 - word_bits)
    shape_shift = np.uint64(64 - shape_bits)
    token_shift = np.uint64(64 - token_bits)
    slot_shift = np.uint64(64 - frequency_bits)
    if len(frequency) == 0:
        frequency, slot_shift = np.zeros(2, np.uint32), np.uint64(63)
    n_word_buckets = np.uint64(1) << np.uint64(word_bits)
    # Constants as they stand would compile `_n_grams` anew for each.
    none, two, three = np.int64(0), np.int64(2), np.int64(3)
    plain, opens, opens_long = np.uint64(PLAIN), np.uint64(OPENING), np.uint64(LONG_OPENING)
    ends_it, shape, of_ids = np.uint64(ENDING), np.uint64(SHAPE), np.uint64(TOKENS)
    first_token_bucket = n_word_buckets + (np.uint64(1) << np.uint64(shape_bits))
    size = 0
    for row in range(n_passages):
        stats = statistics[row]
        n_words, n_shapes = read_tokens(
            code_points[bounds[row] : bounds[row + 1]],
            classes,
            canonical,
            words,
            starts,
            ends,
            shapes,
            stats,
        )
        state = _FNV_OFFSET
        for position in range(n_words):
            code = code_points[bounds[row] + starts[position]]
            is_word[position] = not _is_punctuation(code, classes)
            if is_word[position]:
                state = extend(state, words[position])
        word_hash[row] = state
        end = _n_grams(words, none, n_words, word_order, plain, hashes, none)
        n_plain = end
        if edges[row] & 1:
            end = _n_grams(words, none, min(n_words, opening), three, opens, hashes, end)
            end = _n_grams(words, none, min(n_words, long_opening), two, opens_long, hashes, end)
        if edges[row] & 2:
            end = _n_grams(words, max(none, n_words - ending), n_words, two, ends_it, hashes, end)
        n_word_features = end
        end = _n_grams(shapes, none, n_shapes, shape_order, shape, hashes, end)
        n_before_tokens = end
        n_tokens = id_bounds[row, 1] - id_bounds[row, 0]
        for position in range(n_tokens):
            tokens[position] = np.uint64(ids[id_bounds[row, 0] + position])
        token_statistics(tokens[:n_tokens], logarithms, of_times, times, used, stats)
        end = _n_grams(tokens, none, n_tokens, token_order, of_ids, hashes, end)
        first = size
        size, stats[11] = _put_new_words(
            *(hashes[:n_words], is_word, word_shift, slot_shift, buckets, slots),
            *(scratch, frequency, indices, size),
        )
        size, _ = _put_new_words(
            *(hashes[n_words:n_plain], is_word, word_shift, slot_shift, buckets, slots),
            *(scratch, frequency, indices, size),
        )
        for begins, ends_at, shift, offset in (
            (n_plain, n_word_features, word_shift, np.uint64(0)),
            (n_word_features, n_before_tokens, shape_shift, n_word_buckets),
            (n_before_tokens, end, token_shift, first_token_bucket),
        ):
            found = hashes[begins:ends_at]
            size = _put_new(found, shift, offset, buckets, scratch, indices, size)
        for position in range(first, size):
            bucket = indices[position]
            counts[position] = scratch[bucket]
            scratch[bucket] = 0
        indptr[row + 1] = size
    return indptr, indices[:size], counts[:size], statistics, word_hash
