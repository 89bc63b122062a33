"""Where rows come from: files, folders, globs and URLs, opened, read once and hashed on the way."""

from __future__ import annotations

import errno
import glob
import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from provenance.corpus.document import Row
from provenance.corpus.formats import SUFFIXES, Columns, Format, format_of, read_rows
from provenance.errors import InputError

__all__ = ["FileInput", "Input", "OpenedInput", "files_at", "redacted", "shown"]

_CHUNK = 2**20
_SHOWN = 300
_OWN_SUFFIXES = {
    ".fp": "Fingerprints go behind --candidate, --reference or --panel",
    ".idx": "Log indexes go behind --log",
}
_USER = re.compile(r"://(?:[^/@\s:]*:[^@\s]*(?:@[^/\s]*)?|[^/\s]*)@")
_QUERY = re.compile(r"[?#].*", re.DOTALL)


def redacted(path: str) -> str:
    """Hide the user, password and query of a URL.

    Examples
    --------
    >>> redacted("https://me:secret@host/a.jsonl?sig=abc")
    'https://***@host/a.jsonl?***'
    """
    if "://" not in path:
        return path
    chain = (_USER.sub("://***@", part) for part in path.split("::"))
    return "::".join(_QUERY.sub("?***", part) for part in chain)


def shown(path: str) -> str:
    """Write a path for a message: no credentials, no control characters, not too long."""
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in redacted(path))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class OpenedInput(Protocol):
    """One pass over an input."""

    def rows(self, columns: Columns) -> Iterator[Row]:
        """Yield the rows."""
        ...

    def entry(self) -> dict[str, Any]:
        """Tell path, bytes and sha256; where the pass stopped early a file is read to its end."""
        ...

    @property
    def position(self) -> int:
        """Bytes read so far."""
        ...


class Input(Protocol):
    """Something that rows are read from; ``name`` begins ids and keys the sample."""

    @property
    def path(self) -> str:
        """Where it is, without credentials."""
        ...

    @property
    def name(self) -> str:
        """Where it is within what was asked for."""
        ...

    @property
    def size(self) -> int | None:
        """Stored bytes, where known."""
        ...

    def read(self) -> OpenedInput:
        """Begin a pass."""
        ...


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file, local or on an fsspec filesystem."""

    path: str
    name: str
    size: int | None
    form: Format
    location: str = field(repr=False)
    filesystem: Any = field(default=None, repr=False)

    def read(self) -> OpenedFile:
        """Begin a pass."""
        return OpenedFile(self)

    def open(self) -> Any:
        """Open the stored bytes.

        Raises
        ------
        InputError
            Where it cannot be opened.
        """
        try:
            if self.filesystem is not None:
                return self.filesystem.open(self.location, "rb")
            return Path(self.location).open("rb")
        except Exception as error:  # a filesystem may raise its client's own errors
            raise _cannot_read(self.path, error) from error


class OpenedFile:
    """One pass over a file."""

    def __init__(self, source: FileInput) -> None:
        self._source = source
        self._raw: _HashedRaw | None = None
        self._done = 0

    def rows(self, columns: Columns) -> Iterator[Row]:
        """Yield the rows; the last is a bad row where the file breaks off."""
        with self._source.open() as stored:
            form = self._source.form
            if form.seeks:
                is_local = self._source.filesystem is None
                seekable = stored if is_local else io.BufferedReader(_Stored(stored))
                yield from read_rows(seekable, form, columns)
                self._done = self._source.size or 0
            else:
                self._raw = _HashedRaw(stored)
                yield from read_rows(self._raw, form, columns)

    @property
    def position(self) -> int:
        """Bytes read so far; of a columnar file none until its end."""
        return self._done if self._raw is None else self._raw.size

    def entry(self) -> dict[str, Any]:
        """Tell path, bytes and sha256 of the whole file."""
        raw = self._raw if self._raw is not None and self._raw.ended else self._whole()
        return {"path": self._source.path, "bytes": raw.size, "sha256": raw.hash.hexdigest()}

    def _whole(self) -> _HashedRaw:
        with self._source.open() as stored:
            raw = _HashedRaw(stored)
            buffer = bytearray(_CHUNK)
            try:
                while raw.readinto(buffer):
                    pass
            except OSError as error:
                raise _cannot_read(self._source.path, error) from error
        return raw


class _Stored(io.RawIOBase):
    """Stored bytes; whatever a remote client raises becomes an OSError."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            return int(self._stored.readinto(buffer))
        except Exception as error:
            raise OSError(_reason(error)) from error

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._stored.seek(offset, whence))


class _HashedRaw(_Stored):
    """Stored bytes in their order, hashed as they go by."""

    def __init__(self, stored: Any) -> None:
        super().__init__(stored)
        self.hash = hashlib.sha256()
        self.size = 0
        self.ended = False

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer)
        self.hash.update(memoryview(buffer)[:count])
        self.size += count
        self.ended = count == 0
        return count


