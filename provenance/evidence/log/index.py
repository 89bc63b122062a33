"""The index of an API's own log: what it answered, to whom and when, without the answers.

What an answer is found by is told in `windows`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.evidence.log.windows import COMMON, FEWEST_TOKENS, SHINGLE_BITS
from provenance.features.hashes import text_hash
from provenance.files import archive
from provenance.files.archive import Broken, Kind
from provenance.files.mapped import open_mapped
from provenance.words import visible

__all__ = ["KIND", "NO_DAY", "LogIndex"]

NO_DAY: Final = -(2**31)
_LONGEST_ANSWER: Final = 1 << 25
_MOST_TEXTS: Final = 32
"""Texts of one window, twice what is kept: a file with more was made by nobody."""
_PIECE: Final = 1 << 22
"""Numbers of an array that are checked at once; a round figure, not tuned."""

KIND: Final = Kind(
    schema="provenance-log/1",
    called="log index (.idx)",
    arrays=(
        *("window_hashes", "window_texts", "window_directory", "filter"),
        *("shingle_remainders", "shingle_texts", "shingle_directory"),
        *("text_hashes", "text_tokens", "answer_bounds"),
        *("prompt_hashes", "accounts", "endpoints", "days"),
        *("ids", "id_bounds", "account_names", "account_bounds"),
        *("endpoint_names", "endpoint_bounds", "kept", "kept_bounds"),
    ),
    remedy="Make one with provenance index LOG -o LOG.idx",
)


@dataclass(frozen=True)
class LogIndex:
    """An index that was loaded; `index_log` makes one.

    Parameters
    ----------
    path : Path
    window : int
        Normalised tokens of a window.
    n_answers, n_texts, n_tokens : int
        Exchanges; different answers among them; normalised tokens of all answers.
    inputs_sha256 : tuple of str
        Of the files it was made from.
    arrays : dict of str to ndarray
        Mapped from the file.
    """

    path: Path
    window: int
    n_answers: int
    n_texts: int
    n_tokens: int
    inputs_sha256: tuple[str, ...]
    arrays: dict[str, NDArray[Any]] = field(repr=False)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, verify: bool = True) -> LogIndex:
        """Map an index; nothing in it is trusted.

        Parameters
        ----------
        path : path
        verify : bool
            Whether all of it is read and checked.

        Raises
        ------
        InputError
            Where the file is missing, is something else, is of another version or is damaged.

        Examples
        --------
        >>> LogIndex.load("no.idx")
        Traceback (most recent call last):
        provenance.errors.InputError: no.idx: there is no such file. Expected a log index (.idx).
        """
        with archive.explained(path, KIND):
            header, arrays = open_mapped(path, KIND, verify=verify)
            found = _index(Path(path), header, arrays)
            if verify:
                _check(found)
            return found
        raise AssertionError("unreachable")

    def __repr__(self) -> str:
        """What it holds at one look."""
        text = "with" if self.has_text else "without"
        return (
            f"<LogIndex {visible(str(self.path))[-80:]}: {self.n_answers:,} answers,"
            f" {self.n_tokens:,} words, {len(self.account_names) - 1:,} accounts, {text} their"
            " text>"
        )

    @property
    def size(self) -> int:
        """Bytes of the arrays."""
        return sum(array.nbytes for array in self.arrays.values())

    @property
    def has_text(self) -> bool:
        """Whether the answers themselves are inside."""
        return len(self.arrays["kept_bounds"]) > 1

    @cached_property
    def account_names(self) -> list[str]:
        """Names of the accounts; the first stands for an answer without one."""
        return _strings(self.arrays["account_names"], self.arrays["account_bounds"])

    @cached_property
    def endpoint_names(self) -> list[str]:
        """Names of the endpoints; the first stands for an answer without one."""
        return _strings(self.arrays["endpoint_names"], self.arrays["endpoint_bounds"])

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day of its answers; None where none has a date."""
        found = self.arrays["days"]
        dated = found[found != NO_DAY]
        if not len(dated):
            return None
        first, last = (
            np.datetime64(int(day), "D").astype(date) for day in (dated.min(), dated.max())
        )
        # A day that no calendar has comes from a file that nobody wrote.
        return (first, last) if isinstance(first, date) and isinstance(last, date) else None

    @property
    def answers_a_text(self) -> NDArray[np.int64]:
        """How many exchanges each text answers, shape (n_texts,)."""
        bounds = self.arrays["answer_bounds"].astype(np.int64)
        sizes: NDArray[np.int64] = bounds[1:] - bounds[:-1]
        return sizes

    def answers(self, text: int) -> range:
        """Numbers of the exchanges whose answer is this text."""
        bounds = self.arrays["answer_bounds"]
        return range(int(bounds[text]), int(bounds[text + 1]))

    def answer_id(self, answer: int) -> str:
        """The id that the log gave an exchange."""
        return _string(self.arrays["ids"], self.arrays["id_bounds"], answer)

    def kept_text(self, text: int) -> str | None:
        """An answer, where answers were kept."""
        import zstandard

        if not self.has_text:
            return None
        bounds = self.arrays["kept_bounds"]
        packed = self.arrays["kept"][int(bounds[text]) : int(bounds[text + 1])].tobytes()
        try:
            # One answer is at most as long as a row, so that hostile data cannot unpack to more;
            # a size that the frame tells would be believed.
            if zstandard.frame_content_size(packed) > _LONGEST_ANSWER:
                raise zstandard.ZstdError("too long")
            plain = zstandard.ZstdDecompressor().decompress(packed, _LONGEST_ANSWER)
        except zstandard.ZstdError:
            raise InputError(
                "a kept answer cannot be unpacked", where=str(self.path), remedy=KIND.remedy
            ) from None
        answer = plain.decode("utf-8", "replace")
        if text_hash(answer) != int(self.arrays["text_hashes"][text]):
            raise InputError(
                "a kept answer is not the one that was indexed",
                where=str(self.path),
                remedy=KIND.remedy,
            )
        return answer

    def find_windows(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """First entry of each window hash, -1 where the log has none."""
        from provenance.evidence.log.lookup_kernels import BLOCK_WORDS, look_up

        arrays = self.arrays
        if not len(arrays["window_hashes"]):
            return np.full(len(keys), -1, np.int64)
        found: NDArray[np.int64] = look_up(
            keys,
            arrays["filter"].reshape(-1, BLOCK_WORDS),
            _shift(arrays["window_directory"], 64),
            arrays["window_directory"],
            arrays["window_hashes"],
        )
        return found

    def similar(
        self, bounds: NDArray[np.int64], shingles: NDArray[np.uint64], most: int, floor: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The most similar texts of each document; see `lookup_kernels.similar_texts`."""
        from provenance.evidence.log.lookup_kernels import similar_texts

        arrays = self.arrays
        shift = _shift(arrays["shingle_directory"], SHINGLE_BITS) + np.uint64(32)
        found: tuple[NDArray[np.int64], NDArray[np.float32]] = similar_texts(
            *(bounds, shingles, shift, arrays["shingle_directory"], arrays["shingle_remainders"]),
            *(np.uint64(64 - SHINGLE_BITS), arrays["shingle_texts"], self.n_texts, floor, most),
        )
        return found


def _shift(directory: NDArray[Any], bits: int) -> np.uint64:
    """By how much a key of so many bits is moved to be a bucket."""
    return np.uint64(bits + 1 - (len(directory) - 1).bit_length())


def _strings(data: NDArray[np.uint8], bounds: NDArray[np.uint64]) -> list[str]:
    return [_string(data, bounds, number) for number in range(len(bounds) - 1)]


def _string(data: NDArray[np.uint8], bounds: NDArray[np.uint64], number: int) -> str:
    found = data[int(bounds[number]) : int(bounds[number + 1])]
    return found.tobytes().decode("utf-8", "replace")


def _index(path: Path, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> LogIndex:
    numbers = {name: header.get(name) for name in ("window", "n_answers", "n_texts", "n_tokens")}
    for name, value in numbers.items():
        if type(value) is not int or not 0 <= value < 1 << 48:
            raise Broken(f"the header's {name} is not a whole number")
    inputs = header.get("inputs_sha256")
    if not isinstance(inputs, list) or not all(isinstance(item, str) for item in inputs):
        raise Broken("the header's inputs_sha256 is not a list of hashes")
    if not FEWEST_TOKENS <= header["window"] <= 1 << 16:
        raise Broken("the header's window is out of bounds")
    if not header["n_texts"]:
        raise Broken("the header tells of no answer")
    found = LogIndex(path, **numbers, inputs_sha256=tuple(inputs), arrays=arrays)  # type: ignore[arg-type]
    lengths = {name: len(array) for name, array in arrays.items()}
    expected = {
        "text_hashes": found.n_texts,
        "text_tokens": found.n_texts,
        "answer_bounds": found.n_texts + 1,
        "window_texts": lengths["window_hashes"],
        "shingle_texts": lengths["shingle_remainders"],
        **dict.fromkeys(("prompt_hashes", "accounts", "endpoints", "days"), found.n_answers),
        "id_bounds": found.n_answers + 1,
    }
    for name, length in expected.items():
        if lengths[name] != length:
            raise Broken(f"the array {name} holds {lengths[name]} numbers", str(length))
    if lengths["kept_bounds"] not in (1, found.n_texts + 1):
        raise Broken("the kept texts are not as many as the answers")
    for name in ("account_bounds", "endpoint_bounds"):
        if lengths[name] < 2:
            raise Broken(f"the array {name} tells of no name")
    for name, dtype in _DTYPES.items():
        if arrays[name].dtype != np.dtype(dtype):
            raise Broken(f"the array {name} is of another type", dtype)
    for name in ("window_directory", "shingle_directory"):
        n_buckets = lengths[name] - 1
        if n_buckets < 2 or n_buckets & (n_buckets - 1):
            raise Broken(f"the array {name} has {n_buckets} buckets", "a power of two")
    if len(arrays["shingle_directory"]) - 1 < 1 << (SHINGLE_BITS - 16):
        raise Broken("the array shingle_directory has too few buckets")
    if lengths["filter"] % 8 or not lengths["filter"]:
        raise Broken("the filter is not made of whole blocks")
    return found


_DTYPES: Final = {
    **dict.fromkeys(("window_hashes", "filter", "text_hashes", "prompt_hashes"), "<u8"),
    **dict.fromkeys(("window_texts", "shingle_texts", "accounts", "endpoints"), "<u4"),
    **dict.fromkeys(("window_directory", "shingle_directory", "text_tokens"), "<u4"),
    **dict.fromkeys(("answer_bounds",), "<u4"),
    **dict.fromkeys(("id_bounds", "account_bounds", "endpoint_bounds", "kept_bounds"), "<u8"),
    **dict.fromkeys(("ids", "account_names", "endpoint_names", "kept"), "|u1"),
    "shingle_remainders": "<u2",
    "days": "<i4",
}


def _check(index: LogIndex) -> None:
    """Refuse what would make a look-up read beyond an array."""
    arrays = index.arrays
    ends = {
        "window_directory": len(arrays["window_hashes"]),
        "shingle_directory": len(arrays["shingle_remainders"]),
        "answer_bounds": index.n_answers,
        "id_bounds": len(arrays["ids"]),
        "account_bounds": len(arrays["account_names"]),
        "endpoint_bounds": len(arrays["endpoint_names"]),
        "kept_bounds": len(arrays["kept"]),
    }
    for name, end in ends.items():
        bounds = arrays[name]
        is_ascending = all((part[1:] >= part[:-1]).all() for part in _pieces(bounds, 1))
        if bounds[0] != 0 or bounds[-1] != end or not is_ascending:
            raise Broken(f"the array {name} is not ascending from 0 to {end}")
    if any((part[1:] <= part[:-1]).any() for part in _pieces(arrays["answer_bounds"], 1)):
        raise Broken("a text has no answer")
    for name, most in (
        ("accounts", len(arrays["account_bounds"]) - 1),
        ("endpoints", len(arrays["endpoint_bounds"]) - 1),
    ):
        if index.n_answers and int(arrays[name].max()) >= most:
            raise Broken(f"the array {name} holds a number out of bounds")
    for name in ("window_texts", "shingle_texts"):
        if any(((x >= index.n_texts) & (x != COMMON)).any() for x in _pieces(arrays[name])):
            raise Broken(f"the array {name} holds a number out of bounds")
    texts = arrays["window_texts"]
    for place, hashes in enumerate(_pieces(arrays["window_hashes"], _MOST_TEXTS)):
        if (hashes[1:] < hashes[:-1]).any():
            raise Broken("the array window_hashes is not ascending")
        if (hashes[_MOST_TEXTS:] == hashes[:-_MOST_TEXTS]).any():
            raise Broken("a window stands in more texts than are kept")
        of_them = texts[place * _PIECE : place * _PIECE + len(hashes)]
        same = np.flatnonzero(hashes[1:] == hashes[:-1])
        if (of_them[same] >= of_them[same + 1]).any() or (of_them[same + 1] == COMMON).any():
            raise Broken("the texts of a window are not ascending")


def _pieces(array: NDArray[Any], more: int = 0) -> Iterator[NDArray[Any]]:
    """An array a piece at a time, each with the first numbers of the next."""
    for start in range(0, len(array), _PIECE):
        yield array[start : start + _PIECE + more]
