"""What is left of a share when the candidate's rows were washed, and what is seen of the washing.

``python -m provenance.validation.bench.laundered_shares DATA`` mixes corpora of which the candidate
wrote 30 %, washes its rows by every launderer at three strengths, and reads each with a sample of
other prompts: the share before and after, what was found, and what published estimators read. What
paraphrased and translated back was not made here: it comes with the data.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from provenance.corpus import Corpus, open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.report.report import Report
from provenance.validation.bench.files import existing, source_files
from provenance.validation.held_out import rng_of
from provenance.validation.laundering.corpora import (
    CORPUS_LAUNDERERS,
    FAMOUS_WORDS,
    spread_over_files,
    telling_words,
)
from provenance.validation.laundering.edits import scrub
from provenance.validation.laundering.table import GUIDE, LAUNDERERS, launder, launder_by
from provenance.validation.markdown import table_lines
from provenance.validation.peers.peers import PEERS, compare, missing
from provenance.validation.peers.training import PeerTexts, Training

__all__ = [
    *("MIXES", "SHARE", "STRENGTHS", "Mix", "Washed"),
    *("lightly", "main", "models", "people", "washings"),
]

SHARE: Final = 0.3
STRENGTHS: Final[Mapping[str, tuple[float, float, float]]] = {
    "truncation": (0.25, 0.5, 0.75),
    "homoglyphs": (0.02, 0.1, 0.3),
    "hidden_characters": (0.02, 0.1, 0.3),
    "typos": (0.02, 0.1, 0.3),
    "word_drop": (0.1, 0.2, 0.3),
    "sentence_drop": (0.1, 0.3, 0.5),
}
"""Of the others they are a tenth, three tenths and all."""
_OTHERS: Final = (0.1, 0.3, 1.0)
_SCRUBBED: Final = (50, 200, 1000)
"""Words that are scrubbed."""
_PEERS: Final = ("Liang, documents", "DyS")
_WIDEN: Final = frozenset({"feature_families", "mixed_rows", "openings"})
"""Checks that warn of what an edit may have done, and widen the range by it."""
_MODELS: Final = 5
"""Models beside the candidate; a round figure that bounds the time of a run."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Texts that a bench is made of, by source and prompt.

    Parameters
    ----------
    candidate : str
    role : str
        Of the other sources: ``reference`` or ``panel``.
    texts : mapping of str to mapping of str to str
        By source and prompt, or row.
    attacked : mapping of str to list of str
        The candidate's text under attacks that come with the data.
    """

    candidate: str
    role: str
    texts: Mapping[str, Mapping[str, str]]
    attacked: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Washed:
    """How one corpus was read.

    Parameters
    ----------
    launderer, strength : str
    truth : float
    share, low, high : float
        NaN for a share that was withheld.
    fired : tuple of str
        Findings and checks that tell of the washing or withhold the share.
    peers : mapping of str to float
    """

    launderer: str
    strength: str
    truth: float
    share: float
    low: float
    high: float
    fired: tuple[str, ...]
    peers: Mapping[str, float]


def _rows(path: Path) -> dict[str, str]:
    rows = enumerate(open_corpus(existing(path), text_field="text"))
    return {one.prompt or f"row {number}": one.text for number, one in rows if one.text.strip()}


def models(data: Path, folder: str, candidate: str) -> Mix:
    """One model among five others of a folder, drawn once."""
    files = source_files(data / folder)
    others = sorted({*files} - {candidate})
    drawn = rng_of("panel", folder).permutation(others)[:_MODELS].tolist()
    texts = {name: _rows(files[name]) for name in [candidate, *sorted(drawn)]}
    return Mix(candidate, "panel", texts, {})


def people(data: Path, candidate: str) -> Mix:
    """One model of `detectrl` among people."""
    place = data / "detectrl"
    domains = ("xsum", "writing", "yelp")

    def read(pattern: str) -> dict[str, str]:
        return {
            f"{domain} {key}": text
            for domain in domains
            for key, text in _rows(place / pattern.format(domain)).items()
        }

    attacks = ("paraphrase_dipper_llm", "paraphrase_back_translation_llm")
    return Mix(
        candidate,
        "reference",
        {
            candidate: read(f"{{}}/direct_prompt/{candidate}.jsonl.gz"),
            "people": read("human_{}.jsonl.gz"),
        },
        {name: list(read(f"{{}}/{name}/{candidate}.jsonl.gz").values()) for name in attacks},
    )


MIXES: Final[Mapping[str, Callable[[Path], Mix]]] = {
    "detectrl": partial(people, candidate="Claude-instant"),
    "alpaca_eval": partial(models, folder="alpaca_eval", candidate="gpt4_0613"),
    "slop_score": partial(models, folder="more/slop_score", candidate="claude-sonnet-4-5"),
}
"""One API among people, and two among other models."""


@dataclass(frozen=True, slots=True)
class _Halves:
    """Half of each source's prompts make the corpora; of the rest a third is anybody's to see."""

    mix: Mix
    samples: Mapping[str, list[str]]
    public: Mapping[str, list[str]]
    own: list[str]
    others: list[str]

    @classmethod
    def of(cls, mix: Mix, most: int) -> _Halves:
        prompts = sorted({prompt for texts in mix.texts.values() for prompt in texts})
        in_sample = {
            prompt
            for prompt, is_first in zip(
                prompts, rng_of("halves", mix.candidate).random(len(prompts)) < 0.5, strict=True
            )
            if is_first
        }
        rng = rng_of("corpus", mix.candidate)
        drawn = {
            name: _shuffled([text for at, text in texts.items() if at in in_sample], rng)
            for name, texts in mix.texts.items()
        }
        n_public = {name: len(texts) // 3 for name, texts in drawn.items()}
        public = {name: texts[: n_public[name]][:most] for name, texts in drawn.items()}
        samples = {name: texts[n_public[name] :][:most] for name, texts in drawn.items()}
        rest = {
            name: [text for prompt, text in texts.items() if prompt not in in_sample]
            for name, texts in mix.texts.items()
        }
        own = rest.pop(mix.candidate)
        others = [text for texts in rest.values() for text in texts]
        own, others = _shuffled(own, rng), _shuffled(others, rng)
        n_own = min(len(own), int(SHARE / (1 - SHARE) * len(others)), most)
        return cls(mix, samples, public, own[:n_own], others[: round(n_own * (1 - SHARE) / SHARE)])


def _shuffled(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    return [texts[at] for at in rng.permutation(len(texts)).tolist()]


def _washed(halves: _Halves) -> Iterator[tuple[str, str, list[str]]]:
    """The candidate's rows under every launderer and strength."""
    own, others = halves.own, halves.others
    yield "nothing", "", own
    for name in LAUNDERERS:
        for strength in STRENGTHS.get(name, _OTHERS):
            rng = rng_of(name, strength)
            yield name, f"{strength:g}", [launder(text, name, strength, rng) for text in own]
    for name, function in CORPUS_LAUNDERERS.items():
        for strength in _OTHERS:
            yield name, f"{strength:g}", function(own, others, strength, rng_of(name, strength))
    for files in (2, 10, 100):
        spread = spread_over_files(own, files, rng_of("spreading", files))
        yield "spreading", f"{files} files", [text for rows in spread for text in rows]
    candidate = halves.mix.candidate
    lists = {"scrub, famous words": list(FAMOUS_WORDS)}
    for name, texts_of in (("public sample", halves.public), ("our reference", halves.samples)):
        rest = [text for one, texts in texts_of.items() if one != candidate for text in texts]
        lists[f"scrub, {name}"] = telling_words(texts_of[candidate], rest, max(_SCRUBBED))
    for name, words in lists.items():
        for count in _SCRUBBED if len(words) >= max(_SCRUBBED) else (len(words),):
            edit = scrub(words[:count])
            yield name, f"{count} words", [edit(text, 1.0, rng_of(name)) for text in own]
    for times in (1, 2, 3):
        rng = rng_of("guide", times)
        yield "the guide", f"{times} times", [launder_by(text, GUIDE * times, rng) for text in own]
    for name, texts in halves.mix.attacked.items():
        yield name, "", texts[: len(own)]


