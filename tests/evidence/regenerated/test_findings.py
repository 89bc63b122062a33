"""What is told of fresh answers; wrong ones are no accusation."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from known_asked import N_PROMPTS, OTHERS, answer, fresh, rows, sampled
from report_examples import estimated

from provenance import Fingerprint, Report, match, open_corpus
from provenance.evidence import protocol
from provenance.evidence.regenerated.evidence import RegeneratedEvidence
from provenance.fingerprint.asking.answers import joined_to
from provenance.fingerprint.asking.requests import Asked
from provenance.matching.evidence import gathered
from provenance.records import Finding
from provenance.report.page.page import render_html
from provenance.share.sources import Sources


def looked_up(
    corpus: list[dict[str, Any]], candidate: Fingerprint, others: tuple[str, ...] = OTHERS
) -> protocol.ToldEvidence:
    """What is told of a corpus beside a candidate's answers and others'."""
    models = (candidate, *(fresh(one) for one in others))
    sources = Sources(models, ("candidate", *("panel" for _ in others)))
    evidence = gathered((), (), (), None, sources=sources, fdr=0.05)  # type: ignore[arg-type]
    kind = next(one for one in evidence.kinds if isinstance(one, RegeneratedEvidence))
    documents = [*open_corpus(iter(corpus), prompt_field="prompt")]
    kind.add(documents, kind.look_up(documents, None))
    return kind.told((), protocol.MatchContext(0.95, keep_text=True, seed=0))


def found(*arguments: Any, **options: Any) -> Finding:
    (one,) = looked_up(*arguments, **options).findings
    assert one.kind == "regenerated"
    return one


def test_what_the_candidate_says_again_is_found() -> None:
    told = looked_up(rows("one", time=1), fresh("one"))
    (one,), (check,) = told.findings, told.diagnostics
    assert (one.verdict, one.source, one.n_documents) == ("found", "one", N_PROMPTS)
    assert one.p_value is not None and one.p_value <= 0.01
    assert one.share is None
    pair = one.details["pairs"][0]
    assert pair["likeness"] > pair["likeness_to_next"]
    assert re.fullmatch("one-[0-9]+", pair["id"]) and pair["prompt"].startswith("prompt ")
    assert check.name == "regenerated[one]" and "not asked, or learnt from it" in check.sentence


def test_half_of_the_rows_are_found() -> None:
    mixed = rows("one", time=1)[::2] + rows("stranger")[1::2]
    one = found(mixed, fresh("one"))
    assert one.verdict == "found"
    first = [pair["id"].split("-")[0] for pair in one.details["pairs"][:8]]
    assert first.count("one") >= 6


def test_several_answers_tell_how_far_the_candidate_leads_itself() -> None:
    twice = sampled("one", rows("one") + rows("one", time=2))
    one = found(rows("one", time=1), twice)
    assert one.details["own_lead"] == pytest.approx(
        one.details["nearest"][0]["rows_lead"], abs=0.02
    )


def columns(corpus: list[dict[str, Any]], cut: int) -> dict[str, list[float]]:
    """What the table of documents holds of a corpus that is read in two batches."""
    models = (fresh("one"), *(fresh(one) for one in OTHERS))
    sources = Sources(models, ("candidate", *("panel" for _ in OTHERS)))
    evidence = gathered((), (), (), None, sources=sources, fdr=0.05)  # type: ignore[arg-type]
    kind = next(one for one in evidence.kinds if isinstance(one, RegeneratedEvidence))
    documents = [*open_corpus(iter(corpus), prompt_field="prompt")]
    tables = []
    for part in (documents[:cut], documents[cut:]):
        tables.append(pa.table(kind.add(part, kind.look_up(part, None))))
    assert kind.columns(tables[0]) == {}
    kind.told((), protocol.MatchContext(0.95, keep_text=True, seed=0))
    told = [kind.columns(table) for table in tables]
    return {name: [*told[0][name], *told[1][name]] for name in told[0]}


@pytest.mark.parametrize("cut", [1, 17])
def test_each_row_that_was_compared_tells_how_far_it_is_ahead(cut: int) -> None:
    own, strange = rows("one", time=1)[::2], rows("stranger")[1::2]
    unasked = [{**row, "prompt": f"another {row['prompt']}"} for row in rows("one", time=1)[:2]]
    short = {"id": "short", "prompt": "prompt 1", "text": "no"}
    (name, ahead), *more = columns([*own, *strange, own[0], short, *unasked], cut).items()
    assert (name, more) == ("regenerated_ahead[one]", [])
    assert np.isnan(ahead[-3:]).all()
    assert ahead[len(own) + len(strange)] == ahead[0]
    mine, others = ahead[: len(own)], ahead[len(own) : len(own) + len(strange)]
    assert np.median(mine) > 0 > np.median(others)


REFUSALS = [
    {**row, "text": "I am sorry, but I cannot help with that request."} for row in rows("x")
]
SHUFFLED = [
    {**row, "text": answer("one", (n + 7) % N_PROMPTS)} for n, row in enumerate(rows("one"))
]


@pytest.mark.parametrize(
    ("corpus", "answers"),
    [
        pytest.param(rows("stranger"), rows("one"), id="rows by another model"),
        pytest.param(rows("one", time=1), rows("stranger"), id="another model's answers"),
        pytest.param(rows("other3", time=1), rows("one"), id="rows by one that was asked"),
        pytest.param(rows("one", time=1), SHUFFLED, id="answers to other prompts"),
        pytest.param(rows("one", time=1), REFUSALS + rows("one")[:1], id="refusals"),
        pytest.param(REFUSALS, REFUSALS + rows("one")[:1], id="refusals beside refusals"),
    ],
)
def test_wrong_answers_are_no_accusation(corpus: Any, answers: Any) -> None:
    one = found(corpus, sampled("one", answers))
    assert one.verdict in ("not_found", "not_checked")
    assert not one.where and not one.details.get("pairs")


def test_another_models_answers_that_were_asked_too_are_not_the_candidates() -> None:
    """The candidate's file holds the answers of a model of the panel, which wrote the corpus."""
    one = found(rows("other3", time=2), sampled("one", rows("other3", time=1)))
    assert one.verdict == "not_found"
    assert one.details["nearest"][0]["name"] == "other3"


