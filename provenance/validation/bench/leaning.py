"""When `lean` tells that a suspect model leans towards an API, and that another one does not.

``python -m provenance.validation.bench.leaning DATA`` prints three tables. *Nothing to see*:
suspect and base are one source, so that the difference is 0: the answers of two models dealt anew
within each prompt, and one model on two hosts. *Models that learnt from an API*, beside stand-ins
for their bases, towards that API and towards others. *Prompts it takes*: the same at fewer prompts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.comparisons.lean import Lean, lean
from provenance.validation.bench.files import source_files
from provenance.validation.bench.same_models import dealt, some_prompts
from provenance.words import percent

__all__ = ["main", "nulls", "on_prompts"]

_DEALT: Final = ("vicuna-13b-v1.5", "wizardlm-13b")
"""Two models of one origin that are hard to tell apart."""
_APIS: Final = ("claude-2", "gpt4_0613")
"""The first of these that a model did not learn from is tried too."""
_OTHERS: Final = (
    "llama-2-70b-chat-hf",
    "falcon-40b-instruct",
    "Mistral-7B-Instruct-v0.2",
    "Qwen1.5-7B-Chat",
)
"""Models of other vendors, which did not learn from these APIs as far as their papers tell."""
_LEARNT: Final = (
    ("claude2-alpaca-13b", "vicuna-13b-v1.5", "claude-2"),
    ("alpaca-7b", "evo-7b", "text_davinci_003"),
    ("vicuna-13b-v1.5", "guanaco-65b", "gpt-3.5-turbo-0613"),
    ("wizardlm-13b", "guanaco-65b", "gpt-3.5-turbo-0613"),
    ("nous-hermes-13b", "guanaco-65b", "gpt4_0613"),
    ("OpenHermes-2.5-Mistral-7B", "Mistral-7B-Instruct-v0.2", "gpt4_0613"),
)
"""A model, a stand-in for its base (another model of the same origin or size; no true base is
among the data), and the API whose answers its authors say that it learnt from."""
_HOSTS: Final = (
    ("Meta-Llama-3.1-70B-Instruct", "Meta-Llama-3.1-70B-Instruct_hyperbolic"),
    ("Llama-3.1-405B-Inst_sambanova", "Meta-Llama-3.1-405B-Instruct_hyperbolic"),
)
_HOSTS_FOLDER: Final = "more/zeroeval_mathl5"
_HOSTS_STEP: Final = 4
"""One of so many of the other models is a candidate; the next four are the panel."""
_PROMPTS: Final = (50, 100)
_PROMPTS_DEALT: Final = 100
_PROMPTS_LEARNT: Final = 300
"""Prompts of each row; more take longer."""
_CURVE: Final = 2
"""So many of the models that learnt are tried on fewer prompts."""


def on_prompts(sources: Sequence[Fingerprint], most: int, seed: int) -> list[Fingerprint]:
    """Answers of all to so many prompts, drawn from those that the first two answered.

    Parameters
    ----------
    sources : sequence of Fingerprint
    most : int
    seed : int
    """
    first, second = some_prompts(sources[0], sources[1], most, seed)
    return [first, second, *(some_prompts(first, one, most, seed)[1] for one in sources[2:])]


def nulls(
    one: Fingerprint,
    other: Fingerprint,
    candidate: Fingerprint,
    others: Sequence[Fingerprint],
    runs: int,
) -> Iterator[Lean]:
    """Answers of two models dealt anew to a suspect and a base, which then are one source.

    Parameters
    ----------
    one, other, candidate : Fingerprint
    others : sequence of Fingerprint
    runs : int
        Dealings.
    """
    for run in range(runs):
        suspect, base = dealt(one, other, run)
        yield lean(suspect, base, candidate, others, seed=run)


def _null_row(what: str, n_prompts: int, found: Sequence[Lean]) -> str:
    more = np.array([one.more for one in found])
    held = np.mean([one.more_low <= 0 <= one.more_high for one in found])
    width = 100 * float(np.median([one.more_high - one.more_low for one in found]))
    leans = sum(one.verdict == "leans" for one in found)
    above = sum(one.more_low > 0 for one in found)
    figures = (
        f"{100 * more.mean():+.1f}",
        f"{100 * more.std():.1f}",
        f"{width:.1f}",
        percent(float(held)),
        str(above),
        str(leans),
    )
    return f"| {what} | {n_prompts} | {len(found)} | {' | '.join(figures)} |"


def _host_rows(data: Path) -> Iterator[str]:
    folder = data / _HOSTS_FOLDER
    names = sorted(source_files(folder))
    hosts = {name for pair in _HOSTS for name in pair}
    rest = [name for name in names if name not in hosts]
    for pair in _HOSTS:
        found = []
        for first in range(0, len(rest), _HOSTS_STEP):
            turned = rest[first:] + rest[:first]
            made = [_read(folder, name) for name in (*pair, *turned[:5])]
            found.append(lean(made[0], made[1], made[2], made[3:]))
        yield _null_row(f"{pair[0]} beside {pair[1]}", found[0].n_prompts, found)


def _lean_row(found: Lean, is_said: bool) -> str:
    chance = "" if found.by_chance is None else percent(found.by_chance)
    interval = f"{100 * found.more_low:+.1f} to {100 * found.more_high:+.1f}"
    learnt = "yes" if is_said else ""
    return (
        f"| {found.suspect} | {found.base} | {found.candidate} | {learnt} | {found.n_prompts}"
        f" | {100 * found.more:+.1f} | {interval} | {chance} | {found.verdict} |"
    )


def _curve_row(found: Sequence[Lean], whole: Lean) -> str:
    leans = np.mean([one.verdict == "leans" for one in found])
    more = 100 * float(np.mean([one.more for one in found]))
    width = 100 * float(np.median([one.more_high - one.more_low for one in found]))
    held = np.mean([one.more_low <= whole.more <= one.more_high for one in found])
    return (
        f"| {whole.suspect} | {whole.candidate} | {found[0].n_prompts} | {len(found)}"
        f" | {more:+.1f} | {width:.1f} | {percent(float(held))} | {percent(float(leans))} |"
    )


@cache
def _read(folder: Path, name: str) -> Fingerprint:
    return fit_fingerprint(open_corpus(folder / f"{name}.jsonl.gz", prompt_field="prompt"), name)


def _panel(models: Mapping[str, Fingerprint], *given: str) -> list[Fingerprint]:
    return [models[name] for name in _OTHERS if name not in given]


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    runs: Annotated[int, typer.Option(help="Dealings where nothing is to be seen.")] = 10,
    repeats: Annotated[int, typer.Option(help="Draws of prompts.")] = 3,
) -> None:
    """Print the three tables."""
    folder = data / "alpaca_eval"
    apis = sorted({*_APIS, *(taught for _, _, taught in _LEARNT)})
    needed = {*_DEALT, *apis, *_OTHERS, *(name for row in _LEARNT for name in row)}
    models = {name: _read(folder, name) for name in sorted(needed)}
    typer.echo(
        "| nothing to see | prompts | draws | mean difference | spread | median width"
        " | interval holds 0 | above 0 | leans |\n|---|---|---|---|---|---|---|---|---|"
    )
    for api in apis:
        given = [models[name] for name in (*_DEALT, api, *_OTHERS)]
        one, other, candidate, *others = on_prompts(given, _PROMPTS_DEALT, 0)
        found = [*nulls(one, other, candidate, others, runs)]
        what = f"{_DEALT[0]} and {_DEALT[1]} dealt anew, towards {api}"
        typer.echo(_null_row(what, _PROMPTS_DEALT, found))
    for row in _host_rows(data):
        typer.echo(row)
    typer.echo(
        "\n| suspect | stand-in for its base | API | learnt from it | prompts | difference"
        " | interval | an unknown model | verdict |\n|---|---|---|---|---|---|---|---|---|"
    )
    whole = {}
    for suspect, base, taught in _LEARNT:
        for api in (taught, next(one for one in _APIS if one != taught)):
            given = [models[name] for name in (suspect, base, api)]
            first, second, candidate, *others = on_prompts(
                [*given, *_panel(models, suspect, base)], _PROMPTS_LEARNT, 0
            )
            found_one = lean(first, second, candidate, others)
            whole[suspect, api] = found_one
            typer.echo(_lean_row(found_one, api == taught))
    typer.echo(
        "\n| suspect | API | prompts | draws | mean difference | median width"
        " | holds that of 300 prompts | leans |\n|---|---|---|---|---|---|---|---|"
    )
    for suspect, base, taught in _LEARNT[:_CURVE]:
        given = [models[name] for name in (suspect, base, taught)]
        given += _panel(models, suspect, base)
        for most in _PROMPTS:
            found = []
            for run in range(repeats):
                first, second, candidate, *others = on_prompts(given, most, run)
                found.append(lean(first, second, candidate, others, seed=run))
            typer.echo(_curve_row(found, whole[suspect, taught]))


if __name__ == "__main__":
    typer.run(main)
