"""Compiled loops that cut a text as o200k_base does and find the ids of its pieces.

A piece is a word with what may stand before it, up to three digits, a run of punctuation, or white
space. Nearly every piece is one token, which a table tells; the others are merged pair by pair, as
byte pair encoding has it. The slow readable twin of the cutting is tiktoken's regular expression
itself: a law test holds the ids to be tiktoken's.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import GOLDEN, MIX_A, MIX_B
from provenance.files.compiled import lower_case_run, njit, prefetch, word_at

__all__ = [
    "BOTH",
    "DIGIT",
    "LINE_END",
    "LONGEST_PIECE",
    "LOWER",
    "MARK",
    "OTHER",
    "PADDING",
    "SPACE",
    "UNKNOWN",
    "UPPER",
    "Vocabulary",
    "fill",
    "ids_of_texts",
]

# Classes of a code point, as the regular expression of o200k_base has them.
UPPER: Final = 0  # Lu, Lt
LOWER: Final = 1  # Ll
BOTH: Final = 2  # Lm, Lo: stands where upper and where lower case may stand
MARK: Final = 3  # stands in both too, and is no letter
DIGIT: Final = 4
SPACE: Final = 5
LINE_END: Final = 6
OTHER: Final = 7
UNKNOWN: Final = 8  # its text is not read here

PADDING: Final = 32
"""Bytes behind the last text that are read and change nothing."""
LONGEST_PIECE: Final = 256
"""Bytes; a text with a longer piece is not read here. A place within must fit 8 bits."""
_SHORT: Final = np.uint64(16)
"""Bytes from which a token is looked up by its hash; shorter ones are their own key."""
_LONGEST_TOKEN: Final = np.uint64(128)
_FEW: Final = np.uint64(3)
"""Ids of a merged piece that is remembered: so many of 18 bits and their number are one word."""
_ID_BITS: Final = np.uint64(18)
_AHEAD: Final = 64
"""Pieces that are cut before they are looked up; a round figure, not tuned."""
_NO_RANK: Final = np.int32(0x7FFFFFFF)
_ABSENT: Final = np.int64(-1)

_NOWHERE: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
"""Where something ends that has no end: behind all that is read."""
_ONE: Final = np.uint64(1)
_TWO: Final = np.uint64(2)
_THREE: Final = np.uint64(3)
_FOUR: Final = np.uint64(4)
_EIGHT: Final = np.uint64(8)
_HALF: Final = np.uint64(32)
_LOW: Final = np.array([(1 << (8 * min(n, 8))) - 1 for n in range(16)], np.uint64)
_HIGH: Final = np.array([(1 << (8 * max(0, n - 8))) - 1 for n in range(16)], np.uint64)


class Vocabulary(NamedTuple):
    """Tokens in tables; the number of a token is its rank.

    Attributes
    ----------
    short : ndarray of uint64, shape (a power of two, 3)
        Two words that are a token of less than 16 bytes and its length, and its number.
    long : ndarray of int32, shape (a power of two,)
        Numbers of the longer ones, -1 where there is none.
    pairs : ndarray of int32, shape (256, 256)
        The token of two bytes, -1 where there is none.
    content : ndarray of uint8
        All tokens, one behind the other, and padding.
    ends : ndarray of int64
        Where each ends.
    classes : ndarray of uint8
        Of code points, as far as any is known.
    """

    short: NDArray[np.uint64]
    long: NDArray[np.int32]
    pairs: NDArray[np.int32]
    content: NDArray[np.uint8]
    ends: NDArray[np.int64]
    classes: NDArray[np.uint8]


@njit(cache=True, inline="always")
def _key(data: Any, at: Any, length: Any) -> Any:
    """Less than 16 bytes as two words, the length in the last byte."""
    low = word_at(data, at) & _LOW[length]
    high = word_at(data, at + _EIGHT) & _HIGH[length]
    return low, high | (length << np.uint64(56))


@njit(cache=True, inline="always")
def _mixed(low: Any, high: Any) -> Any:
    mixed = (low ^ (low >> _HALF)) * GOLDEN ^ high * MIX_A
    return (mixed ^ (mixed >> np.uint64(29))) * MIX_B


@njit(cache=True, inline="always")
def _slot(mixed: Any, table: Any) -> Any:
    """Where to look first: the upper half of the hash, which all bytes reached."""
    return (mixed >> _HALF) & np.uint64(len(table) - 1)


@njit(cache=True)
def _long_hash(data: Any, at: Any, length: Any) -> Any:
    mixed = length * GOLDEN
    last = at + length - _EIGHT
    while at < last:
        mixed = (mixed ^ word_at(data, at)) * MIX_A
        mixed ^= mixed >> _HALF
        at += _EIGHT
    mixed = (mixed ^ word_at(data, last)) * MIX_A
    return (mixed ^ (mixed >> _HALF)) * MIX_B


@njit(cache=True)
def fill(short: Any, long: Any, pairs: Any, content: Any, ends: Any) -> None:
    """Enter all tokens into the tables, which are empty: 0, and -1 for the long ones and pairs."""
    start = np.uint64(0)
    for token in range(len(ends)):
        end = np.uint64(ends[token])
        length = end - start
        if length == _TWO:
            pairs[content[start], content[start + _ONE]] = token
        if length < _SHORT:
            low, high = _key(content, start, length)
            place = _slot(_mixed(low, high), short)
            while short[place, 1] != 0:
                place = (place + _ONE) & np.uint64(len(short) - 1)
            short[place, 0] = low
            short[place, 1] = high
            short[place, 2] = token
        else:
            place = _slot(_long_hash(content, start, length), long)
            while long[place] >= 0:
                place = (place + _ONE) & np.uint64(len(long) - 1)
            long[place] = token
        start = end


@njit(cache=True, inline="always")
def _short_token(low: Any, high: Any, mixed: Any, short: Any) -> Any:
    place = _slot(mixed, short)
    while True:
        if short[place, 0] == low and short[place, 1] == high:
            return np.int64(short[place, 2])
        if short[place, 1] == 0:
            return _ABSENT
        place = (place + _ONE) & np.uint64(len(short) - 1)


@njit(cache=True)
def _long_token(data: Any, at: Any, length: Any, long: Any, content: Any, ends: Any) -> Any:
    if length > _LONGEST_TOKEN:
        return _ABSENT
    place = _slot(_long_hash(data, at, length), long)
    while True:
        token = np.int64(long[place])
        if token < 0:
            return _ABSENT
        start = np.uint64(ends[token - 1]) if token > 0 else np.uint64(0)
        if np.uint64(ends[token]) - start == length:
            same = _ONE
            for number in range(length):
                if content[start + number] != data[at + number]:
                    same = np.uint64(0)
                    break
            if same:
                return token
        place = (place + _ONE) & np.uint64(len(long) - 1)


@njit(cache=True, inline="always")
def _token(data: Any, at: Any, length: Any, short: Any, long: Any, content: Any, ends: Any) -> Any:
    """The token of some bytes; -1 where there is none."""
    if length < _SHORT:
        low, high = _key(data, at, length)
        return _short_token(low, high, _mixed(low, high), short)
    return _long_token(data, at, length, long, content, ends)


@njit(cache=True)
def _least(ranks: Any, n: Any) -> Any:
    least = _NO_RANK
    for place in range(n):
        least = min(least, ranks[place])
    return least


@njit(cache=True)
def _merge(
    data: Any,
    at: Any,
    length: Any,
    short: Any,
    long: Any,
    pairs: Any,
    content: Any,
    ends: Any,
    follows: Any,
    before: Any,
    ranks: Any,
) -> None:
    """Merge the bytes of a piece, always the pair of the lowest rank, of such the first.

    Parameters
    ----------
    follows, before : ndarray of int64, shape (LONGEST_PIECE + 1,)
        Where the part behind the one that begins at a place begins, and the one before it.
    ranks : ndarray of int32, shape (LONGEST_PIECE,)
        Rank of a part with the one behind it, and its place in the last 8 bits: the least of these
        numbers is the pair that is merged, and no branch has to be taken to find it.
    """
    n = np.int64(length)
    for place in range(n):
        follows[place] = place + 1
        before[place + 1] = place
        ranks[place] = _NO_RANK
    for place in range(n - 1):
        pair = pairs[data[at + np.uint64(place)], data[at + np.uint64(place + 1)]]
        if pair >= 0:
            ranks[place] = (pair << 8) | place
    while True:
        least = _least(ranks, n)
        if least == _NO_RANK:
            return
        here = np.int64(least & 255)
        second = follows[here]
        third = follows[second]
        follows[here] = third
        before[third] = here
        ranks[second] = _NO_RANK
        ranks[here] = _NO_RANK
        if third < n:
            ranks[here] = _rank(data, at, here, follows[third], short, long, content, ends)
        if here > 0:
            first = before[here]
            ranks[first] = _rank(data, at, first, third, short, long, content, ends)


@njit(cache=True, inline="always")
def _rank(
    data: Any, at: Any, start: Any, end: Any, short: Any, long: Any, content: Any, ends: Any
) -> Any:
    length = np.uint64(end - start)
    token = _token(data, at + np.uint64(start), length, short, long, content, ends)
    return np.int32((token << 8) | start) if token >= 0 else _NO_RANK


@njit(cache=True)
def _put_merged(
    data: Any,
    at: Any,
    length: Any,
    short: Any,
    long: Any,
    pairs: Any,
    content: Any,
    ends: Any,
    follows: Any,
    before: Any,
    ranks: Any,
    found: Any,
    size: Any,
) -> Any:
    """Append the ids of a piece that is no token; return how many there are then."""
    _merge(data, at, length, short, long, pairs, content, ends, follows, before, ranks)
    place, n = np.int64(0), np.int64(length)
    while place < n:
        part = np.uint64(follows[place] - place)
        found[size] = _token(data, at + np.uint64(place), part, short, long, content, ends)
        size += _ONE
        place = follows[place]
    return size


@njit(cache=True)
def _next_class(data: Any, at: Any, classes: Any) -> Any:
    """The class of the code point that begins at a place, and where the next begins.

    Written out, as a loop over its bytes takes forty times as long.
    """
    first = data[at]
    if first < 0x80:
        return classes[first], at + _ONE
    second = np.uint32(data[at + _ONE] & 0x3F)
    if first < 0xE0:
        return classes[(np.uint32(first & 0x1F) << np.uint32(6)) | second], at + _TWO
    rest = (second << np.uint32(6)) | np.uint32(data[at + _TWO] & 0x3F)
    if first < 0xF0:
        return classes[(np.uint32(first & 0x0F) << np.uint32(12)) | rest], at + _THREE
    rest = (rest << np.uint32(6)) | np.uint32(data[at + _THREE] & 0x3F)
    code = (np.uint32(first & 0x07) << np.uint32(18)) | rest
    if code >= len(classes):
        return np.uint8(UNKNOWN), at + _FOUR
    return classes[code], at + _FOUR


@njit(cache=True)
def _letters(data: Any, at: Any, end: Any, classes: Any) -> Any:
    """Where a run of letters ends that is as o200k_base has a word; ``at`` where there is none.

    Its first alternative is any number of letters that may be upper case, then one and more that
    may be lower case, as far as they go; the second is the same with one and more of the first.

    Returns
    -------
    stop : uint64
    is_first : bool
        Whether the first alternative matches.
    is_known : bool
    """
    both = np.uint64(0)
    while at < end:
        kind, following = _next_class(data, at, classes)
        if kind == LOWER:
            at = following
            while at < end:
                kind, following = _next_class(data, at, classes)
                if kind != LOWER and kind != BOTH and kind != MARK:
                    return at, True, kind != UNKNOWN
                at = following
            return at, True, True
        if kind in (BOTH, MARK):
            both = following
        elif kind != UPPER:
            # The last one that may be lower case ends the first alternative.
            return (both if both else at), both > 0, kind != UNKNOWN
        at = following
    return (both if both else at), both > 0, True


@njit(cache=True)
def _behind_contraction(data: Any, at: Any, end: Any) -> Any:
    """Where ``'s``, ``'t``, ``'re``, ``'ve``, ``'m``, ``'ll`` or ``'d`` ends; else ``at``."""
    if at + _ONE < end and data[at] == 39:
        first = data[at + _ONE] | 32
        if first == 115 or first == 116 or first == 109 or first == 100:
            return at + _TWO
        if at + _TWO < end:
            second = data[at + _TWO] | 32
            is_re_or_ve = (first == 114 or first == 118) and second == 101
            if is_re_or_ve or (first == 108 and second == 108):
                return at + _THREE
    return at


