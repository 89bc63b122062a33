"""What tells a candidate from a near sibling that nobody gave, and what that costs.

``python -m provenance.validation.bench.near_siblings DATA`` prints three tables. *Nothing to see*:
two answers of one model of `eqbench_cw` to each prompt. *Pairs*: how often one sibling's answers
are seen to differ from the other's, by how many prompts both answer. *Corpora*: of known share,
each model of a panel the candidate in turn, whose rows answer prompts that it was asked; how often
those that read as its are seen to be in other words than its answers. It takes second answers of
the same model: those of `eqbench_cw`, to 32 prompts, and of *two in one*, where a pair of siblings
of `alpaca_eval` is taken for one model that answers at times as the one, at times as the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.evidence.regenerated.same_words import same_words
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.checks.checks import choose_view
from provenance.matching.checks.fresh_answers import answers_of, judged_beside_answers
from provenance.matching.judging import judge
from provenance.records import FRESH
from provenance.scoring.fitting.fitting import fit_panel
from provenance.share.sources import Sources
from provenance.share.two_sources.two_sources import CAUTION
from provenance.validation.bench.asked_again import SIBLINGS
from provenance.validation.bench.files import rows_of, source_files
from provenance.validation.held_out import Held, Pool, draw, rng_of
from provenance.words import percent

__all__ = ["Read", "main", "read_corpora"]

_PROMPTS: Final = (20, 50, 100, 150, 200, 300)
_DRAWS: Final = 20
_DIVISIONS: Final = 10
_LEVEL: Final = 0.01
_SHARES: Final = (1.0, 0.5, 0.25, 0.1)
_SIZE: Final = 300
_PAIRS: Final = (
    ("google__gemma-3-12b-it", "google__gemma-3-27b-it"),
    ("google__gemma-3-12b-it", "google__gemma-3-4b-it"),
    ("google__gemma-3-12b-it", "allura-org__Gemma-3-Glitter-12B"),
    ("google__gemma-3-27b-it", "google__gemma-3-4b-it"),
    ("chatgpt-4o-latest-2025-01-29", "chatgpt-4o-latest-2025-03-27"),
    ("meta-llama__llama-3.1-405b-instruct", "meta-llama__llama-3.1-70b-instruct"),
    ("meta-llama__llama-3.1-70b-instruct", "meta-llama__llama-3.1-8b-instruct"),
    (
        "mistralai__Mistral-Small-24B-Instruct-2501",
        "mistralai__mistral-small-3.1-24b-instruct-2503",
    ),
    ("claude-3-5-sonnet-20241022", "claude-3-7-sonnet-20250219"),
    ("anthropic__claude-3-haiku", "anthropic__claude-3.5-haiku-20241022"),
    ("ifable__gemma-2-Ifable-9B", "google__gemma-2-9b-it"),
    ("ifable__gemma-2-Ifable-9B", "sam-paech__Darkest-muse-v1"),
)
"""Versions, sizes and tuned ones of `eqbench_cw`."""


Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Read:
    """How one corpus was read.

    Parameters
    ----------
    kind : str
        Who wrote it.
    truth : float
        The candidate's share.
    withheld : bool
    low : float
        The candidate's low end.
    differs : bool or None
        Whether its rows are seen to be in other words than its answers; None where it was not
        looked at.
    """

    kind: str
    truth: float
    withheld: bool
    low: float
    differs: bool | None


def _sample(path: Path) -> Fingerprint:
    rows = [{"text": row["text"], "prompt": row["prompt"]} for row in rows_of(path)]
    read = open_corpus(iter(rows), prompt_field="prompt")
    return fit_fingerprint(read, path.name.removesuffix(".jsonl.gz"))


def _samples(folder: Path) -> dict[str, Fingerprint]:
    return {name: _sample(path) for name, path in source_files(folder).items()}


def _pair_rows(samples: Mapping[str, Fingerprint], pairs: Sequence[tuple[str, str]]) -> list[str]:
    """How often each pair is seen to differ, by the number of prompts."""
    found = []
    for pair in pairs:
        one, other = (answers_of(samples[name].sample) for name in pair)
        common = np.intersect1d(one.prompt, other.prompt)
        common = common[common != 0]
        rates = []
        for n in _PROMPTS:
            if n > len(common):
                rates.append("")
                continue
            seen = 0
            for run in range(_DRAWS):
                rng = np.random.default_rng([n, run])
                some = rng.permutation(common)[:n]
                rows, fresh = (each.first_of_each(some, 1) for each in (one, other))
                n_features = samples[pair[0]].spec.n_word_features
                seen += same_words(rows, fresh, n_features, rng).p_value <= _LEVEL
            rates.append(percent(seen / _DRAWS))
        found.append(f"| `{pair[0]}` | `{pair[1]}` | {' | '.join(rates)} |")
    return found


def _in_turn(one: Fingerprint, keys: NDArray[np.generic] | None = None) -> NDArray[np.int64]:
    """Which answer to its prompt each document is, in the order of keys, else of their hashes."""
    known = one.sample
    order = np.lexsort((known.text_hash if keys is None else keys, known.prompt_hash))
    ordered = known.prompt_hash[order]
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return rank


def _nothing_row(samples: Mapping[str, Fingerprint]) -> str:
    """How often two answers of one model to each prompt, drawn, are seen to differ."""
    found = []
    for one in samples.values():
        for run in range(_DIVISIONS):
            rng = np.random.default_rng(run)
            turn = _in_turn(one, rng.random(len(one.sample)))
            rows, fresh = (answers_of(_part(one, turn == at).sample) for at in (1, 0))
            found.append(same_words(rows, fresh, one.spec.n_word_features, rng).p_value)
    rates = [percent(float(np.mean(np.array(found) <= level))) for level in (0.01, 0.05, 0.2)]
    return f"| {len(samples)} | {len(found)} | {' | '.join(rates)} |"


def _part(one: Fingerprint, kept: NDArray[np.bool_]) -> Fingerprint:
    sample = one.sample.take(np.flatnonzero(kept))
    return replace(one, sample=sample, n_documents=len(sample))


def read_corpora(
    fresh: Sequence[Fingerprint],
    again: Sequence[Fingerprint],
    strangers: Sequence[Fingerprint],
    siblings: Mapping[str, Sequence[str]],
    seed: int = 0,
) -> Iterator[Read]:
    """How corpora are read that answer prompts which the candidate was asked.

    What is checked of samples alone is left out.

    Parameters
    ----------
    fresh : sequence of Fingerprint
        The panel's samples.
    again : sequence of Fingerprint
        Other answers by the same models, in their order.
    strangers : sequence of Fingerprint
        Answers by models that the panel is not given.
    siblings : mapping of str to sequence of str
        Those of them that are a candidate's siblings, by its name.
    seed : int
    """
    panel = fit_panel(tuple(fresh), seed)
    pool = Pool.of([*again, *strangers])
    scores, fold = panel.scores(pool.sample.as_batch(), pool.sample.prompt_hash)
    by_view = {name: one.calibrated(scores, fold) for name, one in panel.views.items()}
    held = Held(panel, tuple(fresh), pool, by_view, panel.under_families(scores))
    names = [one.name for one in fresh]
    away = [one.name for one in strangers]
    for name in names:
        near = siblings.get(name, ())
        own = pool.rows_of(name)
        given = [pool.rows_of(one) for one in names if one != name]
        far = np.concatenate([pool.rows_of(one) for one in away if one not in near])
        for share in _SHARES:
            told = percent(share)
            mixed: list[tuple[str, list[Rows], Rows | None, float]] = [
                (told, [] if share == 1 else given, None, 0.0)
            ]
            if share < 1:
                mixed.append((f"{told}, the rest by hidden models", [], far, 1 - share))
            for kind, rest, hidden, part in mixed:
                corpus = draw(rng_of(seed, name, kind), own, rest, _SIZE, share, hidden, part)
                if corpus is not None:
                    yield _of_candidate(held, name, corpus.rows, kind, corpus.truth)
        for one in near:
            rows = rng_of(seed, name, one).permutation(pool.rows_of(one))[:_SIZE]
            yield _of_candidate(held, name, np.sort(rows), "0 %, a sibling that is not given", 0.0)


def _of_candidate(held: Held, name: str, rows: NDArray[np.int64], kind: str, truth: float) -> Read:
    number = held.panel.names.index(name)
    roles = tuple("candidate" if one == name else "panel" for one in held.panel.names)
    sources = Sources(held.fingerprints, roles)
    tally = held.tally(rows)
    view, layout = choose_view(held.panel, tally, sources.beside_many)
    samples, corpus = held.panel.samples(view), held.corpus(rows, view)
    judged = judge(
        tally,
        corpus,
        samples,
        sources,
        layout,
        of_samples=(),
        confidence_level=0.95,
        caution=CAUTION,
    )
    answers = answers_of(held.pool.sample.take(rows))
    judged = judged_beside_answers(judged, answers, corpus, samples, sources, 0)
    checks = [one for one in judged.diagnostics if one.kind == FRESH and one.statistic is not None]
    differs = [one.statistic <= one.limit for one in checks if one.statistic and one.limit]
    return Read(kind, truth, judged.withheld, judged.told(number).low, next(iter(differs), None))


def _eqbench(samples: Mapping[str, Fingerprint], first: int) -> Iterator[Read]:
    """Every third model is in the panel, by one answer to each prompt."""
    names = sorted(samples)
    given = names[first::3]
    turns = {name: _in_turn(samples[name]) for name in given}
    near: dict[str, list[str]] = {}
    for pair in _PAIRS:
        for one, other in (pair, pair[::-1]):
            if one in given and other not in given:
                near.setdefault(one, []).append(other)
    yield from read_corpora(
        [_part(samples[name], turns[name] == 0) for name in given],
        [_part(samples[name], turns[name] > 0) for name in given],
        [samples[name] for name in names if name not in given],
        near,
    )


def _two_in_one(samples: Mapping[str, Fingerprint], seed: int) -> Iterator[Read]:
    """Each pair of siblings is one model, of which each answers half of the prompts first."""
    fresh: list[Fingerprint] = []
    again: list[Fingerprint] = []
    rng = rng_of(seed, "two in one")
    for pair in SIBLINGS:
        one, other = (samples[name] for name in pair)
        common = np.intersect1d(one.sample.prompt_hash, other.sample.prompt_hash)
        common = common[common != 0]
        firsts = rng.permutation(common)[: len(common) // 2]
        rest = np.setdiff1d(common, firsts)
        for made, halves in ((fresh, (firsts, rest)), (again, (rest, firsts))):
            parts = [
                each.sample.take(np.flatnonzero(np.isin(each.sample.prompt_hash, half)))
                for each, half in zip((one, other), halves, strict=True)
            ]
            sample = SampledDocuments.concatenate(parts)
            name = " or ".join(pair)
            made.append(replace(one, name=name, sample=sample, n_documents=len(sample)))
    used = {name for pair in SIBLINGS for name in pair}
    strangers = [samples[name] for name in sorted(samples) if name not in used]
    yield from read_corpora(fresh, again, strangers, {}, seed)


def _corpus_rows(name: str, found: Sequence[Read]) -> Iterator[str]:
    for kind in dict.fromkeys(one.kind for one in found):
        read = [one for one in found if one.kind == kind]
        looked = [one.differs for one in read if one.differs is not None]
        cells = (
            str(len(read)),
            str(sum(one.withheld for one in read)),
            str(sum(one.low > 0 for one in read)),
            f"{100 * float(np.mean([one.low for one in read])):.1f}",
            str(len(looked)),
            str(sum(looked)),
        )
        yield f"| {name} | {kind} | {' | '.join(cells)} |"


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    seeds: Annotated[int, typer.Option(min=1, help="Draws of two in one.")] = 1,
) -> None:
    """Print the tables."""
    chats, stories = _samples(data / "alpaca_eval"), _samples(data / "more" / "eqbench_cw")
    typer.echo("| models | divisions | p ≤ 0.01 | p ≤ 0.05 | p ≤ 0.2 |\n" + "|---" * 5 + "|")
    typer.echo(_nothing_row(stories))
    typer.echo(f"\n| one | other | {' | '.join(f'{n} prompts' for n in _PROMPTS)} |")
    typer.echo("|---" * (2 + len(_PROMPTS)) + "|")
    for row in _pair_rows(chats, SIBLINGS):
        typer.echo(row)
    typer.echo(
        "\n| data | the candidate's share | corpora | withheld | low > 0 | mean low | looked at"
        " | seen to differ |\n" + "|---" * 8 + "|"
    )
    of_stories = (one for first in range(3) for one in _eqbench(stories, first))
    of_chats = (one for seed in range(seeds) for one in _two_in_one(chats, seed))
    for name, found in (("`eqbench_cw`", of_stories), ("two in one", of_chats)):
        for row in _corpus_rows(name, list(found)):
            typer.echo(row)


if __name__ == "__main__":
    typer.run(main)
