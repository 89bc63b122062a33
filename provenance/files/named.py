"""Files that names, folders and globs stand for."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol, Self, TypeAlias, TypeVar

from provenance.errors import InputError

__all__ = ["Given", "GivenOne", "loaded", "loaded_one", "named_files", "named_one", "refuse_empty"]


class _Loadable(Protocol):
    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self: ...


T = TypeVar("T", bound=_Loadable)
_Path: TypeAlias = str | os.PathLike[str]
GivenOne: TypeAlias = T | _Path
"""Something, or the name of its file."""
Given: TypeAlias = T | _Path | Iterable[T | _Path]
"""Something, the name of its file or of a folder of such files, or several of these."""

_KIND: Final = {".fp": "fingerprint", ".idx": "log index"}


def refuse_empty(name: str) -> None:
    """Refuse what a variable of a shell that holds nothing makes of a path.

    Raises
    ------
    InputError
    """
    if not name:
        raise InputError(
            "an empty name was given for a file or a folder",
            expected="a path",
            remedy="Write . for the current folder",
        )


def named_files(names: Sequence[str], suffix: str) -> list[str]:
    """Files that names, folders and globs stand for, each once.

    A name that is neither a folder nor a glob stands for itself, whether it is there or not.

    Parameters
    ----------
    names : sequence of str
    suffix : {".fp", ".idx"}
        Of the files of a folder that are meant.

    Raises
    ------
    InputError
        Where a folder or a glob holds no such file, or a name is empty.

    Examples
    --------
    >>> named_files(["api.fp", "./api.fp", "other.fp"], ".fp")
    ['./api.fp', 'other.fp']
    """
    for name in names:
        refuse_empty(name)
    found = [path for name in names for path in _files_at(name, suffix)]
    return list({os.path.realpath(path): path for path in found}.values())


def named_one(name: str, suffix: str) -> str:
    """The one file that a name, a folder or a glob stands for.

    Raises
    ------
    InputError
        Of `named_files`, and where there are several.
    """
    paths = named_files([name], suffix)
    if len(paths) > 1:
        raise InputError(
            f"it holds {len(paths)} {_KIND[suffix]}s",
            where=name,
            expected=f"one {_KIND[suffix]}, of one source",
            remedy="Name the file",
        )
    return paths[0]


def _files_at(name: str, suffix: str) -> list[str]:
    if os.path.isdir(name):
        found = sorted(str(path) for path in Path(name).glob(f"*{suffix}"))
    elif glob.has_magic(name) and not os.path.exists(name):
        found = sorted(glob.glob(name, recursive=True))
    else:
        return [name]
    if not found:
        raise InputError(
            f"it holds no {_KIND[suffix]}", where=name, expected=f"files called *{suffix}"
        )
    return found


def loaded(
    given: Given[T], kind: type[T], suffix: str, load: Callable[[str], T] | None = None
) -> list[T]:
    """What is given ready, then what stands in the files that are named.

    Parameters
    ----------
    given : instance of `kind`, path, or iterable of these
        A path is as in `named_files`.
    kind : type
        With a ``load``.
    suffix : {".fp", ".idx"}
    load : callable, optional
        What reads a file, where it is not ``load``.

    Raises
    ------
    InputError
        Of `named_files` and of ``load``, and where something else is given.
    """
    items: Iterable[T | str | os.PathLike[str]]
    items = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    ready: list[T] = []
    names: list[str] = []
    for item in items:
        if isinstance(item, (str, os.PathLike)):
            names.append(os.fspath(item))
        elif isinstance(item, kind):
            ready.append(item)
        else:
            raise InputError(
                f"a {type(item).__name__} was given for a {_KIND[suffix]}",
                expected=f"a {kind.__name__}, the name of its file, or several of these",
            )
    return ready + [(load or kind.load)(path) for path in named_files(names, suffix)]


def loaded_one(given: GivenOne[T], kind: type[T], suffix: str) -> T:
    """What is given ready, or what stands in the file that is named; see `loaded`."""
    if isinstance(given, (str, os.PathLike)):
        return kind.load(named_one(os.fspath(given), suffix))
    return loaded([given], kind, suffix)[0]