@njit(cache=True)
def _behind_digits(data: Any, at: Any, end: Any, classes: Any) -> Any:
    """Where up to three digits end; nowhere if the code point behind them is not known."""
    for _ in range(3):
        if at == end:
            break
        kind, following = _next_class(data, at, classes)
        if kind == UNKNOWN:
            return _NOWHERE
        if kind != DIGIT:
            break
        at = following
    return at


@njit(cache=True)
def _behind_marks(data: Any, at: Any, end: Any, classes: Any) -> Any:
    """Where a run of punctuation ends, line ends and strokes behind it, or nowhere."""
    start = at
    while at < end:
        kind, following = _next_class(data, at, classes)
        if kind == UNKNOWN:
            return _NOWHERE
        if kind != OTHER and kind != MARK:
            break
        at = following
    if at > start:
        while at < end and (data[at] == 10 or data[at] == 13 or data[at] == 47):
            at += _ONE
    return at


@njit(cache=True)
def _behind_space(data: Any, at: Any, end: Any, classes: Any) -> Any:
    """Where a piece of white space ends: at the last line end of a run; else before its last."""
    start, last, behind_line = at, at, np.uint64(0)
    while at < end:
        kind, following = _next_class(data, at, classes)
        if kind == UNKNOWN:
            return _NOWHERE
        if kind == LINE_END:
            behind_line = following
        elif kind != SPACE:
            break
        last = at
        at = following
    if behind_line:
        return behind_line
    return at if at == end or last == start else last


