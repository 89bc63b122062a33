"""How often clean text shows what washing shows, and what is found of words that were scrubbed.

``python -m provenance.validation.bench.washing DATA`` counts, in every kind of people's text and
of models' answers, the texts with repairs and with phrases, fits the laws of
`evidence.washed.laws`, and tests each kind, whole and in parts, by a law that knows nothing of its
source. Telling words are sought in each kind of people's text beside each other one as the
reference, and in answers of which the most telling words were scrubbed.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, permutations
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import Document, open_corpus
from provenance.corpus.languages import language_of
from provenance.errors import InputError
from provenance.evidence.washed import laws, suppressed
from provenance.evidence.washed.findings import SPIKE_FEWEST, SPIKE_LEVEL
from provenance.evidence.washed.laws import KindsLaw
from provenance.evidence.washed.lengths import spike
from provenance.evidence.washed.phrases import PHRASES
from provenance.evidence.washed.tally import (
    MISJOINED,
    MISTYPED,
    NO_ARTICLES,
    ODDLY_SPACED,
    OTHER_IDENTITY,
    REPAIRED,
    SPEAKS,
    Traces,
    traces_of,
)
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.checks.missing_words import words_of
from provenance.validation.held_out import rng_of
from provenance.validation.laundering.corpora import telling_words
from provenance.validation.laundering.edits import scrub
from provenance.validation.laundering.table import launder
from provenance.validation.markdown import table_lines

__all__ = ["Kind", "fitted", "kinds_of", "main"]

_FOLDERS: Final = ("detectrl", "alpaca_eval", "arena_hard", "alpaca52k_en", "alpaca52k_zh", "more")
_WASHED: Final = "adversarial"
"""Part of the paths of text that was attacked."""
_NO_TEXT: Final = ("ratings_", "judges")
_FEWEST: Final = 100
_PARTS: Final = (50, 200)
_DRAWS: Final = 20
_FLAGS: Final = (
    ("repairs", REPAIRED, laws.REPAIRED),
    ("phrases", SPEAKS, laws.SPEAKING),
    ("identity", OTHER_IDENTITY, laws.SPEAKING),
    ("typing", MISTYPED, laws.MISTYPED),
    ("gaps", ODDLY_SPACED, laws.ODDLY_SPACED),
    ("articles", NO_ARTICLES, laws.NO_ARTICLES),
    ("joins", MISJOINED, laws.MISJOINED),
)
"""Of identities no text has any, so that their level and law are those of phrases."""
_LIGHT: Final = _FLAGS[3:]
_OF_EDITS: Final = (_FLAGS[0], *_LIGHT)
_CANDIDATES: Final = (
    *("alpaca_eval/gpt4_0613.jsonl.gz", "more/slop_score/claude-sonnet-4-5.jsonl.gz"),
    "more/reddit_qa/gpt-3.5-turbo_GriD.jsonl.gz",
)


_SHORN: Final = (
    *("detectrl/human_xsum.jsonl.gz", "detectrl/human_yelp.jsonl.gz"),
    *("more/slop_score/claude-sonnet-4-5.jsonl.gz", "alpaca_eval/gpt4_0613.jsonl.gz"),
)
"""Kinds of which articles are left out."""
_IN_PART: Final = (
    *(("typos", 0.1), ("whitespace", 0.3), ("hidden_characters", 0.1), ("articles", 0.3)),
    *(("articles", 1.0), ("word_drop", 0.1), ("word_drop", 0.3), ("word_swap", 0.1)),
    *(("synonyms", 0.3), ("synonyms", 1.0), ("homoglyphs", 0.02)),
)
"""Edits of a part of the rows."""
_LEARNERS: Final = (0.02, 0.05, 0.1, 0.2)
"""Part of prepositions that are another and of *a* that are *an*; three times as many articles
are left out."""
_PREPOSITIONS: Final = ("of", "in", "to", "for", "with", "on", "at", "by", "from")
_PARTS_EDITED: Final = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0)
_LEFT_OUT: Final = (0.1, 0.3, 0.6, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Kind:
    """Texts of one kind, each once.

    Parameters
    ----------
    name, folder : str
        A file, perhaps of one of its data sets; where it comes from.
    by_people : bool
    texts : list of str
    traces : Traces
    """

    name: str
    folder: str
    by_people: bool
    texts: list[str]
    traces: Traces

    @property
    def language(self) -> str:
        """Of the texts; ``code`` of programs."""
        if "code_" in self.folder or "humaneval" in self.name:
            return "code"
        return "zh" if "zh" in self.name else "en"

    def flags(self, flag: int) -> NDArray[np.bool_]:
        """Which of its texts show a flag."""
        return (self.traces.flags & flag) > 0


def kinds_of(data: Path) -> Iterator[Kind]:
    """Every kind of clean text in the data that has a hundred texts and more."""
    for folder in _FOLDERS:
        for path in sorted((data / folder).rglob("*.jsonl.gz")):
            name = str(path.relative_to(data))
            if _WASHED in name or any(part in name for part in _NO_TEXT):
                continue
            by_people = path.name.startswith("human")
            source = name.split("/")[1] if folder == "more" else folder
            for label, texts in _texts(path, by_people).items():
                if len(texts) >= _FEWEST:
                    documents = [Document(str(n), t, name, n + 1) for n, t in enumerate(texts)]
                    found, _, _ = traces_of(documents, None)
                    yield Kind(f"{name} {label}".strip(), source, by_people, texts, found)


def _texts(path: Path, by_people: bool) -> Mapping[str, list[str]]:
    """Distinct texts of a file; people's by their data set."""
    try:
        rows = list(open_corpus(path, text_field="text", domain_field="dataset"))
    except InputError:
        rows = list(open_corpus(path, text_field="text"))
    found: dict[str, dict[str, None]] = {}
    for one in rows:
        found.setdefault((one.domain or "") if by_people else "", {})[one.text] = None
    return {label: list(texts) for label, texts in found.items()}


