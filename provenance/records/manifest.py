"""What a report was made from and with: what is needed to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provenance.records.refusing import check, check_counts

__all__ = ["Looks", "Manifest"]


def _is_input(item: Mapping[str, Any]) -> bool:
    path, sha256, size = (item.get(name) for name in ("path", "sha256", "bytes"))
    words = (item.get(name) for name in ("role", "modified", "of", "scrypt"))
    return (
        isinstance(path, str)
        and isinstance(sha256, str | None)
        and all(isinstance(one, str | None) for one in words)
        and (size is None or (type(size) is int and size >= 0))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Earlier matches of the same corpus, as far as the log of looks tells.

    Parameters
    ----------
    n_before : int
    first, last : str or None
        When the first and the last of them began, ISO 8601; None where there was none.
    at_least : bool
        Whether there were more than the log keeps.
    """

    n_before: int
    first: str | None = None
    last: str | None = None
    at_least: bool = False

    def __post_init__(self) -> None:
        check_counts(self, "n_before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is needed to run it again; `inputs` have ``path`` and, where known, hash and size.

    Parameters
    ----------
    inputs : tuple of mapping
        Of the corpus.
    given : tuple of mapping
        All else, with its ``role``: fingerprints, indexes, keys, an earlier report.
    title, case, author : str or None
        As whoever ran it called the report, the case that it belongs to, and themselves.
    looks : Looks or None
        None where no log of looks was kept.
    """

    version: str
    command: tuple[str, ...]
    seed: int
    inputs: tuple[Mapping[str, Any], ...]
    spec: Mapping[str, Any]
    started: str
    seconds: float
    peak_memory_bytes: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    case: str | None = None
    author: str | None = None
    looks: Looks | None = None
    given: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        for name in ("inputs", "given"):
            for at, item in enumerate(getattr(self, name)):
                check(_is_input(item), f"{name}[{at}]: not a path, sha256 and bytes")