@njit(cache=True)
def _piece(data: Any, at: Any, end: Any, classes: Any) -> Any:
    """Where the piece that begins at a place ends; nowhere if a code point is not known."""
    kind, following = _next_class(data, at, classes)
    if kind == UNKNOWN:
        return _NOWHERE
    if kind == DIGIT:
        return _behind_digits(data, at, end, classes)
    if kind <= BOTH:
        stop, _, is_known = _letters(data, at, end, classes)
        return _behind_contraction(data, stop, end) if is_known else _NOWHERE
    if kind == LINE_END:
        return _behind_space(data, at, end, classes)
    # What is no letter, digit or line end may stand before a word.
    stop, is_first, is_known = _letters(data, following, end, classes)
    if not is_known:
        return _NOWHERE
    if stop > following and (is_first or kind != MARK):
        return _behind_contraction(data, stop, end)
    if kind == MARK:
        stop, _, _ = _letters(data, at, end, classes)
        return _behind_contraction(data, stop, end)
    start = following if data[at] == 32 else at
    stop = _behind_marks(data, start, end, classes)
    if stop > start:
        return stop
    return _behind_space(data, at, end, classes)


@njit(cache=True)
def _plain_word(data: Any, at: Any) -> Any:
    """Where an English word ends, a space and a capital before it; nowhere if it may be otherwise.

    Without a branch at each of its letters, one of which is always mispredicted.
    """
    start = at + np.uint64(data[at] == 32)
    start += np.uint64((data[start] >= 65) & (data[start] <= 90))
    run = lower_case_run(data, start)
    stop = start + run
    # What follows may be a letter of another script, a mark, or a contraction.
    may_go_on = (data[stop] >= 128) | (data[stop] == 39) | (run == 16)
    return _NOWHERE if may_go_on or run == 0 else stop


