"""Files of the data: a folder for each collection, a file of rows for each of its sources."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from provenance.errors import InputError

__all__ = ["ENDING", "Collection", "existing", "rows_of", "source_files"]

ENDING: Final = ".jsonl.gz"


@dataclass(frozen=True, slots=True)
class Collection:
    """Texts by several sources, and which of them a table takes.

    Parameters
    ----------
    folder : str
        In the folder of the data.
    first, step : int
        Of the files in the order of their names: the first, and then every so manieth.
    """

    folder: str
    first: int = 0
    step: int = 1

    def files(self, data: Path) -> dict[str, Path]:
        """The files that it takes, by source; InputError where the folder holds none."""
        found = [*source_files(data / self.folder).items()]
        return dict(found[self.first :: self.step])


def source_files(folder: Path) -> dict[str, Path]:
    """The file of each source in a folder, in the order of the files' names.

    Raises
    ------
    InputError
        Where there is none.

    Examples
    --------
    >>> source_files(Path("no-such-folder"))
    Traceback (most recent call last):
    provenance.errors.InputError: no-such-folder: it holds no .jsonl.gz. Expected a file a source.
    """
    found = sorted(folder.glob(f"*{ENDING}"))
    if not found:
        raise InputError(f"it holds no {ENDING}", where=str(folder), expected="a file a source")
    return {path.name.removesuffix(ENDING): path for path in found}


def existing(path: Path) -> Path:
    """A file that is there.

    Raises
    ------
    InputError
        Where it is not.
    """
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), remedy="Name the data's folder")
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Rows of a source, as they stand in its file."""
    with gzip.open(existing(path)) as lines:
        return [orjson.loads(line) for line in lines]
