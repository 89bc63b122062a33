"""Hidden marks: what is planted is found, read and placed; what text needs is none."""

from __future__ import annotations

import gettext
import gzip
import math
import os
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hidden_encoders import COVER, ENCODERS, binary, inserted, scattered, selectors, tags
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.corpus.document import Document
from provenance.evidence.hidden.marks import MOST_CHARACTERS, MOST_MARKS, find_hidden_marks
from provenance.evidence.hidden.schemes import CHANCE, chance, read_bits, read_stream
from provenance.evidence.hidden.tally import HiddenMarks, hidden_summary
from provenance.records import Finding, Place

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


NEEDED = {
    "nothing": "",
    "ASCII": COVER,
    "tabs": "a\tb\t\nc\t\t\nd  \t \ne\n" * 3,
    "source code": "def f():\n\treturn 1  \n\t\n\t\t\n    \n" * 40,
    "markdown's line ends": "one  \ntwo  \nthree \nfour  \n" * 20,
    "emoji joined": "👩\u200d👩\u200d👧\u200d👦 👨🏽\u200d💻 🏳\ufe0f\u200d🌈 🧑\u200d🚀 " * 10,
    "emoji in their form": "❤\ufe0f ☀\ufe0e ✔\ufe0f ⚠\ufe0f ✈\ufe0e " * 10,
    "keycaps": "1\ufe0f\u20e3 2\ufe0f\u20e3 #\ufe0f\u20e3 *\ufe0f\u20e3 " * 10,
    "flags": "".join(f"\U0001f3f4{tags(flag)}\U000e007f " for flag in ("gbeng", "gbsct", "gbwls")),
    "half a flag": f"We won \U0001f3f4{tags('gbe')}",
    "a flag without its end": f"\U0001f3f4{tags('gbsct')} won",
    "Persian": "می\u200cخواهم کتاب\u200cها را نمی\u200cدانم خانه\u200cی " * 10,
    "Arabic, marked": "مرحبا \u200fWorld\u200f (a) \u200eb\u200f " * 10,
    "Hebrew, embedded": "שלום \u202aabc\u202c עולם \u2067def\u2069 " * 10,
    "Hindi": "क्\u200dष क्\u200cष शुद्ध न्\u200dयाय श्\u200dरी " * 10,
    "Malayalam": "അവന്\u200d കണ്\u200dടു അവര്\u200d പോയി ഒരാള്\u200d " * 10,
    "Sinhala": "ශ්\u200dරී ලංකා ක්\u200dෂණ ප්\u200dරධාන " * 10,
    "Thai": "ภาษา\u200bไทย\u200bเขียน\u200bติด\u200bกัน " * 10,
    "Khmer": "ភាសា\u200bខ្មែរ\u200bសរសេរ\u200bជាប់\u200bគ្នា " * 10,
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ\u180b ᠪᠢᠴᠢᠭ\u180c ᠠ\u180e " * 5,
    "Japanese names": "葛\U000e0100城市 辻\U000e0101さん 祇\U000e0100園 邉\U000e0105 " * 10,
    "maths variants": "A ∩\ufe00 B ⊆\ufe00 C ≨\ufe00 D ∪\ufe00 E " * 5,
    "maths operators": "exp\u2061(x) 2\u2062y f\u2061(a) i\u2063j 3\u2062z sin\u2061(t) " * 5,
    "CJK punctuation": "你好、\ufe00世界。\ufe01 再见！\ufe00 " * 5,
    "byte-order marks": "\ufeffOne file.\n\ufeffAnother.\n\ufeffThird.\n" * 8,
    "soft hyphens": "Donau\xaddampf\xadschiff\xadfahrts\xadgesell\xadschaft " * 10,
    "French": "Quoi\xa0? Non\u202f! «\xa0Oui\xa0» dit-il\u202f; puis\xa0: rien. " * 10,
    "narrow spaces of a model": "about\u202f5\u202fkm in 10\u202fmin, 3\u202f% of 1\u202f000 " * 10,
    "thin spaces": "p\u2009<\u20090.05, n\u2009=\u200912, 5\u2009kg " * 10,
    "publisher's spaces": "a\u2005=\u2005b, x\u2006+\u2006y, p.\u200a12 " * 10,
    "full-width Chinese": "这是\u3000一个\u3000句子，没有任何隐藏的内容。" * 10,
    "em spaces": "\u2003\u2003An indented line.\n\u2003Another\u2003column\n" * 10,
    "no-break spaces of a page": "some\xa0words of\xa0a page, and\xa0some more " * 10,
    "Russian": "Однажды в студёную зимнюю пору я из лесу вышел; был сильный мороз. " * 10,
    "Greek": "Στην αρχή ήταν ο λόγος, και ο λόγος ήταν προς τον θεό. " * 10,
    "mixed languages": "The word мир means peace; ο λόγος is the word; Café São. " * 10,
    "formulas": "α-helix, β-sheet, μm, Δx, νmax, ρgh, IFNγ, Ωcm, λmax " * 10,
    "escapes in Russian": "знак \\\\uНННН, знак \\\\uНННН и знак \\\\uНННН " * 2,
    "embedded lines": "\u202bשורה אחת\nעוד abc\u202c\n" * 10,
    "directional names": "\u2068Ann\u2069 wrote to \u2068Bob\u2069; \u202a+49 30 1\u202c rang "
    * 12,
    "page breaks left behind": "regu\u200blar expres\u200bsions and inst\u200bants " * 8,
    "empty paragraphs": "A paragraph.\n\n\u200b\n\nAnother one.\n\n\u200b\n\n" * 20,
    "copied zero-width spaces": "Adob\u200b\u200be and Eve\u200b\u200brnote",
    "left of emoji": "\ufe0f Fast \ufe0f Free \u26a1\ufe0f\ufe0f\ufe0f now \ufe0f ",
    "dates of a file dialogue": "\u200e1/\u200e2/\u200e2020 \u200f\u200e10:30 " * 2,
    "zalgo": "".join(c + "\u0349\u033b\u034f\u0318\u032b\u034f\u0325" for c in "the horror") * 3,
    "Korean filler": "ㄱ\u3164 한\u115f글 ㅎ\u3164 " * 3,
}


