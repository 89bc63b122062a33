"""Attribute files as dolma's mixer reads them, written without dolma.

A file ``documents/a.jsonl.gz`` gets ``attributes/NAME/a.jsonl.gz``, of the same rows in the same
order. dolma keeps five digits of a score, so that a p-value is written as ``-log10``.
"""

from __future__ import annotations

import gzip
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from provenance.corpus.document import ROW_LIMIT
from provenance.errors import InputError
from provenance.files.aside import written_aside
from provenance.matching.scorer import RowTally, Scorer, in_batches

__all__ = ["write_attributes"]

_TYPE: Final = "minus_log10_p"


def write_attributes(
    scorer: Scorer, documents: str | os.PathLike[str], experiment: str = "provenance"
) -> tuple[Path, RowTally]:
    """Write the attributes of one file of documents.

    Parameters
    ----------
    scorer : Scorer
    documents : path
        JSON lines, plain or ``.gz``, in or below a folder called ``documents``.
    experiment : str
        The folder of the attributes.

    Returns
    -------
    Path, RowTally

    Raises
    ------
    InputError
        Where a line is no document of dolma's: then nothing is written.
    """
    path = Path(documents)
    target = _beside(path, experiment)
    tally = RowTally()
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(target) as raw:
        packed = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) if path.suffix == ".gz" else raw
        for rows in in_batches(_rows(path)):
            table = scorer.score_batch([row["text"] for row in rows])
            tally += RowTally.of(table)
            found = table.to_pylist()
            for row, scores in zip(rows, found, strict=True):
                packed.write(orjson.dumps(_attributes(scorer, row, scores, experiment)) + b"\n")
        if packed is not raw:
            packed.close()
    return target, tally


def _beside(path: Path, experiment: str) -> Path:
    places = [place for place, part in enumerate(path.parts[:-1]) if part == "documents"]
    if not places:
        raise InputError(
            "the file is in no folder called documents",
            where=os.fspath(path),
            expected="dolma's layout, .../documents/a.jsonl.gz",
        )
    at = places[-1]
    return Path(*path.parts[:at], "attributes", experiment, *path.parts[at + 1 :])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            number = 0
            while line := file.readline(ROW_LIMIT):
                number += 1
                yield _row(line, f"{path}:{number}")
    except (OSError, EOFError) as error:
        raise InputError(f"cannot be read ({error})", where=os.fspath(path)) from None


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or "id" not in row:
        raise InputError("the line is no document", where=where, expected='{"id", "text", ...}')
    return row


def _attributes(
    scorer: Scorer, row: dict[str, Any], scores: dict[str, Any], experiment: str
) -> dict[str, Any]:
    found = {}
    for name in scorer.candidates:
        p_value = scores[f"p[{name}]"]
        spans = [] if p_value is None else [[0, len(row["text"]), round(-math.log10(p_value), 5)]]
        found[f"{experiment}__{name}__{_TYPE}"] = spans
    told = {"id": row["id"], "attributes": found}
    return {**told, "source": row["source"]} if "source" in row else told
