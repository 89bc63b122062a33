"""A corpus and nothing else: how much of it reads as a language model's, against people's text."""

from __future__ import annotations

import inspect
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Corpus, Document
from provenance.corpus.batches import batches, map_batches
from provenance.corpus.reading import opened
from provenance.errors import LARGEST_SEED, MOST_WORKERS, InputError, require_number, require_whole
from provenance.features.features import PreparedTexts, extract
from provenance.features.hashes import text_hash
from provenance.features.tokens import load_encoding
from provenance.files.spill import Spill, storable
from provenance.fingerprint.measuring import prepare_documents
from provenance.matching.checks import skipped_check, turns_checks
from provenance.matching.library.library import VIEWS, Library, starter_library
from provenance.matching.library.prose import is_english_prose
from provenance.matching.library.shares import (
    FEWEST_JUDGED,
    MachineShare,
    machine_share,
    p_values,
)
from provenance.matching.manifest import Run
from provenance.matching.output import kept_rows, workplace, write_report
from provenance.matching.reporting import told_fields
from provenance.matching.summary import (
    CorpusCounts,
    corpus_summary,
    refuse_unscored,
    sampled_told,
)
from provenance.matching.tally import stretch_hashes
from provenance.records import FDR, SHORT, Breakdown, Diagnostic, Excerpt, Share
from provenance.report.report import Report
from provenance.report.rows import DOCUMENTS
from provenance.scoring.file import default_cache_folder
from provenance.scoring.scored import independent
from provenance.share.estimate import UNITS, over_all
from provenance.statistics.multiple_testing import benjamini_hochberg, joint_level
from provenance.statistics.stretches import joined_by_likeness
from provenance.words import HOW_TO_ASK

__all__ = ["scan"]

