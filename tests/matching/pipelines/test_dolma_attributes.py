"""Attribute files: same names, same rows, same order as the documents."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import orjson
import pytest
from known_scorers import TEXTS, known_scorer, p_values

from provenance.errors import InputError
from provenance.matching.pipelines.dolma_attributes import write_attributes


def documents(folder: Path, name: str, lines: list[bytes]) -> Path:
    path = folder / "corpus" / "documents" / "part" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl"])
def test_attributes_stand_beside_their_documents(tmp_path: Path, name: str) -> None:
    rows = [{"id": f"r{at}", "text": text, "source": "web"} for at, text in enumerate(TEXTS)]
    path = documents(tmp_path, name, [*map(orjson.dumps, rows)])
    target, tally = write_attributes(known_scorer(), path, "exp")
    assert target == tmp_path / "corpus" / "attributes" / "exp" / "part" / name
    text = target.read_bytes()
    told = [*map(orjson.loads, (gzip.decompress(text) if name[-2:] == "gz" else text).splitlines())]
    assert [row["id"] for row in told] == [row["id"] for row in rows]
    assert {row["source"] for row in told} == {"web"}
    for row, text_of, p_value in zip(told, TEXTS, p_values(), strict=True):
        expected = [] if p_value is None else [[0, len(text_of), round(-math.log10(p_value), 5)]]
        assert row["attributes"] == {"exp__alpha__minus_log10_p": expected}
    assert (tally.n_documents, tally.n_too_short) == (len(TEXTS), 1)
    assert write_attributes(known_scorer(), path, "exp")[0].read_bytes() == text


@pytest.mark.parametrize(
    "line", [b"no", b"[]", b'{"id": 1}', b'{"text": "a"}', b'{"id":1,"text":2}']
)
def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path, line: bytes) -> None:
    path = documents(tmp_path, "a.jsonl", [b'{"id": "a", "text": "b"}', line])
    with pytest.raises(InputError) as told:
        write_attributes(known_scorer(), path)
    assert f"{path}:2" in str(told.value)
    assert not [*tmp_path.rglob("attributes/**/*.jsonl*")]


def test_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder called documents"):
        write_attributes(known_scorer(), tmp_path / "a.jsonl")
