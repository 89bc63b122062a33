"""What a validation found: a record that is saved, loaded, tabled and drawn."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from provenance.errors import InputError, require_number
from provenance.files.aside import write_aside
from provenance.files.json import decode, plain
from provenance.files.together import written_together
from provenance.validation.page import figure, markdown, page
from provenance.validation.readings import (
    ListRow,
    Reading,
    TableRow,
    UsedSource,
    list_table,
    table,
)
from provenance.words import visible

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["FILES", "SCHEMA", "Validation"]

SCHEMA: Final = "provenance-validation/1"
FILE: Final = "validation.json"
FILES: Final = ("validation.html", "validation.md", FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """How far shares can be trusted, measured at known shares.

    Parameters
    ----------
    name : str
        Of the suite; ``samples`` where the samples are the user's own.
    readings : tuple of Reading
    notes : tuple of str
        What could not be tested and why.
    confidence_level : float
    version : str
    seed : int
    options : mapping of str to value
        Shares, sizes, repeats, splits and the like.
    spec : mapping of str to value
    sources : tuple of UsedSource
    seconds : float

    Examples
    --------
    >>> Validation.load("out").table()[0].error  # doctest: +SKIP
    0.004
    """

    schema: str = SCHEMA
    name: str
    readings: tuple[Reading, ...]
    notes: tuple[str, ...] = ()
    confidence_level: float
    version: str
    seed: int
    options: Mapping[str, Any]
    spec: Mapping[str, Any]
    sources: tuple[UsedSource, ...]
    seconds: float = 0.0

    def __repr__(self) -> str:
        """How much was tried; `table` has the errors."""
        return f"<Validation {visible(self.name)[:80]}: {len(self.readings):,} readings>"

    def __post_init__(self) -> None:
        # A file may say anything: at a level of 1 no score could be told.
        require_number("confidence_level", self.confidence_level, within=True)

    def table(self) -> tuple[TableRow, ...]:
        """Error, coverage, false alarms, power and width; a row for each size and share."""
        return table(self.readings, self.confidence_level)

    def list_table(self) -> tuple[ListRow, ...]:
        """Realised false-discovery rate and recall of the listed rows; a row for each share."""
        return list_table(self.readings)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each reading, with its keys as columns."""
        import pandas as pd

        columns = list(Reading.__dataclass_fields__)
        return pd.DataFrame([plain(item) for item in self.readings], columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values: everything that is held, and the tables."""
        values: dict[str, Any] = plain(self)
        return values | {"table": plain(self.table()), "list_table": plain(self.list_table())}

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write ``validation.json``, ``.html`` and ``.md`` into a folder, all or none."""
        html, tables = page(self).encode(), markdown(self).encode()
        values = orjson.dumps(self.to_dict(), option=orjson.OPT_INDENT_2) + b"\n"
        with written_together(folder, FILES) as aside:
            for name, content in zip(FILES, (html, tables, values), strict=True):
                write_aside(aside / name, content)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Validation:
        """Read a ``validation.json``, or the one in a folder; InputError says what is wrong."""
        place = Path(path)
        place = place / FILE if place.is_dir() else place
        try:
            values = orjson.loads(place.read_bytes())
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(place)) from None
        except orjson.JSONDecodeError as error:
            raise InputError(f"not JSON: {error}", where=str(place)) from None
        if not isinstance(values, dict) or values.get("schema") != SCHEMA:
            remedy = "Give a validation.json that `provenance validate` wrote"
            raise InputError("it is no validation", where=str(place), remedy=remedy)
        try:
            found: Validation = decode(cls, values, "")
        except InputError as error:
            raise InputError(error.what, where=str(place), expected=error.expected) from None
        return found

    def plot(self) -> Figure:
        """Draw readings against truth, and the coverage."""
        return figure(self)
