"""What the package warns of: one line on stderr for each, beside what the command writes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from provenance.cli.terminal import complain
from provenance.errors import ProvenanceWarning
from provenance.words import visible

__all__ = ["warnings_told"]


@contextmanager
def warnings_told() -> Iterator[None]:
    """Write each `ProvenanceWarning` as ``Warning: ...``, once; others go where they always go."""
    told: set[str] = set()
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if not issubclass(category, ProvenanceWarning):
                others(message, category, *place, **more)
            elif str(message) not in told:
                told.add(str(message))
                complain(visible(f"Warning: {message}"))

        warnings.showwarning = show
        warnings.simplefilter("always", ProvenanceWarning)
        yield
