"""What the runs of the fault table read: corpora, fingerprints and keys, and what befalls them."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = [
    "CHANGES",
    "CORPORA",
    "befall",
    "changing_corpus",
    "command_line",
    "index_of",
    "prepared",
]

CORPORA: Final = ("jsonl", "parquet", "arrow")
CHANGES: Final = ("GROWS", "CUT", "REPLACED")
_N_ROWS: Final = 300
_N_LARGE: Final = 3000
"""Rows of a corpus that changes: more than is read ahead; a round figure, not tuned."""


def changing_corpus(kind: str, folder: Path) -> Path:
    """A corpus that may be changed while it is read."""
    path = folder / f"corpus.{kind}"
    _write_corpus(path, _texts(0, _N_LARGE))
    return path


def index_of(corpus: Path, folder: Path) -> Path:
    """The index of a log that holds what the corpus does."""
    path = folder / "log.idx"
    run = [sys.executable, "-m", "provenance", "index", str(corpus), "-o", str(path)]
    subprocess.run(run, check=True, capture_output=True)
    return path


def befall(corpus: Path, change: str) -> None:
    """Change a corpus."""
    if change == "GROWS":
        with corpus.open("ab") as file:
            file.write(b'{"text": "more"}\n')
    elif change == "CUT":
        os.truncate(corpus, corpus.stat().st_size // 2)
    else:
        new = corpus.with_name(f"new.{corpus.name}")
        _write_corpus(new, _texts(1, _N_LARGE))
        os.replace(new, corpus)


def command_line(
    command: str, material: Path, read: Path, folder: Path
) -> tuple[list[str], str, list[Path]]:
    """Arguments, the output, and the old files that stand there."""
    corpus = str(read)
    workers = ["--workers", "2"]
    if command == "fingerprint":
        output = folder / "out.fp"
        # The smaller encoding is loaded sooner.
        more = ["--name", "a", "--encoding", "cl100k_base", "-o", str(output), *workers]
        return [command, corpus, *more], str(output), [output]
    if command == "index":
        output = folder / "out.idx"
        return [command, corpus, "-o", str(output), *workers], str(output), [output]
    output = folder / "out"
    more = ["-o", str(output), *workers]
    names = ["documents.parquet"]
    if command == "watermark":
        names += ["watermark.json"]
        more += ["--keys", str(material / "keys.toml"), "--random-keys", "0"]
    else:
        names += ["report.json", "report.html"]
        more += ["--candidate", str(material / "api.fp"), "--reference", str(material / "human.fp")]
        more += ["--cache-dir", str(material / "cache")]
    return [command, corpus, *more], str(output), [output / name for name in names]


def prepared(material: Path, command: str) -> Path:
    """Fill in what a command needs beside its corpus."""
    needed = {"match": ("api.fp", "human.fp"), "watermark": ("keys.toml",)}.get(command, ())
    for name in ("corpus.jsonl", *needed):
        path = material / name
        if path.exists():
            continue
        if path.suffix == ".jsonl":
            _write_corpus(path, _texts(0))
        elif path.suffix == ".toml":
            path.write_text(_KEYS)
        else:
            rows = path.with_suffix(".rows.jsonl")
            _write_corpus(rows, _texts(len(path.stem)))
            run = [sys.executable, "-m", "provenance", "fingerprint", str(rows), "--name"]
            subprocess.run([*run, path.stem, "-o", str(path)], check=True, capture_output=True)
    return material


_KEYS: Final = """[[watermark]]
name = "endpoint"
scheme = "kgw"
tokenizer = "cl100k_base"
vocab_size = 100277
gamma = 0.25
hash_key = 15485863
"""
_WORDS: Final = (
    "time year people way day man thing woman life child world school state family student group"
    " country problem hand part place case week company system program question work government"
    " number night point home water room mother area money story fact month lot right study book"
).split()


def _texts(seed: int, count: int = _N_ROWS) -> list[str]:
    """Drawn words: nothing here looks at what they say."""
    drawn = random.Random(seed)
    return [" ".join(drawn.choices(_WORDS, k=60)) for _ in range(count)]


def _write_corpus(path: Path, texts: Sequence[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"text": text} for text in texts]
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return
    table = pa.Table.from_pylist(rows)
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=_N_ROWS)
        return
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=_N_ROWS)
