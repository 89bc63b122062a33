"""Words of a list in many texts: the compiled look and a plain one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.washed.typing import all_mistyped, is_mistyped, mistyped_forms
from provenance.evidence.washed.typing_kernels import may_hold, table_of

WORDS = ("becuase", "ab", "wouldd", "a" * 30)
TEXTS = st.lists(
    st.lists(st.sampled_from([*WORDS, "Becuase", "b", "the", "\u00e9", "_", "7"]), max_size=6).map(
        " ".join
    )
    | st.text(alphabet="ab \u00e9.\x00Z", max_size=12),
    max_size=6,
)


@given(TEXTS)
def test_a_text_may_hold_what_stands_in_it(texts: list[str]) -> None:
    expected = [
        any(run in WORDS for run in re.findall("[a-z]+", text.replace("Z", "z").lower()))
        for text in texts
    ]
    assert may_hold(texts, table_of(WORDS)).tolist() == expected


def test_an_empty_list_of_words_is_in_no_text() -> None:
    assert may_hold(["a b", ""], table_of([])).tolist() == [False, False]


def test_all_texts_are_judged_as_one_is() -> None:
    rain = "It was {} of the rain that it fell in the end."
    forms = sorted(mistyped_forms())
    texts = [rain.format(form) for form in forms[::500]] + [rain.format("because"), "", "becuase"]
    texts += [rain.format("x" * 8000 + " becuase")]
    assert all_mistyped(texts) == [is_mistyped(text) for text in texts]
    assert sum(all_mistyped(texts)) == len(forms[::500])
