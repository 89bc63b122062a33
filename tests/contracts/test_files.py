"""Files as people have them: what is read of each, and what of it is lost, worked by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from known_corpora import refusal

from provenance.corpus import open_corpus

CASES = Path(__file__).parents[1] / "cases" / "files.jsonl"


def cases() -> Iterator[Any]:
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield pytest.param(case, id=f"{case['kind']}: {case['name']}")


@pytest.mark.parametrize("case", list(cases()))
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / case["file"]
    path.write_bytes(case["content"].encode())
    options = case.get("options", {})
    if "said" in case:
        assert case["said"] in refusal(path, **options)
        return
    corpus = open_corpus(path, **options)
    assert [document.text for document in corpus] == case["texts"]
    assert corpus.counts.losses == case.get("losses", {})
    assert corpus.counts.mended == case.get("mended", {})
    assert len(corpus.counts.lost) == sum(case.get("losses", {}).values())
    assert all(f"{case['file']}:" in place for place in corpus.counts.lost)


@pytest.mark.parametrize("case", list(cases()))
def test_a_compressed_file_reads_as_a_plain_one(case: dict[str, Any], tmp_path: Path) -> None:
    import bz2

    path = tmp_path / f"{case['file']}.bz2"
    path.write_bytes(bz2.compress(case["content"].encode()))
    if "said" not in case:
        corpus = open_corpus(path, **case.get("options", {}))
        assert [document.text for document in corpus] == case["texts"]
        assert corpus.counts.losses == case.get("losses", {})
