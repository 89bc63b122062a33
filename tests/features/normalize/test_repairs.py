"""Single repairs: surrogate pairs, marks on a letter, the path for ordinary text."""

from __future__ import annotations

from provenance.features.normalize import REPAIRS, normalize
from provenance.features.normalize.repairs import _UNCOMMON, MARKS_ON_ONE_LETTER


def test_surrogate_pair_is_joined() -> None:
    # Not among the cases: JSON itself joins pairs.
    done = normalize("\ud83d" + "\ude00!")
    assert (done.text, done.repairs) == ("\U0001f600!", {"surrogates": 2})


def test_fast_path_skips_nothing() -> None:
    # The characters that skip the Unicode repairs are those that no such repair changes, alone
    # or beside a letter.
    for code in (*range(0xD800), *range(0xE000, 0x20000)):
        character = chr(code)
        if _UNCOMMON.search(character) is None and not character.isspace():
            for text in (character, f"a{character}a"):
                for repair in REPAIRS:
                    assert repair.function(text) == (text, 0), (hex(code), repair.name)


def test_marks_within_the_bound_stay() -> None:
    text = "x" + "\u0335" * MARKS_ON_ONE_LETTER
    assert normalize(text).repairs == {}
