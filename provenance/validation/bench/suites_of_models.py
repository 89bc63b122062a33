"""Suites of known share among chat models: text of one API, and that of others like it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.validation.bench.data import Bench, sources_of
from provenance.validation.bench.files import ENDING, source_files
from provenance.validation.drawing import drawn_corpora
from provenance.validation.held_out import Drawn, DrawnCorpus, Pool, rng_of, split
from provenance.validation.plan import Fit
from provenance.validation.protocol import Session, used_sources
from provenance.validation.readings import Reading

__all__ = [
    "alpaca_eval",
    "alpaca_eval_unknown",
    "asked_prompts",
    "collections",
    "other_prompts",
]

PANEL_SIZE: Final = 24


def alpaca_eval(bench: Bench) -> Iterator[Reading]:
    """Every second of the 48 models, each the candidate among the others; prompts are halved."""
    yield from bench.run(sources_of(_answers(bench, _models(bench)[::2]), [], "panel"))


def _models(bench: Bench) -> list[str]:
    names = sorted(source_files(bench.data / "alpaca_eval"))
    if len(names) < PANEL_SIZE:
        where = str(bench.data / "alpaca_eval")
        raise InputError(f"it holds {len(names)} models", where=where, expected="the 48 models")
    return names


def _answers(bench: Bench, names: Sequence[str], **options: Any) -> list[Fingerprint]:
    folder = Path("alpaca_eval")
    return [bench.fingerprint(name, {"": folder / f"{name}.jsonl.gz"}, **options) for name in names]


def alpaca_eval_unknown(bench: Bench) -> Iterator[Reading]:
    """A panel of 24 drawn models; a model outside it writes 30, 70 or all of the corpus.

    Each split draws its own panel, and for each candidate one model from outside.
    """
    models, plan = _models(bench), bench.plan
    everything = _answers(bench, models)
    sources = sources_of(everything, [], "panel")
    pool = Pool.of(sources.fingerprints)
    bench.used += used_sources(sources)
    for number in range(plan.splits):
        bench.tell(f"panel {number + 1}", number, plan.splits)
        rng = rng_of(plan.seed, "panel", number)
        drawn = rng.permutation(sources.names).tolist()
        inside, outside = sorted(drawn[:PANEL_SIZE]), sorted(drawn[PANEL_SIZE:])
        half = split(pool, rng)
        pairs = {candidate: str(rng.choice(outside)) for candidate in inside}
        first = Fit("unknown source", number, half, ~half)
        session = Session.of(sources, pool, first, plan, bench.texts, outside)
        for candidate, stranger in pairs.items():
            fit = replace(first, detail=stranger, left_out=stranger)
            yield from replace(session, fit=fit).readings(candidate)


def other_prompts(bench: Bench) -> Iterator[Reading]:
    """The same APIs on other prompts: each of five prompt sets left out, then other sets whole."""
    models = _models(bench)[::2]
    answers = _answers(bench, models, domain_field="dataset")
    yield from bench.run(sources_of(answers, [], "panel"))
    elsewhere = {
        "arena_hard": ("gpt4_0613", Path("arena_hard") / "gpt-4-0613.jsonl.gz"),
        "alpaca52k_en": ("text_davinci_003", _first(bench.data, "alpaca52k_en")),
    }
    extra = {name: bench.fingerprint(name, {"": path}) for name, (_, path) in elsewhere.items()}
    sources = sources_of(answers, list(extra.values()), "panel")
    pool = Pool.of(sources.fingerprints)
    away = np.isin(pool.source, [sources.names.index(name) for name in extra])
    learnt = ~pool.touched(away)
    bench.used += [
        replace(item, role="other set") for item in used_sources(sources) if item.name in extra
    ]
    bench.tell("other sets", 0, 1)
    fit = Fit("whole other set", 0, learnt, away)
    session = Session.of(sources, pool, fit, bench.plan, bench.texts, list(extra))
    for name, (candidate, _) in elsewhere.items():
        own = session.held.pool.rows_of(name)
        drawn = [
            Drawn(fit.scenario, name, asked, 1.0, 0.0, _whole(own, name, asked, bench.plan.seed))
            for asked in sorted(bench.plan.sizes)
            if asked == min(bench.plan.sizes) or asked <= len(own)
        ]
        yield from session.readings(candidate, drawn)


def asked_prompts(bench: Bench) -> Iterator[Reading]:
    """Corpora on the prompts of one set each; every model was asked the half that is not read.

    Its answers are the sample alone, then together with its answers to all other sets.
    """
    plan = bench.plan
    sources = sources_of(_answers(bench, _models(bench)[::2], domain_field="dataset"), [], "panel")
    pool = Pool.of(sources.fingerprints)
    bench.used += used_sources(sources)
    sets = np.unique(pool.sample.domain_hash)
    for number in range(plan.splits):
        half = split(pool, rng_of(plan.seed, "asked", number))
        for place, label in enumerate(sets.tolist()):
            bench.tell(
                f"prompt set {place + 1}", number * len(sets) + place, plan.splits * len(sets)
            )
            own = pool.sample.domain_hash == label
            held = own & ~half
            elsewhere = ~own & ~pool.touched(held)
            samples = {"asked": own & half, "asked, beside other prompts": own & half | elsewhere}
            for scenario, learnt in samples.items():
                asked = np.unique(pool.sample.prompt_hash[own & half])
                fit = Fit("closed", number, learnt, held, f"set {place + 1}", prompts=asked)
                session = Session.of(sources, pool, fit, plan, bench.texts)
                for name in sources.names:
                    drawn = drawn_corpora(session.held, name, fit, plan)
                    yield from session.readings(
                        name, [replace(one, scenario=scenario) for one in drawn]
                    )


@dataclass(frozen=True, slots=True)
class _Divided:
    """A folder of sources, of which every so manieth is used; its prompts are divided in parts."""

    folder: str
    step: int = 1
    n_parts: int = 2
    people: str | None = None


_COLLECTIONS: Final = (
    _Divided("slop_score"),
    _Divided("eqbench_cw", n_parts=3),
    _Divided("zeroeval_mathl5", step=2),
    _Divided("logickor_ko"),
    _Divided("gaokao_zh", people="human_analysis"),
    _Divided("code_classeval"),
)
"""Stories and essays, stories, mathematics, Korean, Chinese, Python. Of the 32 prompts of the
second a half is too few to learn from."""


def collections(bench: Bench) -> Iterator[Reading]:
    """Models of other years, languages and kinds of text, each the candidate among its fellows."""
    plan = bench.plan
    for place, one in enumerate(_COLLECTIONS):
        bench.tell(one.folder, place, len(_COLLECTIONS))
        folder = Path("more") / one.folder
        names = sorted(source_files(bench.data / folder))[:: one.step]
        made = [bench.fingerprint(name, {"": folder / f"{name}.jsonl.gz"}) for name in names]
        models = [item for item in made if item.name != one.people]
        people = [item for item in made if item.name == one.people]
        sources = sources_of(models, people, "reference" if people else "panel")
        pool = Pool.of(sources.fingerprints)
        bench.used += used_sources(sources)
        for number in range(plan.splits):
            learnt = split(pool, rng_of(plan.seed, one.folder, number), one.n_parts)
            fit = Fit("closed", number, learnt, ~learnt, one.folder)
            session = Session.of(sources, pool, fit, plan, bench.texts)
            for item in models:
                drawn = drawn_corpora(session.held, item.name, fit, plan)
                yield from session.readings(
                    item.name, [replace(corpus, scenario=one.folder) for corpus in drawn]
                )


def _whole(own: NDArray[np.int64], name: str, asked: int, seed: int) -> DrawnCorpus:
    """A corpus that the candidate wrote alone."""
    rows = np.sort(rng_of(seed, name, asked).permutation(own)[:asked])
    return DrawnCorpus(rows, np.ones(len(rows), bool), 0.0)


def _first(data: Path, folder: str) -> Path:
    return Path(folder) / f"{min(source_files(data / folder))}{ENDING}"
