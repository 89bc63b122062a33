"""Text in: documents from any file, folder, URL, hub name or Python object."""

from typing import TYPE_CHECKING, Any

from provenance.corpus.document import CorpusOptions, Document

if TYPE_CHECKING:
    from provenance.corpus.counts import Counts
    from provenance.corpus.opening import open_corpus
    from provenance.corpus.reading import Corpus

__all__ = ["Corpus", "CorpusOptions", "Counts", "Document", "open_corpus"]

_HOME = {"Corpus": "reading", "Counts": "counts", "open_corpus": "opening"}


def __getattr__(name: str) -> Any:
    # Loaded on first use: a help text needs the options alone, none of the formats.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
