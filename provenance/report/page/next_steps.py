"""What to do next, as commands that can be copied: what would strengthen this answer most."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from provenance.records import OF_LIBRARY
from provenance.report.commands import OF_PARTS, OUTPUT, READING, SOURCES, only, without
from provenance.report.report import Report
from provenance.words import TO_TELL_MORE, source_name, visible, wrapped_command

__all__ = ["Step", "next_steps"]

_MOST: Final = 6
"""A round figure, not tuned: more are read by nobody."""
_WIDE: Final = 38
"""Characters of a line: what the page has room for at 390 pixels, as a phone has."""
_MOST_PATHS: Final = 4
"""A round figure, not tuned: more make no line that anybody reads."""
_FOLDER = "report"


@dataclass(frozen=True, slots=True)
class Step:
    """Why, and the commands."""

    why: str
    commands: tuple[str, ...]


def next_steps(report: Report) -> list[Step]:
    """At most six, what would change most first; long commands go on in the next line."""
    steps = [*_steps(report)][:_MOST]
    return [
        replace(one, commands=tuple(wrapped_command(told, _WIDE) for told in one.commands))
        for one in steps
    ]


def _steps(report: Report) -> Iterator[Step]:
    candidates, measured = report.candidates(), report.unattributed()
    corpus = _corpus(report)
    is_match = report.manifest.command[:2] == ("provenance", "match")
    has_log = any(one.details.get("of") == "log" for one in report.findings)
    found = [one.details.get("of") for one in report.findings if one.verdict == "found"]
    if candidates and not has_log:
        yield Step(
            "If you run the API: its own log alone tells who wrote a row from who writes alike.",
            (
                "provenance index LOG.jsonl -o log.idx",
                "provenance index NOT-BY-THE-API.jsonl -o decoys.idx",
                _again(report, "--log", "log.idx", "--decoy-log", "decoys.idx"),
            ),
        )
    if not candidates:
        yield Step(f"{TO_TELL_MORE}.", (*_to_match(report, corpus),))
    elif report.verdict == "withheld" or not _was_asked(report):
        yield Step(
            "Ask the API the corpus's own prompts: samples on other prompts are the most common"
            " reason why nothing, or little, can be told.",
            (
                f"provenance ask {corpus}{_read_as(report)} -o ask.jsonl",
                f"provenance fingerprint ANSWERS.jsonl --asked ask.jsonl --name {_api(report)}"
                " -o asked.fp",
            ),
        )
    if candidates and (measured is not None or report.beside_few_models()):
        yield Step(
            "Bring samples of the other models that may stand behind the corpus.",
            (_again(report, "--panel", "others/"),),
        )
    if report.excerpts and is_match:
        yield Step(
            "Take the listed rows out, and see at most how much is left.",
            (f"provenance filter {corpus} --report {_folder(report)} --drop 'q<=0.05' -o clean",),
        )
    if OF_LIBRARY in found:
        yield Step(
            "Take the known answers of models out.",
            (f"provenance filter {corpus} --report {_folder(report)} --drop known -o clean",),
        )
    if is_match and "log" in found:
        yield Step(
            "Take the rows that match the log out.",
            (f"provenance filter {corpus} --report {_folder(report)} --drop log -o clean-of-log",),
        )
    part = _strongest_part(report)
    if part is not None:
        yield Step(
            "Look at the part that shows most; to go on without it:",
            (
                f"provenance filter {corpus} --report {_folder(report)} --drop {shlex.quote(part)}"
                " -o without",
                *([] if is_match else [f"provenance scan without{_read_as(report)}"]),
            ),
        )
    if candidates and is_match:
        yield Step(
            "Measure how far such an answer can be trusted, on your own samples.",
            (shlex.join(["provenance", "validate", *_sources(report), "-o", "checked"]),),
        )
    yield Step(
        "Check that the inputs are still what this report was made from.",
        (f"provenance verify {_folder(report)}",),
    )


def _to_match(report: Report, corpus: str) -> Iterator[str]:
    """From a scan to a match; where it tells no share the library's people are not of the kind."""
    told = f"{corpus}{_read_as(report)}"
    yield f"provenance ask {told} -o ask.jsonl"
    yield "provenance fingerprint ANSWERS.jsonl --asked ask.jsonl --name API -o api.fp"
    people = "people"
    if report.verdict == "withheld":
        people = "people.fp"
        yield f"provenance fingerprint BY-PEOPLE.jsonl --name by-people -o {people}"
    yield f"provenance match {told} --candidate api.fp --reference {people} -o matched"


def _corpus(report: Report) -> str:
    """All of it as it was named; a command about a part of it would tell something else."""
    paths = report.corpus.named
    return shlex.join(map(visible, paths)) if 0 < len(paths) <= _MOST_PATHS else "CORPUS"


def _read_as(report: Report) -> str:
    """The options by which its rows were read, which another command needs, too."""
    words = only([visible(one) for one in report.manifest.command], READING)
    return f" {shlex.join(words)}" if words else ""


def _api(report: Report) -> str:
    """The name of the one candidate."""
    names = [source_name(one.source) for one in report.candidates()]
    return shlex.quote(names[0]) if len(names) == 1 else "API"


def _sources(report: Report) -> list[str]:
    found = only([visible(one) for one in report.manifest.command], SOURCES)
    return found if "--reference" in found else ["--candidate", "A.fp", "--reference", "H.fp"]


def _strongest_part(report: Report) -> str | None:
    """The part that shows most, as `filter` takes it: one of a field named with ``--by``."""
    found = report.parts_listed.parts if report.parts_listed is not None else ()
    asked = {*only(report.manifest.command, ("--by",))}
    # Commas part conditions from one another.
    named = (one for one in found if one.field in asked and "," not in f"{one.field}{one.value}")
    best = max(named, key=lambda one: one.low * one.n_documents, default=None)
    return None if best is None else visible(f"{best.field}={best.value}")


def _was_asked(report: Report) -> bool:
    return any(
        one.kind == "regenerated" and one.verdict != "not_checked" for one in report.findings
    )


def _given(report: Report) -> tuple[list[str], str]:
    """The command without its output and what it kept, and the output."""
    words = [visible(one) for one in report.manifest.command]
    # With a log, rows are not kept batch by batch.
    kept, values = without(words, (*OUTPUT, *OF_PARTS))
    return kept, next((values[name] for name in OUTPUT if values.get(name)), _FOLDER)


def _folder(report: Report) -> str:
    return shlex.quote(_given(report)[1])


def _again(report: Report, *more: str) -> str:
    """The same command with more options, into another folder."""
    kept, folder = _given(report)
    if kept[:2] != ["provenance", "match"]:
        kept = ["provenance", "match", "CORPUS", "--candidate", "A.fp"]
    return shlex.join([*kept, *more, "-o", f"{folder.rstrip('/')}-2"])