@pytest.mark.parametrize("name", NEEDED)
def test_what_text_needs_is_no_mark(name: str) -> None:
    assert [mark.sentence for mark in find_hidden_marks(NEEDED[name])] == []


def test_random_bits_are_not_read_as_text() -> None:
    rng = random.Random(7)
    alphabets = (ZERO + ONE, ZERO + ONE + JOINER)
    streams = ["".join(rng.choices(alphabets[n % 2], k=8 * (2 + n % 9))) for n in range(2000)]
    assert [s for s in streams if read_stream("zero_width", s) is not None] == []
    data = [selectors(rng.randbytes(3 + n % 12)) for n in range(2000)]
    assert [d for d in data if read_stream("variation_selector", d) is not None] == []


@pytest.mark.parametrize("n_bits", [16, 24, 64])
def test_random_bits_have_chances_no_smaller_than_uniform_ones(n_bits: int) -> None:
    rng, n = random.Random(2), 8_000
    drawn = [format(rng.getrandbits(n_bits), f"0{n_bits}b") for _ in range(n)]
    for width in (7, 8, 16):
        read = [next(read_bits(bits, "binary", [width])) for bits in drawn]
        chances = [chance(item) for item in read if item is not None]
        for level in (0.001, 0.01, 0.1):
            n_small = sum(value <= level for value in chances)
            assert n_small <= n * level + 4 * math.sqrt(n * level)


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
@settings(max_examples=150, deadline=None)
def test_any_text_has_bounded_marks_inside_it(text: str) -> None:
    marks = find_hidden_marks(text)
    assert marks == find_hidden_marks(text)
    for mark in marks:
        assert 0 <= mark.start < mark.end <= len(text)
        assert 0 < mark.count <= mark.end - mark.start
        assert mark.n_bits >= 0
        assert len(mark.code_points) <= 32