def fitted(n_shown: Sequence[int], n_texts: Sequence[int]) -> KindsLaw:
    """The law of kinds by maximum likelihood, within bounds that equal rates would leave.

    Examples
    --------
    >>> law = fitted([0, 10, 20, 0, 40], [100] * 5)
    >>> round(law.alpha / (law.alpha + law.beta), 2)
    0.12
    """
    from scipy.optimize import minimize
    from scipy.stats import betabinom

    shown, texts = np.array(n_shown), np.array(n_texts)

    def loss(logs: Any) -> float:
        return -float(betabinom.logpmf(shown, texts, *np.exp(np.clip(logs, -9, 9))).sum())

    starts = [(a, b) for a in (-4.0, -1.0) for b in (2.0, 6.0)]
    best = min(
        (
            minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000})
            for start in starts
        ),
        key=lambda one: float(one.fun),
    )
    alpha, beta = np.exp(np.clip(best.x, -9, 9)).tolist()
    return KindsLaw(alpha, beta, len(texts), int(texts.sum()), int(shown.sum()))


def alarms(kinds: Sequence[Kind], flag: int, given: KindsLaw) -> Iterator[tuple[str, ...]]:
    """Kinds that are found, whole and in parts, by laws of the other folders' people.

    Parameters
    ----------
    kinds : sequence of Kind
    flag : int
    given : KindsLaw
        Its level; of identities, which no text shows, the law itself.
    """
    people = [kind for kind in kinds if kind.by_people]
    for by_people in (True, False):
        tested = [kind for kind in kinds if kind.by_people == by_people]
        found: Counter[str] = Counter()
        tried: Counter[str] = Counter()
        named = []
        for kind in tested:
            others = [one for one in people if one.folder != kind.folder]
            law = given if flag == OTHER_IDENTITY else _held_out(others, flag, given.level)
            shown = kind.flags(flag)
            for part in _PARTS:
                rng = rng_of("parts", kind.name, part)
                for _ in range(_DRAWS):
                    drawn = rng.permutation(len(shown))[:part]
                    tried[str(part)] += 1
                    found[str(part)] += law.is_found(int(shown[drawn].sum()), len(drawn))
            tried["whole"] += 1
            if law.is_found(int(shown.sum()), len(shown)):
                found["whole"] += 1
                named.append(f"{kind.name} ({int(shown.sum())} of {len(shown)})")
        rates = [f"{found[part]} of {tried[part]}" for part in tried]
        yield ("people" if by_people else "models", *rates, "; ".join(named[:6]))


