"""A JSON header and named arrays of whole numbers in one file; knows no record of the project.

The file is a zip that ``np.load`` reads without pickle. ``header`` holds the JSON. Every other
array holds whole numbers as byte planes, shape (k, n) uint8, because planes deflate well: number
``i`` is ``sum(planes[j, i] << 8 * j for j in range(k))``. Equal content gives equal bytes, and
reading trusts nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.files.aside import write_aside
from provenance.files.pointer import POINTER

__all__ = [
    "MOST_NUMBERS",
    "Broken",
    "Kind",
    "explained",
    "is_unpacked",
    "joined",
    "planes_of",
    "planes_sha256",
    "read",
    "read_planes",
    "split",
    "write",
]

LARGEST: Final = 1 << 30
LONGEST_HEADER: Final = 64 << 20
MOST_NUMBERS: Final = 1 << 26
_LARGEST_DIRECTORY: Final = 1 << 14
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_NPY: Final = re.compile(
    rb"\x93NUMPY\x01\0(..)\{'descr': '\|u1', 'fortran_order': False,"
    rb" 'shape': \((\d{1,12}),(?: (\d{1,12}))?\), \} *\n",
    re.DOTALL,
)
_MAGICS: Final = (
    (POINTER, "a pointer of Git LFS, which git lfs pull replaces by the file"),
    (b"PK", "a zip archive that is not whole or not of this kind"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"PAR1", "a parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x93NUMPY", "a numpy array"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    Parameters
    ----------
    schema : str
        ``family/version``; the header's ``schema`` has to be equal to it.
    called : str
        As messages name it, such as ``fingerprint (.fp)``.
    arrays : tuple of str
        Names of the arrays, in their order.
    remedy : str
        What to do where a file is damaged.
    optional : tuple of str
        Arrays behind these that a file may lack.
    """

    schema: str
    called: str
    arrays: tuple[str, ...]
    remedy: str
    optional: tuple[str, ...] = ()


