"""Reports kept as data: a plain one, a withheld one, a crowded one and a hostile one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from provenance.records import (
    Baseline,
    BaselinePart,
    Breakdown,
    CaughtUpTo,
    CorpusSummary,
    Diagnostic,
    Excerpt,
    Family,
    Finding,
    ListCut,
    ListedPart,
    ListedParts,
    ListedRows,
    Manifest,
    Place,
    Power,
    RowCalibration,
    Share,
    SignatureRow,
    TurnCount,
)
from provenance.report.baseline import change
from provenance.report.report import Report

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><style>@import url(//evil.example)",
    "</svg><iframe srcdoc=x>",
    "{{7*7}}{% include '/etc/passwd' %}",
    "[link=https://evil.example]x[/link][bold red]",
    ":skull: $\\frac{$",
    "\x1b[2J\x1b[H\x1b]0;owned\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b2J\x9d0;owned\x9c",
    "a\u202egpj.exe\u2066\u200b\ufeff\u200dz",
    "two\r\nlines\x0b\x85\u2028\u2029\tx\x00",
    "javascript:alert(1) url(https://evil.example)",
)

# Not printable to Python, but harmless: spaces and the joiners that scripts need.
HARMLESS = frozenset(
    "\u200c\u200d\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)


def share(
    source: str | None, role: Any, unit: Any, *at: float | None, verdict: Any = None
) -> Share:
    """Make a row from (share, low, high)."""
    point, low, high = at
    assert low is not None and high is not None
    verdict = verdict or ("withheld" if point is None else "estimated")
    return Share(
        source=source,
        role=role,
        unit=unit,
        share=point,
        low=low,
        high=high,
        confidence_level=0.95,
        verdict=verdict,
    )


def both(source: str | None, role: Any, documents: Any, tokens: Any) -> tuple[Share, Share]:
    """Make the rows of both units, each of (share, low, high) and, where told, a verdict."""
    verdicts = (at[3] if len(at) > 3 else None for at in (documents, tokens))
    first, second = verdicts
    return (
        share(source, role, "documents", *documents[:3], verdict=first),
        share(source, role, "tokens", *tokens[:3], verdict=second),
    )


CORPUS = CorpusSummary(
    paths=("suspect/sft-part-1.jsonl", "suspect/sft-part-2.jsonl"),
    n_documents=12_000,
    n_scored=11_790,
    n_too_short=210,
    n_skipped=3,
    n_tokens=3_145_728,
    n_distinct=11_403,
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    repairs={"zero_width": 41, "homoglyphs": 17, "unicode_form": 230},
    text_fields={"suspect/sft-part-1.jsonl": "messages"},
    read=("12,000 turns of assistant in 9,100 conversations", "12,007 turns of user left out"),
    turns=(
        TurnCount(name="human", role="user", taken=False, n_turns=12_007),
        TurnCount(name="gpt", role="assistant", taken=True, n_turns=12_000),
    ),
)

MANIFEST = Manifest(
    version="0.1.0",
    command=("provenance", "match", "suspect/", "--candidate", "gpt 4.fp", "-o", "out"),
    seed=0,
    inputs=(
        {"path": "suspect/sft-part-1.jsonl", "sha256": "ab" * 32, "bytes": 48_211_034},
        {"path": "suspect/sft-part-2.jsonl", "sha256": "cd" * 32, "bytes": 12_003_771},
        {"path": "gpt 4.fp", "sha256": "ef" * 32, "bytes": 540_112},
    ),
    spec={"encoding": "o200k_base", "orders": [1, 2, 3, 4], "slots": 1 << 20},
    started="2026-11-23T18:12:04Z",
    seconds=41.7,
    peak_memory_bytes=412_000_000,
    versions={"python": "3.11.7", "tiktoken": "0.14.0"},
)

EXCERPT = (
    "Certainly! Here is a concise overview.\n\n1. **Delve** into the topic.\nI hope this helps!"
)


def estimated() -> Report:
    """A report as most are: one candidate, a human reference, a panel of three."""
    shares = (
        *both("gpt-4", "candidate", (0.1234, 0.1012, 0.1458), (0.2051, 0.1721, 0.2402)),
        *both("human-2021", "reference", (0.8012, 0.7790, 0.8231), (0.7105, 0.68, 0.7401)),
        *both("claude-3", "panel", (0.0312, 0.0201, 0.0433), (0.0401, 0.025, 0.06)),
        *both("llama-3-70b", "panel", (0.0, 0.0, 0.0061), (0.0, 0.0, 0.0074)),
        *both("qwen2-72b", "panel", (0.0041, 0.0, 0.0112), (0.0052, 0.0, 0.0131)),
        *both(None, "unknown", (0.0401, 0.0122, 0.0691), (0.0391, 0.01, 0.07)),
    )
    return Report(
        verdict="estimated",
        reasons=("The corpus has no dates: text from before the candidate existed is not told.",),
        corpus=CORPUS,
        shares=shares,
        shares_all=tuple(replace(row, high=min(1.0, row.high + 0.0175)) for row in shares),
        breakdown=(
            _part("source", "web", 6_100, (0.021, 0.009, 0.034)),
            _part("source", "forum", 3_490, (0.0, 0.0, 0.012)),
            _part("source", "instructions", 2_200, (0.561, 0.512, 0.611)),
            _part("language", "en", 11_790, (0.1234, 0.1012, 0.1458)),
        ),
        parts_listed=ListedParts(
            n_judged=4,
            error_rate=0.05,
            parts=(
                _listed("source", "instructions", 2_200, 0.512),
                _listed("language", "en", 11_790, 0.1012),
                _listed("source", "web", 6_100, 0.009),
            ),
        ),
        findings=_findings(),
        diagnostics=(
            Diagnostic(
                name="fit",
                verdict="ok",
                statistic=14.2,
                limit=26.3,
                sentence="The fitted mixture reproduces the scores of the corpus.",
            ),
            Diagnostic(
                name="length",
                verdict="warn",
                statistic=0.31,
                limit=0.25,
                sentence="Documents are shorter than the samples; errors grow with that.",
            ),
            Diagnostic(
                name="negative_control",
                verdict="fail",
                statistic=0.012,
                limit=0.0,
                sentence="Held-back reference text read 1.2 % candidate.",
            ),
        ),
        power=(
            Power(source="gpt-4", unit="documents", smallest_detectable_share=0.0124, at_power=0.8),
            Power(source="gpt-4", unit="tokens", smallest_detectable_share=None, at_power=0.8),
        ),
        signature=(
            _signature("Certainly! Here", 0.082, 0.0001, 0.011),
            _signature(" delve into", 0.041, 0.0003, 0.006),
            _signature("\n\n1. **", 0.312, None, 0.081),
        ),
        families=(
            Family(
                source="gpt-4",
                members=("gpt-4", "gpt-4-turbo"),
                unit="documents",
                share=0.151,
                low=0.128,
                high=0.176,
                candidate_low=0.02,
                confidence_level=0.95,
                verdict="estimated",
            ),
        ),
        baseline=_baseline(),
        calibration=(
            RowCalibration(
                source="gpt-4",
                cllr=0.412,
                min_cllr=0.391,
                own=(-1.5, 0.5, 2.0, 9.5),
                others=(-11.0, -4.0, -1.0, 3.5),
            ),
        ),
        row_lists=(
            ListedRows(
                source="gpt-4",
                n_documents=11_790,
                true_at_least=1_061,
                listed_at_least=1_061 / 11_790,
                confidence_level=0.95,
                cuts=(
                    ListCut(n_rows=400, false_at_most=3),
                    ListCut(n_rows=1_100, false_at_most=39),
                ),
                caught=(CaughtUpTo(p_value=0.01, n_missed=31, n_held_out=402),),
                n_repeats=57,
            ),
        ),
        excerpts=(
            Excerpt(
                id="conv-118/3",
                path="suspect/sft-part-1.jsonl",
                line=118,
                text=EXCERPT,
                spans=((0, 10), (4, 15), (45, 50)),
                source="gpt-4",
                llr=18.42,
                q_value=0.0031,
            ),
            Excerpt(id="r9", path="suspect/sft-part-2.jsonl", line=9, text="No mark in this one."),
        ),
        manifest=MANIFEST,
    )


def withheld() -> Report:
    """The same corpus where nothing but a set can be defended."""
    shares = both("gpt-4", "candidate", (None, 0.0, 0.42), (None, 0.0, 0.51))
    return replace(
        estimated(),
        verdict="withheld",
        reasons=(
            "the fitted mixture does not reproduce the corpus's scores (fit 61.0, limit 26.3).",
            "No panel source answers the corpus's prompts.",
        ),
        shares=(*shares, *both("human-2021", "reference", (None, 0.2, 1.0), (None, 0.1, 1.0))),
        shares_all=(),
        breakdown=(),
        parts_listed=None,
        row_lists=(),
        families=(),
        baseline=None,
        calibration=(),
        excerpts=(),
    )


def model_like() -> Report:
    """One candidate beside people alone: what was measured may be any model's."""
    found = estimated()
    rows = (
        *both("gpt-4", "candidate", (None, 0.0, 0.1458, "bounded"), (None, 0.0, 0.2402, "bounded")),
        *both(None, "machine", (0.1234, 0.1012, 0.1458), (0.2051, 0.1721, 0.2402)),
        *both("human-2021", "reference", (0.8766, 0.8542, 0.8988), (0.7949, 0.7598, 0.8279)),
        *both(None, "unknown", (None, 0.0, 0.0446, "bounded"), (None, 0.0, 0.0681, "bounded")),
    )
    return replace(
        found,
        shares=rows,
        shares_all=tuple(
            replace(row, share=None, high=min(1.0, row.high + 0.0175), verdict="bounded")
            for row in rows
        ),
        breakdown=(
            Breakdown(field="source", value="web", n_documents=6_100, shares=rows),
            Breakdown(field="source", value="few", n_documents=9, shares=_untold(rows)),
        ),
        parts_listed=ListedParts(
            n_judged=1, error_rate=0.05, parts=(_listed("source", "web", 6_100, 0.1012, None),)
        ),
        row_lists=tuple(replace(item, source=None) for item in found.row_lists),
        excerpts=tuple(replace(item, source=None) for item in found.excerpts),
        families=(),
        baseline=None,
    )


