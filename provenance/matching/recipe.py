"""One file that says what is made of what: fingerprints, indexes and matches, made where old.

A step is out of date where its table, the version, a file that it reads or what it made is another
than when it was made last. Files are told apart by size and time, as make does.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any, Final

import orjson

from provenance.errors import InputError
from provenance.files.aside import write_json_aside
from provenance.files.json import decode, plain
from provenance.version import __version__
from provenance.words import did_you_mean, visible

__all__ = ["MAX_BYTES", "STATE", "Made", "Step", "follow", "read_recipe"]

STATE: Final = ".provenance-run.json"
MAX_BYTES: Final = 1 << 20
"""Largest recipe; a round figure."""
_OUTPUT: Final = {"fingerprint": "{}.fp", "index": "{}.idx", "match": "{}"}
_SOURCES: Final = ("candidate", "reference", "panel", "log", "decoy-log")
"""Options that may name another step."""
_FILES: Final = (*_SOURCES, "asked", "baseline", "watermark-keys")
_NAME: Final = re.compile(r"[\w-][\w.-]{0,99}")

Stamps = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """How a step was when it was made.

    Parameters
    ----------
    words : tuple of str
    version : str
    inputs, outputs : tuple of (str, int, int)
        Path, size and time of each file.
    status : int
        Exit status of the command; other than 0 where a gate fired.
    """

    words: tuple[str, ...]
    version: str
    inputs: Stamps
    outputs: Stamps
    status: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to make.

    Parameters
    ----------
    command, name, output : str
    words : tuple of str
        The command line.
    reads : tuple of str
        Paths, globs and names.
    """

    command: str
    name: str
    output: str
    words: tuple[str, ...]
    reads: tuple[str, ...]

    def made(self, status: int = 0) -> Made:
        """How it is now."""
        inputs = {stamp for path in self.reads for stamp in _stamps(path)}
        outputs = tuple(sorted(_stamps(self.output)))
        return Made(self.words, __version__, tuple(sorted(inputs)), outputs, status)


def _stamps(path: str) -> Iterator[tuple[str, int, int]]:
    """The files of a path, folder or glob; none of what is elsewhere or nowhere."""
    found = [path] if os.path.exists(path) else glob(path, recursive=True)
    for one in found:
        files = Path(one).rglob("*") if os.path.isdir(one) else (Path(one),)
        for file in files:
            if file.is_file():
                stat = file.stat()
                yield str(file), stat.st_size, stat.st_mtime_ns


def read_recipe(path: str | os.PathLike[str]) -> tuple[Step, ...]:
    """Read what is to be made, in the order in which it can be.

    Parameters
    ----------
    path : path
        TOML with tables ``[fingerprint.NAME]``, ``[index.NAME]`` and ``[match.NAME]``, each with
        ``paths`` and the options of its command without their dashes.

    Raises
    ------
    InputError
        Naming the table and the key that is wrong.
    """
    where = os.fspath(path)
    tables = _parsed(where)
    for kind in tables:
        if kind not in _OUTPUT:
            raise InputError(
                f"there is no step [{visible(kind)[:40]}]",
                where=where,
                expected=", ".join(f"[{name}.NAME]" for name in _OUTPUT),
                remedy=did_you_mean(kind, _OUTPUT),
            )
    named: dict[str, str] = {}
    for kind, form in _OUTPUT.items():
        for name, table in _of_kind(tables, kind, where):
            told = f"{where}: [{kind}.{name}]"
            if name in named:
                raise InputError(
                    "two steps have one name", where=told, expected="a name of its own"
                )
            named[name] = str(table.get("output", form.format(name)))
    steps = [
        _step(kind, name, table, named, f"{where}: [{kind}.{name}]")
        for kind in _OUTPUT
        for name, table in _of_kind(tables, kind, where)
    ]
    if not steps:
        raise InputError("nothing is to be made", where=where, expected="[match.NAME] or another")
    return tuple(steps)


