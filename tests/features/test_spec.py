"""A spec survives JSON, names its differences and refuses what is none."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from provenance.errors import InputError
from provenance.features.spec import FeatureSpec

# Specs


def test_a_spec_survives_json() -> None:
    spec = FeatureSpec(min_tokens=3, strip_markdown=True)
    assert FeatureSpec.from_dict(json.loads(json.dumps(asdict(spec)))) == spec


def test_differences_name_the_fields_and_values() -> None:
    other = FeatureSpec(word_bits=18, encoding="cl100k_base")
    assert FeatureSpec().differences(other) == [
        "encoding: o200k_base and cl100k_base",
        "word_bits: 19 and 18",
    ]
    assert other.differences(replace(other)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"word_bits": 0}, "word_bits"),
        ({"word_bits": 60}, "word_bits"),
        ({"shape_bits": 25}, "shape_bits"),
        ({"frequency_bits": -1}, "frequency_bits"),
        ({"word_order": 10**9}, "word_order"),
        ({"shape_order": 0}, "shape_order"),
        ({"opening": 10**12}, "opening"),
        ({"long_opening": -1}, "long_opening"),
        ({"ending": 1 << 40}, "ending"),
        ({"passage_tokens": 0}, "passage_tokens"),
        ({"min_tokens": -1}, "min_tokens"),
        ({"min_tokens": True}, "min_tokens"),
        ({"min_tokens": 8.0}, "min_tokens"),
        ({"min_tokens": "8"}, "min_tokens"),
        ({"min_tokens": None}, "min_tokens"),
        ({"strip_markdown": 1}, "strip_markdown"),
        ({"encoding": ["o200k_base"]}, "encoding"),
        ({"schema": "provenance-features/9"}, "provenance-features/9"),
        ({"more": 1}, "fields"),
    ],
)
def test_a_hostile_spec_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        FeatureSpec.from_dict({**asdict(FeatureSpec()), **change})


@pytest.mark.parametrize("values", [None, [], "spec", 3, {}, {"schema": "x"}])
def test_what_is_no_spec_is_refused(values: object) -> None:
    with pytest.raises(InputError, match="fields"):
        FeatureSpec.from_dict(values)
