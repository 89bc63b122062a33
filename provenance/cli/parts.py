"""A run in parts: what its options ask for, and ``provenance merge`` of them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from provenance.errors import InputError
from provenance.words import how_many, visible

if TYPE_CHECKING:
    from provenance.corpus.batches.in_parts import Shard, ShardDone

__all__ = [
    "InPart",
    "Partials",
    "Resume",
    "holds_parts",
    "merge_parts",
    "parts_asked",
    "remove_kept",
    "shard_line",
]

_IN_PARTS: Final = ("match", "fingerprint", "index")

Partials = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Keep what is made of each batch there, and take what is there.",
    ),
]
InPart = Annotated[
    str | None,
    typer.Option(
        metavar="I/N",
        help="Do the I-th of N parts into --partials, and no more; provenance merge DIR puts them"
        " together.",
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Keep what is made of each batch in OUTPUT.partials until the output is written, and"
        " go on from there after a run that broke off.",
    ),
]


def parts_asked(
    shard: str | None, partials: Path | None, output: Path, *, resume: bool
) -> tuple[Shard | None, Path | None]:
    """Which part of a run is asked for, and the folder of the partials.

    Raises
    ------
    InputError
        Where the options contradict one another.
    """
    if resume and (partials is not None or shard is not None):
        raise InputError(
            "--resume keeps its partials beside the output",
            remedy="Leave out --resume: a run with --partials goes on from what is there anyway",
        )
    if shard is None:
        return None, output.with_name(f"{output.name}.partials") if resume else partials
    if partials is None:
        raise InputError("--shard needs a folder for its part", remedy="Pass --partials DIR")
    from provenance.corpus.batches.in_parts import Shard

    return Shard.read(shard), partials


def shard_line(part: Shard, done: ShardDone, partials: Path | None, output: Path) -> str:
    """What a part did, and the command that puts all of them together."""
    command = shlex.join(["provenance", "merge", str(partials), "-o", str(output)])
    there = f" ({done.n_found} were there)" if done.n_found else ""
    batches = how_many(done.n_batches, "batch", "batches")
    return (
        f"Part {part.number} of {part.count}: {batches} done{there}. After all parts:"
        f" {visible(command)}"
    )


def remove_kept(partials: Path | None, *, resume: bool) -> None:
    """Remove what was kept to go on from, once the output is written."""
    if resume and partials is not None:
        from provenance.corpus.batches.in_parts import remove_partials

        remove_partials(partials)


def holds_parts(named: Sequence[str]) -> bool:
    """Whether a folder of partials was named, alone."""
    if len(named) != 1:
        return False
    from provenance.corpus.batches.in_parts import RUN_FILE

    return (Path(named[0]) / RUN_FILE).is_file()


def merge_parts(context: typer.Context, folder: str, output: Path, name: str | None) -> None:
    """Do the run of a folder of partials as a whole; what is missing is made.

    Raises
    ------
    InputError
        Where its command is not one of those that are done in parts.
    """
    from provenance.corpus.batches.in_parts import run_of
    from provenance.report.commands import OF_PARTS, OUTPUT, without

    command = [*run_of(Path(folder))]
    if command[:1] != ["provenance"] or not {*command[1:2]} & {*_IN_PARTS}:
        raise InputError(
            "the partials were not made at the command line",
            where=folder,
            remedy="Call the same function with partials=",
        )
    if name is not None:
        raise InputError(
            "the parts have the name that their own command gave", remedy="Leave out --name"
        )
    kept, _ = without(command[2:], (*OUTPUT, *OF_PARTS))
    whole = [command[1], "--partials", folder, "-o", str(output), *kept]
    status = context.find_root().command.main(whole, standalone_mode=False)
    raise typer.Exit(status or 0)
