"""Detection curves: the script runs, and its counts are those of the detector's own tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from provenance import detect_watermark
from provenance.evidence.watermark import SCHEMES, Documents, make_scheme
from provenance.simulate.marked_text import Mark, write_text
from provenance.simulate.token_model import library_model
from provenance.validation.bench import watermark_curves
from provenance.validation.bench.watermark_curves import LEVELS, PIECE, QUICK, curves_of, drawn_mark


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_has_keys_at_random(name: str) -> None:
    first, again, other = (
        drawn_mark(name, np.random.default_rng(seed)).scheme for seed in (0, 0, 1)
    )
    assert first == again != other
    assert type(first) is SCHEMES[name]


def test_marked_text_is_told_and_unmarked_is_not() -> None:
    model, rng = library_model(), np.random.default_rng(0)
    plain = write_text(model, rng, QUICK.n_plain, QUICK.lengths[-1]).documents
    found = curves_of(drawn_mark("gumbel_vllm", rng), model, plain, QUICK, 1)
    assert (found.by_tokens[1:] == 1).all()
    assert found.by_tokens_plain.max() <= 1 / QUICK.n_plain
    assert (found.by_share[0] == 0).all() and (found.by_share[-1] == 1).all()
    assert found.by_edit[0, 1] == 1 > found.by_edit[3, 1]
    assert 0.95 < found.kept <= 1


def test_counts_are_the_detectors_own() -> None:
    model, rng = library_model(), np.random.default_rng(2)
    mark = Mark(make_scheme("gumbel_vllm", {"key": 5}))
    where = np.arange(6)[:, None] < 3
    text = write_text(model, rng, 6, PIECE, mark, where).documents
    told = watermark_curves._told(mark.scheme, text, (50, PIECE))
    for row, length in zip(told, (50, PIECE), strict=True):
        parts = text.ids.reshape(6, PIECE)[:, :length]
        p = np.array([detect_watermark(i, scheme="gumbel_vllm", key=5).p_value for i in parts])
        assert row.tolist() == [np.mean(p <= level) for level in LEVELS]


def test_the_pooled_test_counts_a_draw_once() -> None:
    model, rng = library_model(), np.random.default_rng(3)
    text = write_text(model, rng, 1, PIECE).documents
    p = [detect_watermark(text.ids, scheme="gumbel_vllm", key=k).p_value for k in range(300)]
    key = int(np.argmax((np.array(p) > 1e-2) & (np.array(p) < 2e-2)))
    scheme = make_scheme("gumbel_vllm", {"key": key})
    twenty = Documents(np.tile(text.ids, 20), np.arange(21) * PIECE)
    assert 1e-2 < p[key] < 2e-2
    assert not watermark_curves._told_of_corpora(scheme, text, twenty, 2, rng).any()


@pytest.mark.slow
def test_the_script_prints_its_tables(tmp_path: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(watermark_curves.main)
    out = tmp_path / "curves.md"
    words = ["--quick", "--scheme", "gumbel_vllm", "--scheme", "unigram", "-o", str(out)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.exception
    text = out.read_text("utf-8")
    assert text in told.stdout and "bits a token" in text
    assert text.count("| `gumbel_vllm` |") == text.count("| `unigram` |") == 4
    assert "`kgw`" not in text
