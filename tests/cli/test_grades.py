"""``grades`` on files of labels."""

from __future__ import annotations

import json

import pytest
from known_commands import Files, done, run


@pytest.fixture
def args(files: Files) -> tuple[str, ...]:
    def write(name: str, labels: str) -> str:
        rows = [{"id": n, "label": int(label)} for n, label in enumerate(labels)]
        return str(files.write(name, *rows))

    judge = "012" * 30
    paths = [
        write("suspect.jsonl", judge),
        *("--judge", write("judge.jsonl", judge)),
        *("--rater", "ann=" + write("ann.jsonl", "0" * 90)),
        *("--rater", write("bob.jsonl", "000" * 10 + "111" * 20)),
    ]
    return ("grades", *paths)


def test_grades_are_told_in_words_and_as_json(args: tuple[str, ...]) -> None:
    told = done(*args)
    assert "on 100 % of 90 items" in told and "ann" in told and "consistent with" in told
    found = json.loads(done(*args, "--json"))
    assert found["verdict"] == "beyond raters" and len(found["raters"]) == 2


def test_what_is_missing_is_one_paragraph(args: tuple[str, ...]) -> None:
    result = run(*args, "--label-field", "verdict")
    assert result.exit_code == 2 and "'verdict'" in result.stderr
    assert "Traceback" not in result.stderr


def test_one_name_or_file_for_two_is_refused(args: tuple[str, ...]) -> None:
    _, suspect, _, judge, _, ann, _, bob = args
    result = run("grades", judge, "--judge", judge, "--rater", ann, "--rater", bob)
    assert result.exit_code == 2 and "are one file" in result.stderr
    result = run("grades", suspect, "--judge", judge, "--rater", ann, "--rater", f"ann={bob}")
    assert result.exit_code == 2 and "two raters are called 'ann'" in result.stderr
