"""A source measured: additive counts, a bounded sample of feature rows, and its readable n-grams.

All of it adds: a shard's fingerprint merged with another shard's is the fingerprint of both.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.features import last_hashes
from provenance.features.hashes import text_hash
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS, STYLE, style
from provenance.fingerprint.file import fields_sha256, read_fields, write_fields
from provenance.fingerprint.opened import LATER, CheckedFiles, LaterFields, opened_fields
from provenance.fingerprint.sample import DEFAULT_LIMITS, N_LENGTHS, Limits, SampledDocuments
from provenance.words import visible

__all__ = [
    "Fingerprint",
    "frequency_slots",
    "held_labels",
    "merge",
    "require_same_spec",
]


@dataclass(frozen=True, slots=True, repr=False)
class Fingerprint:
    """What was measured of one source.

    Parameters
    ----------
    name : str
    spec : FeatureSpec
    limits : Limits
    origin : tuple of str
        Paths that were read; empty where sealed.
    inputs_sha256 : tuple of str
        Hashes of the files that were read, in ascending order; kept where sealed.
    sealed : bool
        Whether everything readable was left out.
    n_documents, n_too_short, n_passages, n_tokens : int
        Over all documents read; passages are those of documents that are long enough.
    repairs : dict of str to int
    sums, squares : ndarray of int64, shape (len(STATISTICS),)
        Sums over all passages of the token statistics and of their squares.
    lengths : ndarray of int64, shape (32,)
        Documents by the binary logarithm of their number of tokens.
    frequency : ndarray of uint32, shape (2 ** spec.frequency_bits,)
        In how many passages the word n-grams of each slot stand.
    sample : SampledDocuments
    readable : tuple of str
        Word n-grams that stand in at least 5 documents and 3 groups of the sample.
    domains : tuple of str
        Domain labels of the sample; empty where sealed.
    segments : dict of str to (int, int)
        Of rows that were split: how many documents of each segment were read, and how many of
        these are too short. Empty where rows are whole.
    """

    name: str
    spec: FeatureSpec
    limits: Limits = DEFAULT_LIMITS
    origin: tuple[str, ...] = ()
    inputs_sha256: tuple[str, ...] = ()
    sealed: bool = False
    n_documents: int = 0
    n_too_short: int = 0
    n_passages: int = 0
    n_tokens: int = 0
    repairs: Mapping[str, int] = field(default_factory=dict)
    sums: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(STATISTICS), np.int64))
    squares: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(STATISTICS), np.int64))
    lengths: NDArray[np.int64] = field(default_factory=lambda: np.zeros(N_LENGTHS, np.int64))
    frequency: NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    sample: SampledDocuments = field(default_factory=SampledDocuments.empty)
    readable: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    segments: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    _sha256: str | None = field(default=None, init=False, repr=False, compare=False)
    _later: LaterFields | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def empty(cls, name: str, spec: FeatureSpec, limits: Limits = DEFAULT_LIMITS) -> Fingerprint:
        """The fingerprint of no text: what a merge leaves unchanged."""
        return cls(name, spec, limits, frequency=np.zeros(1 << spec.frequency_bits, np.uint32))

    @property
    def statistics(self) -> dict[str, float]:
        """Figures of `features.statistics.style` of the mean passage, and three of the whole."""
        found = style(self.sums, self.n_passages).tolist()
        figures = dict(zip(STYLE, found, strict=True))
        return {
            "tokens_a_document": self.n_tokens / max(1, self.n_documents),
            "repetition": 1 - figures["type_token_ratio"],
            "rank_frequency_slope": rank_frequency_slope(self.frequency),
            **figures,
        }

    def rates(self, ngrams: Sequence[str]) -> NDArray[np.float64]:
        """Share of the passages that hold each n-gram, shape (len(ngrams),)."""
        return self._rates(frequency_slots(ngrams, self.spec))

    def _rates(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        later = self._later
        counts = self.frequency[slots] if later is None else later.counts_at(slots)
        return counts / max(1, self.n_passages)

    @property
    def sha256(self) -> str:
        """Hash of all arrays, in hexadecimal; names and paths are not in it.

        Examples
        --------
        >>> a, b = (Fingerprint.empty(name, FeatureSpec()) for name in "ab")
        >>> a.sha256 == b.sha256
        True
        """
        if self._sha256 is None:
            # Nothing of it changes, and each match asks again.
            object.__setattr__(self, "_sha256", fields_sha256(self._fields))
        assert self._sha256 is not None
        return self._sha256

    def __repr__(self) -> str:
        """What it is of: whole, it is a table of a million counts."""
        kept = f"{self.n_documents:,} documents, {self.n_tokens:,} tokens"
        return f"<Fingerprint {visible(self.name)[:80]}: {kept}>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write one file, put in place only when it is whole; equal ones give equal bytes.

        Raises
        ------
        InputError
            Where the file cannot be written or would be larger than `load` reads.

        Examples
        --------
        >>> import os, tempfile
        >>> from provenance.fingerprint.measuring import fit_fingerprint
        >>> path = os.path.join(tempfile.mkdtemp(), "a.fp")
        >>> fit_fingerprint(["one two three four five six seven eight"], "a").save(path)
        >>> Fingerprint.load(path).n_documents
        1
        """
        write_fields(path, self._fields)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Fingerprint:
        """Read a file that `save` wrote; nothing in it is trusted.

        Raises
        ------
        InputError
            Where the file is missing, is something else, is of another version or is damaged.
        """
        return cls._read(path, rows_later=False)

    @classmethod
    def opened(
        cls, path: str | os.PathLike[str], checked: CheckedFiles | None = None
    ) -> Fingerprint:
        """The same as `load`, its feature rows unpacked when they are first looked at.

        They are nearly all of the work, and a match against a cached panel never looks.

        Parameters
        ----------
        path : path
        checked : CheckedFiles, optional
            Files that were found whole before: of one that is among them no array is read before
            it is looked at.

        Raises
        ------
        InputError
            As of `load`; what is wrong with the rows is told when they are looked at.
        """
        if checked is None:
            return cls._read(path, rows_later=True)
        values, sha256 = opened_fields(path, checked)
        later = values.pop("later", None)
        found = cls(**values)
        for name in LATER if later is not None else ():
            object.__delattr__(found, name)
        object.__setattr__(found, "_later", later)
        object.__setattr__(found, "_sha256", sha256)
        return found

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """An array that was left in its file."""
            if name not in LATER or self._later is None:
                raise AttributeError(name)
            value = self._later.value(name)
            object.__setattr__(self, name, value)
            return value

    @classmethod
    def _read(cls, path: str | os.PathLike[str], *, rows_later: bool) -> Fingerprint:
        values, sha256 = read_fields(path, rows_later=rows_later)
        found = cls(**values)
        object.__setattr__(found, "_sha256", sha256)
        return found

    @property
    def _fields(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self) if item.init}

    def telling(self, others: Sequence[Fingerprint]) -> list[tuple[str, float, float]]:
        """Readable n-grams more frequent here than elsewhere, the most telling first.

        Ordered by how many standard errors the rate here lies above the mean of theirs.

        Returns
        -------
        list of (n-gram, rate here, mean rate of the others)
        """
        if not self.readable:
            return []
        # Collisions in the table of frequencies can take a rate above 1.
        slots = frequency_slots(self.readable, self.spec)
        own = np.minimum(1.0, self._rates(slots))
        rest = np.minimum(1.0, np.mean([other._rates(slots) for other in others], axis=0))
        noise = own * (1 - own) / max(1, self.n_passages)
        noise += rest * (1 - rest) / max(1, min(other.n_passages for other in others))
        lead = (own - rest) / np.sqrt(noise + 1e-6)
        order = np.argsort(-lead, kind="stable").tolist()
        return [
            (self.readable[place], float(own[place]), float(rest[place]))
            for place in order
            if lead[place] > 0
        ]

    def of_segment(self, segment: str) -> Fingerprint:
        """What was measured of one segment: its stored rows, and the counts that these tell.

        How often words stand in it is not kept apart, so that nothing readable is told of it.

        Raises
        ------
        InputError
            Where rows were not split.
        """
        if not self.segments:
            raise InputError(
                f"the fingerprint {self.name!r} is of whole rows",
                expected="rows that were split into segments",
                remedy="Make it again with provenance fingerprint --segments",
            )
        kept = self.sample.take(np.flatnonzero(self.sample.segment_hash == text_hash(segment)))
        n_documents, n_short = self.segments.get(segment, (0, 0))
        weight = kept.multiplicity[kept.document]
        statistics = kept.statistics.astype(np.int64) * weight[:, None]
        lengths = np.minimum(N_LENGTHS - 1, np.frexp(kept.n_tokens.astype(float))[1])
        return replace(
            self,
            n_documents=n_documents,
            n_too_short=n_short,
            n_passages=int(weight.sum()),
            n_tokens=int((kept.n_tokens * kept.multiplicity).sum()),
            sums=statistics.sum(axis=0),
            squares=(statistics * kept.statistics.astype(np.int64)).sum(axis=0),
            lengths=np.bincount(lengths, kept.multiplicity, N_LENGTHS).astype(np.int64),
            frequency=np.zeros_like(self.frequency),
            sample=kept,
            readable=(),
            domains=held_labels(self.domains, kept),
            segments={},
        )

    def seal(self) -> Fingerprint:
        """The same fingerprint without anything readable."""
        return replace(self, origin=(), readable=(), domains=(), sealed=True)


