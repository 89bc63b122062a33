"""What recognisers of segments find in plain text by people, what of code they find, and languages.

``python -m provenance.validation.bench.segmenting DATA``. Documents of people that hold nothing but
prose tell each recogniser's false rate; files of code tell how many are taken for code; folders in
known languages tell how often the right one is named.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from provenance.corpus import open_corpus
from provenance.corpus.languages import language_of
from provenance.corpus.segments import (
    LINES_OF_CODE,
    PROMPT,
    RECOGNISERS,
    kind_of,
    recognised_by,
    segments_of,
)
from provenance.errors import InputError

__all__ = ["code_table", "false_table", "language_table", "main"]

_PLAIN: Final = (
    "detectrl/human_*.jsonl.gz",
    "more/human_web/human_*.jsonl.gz",
    "more/human_abstracts/human_*.jsonl.gz",
    "more/reddit_qa/human_*.jsonl.gz",
    "more/glimpse_en/human*.jsonl.gz",
    "more/hc3plus/human_*.jsonl.gz",
    "more/gaokao_zh/human_*.jsonl.gz",
)
"""Texts by people that hold no code; Chinese ones among them."""
_CODE: Final = (
    "code_classeval",
    "code_evocode",
    "code_humaneval_mbpp",
    "code_humaneval_2025",
    "code_polyglot_human",
)
_LANGUAGES: Final = (
    ("more/human_web/human_*.jsonl.gz", "en", "people"),
    ("more/hc3plus/human_en*.jsonl.gz", "en", "people"),
    ("more/hc3plus/human_zh*.jsonl.gz", "zh", "people"),
    ("more/hc3plus/chatgpt-2023_zh*.jsonl.gz", "zh", "a model"),
    ("more/gaokao_zh/human_*.jsonl.gz", "zh", "people"),
    ("more/corp_huatuo_zh/*.jsonl.gz", "zh", "a model"),
    ("more/logickor_ko/*.jsonl.gz", "ko", "models"),
    ("alpaca_eval/gpt4_0613.jsonl.gz", "en", "a model"),
)
_MOST: Final = 2000
"""Documents of a file; a bound on time."""

Row = tuple[str, ...]


def _texts(path: Path) -> Iterator[tuple[str, str | None]]:
    for one in itertools.islice(open_corpus(path, text_field="text"), _MOST):
        yield one.text, one.prompt


def _files(data: Path, pattern: str) -> list[Path]:
    found = sorted(data.glob(pattern))
    if not found:
        raise InputError(
            "there is no such file", where=str(data / pattern), remedy="Name the data's folder"
        )
    return found


def false_table(texts: Iterable[str]) -> Iterator[Row]:
    """How many of some plain texts each recogniser finds something in.

    Examples
    --------
    >>> [row for row in false_table(["Plain.", "Score: 8/10"]) if row[2] == "1"]
    [('lines of a grade', 'label', '1', '50 %')]
    """
    found: Counter[str] = Counter()
    n = 0
    for text in texts:
        n += 1
        found.update(name for name, _, _ in recognised_by(text))
    every = [(row.name, row.kind) for row in RECOGNISERS]
    yield "recogniser", "kind", f"of {n:,} texts", "part"
    for name, kind in (*every, (PROMPT, "quoted"), (LINES_OF_CODE, "code")):
        yield name, kind, str(found[name]), f"{100 * found[name] / max(1, n):.2g} %"


def code_table(folders: Iterable[tuple[str, Sequence[tuple[str, str | None]]]]) -> Iterator[Row]:
    """How many files of code hold code, and what is named."""
    yield "folder", "texts", "hold code", "commonest segments"
    for name, texts in folders:
        held: Counter[str] = Counter()
        n_code = 0
        for text, prompt in texts:
            segments = segments_of(text, prompt)
            held.update(segments.keys())
            n_code += any(kind_of(one) == "code" for one in segments)
        common = ", ".join(f"{one} {n}" for one, n in held.most_common(4))
        yield name, str(len(texts)), f"{100 * n_code / max(1, len(texts)):.1f} %", common


def language_table(kinds: Iterable[tuple[str, str, str, Sequence[str]]]) -> Iterator[Row]:
    """How often the right language is named, another one, and none."""
    yield "texts of", "by", "language", "texts", "right", "another", "none"
    for name, language, by, texts in kinds:
        found = Counter(language_of(text) for text in texts)
        right, none = found[language], found[""]
        parts = (right, len(texts) - right - none, none)
        told = (f"{100 * part / max(1, len(texts)):.1f} %" for part in parts)
        yield name, by, language, str(len(texts)), *told


def _echo(title: str, rows: Iterable[Row]) -> None:
    typer.echo(f"\n{title}\n")
    for number, row in enumerate(rows):
        typer.echo("| " + " | ".join(row) + " |")
        if not number:
            typer.echo("|" + "---|" * len(row))


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data, which is not the project's.")],
) -> None:
    """Print what recognisers find where nothing is, what of code, and languages."""
    plain = (
        text
        for pattern in _PLAIN
        for path in _files(data, pattern)
        for text, _ in _texts(path)
        if text.strip()
    )
    _echo("**False finds** in plain texts by people", false_table(plain))
    folders = (
        (name, [one for path in _files(data, f"more/{name}/*.jsonl.gz") for one in _texts(path)])
        for name in _CODE
    )
    _echo("**Files of code**", code_table(folders))
    kinds = (
        (
            pattern.removeprefix("more/").partition("/")[0],
            language,
            by,
            [text for path in _files(data, pattern) for text, _ in _texts(path) if text.strip()],
        )
        for pattern, language, by in _LANGUAGES
    )
    _echo("**Languages**", language_table(kinds))


if __name__ == "__main__":
    typer.run(main)
