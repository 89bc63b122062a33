"""A corpus: documents of its inputs as a stream, read anew by each pass over them."""

from __future__ import annotations

import dataclasses
import hashlib
import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import Any, Self

from provenance.corpus.counts import Counts
from provenance.corpus.document import BadRow, CorpusOptions, Document
from provenance.corpus.drawn.drawn import (
    Drawing,
    DrawnFile,
    DrawnRow,
    drawing,
    parts_of,
    rows_about,
)
from provenance.corpus.formats.jsonvalues import parse_mended, unquoted
from provenance.corpus.lost import NAMED, ChangedFile, Doubt, EmptyFile, Noted, passed_told
from provenance.corpus.places.folders import Passed
from provenance.corpus.places.inputs import CHANGED, Input, OpenedFile, OpenedInput, redacted, shown
from provenance.corpus.rows.rows import RowReader, needed_columns
from provenance.errors import InputError
from provenance.words import did_you_mean, how_many, visible

__all__ = ["Corpus"]

_FIRST = 3
"""Names below a sentence; a round figure, not tuned."""
_BESIDE_ROWS = (Doubt, Noted)
_PATIENCE = 1000
"""Rows after which a field that no row had is taken for misspelt."""
_MOST_TOLD = 10
"""Fields of one file that are told to have been read as text; a round figure."""