class Broken(Exception):  # noqa: N818  (`explained` makes an InputError of it, with the path)
    """What is wrong with a file's content, and what was expected."""

    def __init__(self, what: str, expected: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected


@contextmanager
def explained(path: str | os.PathLike[str], kind: Kind) -> Iterator[None]:
    """Turn whatever a damaged or hostile file raises into one `InputError` with its path."""
    expected: str | None = f"a {kind.called}"
    remedy: str | None = None
    try:
        yield
        return
    except FileNotFoundError:
        what = "there is no such file"
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
    except Broken as error:
        what, expected, remedy = error.what, error.expected, kind.remedy
    except InputError as error:
        what, expected, remedy = error.what, error.expected, error.remedy or kind.remedy
    except _UNREADABLE as error:
        what, remedy = f"the file is damaged ({type(error).__name__})", kind.remedy
    raise InputError(what, where=os.fspath(path), expected=expected, remedy=remedy) from None


def split(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    """Whole numbers of one dimension as byte planes, as few as the largest needs.

    Examples
    --------
    >>> split(np.array([1, 258])).tolist()
    [[1, 2], [0, 1]]
    """
    wide = numbers.astype("<u8")
    n_planes = max(1, -(-int(wide.max(initial=0)).bit_length() // 8))
    return np.ascontiguousarray(wide.view(np.uint8).reshape(len(wide), 8).T[:n_planes])


def planes_sha256(planes: Mapping[str, NDArray[np.uint8]]) -> str:
    """Hash of names, types, shapes and bytes, in hexadecimal."""
    digest = hashlib.sha256()
    for name, array in planes.items():
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def write(
    path: str | os.PathLike[str],
    kind: Kind,
    header: Mapping[str, object],
    planes: Mapping[str, NDArray[np.uint8]],
) -> None:
    """Write header and planes, with their hash, aside and then into place.

    Raises
    ------
    InputError
        Where the file cannot be written or would be larger than `read` reads.
    """
    place = Path(path)
    if place.is_dir():
        raise InputError("is a folder", where=str(place), expected="the name of a file")
    whole = {**header, "schema": kind.schema, "sha256": planes_sha256(planes)}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode("ascii")
    size = len(text) + sum(array.nbytes + 128 for array in planes.values())
    widest = max(array.shape[1] for array in planes.values())
    if len(text) > LONGEST_HEADER or size > LARGEST or widest > MOST_NUMBERS:
        raise InputError(
            f"{size >> 20} MiB are too large for one {kind.called}",
            where=str(place),
            expected=f"at most {LARGEST >> 20} MiB and {MOST_NUMBERS} entries",
            remedy="Lower --rows or --row-tokens",
        )
    write_aside(place, _zipped({"header": np.frombuffer(text, np.uint8), **planes}))


def _zipped(arrays: Mapping[str, NDArray[np.uint8]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # else the bytes would depend on the platform
            stored = io.BytesIO()
            np.lib.format.write_array(stored, array, version=(1, 0), allow_pickle=False)
            archive.writestr(entry, stored.getvalue(), compresslevel=6)
    return target.getvalue()


def read(
    path: str | os.PathLike[str], kind: Kind
) -> tuple[dict[str, Any], dict[str, NDArray[np.uint64]]]:
    """Read what `write` wrote; to be called inside `explained`.

    Returns
    -------
    header : dict
        Any JSON object with the right schema and the right hash of the arrays.
    numbers : dict of str to ndarray of uint64
        Of one dimension each, at most 2**26 long.
    """
    header, planes = read_planes(path, kind)
    return header, {name: joined(name, planes.pop(name)) for name in [*planes]}


def read_planes(
    path: str | os.PathLike[str], kind: Kind
) -> tuple[dict[str, Any], dict[str, NDArray[np.uint8]]]:
    """The same as `read`, with the byte planes of each array: `joined` makes numbers of them."""
    with open(path, "rb") as file:
        return planes_of(file, kind)


def planes_of(
    file: IO[bytes], kind: Kind, wanted: Collection[str] | None = None
) -> tuple[dict[str, Any], dict[str, NDArray[np.uint8]]]:
    """The same of a file that is open.

    Parameters
    ----------
    file : binary file
    kind : Kind
    wanted : collection of str, optional
        The arrays that are read, without their hash, which is of all: for files whose very bytes
        were read whole before. All of them, unless told.
    """
    _check_container(file, kind)
    with zipfile.ZipFile(file) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        _check_entries(entries, kind)
        header = _header(_array(archive, entries["header.npy"], 1), kind)
        names = [*kind.arrays, *(one for one in kind.optional if f"{one}.npy" in entries)]
        if [*entries] != ["header.npy", *(f"{name}.npy" for name in names)]:
            raise Broken(f"the arrays are not those of a {kind.called}")
        planes = {
            name: _array(archive, entries[f"{name}.npy"], 2)
            for name in names
            if wanted is None or name in wanted
        }
    if wanted is None and planes_sha256(planes) != header.get("sha256"):
        raise Broken("the arrays do not have the hash that the header gives")
    return header, planes


def is_unpacked(archive: zipfile.ZipFile, size: int) -> bool:
    """Whether all entries of a zip of that many bytes lie in it as they are, no larger than it."""
    entries = archive.infolist()
    stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
    return stored and sum(entry.file_size for entry in entries) <= size


def _check_container(file: IO[bytes], kind: Kind) -> None:
    """Refuse what is not a plain small-directoried zip before a library parses it."""
    file.seek(0)
    start = file.read(len(POINTER))
    size = file.seek(0, os.SEEK_END)
    if not size or size > LARGEST:
        raise Broken("the file is too large" if size else "the file is empty", f"a {kind.called}")
    file.seek(max(0, size - 42))
    tail = file.read(42)
    end = tail[-22:]
    # A zip64 locator could announce another directory than the end record does.
    whole = start[:4] == b"PK\x03\x04" and end[:4] == b"PK\x05\x06" and tail[:4] != b"PK\x06\x07"
    if not whole or int.from_bytes(end[12:16], "little") > _LARGEST_DIRECTORY or any(end[20:]):
        found = next((of for magic, of in _MAGICS if start.startswith(magic)), "another file")
        raise Broken(f"this is not a {kind.called} but {found}")
    file.seek(0)


def _check_entries(entries: Mapping[str, zipfile.ZipInfo], kind: Kind) -> None:
    if "header.npy" not in entries:
        raise Broken(f"this is not a {kind.called} but another zip archive", f"a {kind.called}")
    for entry in entries.values():
        if entry.compress_type != zipfile.ZIP_DEFLATED or entry.flag_bits:
            raise Broken("the file is packed in another way than this version packs")
    if entries["header.npy"].file_size > LONGEST_HEADER:
        raise Broken("the header is too large", f"at most {LONGEST_HEADER >> 20} MiB")
    if sum(entry.file_size for entry in entries.values()) > LARGEST:
        raise Broken("the arrays are too large", f"at most {LARGEST >> 20} MiB")


def _array(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, n_dimensions: int
) -> NDArray[np.uint8]:
    """Read one entry; takes no more memory than it declares, and evaluates nothing."""
    name = entry.filename.removesuffix(".npy")
    data = archive.read(entry)
    found = _NPY.match(data)
    if found is None or int.from_bytes(found[1], "little") + 10 != found.end():
        raise Broken(f"the array {name} is not one of bytes in numpy's format 1.0")
    shape = tuple(int(size) for size in found.groups()[1:] if size is not None)
    flat = np.frombuffer(data, np.uint8, offset=found.end())
    if len(shape) != n_dimensions or math.prod(shape) != len(flat) or shape[-1] > MOST_NUMBERS:
        raise Broken(f"the array {name} is not of the shape that it declares")
    return flat.reshape(shape)


def _header(stored: NDArray[np.uint8], kind: Kind) -> dict[str, Any]:
    if len(stored) > LONGEST_HEADER:
        raise Broken("the header is too large", f"at most {LONGEST_HEADER >> 20} MiB")
    try:
        header = json.loads(stored.tobytes())
    except (ValueError, RecursionError):
        raise Broken("the header is not JSON") from None
    if not isinstance(header, dict) or not isinstance(header.get("schema"), str):
        raise Broken("the header names no schema", kind.schema)
    _check_schema(header["schema"], kind)
    return header


def _check_schema(schema: str, kind: Kind) -> None:
    family, _, version = schema.partition("/")
    if schema == kind.schema:
        return
    if family == kind.schema.partition("/")[0] and version.isdecimal():
        raise InputError(
            f"the file was made by another version ({schema[:60]!r})",
            expected=kind.schema,
            remedy=kind.remedy if _is_older(version, kind) else _update_or(kind),
        )
    raise Broken(f"this is not a {kind.called} but {schema[:60]!r}", kind.schema)


def _is_older(version: str, kind: Kind) -> bool:
    # No version of ours has so many digits, and Python refuses to read thousands.
    return len(version) < 9 and int(version) < int(kind.schema.partition("/")[2])


def _update_or(kind: Kind) -> str:
    return f"Update llm-provenance, or {kind.remedy[0].lower()}{kind.remedy[1:]}"


def joined(name: str, planes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Numbers of an array of one dimension from its byte planes, undoing `split`.

    Examples
    --------
    >>> joined("sums", split(np.array([1, 258]))).tolist()
    [1, 258]
    """
    if not 1 <= len(planes) <= 8:
        raise Broken(f"the array {name} has {len(planes)} byte planes", "1 to 8")
    numbers: NDArray[np.uint64] = planes[0].astype(np.uint64)
    for place in range(1, len(planes)):
        numbers |= planes[place].astype(np.uint64) << np.uint64(8 * place)
    return numbers
