"""Known shares: the table worked by hand, laws of the draws, the file, the command."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from known_text import SPEC, rows, texts
from typer.testing import CliRunner

from provenance import Fingerprint, InputError, fit_fingerprint, open_corpus, validate
from provenance.cli.app import app
from provenance.scoring.p_values import Conformal
from provenance.share.sources import Sources
from provenance.simulate.words import NGramModel, library_texts
from provenance.statistics.intervals import clopper_pearson
from provenance.validation.given import is_fingerprint, named_path
from provenance.validation.held_out import Pool, draw, hold_out, rng_of, split
from provenance.validation.page import compared, figure, list_cells, markdown, page
from provenance.validation.plan import SCENARIOS, Fit, Plan, fits
from provenance.validation.protocol import Session, drawn_corpora
from provenance.validation.readings import Reading, list_table, table
from provenance.validation.result import Validation

NAMES = ("alpha", "beta", "human")
ROLES = ("candidate", "panel", "reference")


@cache
def source(name: str, count: int = 120) -> Fingerprint:
    """A sample of two domains, whose prompts it shares with the other samples."""
    found = [
        {"text": text, "prompt": f"prompt {number}", "kind": ("old", "new")[number % 2]}
        for number, text in enumerate(texts(name, count, seed=0))
    ]
    return fit_fingerprint(open_corpus(found, domain_field="kind"), name, SPEC)


@cache
def pool() -> Pool:
    return Pool.of([source(name) for name in NAMES])


def sources() -> Sources:
    return Sources(tuple(source(name) for name in NAMES), ROLES)


def small(**changes: Any) -> Validation:
    given: dict[str, Any] = {
        "candidates": [source("alpha")],
        "references": [source("human")],
        "panel": [source("beta")],
        "shares": (0.0, 0.3),
        "sizes": (40,),
        "splits": 1,
    }
    return validate(**{**given, **changes})


@cache
def validated() -> Validation:
    return small()


def reading(share: float | None, low: float, high: float, **changes: Any) -> Reading:
    given: dict[str, Any] = {
        "scenario": "closed",
        "candidate": "a",
        "asked": 100,
        "n": 100,
        "level": 0.1,
        "truth": 0.1,
        "withheld": share is None,
    }
    return Reading(**{**given, **changes}, share=share, low=low, high=high)


def test_a_table_by_hand() -> None:
    [row] = table(
        [
            reading(0.12, 0.05, 0.2),
            reading(0.2, 0.11, 0.3, n=90),
            reading(0.06, 0.0, 0.11, split=1),
            reading(None, 0.0, 1.0, split=1),
        ]
    )
    assert (row.corpora, row.withheld, row.told, row.fewest) == (4, 1, 3, 90)
    assert row.error == pytest.approx((0.02 + 0.1 + 0.04) / 3)
    assert row.worst == pytest.approx(0.1)
    assert row.bias == pytest.approx((0.02 + 0.1 - 0.04) / 3)
    assert (row.covered, row.covered_all) == (2, 3)
    assert (row.low_above_truth, row.low_above_zero) == (1, 2)
    assert row.mean_low == pytest.approx(0.16 / 3)
    assert row.median_width == pytest.approx(0.15)


def test_corpora_that_share_rows_count_as_one_trial() -> None:
    apart = [reading(0.1, 0.0, 0.2, split=number) for number in range(6)]
    together = [reading(0.1, 0.0, 0.2) for _ in range(6)]
    [independent], [dependent] = table(apart), table(together)
    assert (independent.independent, dependent.independent) == (6, 1)
    assert independent.covered_low == clopper_pearson(6, 6)[0]
    assert dependent.covered_low == clopper_pearson(1, 1)[0]


def test_a_table_has_a_row_for_each_kind_and_none_for_nothing() -> None:
    kinds: list[dict[str, Any]] = [
        {},
        {"level": 0.2},
        {"asked": 50},
        {"unknown": 0.3},
        {"trusted": 50},
        {"estimator": "a peer"},
        {"scenario": "length"},
    ]
    found = table(reading(0.1, 0.0, 0.2, **changes) for changes in kinds for _ in range(2))
    assert [row.corpora for row in found] == [2] * len(kinds)
    [held] = table([reading(None, 0.0, 1.0)])
    assert (held.error, held.covered_low, held.median_width) == (None, None, None)
    assert table([]) == ()


def listed(n_listed: int | None, n_false: int | None, **changes: Any) -> Reading:
    withheld = n_listed is None
    given = {"n_listed": n_listed, "n_false": n_false, **changes}
    return reading(None if withheld else 0.1, 0.0, 1.0, **given)


def test_a_table_of_lists_by_hand() -> None:
    """False shares 1/4, 0 of an empty list and 1/2; 3 + 0 + 1 of 3 times 10 rows are found."""
    readings = [
        listed(4, 1),
        listed(0, 0, asked=500),
        listed(2, 1, split=1),
        listed(None, None),
        listed(None, None, estimator="a peer"),
        listed(3, 3, level=0.0, truth=0.0),
        listed(None, None, level=0.5, truth=0.5),
        listed(None, None, scenario="other domain"),
    ]
    none, tenth, half = list_table(readings)
    assert [row.level for row in (none, tenth, half)] == [0.0, 0.1, 0.5]
    assert (tenth.scenario, tenth.corpora, tenth.with_list) == ("closed", 4, 3)
    assert tenth.mean_listed == pytest.approx(2.0)
    assert tenth.realised_fdr == pytest.approx(0.25)
    assert tenth.worst == pytest.approx(0.5)
    assert tenth.recall == pytest.approx(4 / 30)
    assert (none.realised_fdr, none.worst, none.recall) == (1.0, 1.0, None)
    assert (half.with_list, half.mean_listed, half.realised_fdr, half.recall) == (0, *[None] * 3)
    assert list_table([]) == ()


def test_the_rows_listed_are_those_with_such_q_values() -> None:
    """What a session counts is what the null distributions and q-values of its panel say."""
    half = split(pool(), rng_of(0))
    fit, plan = Fit("closed", 0, half, ~half), Plan(sizes=(120,), shares=(0.5,), fdr=0.2)
    session = Session.of(sources(), pool(), fit, plan)
    (drawn,) = [one for one in drawn_corpora(session.held, "alpha", fit, plan) if not one.detail]
    (told,) = session.readings("alpha", [drawn])
    (view, _), nulls = next(iter(session.nulls.items()))
    corpus = session.held.corpus(drawn.corpus.rows, view).scored
    found = Conformal.fit(session.held.panel.samples(view), corpus, 0)
    assert all(map(np.array_equal, nulls, found.nulls))
    assert told.n_listed is not None and told.n_false is not None
    assert told.n_listed == found.n_rows(0.2) > 0
    own = pool().source[np.flatnonzero(~half)][drawn.corpus.rows] == 0
    assert np.array_equal(drawn.corpus.own, own)
    assert told.n_false == found.listed(corpus, 0.2)[~own].sum()


def made_by_models(seed: int, count: int = 240) -> list[Fingerprint]:
    """Three APIs that know the same words and like others of them."""
    model = NGramModel.fit(library_texts()[:150])
    found = []
    for number, name in enumerate(NAMES):
        rng = np.random.default_rng([seed, number])
        api = model.distorted(0.8, rng)
        found.append(fit_fingerprint((api.sample(rng, 90) for _ in range(count)), name, SPEC))
    return found


def false_shares(seed: int, **changes: Any) -> list[float]:
    """Of all lists made of one set of samples."""
    alpha, beta, human = made_by_models(seed)
    options: dict[str, Any] = {"shares": (0.2, 0.5), "sizes": (100,), "splits": 2, **changes}
    found = small(
        candidates=[alpha, beta], panel=[], references=[human], scenarios=("closed",), **options
    )
    assert sum(item.n_listed or 0 for item in found.readings) > 0
    return [item.false_share for item in found.readings if item.false_share is not None]


def test_few_of_the_listed_rows_are_false() -> None:
    found = false_shares(3, fdr=0.05, repeats=2)
    assert np.mean(found) <= 0.05 + 3 * np.std(found) / np.sqrt(4)


@pytest.mark.slow
@pytest.mark.parametrize("fdr", [0.05, 0.2])
def test_the_realised_rate_of_false_rows_is_at_most_the_rate_asked_for(fdr: float) -> None:
    """Sixteen sets of samples; corpora of one set share rows and count as one."""
    means = [np.mean(false_shares(100 + run, fdr=fdr, repeats=2)) for run in range(16)]
    assert np.mean(means) <= fdr + 3 * np.std(means) / np.sqrt(len(means))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_halves_share_no_component_and_are_even(seed: int) -> None:
    learnt = split(pool(), np.random.default_rng(seed))
    assert not {*pool().component[learnt]} & {*pool().component[~learnt]}
    for number in range(len(NAMES)):
        own = pool().source == number
        for label in np.unique(pool().sample.domain_hash):
            half = learnt[own & (pool().sample.domain_hash == label)]
            assert abs(half.sum() - len(half) / 2) <= 1


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    n_own=st.integers(0, 60),
    n_rest=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    n_unknown=st.integers(1, 30),
    asked=st.integers(20, 200),
    level=st.sampled_from([0.0, 0.01, 0.25, 0.5, 1.0]),
    unknown=st.sampled_from([0.0, 0.3]),
)
@example(0, 18, [1], 8, 25, 1.0, 0.3)
def test_a_corpus_has_its_share_and_no_row_twice(
    seed: int,
    n_own: int,
    n_rest: list[int],
    n_unknown: int,
    asked: int,
    level: float,
    unknown: float,
) -> None:
    level = min(level, 1 - unknown)
    sizes = np.cumsum([0, n_own, n_unknown, *n_rest])
    parts = [np.arange(a, b) for a, b in pairwise(sizes)]
    rng = np.random.default_rng(seed)
    found = draw(rng, parts[0], parts[2:], asked, level, parts[1], unknown)
    if found is None:
        assert level > 0 or unknown > 0
        return
    held = [int(np.isin(found.rows, part).sum()) for part in parts]
    assert len({*found.rows.tolist()}) == len(found.rows) <= asked
    assert found.truth == held[0] / len(found.rows)
    assert found.unknown == held[1] / len(found.rows)
    assert abs(found.truth - level) <= 1.01 / len(found.rows)


def test_no_row_of_a_corpus_is_learnt_from() -> None:
    plan = Plan(sizes=(40,), splits=2)
    jobs, notes = fits(pool(), sources(), plan)
    assert notes == []
    assert [(fit.scenario, fit.detail) for fit in jobs] == [
        ("closed", ""),
        ("closed", ""),
        ("other domain", "new"),
        ("other domain", "old"),
        ("unknown source", "beta"),
    ]
    for fit in jobs:
        assert not {*pool().component[fit.learnt]} & {*pool().component[fit.held]}
        held = hold_out(
            sources().fingerprints, pool(), fit.learnt, fit.held, 0, [fit.left_out or ""]
        )
        seen = {*held.panel.references.cluster_hash.tolist()}
        assert not seen & {*held.pool.sample.cluster_hash.tolist()}
        assert (fit.left_out or "") not in held.panel.names
        assert {item.n_documents for item in held.fingerprints} <= {30, 60}
        for one in drawn_corpora(held, "alpha", fit, plan):
            rows = one.corpus.rows
            corpus = held.corpus(rows, "words and shape").scored
            assert len(corpus) == held.tally(rows).n_documents == len(rows)
            assert not held.panel.overlap(corpus.cluster_hash).any()


def test_scores_of_stored_rows_are_those_of_the_documents() -> None:
    from provenance.features.features import extract

    half = split(pool(), rng_of(0))
    held = hold_out(sources().fingerprints, pool(), half, ~half, 0)
    written = texts("alpha", 120, seed=0)
    batch = extract(written, SPEC)
    scored = held.panel.score(batch)
    for view, ratios in held.log_posterior.items():
        place = np.flatnonzero(held.pool.source[held.pool.sample.document] == 0)
        for passage in place[:20].tolist():
            document = held.pool.sample.document[passage]
            twin = np.flatnonzero(batch.text_hash == held.pool.sample.text_hash[document])
            first = np.flatnonzero(batch.document == twin[0])[0]
            np.testing.assert_allclose(ratios[passage], scored[view][first], atol=1e-5)


def test_lengths_are_drawn_by_thirds() -> None:
    half = split(pool(), rng_of(1))
    held = hold_out(sources().fingerprints, pool(), half, ~half, 0)
    fit, plan = Fit("closed", 0, half, ~half), Plan(sizes=(40,), shares=(0.0,))
    found = {one.detail: one.corpus.rows for one in drawn_corpora(held, "alpha", fit, plan)}
    lengths = [
        held.pool.sample.n_tokens[found[name]]
        for name in ("shortest third", "middle third", "longest third")
    ]
    assert lengths[0].max() <= lengths[1].min()
    assert lengths[1].max() <= lengths[2].min()


def test_trusted_rows_are_no_part_of_a_corpus_and_share_nothing_with_it() -> None:
    plan = Plan(sizes=(40,), shares=(0.0, 0.5), scenarios=("other domain",), trusted=(0, 12))
    two = Pool.of([source("alpha"), source("human")])
    sources = Sources((source("alpha"), source("human")), ("candidate", "reference"))
    fit = fits(two, sources, plan)[0][0]
    held = hold_out(sources.fingerprints, two, fit.learnt, fit.held, 0)
    found = list(drawn_corpora(held, "alpha", fit, plan))
    assert [len(one.trusted) for one in found] == [0, 0, 12, 12]
    assert len({tuple(one.trusted) for one in found}) == 2
    for one in found:
        assert not {*held.pool.component[one.trusted]} & {*held.pool.component[one.corpus.rows]}
        assert (held.pool.source[one.trusted] == 1).all()
    alone = replace(plan, trusted=(0,))
    again = list(drawn_corpora(held, "alpha", fit, alone))
    assert [one.corpus.rows.tolist() for one in again] == [
        one.corpus.rows.tolist() for one in found[:2]
    ]


def test_every_scenario_is_read() -> None:
    found = validated()
    assert {item.scenario for item in found.readings} == {*SCENARIOS}
    assert found.notes == ()
    for item in found.readings:
        assert 0 <= item.low <= item.high <= 1
        assert item.withheld == (item.share is None)
        assert item.n <= item.asked == 40
        if item.n_listed is None or item.n_false is None:
            assert item.n_listed is item.n_false is item.false_share is None
        else:
            assert not item.withheld
            assert 0 <= item.n_false <= item.n_listed <= item.n
            assert item.n_listed - item.n_false <= round(item.truth * item.n)
        assert (item.detail == "beta") == (item.unknown > 0) == (item.scenario == "unknown source")
    assert [(item.name, item.role) for item in found.sources] == [*zip(NAMES, ROLES, strict=True)]


def test_the_order_of_the_sources_changes_nothing() -> None:
    given = {"shares": (0.3,), "scenarios": ("closed",)}
    as_panel = small(references=[], panel=[source("human"), source("beta")], **given)
    assert small(references=[], panel=[source("beta"), source("human")], **given).readings == (
        as_panel.readings
    )


def test_what_is_drawn_does_not_hang_on_what_else_is_drawn() -> None:
    [alone] = small(shares=(0.3,), scenarios=("closed",)).readings
    assert alone in validated().readings


def test_candidates_take_turns() -> None:
    found = small(
        candidates=[source("alpha"), source("beta")], panel=[], scenarios=("closed", "length")
    )
    assert {item.candidate for item in found.readings} == {"alpha", "beta"}


def test_what_cannot_be_tested_is_told() -> None:
    unlabelled = [
        fit_fingerprint(open_corpus(rows(texts(name, 60, seed=0))), name, SPEC)
        for name in ("alpha", "human")
    ]
    found = small(
        candidates=unlabelled[:1],
        references=unlabelled[1:],
        panel=[],
        scenarios=("other domain", "unknown source"),
    )
    assert found.readings == ()
    assert [note.split(" were")[0] for note in found.notes] == ["Other domains", "Unknown sources"]


def test_a_validation_is_written_and_read_back(tmp_path: Path) -> None:
    validated().save(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "validation.html",
        "validation.json",
        "validation.md",
    ]
    assert Validation.load(tmp_path / "out") == validated()
    values = orjson.loads((tmp_path / "out" / "validation.json").read_bytes())
    assert len(values["table"]) == len(validated().table())
    assert str(tmp_path) not in (tmp_path / "out" / "validation.json").read_text()


def test_an_older_file_tells_of_no_lists(tmp_path: Path) -> None:
    values = validated().to_dict()
    del values["options"]["fdr"], values["list_table"]
    for item in values["readings"]:
        del item["n_listed"], item["n_false"]
    (tmp_path / "validation.json").write_bytes(orjson.dumps(values))
    found = Validation.load(tmp_path)
    assert found.list_table() == () and found.table() == validated().table()
    assert "listed" not in markdown(found) and "realised FDR</th>" not in page(found)


def test_lists_are_shown_everywhere() -> None:
    lists = validated().list_table()
    assert {row.scenario for row in lists} <= {*SCENARIOS} and lists
    for shown in (markdown(validated()), page(validated())):
        assert "rows listed at a q-value of at most 0.05" in shown
    assert f"| {' | '.join(list_cells(lists[0]))} |" in markdown(validated())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ("[]", "no validation"),
        ('{"schema": "provenance-validation/1"}', "`name` is missing"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "validation.json"
    path.write_text(text)
    with pytest.raises(InputError, match=told) as caught:
        Validation.load(tmp_path)
    assert caught.value.where == str(path)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="output is a file"):
        validated().save(tmp_path / "out")


def test_what_is_shown_is_escaped_and_complete() -> None:
    named = replace(validated(), name="<b>\x1b[2J")
    shown = page(named)
    assert "<b>" not in shown and "\x1b" not in shown and shown == page(named)
    assert shown.count("<table>") == markdown(validated()).count("**") // 2
    assert len(figure(validated()).axes) == 2
    frame = validated().to_frame()
    assert len(frame) == len(validated().readings) and "low" in frame


def test_estimators_are_compared_on_all_corpora_in_a_row_each() -> None:
    theirs = {"estimator": "a peer"}
    found = [
        reading(0.3, 0.2, 0.4, **theirs),
        reading(0.05, 0.01, 0.1, truth=0.0, **theirs),
        reading(0.12, 0.05, 0.2),
        reading(None, 0.0, 1.0, truth=0.0),
    ]
    both = replace(validated(), readings=tuple(found))
    assert compared(both) == [
        ("provenance", "1/2", "2.00", "2.00", "1/1", "0", "0/1", "15.0"),
        ("a peer", "2/2", "12.50", "20.00", "0/2", "2", "1/1", "14.5"),
    ]
    assert markdown(both).startswith("**all corpora**") and "<h2>all corpora</h2>" in page(both)
    assert compared(validated()) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shares": (1.5,)}, "shares is"),
        ({"shares": ()}, "shares is"),
        ({"sizes": (5,)}, "sizes is"),
        ({"splits": 0}, "splits is 0"),
        ({"repeats": 0}, "repeats is 0"),
        ({"confidence_level": 1.0}, "confidence_level is"),
        ({"fdr": 1.1}, "fdr is 1.1"),
        ({"scenarios": ("weather",)}, "scenarios is"),
        ({"candidates": []}, "no candidate"),
        ({"references": [], "panel": []}, "nothing to tell the candidate from"),
        ({"peers": ("nobody",)}, "no peer 'nobody'"),
        ({"peers": ("classify and count",)}, "peers need the words"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        small(**changes)


def test_too_small_a_sample_is_refused() -> None:
    with pytest.raises(InputError, match="'human' has 39 documents") as caught:
        small(references=[source("human", 39)])
    assert "to draw corpora from" in str(caught.value)


def test_names_of_what_is_given(tmp_path: Path) -> None:
    assert named_path("gpt=a.jsonl") == ("gpt", "a.jsonl")
    assert named_path("https://host/a.jsonl?x=1") == ("a", "https://host/a.jsonl?x=1")
    assert named_path("folder/a.jsonl.gz") == ("a", "folder/a.jsonl.gz")
    assert is_fingerprint("a.fp") and is_fingerprint("*.fp") and not is_fingerprint("a.jsonl")
    assert not is_fingerprint(str(tmp_path))
    (tmp_path / "a.fp").touch()
    assert is_fingerprint(str(tmp_path))


@pytest.fixture(name="folder")
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in NAMES:
        found = rows(texts(name, 80, seed=0))
        (tmp_path / f"{name}.jsonl").write_bytes(
            b"".join(orjson.dumps(row) + b"\n" for row in found)
        )
        source(name).save(tmp_path / f"{name}.fp")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["validate", *args, "-o", "out"])
    return result.exit_code, result.stdout, result.stderr


FEW = ("--shares", "0,0.3", "--sizes", "40", "--splits", "1")


def test_the_command_on_fingerprints(folder: Path) -> None:
    sources = ("--candidate", "alpha.fp", "--reference", "human.fp", "--panel", "beta.fp")
    status, told, error = run(*sources, *FEW, "--seed", "0")
    assert (status, error) == (0, "")
    assert "rows listed at a q-value of at most 0.05" in told
    assert "closed" in told and "unknown source" in told and "out/validation.html" in told
    assert Validation.load("out").readings == validated().readings


def test_the_command_on_corpora_runs_peers_on_the_same_corpora(folder: Path) -> None:
    sources = ("--candidate", "alpha.jsonl", "--reference", "people=human.jsonl")
    status, told, error = run(
        *sources, *FEW, "--scenarios", "closed", "--peers", "classify and count"
    )
    assert (status, error) == (0, "")
    found = Validation.load("out")
    assert [item.name for item in found.sources] == ["alpha", "people"]
    ours, theirs = (
        [(item.level, item.truth, item.n) for item in found.readings if item.estimator == name]
        for name in ("provenance", "classify and count")
    )
    assert ours == theirs and len(ours) == 2
    assert "closed: classify and count" in told


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "neither --candidate nor --suite"),
        (("--suite", "arxiv"), "--suite and --data go together"),
        (("--suite", "x", "--data", "."), "no suite 'x'"),
        (("--candidate", "alpha.fp"), "nothing to tell the candidate from"),
        (("--candidate", "nobody.fp", "--reference", "human.fp"), "no such file"),
        (("--candidate", "alpha.fp", "--reference", "human.fp", "--sizes", "x"), "--sizes x"),
        (("--candidate", "alpha.fp", "--reference", "human.jsonl", "--limit", "30"), "30 doc"),
    ],
)
def test_what_the_command_refuses(args: tuple[str, ...], told: str, folder: Path) -> None:
    status, shown, error = run(*args)
    assert (status, shown) == (2, "")
    assert told in error and error.count("\n") == 1
    assert not Path("out").exists()
