"""What is told where the candidate's sample was treated as the other samples were not.

``python -m provenance.validation.bench.processed_samples DATA`` tells how many clean samples are
told to be treated unlike the others, beside five models of their collection and beside people; and
what is told of corpora that hold none, 30 % and nothing but the candidate's text, where such a
treatment was given to the corpus and the candidate's sample, to the sample alone, or to the other
samples alone.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

import typer

from provenance.corpus import open_corpus
from provenance.corpus.languages import language_of
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.share.checks.processed import processed_checks
from provenance.share.sources import FEWEST_MODELS, Sources
from provenance.validation.bench.laundered_shares import MIXES, Mix
from provenance.validation.bench.washing import kinds_of
from provenance.validation.held_out import rng_of
from provenance.validation.laundering.edits import sentences
from provenance.validation.laundering.table import launder
from provenance.validation.markdown import table_lines

__all__ = ["TREATMENTS", "Outcome", "clean", "main", "outcomes", "table"]

_STOP_WORDS: Final = (
    "the a an and or but if of to in on at by for with from as is are was were be been it its this"
    " that these those he she they his her their i you we my your our not do does did have has had"
    " will would can could should may might than then so there which who what when where how all"
).split()


def _without(words: Sequence[str], text: str) -> str:
    return re.sub(rf"\b(?:{'|'.join(words)})\b[ \t]?", "", text, flags=re.IGNORECASE)


def _laundered(name: str, strength: float, text: str) -> str:
    return launder(text, name, strength, rng_of(name, text))


def _as_html(text: str) -> str:
    paragraphs = [one.strip() for one in re.split(r"\n\s*\n", text) if one.strip()]
    tagged = "\n".join(f"<p>{one}</p>".replace("\n", "<br/>\n") for one in paragraphs)
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", tagged)


def _said_sorted(text: str) -> str:
    return " ".join(sorted(one.strip() for one in sentences(text)))


TREATMENTS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "articles left out": partial(_laundered, "articles", 1.0),
        "punctuation stripped": partial(re.sub, r"[^\w\s]", ""),
        "each text said twice": lambda text: f"{text}\n\n{text}",
        "stop words left out": partial(_without, _STOP_WORDS),
        "paragraphs in HTML": _as_html,
        "synonyms by a table": partial(_laundered, "synonyms", 1.0),
        "letters made small": str.lower,
        "commas stripped": lambda text: text.replace(",", ""),
        "*to* and *of* left out": partial(_without, ("to", "of")),
        "*&* for *and*": partial(re.sub, r"\band\b", "&"),
        "*one* for pronouns": partial(
            re.sub, r"\b(?:I|[Yy]ou|[Hh]e|[Ss]he|[Tt]hey|[Ww]e)\b", "one"
        ),
        "words sorted": lambda text: " ".join(sorted(text.split())),
        "sentences sorted": _said_sorted,
        "words cut to stems": partial(re.sub, r"\b([A-Za-z]{3,}?)(?:ing|ed|ly|es|s)\b", r"\1"),
        "marks set apart": partial(re.sub, r"([^\w\s'])", r" \1 "),
        "digits masked": partial(re.sub, r"\d", "0"),
        "names masked": partial(re.sub, r"(?<=[a-z,] )[A-Z][a-z]+\b", "[NAME]"),
        "typos": partial(_laundered, "typos", 0.1),
    }
)
"""The first six, on `alpaca_eval`, chose the constants of `share.checks.processed`."""
_CHOSE: Final = 6
_COLLECTIONS: Final[Mapping[str, tuple[Callable[[Path], Mix], slice]]] = {
    "alpaca_eval": (MIXES["alpaca_eval"], slice(None)),
    "slop_score": (MIXES["slop_score"], slice(_CHOSE, None)),
    "detectrl": (MIXES["detectrl"], slice(None)),
}
"""And which treatments: `slop_score`, which takes the longest, has none of those that chose."""
_PLACES: Final = ("sample and corpus", "sample alone", "other samples")
_TRUTHS: Final = (0.0, 0.3, 1.0)
_SAMPLE: Final = 150
_CORPUS: Final = 200
"""Texts of a sample and of a corpus at most; round figures that bound the time of a run."""
_CLEAN: Final = 200
_DRAWS: Final = 4
_PAIRS: Final = 60
"""Models beside each kind of people's text."""
_KINDS: Final = {"programs": ("code_", "humaneval"), "mathematics": ("zeroeval",)}
"""Parts of the names of files; English text of the others is prose."""
_BESIDE: Final = (("prose", "prose"), ("mathematics", "prose"), ("programs", "programs"))
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was told of one corpus.

    Parameters
    ----------
    collection, treatment, place : str
    truth : float
    share : float or None
    low, high : float
    """

    collection: str
    treatment: str
    place: str
    truth: float
    share: float | None
    low: float
    high: float

    @property
    def kind(self) -> str:
        """How it turned out."""
        if self.low > self.truth + 1e-9:
            return "accused"
        if self.share is None:
            return "withheld"
        return "held" if self.high >= self.truth - 1e-9 else "missed"


def outcomes(
    collection: str, mix: Mix, treatments: Mapping[str, Callable[[str], str]]
) -> Iterator[Outcome]:
    """Each treatment in each place, and first none at all."""
    prompts = sorted({prompt for texts in mix.texts.values() for prompt in texts})
    first = rng_of("processed", mix.candidate).random(len(prompts)) < 0.5
    in_sample = {prompt for prompt, is_first in zip(prompts, first, strict=True) if is_first}
    samples, rest = (
        {
            name: _drawn({p: text for p, text in texts.items() if (p in in_sample) is wanted}, name)
            for name, texts in mix.texts.items()
        }
        for wanted in (True, False)
    )
    plain = {name: _measured(texts, name) for name, texts in samples.items()}
    corpora = {truth: _mixed(rest, mix.candidate, truth) for truth in _TRUTHS}
    with tempfile.TemporaryDirectory() as folder:

        def told(prints: Mapping[str, Fingerprint], texts: Sequence[str]) -> Iterator[float | None]:
            others = [one for name, one in prints.items() if name != mix.candidate]
            report = match(
                open_corpus([{"text": text} for text in texts if text.strip()]),
                candidates=[prints[mix.candidate]],
                references=others if mix.role == "reference" else [],
                panel=others if mix.role == "panel" else [],
                only=mix.role == "reference",
                cache_dir=folder,
                library=False,
            )
            (row,) = report.candidates("documents")
            yield from (row.share, row.low, row.high)

        for truth, texts in corpora.items():
            share, low, high = told(plain, texts)
            yield Outcome(collection, "none", "", truth, share, low or 0.0, high or 0.0)
        for name, treated in treatments.items():
            made = {
                source: _measured({p: treated(text) for p, text in texts.items()}, source)
                for source, texts in samples.items()
            }
            own = {**plain, mix.candidate: made[mix.candidate]}
            others = {**made, mix.candidate: plain[mix.candidate]}
            for place, prints in zip(_PLACES, (own, own, others), strict=True):
                for truth, texts in corpora.items():
                    whole = [treated(text) for text in texts] if place == _PLACES[0] else texts
                    share, low, high = told(prints, whole)
                    yield Outcome(collection, name, place, truth, share, low or 0.0, high or 0.0)


def _drawn(texts: Mapping[str, str], name: str) -> dict[str, str]:
    prompts = sorted(texts)
    order = rng_of("treated", name).permutation(len(prompts)).tolist()
    return {prompts[at]: texts[prompts[at]] for at in order}


def _measured(texts: Mapping[str, str], name: str) -> Fingerprint:
    rows = [{"text": text, "prompt": prompt} for prompt, text in texts.items() if text.strip()]
    return fit_fingerprint(open_corpus(rows[:_SAMPLE], prompt_field="prompt"), name)


def _mixed(rest: Mapping[str, Mapping[str, str]], candidate: str, truth: float) -> list[str]:
    own = [*rest[candidate].values()]
    by_others = [[*texts.values()] for name, texts in rest.items() if name != candidate]
    each = max(1, _CORPUS // len(by_others))
    others = [text for texts in by_others for text in texts[:each]]
    if truth == 1:
        return own[:_CORPUS]
    n_own = min(len(own), round(len(others) * truth / (1 - truth)))
    n_others = round(n_own * (1 - truth) / truth) if truth else len(others)
    return [*own[:n_own], *others[:n_others]]


def clean(data: Path) -> Iterator[tuple[str, ...]]:
    """How many clean samples are told, beside five of their collection and beside people."""
    yield "samples", "beside", "told", "of", "which"
    measured: dict[str, list[Fingerprint]] = {}
    people: list[Fingerprint] = []
    english: set[str] = set()
    for kind in kinds_of(data):
        drawn = rng_of("kind", kind.name).permutation(len(kind.texts))[:_CLEAN].tolist()
        texts = [kind.texts[at] for at in drawn]
        rows = [{"text": text} for text in texts]
        one = fit_fingerprint(open_corpus(rows), kind.name)
        # The rest is not looked at, and takes most of the room.
        one = replace(one, frequency=one.frequency[:0])
        if Counter(language_of(text) for text in texts).most_common(1)[0][0] == "en":
            english.add(kind.name)
        if kind.by_people:
            people.append(one)
        else:
            measured.setdefault(str(Path(kind.name).parent), []).append(one)
    for folder, prints in measured.items():
        if len(prints) > FEWEST_MODELS:
            draws = [
                _told_beside(prints, at, draw)
                for at in range(len(prints))
                for draw in range(_DRAWS)
            ]
            names = Counter(Path(one.name).name.split(".jsonl")[0] for one in filter(None, draws))
            told = ", ".join(f"{name} ({count})" for name, count in names.items())
            yield folder, "5 others", str(sum(names.values())), str(len(draws)), told
    own = [one for prints in measured.values() for one in prints if one.name in english]
    theirs = [one for one in people if one.name in english]
    for what, beside_what in _BESIDE:
        own_kind = [one for one in own if _kind_of(one) == what]
        beside = [one for one in theirs if _kind_of(one) == beside_what]
        pairs = [
            (own_kind[at], one)
            for one in beside
            for at in rng_of("pairs", one.name).permutation(len(own_kind))[:_PAIRS].tolist()
        ]
        found = Counter(
            Path(pair[0].name).name.split(".jsonl")[0]
            for pair in pairs
            if processed_checks(Sources(pair, ("candidate", "reference")))
        )
        told = ", ".join(f"{name} ({count})" for name, count in found.most_common(_NAMED))
        whom = f"people's {beside_what}, {len(beside)} kinds"
        yield f"{what} by models", whom, str(found.total()), str(len(pairs)), told


def _kind_of(one: Fingerprint) -> str:
    kinds = (kind for kind, parts in _KINDS.items() if any(part in one.name for part in parts))
    return next(kinds, "prose")


def _told_beside(prints: Sequence[Fingerprint], at: int, draw: int) -> Fingerprint | None:
    order = rng_of("beside", prints[at].name, draw).permutation(len(prints)).tolist()
    others = [prints[one] for one in order if one != at][:FEWEST_MODELS]
    sources = Sources((prints[at], *others), ("candidate", *FEWEST_MODELS * ("panel",)))
    return prints[at] if processed_checks(sources) else None


def table(every: Sequence[Outcome]) -> Iterator[tuple[str, ...]]:
    """A row for each treatment: how corpora with none, 30 % and all of the candidate's turned out.

    Examples
    --------
    >>> found = [Outcome("any", "none", "", truth, truth, truth, truth) for truth in (0.0, 0.3)]
    >>> [row[:2] for row in table(found)]
    [('treatment', 'sample and corpus'), ('none', 'held, held')]
    """
    yield "treatment", *_PLACES
    for treatment in dict.fromkeys(one.treatment for one in every):
        own = [one for one in every if one.treatment == treatment]
        places = _PLACES if own[0].place else ("",)
        cells = [", ".join(one.kind for one in own if one.place == place) for place in places]
        yield treatment, *cells, *("" for _ in _PLACES[len(cells) :])


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data, which is not the project's.")],
    only_clean: Annotated[bool, typer.Option("--only-clean", help="Only clean samples.")] = False,
) -> None:
    """Print both tables."""
    for line in table_lines(clean(data)):
        typer.echo(line)
    if only_clean:
        return
    for name, (read, which) in _COLLECTIONS.items():
        found = [*outcomes(name, read(data), dict([*TREATMENTS.items()][which]))]
        typer.echo(f"\n{name}\n")
        for line in table_lines(table(found)):
            typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
