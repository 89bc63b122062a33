"""What a report lets an author declare."""

from __future__ import annotations

import dataclasses

import pytest
import report_examples as examples
import yaml

from provenance.report.declared.declaration import declaration, measured
from provenance.report.report import LIMITS
from provenance.words import TO_TELL_MORE


def test_what_was_measured_by_hand() -> None:
    report = examples.estimated()
    found = measured(report)
    # The candidate's low end over all documents; the reference leaves the rest.
    rows = {row.source: row for row in report.shares_all if row.unit == "documents"}
    assert found.low == rows["gpt-4"].low
    assert found.high == pytest.approx(1 - rows["human-2021"].low)
    assert found.of == "text consistent with gpt-4"
    assert found.confidence_level == 0.95


def test_the_ends_of_several_sources_hold_less_often_together() -> None:
    report = examples.estimated()
    other = next(row for row in report.shares_all if row.role == "candidate")
    more = (dataclasses.replace(other, source=name) for name in ("a", "b"))
    found = measured(dataclasses.replace(report, shares_all=(*report.shares_all, *more)))
    # Three low ends and one high end, each wrong in 2.5 %.
    assert found.confidence_level == pytest.approx(0.90)


def test_fields_hold_the_figures_and_the_limits() -> None:
    told = declaration(examples.estimated())
    rai = told["croissant"]
    assert rai["rai:hasSyntheticData"] is True
    assert "10.1 to 22.1 %" in rai["rai:syntheticDataExplanation"]
    assert {*LIMITS} <= {*rai["rai:dataLimitations"]}
    card = yaml.safe_load(told["card"])
    assert card["tags"] == ["synthetic"]
    assert card["synthetic_data"]["low"] == told["measured"]["low"]
    assert card["synthetic_data"]["explanation"] == rai["rai:syntheticDataExplanation"]


def test_advice_is_no_limit_of_the_data() -> None:
    advised = f"{TO_TELL_MORE}: provenance match CORPUS."
    report = dataclasses.replace(examples.estimated(), reasons=("A doubt.", advised))
    limits = declaration(report)["croissant"]["rai:dataLimitations"]
    assert "A doubt." in limits and advised not in limits


def test_text_like_a_models_is_told_as_such() -> None:
    report = dataclasses.replace(examples.model_like(), shares_all=())
    found = measured(report)
    row = report.model_like()
    assert row is not None
    assert (found.low, found.high, found.of) == (row.low, row.high, "text like a language model's")


def test_a_withheld_share_declares_nothing() -> None:
    told = declaration(examples.withheld())
    assert "rai:hasSyntheticData" not in told["croissant"]
    assert (told["measured"]["low"], told["measured"]["high"]) == (0, 1)
    assert "no share of text by language models can be told" in told["card"]


def test_that_nothing_was_seen_is_no_false() -> None:
    report = examples.estimated()
    rows = tuple(
        dataclasses.replace(row, low=0.0) if row.role == "candidate" else row
        for row in report.shares_all
    )
    told = declaration(dataclasses.replace(report, shares_all=rows))
    assert "rai:hasSyntheticData" not in told["croissant"]
    assert "tags" not in yaml.safe_load(told["card"])
    assert "that is not that none do" in told["croissant"]["rai:syntheticDataExplanation"]


def test_hostile_names_end_no_scalar() -> None:
    told = declaration(examples.hostile())
    assert {*yaml.safe_load(told["card"])} <= {"tags", "synthetic_data"}
    assert told["croissant"]["rai:syntheticDataExplanation"].isprintable()
