"""Sources by their names and aliases; the file of a sample is no corpus."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from known_matches import ALPHA, BETA, HUMAN, MIXED, matched
from known_text import SPEC, fingerprint, rows, texts

from provenance import fit_fingerprint, open_corpus
from provenance.errors import InputError


def test_two_candidates_are_both_told() -> None:
    report = matched(MIXED, candidates=[ALPHA, BETA], references=[HUMAN])
    found = {row.source: row for row in report.candidates()}
    assert [*found] == ["alpha", "beta"]
    assert found["alpha"].low > 0
    assert found["beta"].low == 0
    assert {(row.source, row.unit) for row in report.power} == {
        (name, unit) for name in found for unit in ("documents", "tokens")
    }


def test_an_alias_is_the_same_source() -> None:
    reseller = replace(fingerprint("alpha", 100), name="reseller")
    report = matched(MIXED, panel=[reseller], aliases={"reseller": "alpha"}, only=True)
    assert [row.source for row in report.shares[:3]] == ["alpha", "human", None]
    assert report.shares[0].role == "candidate"


def test_the_file_of_a_sample_is_no_corpus(tmp_path: Path) -> None:
    path = tmp_path / "in" / "sample.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(texts("alpha", 30, 0))))
    sample = fit_fingerprint(path, "sample", SPEC)
    for candidate in (sample, sample.seal()):
        with pytest.raises(InputError, match="also read for the source 'sample'") as caught:
            matched(open_corpus(path), tmp_path / "out", candidates=[candidate])
        assert str(path) in str(caught.value)
    assert os.listdir(tmp_path) == ["in"]
