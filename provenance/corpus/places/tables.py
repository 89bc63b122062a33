"""Rows of what is already in Python (texts, dicts, ``datasets`` objects) and of hub names."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from provenance.corpus.document import BadRow, Row
from provenance.corpus.formats import Columns, table_records
from provenance.corpus.lost import ChangedFile
from provenance.corpus.places.inputs import CHANGED, shown
from provenance.errors import InputError

__all__ = ["TableInput", "hub_tables", "is_saved", "object_tables", "saved_tables"]

_BATCH = 512
_HUB_SECONDS = 5
"""After which a hub that does not answer is not reached; a round figure."""
_SAVED = ("dataset_dict.json", "state.json", "dataset_info.json")
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


@dataclass(frozen=True, slots=True)
class TableInput:
    """A table in memory or behind ``datasets``; what it holds is hashed row by row."""

    path: str
    name: str
    records: Callable[[Columns], Iterable[object]] = field(repr=False)
    size: int | None = None

    def read(self) -> OpenedTable:
        """Begin a pass."""
        return OpenedTable(self)


class OpenedTable:
    """One pass over a table; its sha256 is of the columns and rows that were read, as JSON."""

    def __init__(self, source: TableInput) -> None:
        self._source = source
        self._hash = hashlib.sha256()
        self.position = 0

    def rows(self, columns: Columns) -> Iterator[Row]:
        """Yield the rows as JSON."""
        for number, record in enumerate(self._source.records(columns), 1):
            yield number, self._hashed(record)

    def _hashed(self, record: object) -> object:
        if isinstance(record, BadRow):
            return record
        try:
            data = orjson.dumps(record, default=_plain, option=_OPTIONS)
        except orjson.JSONEncodeError as error:
            return BadRow(f"the row cannot be written as JSON ({error})", "texts and plain values")
        self._hash.update(data + b"\n")
        self.position += len(data) + 1
        return data

    def entry(self) -> dict[str, Any]:
        """Tell path, bytes and sha256 of what was read."""
        sha256 = self._hash.hexdigest()
        return {"path": self._source.path, "bytes": self.position, "sha256": sha256}


def _plain(value: object) -> object:
    if isinstance(value, datetime.date | Decimal):
        return str(value)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        # Lists of objects, as pandas makes of the chats of a parquet file.
        return value.tolist()
    return {f"<{type(value).__name__}>": None}


def _reason(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0]
    return shown(f"{type(error).__name__}: {text}"[:300])


def object_tables(source: object) -> list[TableInput]:
    """Make tables of a ``datasets`` object, a table, or an iterable of texts or dicts.

    Raises
    ------
    InputError
        Where it is neither.
    """
    if type(source).__module__.partition(".")[0] == "datasets":
        return _dataset_tables(source, "<dataset>", "dataset")
    # Loaded where an object is given: what only helps does without.
    from provenance.corpus.places.frames import frame_rows, is_frame

    if is_frame(source):
        return [TableInput("<table>", "row", lambda columns: frame_rows(source, columns))]
    if isinstance(source, Mapping | bytes) or hasattr(source, "columns"):
        raise InputError(
            f"a {type(source).__name__} is not a corpus",
            expected="paths, texts, dicts, a DataFrame, an Arrow table or a datasets object",
            remedy="Give a list of rows, [{'text': ...}, ...]",
        )
    if not isinstance(source, Iterable):
        raise InputError(f"a {type(source).__name__} is not a corpus", expected="paths or rows")
    return [TableInput("<rows>", "row", _rows_of(source))]


def _rows_of(source: Iterable[object]) -> Callable[[Columns], Iterator[object]]:
    is_once = iter(source) is source
    used = False

    def rows(columns: Columns) -> Iterator[object]:
        nonlocal used
        if used and is_once:
            raise InputError(
                "the rows were read once and are gone",
                where="<rows>",
                remedy="Give a list or a datasets object where they are read twice",
            )
        used = True
        yield from source

    return rows


def _dataset_tables(dataset: Any, path: str, name: str) -> list[TableInput]:
    if isinstance(dataset, Mapping):
        return [
            table
            for split, part in sorted(dataset.items())
            for table in _dataset_tables(part, f"{path}:{split}", str(split))
        ]
    return [TableInput(path, name, lambda columns: _batched(dataset, columns))]


def _batched(dataset: Any, columns: Columns) -> Iterator[object]:
    """Rows by Arrow batches: nothing is decoded, no image opened."""
    names = columns(dataset.column_names) if dataset.column_names else None
    narrow = dataset if names is None else dataset.select_columns(names)
    try:
        for batch in narrow.with_format("arrow").iter(batch_size=_BATCH):
            yield from table_records(batch)
    except Exception as error:  # the library raises what its builders and filesystems raise
        yield BadRow(f"datasets stopped reading ({_reason(error)})", "a whole dataset")


def is_saved(path: str) -> bool:
    """Whether a folder was written by ``save_to_disk``."""
    try:
        parts = {name: Path(path, name).is_file() for name in _SAVED}
    except OSError:  # a name that is too long
        return False
    return parts["dataset_dict.json"] or (parts["state.json"] and parts["dataset_info.json"])


def saved_tables(path: str) -> list[TableInput]:
    """Open a folder written by ``save_to_disk``.

    Raises
    ------
    InputError
        Where it cannot be opened.
    """
    import datasets

    before = _stamps(path)
    saved = _loaded(lambda: datasets.load_from_disk(path), path)
    return [
        replace(table, records=_at_rest(table.records, path, before))
        for table in _dataset_tables(saved, path, Path(path).name)
    ]


def _stamps(path: str) -> set[tuple[str, int, int, int]]:
    """What changes with the files of a folder."""
    found = ((str(file), file.stat()) for file in Path(path).rglob("*.arrow"))
    return {(name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in found}


def _at_rest(
    records: Callable[[Columns], Iterable[object]],
    path: str,
    before: set[tuple[str, int, int, int]],
) -> Callable[[Columns], Iterator[object]]:
    """The same records, and whether the files they stand in stayed as they were."""

    def rows(columns: Columns) -> Iterator[object]:
        yield from records(columns)
        if _stamps(path) != before:
            yield ChangedFile(*CHANGED)

    return rows


def _loaded(load: Callable[[], Any], path: str) -> Any:
    try:
        return load()
    except Exception as error:  # the library raises what its builders raise
        raise InputError(
            f"datasets cannot load it ({_reason(error)})",
            where=shown(path),
            expected="hf:NAME[@REVISION][:CONFIG][:SPLIT] or a saved folder",
        ) from error


def hub_tables(spec: str) -> list[TableInput]:
    """Open ``hf:NAME[@REVISION][:CONFIG][:SPLIT]`` as a stream; NAME may be a local folder.

    One part after the name is a configuration if there is one of that name, else a split.

    Raises
    ------
    InputError
        Where ``datasets`` cannot load it.
    """
    import datasets

    name, *parts = spec.removeprefix("hf:").split(":")
    name, _, revision = name.partition("@")
    if not name or len(parts) > 2 or not all(parts):
        raise InputError(
            "the hub name cannot be read",
            where=shown(spec),
            expected="hf:NAME[@REVISION][:CONFIG][:SPLIT]",
        )
    if is_saved(name):
        loaded = _loaded(lambda: datasets.load_from_disk(name), spec)
        return _saved_split(loaded, spec, parts)
    if not os.path.exists(name) and not name.startswith((".", "/")):
        _require_hub(spec)
    found = _loaded(lambda: _load_stream(name, revision or None, parts), spec)
    return _dataset_tables(found, spec, parts[-1] if parts else Path(name).name)


def _require_hub(spec: str) -> None:
    """Refuse at once where nobody answers: ``datasets`` asks for half a minute and tells each try.

    Raises
    ------
    InputError
    """
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        reason: object = "HF_HUB_OFFLINE is set"
    else:
        try:
            urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=_HUB_SECONDS).close()
        except HTTPError:
            return  # it answers
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
        else:
            return
    raise InputError(
        f"the hub {shown(constants.ENDPOINT)} cannot be reached ({shown(str(reason))[:120]})",
        where=shown(spec),
        remedy="Go online, or name a file or folder of this machine",
    )


def _saved_split(loaded: Any, spec: str, parts: list[str]) -> list[TableInput]:
    if not parts:
        return _dataset_tables(loaded, spec, "saved")
    if len(parts) == 1 and isinstance(loaded, Mapping) and parts[0] in loaded:
        return _dataset_tables(loaded[parts[0]], spec, parts[0])
    raise InputError(f"there is no split {parts[-1]!r}", where=shown(spec))


def _load_stream(name: str, revision: str | None, parts: list[str]) -> Any:
    import datasets

    if len(parts) == 1:
        configs = datasets.get_dataset_config_names(name, revision=revision)
        parts = [parts[0]] if parts[0] in configs else [configs[0], parts[0]]
    config, split = (*parts, None, None)[:2]
    return datasets.load_dataset(name, config, split=split, revision=revision, streaming=True)
