"""Text and figures made fit to show."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.words import (
    did_you_mean,
    how_many,
    name_lines,
    percent,
    percent_range,
    source_name,
    visible,
    wrapped,
    wrapped_command,
)

INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, naïve — 日本語 العربية 👍🏽", "plain, naïve — 日本語 العربية 👍🏽"),
        ("non\u00a0breaking\u3000space", "non\u00a0breaking\u3000space"),
        ("\x1b[2J", "<U+001B>[2J"),
        ("\x9b1A", "<U+009B>1A"),
        ("a\u202eb", "a<U+202E>b"),
        ("zero\u200bwidth\ufeff", "zero<U+200B>width<U+FEFF>"),
        ("one\ntwo\t\r", "one<U+000A>two<U+0009><U+000D>"),
        ("lone \ud800", "lone <U+D800>"),
        ("tag \U000e0041", "tag <U+E0041>"),
        (
            "👩\u200d💻 \u0646\u0627\u0645\u0647\u200c\u0627\u06cc",
            "👩\u200d💻 \u0646\u0627\u0645\u0647\u200c\u0627\u06cc",
        ),
        ("\ufeff\u200dz", "<U+FEFF><U+200D>z"),
        ("Open\u200dAI", "Open<U+200D>AI"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_visible_keeps_lines_where_asked() -> None:
    assert visible("a\r\nb\tc\rd\x0b", lines=True) == "a\nb\tc<U+000D>d<U+000B>"


@given(st.text())
@example("\u2028\u2029\x85")
def test_nothing_invisible_is_left(text: str) -> None:
    left = {c for c in visible(text) if unicodedata.category(c) in INVISIBLE}
    assert left <= {"\u200c", "\u200d"}
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.5, "50.0 %"),
        (0.1234, "12.3 %"),
        (0.0099, "0.99 %"),
        (0.00456, "0.46 %"),
        (0.00004, "<0.01 %"),
        (0.99996, ">99.99 %"),
        (0.9996, "99.96 %"),
    ],
)
def test_percent(share: float, told: str) -> None:
    assert percent(share) == told


@given(st.floats(0, 1))
def test_percent_is_0_or_100_only_where_the_share_is(share: float) -> None:
    assert (float(percent(share).strip("<> %")) in (0.0, 100.0)) == (share in (0.0, 1.0))


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(0.101, 0.146, "10.1 to 14.6 %"), (0.0, 1.0, "0 to 100 %"), (0.0, 1e-6, "0 to <0.01 %")],
)
def test_percent_range(low: float, high: float, told: str) -> None:
    assert percent_range(low, high) == told


def test_a_source_name_is_cut_and_visible() -> None:
    assert source_name("a\x1b") == "a<U+001B>"
    assert len(source_name("x" * 1000)) == 80
    assert source_name(None) == "none of these sources"


def test_nothing_near_is_not_named() -> None:
    assert did_you_mean("colour", ["topic"]) is None
    assert did_you_mean("autor", ["topic", "author"]) == "Perhaps 'author' is meant"


def test_a_count_and_what_is_counted_agree() -> None:
    told = [how_many(n, "document matches", "documents match") for n in (0, 1, 2)]
    assert told == ["0 documents match", "1 document matches", "2 documents match"]
    assert how_many(1_000, "row") == "1,000 rows"


@given(st.lists(st.text("ab 日%", min_size=1, max_size=12), max_size=20), st.integers(8, 40))
def test_lines_are_broken_at_spaces_alone(words: list[str], width: int) -> None:
    text = " ".join(words)
    lines = wrapped(text, width).split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert " ".join(wrapped(text, width).split()) == " ".join(text.split())
    assert not any(one.lstrip().startswith("%") for one in lines[1:])
    for one in lines:
        room = sum(2 if letter == "日" else 1 for letter in one.strip())
        assert room <= width or " " not in re.sub(" +%", "%", one.strip())


def test_lines_are_broken_by_hand() -> None:
    assert wrapped("one two three", 9) == "one two\nthree"
    assert wrapped("  a line set in", 9) == "  a line\n  set in"
    assert wrapped("at most 12.5 %", 12) == "at most\n12.5 %"
    assert wrapped("in /a/path/that/is/long", 8) == "in\n/a/path/that/is/long"
    assert wrapped("\x1b[1mcoloured, and long enough\x1b[0m", 9).count("\n") == 0


def test_a_command_is_still_one_when_it_is_broken() -> None:
    command = "provenance match 'a corpus.jsonl' --candidate a.fp --only -o out"
    assert wrapped_command(command, 80) == command
    told = wrapped_command(command, 30)
    assert told.split(" \\\n    ") == [
        *("provenance match", "'a corpus.jsonl'", "--candidate a.fp --only", "-o out"),
    ]


def test_a_name_is_broken_behind_what_parts_it() -> None:
    name = "anthropic/claude-sonnet-4.5-20250929-thinking"
    assert name_lines(name, 45) == name
    assert name_lines(name, 30).split("\n") == ["anthropic/claude-sonnet-4.5-", "20250929-thinking"]
    assert name_lines("longerthanthat", 5) == "longerthanthat"
