"""Suites of known share on real data: each makes one table of the README.

``provenance validate --suite NAME --data FOLDER -o OUTDIR`` runs one. Samples and corpora never
share a prompt or a text; no document stands in a corpus twice, so that its size is the smaller of
what was asked and what there is. The data is not part of the project.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance import __version__
from provenance._record import plain
from provenance.corpus import Corpus as OpenCorpus
from provenance.corpus import Document, open_corpus
from provenance.errors import InputError
from provenance.estimate import Sources
from provenance.fingerprint import Fingerprint
from provenance.matching import match
from provenance.measuring import fit_fingerprint
from provenance.spec import FeatureSpec
from provenance.validation.held_out import Corpus, Drawn, Pool, rng_of, split
from provenance.validation.plan import Fit, Plan
from provenance.validation.protocol import (
    Progress,
    Session,
    run,
    used_sources,
)
from provenance.validation.readings import Reading, UsedSource, Validation

__all__ = ["SUITES", "Bench", "Suite", "run_suite"]

DOMAINS: Final = ("writing", "xsum", "yelp")
DETECTRL_MODELS: Final = ("ChatGPT", "Claude-instant", "Google-PaLM", "Llama-2-70b")
FIELDS: Final = ("CS", "Phys")
PANEL_SIZE: Final = 24


@dataclass(slots=True)
class Bench:
    """What a suite works with: data, plan, fingerprints that are made once.

    Parameters
    ----------
    data : Path
        Folder of the data.
    cache : Path
        Folder where fingerprints are kept.
    plan : Plan
    progress : callable, optional
    used : list of UsedSource
        Every source that was used.
    texts : dict of int to str
        Texts by their hash; only where peers are asked for.
    """

    data: Path
    cache: Path
    plan: Plan
    progress: Progress | None = None
    used: list[UsedSource] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)

    def tell(self, what: str, done: int, total: int) -> None:
        """Tell the progress, where somebody looks."""
        if self.progress is not None:
            self.progress(what, done, total)

    def fingerprint(self, name: str, parts: Mapping[str, Path], **options: Any) -> Fingerprint:
        """The fingerprint of some files, from the cache where it was made before.

        Parameters
        ----------
        name : str
        parts : mapping of str to Path
            Files by their domain; an empty domain labels nothing.
        **options
            Of `open_corpus`.
        """
        hashes = {domain: _sha256(self.data / path) for domain, path in parts.items()}
        key = json.dumps([__version__, asdict(FeatureSpec()), name, hashes, options])
        self._keep_texts(parts, options)
        place = self.cache / f"{hashlib.sha256(key.encode()).hexdigest()}.fp"
        if place.is_file():
            return Fingerprint.load(place)
        self.tell(f"measuring {name}", 0, 1)
        made = fit_fingerprint(self._corpus(parts, options), name)
        self.cache.mkdir(parents=True, exist_ok=True)
        made.save(place)
        return made

    def _keep_texts(self, parts: Mapping[str, Path], options: Mapping[str, Any]) -> None:
        if self.plan.peers:
            from provenance.validation.peer_rows import texts_by_hash

            self.texts |= texts_by_hash(self._corpus(parts, options), FeatureSpec())

    def _corpus(self, parts: Mapping[str, Path], options: Mapping[str, Any]) -> OpenCorpus:
        labelled = any(parts) or "domain_field" in options
        rows = self._rows(parts, options)
        return open_corpus(rows, domain_field="domain" if labelled else None)

    def _rows(
        self, parts: Mapping[str, Path], options: Mapping[str, Any]
    ) -> Iterator[dict[str, str]]:
        for domain, path in parts.items():
            for document in open_corpus(self.data / path, **options):
                yield _row(document, document.domain or domain)

    def run(self, sources: Sources) -> list[Reading]:
        """All readings of the plan on some sources."""
        self.used += used_sources(sources)
        return run(sources, self.plan, texts=self.texts, progress=self.progress)[0]


def _row(document: Document, domain: str) -> dict[str, str]:
    labels = {"prompt": document.prompt, "domain": domain}
    return {"text": document.text, **{key: value for key, value in labels.items() if value}}


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), remedy="Name the --data folder")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sources(
    candidates: Sequence[Fingerprint], others: Sequence[Fingerprint], role: str
) -> Sources:
    given = [("candidate", item) for item in candidates] + [(role, item) for item in others]
    given.sort(key=lambda pair: pair[1].name)
    return Sources(tuple(item for _, item in given), tuple(role for role, _ in given))


def arxiv(bench: Bench) -> Iterator[Reading]:
    """The sentence mixtures of Liang et al. 2024, fitted on their own training sentences."""
    for name in FIELDS:
        folder = Path("arxiv_mixtures") / name
        ai, human = (
            bench.fingerprint(
                kind, {"": folder / f"{kind}_data.parquet"}, text_field=f"{kind}_sentence"
            )
            for kind in ("ai", "human")
        )
        sources = _sources([ai], [human], "reference")
        bench.used += used_sources(sources)
        paths = sorted((bench.data / folder).glob("ground_truth_alpha_*.parquet"))
        for done, path in enumerate(paths):
            bench.tell(f"{name}, {path.stem}", done, len(paths))
            yield _matched(bench, name, ai, human, path)
        if bench.plan.peers:
            yield from _arxiv_peers(bench, name, sources, paths)


def _arxiv_peers(
    bench: Bench, name: str, sources: Sources, paths: Sequence[Path]
) -> Iterator[Reading]:
    from provenance.validation.peer_rows import PeerBench

    bench.tell(f"{name}, peers", 0, 1)
    peers = PeerBench.of(bench.plan.peers, bench.texts, Pool.of(sources.fingerprints), 0)
    corpora = {path: _sentences(path) for path in paths}
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


def _sentences(path: Path) -> list[str]:
    return [item.text for item in open_corpus(path, text_field="inference_sentence")]


def _truth(path: Path) -> float:
    return float(path.stem.rsplit("_", 1)[1])


def _matched(bench: Bench, name: str, ai: Fingerprint, human: Fingerprint, path: Path) -> Reading:
    report = match(
        open_corpus(path, text_field="inference_sentence"),
        candidates=[ai],
        references=[human],
        confidence_level=bench.plan.confidence_level,
        same_domain=bench.plan.same_domain,
        seed=bench.plan.seed,
        cache_dir=bench.cache,
    )
    told, n = report.candidates()[0], report.corpus.n_documents
    truth = _truth(path)
    return Reading(
        scenario="arxiv",
        candidate=name,
        asked=n,
        n=n,
        level=truth,
        truth=truth,
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
            for one in bench.run(_sources([candidate], [people], "reference")):
                yield replace(one, detail=domain)


def detectrl_other_domain(bench: Bench) -> Iterator[Reading]:
    """The same, but samples of two domains and the corpus of the third."""
    for model in DETECTRL_MODELS:
        candidate, people = _detectrl(bench, model, DOMAINS, labelled=True)
        yield from bench.run(_sources([candidate], [people], "reference"))


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


def alpaca_eval(bench: Bench) -> Iterator[Reading]:
    """Every second of the 48 models, each the candidate among the others; prompts are halved."""
    yield from bench.run(_sources(_answers(bench, _models(bench)[::2]), [], "panel"))


def _models(bench: Bench) -> list[str]:
    names = [path.name for path in (bench.data / "alpaca_eval").glob("*.jsonl.gz")]
    if len(names) < PANEL_SIZE:
        where = str(bench.data / "alpaca_eval")
        raise InputError(f"it holds {len(names)} models", where=where, expected="the 48 models")
    return sorted(name.removesuffix(".jsonl.gz") for name in names)


def _answers(bench: Bench, names: Sequence[str], **options: Any) -> list[Fingerprint]:
    folder = Path("alpaca_eval")
    return [bench.fingerprint(name, {"": folder / f"{name}.jsonl.gz"}, **options) for name in names]


def alpaca_eval_unknown(bench: Bench) -> Iterator[Reading]:
    """A panel of 24 drawn models; a model outside it writes 30, 70 or all of the corpus.

    Each split draws its own panel, and for each candidate one model from outside.
    """
    models, plan = _models(bench), bench.plan
    everything = _answers(bench, models)
    sources = _sources(everything, [], "panel")
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
    yield from bench.run(_sources(answers, [], "panel"))
    elsewhere = {
        "arena_hard": ("gpt4_0613", Path("arena_hard") / "gpt-4-0613.jsonl.gz"),
        "alpaca52k_en": ("text_davinci_003", _first(bench.data, "alpaca52k_en")),
    }
    extra = {name: bench.fingerprint(name, {"": path}) for name, (_, path) in elsewhere.items()}
    sources = _sources(answers, list(extra.values()), "panel")
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


def _whole(own: NDArray[np.int64], name: str, asked: int, seed: int) -> Corpus:
    """A corpus that the candidate wrote alone."""
    rows = np.sort(rng_of(seed, name, asked).permutation(own)[:asked])
    return Corpus(rows, np.ones(len(rows), bool), 0.0)


def _first(data: Path, folder: str) -> Path:
    found = sorted((data / folder).glob("*.jsonl.gz"))
    if not found:
        raise InputError("it holds no .jsonl.gz", where=str(data / folder))
    return found[0].relative_to(data)


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite: what it runs, and the plan that it follows unless told otherwise."""

    readings: Callable[[Bench], Iterator[Reading]]
    plan: Plan


