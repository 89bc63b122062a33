"""``provenance library list`` and ``library show``: what `scan` reads a corpus against."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.options import AsJson
from provenance.cli.terminal import write, write_json
from provenance.errors import InputError
from provenance.words import percent, visible

if TYPE_CHECKING:
    from provenance.matching.library.library import Library

__all__ = ["library_app"]

library_app = typer.Typer(
    no_args_is_help=True, help="What kinds of text ship with the tool, for scan."
)


@library_app.command("list")
def list_kinds(as_json: AsJson = False) -> None:
    """List the kinds of text that were measured."""
    from provenance.matching.library.library import starter_library

    held = starter_library()
    if as_json:
        write_json(
            {
                "made": held.made,
                "sha256": held.sha256,
                "kinds": [asdict(kind) for kind in held.kinds],
            }
        )
        return
    people, models = (len(held.of(by)) for by in ("people", "models"))
    write(f"{people} kinds of text by people and {models} of models', up to {held.made}\n")
    for kind in sorted(held.kinds, key=lambda one: (one.by != "people", one.name)):
        write(f"{kind.by:<7} {kind.topic:<13} {kind.n_documents:>4} documents  {kind.name}\n")


@library_app.command("show")
def show_kind(
    name: Annotated[str, typer.Argument(help="As library list tells it.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Show one kind of text, and how it scores where no text of its topic was learnt from."""
    from provenance.matching.library.library import starter_library

    held = starter_library()
    found = [at for at, kind in enumerate(held.kinds) if kind.name == name]
    if not found:
        raise InputError(
            f"the library holds no kind {visible(name[:80])}",
            remedy="See provenance library list",
        )
    kind, above = held.kinds[found[0]], _above(held, found[0])
    if as_json:
        write_json({**asdict(kind), "reads_as_a_models": above})
        return
    write(
        f"{kind.name}: by {kind.by}, {kind.topic}, {kind.n_documents} documents of"
        f" {kind.median_tokens} tokens (median).\n"
        f"{percent(above)} of them score above 0, where models' text is likelier.\n"
    )


def _above(held: Library, number: int) -> float:
    from provenance.matching.library.library import EDGES

    counts = held.counts[number, -1]
    return float(counts[len(EDGES) // 2 + 1 :].sum() / counts.sum())
