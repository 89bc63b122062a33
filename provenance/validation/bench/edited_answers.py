"""How many edited answers a log finds again, and how often text that is not of the log is found.

``python -m provenance.validation.bench.edited_answers DATA`` takes the answers of one model as the
log, answers of others to the same prompts as its decoys, and answers of yet others, with text by
people, as what must not be found. Each launderer edits the log's answers. The threshold is chosen
on one half of the prompts; everything that is told is of the other half.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import Document, open_corpus
from provenance.errors import InputError
from provenance.evidence.log.building import index_log
from provenance.evidence.log.matcher import LIMIT, LONG, LogMatcher, LogMatches
from provenance.evidence.log.tally import LogTally
from provenance.statistics.conventions import FDR
from provenance.validation.bench.files import ENDING, source_files
from provenance.validation.held_out import rng_of
from provenance.validation.laundering.table import launder
from provenance.validation.markdown import table

__all__ = [
    "EDITS",
    "Found",
    "Trial",
    "by_edit",
    "by_length",
    "false_positives",
    "main",
    "table",
    "try_log",
]

Bools = NDArray[np.bool_]

EDITS: Final = (
    *(("truncation", 0.5), ("truncation", 0.75), ("truncation", 0.9)),
    *(("markdown", 1.0), ("case", 1.0), ("whitespace", 1.0), ("homoglyphs", 0.3)),
    *(("punctuation", 1.0), ("sentence_shuffle", 0.5), ("sentence_shuffle", 1.0)),
    *(("sentence_drop", 0.3), ("sentence_drop", 0.6)),
    *(("word_drop", 0.05), ("word_drop", 0.1), ("word_drop", 0.3)),
    *(("word_swap", 0.1), ("word_swap", 0.3)),
    *(("synonyms", 0.1), ("synonyms", 0.3), ("synonyms", 1.0)),
    *(("typos", 0.05), ("typos", 0.2), ("identity", 1.0), ("interface_debris", 1.0)),
)
"""Launderers and the strengths at which each is tried."""
BY_LENGTH: Final = (
    *(("truncation", 0.5), ("sentence_shuffle", 1.0), ("word_drop", 0.1), ("synonyms", 0.3)),
)
LENGTHS: Final = (8, 25, 50, 100, 200, 1 << 30)
LOG_MODELS: Final = ("claude-2", "gpt4_0613", "vicuna-13b-v1.5")
_LONG_ANSWER: Final = 100
_FEWEST: Final = 50
_ALLOWED: Final = 0.001
_DECOYS: Final = 3
_ATTACKS: Final = (
    *(("DIPPER", "paraphrase_dipper_llm"), ("back-translation", "paraphrase_back_translation_llm")),
    ("character edits", "adversarial_character_llm"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a matcher finds of some texts, each of which stands for one answer.

    Parameters
    ----------
    tokens : ndarray of int32
        Of the answer before it was edited.
    run, half : ndarray of bool
        Whether any run, and whether a run over half of the text, is in the log.
    similarity : ndarray of float32
    rank : ndarray of int64
        Decoys that are at least as similar.
    """

    tokens: NDArray[np.int32]
    run: Bools
    half: Bools
    similarity: NDArray[np.float32]
    rank: NDArray[np.int64]

    def take(self, rows: Bools) -> Found:
        """Some of the texts."""
        return Found(
            self.tokens[rows],
            self.run[rows],
            self.half[rows],
            self.similarity[rows],
            self.rank[rows],
        )

    def between(self, fewest: int, most: int) -> Found:
        """Texts whose answer has at least `fewest` and fewer than `most` tokens."""
        return self.take((self.tokens >= fewest) & (self.tokens < most))