def _held_out(others: Sequence[Kind], flag: int, level: float) -> KindsLaw:
    shown = [int(one.flags(flag).sum()) for one in others]
    return replace(fitted(shown, [len(one.texts) for one in others]), level=level)


def lengths(kinds: Sequence[Kind]) -> Iterator[tuple[str, ...]]:
    """Kinds that were cut at one length, and the least p-value of those that were not."""
    for by_people in (True, False):
        found, least = [], 1.0
        tested = [kind for kind in kinds if kind.by_people == by_people]
        for kind in tested:
            cut = kind.traces.lengths[kind.traces.lengths[:, 0] > 0]
            one = spike(cut)
            if one is None:
                continue
            if one.p_value <= SPIKE_LEVEL and one.n_there >= SPIKE_FEWEST:
                found.append(f"{one.length} {one.measure}")
            elif one.n_there >= SPIKE_FEWEST:
                least = min(least, one.p_value)
        where = ", ".join(f"{name} in {n}" for name, n in Counter(found).most_common())
        who = "people" if by_people else "models"
        yield who, f"{len(found)} of {len(tested)}", where, f"{least:.2g}"


def missing(data: Path, kinds: Sequence[Kind]) -> Iterator[tuple[str, ...]]:
    """Least p-values of clean corpora, and how many scrubbed ones are found."""
    people = [kind for kind in kinds if kind.by_people and kind.language == "en"]
    prints = [_measured(kind.texts[:1000], kind.name) for kind in people]
    candidates = []
    for name in _CANDIDATES:
        texts = [one.text for one in open_corpus(data / name, text_field="text")]
        candidate = _measured(texts[::2], name)
        candidates.append(candidate)
        clean = [_p_value(candidate, one, two) for one, two in permutations(prints, 2)]
        own = _measured(texts[1::2], "own")
        clean_own = [_p_value(candidate, one, own) for one in prints]
        yield name, "people's text, another kind as reference", *_told(clean)
        yield name, "its own answers", *_told(clean_own)
        for count in (50, 200):
            words = telling_words(
                texts[::2], [t for kind in people for t in kind.texts[:100]], count
            )
            edit = scrub(words)
            rng = rng_of("scrub", name)
            washed = _measured([edit(text, 1.0, rng) for text in texts[1::2]], "washed")
            tested = [_p_value(candidate, one, washed) for one in prints]
            yield name, f"its own answers, {count} words scrubbed", *_told(tested)
    for chosen_on, told_of in ((0, 1), (1, 0)):
        known, new = (_pairs(candidates, prints[half::2]) for half in (chosen_on, told_of))
        level = 10.0 ** math.floor(math.log10(min(known)))
        n_found = sum(one <= level for one in new)
        told = f"every other kind, by a limit of {level:g} that the rest choose"
        yield "all", told, f"{n_found} of {len(new)}", f"{min(new):.2g}", ""


def _pairs(candidates: Sequence[Fingerprint], prints: Sequence[Fingerprint]) -> list[float]:
    found = [
        _p_value(candidate, one, two)
        for candidate in candidates
        for one, two in permutations(prints, 2)
    ]
    return [one for one in found if one is not None]


