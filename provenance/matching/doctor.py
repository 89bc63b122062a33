"""Whether this machine can do the work: each part is tried on a few words."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from provenance.matching.custody.custody import deciding_versions
from provenance.version import __version__
from provenance.words import how_many

__all__ = ["Examined", "examined"]

_TEXT: Final = "A few words that are long enough to be measured by whoever tries this machine. " * 3


@dataclass(frozen=True, slots=True)
class Examined:
    """One part: whether it works, and what was seen, or what to do."""

    name: str
    works: bool
    sentence: str


def examined() -> list[Examined]:
    """Try each part in turn; what fails says what to do.

    Examples
    --------
    >>> {one.works for one in examined()}  # doctest: +SKIP
    {True}
    """
    return [_tried(name, look) for name, look in _LOOKS]


def _tried(name: str, look: Callable[[], str]) -> Examined:
    try:
        return Examined(name, True, look())
    except Exception as error:  # an extension built for another numpy raises anything
        return Examined(name, False, str(error) or type(error).__name__)


def _versions() -> str:
    told = ", ".join(f"{name} {version}" for name, version in deciding_versions().items())
    return f"provenance {__version__}, {told}, {platform.system()}"


def _room() -> str:
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    names = ("SC_PAGE_SIZE", "SC_PHYS_PAGES")
    if not {*names} <= {*getattr(os, "sysconf_names", {})}:
        return how_many(n_cores or 1, "core")
    size, pages = map(os.sysconf, names)
    return f"{how_many(n_cores or 1, 'core')}, {size * pages / 1e9:.1f} GB of memory"


def _tokenizer() -> str:
    from provenance.features.tokens import ENCODINGS, load_encoding

    load_encoding()
    return f"{ENCODINGS[0]} is at hand, without the network"


def _measuring() -> str:
    from provenance.corpus import open_corpus
    from provenance.fingerprint.measuring import fit_fingerprint

    made = fit_fingerprint(open_corpus([{"text": _TEXT}]), "doctor")
    return f"a text was read, repaired, counted and hashed ({made.sha256[:12]})"


def _library() -> str:
    from provenance.matching.library.library import starter_library
    from provenance.matching.library.shelf import shipped_shelf

    kinds, sources = len(starter_library().kinds), len(shipped_shelf().entries)
    return f"{kinds:,} kinds of text for scan, {sources:,} sources with names such as people"


def _cache() -> str:
    from provenance.scoring.cached.file import default_cache_folder

    folder = default_cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        return f"{folder} can be written"


_LOOKS: Final[tuple[tuple[str, Callable[[], str]], ...]] = (
    ("versions", _versions),
    ("machine", _room),
    ("tokenizer", _tokenizer),
    ("measuring", _measuring),
    ("library", _library),
    ("cache folder", _cache),
)
