"""How much marked text is told: by tokens, by share of a corpus, after edits; all of it simulated.

``python -m provenance.validation.bench.watermark_curves [-o FILE]`` prints tables of RESULTS.md.
Text is a small model's (`token_model`), marked by each scheme's own rule (`marked_text`), under
keys and settings that are drawn from the seed; what is told is the detector's exact p-value. A
cell holds the mean over all keys and, in brackets, the key that does worst.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.evidence.watermark import SCHEMES, Documents, make_scheme, score
from provenance.evidence.watermark.schemes.draws import Scheme, log_tails_of
from provenance.evidence.watermark.tokens import tokenize_texts
from provenance.features.tokens import load_encoding
from provenance.files.aside import write_aside
from provenance.simulate.marked_text import Mark, replaced, texts_of, tokens_kept, write_text
from provenance.simulate.token_model import ENCODING, TokenModel, library_model

__all__ = ["CurvePlan", "Curves", "curves_of", "drawn_mark", "main"]

LENGTHS: Final = (50, 100, 200, 400, 800, 1600)
SHARES: Final = (0.0, 0.005, 0.01, 0.02, 0.05, 0.10, 0.25)
REPLACED: Final = (0.1, 0.3, 0.5)
EDITED: Final = ("none", *(f"{100 * share:g} % replaced" for share in REPLACED), "tokenized again")
LEVELS: Final = (1e-2, 1e-5)
PIECE: Final = 200
"""Tokens of a document of a corpus, and of an edited one."""

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CurvePlan:
    """How much is written.

    Parameters
    ----------
    n_keys : int
        Of each scheme.
    n_marked, n_plain : int
        Documents of the longest length under each key, and without one.
    n_corpora : int
        Corpora of each share under each key.
    lengths : tuple of int
        Ascending; `PIECE` is among them.
    """

    n_keys: int = 4
    n_marked: int = 32
    n_plain: int = 128
    n_corpora: int = 5
    lengths: tuple[int, ...] = LENGTHS


QUICK: Final = CurvePlan(n_keys=1, n_marked=4, n_plain=6, n_corpora=2, lengths=(50, PIECE, 400))


@dataclass(frozen=True, slots=True)
class Curves:
    """What one key tells, as shares of documents or corpora; the last axis is `LEVELS`.

    Parameters
    ----------
    by_tokens, by_tokens_plain : ndarray, shape (n_lengths, 2)
        Marked documents, and unmarked ones.
    by_share : ndarray, shape (n_shares, 2)
        Corpora, by the pooled test.
    by_edit : ndarray, shape (n_edits, 2)
        Documents of `PIECE` tokens.
    kept : float
        Share of the tokens that their text gives again.
    """

    by_tokens: Reals
    by_tokens_plain: Reals
    by_share: Reals
    by_edit: Reals
    kept: float


def drawn_mark(name: str, rng: np.random.Generator) -> Mark:
    """A key of a scheme and the settings that leave its strength much the same, at random."""

    def one_of(*options: Any) -> Any:
        return options[int(rng.integers(len(options)))]

    key = int(rng.integers(1, 1 << 40))
    size = {"vocab_size": load_encoding(ENCODING).n_vocab}
    settings: dict[str, dict[str, Any]] = {
        "kgw": {"hash_key": key, "seeding_scheme": one_of("lefthash", "minhash", "selfhash")},
        "kgw_hf": {"hashing_key": key, "seeding_scheme": one_of("lefthash", "selfhash")},
        "kgw_markllm": {
            "hash_key": key,
            "prefix_length": one_of(1, 2),
            "f_scheme": one_of("time", "additive", "skip", "min"),
            "window_scheme": one_of("left", "self"),
        },
        "unigram": {"hash_key": key},
        "exp_threebricks": {"seed": key, "ngram": one_of(2, 3, 4)},
        "exp_markllm": {"hash_key": key, "prefix_length": one_of(2, 3, 4)},
        "gumbel_vllm": {"key": key, "context_width": one_of(3, 4, 5)},
        "gumbel_vllm_dual": {"key": key, "alpha": one_of(0.1, 0.2)},
        "synthid_google": {"keys": rng.integers(1, 1 << 40, 30).tolist()},
        "synthid_hf": {"keys": rng.integers(1, 1 << 40, 30).tolist()},
    }
    given = settings[name]
    if name in {"kgw", "kgw_markllm", "unigram"}:
        given["gamma"] = one_of(0.25, 0.5)
    if name == "kgw_hf":
        given["greenlist_ratio"] = one_of(0.25, 0.5)
        given["context_width"] = 4 if given["seeding_scheme"] == "selfhash" else 1
    if name.startswith(("kgw", "unigram", "exp")):
        given |= size
    return Mark(make_scheme(name, given))


def curves_of(
    mark: Mark, model: TokenModel, plain: Documents, plan: CurvePlan, seed: int
) -> Curves:
    """Write with one key and tell at each length, share and edit.

    Parameters
    ----------
    mark : Mark
    model : TokenModel
    plain : Documents
        Unmarked, of the plan's longest length.
    plan : CurvePlan
    seed : int

    Returns
    -------
    Curves
    """
    rng = np.random.default_rng(seed)
    text = write_text(model, rng, plan.n_marked, plan.lengths[-1], mark).documents
    again = tokenize_texts(texts_of(text), ENCODING)
    edited = [text, *(replaced(text, share, plain.ids, rng) for share in REPLACED), again]
    scheme, at = mark.scheme, plan.lengths.index(PIECE)
    by_edit = [_told(scheme, documents, plan.lengths) for documents in edited]
    return Curves(
        by_tokens=by_edit[0],
        by_tokens_plain=_told(scheme, plain, plan.lengths),
        by_share=_told_of_corpora(scheme, text, plain, plan.n_corpora, rng),
        by_edit=np.array([told[at] for told in by_edit]),
        kept=tokens_kept(text, again),
    )


def _told(scheme: Scheme, documents: Documents, lengths: Sequence[int]) -> Reals:
    """Share of the documents that are told by their first so many tokens, at each level."""
    scored = score(documents, scheme)
    numbers, offsets = documents.numbers, documents.offsets
    n = len(documents.bounds) - 1
    told = []
    for length in lengths:
        own = scored.in_document & (offsets < length)
        totals = np.bincount(numbers[own], scored.values[own], n).astype(np.float64)
        logs = log_tails_of(scheme, totals, np.bincount(numbers[own], minlength=n))
        told.append([(logs <= np.log(level)).mean() for level in LEVELS])
    return np.array(told)


def _pieces(documents: Documents) -> Documents:
    """The same ids as documents of `PIECE` tokens; a document is a multiple of it long."""
    return Documents(documents.ids, np.arange(0, len(documents.ids) + 1, PIECE))


def _told_of_corpora(
    scheme: Scheme, marked: Documents, plain: Documents, n_corpora: int, rng: np.random.Generator
) -> Reals:
    """Share of corpora of so many marked documents that the pooled test tells, at each level."""
    both = _pieces(Documents(np.concatenate([marked.ids, plain.ids]), np.empty(0, np.int64)))
    scored = score(both, scheme)
    first = scored.first.reshape(-1, PIECE)
    n_marked, n_plain = len(marked.ids) // PIECE, len(plain.ids) // PIECE
    told = []
    for share in SHARES:
        count = min(n_marked, round(share * n_plain))
        logs = []
        for _ in range(n_corpora):
            chosen = rng.permutation(n_marked)[:count]
            others = n_marked + rng.permutation(n_plain)[: n_plain - count]
            draws = np.unique(first[np.concatenate([chosen, others])])
            draws = draws[draws >= 0]
            logs.append(scheme.log_tail(float(scored.values[draws].sum()), len(draws)))
        told.append([np.mean(np.array(logs) <= np.log(level)) for level in LEVELS])
    return np.array(told)


def _cell(values: Reals, *, worst: Any = np.min) -> str:
    """Mean over keys and the worst key, in percent."""
    mean, most = 100 * values.mean(), 100 * worst(values)
    return f"{mean:.3g} ({most:.3g})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _tables(found: dict[str, list[Curves]], lengths: Sequence[int]) -> Iterator[str]:
    for number, level in enumerate(LEVELS):
        yield f"Marked documents told at p ≤ {level:g}, by tokens, in %; unmarked ones beside:\n"
        rows = []
        for name, curves in found.items():
            marked = np.array([each.by_tokens for each in curves])[:, :, number]
            plain = np.array([each.by_tokens_plain.mean(axis=0)[number] for each in curves])
            cells = (_cell(column) for column in marked.T)
            rows.append([f"`{name}`", *cells, _cell(plain, worst=np.max)])
        yield from _table(["scheme", *(f"{n:,}" for n in lengths), "unmarked, all"], rows)
    yield f"Corpora told at p ≤ {LEVELS[1]:g} (pooled), by the share that is marked, in %:\n"
    rows = [
        [f"`{name}`", *(_cell(c) for c in np.array([each.by_share for each in curves])[:, :, 1].T)]
        for name, curves in found.items()
    ]
    yield from _table(["scheme", *(f"{100 * share:g} %" for share in SHARES)], rows)
    yield f"Documents of {PIECE} tokens told at p ≤ {LEVELS[1]:g} after edits, in %:\n"
    rows = [
        [f"`{name}`", *(_cell(c) for c in np.array([each.by_edit for each in curves])[:, :, 1].T)]
        for name, curves in found.items()
    ]
    yield from _table(["scheme", *EDITED], rows)


def main(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Markdown tables.")
    ] = None,
    scheme: Annotated[list[str] | None, typer.Option(help="All unless told. Repeat.")] = None,
    temperature: Annotated[float, typer.Option(help="Of the model: 0.5 is 2.6 bits.")] = 0.5,
    seed: Annotated[int, typer.Option(min=0, help="Of keys, settings and text.")] = 0,
    quick: Annotated[
        bool, typer.Option("--quick", help="Little text, to see that it runs.")
    ] = False,
) -> None:
    """Print detection curves on simulated marked text."""
    plan, model = QUICK if quick else CurvePlan(), library_model(temperature)
    written = write_text(model, np.random.default_rng(seed), plan.n_plain, plan.lengths[-1])
    plain, found = written.documents, dict[str, list[Curves]]()
    for number, name in enumerate(SCHEMES):
        if scheme and name not in scheme:
            continue
        found[name] = []
        for key in range(plan.n_keys):
            rng = np.random.default_rng([seed, number, key])
            mark = drawn_mark(name, rng)
            found[name].append(curves_of(mark, model, plain, plan, int(rng.integers(1 << 32))))
        typer.echo(f"{name}: done", err=True)
    kept = np.mean([each.kept for curves in found.values() for each in curves])
    head = (
        f"{written.bits.mean():.2f} bits a token; {plan.n_keys} keys, {plan.n_marked} marked"
        f" documents each, and {plan.n_plain} unmarked ones; corpora of"
        f" {len(plain.ids) // PIECE:,} documents of {PIECE} tokens;"
        f" {100 * kept:.1f} % of the tokens survive text and tokenizer.\n"
    )
    text = "\n".join([head, *_tables(found, plan.lengths)])
    if output is not None:
        write_aside(output, text.encode())
    typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
