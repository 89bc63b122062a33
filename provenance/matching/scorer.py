"""The scorer of a match as one object, for pipelines that read and write rows themselves.

It tells of a row what the samples tell of it: posteriors under equal priors, and p-values. How much
of a corpus is a source's, and whether that may be said, only `match` tells.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import orjson

from provenance.errors import InputError
from provenance.features.features import extract
from provenance.files.aside import write_aside
from provenance.files.json import decode, plain
from provenance.files.leftovers import passing_folder
from provenance.files.named import Given
from provenance.files.places import require_folder
from provenance.files.spill import storable
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import label_hashes
from provenance.matching.sources import asked_sources
from provenance.scoring.cached.file import (
    cached_panel,
    default_cache_folder,
    load_panel,
    save_panel,
)
from provenance.scoring.p_values import Conformal
from provenance.scoring.panel import Panel
from provenance.scoring.scored import document_means, row_statistic
from provenance.scoring.views import VIEWS
from provenance.statistics.multiple_testing import benjamini_hochberg
from provenance.statistics.threads import one_thread

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RowTally", "Scorer", "in_batches"]

Item = TypeVar("Item")

_SCHEMA: Final = "provenance-scorer/1"
_TOLD, _PANEL = "scorer.json", "panel.fitted"
_LARGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Told:
    """What stands beside the panel."""

    schema: str
    candidates: tuple[str, ...]
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores rows against the sources of a match; it can be pickled and copied to any process.

    It holds a path alone, and each process loads what stands there once.

    Parameters
    ----------
    folder : str
        What `save` wrote.
    """

    folder: str

    @classmethod
    def save(
        cls,
        folder: str | os.PathLike[str],
        *,
        candidates: Given[Fingerprint],
        references: Given[Fingerprint] = (),
        panel: Given[Fingerprint] = (),
        aliases: Mapping[str, str] | None = None,
        only: bool = False,
        library: bool = True,
        seed: int = 0,
        cache_dir: str | os.PathLike[str] | None = None,
    ) -> Scorer:
        """Fit the sources of a match and write their scorer to a folder.

        Parameters
        ----------
        folder : path
        candidates, references, panel, aliases, only, library, seed, cache_dir
            As of `match`; a candidate alone has nothing to be told from.
        """
        cache = default_cache_folder() if cache_dir is None else Path(cache_dir)
        sources = asked_sources(
            candidates, references, panel, aliases or {}, only=only, library=library, cache=cache
        ).sources
        if len(sources.names) < 2:
            raise InputError(
                "a candidate alone has no rows that it is told from",
                expected="a reference, or a panel",
                remedy="Pass references=, or panel=",
            )
        place = Path(folder)
        require_folder(place, (_TOLD, _PANEL))
        with passing_folder() as spare:
            fitted, _ = cached_panel(sources.fingerprints, seed, cache, spare)
        save_panel(fitted, place / _PANEL)
        named = (
            tuple(sources.names[at] for at in places)
            for places in (sources.candidates, sources.references)
        )
        told = _Told(_SCHEMA, *named)
        write_aside(place / _TOLD, orjson.dumps(plain(told)))
        _load.cache_clear()  # another may have stood there
        return cls.load(place)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Scorer:
        """The scorer that `save` wrote.

        Raises
        ------
        InputError
            Where there is none, or it is damaged.

        Examples
        --------
        >>> Scorer.load("no-such-folder")
        Traceback (most recent call last):
        provenance.errors.InputError: no-such-folder: there is no scorer. Expected a folder that \
Scorer.save wrote.
        """
        found = cls(os.fspath(folder))
        _ = found._held
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """What the sources are called."""
        return self._held.panel.names

    @property
    def candidates(self) -> tuple[str, ...]:
        """Those under test."""
        return tuple(self.names[one.candidate] for one in self._held.conformal)

    @one_thread
    def score_batch(
        self,
        texts: Sequence[str],
        ids: Sequence[str] | None = None,
        prompts: Sequence[str | None] | None = None,
    ) -> pa.Table:
        """A row for each text, in their order; the same for any batches.

        Parameters
        ----------
        texts : sequence of str
        ids : sequence of str, optional
            Their numbers in the batch unless given.
        prompts : sequence of str or None, optional
            What they answer: a row is scored by models that saw no answer to it.

        Returns
        -------
        pyarrow.Table
            ``id``; ``n_tokens``; ``log_posterior[NAME]`` of each source under equal priors, a mean
            over the row's passages by their tokens; ``p[NAME]`` of each candidate: how often a
            held-out row of the source that writes most like it scores as high. Both are null where
            a text is too short.
        """
        import pyarrow as pa

        held = self._held
        features = extract(list(texts), held.panel.spec)
        asked = [None] * len(texts) if prompts is None else list(prompts)
        named = [storable(str(one)) for one in (range(len(texts)) if ids is None else ids)]
        if not len(texts) == len(named) == len(asked):
            raise InputError("texts, ids and prompts differ in number", expected="one of each")
        ratios = held.panel.read(held.view, features, label_hashes(asked))
        places = (features.document, features.passage_tokens, len(texts))
        short = features.too_short
        means = document_means(ratios, *places)
        columns: dict[str, Any] = {"id": named, "n_tokens": features.n_tokens}
        for place, name in enumerate(self.names):
            columns[f"log_posterior[{name}]"] = pa.array(means[:, place], mask=short)
        for one in held.conformal:
            statistic = document_means(row_statistic(ratios, one.candidate), *places)[:, 0]
            name = self.names[one.candidate]
            columns[f"p[{name}]"] = pa.array(one.p(statistic), mask=short)
        return pa.table(columns)

    @property
    def _held(self) -> _Held:
        return _load(os.path.abspath(self.folder))