def _parsed(where: str) -> dict[str, Any]:
    try:
        with open(where, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise InputError("the file is too large", where=where, expected="at most 1 MiB")
        return tomllib.loads(data.decode())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"no TOML ({visible(str(error))[:200]})", where=where) from None


def _of_kind(
    tables: Mapping[str, Any], kind: str, where: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    every = tables.get(kind, {})
    for name, table in every.items() if isinstance(every, dict) else ((kind, None),):
        told = f"{where}: [{kind}.{visible(str(name))[:40]}]"
        if not isinstance(table, dict):
            raise InputError("this is no table", where=told, expected=f"[{kind}.NAME]")
        if not _NAME.fullmatch(name):
            raise InputError(
                "this cannot be a name", where=told, expected="letters, digits, dots and dashes"
            )
        yield name, table


def _step(kind: str, name: str, table: dict[str, Any], named: dict[str, str], where: str) -> Step:
    paths = _listed("paths", table.get("paths", []), where)
    if not paths:
        raise InputError("nothing is read", where=where, expected='paths = ["FILE", ...]')
    words, reads = [kind, *(_path(one, where) for one in paths)], [*paths]
    for key, value in table.items():
        option = key.replace("_", "-")
        if option in ("paths", "output", "o"):
            continue
        if isinstance(value, bool):
            words += [f"--{option}"] if value else []
            continue
        for one in _listed(key, value, where):
            told = named.get(one, one) if option in _SOURCES else one
            words.append(f"--{option}={told}")
            reads += [told] if option in _FILES else []
    if kind == "fingerprint" and not any(word.startswith("--name=") for word in words):
        words.append(f"--name={name}")
    output = named[name]
    return Step(kind, name, output, (*words, f"--output={output}"), tuple(reads))


def _path(path: str, where: str) -> str:
    if path.startswith("-"):
        raise InputError(
            f"{visible(path)[:40]!r} would be read as an option",
            where=where,
            expected="a path",
            remedy="Write ./ before it",
        )
    return path


def _listed(key: str, value: object, where: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    for one in values:
        if isinstance(one, bool) or not isinstance(one, str | int | float) or one == "":
            raise InputError(
                f"`{visible(key)[:40]}` is of another type",
                where=where,
                expected="a text, a number, true or false, or a list of texts",
            )
    return [str(one) for one in values]


def follow(
    steps: tuple[Step, ...],
    run: Callable[[Step], int],
    told: Callable[[Step, str], None],
    *,
    dry: bool = False,
) -> int:
    """Make what is out of date, here, and remember it; the exit status is the first that is not 0.

    Parameters
    ----------
    steps : tuple of Step
    run : callable
        Makes a step and gives its exit status; 2 and more end all.
    told : callable
        Called with each step and ``"up to date"``, ``"made"``, ``"would be made"`` or ``"failed"``.
    dry : bool
        Whether to tell alone.
    """
    state, first, made_again = _remembered(), 0, set[str]()
    for step in steps:
        before = state.get(step.name)
        is_current = (
            before is not None
            and step.made(before.status) == before
            and bool(before.outputs)
            and not made_again.intersection(step.reads)
        )
        if is_current and before is not None:
            told(step, "up to date")
            first = first or before.status
            continue
        made_again.add(step.output)
        if dry:
            told(step, "would be made")
            continue
        state.pop(step.name, None)
        status = run(step)
        if status not in (0, 1, 3):
            _remember(state)
            told(step, "failed")
            return status
        state[step.name] = step.made(status)
        _remember(state)
        told(step, "made")
        first = first or status
    return first


def _remembered() -> dict[str, Made]:
    """What was made before; nothing where it cannot be read, so that all is made again."""
    try:
        data = Path(STATE).read_bytes()
        values = orjson.loads(data) if len(data) <= 64 * MAX_BYTES else {}
        return {name: decode(Made, value, name) for name, value in values.items()}
    except (OSError, ValueError, AttributeError, InputError):
        return {}


def _remember(state: Mapping[str, Made]) -> None:
    values = {name: plain(one) for name, one in sorted(state.items())}
    write_json_aside(STATE, values)