def _untold(rows: tuple[Share, ...]) -> tuple[Share, ...]:
    return tuple(replace(row, share=None, low=0.0, high=1.0, verdict="withheld") for row in rows)


def nothing_found() -> Report:
    """A candidate whose low end is 0."""
    found = estimated()
    rows = both("gpt-4", "candidate", (0.001, 0.0, 0.0121), (0.0, 0.0, 0.009))
    return replace(found, shares=(*rows, *found.shares[2:]))


def crowded() -> Report:
    """Two candidates and 48 panel sources."""
    found = estimated()
    panel = [
        row
        for i in range(48)
        for row in both(
            f"panel-model-{i:02d}", "panel", (i / 4800, 0.0, i / 2400), (i / 4800, 0.0, i / 2400)
        )
    ]
    second = both("gpt-3.5-turbo", "candidate", (0.002, 0.0, 0.011), (0.001, 0.0, 0.008))
    return replace(found, shares=(*found.shares[:4], *second, *panel, *found.shares[-2:]))


def hostile() -> Report:
    """The plain report with every free string replaced by a hostile one, in turn."""
    words = iter(HOSTILE * 200)
    return Report.from_dict(rewritten(estimated().to_dict(), lambda _: next(words)))


FIXED = {"schema", "verdict", "count_verdict", "role", "unit", "kind"}


