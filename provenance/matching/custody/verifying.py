"""A report held against what it was made from, and against the same match made again."""

from __future__ import annotations

import json
import os
import shlex
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, Literal

from provenance.errors import InputError
from provenance.evidence.log.index import KIND, LogIndex
from provenance.files.mapped import header_sha256
from provenance.matching.custody.custody import (
    OF_ARRAYS,
    OF_HEADER,
    deciding_versions,
    file_sha256,
    key_digest,
)
from provenance.matching.library.naming import is_name, named_sources
from provenance.report.commands import OF_PARTS, OUTPUT, without
from provenance.report.report import Report
from provenance.version import __version__
from provenance.words import visible

__all__ = [
    "CheckedInput",
    "again",
    "differences",
    "is_page_of",
    "same_rows",
    "statement",
    "verified_inputs",
    "versions_changed",
]

_NO_FILE: Final = "it was given without a file, and the library here holds no source of its hash"
_DIFFERENCES: Final = 20
"""That are told; a round figure, not tuned."""
_LARGEST_KEYS: Final = 1 << 24
"""Bytes of a file that is read into memory; a round figure, not tuned."""
_COMMANDS: Final = ("match", "scan")
_DROPPED: Final = (*OUTPUT, *OF_PARTS, "--ask", "--cache-dir")
"""Options that change no figure of a report: where it is written, what else is, what was kept.
``--fail-on`` is none of them: where it looks at models as such, the library's are left out."""
STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://slsa.dev/provenance/v1"
BUILD: Final = "urn:provenance:match:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedInput:
    """One input, and whether it is what it was.

    Parameters
    ----------
    verdict : {"same", "changed", "missing", "not_checked"}
    why : str
        Empty where it is the same.
    """

    path: str
    role: str
    verdict: Literal["same", "changed", "missing", "not_checked"]
    why: str = ""

    def __str__(self) -> str:
        told = f"{self.verdict.replace('_', ' ')}: {visible(self.path)} ({visible(self.role)})"
        return f"{told}: {visible(self.why)}" if self.why else told


def verified_inputs(report: Report) -> list[CheckedInput]:
    """Hold each input of a report against its size and its hash.

    Paths are those of the report, relative ones from the current folder.

    Examples
    --------
    >>> [str(one) for one in verified_inputs(Report.load("out"))]  # doctest: +SKIP
    ['same: suspect.jsonl (corpus)', 'same: api.fp (candidate)']
    """
    return [_checked(entry) for entry in (*report.manifest.inputs, *report.manifest.given)]


def versions_changed(report: Report) -> list[str]:
    """What of the packages that decide is another version here, in words."""
    here = {"provenance": __version__, **deciding_versions()}
    then = {"provenance": report.manifest.version, **report.manifest.versions}
    return [
        f"{visible(name)} was {visible(version)}, is {here.get(name, 'not installed')}"
        for name, version in then.items()
        if here.get(name) != version
    ]


def _checked(entry: Mapping[str, Any]) -> CheckedInput:
    path, role = str(entry["path"]), str(entry.get("role") or "input")

    def told(verdict: Any, why: str = "") -> CheckedInput:
        return CheckedInput(path=path, role=role, verdict=verdict, why=why)

    if entry.get("of") == OF_ARRAYS:
        held = _is_of_the_library(path, str(entry.get("sha256")))
        return told("same") if held else told("not_checked", _NO_FILE)
    if entry.get("bytes") is None or (entry.get("sha256") is None and "scrypt" not in entry):
        return told("not_checked", "it was no file, or its hash was not kept")
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        is_remote = "://" in path or path.startswith("hf:")
        why = "it is not a file of this machine" if is_remote else ""
        return told("not_checked", why) if is_remote else told("missing", "there is no such file")
    if not stat.S_ISREG(found.st_mode):
        return told("not_checked", "it is no regular file")
    if entry.get("scrypt") is not None and found.st_size > _LARGEST_KEYS:
        return told("not_checked", "it is too large for a file of keys")
    if found.st_size != entry["bytes"]:
        return told("changed", f"{found.st_size:,} bytes, not {entry['bytes']:,}")
    if entry.get("drawn"):
        return told(
            "not_checked", "its size is the same; only the rows drawn were hashed (--rerun)"
        )
    try:
        is_same = _is_same(path, entry)
    except (InputError, OSError) as error:
        return told("changed", str(error))
    return told("same") if is_same else told("changed", "another hash, of the same size")


def _is_of_the_library(name: str, sha256: str) -> bool:
    """Whether a source that no file stood for is one of the library, with the same arrays."""
    try:
        return is_name(name) and any(one.sha256 == sha256 for one in named_sources(name))
    except InputError:
        return False


def _is_same(path: str, entry: Mapping[str, Any]) -> bool:
    if entry.get("of") == OF_HEADER:
        LogIndex.load(path)  # holds every array against the header
        return header_sha256(path, KIND) == str(entry["sha256"])
    if entry.get("scrypt") is not None:
        return key_digest(path) == str(entry["scrypt"])
    return file_sha256(path) == str(entry["sha256"])


