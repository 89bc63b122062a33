"""A run that has no room to begin is refused before its libraries end it."""

from __future__ import annotations

import pytest
from known_commands import run

from provenance.cli import memory
from provenance.cli.ending import run_to_end
from provenance.cli.memory import LEAST, LEAST_A_THREAD, limit_of_addresses, refuse_small_memory
from provenance.errors import InputError


@pytest.mark.parametrize(
    ("threads", "limit", "is_refused"),
    [
        ("1", None, False),
        ("1", LEAST + LEAST_A_THREAD, False),
        ("1", LEAST + LEAST_A_THREAD - 1, True),
        ("2", LEAST + LEAST_A_THREAD, True),
        ("2", LEAST + 2 * LEAST_A_THREAD, False),
        # More than there are cores are not started, and nonsense is as good as nothing.
        ("64", LEAST + 2 * LEAST_A_THREAD, False),
        ("x", LEAST + 2 * LEAST_A_THREAD - 1, True),
        ("", 0, True),
    ],
)
def test_too_few_addresses_are_told(
    monkeypatch: pytest.MonkeyPatch, threads: str, limit: int | None, is_refused: bool
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setattr(memory, "limit_of_addresses", lambda: limit)
    if not is_refused:
        refuse_small_memory()
        return
    with pytest.raises(InputError, match=r"MB of addresses \(ulimit -v\), too few to begin"):
        refuse_small_memory()


def test_a_command_is_refused_and_its_help_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "limit_of_addresses", lambda: 1 << 20)
    result = run("inspect", "a.fp")
    assert result.exit_code == 2 and result.stderr.startswith("Error: this process may have 1 MB")
    assert run("--help").exit_code == 0


def test_the_limit_is_one_or_none() -> None:
    limit = limit_of_addresses()
    assert limit is None or limit > 0


@pytest.mark.parametrize("error", [ImportError("libx.so"), SystemError("no exception set")])
@pytest.mark.parametrize(("limit", "status"), [(None, 70), (1 << 30, 2)])
def test_under_a_limit_what_a_library_says_is_want_of_memory(
    monkeypatch: pytest.MonkeyPatch, error: Exception, limit: int | None, status: int
) -> None:
    monkeypatch.setattr("provenance.cli.ending.limit_of_addresses", lambda: limit)

    def fails() -> None:
        raise error

    assert run_to_end(fails) == status
