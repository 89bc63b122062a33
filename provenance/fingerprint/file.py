"""The fields of a fingerprint as one file: a JSON header and arrays, readable with numpy alone.

Feature rows are stored by feature, the rarest first, because that deflates best: in how many rows
a feature stands (``feature_rows``, differences), its bucket (``features``, ascending among equally
rare ones: the first, then differences), which rows (``rows``, ascending: the first, then
differences) and how often (``counts``). The frequency table is stored alike, without zeros.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from operator import ge
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS
from provenance.files import archive
from provenance.files.archive import MOST_NUMBERS, Broken, Kind, joined
from provenance.files.json import decode, plain
from provenance.fingerprint.later import LaterRows
from provenance.fingerprint.sample import (
    DOCUMENT_COLUMNS,
    N_LENGTHS,
    NO_DATE,
    Limits,
    SampledDocuments,
)

__all__ = [
    "FREQUENCIES",
    "KIND",
    "ROWS",
    "Numbers",
    "fields_of",
    "fields_sha256",
    "frequencies_of",
    "read_fields",
    "rows_of",
    "sample_of",
    "table_of",
    "told_of",
    "whole_of",
    "write_fields",
]

ROWS: Final = ("feature_rows", "features", "rows", "counts")
"""Arrays of the feature rows, most of a file."""
FREQUENCIES: Final = ("frequency_slots", "frequency_counts")
"""Arrays of the frequency table."""
_OPTIONAL: Final = ("segment_hash", "asked_hash")
"""Of samples whose rows were split, or that were asked; others have the bytes they always had."""
KIND: Final = Kind(
    schema="provenance-fingerprint/2",
    called="fingerprint (.fp)",
    arrays=(
        "sums",
        "squares",
        "lengths",
        "frequency_counts",
        "frequency_slots",
        *(name for name in DOCUMENT_COLUMNS if name not in _OPTIONAL),
        "n_passages",
        "passage_tokens",
        "statistics",
        *ROWS,
    ),
    optional=_OPTIONAL,
    remedy="Make one with provenance fingerprint TEXTS --name NAME -o NAME.fp",
)
_READABLE: Final = ("origin", "domains", "readable")
_MOST_TOKENS: Final = 1 << 36  # sums over all rows stay within 64 bits

Numbers = dict[str, NDArray[np.uint64]]


def write_fields(path: str | os.PathLike[str], fields: Mapping[str, Any]) -> None:
    """Write the fields of a fingerprint as one file, put in place only when it is whole.

    Equal fields give equal bytes.

    Parameters
    ----------
    path : path
    fields : mapping of str to Any
        Every field of a `Fingerprint`, by its name.

    Raises
    ------
    InputError
        Where the file cannot be written or would be larger than `read_fields` reads.
    """
    archive.write(path, KIND, _header(fields), _planes(fields))


def read_fields(
    path: str | os.PathLike[str], *, rows_later: bool = False
) -> tuple[dict[str, Any], str]:
    """Read the fields that `write_fields` wrote; nothing in the file is trusted.

    Parameters
    ----------
    path : path
    rows_later : bool
        Whether feature rows are unpacked, and refused where they are wrong, when they are first
        looked at. The hash of all arrays is held against the header's at once.

    Returns
    -------
    fields : dict of str to Any
    sha256 : str
        Hash of the arrays, as `fields_sha256` gives it.

    Raises
    ------
    InputError
        Where the file is missing, is something else, is of another version or is damaged.

    Examples
    --------
    >>> read_fields("missing.fp")
    Traceback (most recent call last):
    provenance.errors.InputError: missing.fp: there is no such file. Expected a fingerprint (.fp).
    """
    with archive.explained(path, KIND), open(path, "rb") as file:
        return fields_of(file, path, rows_later=rows_later)
    raise AssertionError("unreachable")


def fields_of(
    file: IO[bytes], path: str | os.PathLike[str], *, rows_later: bool
) -> tuple[dict[str, Any], str]:
    """The same of a file that is open; to be called inside `archive.explained`."""
    header, planes = archive.planes_of(file, KIND)
    packed = _PackedRows(path, {name: planes.pop(name) for name in ROWS})
    numbers = {name: joined(name, planes.pop(name)) for name in [*planes]}
    told = told_of(header)
    spec: FeatureSpec = told["spec"]
    sums = {name: whole_of(name, numbers) for name in ("sums", "squares", "lengths")}
    frequency = table_of(*frequencies_of(numbers, spec), spec)
    sample = sample_of(numbers, lambda n_rows: packed.rows(n_rows, spec, later=rows_later))
    return {**told, **sums, "frequency": frequency, "sample": sample}, str(header["sha256"])


def fields_sha256(fields: Mapping[str, Any]) -> str:
    """Hash of all arrays among the fields, in hexadecimal; names and paths are not in it."""
    return archive.planes_sha256(_planes(fields))


def _header(fields: Mapping[str, Any]) -> dict[str, object]:
    return {
        "name": plain(fields["name"]),
        "spec": asdict(fields["spec"]),
        "limits": asdict(fields["limits"]),
        "sealed": fields["sealed"],
        "counts": {name: fields[name] for name in _Counts.__slots__},
        "repairs": plain(fields["repairs"]),
        "inputs_sha256": _texts(fields["inputs_sha256"]),
        **{name: _texts(fields[name]) for name in _READABLE},
        **({"segments": fields["segments"]} if fields["segments"] else {}),
    }


def _texts(values: Iterable[str]) -> list[str]:
    return sorted({plain(value) for value in values})


def _planes(fields: Mapping[str, Any]) -> dict[str, NDArray[np.uint8]]:
    sample: SampledDocuments = fields["sample"]
    frequency: NDArray[np.uint32] = fields["frequency"]
    slots = np.flatnonzero(frequency)
    _, slot_steps, slot_gaps = _grouped(slots, frequency[slots])
    numbers: dict[str, NDArray[Any]] = {
        "sums": fields["sums"],
        "squares": fields["squares"],
        "lengths": fields["lengths"],
        "frequency_counts": slot_steps,
        "frequency_slots": slot_gaps,
        **{name: getattr(sample, name) for name in DOCUMENT_COLUMNS},
        "date": sample.date.astype(np.int64) - NO_DATE,
        "n_passages": np.bincount(sample.document, minlength=len(sample)),
        "passage_tokens": sample.passage_tokens,
        "statistics": sample.statistics.T.ravel(),
        **_by_feature(sample.rows),
    }
    held = [name for name in KIND.optional if getattr(sample, name).any()]
    return {name: archive.split(numbers[name]) for name in (*KIND.arrays, *held)}


def _by_feature(rows: FeatureRows) -> dict[str, NDArray[Any]]:
    """The rows turned on their side, features in the order of `_grouped`.

    Features are below ``2 ** 32`` and few of them stand in a spec, so they are counted, not sorted.
    """
    from scipy.sparse import csr_matrix

    n_rows = np.bincount(rows.indices)
    features = np.flatnonzero(n_rows)
    order, steps, gaps = _grouped(features, n_rows[features])
    place = np.empty(len(n_rows), np.int64)
    place[features[order]] = np.arange(len(features))
    shape = (len(rows), len(features))
    turned = csr_matrix((rows.counts, place[rows.indices], rows.indptr), shape).tocsc()
    starts = np.zeros(turned.nnz, np.bool_)
    starts[turned.indptr[:-1]] = True
    return {
        "feature_rows": steps,
        "features": gaps,
        "rows": _gaps(turned.indices.astype(np.int64), starts),
        "counts": turned.data,
    }


def _grouped(
    keys: NDArray[Any], sizes: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Order by size, then key; differences of the sizes, and of the keys of one size."""
    order = np.lexsort((keys, sizes))
    ascending = sizes[order].astype(np.int64)
    steps: NDArray[np.int64] = ascending - np.concatenate([[0], ascending[:-1]])
    return order, steps, _gaps(keys[order].astype(np.int64), steps > 0)


