"""Every shape that a text or a chat may have, as data; the manual's table is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from provenance.corpus import open_corpus
from provenance.errors import InputError

CASES = Path(__file__).resolve().parents[1] / "cases" / "shapes.jsonl"
MANUAL = Path(__file__).resolve().parents[2] / "provenance" / "corpus" / "SHAPES.md"
SHAPES: list[dict[str, Any]] = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]


def named(case: dict[str, Any]) -> str:
    return f"{case['kind']}: {case['shape']}"


def write(path: Path, case: dict[str, Any]) -> Path:
    path.write_text(json.dumps(case["row"]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("case", [case for case in SHAPES if "refused" not in case], ids=named)
def test_shapes(case: dict[str, Any]) -> None:
    other = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "."}]}
    corpus = open_corpus([case["row"]], **case.get("options", {}))
    if case["documents"]:
        found = list(corpus)
    else:
        with pytest.raises(InputError, match="holds no documents"):
            list(corpus)
        found = []
    assert [[document.text, document.prompt] for document in found] == case["documents"]
    if "told" in case:
        assert case["told"] in corpus.what_was_read()
    assert other


@pytest.mark.parametrize("case", [case for case in SHAPES if "refused" in case], ids=named)
@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_shapes_that_are_refused(case: dict[str, Any], on_error: str) -> None:
    with pytest.raises(InputError) as caught:
        list(open_corpus([case["row"]], on_error=on_error, **case.get("options", {})))
    assert on_error == "skip" or case["refused"] in str(caught.value)
    assert len(str(caught.value)) < 1000
