"""Suites of known share of a model among people: the samples' own domain, and others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Final

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.matching import match
from provenance.validation.bench.data import Bench, sources_of
from provenance.validation.held_out import Drawn, Pool, draw, rng_of, split
from provenance.validation.plan import Fit, Plan
from provenance.validation.protocol import Session, used_sources
from provenance.validation.readings import Reading

__all__ = [
    "ARXIV_SHARES",
    "arxiv",
    "arxiv_other_field",
    "detectrl",
    "detectrl_other_domain",
    "innocents",
]

DOMAINS: Final = ("writing", "xsum", "yelp")
DETECTRL_MODELS: Final = ("ChatGPT", "Claude-instant", "Google-PaLM", "Llama-2-70b")
FIELDS: Final = ("CS", "Phys")
ARXIV_SHARES: Final = tuple(number / 40 for number in range(11))
_FOLDER: Final = Path("arxiv_mixtures")
_BEFORE, _TODAY = "2020-01-01", "2024-01-01"


def arxiv(bench: Bench) -> Iterator[Reading]:
    """The sentence mixtures of Liang et al. 2024, fitted on their own training sentences."""
    for name in FIELDS:
        fitted = _field(bench, name)
        paths = _mixtures(bench, name)
        for done, path in enumerate(paths):
            bench.tell(f"{name}, {path.stem}", done, len(paths))
            yield _matched(bench, "arxiv", name, fitted, path)
        if bench.plan.peers:
            yield from _arxiv_peers(bench, name, fitted, paths)


def arxiv_other_field(bench: Bench) -> Iterator[Reading]:
    """The same corpora by samples of the other field, alone and with trusted human sentences."""
    for name, other in zip(FIELDS, reversed(FIELDS), strict=True):
        fitted = _field(bench, other)
        people = _sentences(bench.data / _FOLDER / name / "human_data.parquet", "human")
        order = rng_of(bench.plan.seed, "trusted", name).permutation(len(people)).tolist()
        paths = _mixtures(bench, name)
        for done, path in enumerate(paths):
            bench.tell(f"{name} by {other}, {path.stem}", done, len(paths))
            for count in bench.plan.trusted:
                trusted = [people[place] for place in order[:count]]
                yield _matched(bench, "other field", name, fitted, path, trusted)


def _field(bench: Bench, name: str) -> tuple[Fingerprint, Fingerprint]:
    """Samples of one field: sentences by the model, sentences by people."""
    ai, human = (
        bench.fingerprint(
            kind,
            {"": _FOLDER / name / f"{kind}_data.parquet"},
            text_field=f"{kind}_sentence",
        )
        for kind in ("ai", "human")
    )
    bench.used += used_sources(sources_of([ai], [human], "reference"))
    return ai, human


def _mixtures(bench: Bench, name: str) -> list[Path]:
    """The corpora of a field whose share is in the plan."""
    paths = (bench.data / _FOLDER / name).glob("ground_truth_alpha_*.parquet")
    return sorted(path for path in paths if _truth(path) in bench.plan.shares)


def _arxiv_peers(
    bench: Bench, name: str, fitted: tuple[Fingerprint, Fingerprint], paths: Sequence[Path]
) -> Iterator[Reading]:
    from provenance.validation.peers.peer_rows import PeerBench

    bench.tell(f"{name}, peers", 0, 1)
    plan = bench.plan
    learnt = Pool.of(fitted)
    peers = PeerBench.of(plan.peers, bench.texts, learnt, plan.seed, plan.confidence_level)
    corpora = {path: _sentences(path, "inference") for path in paths}
    for path, found in zip(corpora, peers.read("ai", corpora.values()), strict=True):
        truth, n = _truth(path), len(corpora[path])
        for told in found:
            yield Reading(
                scenario="arxiv",
                candidate=name,
                estimator=told.peer,
                asked=n,
                n=n,
                level=truth,
                truth=truth,
                share=told.share,
                low=told.low,
                high=told.high,
            )


def _sentences(path: Path, kind: str) -> list[str]:
    return [item.text for item in open_corpus(path, text_field=f"{kind}_sentence")]


def _truth(path: Path) -> float:
    return float(path.stem.rsplit("_", 1)[1])


def _matched(
    bench: Bench,
    scenario: str,
    name: str,
    fitted: tuple[Fingerprint, Fingerprint],
    path: Path,
    trusted: Sequence[str] = (),
) -> Reading:
    candidate, reference = fitted
    rows = [{"text": text, "date": _BEFORE} for text in trusted]
    rows += [{"text": text, "date": _TODAY} for text in _sentences(path, "inference")]
    report = match(
        open_corpus(rows, date_field="date"),
        candidates=[candidate],
        references=[reference],
        reference_before=date.fromisoformat(_TODAY) if trusted else None,
        confidence_level=bench.plan.confidence_level,
        same_domain=bench.plan.same_domain,
        only=True,
        seed=bench.plan.seed,
        cache_dir=bench.cache,
    )
    told, n, truth = report.candidates()[0], len(rows) - len(trusted), _truth(path)
    return Reading(
        scenario=scenario,
        candidate=name,
        asked=n,
        n=n,
        level=truth,
        truth=truth,
        trusted=len(trusted),
        share=told.share,
        low=told.low,
        high=told.high,
        withheld=told.share is None,
        smallest_detectable_share=report.power[0].smallest_detectable_share,
    )


def detectrl(bench: Bench) -> Iterator[Reading]:
    """One model against human text of its domain."""
    for model in DETECTRL_MODELS:
        for domain in DOMAINS:
            candidate, people = _detectrl(bench, model, [domain], labelled=False)
            for one in bench.run(sources_of([candidate], [people], "reference")):
                yield replace(one, detail=domain)


def detectrl_other_domain(bench: Bench) -> Iterator[Reading]:
    """The same, but samples of two labelled domains and the corpus of the third."""
    for model in DETECTRL_MODELS:
        candidate, people = _detectrl(bench, model, DOMAINS, labelled=True)
        yield from bench.run(sources_of([candidate], [people], "reference"))


def innocents(bench: Bench) -> Iterator[Reading]:
    """People's text with a fifth by a model that nobody gave, each other model the candidate.

    The candidate stands beside people and the two other models. No name is told there: the second
    table is of what is, text like a language model's. In half of the corpora the candidate has a
    share too. In the third table the stranger is people of another domain, beside all models.
    """
    for domain in DOMAINS:
        pairs = [_detectrl(bench, model, [domain], labelled=False) for model in DETECTRL_MODELS]
        sources = sources_of([model for model, _ in pairs], [pairs[0][1]], "reference")
        pool = Pool.of(sources.fingerprints)
        bench.used += used_sources(sources)
        for number in range(bench.plan.splits):
            half = split(pool, rng_of(bench.plan.seed, domain, number))
            fit = Fit("innocents", number, half, ~half, domain)
            for hidden in DETECTRL_MODELS:
                bench.tell(f"{domain}, without {hidden}", number, bench.plan.splits)
                session = Session.of(sources, pool, fit, bench.plan, bench.texts, [hidden])
                for model in DETECTRL_MODELS:
                    if model != hidden:
                        drawn = _with_stranger(session, model, hidden, bench.plan)
                        yield from session.readings(model, drawn)
                        yield from session.readings_of_models(model, drawn)
    yield from _beside_other_people(bench)


def _beside_other_people(bench: Bench) -> Iterator[Reading]:
    """People's text of two domains, samples of one of them, and all four models of that one."""
    for domain, other in permutations(DOMAINS, 2):
        pairs = [_detectrl(bench, model, [domain], labelled=False) for model in DETECTRL_MODELS]
        elsewhere = f"people of {other}"
        people = Path("detectrl") / f"human_{other}.jsonl.gz"
        strangers = bench.fingerprint(elsewhere, {"": people})
        sources = sources_of([model for model, _ in pairs], [pairs[0][1], strangers], "reference")
        pool = Pool.of(sources.fingerprints)
        bench.tell(f"{domain}, beside people of {other}", 0, 1)
        half = split(pool, rng_of(bench.plan.seed, domain, other))
        fit = Fit("people of another domain", 0, half, ~half, domain)
        session = Session.of(sources, pool, fit, bench.plan, bench.texts, [elsewhere])
        for model in DETECTRL_MODELS:
            drawn = _with_stranger(session, model, elsewhere, bench.plan)
            yield from session.readings_of_models(model, drawn)


_STRANGERS_PART: Final = 0.2


def _with_stranger(session: Session, model: str, hidden: str, plan: Plan) -> list[Drawn]:
    """People's text with a stranger's, in shares of a model."""
    held = session.held.pool
    own, strange, people = (held.rows_of(name) for name in (model, hidden, "human"))
    found = []
    for level in plan.shares:
        for asked in plan.sizes:
            rng = rng_of(plan.seed, session.fit.split, session.fit.detail, model, hidden, level)
            corpus = draw(rng, own, [people], asked, level, strange, _STRANGERS_PART)
            if corpus is not None:
                detail = f"{session.fit.detail}, {hidden}"
                found.append(
                    Drawn(session.fit.scenario, detail, asked, level, _STRANGERS_PART, corpus)
                )
    return found


def _detectrl(
    bench: Bench, model: str, domains: Sequence[str], labelled: bool
) -> tuple[Fingerprint, Fingerprint]:
    folder = Path("detectrl")
    answers = {
        domain * labelled: folder / domain / "direct_prompt" / f"{model}.jsonl.gz"
        for domain in domains
    }
    people = {domain * labelled: folder / f"human_{domain}.jsonl.gz" for domain in domains}
    return bench.fingerprint(model, answers), bench.fingerprint("human", people)
