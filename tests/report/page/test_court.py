"""Words for a court: nothing that the data does not carry."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import report_examples as examples
from known_pages import Page

from provenance.records import Diagnostic, RowCalibration
from provenance.report.page.court import (
    SCALE,
    alternatives,
    error_rates,
    not_examined,
    propositions,
    row_weight,
    strength,
    whose_rates,
)
from provenance.report.page.page import render_html
from provenance.report.report import Report

EVEN = tuple(float(at) for at in range(-5, 6))


def two_sources(n_own: int = 100, n_others: int = 200, verdict: str = "ok") -> Report:
    """One candidate, one reference, and ratios that held-out rows bear out."""
    found = examples.estimated()
    check = Diagnostic(
        name="calibration[gpt-4]",
        verdict=verdict,  # type: ignore[arg-type]
        statistic=0.1,
        limit=0.7,
        sentence="",
    )
    made = RowCalibration(
        source="gpt-4",
        cllr=0.1,
        min_cllr=0.1,
        own=EVEN,
        others=tuple(one - 3 for one in EVEN),
        n_own=n_own,
        n_others=n_others,
    )
    rows = tuple(row for row in found.shares if row.role not in ("panel", "unknown"))
    return replace(found, shares=rows, diagnostics=(check,), calibration=(made,))


@pytest.mark.parametrize(
    ("ratio", "word"),
    [(1, "no"), (1.99, "no"), (2, "weak"), (10, "moderate"), (999, "moderately strong")],
)
def test_words_of_the_scale(ratio: float, word: str) -> None:
    assert strength(ratio) == f"{word} support"
    assert [least for least, _ in SCALE] == sorted(least for least, _ in SCALE)


def test_a_row_is_told_no_more_than_held_out_rows_can_show() -> None:
    row = replace(examples.estimated().excerpts[0], llr=math.log(50))
    assert row_weight(row, two_sources()) == (
        "Moderate support for gpt-4 against human-2021 (likelihood ratio about 50)."
    )
    strong = replace(row, llr=18.0)
    told = row_weight(strong, two_sources(n_own=100))
    assert told.startswith("Moderately strong support") and "100 or more" in told
    assert row_weight(strong, two_sources(n_own=1)).startswith("No support")


def test_a_row_has_no_words_where_its_ratio_is_not_borne_out() -> None:
    row = examples.estimated().excerpts[0]
    assert row_weight(row, examples.estimated()) == ""
    assert row_weight(row, two_sources(verdict="warn")) == ""
    assert row_weight(row, two_sources(n_others=0)) == ""
    assert row_weight(replace(row, llr=None), two_sources()) == ""


def test_rates_of_errors_by_hand() -> None:
    (found,) = error_rates(two_sources())
    # Of the others' eleven even quantiles, -8 to 2, three are at 0 or above, none at 2.3.
    assert [row[1] for row in found.rows] == [0.3, 0.0, 0.0]
    # Of its own, -5 to 5, six are at 0 or below, eight at 2.3 or below.
    assert [row[2] for row in found.rows] == [0.6, 0.8, 1.0]
    text = Page(render_html(two_sources())).text("td")
    assert "none (up to 1.5\xa0% cannot be excluded)".replace("\xa0", " ") in text
    assert not [*error_rates(examples.estimated())]
    assert "How often single rows are misread" not in render_html(examples.estimated())


def test_rates_say_whose_they_are() -> None:
    alone = two_sources()
    assert "None is of the corpus's own kind" in whose_rates(alone)
    made = replace(alone.calibration[0], trusted=(-9.0, -2.0, 0.0, 3.0, 5.0), n_trusted=60)
    corpus = replace(alone.corpus, n_trusted=70, reference_before="2021-01-01")
    dated = replace(alone, calibration=(made,), corpus=corpus)
    assert "its rows dated before 2021-01-01" in whose_rates(dated)
    (found,) = error_rates(dated)
    # Of four steps between five even quantiles, three begin or end at 0 or above, two at 2.3.
    assert [row[3] for row in found.rows] == [0.75, 0.5, 0.25]
    assert found.n_trusted == 60
    assert "Trusted rows of this corpus at or above it, of 60" in render_html(dated)
    assert "Trusted rows of this corpus" not in render_html(alone)


def test_propositions_say_what_was_compared() -> None:
    said = [one.examined for one in propositions(two_sources())]
    assert said[1].startswith("not compared") and said[2].startswith("compared")
    assert said[3].startswith("not told apart")
    assert "samples of other models" in propositions(examples.estimated())[1].examined
    finding = replace(examples.estimated().findings[0], details={"of": "log"})
    logged = propositions(replace(examples.estimated(), findings=(finding,)))
    assert "by the log alone" in logged[3].examined


def test_alternatives_and_what_nobody_looked_at() -> None:
    assert alternatives(two_sources())[0].startswith("Any other language model")
    assert not alternatives(examples.estimated())[0].startswith("Any other")
    told = " ".join(not_examined(examples.estimated()))
    assert "210 documents (1.8 %): too short to tell" in told and "3 rows that could" in told
    assert (
        "Not checked: the API's own log, planted canaries, watermarks" in told
        and "text tells none of it" in told
    )
