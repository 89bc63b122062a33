"""What is measured of a text: passages, hashed n-grams of three families, token statistics.

Families of n-grams are kept apart. ``words`` sees lower-case words and sentence punctuation, so
letter case and layout cannot reach it. ``shape`` sees letter case, short words, punctuation,
markup and line breaks. ``tokens`` sees what a tokenizer makes of the text, with all of these at
once. None tags anything but what a text itself holds; prompts are never read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.hashes import GOLDEN, bytes_hash
from provenance.features.normalize import normalize
from provenance.features.normalize.gaps import are_odd
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.features.token_ids import byte_lengths, cut_ids, encode_texts
from provenance.features.tokens import load_encoding

if TYPE_CHECKING:
    from provenance.features.normalize.tidy import Repaired

__all__ = [
    "DISGUISES",
    "FeatureBatch",
    "PreparedTexts",
    "extract",
    "last_hashes",
    "n_gram_arrays",
    "n_grams",
    "passages",
    "prepare",
    "repaired",
    "word_hashes",
]


DISGUISES: Final = ("control", "hidden", "letter_forms", "stacked_marks", "homoglyphs")
"""Repairs that are evidence of an edit; the others are everyday noise."""


@dataclass(frozen=True, slots=True)
class PreparedTexts:
    """Texts after their repairs, with their hashes and tokens; columns as in `FeatureBatch`.

    ``ids`` holds the token ids of the texts, one text behind the other. ``tidy`` tells texts of
    common characters alone that no repair changed, in which nothing is hidden: see `are_tidy`;
    ``odd`` those that had odd gaps: see `gaps.are_odd`. ``encoded`` are the texts as UTF-8.
    """

    texts: tuple[str, ...]
    repairs: dict[str, int]
    disguised: NDArray[np.bool_]
    tidy: NDArray[np.bool_]
    odd: NDArray[np.bool_]
    text_hash: NDArray[np.uint64]
    n_tokens: NDArray[np.int64]
    ids: NDArray[np.int32]
    encoded: tuple[bytes, ...]
    strip_markdown: bool = False

    def take(self, places: NDArray[np.int64]) -> PreparedTexts:
        """Some of the texts, by position; their repairs are not counted again.

        Examples
        --------
        >>> prepare(["one", "two  three"], FeatureSpec()).take(np.array([1])).texts
        ('two  three',)
        """
        n_tokens = self.n_tokens[places]
        ids = self.ids
        if len(ids):
            starts = (np.cumsum(self.n_tokens) - self.n_tokens)[places]
            own = np.cumsum(n_tokens) - n_tokens
            ids = ids[np.repeat(starts - own, n_tokens) + np.arange(n_tokens.sum())]
        texts = tuple(self.texts[place] for place in places.tolist())
        encoded = tuple(self.encoded[place] for place in places.tolist())
        marks = self.disguised[places], self.tidy[places], self.odd[places]
        columns = *marks, self.text_hash[places], n_tokens, ids, encoded
        return PreparedTexts(texts, {}, *columns, self.strip_markdown)


@dataclass(frozen=True, slots=True)
class FeatureBatch:
    """Features of the passages of some documents.

    Parameters
    ----------
    rows : FeatureRows
    statistics : ndarray of float32, shape (n_passages, len(STATISTICS))
    document : ndarray of int64, shape (n_passages,)
        Position of the passage's document in the batch.
    passage_tokens : ndarray of int64, shape (n_passages,)
        Tokens that begin in the passage; at least 1.
    n_tokens : ndarray of int64, shape (n_documents,)
    text_hash : ndarray of uint64, shape (n_documents,)
        Of the normalised text.
    cluster_hash : ndarray of uint64, shape (n_documents,)
        Of the words alone: equal for texts that differ in case, punctuation and layout only.
    texts : tuple of str, length n_documents
        Normalised.
    repairs : dict of str to int
        How often each repair changed the text.
    disguised : ndarray of bool, shape (n_documents,)
        Whether a repair undid what no keyboard types: see `DISGUISES`.
    """

    rows: FeatureRows
    statistics: NDArray[np.float32]
    document: NDArray[np.int64]
    passage_tokens: NDArray[np.int64]
    n_tokens: NDArray[np.int64]
    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    texts: tuple[str, ...]
    repairs: dict[str, int]
    disguised: NDArray[np.bool_]

    @property
    def too_short(self) -> NDArray[np.bool_]:
        """Documents that have no passage."""
        present = np.zeros(len(self.n_tokens), bool)
        present[self.document] = True
        return ~present


_OPENS, _ENDS = np.uint8(1), np.uint8(2)
"""Of a passage that opens its document, and that ends it; see `kernels.feature_rows`."""

_SENTENCE_END: Final = re.compile(r"[.!?。！？][\"'”’)\]]*\s|\n|[。！？]")


def passages(text: str, n_tokens: int, passage_tokens: int) -> list[str]:
    """Cut a long document into passages of about equal length, at ends of sentences.

    A document of up to one and a half times ``passage_tokens`` stays whole.

    Examples
    --------
    >>> passages("One two. Three four. Five six. ", 8, 4)
    ['One two. Three four. ', 'Five six. ']
    """
    n_passages = _n_passages(n_tokens, passage_tokens)
    if n_passages <= 1 or len(text) < 2 * n_passages:
        return [text]
    step = len(text) / n_passages
    cuts = [0]
    for number in range(1, n_passages):
        cuts.append(_cut(text, round(number * step), int(step / 3), cuts[-1]))
    cuts.append(len(text))
    return [text[start:end] for start, end in pairwise(cuts) if end > start]


def _n_passages(n_tokens: int, passage_tokens: int) -> int:
    return 1 if 2 * n_tokens <= 3 * passage_tokens else round(n_tokens / passage_tokens)


def _cut(text: str, target: int, slack: int, after: int) -> int:
    low, high = max(after, target - slack), min(len(text), target + slack)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, low, high)]
    if not ends:
        space = text.find(" ", target, high)
        return max(after, space + 1 if space >= 0 else target)
    return min(ends, key=lambda end: abs(end - target))


def n_grams(text: str, order: int) -> list[tuple[int, int, int]]:
    """Every plain word n-gram of a text: first and last position, and hash.

    Examples
    --------
    >>> [(start, end) for start, end, _ in n_grams("To be, or", 2)][4:]
    [(0, 5), (3, 6), (5, 9)]
    """
    firsts, lasts, hashes = n_gram_arrays(text, order)
    return list(zip(firsts.tolist(), lasts.tolist(), hashes.tolist(), strict=True))


def n_gram_arrays(
    text: str, order: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64]]:
    """The same as `n_grams` in three arrays, all of order 1 first, then all of order 2.

    Examples
    --------
    >>> firsts, lasts, _ = n_gram_arrays("To be, or", 2)
    >>> firsts.tolist(), lasts.tolist()
    ([0, 3, 5, 7, 0, 3, 5], [2, 5, 6, 9, 5, 6, 9])
    """
    starts, ends, hashes = _words_and_hashes(text, order)
    lengths = range(min(order, len(starts)))
    firsts = [starts[: len(starts) - more] for more in lengths]
    lasts = [ends[more:] for more in lengths]
    none = np.empty(0, np.int32)
    return np.concatenate([none, *firsts]), np.concatenate([none, *lasts]), hashes


def last_hashes(texts: Sequence[str], order: int) -> list[int | None]:
    """Hash of the last and longest plain word n-gram of each text; None where there is no word.

    Texts stand in lines of one text: to hash each by itself takes as long as to hash a page.

    Examples
    --------
    >>> last_hashes(["to be", "...", "", "or not to be"], 2) == [
    ...     n_grams("to be", 2)[-1][2], n_grams("...", 2)[-1][2], None, n_grams("to be", 2)[-1][2]
    ... ]
    True
    """
    starts, _, hashes = _words_and_hashes("\n".join(texts), order)
    ends = np.cumsum([len(text) + 1 for text in texts])
    last = np.searchsorted(starts, ends).tolist()
    # Where the n-grams of each order begin.
    places = np.cumsum([0, *(max(0, len(starts) - more) for more in range(order))]).tolist()
    found: list[int | None] = []
    for first, end in pairwise([0, *last]):
        length = min(order, end - first)
        found.append(int(hashes[places[length - 1] + end - length]) if length else None)
    return found


def _words_and_hashes(
    text: str, order: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64]]:
    from provenance.features.kernels import character_tables, plain_n_grams

    code_points = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    starts, ends, hashes = plain_n_grams(code_points, *character_tables(), order)
    return starts, ends, hashes


def word_hashes(text: str) -> NDArray[np.uint64]:
    """Hash of each word and sentence mark of a text in its order, whatever its case and layout.

    Examples
    --------
    >>> first, second = word_hashes("To be, or"), word_hashes("to  BE,\\nor")
    >>> len(first), (first == second).all().item()
    (4, True)
    """
    return _words_and_hashes(text, 1)[2]


def prepare(texts: Sequence[str], spec: FeatureSpec) -> PreparedTexts:
    """Normalise some texts and make their tokens.

    Examples
    --------
    >>> prepare(["one  two"], FeatureSpec()).n_tokens.tolist()
    [3]
    """
    clean = _normalised(texts, spec)
    hashes = np.array([*map(bytes_hash, clean.encoded)], np.uint64)
    # Repairs leave no lone surrogate.
    ids, n_tokens = encode_texts(clean.texts, load_encoding(spec.encoding), clean.encoded)
    return _prepared(clean, spec, hashes, n_tokens, ids)


def repaired(
    texts: Sequence[str],
    spec: FeatureSpec,
    hashes: NDArray[np.uint64],
    n_tokens: NDArray[np.int64],
) -> PreparedTexts:
    """What `prepare` makes of texts whose hashes and numbers of tokens are known, but for ids.

    Examples
    --------
    >>> known = prepare(["one  two"], FeatureSpec())
    >>> repaired(["one  two"], FeatureSpec(), known.text_hash, known.n_tokens).texts
    ('one  two',)
    """
    return _prepared(_normalised(texts, spec), spec, hashes, n_tokens, np.empty(0, np.int32))


def extract(
    texts: Sequence[str] | PreparedTexts,
    spec: FeatureSpec,
    frequency: NDArray[np.uint32] | None = None,
) -> FeatureBatch:
    """Cut and hash some documents.

    Parameters
    ----------
    texts : sequence of str, or PreparedTexts
    spec : FeatureSpec
    frequency : ndarray of uint32, shape (2 ** spec.frequency_bits,), optional
        Number of passages that hold a word n-gram, added to in place.

    Examples
    --------
    >>> batch = extract(["one two three four five six seven eight", "short"], FeatureSpec())
    >>> len(batch.rows), batch.too_short.tolist()
    (1, [False, True])
    """
    given = texts if isinstance(texts, PreparedTexts) else prepare(texts, spec)
    # Here, as it loads a compiler.
    from provenance.features.code_points import decoded

    clean, n_tokens = given.texts, given.n_tokens
    pieces, document, edges = _cut_all(clean, n_tokens, spec)
    id_bounds = _bounds_of_ids(given, pieces, document, spec)
    # The passages of a text, one behind the other, are the text.
    encoded = [given.encoded[place] for place in document[(edges & _OPENS) > 0].tolist()]
    points = decoded(encoded, [*map(len, pieces)])
    rows, statistics, word_hash = _count(points, edges, (given.ids, id_bounds), spec, frequency)
    return FeatureBatch(
        rows=rows,
        statistics=statistics,
        document=document,
        passage_tokens=np.maximum(1, np.diff(id_bounds, axis=1).ravel()),
        n_tokens=n_tokens,
        text_hash=given.text_hash,
        cluster_hash=_fold_hashes(word_hash, document, len(clean)),
        texts=clean,
        repairs=given.repairs,
        disguised=given.disguised,
    )


def _normalised(texts: Sequence[str], spec: FeatureSpec) -> Repaired:
    # Here, as it loads a compiler.
    from provenance.features.normalize.tidy import Repaired, all_repaired

    if not spec.strip_markdown:
        return all_repaired(texts)
    found = [normalize(text, strip_markdown=True) for text in texts]
    clean, repairs = [one.text for one in found], dict(enumerate(one.repairs for one in found))
    odd = np.array([are_odd(text) for text in texts], bool)
    encoded = [text.encode("utf-8", "replace") for text in clean]
    return Repaired(clean, np.zeros(len(texts), bool), odd, repairs, encoded)


def _prepared(
    clean: Repaired,
    spec: FeatureSpec,
    hashes: NDArray[np.uint64],
    n_tokens: NDArray[np.int64],
    ids: NDArray[np.int32],
) -> PreparedTexts:
    repairs: dict[str, int] = {}
    disguised = np.zeros(len(clean.texts), bool)
    for position, found in clean.repairs.items():
        for name, count in found.items():
            repairs[name] = repairs.get(name, 0) + count
            disguised[position] |= name in DISGUISES
    columns = disguised, clean.tidy, clean.odd, hashes, n_tokens, ids, tuple(clean.encoded)
    return PreparedTexts(tuple(clean.texts), repairs, *columns, spec.strip_markdown)


def _cut_all(
    texts: Sequence[str], n_tokens: NDArray[np.int64], spec: FeatureSpec
) -> tuple[list[str], NDArray[np.int64], NDArray[np.uint8]]:
    scored = np.flatnonzero(n_tokens >= spec.min_tokens)
    pieces: list[str] = []
    ends = [0]
    for position, tokens in zip(scored.tolist(), n_tokens[scored].tolist(), strict=True):
        if _n_passages(tokens, spec.passage_tokens) <= 1:
            pieces.append(texts[position])
        else:
            pieces += passages(texts[position], tokens, spec.passage_tokens)
        ends.append(len(pieces))
    edges = np.zeros(len(pieces), np.uint8)
    edges[ends[:-1]] |= _OPENS
    edges[np.array(ends[1:], np.int64) - 1] |= _ENDS
    return pieces, np.repeat(scored, np.diff(ends)), edges


def _bounds_of_ids(
    given: PreparedTexts, pieces: Sequence[str], document: NDArray[np.int64], spec: FeatureSpec
) -> NDArray[np.int64]:
    """Where the tokens of each passage begin and end in the ids, shape (n_passages, 2)."""
    ends = np.cumsum(given.n_tokens)
    bounds = np.stack([ends - given.n_tokens, ends], axis=1)[document]
    n_pieces = np.bincount(document, minlength=len(ends))
    first = np.cumsum(n_pieces) - n_pieces
    for number in np.flatnonzero(n_pieces > 1).tolist():
        own = slice(int(first[number]), int(first[number] + n_pieces[number]))
        start, end = bounds[own.start].tolist()
        lengths = byte_lengths(spec.encoding, given.ids[start:end])
        cuts = cut_ids(lengths, pieces[own]) + start
        bounds[own] = np.stack([cuts[:-1], cuts[1:]], axis=1)
    return bounds


def _count(
    points: tuple[NDArray[np.uint32], NDArray[np.int64]],
    edges: NDArray[np.uint8],
    tokens: tuple[NDArray[np.int32], NDArray[np.int64]],
    spec: FeatureSpec,
    frequency: NDArray[np.uint32] | None,
) -> tuple[FeatureRows, NDArray[np.float32], NDArray[np.uint64]]:
    from provenance.features.kernels import character_tables, feature_rows

    layout = np.array(
        [
            *(spec.word_bits, spec.shape_bits, spec.word_order, spec.shape_order),
            *(spec.opening, spec.long_opening, spec.ending, spec.frequency_bits),
            *(spec.token_bits, spec.token_order),
        ],
        np.int64,
    )
    table = np.empty(0, np.uint32) if frequency is None else frequency
    result: Any = feature_rows(*points, edges, *tokens, *character_tables(), layout, table)
    indptr, indices, counts, statistics, word_hash = result
    return FeatureRows(indptr, indices, counts), statistics, word_hash


def _fold_hashes(
    word_hash: NDArray[np.uint64], document: NDArray[np.int64], n_documents: int
) -> NDArray[np.uint64]:
    """One hash a document from those of its passages, in their order."""
    result = np.zeros(n_documents, np.uint64)
    starts = np.flatnonzero(np.diff(document, prepend=-1))
    ends = np.append(starts[1:], len(document))[: len(starts)]
    result[document[starts]] = word_hash[starts]
    several = ends - starts > 1
    for start, end in zip(starts[several].tolist(), ends[several].tolist(), strict=True):
        state = 0
        for value in word_hash[start:end].tolist():
            state = (state * int(GOLDEN) + value) & 0xFFFFFFFFFFFFFFFF
        result[document[start]] = state
    return result
