"""What is shown of a validation is escaped and complete."""

from __future__ import annotations

from dataclasses import replace

from known_validation import reading, validated

from provenance.validation.page import compared, figure, list_cells, markdown, page
from provenance.validation.plan import SCENARIOS


def test_lists_are_shown_everywhere() -> None:
    lists = validated().list_table()
    assert {row.scenario for row in lists} <= {*SCENARIOS} and lists
    for shown in (markdown(validated()), page(validated())):
        assert "rows listed at a q-value of at most 0.05" in shown
    assert f"| {' | '.join(list_cells(lists[0]))} |" in markdown(validated())


def test_what_is_shown_is_escaped_and_complete() -> None:
    named = replace(validated(), name="<b>\x1b[2J")
    shown = page(named)
    assert "<b>" not in shown and "\x1b" not in shown and shown == page(named)
    assert shown.count("<table>") == markdown(validated()).count("**") // 2
    assert len(figure(validated()).axes) == 2
    frame = validated().to_frame()
    assert len(frame) == len(validated().readings) and "low" in frame


def test_estimators_are_compared_on_all_corpora_in_a_row_each() -> None:
    theirs = {"estimator": "a peer"}
    found = [
        reading(0.3, 0.2, 0.4, **theirs),
        reading(0.05, 0.01, 0.1, truth=0.0, **theirs),
        reading(0.12, 0.05, 0.2),
        reading(None, 0.0, 1.0, truth=0.0),
    ]
    both = replace(validated(), readings=tuple(found))
    assert compared(both) == [
        ("provenance", "1/2", "2.00", "2.00", "1/1", "0", "0/1", "15.0"),
        ("a peer", "2/2", "12.50", "20.00", "0/2", "2", "1/1", "14.5"),
    ]
    assert markdown(both).startswith("**all corpora**") and "<h2>all corpora</h2>" in page(both)
    assert compared(validated()) == []
