"""Suites on made data of the shape of theirs; real data is not part of the project."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from known_text import rows, texts

from provenance.share import estimate
from provenance.share.other_domain.shift import ShiftedShare, shifted_share
from provenance.validation.bench import suites_of_domains
from provenance.validation.bench.known_shares import run_suite
from provenance.validation.page import markdown


def write_rows(path: Path, found: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = b"".join(orjson.dumps(row) + b"\n" for row in rows(found))
    path.write_bytes(gzip.compress(lines))


@pytest.fixture(name="detectrl")
def detectrl_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One model and people; their three domains differ by the words' rates."""
    monkeypatch.setattr(suites_of_domains, "DETECTRL_MODELS", ("alpha",))
    for seed, domain in enumerate(suites_of_domains.DOMAINS):
        folder = tmp_path / "detectrl"
        write_rows(folder / f"human_{domain}.jsonl.gz", of_domain(domain, "human", 90, seed))
        answers = folder / domain / "direct_prompt" / "alpha.jsonl.gz"
        write_rows(answers, of_domain(domain, "alpha", 60, seed))
    return tmp_path


def of_domain(domain: str, name: str, count: int, seed: int) -> list[str]:
    """Texts half of whose words come at the source's rates and half at the domain's."""
    own, common = texts(name, count, seed), texts(domain, count, seed + len(name), tilt=1.5)
    return [f"{first} {second}" for first, second in zip(own, common, strict=True)]


@pytest.fixture(name="told")
def shifts_told(monkeypatch: pytest.MonkeyPatch) -> list[ShiftedShare | None]:
    """Every share under shift that is estimated."""
    told: list[ShiftedShare | None] = []

    def noted(*args: Any, **options: Any) -> ShiftedShare | None:
        told.append(shifted_share(*args, **options))
        return told[-1]

    monkeypatch.setattr(estimate, "shifted_share", noted)
    return told


@pytest.fixture(name="arxiv")
def arxiv_folder(tmp_path: Path) -> Path:
    """Two fields whose sentences are lists of words, as those of Liang et al. are."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for seed, name in enumerate(suites_of_domains.FIELDS):
        folder = tmp_path / "arxiv_mixtures" / name
        folder.mkdir(parents=True)
        ai, human, more = (
            [text.lower().split() for text in texts(kind, 120, seed + place)]
            for kind, place in (("alpha", 0), ("human", 0), ("human", 10))
        )
        parts = {"ai": ai[:80], "human": human, "inference": ai[80:] + more}
        stems = ("ai_data", "human_data", "ground_truth_alpha_0.25")
        for (kind, found), stem in zip(parts.items(), stems, strict=True):
            table = pa.table({f"{kind}_sentence": found})
            pq.write_table(table, folder / f"{stem}.parquet")
    return tmp_path


@pytest.mark.slow
def test_a_corpus_of_another_domain_is_read_by_two_labelled_ones(
    detectrl: Path, told: list[ShiftedShare | None]
) -> None:
    changes = {"sizes": (60,), "shares": (0.0, 0.25)}
    found = run_suite("detectrl_other_domain", detectrl, detectrl / "cache", changes)
    assert {item.detail for item in found.readings} == {*suites_of_domains.DOMAINS}
    assert len(found.readings) == 6
    assert {item.trusted for item in found.readings} == {0}
    assert {(one.n_domains, one.n_trusted) for one in told if one} == {(2, 0.0)}


@pytest.mark.slow
def test_trusted_rows_have_a_table_of_their_own(
    detectrl: Path, told: list[ShiftedShare | None]
) -> None:
    changes = {"sizes": (40,), "shares": (0.0,), "trusted": (30, 45)}
    found = run_suite("detectrl_trusted_rows", detectrl, detectrl / "cache", changes)
    assert sorted(item.trusted for item in found.readings) == [30] * 3 + [45] * 3
    shown = markdown(found)
    assert "**other domain, 30 trusted rows**" in shown
    assert any(one and one.n_trusted > 1 for one in told)
    assert shown.index("30 trusted") < shown.index("45 trusted")


@pytest.mark.slow
def test_the_other_field_is_read_alone_and_with_trusted_sentences(arxiv: Path) -> None:
    changes = {"trusted": (0, 40)}
    found = run_suite("arxiv_other_field", arxiv, arxiv / "cache", changes)
    assert [(item.candidate, item.trusted, item.n) for item in found.readings] == [
        (name, count, 160) for name in suites_of_domains.FIELDS for count in (0, 40)
    ]
    assert {(item.truth, item.scenario) for item in found.readings} == {(0.25, "other field")}
    assert len(found.sources) == 4


def test_a_share_that_is_not_asked_for_is_not_read(arxiv: Path) -> None:
    assert run_suite("arxiv", arxiv, arxiv / "cache", {"shares": (0.1,)}).readings == ()


@pytest.mark.slow
def test_every_model_is_read_beside_every_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each ordered pair of models twice, without the candidate and with a fifth of it."""
    models = ("alpha", "beta", "gamma", "delta")
    monkeypatch.setattr(suites_of_domains, "DETECTRL_MODELS", models)
    monkeypatch.setattr(suites_of_domains, "DOMAINS", ("xsum",))
    monkeypatch.setattr(suites_of_domains, "permutations", lambda *_: [("xsum", "yelp")])
    folder = tmp_path / "detectrl"
    for domain in ("xsum", "yelp"):
        write_rows(folder / f"human_{domain}.jsonl.gz", of_domain(domain, "human", 120, 0))
    for seed, model in enumerate(models):
        answers = folder / "xsum" / "direct_prompt" / f"{model}.jsonl.gz"
        write_rows(answers, of_domain("xsum", model, 60, seed))
    everything = run_suite("innocents", tmp_path, tmp_path / "cache", {"sizes": (80,)}).readings
    elsewhere = "people of another domain"
    beside_people = [one for one in everything if one.scenario.startswith(elsewhere)]
    assert sorted((one.candidate, one.level) for one in beside_people) == sorted(
        (model, share) for model in models for share in (0.0, 0.2)
    )
    assert all(one.truth == pytest.approx(one.level, abs=0.02) for one in beside_people)
    found = [one for one in everything if not one.scenario.startswith(elsewhere)]
    for share in (0.0, 0.2):
        read = [one for one in found if one.level == share and "together" not in one.scenario]
        assert sorted((one.candidate, one.detail) for one in read) == sorted(
            (model, f"xsum, {other}") for model in models for other in models if other != model
        )
        assert all(one.truth == pytest.approx(share, abs=0.01) for one in read)
        assert all(one.low == 0 for one in read)
    assert all(one.unknown == 0.2 for one in found)
    together = [one for one in found if "together" in one.scenario]
    assert len(together) == len(found) / 2
    assert all(one.truth == pytest.approx(one.level + 0.2, abs=0.02) for one in together)
