"""One part of a match: what a machine of many does, and puts where all of it is put together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.corpus import Corpus, Document
from provenance.corpus.batches.batches import batches
from provenance.corpus.batches.in_parts import Numbered, Shard, ShardDone, run_part
from provenance.corpus.opening import opened
from provenance.features.features import PreparedTexts
from provenance.features.tokens import load_encoding
from provenance.files.leftovers import passing_folder
from provenance.files.named import Given
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.partials.partials import Partials, opened_partials, refuse_partials
from provenance.matching.scored_batch import ScoredBatch, hold_panel, scorer
from provenance.matching.segments.segments import check_segments
from provenance.matching.sources import asked_sources, refuse_same_file
from provenance.matching.tally import Tally
from provenance.matching.trusted import TrustedRows, check_dates
from provenance.scoring.cached.file import cached_panel, default_cache_folder
from provenance.scoring.fitting.stages import Stages, silent

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["match_shard"]


def match_shard(
    corpus: object,
    *,
    shard: Shard | str,
    partials: str | os.PathLike[str],
    candidates: Given[Fingerprint],
    references: Given[Fingerprint] = (),
    panel: Given[Fingerprint] = (),
    aliases: Mapping[str, str] | None = None,
    only: bool = False,
    reference_before: date | None = None,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    library: bool = True,
    command: Sequence[str] = (),
    progress: Callable[[Corpus], None] | None = None,
    stages: Stages | None = None,
    **reading: Any,
) -> ShardDone:
    """Score one part of a corpus, and leave it for a `match` with the same ``partials``.

    Parameters
    ----------
    corpus, candidates, references, panel, aliases, only, reference_before, seed, workers, executor
        As of `match`, and the same for each part.
    shard : Shard or str
        Which part, such as ``"2/8"``.
    partials : path
        A folder that all parts can write to.
    cache_dir, library, command, progress, stages, **reading
        As of `match`.

    Raises
    ------
    InputError
        As `match`, and where the folder holds partials of another run.
    """
    part = Shard.read(shard) if isinstance(shard, str) else shard
    read = opened(corpus, reading)
    check_dates(read, reference_before)
    if read.options.segments:
        check_segments(False)
    cache = default_cache_folder() if cache_dir is None else Path(cache_dir)
    sources = asked_sources(
        candidates, references, panel, aliases or {}, only=only, library=library, cache=cache
    ).sources
    refuse_partials(len(sources.names) == 1, (), (), (), None)
    with passing_folder() as folder:
        fitted, path = cached_panel(sources.fingerprints, seed, cache, folder, stages or silent)
        hold_panel(path, fitted)
        load_encoding(fitted.spec.encoding)
        kept = opened_partials(Path(partials), fitted, sources, read, command)
        trusted = TrustedRows(reference_before, Tally(fitted.spec, len(fitted.names)))
        done = run_part(
            partial(_done, score=scorer(path, sources.candidates), partials=kept),
            trusted.apart(batches(read)),
            part,
            prepare=kept.prepared,
            workers=workers,
            executor=executor,
            progress=None if progress is None else partial(progress, read),
        )
        refuse_same_file(read, sources)
    return done


def _done(
    batch: Numbered,
    prepared: PreparedTexts | None,
    score: Callable[[Sequence[Document], PreparedTexts], ScoredBatch],
    partials: Partials,
) -> bool:
    # One that is there is read: what it was made of may have changed.
    partials.scored(batch, prepared, score)
    return prepared is None