def frequency_slots(ngrams: Sequence[str], spec: FeatureSpec) -> NDArray[np.int64]:
    """Slot of the frequency table that each n-gram counts in, shape (len(ngrams),).

    Raises
    ------
    InputError
        Where a text holds no word.
    """
    shift = 64 - spec.frequency_bits
    found = []
    for text, value in zip(ngrams, last_hashes(ngrams, spec.word_order), strict=True):
        if value is None:
            raise InputError(f"{text[:60]!r} is not an n-gram", expected="at least one word")
        found.append(value >> shift)
    return np.array(found, np.int64)


def rank_frequency_slope(frequency: NDArray[np.uint32]) -> float:
    """Slope of log frequency over log rank of the thousand commonest n-grams (Zipf: about -1)."""
    top = np.sort(frequency[frequency > 0])[::-1][:1000].astype(np.float64)
    if len(top) < 2:
        return 0.0
    return float(np.polyfit(np.log(np.arange(1, len(top) + 1)), np.log(top), 1)[0])


def held_labels(domains: Iterable[str], sample: SampledDocuments) -> tuple[str, ...]:
    """Labels that some document of the sample has, so that their number is bounded too."""
    held = {*sample.domain_hash.tolist()}
    return tuple(sorted(label for label in domains if text_hash(label) in held))


