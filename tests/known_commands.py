"""A folder of corpora and fingerprints, and commands run on them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import report_examples as examples
from typer.testing import CliRunner, Result

import provenance
from provenance.cli.app import app
from provenance.corpus import open_corpus
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.simulate.words import NGramModel, library_texts


class Files:
    """A folder of corpora by two simulated sources, and their fingerprints."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.root, self.cache = root, cache
        api = NGramModel.fit(library_texts()[:300])
        human = api.distorted(1.5, np.random.default_rng(0))
        rng = np.random.default_rng(1)
        self.texts = {
            name: [model.sample(rng, 90) for _ in range(150)]
            for name, model in (("api", api), ("human", human))
        }
        mixed = self.texts["api"][100:] + self.texts["human"][100:]
        for name, texts in {**{k: v[:100] for k, v in self.texts.items()}, "mixed": mixed}.items():
            self.write(f"{name}.jsonl", *({"text": text, "kind": name} for text in texts))
        (root / "fps").mkdir()
        for name in ("api", "human"):
            made = fit_fingerprint(open_corpus(root / f"{name}.jsonl"), name)
            made.save(root / "fps" / f"{name}.fp")

    def write(self, name: str, *rows: object) -> Path:
        path = self.root / name
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        return path

    def listed(self) -> list[tuple[str, int]]:
        return sorted((str(p), p.stat().st_mtime_ns) for p in self.root.rglob("*"))


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def done(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 0, result.stderr or result.exception
    assert result.stderr == ""
    return result.stdout


SOURCES = ("--candidate", "fps/api.fp", "--reference", "fps/human.fp")


TARGETS = {
    "fingerprint": (
        "provenance.fingerprint.measuring.fit_fingerprint",
        ("--name", "a", "-o", "a.fp"),
    ),
    "index": ("provenance.evidence.log.building.index_log", ("-o", "a.idx")),
    "match": ("provenance.matching.matching.match", (*SOURCES, "-o", "out")),
}


class Reached(Exception):  # noqa: N818
    """The function that a command is for was called."""


NEEDED: dict[str, tuple[str, ...]] = {
    "ask": ("mixed.jsonl", "-o", "out.jsonl"),
    "declare": ("no.json", "-o", "out.json"),
    "filter": ("mixed.jsonl", "--report", "told", "--drop", "q<=0.05", "-o", "out"),
    "fingerprint": ("mixed.jsonl", "--name", "a", "-o", "out.fp"),
    "index": ("mixed.jsonl", "-o", "out.idx"),
    "match": ("mixed.jsonl", *SOURCES, "-o", "out"),
    "merge": ("fps/api.fp", "fps/human.fp", "-o", "out.fp"),
    "compare": ("fps/api.fp", "fps/human.fp"),
    "inspect": ("fps/api.fp",),
    "library list": (),
    "library show": ("reddit_qa/human_reddit",),
    "library add": ("fps/api.fp",),
    "library remove": ("api",),
    "library export": ("reddit_qa/human_reddit", "-o", "out.fp"),
    "library build": ("data", "-o", "out"),
    "run": ("R.toml",),
    "lean": ("fps/api.fp", "--base", "fps/human.fp", "--candidate", "fps/api.fp"),
    "grades": ("mixed.jsonl", "--judge", "mixed.jsonl", "--rater", "mixed.jsonl"),
    "scan": ("mixed.jsonl", "-o", "out"),
    "bench": ("mixed.jsonl",),
    "doctor": (),
    "same": ("fps/api.fp", "fps/human.fp"),
    "report": ("no.json", "-o", "out.html"),
    "verify": ("no.json",),
    "demo": ("-o", "out"),
    "validate": (*SOURCES, "-o", "out"),
    "watermark": ("mixed.jsonl", "-o", "out"),
    "canary plant": ("mixed.jsonl", "--keys", "K", "--account-field", "a", "-o", "out.jsonl"),
    "canary check": ("mixed.jsonl", "--keys", "K"),
}
"""What each command has to be given."""
WORK = (
    "provenance.fingerprint.measuring.fit_fingerprint",
    "provenance.fingerprint.asking.drawing.draw_prompts",
    "provenance.fingerprint.fingerprint.merge",
    "provenance.fingerprint.comparing.compare",
    "provenance.evidence.log.building.index_log",
    "provenance.matching.matching.match",
    "provenance.matching.comparisons.same.same_source",
    "provenance.matching.recipe.follow",
    "provenance.matching.scanning.scanning.scan",
    "provenance.matching.filtering.filtering.filter_corpus",
    "provenance.matching.comparisons.lean.lean",
    "provenance.matching.comparisons.grades.grades",
    "provenance.matching.comparisons.grades.labels_of",
    "provenance.matching.throughput.throughput",
    "provenance.matching.doctor.examined",
    "provenance.matching.library.library.starter_library",
    "provenance.matching.library.naming.found_entry",
    "provenance.matching.library.naming.own_entry",
    "provenance.matching.library.shelf.added",
    "provenance.matching.library.stocking.stock",
    "provenance.simulate.demo.run_demo",
    "provenance.validation.protocol.validate",
    "provenance.validation.bench.known_shares.run_suite",
    "provenance.corpus.batches.batches.batches",
    "provenance.files.keys.read_keys",
)
"""Where the work begins: what comes there was taken. Tests of these functions go on from there."""


@cache
def _all_imported() -> None:
    """A module that is first imported while another is patched would keep what was patched in."""
    for found in pkgutil.walk_packages(provenance.__path__, "provenance."):
        if not {"__main__", "peers", "laundering"} & {*found.name.split(".")}:
            importlib.import_module(found.name)


def stop_at(monkeypatch: pytest.MonkeyPatch, places: Iterable[str]) -> None:
    """Let whoever begins to work raise `Reached`."""
    _all_imported()
    for place in places:
        monkeypatch.setattr(place, reached)


def reached(*_: object, **__: object) -> None:
    raise Reached


def called(monkeypatch: pytest.MonkeyPatch, command: str, *args: str) -> tuple[Any, dict[str, Any]]:
    target, needed = TARGETS[command]
    seen: list[Any] = []

    def reached(*given: Any, **named: Any) -> None:
        seen.extend((given, named))
        raise Reached

    monkeypatch.setattr(target, reached)
    assert isinstance(run(command, "mixed.jsonl", *needed, *args).exception, Reached)
    return seen[0], seen[1]


# what is foreign


def control_characters(text: str) -> set[str]:
    return {c for c in text if not c.isprintable() and c not in examples.HARMLESS} - {"\n"}
