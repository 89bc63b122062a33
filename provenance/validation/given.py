"""The user's own sources: fingerprints as they are, corpora measured on the fly."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from provenance.corpus import Corpus, CorpusOptions, open_corpus
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.library.naming import is_no_corpus, named_sources

__all__ = ["is_fingerprint", "measured", "named_path"]


def is_fingerprint(name: str) -> bool:
    """Whether a name stands for fingerprints: a file, a glob or a folder of ``.fp``."""
    if os.path.isdir(name):
        return any(Path(name).glob("*.fp"))
    return name.lower().endswith(".fp")


def named_path(given: str) -> tuple[str, str]:
    """Name and path of ``NAME=PATH`` or PATH, whose name is that of the file without its endings.

    Examples
    --------
    >>> named_path("gpt=answers/a.jsonl"), named_path("answers/a.jsonl.gz")
    (('gpt', 'answers/a.jsonl'), ('a', 'answers/a.jsonl.gz'))
    """
    name, equals, path = given.partition("=")
    if equals and name and path and not os.path.exists(given) and not {*name} & {*"/:?"}:
        return name, path
    return os.path.basename(given.rstrip("/")).split(".")[0] or given, given


def measured(
    named: Sequence[Sequence[str]],
    options: CorpusOptions,
    *,
    keep_texts: bool = False,
    workers: int = 1,
    progress: Callable[[Corpus], None] | None = None,
) -> tuple[list[list[Fingerprint]], dict[int, str]]:
    """Load what is a fingerprint or a name of the library, measure what is a corpus.

    Parameters
    ----------
    named : sequence of sequence of str
        By role: ``.fp`` files, names of the library, and PATH or ``NAME=PATH`` of corpora, which
        are measured like the first fingerprint.
    options : CorpusOptions
    keep_texts : bool
        Whether the words of the sampled rows will be needed: by peers, and to look at rows.
    workers : int
        Processes that measure a corpus.
    progress : callable, optional

    Returns
    -------
    fingerprints : list of list of Fingerprint
        By role.
    texts : dict of int to str
        By hash; empty unless they are kept.
    """
    known = {
        name: named_sources(name)
        for names in named
        for name in names
        if is_fingerprint(name) or is_no_corpus(name)
    }
    spec = next((item.spec for found in known.values() for item in found), FeatureSpec())
    texts: dict[int, str] = {}

    def sources(given: str) -> list[Fingerprint]:
        if given in known:
            return known[given]
        name, path = named_path(given)
        corpus = open_corpus(path, options)
        made = fit_fingerprint(corpus, name, spec, workers=workers, progress=progress)
        if keep_texts:
            from provenance.validation.peers.peer_rows import texts_by_hash

            sampled = {*made.sample.text_hash.tolist()}
            texts.update(texts_by_hash(open_corpus(path, options), spec, sampled))
        return [made]

    return [[one for name in names for one in sources(name)] for names in named], texts
