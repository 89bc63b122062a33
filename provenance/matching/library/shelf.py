"""A folder of fingerprints of known sources, each with what is known of it; statistics, no text.

``catalog.json`` tells the sources and the hash of each one's file; the files are called by these
hashes, so that no name that somebody gives leads to another place. A file that is not what the
catalog says is told and not used.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
import orjson
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.files.aside import write_aside
from provenance.files.json import decode, plain
from provenance.files.locks import hold_or_make
from provenance.fingerprint.fingerprint import Fingerprint

__all__ = ["By", "Entry", "Shelf", "added", "own_shelf", "shelves", "shipped_shelf"]

By = Literal["people", "model"]
_CATALOG: Final = "catalog.json"
_SCHEMA: Final = "provenance-shelf/1"
_LARGEST: Final = 64 << 20
"""Bytes of a catalog that is read; a round figure, some hundred thousand sources."""
_LOCK: Final = ".lock"
_PATIENCE: Final = 30.0
"""Seconds that another process may take to change the folder; a round figure, not tuned."""
_SHA256: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Entry:
    """A source of the library and what is known of it.

    Parameters
    ----------
    name : str
        Set of prompts and source, such as ``alpaca_eval/gpt4_0613``.
    by : {"people", "model"}
    prompts : str
        Name of the set of prompts that it answers.
    n_documents, n_tokens : int
        Of the sample.
    language : str
    source : str
        Where the text came from.
    licence : str
        What that place says of its licence.
    sha256 : str
        Of the file of the fingerprint.
    vendor, family, release : str, optional
        None where it is not known.
    """

    name: str
    by: By
    prompts: str
    n_documents: int
    n_tokens: int
    language: str
    source: str
    licence: str
    sha256: str
    vendor: str | None = None
    family: str | None = None
    release: str | None = None


@dataclass(frozen=True, slots=True)
class _Catalog:
    schema: str
    entries: tuple[Entry, ...]
    prompts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Shelf:
    """The sources of one folder.

    Parameters
    ----------
    folder : Path
    entries : tuple of Entry
        In the order of their names.
    prompts : mapping of str to tuple of str
        Hashes of the prompts of each set that its sources share, in hexadecimal.
    """

    folder: Path
    entries: tuple[Entry, ...] = ()
    prompts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Shelf:
        """Read a folder's catalog, trusting nothing; a folder without one holds no source.

        Raises
        ------
        InputError
            Where the catalog is damaged or is something else.

        Examples
        --------
        >>> Shelf.load("nothing-here").entries
        ()
        """
        place = Path(folder, _CATALOG)
        try:
            data = place.read_bytes() if place.stat().st_size <= _LARGEST else b""
        except (FileNotFoundError, NotADirectoryError):
            return cls(Path(folder))
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(place)) from None
        try:
            values = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise _broken(place, "it is no JSON") from None
        if not isinstance(values, dict) or values.get("schema") != _SCHEMA:
            raise _broken(place, "it is no catalog of sources of this version")
        try:
            catalog: _Catalog = decode(_Catalog, values, "catalog")
        except InputError as error:
            raise _broken(place, str(error).rstrip(".")) from None
        _check(catalog, place)
        entries = tuple(sorted(catalog.entries, key=lambda one: one.name))
        return cls(Path(folder), entries, dict(catalog.prompts))

    def fingerprint(self, entry: Entry) -> Fingerprint:
        """The fingerprint of a source under its name here.

        Raises
        ------
        InputError
            Where its file is missing, damaged, or not the one that the catalog tells of.
        """
        place = self._place(entry)
        try:
            data = place.read_bytes()
        except OSError:
            data = b""
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise InputError(
                f"the fingerprint of {entry.name} is missing, damaged or another one than the"
                " catalog tells of",
                where=str(place),
                remedy=f"provenance library remove {entry.name}, or install llm-provenance again",
            )
        found = Fingerprint.load(place)
        return found if found.name == entry.name else replace(found, name=entry.name)

    def with_source(
        self, entry: Entry, fingerprint: Fingerprint, hashes: Sequence[str] = ()
    ) -> Shelf:
        """Put a sealed fingerprint and what is known of it into the folder.

        Parameters
        ----------
        entry : Entry
            Its ``sha256`` and figures are told anew.
        fingerprint : Fingerprint
        hashes : sequence of str
            Of prompts that its set has beside those known of it.

        Raises
        ------
        InputError
            Where the name is taken or the folder cannot be written.
        """
        with _alone(self.folder) as now:
            return now._with_source(entry, fingerprint, hashes)

    def _with_source(self, entry: Entry, fingerprint: Fingerprint, hashes: Sequence[str]) -> Shelf:
        if any(one.name == entry.name for one in self.entries):
            raise InputError(
                f"the library holds a source called {entry.name}",
                where=str(self.folder),
                remedy=f"Name it otherwise, or provenance library remove {entry.name} first",
            )
        sealed = replace(fingerprint, name=entry.name).seal()
        aside = self.folder / f"new-{os.getpid()}.fp"
        sealed.save(aside)
        digest = hashlib.sha256(aside.read_bytes()).hexdigest()
        told = replace(
            entry,
            n_documents=len(sealed.sample),
            n_tokens=int(sealed.sample.n_tokens.sum()),
            sha256=digest,
        )
        os.replace(aside, self._place(told))
        known = {*self.prompts.get(entry.prompts, ()), *hashes}
        prompts = {**self.prompts, entry.prompts: tuple(sorted(known))} if known else self.prompts
        made = replace(
            self,
            entries=tuple(sorted((*self.entries, told), key=lambda one: one.name)),
            prompts=prompts,
        )
        made._save()
        return made

    def without_source(self, entry: Entry) -> Shelf:
        """Take a source out of the folder."""
        with _alone(self.folder) as now:
            return now._without_source(entry)

    def _without_source(self, entry: Entry) -> Shelf:
        kept = tuple(one for one in self.entries if one.name != entry.name)
        sets = {one.prompts for one in kept}
        prompts = {name: hashes for name, hashes in self.prompts.items() if name in sets}
        made = replace(self, entries=kept, prompts=prompts)
        made._save()
        if not any(one.sha256 == entry.sha256 for one in kept):
            self._place(entry).unlink(missing_ok=True)
        return made

    def hashes(self, prompts: str) -> NDArray[np.uint64]:
        """Hashes of the prompts of a set."""
        return np.array([int(one, 16) for one in self.prompts.get(prompts, ())], np.uint64)

    @cached_property
    def by_name(self) -> Mapping[str, Entry]:
        """The sources by their names."""
        return {one.name: one for one in self.entries}

    def _place(self, entry: Entry) -> Path:
        return self.folder / f"{entry.sha256[:24]}.fp"

    def _save(self) -> None:
        values: dict[str, Any] = {
            "schema": _SCHEMA,
            "entries": plain(self.entries),
            "prompts": plain(self.prompts),
        }
        data = json.dumps(values, indent=1, ensure_ascii=False, sort_keys=True)
        write_aside(self.folder / _CATALOG, f"{data}\n".encode())


@contextmanager
def _alone(folder: Path) -> Iterator[Shelf]:
    """The sources of a folder as they are now, while nobody else changes them.

    Raises
    ------
    InputError
        Where the folder cannot be written, or somebody else has been changing it all the while.
    """
    lock = folder / _LOCK
    deadline = time.monotonic() + _PATIENCE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while (held := hold_or_make(lock)) is None and time.monotonic() < deadline:
            pass  # which waits itself
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(folder)) from None
    if held is None:
        raise InputError(
            "the library is being changed by another process", where=str(folder), remedy="Try again"
        )
    try:
        yield Shelf.load(folder)
    finally:
        lock.unlink(missing_ok=True)
        held.release()


def shipped_shelf() -> Shelf:
    """The sources that ship with the package."""
    return Shelf.load(Path(__file__).with_name("sources"))


def own_shelf() -> Shelf:
    """The sources that the user added, in the user's data folder."""
    import platformdirs

    return Shelf.load(Path(platformdirs.user_data_dir("provenance", appauthor=False), "library"))