def washings(mix: Mix, *, most: int = 400, peers: bool = True) -> Iterator[Washed]:
    """Every launderer at every strength on one mix.

    Parameters
    ----------
    mix : Mix
    most : int
        Texts of a source in a sample, and of the candidate in a corpus.
    peers : bool
        Whether published estimators read the corpora too.
    """
    halves = _Halves.of(mix, most)
    with _reader(halves) as read:
        training = _training(halves) if peers else None
        for name, strength, rows in _washed(halves):
            rows = [text for text in rows if text.strip()]
            corpus = [*rows, *halves.others]
            report = read(_corpus(corpus))
            yield _reading(name, strength, len(rows) / len(corpus), report, training, corpus)


def lightly(
    mix: Mix, launderer: str, strengths: Sequence[float], *, most: int = 300
) -> Iterator[Washed]:
    """One launderer at other strengths than a tenth, three tenths and all; 0 changes nothing.

    Parameters
    ----------
    mix : Mix
    launderer : str
        A key of `LAUNDERERS`.
    strengths : sequence of float
    most : int
        Texts of a source in a sample, and of the candidate in a corpus.
    """
    halves = _Halves.of(mix, most)
    with _reader(halves) as read:
        for strength in strengths:
            rows = [
                launder(text, launderer, strength, rng_of("light", at))
                for at, text in enumerate(halves.own)
            ]
            corpus = [*rows, *halves.others]
            report = read(_corpus(corpus))
            truth = len(rows) / len(corpus)
            yield _reading(launderer, f"{strength:g}", truth, report, None, corpus)


