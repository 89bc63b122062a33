"""How rows are divided: each way twice the same text, and what is put together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenance.features.spec import FeatureSpec
from provenance.matching.checks.row_parts import PARTS, WAYS, parts_of, put_together

SPEC = FeatureSpec()
SENTENCES = st.lists(
    st.lists(st.sampled_from("once upon a long day we all went there".split()), min_size=4).map(
        lambda words: f"{' '.join(words)}. "
    ),
    min_size=25,
    max_size=40,
)


@given(SENTENCES)
def test_every_division_holds_the_whole_text(said: list[str]) -> None:
    parts = parts_of("".join(said), SPEC)
    assert parts is not None
    for way in WAYS:
        left = parts[way]
        assert len(left) == 2 * sum(PARTS[way])
        for n_parts in PARTS[way]:
            for _ in range(2):
                of_one, left = left[:n_parts], left[n_parts:]
                assert sorted(" ".join(of_one).split()) == sorted("".join(said).split())


def test_short_texts_are_not_divided_and_without_sentences_in_a_row_alone() -> None:
    assert parts_of("It rained. " * 20, SPEC) is None
    parts = parts_of("it rained and rained again " * 40, SPEC)
    assert parts is not None and parts["by turns"] == []


def test_a_row_of_thirds_is_as_long_as_those_it_is_of() -> None:
    texts = [" ".join([letter] * 90) for letter in "abc"]
    made = put_together("one after another", 3, texts[0], texts[1:])
    assert made.split() == ["b"] * 30 + ["a"] * 30 + ["c"] * 30
