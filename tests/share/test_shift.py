"""Shares of corpora of another domain: laws, worked cases, and coverage on simulated scores."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_text import SPEC, WORDS, fingerprint, texts
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from provenance.cli.app import app
from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.records import Diagnostic
from provenance.report.report import Report
from provenance.scoring.panel import FEWEST_OF_A_DOMAIN
from provenance.share.shift import WIDEST, ShiftedShare, shared_domains, shifted_share
from provenance.share.shift_model import Sample, Scores, _predicted_spread

Array = NDArray[np.float64]


def scores(values: Array) -> Scores:
    return Scores(values, np.ones(len(values)), np.arange(len(values)))


def sample(inside: Array, outside: Array, domain: Array) -> Sample:
    return Sample(inside, outside, np.full(len(inside), 1 / len(inside)), domain.astype(np.int64))


class World:
    """Gaussian scores; each domain has a location and scale of its own for each class.

    The others stand at 0 and the candidate at 1 where models saw their domain.
    """

    def __init__(
        self, rng: np.random.Generator, spreads: tuple[float, float, float, float], scale: float
    ) -> None:
        self.rng = rng
        self.spreads = spreads
        self.scale = scale

    def domain(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Location and scale of the others and of the candidate in a new domain."""
        moved = self.rng.normal(size=4) * np.array(self.spreads)
        return (
            (0.15 + moved[0], self.scale * np.exp(moved[1])),
            (0.7 + moved[2], self.scale * np.exp(moved[3])),
        )

    def sample(self, of: int, domains: Any, n: int) -> Sample:
        inside = self.rng.normal(of, self.scale, n * len(domains))
        outside = np.concatenate([self.rng.normal(one[of][0], one[of][1], n) for one in domains])
        return sample(inside, outside, np.repeat(np.arange(len(domains)), n))

    def corpus(self, domain: Any, share: float, n: int) -> Scores:
        n_own = round(share * n)
        parts = [
            self.rng.normal(location, scale, count)
            for (location, scale), count in zip(domain, (n - n_own, n_own), strict=True)
        ]
        return scores(np.concatenate(parts))


def drawn(
    seed: int, share: float, *, n_domains: int = 2, n: int = 400, n_trusted: int = 0
) -> tuple[Sample, Sample, Scores, Scores | None]:
    world = World(np.random.default_rng(seed), (0.09, 0.2, 0.15, 0.2), 0.15)
    domains = [world.domain() for _ in range(n_domains)]
    own, rest = world.sample(1, domains, 200), world.sample(0, domains, 800)
    here = world.domain()
    trusted = world.corpus(here, 0, n_trusted) if n_trusted else None
    return own, rest, world.corpus(here, share, n), trusted


def read(*given: Any, **options: Any) -> ShiftedShare:
    found = shifted_share(*given, **options)
    assert found is not None
    return found


def same(one: ShiftedShare, other: ShiftedShare) -> bool:
    return np.allclose(
        [one.share, one.low, one.high, *one.moved],
        [other.share, other.low, other.high, *other.moved],
        atol=2e-3,
    )


def test_order_of_rows_does_not_matter() -> None:
    own, rest, corpus, trusted = drawn(1, 0.3, n_trusted=60)
    order = np.random.default_rng(0).permutation(len(corpus.score))
    turned = Scores(corpus.score[order], corpus.weight[order], corpus.cluster[order])
    back = slice(None, None, -1)
    flipped = Sample(rest.inside[back], rest.outside[back], rest.weight[back], rest.domain[back])
    assert same(read(own, rest, corpus, trusted), read(own, flipped, turned, trusted))


def test_weights_have_no_unit() -> None:
    own, rest, corpus, trusted = drawn(2, 0.3, n_trusted=60)
    assert trusted is not None
    heavier = [replace(one, weight=7 * one.weight) for one in (own, rest, corpus, trusted)]
    assert same(read(own, rest, corpus, trusted), read(*heavier))


def test_scores_have_no_origin_and_no_unit() -> None:
    own, rest, corpus, trusted = drawn(3, 0.3, n_trusted=60)
    assert trusted is not None
    samples = [
        replace(one, inside=4 * one.inside - 9, outside=4 * one.outside - 9) for one in (own, rest)
    ]
    moved = [replace(one, score=4 * one.score - 9) for one in (corpus, trusted)]
    assert same(read(own, rest, corpus, trusted), read(*samples, *moved))