def rewritten(value: Any, word: Callable[[str], str], key: str = "") -> Any:
    """Replace every free string, keys of free mappings too; spans go, texts change length."""
    if isinstance(value, str):
        return value if key in FIXED else word(value)
    if isinstance(value, list):
        return [] if key == "spans" else [rewritten(item, word, key) for item in value]
    if isinstance(value, dict):
        free = key in {"details", "spec", "repairs", "text_fields", "versions"}
        named = {word(name) + name if free else name: item for name, item in value.items()}
        kept = {name: rewritten(item, word, name) for name, item in named.items()}
        return _same_source(kept) if "members" in kept else kept
    return value


def _same_source(family: dict[str, Any]) -> dict[str, Any]:
    return {**family, "source": family["members"][0]}


def _baseline() -> Baseline:
    before = both("gpt-4", "candidate", (0.31, 0.28, 0.34), (None, 0.2, 0.6))
    after = both("gpt-4", "candidate", (0.1234, 0.1012, 0.1458), (0.2051, 0.1721, 0.2402))
    changes = tuple(change(*pair, 9_000, 11_790) for pair in zip(before, after, strict=True))
    return Baseline(
        paths=("before/sft.jsonl",),
        sha256="0c" * 32,
        n_documents=9_100,
        n_scored=9_000,
        n_tokens=2_400_000,
        verdict="estimated",
        changes=changes,
        parts=(
            BaselinePart(
                field="source", value="web", n_before=5_000, n_after=6_100, changes=changes[:1]
            ),
            BaselinePart(field="source", value="wiki", n_before=30, n_after=None, changes=()),
            BaselinePart(field="source", value="forum", n_before=None, n_after=3_490, changes=()),
        ),
        notes=("The earlier report was made by version 0.0.9, this one by 0.1.0.",),
    )


def _part(field: str, value: str, n: int, at: tuple[float, float, float]) -> Breakdown:
    rows = both("gpt-4", "candidate", at, at)
    return Breakdown(field=field, value=value, n_documents=n, shares=rows)


def _listed(field: str, value: str, n: int, low: float, source: str | None = "gpt-4") -> ListedPart:
    return ListedPart(field=field, value=value, source=source, n_documents=n, low=low)


def _signature(
    ngram: str, source: float, reference: float | None, corpus: float | None
) -> SignatureRow:
    return SignatureRow(
        source="gpt-4",
        ngram=ngram,
        rate_in_source=source,
        rate_in_reference=reference,
        rate_in_corpus=corpus,
    )


def _findings() -> tuple[Finding, ...]:
    return (
        Finding(
            kind="disclosure",
            verdict="found",
            statistic=7,
            n_documents=7,
            null_hypothesis="",
            where=(Place(id="r1", path="suspect/sft-part-1.jsonl", line=1, start=0, end=28),),
            source="gpt-4",
            details={"phrases": {"As an AI language model": 7}},
        ),
        Finding(
            kind="suppressed_signature",
            verdict="not_found",
            statistic=0.3,
            p_value=0.38,
            null_hypothesis="telling words are as frequent as in the reference",
            n_documents=11_790,
        ),
        Finding(kind="watermark", verdict="not_checked"),
    )


REPORTS = (
    estimated,
    withheld,
    model_like,
    nothing_found,
    crowded,
    hostile,
)
