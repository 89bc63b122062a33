"""What reading chats of mixed shapes costs beside reading the same words as plain text.

``python -m provenance.validation.bench.reading_cost --rows 100000`` writes two files that give
the same documents, one of chats in nine shapes and one of plain texts beside their prompts, reads
each in turns, and prints the ratio in processor seconds: of reading alone, and of measuring a
fingerprint, which reads and measures as a match does.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.simulate.words import library_texts

__all__ = ["SHAPES", "main", "ratio", "write_files"]

_ASKED, _ANSWERED = 20, 120
"""Words of a question and of an answer, as the medians of instruction sets have it, roughly."""


def _list(user: str, assistant: str, role: str, text: str) -> Callable[[str, str], Any]:
    return lambda asked, said: [{role: user, text: asked}, {role: assistant, text: said}]


SHAPES: tuple[Callable[[str, str], Any], ...] = (
    lambda asked, said: said,
    _list("user", "assistant", "role", "content"),
    _list("human", "gpt", "from", "value"),
    _list("human", "ai", "type", "content"),
    lambda asked, said: {"from": ["human", "gpt"], "value": [asked, said]},
    lambda asked, said: [asked, said],
    lambda asked, said: f"\n\nHuman: {asked}\n\nAssistant: {said}",
    lambda asked, said: f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n{said}",
    lambda asked, said: json.dumps(_list("user", "assistant", "role", "content")(asked, said)),
)
"""How a question and its answer are written into a field."""


def write_files(folder: Path, n_rows: int) -> tuple[Path, Path]:
    """Write the chats and the plain texts of the same documents."""
    words = [word for text in library_texts() for word in text.split()]
    mixed, plain = folder / "mixed.jsonl", folder / "plain.jsonl"
    with mixed.open("w", encoding="utf-8") as first, plain.open("w", encoding="utf-8") as second:
        for row in range(n_rows):
            start = row * 89 % (len(words) - _ASKED - _ANSWERED)
            cut = start + _ASKED
            asked = " ".join(words[start:cut])
            said = " ".join(words[cut : cut + _ANSWERED])
            shape = SHAPES[row % len(SHAPES)]
            first.write(json.dumps({"messages": shape(asked, said)}) + "\n")
            second.write(json.dumps({"prompt": asked, "text": said}) + "\n")
    return mixed, plain


def _read(path: Path) -> None:
    for _ in open_corpus(path):
        pass


def _measure(path: Path) -> None:
    fit_fingerprint(open_corpus(path), "reading")


def _seconds(work: Callable[[Path], None], path: Path) -> float:
    start = time.process_time()
    work(path)
    return time.process_time() - start


def ratio(
    work: Callable[[Path], None], mixed: Path, plain: Path, rounds: int
) -> tuple[float, float, float]:
    """Median ratio, and seconds of the fastest round of both; a first round warms up."""
    work(plain)
    pairs = [(_seconds(work, mixed), _seconds(work, plain)) for _ in range(rounds)]
    median = statistics.median(first / second for first, second in pairs)
    return median, min(first for first, _ in pairs), min(second for _, second in pairs)


def _told(folder: Path, n_rows: int, rounds: int) -> Iterator[str]:
    mixed, plain = write_files(folder, n_rows)
    for work, what in ((_read, "reading alone"), (_measure, "a fingerprint")):
        found, first, second = ratio(work, mixed, plain, rounds)
        yield (
            f"{what}: {found:.2f} times plain text"
            f" ({n_rows / first:,.0f} and {n_rows / second:,.0f} rows a second)"
        )


def main(
    rows: Annotated[int, typer.Option(min=1, help="Rows of each file.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="Times that both are read.")] = 5,
) -> None:
    """Print what mixed shapes cost over plain text."""
    with tempfile.TemporaryDirectory() as name:
        for line in _told(Path(name), rows, rounds):
            typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
