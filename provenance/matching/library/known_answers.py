"""Published answers of known models: which documents of a corpus are one of them, word for word.

Style names no family (`bench.named_families`); a copy does. A text is known by 48 bits of the hash
of its words. One that another family wrote too, or people did, is left out, so that what is said is
the family; one that two models of a family wrote tells the family alone.

``python -m provenance.matching.library.known_answers DATA`` writes the shipped file anew.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.features.features import extract
from provenance.features.spec import FeatureSpec
from provenance.files.archive import Broken, Kind, explained, read, split, write
from provenance.matching.library.building import SPEC
from provenance.matching.library.kinds import found_files, written_by
from provenance.matching.library.stocking import known_of

__all__ = [
    "FEWEST_TOKENS",
    "Answerer",
    "KnownAnswers",
    "build",
    "listed",
    "read_answers",
    "starter_answers",
]

FEWEST_TOKENS: Final = 80
"""Shorter answers are oftener alike whoever gives them; a round figure."""
_FOLDERS: Final = ("alpaca_eval", "slop_score", "eqbench_cw", "debate_2026", "alpaca52k_en")
"""Whose models are known by name: sets that answer the same prompts, and a training corpus."""
_WRITTEN_BY: Final = {"alpaca52k_en": "text_davinci_003"}
_NOBODY, _UNTOLD = "?", "*"
"""In place of a model: nobody is named for its texts; they are of a set that is not on the list."""
_BITS: Final = 48
"""Of a hash: a million other documents meet one of 33,808 by chance once in 8,000 corpora."""
_FILE: Final = Kind(
    "provenance-known-answers/1",
    "list of known answers",
    ("distances", "answerers"),
    "Install llm-provenance again",
)
_MOST: Final = 2_000
"""Models of a file; it is not trusted. A round figure."""
_BATCH: Final = 2_000
"""Texts that are hashed at once; bounds memory."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who wrote some known answers; a family alone where several of its models did.

    Examples
    --------
    >>> Answerer("GPT", "OpenAI", "gpt-4o").name, Answerer("GPT", "OpenAI", "").name
    ('GPT (gpt-4o)', 'GPT')
    """

    family: str
    vendor: str
    model: str

    @property
    def name(self) -> str:
        """Its family, and its model where that is told."""
        return f"{self.family} ({self.model})" if self.model else self.family


@dataclass(frozen=True, slots=True)
class KnownAnswers:
    """Texts by their hashes, and who wrote each.

    Parameters
    ----------
    spec : FeatureSpec
        Whose words are hashed.
    answerers : tuple of Answerer
    hashes : ndarray of uint64, shape (n,)
        Ascending.
    of : ndarray of int64, shape (n,)
        Who wrote each.
    """

    spec: FeatureSpec
    answerers: tuple[Answerer, ...]
    hashes: NDArray[np.uint64]
    of: NDArray[np.int64]

    def look_up(self, words: NDArray[np.uint64], n_tokens: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number of the answerer of each document; -1 where it is no known answer.

        Parameters
        ----------
        words : ndarray of uint64, shape (n_documents,)
            Hashes of the documents' words, as a `FeatureBatch` has them.
        n_tokens : ndarray of int64, shape (n_documents,)
        """
        return np.where(n_tokens >= FEWEST_TOKENS, self.whose(_shortened(words)), -1)

    def whose(self, shortened: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The same of hashes that are as short as the list's."""
        if not len(self.hashes):
            return np.full(len(shortened), -1)
        place = np.searchsorted(self.hashes, shortened).clip(max=len(self.hashes) - 1)
        return np.where(self.hashes[place] == shortened, self.of[place], -1)

    def save(self, path: Path) -> None:
        """Write the file; equal lists give equal bytes."""
        header = {
            "spec": asdict(self.spec),
            "answerers": [asdict(one) for one in self.answerers],
        }
        distances = np.diff(self.hashes, prepend=np.uint64(0))
        write(path, _FILE, header, {"distances": split(distances), "answerers": split(self.of)})

    @classmethod
    def load(cls, path: Path) -> KnownAnswers:
        """Read a file, trusting nothing; `InputError` says what is wrong with it."""
        with explained(path, _FILE):
            return cls(*_parts(*read(path, _FILE)))


def _shortened(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return hashes >> np.uint64(64 - _BITS)


def _parts(
    header: Mapping[str, Any], numbers: Mapping[str, NDArray[np.uint64]]
) -> tuple[FeatureSpec, tuple[Answerer, ...], NDArray[np.uint64], NDArray[np.int64]]:
    spec, answerers = FeatureSpec.from_dict(header.get("spec")), header.get("answerers")
    if not isinstance(answerers, list) or not 0 < len(answerers) <= _MOST:
        raise Broken("the header names nobody whose answers they are")
    found = tuple(_answerer(one) for one in answerers)
    distances, of = numbers["distances"], numbers["answerers"]
    if not len(distances) == len(of) > 0:
        raise Broken("the list has answers of nobody, or none at all")
    hashes = np.cumsum(distances)
    if int(distances.max()) >> _BITS or (np.diff(hashes.astype(np.float64)) <= 0).any():
        raise Broken("the hashes are not in order")
    if int(hashes[-1]) >> _BITS or int(of.max()) >= len(found):
        raise Broken("the list holds numbers out of bounds")
    return spec, found, hashes, of.astype(np.int64)


def _answerer(values: object) -> Answerer:
    if not isinstance(values, dict) or {*values} != {"family", "vendor", "model"}:
        raise Broken("who wrote an answer lacks a part")
    if any(type(one) is not str or not one.isprintable() for one in values.values()):
        raise Broken("who wrote an answer has no plain name")
    if not values["family"]:
        raise Broken("who wrote an answer has no family")
    return Answerer(**values)


@lru_cache(maxsize=1)
def starter_answers() -> KnownAnswers:
    """The list that ships with the package."""
    return KnownAnswers.load(Path(__file__).with_name("known.answers"))


Answers = Sequence[tuple[Answerer, NDArray[np.uint64]]]
"""Who wrote the texts of each file, and their hashes."""


def build(folder: Path) -> KnownAnswers:
    """A list of the answers in a data folder; the same texts give the same list."""
    return listed(read_answers(folder))


def read_answers(folder: Path) -> Answers:
    """The hashes of all texts in a data folder that are long enough, by files."""
    found = [(_writer(place, path), _hashes(path)) for place, path in _files(folder)]
    if not found:
        raise InputError("it holds none of the sources", where=str(folder))
    return found


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    yield from found_files(folder)
    for path in sorted((folder / "alpaca52k_en").glob("*.jsonl.gz")):
        yield "alpaca52k_en", path


def _writer(place: str, path: Path) -> Answerer:
    name = path.name.removesuffix(".jsonl.gz")
    model = _WRITTEN_BY.get(place, name)
    vendor, family = (None, None) if written_by(name) == "people" else known_of(model)
    if family is None or vendor is None:
        return Answerer(f"{place}/{name}", "", _NOBODY)
    return Answerer(family, vendor, model if place in _FOLDERS else _UNTOLD)


def _hashes(path: Path) -> NDArray[np.uint64]:
    with gzip.open(path) as lines:
        rows = [*map(orjson.loads, lines)]
    texts = sorted({row["text"] for row in rows if isinstance(row.get("text"), str)})
    found = [np.empty(0, np.uint64)]
    for start in range(0, len(texts), _BATCH):
        batch = extract(texts[start : start + _BATCH], SPEC)
        found.append(batch.cluster_hash[batch.n_tokens >= FEWEST_TOKENS])
    return np.unique(_shortened(np.concatenate(found)))


def listed(answers: Answers) -> KnownAnswers:
    """Texts of one family alone, of those whose models are known by name."""
    every = np.concatenate([hashes for _, hashes in answers])
    writer = np.repeat(np.arange(len(answers)), [len(hashes) for _, hashes in answers])
    order = np.argsort(every, kind="stable")
    distinct, start = np.unique(every[order], return_index=True)
    kept: list[int] = []
    whose: list[Answerer] = []
    for at, numbers in enumerate(np.split(writer[order], start[1:])):
        of = {answers[number][0] for number in numbers.tolist()}
        models = {one.model for one in of}
        if len({one.family for one in of}) > 1 or not models - {_NOBODY, _UNTOLD}:
            continue
        one = next(iter(of))
        kept.append(at)
        whose.append(one if len(models) == 1 else replace(one, model=""))
    answerers = tuple(sorted({*whose}, key=lambda one: (one.family, one.model)))
    number = {one: at for at, one in enumerate(answerers)}
    of_each = np.array([number[one] for one in whose], np.int64)
    return KnownAnswers(SPEC, answerers, distinct[kept], of_each)


def main(arguments: Sequence[str]) -> Iterator[str]:
    """Build the shipped list anew from a data folder, and tell what it holds."""
    target = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).with_name("known.answers")
    found = build(Path(arguments[0]))
    found.save(target)
    families = len({one.family for one in found.answerers})
    yield f"{len(found.hashes):,} answers of {families} families"
    yield f"{target}: {target.stat().st_size / 1e6:.2f} MB"


if __name__ == "__main__":
    for line in main(sys.argv[1:]):
        sys.stdout.write(f"{line}\n")
