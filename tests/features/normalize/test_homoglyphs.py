"""The table of letters that look like others."""

from __future__ import annotations

from provenance.features.normalize import homoglyphs


def test_look_alikes_keep_their_case_and_are_single_letters() -> None:
    table = homoglyphs._look_alikes().latin
    assert {"а": "a", "А": "A", "І": "I", "ӏ": "l", "ο": "o", "Ζ": "Z"}.items() <= table.items()
    assert all(len(a) == 1 and a.isascii() and a.isalpha() for a in table.values())
    assert len(table) > 100