class Corpus:
    """Documents of one or more inputs, read anew by each iteration.

    ``counts``, ``text_fields`` and ``inputs`` tell of the last iteration.

    Parameters
    ----------
    sources : sequence of Input
    options : CorpusOptions
    passed : Passed, optional
        Files of folders and globs that are not read.
    given : sequence of str
        The paths as they were named, folders and globs among them.

    Attributes
    ----------
    counts : Counts
    text_fields : dict of str to str
        Which field was read as text in each input that has fields; with a comma between, as
        ``text_field`` has them, where rows have theirs in several (the first ten).
    paths : list of str
        The inputs as shown to people, without credentials.
    given : list of str
        What was named, as shown to people: a folder is one. Empty where it has no path.

    Examples
    --------
    >>> from provenance.corpus import open_corpus
    >>> corpus = open_corpus([{"text": "One."}, {"text": "Two."}])
    >>> [document.text for document in corpus], corpus.counts.n_documents
    (['One.', 'Two.'], 2)
    """

    def __init__(
        self,
        sources: Sequence[Input],
        options: CorpusOptions,
        passed: Passed | None = None,
        given: Sequence[str] = (),
    ) -> None:
        self.options = options
        self.counts = Counts()
        self.text_fields: dict[str, str] = {}
        self.paths = [source.path for source in sources]
        self.given = [redacted(path) for path in given]
        self._sources = list(sources)
        self._readings: list[OpenedInput] = []
        self._passed = Passed() if passed is None else passed
        self._hashes: dict[str, str] = {}

    def __repr__(self) -> str:
        """What was named; nothing is read for it."""
        named = ", ".join(self.given or self.paths)
        inputs = how_many(len(self.paths), "input")
        return f"<Corpus {visible(named)[:80]}: {inputs}>"

    def __iter__(self) -> Iterator[Document]:
        """Yield the documents in the order of the inputs and their lines.

        Raises
        ------
        InputError
            At the first bad row where ``on_error`` is ``"stop"``; where there is no document, or
            no row has a field that was asked for.
        """
        return _Pass(self).documents()

    @classmethod
    def over(cls, corpus: Corpus) -> Self:
        """The inputs and options of another corpus, read in the way of this class."""
        return cls(corpus._sources, corpus.options, corpus._passed, corpus.given)

    def sampled(self, size: int) -> Self:
        """The same inputs, of which so many rows are drawn."""
        return self.reading(sample=size, limit=None)

    def reading(self, **changes: Any) -> Self:
        """The same inputs, read with other options."""
        options = dataclasses.replace(self.options, **changes)
        return type(self)(self._sources, options, self._passed, self.given)

    def documents_of(
        self, reader: RowReader, path: str, line: int, record: object
    ) -> list[Document]:
        """Read one parsed record; a corpus of rows of another kind does it in its own way.

        Raises
        ------
        BadRow
            Where the record cannot be read.
        """
        return reader.documents(line, record)

    def nothing_told(self) -> InputError | None:
        """Why there was no document, where the corpus knows more than its counts do."""
        return None

    def inputs(self) -> list[dict[str, Any]]:
        """Tell ``path``, ``bytes`` and ``sha256`` of each input that the last iteration opened.

        A file that was not read to its end is read to its end here; of rows given as Python
        objects, only what was read counts. Before any iteration: of every input.

        Raises
        ------
        InputError
            Where a file is no longer what an earlier reading found.
        """
        readings = self._readings or [source.read() for source in self._sources]
        return [self._entry(reading) for reading in readings]

    def _entry(self, reading: OpenedInput) -> dict[str, Any]:
        entry = reading.entry()
        if isinstance(reading, OpenedFile):
            known = self._hashes.setdefault(reading.location, entry["sha256"])
            if known != entry["sha256"]:
                raise InputError(
                    "the file changed between two readings",
                    where=shown(entry["path"]),
                    expected="a file at rest",
                    remedy="Run it again, or on a copy",
                )
        return entry

    @property
    def sources(self) -> tuple[Input, ...]:
        """What rows are read from, in the order of reading."""
        return tuple(self._sources)

    @property
    def n_passed_over(self) -> int:
        """Files of folders and globs that were not read, empty ones included."""
        return self._passed.count + self.counts.n_empty

    @property
    def passed_over(self) -> list[str]:
        """The first of them, each as ``path: why``."""
        empty = [f"{where}: it is empty" for where in self.counts.empty]
        return [*self._passed.named, *empty, *self._passed.hidden][:NAMED]

    def what_was_lost(self) -> list[str]:
        """Say what the last iteration lost, mended and passed over, in sentences; names below.

        Examples
        --------
        >>> from provenance.corpus import open_corpus
        >>> open_corpus([{"text": "One."}]).what_was_lost()
        []
        """
        lost, passed = self.counts.loss_told(), passed_told(self.n_passed_over)
        return [
            *([lost, *(f"  {why}" for why in self.counts.lost[:_FIRST])] if lost else []),
            *([passed, *(f"  {why}" for why in self.passed_over[:_FIRST])] if passed else []),
            *self.counts.mended_told(),
        ]

    def counted(self) -> dict[str, Any]:
        """Tell what the last iteration did not read, as keys of a file of results."""
        return {
            "n_skipped": self.counts.n_skipped,
            "losses": self.counts.losses,
            "lost": self.counts.lost,
            "mended": self.counts.mended,
            "n_passed_over": self.n_passed_over,
            "passed_over": self.passed_over,
        }

    def what_was_read(self) -> list[str]:
        """Say whose words the last iteration took and left out, in sentences.

        Examples
        --------
        >>> from provenance.corpus import open_corpus
        >>> chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]
        >>> corpus = open_corpus([{"messages": chat}])
        >>> [document.text for document in corpus], corpus.what_was_read()
        (['Yes?'], ['1 turn of assistant in 1 conversation', '1 turn of user left out'])
        """
        return [*self.counts.told(), *self.counts.drawn_told()]

    @property
    def sha256(self) -> str:
        """One hash over the inputs, whatever their order and names."""
        hashes = sorted(entry["sha256"] for entry in self.inputs())
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()

    @property
    def bytes_total(self) -> int | None:
        """Stored size of all inputs, None where one does not say or a part of them is read."""
        if any(isinstance(reading, DrawnFile) for reading in self._readings):
            return None
        sizes = [source.size for source in self._sources]
        return None if None in sizes else sum(size or 0 for size in sizes)

    @property
    def n_files(self) -> int:
        """Files, tables and other inputs."""
        return len(self._sources)

    def drawable(self) -> tuple[int, int]:
        """About how many rows stand in files that can be read in part, and their bytes."""
        return rows_about(self._sources, partial(needed_columns, self.options))

    @property
    def bytes_read(self) -> int:
        """Stored bytes read so far by the last iteration."""
        return sum(reading.position for reading in self._readings)