def merge(first: Fingerprint, second: Fingerprint) -> Fingerprint:
    """Two fingerprints as one: associative, commutative, `Fingerprint.empty` changes nothing.

    The readable n-grams are those that either part shows.

    Raises
    ------
    InputError
        Where the specs differ; the message names the fields.
    """
    require_same_spec([first, second])
    limits = first.limits.meet(second.limits)
    sample = SampledDocuments.concatenate([first.sample, second.sample]).bounded(limits)
    sealed = first.sealed or second.sealed
    result = Fingerprint(
        name=" + ".join(sorted({*first.name.split(" + "), *second.name.split(" + ")} - {""})),
        spec=first.spec,
        limits=limits,
        origin=tuple(sorted({*first.origin, *second.origin})),
        inputs_sha256=tuple(sorted({*first.inputs_sha256, *second.inputs_sha256})),
        n_documents=first.n_documents + second.n_documents,
        n_too_short=first.n_too_short + second.n_too_short,
        n_passages=first.n_passages + second.n_passages,
        n_tokens=first.n_tokens + second.n_tokens,
        repairs=dict(sorted((Counter(first.repairs) + Counter(second.repairs)).items())),
        sums=first.sums + second.sums,
        squares=first.squares + second.squares,
        lengths=first.lengths + second.lengths,
        frequency=first.frequency + second.frequency,
        sample=sample,
        readable=tuple(sorted({*first.readable, *second.readable})),
        domains=held_labels({*first.domains, *second.domains}, sample),
        segments=_added(first, second),
    )
    return result.seal() if sealed else result


def _added(first: Fingerprint, second: Fingerprint) -> dict[str, tuple[int, int]]:
    """Counts of both by segment; rows that were split and whole ones are no one measure."""
    if first.n_documents and second.n_documents and bool(first.segments) != bool(second.segments):
        whole, split = sorted((first, second), key=lambda one: bool(one.segments))
        raise InputError(
            f"the rows of {split.name!r} were split into segments, and those of {whole.name!r}"
            " were not",
            expected="all or none",
            remedy="Make them again with the same options",
        )
    found = {}
    for name in sorted({*first.segments, *second.segments}):
        (n, short), (m, more) = (one.segments.get(name, (0, 0)) for one in (first, second))
        found[name] = n + m, short + more
    return found


def require_same_spec(fingerprints: Sequence[Fingerprint]) -> FeatureSpec:
    """The one spec of all; raise `InputError` naming the fields where there are several."""
    first = fingerprints[0]
    for other in fingerprints[1:]:
        differences = first.spec.differences(other.spec)
        if differences:
            raise InputError(
                f"the fingerprints {first.name!r} and {other.name!r} were made with different specs"
                f" ({'; '.join(differences)})",
                expected="one spec for all",
                remedy="Make them again with the same options and version",
            )
    return first.spec