def _gaps(values: NDArray[np.int64], starts: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Differences of neighbours; where a run starts, the value itself."""
    return np.where(starts, values, np.diff(values, prepend=0))


@dataclass(frozen=True, slots=True)
class _Counts:
    n_documents: int
    n_too_short: int
    n_passages: int
    n_tokens: int


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    spec: Mapping[str, Any]
    limits: Limits
    origin: tuple[str, ...]
    inputs_sha256: tuple[str, ...]
    sealed: bool
    counts: _Counts
    repairs: Mapping[str, int]
    domains: tuple[str, ...]
    readable: tuple[str, ...]
    segments: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def _checked(values: Mapping[str, object]) -> _Header:
    header: _Header = decode(_Header, values, "header")
    numbers = [*asdict(header.counts).values(), *asdict(header.limits).values()]
    numbers += [number for counts in header.segments.values() for number in counts]
    if not all(0 <= number < 1 << 62 for number in (*numbers, *header.repairs.values())):
        raise Broken("a number in the header is out of bounds", "0 or more")
    if any(n_short > n for n, n_short in header.segments.values()):
        raise Broken("more documents of a segment are too short than there are")
    if not header.name.strip():
        raise Broken("the fingerprint has no name")
    for name in ("inputs_sha256", *_READABLE):
        found = getattr(header, name)
        # Without a lone surrogate, and each text once: what `_texts` gives.
        if plain("".join(found)) != "".join(found) or any(map(ge, found, found[1:])):
            raise Broken(f"the header's {name} is not in ascending order")
    if header.sealed and any(getattr(header, name) for name in _READABLE):
        raise Broken("the fingerprint says that it is sealed and holds readable text")
    return header


@dataclass(frozen=True, slots=True)
class _PackedRows:
    """Feature rows as the file holds them."""

    path: str | os.PathLike[str]
    planes: Mapping[str, NDArray[np.uint8]]

    def rows(self, n_rows: int, spec: FeatureSpec, *, later: bool) -> FeatureRows:
        unpack = partial(self._unpacked, n_rows, spec.n_features)
        return LaterRows(n_rows, self.planes["rows"].shape[1], unpack) if later else unpack()

    def _unpacked(self, n_rows: int, n_features: int) -> FeatureRows:
        with archive.explained(self.path, KIND):
            numbers = {name: joined(name, planes) for name, planes in self.planes.items()}
            return rows_of(numbers, n_rows, n_features)
        raise AssertionError("unreachable")


def told_of(values: Mapping[str, object]) -> dict[str, Any]:
    """The fields that a header tells."""
    header = _checked(values)
    return dict(
        name=header.name,
        spec=FeatureSpec.from_dict(dict(header.spec)),
        limits=header.limits,
        origin=header.origin,
        inputs_sha256=header.inputs_sha256,
        sealed=header.sealed,
        **asdict(header.counts),
        repairs=dict(sorted(header.repairs.items())),
        readable=header.readable,
        domains=header.domains,
        segments=dict(sorted(header.segments.items())),
    )


def whole_of(name: str, numbers: Numbers) -> NDArray[np.int64]:
    """One of the sums over all passages or documents."""
    return _whole(name, numbers, N_LENGTHS if name == "lengths" else len(STATISTICS))


def _whole(
    name: str, numbers: Numbers, size: int, lowest: int = 0, highest: int = 1 << 62
) -> NDArray[np.int64]:
    """Check length and bounds of an array."""
    found = numbers[name]
    if len(found) != size:
        raise Broken(f"the array {name} holds {len(found)} numbers", str(size))
    if size and not (found.min() >= lowest and found.max() <= highest):
        raise Broken(f"the array {name} holds a number out of bounds", f"{lowest} to {highest}")
    return found.astype(np.int64)


def _keys_and_sizes(
    keys_name: str, sizes_name: str, numbers: Numbers, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keys below the limit, those of one size ascending, and their sizes, 1 or more."""
    steps = _whole(sizes_name, numbers, len(numbers[sizes_name]), highest=(1 << 32) - 1)
    sizes = np.cumsum(steps)
    if len(steps) and (steps[0] < 1 or sizes[-1] >= 1 << 32):
        raise Broken(f"the array {sizes_name} is out of bounds")
    return _ascending(keys_name, numbers, steps > 0, limit), sizes


def _ungrouped(
    keys_name: str, sizes_name: str, numbers: Numbers, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same, the keys all different."""
    keys, sizes = _keys_and_sizes(keys_name, sizes_name, numbers, limit)
    if (np.diff(np.sort(keys)) < 1).any():
        raise Broken(f"the array {keys_name} names one number twice")
    return keys, sizes


def _ascending(
    name: str, numbers: Numbers, starts: NDArray[np.bool_], limit: int
) -> NDArray[np.int64]:
    """Undo `_gaps`: strictly ascending runs of numbers below the limit."""
    gaps = _whole(name, numbers, len(starts), highest=MOST_NUMBERS)
    if (gaps[~starts] < 1).any():
        raise Broken(f"the array {name} is not ascending")
    sums = np.cumsum(gaps)
    before = (sums - gaps)[starts]
    values: NDArray[np.int64] = sums - np.repeat(
        before, np.diff(np.flatnonzero(starts), append=len(starts))
    )
    if len(values) and values.max() >= limit:
        raise Broken(f"the array {name} holds a number out of bounds", f"below {limit}")
    return values


def frequencies_of(
    numbers: Numbers, spec: FeatureSpec
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Slots of the frequency table that hold something, and what."""
    return _ungrouped(*FREQUENCIES, numbers, 1 << spec.frequency_bits)


def table_of(
    slots: NDArray[np.int64], counts: NDArray[np.int64], spec: FeatureSpec
) -> NDArray[np.uint32]:
    """The frequency table."""
    table = np.zeros(1 << spec.frequency_bits, np.uint32)
    table[slots] = counts
    return table


def sample_of(numbers: Numbers, rows: Callable[[int], FeatureRows]) -> SampledDocuments:
    """The sample, its feature rows from a function of how many there are."""
    none = np.zeros(len(numbers["text_hash"]), np.uint64)
    hashes = {name: numbers.get(name, none) for name in DOCUMENT_COLUMNS if name.endswith("_hash")}
    n_documents = len(hashes["text_hash"])
    if any(len(column) != n_documents for column in hashes.values()):
        raise Broken("the columns of the documents differ in length")
    if (hashes["text_hash"][1:] <= hashes["text_hash"][:-1]).any():
        raise Broken("the hashes of the texts are not strictly ascending")
    n_passages = _whole("n_passages", numbers, n_documents, 1, MOST_NUMBERS)
    n_rows = int(n_passages.sum())
    passage_tokens = _whole("passage_tokens", numbers, n_rows, highest=_MOST_TOKENS)
    date = _whole("date", numbers, n_documents, highest=(1 << 32) - 1) + NO_DATE
    statistics = _whole("statistics", numbers, n_rows * len(STATISTICS))
    return SampledDocuments(
        **hashes,
        date=date.astype(np.int32),
        n_tokens=_whole("n_tokens", numbers, n_documents, highest=_MOST_TOKENS),
        multiplicity=_whole("multiplicity", numbers, n_documents, 1, _MOST_TOKENS),
        document=np.repeat(np.arange(n_documents), n_passages),
        passage_tokens=passage_tokens,
        statistics=statistics.reshape(len(STATISTICS), n_rows).T.astype(np.float32, order="C"),
        rows=rows(n_rows),
    )


def rows_of(numbers: Numbers, n_rows: int, n_features: int) -> FeatureRows:
    """The feature rows."""
    # Here, as it loads a compiler.
    from provenance.fingerprint.entries import FAULTS, entries_by_row

    features, sizes = _keys_and_sizes("features", "feature_rows", numbers, n_features)
    gaps, counts = numbers["rows"], numbers["counts"]
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    if bounds[-1] != len(gaps):
        raise Broken("the features do not have the rows that they say")
    if len(counts) != len(gaps):
        raise Broken(f"the array counts holds {len(counts)} numbers", str(len(gaps)))
    fault, *rows = entries_by_row(features, bounds, gaps, counts, n_rows, n_features)
    if fault:
        raise Broken(FAULTS[fault])
    return FeatureRows(*rows)