@njit(cache=True)
def _cut_ahead(
    data: Any, at: Any, end: Any, classes: Any, short: Any, stops: Any, keys: Any
) -> Any:
    """Find where some pieces end, the first of which begins at a place, and what their keys are.

    Where a key is looked up is asked for meanwhile: the table lies in no near cache.

    Returns
    -------
    n : int64
        How many pieces: as many as there is room for, unless the text ends before.
    is_read : bool
        Whether what stands behind them can be read.
    """
    n = np.uint64(0)
    while at < end and n < np.uint64(len(stops)):
        stop = _plain_word(data, at)
        if stop > end:
            stop = _piece(data, at, end, classes)
        length = stop - at
        if length > LONGEST_PIECE:  # as it is where it ends nowhere
            return np.int64(n), False
        stops[n] = stop
        if length < _SHORT:
            low, high = _key(data, at, length)
            mixed = _mixed(low, high)
            keys[n, 0] = low
            keys[n, 1] = high
            keys[n, 2] = mixed
            prefetch(short, np.int64(_slot(mixed, short)))
        at = stop
        n += _ONE
    return np.int64(n), True


@njit(cache=True, nogil=True)
def ids_of_texts(
    data: Any,
    bounds: Any,
    short: Any,
    long: Any,
    pairs: Any,
    content: Any,
    ends: Any,
    classes: Any,
    memory: Any,
) -> Any:
    """Token ids of some texts, and how many each has.

    Parameters
    ----------
    data : ndarray of uint8
        The texts as sound UTF-8, one behind the other, and `PADDING` more bytes.
    bounds : ndarray of int64, shape (n_texts + 1,)
    short, long, pairs, content, ends, classes : ndarray
        The columns of a `Vocabulary`, one by one: of a tuple each would be counted as held.
    memory : ndarray of uint64, shape (a power of two, 3)
        Zeros at first; pieces that were merged are remembered there, one at each place.

    Returns
    -------
    ids : ndarray of int32
    n_tokens : ndarray of int64, shape (n_texts,)
        -1 for a text that was not read: it has a code point that is not known, or a long piece.
    """
    found = np.empty(len(data), np.int32)
    n_tokens = np.empty(len(bounds) - 1, np.int64)
    follows = np.empty(LONGEST_PIECE + 1, np.int64)
    before = np.empty(LONGEST_PIECE + 1, np.int64)
    ranks = np.empty(LONGEST_PIECE, np.int32)
    stops, keys = np.empty(_AHEAD, np.uint64), np.empty((_AHEAD, 3), np.uint64)
    size = np.uint64(0)
    for text in range(len(n_tokens)):
        first, at, end = size, np.uint64(bounds[text]), np.uint64(bounds[text + 1])
        is_read = True
        number, n = 0, np.int64(0)
        while is_read and at < end:
            if number == n:
                n, is_read = _cut_ahead(data, at, end, classes, short, stops, keys)
                number = 0
                continue
            stop = stops[number]
            length = stop - at
            low, high, mixed = keys[number, 0], keys[number, 1], keys[number, 2]
            number += 1
            if length >= _SHORT:
                token = _long_token(data, at, length, long, content, ends)
                if token >= 0:
                    found[size] = token
                    size += _ONE
                else:
                    size = _put_merged(
                        *(data, at, length, short, long, pairs, content, ends),
                        *(follows, before, ranks, found, size),
                    )
                at = stop
                continue
            token = _short_token(low, high, mixed, short)
            if token >= 0:
                found[size] = token
                size += _ONE
                at = stop
                continue
            place = _slot(mixed, memory)
            if memory[place, 0] == low and memory[place, 1] == high:
                packed = memory[place, 2]
                for _ in range(packed >> (_FEW * _ID_BITS)):
                    found[size] = packed & ((_ONE << _ID_BITS) - _ONE)
                    packed >>= _ID_BITS
                    size += _ONE
            else:
                start = size
                size = _put_merged(
                    *(data, at, length, short, long, pairs, content, ends),
                    *(follows, before, ranks, found, size),
                )
                if size - start <= _FEW:
                    packed = (size - start) << (_FEW * _ID_BITS)
                    for one in range(size - start):
                        packed |= np.uint64(found[start + one]) << (one * _ID_BITS)
                    memory[place, 0] = low
                    memory[place, 1] = high
                    memory[place, 2] = packed
            at = stop
        n_tokens[text] = size - first if is_read else -1
        if not is_read:
            size = first
    return found[:size].copy(), n_tokens
