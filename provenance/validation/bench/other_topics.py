"""What is told where the candidate was asked about other things, and no file says so.

``python -m provenance.validation.bench.other_topics DATA`` matches corpora of known origin against
samples that were read without their prompts: the candidate's on one set of prompts, the other
models' on another, each corpus on the candidate's. Then it tells how often the check ``topics``
withholds where all samples answer the same prompts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final
from unittest.mock import patch

import numpy as np
import typer

from provenance.corpus import open_corpus
from provenance.features.hashes import text_hash
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.matching.partials.kept import Kept
from provenance.records import Diagnostic
from provenance.report.report import Report
from provenance.share.checks.topics import LIMIT, topic_checks
from provenance.share.sources import Sources
from provenance.statistics.conventions import FDR
from provenance.validation.held_out import rng_of

__all__ = ["APART", "TOGETHER", "Apart", "main"]

_KIND: Final = "topics"
_PART: Final = 0.3
_SETS: Final = ("helpful_base", "koala", "oasst", "selfinstruct", "vicuna")


@dataclass(frozen=True, slots=True)
class Apart:
    """A candidate on one set of prompts, other models on another.

    Parameters
    ----------
    folder : str
        That of the candidate's texts.
    candidate : str
    others : sequence of str
    innocents : sequence of str
        Models of the candidate's folder that write corpora.
    panel : str
        Folder of the others' texts.
    sets : sequence of str
        Prompt sets of the candidate; the others are asked the remaining ones.
    halves : bool
        Whether the candidate is asked one half of all prompts, drawn by lot, and the others the
        other half. Corpora are on the candidate's half then.
    chosen_on : bool
        Whether the check's limit was chosen on it.
    """

    folder: str
    candidate: str
    others: Sequence[str]
    innocents: Sequence[str]
    panel: str
    sets: Sequence[str] = ()
    halves: bool = False
    chosen_on: bool = False

    @property
    def label(self) -> str:
        """What the table calls it."""
        here, there = Path(self.folder).name, Path(self.panel).name
        if self.halves:
            return f"`{here}`, one half | the other half"
        return (
            f"`{here}` {', '.join(self.sets)}".strip()
            + " | "
            + ("its other sets" if here == there else f"`{there}`")
        )


_CHAT: Final = "alpaca_eval"
_FIRST: Final = (
    "claude-2 gemma-7b-it gpt-3.5-turbo-1106 llama-2-70b-chat-hf mistral-large-2402"
    " Qwen1.5-72B-Chat Yi-34B-Chat"
).split()
_SECOND: Final = (
    "claude-3-opus-20240229 gemini-pro gpt4_0613 Mixtral-8x7B-Instruct-v0.1 vicuna-13b-v1.5 cohere"
    " dbrx-instruct"
).split()
_STORIES: Final = (
    "claude-sonnet-4-5 gemini-2.5-flash glm-4.5 gpt-5-mini-2025-08-07 kimi-k2 mistral-nemo o3"
).split()
_DEBATES: Final = (
    "claude-sonnet-4-6-0K gemini-3.1-pro-preview glm-5 gpt-5.4-none kimi-k2.5 mistral-large-2512"
    " llama4-maverick deepseek-v32-exp"
).split()
_CREATIVE: Final = (
    "chatgpt-4o-latest-2025-03-27 claude-3-7-sonnet-20250219 gemini-2.0-flash-001"
    " google__gemma-3-27b-it mistralai__Mistral-Nemo-Instruct-2407 qwen__qwq-32b"
    " deepseek-ai__DeepSeek-R1"
).split()


def _chats(models: Sequence[str], candidate: str, innocents: Sequence[str]) -> Apart:
    others = [one for one in models if one != candidate]
    return Apart(_CHAT, candidate, others, innocents, _CHAT, sets=["selfinstruct"], chosen_on=True)


APART: Final = (
    Apart("more/slop_score", "o3", _DEBATES, ("deepseek-v3.2-exp", "kimi-k2"), "more/debate_2026"),
    Apart("more/slop_score", "glm-4.5", _DEBATES, ("llama-4-maverick", "o3"), "more/debate_2026"),
    Apart(
        "more/slop_score", "chatgpt-4o-latest", _CREATIVE, ("gemma-3-27b-it", "o3"),
        "more/eqbench_cw",
    ),
    Apart(
        "more/debate_2026", "gpt-5.4-none", _STORIES, ("kimi-k2.5", "claude-sonnet-4-6-0K"),
        "more/slop_score",
    ),
    Apart(
        "more/debate_2026", "gemini-3.1-pro-preview", _CREATIVE, ("qwen3.5-397b-a17b", "glm-5"),
        "more/eqbench_cw",
    ),
    Apart(
        "more/slop_score", "o3", [*_STORIES[:-1], "gemma-3-27b-it"],
        ("gemini-2.5-flash", "deepseek-v3.2-exp"), "more/slop_score", halves=True,
    ),
    _chats(_SECOND, "gpt4_0613", ("gemini-pro", "claude-2")),
    _chats(_FIRST, "claude-2", ("gpt-3.5-turbo-1106", "gpt4_0613")),
)  # fmt: skip
TOGETHER: Final = (
    ("alpaca_eval", True),
    ("more/selfinstruct_human", True),
    ("more/debate_2026", True),
    ("more/slop_score", False),
    ("more/eqbench_cw", False),
    ("more/zeroeval_mathl5", False),
    ("more/logickor_ko", False),
    ("more/code_classeval", False),
    ("more/code_humaneval_2025", False),
)
"""Collections of models that answer the same prompts, or share some, and whether the limit was
chosen on them."""


@dataclass(slots=True)
class _Texts:
    """Texts of the data, without their prompts."""

    data: Path
    read: dict[tuple[str, str], list[tuple[int, str, str]]] = field(default_factory=dict)
    made: dict[Any, Fingerprint] = field(default_factory=dict)

    def rows(self, folder: str, model: str) -> list[tuple[int, str, str]]:
        """Of each text: its half of the prompts, their set, and itself."""
        if (folder, model) in self.read:
            return self.read[folder, model]
        path = self.data / folder / f"{model}.jsonl.gz"
        self.read[folder, model] = [
            # What follows the proposition is who speaks.
            (text_hash((one.prompt or "").rsplit(" [", 1)[0]) % 2, one.domain or "", one.text)
            for one in open_corpus(path, domain_field="dataset")
        ]
        return self.read[folder, model]

    def of(self, folder: str, model: str, sets: Sequence[str], halves: Sequence[int]) -> list[str]:
        """Texts of a model on some sets of prompts, all of them where none is named."""
        rows = self.rows(folder, model)
        return [text for half, one, text in rows if half in halves and (not sets or one in sets)]

    def sample(
        self, folder: str, model: str, sets: Sequence[str], half: Sequence[int]
    ) -> Fingerprint:
        """The fingerprint of these."""
        key = folder, model, tuple(sets), tuple(half)
        if key not in self.made:
            rows = [{"text": one} for one in self.of(*key)]
            self.made[key] = fit_fingerprint(rows, f"{Path(folder).name} {model}")
        return self.made[key]


def _corpora(texts: _Texts, given: Apart) -> Iterator[tuple[float, list[str]]]:
    """Corpora on the candidate's prompts, or on others of its set, and its shares of them."""
    half = [0] if given.halves else [1]
    rng = rng_of(0, "other topics", given.candidate)
    innocents = [texts.of(given.folder, one, given.sets, half) for one in given.innocents]
    yield from ((0.0, one) for one in innocents)
    own = texts.of(given.folder, given.candidate, given.sets, [1])
    yield 1.0, own
    n_own = min(len(own), int(_PART * len(innocents[1])))
    n_rest = round(n_own * (1 - _PART) / _PART)
    drawn = (rng.choice(one, n, replace=False) for one, n in ((own, n_own), (innocents[1], n_rest)))
    yield _PART, [str(text) for part in drawn for text in part]


