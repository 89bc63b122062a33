"""p-values where nothing is: never smaller than they should be.

Settings, seeds and numbers of runs were fixed before the first run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from known_text import SPEC, documents, gaussian, gaussian_references, texts
from scipy.stats import binom

from provenance import fit_fingerprint, match, open_corpus
from provenance.features.features import prepare
from provenance.matching.scored_batch import score_batch
from provenance.matching.tally import Tally
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.p_values import Conformal
from provenance.scoring.scored import Passages, document_means, row_statistic
from provenance.share.two_sources.densities import fit_mixture

pytestmark = pytest.mark.slow

VIEW = "n-grams"
SURE = 0.001


def allowed(level: float, runs: int) -> float:
    """Most hits in so many runs at a level, but for one set of runs in a thousand."""
    return float(binom.ppf(1 - SURE, runs, level))


@pytest.mark.parametrize("n_null", [19, 99, 400])
def test_conformal_p_values_are_super_uniform_over_their_references(n_null: int) -> None:
    rng = np.random.default_rng(n_null)
    runs = 4000
    p_values = np.empty(runs)
    for run in range(runs):
        null = np.sort(rng.normal(size=n_null).astype(np.float32))
        one = Conformal(0, (null,), np.empty(0), np.empty(0))
        p_values[run] = one.p(rng.normal(size=1).astype(np.float32))[0]
    for level in (0.01, 0.05, 0.1, 0.5):
        hits = int((p_values <= level).sum())
        exact = np.floor(level * (n_null + 1)) / (n_null + 1)
        assert binom.ppf(SURE, runs, exact) <= hits <= allowed(exact, runs)


@pytest.mark.parametrize(
    ("distance", "n_references", "n_corpus"), [(1.0, 300, 1000), (2.0, 500, 5000), (3.0, 500, 1000)]
)
def test_the_p_value_of_no_share_is_never_too_small(
    distance: float, n_references: int, n_corpus: int
) -> None:
    runs = 500
    p_values = np.empty(runs)
    for run in range(runs):
        rng = np.random.default_rng([41, run])
        ratio, cluster = gaussian(rng, (n_corpus, 0), distance=distance)
        references = gaussian_references(rng, n_references, distance)
        found = fit_mixture(Passages(ratio, np.ones(n_corpus), cluster), references, [1])
        p_values[run] = found.two_sources[1].zero_p_value
    for level in (0.05, 0.1, 0.2):
        assert (p_values <= level).sum() <= allowed(level, runs), level
    # The level that the low end hangs on; few references leave a little more than it says.
    assert (p_values <= 0.01).sum() <= allowed(0.02, runs)


@pytest.mark.parametrize("n_sources", [2, 3])
def test_rows_by_other_sources_have_large_p_values(n_sources: int) -> None:
    """Fresh samples and fresh rows in each of twelve runs, every row by a source but the first."""
    names = ("alpha", "human", "beta")[:n_sources]
    p_values: dict[str, list[float]] = {name: [] for name in names[1:]}
    for run in range(12):
        fitted = fit_panel(
            [fit_fingerprint(iter(texts(name, 100, 500 + run)), name, SPEC) for name in names]
        )
        for name in names[1:]:
            found = documents(texts(name, 100, 700 + run))
            batch = score_batch(found, prepare([item.text for item in found], SPEC), fitted, (0,))
            tally = Tally(SPEC, n_sources)
            tally.add(batch)
            one = Conformal.unread(fitted.samples(VIEW), 0).read(tally.sampled(VIEW).scored)
            values = document_means(
                row_statistic(batch.log_posterior[VIEW], 0),
                batch.document,
                batch.passage_tokens,
                100,
            )
            p_values[name] += one.p(values[:, 0]).tolist()
    for name, found_p in p_values.items():
        for level in (0.05, 0.1, 0.2):
            # 1,200 rows, 100 null rows a run: the sampling of both in the bound.
            spread = np.sqrt(2 * level * (1 - level) / 1200)
            assert np.mean(np.array(found_p) <= level) <= level + 3.1 * spread, (name, level)


def test_whole_matches_of_text_with_nothing_in_it_show_nothing(tmp_path: Path) -> None:
    """Forty corpora by people alone, samples drawn anew: at most two low ends above 0.

    At a tilt of 0.15 any share would do in a quarter of such corpora, and says so.
    """
    above = withheld = 0
    for run in range(40):
        sources = [
            fit_fingerprint(iter(texts(name, 120, 900 + run, tilt=0.2)), name, SPEC)
            for name in ("alpha", "human")
        ]
        corpus = open_corpus({"text": text} for text in texts("human", 300, 950 + run, tilt=0.2))
        report = match(
            corpus,
            candidates=sources[:1],
            references=sources[1:],
            same_domain=True,
            only=True,
            cache_dir=tmp_path,
        )
        above += report.candidates()[0].low > 0
        withheld += report.verdict == "withheld"
    assert above <= 2
    assert withheld <= 4
