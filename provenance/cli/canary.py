"""``provenance canary plant`` and ``provenance canary check``: parse, call one function, print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.options import (
    AsJson,
    Keys,
    Paths,
    Scheduler,
    Workers,
    output_file,
    reads_corpus,
    speaks,
)
from provenance.cli.terminal import (
    VERDICTS,
    contents,
    progress_bar,
    show,
    what_was_read,
    write,
    write_json,
)
from provenance.corpus.document import CorpusOptions
from provenance.errors import InputError
from provenance.words import percent, visible, wrapped

if TYPE_CHECKING:
    from rich.console import Console

    from provenance.corpus import Corpus, Document
    from provenance.evidence.canary.checking import AccountCheck, CanaryCheck
    from provenance.evidence.canary.planting import Canary

__all__ = ["canary_app"]

_KIND = "canary"
_SCHEMA = "provenance-canary/1"
_MAX_NAMES = 1 << 24
_SHOWN = 20
_NAME_SHOWN = 240

canary_app = typer.Typer(
    no_args_is_help=True, help="Plant keyed word choices in answers, and find them again."
)


@canary_app.command()
@speaks
@reads_corpus
def plant(
    paths: Paths,
    options: CorpusOptions,
    keys: Keys,
    account_field: Annotated[
        str, typer.Option(metavar="FIELD", help="Whose answer a row is.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="OUT.jsonl", help="File to write; also .gz, .zst."),
    ],
) -> None:
    """Write the answers again, with the canaries of their accounts."""
    from provenance.corpus import open_corpus
    from provenance.files.lines import LINES_SUFFIXES, write_json_lines

    canaries = _canaries(keys)
    if len(canaries) > 1:
        raise InputError(
            f"it has {len(canaries)} [[{_KIND}]] tables, and answers are planted under one",
            where=str(keys),
            remedy="Put the others into a file of their own",
        )
    corpus = open_corpus(paths, replace(options, by=(account_field,)))
    target = output_file(output, LINES_SUFFIXES, inputs=corpus.paths)
    rows = _Planting(corpus, canaries[0], account_field)
    with progress_bar() as progress:
        write_json_lines(target, rows.lines(progress))
    write("".join(f"{visible(line)}\n" for line in rows.told(target)))


class _Planting:
    """Planted rows as they come, and their counts."""

    def __init__(self, corpus: Corpus, canary: Canary, field: str) -> None:
        self._corpus, self._canary, self._field = corpus, canary, field
        self._accounts: set[str] = set()
        self._n_rows = self._n_without = 0
        self._n_choices = self._n_changed = self._n_texts = self._n_strings = 0

    def lines(self, progress: Any) -> Iterator[dict[str, str]]:
        from provenance.evidence.canary.planting import plant as plant_in

        for document in self._corpus:
            account = document.fields[self._field]
            if not account:
                self._without(document)
                continue
            made = plant_in(document.text, self._canary, account)
            self._n_rows += 1
            self._accounts.add(account)
            self._n_choices += made.n_choices
            self._n_changed += made.n_changed
            self._n_texts += made.n_choices > 0
            self._n_strings += made.string is not None
            if progress is not None and self._n_rows % 1000 == 0:
                progress(self._corpus)
            prompt = {} if document.prompt is None else {"prompt": document.prompt}
            yield {"id": document.id, "account": account, **prompt, "text": made.text}

    def _without(self, document: Document) -> None:
        if self._corpus.options.on_error == "stop":
            raise InputError(
                f"the row has no account under {self._field!r}",
                where=f"{document.path}:{document.line}",
                expected="whose answer it is",
                remedy="To pass over such rows, --on-error skip",
            )
        self._n_without += 1

    def told(self, target: Path) -> Iterator[str]:
        yield f"{target}: {self._n_rows:,} answers of {len(self._accounts):,} accounts"
        if "words" in self._canary.styles:
            yield (
                f"{self._n_choices:,} word choices in {self._n_texts:,} answers,"
                f" {self._n_changed:,} of them changed"
            )
        if "strings" in self._canary.styles:
            yield f"{self._n_strings:,} strings"
        n_skipped = self._n_without + self._corpus.counts.n_skipped
        yield from what_was_read(self._corpus)
        if n_skipped:
            yield f"{n_skipped:,} rows skipped, {self._n_without:,} for want of an account"


@canary_app.command()
@speaks
@reads_corpus
def check(
    paths: Paths,
    options: CorpusOptions,
    keys: Keys,
    account: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An account to check. Repeat.")
    ] = None,
    accounts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Accounts to check, one a line.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT.json", help="File to write all of it to."),
    ] = None,
    as_json: AsJson = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
) -> None:
    """Tell whether a corpus holds accounts' canaries, with exact p-values."""
    canaries = _canaries(keys)
    named = [*(account or ()), *(() if accounts is None else _names(accounts))]
    from provenance.corpus import open_corpus
    from provenance.corpus.batches.scheduler import workforce
    from provenance.evidence.canary.checking import check as check_corpus
    from provenance.files.claims import claimed

    corpus = open_corpus(paths, options)
    if output is not None:
        output = output_file(output, (".json",), inputs=[*corpus.paths, str(keys)])
    with nullcontext() if output is None else claimed(output) as claim:
        with workforce(workers, scheduler) as hands, progress_bar() as progress:
            found = check_corpus(
                corpus,
                canaries,
                named or None,
                workers=hands.workers,
                executor=hands.executor,
                progress=progress,
            )
        if output is not None and claim is not None:
            claim.check()
            from provenance.files.aside import write_json_aside

            write_json_aside(output, contents(_SCHEMA, found, corpus))
    if as_json:
        write_json(contents(_SCHEMA, found, corpus))
    else:
        show(lambda console: _render(found, console, what_was_read(corpus)))


