"""``--fail-above`` and ``--fail-on``: what counts, what fires, what cannot be told."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from provenance.cli.app import app
from provenance.cli.gate import (
    KINDS,
    bounds,
    exit_status,
    gate_kinds,
    gate_limit,
    verdict_lines,
)
from provenance.errors import InputError
from provenance.records import FEW_MODELS, Breakdown, Diagnostic, Finding
from provenance.report.report import Report

LIMITS = [
    ("0", 0.0),
    ("0.05", 0.05),
    (".05", 0.05),
    ("5%", 0.05),
    ("5 %", 0.05),
    (" 12.5% ", 0.125),
    ("0.7%", 0.007),
    ("1", 1.0),
    ("100%", 1.0),
    ("5e-2", 0.05),
]
NO_LIMITS = (
    "5",
    "1.1",
    "101%",
    "-1",
    "-0.0",
    "nan",
    "inf",
    "%",
    "",
    "0,05",
    "5%%",
    "%5",
    "٥%",
    "1_0%",
    "0x1",
    "1e9",
    "1e999999",
    "five",
)


@pytest.mark.parametrize(("text", "limit"), LIMITS)
def test_a_limit_is_a_fraction_or_a_percentage(text: str, limit: float) -> None:
    assert gate_limit(text) == limit


@pytest.mark.parametrize("text", NO_LIMITS)
def test_nothing_else_is_a_limit(text: str) -> None:
    with pytest.raises(InputError, match="a fraction from 0 to 1"):
        gate_limit(text)


@given(st.text(max_size=20))
def test_any_text_is_a_limit_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert 0 <= gate_limit(text) <= 1


@pytest.mark.parametrize(
    ("named", "kinds"),
    [
        ([], ("shares",)),
        (["log"], ("log",)),
        (["watermark, shares", "log"], ("shares", "log", "watermark")),
        (["machine,shares,breakdown,log,watermark"], KINDS),
    ],
)
def test_kinds_repeat_or_stand_behind_commas(named: list[str], kinds: tuple[str, ...]) -> None:
    assert gate_kinds(named) == kinds


@pytest.mark.parametrize("named", [["share"], ["log;shares"], ["log,"], [""], ["Log"]])
def test_an_unknown_kind_is_refused(named: list[str]) -> None:
    with pytest.raises(InputError, match="shares, breakdown, log, watermark"):
        gate_kinds(named)


def log_finding(low: float | None) -> Finding:
    return Finding(kind="overlap", verdict="found", share=0.4, low=low, details={"of": "log"})


def key_finding(verdict: Any, low: float | None, floor: float) -> Finding:
    share = {"identified": low is not None, "low": low, "floor": floor}
    details = {"name": "endpoint", "share": share}
    high = None if low is None else 1.0
    return Finding(kind="watermark", verdict=verdict, low=low, high=high, details=details)


def reported(*findings: Finding, make: Callable[[], Report] = examples.nothing_found) -> Report:
    return replace(make(), findings=findings)


def beside_few() -> Report:
    """A share that may be a model's that was not given, as so few were."""
    found = examples.nothing_found()
    name = f"{FEW_MODELS}[gpt-4]"
    check = Diagnostic(name=name, verdict="warn", statistic=0.2, limit=None, sentence="So few.")
    shares = [
        replace(row, share=0.3, high=0.35) if row.role == "candidate" else row
        for row in found.shares
    ]
    return replace(found, shares=tuple(shares), diagnostics=(*found.diagnostics, check))


CASES = [
    (beside_few(), 0.34, ("shares",), 3),
    (beside_few(), 0.36, ("shares",), 0),
    # Nothing of the shares of this report is above 0.05, its instructions are at 0.512 at least.
    (reported(), 0.05, ("shares",), 0),
    (reported(), 0.05, ("breakdown",), 1),
    (reported(), 0.6, ("breakdown",), 0),
    (reported(make=examples.withheld), 0.05, ("breakdown",), 0),
    (reported(make=examples.withheld), 0.05, ("shares", "breakdown"), 3),
    (reported(log_finding(0.3)), 0.05, ("shares",), 0),
    (reported(log_finding(0.3)), 0.05, ("log",), 1),
    (reported(log_finding(0.3)), 0.3, ("log",), 0),
    (reported(log_finding(0.0)), 0.0, ("log",), 0),
    (reported(log_finding(None)), 0.05, ("log",), 3),
    (reported(log_finding(None)), 1.0, ("log",), 0),
    (reported(), 0.05, ("log",), 0),
    # Overlap with the samples is none with the log.
    (reported(Finding(kind="overlap", verdict="found", low=0.9)), 0.05, ("log",), 0),
    (reported(key_finding("found", 0.2, 0.1)), 0.15, ("watermark",), 1),
    (reported(key_finding("found", 0.1, 0.2)), 0.15, ("watermark",), 0),
    (reported(key_finding("found", None, 0.2)), 0.15, ("watermark",), 1),
    (reported(key_finding("found", None, 0.0)), 0.0, ("watermark",), 0),
    (reported(key_finding("not_found", None, 0.2)), 0.15, ("watermark",), 0),
    (reported(key_finding("not_checked", None, 0.0)), 0.15, ("watermark",), 3),
    (reported(Finding(kind="watermark", verdict="not_checked")), 0.15, ("watermark",), 0),
    # Text like a language model's is at 0.1012 at least; the candidate's may be up to 0.1458.
    (examples.model_like(), 0.05, ("shares",), 3),
    (examples.model_like(), 0.1458, ("shares",), 0),
    (examples.model_like(), 0.05, ("machine",), 1),
    (examples.model_like(), 0.1012, ("machine",), 0),
    (examples.model_like(), 0.05, ("breakdown",), 3),
    (examples.model_like(), 0.2, ("breakdown",), 0),
    # Where sources tell whose it is, that text was not measured.
    (reported(), 0.05, ("machine",), 3),
    # One that is above for sure outweighs one that cannot be told.
    (reported(log_finding(None), key_finding("found", 0.2, 0)), 0.1, ("log", "watermark"), 1),
]


