"""The command line: parse, call one function, print. Everything heavy is imported by its command.

Exit status: 0 done; 1 and 3 only for a gate (``match --fail-above``, ``same
--fail-on-difference``, ``filter --until``, ``declare --check``) and ``verify``; 2 for bad input or
usage, with one paragraph on stderr; 70 for a crash; 130 for an interruption.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from provenance.cli import (
    ask,
    bench,
    declare,
    demo,
    doctor,
    filter,  # noqa: A004  (the command's name)
    fingerprints,
    grades,
    lean,
    log,
    match,
    run,
    same,
    scan,
    validate,
    verify,
    watermark,
)
from provenance.cli.canary import canary_app
from provenance.cli.ending import explaining, run_to_end
from provenance.cli.library import library_app
from provenance.cli.memory import refuse_small_memory
from provenance.cli.options import speaks
from provenance.cli.warned import warnings_told
from provenance.statistics.freed import keep_what_is_freed
from provenance.version import __version__

__all__ = ["app", "main"]


class _Commands(TyperGroup):
    """Says what a user can put right in one paragraph and exits with 2."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["command"] = ("provenance", *args)
        with explaining():
            try:
                return super().parse_args(ctx, args)
            except SystemExit as end:
                # The options of completion end so; no work has begun.
                raise typer.Exit(end.code if isinstance(end.code, int) else 0) from None

    def invoke(self, ctx: Any) -> Any:
        with explaining(), warnings_told():
            refuse_small_memory()
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(canary_app, name="canary")
app.add_typer(library_app, name="library")


def main() -> None:
    """Run the command line."""
    keep_what_is_freed()
    sys.exit(run_to_end(app))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"provenance {__version__}")
        raise typer.Exit


@app.callback()
def _provenance(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """How much of a text corpus was written by a given API, with an interval to defend."""


for command in (
    ask.ask,
    fingerprints.fingerprint,
    log.index,
    match.match,
    run.run,
    scan.scan,
    filter.filter,
    declare.declare,
    fingerprints.merge,
    fingerprints.compare,
    same.same,
    lean.lean,
    grades.grades,
    fingerprints.inspect,
    match.report,
    verify.verify,
    demo.demo,
    validate.validate,
    watermark.watermark,
    bench.bench,
    doctor.doctor,
):
    app.command()(speaks(command))
