"""Errors of typing: what counts as one, and what never does."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.evidence.washed.typing import is_mistyped, mistyped_forms
from provenance.validation.laundering.table import launder

PLAIN = (
    "It was because of the rain that nothing could be done in the country, and people with"
    " children were going through the water to the other side of the street again. "
)


@pytest.mark.parametrize(
    "form",
    ["becuase", "becaue", "becausse", "becayse", "thier", "wouldd", "peple", "throuhg"],
)
def test_one_letter_wrong_is_an_error(form: str) -> None:
    assert form in mistyped_forms()


@pytest.mark.parametrize(
    "word",
    ["because", "nothin", "wrote", "quiet", "create", "persoon", "stared", "hte", "tough"],
)
def test_words_dialect_and_short_forms_are_none(word: str) -> None:
    assert word not in mistyped_forms()


def test_no_form_is_a_common_word() -> None:
    from provenance.evidence.washed import typing

    assert mistyped_forms().isdisjoint(typing._COMMON.split())


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        (PLAIN, False),
        (PLAIN.replace("nothing", "nothign"), True),
        ("De persoon was in het systeem becuase van de regen.", False),
        ("becuase", False),
        (PLAIN + "It ends withi", False),
        (PLAIN + "see thier_name and https://x.org/becuase for it ", False),
        ("", False),
    ],
)
def test_english_text_alone_is_mistyped(text: str, shows: bool) -> None:
    assert is_mistyped(text) is shows


def test_what_launderers_leave_is_seen() -> None:
    rng = np.random.default_rng(0)
    typed = [launder(PLAIN, "typos", 0.3, rng) for _ in range(50)]
    assert np.mean([is_mistyped(one) for one in typed]) > 0.5
    for name in ("markdown", "case", "articles", "punctuation"):
        assert not is_mistyped(launder(PLAIN, name, 1.0, rng))
