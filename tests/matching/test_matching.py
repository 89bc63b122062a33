"""A match from end to end: the contract of its report, and every refusal leaves nothing behind."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from known_matches import (
    ALPHA,
    BETA,
    CACHE,
    HUMAN,
    MIXED,
    TRUTH,
    long_corpus,
    matched,
    timeless,
    told,
)
from known_text import SPEC, folder, rows, texts

from provenance import Fingerprint, fit_fingerprint, match, open_corpus
from provenance.errors import InputError
from provenance.fingerprint.asking.answers import joined_to
from provenance.fingerprint.asking.requests import Asked
from provenance.fingerprint.fingerprint import merge


@pytest.mark.parametrize("n_sources", [2, pytest.param(5, marks=pytest.mark.slow)])
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


@pytest.mark.slow
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


def test_the_interval_widens_with_level_and_with_caution() -> None:
    widths = [
        row.high - row.low
        for level, same in ((0.8, True), (0.95, True), (0.95, False), (0.99, False))
        for row in matched(MIXED, confidence_level=level, same_domain=same).candidates()
    ]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_a_corpus_that_stands_for_more_is_told_with_wider_ranges(tmp_path: Path) -> None:
    """All 200 rows, 100 drawn of them, and rows that stand for endlessly many."""
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in MIXED))
    drawn = open_corpus(path, sample=100)
    found = {
        "documents that were read": matched(open_corpus(path)),
        "50.0 % of the corpus was not looked at": matched(drawn),
        "--corpus-is sample": matched(open_corpus(path), corpus_is="sample"),
    }
    assert drawn.counts.unread == 0.5
    for told_as, report in found.items():
        assert [told_as in reason for reason in report.reasons].count(True) == 1
    whole, _, sample = (report.candidates()[0] for report in found.values())
    assert sample.share == pytest.approx(whole.share)
    assert sample.high - sample.low > whole.high - whole.low


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    ["roles", *(pytest.param(change, marks=pytest.mark.slow) for change in ("panel", "order"))],
)
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


def run_with(
    name: str, cache: Path = CACHE, **options: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    output = folder() / f"runs-{name}"
    corpus = open_corpus(long_corpus(), group_field="talk")
    report = matched(corpus, output, cache_dir=cache, fdr=0.5, **options)
    return timeless(report), pq.read_table(output / "documents.parquet").to_pylist()


@pytest.mark.slow
def test_workers_and_executors_change_nothing() -> None:
    expected = run_with("one")
    assert len(expected[1]) == 202
    assert run_with("two", workers=2) == expected
    with ThreadPoolExecutor(3) as executor:
        assert run_with("threads", workers=3, executor=executor) == expected


@pytest.mark.slow
def test_a_cached_panel_changes_nothing(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    fresh, cached = run_with("fresh", cache), run_with("cached", cache)
    assert fresh == cached
    [path] = cache.glob("*.panel")
    path.write_bytes(path.read_bytes()[:5000])
    assert run_with("again", cache) == fresh


def test_the_order_of_documents_changes_no_share() -> None:
    plain, turned = (timeless(matched(found, fdr=0.5)) for found in (MIXED, MIXED[::-1]))
    for name in ("shares", "shares_all", "power", "diagnostics", "signature", "verdict"):
        assert plain[name] == turned[name], name
    ids = [[item["id"] for item in report["excerpts"]] for report in (plain, turned)]
    assert ids[0] == ids[1]


def test_a_sample_that_was_asked_of_the_corpus_is_told() -> None:
    found = with_prompts()
    answers = [
        {"id": f"p{place}", "answer": text}
        for place, text in enumerate([*texts("alpha", 150, 0), "Too short."])
    ]
    asked = Asked("ask.jsonl", {f"p{place}": f"Question {place}?" for place in range(200)})
    sample = fit_fingerprint(joined_to(asked, open_corpus(iter(answers))), "alpha", SPEC)
    report = matched(found, candidates=[sample], same_domain=True)
    (check,) = [check for check in report.diagnostics if check.name == "prompts"]
    assert check.verdict == "ok" and "alpha was asked: 100 % of its sampled" in check.sentence
    share = next(row for row in report.shares if row.source == "alpha")
    assert share.low <= TRUTH <= share.high
    # Of a corpus that says nothing of its prompts nobody knows.
    plain = matched(MIXED, candidates=[sample], same_domain=True)
    assert "was asked" not in str(plain.diagnostics)


def with_prompts(word: str = "Question") -> list[dict[str, str]]:
    return [{**row, "prompt": f"{word} {place}?"} for place, row in enumerate(MIXED)]


def answering(n_texts: int, n_asked: int) -> Fingerprint:
    """A sample whose first texts answer the prompts of `with_prompts`, the others their own."""
    answers = [
        {"text": text, "prompt": f"Question {place if place < n_asked else 1000 + place}?"}
        for place, text in enumerate(texts("alpha", n_texts, 0))
    ]
    return fit_fingerprint(open_corpus(answers), "alpha", SPEC)


def test_answers_to_the_prompts_of_the_corpus_count_for_half_of_a_sample() -> None:
    found, sample = with_prompts(), answering(150, 40)
    report = matched(found, candidates=[sample], same_domain=True)
    (check,) = [check for check in report.diagnostics if check.name == "prompts"]
    assert "own prompts count for half of each model's sample" in check.sentence
    share = next(row for row in report.shares if row.source == "alpha")
    assert share.low <= TRUTH <= share.high
    few = [{**row, "prompt": ""} if place >= 20 else row for place, row in enumerate(found)]
    plain = matched(few, candidates=[sample], same_domain=True)
    assert "count for half" not in str(plain.diagnostics)


def test_what_was_asked_is_known_where_the_corpus_is_read_in_part(tmp_path: Path) -> None:
    """The fingerprint says which of its answers were asked, also when it is merged and read."""
    first, rest = texts("alpha", 150, 0)[:40], texts("alpha", 150, 0)[40:]
    asked = Asked("ask.jsonl", {f"p{place}": f"Question {place}?" for place in range(40)})
    answers = [{"id": f"p{place}", "answer": text} for place, text in enumerate(first)]
    fresh = fit_fingerprint(joined_to(asked, open_corpus(iter(answers))), "alpha", SPEC)
    sample = merge(fresh, fit_fingerprint(iter(rest), "alpha", SPEC))
    sample.save(tmp_path / "alpha.fp")
    loaded = Fingerprint.load(tmp_path / "alpha.fp")
    assert int((loaded.sample.asked_hash != 0).sum()) == 40
    report = matched(MIXED, candidates=[loaded], same_domain=True)
    (check,) = [check for check in report.diagnostics if check.name == "prompts"]
    assert "count for half of each model's sample" in check.sentence
    # No row of it has a prompt: the fingerprint alone says what was asked.
    assert "the fingerprints say" in check.sentence
    assert "own prompts" not in check.sentence
    report = matched(with_prompts("Another"), candidates=[loaded], same_domain=True)
    assert "no prompt that was read shows that it was this one" in str(report.diagnostics)


def test_of_answers_to_the_corpus_alone_nothing_counts_more() -> None:
    """People, who were asked nothing, are no part of a model's sample."""
    report = matched(with_prompts(), candidates=[answering(100, 100)], same_domain=True)
    assert "count for half" not in str(report.diagnostics)


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
        lambda: {"aliases": {"alpha": "human"}, "only": False},
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
    "only, beside many": (
        "--only declares .* fewer than 5 other models",
        lambda: {"panel": [replace(BETA, name=f"beta {n}") for n in range(7)], "only": True},
    ),
    "only, alone": ("--only declares", lambda: {"references": [], "only": True}),
    "what the corpus is": ("corpus_is is 'part'", lambda: {"corpus_is": "part"}),
    "level": ("confidence_level is 95", lambda: {"confidence_level": 95}),
    "seed below 0": ("seed is -1", lambda: {"seed": -1}),
    "seed": ("seed is 9223372036854775808", lambda: {"seed": 1 << 63}),
    "rate": ("fdr is nan", lambda: {"fdr": float("nan")}),
    "workers": ("workers is 0", lambda: {"workers": 0}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_matched_is_refused_and_leaves_nothing(case: str, tmp_path: Path) -> None:
    message, made = REFUSED[case]
    options = made()
    with pytest.raises(InputError, match=message) as caught:
        matched(options.pop("corpus", MIXED), tmp_path / "out", **options)
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_a_corpus_and_its_sources_are_given_as_they_are(tmp_path: Path) -> None:
    """A path or a table, with the options of a corpus; one source, or the names of its files."""
    ALPHA.save(tmp_path / "alpha.fp")
    HUMAN.save(tmp_path / "human.fp")
    found = [{"answer": row["text"]} for row in MIXED]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in found))
    how: dict[str, Any] = {"cache_dir": CACHE, "only": True, "text_field": "answer"}
    one = match(tmp_path / "corpus.jsonl", candidates=ALPHA, references=HUMAN, **how)
    named = tmp_path / "human.fp"
    other = match(found, candidates=str(tmp_path / "alpha.fp"), references=[named], **how)
    assert one.shares == other.shares == matched(MIXED).shares
    with pytest.raises(InputError, match="text_field cannot be changed"):
        match(open_corpus(found), candidates=ALPHA, references=HUMAN, text_field="answer")


def test_a_wrong_keyword_suggests_the_right_one() -> None:
    with pytest.raises(TypeError, match="did you mean 'candidates'"):
        match([{"text": "a"}], candidate="a.fp")
    with pytest.raises(InputError):
        match([{"text": "a"}])