@dataclass(frozen=True, slots=True)
class Trial:
    """One log, its threshold, and what was found on the prompts that did not choose it.

    Parameters
    ----------
    model : str
    matcher : LogMatcher
    threshold : float
    negatives : dict of str to Found
        By kind of text.
    edited : dict of (str, float) to Found
        By launderer and strength.
    """

    model: str
    matcher: LogMatcher
    threshold: float
    negatives: Mapping[str, Found]
    edited: Mapping[tuple[str, float], Found]

    def near(self, found: Found) -> Bools:
        """Which are found by likeness."""
        return found.similarity > self.threshold

    def listed(self, edited: Found) -> tuple[Bools, Bools]:
        """Which rows `match` lists of a corpus with as many answers as other text.

        Returns
        -------
        own, other : ndarray of bool
            Of the edited answers, and of the other text.
        """
        other = self.negatives["other models"]
        drawn = rng_of("corpus", self.model).permutation(len(other.rank))[: len(edited.rank)]
        ranks = np.concatenate([edited.rank, other.rank[drawn]])
        listed = ranks <= last_listed(self.matcher, ranks)
        return listed[: len(edited.rank)], listed[len(edited.rank) :]


def last_listed(matcher: LogMatcher, ranks: NDArray[np.int64]) -> int:
    """The largest rank that `match` lists in a corpus of these; -1 where it lists none."""
    tally = LogTally(matcher, FDR)
    tally.n_documents = len(ranks)
    tally.ranks += np.bincount(ranks, minlength=len(tally.ranks))
    return tally.last_rank


def threshold_of(similarity: NDArray[np.float32], allowed: float = _ALLOWED) -> float:
    """The least value that at most the part `allowed` exceeds.

    Examples
    --------
    >>> threshold_of(np.arange(10, dtype=np.float32), 0.2)
    7.0
    """
    ordered = np.sort(similarity)
    return float(ordered[len(ordered) - 1 - int(allowed * len(ordered))])


def look(
    matcher: LogMatcher, texts: Sequence[str], tokens: NDArray[np.int32] | None = None
) -> Found:
    """What a matcher finds of some texts."""
    found: LogMatches = matcher.match(texts)
    run = found.covered > 0
    return Found(
        found.tokens if tokens is None else tokens,
        run,
        run & (2 * found.covered >= found.tokens),
        found.similarity,
        LogTally(matcher, FDR).rank(found),
    )