@pytest.mark.parametrize(
    "text",
    [
        "\u200b\u200c" * 400_000,
        selectors(bytes(range(256))) * 1500,
        "می\u200cخ" * 100_000,
        "م\u202a\u202c" * 100_000,
        (" " * 99 + "\t\n") * 10_000,
        "\t" * 1_000_000,
        ("\U0001f3f4" + tags("gb")) * 50_000,
        "a\u2004b\u2008" * 100_000,
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
def test_hostile_text_takes_little_time(text: str) -> None:
    start = time.perf_counter()
    marks = find_hidden_marks(text)
    assert time.perf_counter() - start < 3
    assert len(marks) <= 6 * (MOST_MARKS + 1)
    assert all(mark.count <= MOST_CHARACTERS + 100 for mark in marks)


# --- corpora -------------------------------------------------------------------------------------


def corpus_of(n: int, start: int = 0) -> list[Document]:
    """Documents of which every third is marked, some with a common payload."""
    names = ["for-all-of-them", *(f"account-{number}" for number in range(40))]
    return [
        Document(
            id=f"d{number}",
            path="x.jsonl",
            line=number + 1,
            text=inserted(binary(names[number // 3 % 50 % 41], ZERO, ONE))
            if number % 3 == 0
            else COVER,
        )
        for number in range(start, start + n)
    ]


def test_a_corpus_is_told_by_payload_with_places() -> None:
    tally = HiddenMarks()
    assert tally.add(corpus_of(6)) == [1, 0, 0, 1, 0, 0]
    told = tally.summary()
    assert (told.n_documents, told.n_marked, told.n_decoded) == (6, 2, 2)
    assert told.by_kind == {"zero_width": 2}
    assert {row.payload for row in told.payloads} == {"for-all-of-them", "account-0"}
    row = next(row for row in told.payloads if row.payload == "for-all-of-them")
    assert row.where == (Place(id="d0", path="x.jsonl", line=1, start=100, end=220),)
    assert "for-all-of-them" in " ".join(tally.lines())


@given(st.integers(0, 10**6), st.integers(1, 5))
@settings(max_examples=5, deadline=None)
def test_shards_and_order_change_nothing(seed: int, n_shards: int) -> None:
    documents = corpus_of(200)
    whole = HiddenMarks()
    whole.add(documents)
    rng = random.Random(seed)
    rng.shuffle(documents)
    shards = [HiddenMarks() for _ in range(n_shards)]
    for number, document in enumerate(documents):
        shards[number % n_shards].add([document])
    rng.shuffle(shards)
    merged = HiddenMarks()
    for shard in shards:
        merged.merge(shard)
    assert merged.told() == whole.told()


def test_too_many_payloads_are_a_sample_that_no_order_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("provenance.evidence.hidden.tally._HELD", 7)
    documents = corpus_of(150)
    forward, backward, halves = HiddenMarks(), HiddenMarks(), HiddenMarks()
    forward.add(documents)
    backward.add(documents[::-1])
    for half in (documents[75:], documents[:75]):
        shard = HiddenMarks()
        shard.add(half)
        halves.merge(shard)
    assert forward.told() == backward.told() == halves.told()
    assert forward.summary().n_payloads <= 7
    assert not forward.summary().payloads_complete
    assert forward.summary().n_decoded == 50


def test_a_payload_is_escaped() -> None:
    tally = HiddenMarks()
    tally.add(
        [
            Document(
                id="a",
                text=f"\u2764{selectors('first line<b>' + chr(10) + 'second one')}",
                path="x",
                line=1,
            )
        ]
    )
    (row,) = tally.summary().payloads
    assert row.payload == "first line<b><U+000A>second one"


def test_details_of_others_are_not_trusted() -> None:
    given: tuple[Any, ...] = ("text", [], {"n_marked": "1"}, {})
    for wrong in given:
        finding = Finding(kind="text_repair", verdict="found", details={"hidden_marks": wrong})
        assert hidden_summary(finding) is None


@pytest.mark.slow
def test_clean_real_text_has_no_mark() -> None:
    """The figures of the README: no mark in 63,987 real documents in English and Chinese."""
    named = os.environ.get("PROVENANCE_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    files = sorted(folder.glob("**/*.jsonl.gz"))
    if not files:
        pytest.skip("the folder of measuring data is not there (PROVENANCE_DATA)")
    tally = HiddenMarks()
    for file in files:
        with gzip.open(file, "rb") as lines:
            found = (
                (row.get("text") or row.get("output"), n)
                for n, row in enumerate(map(orjson.loads, lines), 1)
            )
            tally.add(
                [
                    Document(id=str(n), text=text, path=file.name, line=n)
                    for text, n in found
                    if isinstance(text, str)
                ]
            )
    assert tally.n_marked <= 1e-4 * tally.n_documents, tally.lines()


@pytest.mark.slow
def test_messages_of_programs_in_many_languages_have_no_mark() -> None:
    """The other figure of the README: 20 messages of a program are a document."""
    files = sorted(Path("/usr/share/locale").glob("*/LC_MESSAGES/*.mo"))
    if len(files) < 100:
        pytest.skip("no message catalogues of programs are installed")
    n_groups, marked = 0, list[str]()
    for file in files:
        try:
            with file.open("rb") as catalogue:
                entries = vars(gettext.GNUTranslations(catalogue))["_catalog"].values()
        except (OSError, ValueError, LookupError):  # a few are not what they declare
            continue
        found = [text for text in entries if isinstance(text, str) and not text.isascii()]
        for start in range(0, len(found), 20):
            n_groups += 1
            marked += [str(file)] * len(find_hidden_marks("\n".join(found[start : start + 20])))
    assert n_groups and not marked, (n_groups, marked)


def pasted(*strays: tuple[str, int]) -> str:
    """An English page with so many stray characters of each sort, one at a time."""
    words = ["word"] * 560
    places = iter(range(3, 560, 21))
    for stray, n in strays:
        for _ in range(n):
            words[next(places)] += stray
    return " ".join(words)


LEFT_OVER = {
    "zero-width spaces and marks of direction": pasted(("\u200b", 12), ("\u200e", 3)),
    "zero-width spaces and byte-order marks": pasted(("\u200b", 10), ("\ufeff", 4)),
    "three sorts": pasted(("\u200e", 6), ("\u200c", 3), ("\u200b", 2)),
    "Latin numerals in Russian": "Глава X начата, глава I окончена. " * 12,
}


@pytest.mark.parametrize("name", LEFT_OVER)
def test_what_copying_leaves_behind_is_no_mark(name: str) -> None:
    assert not find_hidden_marks(LEFT_OVER[name])


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
