"""``provenance demo``: the whole way once, told on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.options import Workers
from provenance.cli.terminal import command_shown, progress_bar, show
from provenance.cli.watermark import render_check
from provenance.words import percent, percent_range, visible, wrapped

if TYPE_CHECKING:
    from rich.console import Console

    from provenance.simulate.demo import DemoResult
    from provenance.simulate.watermark_demo import WatermarkDemo

__all__ = ["demo"]


def _tell_watermark_demo(result: WatermarkDemo, console: Console) -> None:
    """A demonstration: what the corpus is, what was found, and how it was in truth."""
    from rich.text import Text

    n_all = result.n_marked + result.n_plain + result.n_manual
    told = (
        f"A corpus of {n_all} texts: {result.n_marked} that a small language model wrote with the"
        f" key of demo-endpoint, {result.n_plain} that it wrote without, and {result.n_manual}"
        " pieces of Python's manual. Nobody marked with the key of unused-endpoint.\n"
    )
    console.print(Text(wrapped(told, console.width)), soft_wrap=True)
    render_check(result.check, console)
    told = (
        f"\nOf {result.n_marked} marked texts {result.n_listed_marked} are listed for"
        f" demo-endpoint, of {result.n_plain + result.n_manual} others {result.n_listed_others}."
        " This is a demonstration, not a measurement: how soon a mark is told depends on the"
        f" entropy of the text, here {result.bits:.1f} bits a token.\n\nThe same by hand:"
    )
    console.print(Text(wrapped(told, console.width)), soft_wrap=True)
    console.print(Text(command_shown(visible(result.command))), soft_wrap=True)


def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUTDIR", help="Folder for all that is made.")
    ] = Path("provenance-demo"),
    seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="For everything that is drawn.")
    ] = 0,
    watermark: Annotated[
        bool, typer.Option("--watermark", help="The check for a watermark instead of a share.")
    ] = False,
    workers: Workers = 1,
) -> None:
    """Run the whole way once, on text that is at hand and of known origin."""
    from provenance.simulate.demo import run_demo
    from provenance.simulate.watermark_demo import run_watermark_demo

    if watermark:
        with progress_bar() as progress:
            marked = run_watermark_demo(output, seed=seed, workers=workers, progress=progress)
        show(lambda console: _tell_watermark_demo(marked, console))
        return
    with progress_bar() as progress:
        result = run_demo(output, seed=seed, workers=workers, progress=progress)
    show(lambda console: _tell_share_demo(result, console))


def _tell_share_demo(result: DemoResult, console: Console) -> None:
    from rich.text import Text

    from provenance.report.terminal import render_terminal

    n_all = result.n_api + result.n_human
    (row,) = result.report.candidates()
    estimate = row.verdict if row.share is None else percent(row.share)
    told = (
        f"A corpus of {n_all} texts: {result.n_api} answers by a language model and"
        f" {result.n_human} pieces of Python's manual.\n"
    )
    console.print(Text(wrapped(told, console.width)), soft_wrap=True)
    render_terminal(result.report, console, where=result.page)
    told = (
        f"\nEstimated {estimate} ({percent_range(row.low, row.high)}), in truth"
        f" {percent(result.truth)}. This is a demonstration, not a measurement: answers in"
        " markdown and a manual are far easier to tell apart than two authors of one kind of"
        " text.\n\nThe same by hand:"
    )
    console.print(Text(wrapped(told, console.width)), soft_wrap=True)
    for line in result.commands:
        console.print(Text(command_shown(visible(line))), soft_wrap=True)
