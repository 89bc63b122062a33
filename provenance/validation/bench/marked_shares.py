"""Whether the intervals of marked shares cover, on simulated corpora of known shares.

``python -m provenance.validation.bench.marked_shares`` prints its table of RESULTS.md. Text is a
small model's (`token_model`), marked by each scheme's own rule under keys drawn from the seed; the
key's strength is measured on other text of the same model, as `marked` in a key file asks for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import numpy as np
import typer

from provenance.corpus import Document
from provenance.evidence.watermark import SCHEMES
from provenance.evidence.watermark.corpus import LEVEL
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.evidence.watermark.known_text import marked_text
from provenance.evidence.watermark.marked_share import MarkedShare
from provenance.evidence.watermark.pooled import PooledSums
from provenance.evidence.watermark.tally import KeyTally
from provenance.evidence.watermark.tokens import Tokens
from provenance.evidence.watermark.verdict import Corrected, share_of
from provenance.files.keys import Secret
from provenance.simulate.marked_text import Mark, replaced, write_text
from provenance.simulate.token_model import TokenModel, library_model
from provenance.validation.bench.watermark_curves import drawn_mark

__all__ = ["Told", "main", "told_shares"]

SHARES: Final = (0.0, 0.02, 0.1, 0.3, 0.7, 1.0)
_LENGTH: Final = 200
_LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one corpus, and how it is.

    Parameters
    ----------
    truth : float
        Share of the scored tokens that stand in marked documents.
    found : MarkedShare
    """

    truth: float
    found: MarkedShare

    @property
    def covers(self) -> bool:
        low, high = self.found.low, self.found.high
        return low is not None and high is not None and low <= self.truth <= high

    @property
    def is_above(self) -> bool:
        """Whether the low end or the floor is above the truth."""
        return max(self.found.low or 0.0, self.found.floor) > self.truth


def told_shares(
    mark: Mark,
    model: TokenModel,
    rng: np.random.Generator,
    share: float,
    *,
    n_documents: int = 300,
    n_known: int = 50,
    edited: float = 0.0,
) -> Told:
    """Write a corpus with a share of marked documents, and text known to be marked; tell the share.

    Parameters
    ----------
    mark : Mark
    model : TokenModel
    rng : numpy.random.Generator
    share : float
        Of the documents.
    n_documents, n_known : int
        Of the corpus, and known to be marked; 200 tokens each.
    edited : float
        Share of the corpus's tokens that are replaced at random.
    """
    known = write_text(model, rng, n_known, _LENGTH, mark).documents
    rows = rng.random(n_documents) < share
    ids = write_text(model, rng, n_documents, _LENGTH, mark, rows[:, None]).documents
    if edited:
        ids = replaced(ids, edited, ids.ids, rng)
    key = _as_key(mark)
    tally = KeyTally(key, PooledSums(1 << 22))
    documents = [Document(str(n), "", "", n) for n in range(n_documents)]
    tests = tally.add(documents, Tokens(ids), np.arange(n_documents).astype(np.uint64))
    truth = float(tests.n_scored[rows].sum() / max(1, tests.n_scored.sum()))
    text, _ = marked_text(key, [known])
    found = Corrected(tally.log_p, 1.0, math.exp(tally.log_p), LEVEL).found
    return Told(truth, share_of(tally, text, "found" if found else "not_found", _LEVEL))


def _as_key(mark: Mark) -> WatermarkKey:
    """The mark's own scheme in the place of one read from a file."""
    key = WatermarkKey(
        name="key", scheme_name="gumbel_vllm", key=Secret(1), tokenizer="cl100k_base"
    )
    object.__setattr__(key, "scheme", mark.scheme)
    return key


def _row(name: str, share: float, told: Sequence[Told]) -> str:
    known = [item for item in told if item.found.identified]
    widths = [(item.found.high or 0.0) - (item.found.low or 0.0) for item in known]
    errors = [abs((item.found.share or 0.0) - item.truth) for item in known]
    covered = sum(item.covers for item in known)
    above = sum(item.is_above for item in told)
    told_of = f"{len(known)}/{len(told)}"
    if not known:
        return f"| {name} | {100 * share:g} % | {told_of} | | {above} | | | |"
    return (
        f"| {name} | {100 * share:g} % | {told_of} | {covered}/{len(known)} | {above} |"
        f" {100 * float(np.mean(errors)):.1f} | {100 * max(errors):.1f} |"
        f" {100 * float(np.median(widths)):.1f} |"
    )


def _lines(schemes: Sequence[str], n: int, seed: int, settings: dict[str, Any]) -> Iterator[str]:
    yield "| scheme | share | told | covered | above the truth | mean error | worst | width |"
    yield "|---|---|---|---|---|---|---|---|"
    model = library_model()
    for number, name in enumerate(schemes):
        for place, share in enumerate(SHARES):
            rng = np.random.default_rng([seed, number, place])
            marks = (drawn_mark(name, rng) for _ in range(n))
            told = [told_shares(mark, model, rng, share, **settings) for mark in marks]
            yield _row(name, share, told)


def main(
    scheme: Annotated[list[str] | None, typer.Option(help="Only this one. Repeat.")] = None,
    corpora: Annotated[int, typer.Option(help="Of each scheme and share, a key each.")] = 8,
    documents: Annotated[int, typer.Option(help="Of each corpus.")] = 300,
    edited: Annotated[float, typer.Option(help="Share of the tokens that are replaced.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Of text and keys.")] = 0,
) -> None:
    """Print how marked shares are told, in percentage points."""
    settings = {"n_documents": documents, "edited": edited}
    for line in _lines(scheme or list(SCHEMES), corpora, seed, settings):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
