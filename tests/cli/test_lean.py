"""``lean`` on fingerprints and on corpora."""

from __future__ import annotations

import orjson
import pytest
from known_commands import Files, done, run

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture(name="args")
def given(files: Files) -> tuple[str, ...]:
    """A suspect that answers as the API, on the prompts of its base."""
    parts = {"suspect": ("api", 60), "base": ("human", 0), "api": ("api", 0)}
    paths = {
        name: files.write(
            f"{name}-lean.jsonl",
            *(
                {"text": text, "q": f"prompt {n}"}
                for n, text in enumerate(files.texts[source][start : start + 60])
            ),
        )
        for name, (source, start) in parts.items()
    }
    options = ("--base", paths["base"], "--candidate", paths["api"], "--prompt-field", "q")
    return ("lean", *map(str, (paths["suspect"], *options)))


def test_a_lean_is_told_in_words(args: tuple[str, ...]) -> None:
    told = done(*args)
    assert told.startswith("Of the answers to 60 prompts ")
    assert "of suspect-lean and" in told and "of its base base-lean read as api-lean." in told
    assert "--panel" in told


def test_json_has_the_verdict(args: tuple[str, ...]) -> None:
    found = orjson.loads(done(*args, "--json"))
    assert (found["n_prompts"], found["verdict"], found["others"]) == (60, "cannot tell", [])


def test_without_shared_prompts_it_is_one_paragraph() -> None:
    sources = ("--base", "fps/human.fp", "--candidate", "fps/api.fp", "--panel", "fps")
    result = run("lean", "fps/api.fp", *sources)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "0 prompts in common" in result.stderr


def test_the_library_is_a_panel_where_it_is_fair(args: tuple[str, ...]) -> None:
    result = run(*args, "--panel", "library")
    assert result.exit_code == 2 and "the library is no fair panel" in result.stderr