def _canaries(keys: Path) -> list[Canary]:
    from provenance.evidence.canary.planting import Canary
    from provenance.files.keys import read_keys

    return read_keys(keys, _KIND, Canary)


def _names(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_NAMES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("it is not UTF-8", where=str(path), expected="an account a line") from None
    if len(data) > _MAX_NAMES:
        raise InputError(f"it is larger than {_MAX_NAMES:,} bytes", where=str(path))
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if not names:
        raise InputError("it names no account", where=str(path), expected="an account a line")
    return names


def _render(found: CanaryCheck, console: Console, read: Sequence[str]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    ranked = sorted(found.accounts, key=lambda row: row.log10_p_value)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("account")
    for name in ("places", "agreeing", "strings", "p", "corrected p"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for row in ranked[:_SHOWN]:
        table.add_row(*(Text(cell) for cell in _cells(row)))
    console.print(table)
    if len(ranked) > _SHOWN:
        console.print(f"and {len(ranked) - _SHOWN:,} more accounts, with larger p-values")
    for row in ranked[:_SHOWN]:
        for place in row.where:
            told = _shown(f"{row.account}: {place.path}:{place.line} ({place.id})")
            console.print(Text(wrapped(told, console.width)), soft_wrap=True)
    for line in (*_notes(found), *read):
        console.print(Text(wrapped(line, console.width)), soft_wrap=True)


def _cells(row: AccountCheck) -> Sequence[str]:
    name = row.account if not row.key_name else f"{row.account} ({row.key_name})"
    counts = (row.n_states, row.n_agreeing, row.n_strings)
    shown = ["-" if count is None else f"{count:,}" for count in counts]
    return [
        _shown(name),
        *shown,
        f"{row.p_value:.2g}",
        f"{row.adjusted_p_value:.2g}",
        VERDICTS[row.verdict],
    ]


def _shown(text: str) -> str:
    told = visible(text)
    return told if len(told) <= _NAME_SHOWN else f"{told[:_NAME_SHOWN]}…"


def _notes(found: CanaryCheck) -> Iterator[str]:
    yield from dict.fromkeys(f"{VERDICTS[row.verdict]}: {row.sentence}" for row in found.accounts)
    yield (
        f"{found.n_documents:,} documents, {found.n_choices:,} word choices,"
        f" {found.n_states:,} distinct places, {found.n_strings:,} strings of the form"
    )
    if found.states_kept < 1:
        yield f"of the distinct places a sample of {percent(found.states_kept)} was kept"
    if found.pooled_p_value is not None:
        yield f"word choices of all accounts together: p = {found.pooled_p_value:.2g}"
    yield (
        f"Null hypothesis: {found.null_hypothesis}. Corrected for {len(found.accounts):,} accounts"
        f" (Holm); found: corrected p at most {found.level:g}."
    )
