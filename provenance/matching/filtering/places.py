"""The folder that a corpus is written into: new, and there when all of it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from provenance.corpus.formats import format_of
from provenance.errors import InputError
from provenance.files.claims import claimed
from provenance.files.places import errors_named, require_folder, unwritable
from provenance.files.together import passing_folder

__all__ = ["MANIFEST", "require_new", "whole_folder"]

MANIFEST: Final = "manifest.json"


def require_new(output: str | os.PathLike[str]) -> None:
    """Refuse an output that is there and not empty, or is named like a file.

    Parameters
    ----------
    output : path

    Raises
    ------
    InputError
        So, and where nothing can be written there.
    """
    require_folder(output)
    if format_of(os.fspath(output)) is not None and not Path(output).is_dir():
        raise InputError(
            "the output is named like a file",
            where=os.fspath(output),
            expected="a folder, for the corpus and its manifest.json",
        )
    if Path(output).is_dir() and any(Path(output).iterdir()):
        raise InputError(
            "the output is not empty",
            where=os.fspath(output),
            expected="a folder that is not there, or is empty",
        )


@contextmanager
def whole_folder(place: Path) -> Iterator[Path]:
    """A folder that is put in its place where the block ends well."""
    above = place.absolute().parent
    try:
        above.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, place) from error
    with claimed(place, [MANIFEST]) as claim, passing_folder(place, above) as folder:
        made = folder / "corpus"
        made.mkdir()
        yield made
        claim.check()
        require_new(place)
        with errors_named(place):
            if place.is_dir():
                place.rmdir()
            os.rename(made, place)
