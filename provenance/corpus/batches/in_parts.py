"""A run over a corpus batch by batch in a folder: what shards share, and what a broken run left.

A partial holds what was made of one batch: numbers, no text. It is renamed into place, so that one
that is there is whole. The documents are read again when all are put together, by the same code
as in a run of one piece, so that its results are those of that run to the bit; each partial
carries a hash of the documents that it was made of.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from provenance.corpus.batches.batches import map_batches
from provenance.corpus.document import Document
from provenance.corpus.places.inputs import shown
from provenance.errors import InputError
from provenance.files.archive import is_unpacked
from provenance.files.aside import write_aside
from provenance.files.places import require_folder, unwritable
from provenance.version import __version__

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = [
    "RUN_FILE",
    "KeptParts",
    "Numbered",
    "Shard",
    "ShardDone",
    "numbered",
    "opened_parts",
    "remove_partials",
    "run_of",
    "run_part",
]

RUN_FILE: Final = "run.json"
_SCHEMA: Final = "provenance-partials/1"
_LARGEST: Final = 1 << 30
"""Bytes of a partial, unpacked: a batch has about two million characters, and takes 1 to 20 MB."""
_LEVEL: Final = 1
"""Of zstandard: the fastest, a half of the size."""
_LARGEST_RUN: Final = 1 << 20
_MOST_SHARDS: Final = 1_000_000

Arrays = dict[str, NDArray[Any]]
Made = TypeVar("Made")
Prepared = TypeVar("Prepared")


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of a run: each ``count``-th batch, from the ``number``-th on.

    Examples
    --------
    >>> shard = Shard.read("2/3")
    >>> [shard.has(place) for place in range(6)]
    [False, True, False, False, True, False]
    """

    number: int
    count: int

    def has(self, place: int) -> bool:
        """Whether the batch of that place, counted from 0, is of this part."""
        return place % self.count == self.number - 1

    @classmethod
    def read(cls, text: str) -> Shard:
        """From how it is written, ``2/8``.

        Raises
        ------
        InputError
        """
        found = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", text)
        number, count = (int(part) for part in found.groups()) if found else (0, 0)
        if not 1 <= number <= count <= _MOST_SHARDS:
            raise InputError(
                f"--shard is {text[:30]!r}", expected="I/N, such as 2/8, with I from 1 to N"
            )
        return cls(number, count)


@dataclass(frozen=True, slots=True)
class ShardDone:
    """What one part of a run did.

    Parameters
    ----------
    n_batches : int
        Of the part.
    n_found : int
        Of these, those whose partials were there.
    """

    n_batches: int
    n_found: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """A batch, and how many came before it."""

    place: int
    documents: list[Document]

    @property
    def digest(self) -> str:
        """Hash of all that is known of its documents, but where they stand."""
        state = hashlib.blake2b(digest_size=16)
        for one in self.documents:
            told = (one.prompt, one.group, one.domain, one.date, one.segment, one.asked)
            labels = ["" if part is None else f"+{part}" for part in told]
            fields = [part for pair in sorted(one.fields.items()) for part in pair]
            for text in (one.id, one.text, *labels, *fields):
                words = text.encode("utf-8", "surrogatepass")
                state.update(len(words).to_bytes(8, "little"))
                state.update(words)
        return state.hexdigest()


@dataclass(frozen=True, slots=True)
class KeptParts:
    """The partials of one run; workers read and write them.

    Parameters
    ----------
    folder : Path
    key : str
        Of the run. Each partial has it too: folders are copied into one another, and two runs may
        begin in one at once.
    """

    folder: Path
    key: str

    def has(self, batch: Numbered) -> bool:
        """Whether what is made of a batch is there."""
        return self._path(batch).exists()

    def save(self, batch: Numbered, arrays: Mapping[str, NDArray[Any]], told: object) -> None:
        """Put a partial in place: arrays of numbers, and what JSON can tell beside them."""
        import zstandard

        made_of = {"key": self.key, "digest": batch.digest}
        header = orjson.dumps({"schema": _SCHEMA, **made_of, "told": told})
        file = io.BytesIO()
        everything: dict[str, Any] = {**arrays, "header": np.frombuffer(header, np.uint8)}
        np.savez(file, **everything)
        packer = zstandard.ZstdCompressor(_LEVEL, write_checksum=True)
        write_aside(self._path(batch), packer.compress(file.getbuffer()))

    def load(self, batch: Numbered, read: Callable[[Arrays, Any], Made]) -> Made:
        """What a partial holds.

        Parameters
        ----------
        batch : Numbered
        read : callable
            Makes it of what `save` was given; whatever it raises, the partial is damaged.

        Raises
        ------
        InputError
            Where it is damaged, of another run, or of other documents.
        """
        path = self._path(batch)
        try:
            arrays = _arrays(_read(path, _LARGEST))
            header = orjson.loads(arrays.pop("header").tobytes())
            # Of another run or of other documents nothing has to fit; that is told as what it is.
            is_of_run = header["key"] == self.key
            if is_of_run and header["digest"] == batch.digest:
                return read(arrays, header["told"])
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror or error})", where=os.fspath(path)
            ) from None
        except Exception as error:  # of a file that is not whole anything may be raised
            raise InputError(
                f"the partial is damaged ({type(error).__name__})",
                where=os.fspath(path),
                remedy="Delete it and run the same command again: it is made again",
            ) from None
        if not is_of_run:
            raise InputError(
                "the partial is of another run: of other sources, options or version",
                where=os.fspath(path),
                remedy="Delete it and run the same command again: it is made again",
            )
        first = batch.documents[0]
        raise InputError(
            "the corpus is not the one that the partials were made of",
            where=f"{shown(first.path)}:{first.line}",
            expected=f"the rows that {path} was made of",
            remedy="Bring the corpus back as it was, or name another folder with --partials",
        )

    def _path(self, batch: Numbered) -> Path:
        return self.folder / f"{batch.place:08d}.part"


