"""N-grams that a fingerprint may show: those of several documents and groups, as they read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.features import n_gram_arrays
from provenance.fingerprint.fingerprint import Fingerprint, frequency_slots

if TYPE_CHECKING:
    from provenance.fingerprint.sample import SampledDocuments

__all__ = ["ngrams_of_enough", "readable"]

_DOCUMENTS: Final = 5
_GROUPS: Final = 3
_MOST: Final = 20_000
_OWN_SLOT: Final = 0.5


def readable(
    texts: Mapping[int, str], sample: SampledDocuments, counted: Fingerprint
) -> tuple[str, ...]:
    """N-grams as they read, where enough documents and groups hold them.

    One that shares its slot of the frequency table with a commoner one is left out: its rate
    would be the other's.

    Parameters
    ----------
    texts : mapping of int to str
        By their hash; those of the first documents of the sample.
    sample : SampledDocuments
    counted : Fingerprint
        With the frequency table of all documents.
    """
    owner = np.where(sample.group_hash != 0, sample.group_hash, sample.cluster_hash)
    held = [texts[value] for value in takewhile(texts.__contains__, sample.text_hash.tolist())]
    found = ngrams_of_enough(held, owner[: len(held)], counted.spec.word_order)
    common = sorted(found, key=lambda ngram: (-found[ngram], ngram))[:_MOST]
    slots = frequency_slots(common, counted.spec)
    rates = counted.frequency[slots] / max(1, counted.n_passages)
    own = np.array([found[ngram] / max(1, len(texts)) for ngram in common])
    return tuple(sorted(np.array(common, object)[own >= _OWN_SLOT * rates].tolist()))


def ngrams_of_enough(texts: Sequence[str], owner: NDArray[np.uint64], order: int) -> dict[str, int]:
    """Each n-gram of enough documents and groups, and how many documents hold it.

    Parameters
    ----------
    texts : sequence of str
    owner : ndarray of uint64, shape (n_texts,)
        The group of each text.
    order : int
        Longest n-grams.

    Examples
    --------
    >>> texts = ["One two.", "one  TWO!", "one two", "a ten", "one two", "one two"]
    >>> sorted(ngrams_of_enough(texts, np.array([1, 1, 2, 2, 2, 3], np.uint64), 2).items())
    [('one', 5), ('one two', 5), ('two', 5)]
    """
    from provenance.fingerprint.readable_kernels import read_alike, small_letters

    columns, unhashed = [], []
    for number, text in enumerate(texts):
        firsts, lasts, _ = n_gram_arrays(text, order)
        code_points = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
        hashes = read_alike(code_points, firsts, lasts, small_letters())
        places = np.flatnonzero(hashes == 0).tolist()
        unhashed.append({_shown(text[firsts[place] : lasts[place]]) for place in places})
        hashes, at = np.unique(hashes, return_index=True)
        columns.append((hashes, np.full(len(at), number), firsts[at], lasts[at]))
    found = dict(_by_string(unhashed, owner.tolist()))
    if not columns:
        return found
    hashes, numbers, firsts, lasts = map(np.concatenate, zip(*columns, strict=True))
    rank = np.argsort(hashes)
    starts = np.flatnonzero(np.diff(hashes[rank], prepend=~hashes[rank[:1]]))
    counts = np.diff(starts, append=len(rank))
    for run in np.flatnonzero(counts >= _DOCUMENTS).tolist():
        own = rank[starts[run] : starts[run] + counts[run]]
        one = own[0]
        if hashes[one] and len({*owner[numbers[own]].tolist()}) >= _GROUPS:
            found[_shown(texts[numbers[one]][firsts[one] : lasts[one]])] = len(own)
    return found


def _by_string(texts: Sequence[Set[str]], owner: Sequence[int]) -> Iterator[tuple[str, int]]:
    """The same where each text is the n-grams that it holds."""
    documents: Counter[str] = Counter()
    owners: dict[str, set[int]] = {}
    for ngrams, group in zip(texts, owner, strict=True):
        documents.update(ngrams)
        for ngram in ngrams:
            known = owners.setdefault(ngram, set())
            if len(known) < _GROUPS:
                known.add(group)
    for ngram, count in documents.items():
        if count >= _DOCUMENTS and len(owners[ngram]) >= _GROUPS:
            yield ngram, count


def _shown(ngram: str) -> str:
    return " ".join(ngram.lower().split())
