"""Files that belong together: written into a folder aside, and put in place when all are whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from provenance.errors import InputError
from provenance.files import leftovers
from provenance.files.aside import put_in_place
from provenance.files.claims import claimed
from provenance.files.places import errors_named, require_folder, unwritable

__all__ = ["passing_folder", "written_together"]


@contextmanager
def written_together(output: str | os.PathLike[str], names: Sequence[str]) -> Iterator[Path]:
    """A folder to write files into; they replace those of the output where the block ends well.

    It stands in the output, which may be a disk of its own, or beside it where there is none yet.
    An old file that the block did not write again is removed: it would belong to nothing.

    Parameters
    ----------
    output : path
        A folder; made where it is missing.
    names : sequence of str
        What may be written.

    Raises
    ------
    InputError
        Where nothing can be written to the output, before any work or in the middle of it, where
        another run writes there, or somebody wrote there meanwhile.

    Examples
    --------
    >>> place = Path(tempfile.mkdtemp(), "out")
    >>> with written_together(place, ["a", "b"]) as folder:
    ...     _ = (folder / "a").write_text("one")
    >>> [path.name for path in place.iterdir()]
    ['a']
    """
    require_folder(output, names)
    place = Path(output)
    beside = _beside(place)
    with claimed(place, names) as claim, passing_folder(place, beside) as folder:
        yield folder
        claim.check()
        with errors_named(place):
            place.mkdir(parents=True, exist_ok=True)
            for name in names:
                if (folder / name).exists():
                    put_in_place(folder / name, place / name)
                else:
                    (place / name).unlink(missing_ok=True)


def _beside(output: Path) -> Path:
    if output.is_dir():
        return output.absolute()
    parent = output.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, output) from error
    return parent


@contextmanager
def passing_folder(
    told: str | os.PathLike[str] | None = None, parent: Path | None = None
) -> Iterator[Path]:
    """A folder that is gone afterwards; errors of the system in it are told of another place.

    Parameters
    ----------
    told : path, optional
        What a user knows; the folder of temporary files, unless told.
    parent : Path, optional
        What it stands in; the folder of temporary files, unless told.

    Raises
    ------
    InputError
        Where nothing can be written there.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(leftovers.passing_folder(parent))
        except OSError as error:
            raise unwritable(error, told or tempfile.tempdir or "TMPDIR") from error
        place = told or folder.parent
        try:
            yield folder
        except OSError as error:
            if _stands_in(error.filename, folder):
                raise unwritable(error, place) from error
            raise
        except InputError as error:
            if _stands_in(error.where, folder):
                raise InputError(error.what, where=os.fspath(place), remedy=error.remedy) from error
            raise


def _stands_in(name: object, folder: Path) -> bool:
    return isinstance(name, str | bytes) and Path(os.fsdecode(name)).is_relative_to(folder)
