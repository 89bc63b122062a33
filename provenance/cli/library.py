"""``provenance library``: the sources that are known before anything is brought."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.options import AsJson, output_file, speaks
from provenance.cli.terminal import write, write_json
from provenance.errors import InputError
from provenance.files.places import require_folder
from provenance.words import percent, visible

if TYPE_CHECKING:
    from provenance.matching.library.library import Library
    from provenance.matching.library.shelf import Entry

__all__ = ["library_app"]

library_app = typer.Typer(
    no_args_is_help=True, help="The kinds of text and the sources that ship, and your own."
)
_Name = Annotated[str, typer.Argument(help="As library list tells it.", show_default=False)]


@library_app.command("list")
@speaks
def list_kinds(as_json: AsJson = False) -> None:
    """List the kinds of text that scan reads against, and the sources that have names."""
    from provenance.matching.library.library import starter_library
    from provenance.matching.library.shelf import shelves

    held = starter_library()
    own, shipped = (shelf.entries for shelf in shelves())
    sources = [*own, *shipped]
    if as_json:
        write_json(
            {
                "made": held.made,
                "sha256": held.sha256,
                "kinds": [asdict(kind) for kind in held.kinds],
                "sources": [asdict(entry) for entry in sources],
            }
        )
        return
    people, models = (len(held.of(by)) for by in ("people", "models"))
    write(f"{people} kinds of text by people and {models} of models', up to {held.made}\n")
    write(f"{'by':<6}  {'topic':<13} {'texts':>5}  name\n")
    for kind in sorted(held.kinds, key=lambda one: (one.by != "people", one.name)):
        write(f"{kind.by:<6}  {kind.topic:<13} {kind.n_documents:>5}  {kind.name}\n")
    write(f"\n{len(sources)} sources with names, for --candidate, --panel and --reference\n")
    write(f"{'by':<6}  {'vendor':<13} {'texts':>5}  name\n")
    for entry in sources:
        vendor, whose = entry.vendor or "", " (yours)" if entry in own else ""
        told = f"{entry.by:<6}  {vendor:<13} {entry.n_documents:>5}  {entry.name}{whose}"
        write(visible(told) + "\n")


@library_app.command("show")
@speaks
def show_kind(name: _Name, as_json: AsJson = False) -> None:
    """Show one kind of text as scan knows it, or one source."""
    from provenance.matching.library.library import starter_library
    from provenance.matching.library.naming import found_entry
    from provenance.matching.library.shelf import shelves

    held = starter_library()
    found = [at for at, kind in enumerate(held.kinds) if kind.name == name]
    try:
        source = found_entry(shelves(), name)[1]
    except InputError:
        if not found:
            raise
        source = None
    kind = held.kinds[found[0]] if found else None
    if as_json:
        told = {} if kind is None else {**asdict(kind), "reads_as_a_models": _above(held, found[0])}
        write_json(told | ({} if source is None else {"as_a_source": asdict(source)}))
        return
    if kind is not None:
        write(
            f"{kind.name}: by {kind.by}, {kind.topic}, {kind.n_documents} documents of"
            f" {kind.median_tokens} tokens (median).\n"
            f"{percent(_above(held, found[0]))} of them score above 0, where models' text is"
            " likelier.\n"
        )
    if source is not None:
        write(visible("\n".join(_lines(source)), lines=True) + "\n")


@library_app.command()
@speaks
def add(
    file: Annotated[str, typer.Argument(metavar="A.fp", help="Its sample.", show_default=False)],
    name: Annotated[
        str | None, typer.Option(help="In the library.", show_default="the fingerprint's")
    ] = None,
    people: Annotated[
        bool, typer.Option("--people", help="It is text that no model wrote.")
    ] = False,
    prompts: Annotated[
        str | None,
        typer.Option(
            metavar="SET",
            help="Name of the set of prompts that it answers: of models of one set, each may be"
            " the panel of the others.",
            show_default="its own",
        ),
    ] = None,
    vendor: Annotated[str | None, typer.Option(help="Whose model it is.")] = None,
    family: Annotated[str | None, typer.Option(help="Of models.")] = None,
    release: Annotated[str | None, typer.Option(help="Day or month of it.")] = None,
    language: Annotated[str, typer.Option(help="Of the text.")] = "en",
    source: Annotated[str, typer.Option(help="Where the text is from.")] = "",
    licence: Annotated[str, typer.Option(help="Of the text.")] = "",
) -> None:
    """Add a source to your own library; its fingerprint is sealed."""
    from provenance.fingerprint.fingerprint import Fingerprint
    from provenance.matching.library.naming import require_new_name
    from provenance.matching.library.shelf import Entry, added, own_shelf

    given = Fingerprint.load(file)
    called = given.name if name is None else name
    require_new_name(called)
    entry = Entry(
        name=called,
        by="people" if people else "model",
        prompts=called if prompts is None else prompts,
        n_documents=0,
        n_tokens=0,
        language=language,
        source=source,
        licence=licence,
        sha256="",
        vendor=vendor,
        family=family,
        release=release,
    )
    made = added(own_shelf(), entry, given)
    write("\n".join(map(visible, _lines(made.by_name[called]))) + "\n")
    write(f"kept in {visible(str(made.folder))}\n")


@library_app.command()
@speaks
def remove(name: _Name) -> None:
    """Take a source out of your own library."""
    from provenance.matching.library.naming import own_entry
    from provenance.matching.library.shelf import own_shelf

    shelf = own_shelf()
    entry = own_entry(shelf, name)
    shelf.without_source(entry)
    write(f"removed {visible(entry.name)}\n")


@library_app.command()
@speaks
def export(
    name: _Name,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.fp", help="File to write.")
    ],
) -> None:
    """Write a source's fingerprint as a file of its own."""
    target = output_file(output, (".fp",))
    from provenance.matching.library.naming import found_entry
    from provenance.matching.library.shelf import shelves

    shelf, entry = found_entry(shelves(), name)
    shelf.fingerprint(entry).save(target)
    write(f"{visible(str(target))}: {visible(entry.name)}, {entry.n_documents} documents\n")


@library_app.command()
@speaks
def build(
    data: Annotated[str, typer.Argument(help="Folder of measured texts.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for the sources.")
    ],
) -> None:
    """Measure the sources of a data folder anew; the same texts give the same bytes."""
    require_folder(output, ("catalog.json",))
    from provenance.matching.library.stocking import stock

    made = stock(Path(data), output, lambda line: write(f"{visible(str(line))}\n"))
    size = sum(path.stat().st_size for path in output.iterdir())
    write(f"{visible(str(output))}: {len(made.entries)} sources, {size / 1e6:.1f} MB\n")


def _lines(entry: Entry) -> list[str]:
    """What is known of a source."""
    known = [one for one in (entry.vendor, entry.family, entry.release) if one]
    return [
        f"{entry.name}: by {'people' if entry.by == 'people' else 'a model'}"
        + (f" ({', '.join(known)})" if known else ""),
        f"  {entry.n_documents:,} documents, {entry.n_tokens:,} tokens, language {entry.language},"
        f" prompts of {entry.prompts}",
        *([f"  from {entry.source}"] if entry.source else []),
        *([f"  licence: {entry.licence}"] if entry.licence else []),
        f"  sha256 {entry.sha256}",
    ]


def _above(held: Library, number: int) -> float:
    from provenance.matching.library.library import EDGES

    counts = held.counts[number, -1]
    return float(counts[len(EDGES) // 2 + 1 :].sum() / counts.sum())
