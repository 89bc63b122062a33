"""What hangs on the sources alone, kept beside fitted panels: it is the same for any corpus.

What is kept carries a checksum, and is made again where that is wrong, or where any code that it
may depend on was changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from provenance.errors import InputError
from provenance.files.aside import write_aside
from provenance.files.json import decode
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.records import Diagnostic
from provenance.scoring.scored import ScoredSamples
from provenance.share.estimate import sample_checks
from provenance.share.sources import Sources
from provenance.version import __version__

__all__ = ["Kept", "SampleChecks", "TellingNgrams"]

T = TypeVar("T", bound=Any)

_ROOMS: Final = ("features", "fingerprint", "records", "scoring", "share", "statistics")
_LONGEST: Final = 1 << 20
"""Bytes of a file. A round figure: it holds some sentences."""
_MOST_KEPT: Final = 1000
"""Files that are kept; a round figure, not tuned."""
_MOST_TELLING: Final = 30
"""N-grams of a signature. A round figure, not tuned."""


@dataclass(frozen=True, slots=True)
class SampleChecks:
    """What `sample_checks` found."""

    checks: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Telling:
    ngram: str
    rate: float
    others: float


@dataclass(frozen=True, slots=True)
class TellingNgrams:
    """The first of what `Fingerprint.telling` gives."""

    ngrams: tuple[_Telling, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder of the cache; where nothing can be written in it, nothing is kept.

    Parameters
    ----------
    folder : path
    """

    folder: Path

    def sample_checks(
        self, samples: ScoredSamples, sources: Sources, panel: str, view: str
    ) -> tuple[Diagnostic, ...]:
        """`sample_checks`, by the samples that answer the corpus's prompts.

        Parameters
        ----------
        samples : ScoredSamples
        sources : Sources
        panel : str
            Hash of all that the panel depends on; see `panel_key`.
        view : str
            Which the samples are scored in.
        """
        asked = samples.scored.asked
        answers = "" if asked is None else hashlib.sha256(asked.tobytes()).hexdigest()
        parts = (panel, view, *sources.names, *sources.roles, str(sources.only), answers)

        def made() -> SampleChecks:
            return SampleChecks(sample_checks(samples, sources))

        return self._held(SampleChecks, parts, made).checks

    def telling(
        self, candidate: Fingerprint, others: Iterable[Fingerprint]
    ) -> list[tuple[str, float, float]]:
        """The first of `Fingerprint.telling`."""
        every = [candidate, *others]
        parts = [json.dumps([one.sha256, one.n_passages]) for one in every]

        def made() -> TellingNgrams:
            found = candidate.telling(every[1:])[:_MOST_TELLING]
            return TellingNgrams(tuple(_Telling(*one) for one in found))

        held = self._held(TellingNgrams, [*parts, *candidate.readable], made)
        return [(one.ngram, one.rate, one.others) for one in held.ngrams]

    def _held(self, kind: type[T], parts: Iterable[str], made: Callable[[], T]) -> T:
        key = _sha256(json.dumps([kind.__name__, _stamp(), *parts]))
        path = self.folder / f"{key}.json"
        with suppress(OSError, ValueError, InputError):
            return _read(path, key, kind)
        found = made()
        text = json.dumps(asdict(found))
        with suppress(OSError, InputError):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._forget_the_oldest()
            write_aside(path, f"{_sha256(key + text)}\n{text}".encode())
        return found

    def _forget_the_oldest(self) -> None:
        files = sorted(self.folder.glob("*.json"), key=lambda one: one.stat().st_mtime_ns)
        for one in files[: max(0, len(files) - _MOST_KEPT + 1)]:
            one.unlink()


def _read(path: Path, key: str, kind: type[T]) -> T:
    """What is kept under a key: its checksum is of the key too, as files may change places."""
    if not path.is_file():  # whoever opens a pipe waits for ever
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        checksum, _, text = file.read(_LONGEST).decode().partition("\n")
    if _sha256(key + text) != checksum:
        raise ValueError("its checksum is of another content")
    found: T = decode(kind, json.loads(text), "kept")
    return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _stamp() -> list[list[Any]]:
    """What changes with the code that finds what is kept."""
    place = Path(__file__).parents[1]
    files = [one for room in _ROOMS for one in sorted((place / room).rglob("*.py"))]
    # Of files that were installed, times may tell nothing.
    told = ([one.name, one.stat().st_size, one.stat().st_mtime_ns] for one in files)
    return [[__version__], *told]
