"""``provenance doctor``."""

from __future__ import annotations

import typer

from provenance.cli.options import AsJson
from provenance.cli.terminal import write, write_json


def doctor(as_json: AsJson = False) -> None:
    """Try each part of this installation: 1 where one does not work, with what to do."""
    from provenance.matching.doctor import examined
    from provenance.words import visible

    found = examined()
    if as_json:
        write_json(
            [{"name": one.name, "works": one.works, "sentence": one.sentence} for one in found]
        )
    else:
        for one in found:
            state = "works" if one.works else "does not work"
            write(visible(f"{one.name}: {state}: {one.sentence}") + "\n")
    if not all(one.works for one in found):
        raise typer.Exit(1)