def try_log(
    answers: Mapping[str, Mapping[str, str]],
    people: Sequence[str],
    model: str,
    edits: Sequence[tuple[str, float]] = EDITS,
    *,
    seed: int = 0,
) -> Trial:
    """Index the answers of one model and look for them, edited, and for other text.

    Parameters
    ----------
    answers : mapping of str to mapping of str to str
        Model, prompt, answer.
    people : sequence of str
        Text by people.
    model : str
        Whose answers the log holds.
    edits : sequence of (str, float)
        Launderers and strengths.
    seed : int
        Draws the models of the decoys, the halves and the edits.
    """
    rng = rng_of(seed, "trial", model)
    others = rng.permutation(sorted(set(answers) - {model})).tolist()
    inside, outside = others[: len(others) // 2], others[len(others) // 2 :]
    prompts = sorted(answers[model])
    chosen_on = set(rng.permutation(prompts)[: len(prompts) // 2].tolist())
    drawn = [
        Document(f"{prompt}/{name}", answers[str(name)][prompt], "decoys", 1, prompt=prompt)
        for prompt in prompts
        for name in rng.permutation(inside)[:_DECOYS]
        if prompt in answers[str(name)]
    ]
    log = [Document(p, answers[model][p], "log", 1, prompt=p) for p in prompts]
    with tempfile.TemporaryDirectory() as folder:
        matcher = LogMatcher.fit(
            index_log(log, Path(folder) / "log.idx"), index_log(drawn, Path(folder) / "decoys.idx")
        )
        strange = [(p, answers[name][p]) for name in outside for p in prompts if p in answers[name]]
        first = np.array([prompt in chosen_on for prompt, _ in strange])
        first_people = rng.permutation(len(people)) % 2 == 0
        other = look(matcher, [text for _, text in strange])
        human = look(matcher, people)
        learnt = [other.take(first), human.take(first_people)]
        threshold = threshold_of(
            np.concatenate([item.similarity[item.tokens >= _FEWEST] for item in learnt])
        )
        kept = [answers[model][prompt] for prompt in prompts if prompt not in chosen_on]
        tokens = matcher.match(kept).tokens
        edited = {
            (name, strength): look(matcher, _laundered(kept, name, strength, rng), tokens)
            for name, strength in edits
        }
    negatives = {"other models": other.take(~first), "people": human.take(~first_people)}
    return Trial(model, matcher, threshold, negatives, edited)


def _laundered(
    texts: Iterable[str], name: str, strength: float, rng: np.random.Generator
) -> list[str]:
    return [launder(text, name, strength, rng) for text in texts]


Rows = list[tuple[str, ...]]


def false_positives(trials: Sequence[Trial]) -> Rows:
    """Rates at which text that is not of the log is found; texts of 50 tokens and more."""
    head = ("log", "text", "threshold", "n", "run", "half covered", "likeness", "any")
    rows: Rows = [head]
    for trial in trials:
        for kind, found in trial.negatives.items():
            item = found.between(_FEWEST, LENGTHS[-1])
            near = trial.near(item)
            parts = [item.run, item.half, near, item.run | near]
            rates = [_share([part], digits=2) for part in parts]
            rows.append((trial.model, kind, f"{trial.threshold:.3f}", f"{len(near):,}", *rates))
    return rows


def by_edit(trials: Sequence[Trial], fewest: int = _LONG_ANSWER) -> Rows:
    """Part of the edited answers that is found, of answers of so many tokens."""
    head = ("edit", "strength", "n", "run", "half covered", "likeness", "run or likeness")
    logs = (trial.model for trial in trials)
    rows: Rows = [(*head, *logs, "listed by match", "others listed")]
    for name, strength in trials[0].edited:
        found = [trial.edited[name, strength].between(fewest, LENGTHS[-1]) for trial in trials]
        near = [trial.near(item) for trial, item in zip(trials, found, strict=True)]
        either = [one | item.run for one, item in zip(near, found, strict=True)]
        listed = [trial.listed(item) for trial, item in zip(trials, found, strict=True)]
        rows.append(
            (
                *(name, f"{strength:g}", f"{sum(map(len, near)):,}"),
                *(_share([item.run for item in found]), _share([item.half for item in found])),
                *(_share(near), _share(either)),
                *(_share([part]) for part in either),
                _share([own for own, _ in listed]),
                _share([other for _, other in listed], digits=2),
            )
        )
    return rows


def by_length(trials: Sequence[Trial], edits: Sequence[tuple[str, float]] = BY_LENGTH) -> Rows:
    """Part that is found by a run or by likeness, by tokens of the answer before its edit."""
    spans = list(pairwise(LENGTHS))
    names = [f"{low} to {high - 1}" if high < LENGTHS[-1] else f"{low} +" for low, high in spans]
    rows: Rows = [("edit", "strength", "found by", *names)]
    kinds: list[tuple[str, str, Callable[[Trial], Found]]] = [
        *((name, f"{part:g}", _of_edit(name, part)) for name, part in edits),
        *((f"not of the log: {kind}", "", _of_kind(kind)) for kind in trials[0].negatives),
    ]
    for name, strength, of in kinds:
        ways: list[tuple[str, Callable[[Trial, Found], Bools]]] = [
            ("run", lambda trial, item: item.run),
            ("likeness", lambda trial, item: trial.near(item)),
            ("either", lambda trial, item: item.run | trial.near(item)),
        ]
        for way, function in ways:
            cells = []
            for low, high in spans:
                parts = [function(trial, of(trial).between(low, high)) for trial in trials]
                n = sum(map(len, parts))
                cells.append(f"{_share(parts, digits=2 if not strength else 1)} of {n:,}")
            rows.append((name, strength, way, *cells))
    return rows


def _of_edit(name: str, strength: float) -> Callable[[Trial], Found]:
    return lambda trial: trial.edited[name, strength]


def _of_kind(kind: str) -> Callable[[Trial], Found]:
    return lambda trial: trial.negatives[kind]


def _share(parts: Sequence[Bools], digits: int = 1) -> str:
    joined = np.concatenate(parts)
    return _percent(joined.mean() if len(joined) else np.nan, digits)


def _percent(value: float, digits: int = 1) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.{digits}f} %"


def paraphrases(data: Path) -> Rows:
    """Paraphrased rows beside a log of the same model's direct answers, and what others share."""
    rows: Rows = [
        ("log", "rows", "n", "with a run", f"likeness {LIMIT:g}", "best likeness", "median")
    ]
    folder = data / "detectrl"
    domains = sorted(path.name for path in folder.iterdir() if path.is_dir())
    names = sorted(path.name for path in (folder / domains[0] / "direct_prompt").glob("*.gz"))

    def read(kind: str, name: str) -> list[Document]:
        return [d for domain in domains for d in open_corpus(folder / domain / kind / name)]

    for name in names:
        log = read("direct_prompt", name)
        texts: dict[str, list[str]] = {
            label: [item.text for item in read(kind, name)] for label, kind in _ATTACKS
        }
        texts["other models, direct"] = [
            item.text for other in names if other != name for item in read("direct_prompt", other)
        ]
        texts["people"] = list(_people(data))
        rows += _beside(name.removesuffix(ENDING), log, texts)
    return rows


def translations(data: Path) -> Rows:
    """Translated answers beside a log of their originals."""
    log, translated = (
        [item for path in source_files(data / name).values() for item in open_corpus(path)]
        for name in ("alpaca52k_en", "alpaca52k_zh")
    )
    corpus = [item.text for item in translated]
    head = ("log", "rows", "n", "with a run", f"likeness {LIMIT:g}", "best likeness", "median")
    return [head, *_beside("alpaca52k_en", log, {"alpaca52k_zh": corpus})]


def _beside(name: str, log: Sequence[Document], texts: Mapping[str, Sequence[str]]) -> Rows:
    """A line for each kind of text beside a log without decoys."""
    with tempfile.TemporaryDirectory() as folder:
        matcher = LogMatcher.fit(index_log(log, Path(folder) / "log.idx"))
        lines: Rows = []
        for kind, corpus in texts.items():
            found = matcher.match(corpus)
            near = (found.similarity >= LIMIT) & (found.tokens >= LONG)
            usable = found.similarity[found.tokens >= LONG]
            lines.append(
                (
                    *(f"{name} ({len(log):,})", kind, f"{len(corpus):,}"),
                    *(f"{(found.covered > 0).sum():,}", f"{near.sum():,}"),
                    f"{usable.max(initial=0):.2f}",
                    f"{np.median(usable):.2f}" if len(usable) else "–",
                )
            )
    return lines


def _people(data: Path) -> Iterator[str]:
    for path in source_files(data / "detectrl").values():
        yield from (item.text for item in open_corpus(path))


def _answers(data: Path) -> dict[str, dict[str, str]]:
    return {
        name: {item.prompt: item.text for item in open_corpus(path) if item.prompt}
        for name, path in source_files(data / "alpaca_eval").items()
    }


def main(
    data: Annotated[Path, typer.Argument(help="Folder with alpaca_eval, detectrl, alpaca52k_*.")],
    log_model: Annotated[
        list[str] | None, typer.Option(help="Model whose answers the log holds. Repeat.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws models, halves and edits.")] = 0,
) -> None:
    """Print what is found of edited answers, and of text that is not of the log."""
    answers, people = _answers(data), list(_people(data))
    models = log_model or LOG_MODELS
    for model in models:
        if model not in answers:
            raise InputError(f"no model is called {model!r}", expected=", ".join(sorted(answers)))
    trials = [try_log(answers, people, model, seed=seed) for model in models]
    for title, rows in (
        ("Text that is not of the log, 50 tokens and more", false_positives(trials)),
        (f"Edited answers of {_LONG_ANSWER} tokens and more", by_edit(trials)),
        ("By tokens of the answer before its edit", by_length(trials)),
        ("Paraphrases by machine, no decoys", paraphrases(data)),
        ("Translations, no decoys", translations(data)),
    ):
        typer.echo(f"\n{title}\n\n{table(rows)}")


if __name__ == "__main__":
    typer.run(main)
