"""The sources of a mixture and what each is taken for."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.fingerprint.fingerprint import Fingerprint

__all__ = ["Sources"]


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources in the order of their names, and what each is taken for."""

    fingerprints: tuple[Fingerprint, ...]
    roles: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the sources are called."""
        return tuple(item.name for item in self.fingerprints)

    @property
    def candidates(self) -> list[int]:
        """Positions of the sources under test."""
        return [number for number, role in enumerate(self.roles) if role == "candidate"]

    @property
    def references(self) -> list[int]:
        """Positions of the sources that are no model's text."""
        return [number for number, role in enumerate(self.roles) if role == "reference"]

    @property
    def of_two_classes(self) -> bool:
        """Whether one candidate stands against references alone."""
        return len(self.candidates) == 1 and set(self.roles) == {"candidate", "reference"}
