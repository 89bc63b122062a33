"""A batch of answers is hashed, or the hashes are taken from its partial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.batches.in_parts import Arrays, KeptParts, Numbered, opened_parts
from provenance.corpus.document import Document
from provenance.evidence.log.answers import EPOCH, text_column
from provenance.evidence.log.index import NO_DAY
from provenance.evidence.log.windows import SHINGLE_BITS, SPAN, hash_repaired
from provenance.features.hashes import bytes_hash

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HashedBatch", "Hashes", "KeptHashes", "Recipe", "opened_hashes"]


@dataclass(frozen=True, slots=True)
class Hashes:
    """What is hashed of some answers; a window, or a pair of words, tells the row it is of.

    Parameters
    ----------
    texts, prompts : ndarray of uint64, shape (n_answers,)
    tokens : ndarray of uint32, shape (n_answers,)
    windows, window_rows : ndarray of uint64, shape (n_windows,)
    shingles, shingle_rows : ndarray of uint64, shape (n_shingles,)
    """

    texts: NDArray[np.uint64]
    prompts: NDArray[np.uint64]
    tokens: NDArray[np.uint32]
    windows: NDArray[np.uint64]
    window_rows: NDArray[np.uint64]
    shingles: NDArray[np.uint64]
    shingle_rows: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class HashedBatch:
    """A batch of answers as a worker returns it; ``kept`` are its texts, packed."""

    records: pa.Table
    kept: list[bytes]
    hashes: Hashes


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is made of answers.

    Parameters
    ----------
    window : int
    account, endpoint : str or None
        Fields.
    keep : bool
        Whether the texts are kept.
    """

    window: int
    account: str | None
    endpoint: str | None
    keep: bool

    def hashed(self, documents: Sequence[Document], _: None) -> HashedBatch:
        """All of a batch."""
        hashes, texts = hash_answers(documents, self.window)
        return self.batch(documents, hashes, texts)

    def batch(
        self, documents: Sequence[Document], hashes: Hashes, texts: Sequence[str]
    ) -> HashedBatch:
        """A batch whose hashes are known; ``texts`` after repairs."""
        import pyarrow as pa

        days = [NO_DAY if d.date is None else d.date.toordinal() - EPOCH for d in documents]
        records = pa.table(
            {
                "text": hashes.texts,
                "prompt": hashes.prompts,
                "tokens": hashes.tokens,
                "day": np.array(days, np.int32),
                "id": text_column([item.id for item in documents]),
                "account": text_column([_field(item, self.account) for item in documents]),
                "endpoint": text_column([_field(item, self.endpoint) for item in documents]),
            }
        )
        return HashedBatch(records, _packed(texts) if self.keep else [], hashes)


def hash_answers(documents: Sequence[Document], window: int) -> tuple[Hashes, tuple[str, ...]]:
    """Hashes of some answers, and their texts after repairs.

    Examples
    --------
    >>> hash_answers([Document("1", " To be", "log", 1)], 8)[1]
    ('To be',)
    """
    # Here, as it loads a compiler.
    from provenance.features.normalize.tidy import all_repaired

    prompted = [d.prompt is not None for d in documents]
    asked = all_repaired([d.prompt or "" for d in documents])
    texts = all_repaired([item.text for item in documents])
    found = hash_repaired(texts, asked, window=window, span=SPAN)
    prompts = [
        bytes_hash(prompt) if is_there else 0
        for prompt, is_there in zip(asked.encoded, prompted, strict=True)
    ]
    rows = np.arange(len(found.texts), dtype=np.uint64)
    hashes = Hashes(
        texts=np.array([*map(bytes_hash, texts.encoded)], np.uint64),
        prompts=np.array(prompts, np.uint64),
        tokens=found.tokens.astype(np.uint32),
        windows=found.windows,
        window_rows=np.repeat(rows, np.diff(found.window_bounds)),
        shingles=found.shingles >> np.uint64(64 - SHINGLE_BITS),
        shingle_rows=np.repeat(rows, np.diff(found.shingle_bounds)),
    )
    return hashes, tuple(found.texts)


@dataclass(frozen=True, slots=True)
class KeptHashes:
    """The partials of one index; workers read and write them."""

    kept: KeptParts

    def hashed(self, batch: Numbered, _: None, recipe: Recipe) -> HashedBatch:
        """A batch, from its partial or put there."""
        if not self.kept.has(batch):
            hashes, texts = self._made(batch, recipe)
            return recipe.batch(batch.documents, hashes, texts)
        from provenance.features.normalize.tidy import repaired_texts

        plain = [item.text for item in batch.documents]
        return recipe.batch(
            batch.documents, self._load(batch), repaired_texts(plain) if recipe.keep else ()
        )

    def done(self, batch: Numbered, _: None, recipe: Recipe) -> bool:
        """Make the partial of a batch; whether it was there."""
        if self.kept.has(batch):
            # It is read: what it was made of may have changed.
            self._load(batch)
            return True
        self._made(batch, recipe)
        return False

    def _made(self, batch: Numbered, recipe: Recipe) -> tuple[Hashes, tuple[str, ...]]:
        hashes, texts = hash_answers(batch.documents, recipe.window)
        self.kept.save(batch, asdict(hashes), None)
        return hashes, texts

    def _load(self, batch: Numbered) -> Hashes:
        def read(arrays: Arrays, _: object) -> Hashes:
            _check(arrays, len(batch.documents))
            return Hashes(**arrays)

        return self.kept.load(batch, read)


def opened_hashes(folder: Path, window: int, log: Any, command: Sequence[str] = ()) -> KeptHashes:
    """A folder of partials, made or found.

    Raises
    ------
    InputError
        Where they are of another run, or it cannot be written.
    """
    made_by = ["index", window, repr(getattr(log, "options", None))]
    return KeptHashes(opened_parts(folder, made_by, command))


def _check(arrays: Mapping[str, Any], n_documents: int) -> None:
    """Refuse arrays that no batch of so many documents has."""
    if arrays.keys() != {item.name for item in fields(Hashes)}:
        raise ValueError("other arrays")
    sizes = dict.fromkeys(("texts", "prompts", "tokens"), n_documents)
    for name in ("window", "shingle"):
        sizes |= dict.fromkeys((f"{name}s", f"{name}_rows"), len(arrays[f"{name}s"]))
    for name, size in sizes.items():
        if (arrays[name].dtype, arrays[name].shape) != (_DTYPES.get(name, np.uint64), (size,)):
            raise ValueError(f"{name} is of another shape")
    ends = {"window_rows": n_documents, "shingle_rows": n_documents, "shingles": 1 << SHINGLE_BITS}
    for name, end in ends.items():
        if arrays[name].size and arrays[name].max() >= end:
            raise ValueError(f"{name} out of range")


_DTYPES: dict[str, Any] = {"tokens": np.uint32}


def _field(document: Document, name: str | None) -> str:
    return "" if name is None else document.fields.get(name, "")


def _packed(texts: Sequence[str]) -> list[bytes]:
    import zstandard

    packer = zstandard.ZstdCompressor(level=3)
    return [packer.compress(text.encode("utf-8", "replace")) for text in texts]
