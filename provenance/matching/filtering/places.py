"""The folder that a corpus is written into: new, and there when all of it is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from provenance.corpus.formats import format_of
from provenance.corpus.places.inputs import shown
from provenance.errors import InputError
from provenance.files.claims import claimed
from provenance.files.leftovers import is_passing
from provenance.files.places import errors_named, require_folder, unwritable
from provenance.files.together import passing_folder

__all__ = ["MANIFEST", "require_new", "whole_folder"]

MANIFEST: Final = "manifest.json"


def require_new(
    output: str | os.PathLike[str], corpus: Sequence[str | os.PathLike[str]] = ()
) -> None:
    """Refuse an output that is there and not empty, is named like a file or stands in the corpus.

    Parameters
    ----------
    output : path
    corpus : sequence of path
        As it was given.

    Raises
    ------
    InputError
        So, and where nothing can be written there.
    """
    place = Path(output)
    require_folder(output)
    if place.is_symlink() and not place.exists():
        raise InputError("the output is a link to nothing", where=str(place), expected="a folder")
    if format_of(os.fspath(output)) is not None and not place.is_dir():
        raise InputError(
            "the output is named like a file",
            where=os.fspath(output),
            expected="a folder, for the corpus and its manifest.json",
        )
    _require_empty(place)
    real = Path(os.path.realpath(place))
    folders = (os.fspath(one) for one in corpus if os.path.isdir(one))
    inside = (one for one in folders if real.is_relative_to(os.path.realpath(one)))
    if (around := next(inside, None)) is not None:
        raise InputError(
            "the output stands in the corpus, where it would be read as a part of it",
            where=str(place),
            expected=f"a folder outside {shown(around)}",
        )


def _require_empty(place: Path) -> None:
    if place.is_dir() and not all(is_passing(one.name) for one in place.iterdir()):
        raise InputError(
            "the output is not empty",
            where=str(place),
            expected="a folder that is not there, or is empty",
        )


@contextmanager
def whole_folder(place: Path) -> Iterator[Path]:
    """A folder whose content is put in its place where the block ends well.

    A place that is there is filled, the manifest last: it may be a disk of its own, a link, or
    where somebody stands.

    Parameters
    ----------
    place : Path

    Raises
    ------
    InputError
        Where another run writes there, or somebody wrote there meanwhile.
    """
    is_there = place.is_dir()
    beside = place.absolute() if is_there else place.absolute().parent
    try:
        beside.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, place) from error
    with claimed(place, [MANIFEST]) as claim, passing_folder(place, beside) as folder:
        made = folder / "corpus"
        made.mkdir()
        yield made
        claim.check()
        _require_empty(place)
        with errors_named(place):
            if is_there:
                _move_all(made, place)
            else:
                os.rename(made, place)


def _move_all(made: Path, place: Path) -> None:
    moved: list[str] = []
    try:
        for name in sorted(os.listdir(made), key=lambda name: name == MANIFEST):
            os.rename(made / name, place / name)
            moved.append(name)
    except BaseException:
        for name in moved:
            with suppress(OSError):
                os.rename(place / name, made / name)
        raise