def _reason(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0] or "no reason given"
    return shown(f"{type(error).__name__}: {text}"[:300])


def _cannot_read(path: str, error: Exception) -> InputError:
    is_too_long = isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
    if is_too_long or isinstance(error, FileNotFoundError):
        return _missing(path)
    remedy = "Install the package it names" if isinstance(error, ImportError) else None
    return InputError(f"it cannot be read ({_reason(error)})", where=shown(path), remedy=remedy)


def _missing(path: str) -> InputError:
    return InputError(
        "there is no such file or folder",
        where=shown(path),
        expected="a file, folder, glob, URL or hf:NAME",
        remedy="Texts themselves are given as dicts, {'text': ...}, or by a generator",
    )


def files_at(path: str | os.PathLike[str]) -> list[FileInput]:
    """Find the files that a path, glob or URL stands for, sorted; hidden ones are passed over.

    Raises
    ------
    InputError
        Where there is none, or a file named outright is not of a known format.
    """
    location = os.fspath(path)
    suffix = PurePosixPath(location.partition("?")[0]).suffix.lower()
    if suffix in _OWN_SUFFIXES:
        raise InputError(
            f"a {suffix} file is not a corpus", where=shown(location), remedy=_OWN_SUFFIXES[suffix]
        )
    try:
        found = _remote_files(location) if "://" in location else _local_files(location)
    except OSError as error:
        raise _cannot_read(location, error) from error
    if not found:
        raise InputError(
            "it holds no file of a known format", where=shown(location), expected=SUFFIXES
        )
    return found


def _unknown(location: str) -> InputError:
    return InputError("the format is not known", where=shown(location), expected=SUFFIXES)


def _local_files(location: str) -> list[FileInput]:
    path = Path(location)
    if path.is_dir():
        return _folder_files(path, path)
    if path.exists():
        file = _local_file(path, path.name)
        if file is None:
            raise _unknown(location)
        return [file]
    if not glob.has_magic(location):
        raise _missing(location)
    root = _fixed_part(location)
    # Not Path.glob, which also finds hidden files.
    matches = sorted(Path(match) for match in glob.glob(location, recursive=True))
    return [file for match in matches for file in _matched_files(match, root)]


def _matched_files(match: Path, root: Path) -> list[FileInput]:
    if match.is_dir():
        return _folder_files(match, root)
    file = _local_file(match, _relative(match, root))
    return [] if file is None else [file]


def _fixed_part(location: str) -> Path:
    parts = Path(location).parts
    magic = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:magic])


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _stop(error: OSError) -> None:
    raise error


def _folder_files(folder: Path, root: Path) -> list[FileInput]:
    paths = []
    for parent, folders, names in os.walk(folder, onerror=_stop):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [Path(parent, name) for name in names if not name.startswith(".")]
    files = (_local_file(path, _relative(path, root)) for path in sorted(paths))
    return [file for file in files if file is not None]


def _local_file(path: Path, name: str) -> FileInput | None:
    form = format_of(path.name)
    if form is None or not path.is_file():
        return None
    return FileInput(str(path), name, path.stat().st_size, form, str(path))


def _remote_files(location: str) -> list[FileInput]:
    from fsspec.core import url_to_fs

    try:
        filesystem, root = url_to_fs(location)
        return _found(filesystem, root, location)
    except InputError:
        raise
    except Exception as error:  # a filesystem may raise its client's own errors
        raise _cannot_read(location, error) from error


def _found(filesystem: Any, root: str, location: str) -> list[FileInput]:
    target = location.partition("::")[0]
    is_web = target.startswith(("http:", "https:"))
    if not is_web and glob.has_magic(target):
        listed = filesystem.glob(root, detail=True)
        top = root[: re.search(r"[*?\[]", root).start()].rpartition("/")[0]  # type: ignore[union-attr]
        return _remote_listed(filesystem, listed, top)
    if form := format_of(target.partition("?")[0] if is_web else target):
        size = filesystem.info(root).get("size")
        name = PurePosixPath(target.partition("?")[0]).name
        return [FileInput(redacted(location), name, size, form, root, filesystem)]
    if not filesystem.isdir(root):
        raise _unknown(location) if filesystem.exists(root) else _missing(location)
    return _remote_listed(filesystem, filesystem.find(root, detail=True), root)


def _remote_listed(filesystem: Any, listed: dict[str, Any], root: str) -> list[FileInput]:
    files = []
    for location, info in sorted(listed.items()):
        name = location.removeprefix(root).lstrip("/")
        form = format_of(name)
        is_hidden = any(part.startswith(".") for part in name.split("/"))
        if form is None or is_hidden or info.get("type") != "file":
            continue
        path = redacted(filesystem.unstrip_protocol(location))
        files.append(FileInput(path, name, info.get("size"), form, location, filesystem))
    return files