def again(report: Report, folder: Path) -> list[str]:
    """The arguments that make a report's match again, into another folder and with nothing cached.

    Raises
    ------
    InputError
        Where its command is none that can be run again.
    """
    command = report.manifest.command
    shown = visible(shlex.join(command))[:200]
    if len(command) < 2 or command[0] != "provenance" or command[1] not in _COMMANDS:
        raise InputError(
            f"the report's command is `{shown}`" if command else "the report tells no command",
            expected="a report of provenance match or scan",
            remedy="A match that was made in Python has to be made again in Python",
        )
    kept, _ = without(command[2:], _DROPPED)
    if any("://" in word or word.startswith("hf:") for word in kept):
        raise InputError(
            f"`{shown}` reads from the network",
            expected="files of this machine",
            remedy="What a report says is not trusted that far: run the command by hand",
        )
    cache = ["--cache-dir", str(folder / "cache")] if command[1] == "match" else []
    return [command[1], "-o", str(folder / "again"), *cache, *kept]


def differences(report: Report, other: Report) -> list[str]:
    """Where two reports of one match differ, other than in when and how they were made.

    Examples
    --------
    >>> report = Report.load("out")  # doctest: +SKIP
    >>> differences(report, report)  # doctest: +SKIP
    []
    """
    one, two = report.to_dict(), other.to_dict()
    one_made, two_made = one.pop("manifest"), two.pop("manifest")
    # A key that another version added is no other answer.
    strict = one_made["version"] == two_made["version"]
    found = [*_differences(one, two, "", strict=strict)]
    for key in ("seed", "spec"):
        found += _differences(one_made[key], two_made[key], f"manifest.{key}", strict=strict)
    hashes = [
        sorted(
            (str(item["path"]), str(item.get("sha256")))
            for item in [*made["inputs"], *made["given"]]
        )
        for made in (one_made, two_made)
    ]
    found += ["manifest.inputs: other hashes"] if hashes[0] != hashes[1] else []
    more = len(found) - _DIFFERENCES
    return [*found[:_DIFFERENCES], *([f"and {more:,} more"] if more > 0 else [])]


def _differences(one: Any, two: Any, where: str, *, strict: bool) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted({*one, *two}):
            here = f"{where}.{key}".lstrip(".")
            if key in one and key in two:
                yield from _differences(one[key], two[key], here, strict=strict)
            elif strict:
                yield visible(f"{here}: only {'there' if key in one else 'in the one made again'}")
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for place, pair in enumerate(zip(one, two, strict=True)):
            yield from _differences(*pair, f"{where}[{place}]", strict=strict)
    elif one != two:
        yield visible(f"{where}: {_short(one)}, again {_short(two)}")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def statement(
    report: Report,
    file: Path,
    checked: Sequence[CheckedInput],
    *,
    beside: Sequence[Path] = (),
    made_again: bool = False,
) -> dict[str, Any]:
    """An in-toto statement of how a report and what belongs to it were made, to be signed.

    Its predicate is that of SLSA (build provenance, version 1): the command and the seed, the
    inputs with their hashes as dependencies, and what was checked when it was written.

    Parameters
    ----------
    report : Report
    file : Path
        Its ``report.json``.
    checked : sequence of CheckedInput
    beside : sequence of Path
        Its page and its rows, where these were held against it.
    made_again : bool
        Whether the match was made again, and gave the same.
    """
    subjects = [file, *beside]
    made = report.manifest
    return {
        "_type": STATEMENT,
        "subject": [{"name": one.name, "digest": {"sha256": file_sha256(one)}} for one in subjects],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": {"command": [*made.command], "case": made.case},
                "internalParameters": {"seed": made.seed, "spec": dict(made.spec)},
                "resolvedDependencies": [_dependency(one) for one in (*made.inputs, *made.given)],
            },
            "runDetails": {
                "builder": {
                    "id": "urn:provenance:tool",
                    "version": {"provenance": made.version, **made.versions},
                },
                "metadata": {"startedOn": made.started},
                "byproducts": [
                    *(_byproduct(one.path, {"verified": one.verdict}) for one in checked),
                    *([_byproduct("the match, made again", {"same": True})] if made_again else []),
                ],
            },
        },
    }


def is_page_of(page: Path, report: Report) -> bool:
    """Whether a page is what a report gives here."""
    from provenance.report.page.page import render_html

    try:
        with page.open("rb") as found:
            wanted = render_html(report).encode()
            return found.read(len(wanted) + 1) == wanted
    except OSError:
        return False


def same_rows(one: Path, two: Path) -> bool:
    """Whether two tables of rows hold the same, in one order."""
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        if file_sha256(one) == file_sha256(two):
            return True
        files = pq.ParquetFile(one), pq.ParquetFile(two)
        if files[0].metadata.num_rows != files[1].metadata.num_rows:
            return False
        # Batches stop at row groups, so that files that were cut elsewhere count as others.
        pairs = zip_longest(*(found.iter_batches() for found in files))
        return all(a is not None and a.equals(b) for a, b in pairs)
    except (ArrowException, OSError):
        return False


def _byproduct(name: str, annotations: Mapping[str, object]) -> dict[str, Any]:
    return {"name": name, "annotations": dict(annotations)}


def _dependency(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A hash that is not that of the file's bytes stands beside, not as the digest of the file."""
    known = {name: entry[name] for name in ("role", "bytes", "modified") if entry.get(name)}
    sha256 = entry.get("sha256")
    is_whole = sha256 and not entry.get("of") and not entry.get("drawn")
    if sha256 and not is_whole:
        known["sha256"] = sha256
        known["sha256_of"] = entry.get("of") or "its size and the rows drawn from it"
    digest = {"digest": {"sha256": sha256}} if is_whole else {}
    return {"name": entry["path"], **digest, "annotations": known}
