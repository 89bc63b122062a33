"""SARIF and JUnit: well formed whatever a corpus holds, and no success where nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import orjson
import pytest
import report_examples as examples

from provenance.report.ci import junit, sarif
from provenance.report.report import Report


@pytest.mark.parametrize("make", examples.REPORTS)
def test_both_are_well_formed(make: Callable[[], Report]) -> None:
    report = make()
    (run,) = orjson.loads(orjson.dumps(sarif(report)))["runs"]
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
    assert all(one["level"] == "note" for one in run["results"])
    suite = ElementTree.fromstring(junit(report))
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.get("tests", "0"))
    assert len({(one.get("classname"), one.get("name")) for one in cases}) == len(cases)
    assert len(suite.findall("testcase/failure")) == int(suite.get("failures", "0"))


def test_places_of_rows_and_no_text() -> None:
    (run,) = sarif(examples.estimated())["runs"]
    first = run["results"][0]["locations"][0]["physicalLocation"]
    assert first["artifactLocation"]["uri"] == "suspect/sft-part-1.jsonl"
    assert first["region"] == {"startLine": 118}
    assert "concise overview" not in str(run)
    odd = replace(examples.estimated().excerpts[0], path="a b/ü.jsonl", line=0)
    (run,) = sarif(replace(examples.estimated(), excerpts=(odd,)))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%20b/%C3%BC.jsonl"}}


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (examples.estimated, "failure"),
        (examples.nothing_found, None),
        (examples.withheld, "skipped"),
        (examples.model_like, "skipped"),
    ],
)
def test_a_candidate_passes_only_where_that_is_known(
    make: Callable[[], Report], outcome: str | None
) -> None:
    suite = ElementTree.fromstring(junit(make()))
    (case,) = (one for one in suite if one.get("classname") == "provenance.share")
    assert [one.tag for one in case] == ([] if outcome is None else [outcome])


def test_what_nobody_looked_for_is_no_success() -> None:
    suite = ElementTree.fromstring(junit(examples.estimated()))
    found = {one.get("name"): [child.tag for child in one] for one in suite}
    assert found["The API's own log"] == found["Watermarks"] == ["skipped"]
    assert found["What the texts say of themselves"] == ["failure"]
    assert found["negative_control"] == ["failure"] and found["length"] == ["system-out"]