def _arrays(packed: bytes) -> Arrays:
    import zstandard

    size = zstandard.frame_content_size(packed)
    if not 0 < size <= _LARGEST:
        raise ValueError("too large")
    plain = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST)
    with np.load(io.BytesIO(plain), allow_pickle=False) as found:
        if not is_unpacked(found.zip, len(plain)):
            raise ValueError("packed twice")
        return {name: found[name] for name in found.files}


def numbered(batches: Iterable[list[Document]], shard: Shard | None = None) -> Iterator[Numbered]:
    """Batches with their places: all, or those of one part."""
    for place, documents in enumerate(batches):
        if shard is None or shard.has(place):
            yield Numbered(place, documents)


def run_part(
    job: Callable[[Numbered, Prepared], bool],
    batches: Iterable[list[Document]],
    shard: Shard,
    *,
    prepare: Callable[[Numbered], Prepared],
    workers: int = 1,
    executor: Executor | None = None,
    progress: Callable[[], None] | None = None,
) -> ShardDone:
    """Work through the batches of one part.

    Parameters
    ----------
    job : callable
        Leaves the partial of a batch; whether it was there.
    batches : iterable of list of Document
        Of the whole corpus.
    shard : Shard
    prepare, workers, executor
        As of `map_batches`.
    progress : callable, optional
        Called after each batch.

    Examples
    --------
    >>> made = lambda batch, prepared: batch.place == 2
    >>> run_part(made, [[], [], []], Shard.read("1/2"), prepare=lambda batch: batch.place)
    ShardDone(n_batches=2, n_found=1)
    """
    mine = numbered(batches, shard)
    n_found = n_batches = 0
    for was_there in map_batches(job, mine, prepare=prepare, workers=workers, executor=executor):
        n_batches += 1
        n_found += was_there
        if progress is not None:
            progress()
    return ShardDone(n_batches, n_found)


def opened_parts(folder: Path, made_by: object, command: Sequence[str] = ()) -> KeptParts:
    """A folder of partials, made or found.

    Parameters
    ----------
    folder : Path
    made_by : object
        All that partials hang on but the documents, as JSON can tell it.
    command : sequence of str
        What the user typed, for `run_of`.

    Raises
    ------
    InputError
        Where they are of another run, or it cannot be written.
    """
    key = hashlib.sha256(orjson.dumps([_SCHEMA, __version__, made_by])).hexdigest()
    require_folder(folder, (RUN_FILE,))
    place = folder / RUN_FILE
    if place.exists():
        if _read_run(place).get("key") != key:
            raise InputError(
                "the partials there are of another run: of other sources, options or version",
                where=os.fspath(folder),
                remedy="Name another folder with --partials, or delete this one",
            )
        return KeptParts(folder.absolute(), key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, folder) from None
    run = {"schema": _SCHEMA, "key": key, "command": list(command)}
    write_aside(place, orjson.dumps(run, option=orjson.OPT_INDENT_2))
    return KeptParts(folder.absolute(), key)


def remove_partials(folder: Path) -> None:
    """Delete the partials of a folder, and the folder where nothing else stands in it."""
    made = [one for one in folder.glob("*.part") if re.fullmatch(r"[0-9]{8,}\.part", one.name)]
    for path in [folder / RUN_FILE, *made]:
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def run_of(folder: Path) -> tuple[str, ...]:
    """The command that the partials of a folder were made by.

    Raises
    ------
    InputError
        Where there is none.
    """
    place = folder / RUN_FILE
    command = _read_run(place).get("command")
    if not isinstance(command, list) or not all(isinstance(part, str) for part in command):
        raise InputError("it names no command", where=os.fspath(place))
    return tuple(command)


def _read_run(place: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(_read(place, _LARGEST_RUN))
    except FileNotFoundError:
        raise InputError(
            "there are no partials",
            where=os.fspath(place.parent),
            expected=f"a folder that a run with --partials wrote, with {RUN_FILE} in it",
        ) from None
    except OSError as error:
        told = error.strerror or error
        raise InputError(f"cannot be read ({told})", where=os.fspath(place)) from None
    except orjson.JSONDecodeError as error:
        raise InputError(f"cannot be read ({error})", where=os.fspath(place)) from None
    if not isinstance(found, dict) or found.get("schema") != _SCHEMA:
        raise InputError("these partials are of another version", where=os.fspath(place))
    return found


def _read(path: Path, limit: int) -> bytes:
    if path.exists() and not path.is_file():  # whoever opens a pipe waits for ever
        raise OSError(errno.EINVAL, "it is no file")
    with path.open("rb") as file:
        return file.read(limit)
