"""What ships of measured texts: the same prompts of each model, and only what a name tells."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from known_text import texts

from provenance.errors import InputError
from provenance.matching.library.stocking import TextSet, known_of, stock


def _write(folder: Path, name: str, first: int, count: int, prompts: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / f"{name}.jsonl.gz", "wt") as file:
        for at, text in enumerate(texts(name, first + count, 0)[first:]):
            prompt = {"prompt": f"p{first + at}"} if prompts else {}
            file.write(json.dumps({"text": text, "lang": "en", **prompt}) + "\n")


def test_models_of_a_set_answer_the_same_prompts(tmp_path: Path) -> None:
    for name, first in (("gpt-4", 0), ("claude-1", 0), ("grok-9", 10)):
        _write(tmp_path / "set", name, first, 50)
    _write(tmp_path / "set", "vicuna-x", 0, 50)
    _write(tmp_path / "set", "human_web", 0, 50, prompts=False)
    made = stock(tmp_path, tmp_path / "out", sets=[TextSet("set", "*", 40, "here")])
    names = [one.name for one in made.entries]
    assert names == ["set/claude-1", "set/gpt-4", "set/grok-9", "set/human_web"]
    hashes = made.hashes("set")
    assert len(hashes) == 40
    for entry in made.entries:
        sample = made.fingerprint(entry).sample
        if entry.by == "model":
            assert {*sample.prompt_hash.tolist()} <= {*hashes.tolist()}
            assert entry.n_documents >= 30
        else:
            assert not sample.prompt_hash.any() and entry.vendor is None


def test_cut_texts_stand_in_for_nobody(tmp_path: Path) -> None:
    for name in ("gpt-4", "claude-1"):
        _write(tmp_path / "set", name, 0, 30)
    made = stock(tmp_path, tmp_path / "out", sets=[TextSet("set", "*", 40, "here", cut=True)])
    assert made.prompts == {} and len(made.entries) == 2


def test_a_folder_of_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of the sources"):
        stock(tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("gpt4_0613", "OpenAI"),
        ("text_davinci_003", "OpenAI"),
        ("anthropic__claude-3-haiku", "Anthropic"),
        ("Meta-Llama-3-70B-Instruct", "Meta"),
        ("gemma-2-9b-it-SimPO", None),
        ("ifable__gemma-2-Ifable-9B", None),
        ("oasst-sft-llama-33b", None),
        ("vicuna-13b-v1.5", None),
    ],
)
def test_only_models_of_a_vendor_have_one(name: str, vendor: str | None) -> None:
    assert known_of(name)[0] == vendor