def shelves() -> tuple[Shelf, ...]:
    """The user's sources, then those that ship."""
    return own_shelf(), shipped_shelf()


def added(shelf: Shelf, entry: Entry, fingerprint: Fingerprint) -> Shelf:
    """A folder with a source that its user measured; its prompts are prompts of its set.

    Raises
    ------
    InputError
        Where the name or a note is no plain text, the name is taken, or nothing can be written.
    """
    if not entry.name.strip() or not _is_plain(entry):
        raise InputError(
            "the name or a note on the source is no plain text",
            expected="a name, and notes of one line",
        )
    hashes = np.unique(fingerprint.sample.prompt_hash)
    own = [f"{one:x}" for one in hashes.tolist() if one] if entry.by == "model" else []
    return shelf.with_source(entry, fingerprint, own)


def _check(catalog: _Catalog, place: Path) -> None:
    names = [one.name for one in catalog.entries]
    if len({*names}) < len(names):
        raise _broken(place, "it tells of two sources of one name")
    for one in catalog.entries:
        if not one.name.strip() or not _is_plain(one):
            raise _broken(place, "a source has no plain name, or a note that is none")
        if len(one.sha256) != 64 or not _SHA256.issuperset(one.sha256):
            raise _broken(place, "a source has no hash")
    for hashes in catalog.prompts.values():
        if not all(0 < len(one) <= 16 and _SHA256.issuperset(one) for one in hashes):
            raise _broken(place, "the hash of a prompt is none")


def _is_plain(entry: Entry) -> bool:
    notes = (entry.name, entry.prompts, entry.language, entry.source, entry.licence)
    known = (entry.vendor, entry.family, entry.release)
    return entry.by in get_args(By) and all((one or "").isprintable() for one in (*notes, *known))


def _broken(place: Path, what: str) -> InputError:
    return InputError(
        f"the catalog of the library cannot be used: {what}",
        where=str(place),
        remedy="Build or install it again, or put the folder away; a match does without it with"
        " --no-library",
    )
