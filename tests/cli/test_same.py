"""``same`` on fingerprints and on corpora."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from known_commands import Files, done, run

from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.comparisons.same import same_source

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture(name="asked")
def asked_corpora(files: Files) -> tuple[Path, Path]:
    """Answers of two sources to the same prompts."""
    return tuple(  # type: ignore[return-value]
        files.write(
            f"{name}-asked.jsonl",
            *({"text": text, "q": f"prompt {n}"} for n, text in enumerate(files.texts[name][:60])),
        )
        for name in ("api", "human")
    )


def test_corpora_are_measured_and_compared(asked: tuple[Path, Path]) -> None:
    told = done("same", *asked, "--prompt-field", "q")
    assert told.startswith("api-asked and human-asked differ in their answers to the same prompts.")
    assert "--alias api-asked=human-asked is not justified: a difference was seen." in told


def test_without_prompts_a_difference_may_be_of_these() -> None:
    told = done("same", "fps/api.fp", "fps/human.fp")
    assert "which may be of their prompts" in told


def test_json_is_what_python_gives() -> None:
    found = orjson.loads(done("same", "fps/api.fp", "fps/human.fp", "--json", "--seed", "3"))
    pair = [Fingerprint.load(f"fps/{name}.fp") for name in ("api", "human")]
    assert found == orjson.loads(orjson.dumps(same_source(*pair, seed=3).to_dict()))


def test_a_gate_exits_with_1_where_a_difference_is_seen(asked: tuple[Path, Path]) -> None:
    result = run("same", "fps/api.fp", "fps/human.fp", "--fail-on-difference")
    assert (result.exit_code, result.stderr) == (1, "")
    # The same text twice cannot be compared, and a gate that cannot tell is no difference.
    assert run("same", asked[0], asked[0], "--fail-on-difference").exit_code == 2


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("fps", "fps/api.fp"), "it holds 2 fingerprints"),
        (("no.fp", "fps/api.fp"), "no.fp"),
        (("fps/api.fp", "fps/api.fp"), "100 texts stand in both"),
        (("fps/api.fp", "other.fp"), "different specs"),
        (("fps/api.fp", "broken.fp"), "broken.fp"),
    ],
)
def test_what_cannot_be_compared_is_one_paragraph(args: tuple[str, ...], told: str) -> None:
    result = run("same", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr and len(result.stderr.strip().splitlines()) == 1


def test_a_name_of_the_library_is_a_source(folder: Path) -> None:
    told = done("same", "gpt4_0613", "gpt4_1106_preview")
    assert "eval/gpt4_0613 and alpaca_eval/gpt4_1106_preview differ in their answers" in told
    result = run("same", "fps/api.fp", "people")
    assert result.exit_code == 2 and "'people' stands for" in result.stderr
    result = run("same", "fps/api.fp", "gtp-4o-mini")
    assert result.exit_code == 2 and "such as" in result.stderr and "gpt-4o-mini" in result.stderr
