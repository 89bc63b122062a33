"""What is measured does not depend on workers, batches or the form of the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from known_fingerprints import SMALL, content, features, fit, many, text_of, whole

from provenance.corpus import open_corpus
from provenance.corpus.batches import batches as execution
from provenance.errors import InputError
from provenance.features.features import extract
from provenance.fingerprint import measuring
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.sample import Limits


@pytest.mark.usefixtures("tiny_batches")
def test_workers_do_not_matter() -> None:
    rows, limits = many(), Limits(20, 200)
    one, two = (fit(rows, limits=limits, workers=workers) for workers in (1, 2))
    assert whole(one) == whole(two)


@pytest.mark.parametrize("size", [1, 300, 10**9])
def test_the_size_of_batches_does_not_matter(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, limits = many(), Limits(7, 90)
    expected = whole(fit(rows, limits=limits))
    monkeypatch.setattr(execution, "_BATCH_CHARACTERS", size)
    assert whole(fit(rows, limits=limits)) == expected


def test_of_a_long_document_a_few_passages_are_kept_evenly() -> None:
    text = " ".join(f"Number {number} is here." for number in range(400))
    fingerprint = fit([{"text": text}])
    sample = fingerprint.sample
    every = extract([text], SMALL).rows.sorted()
    rows = [features(every, row) for row in range(len(every))]
    kept = [rows.index(features(sample.rows, row)) for row in range(len(sample.rows))]
    assert fingerprint.n_passages == len(every) > 100
    assert kept == [-(-part * len(every) // 8) for part in range(8)]
    assert sample.n_tokens[0] == fingerprint.n_tokens > sample.passage_tokens.sum()


def test_short_documents_are_counted_and_not_kept() -> None:
    rows = [{"text": text_of(1)}, {"text": "too short"}, {"text": ""}]
    fingerprint = fit(rows)
    assert (fingerprint.n_documents, fingerprint.n_too_short) == (3, 2)
    assert len(fingerprint.sample) == 1
    assert fingerprint.lengths.sum() == 3


def test_a_corpus_of_short_documents_gives_an_empty_sample() -> None:
    fingerprint = fit([{"text": "short"}, {"text": "x"}])
    assert len(fingerprint.sample) == 0
    assert (fingerprint.n_documents, fingerprint.n_too_short) == (2, 2)
    assert fingerprint.statistics["type_token_ratio"] == 0


# What is held of the texts while fitting


@pytest.mark.usefixtures("tiny_batches")
def test_texts_that_are_too_short_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    hold = measuring._Builder._hold

    def counted(builder: measuring._Builder, batch: Any) -> None:
        hold(builder, batch)
        held.append(len(builder.texts))

    monkeypatch.setattr(measuring._Builder, "_hold", counted)
    fit([{"text": f"s {number}"} for number in range(300)])
    assert len(held) > 10
    assert {*held} == {0}


def test_repairs_are_counted() -> None:
    fingerprint = fit([{"text": "one two\u200b three four five"} for _ in range(3)])
    assert sum(fingerprint.repairs.values()) >= 3


# Edges


def test_texts_paths_and_corpora_are_read(tmp_path: Path) -> None:
    texts = [text_of(1), text_of(2)]
    path = tmp_path / "a.txt"
    path.write_text(texts[0], encoding="utf-8")
    from_list = fit_fingerprint(texts, "a", SMALL)
    assert from_list.n_documents == 2
    assert content(from_list) == content(fit_fingerprint(iter(texts), "a", SMALL))
    for source in (path, str(path), open_corpus(path)):
        fingerprint = fit_fingerprint(source, "a", SMALL)
        assert fingerprint.n_documents == 1
        assert fingerprint.origin == (str(path),)
        assert len(fingerprint.inputs_sha256) == 1


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_source_needs_a_name(name: str) -> None:
    with pytest.raises(InputError, match="name"):
        fit_fingerprint([text_of(1)], name)


def test_documents_are_read_once() -> None:
    def rows() -> Iterator[str]:
        yield from (text_of(number) for number in range(5))
        read.append(True)

    read: list[bool] = []
    assert fit_fingerprint(rows(), "a", SMALL).n_documents == 5
    assert read == [True]


def test_options_of_reading_are_taken_and_checked() -> None:
    rows = [{"answer": f"one two three four five six seven {n}", "text": "x"} for n in range(3)]
    assert fit_fingerprint(rows, "a", text_field="answer").n_tokens > 20
    with pytest.raises(TypeError, match="did you mean 'text_field'"):
        fit_fingerprint(rows, "a", text_feild="answer")


def test_it_is_shown_in_one_line() -> None:
    made = fit_fingerprint(["one two three four five six seven eight"], "a\x1b")
    assert repr(made) == "<Fingerprint a<U+001B>: 1 documents, 8 tokens>"
