"""Which estimator a corpus of another domain gets, and what is told where none is left."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_text import SPEC, WORDS, fingerprint, panel, texts, under

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.records import Diagnostic
from provenance.report.report import Report
from provenance.scoring.scored import Scored, ScoredSamples
from provenance.share.estimate import Estimate, estimate_part, estimate_shares
from provenance.share.mixture import Mixture
from provenance.share.other_domain.shift import ShiftedShare
from provenance.share.part import ShareDoubt
from provenance.share.sources import Sources
from provenance.share.two_sources.two_sources import CAUTION


def of_domain(domain: str, is_own: bool, count: int, seed: int) -> list[dict[str, str]]:
    """Rows of words that a class prefers in every domain, though less so in c."""
    weight = 0.15 if domain == "c" else 0.3
    rng = np.random.default_rng([seed, is_own, *domain.encode()])
    taste = np.random.default_rng([*domain.encode()]).dirichlet(np.full(len(WORDS), 0.3))
    style = np.random.default_rng(int(is_own)).dirichlet(np.full(len(WORDS), 0.3))
    words = rng.choice(WORDS, (count, 60), p=(1 - weight) * taste + weight * style)
    return [{"text": " ".join(row), "domain": domain} for row in words.tolist()]


def source(name: str, domains: list[str]) -> Fingerprint:
    rows = [row for one in domains for row in of_domain(one, name == "api", 100, 1)]
    return fit_fingerprint(open_corpus(rows, domain_field="domain"), name, SPEC)


def read_as(report: Report) -> dict[str, Diagnostic]:
    return {item.name: item for item in report.diagnostics}


SUSPECT = of_domain("c", True, 150, 2) + of_domain("c", False, 350, 2)


@pytest.mark.slow
def test_two_labelled_domains_give_a_share_of_a_third(tmp_path: Path) -> None:
    api, people = (source(name, ["a", "b"]) for name in ("api", "people"))
    report = match(
        open_corpus(SUSPECT), candidates=[api], references=[people], only=True, cache_dir=tmp_path
    )
    checks = read_as(report)
    assert checks["fit[api]"].verdict == "warn"
    assert "2 labelled domains" in checks["shift[api]"].sentence
    assert report.excerpts == ()
    row = report.candidates()[0]
    assert row.low <= 0.3 <= row.high
    assert row.high - row.low < 1


@pytest.mark.slow
def test_one_reference_for_each_domain_counts_as_one_class(tmp_path: Path) -> None:
    api = source("api", ["a", "b"])
    people = [
        fit_fingerprint(open_corpus(of_domain(name, False, 100, 1)), name, SPEC) for name in "ab"
    ]
    report = match(
        open_corpus(SUSPECT), candidates=[api], references=people, only=True, cache_dir=tmp_path
    )
    assert "2 labelled domains" in read_as(report)["shift[api]"].sentence
    row = report.candidates()[0]
    assert row.low <= 0.3 <= row.high


def test_one_domain_is_withheld_with_what_to_bring(tmp_path: Path) -> None:
    api, people = (source(name, ["a"]) for name in ("api", "people"))
    report = match(
        open_corpus(SUSPECT), candidates=[api], references=[people], only=True, cache_dir=tmp_path
    )
    assert report.verdict == "withheld"
    assert "--reference-before" in read_as(report)["fit[api]"].sentence
    row = report.candidates()[0]
    assert (row.low, row.high) == (0, 1)


def test_a_corpus_of_the_samples_own_domain_is_read_plainly(tmp_path: Path) -> None:
    api, people = (source(name, ["a", "b"]) for name in ("api", "people"))
    rows = of_domain("a", True, 60, 3) + of_domain("b", False, 60, 3)
    rows += of_domain("a", False, 60, 3) + of_domain("b", True, 60, 3)
    report = match(
        open_corpus(rows), candidates=[api], references=[people], only=True, cache_dir=tmp_path
    )
    assert "shift[api]" not in read_as(report)
    assert report.verdict == "estimated"


SHIFTED = ShiftedShare(0.1, 0.0, 0.5, 2, 0.0, (0.0, 0.0, 0.0, 0.0))


def estimate(is_open: bool, is_shifted: bool) -> Estimate:
    halves = np.array([0.5, 0.5])
    mixture = Mixture(
        halves, np.zeros(2), np.ones(2), {}, halves, {0: 0.5}, {0: 0.5} if is_open else {}
    )
    found = {"documents": SHIFTED} if is_shifted else {}
    return Estimate({"documents": mixture}, (), found)


def checks(*failed: str) -> list[Diagnostic]:
    kinds = ("fit[a]", "shift[a]", "size", "prompts", "siblings[a]", "separable[fit]", "fits[a]")
    return [
        Diagnostic(
            name=name,
            verdict="fail" if name in failed else "warn",
            statistic=None,
            limit=None,
            sentence="",
        )
        for name in kinds
    ]


@pytest.mark.parametrize(
    ("is_open", "is_shifted", "failed", "kept"),
    [
        (True, False, ["fit[a]"], True),
        (True, False, [], True),
        (True, False, ["size"], False),
        (True, False, ["prompts"], False),
        (True, False, ["fit[a]", "size"], False),
        (True, False, ["separable[fit]"], False),
        (True, False, ["fits[a]"], False),
        (True, False, ["shift[a]"], False),
        (False, True, ["shift[a]"], True),
        (False, True, ["fit[a]"], False),
        (False, True, ["shift[a]", "prompts"], False),
        (False, False, ["fit[a]"], False),
        (False, False, ["shift[a]"], False),
        (False, False, [], False),
    ],
)
def test_ends_are_kept_where_the_construction_allows_for_what_failed(
    is_open: bool, is_shifted: bool, failed: list[str], kept: bool
) -> None:
    """An open fit gives up what unknown sources take, a shift what it does not identify."""
    assert estimate(is_open, is_shifted).keeps_ends(checks(*failed)) is kept


# A part of a corpus


@cache
def whole_of_three() -> tuple[Scored, ScoredSamples, Sources, Estimate]:
    """A corpus of 60 by alpha and 60 by beta, among three sources."""
    fitted = panel(3)
    tally = under(fitted, [*texts("alpha", 60, 81), *texts("beta", 60, 82)])
    corpus, samples = tally.sampled("n-grams").scored, fitted.samples("n-grams")
    names = [fingerprint(name) for name in samples.names]
    sources = Sources(tuple(names), ("candidate", "panel", "reference"), only=True)
    return corpus, samples, sources, estimate_shares(corpus, samples, sources)


def low_of_a_part(n_parts: int = 1, **of_whole: Any) -> float:
    """The candidate's low end in sixty of the documents, half of them its own."""
    corpus, samples, sources, found = whole_of_three()
    rows = np.arange(len(corpus)) % 2 == 0
    mixtures = {unit: replace(one, **of_whole) for unit, one in found.mixtures.items()}
    part = estimate_part(
        corpus.part(rows),
        corpus,
        mixtures,
        samples,
        sources,
        n_parts=n_parts,
        confidence_level=0.95,
        caution=CAUTION,
    )
    assert {item.kind for item in part.diagnostics} == {"fit", "separable", "lengths"}
    return float(part.mixtures["documents"].low[0])


def test_what_the_whole_shows_counts_for_its_parts() -> None:
    alone = low_of_a_part(doubts={0: ShareDoubt(misfit=0.19)})
    assert alone > 0.1
    assert low_of_a_part(doubts={0: ShareDoubt(misfit=0.21)}) == 0
    assert low_of_a_part(doubts={0: ShareDoubt(caution=3.0)}) < alone
    # All that is unknown may be in the part, which is half of the corpus.
    some = low_of_a_part(doubts={0: ShareDoubt(unknown=0.3)})
    assert low_of_a_part(doubts={0: ShareDoubt(unknown=0.6)}) < some < alone


def test_a_part_holds_no_more_than_the_whole_and_less_for_sure_among_many() -> None:
    alone = low_of_a_part(doubts={})
    assert low_of_a_part(doubts={}, high=np.full(3, 0.02)) == pytest.approx(0.04)
    assert low_of_a_part(100, doubts={}) < alone