_EXCERPTS: Final = 20
_EXCERPT_CHARACTERS: Final = 600
_MOST_VALUES: Final = 200
_FEWEST_DOCUMENTS: Final = 30
"""As of a match's parts; round figures, not tuned."""
_UNJUDGED: Final = 0.5
"""Part of the documents that may be left unjudged before nothing is told; a round figure."""
_STACK: Final = VIEWS.index("stack")


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch as a worker returns it; ``judged`` are those long enough and in English prose."""

    documents: Sequence[Document]
    n_tokens: NDArray[np.int64]
    too_short: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    text_hash: NDArray[np.uint64]
    cluster_hash: NDArray[np.uint64]
    scores: NDArray[np.float32]
    repairs: dict[str, int]


def _score(documents: Sequence[Document], prepared: PreparedTexts, library: Library) -> _Batch:
    features = extract(prepared, library.spec)
    prose = np.array([is_english_prose(text) for text in features.texts], bool)
    return _Batch(
        [replace(one, text=one.text[:_EXCERPT_CHARACTERS]) for one in documents],
        features.n_tokens,
        features.too_short,
        prose & ~features.too_short,
        features.text_hash,
        features.cluster_hash,
        library.scores(features).astype(np.float32),
        features.repairs,
    )


def _score_starter(documents: Sequence[Document], prepared: PreparedTexts) -> _Batch:
    return _score(documents, prepared, starter_library())


@dataclass(slots=True)
class _Tally:
    """What is kept of each judged document: some forty bytes, and the strongest rows' text."""

    by: tuple[str, ...]
    n_documents: int = 0
    n_too_short: int = 0
    n_foreign: int = 0
    n_tokens: int = 0
    n_tokens_judged: int = 0
    repairs: Counter[str] = field(default_factory=Counter)
    texts: list[NDArray[np.uint64]] = field(default_factory=list)
    parts: list[tuple[NDArray[Any], ...]] = field(default_factory=list)
    numbers: list[dict[str, int]] = field(default_factory=list)
    strongest: list[tuple[NDArray[np.float32], Document]] = field(default_factory=list)

    def add(self, batch: _Batch) -> None:
        at = np.flatnonzero(batch.judged)
        self.n_documents += len(batch.documents)
        self.n_too_short += int(batch.too_short.sum())
        self.n_foreign += int((~batch.judged & ~batch.too_short).sum())
        self.n_tokens += int(batch.n_tokens.sum())
        self.n_tokens_judged += int(batch.n_tokens[at].sum())
        self.repairs.update(batch.repairs)
        self.texts.append(batch.text_hash)
        documents = [batch.documents[place] for place in at.tolist()]
        groups = [0 if one.group is None else text_hash(one.group) for one in documents]
        self.parts.append(
            (
                batch.scores[at],
                batch.n_tokens[at],
                batch.cluster_hash[at],
                np.array(groups, np.uint64),
                stretch_hashes(documents),
                self._values(documents),
            )
        )
        found = zip(batch.scores[at], documents, strict=True)
        # Of the strongest by their stack, and equal ones by name, in whatever order they came.
        ranked = sorted(
            [*self.strongest, *found], key=lambda one: (-float(one[0][_STACK]), one[1].id)
        )
        self.strongest = ranked[:_EXCERPTS]

    def _values(self, documents: Sequence[Document]) -> NDArray[np.int64]:
        self.numbers = self.numbers or [{} for _ in self.by]
        values = np.zeros((len(documents), len(self.by)), np.int64)
        for column, (name, numbers) in enumerate(zip(self.by, self.numbers, strict=True)):
            for row, one in enumerate(documents):
                values[row, column] = numbers.setdefault(one.fields.get(name, ""), len(numbers))
        return values

    def judged(self) -> _Judged:
        scores, tokens, words, groups, stretches, values = (
            np.concatenate(column) for column in zip(*self.parts, strict=True)
        )
        scores = scores.astype(np.float64)
        cluster = joined_by_likeness(independent(words, groups), stretches, scores)
        return _Judged(scores, tokens.astype(np.float64), cluster, values)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The judged documents of a corpus or of a part of it."""

    scores: NDArray[np.float64]
    tokens: NDArray[np.float64]
    cluster: NDArray[np.int64]
    values: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scores)

    def part(self, chosen: NDArray[np.bool_]) -> _Judged:
        return _Judged(
            self.scores[chosen], self.tokens[chosen], self.cluster[chosen], self.values[chosen]
        )

    def shares(self, library: Library, level: float) -> dict[str, MachineShare]:
        weights = {"documents": np.ones(len(self)), "tokens": self.tokens}
        return {
            unit: machine_share(library, self.scores, weights[unit], self.cluster, level)
            for unit in UNITS
        }


def scan(
    corpus: object,
    *,
    library: Library | None = None,
    output: str | os.PathLike[str] | None = None,
    confidence_level: float = 0.95,
    fdr: float = FDR,
    keep_text: bool = True,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    command: Sequence[str] = (),
    progress: Callable[[Corpus], None] | None = None,
    **reading: Any,
) -> Report:
    """Tell what share of a corpus reads as a language model's against people's text.

    Nothing else has to be given: a library of people's text of many kinds, and of many models',
    ships with the package. No model is named, since none can be told from a plain reading.

    Parameters
    ----------
    corpus : Corpus, or what `open_corpus` takes
        A path, a table, a `datasets` object, rows; its ``by`` fields break the share down.
    library : Library, optional
        Another than the shipped one; it is read in one process then.
    output : path, optional
        Folder for ``report.json``, ``documents.parquet`` and ``report.html``.
    confidence_level : float
    fdr : float
        Rows with q-values up to it are listed.
    keep_text : bool
        Whether the report shows excerpts.
    seed : int
        Told in the manifest; nothing is drawn but the corpus's ``sample``.
    workers : int
    executor : concurrent.futures.Executor, optional
    command : sequence of str
        What the manifest tells as the command.
    progress : callable, optional
        Called with the corpus after each batch.
    **reading
        Options of `open_corpus`, such as ``text_field``, where the corpus is not opened yet.

    Returns
    -------
    Report
        With rows of the role ``machine``, and without a candidate.

    Raises
    ------
    InputError
        Where the corpus cannot be read or no document of it is long enough.
    """
    run = Run(command, seed)
    require_number("confidence_level", confidence_level, within=True)
    require_number("fdr", fdr)
    require_whole("seed", seed, 0, LARGEST_SEED)
    require_whole("workers", workers, 1, MOST_WORKERS)
    if library is not None and not isinstance(library, Library):
        raise InputError(f"library is a {type(library).__name__}", expected="a Library, or None")
    read = opened(corpus, reading, inspect.signature(scan).parameters)
    held = starter_library() if library is None else library
    load_encoding(held.spec.encoding)
    score = _score_starter if library is None else partial(_score, library=library)
    tally = _Tally(read.options.by)
    with workplace(output) as folder:
        spill = Spill(folder / "scores.parquet")
        for batch in map_batches(
            score,
            batches(read),
            prepare=partial(prepare_documents, spec=held.spec),
            workers=1 if library is not None and executor is None else workers,
            executor=executor,
        ):
            tally.add(batch)
            spill.add(_columns(batch))
            if progress is not None:
                progress(read)
        refuse_unscored(read, tally.n_documents - tally.n_too_short, held.spec.min_tokens)
        judged = tally.judged()
        manifest = run.manifest(read, held.spec)
        scanned = _Scanned(read, held, tally, judged, confidence_level, fdr, keep_text)
        report, rows = scanned.report(manifest)
        report = run.ended(report, default_cache_folder())
        spill.finish(folder / DOCUMENTS, partial(_finished, rows=rows))
        if output is not None:
            write_report(report, folder)
        spill.discard()
        whole_ids = read.counts.n_documents > 0 and not read.counts.n_named
        return replace(report, rows=kept_rows(folder, output, whole_ids=whole_ids))


@dataclass(frozen=True, slots=True)
class _Scanned:
    """A corpus that was read, and how it is told."""

    corpus: Corpus
    library: Library
    tally: _Tally
    judged: _Judged
    level: float
    fdr: float
    keep_text: bool

    def report(self, manifest: Any) -> tuple[Report, _Rows]:
        """The report, and what tells the p-values of its rows."""
        found = self.judged.shares(self.library, self.level)
        tally, counts = self.tally, self.corpus.counts
        is_untold = len(self.judged) < _UNJUDGED * (tally.n_documents - tally.n_too_short)
        withheld = is_untold or not found["documents"].is_told
        shares = tuple(
            row for unit in UNITS for row in _rows(found[unit], unit, self.level, withheld)
        )
        # A list of rows that nothing stands behind would be of people's text of an unknown kind.
        is_listed = not withheld and found["documents"].low > 0
        rows = _Rows.of(self.library, self.judged, is_listed)
        checks = [*self._checks()]
        reading = [skipped_check(counts.n_skipped, tally.n_documents, counts.loss_told())]
        checks += [*reading[: bool(counts.loss_told())], *turns_checks(counts)]
        doubts = [one.sentence for one in checks if one.verdict == "warn"]
        scored = {
            "documents": len(self.judged) / tally.n_documents,
            "tokens": tally.n_tokens_judged / max(1, tally.n_tokens),
        }
        report = Report(
            verdict="withheld" if withheld else "estimated",
            reasons=(
                *self._why(found["documents"], is_untold, withheld),
                *self._unlisted(rows, is_listed),
                *doubts,
                self._holds(),
                *sampled_told(counts),
            ),
            corpus=corpus_summary(
                self.corpus,
                CorpusCounts(
                    tally.n_documents,
                    tally.n_too_short,
                    tally.n_tokens,
                    len(np.unique(np.concatenate(tally.texts))),
                    tally.repairs,
                ),
            ),
            shares=shares,
            shares_scored=shares,
            shares_all=tuple(over_all(row, scored[row.unit]) for row in shares),
            breakdown=() if withheld else tuple(self._parts()),
            diagnostics=tuple(checks),
            excerpts=tuple(self._excerpts(rows)) if self.keep_text and is_listed else (),
            manifest=manifest,
        )
        return report, rows

    def _why(self, found: MachineShare, is_untold: bool, withheld: bool) -> Iterator[str]:
        if is_untold:
            yield (
                f"only {len(self.judged):,} of {self.tally.n_documents:,} documents are English"
                " prose of 30 tokens or more, and the library holds no other text"
            )
        elif withheld and found.n_effective < FEWEST_JUDGED:
            yield (
                "too few independent documents of English prose:"
                f" {int(found.n_effective):,}, where it takes {FEWEST_JUDGED}, better 300"
            )
        elif withheld:
            yield (
                "people's text of some kind, or models' that reads as people's, may explain what"
                " is there"
            )
        if withheld:
            yield (
                "To tell more, bring text of the corpus's own kind that people wrote, and samples"
                f" of the models in question on its prompts ({HOW_TO_ASK}): provenance match CORPUS"
                " --candidate A.fp --reference H.fp -o OUT."
            )

    def _unlisted(self, rows: _Rows, is_listed: bool) -> Iterator[str]:
        if is_listed and rows.q.min() > self.fdr:
            yield (
                f"No row is listed: the smallest q-value is {rows.q.min():.2g}, above"
                f" {self.fdr:g}. The share stands on all of them together."
            )

    def _holds(self) -> str:
        people, models = (len(self.library.of(by)) for by in ("people", "models"))
        return (
            f"Read against a library of {people} kinds of English prose by people and {models} of"
            f" models' answers up to {self.library.made}: newer models, other languages, code and"
            " text rewritten by people or tools may read otherwise. It names no model: a plain"
            " reading cannot tell one."
        )

    def _checks(self) -> Iterator[Diagnostic]:
        n, tally = self.tally.n_documents, self.tally
        short, foreign = tally.n_too_short / n, tally.n_foreign / n
        yield Diagnostic(
            name=SHORT,
            verdict="warn" if len(self.judged) < n else "ok",
            statistic=short,
            limit=0.0,
            sentence=(
                f"Outside the share, of {n:,} documents: shorter than"
                f" {self.library.spec.min_tokens} tokens {tally.n_too_short:,}, no English prose"
                f" {tally.n_foreign:,}."
            ),
        )
        yield Diagnostic(
            name="language",
            verdict="ok" if foreign <= _UNJUDGED else "fail",
            statistic=foreign,
            limit=_UNJUDGED,
            sentence=f"{tally.n_foreign:,} of {n:,} documents are no English prose.",
        )

    def _parts(self) -> Iterator[Breakdown]:
        values, tally = self.judged.values, self.tally
        parts = [
            (name, value, values[:, column] == number)
            for column, (name, numbers) in enumerate(zip(tally.by, tally.numbers, strict=True))
            for value, number in _most_frequent(numbers, values[:, column])
        ]
        enough = sum(int(chosen.sum()) >= _FEWEST_DOCUMENTS for _, _, chosen in parts)
        level = joint_level(self.level, max(1, enough))
        for name, value, chosen in parts:
            n_documents = int(chosen.sum())
            found = self.judged.part(chosen).shares(self.library, level)
            untold = n_documents < _FEWEST_DOCUMENTS or not found["documents"].is_told
            yield Breakdown(
                field=name,
                value=value,
                n_documents=n_documents,
                shares=tuple(
                    row for unit in UNITS for row in _rows(found[unit], unit, self.level, untold)
                ),
            )

    def _excerpts(self, rows: _Rows) -> Iterator[Excerpt]:
        """The strongest rows among those listed."""
        for scores, one in self.tally.strongest:
            q = float(rows.told(scores[None].astype(np.float64))[1][0])
            if q <= self.fdr:
                yield Excerpt(
                    id=one.id,
                    path=one.path,
                    line=one.line,
                    text=one.text,
                    q_value=q,
                    fields=told_fields(one),
                )


def _most_frequent(numbers: dict[str, int], column: NDArray[np.int64]) -> list[tuple[str, int]]:
    """The values that most documents have, with their numbers; equal ones by name."""
    n_documents = np.bincount(column, minlength=len(numbers)).tolist()
    ranked = sorted(numbers.items(), key=lambda one: (-n_documents[one[1]], one[0]))
    return ranked[:_MOST_VALUES]


def _rows(found: MachineShare, unit: Any, level: float, withheld: bool) -> tuple[Share, Share]:
    untold = withheld or not found.is_told
    low, high = (0.0, 1.0) if untold else (found.low, found.high)
    return (
        Share(
            source=None,
            role="machine",
            unit=unit,
            share=None if untold else found.share,
            low=low,
            high=high,
            confidence_level=level,
            verdict="withheld" if untold else "estimated",
        ),
        Share(
            source=None,
            role="unknown",
            unit=unit,
            share=None,
            low=0.0,
            high=1 - low,
            confidence_level=level,
            verdict="bounded",
        ),
    )


def _columns(batch: _Batch) -> dict[str, Any]:
    import pyarrow as pa

    groups = [None if one.group is None else storable(one.group) for one in batch.documents]
    return {
        "id": pa.array([storable(one.id) for one in batch.documents], pa.string()),
        "group": pa.array(groups, pa.string()),
        "path": pa.array([storable(one.path) for one in batch.documents], pa.string()),
        "line": np.array([one.line for one in batch.documents], np.int64),
        "n_tokens": batch.n_tokens,
        "judged": batch.judged,
        **{
            f"score[{view}]": np.where(batch.judged, batch.scores[:, at], np.nan)
            for at, view in enumerate(VIEWS)
        },
    }


@dataclass(frozen=True, slots=True)
class _Rows:
    """P-values of rows and their q-values; none where no low end stands behind a list."""

    library: Library
    p: NDArray[np.float64]
    q: NDArray[np.float64]

    @classmethod
    def of(cls, library: Library, judged: _Judged, is_listed: bool) -> _Rows:
        if not is_listed:
            return cls(library, np.zeros(0), np.zeros(0))
        p, count = np.unique(p_values(library, judged.scores), return_counts=True)
        return cls(library, p, benjamini_hochberg(p, count.astype(np.float64)))

    def told(self, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P- and q-values of documents whose scores are numbers, NaN where rows are not listed."""
        found = p_values(self.library, scores)
        if not len(self.p):
            return np.full(len(found), np.nan), np.full(len(found), np.nan)
        return found, self.q[np.searchsorted(self.p, found)]


def _finished(table: Any, rows: _Rows) -> Any:
    import pyarrow as pa

    scores = np.stack([table[f"score[{view}]"].to_numpy() for view in VIEWS], axis=1)
    judged = ~np.isnan(scores[:, 0])
    p, q = np.full(len(scores), np.nan), np.full(len(scores), np.nan)
    p[judged], q[judged] = rows.told(scores[judged].astype(np.float64))
    names = [name for name in table.column_names if not name.startswith("score[")]
    table = table.select(names)
    shown = [(f"score[{view}]", scores[:, at]) for at, view in enumerate(VIEWS)]
    for name, values in (*shown, ("p[machine]", p), ("q[machine]", q)):
        table = table.append_column(name, pa.array(values.astype(np.float32), from_pandas=True))
    return table