def washed_identities(kinds: Sequence[Kind]) -> Iterator[tuple[str, ...]]:
    """What is left of models' texts that speak, once identities are deleted or written over."""
    speak = [text for kind in kinds if not kind.by_people for text in kind.texts]
    speak = [text for text in speak if _flags(text) & SPEAKS]
    yield "nothing", str(len(speak)), str(len(speak)), "0"
    for name in ("identity", "identity_rewrite"):
        rng = rng_of(name)
        flags = [_flags(launder(text, name, 1.0, rng)) for text in speak]
        counts = (sum((flag & what) > 0 for flag in flags) for what in (SPEAKS, OTHER_IDENTITY))
        yield name, str(len(speak)), *map(str, counts)


def without_articles(kinds: Sequence[Kind]) -> Iterator[tuple[str, ...]]:
    """Parts of the texts of a few kinds that show it where so many articles are left out."""
    for kind in kinds:
        if kind.name in _SHORN:
            parts = []
            for strength in _LEFT_OUT:
                rng = rng_of("articles", kind.name, strength)
                texts = [launder(text, "articles", strength, rng) for text in kind.texts[:200]]
                n_shown = sum(_flags(text) & NO_ARTICLES > 0 for text in texts)
                parts.append(f"{100 * n_shown / len(texts):.1f}")
            yield kind.name, *parts


def light_edits(kinds: Sequence[Kind]) -> Iterator[tuple[str, ...]]:
    """Texts of each language but for programs, and those of them that show each light edit."""
    shown: dict[str, Counter[str]] = {}
    for kind in kinds:
        if kind.language == "code":
            continue
        for text in kind.texts:
            counts = shown.setdefault(language_of(text) or "not told", Counter())
            flags = _flags(text)
            counts.update(["texts", *(name for name, flag, _ in _LIGHT if flags & flag)])
    for language, counts in sorted(shown.items(), key=lambda one: -one[1]["texts"]):
        yield language, *(str(counts[name]) for name in ("texts", *(name for name, *_ in _LIGHT)))


def parts_edited(kinds: Sequence[Kind]) -> Iterator[tuple[str, ...]]:
    """How often an edit is found where only so many of the rows of a kind are edited."""
    for kind in kinds:
        if kind.name not in _SHORN:
            continue
        texts = kind.texts[:200]
        clean = np.array([_flags(text) for text in texts])
        for name, strength in _IN_PART:
            rng = rng_of("parts edited", kind.name, name, strength)
            edited = np.array([_flags(launder(text, name, strength, rng)) for text in texts])
            cells = []
            for part in _PARTS_EDITED:
                n_edited = round(part * len(texts))
                seen: Counter[str] = Counter()
                for _ in range(_DRAWS):
                    is_edited = rng.permutation(len(texts)) < n_edited
                    flags = np.where(is_edited, edited, clean)
                    found = [
                        of
                        for of, flag, law in _OF_EDITS
                        if law.is_found(int(np.count_nonzero(flags & flag)), len(texts))
                    ]
                    seen.update([*found, *(["any"] if found else [])])
                told = ", ".join(of for of, _ in seen.most_common() if of != "any")
                cells.append(f"{seen['any']} {told}".strip())
            yield kind.name, name, f"{strength:g}", *cells


def learners(kinds: Sequence[Kind]) -> Iterator[tuple[str, ...]]:
    """Parts of people's texts that show light edits where errors of learners are imitated."""
    for kind in kinds:
        if kind.name in _SHORN and kind.by_people:
            texts = kind.texts[:600]
            for rate in _LEARNERS:
                rng = rng_of("learners", kind.name, rate)
                flags = [_flags(_as_a_learner(text, rate, rng)) for text in texts]
                shown = {of: sum(flag & bit > 0 for flag in flags) for of, bit, _ in _LIGHT}
                found = [of for of, _, law in _LIGHT if law.is_found(shown[of], len(texts))]
                counts = (f"{100 * count / len(texts):.1f}" for count in shown.values())
                yield kind.name, f"{rate:g}", *counts, ", ".join(found)


