"""A match from end to end: the contract of its report, and every refusal leaves nothing behind."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from known_text import SPEC, fingerprint, folder, rows, texts

from provenance import Fingerprint, Report, fit_fingerprint, match, open_corpus
from provenance.corpus import Corpus
from provenance.errors import InputError

ALPHA, BETA, HUMAN = (fingerprint(name) for name in ("alpha", "beta", "human"))
CACHE = folder() / "cache"
MIXED = [
    {**row, "source": source, "id": f"{source}{place}"}
    for source, seed, count in (("alpha", 31, 60), ("human", 31, 140))
    for place, row in enumerate(rows(texts(source, count, seed)))
]
TRUTH = 0.3


def matched(found: Any, output: Path | None = None, **options: Any) -> Report:
    chosen: dict[str, Any] = {"candidates": [ALPHA], "references": [HUMAN], "cache_dir": CACHE}
    corpus = found if isinstance(found, Corpus) else open_corpus(found)
    return match(corpus, output=output, **{**chosen, **options})


@cache
def told(n_sources: int = 2) -> tuple[Report, tuple[dict[str, Any], ...]]:
    """A report on 30 % of 200 documents, and its rows."""
    output = folder() / f"told-{n_sources}"
    more = {"panel": [fingerprint(name) for name in ("beta", "gamma", "delta")][: n_sources - 2]}
    corpus = open_corpus(MIXED, by=("source",))
    report = matched(corpus, output, same_domain=True, fdr=0.2, **more)
    return report, tuple(pq.read_table(output / "documents.parquet").to_pylist())


def timeless(report: Report) -> dict[str, Any]:
    """The report without when, where and on what it was made."""
    values = report.to_dict()
    for name in ("started", "seconds", "command", "peak_memory_bytes", "inputs", "versions"):
        values["manifest"].pop(name, None)
    for part in ("paths", "text_fields", "sha256"):
        values["corpus"].pop(part)
    return json.loads(json.dumps(values).replace(str(folder()), ""))  # type: ignore[no-any-return]


@pytest.mark.parametrize("n_sources", [2, 5])
def test_a_known_share_is_found(n_sources: int) -> None:
    report, _ = told(n_sources)
    [row] = report.candidates()
    assert report.verdict == "estimated"
    assert row.source == "alpha"
    assert row.low <= 0.3 <= row.high
    assert row.low > 0
    assert row.high - row.low < 0.4


@pytest.mark.parametrize("n_sources", [2, 5])
def test_shares_of_a_unit_add_up(n_sources: int) -> None:
    report, _ = told(n_sources)
    for unit in ("documents", "tokens"):
        found = [row for row in report.shares if row.unit == unit]
        assert sum(row.share or 0 for row in found) == pytest.approx(1)
        assert [row.role for row in found].count("unknown") == 1
        assert len(found) == n_sources + 1
        assert all(row.low <= (row.share or row.low) <= row.high for row in found)


@pytest.mark.parametrize("n_sources", [2, 5])
def test_rows_have_posteriors_and_error_rates(n_sources: int) -> None:
    report, found = told(n_sources)
    names = [row.source for row in report.shares if row.unit == "documents" and row.source]
    assert len(found) == report.corpus.n_documents == 200
    ranked = sorted(found, key=lambda row: row["p[alpha]"])
    assert [row["q[alpha]"] for row in ranked] == sorted(row["q[alpha]"] for row in ranked)
    for row in found:
        assert sum(row[f"posterior[{name}]"] for name in names) == pytest.approx(1, abs=1e-5)
        assert 0 < row["p[alpha]"] <= row["q[alpha]"] <= 1
    own = [row["posterior[alpha]"] for row in found[:60]]
    assert sum(own) / 60 > 2 * sum(row["posterior[alpha]"] for row in found[60:]) / 140


@pytest.mark.parametrize("n_sources", [2, 5])
def test_excerpts_are_rows_of_the_file_with_its_numbers(n_sources: int) -> None:
    report, found = told(n_sources)
    by_id = {row["id"]: row for row in found}
    assert report.excerpts
    for item in report.excerpts:
        assert item.q_value == pytest.approx(by_id[item.id]["q[alpha]"], abs=1e-6)
        assert item.llr == pytest.approx(by_id[item.id]["llr[alpha]"], rel=1e-5)
        assert item.q_value is not None and item.q_value <= 0.2
        assert by_id[item.id]["line"] == item.line


def test_a_long_document_has_one_error_rate() -> None:
    """Of several passages, among three sources: the excerpt tells what the row tells."""
    books = [" ".join(texts("alpha", 6, seed)) for seed in range(200, 206)]
    output = folder() / "books"
    found = rows([*books, *texts("human", 30, 33)])
    report = matched(found, output, panel=[BETA], fdr=0.9)
    lines = {row["line"]: row for row in pq.read_table(output / "documents.parquet").to_pylist()}
    shown = [item for item in report.excerpts if item.line <= 6]
    assert shown
    assert all(item.q_value == pytest.approx(lines[item.line]["q[alpha]"]) for item in shown)
    for item in shown:
        assert item.llr == pytest.approx(lines[item.line]["llr[alpha]"], rel=1e-5)


def test_breakdowns_are_of_their_own_rows() -> None:
    report, _ = told()
    found = {part.value: part for part in report.breakdown}
    assert {value: part.n_documents for value, part in found.items()} == {"alpha": 60, "human": 140}
    high = {
        value: next(row for row in part.shares if row.source == "alpha")
        for value, part in found.items()
    }
    assert high["alpha"].low > 0.5
    assert high["human"].low == 0


HOSTILE = ("", "<script>alert(1)</script>", "\x1b[2J\x00", "a\u202eb", "x" * 5000, "{{7*7}}")


def test_hostile_values_break_nothing_down_but_the_shares(tmp_path: Path) -> None:
    values = [HOSTILE[place % len(HOSTILE)] for place in range(120)]
    found = [{**row, "kind": value} for row, value in zip(MIXED[:120], values, strict=True)]
    found += [{"text": texts("human", 1, 90)[0]}]
    report = matched(open_corpus(found, by=("kind",)), tmp_path / "out")
    assert {part.value for part in report.breakdown} == set(HOSTILE)
    assert sum(part.n_documents for part in report.breakdown) == 121
    assert Report.load(tmp_path / "out") == report
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "\x1b" not in page


def test_a_breakdown_of_few_documents_is_withheld() -> None:
    found = [{**row, "kind": "rare" if place < 5 else "common"} for place, row in enumerate(MIXED)]
    report = matched(open_corpus(found, by=("kind",)))
    verdicts = {part.value: part.shares[0].verdict for part in report.breakdown}
    assert verdicts == {"common": "estimated", "rare": "withheld"}


def test_short_rows_widen_the_shares_of_all_rows() -> None:
    report = matched([*MIXED, *[{"text": "too short"}] * 50])
    assert (report.corpus.n_scored, report.corpus.n_too_short) == (200, 50)
    for row, whole in zip(report.shares, report.shares_all, strict=True):
        assert (row.source, row.unit) == (whole.source, whole.unit)
        assert whole.low <= row.low
        assert whole.high >= row.high * 0.8
        if row.unit == "documents":
            assert whole.low == pytest.approx(row.low * 0.8)
            assert whole.high == pytest.approx(min(1, row.high * 0.8 + 0.2))


def test_the_interval_widens_with_level_and_with_caution() -> None:
    widths = [
        row.high - row.low
        for level, same in ((0.8, True), (0.95, True), (0.95, False), (0.99, False))
        for row in matched(MIXED, confidence_level=level, same_domain=same).candidates()
    ]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_copies_count_in_the_share_and_not_in_its_precision() -> None:
    [once], [tenfold] = (matched(found).candidates() for found in (MIXED, MIXED * 10))
    assert tenfold.share == pytest.approx(once.share)
    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high))
    report = matched(MIXED * 10)
    assert (report.corpus.n_documents, report.corpus.n_distinct) == (2000, 200)


def test_groups_tell_less_than_rows_apart() -> None:
    talks = [{**row, "talk": f"{row['source']}{place // 10}"} for place, row in enumerate(MIXED)]
    [apart] = matched(MIXED).candidates()
    [joined] = matched(open_corpus(talks, group_field="talk")).candidates()
    assert joined.share == pytest.approx(apart.share)
    assert joined.high - joined.low > 1.2 * (apart.high - apart.low)


@pytest.mark.parametrize("found", [MIXED[:1], MIXED[:1] * 40], ids=["one row", "its copies"])
def test_one_document_tells_nothing(found: list[dict[str, str]]) -> None:
    [row] = matched(found).candidates()
    assert (row.low, row.high) == (0.0, 1.0)


@pytest.mark.parametrize("change", ["panel", "roles", "order"])
def test_sources_of_the_same_texts_are_told_apart_by_nothing(change: str) -> None:
    twin = replace(ALPHA, name="twin")
    options: dict[str, Any] = {"references": [twin]}
    if change == "panel":
        options["panel"] = [HUMAN]
    if change == "roles":
        options = {"candidates": [ALPHA, twin]}
    report = matched(MIXED[::-1] if change == "order" else MIXED, **options)
    if change == "order":
        assert report.verdict == "withheld"
        assert all((row.low, row.high) == (0, 1) for row in report.candidates())
        return
    for row, family in zip(report.candidates(), report.families, strict=False):
        assert row.low == 0
        assert row.high >= TRUTH
        assert set(family.members) == {"alpha", "twin"}
        assert family.low <= TRUTH <= family.high


def test_a_report_without_text_shows_none() -> None:
    report = matched(MIXED, keep_text=False, fdr=0.9)
    assert report.excerpts == ()
    assert "\n".join(report.to_dict()["reasons"])


def test_two_candidates_are_both_told() -> None:
    report = matched(MIXED, candidates=[ALPHA, BETA], references=[HUMAN])
    found = {row.source: row for row in report.candidates()}
    assert [*found] == ["alpha", "beta"]
    assert found["alpha"].low > 0
    assert found["beta"].low == 0
    assert {(row.source, row.unit) for row in report.power} == {
        (name, unit) for name in found for unit in ("documents", "tokens")
    }


def test_an_alias_is_the_same_source() -> None:
    reseller = replace(fingerprint("alpha", 100), name="reseller")
    report = matched(MIXED, panel=[reseller], aliases={"reseller": "alpha"})
    assert [row.source for row in report.shares[:3]] == ["alpha", "human", None]
    assert report.shares[0].role == "candidate"


@cache
def long_corpus() -> Path:
    """Enough text for several batches, with groups, copies and short rows."""
    path = folder() / "long.jsonl"
    found = [
        {"text": f"{row['text']} {'x' * 9000}", "id": row["id"], "talk": f"t{place // 7}"}
        for place, row in enumerate(MIXED)
    ]
    found += [found[3], {"text": "short", "id": "s", "talk": None}]  # type: ignore[dict-item]
    path.write_text("".join(json.dumps(row) + "\n" for row in found))
    return path


def run_with(
    name: str, cache: Path = CACHE, **options: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    output = folder() / f"runs-{name}"
    corpus = open_corpus(long_corpus(), group_field="talk")
    report = matched(corpus, output, cache_dir=cache, fdr=0.5, **options)
    return timeless(report), pq.read_table(output / "documents.parquet").to_pylist()


def test_workers_and_executors_change_nothing() -> None:
    expected = run_with("one")
    assert len(expected[1]) == 202
    assert run_with("two", workers=2) == expected
    with ThreadPoolExecutor(3) as executor:
        assert run_with("threads", workers=3, executor=executor) == expected


def test_a_cached_panel_changes_nothing(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    fresh, cached = run_with("fresh", cache), run_with("cached", cache)
    assert len(os.listdir(cache)) == 1
    assert fresh == cached
    [path] = cache.iterdir()
    path.write_bytes(path.read_bytes()[:5000])
    assert run_with("again", cache) == fresh


def test_the_order_of_documents_changes_no_share() -> None:
    plain, turned = (timeless(matched(found, fdr=0.5)) for found in (MIXED, MIXED[::-1]))
    for name in ("shares", "shares_all", "power", "diagnostics", "signature", "verdict"):
        assert plain[name] == turned[name], name
    ids = [[item["id"] for item in report["excerpts"]] for report in (plain, turned)]
    assert ids[0] == ids[1]


def test_a_report_in_a_folder_that_holds_one_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.json").write_text("old")
    (tmp_path / "out" / "mine.txt").write_text("mine")
    report = matched(MIXED[:80], tmp_path / "out")
    assert Report.load(tmp_path / "out") == report
    names = {"documents.parquet", "mine.txt", "report.html", "report.json"}
    assert set(os.listdir(tmp_path / "out")) == names
    assert os.listdir(tmp_path) == ["out"]


def other_spec() -> Fingerprint:
    return fit_fingerprint(iter(texts("human", 30, 0)), "other", replace(SPEC, min_tokens=9))


def tiny() -> Fingerprint:
    return fit_fingerprint(iter(texts("alpha", 19, 0)), "tiny", SPEC)


SHORT = [{"text": "short"}, {"text": ""}, {"text": "!"}]
REFUSED: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "no candidate": ("no candidate was given", lambda: {"candidates": []}),
    "dates alone": (
        "rows dated before 2020-01-01 cannot be trusted beside a candidate alone",
        lambda: {
            "references": [],
            "reference_before": date(2020, 1, 1),
            "corpus": open_corpus(MIXED, date_field="id"),
        },
    ),
    "short corpus, alone": (
        "no document of the corpus has 8 tokens or more",
        lambda: {"references": [], "corpus": SHORT},
    ),
    "too little text, alone": (
        "'tiny' has 19 different documents of 8 tokens or more. Expected at least 20",
        lambda: {"candidates": [tiny()], "references": []},
    ),
    "equal names": (
        "two sources are called 'alpha'",
        lambda: {"panel": [replace(BETA, name="alpha")]},
    ),
    "equal names, aliased": (
        "two sources are called 'alpha'",
        lambda: {"candidates": [ALPHA, ALPHA], "panel": [BETA], "aliases": {"beta": "alpha"}},
    ),
    "no name": ("a source has no name", lambda: {"references": [replace(HUMAN, name=" ")]}),
    "unknown alias": (
        "alias resold=alpha names a source that was not given. Expected two of alpha, human",
        lambda: {"aliases": {"resold": "alpha"}},
    ),
    "unknown target": ("alias alpha=gpt names a source", lambda: {"aliases": {"alpha": "gpt"}}),
    "chain of aliases": (
        "names beta, which is an alias itself",
        lambda: {"panel": [BETA], "aliases": {"alpha": "beta", "beta": "human"}},
    ),
    "one source by alias": (
        "at least two sources with different names",
        lambda: {"aliases": {"alpha": "human"}},
    ),
    "too little text": (
        "'tiny' has 19 different documents of 8 tokens or more. Expected at least 20",
        lambda: {"candidates": [tiny()]},
    ),
    "specs differ": (r"different specs \(min_tokens: 8 and 9\)", lambda: {"panel": [other_spec()]}),
    "short corpus": (
        "no document of the corpus has 8 tokens or more",
        lambda: {"corpus": SHORT},
    ),
    "no documents": ("holds no documents", lambda: {"corpus": iter([])}),
    "bad row": ("<rows>:2", lambda: {"corpus": [MIXED[0], {"text": 5}]}),
    "level": ("confidence_level is 95", lambda: {"confidence_level": 95}),
    "seed below 0": ("the seed is out of bounds", lambda: {"seed": -1}),
    "seed": ("the seed is out of bounds", lambda: {"seed": 1 << 63}),
    "rate": ("fdr is nan", lambda: {"fdr": float("nan")}),
    "workers": ("0 workers", lambda: {"workers": 0}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_matched_is_refused_and_leaves_nothing(case: str, tmp_path: Path) -> None:
    message, made = REFUSED[case]
    options = made()
    with pytest.raises(InputError, match=message) as caught:
        matched(options.pop("corpus", MIXED), tmp_path / "out", **options)
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_the_file_of_a_sample_is_no_corpus(tmp_path: Path) -> None:
    path = tmp_path / "in" / "sample.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(texts("alpha", 30, 0))))
    sample = fit_fingerprint(path, "sample", SPEC)
    for candidate in (sample, sample.seal()):
        with pytest.raises(InputError, match="also read for the source 'sample'") as caught:
            matched(open_corpus(path), tmp_path / "out", candidates=[candidate])
        assert str(path) in str(caught.value)
    assert os.listdir(tmp_path) == ["in"]


def test_an_output_that_is_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.write_text("mine")
    for output in (place, place / "below"):
        with pytest.raises(InputError) as caught:
            matched(iter(()), output)
        assert str(place) in str(caught.value)
    assert os.listdir(tmp_path) == ["out"]
    assert place.read_text() == "mine"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no /proc here")
def test_an_output_where_nothing_can_be_written_is_refused() -> None:
    with pytest.raises(InputError, match="/proc"):
        matched(MIXED, Path("/proc/out"))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_breaks_off_leaves_nothing(workers: int, tmp_path: Path) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        matched(
            open_corpus(long_corpus(), group_field="talk"),
            tmp_path / "out",
            workers=workers,
            progress=stop,
        )
    assert os.listdir(tmp_path) == []


def test_hidden_marks_are_told_with_the_repairs(tmp_path: Path) -> None:
    found = [dict(row) for row in MIXED]
    for number in (2, 5):
        found[number]["text"] += "".join(chr(0xE0000 + ord(letter)) for letter in "for ann")
    expected = {found[number]["id"]: len(found[number]["text"]) for number in (2, 5)}
    report = matched(found, tmp_path / "out")
    (finding,) = (item for item in report.findings if item.kind == "text_repair")
    assert (finding.verdict, finding.n_documents) == ("found", 2)
    assert {place.id: place.end for place in finding.where} == expected
    (payload,) = finding.details["hidden_marks"]["payloads"]
    assert (payload["payload"], payload["n_documents"]) == ("for ann", 2)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "for ann" in page and f"–{max(expected.values())}" in page
    assert Report.load(tmp_path / "out").findings == report.findings
    clean = [item for item in told()[0].findings if item.kind == "text_repair"]
    assert clean[0].details["hidden_marks"]["n_marked"] == 0
    assert clean[0].verdict == "not_found"