def test_ids_that_do_not_exist_are_never_answers() -> None:
    asked = Asked("ask.jsonl", {f"id{n}": f"prompt {n}" for n in range(N_PROMPTS)})
    unknown = [{"id": f"none{n}", "answer": answer("one", n)} for n in range(2)]
    known = [{"id": f"id{n}", "answer": answer("one", n)} for n in range(N_PROMPTS)]
    read = [*joined_to(asked, open_corpus(known + unknown))]
    assert len(read) == N_PROMPTS


def test_no_prompt_that_was_asked() -> None:
    corpus = [{**row, "prompt": f"another {row['prompt']}"} for row in rows("one", time=1)]
    assert looked_up(corpus, fresh("one")).findings == ()


@pytest.mark.parametrize(
    ("n_prompts", "others", "why"),
    [
        pytest.param(N_PROMPTS, OTHERS[:7], "only 7 other models", id="few models"),
        pytest.param(N_PROMPTS, (), None, id="a candidate alone"),
        pytest.param(19, OTHERS, "answers 19 of the corpus's prompts", id="few prompts"),
    ],
)
def test_too_little_is_not_checked(n_prompts: int, others: Any, why: str | None) -> None:
    told = looked_up(rows("one", 1, n_prompts), fresh("one"), others)
    assert not told.diagnostics
    if why is None:
        assert told.findings == ()
        return
    (one,) = told.findings
    assert one.verdict == "not_checked" and why in one.null_hypothesis
    assert "ask" in one.null_hypothesis


@pytest.mark.slow
def test_a_match_tells_it(tmp_path: Any) -> None:
    people = sampled("people", [{**row, "prompt": None} for row in rows("writer")])
    report = match(
        open_corpus(iter(rows("one", time=1)), prompt_field="prompt"),
        candidates=[fresh("one")],
        references=[people],
        panel=[fresh(one) for one in OTHERS],
        output=tmp_path / "out",
        cache_dir=tmp_path,
    )
    (one,) = [item for item in report.findings if item.kind == "regenerated"]
    assert one.verdict == "found"
    assert "Nearest of the others" in (tmp_path / "out" / "report.html").read_text()
    table = pq.read_table(tmp_path / "out" / "documents.parquet").to_pydict()
    assert len(table["regenerated_ahead[one]"]) == N_PROMPTS
    pair = one.details["pairs"][0]
    ahead = dict(zip(table["id"], table["regenerated_ahead[one]"], strict=True))
    assert ahead[pair["id"]] == pytest.approx(pair["ahead"], rel=1e-6)


def test_the_page_and_the_schema_know_it() -> None:
    told = looked_up(rows("one", time=1), fresh("one"))
    report = replace(estimated(), findings=told.findings, diagnostics=told.diagnostics)
    page = render_html(Report.from_dict(report.to_dict()))
    assert "Likeness to the candidate" in page
    assert "Nearest of the others" in page
    assert told.findings[0].details["pairs"][0]["id"] in page


def test_the_page_tells_what_is_missing() -> None:
    told = looked_up(rows("one", time=1), fresh("one"), OTHERS[:3])
    assert "only 3 other models" in render_html(replace(estimated(), findings=told.findings))
