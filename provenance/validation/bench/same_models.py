"""When `same_source` sees a difference: where there is none, among siblings, of the closest models.

``python -m provenance.validation.bench.same_models DATA`` prints three tables. *Nothing to see*:
answers of two models dealt anew within each prompt, and halves of one model's answers (other
prompts in each). *Prompts it takes*: siblings and hosts of one model at growing numbers of shared
prompts. *The closest*: of each collection the models that are hardest to tell apart, which is what
`LIMIT` of ``matching/comparisons/same.py`` is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.sample import SampledDocuments
from provenance.matching.comparisons.same import SameSource, same_source
from provenance.validation.bench.files import source_files
from provenance.words import percent

__all__ = ["dealt", "halves", "main", "some_prompts"]

_ALIKE: Final = ("alpaca_eval/gpt-3.5-turbo-0613", "alpaca_eval/gpt-3.5-turbo-1106")
_SIBLINGS: Final = (
    ("alpaca_eval/gpt4_0613", "alpaca_eval/gpt4_1106_preview"),
    _ALIKE,
    ("alpaca_eval/claude-2", "alpaca_eval/claude-instant-1.2"),
    ("alpaca_eval/Qwen1.5-72B-Chat", "alpaca_eval/Qwen1.5-7B-Chat"),
    ("alpaca_eval/Meta-Llama-3-70B-Instruct", "alpaca_eval/Meta-Llama-3.1-70B-Instruct-Turbo"),
    ("alpaca_eval/Mixtral-8x7B-Instruct-v0.1", "alpaca_eval/dbrx-instruct"),
    ("alpaca_eval/vicuna-13b-v1.5", "alpaca_eval/wizardlm-13b"),
    ("alpaca_eval/chatglm2-6b", "alpaca_eval/vicuna-13b-v1.5"),
    ("alpaca_eval/deepseek-llm-67b-chat", "alpaca_eval/wizardlm-13b"),
    ("more/slop_score/kimi-k2", "more/slop_score/kimi-k2-0905"),
    ("more/zeroeval_mathl5/gpt-4o-2024-05-13", "more/zeroeval_mathl5/gpt-4o-2024-08-06"),
    (
        "more/zeroeval_mathl5/Meta-Llama-3.1-70B-Instruct",
        "more/zeroeval_mathl5/Meta-Llama-3.1-70B-Instruct_hyperbolic",
    ),
    (
        "more/zeroeval_mathl5/Llama-3.1-405B-Inst_sambanova",
        "more/zeroeval_mathl5/Meta-Llama-3.1-405B-Instruct_hyperbolic",
    ),
    ("more/raidar/gpt-3.5-turbo", "more/raidar/gpt-3.5-turbo+human_style"),
    ("more/slop_score/gemma-3-27b-it", "more/slop_score/gemma-3-27b-it-antislop"),
)
_PROMPTS: Final = (50, 100, 200, 300, 400, 800)
_COLLECTIONS: Final = (
    ("alpaca_eval", True),
    ("more/slop_score", False),
    ("more/zeroeval_mathl5", False),
    ("more/eqbench_cw", False),
)
"""Folders, and whether the limit was chosen on them."""
_NEIGHBOURS: Final = 3
_SHOWN: Final = 3
_PROMPTS_OF_CLOSEST: Final = 200
_TEST_SEED: Final = 1_000_000
"""Seeds of the test begin here; any number above those of the divisions."""


def _subset(one: Fingerprint, kept: NDArray[np.generic], name: str = "") -> Fingerprint:
    return replace(one, name=name or one.name, sample=one.sample.take(np.flatnonzero(kept)))


def some_prompts(
    first: Fingerprint, second: Fingerprint, most: int, seed: int
) -> tuple[Fingerprint, Fingerprint]:
    """Answers of both to so many prompts, drawn from those that both answered.

    Parameters
    ----------
    first, second : Fingerprint
    most : int
    seed : int
    """
    shared = np.intersect1d(first.sample.prompt_hash, second.sample.prompt_hash)
    drawn = np.random.default_rng(seed).permutation(shared[shared != 0])[:most]
    return (
        _subset(first, np.isin(first.sample.prompt_hash, drawn)),
        _subset(second, np.isin(second.sample.prompt_hash, drawn)),
    )


def dealt(first: Fingerprint, second: Fingerprint, seed: int) -> tuple[Fingerprint, Fingerprint]:
    """All answers again, those to each prompt dealt anew to the two: no difference is left.

    Parameters
    ----------
    first, second : Fingerprint
        Of one spec; texts that both hold are left out.
    seed : int
    """
    samples = [first.sample, second.sample]
    copies = np.intersect1d(samples[0].text_hash, samples[1].text_hash)
    pooled, source = SampledDocuments.pooled(samples)
    mine = source == 0
    random = np.random.default_rng(seed).random(len(pooled))
    # Labels stay in their places while the documents of each prompt change theirs.
    label_order = np.argsort(pooled.prompt_hash, kind="stable")
    document_order = np.lexsort((random, pooled.prompt_hash))
    label = np.empty(len(pooled), bool)
    label[document_order] = mine[label_order]
    single = ~np.isin(pooled.text_hash, copies)
    order = np.argsort(pooled.text_hash, kind="stable")
    parts = [order[(label == side)[order] & single[order]] for side in (True, False)]
    return (
        replace(first, name="one", sample=pooled.take(parts[0])),
        replace(second, name="other", sample=pooled.take(parts[1])),
    )


def halves(one: Fingerprint, seed: int) -> tuple[Fingerprint, Fingerprint]:
    """The documents of one source, dealt into two halves.

    Parameters
    ----------
    one : Fingerprint
    seed : int
    """
    half = np.random.default_rng(seed).permutation(len(one.sample)) % 2 == 0
    return _subset(one, half, "one"), _subset(one, ~half, "other")


def _read(data: Path, name: str) -> Fingerprint:
    corpus = open_corpus(data / f"{name}.jsonl.gz", prompt_field="prompt")
    return fit_fingerprint(corpus, Path(name).name)


@dataclass(frozen=True, slots=True)
class _Null:
    """A way to make two samples between which nothing is to be seen.

    Parameters
    ----------
    name : str
    make : callable
        Of the number of the division.
    part : int
        One of so many of the divisions asked for is made.
    """

    name: str
    make: Callable[[int], tuple[Fingerprint, Fingerprint]]
    part: int = 1


def _nulls(data: Path, most: int) -> Iterator[_Null]:
    one, other = (_read(data, name) for name in _ALIKE)
    alike = some_prompts(one, other, most, 0)
    half = _subset(one, np.arange(len(one.sample)) < 2 * most)
    dealt_anew = "two models' answers dealt anew"
    yield _Null(f"{dealt_anew}, {most} prompts", lambda seed: dealt(*alike, seed))
    yield _Null("halves of one model (unpaired)", lambda seed: halves(half, seed))
    yield _Null(f"{dealt_anew}, all prompts", lambda seed: dealt(one, other, seed), 2)


def _null_row(null: _Null, runs: int) -> str:
    from scipy.stats import kstest

    n_made = max(1, runs // null.part)
    # Seeds of their own: what is dealt must not be drawn alike with folds and dealings of the test.
    found = [same_source(*null.make(run), seed=_TEST_SEED + run) for run in range(n_made)]
    p_values = np.array([one.p_value for one in found])
    held = np.mean([one.told_apart_low <= 0.5 <= one.told_apart_high for one in found])
    alias = np.mean([one.alias_doubt is None for one in found])
    told = [percent(float(np.mean(p_values <= level))) for level in (0.01, 0.05, 0.2, 0.5)]
    uniform = kstest(p_values, "uniform").pvalue
    figures = (*told, f"{uniform:.2f}", percent(float(held)), percent(float(alias)))
    return f"| {null.name} | {n_made} | {' | '.join(figures)} |"


def _curve_rows(data: Path, pair: tuple[str, str], repeats: int) -> Iterator[str]:
    first, second = (_read(data, name) for name in pair)
    shared = np.intersect1d(first.sample.prompt_hash, second.sample.prompt_hash)
    for most in _PROMPTS:
        if most > 1.1 * len(shared):
            return
        # All prompts there are make one corpus, tried under as many folds as others are drawn.
        found = [
            same_source(*some_prompts(first, second, most, run), seed=run) for run in range(repeats)
        ]
        yield _curve_row((first.name, second.name), min(most, len(shared)), found)


def _curve_row(names: tuple[str, str], n_prompts: int, found: Sequence[SameSource]) -> str:
    seen = float(np.mean([one.verdict != "no difference seen" for one in found]))
    apart = float(np.mean([one.told_apart for one in found]))
    smallest = float(np.mean([one.smallest_told_apart for one in found]))
    alias = float(np.mean([one.alias_doubt is None for one in found]))
    figures = (percent(seen), percent(apart), percent(smallest), percent(alias))
    return f"| {names[0]} | {names[1]} | {n_prompts} | {len(found)} | {' | '.join(figures)} |"


def _neighbours(sources: Sequence[Fingerprint]) -> list[tuple[int, int]]:
    """Each source beside those whose words it uses most nearly as often."""
    used = np.stack([np.sqrt(one.frequency / max(1, one.n_passages)) for one in sources])
    used /= np.linalg.norm(used, axis=1, keepdims=True)
    alike = used @ used.T
    np.fill_diagonal(alike, -1)
    nearest = np.argsort(-alike, axis=1)[:, :_NEIGHBOURS]
    pairs = {(min(a, b), max(a, b)) for a, row in enumerate(nearest.tolist()) for b in row}
    return sorted(pairs)


def _closest_rows(data: Path, folder: str, chosen_on: bool) -> Iterator[str]:
    sources = [_read(data, f"{folder}/{name}") for name in source_files(data / folder)]
    found = []
    for a, b in _neighbours(sources):
        try:
            pair = some_prompts(sources[a], sources[b], _PROMPTS_OF_CLOSEST, 0)
            found.append(same_source(*pair))
        except InputError:
            continue
    paired = sorted((one for one in found if one.paired), key=lambda one: one.told_apart)
    mark = " (chosen on)" if chosen_on else ""
    seen = sum(one.verdict != "no difference seen" for one in paired)
    for one in paired[:_SHOWN]:
        interval = f"{percent(one.told_apart_low)} to {percent(one.told_apart_high)}"
        yield (
            f"| `{Path(folder).name}`{mark} | {len(sources)} | {seen} of {len(paired)}"
            f" | {one.names[0]} | {one.names[1]} | {one.n_documents[0]}"
            f" | {percent(one.told_apart)} | {interval} | {one.p_value:.2g} |"
        )


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    runs: Annotated[int, typer.Option(help="Divisions where nothing is to be seen.")] = 200,
    repeats: Annotated[int, typer.Option(help="Draws of prompts.")] = 20,
    most: Annotated[int, typer.Option(help="Prompts where nothing is to be seen.")] = 200,
) -> None:
    """Print the three tables."""
    typer.echo(
        "| nothing to see | divisions | p <= 0.01 | 0.05 | 0.2 | 0.5 | uniform (KS)"
        " | interval holds 50 % | alias |\n|---|---|---|---|---|---|---|---|---|"
    )
    for null in _nulls(data, most):
        typer.echo(_null_row(null, runs))
    typer.echo(
        "\n| source | other | prompts | draws | seen | told apart | smallest seen in 4 of 5"
        " | alias |\n|---|---|---|---|---|---|---|---|"
    )
    for pair in _SIBLINGS:
        for row in _curve_rows(data, pair, repeats):
            typer.echo(row)
    typer.echo(
        "\n| data | models | neighbours seen | source | other | documents | told apart | interval"
        " | p |\n|---|---|---|---|---|---|---|---|---|"
    )
    for folder, chosen_on in _COLLECTIONS:
        for row in _closest_rows(data, folder, chosen_on):
            typer.echo(row)


if __name__ == "__main__":
    typer.run(main)