_DETECTRL: Final = Plan(shares=(0.0, 0.01, 0.05, 0.2, 0.5, 1.0), sizes=(500, 2000))

SUITES: Final[Mapping[str, Suite]] = {
    "arxiv": Suite(arxiv, Plan(scenarios=(), splits=1)),
    "alpaca_eval": Suite(alpaca_eval, Plan(sizes=(500, 1500), splits=5, scenarios=("closed",))),
    "alpaca_eval_unknown": Suite(
        alpaca_eval_unknown, Plan(sizes=(1500,), splits=5, scenarios=("unknown source",))
    ),
    "detectrl": Suite(detectrl, replace(_DETECTRL, scenarios=("closed",))),
    "detectrl_other_domain": Suite(
        detectrl_other_domain, replace(_DETECTRL, scenarios=("other domain",))
    ),
    "other_prompts": Suite(
        other_prompts,
        Plan(shares=(0.0, 0.1, 0.5), sizes=(500, 2000), scenarios=("other domain",)),
    ),
}


def run_suite(
    name: str,
    data: Path,
    cache: Path,
    changes: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Run one suite.

    Parameters
    ----------
    name : str
        One of `SUITES`.
    data, cache : Path
        Folder of the data, and where fingerprints are kept.
    changes : mapping of str to value, optional
        Fields of the suite's plan that differ.
    progress : callable, optional

    Raises
    ------
    InputError
        Where the suite is unknown or its data is not there.
    """
    if name not in SUITES:
        raise InputError(f"there is no suite {name!r}", expected=f"one of {', '.join(SUITES)}")
    clock = time.monotonic()
    plan = SUITES[name].plan.changed(changes or {})
    bench = Bench(data, cache, plan, progress)
    readings = tuple(SUITES[name].readings(bench))
    return Validation(
        name=name,
        readings=readings,
        confidence_level=plan.confidence_level,
        version=__version__,
        seed=plan.seed,
        options=plain(plan),
        spec=plain(FeatureSpec()),
        sources=tuple(dict.fromkeys(bench.used)),
        seconds=round(time.monotonic() - clock, 1),
    )
