"""A log becomes an index: read once, sorted by its hashes, written as one file.

The file does not depend on the order of the answers, on shards or workers: texts are numbered by
their hashes and answers sorted by what is known of them, and the same exchange counts once.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.corpus.batches.batches import batches, map_batches, unprepared
from provenance.corpus.batches.in_parts import Shard, ShardDone, numbered, run_part
from provenance.corpus.document import Document
from provenance.corpus.opening import opened
from provenance.corpus.reading import Corpus
from provenance.errors import MOST_WORKERS, InputError, require_whole
from provenance.evidence.log.hashing import Recipe, opened_hashes
from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.windows import FEWEST_TOKENS, WINDOW
from provenance.evidence.log.writing import IndexWriter

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["index_log", "index_shard", "merge_logs"]


def index_log(
    log: object,
    path: str | os.PathLike[str],
    *,
    account_field: str | None = None,
    endpoint_field: str | None = None,
    window: int = WINDOW,
    keep_text: bool = False,
    append: bool = False,
    workers: int = 1,
    executor: Executor | None = None,
    partials: str | os.PathLike[str] | None = None,
    command: Sequence[str] = (),
    progress: Callable[[Any], None] | None = None,
    **reading: Any,
) -> LogIndex:
    """Index what an API answered.

    Parameters
    ----------
    log : Corpus, iterable of Document, or what `open_corpus` takes
        Answers; with ``prompt``, ``date`` and ``id`` where the log has them. Of a corpus that is
        open already the fields named below have to be among its ``by``.
    path : path
        The ``.idx`` file; put in place only when it is whole. One run at a time writes it, and a
        file that somebody else puts there meanwhile is left as it is.
    account_field, endpoint_field : str, optional
        Fields that hold to whom an answer went, and through what.
    window : int
        Normalised tokens, at least 8: every run of ``window + 6`` that is shared is found.
    keep_text : bool
        Whether the answers themselves are kept, compressed, to be shown beside what matches.
    append : bool
        Whether an index that stands at `path` is added to.
    workers : int
    executor : concurrent.futures.Executor, optional
        Whose workers hash the answers; this process joins them.
    partials : path, optional
        Folder of the hashes of each batch: those that `index_shard`, or a run that was broken off,
        left there are not made again, others are put there.
    command : sequence of str
        What the user typed, kept beside them.
    progress : callable, optional
        Called with the log after each batch.
    **reading
        Options of `open_corpus`, such as ``date_field``, where the log is not opened yet.

    Returns
    -------
    LogIndex

    Raises
    ------
    InputError

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "log.idx")
    >>> answer = "To be, or not to be, that is the question: whether it is nobler to suffer."
    >>> index_log([Document("1", answer, "log", 1)], path).n_answers
    1
    """
    require_whole("window", window, FEWEST_TOKENS, 1 << 12)
    require_whole("workers", workers, 1, MOST_WORKERS)
    log = _answers(log, _named(account_field, endpoint_field), reading)
    recipe = Recipe(window, account_field, endpoint_field, keep_text)
    with IndexWriter(Path(path), window, keep_text) as writer:
        if append and os.path.exists(path):
            writer.add_index(_earlier(path, keep_text))
        how: dict[str, Any] = {
            "prepare": unprepared,
            "workers": workers,
            "executor": executor,
        }
        if partials is None:
            each = map_batches(recipe.hashed, batches(log), **how)
        else:
            kept = opened_hashes(Path(partials), window, log, command)
            job = partial(kept.hashed, recipe=recipe)
            each = map_batches(job, numbered(batches(log)), **how)
        for found in each:
            writer.add(found)
            if progress is not None:
                progress(log)
        inputs = {str(item["sha256"]) for item in log.inputs()} if hasattr(log, "inputs") else set()
        return writer.finish(inputs)


def index_shard(
    log: object,
    *,
    shard: Shard | str,
    partials: str | os.PathLike[str],
    account_field: str | None = None,
    endpoint_field: str | None = None,
    window: int = WINDOW,
    workers: int = 1,
    executor: Executor | None = None,
    command: Sequence[str] = (),
    progress: Callable[[Any], None] | None = None,
    **reading: Any,
) -> ShardDone:
    """Hash one part of a log, and leave it for an `index_log` with the same partials.

    Parameters
    ----------
    log, account_field, endpoint_field, window, workers, executor, command, progress, **reading
        As of `index_log`, and the same for each part.
    shard : Shard or str
        Which part, such as ``"2/8"``.
    partials : path
        A folder that all parts can write to.

    Raises
    ------
    InputError
        Where the log cannot be read, or the folder holds partials of another run.

    Examples
    --------
    >>> import tempfile
    >>> index_shard([Document("1", "Yes.", "log", 1)], shard="2/2", partials=tempfile.mkdtemp())
    ShardDone(n_batches=0, n_found=0)
    """
    require_whole("window", window, FEWEST_TOKENS, 1 << 12)
    require_whole("workers", workers, 1, MOST_WORKERS)
    part = Shard.read(shard) if isinstance(shard, str) else shard
    read = _answers(log, _named(account_field, endpoint_field), reading)
    kept = opened_hashes(Path(partials), window, read, command)
    return run_part(
        partial(kept.done, recipe=Recipe(window, account_field, endpoint_field, False)),
        batches(read),
        part,
        prepare=unprepared,
        workers=workers,
        executor=executor,
        progress=None if progress is None else partial(progress, read),
    )


def _named(account_field: str | None, endpoint_field: str | None) -> tuple[str, ...]:
    return tuple(name for name in (account_field, endpoint_field) if name is not None)


def _answers(
    log: Any, named: tuple[str, ...], reading: Mapping[str, Any]
) -> Corpus | Iterable[Document]:
    """Documents as they are; anything else opened, with the fields that are asked for."""
    if not isinstance(log, Corpus | str | os.PathLike) and isinstance(log, Iterable):
        rest = iter(log)
        first = next(rest, None)
        again = chain([] if first is None else [first], rest)
        if isinstance(first, Document) or first is None:
            return again
        # As for `fit_fingerprint`, a list holds texts or rows, not paths.
        log = again if rest is log or isinstance(log, list | tuple) else log
    more = {} if isinstance(log, Corpus) else {"by": named}
    return opened(log, {**more, **reading}, inspect.signature(index_log).parameters)


def merge_logs(indexes: Sequence[LogIndex], path: str | os.PathLike[str]) -> LogIndex:
    """Several indexes as one, as if their logs had been one; with text where all hold it.

    Parameters
    ----------
    indexes : sequence of LogIndex
    path : path
        As for `index_log`. It may be that of one of them, which is then read as it is by now.

    Raises
    ------
    InputError
        Where their windows differ.
    """
    keeps = all(index.has_text for index in indexes)
    with IndexWriter(Path(path), indexes[0].window, keeps) as writer:
        for index in indexes:
            writer.add_index(_by_now(index, path))
        return writer.finish(set())


def _by_now(index: LogIndex, path: str | os.PathLike[str]) -> LogIndex:
    """An index; where it is the output, which another run may have written since, as it is now."""
    is_output = os.path.exists(path) and os.path.realpath(path) == os.path.realpath(index.path)
    return LogIndex.load(path) if is_output else index


def _earlier(path: str | os.PathLike[str], keep_text: bool) -> LogIndex:
    index = LogIndex.load(path)
    if index.has_text and not keep_text:
        raise InputError(
            "it holds text, and the text is not to be kept",
            where=os.fspath(path),
            remedy="Add --keep-text, or index the logs again",
        )
    return index
