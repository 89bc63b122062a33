"""Options that several commands share, each declared once, and what is checked before any work."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from provenance.cli.terminal import speaking
from provenance.corpus.document import CorpusOptions
from provenance.errors import LARGEST_SEED, MOST_WORKERS, InputError, as_number
from provenance.files.places import require_file
from provenance.words import visible

__all__ = [
    "DAY",
    "AsJson",
    "Author",
    "Case",
    "Fdr",
    "Fingerprints",
    "Keys",
    "Level",
    "NoText",
    "Paths",
    "Quiet",
    "Segments",
    "Title",
    "Workers",
    "aliases",
    "fraction",
    "given",
    "listed",
    "numbers",
    "output_file",
    "reads_corpus",
    "refuse_reports",
    "speaks",
    "spec_option",
]


_WITHIN_CORPUS = "Reading the corpus"
_WITHIN_SPEC = "What is measured"
_HEAD = 1 << 10
"""Bytes in which a report says that it is one; its first key does."""


class _OnError(StrEnum):
    stop = "stop"
    skip = "skip"


Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...",
        help="A file, folder, quoted glob, URL or hf:NAME.",
        show_default=False,
    ),
]
Fingerprints = Annotated[
    list[str],
    typer.Argument(metavar="A.fp...", help="Files, folders or quoted globs.", show_default=False),
]
Keys = Annotated[Path, typer.Option(metavar="K.toml", help="File of keys; none is ever shown.")]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Say nothing but errors; the exit status tells the rest."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Workers = Annotated[
    int,
    typer.Option(min=1, max=MOST_WORKERS, help="Processes; the result is the same for any."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Let the workers of a dask.distributed scheduler do it, which find the same files"
        " (tcp://host:8786).",
    ),
]


def fraction(least: float, most: float) -> Callable[[str], float]:
    """A reader of numbers between two others, and of percentages with their sign.

    Examples
    --------
    >>> fraction(0, 1)("0.05"), fraction(0, 1)("5%")
    (0.05, 0.05)
    """

    def read(text: str) -> float:
        try:
            value = as_number(str(text))
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise typer.BadParameter(
                f"{visible(str(text).strip()[:40])} is no number from {least:g} to {most:g}, and no"
                f" percentage from {100 * least:g}% to {100 * most:g}%."
            )
        return value

    read.__name__ = "fraction"
    return read


Level = Annotated[
    float,
    typer.Option(
        "--confidence-level", parser=fraction(0.5, 0.999), metavar="X", help="Of the intervals."
    ),
]
Fdr = Annotated[
    float,
    typer.Option(
        "--fdr", parser=fraction(0, 1), metavar="X", help="Rate of false rows in the list of rows."
    ),
]
_WITHIN_PAGE = "The page"
Title = Annotated[
    str | None,
    typer.Option("--title", help="What the report is called.", rich_help_panel=_WITHIN_PAGE),
]
Case = Annotated[
    str | None,
    typer.Option("--case", help="The case that it belongs to.", rich_help_panel=_WITHIN_PAGE),
]
Author = Annotated[
    str | None, typer.Option("--author", help="Who made it.", rich_help_panel=_WITHIN_PAGE)
]
Segments = Annotated[
    bool,
    typer.Option(
        "--segments",
        help="Read prose, reasoning, code, calls of tools, quotations and grades each on its own.",
    ),
]
NoText = Annotated[bool, typer.Option("--no-text", help="Show no text of the corpus.")]


def _corpus_option(help_text: str, **settings: Any) -> Any:
    return typer.Option(help=help_text, rich_help_panel=_WITHIN_CORPUS, **settings)


def spec_option(help_text: str, **settings: Any) -> Any:
    return typer.Option(help=help_text, rich_help_panel=_WITHIN_SPEC, **settings)


Field = str | None
Day = datetime | None
DAY: dict[str, Any] = {
    # A year or a month is its first day.
    "formats": ["%Y-%m-%d", "%Y-%m", "%Y"],
    "metavar": "YYYY[-MM[-DD]]",
}


def _corpus_options(
    text_field: Annotated[
        Field, _corpus_option("Where the text is, such as answer.text; or a,b.")
    ] = None,
    role: Annotated[str, _corpus_option("Whose turns of a chat are read.")] = "assistant",
    prompt_field: Annotated[Field, _corpus_option("What the text answers.")] = None,
    id_field: Annotated[Field, _corpus_option("What a row is called.")] = None,
    group_field: Annotated[Field, _corpus_option("What rows share that belong together.")] = None,
    domain_field: Annotated[Field, _corpus_option("Kind of text.")] = None,
    date_field: Annotated[Field, _corpus_option("When it was written.")] = None,
    before: Annotated[Day, _corpus_option("Only rows dated before that day.", **DAY)] = None,
    after: Annotated[Day, _corpus_option("Only rows of that day or later.", **DAY)] = None,
    limit: Annotated[int | None, _corpus_option("Only the first documents.", min=1)] = None,
    sample: Annotated[int | None, _corpus_option("Only so many rows, drawn.", min=1)] = None,
    seed: Annotated[
        int, _corpus_option("For everything that is drawn.", min=0, max=LARGEST_SEED)
    ] = 0,
    on_error: Annotated[
        _OnError, _corpus_option("Whether a bad row ends the run or is counted and passed over.")
    ] = _OnError.stop,
) -> CorpusOptions:
    return CorpusOptions(
        text_field=text_field,
        role=role,
        prompt_field=prompt_field,
        id_field=id_field,
        group_field=group_field,
        domain_field=domain_field,
        date_field=date_field,
        before=before.date() if before else None,
        after=after.date() if after else None,
        limit=limit,
        sample=sample,
        seed=seed,
        on_error=on_error.value,
    )


def reads_corpus(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `_corpus_options` in place of its parameter ``options``."""
    own = dict(inspect.signature(command, eval_str=True).parameters)
    del own["options"]
    shared = inspect.signature(_corpus_options, eval_str=True).parameters
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [item.replace(kind=keyword) for item in (*own.values(), *shared.values())]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        options = _corpus_options(**{name: given.pop(name) for name in shared})
        refuse_reports(given.get("paths") or ())
        command(options=options, **given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {item.name: item.annotation for item in parameters}
    return run


def refuse_reports(paths: Sequence[str]) -> None:
    """Refuse a report where a corpus is asked for, before its keys are taken for a row's.

    Raises
    ------
    InputError
    """
    for path in paths:
        place = os.path.join(path, "report.json") if os.path.isdir(path) else path
        if os.path.basename(place) != "report.json" or not os.path.isfile(place):
            continue
        with open(place, "rb") as file:
            is_report = b'"schema": "provenance-report/' in file.read(_HEAD)
        if is_report:
            raise InputError(
                "it is a report of provenance, not a corpus",
                where=visible(path),
                expected="the texts themselves",
                remedy="provenance inspect shows a report, verify checks it, and filter takes its"
                " rows out of the corpus that it read",
            )


def speaks(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``--quiet``, and ``--json`` where it has none of its own."""
    own = dict(inspect.signature(command, eval_str=True).parameters)
    has_json = "as_json" in own
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [item.replace(kind=keyword) for item in own.values()]
    more = {"quiet": Quiet} if has_json else {"as_json": AsJson, "quiet": Quiet}
    parameters += [
        inspect.Parameter(name, keyword, default=False, annotation=hint)
        for name, hint in more.items()
    ]

    @functools.wraps(command)
    def run(quiet: bool, **given: Any) -> None:
        as_json = not has_json and given.pop("as_json")
        with speaking(quiet=quiet, as_json=as_json):
            command(**given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {item.name: item.annotation for item in parameters}
    return run


def output_file(path: Path, suffixes: Sequence[str], inputs: Sequence[str] = ()) -> Path:
    """Refuse before the work what could not be written after it."""
    if not {path.suffix.lower(), "".join(path.suffixes[-2:]).lower()} & {*suffixes}:
        expected = f"a name that ends in {' or '.join(suffixes)}"
        raise InputError("this cannot be the output", where=str(path), expected=expected)
    if os.path.realpath(path) in map(os.path.realpath, inputs):
        raise InputError("the output is also an input", where=str(path), remedy="Name another file")
    require_file(path)
    return path


def given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def aliases(pairs: Sequence[str]) -> Mapping[str, str]:
    split = [pair.partition("=") for pair in pairs]
    for pair, (alias, _, name) in zip(pairs, split, strict=True):
        if not alias or not name:
            raise InputError(
                f"--alias {pair} cannot be read", expected="NAME=NAME, the second name first"
            )
    return {alias: name for alias, _, name in split}


def listed(values: Sequence[str] | None) -> list[str]:
    """Values of an option that repeats, each of which may hold several behind commas."""
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def numbers(
    option: str, values: Sequence[str] | None, *, fractions: bool = False
) -> list[float] | None:
    """The same as numbers; None where the option was not given.

    Parameters
    ----------
    option : str
    values : sequence of str or None
    fractions : bool
        Whether percentages with their sign are read too.

    Examples
    --------
    >>> numbers("--shares", ["0.1,25%"], fractions=True)
    [0.1, 0.25]
    """
    if values is None:
        return None
    try:
        return [as_number(value) if fractions else float(value) for value in listed(values)]
    except ValueError:
        told = ", ".join(values)
        expected = "fractions or percentages" if fractions else "numbers"
        raise InputError(f"{option} {told} cannot be read", expected=expected) from None