def _read(
    texts: _Texts, given: Apart, corpus: Sequence[str], folder: Path, *, checked: bool
) -> Report:
    whole = Kept.sample_checks

    def without(self: Kept, *arguments: Any) -> tuple[Diagnostic, ...]:
        return tuple(one for one in whole(self, *arguments) if one.kind != _KIND)

    rest = [one for one in _SETS if one not in given.sets] if given.sets else ()
    theirs = [1] if given.halves else [0, 1]
    with patch.object(Kept, "sample_checks", whole if checked else without):
        return match(
            [{"text": one} for one in corpus],
            candidates=[texts.sample(given.folder, given.candidate, given.sets, [0])],
            panel=[texts.sample(given.panel, one, rest, theirs) for one in given.others],
            cache_dir=folder,
        )


def _row(texts: _Texts, given: Apart, folder: Path) -> str:
    """How many corpora are told, without the check and with it, and what of them is wrong."""
    counts, corpora, agreement = np.zeros((2, 3), int), [*_corpora(texts, given)], np.nan
    for truth, corpus in corpora:
        for checked in (False, True):
            report = _read(texts, given, corpus, folder, checked=checked)
            (own,) = report.candidates()
            listed = int((report.documents[f"q[{own.source}]"] <= FDR).sum())
            wrong = (own.share is not None, own.low > truth, listed if truth == 0 else 0)
            counts[int(checked)] += wrong
            for one in report.diagnostics:
                if one.kind == _KIND and one.statistic is not None:
                    agreement = one.statistic
    mark = " (chosen on)" if given.chosen_on else ""
    cells = [f"{told} | {high} | {rows}" for told, high, rows in counts.tolist()]
    return f"| {given.label}{mark} | {agreement:.2f} | {len(corpora)} | {' | '.join(cells)} |"