@contextmanager
def _reader(halves: _Halves) -> Iterator[Callable[[Corpus], Report]]:
    """What reads corpora beside the samples of a mix, whose fitted panel is kept meanwhile."""
    mix = halves.mix
    prints = {name: _measured(texts, name) for name, texts in halves.samples.items()}
    candidate = prints.pop(mix.candidate)
    with tempfile.TemporaryDirectory() as folder:
        yield partial(
            match,
            candidates=[candidate],
            references=[*prints.values()] if mix.role == "reference" else [],
            panel=[*prints.values()] if mix.role == "panel" else [],
            only=mix.role == "reference",
            cache_dir=folder,
            library=False,
        )


def _measured(texts: Sequence[str], name: str) -> Fingerprint:
    return fit_fingerprint(_corpus(texts), name)


def _corpus(texts: Sequence[str]) -> Corpus:
    return open_corpus([{"id": str(n), "text": text} for n, text in enumerate(texts)])


def _training(halves: _Halves) -> Training:
    texts = [text for rows in halves.samples.values() for text in rows]
    is_own = np.array(
        [name == halves.mix.candidate for name, rows in halves.samples.items() for _ in rows]
    )
    return Training(PeerTexts(texts), is_own, [str(n) for n in range(len(texts))], 0)


def _reading(
    name: str,
    strength: str,
    truth: float,
    report: Report,
    training: Training | None,
    corpus: Sequence[str],
) -> Washed:
    (row,) = report.candidates("documents")
    found = [
        str(item.details.get("of", item.kind))
        for item in report.findings
        if item.verdict == "found"
    ]
    failed = [
        item.kind
        for item in report.diagnostics
        if item.verdict == "fail" or (item.kind in _WIDEN and item.verdict == "warn")
    ]
    named = {peer: PEERS[peer] for peer in _PEERS if missing(PEERS[peer]) is None}
    told = {} if training is None else compare(training, [(corpus, truth)], named)
    return Washed(
        name,
        strength,
        truth,
        float("nan") if row.share is None else row.share,
        row.low,
        row.high,
        (*found, *failed),
        {item.peer: item.share for item in told},
    )


def table(rows: Sequence[Washed]) -> list[tuple[str, ...]]:
    """A row for each launderer, in percent; its strengths stand behind one another.

    *Held* counts ranges that hold the truth where a share is told; a withheld one always does.
    """
    peers = [*rows[0].peers]
    head = ("launderer", "strengths", "truth", "share", "low", "high", "held", "seen", *peers)
    by_name = groupby(rows, key=lambda row: row.launderer)
    return [head, *(_line(name, [*group], peers) for name, group in by_name)]


def _line(name: str, rows: Sequence[Washed], peers: Sequence[str]) -> tuple[str, ...]:
    def told(values: Iterable[float]) -> str:
        shown = ["–" if np.isnan(value) else f"{100 * value:.1f}" for value in values]
        return shown[0] if len(set(shown)) == 1 else ", ".join(shown)

    is_told = [row for row in rows if not np.isnan(row.share)]
    n_held = sum(row.low <= row.truth <= row.high for row in is_told)
    seen = Counter(what for row in rows for what in row.fired)
    return (
        name,
        ", ".join(row.strength for row in rows),
        told(row.truth for row in rows),
        told(row.share for row in rows),
        told(row.low for row in rows),
        told(row.high for row in rows),
        f"{n_held} of {len(is_told)}",
        ", ".join(f"{what} {count}" for what, count in seen.items()),
        *(told(row.peers[peer] for row in rows) for peer in peers),
    )


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data.")],
    mixes: Annotated[str, typer.Option("--mixes", help="Which, with commas.")] = ",".join(MIXES),
    most: Annotated[int, typer.Option("--most", min=20, help="Texts of a source.")] = 400,
    peers: Annotated[bool, typer.Option("--peers/--no-peers", help="Peers too.")] = True,
) -> None:
    """Print one table for each mix; – is a share that was withheld."""
    for name in mixes.split(","):
        rows = []
        for row in washings(MIXES[name](data), most=most, peers=peers):
            rows.append(row)
            typer.echo(f"{name}: {row.launderer} {row.strength}", err=True)
        typer.echo(f"\n{name}\n")
        for line in table_lines(table(rows)):
            typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
