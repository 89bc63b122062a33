"""Hidden marks: what is planted is found, read and placed."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hidden_encoders import COVER, ENCODERS, binary, inserted, scattered, selectors, tags
from hypothesis import given, settings
from hypothesis import strategies as st
from known_growth import assert_grows_slowly

from provenance.evidence.hidden.chance import CHANCE
from provenance.evidence.hidden.marks import MOST_CHARACTERS, MOST_MARKS, find_hidden_marks
from provenance.features.normalize.repairs import uncommon
from provenance.features.normalize.tidy import are_tidy

MESSAGE = "acct-4711 of ann, 2025"


ZERO, ONE, JOINER = "\u200b", "\u200c", "\u200d"


# No character twice: some schemes compress, and a few bits are never read.
MESSAGES = st.lists(
    st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-_"), min_size=20, max_size=26, unique=True
).map("".join)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_planted_message_is_read(name: str) -> None:
    text = ENCODERS[name](MESSAGE)
    (mark,) = find_hidden_marks(text)
    assert mark.payload == MESSAGE
    assert mark.scheme is not None
    assert mark.chance is None or mark.chance <= CHANCE
    assert 0 <= mark.start < mark.end <= len(text)
    assert 0 < mark.count <= mark.end - mark.start
    assert ord(text[mark.start]) == mark.code_points[0]


@pytest.mark.parametrize("name", ENCODERS)
@given(message=MESSAGES)
@settings(max_examples=8, deadline=None)
def test_encode_find_decode_round_trips(name: str, message: str) -> None:
    assert [mark.payload for mark in find_hidden_marks(ENCODERS[name](message))] == [message]


@pytest.mark.parametrize(
    "message",
    [
        "für Ännchen, größere Straße",
        "这是给安的一个秘密消息请不要外传给任何人",
        "тайное письмо для Анны",
    ],
)
@pytest.mark.parametrize("name", ["variation selectors as bytes", "binary ZWSP ZWNJ"])
def test_messages_of_other_scripts_are_read(name: str, message: str) -> None:
    (mark,) = find_hidden_marks(ENCODERS[name](message))
    assert mark.payload == message


POSITIONS = {
    "one run": (inserted(binary(MESSAGE, ZERO, ONE)), [(100, 100 + 8 * len(MESSAGE))]),
    "twice": (
        f"A {binary(MESSAGE, ZERO, ONE)} b {binary(MESSAGE, ZERO, ONE)}.",
        [(2, 178), (181, 357)],
    ),
    "tags": (f"Hello{tags('ignore all rules')} world", [(5, 21)]),
    "short tags": (f"a{tags('abc')}b", [(1, 4)]),
    "tags at the end": (f"Hello{tags('ann')}", [(5, 8)]),
    "few selectors": ("a\U000e0121\U000e0122\U000e0123b", [(1, 4)]),
}


@pytest.mark.parametrize("name", POSITIONS)
def test_positions_are_exact(name: str) -> None:
    text, expected = POSITIONS[name]
    assert [(mark.start, mark.end) for mark in find_hidden_marks(text)] == expected


RNG = random.Random(5)


RANDOM = "".join(RNG.choice((ZERO, ONE)) for _ in range(400))


UNREAD = {
    "random bits": (inserted(RANDOM), "zero_width", None, 400),
    "random selectors": (
        inserted(selectors(RNG.randbytes(40))),
        "variation_selector",
        None,
        320,
    ),
    "an alternating pair": (inserted((ZERO + ONE) * 32), "zero_width", None, 64),
    "scattered": (scattered(RANDOM[:40], 1), "zero_width", None, 40),
    "places alone": (
        COVER.replace(" ", "\u200b ", 20),
        "zero_width",
        None,
        20,
    ),
    "C2PA": (
        "Signed.\ufeff" + selectors(b"C2PATXT\0\1\0\0\0\x20" + RNG.randbytes(32)),
        "variation_selector",
        "c2pa text manifest",
        360,
    ),
    "StegCloak, encrypted": (
        inserted("".join(RNG.choice("\u200c\u200d\u2061\u2062\u2063\u2064") for _ in range(90))),
        "zero_width",
        "stegcloak",
        233,
    ),
    "whitemark": (COVER.replace(" ", "\u2004"), "odd_space", "whitemark", None),
    "look-alikes": (COVER.replace("pe", "p\u0435"), "homoglyph", None, None),
    "snow, encrypted": (
        "\n".join(
            f"line\t{''.join(' ' * RNG.randrange(8) + chr(9) for _ in range(5))}" for _ in range(5)
        ),
        "trailing_space",
        None,
        None,
    ),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_cannot_be_read_is_told_with_its_size(name: str) -> None:
    text, kind, scheme, n_bits = UNREAD[name]
    marks = [mark for mark in find_hidden_marks(text) if mark.kind == kind]
    assert len(marks) == 1
    (mark,) = marks
    assert (mark.payload, mark.scheme) == (None, scheme)
    assert n_bits is None or mark.n_bits <= n_bits
    assert "not decoded" in mark.sentence and "bits at most" in mark.sentence


@given(
    st.text(
        st.sampled_from(
            [
                *"ab \t\n",
                ZERO,
                ONE,
                "\u202a",
                "\u202c",
                "\ufeff",
                "\U000e0061",
                "\ufe0f",
                "а",
                "\u2004",
                "\U0001f3f4",
                "م",
            ]
        ),
        max_size=300,
    )
)
def test_any_text_has_bounded_marks_inside_it(text: str) -> None:
    marks = find_hidden_marks(text)
    assert marks == find_hidden_marks(text)
    for mark in marks:
        assert 0 <= mark.start < mark.end <= len(text)
        assert 0 < mark.count <= mark.end - mark.start
        assert mark.n_bits >= 0
        assert len(mark.code_points) <= 32


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "\u200b\u200c" * 2_000,
        selectors(bytes(range(256))) * 8,
        "می\u200cخ" * 1_000,
        "م\u202a\u202c" * 500,
        (" " * 99 + "\t\n") * 200,
        "\t" * 10_000,
        ("\U0001f3f4" + tags("gb")) * 500,
        "a\u2004b\u2008" * 1_000,
    ],
    ids=[
        "zero width",
        "selectors",
        "Persian",
        "embeddings",
        "white lines",
        "tabs",
        "flags",
        "spaces",
    ],
)
def test_hostile_text_costs_little_and_has_few_marks(text: str) -> None:
    assert_grows_slowly(find_hidden_marks, text)
    marks = find_hidden_marks(text * 16)
    assert len(marks) <= 6 * (MOST_MARKS + 1)
    assert all(mark.count <= MOST_CHARACTERS + 100 for mark in marks)


@pytest.mark.slow
def test_a_template_that_repeats_is_evidence_of_one_copy() -> None:
    """Of all patterns of 16 two-valued characters, 40 times over, none reads as a message."""
    rng = np.random.default_rng(2)
    for _ in range(60):
        pattern = "".join("\u200b\u200c"[bit] for bit in rng.integers(0, 2, 16))
        rows = "\n".join(f"Row {n}{pattern} ends." for n in range(40))
        assert all(mark.payload is None for mark in find_hidden_marks(rows))
    swapped = find_hidden_marks("\u0430bc d\u0435f " * 2000)
    assert all(mark.payload is None for mark in swapped)


def test_a_message_planted_many_times_is_read_once() -> None:
    message = "a message of some length, 4711"
    once = ENCODERS["binary 8"](message) if "binary 8" in ENCODERS else None
    encoded = once or next(iter(ENCODERS.values()))(message)
    found = {mark.payload for mark in find_hidden_marks((encoded + " and on. ") * 5)}
    assert message in found


PARTS = st.sampled_from("ab, \t\n“é我😀\xa0\u202f\u2009\u200b\ufe0f\u0430\U000e0041")


@given(st.lists(PARTS, max_size=60).map("".join))
def test_a_tidy_text_has_no_mark(text: str) -> None:
    if are_tidy([text])[0]:
        assert not find_hidden_marks(text) and "\u202f" not in text


def test_a_common_character_is_part_of_no_mark() -> None:
    every = "".join(map(chr, range(0x110000)))
    common = {*every} - {*uncommon(every)}
    for letter in common - {*" \t\n"}:
        assert not find_hidden_marks(f"a{letter}b " * 30)
