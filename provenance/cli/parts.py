"""A match in parts: what its options ask for, and ``provenance merge`` of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from provenance.errors import InputError
from provenance.words import visible

if TYPE_CHECKING:
    from provenance.matching.partials import Shard
    from provenance.matching.sharding import ShardDone

__all__ = ["holds_parts", "merge_parts", "parts_asked", "shard_line"]

_VALUED: Final = ("--shard", "--partials", "--output", "-o")
"""Options of a part that are others when all are put together."""


def parts_asked(
    shard: str | None, partials: Path | None, output: Path, *, resume: bool
) -> tuple[Shard | None, Path | None]:
    """Which part of a match is asked for, and the folder of the partials.

    Raises
    ------
    InputError
        Where the options contradict one another.
    """
    if resume and (partials is not None or shard is not None):
        raise InputError(
            "--resume keeps its partials beside the report",
            remedy="Leave out --resume: a run with --partials goes on from what is there anyway",
        )
    if shard is None:
        return None, output.with_name(f"{output.name}.partials") if resume else partials
    if partials is None:
        raise InputError("--shard needs a folder for its part", remedy="Pass --partials DIR")
    from provenance.matching.partials import Shard

    return Shard.read(shard), partials


def shard_line(part: Shard, done: ShardDone, output: Path) -> str:
    """What a part did, in one line."""
    there = f" ({done.n_found} were there)" if done.n_found else ""
    batches = "1 batch" if done.n_batches == 1 else f"{done.n_batches:,} batches"
    return (
        f"Part {part.number} of {part.count}: {batches} scored{there}. After all parts:"
        f" provenance merge DIR -o {visible(str(output))}"
    )


def holds_parts(named: Sequence[str]) -> bool:
    """Whether a folder of partials was named, alone."""
    if len(named) != 1:
        return False
    from provenance.matching.partials import RUN_FILE

    return (Path(named[0]) / RUN_FILE).is_file()


def merge_parts(context: typer.Context, folder: str, output: Path, name: str | None) -> None:
    """Run the match of a folder of partials as a whole; what is missing is scored.

    Raises
    ------
    InputError
        Where its command is not that of a match.
    """
    if name is not None:
        raise InputError("a report has no name", remedy="Leave out --name")
    from provenance.matching.partials import run_of

    command = [*run_of(Path(folder))]
    if command[:2] != ["provenance", "match"]:
        raise InputError(
            "the partials were not made at the command line",
            where=folder,
            remedy="Call match with the same sources and partials=",
        )
    whole = ["match", *_without_part(command[2:]), "--partials", folder, "-o", str(output)]
    status = context.find_root().command.main(whole, standalone_mode=False)
    raise typer.Exit(status or 0)


def _without_part(arguments: Sequence[str]) -> Iterator[str]:
    rest = iter(arguments)
    for argument in rest:
        if argument in _VALUED:
            next(rest, None)
        elif argument.startswith(tuple(f"{name}=" for name in _VALUED if name != "-o")):
            continue
        elif argument != "--resume" and not argument.startswith("-o"):
            yield argument
