"""Text in: documents from any file, folder, URL, hub name or Python object."""

from provenance.corpus.document import CorpusOptions, Document
from provenance.corpus.reading import Corpus, Counts, open_corpus

__all__ = ["Corpus", "CorpusOptions", "Counts", "Document", "open_corpus"]
