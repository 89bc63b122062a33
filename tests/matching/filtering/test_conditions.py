"""What may stand behind ``--drop``."""

from __future__ import annotations

import pytest
import report_examples as examples

from provenance.errors import InputError
from provenance.matching.filtering.conditions import conditions, list_names

COLUMNS = ["id", "path", "line", "q[gpt-4]", "p[gpt-4]", "posterior[gpt-4]", "findings"]


def told(*written: str) -> list[tuple[str, tuple[str, ...]]]:
    found = conditions(written, examples.estimated(), COLUMNS)
    return [(one.told, one.columns) for one in found]


def test_a_short_name_is_that_of_the_candidate() -> None:
    assert told("q<=0.05") == [("q<=0.05", ("q[gpt-4]",))]
    assert told("q[gpt-4] <= .05, repaired") == [
        ("q[gpt-4] <= .05", ("q[gpt-4]",)),
        ("repaired", ("findings",)),
    ]
    assert list_names(examples.estimated()) == ("gpt-4",)


def test_a_name_may_hold_a_comma() -> None:
    columns = ["q[a,b]", "findings"]
    (found,) = conditions(["q[a,b]<=0.1"], examples.estimated(), columns)
    assert (found.columns, found.listed, found.most) == (("q[a,b]",), ("a,b",), 0.1)


def test_machine_is_for_reports_that_tell_it() -> None:
    (found,) = conditions(["machine"], examples.model_like(), COLUMNS)
    assert (found.columns, found.most) == (("q[gpt-4]",), 0.05)


@pytest.mark.parametrize("wrong", ["q", "q<0.05", "q<=", "<=1", "q<=inf", "id<=1", "\x1b[2J<=1"])
def test_others_are_refused_in_one_paragraph(wrong: str) -> None:
    with pytest.raises(InputError) as error:
        told(wrong)
    assert str(error.value).isprintable()
