"""The bench of treated samples: treatments by hand, and how outcomes are counted."""

from __future__ import annotations

import pytest

from provenance.validation.bench.processed_samples import TREATMENTS, Outcome


@pytest.mark.parametrize(
    ("treatment", "text", "expected"),
    [
        ("articles left out", "The cat sat on a mat.", "cat sat on mat."),
        ("punctuation stripped", "Well, (so) it's so!", "Well so its so"),
        ("each text said twice", "One.", "One.\n\nOne."),
        ("stop words left out", "It is the end of all days", "end days"),
        ("paragraphs in HTML", "A **b**\nc\n\nd", "<p>A <strong>b</strong><br/>\nc</p>\n<p>d</p>"),
        ("letters made small", "One Two", "one two"),
        ("commas stripped", "a, b", "a b"),
        ("*to* and *of* left out", "To be of use to us", "be use us"),
        ("*&* for *and*", "hand and foot", "hand & foot"),
        ("*one* for pronouns", "You and I", "one and one"),
        ("words sorted", "c a b", "a b c"),
        ("sentences sorted", "Two is it. And one.", "And one. Two is it."),
        ("words cut to stems", "walked boldly", "walk bold"),
        ("marks set apart", "so, it's", "so ,  it's"),
        ("digits masked", "in 1984", "in 0000"),
        ("names masked", "then Ann left", "then [NAME] left"),
    ],
)
def test_treatments(treatment: str, text: str, expected: str) -> None:
    assert TREATMENTS[treatment](text) == expected


@pytest.mark.parametrize(
    ("truth", "share", "low", "high", "kind"),
    [
        (0.3, None, 0.0, 1.0, "withheld"),
        (0.3, 0.3, 0.2, 0.4, "held"),
        (0.3, 0.5, 0.4, 0.6, "accused"),
        (0.3, 0.1, 0.0, 0.2, "missed"),
        (0.0, None, 0.1, 1.0, "accused"),
    ],
)
def test_how_a_corpus_turned_out(
    truth: float, share: float | None, low: float, high: float, kind: str
) -> None:
    assert Outcome("any", "none", "", truth, share, low, high).kind == kind
