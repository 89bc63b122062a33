"""One rule for what may be told: by hand, and the same for `match` and `validate`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_text import SPEC, fingerprint, rows, texts

from provenance import Fingerprint, fit_fingerprint, match, open_corpus, validate
from provenance.matching.judging import Told, any_failed, explained, told
from provenance.records import Diagnostic
from provenance.share.estimate import estimate_shares
from provenance.share.mixture import Mixture

MIXTURE = Mixture(
    shares=np.array([0.3, 0.7]),
    low=np.array([0.1, 0.5]),
    high=np.array([0.5, 0.9]),
    two_sources={},
    fitted=np.array([0.3, 0.7]),
    fit_p_values={},
)


def check(name: str, verdict: str) -> Diagnostic:
    return Diagnostic(name=name, verdict=verdict, statistic=None, limit=None, sentence="")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("withheld", "keeps_ends", "expected"),
    [
        (False, False, Told(0.3, 0.1, 0.5)),
        (False, True, Told(0.3, 0.1, 0.5)),
        (True, False, Told(None, 0.0, 1.0)),
        (True, True, Told(None, 0.1, 0.5)),
    ],
)
def test_what_is_told_by_hand(withheld: bool, keeps_ends: bool, expected: Told) -> None:
    assert told(MIXTURE, 0, withheld=withheld, keeps_ends=keeps_ends) == expected


def test_no_low_end_is_kept_where_unknown_sources_do_not_explain_the_corpus_either() -> None:
    """It is what these leave. The high end stands: it accuses nobody."""
    beside_stand_ins = replace(MIXTURE, open_fit_p_values={0: 1e-9})
    found = told(beside_stand_ins, 0, withheld=True, keeps_ends=True)
    assert found == Told(None, 0.0, 0.5)
    assert told(beside_stand_ins, 0, withheld=False, keeps_ends=True) == Told(0.3, 0.1, 0.5)


@pytest.mark.parametrize(
    ("checks", "failed", "rows_explained"),
    [
        ([], False, True),
        ([check("fit[a]", "ok"), check("lengths", "warn")], False, True),
        ([check("fit[a]", "warn"), check("lengths", "ok")], False, False),
        ([check("lengths", "fail")], True, True),
        ([check("fitness", "fail")], True, True),
        ([check("fit[a]", "ok"), check("fit[b]", "fail")], True, False),
    ],
)
def test_which_checks_decide(checks: list[Diagnostic], failed: bool, rows_explained: bool) -> None:
    assert any_failed(checks) == failed
    assert explained(checks) == rows_explained


def answers(name: str, seed: int, prompts: range) -> list[dict[str, str]]:
    found = texts(name, len(prompts), seed)
    return [{"text": text, "prompt": f"prompt {n}"} for text, n in zip(found, prompts, strict=True)]


def models_on(prompts: dict[str, range]) -> list[Fingerprint]:
    return [
        fit_fingerprint(open_corpus(answers(name, 5, given)), name, SPEC)
        for name, given in prompts.items()
    ]


@pytest.mark.parametrize(("start", "withheld"), [(0, False), (1000, True)])
def test_samples_on_other_prompts_are_withheld_by_both(
    start: int, withheld: bool, tmp_path: Path
) -> None:
    candidate, other = models_on({"alpha": range(160), "beta": range(start, start + 160)})
    corpus = open_corpus(rows([*texts("alpha", 60, 6), *texts("beta", 60, 6)]))
    report = match(corpus, candidates=[candidate], panel=[other], cache_dir=tmp_path)
    assert (report.verdict == "withheld") == withheld
    found = validate(
        candidates=[candidate],
        panel=[other],
        shares=(0.0, 0.5),
        sizes=(60,),
        splits=1,
        scenarios=("closed",),
    )
    assert all(item.withheld for item in found.readings) == withheld


def test_a_corpus_of_one_conversation_is_worth_one_document(tmp_path: Path) -> None:
    """Thirty rows of one group are too few to tell, as one document would be."""
    talk = rows(texts("alpha", 30, 7), group="one talk")
    corpus = open_corpus(talk, group_field="group")
    sources = [
        fit_fingerprint(open_corpus(rows(texts(name, 150, 0))), name, SPEC)
        for name in ("alpha", "human")
    ]
    report = match(corpus, candidates=sources[:1], references=sources[1:], cache_dir=tmp_path)
    [size] = [item for item in report.diagnostics if item.kind == "corpus_size"]
    assert (size.verdict, size.statistic) == ("fail", 1.0)
    assert report.verdict == "withheld"


def test_trusted_rows_stand_for_more_than_themselves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever the corpus is: they tell how its whole domain scores."""
    seen: list[tuple[float, float]] = []

    def spied(corpus: Any, *args: Any, **named: Any) -> Any:
        seen.append((corpus.unread, named["trusted"].unread))
        return estimate_shares(corpus, *args, **named)

    monkeypatch.setattr("provenance.matching.judging.estimate_shares", spied)
    old = [{"text": text, "date": "2019-12-31"} for text in texts("human", 40, 3)]
    new = [{"text": text, "date": "2020-01-01"} for text in texts("alpha", 40, 4)]
    match(
        open_corpus([*old, *new], date_field="date"),
        candidates=[fingerprint("alpha")],
        references=[fingerprint("human")],
        reference_before=date(2020, 1, 1),
        cache_dir=tmp_path,
    )
    assert seen == [(0.0, 1.0)]
