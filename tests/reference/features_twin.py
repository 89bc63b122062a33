"""What `provenance.features.kernels` counts of a text, in plain Python, one idea a function."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from provenance.features.spec import FeatureSpec

NUMBER, WITH_DIGITS, UPPER_INSIDE, CAPITALISED, LOWER = range(1, 6)
ONE_NEWLINE, TWO_NEWLINES, MORE_NEWLINES = range(6, 9)

_64_BITS = (1 << 64) - 1
_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_UNSPACED = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\u0e00", "\u0eff"))
MARKS = {
    ",": "commas",
    ";": "semicolons",
    ":": "colons",
    "—": "dashes",
    **dict.fromkeys("'’", "apostrophes"),
    '"': "straight_quotes",
    **dict.fromkeys("“”", "curly_quotes"),
}
_LAST_IN_TABLE = "\U0001ffff"
_PLAIN_QUOTES = dict(zip("“”„«»‘’—‑", '"""""\'\'--', strict=True))


def kind(character: str) -> str:
    if character > _LAST_IN_TABLE:
        return "letter"
    if character in "\n\r\u2028\u2029":
        return "newline"
    if character.isspace():
        return "space"
    if any(low <= character <= high for low, high in _UNSPACED):
        return "ideograph" if character.isalnum() else "punctuation"
    if character.isdigit():
        return "digit"
    if character.isalpha() or unicodedata.category(character)[0] == "M":
        return "letter"
    return "markup" if character in "*_#`|~<>\\=+/{}[]•–·" else "punctuation"


def canonical(character: str) -> str:
    plain = _PLAIN_QUOTES.get(character, character.lower())
    return plain if len(plain) == 1 and character <= _LAST_IN_TABLE else character


def mix(value: int) -> int:
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _64_BITS
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _64_BITS
    return value ^ value >> 31


def token_hash(text: str) -> int:
    state = _OFFSET
    for character in text:
        state = (state ^ ord(canonical(character))) * _PRIME & _64_BITS
    return mix(state)


def extend(state: int, token: int) -> int:
    return mix(((state + 0x9E3779B97F4A7C15) * _PRIME & _64_BITS) ^ token)


@dataclass
class Read:
    """Words with their places, shapes, and the token statistics by name."""

    words: list[tuple[int, int, str]] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)
    statistics: Counter[str] = field(default_factory=Counter)
    sentence: int = 0

    def end_sentence(self) -> None:
        if self.sentence:
            self.statistics["sentences"] += 1
            self.statistics["sentence_words_squared"] += self.sentence**2
        self.sentence = 0


def read(text: str) -> Read:
    result = Read()
    result.statistics["characters"] = len(text)
    position = 0
    while position < len(text):
        here = kind(text[position])
        end = position + 1
        if here in ("letter", "digit"):
            while end < len(text) and kind(text[end]) in ("letter", "digit"):
                end += 1
            _word(result, position, end, text[position:end])
        elif here == "newline":
            while end < len(text) and kind(text[end]) in ("newline", "space"):
                end += 1
            run = sum(kind(character) == "newline" for character in text[position:end])
            result.statistics["newlines"] += run
            result.shapes.append(ONE_NEWLINE + min(run, 3) - 1)
        elif here != "space":
            _single(result, position, text[position], here)
        position = end
    result.end_sentence()
    return result


def _word(result: Read, start: int, end: int, word: str) -> None:
    upper = [canonical(character) != character for character in word]
    n_digits = sum(kind(character) == "digit" for character in word)
    result.words.append((start, end, word))
    result.sentence += 1
    result.statistics.update(
        words=1,
        letters=len(word),
        capitalised=int(upper[0]),
        upper_inside=int(any(upper[1:])),
        with_digits=int(n_digits > 0),
    )
    if n_digits:
        result.shapes.append(NUMBER if n_digits == len(word) else WITH_DIGITS)
    elif len(word) <= 3:
        result.shapes.append(token_hash(word))
    elif any(upper[1:]):
        result.shapes.append(UPPER_INSIDE)
    else:
        result.shapes.append(CAPITALISED if upper[0] else LOWER)


