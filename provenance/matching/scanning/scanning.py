"""A corpus and nothing else: how much of it reads as a language model's, against people's text."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any

from provenance.corpus import Corpus, Document
from provenance.corpus.batches.batches import batches, map_batches
from provenance.corpus.opening import opened
from provenance.errors import LARGEST_SEED, MOST_WORKERS, InputError, require_number, require_whole
from provenance.features.features import PreparedTexts
from provenance.features.tokens import load_encoding
from provenance.files.spill import Spill
from provenance.fingerprint.measuring import prepare_documents
from provenance.matching.custody.manifest import Run
from provenance.matching.evidence import LookedUp, LookUp, read_by_itself
from provenance.matching.library.known_answers import starter_answers
from provenance.matching.library.library import Library, starter_library
from provenance.matching.output import kept_rows, workplace, write_report
from provenance.matching.scanning.known import KnownTally
from provenance.matching.scanning.rows import columns, finished
from provenance.matching.scanning.tally import Batch, ScanTally, score, score_starter
from provenance.matching.scanning.telling import Scanned
from provenance.matching.summary import refuse_unscored
from provenance.report.report import Report
from provenance.report.rows import DOCUMENTS
from provenance.scoring.cached.file import default_cache_folder
from provenance.statistics.conventions import FDR

__all__ = ["scan"]

_Score = Callable[[Sequence[Document], PreparedTexts], Batch]


def scan(
    corpus: object,
    *,
    library: Library | None = None,
    output: str | os.PathLike[str] | None = None,
    confidence_level: float | str = 0.95,
    fdr: float | str = FDR,
    keep_text: bool = True,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    command: Sequence[str] = (),
    title: str | None = None,
    case: str | None = None,
    author: str | None = None,
    progress: Callable[[Corpus], None] | None = None,
    **reading: Any,
) -> Report:
    """Tell what share of a corpus reads as a language model's against people's text.

    Nothing else has to be given: a library of people's text of many kinds, and of many models',
    ships with the package. No model is named for its style and no family, since none can be told
    from a plain reading; but documents that are published answers of a known model, word for word,
    are told as its. What washing leaves and what models say of themselves is told beside the share.

    Parameters
    ----------
    corpus : Corpus, or what `open_corpus` takes
        A path, a table, a `datasets` object, rows; its ``by`` fields break the share down, else its
        files do, where there are several.
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
    title, case, author : str, optional
        What the report is called, the case that it belongs to, and who made it.
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
    run = Run(command, seed, title, case, author)
    confidence_level = require_number("confidence_level", confidence_level, within=True)
    fdr = require_number("fdr", fdr)
    require_whole("seed", seed, 0, LARGEST_SEED)
    require_whole("workers", workers, 1, MOST_WORKERS)
    if library is not None and not isinstance(library, Library):
        raise InputError(f"library is a {type(library).__name__}", expected="a Library, or None")
    read = opened(corpus, reading, inspect.signature(scan).parameters)
    held = starter_library() if library is None else library
    load_encoding(held.spec.encoding)
    evidence = read_by_itself()
    score_batch = score_starter if library is None else partial(score, library=library)
    answers, tally = starter_answers(), ScanTally(read.options.by)
    known = KnownTally(answers, not held.spec.differences(answers.spec))
    with workplace(output) as folder:
        spill = Spill(folder / "scores.parquet")
        for batch, found in map_batches(
            partial(_score_and_look_up, score_batch=score_batch, look_up=evidence.look_up),
            batches(read),
            prepare=partial(prepare_documents, spec=held.spec),
            workers=1 if library is not None and executor is None else workers,
            executor=executor,
        ):
            tally.add(batch)
            more = evidence.add(batch.documents, found)
            spill.add(columns(batch, {**more, **known.add(batch)}))
            if progress is not None:
                progress(read)
        refuse_unscored(read, tally.n_long_enough, held.spec.min_tokens)
        manifest = run.manifest(read, held.spec)
        copied = known.finding(confidence_level)
        scanned = Scanned(
            read, held, tally, tally.judged(), copied, confidence_level, fdr, keep_text
        )
        report, rows = scanned.report(manifest)
        report = evidence.told(report, keep_text=keep_text)
        report = run.ended(report, default_cache_folder())
        told = partial(
            finished, rows=rows, named=copied.details["by_model"], marks=evidence.columns
        )
        spill.finish(folder / DOCUMENTS, told)
        if output is not None:
            write_report(report, folder)
        spill.discard()
        whole_ids = read.counts.n_documents > 0 and not read.counts.n_named
        return replace(report, rows=kept_rows(folder, output, whole_ids=whole_ids))


def _score_and_look_up(
    documents: Sequence[Document], prepared: PreparedTexts, score_batch: _Score, look_up: LookUp
) -> tuple[Batch, LookedUp]:
    return score_batch(documents, prepared), look_up(documents, prepared)
