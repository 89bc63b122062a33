"""Known answers by hand: whose a text is, what is left out, and files that are damaged."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import orjson
import pytest

from provenance.errors import InputError
from provenance.features.features import extract
from provenance.files.archive import read_planes, split, write
from provenance.matching.library import known_answers
from provenance.matching.library.known_answers import (
    FEWEST_TOKENS,
    KnownAnswers,
    build,
    starter_answers,
)

LONG = FEWEST_TOKENS + 20


def text(word: str, n: int = LONG) -> str:
    return " ".join([word] * n)


def folder(root: Path) -> Path:
    """Beside texts of their own, models of one family and of two say the same."""
    said = {
        "alpaca_eval/gpt-4o": ["own", "family", "rivals", "peoples", "tuned"],
        "alpaca_eval/gpt4_0613": ["family"],
        "alpaca_eval/claude-2": ["rivals", "hers"],
        "alpaca_eval/vicuna-13b": ["tuned", "nobodys"],
        "more/reddit_qa/human_reddit": ["peoples"],
        "more/reddit_qa/gpt-4": ["elsewhere"],
        "alpaca52k_en/00000": ["dumped"],
    }
    for name, words in said.items():
        path = root / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(path, "wb") as file:
            for one in [*map(text, words), text("short", 40)]:
                file.write(orjson.dumps({"text": one}) + b"\n")
    return root


def whose(known: KnownAnswers, texts: list[str]) -> list[str | None]:
    batch = extract(texts, known.spec)
    found = known.look_up(batch.cluster_hash, batch.n_tokens)
    return [None if at < 0 else known.answerers[at].name for at in found.tolist()]


def test_a_text_is_its_models_its_familys_or_nobodys(tmp_path: Path) -> None:
    known = build(folder(tmp_path))
    assert {one.vendor for one in known.answerers} == {"OpenAI", "Anthropic"}
    expected = {
        "own": "GPT (gpt-4o)",
        "family": "GPT",
        "hers": "Claude (claude-2)",
        "dumped": "GPT (text_davinci_003)",
        **dict.fromkeys(("rivals", "peoples", "tuned", "nobodys", "elsewhere", "new")),
    }
    assert dict(zip(expected, whose(known, [*map(text, expected)]), strict=True)) == expected


def test_case_and_space_make_no_difference_and_length_does(tmp_path: Path) -> None:
    known = build(folder(tmp_path))
    again = text("own").upper().replace(" ", "\n")
    assert whose(known, [again, text("own", LONG + 1), text("short", 40)]) == [
        "GPT (gpt-4o)",
        None,
        None,
    ]


def test_a_list_comes_back_from_its_file_and_equal_ones_have_equal_bytes(tmp_path: Path) -> None:
    known = build(folder(tmp_path))
    first, second = tmp_path / "a.answers", tmp_path / "b.answers"
    known.save(first)
    again = KnownAnswers.load(first)
    again.save(second)
    assert first.read_bytes() == second.read_bytes()
    assert again.answerers == known.answerers
    assert np.array_equal(again.hashes, known.hashes) and np.array_equal(again.of, known.of)


@pytest.mark.parametrize(
    ("header", "arrays", "what"),
    [
        ({"answerers": []}, {}, "names nobody"),
        ({"answerers": [{"family": "A"}]}, {}, "lacks a part"),
        ({"answerers": [{"family": "", "vendor": "", "model": ""}]}, {}, "no family"),
        ({"answerers": [{"family": "\x1b", "vendor": "", "model": ""}]}, {}, "plain name"),
        ({}, {"answerers": [9, 0]}, "out of bounds"),
        ({}, {"answerers": [0]}, "answers of nobody"),
        ({}, {"distances": [5, 0]}, "not in order"),
        ({}, {"distances": [5, 1 << 50]}, "not in order"),
    ],
)
def test_a_damaged_list_is_told(
    tmp_path: Path, header: dict[str, object], arrays: dict[str, list[int]], what: str
) -> None:
    path, kind = tmp_path / "a.answers", known_answers._FILE
    whole, _ = read_planes(Path(known_answers.__file__).with_name("known.answers"), kind)
    one = {"family": "A", "vendor": "B", "model": "c"}
    numbers = {"distances": [5, 7], "answerers": [0, 0], **arrays}
    planes = {name: split(np.array(values, np.uint64)) for name, values in numbers.items()}
    write(path, kind, {"spec": whole["spec"], "answerers": [one], **header}, planes)
    with pytest.raises(InputError, match=what):
        KnownAnswers.load(path)


def test_the_list_that_ships_names_families_and_their_models() -> None:
    known = starter_answers()
    assert len(known.hashes) > 30_000
    assert {"GPT", "Claude", "Llama", "Gemini"} <= {one.family for one in known.answerers}
    assert all(one.vendor for one in known.answerers)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds none of the sources"):
        build(tmp_path)
