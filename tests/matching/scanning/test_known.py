"""Known answers in a corpus: who is named for how many, and where it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from provenance.features.features import extract
from provenance.matching.filtering.filtering import filter_corpus
from provenance.matching.library.building import SPEC
from provenance.matching.library.known_answers import Answerer, KnownAnswers
from provenance.matching.scanning import scanning
from provenance.matching.scanning.known import is_named
from provenance.matching.scanning.scanning import scan
from provenance.report.report import Report
from provenance.simulate.words import library_texts

TEXTS = [text[:1500] for text in library_texts() if len(text) > 600][:120]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> KnownAnswers:
    """Twelve of the corpus's texts are answers of one model, two of another."""
    hashes = extract(TEXTS[:14], SPEC).cluster_hash >> np.uint64(16)
    order = np.argsort(hashes)
    of = np.array([0] * 12 + [1] * 2)
    answerers = (Answerer("Alpha", "A", "alpha-1"), Answerer("Beta", "B", "beta-1"))
    found = KnownAnswers(SPEC, answerers, hashes[order], of[order])
    monkeypatch.setattr(scanning, "starter_answers", lambda: found)
    return found


def scanned(texts: list[str], **more: Any) -> Report:
    return scan([{"text": text} for text in texts], **more)


def test_a_family_is_named_for_more_than_chance_explains(
    known: KnownAnswers, tmp_path: Path
) -> None:
    report = scanned(TEXTS, output=tmp_path / "out")
    (finding,) = (one for one in report.findings if one.kind == "overlap")
    assert (finding.verdict, finding.n_documents) == ("found", 12)
    assert finding.details["by_source"] == {"Alpha": 12}
    assert finding.details["by_model"] == {"Alpha (alpha-1)": 12}
    assert "12 of 120 documents (10.0 %)" in report.reasons[0]
    assert "Alpha 12 (alpha-1)" in report.reasons[0] and "Beta" not in report.reasons[0]
    # Two of Beta's may be there by chance: no row is told as its.
    column = pq.read_table(tmp_path / "out" / "documents.parquet")["known_answer"].to_pylist()
    assert column == ["Alpha (alpha-1)"] * 12 + [None] * 108
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Known answers of models" in page
    assert Report.load(tmp_path / "out").summary() == report.summary()


@pytest.mark.parametrize("tag", [False, True])
def test_known_answers_are_dropped_as_they_are_counted(
    known: KnownAnswers, tmp_path: Path, tag: bool
) -> None:
    corpus = tmp_path / "corpus.parquet"
    table = pa.table({"n": range(len(TEXTS)), "text": TEXTS})
    pq.write_table(table, corpus, row_group_size=50)
    report = scan(str(corpus), output=tmp_path / "out")
    (finding,) = (one for one in report.findings if one.details.get("of") == "library")
    found = filter_corpus(corpus, tmp_path / "out", tmp_path / "clean", drop="known", tag=tag)
    assert found.rows_dropped == found.reasons_documents["known"] == finding.n_documents == 12
    written = pq.read_table(tmp_path / "clean" / "corpus.parquet")
    if tag:
        tags = written["provenance_drop"].to_pylist()
        assert tags == ["known"] * 12 + [""] * 108
        assert written.drop_columns("provenance_drop").equals(table)
    else:
        assert written.equals(table[12:])


def test_copies_of_one_answer_name_nobody(known: KnownAnswers) -> None:
    report = scanned([*TEXTS[12:], *[TEXTS[0]] * 30])
    (finding,) = (one for one in report.findings if one.kind == "overlap")
    assert (finding.verdict, finding.n_documents, finding.where) == ("not_found", 0, ())
    assert not any("word for word" in reason for reason in report.reasons)


def test_what_shares_say_is_not_changed_by_names(
    known: KnownAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_them = scanned(TEXTS)
    nobody = replace(known, hashes=known.hashes[:1] + np.uint64(1), of=known.of[:1])
    monkeypatch.setattr(scanning, "starter_answers", lambda: nobody)
    without = scanned(TEXTS)
    assert with_them.reasons[0] not in without.reasons
    assert with_them.verdict == without.verdict
    assert (with_them.shares, with_them.shares_all) == (without.shares, without.shares_all)


@pytest.mark.parametrize("n_long", [100, 1_000, 100_000])
def test_one_in_a_thousand_is_chance(n_long: int) -> None:
    assert not is_named(n_long // 1_000, n_long, 24, 0.95)
    assert is_named(n_long // 20, n_long, 24, 0.95)
    assert not is_named(n_long // 20, n_long, 24, 1 - 1e-12) or n_long > 100