def _together(texts: _Texts, folder: str, n_panels: int) -> list[float]:
    """What the check finds of models that answered the same prompts, each the candidate in turn."""
    names = sorted(one.name.removesuffix(".jsonl.gz") for one in (texts.data / folder).glob("*.gz"))
    enough = [one for one in names if "human" not in one and len(texts.rows(folder, one)) >= 20]
    found = []
    for seed in range(n_panels):
        drawn = rng_of(seed, "together", folder).permutation(enough)[:7].tolist()
        made = tuple(texts.sample(folder, one, (), [0, 1]) for one in drawn)
        for place in range(len(made)):
            roles = tuple("candidate" if one == place else "panel" for one in range(len(made)))
            checks = topic_checks(Sources(made, roles))
            found += [float(one.statistic) for one in checks if one.statistic is not None]
    return found


def main(
    data: Annotated[Path, typer.Argument(help="The folder that holds the data.")],
    panels: Annotated[int, typer.Option(min=0, help="Panels of seven models a set.")] = 5,
) -> None:
    """Print both tables."""
    texts = _Texts(data)
    head = "without the check: told | low end above the truth | rows listed of innocents"
    typer.echo(
        f"| the candidate's sample | the others' | agreement | corpora | {head} | with it: told |"
        " low end above the truth | rows listed of innocents |"
    )
    typer.echo("|---" * 10 + "|")
    with TemporaryDirectory() as folder:
        for given in APART:
            typer.echo(_row(texts, given, Path(folder)))
    typer.echo("\n| on the same prompts | candidates | withheld | least agreement | median |")
    typer.echo("|---" * 5 + "|")
    for name, chosen_on in TOGETHER if panels else ():
        found = np.array(_together(texts, name, panels))
        n_failed = int((found < LIMIT).sum())
        mark = " (chosen on)" if chosen_on else ""
        cells = f"{n_failed} | {found.min():.2f} | {np.median(found):.2f}"
        typer.echo(f"| `{Path(name).name}`{mark} | {len(found)} | {cells} |")


if __name__ == "__main__":
    typer.run(main)