def test_repeating_every_row_in_its_cluster_adds_nothing() -> None:
    own, rest, corpus, _ = drawn(4, 0.3)
    twice = Scores(np.tile(corpus.score, 2), np.tile(corpus.weight, 2), np.tile(corpus.cluster, 2))
    assert same(read(own, rest, corpus), read(own, rest, twice))


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
def test_without_shift_the_share_is_found(share: float) -> None:
    world = World(np.random.default_rng(5), (0, 0, 0, 0), 0.08)
    domains = [world.domain() for _ in range(4)]
    own, rest = world.sample(1, domains, 2000), world.sample(0, domains, 2000)
    found = read(own, rest, world.corpus(domains[0], share, 20_000))
    assert found.share == pytest.approx(share, abs=0.01)
    assert found.low <= share <= found.high
    assert found.high - found.low < 0.1
    assert found.shift < 0.3


def test_one_domain_tells_nothing_of_shifts() -> None:
    own, rest, corpus, _ = drawn(6, 0.3, n_domains=1)
    assert shifted_share(own, rest, corpus) is None


def test_one_domain_and_trusted_rows_tell() -> None:
    own, rest, corpus, trusted = drawn(6, 0.3, n_domains=1, n_trusted=200)
    found = read(own, rest, corpus, trusted)
    assert found.n_domains == 1
    assert found.n_trusted == 200
    assert found.low <= 0.3 <= found.high


def test_samples_that_cannot_be_told_apart_give_no_share() -> None:
    own, rest, corpus, _ = drawn(7, 0.3)
    assert shifted_share(rest, own, corpus) is None


def test_the_spread_of_a_new_domain_by_hand() -> None:
    """Three domains' worth of 0.09 and two that are 0.06 apart in squares, by 3 + 1; half more."""
    found = _predicted_spread(np.array([0.06]), np.array([0.3]), 2)
    assert found == pytest.approx([np.sqrt((3 * 0.09 + 0.06) / 4 * 1.5)])
    assert _predicted_spread(np.zeros(1), np.array([0.3]), 1) == pytest.approx([0.3 * np.sqrt(2)])


def test_small_domains_do_not_count() -> None:
    few, many = FEWEST_OF_A_DOMAIN - 1, FEWEST_OF_A_DOMAIN
    own = sample(np.ones(few + many), np.ones(few + many), np.repeat([0, 1], [few, many]))
    rest = sample(np.zeros(2 * many), np.zeros(2 * many), np.repeat([0, 1], many))
    assert shared_domains(own, rest) == [1]


def test_unlabelled_rows_and_rows_without_score_do_not_count() -> None:
    n = 2 * FEWEST_OF_A_DOMAIN
    domain = np.repeat([0, -1], n)
    own = sample(np.ones(2 * n), np.full(2 * n, np.nan), domain)
    rest = sample(np.zeros(2 * n), np.zeros(2 * n), domain)
    assert shared_domains(own, rest) == []
    assert shared_domains(rest, rest) == [0]


def test_trusted_rows_narrow_the_interval() -> None:
    widths: dict[int, list[float]] = {0: [], 300: []}
    for n_trusted, found in widths.items():
        for seed in range(3):
            own, rest, corpus, trusted = drawn(20 + seed, 0.3, n_trusted=n_trusted)
            one = read(own, rest, corpus, trusted)
            found.append(one.high - one.low)
    assert np.mean(widths[300]) < np.mean(widths[0])


def test_width_decides_whether_a_share_is_identified() -> None:
    narrow = ShiftedShare(0.1, 0.0, WIDEST, 2, 0.0, (0.5, -2.0, 1.0, 0.0))
    assert narrow.identified
    assert narrow.shift == 2.0
    assert not replace(narrow, high=WIDEST + 0.01).identified


@pytest.mark.slow
@pytest.mark.parametrize("n_trusted", [0, 200])
def test_intervals_cover_shares_of_simulated_domains(n_trusted: int) -> None:
    covered, false_zero, zeros = 0, 0, 0
    shares = np.resize([0, 0.02, 0.1, 0.3, 0.6, 1.0], 180)
    for seed, share in enumerate(shares.tolist()):
        own, rest, corpus, trusted = drawn(1000 + seed, share, n_trusted=n_trusted)
        found = read(own, rest, corpus, trusted)
        truth = round(share * 400) / 400
        covered += found.low <= truth <= found.high
        zeros += truth == 0
        false_zero += truth == 0 and found.low > 0
    assert covered / len(shares) >= 0.93
    assert false_zero <= 0.07 * zeros


