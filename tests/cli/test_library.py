"""``library`` tells what a scan is read against."""

from __future__ import annotations

import json

from known_commands import done, run


def test_the_kinds_are_listed() -> None:
    told = json.loads(done("library", "list", "--json"))
    assert len(told["kinds"]) > 200 and len(told["sha256"]) == 64
    lines = done("library", "list").splitlines()
    assert len(lines) == len(told["kinds"]) + 1
    assert lines[1].startswith("people")


def test_one_kind_is_shown() -> None:
    assert "by people, reddit_qa, 400 documents" in done(
        "library", "show", "reddit_qa/human_reddit"
    )
    told = json.loads(done("library", "show", "reddit_qa/human_reddit", "--json"))
    assert told["reads_as_a_models"] < 0.2


def test_an_unknown_kind_is_told() -> None:
    result = run("library", "show", "no\x1bsuch")
    assert result.exit_code == 2
    assert "library list" in result.stderr and "\x1b" not in result.stderr
