"""The bench of recognisers, on texts that are made up."""

from __future__ import annotations

from provenance.validation.bench.segmenting import code_table, false_table, language_table

PROSE = "It is said that the moon pulls the water of the sea."
CODE = "import os\n\ndef f(x):\n    return x + 1"


def test_each_recogniser_has_a_row() -> None:
    _, *rows = false_table([PROSE, f"<think>{PROSE}</think>", PROSE, CODE])
    found = {name: n for name, _, n, _ in rows if n != "0"}
    assert found == {"tags of thought": "1", "lines of code": "1"}


def test_files_of_code() -> None:
    _, row = code_table([("a", [(CODE, None), (PROSE, None)])])
    assert row == ("a", "2", "50.0 %", "code:python 1, prose:en 1")


def test_languages() -> None:
    _, row = language_table([("a", "en", "people", [PROSE, "7", "月亮吸引海水。", PROSE])])
    assert row[-3:] == ("50.0 %", "25.0 %", "25.0 %")
