"""A check for watermarks on text that is at hand: marked text, the same text unmarked, a manual.

A small language model of what every Python carries writes with a key and without it, so that the
mark is all that tells the two apart. A second key has marked nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from provenance.files.aside import write_aside
from provenance.files.places import require_folder
from provenance.simulate.demo import manual_pieces, manual_topics, write_corpora

if TYPE_CHECKING:
    from provenance.corpus import Corpus
    from provenance.evidence.watermark.records import WatermarkCheck

__all__ = ["WatermarkDemo", "run_watermark_demo"]

SCHEME: Final = "gumbel_vllm"
USED: Final = "demo-endpoint"
UNUSED: Final = "unused-endpoint"

_N_MARKED: Final = 40
_N_KNOWN: Final = 20
_N_PLAIN: Final = 160
_N_TOKENS: Final = 150
_N_MANUAL: Final = 200

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WatermarkDemo:
    """What a demonstration did.

    Parameters
    ----------
    check : WatermarkCheck
    n_marked, n_plain, n_manual : int
        Documents of the corpus: marked, of the same model without its key, by people.
    n_listed_marked, n_listed_others : int
        Listed documents of the key that was used, by whether they are marked in truth.
    output : Path
        Folder with the corpus, the key file and what was found.
    bits : float
        Entropy of the model's text in bits a token, on which it depends how soon a mark is told.
    """

    check: WatermarkCheck
    n_marked: int
    n_plain: int
    n_manual: int
    n_listed_marked: int
    n_listed_others: int
    output: Path
    bits: float

    @property
    def command(self) -> str:
        """What to type for the same result."""
        corpus, keys = str(self.output / "corpus.jsonl"), str(self.output / "K.toml")
        words = ["provenance", "watermark", corpus, "--keys", keys, "-o", str(self.output)]
        return shlex.join(words)


def run_watermark_demo(
    output: Path,
    *,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[Corpus], None] | None = None,
) -> WatermarkDemo:
    """Write a corpus of which a part is marked, a key file, and check the one for the other.

    Parameters
    ----------
    output : Path
        Everything goes into its folder ``watermark``, which is made where missing.
    seed : int
        Of the keys and all text.
    workers : int
    progress : callable, optional
        Called with the corpus that is being read, after each batch.

    Raises
    ------
    InputError
        Where this Python lacks its manual or the folder cannot be written.

    Examples
    --------
    >>> run_watermark_demo(Path("out")).check.keys[0].verdict  # doctest: +SKIP
    'found'
    """
    from provenance.corpus import open_corpus
    from provenance.evidence.watermark.corpus import check_watermarks
    from provenance.evidence.watermark.keys import read_watermark_keys
    from provenance.evidence.watermark.rows import WatermarkRows

    output = output / "watermark"
    require_folder(output, ("documents.parquet", "corpus.jsonl", "known-marked.jsonl", "K.toml"))
    rng = np.random.default_rng(seed)
    keys = {name: int(key) for name, key in zip((USED, UNUSED), _keys(rng), strict=True)}
    corpus, known, bits = _texts(keys[USED], rng)
    write_corpora(output, {"corpus": corpus, "known-marked": known})
    write_aside(output / "K.toml", _key_file(keys).encode())
    found_keys = read_watermark_keys(output / "K.toml")
    rows = WatermarkRows(output / "documents.parquet", [key.name for key in found_keys])
    try:
        check = check_watermarks(
            open_corpus(output / "corpus.jsonl"),
            found_keys,
            rows=rows,
            workers=workers,
            progress=progress,
        )
    finally:
        rows.discard()
    authors = [row["author"] for row in corpus]
    listed = _listed(output / "documents.parquet", check.fdr)
    n_right = sum(authors[place] == USED for place in listed)
    return WatermarkDemo(
        check=check,
        n_marked=authors.count(USED),
        n_plain=authors.count("no key"),
        n_manual=authors.count("python-manual"),
        n_listed_marked=n_right,
        n_listed_others=len(listed) - n_right,
        output=output,
        bits=bits,
    )


def _keys(rng: np.random.Generator) -> Sequence[int]:
    keys: list[int] = rng.integers(1 << 40, 1 << 62, 2).tolist()
    return keys


def _texts(key: int, rng: np.random.Generator) -> tuple[list[Row], list[Row], float]:
    """The corpus in random order, other text that is known to be marked, and its entropy."""
    from provenance.evidence.watermark import make_scheme
    from provenance.simulate.marked_text import Mark, texts_of, write_text
    from provenance.simulate.token_model import library_model

    mark = Mark(make_scheme(SCHEME, {"key": key}))
    where = np.arange(_N_MARKED + _N_KNOWN + _N_PLAIN)[:, None] < _N_MARKED + _N_KNOWN
    written = write_text(library_model(), rng, len(where), _N_TOKENS, mark, where)
    texts = texts_of(written.documents)
    rows = [_row(number, text, USED) for number, text in enumerate(texts[: where.sum()])]
    plain = [_row(number, text, "no key") for number, text in enumerate(texts[where.sum() :])]
    pieces = manual_pieces(manual_topics())
    people = [pieces[place] for place in rng.permutation(len(pieces))[:_N_MANUAL]]
    corpus = [*rows[:_N_MARKED], *plain, *people]
    order = rng.permutation(len(corpus))
    return [corpus[place] for place in order], rows[_N_MARKED:], float(written.bits.mean())


def _row(number: int, text: str, author: str) -> Row:
    return {"id": f"{author.replace(' ', '-')}-{number}", "text": text, "author": author}


def _key_file(keys: dict[str, int]) -> str:
    from provenance.simulate.token_model import ENCODING

    tables = [
        f'[[watermark]]\nname = "{name}"\nscheme = "{SCHEME}"\nkey = {key}\n'
        f'tokenizer = "{ENCODING}"\n'
        for name, key in keys.items()
    ]
    return f'{tables[0]}marked = "known-marked.jsonl"\n\n{tables[1]}'


def _listed(path: Path, fdr: float) -> list[int]:
    """Rows that are listed for the key that was used."""
    import pyarrow.parquet as pq

    q = pq.read_table(path, columns=[f"q[{USED}]"]).column(0).to_numpy(zero_copy_only=False)
    return np.flatnonzero(q <= fdr).tolist()
