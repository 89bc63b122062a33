"""When `regenerated` finds that a candidate, asked again, says what the rows say.

``python -m provenance.validation.bench.asked_again DATA`` prints five tables. *Nothing to see*:
rows by another model, by one that was asked and by one that was not. *What it takes*: rows of the
candidate among rows of a model that was not asked, by share, prompts and models asked. *Siblings*:
a corpus wholly by a relative of the candidate, asked or not. *Other answers*: rows by people and by
models of another collection that answer some of the same prompts, each candidate in turn. *Twins*:
a candidate's model on another host, its next version, and the like, by the number of prompts.

Every n-gram is weighted once, over all answers of the collection; a match weights them over the
texts of its own sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.evidence.regenerated.lead import Lead, lead, usable
from provenance.evidence.regenerated.likeness import Answers, Likeness, likeness
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.checks.fresh_answers import answers_of
from provenance.validation.bench.files import rows_of, source_files
from provenance.words import percent

__all__ = ["SIBLINGS", "Pool", "drawn", "main", "pooled", "twins"]

_THREE_ANSWERS: Final = "more/eqbench_cw"
_ONE_ANSWER: Final = "alpaca_eval"
_ELSEWHERE: Final = "more/selfinstruct_human"
_ROWS_ELSEWHERE: Final = (
    "human_expert",
    "text-davinci-003",
    "text-davinci-002",
    "text-davinci-001",
    "davinci-self-instruct",
)
SIBLINGS: Final = (
    ("gpt4_0613", "gpt4_1106_preview"),
    ("gpt-3.5-turbo-0613", "gpt-3.5-turbo-1106"),
    ("claude-2", "claude-instant-1.2"),
    ("claude-3-opus-20240229", "claude-3-sonnet-20240229"),
    ("Qwen1.5-72B-Chat", "Qwen1.5-7B-Chat"),
    ("Meta-Llama-3-70B-Instruct", "Meta-Llama-3.1-70B-Instruct-Turbo"),
    ("Mixtral-8x7B-Instruct-v0.1", "Mistral-7B-Instruct-v0.2"),
    ("gpt-4o-2024-05-13", "gpt-4o-mini-2024-07-18"),
)
_TWINS: Final = (
    (
        "more/zeroeval_mathl5",
        "Meta-Llama-3.1-70B-Instruct",
        "Meta-Llama-3.1-70B-Instruct_hyperbolic",
    ),
    (
        "more/zeroeval_mathl5",
        "Llama-3.1-405B-Inst_sambanova",
        "Meta-Llama-3.1-405B-Instruct_hyperbolic",
    ),
    ("more/zeroeval_mathl5", "gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
    ("more/zeroeval_mathl5", "claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
    ("more/slop_score", "kimi-k2", "kimi-k2-0905"),
    ("more/slop_score", "gemma-3-27b-it", "gemma-3-27b-it-antislop"),
    (_ONE_ANSWER, "gpt-3.5-turbo-0613", "gpt-3.5-turbo-1106"),
    (_ONE_ANSWER, "gpt4_0613", "gpt4_1106_preview"),
    (_ONE_ANSWER, "claude-2", "claude-instant-1.2"),
)
"""A folder, a candidate, and a twin of it that writes all rows: the same model on another host (as
a rule at another precision), another version, a model tuned further, another size."""
_PROMPTS: Final = (20, 50, 100, 200)
_BESIDE: Final = (8, 16)
_LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Pool:
    """All answers of a collection, as fresh answers and as rows.

    Parameters
    ----------
    names : tuple of str
    found : Likeness
    source, author, prompt : ndarray of int64, shape (n,)
        Whose fresh answer each is, -1 for a row; who wrote it; which prompt it answers.
    """

    names: tuple[str, ...]
    found: Likeness
    source: NDArray[np.int64]
    author: NDArray[np.int64]
    prompt: NDArray[np.int64]


def pooled(
    sources: Sequence[Fingerprint], n_fresh: int, rows_alone: Sequence[Fingerprint] = ()
) -> Pool:
    """Of each source's answers to a prompt the first ones as fresh, the others as rows.

    Parameters
    ----------
    sources : sequence of Fingerprint
    n_fresh : int
        Fresh answers; 0 takes each answer as both, where a source gave one.
    rows_alone : sequence of Fingerprint
        Sources that were never asked: all of their answers are rows.
    """
    parts, source, author = [], [], []
    for number, one in enumerate([*sources, *rows_alone]):
        every = answers_of(one.sample)
        order = np.lexsort((every.text, every.prompt))
        rank = np.empty(len(every), np.int64)
        ordered = every.prompt[order]
        rank[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
        asked = number < len(sources)
        fresh = np.flatnonzero((rank < n_fresh) | (n_fresh == 0)) if asked else rank[:0]
        rows = np.flatnonzero(rank >= n_fresh) if asked else np.arange(len(every))
        for kept, whose in ((fresh, number), (rows, -1)):
            parts.append(every.take(kept))
            source.append(np.full(len(kept), whose))
            author.append(np.full(len(kept), number))
    texts = Answers.concatenate(parts)
    asked_of, by = np.concatenate(source), np.concatenate(author)
    found = likeness(texts, asked_of, len(sources), sources[0].spec.n_word_features)
    prompt = np.unique(texts.prompt, return_inverse=True)[1]
    names = tuple(one.name for one in (*sources, *rows_alone))
    return Pool(names, found, asked_of, by, prompt)


def drawn(
    pool: Pool,
    candidate: int,
    others: Sequence[int],
    writers: NDArray[np.int64],
    prompts: NDArray[np.int64],
    seed: int,
) -> Lead | None:
    """What is seen of rows by some writers; None where too few models answer their prompts.

    Parameters
    ----------
    pool : Pool
    candidate : int
    others : sequence of int
        Models that were asked too.
    writers : ndarray of int64, shape (n_prompts,)
        Who wrote the rows to each prompt.
    prompts : ndarray of int64, shape (n_prompts,)
    seed : int
    """
    writer = np.full(int(pool.prompt.max()) + 1, -1)
    writer[prompts] = writers
    is_row = (pool.source < 0) & (pool.author == writer[pool.prompt])
    is_fresh = np.isin(pool.source, [candidate, *others])
    kept = np.flatnonzero(is_row | is_fresh)
    found = Likeness(pool.found.same[kept], pool.found.beyond[kept])
    source, prompt = pool.source[kept], pool.prompt[kept]
    used = usable(np.isfinite(found.beyond), source, prompt, candidate, others)[1]
    if len(used) < 2:
        return None
    return lead(found, source, prompt, candidate, used, np.random.default_rng(seed))


def _read(data: Path, folder: str, names: Sequence[str] = ()) -> list[Fingerprint]:
    """The models of a folder; prompts that differ in white space at the ends are one."""
    found = []
    for name, path in source_files(data / folder).items():
        if names and name not in names:
            continue
        kept = [{"text": row["text"], "prompt": row["prompt"].strip()} for row in rows_of(path)]
        found.append(fit_fingerprint(open_corpus(kept, prompt_field="prompt"), name))
    return found


def _nothing_rows(pool: Pool, runs: int, n_fresh: int) -> list[str]:
    """Rows by a model that was asked, with the one test that is exact, and by one that was not."""
    from scipy.stats import kstest

    n, n_prompts = len(pool.names), int(pool.prompt.max()) + 1
    exact, told = [], []
    for run in range(runs):
        rng = np.random.default_rng(run)
        candidate, writer = rng.choice(n, 2, replace=False).tolist()
        others = [one for one in range(n) if one != candidate]
        every = np.arange(n_prompts)
        found = drawn(pool, candidate, others, np.full(n_prompts, writer), every, run)
        assert found is not None
        exact += [one.p_value for one in found.others if one.source == writer]
        told.append(found.p_value)
    rows = []
    for what, p_values in (
        ("rows by a model that was asked, against its own answers", np.array(exact)),
        ("the same, the p-value that is told", np.array(told)),
    ):
        figures = [percent(float(np.mean(p_values <= level))) for level in (0.01, 0.05, 0.2, 0.5)]
        uniform = kstest(p_values, "uniform").pvalue
        rows.append(f"| {what} | {n_fresh} | {runs} | {' | '.join(figures)} | {uniform:.2f} |")
    return rows


def _power_row(pool: Pool, n_fresh: int, n_others: int, n_prompts: int, runs: int) -> str:
    """How often rows of the candidate are found among those of a model that was not asked."""
    every = int(pool.prompt.max()) + 1
    told = []
    for share in (0.0, 0.1, 0.25, 0.5, 1.0):
        n_found = 0
        for run in range(runs):
            rng = np.random.default_rng([n_others, n_prompts, run])
            order = rng.permutation(len(pool.names)).tolist()
            candidate, writer, others = order[0], order[1], order[2 : 2 + n_others]
            prompts = rng.permutation(every)[:n_prompts]
            writers = np.full(len(prompts), writer)
            writers[: round(share * len(prompts))] = candidate
            found = drawn(pool, candidate, others, writers, prompts, run)
            n_found += found is not None and found.p_value <= _LEVEL
        told.append(percent(n_found / runs))
    return f"| {n_fresh} | {n_others} | {min(n_prompts, every)} | {runs} | {' | '.join(told)} |"


def _models(pool: Pool) -> list[int]:
    """The sources that were asked."""
    return [int(one) for one in np.unique(pool.source[pool.source >= 0])]


def _sibling_row(pool: Pool, candidate: str, writer: str, n_prompts: int) -> str:
    one, other = pool.names.index(candidate), pool.names.index(writer)
    written = np.unique(pool.prompt[(pool.author == other) & (pool.source < 0)])
    prompts = np.random.default_rng(0).permutation(written)[:n_prompts]
    writers, told = np.full(len(prompts), other), []
    models = [number for number in _models(pool) if number != one]
    for others in ([number for number in models if number != other], models):
        found = drawn(pool, one, others, writers, prompts, 0)
        assert found is not None
        nearest = found.others[0]
        told += [f"{found.p_value:.2g}", pool.names[nearest.source]]
    return f"| {candidate} | {writer} | {len(prompts)} | {' | '.join(told)} |"


def _elsewhere_row(pool: Pool, writer: str, own: str) -> str:
    """Each model in turn as the candidate, on rows of one that was never asked."""
    other = pool.names.index(writer)
    prompts = np.unique(pool.prompt[pool.author == other])
    # Those that the models were asked too.
    prompts = np.intersect1d(prompts, pool.prompt[pool.source >= 0])
    models, found = _models(pool), {}
    for one in models:
        rest = [number for number in models if number != one]
        told = drawn(pool, one, rest, np.full(len(prompts), other), prompts, 0)
        assert told is not None
        found[pool.names[one]] = told.p_value
    named = [name for name, p_value in found.items() if p_value <= _LEVEL]
    shown = ", ".join(f"{name} ({found[name]:.2g})" for name in named) or "–"
    figures = (f"{len(named)} of {len(models)}", shown, f"{found[own]:.2g}")
    return f"| {writer} | {len(prompts)} | {' | '.join(figures)} |"


def _twin_rows(pool: Pool, folder: str, candidate: str, writer: str, runs: int) -> Iterator[str]:
    """How often a twin's rows are found as the candidate's, by prompts and by models asked."""
    one, other = pool.names.index(candidate), pool.names.index(writer)
    answered = (pool.prompt[pool.author == number] for number in (one, other))
    shared = np.intersect1d(*answered)
    rest = [number for number in _models(pool) if number not in (one, other)]
    for most in _PROMPTS:
        if most > 1.1 * len(shared):
            return
        told = []
        for n_others, too in (*((n, False) for n in _BESIDE), (_BESIDE[-1], True)):
            n_found = 0
            for run in range(runs):
                rng = np.random.default_rng([n_others, most, run])
                asked = rng.permutation(rest).tolist()[:n_others] + [other] * too
                prompts = rng.permutation(shared)[:most]
                found = drawn(pool, one, asked, np.full(len(prompts), other), prompts, run)
                n_found += found is not None and found.p_value <= _LEVEL
            told.append(percent(n_found / runs))
        n_prompts = min(most, len(shared))
        yield (
            f"| `{Path(folder).name}` | {candidate} | {writer} | {n_prompts} | {runs}"
            f" | {' | '.join(told)} |"
        )


def _unasked_row(pool: Pool, n_others: int, n_prompts: int, runs: int) -> str:
    """How often a model that was not asked is found, of models drawn alike."""
    every = int(pool.prompt.max()) + 1
    models = _models(pool)
    n_found = {0.05: 0, 0.01: 0}
    for run in range(runs):
        rng = np.random.default_rng([n_others, n_prompts, run])
        order = rng.permutation(models).tolist()
        prompts = rng.permutation(every)[:n_prompts]
        writers = np.full(len(prompts), order[1])
        found = drawn(pool, order[0], order[2 : 2 + n_others], writers, prompts, run)
        for level in n_found:
            n_found[level] += found is not None and found.p_value <= level
    figures = " | ".join(percent(count / runs) for count in n_found.values())
    return f"| {n_others} | {n_prompts} | {runs} | {figures} |"


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    runs: Annotated[int, typer.Option(help="Draws of each row.")] = 200,
) -> None:
    """Print the tables."""
    three = _read(data, _THREE_ANSWERS)
    pools = {n_fresh: pooled(three, n_fresh) for n_fresh in (1, 2)}
    typer.echo(
        "| nothing to see | fresh answers | draws | p <= 0.01 | 0.05 | 0.2 | 0.5 | uniform (KS) |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    for n_fresh, pool in pools.items():
        for row in _nothing_rows(pool, runs, n_fresh):
            typer.echo(row)
    typer.echo(
        "\n| fresh answers | models asked beside | prompts | draws | found at 0 % | 10 % | 25 %"
        " | 50 % | 100 % |\n|---|---|---|---|---|---|---|---|---|"
    )
    for n_fresh, pool in pools.items():
        for n_others in (2, 4, 8, 16, 29):
            typer.echo(_power_row(pool, n_fresh, n_others, 32, runs))
        typer.echo(_power_row(pool, n_fresh, 16, 20, runs))
    one = _read(data, _ONE_ANSWER)
    pool = pooled(one, 0, _read(data, _ELSEWHERE, _ROWS_ELSEWHERE))
    typer.echo(
        "\n| models asked beside | prompts | draws | another one found at 0.05 | 0.01 |\n"
        "|---|---|---|---|---|"
    )
    for n_prompts in (50, 200, 800):
        for n_others in (8, 16, 32):
            typer.echo(_unasked_row(pool, n_others, n_prompts, runs))
    typer.echo(
        "\n| candidate | wrote all rows | prompts | p, not asked | nearest | p, asked too | nearest"
        " |\n|---|---|---|---|---|---|---|"
    )
    for first, second in SIBLINGS:
        typer.echo(_sibling_row(pool, first, second, 200))
        typer.echo(_sibling_row(pool, second, first, 200))
    typer.echo(
        "\n| rows by | prompts | candidates found | which (p) | p of text_davinci_003 |\n"
        "|---|---|---|---|---|"
    )
    for writer in _ROWS_ELSEWHERE:
        typer.echo(_elsewhere_row(pool, writer, "text_davinci_003"))
    twins(data, pool, max(1, runs // 10))


def twins(data: Path, pool: Pool, runs: int) -> None:
    """Print the table of a candidate's twins.

    Parameters
    ----------
    data : Path
    pool : Pool
        Of `alpaca_eval`.
    runs : int
        Draws of each row.
    """
    beside = " | ".join(f"found beside {number}" for number in _BESIDE)
    typer.echo(
        f"\n| data | candidate | its twin wrote all rows | prompts | draws | {beside}"
        f" | beside {_BESIDE[-1]}, the twin asked too |\n" + "|---" * 8 + "|"
    )
    pools = {_ONE_ANSWER: pool}
    for folder, candidate, writer in _TWINS:
        if folder not in pools:
            pools[folder] = pooled(_read(data, folder), 0)
        for row in _twin_rows(pools[folder], folder, candidate, writer, runs):
            typer.echo(row)


if __name__ == "__main__":
    typer.run(main)
