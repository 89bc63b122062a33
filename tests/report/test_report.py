"""The records of report.json: what they refuse, how they are kept and what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st

from provenance import records
from provenance.errors import InputError
from provenance.records import Share
from provenance.report import report as module
from provenance.report.checksum import KEY
from provenance.report.report import Report, shown_order

SCHEMA = json.loads(
    resources.files("provenance.report").joinpath("report-1.schema.json").read_text("utf-8")
)


VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.mark.parametrize("make", examples.REPORTS)
def test_round_trip(make: Callable[[], Report], tmp_path: Path) -> None:
    made = make()
    made.save(tmp_path / "report.json")
    assert Report.load(tmp_path) == made
    assert Report.load(tmp_path / "report.json") == made
    assert Report.from_dict(made.to_dict()) == made


@pytest.mark.parametrize("make", examples.REPORTS)
def test_reports_keep_the_schema(make: Callable[[], Report]) -> None:
    VALIDATOR.validate(make().to_dict())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", [*SCHEMA["$defs"], "Report"])
def test_schema_and_records_have_the_same_keys(name: str) -> None:
    described = SCHEMA if name == "Report" else SCHEMA["$defs"][name]
    every = fields(Report if name == "Report" else getattr(records, name))
    names = [field.name for field in every if not field.metadata.get("aside")]
    always = sorted({*described["properties"]} - {KEY})
    assert always == sorted(described["required"]) == sorted(names)
    assert (KEY in described["properties"]) == (name == "Report")


@pytest.mark.parametrize(
    "break_it",
    [
        lambda report: report.pop("manifest"),
        lambda report: report.update(verdict="proved"),
        lambda report: report.update(verdict="withheld", reasons=[]),
        lambda report: report.update(power={}),
        lambda report: report["shares"][0].update(low=-0.1),
        lambda report: report["shares"][0].update(share=None),
        lambda report: report["shares"][0].update(verdict="withheld"),
        lambda report: report["corpus"].update(n_scored="many"),
        lambda report: report["corpus"].update(n_skipped=-1),
        lambda report: report["excerpts"][0].update(text="x" * 601),
        lambda report: report["excerpts"][0].update(spans=[[1, 2, 3]]),
        lambda report: report.update(excerpts=report["excerpts"][:1] * 101),
        lambda report: report["findings"][0].update(kind="hunch"),
        lambda report: report["findings"][0].update(p_value=1.5),
        lambda report: report["signature"][0].update(rate_in_source=12.0),
        lambda report: report["manifest"].update(inputs=[{"sha256": "ab"}]),
        lambda report: report["manifest"]["inputs"][0].update(bytes=-1),
        lambda report: report["breakdown"][0].update(n_documents=-1),
    ],
)
def test_schema_and_reader_refuse_the_same(break_it: Callable[[Any], object]) -> None:
    values = examples.estimated().to_dict()
    break_it(values)
    assert not VALIDATOR.is_valid(values)
    with pytest.raises(InputError):
        Report.from_dict(values)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda report: report.update(schema="provenance-report/9"), "provenance-report/9"),
        (lambda report: report["shares"][3].update(low="0"), "`shares[3].low` is the string '0'"),
        (lambda report: report["shares"][3].update(low=0.9), "shares[3].low: 0.9 is above high"),
        (lambda report: report["shares"][0].pop("verdict"), "`shares[0].verdict` is missing"),
        (lambda report: report["corpus"].update(n_documents=1), "corpus.n_documents: 1, parts"),
        (lambda report: report["excerpts"][0].update(spans=[[5, 5]]), "excerpts[0].spans: one"),
        (lambda report: report["families"][0].update(members=["x"]), "families[0].members"),
        (lambda report: report["shares"][0].update(source=None), "source: null goes with"),
    ],
)
def test_the_reader_names_the_key(break_it: Callable[[Any], object], message: str) -> None:
    values = examples.estimated().to_dict()
    break_it(values)
    with pytest.raises(InputError) as caught:
        Report.from_dict(values)
    assert message in str(caught.value)


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    parts = [(key, part) for key, part in items]
    inner = [path for key, part in parts if isinstance(part, dict | list) and part
             for path in _paths(part, (*at, key))]  # fmt: skip
    return [(*at, key) for key, _ in parts] + inner


PATHS = _paths(examples.estimated().to_dict())


junk: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 1e308, 2**63, "", "x", [], [[]], {}, {"a": {}}]
)


@given(path=st.sampled_from(PATHS), value=junk)
def test_the_reader_takes_or_names_anything(path: tuple[Any, ...], value: Any) -> None:
    values = examples.estimated().to_dict()
    at = values
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    try:
        read = Report.from_dict(values)
    except InputError as error:
        assert str(error).isprintable()
    else:
        VALIDATOR.validate(read.to_dict())


def test_unknown_keys_are_allowed() -> None:
    values = examples.estimated().to_dict()
    values["later"] = values["shares"][0]["later"] = {"x": [1]}
    assert Report.from_dict(values) == examples.estimated()
    VALIDATOR.validate(values)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b'{"schema": "provenance-report/1", ', "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "is a list. Expected an object"),
        (b"{}", "`schema` is None"),
        (b'{"schema": "provenance-report/1"}', "`verdict` is missing"),
        (b" " * (module.MAX_BYTES + 1), "too large"),
    ],
)
def test_load_refuses(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        Report.load(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_load_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"report\.json: cannot be read"):
        Report.load(tmp_path)


def test_equal_reports_give_equal_bytes(tmp_path: Path) -> None:
    made = examples.estimated()
    turned = replace(made.corpus, repairs=dict(sorted(made.corpus.repairs.items(), reverse=True)))
    made.save(tmp_path / "a")
    replace(made, corpus=turned).save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan")])
def test_no_nan_is_ever_written(value: float, tmp_path: Path) -> None:
    made = examples.estimated()
    bad = replace(made, diagnostics=(replace(made.diagnostics[0], statistic=value),))
    with pytest.raises(ValueError, match=r"^diagnostics\[0\]\.statistic: (nan|inf) is not"):
        bad.save(tmp_path / "report.json")
    assert list(tmp_path.iterdir()) == []


def test_a_withheld_report_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reasons"):
        replace(examples.withheld(), reasons=())


@pytest.mark.parametrize("make", examples.REPORTS)
def test_words(make: Callable[[], Report]) -> None:
    told = f"{make().summary().replace(chr(10), ' ')} {' '.join(module.LIMITS)}"
    assert told.isprintable()
    assert "prove" not in told.replace("provenance", "")


def test_shown_order() -> None:
    rows = [row for row in examples.estimated().shares if row.unit == "documents"]
    names = [row.source for row in shown_order(reversed(rows))]
    assert names == ["gpt-4", "human-2021", None, "claude-3", "qwen2-72b", "llama-3-70b"]


def test_to_frame() -> None:
    frame = examples.withheld().to_frame()
    assert list(frame.columns) == [field.name for field in fields(Share)]
    assert frame.query("role == 'candidate' and unit == 'documents'")["high"].item() == 0.42
    assert frame["share"].isna().all()


def test_plots() -> None:
    figure = pytest.importorskip("matplotlib.figure")
    made = examples.hostile()
    axes = made.plot_shares(ax=figure.Figure().subplots())
    shown = [label.get_text() for label in axes.get_yticklabels()]
    assert len(shown) == 6 and all(text.isprintable() for text in shown)
    axes.figure.canvas.draw()
    plain = examples.estimated().plot_breakdown("source", ax=figure.Figure().subplots())
    assert [label.get_text() for label in plain.get_yticklabels()] == [
        "web",
        "forum",
        "instructions",
    ]


def test_a_breakdown_that_is_not_there_names_the_option() -> None:
    with pytest.raises(InputError, match="--by colour"):
        examples.estimated().plot_breakdown("colour")


def test_notebook_table_is_escaped() -> None:
    page = examples.hostile()._repr_html_()
    assert "<script" not in page and "<img" not in page and "\x1b" not in page
    assert "12.3 %" in examples.estimated()._repr_html_()


def test_what_may_be_missing_has_a_default() -> None:
    needed = [field.name for field in fields(Report) if field.default is MISSING]
    assert needed == ["verdict", "reasons", "corpus", "shares", "manifest"]


def test_a_report_shows_its_answer() -> None:
    shown = repr(examples.estimated())
    assert examples.estimated().headline() in shown and len(shown) < 600


def test_a_summary_tells_the_doubts_below_the_answer() -> None:
    made = replace(examples.estimated(), reasons=("The sample is \x1bsmall.",))
    assert made.summary() == f"{made.answer()}\n· The sample is <U+001B>small."
    assert "small" not in repr(made)
    assert "<li>The sample is" in made._repr_html_()
    withheld = examples.withheld()
    assert withheld.summary() == withheld.answer()
