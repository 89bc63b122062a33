"""``provenance run``."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.options import AsJson
from provenance.cli.terminal import write, write_json

if TYPE_CHECKING:
    from provenance.matching.recipe import Step


def run(
    context: typer.Context,
    recipe: Annotated[
        Path, typer.Argument(metavar="RECIPE.toml", help="What is made of what.")
    ] = Path("provenance.toml"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what is out of date, and make nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the fingerprints, indexes and matches of one file, as far as they are out of date."""
    from provenance.matching.recipe import follow, read_recipe
    from provenance.words import visible

    steps = read_recipe(recipe)
    seen: list[dict[str, str]] = []

    def told(step: Step, state: str) -> None:
        seen.append({"step": step.command, "name": step.name, "state": state, "at": step.output})
        if not as_json:
            write(f"{step.command} {visible(step.name)}: {state}: {visible(step.output)}\n")

    program: Any = context.find_root().command

    def made(step: Step) -> int:
        with contextlib.redirect_stdout(io.StringIO()) if as_json else contextlib.nullcontext():
            return int(program.main([*step.words], "provenance", standalone_mode=False) or 0)

    # A word that no command knows is told before the first of them begins to work.
    for step in steps:
        command = program.commands[step.command]
        command.make_context(step.command, [*step.words[1:]], parent=context.find_root()).close()
    # Its paths are meant from where it stands, from wherever it is run.
    with contextlib.chdir(recipe.absolute().parent):
        status = follow(steps, made, told, dry=dry_run)
    if as_json:
        write_json({"steps": seen, "status": status})
    raise typer.Exit(status)
