"""Invisible characters are counted as they are removed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenance.features.normalize import normalize


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cf", "Mn"))))
def test_counts_of_removed_characters(text: str) -> None:
    # U+2060 is needed nowhere, so each one put in is one removed and one counted.
    clean = normalize(text).text
    sown = "".join(character + "\u2060" for character in clean)
    done = normalize(sown)
    assert done.text == clean
    assert done.repairs == ({"hidden": len(clean)} if clean else {})