@pytest.fixture(scope="module")
def fingerprints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name in ("alpha", "human"):
        fingerprint(name).save(folder / f"{name}.fp")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def matched(folder: Path, rows: list[dict[str, str]], *words: object) -> Result:
    corpus = folder / "suspect.jsonl"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows))
    sources = ("--candidate", folder / "alpha.fp", "--reference", folder / "human.fp")
    kept = ("--cache-dir", folder / "cache", "-o", folder / "out")
    return run("match", corpus, *sources, *kept, *words)


def dated(n_old: int, n_new: int, n_undated: int = 0) -> list[dict[str, str]]:
    rows = [{"text": text, "date": "2019-12-31"} for text in texts("human", n_old, 3)]
    rows += [{"text": text, "date": "2020-01-01"} for text in texts("alpha", n_new, 4)]
    return rows + [{"text": text} for text in texts("human", n_undated, 5)]


BEFORE = ("--reference-before", "2020-01-01")


def test_rows_before_a_day_are_trusted_and_no_part_of_the_suspect(fingerprints: Path) -> None:
    result = matched(fingerprints, dated(40, 50, 3), *BEFORE, "--date-field", "date")
    assert result.exit_code == 0, result.output
    told = json.loads((fingerprints / "out" / "report.json").read_text())
    assert told["corpus"]["n_documents"] == 53
    assert told["corpus"]["n_trusted"] == 40
    assert told["corpus"]["reference_before"] == "2020-01-01"
    (undated,) = (item for item in told["diagnostics"] if item["name"] == "undated")
    assert undated["verdict"] == "warn"
    assert undated["statistic"] == 3


def test_too_few_rows_before_a_day_are_refused(fingerprints: Path) -> None:
    result = matched(fingerprints, dated(12, 50), *BEFORE, "--date-field", "date")
    assert result.exit_code == 2
    assert "12 different documents" in result.output
    assert "at least 30" in result.output


@pytest.mark.parametrize(
    ("n_old", "n_new", "told"),
    [(0, 50, "0 different documents"), (40, 0, "none is left to estimate")],
)
def test_a_day_with_nothing_on_one_side_is_refused(
    fingerprints: Path, n_old: int, n_new: int, told: str
) -> None:
    result = matched(fingerprints, dated(n_old, n_new), *BEFORE, "--date-field", "date")
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_a_day_without_a_date_field_is_refused(fingerprints: Path) -> None:
    result = matched(fingerprints, dated(40, 50), *BEFORE)
    assert result.exit_code == 2
    assert "--date-field" in result.output


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


def test_two_labelled_domains_give_a_share_of_a_third(tmp_path: Path) -> None:
    api, people = (source(name, ["a", "b"]) for name in ("api", "people"))
    report = match(open_corpus(SUSPECT), candidates=[api], references=[people], cache_dir=tmp_path)
    checks = read_as(report)
    assert checks["fit[api]"].verdict == "warn"
    assert "2 labelled domains" in checks["shift[api]"].sentence
    assert report.excerpts == ()
    row = report.candidates()[0]
    assert row.low <= 0.3 <= row.high
    assert row.high - row.low < 1


def test_one_reference_for_each_domain_counts_as_one_class(tmp_path: Path) -> None:
    api = source("api", ["a", "b"])
    people = [
        fit_fingerprint(open_corpus(of_domain(name, False, 100, 1)), name, SPEC) for name in "ab"
    ]
    report = match(open_corpus(SUSPECT), candidates=[api], references=people, cache_dir=tmp_path)
    assert "2 labelled domains" in read_as(report)["shift[api]"].sentence
    row = report.candidates()[0]
    assert row.low <= 0.3 <= row.high


def test_one_domain_is_withheld_with_what_to_bring(tmp_path: Path) -> None:
    api, people = (source(name, ["a"]) for name in ("api", "people"))
    report = match(open_corpus(SUSPECT), candidates=[api], references=[people], cache_dir=tmp_path)
    assert report.verdict == "withheld"
    assert "--reference-before" in read_as(report)["fit[api]"].sentence
    row = report.candidates()[0]
    assert (row.low, row.high) == (0, 1)


def test_a_corpus_of_the_samples_own_domain_is_read_plainly(tmp_path: Path) -> None:
    api, people = (source(name, ["a", "b"]) for name in ("api", "people"))
    rows = of_domain("a", True, 60, 3) + of_domain("b", False, 60, 3)
    rows += of_domain("a", False, 60, 3) + of_domain("b", True, 60, 3)
    report = match(open_corpus(rows), candidates=[api], references=[people], cache_dir=tmp_path)
    assert "shift[api]" not in read_as(report)
    assert report.verdict == "estimated"
