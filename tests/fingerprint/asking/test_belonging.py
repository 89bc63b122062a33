"""Answers under ids that were mixed up are told; few answers, or other words, tell nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from provenance.fingerprint.asking.belonging import Belonging

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
