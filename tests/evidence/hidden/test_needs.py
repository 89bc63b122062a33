"""What text needs, and what copying leaves behind, is no mark."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from hidden_encoders import COVER, tags

from provenance.evidence.hidden.marks import find_hidden_marks

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
