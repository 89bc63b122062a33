"""``provenance declare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.options import AsJson, output_file
from provenance.cli.terminal import write, write_json


def declare(
    report: Annotated[
        Path,
        typer.Argument(metavar="REPORT", help="A report.json, or its folder.", show_default=False),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUT.json", help="Write it there.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="CARD",
            help="A README.md card or a Croissant file: exit with 1 where the measured interval"
            " contradicts what it says.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fill a data-set card and Croissant-RAI with what was measured, or check what one declares."""
    if output is not None:
        read = [report, report / "report.json", *([check] if check else [])]
        output_file(output, (".json",), [str(one) for one in read])
    from provenance.report.declared.card import checked, checked_lines, read_statements
    from provenance.report.declared.declaration import declaration, measured
    from provenance.report.report import Report

    told = Report.load(report)
    statements = None if check is None else read_statements(check)
    if output is not None:
        from provenance.files.aside import write_json_aside

        write_json_aside(output, declaration(told))
    if statements is None:
        if output is None:
            write_json(declaration(told))
        return
    found = checked(statements, measured(told))
    if as_json:
        write_json(
            [
                {"where": one.statement.where, "said": one.statement.said, "verdict": one.verdict}
                for one in found
            ]
        )
    else:
        write("".join(f"{line}\n" for line in checked_lines(found, measured(told))))
    if any(one.verdict == "contradicted" for one in found):
        raise typer.Exit(1)
