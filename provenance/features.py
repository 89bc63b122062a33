"""What is measured of a text: passages, hashed n-grams of words and of shapes, token statistics.

Two families of n-grams are kept apart. ``words`` sees lower-case words and sentence punctuation,
so letter case and layout cannot reach it. ``shape`` sees letter case, short words, punctuation,
markup and line breaks. Both tag nothing but what a text itself holds; prompts are never read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.normalize import normalize
from provenance.tokens import count_tokens, load_encoding

if TYPE_CHECKING:
    import scipy.sparse

__all__ = [
    "DISGUISES",
    "STATISTICS",
    "FeatureBatch",
    "FeatureSpec",
    "Rows",
    "extract",
    "n_grams",
    "passages",
    "text_hash",
]

STATISTICS: Final = (
    "characters",
    "words",
    "letters",
    "capitalised",
    "upper_inside",
    "punctuation",
    "with_digits",
    "newlines",
    "markup",
    "sentences",
    "sentence_words_squared",
    "distinct_words",
)


_BOUNDS: Final = {
    "passage_tokens": (1, 1 << 20),
    "min_tokens": (0, 1 << 20),
    "word_bits": (1, 24),
    "shape_bits": (1, 24),
    "frequency_bits": (1, 24),
    "word_order": (1, 8),
    "shape_order": (1, 8),
    "opening": (0, 1 << 12),
    "long_opening": (0, 1 << 12),
    "ending": (0, 1 << 12),
}


def _kind(value: object) -> str:
    return f"of type {type(value).__name__}"


DISGUISES: Final = ("control", "hidden", "letter_forms", "stacked_marks", "homoglyphs")
"""Repairs that are evidence of an edit; the others are everyday noise."""


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """What is measured; fingerprints meet only where their specs are equal.

    Parameters
    ----------
    encoding : str
        The tiktoken encoding that counts tokens.
    passage_tokens : int
        Length that a long document is cut to, at ends of sentences.
    min_tokens : int
        Shorter documents are counted and not scored.
    strip_markdown : bool
        Whether markdown is turned into plain text first.
    word_bits, shape_bits : int
        Binary logarithm of the number of buckets of a family.
    word_order, shape_order : int
        Highest order of the n-grams.
    opening, long_opening, ending : int
        Words at the edges of a document whose n-grams are also counted apart.

    Examples
    --------
    >>> FeatureSpec(min_tokens=20).differences(FeatureSpec())
    ['min_tokens: 20 and 8']
    """

    schema: str = "provenance-features/1"
    encoding: str = "o200k_base"
    passage_tokens: int = 512
    min_tokens: int = 8
    strip_markdown: bool = False
    word_bits: int = 19
    shape_bits: int = 16
    word_order: int = 2
    shape_order: int = 3
    opening: int = 20
    long_opening: int = 80
    ending: int = 30
    frequency_bits: int = 20

    @property
    def n_word_features(self) -> int:
        """Number of buckets of the ``words`` family; shape buckets follow."""
        return 1 << self.word_bits

    @property
    def n_features(self) -> int:
        """Number of buckets of both families."""
        return self.n_word_features + (1 << self.shape_bits)

    def differences(self, other: FeatureSpec) -> list[str]:
        """Fields in which two specs differ, each with both values."""
        mine, others = asdict(self), asdict(other)
        return [
            f"{name}: {mine[name]} and {others[name]}"
            for name in mine
            if mine[name] != others[name]
        ]

    @classmethod
    def from_dict(cls, values: object) -> FeatureSpec:
        """Read a spec from JSON; raise `InputError` where a field is missing, foreign or absurd."""
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(values) != names:
            raise InputError(
                "the feature spec is not one of this version",
                expected=f"the fields {sorted(names)}",
            )
        for field in fields(cls):
            if type(values[field.name]) is not type(field.default):
                raise InputError(
                    f"the feature spec's {field.name} is {_kind(values[field.name])}",
                    expected=_kind(field.default),
                )
        spec = cls(**values)
        if spec.schema != cls().schema:
            raise InputError(
                f"the feature spec is {spec.schema[:60]!r}", expected=repr(cls().schema)
            )
        for name, (lowest, highest) in _BOUNDS.items():
            if not lowest <= getattr(spec, name) <= highest:
                raise InputError(
                    f"the feature spec's {name} is out of bounds",
                    expected=f"{lowest} to {highest}",
                )
        return spec


@dataclass(frozen=True, slots=True)
class Rows:
    """Hashed counts of passages in row form (the arrays of a CSR matrix).

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_passages + 1,)
    indices : ndarray of uint32, shape (n_entries,)
    counts : ndarray of uint8, shape (n_entries,), saturating at 255
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.uint32]
    counts: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def take(self, rows: NDArray[np.int64]) -> Rows:
        """The given rows, in the given order."""
        lengths = np.diff(self.indptr)[rows]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        offsets = np.arange(indptr[-1]) - np.repeat(indptr[:-1] - self.indptr[rows], lengths)
        return Rows(indptr, self.indices[offsets], self.counts[offsets])

    @classmethod
    def concatenate(cls, parts: Sequence[Rows]) -> Rows:
        """All rows of the parts, one part behind the other."""
        lengths = [np.diff(part.indptr) for part in parts]
        indptr = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum().astype(np.int64)
        return cls(
            indptr,
            np.concatenate([np.empty(0, np.uint32), *(part.indices for part in parts)]),
            np.concatenate([np.empty(0, np.uint8), *(part.counts for part in parts)]),
        )

    def sorted(self) -> Rows:
        """The same rows with the indices of each in ascending order."""
        row = np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.indptr))
        order = np.lexsort((self.indices, row))
        return Rows(self.indptr, self.indices[order], self.counts[order])

    def scales(self, spec: FeatureSpec, families: Sequence[str]) -> NDArray[np.float32]:
        """What each family's log counts are multiplied by so that a row has length 1.

        Returns
        -------
        ndarray of float32, shape (n_passages, 2)
            Zero for a family that is left out.
        """
        from provenance._kernels import row_norms

        inverse: NDArray[np.float32] = row_norms(
            self.indptr, self.indices, log_counts(), self.counts, spec.n_word_features
        )
        return inverse * family_factors(families)

    def matrix(self, spec: FeatureSpec, families: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Rows of length 1 as a sparse matrix, shape (n_passages, n_features), float32."""
        import scipy.sparse

        scales = self.scales(spec, families)
        lengths = np.diff(self.indptr)
        is_shape = (self.indices >= spec.n_word_features).astype(np.int64)
        values = (
            log_counts()[self.counts] * scales[np.repeat(np.arange(len(self)), lengths), is_shape]
        )
        shape = (len(self), spec.n_features)
        result = scipy.sparse.csr_matrix(
            (values, self.indices.astype(np.int32), self.indptr), shape=shape
        )
        result.eliminate_zeros()
        return result


@dataclass(frozen=True, slots=True)
class FeatureBatch:
    """Features of the passages of some documents.

    Parameters
    ----------
    rows : Rows
    statistics : ndarray of float32, shape (n_passages, len(STATISTICS))
    document : ndarray of int64, shape (n_passages,)
        Position of the passage's document in the batch.
    passage_tokens : ndarray of int64, shape (n_passages,)
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

    rows: Rows
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


@lru_cache(maxsize=1)
def log_counts() -> NDArray[np.float32]:
    """``log(1 + count)`` for every count that a row can hold."""
    return np.log1p(np.arange(256)).astype(np.float32)


def family_factors(families: Sequence[str]) -> NDArray[np.float32]:
    """What words and shapes of unit length are multiplied by, so that both together have it.

    Examples
    --------
    >>> family_factors(["words"]).tolist()
    [1.0, 0.0]
    """
    used = np.array(["words" in families, "shape" in families])
    factors: NDArray[np.float32] = used.astype(np.float32) / np.float32(np.sqrt(used.sum()))
    return factors


def text_hash(text: str) -> int:
    """64 bits of BLAKE2b over the UTF-8 form of a text.

    Examples
    --------
    >>> text_hash("a") == text_hash("a"), text_hash("a") == text_hash("b")
    (True, False)
    """
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


_SENTENCE_END: Final = re.compile(r"[.!?。！？][\"'”’)\]]*\s|\n|[。！？]")


def passages(text: str, n_tokens: int, passage_tokens: int) -> list[str]:
    """Cut a long document into passages of about equal length, at ends of sentences.

    A document of up to one and a half times ``passage_tokens`` stays whole.

    Examples
    --------
    >>> passages("One two. Three four. Five six. ", 8, 4)
    ['One two. Three four. ', 'Five six. ']
    """
    n_passages = 1 if 2 * n_tokens <= 3 * passage_tokens else round(n_tokens / passage_tokens)
    if n_passages <= 1 or len(text) < 2 * n_passages:
        return [text]
    step = len(text) / n_passages
    cuts = [0]
    for number in range(1, n_passages):
        cuts.append(_cut(text, round(number * step), int(step / 3), cuts[-1]))
    cuts.append(len(text))
    return [text[start:end] for start, end in pairwise(cuts) if end > start]


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
    from provenance._kernels import character_tables, plain_n_grams

    code_points = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    starts, ends, hashes = plain_n_grams(code_points, *character_tables(), order)
    n_words = len(starts)
    places = [
        (int(starts[first]), int(ends[first + length]))
        for length in range(order)
        for first in range(n_words - length)
    ]
    return [
        (start, end, value) for (start, end), value in zip(places, hashes.tolist(), strict=True)
    ]


def extract(
    texts: Sequence[str], spec: FeatureSpec, frequency: NDArray[np.uint32] | None = None
) -> FeatureBatch:
    """Normalise, count tokens, cut and hash some documents.

    Parameters
    ----------
    texts : sequence of str
    spec : FeatureSpec
    frequency : ndarray of uint32, shape (2 ** spec.frequency_bits,), optional
        Number of passages that hold a word n-gram, added to in place.

    Examples
    --------
    >>> batch = extract(["one two three four five six seven eight", "short"], FeatureSpec())
    >>> len(batch.rows), batch.too_short.tolist()
    (1, [False, True])
    """
    clean, repairs, disguised = _normalised(texts, spec)
    n_tokens = count_tokens(clean, load_encoding(spec.encoding))
    pieces, document, edges = _cut_all(clean, n_tokens, spec)
    rows, statistics, word_hash = _count(pieces, edges, spec, frequency)
    characters = np.array([len(piece) for piece in pieces], np.float64)
    whole = np.bincount(document, characters, minlength=len(clean))
    tokens = np.maximum(
        1, np.rint(n_tokens[document] * characters / np.maximum(1, whole[document]))
    )
    return FeatureBatch(
        rows=rows,
        statistics=statistics,
        document=document,
        passage_tokens=tokens.astype(np.int64),
        n_tokens=n_tokens,
        text_hash=np.array([text_hash(text) for text in clean], np.uint64),
        cluster_hash=_fold_hashes(word_hash, document, len(clean)),
        texts=tuple(clean),
        repairs=repairs,
        disguised=disguised,
    )


def _normalised(
    texts: Sequence[str], spec: FeatureSpec
) -> tuple[list[str], dict[str, int], NDArray[np.bool_]]:
    clean: list[str] = []
    repairs: dict[str, int] = {}
    disguised = np.zeros(len(texts), bool)
    for position, text in enumerate(texts):
        result = normalize(text, strip_markdown=spec.strip_markdown)
        clean.append(result.text)
        for name, count in result.repairs.items():
            repairs[name] = repairs.get(name, 0) + count
            disguised[position] |= name in DISGUISES
    return clean, repairs, disguised


def _cut_all(
    texts: Sequence[str], n_tokens: NDArray[np.int64], spec: FeatureSpec
) -> tuple[list[str], NDArray[np.int64], NDArray[np.uint8]]:
    pieces: list[str] = []
    document: list[int] = []
    edges: list[int] = []
    for position, (text, tokens) in enumerate(zip(texts, n_tokens.tolist(), strict=True)):
        if tokens < spec.min_tokens:
            continue
        parts = passages(text, tokens, spec.passage_tokens)
        pieces.extend(parts)
        document.extend([position] * len(parts))
        marks = [0] * len(parts)
        marks[0] |= 1
        marks[-1] |= 2
        edges.extend(marks)
    return pieces, np.array(document, np.int64), np.array(edges, np.uint8)


def _count(
    pieces: Sequence[str],
    edges: NDArray[np.uint8],
    spec: FeatureSpec,
    frequency: NDArray[np.uint32] | None,
) -> tuple[Rows, NDArray[np.float32], NDArray[np.uint64]]:
    from provenance._kernels import character_tables, feature_rows

    code_points = np.frombuffer("".join(pieces).encode("utf-32-le", "replace"), np.uint32)
    bounds = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64)
    layout = np.array(
        [
            *(spec.word_bits, spec.shape_bits, spec.word_order, spec.shape_order),
            *(spec.opening, spec.long_opening, spec.ending, spec.frequency_bits),
        ],
        np.int64,
    )
    table = np.empty(0, np.uint32) if frequency is None else frequency
    result: Any = feature_rows(code_points, bounds, edges, *character_tables(), layout, table)
    indptr, indices, counts, statistics, word_hash = result
    return Rows(indptr, indices, counts), statistics, word_hash


def _fold_hashes(
    word_hash: NDArray[np.uint64], document: NDArray[np.int64], n_documents: int
) -> NDArray[np.uint64]:
    """One hash a document from those of its passages, in their order."""
    result = np.zeros(n_documents, np.uint64)
    starts = np.flatnonzero(np.diff(document, prepend=-1))
    ends = np.append(starts[1:], len(document))[: len(starts)]
    for start, end in zip(starts, ends, strict=True):
        state = 0
        for value in word_hash[start:end].tolist():
            state = (state * 0x9E3779B97F4A7C15 + value) & 0xFFFFFFFFFFFFFFFF
        result[document[start]] = state
    return result