class _Pass:
    """One iteration over a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        # Loaded where something is read: what only helps does without.
        from provenance.corpus.segments import Splitter

        self._options = corpus.options
        self._parts = Splitter(corpus.options)
        self._counts = corpus.counts = Counts()
        self._readings = corpus._readings = []
        self._text_fields = corpus.text_fields = {}
        self._fields_told: dict[str, list[str]] = {}
        self._unseen = {*corpus.options.named_fields} - {corpus.options.text_field or ""}
        self._keys = "none"
        self._patience = _PATIENCE

    def documents(self) -> Iterator[Document]:
        limit = self._options.limit
        for document in self._all():
            self._counts.n_documents += 1
            yield document
            if self._counts.n_documents == limit:
                break
        if not self._counts.n_documents:
            raise self._corpus.nothing_told() or self._nothing()
        self._check_unseen()

    def _all(self) -> Iterator[Document]:
        sampled = None if self._options.sample is None else self._sampled(self._options.sample)
        for place, source in enumerate(self._corpus._sources):
            reader = RowReader(self._options, source.path, source.name, self._unseen, self._counts)
            if sampled is None:
                for line, record in self._rows(source):
                    yield from self._row(reader, source, line, record)
            for row in [] if sampled is None else sampled.get(place, []):
                documents = self._row(reader, source, row.line, row.record)
                together = row.drawn_with
                yield from (
                    documents
                    if together is None
                    else [dataclasses.replace(one, drawn_with=together) for one in documents]
                )

    def _rows(self, source: Input) -> Iterator[tuple[int, object]]:
        """Rows of one input; that it has none is a bad row too."""
        reading = source.read()
        self._readings.append(reading)
        is_empty = True
        for line, record in reading.rows(lambda names: needed_columns(self._options, names)):
            if isinstance(record, _BESIDE_ROWS):
                self._counts.note(record, f"{shown(source.path)}:{line}")
                continue
            is_empty = False
            self._counts.n_rows += 1
            yield line, record
        if is_empty:
            yield 1, EmptyFile("it holds no documents", "at least one row")

    def _row(self, reader: RowReader, source: Input, line: int, record: object) -> list[Document]:
        try:
            parsed = self._parts.spelled(self._parsed(record))
            documents = self._corpus.documents_of(reader, source.path, line, parsed)
        except BadRow as bad:
            self._bad(bad, f"{shown(source.path)}:{line}")
            return []
        if not documents:
            self._counts.n_outside += 1
        documents, n_parted = self._parts.split(documents, parsed)
        self._counts.n_parted += n_parted
        if (field := reader.told_field) is not None:
            self._tell_field(source.path, field)
        if self._unseen:
            self._keys = reader.keys
            self._patience -= 1
            if self._patience < 0:
                self._check_unseen()
        return documents

    def _tell_field(self, path: str, name: str) -> None:
        """Rows of one file may have their texts in several fields: the last is not all of them."""
        if name not in (told := self._fields_told.setdefault(path, [])) and len(told) < _MOST_TOLD:
            told.append(name)
            self._text_fields[path] = ",".join(told)

    def _parsed(self, record: object) -> object:
        if not isinstance(record, bytes):
            return record
        value, n_mended = parse_mended(record)
        self._counts.n_mended += n_mended
        return unquoted(value) if type(value) is str else value

    def _bad(self, bad: BadRow, where: str) -> None:
        stops = self._options.on_error == "stop"
        if stops and self._has_changed(where):
            # What is wrong with the row is not what is wrong.
            bad = ChangedFile(*CHANGED)
        remedies = [bad.remedy, "To pass over bad rows, --on-error skip" if stops else None]
        error = InputError(
            bad.what,
            where=where,
            expected=bad.expected,
            remedy=". ".join(remedy for remedy in remedies if remedy) or None,
        )
        if stops:
            raise error from None
        self._counts.n_skipped += 1
        self._counts.note(bad, where)
        if len(self._counts.skipped) < NAMED:
            self._counts.skipped.append(f"{where}: {bad.what}")

    def _has_changed(self, where: str) -> bool:
        """Whether the file of that place is no longer the one that was found."""
        return any(
            reading.has_changed()
            for reading in self._readings
            if isinstance(reading, OpenedFile) and where.startswith(f"{shown(reading.path)}:")
        )

    def _sampled(self, size: int) -> dict[int, list[DrawnRow]]:
        """Rows of the sample, by input and in the order of their lines."""
        sources, counts = self._corpus._sources, self._counts
        columns = partial(needed_columns, self._options)
        drawn = drawing(sources, size, self._options.seed, columns)
        places = set() if drawn is None else drawn.places
        whole = [place for place in range(len(sources)) if place not in places]
        found, counts.n_drawn_from = self._lowest(size, whole)
        if drawn is not None:
            found = self._beside(drawn, found, size)
        counts.n_drawn = len(found)
        alone = sum(row.drawn_with is None for row in found)
        counts.n_drawn_apart = alone + len({row.drawn_with for row in found} - {None})
        chosen: dict[int, list[DrawnRow]] = {}
        for row in sorted(found, key=lambda row: (row.place, row.line)):
            chosen.setdefault(row.place, []).append(row)
        return chosen

    def _beside(self, drawn: Drawing, read: list[DrawnRow], size: int) -> list[DrawnRow]:
        """Rows drawn from files, and those of what was read whole, each in its part."""
        counts, seed = self._counts, self._options.seed
        self._readings += drawn.readings
        n_read = counts.n_drawn_from
        if drawn.lines is not None:
            # Lines are estimated better by what is drawn than by a first look.
            drawn.lines.gather(parts_of(size, [*drawn.totals, n_read], seed)[0])
        totals = [*drawn.totals, n_read]
        lines, tables, texts, rest = parts_of(size, totals, seed)
        counts.n_drawn_from, counts.is_about = round(sum(totals)), drawn.is_about
        found = [
            *([] if drawn.lines is None else drawn.lines.take(lines)),
            *([] if drawn.tables is None else drawn.tables.take(tables)),
        ]
        good = [row for row in found if not self._is_bad(row)]
        counts.n_rows += len(good)
        opened = {reading.path: reading for reading in drawn.readings}
        for row in sorted(good, key=lambda row: (row.place, row.line)):
            opened[self._corpus._sources[row.place].path].note(row.record)
        return [*good, *self._lowest(texts, drawn.some_texts(texts))[0], *read[:rest]]

    def _is_bad(self, row: DrawnRow) -> bool:
        if isinstance(row.record, BadRow):
            self._bad(row.record, f"{shown(self._corpus._sources[row.place].path)}:{row.line}")
        return isinstance(row.record, BadRow)

    def _lowest(self, size: int, places: Iterable[int]) -> tuple[list[DrawnRow], int]:
        """Rows with the ``size`` lowest keyed hashes of inputs read whole, lowest first; of all."""
        heap: list[tuple[int, int, DrawnRow]] = []
        order = count()
        n_read = 0
        for place in places:
            source = self._corpus._sources[place]
            rank = _ranks(self._options.seed, source.name)
            for line, record in self._rows(source):
                if isinstance(record, BadRow):
                    self._bad(record, f"{shown(source.path)}:{line}")
                    continue
                n_read += 1
                item = (-rank(line), next(order), DrawnRow(place, line, record))
                if len(heap) < size:
                    heapq.heappush(heap, item)
                elif item[0] > heap[0][0]:
                    heapq.heapreplace(heap, item)
        return [row for *_, row in sorted(heap, key=lambda item: -item[0])], n_read

    def _check_unseen(self) -> None:
        if self._unseen:
            name = min(self._unseen)
            raise InputError(
                f"no row has the field {name!r}; the keys are {self._keys}",
                where=shown(", ".join(self._corpus.paths[:3])),
                remedy=did_you_mean(name, re.findall("'([^']*)'", self._keys))
                or "Name another field, or leave the option out",
            )

    def _nothing(self) -> InputError:
        counts = self._counts
        why = []
        if counts.n_outside:
            why.append(
                f"{counts.n_outside} rows have no turn of the role {self._options.role!r} or are "
                "dated outside what was asked for"
            )
            why += counts.told()
        if counts.n_skipped:
            why.append(f"{counts.n_skipped} bad rows were passed over, first {counts.skipped[0]}")
        return InputError(
            "the corpus holds no documents" + "".join(f"; {reason}" for reason in why),
            where=shown(", ".join(self._corpus.paths[:3])),
            expected="at least one",
        )


def _ranks(seed: int, name: str) -> Callable[[int], int]:
    """A hash of line numbers that depends on nothing but the seed and the input's name."""
    key = hashlib.blake2b(f"{seed}\n{name}".encode(errors="surrogateescape"), digest_size=32)
    keyed = hashlib.blake2b(key=key.digest(), digest_size=8)

    def rank(line: int) -> int:
        one = keyed.copy()
        one.update(b"%d" % line)
        return int.from_bytes(one.digest(), "big")

    return rank
