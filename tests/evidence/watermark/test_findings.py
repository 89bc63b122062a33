"""Watermark keys beside the shares: findings, rows, passages with their characters, prompts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from known_marked import KEY, MARK, TABLES, written
from rich.console import Console
from typer.testing import CliRunner

from provenance import Report, fit_fingerprint, match, open_corpus
from provenance.cli.app import app
from provenance.evidence.watermark.keys import read_watermark_keys
from provenance.evidence.watermark.tokens import character_span
from provenance.files.lines import write_json_lines
from provenance.report.terminal import render_terminal
from provenance.simulate.marked_text import texts_of
from provenance.simulate.token_model import ENCODING

pytestmark = pytest.mark.slow


def save(path: Path, texts: list[str]) -> None:
    write_json_lines(path, [{"id": f"{path.stem}-{n}", "text": t} for n, t in enumerate(texts)])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten marked documents, and eighty others, one of them with a marked passage."""
    folder = tmp_path_factory.mktemp("match")
    save(folder / "known.jsonl", texts_of(written(25, 100, 1, MARK)))
    inside = np.arange(400)
    passage = written(1, 400, 2, MARK, (inside >= 150) & (inside < 230))
    others = [" ".join(text.split()[::-1]) for text in texts_of(written(80, 120, 4))]
    corpus = [*texts_of(written(10, 120, 3, MARK)), *others, *texts_of(passage)]
    save(folder / "corpus.jsonl", corpus)
    for name, seed in (("alpha", 5), ("people", 6)):
        texts = texts_of(written(80, 120, seed))
        if name == "people":
            texts = [" ".join(text.split()[::-1]) for text in texts]
        save(folder / f"{name}.jsonl", texts)
        fit_fingerprint(open_corpus(folder / f"{name}.jsonl"), name).save(folder / f"{name}.fp")
    (folder / "K.toml").write_text(TABLES)
    return folder


@pytest.fixture(scope="module")
def output(root: Path) -> Path:
    args = ("match", root / "corpus.jsonl", "--candidate", root / "alpha.fp", "--reference")
    more = (root / "people.fp", "--watermark-keys", root / "K.toml", "-o", root / "out")
    result = CliRunner().invoke(app, [str(arg) for arg in (*args, *more)])
    assert result.exit_code == 0, result.stderr or result.exception
    assert str(KEY) not in result.output
    return root / "out"


def test_each_key_is_a_finding(output: Path) -> None:
    report = Report.load(output / "report.json")
    ours, other = (item for item in report.findings if item.kind == "watermark")
    assert (ours.verdict, ours.details["name"]) == ("found", "ours")
    assert ours.p_value is not None and ours.p_value < 1e-9
    assert ours.n_documents == 10 or ours.n_documents == 11
    # 1,200 tokens and the 80 of a passage among 11,200
    assert ours.low is not None and ours.high is not None
    assert ours.low < 1280 / 11_200 < ours.high < 0.2
    assert other.verdict != "found" and not other.where
    written_out = [path.read_bytes() for path in output.iterdir()]
    assert not any(str(KEY).encode() in content for content in written_out)


def test_the_page_and_the_terminal_tell_each_key(output: Path) -> None:
    page = (output / "report.html").read_text()
    assert "Key ours (gumbel_vllm, cl100k_base)" in page and "Key other" in page
    assert "Marked share" in page and "&quot;settings" not in page
    report = Report.load(output / "report.json")
    console = Console(width=200, record=True)
    render_terminal(report, console)
    told = console.export_text()
    assert "Consistent with text marked with ours" in told


def test_a_marked_passage_is_told_with_its_characters(root: Path, output: Path) -> None:
    report = Report.load(output / "report.json")
    ours = next(item for item in report.findings if item.kind == "watermark")
    places = [place for place in ours.where if place.id == "corpus-90" and place.start is not None]
    text = [document.text for document in open_corpus(root / "corpus.jsonl")][90]
    start, end = character_span(text, ENCODING, 150, 230)
    (place,) = places
    assert place.start is not None and place.end is not None
    assert abs(place.start - start) < 120 and abs(place.end - end) < 120


def test_the_rows(output: Path) -> None:
    rows = pq.read_table(output / "documents.parquet").to_pydict()
    marked = np.array([("watermark" in found) for found in rows["findings"]])
    assert marked[:10].all() and marked[90] and marked[10:90].sum() <= 1
    assert all(q <= 0.05 for q in rows["watermark_q[ours]"][:10])
    assert rows["watermark_passage_q[ours]"][90] <= 0.05
    assert min(rows["watermark_q[other]"]) > 0.05


@pytest.mark.slow
def test_the_same_for_any_workers(root: Path, output: Path, tmp_path: Path) -> None:
    found = match(
        open_corpus(root / "corpus.jsonl"),
        candidates=[fit_fingerprint(open_corpus(root / "alpha.jsonl"), "alpha")],
        references=[fit_fingerprint(open_corpus(root / "people.jsonl"), "people")],
        watermark_keys=read_watermark_keys(root / "K.toml"),
        workers=2,
    )
    before = Report.load(output / "report.json")
    assert [item for item in found.findings if item.kind == "watermark"] == [
        item for item in before.findings if item.kind == "watermark"
    ]


def test_a_candidate_alone_has_them_too(root: Path) -> None:
    found = match(
        open_corpus(root / "corpus.jsonl"),
        candidates=[fit_fingerprint(open_corpus(root / "alpha.jsonl"), "alpha")],
        watermark_keys=root / "K.toml",
    )
    ours = next(item for item in found.findings if item.kind == "watermark")
    assert ours.verdict == "found"
