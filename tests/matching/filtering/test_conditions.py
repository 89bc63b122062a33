"""What may stand behind ``--drop``."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
import report_examples as examples

from provenance.errors import InputError
from provenance.matching.filtering.conditions import conditions, list_names
from provenance.records import OF_LIBRARY, Finding
from provenance.report.report import Report

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


def test_a_disclosure_is_for_reports_that_looked_for_it() -> None:
    assert told("disclosure") == [("disclosure", ("findings",))]
    before = replace(examples.estimated(), findings=())
    with pytest.raises(InputError, match="did not look for it"):
        conditions(["disclosure"], before, COLUMNS)


COPIES = Finding(
    kind="overlap",
    verdict="found",
    n_documents=3,
    details={"of": OF_LIBRARY, "by_source": {"GPT": 3}, "by_model": {"GPT (gpt-4o)": 2, "GPT": 1}},
)
ANSWERS = pa.table({"known_answer": ["GPT (gpt-4o)", None, "GPT", "GPTX (gpt-4o)"]})


@pytest.mark.parametrize(
    ("written", "hit"),
    [
        ("known", [True, False, True, True]),
        ("known[GPT]", [True, False, True, False]),
        ("known[gpt]", [True, False, True, False]),
        ("known[GPT (gpt-4o)]", [True, False, False, False]),
        ("known[GPT-4o]", [True, False, False, False]),
    ],
)
def test_known_answers_are_all_or_those_of_one(written: str, hit: list[bool]) -> None:
    report = replace(examples.estimated(), findings=(COPIES,))
    (found,) = conditions([written], report, [*COLUMNS, "known_answer"])
    assert found.columns == ("known_answer",)
    assert found.test(ANSWERS).tolist() == hit
    assert "is kept" in found.note
    # What rows show by themselves stands on no share.
    withheld = replace(report, verdict="withheld")
    assert conditions([written], withheld, [*COLUMNS, "known_answer"])


def test_known_answers_that_nobody_looked_for_are_refused() -> None:
    unchecked = replace(COPIES, verdict="not_checked")
    for finding, columns in ((COPIES, []), (unchecked, ["known_answer"])):
        report = replace(examples.estimated(), findings=(finding,))
        with pytest.raises(InputError, match=r"did not look for it.*provenance scan"):
            conditions(["known"], report, [*COLUMNS, *columns])
    report = replace(examples.estimated(), findings=(COPIES,))
    with pytest.raises(InputError, match=r"no answers of GTP.*Perhaps 'GPT' is meant"):
        conditions(["known[GTP]"], report, [*COLUMNS, "known_answer"])
    twice = {"by_source": {"A": 3, "B": 3}, "by_model": {"A (one)": 3, "B (one)": 3}}
    report = replace(report, findings=(replace(COPIES, details={"of": OF_LIBRARY, **twice}),))
    with pytest.raises(InputError, match="no answers of one"):
        conditions(["known[one]"], report, [*COLUMNS, "known_answer"])


def test_the_log_is_what_the_report_counts() -> None:
    """A document less than half of which are runs matches where it is listed as an edited one."""
    columns = [*COLUMNS, "log_covered"]
    table = pa.table(
        {
            "log_covered": [0.5, 0.49, 0.49, 0.0, 0.0],
            "findings": [["overlap"], ["overlap"], ["overlap", "near_duplicate"], [], []],
        }
    )
    (found,) = conditions(["log"], examples.estimated(), columns)
    assert found.test(table).tolist() == [True, False, True, False, False]
    assert not found.note
    runs = Finding(kind="overlap", verdict="found", n_documents=3, details={"n_half_covered": 1})
    report = replace(examples.estimated(), findings=(runs,))
    (found,) = conditions(["log"], report, columns)
    assert "'log_covered>=0.0001' takes all" in found.note


@pytest.mark.parametrize("name", ["known_answer", "left_out", "by[source]", "log_answer"])
def test_columns_of_words_are_no_numbers(name: str) -> None:
    with pytest.raises(InputError, match="Expected one of q, p"):
        conditions([f"{name}>=1"], examples.estimated(), [*COLUMNS, name])


def test_a_family_is_what_its_members_have_together() -> None:
    for written in ("family>=0.9", "family[gpt-4]>=0.9"):
        (found,) = conditions([written], examples.estimated(), COLUMNS)
        assert found.columns == ("posterior[gpt-4]", "posterior[gpt-4-turbo]")
        assert (found.listed, found.most) == ((), None)
        table = pa.table({found.columns[0]: [0.5, 0.6, None], found.columns[1]: [0.5, 0.2, None]})
        assert found.test(table).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("report", "written", "told"),
    [
        (examples.estimated(), "family[other]>=0.9", "tells of no family[other]"),
        (examples.model_like(), "family>=0.9", "tells of no family"),
    ],
)
def test_a_family_that_is_not_told_is_refused(report: Report, written: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        conditions([written], report, COLUMNS)
    assert told in str(error.value) and "posterior>=0.9" in str(error.value)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("q<0.05", "'q<=0.05'"),
        ("q=0.05", "'q<=0.05'"),
        ("Q<=5%", "'q<=0.05'"),
        ("q[gpt]<=0.05", r"'q\[gpt-4\]<=0.05'"),
        ("postrior>.9", "'posterior>=0.9'"),
        ("posterior", "in quotes: --drop 'posterior"),
        ("watermarks", "--drop watermark"),
        ("log_match", "--drop log"),
        ("Hidden marks", "--drop hidden"),
    ],
)
def test_what_was_meant_is_told(wrong: str, meant: str) -> None:
    with pytest.raises(InputError, match=rf"Write .*{meant}"):
        told(wrong)


@pytest.mark.parametrize("wrong", ["q", "q<0.05", "q<=", "<=1", "q<=inf", "id<=1", "\x1b[2J<=1"])
def test_others_are_refused_in_one_paragraph(wrong: str) -> None:
    with pytest.raises(InputError) as error:
        told(wrong)
    assert str(error.value).isprintable()


def test_a_part_is_a_value_of_a_field_that_was_broken_down_by() -> None:
    columns = [*COLUMNS, "by[source]", "by[a=b]"]
    (found,) = conditions(["source=web crawl"], examples.estimated(), columns)
    assert (found.columns, found.listed, found.is_part) == (("by[source]",), (), True)
    table = pa.table({"by[source]": pa.array(["web crawl", "web", ""]).dictionary_encode()})
    assert found.test(table).tolist() == [True, False, False]
    with pytest.raises(InputError, match="source=web"):
        conditions(["origin=web"], examples.estimated(), columns)
