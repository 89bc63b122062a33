"""A file of a suite is measured once."""

from __future__ import annotations

from pathlib import Path

import orjson
from known_text import rows, texts

from provenance.validation.bench.data import Bench
from provenance.validation.plan import Plan


def test_a_suite_measures_a_file_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows(texts("alpha", 30, 0))))
    told: list[str] = []
    bench = Bench(tmp_path, tmp_path / "cache", Plan(), lambda what, done, total: told.append(what))
    first = bench.fingerprint("a", {"": Path("a.jsonl")})
    again = bench.fingerprint("a", {"": Path("a.jsonl")})
    labelled = bench.fingerprint("a", {"old": Path("a.jsonl")})
    assert len(bench.texts) == 30
    assert told == ["measuring a"] * 2
    assert first.sample.text_hash.tolist() == again.sample.text_hash.tolist()
    assert (first.domains, labelled.domains) == ((), ("old",))
