"""``provenance verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.options import AsJson
from provenance.cli.terminal import command_shown, complain, write, write_json
from provenance.errors import InputError

if TYPE_CHECKING:
    from provenance.report.report import Report

_UNCHECKED = 3
_ROWS = "documents.parquet"


def verify(
    context: typer.Context,
    report: Annotated[
        Path,
        typer.Argument(metavar="REPORT", help="A report.json, or its folder.", show_default=False),
    ],
    rerun: Annotated[
        bool,
        typer.Option(
            "--rerun", help="Make the match again and compare; its command is told first."
        ),
    ] = False,
    attest: Annotated[
        bool,
        typer.Option(
            "--attest",
            help="Where all of it holds, write report.intoto.json beside: a statement to sign.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hold a report's inputs against their hashes: 1 where one changed, 3 where one is open."""
    from provenance.matching.custody.verifying import statement, verified_inputs, versions_changed
    from provenance.report.report import Report

    told = Report.load(report)
    file = report / "report.json" if report.is_dir() else report
    checked = verified_inputs(told)
    changed = [one for one in checked if one.verdict in ("changed", "missing")]
    differ: list[str] | None = None
    if rerun and not changed:
        differ = _again(context, told, file.with_name(_ROWS), quiet=as_json)
    # What was made again from the same hashes has been read again.
    is_open = [one for one in checked if one.verdict == "not_checked"] if differ != [] else []
    holds = None if is_open or not checked else True
    holds = False if changed or differ else holds
    if as_json:
        write_json(
            {
                "inputs": [
                    {"path": one.path, "role": one.role, "verdict": one.verdict, "why": one.why}
                    for one in checked
                ],
                "versions_changed": versions_changed(told),
                "rerun": differ,
                "holds": holds,
            }
        )
    else:
        write("".join(f"{one}\n" for one in checked))
        write("".join(f"another version: {one}\n" for one in versions_changed(told)))
        write(_of_rerun(differ, asked=rerun))
    if attest and not holds:
        complain("no statement is written: not all of it holds, or was checked")
    elif attest:
        beside = _vouched(told, file, made_again=differ == [])
        values = statement(told, file, checked, beside=beside, made_again=differ == [])
        _write_statement(file.parent / "report.intoto.json", values)
    if not holds:
        raise typer.Exit(_UNCHECKED if holds is None else 1)


def _of_rerun(differ: list[str] | None, *, asked: bool) -> str:
    if differ is None:
        return "not made again: its inputs are others\n" if asked else ""
    if not differ:
        return "made again: the same\n"
    return "".join(f"made again, differs: {one}\n" for one in differ)


def _vouched(report: Report, file: Path, *, made_again: bool) -> list[Path]:
    """What lies beside a report and was held against it; of the rest it is told why not."""
    from provenance.matching.custody.verifying import is_page_of

    rows, page = file.with_name(_ROWS), file.with_name("report.html")
    if rows.is_file() and not made_again:
        complain(f"{rows}: not attested, only --rerun tells whose rows these are")
    is_own = page.is_file() and is_page_of(page, report)
    if page.is_file() and not is_own:
        complain(f"{page}: not attested, this report gives another page here")
    return [
        *([rows] if made_again and rows.is_file() else []),
        *([page] if is_own else []),
    ]


def _again(context: typer.Context, report: Report, rows: Path, *, quiet: bool) -> list[str]:
    """Run the report's own command in a folder that passes, and compare."""
    import io
    import shlex
    from contextlib import redirect_stdout

    from provenance.files.leftovers import passing_folder
    from provenance.matching.custody.verifying import again, differences, same_rows
    from provenance.report.report import Report as Reports
    from provenance.words import visible

    with passing_folder() as folder:
        words = again(report, Path(folder))
        if not quiet:
            write("making again:\n")
            write(f"{command_shown(visible(shlex.join(report.manifest.command)))}\n")
        program: Any = context.find_root().command
        with redirect_stdout(io.StringIO()):
            status = program.main(words, "provenance", standalone_mode=False)
        made = Path(folder) / "again" / "report.json"
        # A gate of the match may have failed: its report stands there then, whole.
        if status not in (0, None, 1, 3) or not made.is_file():
            raise InputError(
                "the report's command cannot be run again here",
                expected="the folder, and the files, that it was run with",
                remedy="Run verify where the match was run",
            )
        found = differences(report, Reports.load(made))
        others = rows.is_file() and not same_rows(rows, made.with_name(_ROWS))
        return [*found, *([f"{_ROWS}: other rows"] if others else [])]


def _write_statement(path: Path, values: dict[str, Any]) -> None:
    from provenance.files.aside import write_json_aside

    write_json_aside(path, values)
    complain(f"{path}")