@dataclass(frozen=True, slots=True)
class _Held:
    """What a process keeps of a scorer."""

    panel: Panel
    view: str
    conformal: tuple[Conformal, ...]


@lru_cache(maxsize=2)
def _load(folder: str) -> _Held:
    place = Path(folder)
    try:
        with (place / _TOLD).open("rb") as file:
            told = decode(_Told, orjson.loads(file.read(_LARGEST)), "scorer")
    except FileNotFoundError:
        raise InputError(
            "there is no scorer",
            where=os.path.relpath(folder),
            expected="a folder that Scorer.save wrote",
        ) from None
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError(f"cannot be read ({error})", where=os.fspath(place / _TOLD)) from None
    if told.schema != _SCHEMA:
        raise InputError("the scorer is of another version", where=folder, expected=_SCHEMA)
    panel = load_panel(place / _PANEL)
    unknown = {*told.candidates, *told.references} - {*panel.names}
    if unknown or not told.candidates or {*told.candidates} & {*told.references}:
        raise InputError("the scorer's candidates are not among its sources", where=folder)
    view = next(name for name in VIEWS if name in panel.views)
    samples = panel.samples(view)
    numbers, people = (
        [panel.names.index(name) for name in names] for names in (told.candidates, told.references)
    )
    conformal = [Conformal.unread(samples, number, people) for number in numbers]
    return _Held(panel, view, tuple(conformal))


@dataclass
class RowTally:
    """Adds scored tables, and other tallies; from p-values of all parts come q-values of a row.

    p-values of rows are among few numbers, one for each held-out row, so that their counts are
    small. Every row counts, copies too: `match`, which counts equal texts once, may list others.

    Examples
    --------
    >>> both = RowTally(3, 1, {"api": Counter({0.01: 2})})
    >>> both += RowTally(1, 0, {"api": Counter({0.5: 1})})
    >>> both.n_documents, both.q("api")(0.01)
    (4, 0.015)
    """

    n_documents: int = 0
    n_too_short: int = 0
    p_values: dict[str, Counter[float]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: pa.Table) -> RowTally:
        """Of a table of `Scorer.score_batch`."""
        columns = [name for name in table.column_names if name.startswith("p[")]
        counts = {name[2:-1]: Counter(table[name].drop_null().to_pylist()) for name in columns}
        short = max((table[name].null_count for name in columns), default=0)
        return cls(table.num_rows, short, counts)

    def __add__(self, other: RowTally) -> RowTally:
        both, none = (self.p_values, other.p_values), Counter[float]()
        names = sorted({*both[0], *both[1]})
        return RowTally(
            self.n_documents + other.n_documents,
            self.n_too_short + other.n_too_short,
            {
                name: self.p_values.get(name, none) + other.p_values.get(name, none)
                for name in names
            },
        )

    def q(self, candidate: str) -> Callable[[float | None], float | None]:
        """The q-value of each p-value of a candidate (Benjamini and Hochberg 1995).

        Raises
        ------
        InputError
            Where the tally is of other candidates.
        """
        if self.p_values and candidate not in self.p_values:
            raise InputError(
                f"the tally has no candidate {candidate[:60]!r}",
                expected=" or ".join(self.p_values),
            )
        found = sorted(self.p_values.get(candidate, {}).items())
        p_values = np.array([value for value, _ in found])
        q_values = benjamini_hochberg(p_values, np.array([count for _, count in found], float))

        def q_value(p_value: float | None) -> float | None:
            if p_value is None or not found:
                return None
            place = min(int(np.searchsorted(p_values, p_value)), len(found) - 1)
            return float(max(q_values[place], p_value))

        return q_value

    def to_json(self) -> bytes:
        """For a file, or another process."""
        counts = {name: tuple(sorted(one.items())) for name, one in sorted(self.p_values.items())}
        return orjson.dumps(plain(_Counts(_TALLY, self.n_documents, self.n_too_short, counts)))

    @classmethod
    def from_json(cls, text: bytes) -> RowTally:
        """What `to_json` wrote.

        Raises
        ------
        InputError
            Where it is something else.
        """
        try:
            found = decode(_Counts, orjson.loads(text), "tally")
        except orjson.JSONDecodeError as error:
            raise InputError(f"the tally is not JSON ({error})") from None
        if found.schema != _TALLY:
            raise InputError("the tally is of another version", expected=_TALLY)
        pairs = [pair for one in found.p_values.values() for pair in one]
        if any(not 0 <= value <= 1 or count < 1 for value, count in pairs) or not (
            0 <= found.n_too_short <= found.n_documents
        ):
            raise InputError("the tally holds no counts of p-values", expected="what to_json wrote")
        counts = {name: Counter(dict(pairs)) for name, pairs in found.p_values.items()}
        return cls(found.n_documents, found.n_too_short, counts)


def in_batches(items: Iterable[Item], size: int = 1000) -> Iterator[list[Item]]:
    """Lists of so many items; 1,000 texts take as long, a text, as more do.

    Examples
    --------
    >>> [*in_batches("abc", 2)]
    [['a', 'b'], ['c']]
    """
    rest = iter(items)
    while batch := list(itertools.islice(rest, size)):
        yield batch


_TALLY: Final = "provenance-row-tally/1"


@dataclass(frozen=True, slots=True)
class _Counts:
    schema: str
    n_documents: int
    n_too_short: int
    p_values: Mapping[str, tuple[tuple[float, int], ...]]