def _as_a_learner(text: str, rate: float, rng: np.random.Generator) -> str:
    """Articles left out, added and confused, and one preposition written for another."""
    written = []
    for word in text.split(" "):
        small = word.lower()
        if small in ("the", "a", "an") and rng.random() < 3 * rate:
            continue
        if small in ("a", "an") and rng.random() < rate:
            written.append("a" if small == "an" else "an")
        elif small in _PREPOSITIONS and rng.random() < rate:
            written.append(_PREPOSITIONS[int(rng.integers(len(_PREPOSITIONS)))])
        elif len(small) > 4 and small.isalpha() and rng.random() < rate / 3:
            written += ["the", word]
        else:
            written.append(word)
    return " ".join(written)


def _flags(text: str) -> int:
    return int(traces_of([Document("", text, "", 1)], None)[1][0])


def _measured(texts: Sequence[str], name: str) -> Fingerprint:
    return fit_fingerprint(open_corpus([{"text": text} for text in texts]), name, FeatureSpec())


def _p_value(candidate: Fingerprint, people: Fingerprint, corpus: Fingerprint) -> float | None:
    found = suppressed.missing_words(
        words_of(candidate, people, corpus.frequency, corpus.n_passages)
    )
    return None if found is None else found.p_value


def _told(p_values: Sequence[float | None]) -> tuple[str, ...]:
    told = [one for one in p_values if one is not None]
    n_found = sum(one <= suppressed.LEVEL for one in told)
    least = f"{min(told):.2g}" if told else ""
    return f"{n_found} of {len(told)}", least, str(len(p_values) - len(told))


def _print(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    typer.echo("")
    for line in table_lines(chain([head], rows)):
        typer.echo(line)


def main(data: Annotated[Path, typer.Argument(help="Folder of the data.")]) -> None:
    """Print the laws, the alarms and the missing words."""
    kinds = list(kinds_of(data))
    people = [kind for kind in kinds if kind.by_people]
    for name, flag, given in _FLAGS:
        shown = [int(kind.flags(flag).sum()) for kind in people]
        law = fitted(shown, [len(kind.texts) for kind in people]) if any(shown) else None
        typer.echo(f"\n{name}: people's law {law}")
        head = ("text", *(f"parts of {part}" for part in _PARTS), "whole", "found")
        _print(head, alarms(kinds, flag, given))
    by_language = Counter[str]()
    for kind in people:
        by_language[kind.language] += len(kind.texts)
    typer.echo(f"\npeople's texts: {dict(by_language)}")
    phrases = sum((kind.traces.phrases for kind in people), Counter[int]())
    typer.echo("\nphrases in people's text: " + json.dumps(_shown(phrases), ensure_ascii=False))
    phrases = sum((kind.traces.phrases for kind in kinds if not kind.by_people), Counter[int]())
    typer.echo("\nin models' answers: " + json.dumps(_shown(phrases), ensure_ascii=False))
    _print(("text", "found", "where", "least p-value of the others"), lengths(kinds))
    head = ("launderer", "texts that speak", "that still do", "that show another identity")
    _print(head, washed_identities(kinds))
    _print(("kind", *map(str, _LEFT_OUT)), without_articles(kinds))
    head = ("texts", "edit", "strength", *(f"{100 * part:.0f} %" for part in _PARTS_EDITED))
    _print(head, parts_edited(kinds))
    _print(("texts", "errors", *(name for name, *_ in _LIGHT), "found"), learners(kinds))
    _print(("language", "texts", *(name for name, *_ in _LIGHT)), light_edits(kinds))
    head = ("candidate", "corpus", "found", "least p-value", "too few words")
    _print(head, missing(data, kinds))


def _shown(phrases: Counter[int]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for number, count in phrases.items():
        found[PHRASES[number].shown] += count
    return dict(found.most_common())


if __name__ == "__main__":
    typer.run(main)
