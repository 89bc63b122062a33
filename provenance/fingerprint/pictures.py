"""Sources beside each other, drawn: how often they use what they use, and how long they write."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.features import n_grams
from provenance.fingerprint.fingerprint import Fingerprint, frequency_slots, require_same_spec
from provenance.words import source_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["WeighedText", "plot_lengths", "plot_ranks", "weighed"]

_STRONG: Final = 2.0
"""Log ratio from which a word has the full colour: seven times as often here. A round figure."""
_WORD: Final = re.compile(r"\w+(?:['’]\w+)*")


def plot_ranks(fingerprints: Sequence[Fingerprint], ax: Axes | None = None) -> Axes:
    """Draw how often the n-grams of each source come up, the commonest first (Zipf's curve).

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
    ax : matplotlib.axes.Axes, optional

    Examples
    --------
    >>> from provenance.fingerprint.measuring import fit_fingerprint
    >>> one = fit_fingerprint(["it is as it was and so it will be"], "one")
    >>> plot_ranks([one]).get_xlabel()
    'rank of the n-gram'
    """
    axes = _axes(ax)
    for one in fingerprints:
        counts = np.sort(one.frequency[one.frequency > 0])[::-1]
        # A point for each step of a hundredth of the axis: a table may have millions of slots.
        places = np.unique(np.geomspace(1, max(1, len(counts)), 100).astype(np.int64)) - 1
        places = places[: len(counts)]
        rates = 100 * counts[places] / max(1, one.n_passages)
        axes.loglog(places + 1, rates, label=_label(one.name))
    axes.set_xlabel("rank of the n-gram")
    axes.set_ylabel("passages that hold it (%)")
    return _finished(axes)


def plot_lengths(fingerprints: Sequence[Fingerprint], ax: Axes | None = None) -> Axes:
    """Draw which part of each source's documents is at most so long.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint
        The documents of their samples, those long enough to score.
    ax : matplotlib.axes.Axes, optional

    Examples
    --------
    >>> from provenance.fingerprint.measuring import fit_fingerprint
    >>> one = fit_fingerprint(["it is as it was and so it will be"], "one")
    >>> plot_lengths([one]).get_ylabel()
    'documents at most so long (%)'
    """
    axes = _axes(ax)
    for one in fingerprints:
        sample = one.sample
        tokens = np.bincount(sample.document, sample.passage_tokens, len(sample))
        order = np.argsort(tokens, kind="stable")
        part = np.cumsum(sample.multiplicity[order]) / max(1, sample.multiplicity.sum())
        axes.step(tokens[order], 100 * part, where="post", label=_label(one.name))
    axes.set_xscale("log")
    axes.set_xlabel("tokens of a document")
    axes.set_ylabel("documents at most so long (%)")
    return _finished(axes)


@dataclass(frozen=True, slots=True)
class WeighedText:
    """A text and how much each of its words speaks for a source.

    Parameters
    ----------
    text : str
    spans : tuple of (int, int)
        Where the words stand.
    weights : ndarray of float64, shape (n_words,)
        Natural logarithm of how many times as often the source's passages hold the word.
    source : str
    """

    text: str = field(repr=False)
    spans: tuple[tuple[int, int], ...] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)
    source: str

    def _repr_html_(self) -> str:
        """The text with its words coloured: blue speaks for the source, orange against it."""
        parts, end = [], 0
        for (start, stop), weight in zip(self.spans, self.weights.tolist(), strict=True):
            hue = "0, 114, 178" if weight > 0 else "230, 159, 0"
            depth = min(1.0, abs(weight) / _STRONG) * 0.6
            parts += [html.escape(self.text[end:start])]
            parts += [
                f'<span title="{weight:+.1f}" style="background: rgba({hue}, {depth:.2f})">'
                f"{html.escape(self.text[start:stop])}</span>"
            ]
            end = stop
        text = "".join([*parts, html.escape(self.text[end:])])
        told = f"blue: {html.escape(source_name(self.source))} says it oftener; orange: rarer"
        return f'<p style="white-space: pre-wrap; max-width: 70ch">{text}</p><small>{told}</small>'


def weighed(text: str, source: Fingerprint, others: Sequence[Fingerprint]) -> WeighedText:
    """Weigh each word of a text by how much oftener one source says it than others do.

    A look at single words, no verdict: a match weighs runs of words, layout and style together, and
    words that go together must not be added up.

    Parameters
    ----------
    text : str
    source : Fingerprint
    others : sequence of Fingerprint
        Their mean rate is what the source's is held against.

    Raises
    ------
    InputError
        Where there is nothing to weigh against, or specs differ.

    Examples
    --------
    >>> from provenance.fingerprint.measuring import fit_fingerprint
    >>> mine = fit_fingerprint(["we delve deep into it, and delve again"] * 9, "mine")
    >>> theirs = fit_fingerprint(["we dig deep into it, and then dig again"] * 9, "theirs")
    >>> found = weighed("We delve deep.", mine, [theirs])
    >>> [bool(weight > 1) for weight in found.weights]
    [False, True, False]
    """
    if not others:
        raise InputError("there is no other source to weigh against", expected="at least one")
    spec = require_same_spec([source, *others])
    places = [place.span() for place in _WORD.finditer(text)]
    spans = [(start, end) for start, end in places if n_grams(text[start:end], spec.word_order)]
    if not spans:
        return WeighedText(text, (), np.zeros(0), source.name)
    slots = frequency_slots([text[start:end] for start, end in spans], spec)

    def rates(one: Fingerprint) -> NDArray[np.float64]:
        # Half a passage more on both sides: a word that was never seen has no weight without end.
        return np.asarray((one.frequency[slots] + 0.5) / (one.n_passages + 1), np.float64)

    weights = np.log(rates(source)) - np.log(np.mean([rates(one) for one in others], axis=0))
    return WeighedText(text, tuple(spans), weights, source.name)


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(6, 3.5), layout="constrained")[1]


def _finished(axes: Axes) -> Axes:
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _label(name: str) -> str:
    return source_name(name).replace("$", r"\$")