@pytest.mark.parametrize(("report", "limit", "kinds", "status"), CASES)
def test_what_counts_fires(
    report: Report, limit: float, kinds: tuple[str, ...], status: int
) -> None:
    assert exit_status(report, limit, kinds) == status
    assert bool(verdict_lines(report, limit, kinds)) == (status != 0)


def test_what_fired_is_told_with_its_value_and_the_limit() -> None:
    report = reported(log_finding(0.3), key_finding("found", None, 0.25), make=examples.estimated)
    assert verdict_lines(report, 0.05, KINDS) == [
        "Above 5.0 % for sure (--fail-above): share of documents consistent with gpt-4:"
        " at least 10.1 %.",
        "Above 5.0 % for sure (--fail-above): share of 2,200 documents, source instructions:"
        " gpt-4, corrected for 4 parts: at least 51.2 %.",
        "Above 5.0 % for sure (--fail-above): share of 11,790 documents, language en:"
        " gpt-4, corrected for 4 parts: at least 10.1 %.",
        "Above 5.0 % for sure (--fail-above): share of documents that stands on the log alone:"
        " at least 30.0 %.",
        "Above 5.0 % for sure (--fail-above): share of scored tokens marked with endpoint:"
        " at least 25.0 %.",
    ]


def test_what_cannot_be_told_is_told_so() -> None:
    assert verdict_lines(examples.withheld(), 0.05, ("shares",)) == [
        "Cannot tell whether it is above 5.0 % (--fail-above): share of documents consistent with"
        " gpt-4: it may be up to 42.0 %."
    ]


@pytest.mark.parametrize("n", [1, 40])
def test_the_low_ends_of_parts_count_as_they_are_told(n: int) -> None:
    """They hold for all parts together: `breakdowns` has corrected them."""
    (share,) = examples.estimated().candidates()
    share = replace(share, share=0.30, low=0.10, high=0.5)
    part = Breakdown(field="f", value="v", n_documents=99, shares=(share,))
    report = replace(examples.estimated(), breakdown=(part,) * n)
    assert [bound.low for bound in bounds(report, ("breakdown",))] == [0.10] * n


def test_many_parts_are_cut_short() -> None:
    (share,) = examples.estimated().candidates()
    share = replace(share, share=0.9, low=0.89, high=0.91)
    parts = [
        Breakdown(field="f", value=f"v{at}", n_documents=99, shares=(share,)) for at in range(50)
    ]
    lines = verdict_lines(
        replace(examples.estimated(), breakdown=tuple(parts)), 0.1, ("breakdown",)
    )
    assert len(lines) == 21 and lines[-1] == "And 30 more."


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_report_is_told_safely(kind: str) -> None:
    for line in verdict_lines(examples.hostile(), 0.0, (kind,)):
        assert all(c.isprintable() or c in examples.HARMLESS for c in line)


REFUSED = [
    (("--fail-above", "5"), "--fail-above 5 cannot be read"),
    (("--fail-above", "5%", "--fail-on", "all"), "--fail-on all cannot be read"),
    (("--fail-on", "shares"), "Pass --fail-above X"),
    (("--fail-above", "5%", "--fail-on", "breakdown"), "Pass --by FIELD"),
    (("--fail-above", "5%", "--fail-on", "watermark"), "Pass --watermark-keys K.toml"),
    (("--fail-above", "5%", "--fail-on", "machine"), "Pass --reference H.fp without --only"),
    (("--fail-above", "5%", "--fail-on", "log"), "--decoy-log D.idx or --reference-before"),
    (("--fail-above", "5%", "--fail-on", "log", "--log", "l.idx"), "--decoy-log D.idx"),
]


@pytest.mark.parametrize(("args", "told"), REFUSED)
def test_a_gate_that_could_never_close_is_refused_before_the_work(
    args: tuple[str, ...], told: str
) -> None:
    command = ["match", "no.jsonl", "--candidate", "no.fp", "-o", "no", *args]
    result = CliRunner().invoke(app, command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ") and told in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_command_tells_what_fired(monkeypatch: pytest.MonkeyPatch) -> None:
    report = reported(log_finding(0.3), make=examples.estimated)
    monkeypatch.setattr("provenance.matching.matching.match", lambda *_, **__: report)
    monkeypatch.setattr("provenance.corpus.open_corpus", lambda *_: None)
    command = ["match", "a", "--candidate", "a.fp", "-o", "out", "--fail-above", "20%"]
    assert CliRunner().invoke(app, command).exit_code == 0
    more = ["--log", "l.idx", "--decoy-log", "d.idx", "--fail-on", "shares,log"]
    result = CliRunner().invoke(app, command + more)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == (
        "Above 20.0 % for sure (--fail-above): share of documents that stands on the log alone:"
        " at least 30.0 %."
    )
