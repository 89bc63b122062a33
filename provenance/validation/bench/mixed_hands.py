"""How often rows that nobody mixed are told to be by several hands, and how often mixed ones are.

``python -m provenance.validation.bench.mixed_hands DATA`` reads every kind of clean text at hand
beside the sources of five collections, in which most kinds are strange, few texts of each and many;
and corpora of which rows were halved, set between two of other sources', or put together by turns.
Beside it: how many rows of each candidate read as another's without their first sentence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.features import extract
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.checks.drawn_rows import (
    FEWEST_TOKENS,
    MOST_CHARACTERS,
    MOST_ROWS,
    DrawnRow,
)
from provenance.matching.checks.mixed_rows import Unevenness, looked_at
from provenance.matching.checks.openings import Openings, openings
from provenance.matching.checks.row_parts import WAYS
from provenance.matching.matched import Settings
from provenance.scoring.em import mixture_shares
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.panel import Panel
from provenance.scoring.scored import Scored
from provenance.validation.bench.laundered_shares import MIXES, Mix, models, people
from provenance.validation.bench.washing import kinds_of
from provenance.validation.held_out import rng_of
from provenance.validation.laundering.corpora import CORPUS_LAUNDERERS
from provenance.validation.markdown import table_lines

__all__ = ["COLLECTIONS", "Bench", "main"]

COLLECTIONS: Final[Mapping[str, Callable[[Path], Mix]]] = {
    "detectrl, Claude-instant": MIXES["detectrl"],
    "slop_score": MIXES["slop_score"],
    "alpaca_eval": MIXES["alpaca_eval"],
    "debate_2026": partial(models, folder="more/debate_2026", candidate="claude-opus-4-6-0K"),
    "detectrl, ChatGPT": partial(people, candidate="ChatGPT"),
}
"""The first two chose the constants, but for one that all did."""
_SAMPLE: Final = 400
_ROWS: Final = ((100, 120), (300, 1600))
"""Texts that a kind has at least, and of it are read at most."""
_FEWEST: Final = 50
_PARTS: Final = (0.0, 0.05, 0.1, 0.3, 1.0)
_LAUNDERERS: Final = {"halving": WAYS[0], "mixing": WAYS[0], "interleaving": WAYS[1]}
"""As the writers of a row stand in it."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Sources that were fitted, and other texts of theirs.

    Parameters
    ----------
    panel : Panel
    candidate : str
    rest : dict of str to list of str
        Texts that answer other prompts than the samples.
    """

    panel: Panel
    candidate: str
    rest: dict[str, list[str]]

    @classmethod
    def of(cls, mix: Mix) -> Bench:
        """Fit on half of the prompts, and keep the others."""
        prompts = sorted({prompt for texts in mix.texts.values() for prompt in texts})
        half = rng_of("halves", mix.candidate).random(len(prompts)) < 0.5
        in_sample = {prompt for prompt, first in zip(prompts, half, strict=True) if first}
        samples, rest = (
            {
                name: [text for prompt, text in texts.items() if (prompt in in_sample) is is_first]
                for name, texts in mix.texts.items()
            }
            for is_first in (True, False)
        )
        prints = [
            fit_fingerprint(({"text": texts[at]} for at in drawn.tolist()), name)
            for name, texts in samples.items()
            for drawn in [rng_of("sample", name).permutation(len(texts))[:_SAMPLE]]
        ]
        return cls(fit_panel(prints, 0), mix.candidate, rest)

    @property
    def view(self) -> str:
        """The first one, of all families."""
        return next(iter(self.panel.views))

    def read(self, texts: Sequence[str]) -> tuple[Unevenness, list[DrawnRow], Scored]:
        """What a match tells of some rows, the long ones, and the corpus that they are."""
        batch = extract([*texts], self.panel.spec)
        scored = np.flatnonzero(~batch.too_short)
        corpus = Scored(
            self.panel.score(batch)[self.view],
            np.searchsorted(scored, batch.document),
            batch.passage_tokens,
            np.ones(len(scored)),
            np.arange(len(scored)),
            batch.cluster_hash[scored],
        )
        ends = np.searchsorted(corpus.document, np.arange(len(scored) + 1))
        rows = [
            DrawnRow(
                Document(str(at), texts[at][:MOST_CHARACTERS], "", 1),
                {self.view: corpus.log_posterior[ends[number] : ends[number + 1]]},
            )
            for number, at in enumerate(scored.tolist())
            if batch.n_tokens[at] >= FEWEST_TOKENS
        ]
        shares, drawn = self.shares(corpus), [one.document for one in rows[:MOST_ROWS]]
        found = looked_at(drawn, self.panel, self.view, shares)
        return found, rows, corpus

    def shares(self, corpus: Scored) -> NDArray[np.float64]:
        """The likeliest shares of a corpus, which no check has judged."""
        passages = corpus.passages()
        return mixture_shares(passages.log_posterior, passages.weight)

    def mixed(self, part: float, launderer: str = "mixing") -> list[str]:
        """A corpus of which a part is the candidate's, between texts of others; 0 mixes nothing.

        Parameters
        ----------
        part : float
        launderer : str
            A key of `CORPUS_LAUNDERERS`.
        """
        others = [
            text for name, texts in self.rest.items() if name != self.candidate for text in texts
        ]
        own = self.rest[self.candidate]
        rng = rng_of("mixed hands", self.candidate, part)
        others = [others[at] for at in rng.permutation(len(others)).tolist()]
        if part == 0:
            return (own + others)[:1000]
        n_own = min(len(own), int(len(others) * part / (1 - part)) if part < 1 else len(own))
        left = round(n_own * (1 - part) / part)
        washed = CORPUS_LAUNDERERS[launderer](own[:n_own], others, 1.0, rng)
        found = [*washed, *others[:left]]
        return [found[at] for at in rng.permutation(len(found)).tolist()]

    def without_openings(self) -> Iterator[tuple[str, Openings]]:
        """Each model of the panel, and how its rows read without their first sentence."""
        texts = [text for rows in self.rest.values() for text in rows[:300]]
        order = rng_of("openings", self.candidate).permutation(len(texts)).tolist()
        _, rows, corpus = self.read([texts[at] for at in order])
        shares, samples = self.shares(corpus), self.panel.samples(self.view)
        settings = Settings(0.95, 1.0, 0.05, keep_text=False)
        for number, name in enumerate(self.panel.names):
            if name != "people":
                found = openings(
                    rows, corpus, self.panel, self.view, shares, number, samples, settings
                )
                yield name, found


def main(data: Annotated[Path, typer.Argument(help="Folder of the data.")]) -> None:
    """Print false alarms, mixed corpora, and what stands on first sentences."""
    kinds = [
        (kind.name, [kind.texts[at] for at in order[: max(_ROWS)[1]].tolist()])
        for kind in kinds_of(data)
        for order in [rng_of("kind", kind.name).permutation(len(kind.texts))]
    ]
    alarms: list[tuple[str, ...]] = []
    mixed: list[tuple[str, ...]] = []
    opened: list[tuple[str, ...]] = []
    for collection, mix in COLLECTIONS.items():
        bench = Bench.of(mix(data))
        alarms += [(collection, *cells) for cells in _alarms(bench, kinds)]
        for launderer, way in _LAUNDERERS.items():
            for part in _PARTS:
                one = bench.read(bench.mixed(part, launderer))[0]
                p_value, nats = one.best(way)
                counts = (f"{count}" for count in one.counts(way, nats))
                cells = collection, launderer, f"{100 * part:.0f} %", *counts, f"{nats:g}"
                mixed.append((*cells, f"{p_value:.2g}"))
        opened += [
            (collection, name, f"{one.n_lost} of {one.n_rows}", f"{one.lost_at_least:.2f}")
            for name, one in bench.without_openings()
            if one.n_rows
        ]
        typer.echo(collection, err=True)
    rates = "told of kinds that chose", "of others"
    _print(("beside", "texts", *rates, "least p-value", "of"), alarms)
    head = ("collection", "launderer", "mixed", "rows", "this way", "the other", "nats", "p-value")
    _print(head, mixed)
    _print(("collection", "model", "lost without first sentence", "at least"), opened)


def _alarms(bench: Bench, kinds: Sequence[tuple[str, list[str]]]) -> Iterator[tuple[str, ...]]:
    """Clean kinds that are told beside the sources of a collection, few texts of each and many."""
    for fewest, most in _ROWS:
        read = [
            (name, bench.read(texts[:most])[0]) for name, texts in kinds if len(texts) >= fewest
        ]
        told = [(name, one) for name, one in read if one.n_rows >= _FEWEST]
        name, least = min(told, key=lambda pair: pair[1].p_value)
        halves: tuple[list[bool], list[bool]] = ([], [])
        for kind, one in told:
            halves[_half(kind)].append(bool(one.ways))
        counts = (f"{sum(half)} of {len(half)}" for half in halves)
        yield f"up to {most:,}", *counts, f"{least.p_value:.2g}", name


def _half(kind: str) -> int:
    """Whether a kind is of the half that chose how much may change by nature: 0, or 1."""
    return int(hashlib.sha256(kind.encode()).hexdigest(), 16) % 2


def _print(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    typer.echo("")
    for line in table_lines(chain([head], rows)):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
