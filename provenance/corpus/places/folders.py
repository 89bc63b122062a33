"""The files that a path, a folder, a glob or a URL stands for, and those that are passed over."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from provenance.corpus.formats import SUFFIXES, format_of
from provenance.corpus.places.inputs import (
    FileInput,
    cannot_read,
    escaped,
    missing,
    redacted,
    shown,
)
from provenance.errors import InputError
from provenance.files.named import refuse_empty

__all__ = ["Passed", "files_at"]

_NAMED: Final = 20
"""Files passed over that are named; a round figure, not tuned."""
_OWN_SUFFIXES: Final = {
    ".fp": "Fingerprints go behind --candidate, --reference or --panel",
    ".idx": "Log indexes go behind --log",
}
_ABOUT: Final = frozenset(
    "authors changelog changes citation code_of_conduct contributing contributors copying"
    " copyright credits history install license licence maintainers manifest news notice"
    " readme release_notes requirements requirements-dev security third_party_notices"
    " cmakelists robots llms version checksums md5sums sha1sums sha256sums sha512sums md5 sha256"
    " datasheet dataset_card model_card disclaimer terms terms_of_use file_list filelist".split()
)
"""Names of text files that tell of a folder, without their ending."""
_ABOUT_ALSO: Final = ("readme", "license", "licence", "copying", "notice")
"""The same, where something stands behind them: a language, the name of a licence."""
_ABOUT_JSON: Final = frozenset(
    "dataset_info dataset_infos dataset_dict state package package-lock croissant manifest"
    " datapackage dataset_description metadata _metadata meta schema stats config data_config"
    " dataset_config generation_config tokenizer_config preprocessor_config adapter_config"
    " tokenizer special_tokens_map added_tokens vocab".split()
)
"""Names of JSON files that tell of a folder, of a table, or of a model beside it."""
_PACKED: Final = tuple(".tar .tar.gz .tgz .tar.bz2 .tar.xz .tar.zst .zip .7z .rar".split())
"""Archives of several files, which nobody has read through."""
_HIDDEN: Final = "hidden"


@dataclass(slots=True)
class Passed:
    """Files of folders and globs that are not read: how many, why, and the first by name."""

    reasons: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    def add(self, path: str, why: str) -> None:
        """Count one file; hidden ones are named last."""
        self.reasons[why] += 1
        names = self.hidden if why == _HIDDEN else self.named
        if len(names) < _NAMED:
            names.append(f"{shown(path)}: {why}")

    def update(self, other: Passed) -> None:
        """Count what another path passed over too."""
        self.reasons.update(other.reasons)
        self.named += other.named
        self.hidden += other.hidden

    @property
    def count(self) -> int:
        """How many there are."""
        return self.reasons.total()

    @property
    def first(self) -> list[str]:
        """The first of them, each as ``path: why``."""
        return [*self.named, *self.hidden][:_NAMED]


def files_at(path: str | os.PathLike[str]) -> tuple[list[FileInput], Passed]:
    """Find the files that a path, glob or URL stands for, sorted, and what is passed over.

    A link to a file is followed once, a link to a folder is not: links may lead in circles. A file
    that tells of the folder, such as ``README.txt``, is read only where it is named outright.

    Raises
    ------
    InputError
        Where there is none, or a file named outright is not of a known format; where the path is
        empty, as a variable of a shell that holds nothing makes it.
    """
    location = os.fspath(path)
    refuse_empty(location)
    suffix = PurePosixPath(location.partition("?")[0]).suffix.lower()
    if suffix in _OWN_SUFFIXES:
        raise InputError(
            f"a {suffix} file is not a corpus", where=shown(location), remedy=_OWN_SUFFIXES[suffix]
        )
    passed = Passed()
    finder = _remote_files if "://" in location else _local_files
    try:
        found = finder(location, passed)
    except OSError as error:
        raise cannot_read(location, error) from error
    if not found:
        first = f" ({'; '.join(passed.first[:3])})" if passed.count else ""
        raise InputError(
            f"it holds no file of a known format{first}", where=shown(location), expected=SUFFIXES
        )
    return found, passed


def _why_passed(name: str) -> str | None:
    """Why a file of a folder is not read; None where it is."""
    if name.startswith("."):
        return _HIDDEN
    lowered = name.lower()
    form = format_of(lowered)
    if form is None:
        return "its ending is not known"
    stem, _, ending = lowered.partition(".")
    is_about = (
        (ending == "txt" and stem in _ABOUT)
        or (lowered.endswith(".txt") and re.split(r"[-_.]", stem)[0] in _ABOUT_ALSO)
        or (ending == "json" and stem in _ABOUT_JSON)
    )
    return "it tells of the folder, and is read where it is named" if is_about else None


# --- local


def _local_files(location: str, passed: Passed) -> list[FileInput]:
    path = Path(location)
    if path.is_dir():
        return _Finder(path, passed).of_folder(path)
    if path.exists():
        if path.is_fifo():
            raise _pipe(location)
        if format_of(path.name) is None or not path.is_file():
            raise _unknown(location)
        return [_local_file(path, path.name)]
    if not glob.has_magic(location):
        raise missing(location)
    return _Finder(_fixed_part(path), passed).of_glob(path)


def _pipe(location: str) -> InputError:
    return InputError(
        "it is a pipe, which can be read only once and has no name that tells its format",
        where=shown(location),
        expected="a file, which is looked at before it is read and hashed for the report",
        remedy="Write it to a file first, for example COMMAND > corpus.jsonl",
    )


def _unknown(location: str) -> InputError:
    is_packed = location.lower().partition("?")[0].endswith(_PACKED)
    return InputError(
        "the format is not known",
        where=shown(location),
        expected=SUFFIXES,
        remedy="Unpack it, and name the folder" if is_packed else None,
    )


def _fixed_part(path: Path) -> Path:
    magic = next(place for place, part in enumerate(path.parts) if glob.has_magic(part))
    return Path(*path.parts[:magic])


def _local_file(path: Path, name: str) -> FileInput:
    form = format_of(path.name)
    assert form is not None, "asked before"
    stat = path.stat()
    location = str(path)
    return FileInput(
        escaped(location), escaped(name), stat.st_size, form, location, modified=stat.st_mtime_ns
    )


class _Finder:
    """Files below one root, each of them once whatever links lead to it."""

    def __init__(self, root: Path, passed: Passed) -> None:
        self._root = root
        self._passed = passed

    def of_folder(self, folder: Path) -> list[FileInput]:
        """Files of a folder."""
        return self._files(sorted(self._below(folder)))

    def of_glob(self, pattern: Path) -> list[FileInput]:
        """Files that a glob matches, and those of folders that it matches."""
        parts = pattern.parts[len(self._root.parts) :]
        paths: set[Path] = set()
        for match in _matches(self._root, parts):
            if not match.is_dir():
                paths.add(match)
            elif match.is_symlink():
                self._passed.add(str(match), "a link to a folder")
            else:
                paths.update(self._below(match))
        return self._files(sorted(paths))

    def _below(self, folder: Path) -> Iterator[Path]:
        for parent, folders, names in os.walk(folder, onerror=_stop):
            kept = []
            for name in sorted(folders):
                path = Path(parent, name)
                if name.startswith("."):
                    self._passed.add(str(path), _HIDDEN)
                elif path.is_symlink():
                    self._passed.add(str(path), "a link to a folder")
                else:
                    kept.append(name)
            folders[:] = kept
            yield from (Path(parent, name) for name in names)

    def _files(self, paths: list[Path]) -> list[FileInput]:
        # A file comes before the links to it, so that it keeps its own name.
        real = {os.path.realpath(path) for path in paths if not path.is_symlink()}
        return [file for path in paths for file in self._file(path, real)]

    def _file(self, path: Path, real: set[str]) -> Iterator[FileInput]:
        why = _why_passed(path.name)
        if why is None and path.is_symlink():
            target = os.path.realpath(path)
            if not os.path.exists(target):
                why = "a link that leads nowhere"
            elif target in real:
                why = "a link to a file that is read"
            real.add(target)
        if why is None and not path.is_file():
            why = "not a file of bytes"
        if why is not None:
            self._passed.add(str(path), why)
            return
        yield _local_file(path, path.relative_to(self._root).as_posix())


def _stop(error: OSError) -> None:
    raise error


def _matches(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    """Paths that a pattern matches, hidden ones only where it says so.

    Not ``glob.glob``, in which ``**`` follows links, and so may never end.
    """
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        if rest[:1] == ("**",):
            yield from _matches(folder, rest)
            return
        yield from _matches(folder, rest) if rest else [folder]
        for name in _names(folder):
            inner = folder / name
            if not name.startswith(".") and inner.is_dir() and not inner.is_symlink():
                yield from _matches(inner, parts)
        return
    if not glob.has_magic(part):
        names = [part] if os.path.lexists(folder / part) else []
    else:
        names = fnmatch.filter(_names(folder), part)
        names = [name for name in names if part.startswith(".") or not name.startswith(".")]
    for name in names:
        yield from _matches(folder / name, rest)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except NotADirectoryError:
        return []


# --- remote


def _remote_files(location: str, passed: Passed) -> list[FileInput]:
    from fsspec.core import url_to_fs

    from provenance.corpus.places.remote import again

    try:
        filesystem, root = url_to_fs(location)
        return again(lambda: _found(filesystem, root, location, passed))
    except InputError:
        raise
    except Exception as error:  # a filesystem may raise its client's own errors
        raise cannot_read(location, error) from error


def _found(filesystem: Any, root: str, location: str, passed: Passed) -> list[FileInput]:
    target = location.partition("::")[0]
    is_web = target.startswith(("http:", "https:"))
    if not is_web and glob.has_magic(target):
        listed = filesystem.glob(root, detail=True)
        top = root[: re.search(r"[*?\[]", root).start()].rpartition("/")[0]  # type: ignore[union-attr]
        return _remote_listed(filesystem, listed, top, passed)
    if form := format_of(target.partition("?")[0] if is_web else target):
        size = filesystem.info(root).get("size")
        name = PurePosixPath(target.partition("?")[0]).name
        return [FileInput(redacted(location), name, size, form, root, filesystem)]
    if not filesystem.isdir(root):
        if not filesystem.exists(root):
            raise missing(location)
        raise _unknown(location)
    return _remote_listed(filesystem, filesystem.find(root, detail=True), root, passed)


def _remote_listed(
    filesystem: Any, listed: dict[str, Any], root: str, passed: Passed
) -> list[FileInput]:
    files = []
    for location, info in sorted(listed.items()):
        if info.get("type") != "file":
            continue
        name = location.removeprefix(root).lstrip("/")
        path = redacted(filesystem.unstrip_protocol(location))
        is_hidden = any(part.startswith(".") for part in name.split("/"))
        why = _HIDDEN if is_hidden else _why_passed(PurePosixPath(name).name)
        form = format_of(name)
        if why is not None or form is None:
            passed.add(path, why or "its ending is not known")
            continue
        files.append(
            FileInput(escaped(path), escaped(name), info.get("size"), form, location, filesystem)
        )
    return files