def _single(result: Read, position: int, character: str, here: str) -> None:
    result.shapes.append(token_hash(character))
    if here == "markup":
        result.statistics["markup"] += 1
        result.statistics["asterisks"] += character == "*"
        return
    result.words.append((position, position + 1, character))
    if here == "ideograph":
        result.sentence += 1
        result.statistics.update(words=1, letters=1)
    else:
        result.statistics["punctuation"] += 1
        if character in MARKS:
            result.statistics[MARKS[character]] += 1
        if character in ".!?。！？":
            result.end_sentence()


def token_statistics(ids: list[int]) -> dict[str, float]:
    """What is counted of the ids of one passage, before logarithms are rounded."""
    counts = Counter(ids).values()
    ranks = [math.log1p(one) for one in ids]
    return {
        "tokens": len(ids),
        "distinct_tokens": len(counts),
        "tokens_once": sum(count == 1 for count in counts),
        "rare_tokens": sum(one >= 50_000 for one in ids),
        "token_repeats": 10 * sum(count * math.log(count) for count in counts),
        "token_ranks": 10 * sum(ranks),
        "token_ranks_squared": 10 * sum(rank**2 for rank in ranks),
    }


def n_gram_hashes(tokens: list[int], order: int, salt: int) -> list[int]:
    """Order by order, each by its first token."""
    hashes = []
    for length in range(1, order + 1):
        for first in range(len(tokens) - length + 1):
            state = salt
            for token in tokens[first : first + length]:
                state = extend(state, token)
            hashes.append(state)
    return hashes


def plain_n_grams(text: str, order: int) -> tuple[list[tuple[int, int]], list[int]]:
    words = read(text).words
    tokens = [token_hash(word) for _, _, word in words]
    return [(start, end) for start, end, _ in words], n_gram_hashes(tokens, order, 1)


@dataclass
class Row:
    """One passage: counts by bucket, slots of the frequency table, statistics, word hash."""

    counts: dict[int, int]
    slots: Counter[int]
    statistics: Counter[str]
    word_hash: int


def feature_row(text: str, ids: list[int], opens: bool, ends: bool, spec: FeatureSpec) -> Row:
    found = read(text)
    tokens = [token_hash(word) for _, _, word in found.words]
    plain = n_gram_hashes(tokens, spec.word_order, 1)
    tagged = []
    if opens:
        tagged += n_gram_hashes(tokens[: spec.opening], 3, 2)
        tagged += n_gram_hashes(tokens[: spec.long_opening], 2, 3)
    if ends and spec.ending:
        tagged += n_gram_hashes(tokens[-spec.ending :], 2, 4)
    shapes = n_gram_hashes(found.shapes, spec.shape_order, 5)
    buckets = [value >> 64 - spec.word_bits for value in plain + tagged]
    buckets += [(1 << spec.word_bits) + (value >> 64 - spec.shape_bits) for value in shapes]
    behind = (1 << spec.word_bits) + (1 << spec.shape_bits)
    of_ids = n_gram_hashes(ids, spec.token_order, 6)
    buckets += [behind + (value >> 64 - spec.token_bits) for value in of_ids]
    # Two n-grams in one bucket of a passage pass for one n-gram.
    first = {bucket: place for place, bucket in reversed(list(enumerate(buckets)))}
    found.statistics["distinct_words"] = sum(
        first[buckets[place]] == place and kind(word[0]) != "punctuation"
        for place, (_, _, word) in enumerate(found.words)
    )
    slots = Counter(
        value >> 64 - spec.frequency_bits
        for place, value in enumerate(plain)
        if first[buckets[place]] == place
    )
    return Row(
        counts={bucket: min(255, count) for bucket, count in Counter(buckets).items()},
        slots=slots,
        statistics=found.statistics,
        word_hash=_sequence_hash([word for _, _, word in found.words]),
    )


def _sequence_hash(words: list[str]) -> int:
    state = _OFFSET
    for word in words:
        if kind(word[0]) != "punctuation":
            state = extend(state, token_hash(word))
    return state
