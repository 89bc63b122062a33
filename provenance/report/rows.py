"""The rows behind a report: ``documents.parquet``, or in memory where none was written."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DOCUMENTS", "KeptRows", "read_rows"]

DOCUMENTS: Final = "documents.parquet"
_MOST_BYTES: Final = 256 * 2**20
"""Held in memory where no folder was named, about five million rows; a round figure."""


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Where the rows of a report are.

    Parameters
    ----------
    path : Path
        Where they were written, or would have been.
    data : bytes, optional
        The file itself, where no folder was named for it.
    whole_ids : bool
        Whether each id was a whole number in the corpus.
    """

    path: Path
    data: bytes | None = field(default=None, repr=False)
    whole_ids: bool = False

    @classmethod
    def held(cls, path: Path, *, whole_ids: bool) -> KeptRows | None:
        """The rows of a file that is about to go; None where there is none, or it is too large."""
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        return cls(path, path.read_bytes(), whole_ids)


def read_rows(kept: KeptRows | None, n_documents: int) -> pd.DataFrame:
    """The rows as a table, refused where they are not as many as the report tells of.

    Raises
    ------
    InputError
    """
    import pandas as pd

    if kept is None or (kept.data is None and not kept.path.is_file()):
        raise InputError(
            "the rows of this report were not kept",
            where=None if kept is None else str(kept.path),
            remedy="Match again with output=, a folder; a candidate alone has no rows",
        )
    try:
        frame = pd.read_parquet(kept.path if kept.data is None else io.BytesIO(kept.data))
    except (OSError, ValueError) as error:
        told = str(error).partition("\n")[0][:200]
        raise InputError(f"cannot be read ({told})", where=str(kept.path)) from None
    if len(frame) != n_documents:
        raise InputError(
            f"{len(frame):,} rows stand there",
            where=str(kept.path),
            expected=f"the {n_documents:,} documents of the report",
            remedy="They are of another run: match again",
        )
    if kept.whole_ids:
        frame["id"] = frame["id"].astype("int64")
    return frame
