"""Scores of a corpus batch by batch in a folder: what shards share, and what a broken run left.

A partial holds what the models made of one batch: numbers, no text. It is renamed into place, so
that one that is there is whole. The documents are read again when all are put together, by the
same code as in a run of one piece, so that its results are those of that run to the bit; each
partial carries a hash of the documents that it was made of.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from provenance.corpus import Corpus, Document
from provenance.corpus.inputs import shown
from provenance.errors import InputError
from provenance.features.features import PreparedTexts, repaired
from provenance.features.normalize import normalize
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS
from provenance.files.archive import is_unpacked
from provenance.files.aside import write_aside
from provenance.files.places import require_folder, unwritable
from provenance.fingerprint.measuring import prepare_documents
from provenance.matching.scored_batch import ScoredBatch, with_strongest
from provenance.scoring.file import panel_key
from provenance.scoring.panel import Panel
from provenance.share.sources import Sources
from provenance.version import __version__

__all__ = [
    "RUN_FILE",
    "Numbered",
    "Partials",
    "Shard",
    "numbered",
    "opened_partials",
    "refuse_partials",
    "remove_partials",
    "run_of",
]

RUN_FILE: Final = "run.json"
_SCHEMA: Final = "provenance-partials/1"
_LARGEST: Final = 1 << 30
"""Bytes of a partial, unpacked: a batch has about two million characters, and takes 1 to 20 MB."""
_LEVEL: Final = 1
"""Of zstandard: the fastest, a half of the size."""
_LARGEST_RUN: Final = 1 << 20
_MOST_SHARDS: Final = 1_000_000
_NESTED: Final = ("log_posterior", "by_family")
_APART: Final = ("documents", "repairs", "strongest", "drawn", *_NESTED)
_ARRAYS: Final = tuple(item.name for item in fields(ScoredBatch) if item.name not in _APART)


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of a run: each ``count``-th batch, from the ``number``-th on.

    Examples
    --------
    >>> shard = Shard.read("2/3")
    >>> [shard.has(place) for place in range(6)]
    [False, True, False, False, True, False]
    """

    number: int
    count: int

    def has(self, place: int) -> bool:
        """Whether the batch of that place, counted from 0, is of this part."""
        return place % self.count == self.number - 1

    @classmethod
    def read(cls, text: str) -> Shard:
        """From how it is written, ``2/8``.

        Raises
        ------
        InputError
        """
        found = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", text)
        number, count = (int(part) for part in found.groups()) if found else (0, 0)
        if not 1 <= number <= count <= _MOST_SHARDS:
            raise InputError(
                f"--shard is {text[:30]!r}", expected="I/N, such as 2/8, with I from 1 to N"
            )
        return cls(number, count)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A batch, and how many came before it."""

    place: int
    documents: list[Document]

    @property
    def digest(self) -> str:
        """Hash of all that scores hang on."""
        state = hashlib.blake2b(digest_size=16)
        for one in self.documents:
            for part in (one.id, one.prompt or "", one.text):
                words = part.encode("utf-8", "surrogatepass")
                state.update(len(words).to_bytes(8, "little"))
                state.update(words)
        return state.hexdigest()


@dataclass(frozen=True, slots=True)
class Partials:
    """The partials of one run; workers read and write them.

    Parameters
    ----------
    folder : Path
    spec : FeatureSpec
    candidates : tuple of int
    """

    folder: Path
    spec: FeatureSpec
    candidates: tuple[int, ...]

    def has(self, batch: Numbered) -> bool:
        """Whether the scores of a batch are there."""
        return self._path(batch).exists()

    def prepared(self, batch: Numbered) -> PreparedTexts | None:
        """What is scored; None where that was done."""
        if self.has(batch):
            return None
        return prepare_documents(batch.documents, self.spec)

    def scored(
        self,
        batch: Numbered,
        prepared: PreparedTexts | None,
        score: Callable[[Sequence[Document], PreparedTexts], ScoredBatch],
    ) -> tuple[ScoredBatch, PreparedTexts]:
        """The scores of a batch, from its partial or put there, and its texts after repairs."""
        if prepared is None:
            found = self._load(batch)
            texts = [one.text for one in batch.documents]
            return found, repaired(texts, self.spec, found.text_hash, found.n_tokens)
        found = score(batch.documents, prepared)
        self._save(batch, found)
        return found, prepared

    def _path(self, batch: Numbered) -> Path:
        return self.folder / f"{batch.place:08d}.part"

    def _save(self, batch: Numbered, found: ScoredBatch) -> None:
        import zstandard

        arrays = {name: getattr(found, name) for name in _ARRAYS}
        for name in _NESTED:
            for key, values in getattr(found, name).items():
                arrays[f"{name}/{key}"] = values
        header = {"schema": _SCHEMA, "digest": batch.digest, "repairs": found.repairs}
        arrays["header"] = np.frombuffer(orjson.dumps(header), np.uint8)
        file = io.BytesIO()
        np.savez(file, **arrays)
        packer = zstandard.ZstdCompressor(_LEVEL, write_checksum=True)
        write_aside(self._path(batch), packer.compress(file.getbuffer()))

    def _load(self, batch: Numbered) -> ScoredBatch:
        path = self._path(batch)
        try:
            with path.open("rb") as file:
                arrays = _arrays(file.read(_LARGEST))
            header = orjson.loads(arrays.pop("header").tobytes())
            found = self._found(batch, arrays, header)
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror or error})", where=os.fspath(path)
            ) from None
        except Exception as error:  # of a file that is not whole anything may be raised
            raise InputError(
                f"the partial is damaged ({type(error).__name__})",
                where=os.fspath(path),
                remedy="Delete it and run the same command again: it is made again",
            ) from None
        if header["digest"] != batch.digest:
            first = batch.documents[0]
            raise InputError(
                "the corpus is not the one that the partials were made of",
                where=f"{shown(first.path)}:{first.line}",
                expected=f"the rows that {path} was made of",
                remedy="Bring the corpus back as it was, or name another folder with --partials",
            )
        return with_strongest(found, self.candidates, lambda place: self._text(batch, place))

    def _found(
        self, batch: Numbered, arrays: dict[str, Any], header: dict[str, Any]
    ) -> ScoredBatch:
        nested: dict[str, dict[str, Any]] = {name: {} for name in _NESTED}
        for name in [name for name in arrays if "/" in name]:
            kind, _, key = name.partition("/")
            nested[kind][key] = arrays.pop(name)
        # Of other documents nothing has to fit; that is told as what it is.
        if header["digest"] == batch.digest:
            _check_shapes(nested, arrays, len(batch.documents), 1 << self.spec.frequency_bits)
        known: dict[str, Any] = {**nested, **arrays}
        return ScoredBatch(
            documents=list(batch.documents),
            repairs={str(name): int(count) for name, count in header["repairs"].items()},
            strongest={},
            **known,
        )

    def _text(self, batch: Numbered, place: int) -> str:
        text = batch.documents[place].text
        return normalize(text, strip_markdown=self.spec.strip_markdown).text


def _check_shapes(
    nested: Mapping[str, Mapping[str, Any]],
    arrays: Mapping[str, Any],
    n_documents: int,
    n_slots: int,
) -> None:
    """Refuse arrays that no batch of so many documents has: no figure is made of them."""
    n_passages = len(arrays["document"])
    scores = [values for one in nested.values() for values in one.values()]
    width = arrays["overlap"].shape[1]
    expected = {
        **dict.fromkeys(("n_tokens",), ("i", (n_documents,))),
        **dict.fromkeys(("text_hash", "cluster_hash"), ("u", (n_documents,))),
        **dict.fromkeys(("too_short", "disguised"), ("b", (n_documents,))),
        "overlap": ("b", (n_documents, width)),
        **dict.fromkeys(("document", "passage_tokens"), ("i", (n_passages,))),
        "statistics": ("f", (n_passages, len(STATISTICS))),
        "slots": ("i", arrays["slots"].shape[:1]),
        "slot_counts": ("u", arrays["slots"].shape[:1]),
        "prompts": ("u", arrays["prompts"].shape[:1]),
    }
    fits = all(
        (arrays[name].dtype.kind, arrays[name].shape) == found for name, found in expected.items()
    ) and all((one.dtype.kind, one.shape) == ("f", (n_passages, width)) for one in scores)
    if not fits or not all(np.isfinite(one).all() for one in (arrays["statistics"], *scores)):
        raise ValueError("of another shape")
    for name, end in (("document", n_documents), ("slots", n_slots)):
        if arrays[name].size and not 0 <= arrays[name].min() <= arrays[name].max() < end:
            raise ValueError(f"{name} out of range")


def _arrays(packed: bytes) -> dict[str, Any]:
    import zstandard

    size = zstandard.frame_content_size(packed)
    if not 0 < size <= _LARGEST:
        raise ValueError("too large")
    plain = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST)
    with np.load(io.BytesIO(plain), allow_pickle=False) as found:
        if not is_unpacked(found.zip, len(plain)):
            raise ValueError("packed twice")
        return {name: found[name] for name in found.files}


def numbered(batches: Iterable[list[Document]]) -> Iterator[Numbered]:
    """Batches with their places."""
    for place, documents in enumerate(batches):
        yield Numbered(place, documents)


def refuse_partials(
    alone: bool, logs: object, decoy_logs: object, keys: object, precision: float | None
) -> None:
    """Refuse what is not kept batch by batch.

    Raises
    ------
    InputError
    """
    refused = {
        "a candidate without a reference or a panel": alone,
        "--log": logs,
        "--decoy-log": decoy_logs,
        "--watermark-keys": keys,
        "--precision": precision is not None,
    }
    for name, is_given in refused.items():
        if is_given:
            raise InputError(
                f"{name} cannot be matched in parts",
                expected="--shard, --partials and --resume where rows are scored alone",
                remedy="Leave these out, or match in one piece",
            )


def opened_partials(
    folder: Path, panel: Panel, sources: Sources, corpus: Corpus, command: Sequence[str] = ()
) -> Partials:
    """A folder of partials, made or found.

    Parameters
    ----------
    folder : Path
    panel : Panel
    sources : Sources
    corpus : Corpus
    command : sequence of str
        What the user typed, for `run_of`.

    Raises
    ------
    InputError
        Where they are of another run, or it cannot be written.
    """
    kept = Partials(folder, panel.spec, tuple(sources.candidates))
    told = [
        *(_SCHEMA, __version__, panel_key(sources.fingerprints, panel.seed)),
        *(list(kept.candidates), repr(corpus.options)),
    ]
    key = hashlib.sha256(orjson.dumps(told)).hexdigest()
    require_folder(folder, (RUN_FILE,))
    place = folder / RUN_FILE
    if place.exists():
        if _read_run(place).get("key") != key:
            raise InputError(
                "the partials there are of another run: of other sources, options or version",
                where=os.fspath(folder),
                remedy="Name another folder with --partials, or delete this one",
            )
        return kept
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, folder) from None
    run = {"schema": _SCHEMA, "key": key, "command": list(command)}
    write_aside(place, orjson.dumps(run, option=orjson.OPT_INDENT_2))
    return kept


def remove_partials(folder: Path) -> None:
    """Delete the partials of a folder, and the folder where nothing else stands in it."""
    for path in [folder / RUN_FILE, *folder.glob("[0-9]*.part")]:
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def run_of(folder: Path) -> tuple[str, ...]:
    """The command that the partials of a folder were made by.

    Raises
    ------
    InputError
        Where there is none.
    """
    place = folder / RUN_FILE
    command = _read_run(place).get("command")
    if not isinstance(command, list) or not all(isinstance(part, str) for part in command):
        raise InputError("it names no command", where=os.fspath(place))
    return tuple(command)


def _read_run(place: Path) -> dict[str, Any]:
    try:
        with place.open("rb") as file:
            found = orjson.loads(file.read(_LARGEST_RUN))
    except FileNotFoundError:
        raise InputError(
            "there are no partials",
            where=os.fspath(place.parent),
            expected=f"a folder that match --partials wrote, with {RUN_FILE} in it",
        ) from None
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError(f"cannot be read ({error})", where=os.fspath(place)) from None
    if not isinstance(found, dict) or found.get("schema") != _SCHEMA:
        raise InputError("these partials are of another version", where=os.fspath(place))
    return found
