"""What is checked of the samples alone, kept beside the fitted panel: it is the same for any corpus.

The same, that is, but for which samples answer the corpus's prompts. What is kept carries a
checksum, and is made again where that is wrong, or where any code that finds it was changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from provenance.errors import InputError
from provenance.files.aside import write_aside
from provenance.files.json import decode
from provenance.records import Diagnostic
from provenance.scoring.scored import ScoredSamples
from provenance.share.estimate import sample_checks
from provenance.share.sources import Sources

__all__ = ["kept_sample_checks"]

_ROOMS: Final = ("share", "scoring", "statistics", "records")
_LONGEST: Final = 1 << 20
"""Bytes of a file. A round figure: a check is a sentence or two."""
_MOST_KEPT: Final = 500
"""Files that are kept; a round figure, not tuned."""


@dataclass(frozen=True, slots=True)
class _Kept:
    checks: tuple[Diagnostic, ...]
    sha256: str


def kept_sample_checks(
    samples: ScoredSamples, sources: Sources, panel: str, view: str, folder: Path
) -> tuple[Diagnostic, ...]:
    """`sample_checks`, from a folder of the cache where they stand there.

    Parameters
    ----------
    samples : ScoredSamples
    sources : Sources
    panel : str
        Hash of all that the panel depends on; see `panel_key`.
    view : str
        Which the samples are scored in.
    folder : path
        Where nothing can be written, nothing is kept.
    """
    asked = samples.scored.asked
    parts = [panel, view, *sources.names, *sources.roles, str(sources.only), _stamp()]
    digest = hashlib.sha256(json.dumps(parts).encode())
    digest.update(b"" if asked is None else asked.tobytes())
    path = folder / f"{digest.hexdigest()}.json"
    with suppress(OSError, ValueError, InputError):
        return _read(path)
    found = sample_checks(samples, sources)
    with suppress(OSError, InputError):
        folder.mkdir(parents=True, exist_ok=True)
        _forget_the_oldest(folder)
        write_aside(path, json.dumps({"checks": _plain(found), "sha256": _sha256(found)}).encode())
    return found


def _read(path: Path) -> tuple[Diagnostic, ...]:
    with path.open("rb") as file:
        kept = decode(_Kept, json.loads(file.read(_LONGEST)), "checks")
    if _sha256(kept.checks) != kept.sha256:
        raise ValueError("its checksum is of another content")
    return kept.checks


def _plain(checks: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    return [asdict(one) for one in checks]


def _sha256(checks: Sequence[Diagnostic]) -> str:
    return hashlib.sha256(json.dumps(_plain(checks), sort_keys=True).encode()).hexdigest()


def _stamp() -> str:
    """What changes with the code that finds the checks."""
    place = Path(__file__).parents[1]
    files = [one for room in _ROOMS for one in sorted((place / room).glob("*.py"))]
    return json.dumps([[one.name, *_told(one.stat())] for one in files])


def _told(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_size, stat.st_mtime_ns


def _forget_the_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.json"), key=lambda one: one.stat().st_mtime_ns)
    for one in files[: max(0, len(files) - _MOST_KEPT + 1)]:
        one.unlink()
