"""Both files of the measurement give the same documents."""

from __future__ import annotations

from pathlib import Path

from provenance.corpus import open_corpus
from provenance.validation.bench.reading_cost import SHAPES, write_files


def test_both_files_give_the_same_texts(tmp_path: Path) -> None:
    mixed, plain = write_files(tmp_path, 2 * len(SHAPES))
    corpus = open_corpus(mixed)
    found, expected = list(corpus), list(open_corpus(plain))
    assert [document.text for document in found] == [document.text for document in expected]
    pairs = zip(found, expected, strict=True)
    assert sum(first.prompt == second.prompt for first, second in pairs) == 2 * len(SHAPES) - 2
    assert corpus.counts.n_conversations == 2 * len(SHAPES) - 2
