"""The command line: parse, call one function, print. Everything heavy is imported by its command.

Exit status: 0 done; 1 and 3 only for ``match --fail-above``; 2 for bad input or usage, with one
paragraph on stderr.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from provenance.cli import demo, fingerprints, log, match, validate, watermark
from provenance.cli.canary import canary_app
from provenance.cli.warned import warnings_told
from provenance.errors import ProvenanceError
from provenance.version import __version__
from provenance.words import visible

__all__ = ["app", "main"]


class _Commands(TyperGroup):
    """Says what a user can put right in one paragraph and exits with 2."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["command"] = ("provenance", *args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            with warnings_told():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except Exception as error:
            told = _explained(error)
            if told is None:
                raise
            typer.echo(visible(f"Error: {told}"), err=True)
            raise typer.Exit(2) from None


def _explained(error: Exception) -> str | None:
    """What a user can put right, None where it is a bug."""
    from concurrent.futures import BrokenExecutor

    if isinstance(error, ProvenanceError):
        return str(error)
    if isinstance(error, BrokenExecutor):
        return "A worker process died, most likely for lack of memory. Use fewer --workers."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file'}: {error.strerror}."
    return None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(canary_app, name="canary")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    app()


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
    fingerprints.fingerprint,
    log.index,
    match.match,
    fingerprints.merge,
    fingerprints.compare,
    fingerprints.inspect,
    match.report,
    demo.demo,
    validate.validate,
    watermark.watermark,
):
    app.command()(command)
