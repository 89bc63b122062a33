"""Keys tried on a corpus: prompts left out, one document among many."""

from __future__ import annotations

from pathlib import Path

import pytest
from known_marked import MARK, key, written

from provenance import open_corpus
from provenance.corpus import CorpusOptions
from provenance.errors import InputError
from provenance.evidence.watermark.corpus import check_watermarks
from provenance.files.lines import write_json_lines
from provenance.simulate.marked_text import texts_of


def test_no_key_is_refused() -> None:
    with pytest.raises(InputError, match="no key"):
        check_watermarks(["a"], [])


@pytest.mark.slow
def test_what_is_copied_from_a_prompt_is_left_out(tmp_path: Path) -> None:
    """Answers that repeat a marked prompt are no trace of training; other marked answers are."""
    marked = texts_of(written(40, 80, 7, MARK))
    plain = texts_of(written(40, 80, 8))
    copied = [{"text": a, "prompt": f"Repeat:\n\n{a}"} for a in marked]
    fresh = [{"text": a, "prompt": p} for a, p in zip(marked, plain, strict=True)]
    for rows, wanted in ((copied, "not_checked"), (fresh, "found")):
        write_json_lines(tmp_path / "answers.jsonl", rows)
        options = CorpusOptions(prompt_field="prompt")
        corpus = open_corpus(tmp_path / "answers.jsonl", options)
        found = check_watermarks(corpus, [key()], exclude_prompts=True, n_random_keys=20)
        assert found.prompts_excluded and found.keys[0].verdict == wanted
        kept = check_watermarks(open_corpus(tmp_path / "answers.jsonl"), [key()], n_random_keys=20)
        assert kept.keys[0].verdict == "found"
    with pytest.raises(InputError, match="no document has a prompt"):
        check_watermarks(plain, [key()], exclude_prompts=True)


@pytest.mark.slow
def test_one_marked_document_among_many_is_found() -> None:
    """Pooled, 120 tokens of 72,000 are nothing; by document they are."""
    corpus = [*texts_of(written(600, 120, 9)), *texts_of(written(1, 120, 10, MARK))]
    (found,) = check_watermarks(corpus, [key()], n_random_keys=50).keys
    assert found.p_value > 1e-6 > found.document_p_value
    assert found.verdict == "found" and "single documents" in found.sentence
    assert found.where[0].line == 601
