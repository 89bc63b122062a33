"""A report for programs that show findings: SARIF 2.1.0 for code hosts, JUnit for test runners."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from provenance.report.page.grounds import grounds
from provenance.report.page.row_browser import ShownEvidence, browsed_rows
from provenance.report.page.weaknesses import weaknesses
from provenance.report.report import Report
from provenance.words import percent, percent_range, source_name, visible

__all__ = ["junit", "sarif"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(report: Report) -> dict[str, Any]:
    """The rows that a report shows, as results at their places; no text of the corpus is in it.

    Their level is *note*: rows are listed at an error rate, and none is told by itself.
    """
    rows = browsed_rows(replace(report, drawn=()))
    rules = sorted({name for row in rows for name in row.findings})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "provenance",
                        "version": report.manifest.version,
                        "rules": [{"id": name} for name in rules],
                    }
                },
                "properties": {"headline": report.headline(), "verdict": report.verdict},
                "results": [
                    _result(row, name, rules.index(name)) for row in rows for name in row.findings
                ],
            }
        ],
    }


def _result(row: ShownEvidence, name: str, rule: int) -> dict[str, Any]:
    of = f" ({row.source})" if row.source else ""
    told = f"{name}: this row is listed{of}; some rows of such a list are wrong."
    location: dict[str, Any] = {
        "artifactLocation": {"uri": quote(row.path.encode("utf-8", "replace"))}
    }
    if row.line:
        location["region"] = {"startLine": row.line}
    return {
        "ruleId": name,
        "ruleIndex": rule,
        "level": "note",
        "message": {"text": visible(told)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"row/v1": visible(row.id)},
    }


def junit(report: Report) -> bytes:
    """Cases of a test run: a candidate fails where its low end is above 0, a check where it fails.

    What cannot be told, or was not looked for, is skipped: it is no success.
    """
    suite = Element("testsuite", name="provenance")
    for row in report.candidates():
        case = _case(suite, "share", f"no share of {source_name(row.source)} is shown")
        told = f"between {percent_range(row.low, row.high, 'and')} of the {report.counted}"
        if report.verdict == "withheld" or row.verdict == "withheld":
            SubElement(case, "skipped", message=f"cannot tell: {told}")
        elif row.low > 0:
            message = f"at least {percent(row.low)} of the {report.counted}"
            SubElement(case, "failure", message=message).text = report.headline()
        elif row.verdict == "bounded":
            SubElement(case, "skipped", message=f"only bounded: {told}")
    for ground in grounds(report):
        if ground.name == "Style":
            continue
        case = _case(suite, "evidence", ground.name)
        if ground.state == "found":
            SubElement(case, "failure", message=visible(ground.sentence))
        elif ground.state != "not_found":
            SubElement(case, "skipped", message=visible(ground.sentence))
    for doubt in weaknesses(report):
        for check in doubt.checks:
            case = _case(suite, "check", check.name)
            if check.verdict == "fail":
                SubElement(case, "failure", message=doubt.plain).text = visible(check.sentence)
            else:
                SubElement(case, "system-out").text = visible(check.sentence)
    count = {kind: str(len(suite.findall(f"testcase/{kind}"))) for kind in ("failure", "skipped")}
    suite.set("tests", str(len(suite)))
    suite.set("failures", count["failure"])
    suite.set("skipped", count["skipped"])
    text: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _case(suite: Element, kind: str, name: str) -> Element:
    return SubElement(suite, "testcase", classname=f"provenance.{kind}", name=visible(name))
