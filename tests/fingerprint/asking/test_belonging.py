"""Answers under ids that were mixed up are told; few answers, or other words, tell nothing."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from provenance.fingerprint.asking.belonging import Belonging

DATA = Path(os.environ.get("PROVENANCE_DATA", ""))
N = 40
ASKED = {f"p{n}": f"Please tell me of thing{n} and of place{n}" for n in range(N)}


def counted(
    of: Callable[[int], int], n: int = N, says: str = "On thing{0} and place{0}"
) -> Belonging:
    """Answers about other prompts than those of their ids."""
    found = Belonging(ASKED)
    for number in range(n):
        found.add(f"p{number}", says.format(of(number)))
    return found


def test_right_answers_favour_their_own_prompts() -> None:
    found = counted(lambda n: n)
    assert (found.n_own, found.n_next, found.is_doubtful) == (N, 0, False)


@pytest.mark.parametrize("seed", range(5))
def test_as_many_on_the_next_prompt_as_on_the_own_are_doubted(seed: int) -> None:
    moved = np.random.default_rng(seed).permutation(np.arange(N) % 2)
    found = counted(lambda n: (n + int(moved[n])) % N)
    assert (found.n_own, found.n_next, found.is_doubtful) == (N // 2, N // 2, True)


def test_answers_that_were_shifted_by_one_are_doubted() -> None:
    found = counted(lambda n: (n + 1) % N)
    assert (found.n_own, found.n_next, found.is_doubtful) == (0, N, True)
    assert found.told().startswith("of 40 answers that share words with their prompt or the next")


@pytest.mark.parametrize(
    ("n", "says"),
    [
        pytest.param(19, "On thing{0}", id="few"),
        pytest.param(N, "Yes", id="no word of any"),
        pytest.param(N, "Please tell me", id="words of all"),
    ],
)
def test_where_nothing_can_be_seen_nothing_is_told(n: int, says: str) -> None:
    assert not counted(lambda number: (number + 1) % N, n, says).is_doubtful


def test_one_prompt_has_no_other_beside_it() -> None:
    found = Belonging({"p0": "Only this"})
    found.add("p0", "only this")
    assert (found.n_own, found.n_next) == (0, 0)


FILES = (
    *("alpaca_eval/gpt4_0613", "alpaca_eval/alpaca-7b", "alpaca52k_zh/00000"),
    *(
        "more/slop_score/o3",
        "more/eqbench_cw/gpt-4o-mini",
        "more/zeroeval_mathl5/gpt-4o-2024-05-13",
    ),
    *("more/gaokao_zh/gpt-4-0314", "more/logickor_ko/openai_gpt-4-0613", "more/debate_2026/glm-5"),
    *("more/code_humaneval_2025/GPT_4o", "more/code_classeval/GPT-4-Turbo"),
    *(
        "more/reddit_qa/human_reddit",
        "more/raidar/gpt-3.5-turbo",
        "more/stackoverflow/chatgpt-2023",
    ),
)


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("PROVENANCE_DATA") or not (DATA / "more").is_dir(),
    reason="PROVENANCE_DATA names no folder with more",
)
@pytest.mark.parametrize("file", FILES)
def test_of_real_answers_those_in_another_order_are_doubted(file: str) -> None:
    with gzip.open(DATA / f"{file}.jsonl.gz") as lines:
        rows = [json.loads(line) for line in lines][:400]
    answers: dict[str, str] = {}
    for row in rows:
        prompt = row.get("prompt") or row.get("instruction")
        if prompt:
            answers.setdefault(prompt, row.get("text") or row.get("output") or "")
    texts, asked = [*answers.values()], {str(n): prompt for n, prompt in enumerate(answers)}
    shifted = texts[1:] + texts[:1]
    shuffled = [texts[at] for at in np.random.default_rng(0).permutation(len(texts)).tolist()]
    doubted = []
    for order in (texts, shifted, shuffled):
        found = Belonging(asked)
        for n, text in enumerate(order):
            found.add(str(n), text)
        doubted.append(found.is_doubtful)
    assert doubted == [False, True, True]
