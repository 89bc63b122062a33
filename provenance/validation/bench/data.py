"""What suites of known share on real data work with: files, fingerprints made once, readings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from provenance.corpus import Corpus, Document, open_corpus
from provenance.errors import InputError
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.scoring.fitting.stages import Stages
from provenance.share.sources import Sources
from provenance.validation.plan import Plan
from provenance.validation.protocol import run, used_sources
from provenance.validation.readings import Reading, UsedSource
from provenance.version import __version__

__all__ = ["Bench", "sources_of"]


@dataclass(slots=True)
class Bench:
    """What a suite works with: data, plan, fingerprints that are made once.

    Parameters
    ----------
    data : Path
        Folder of the data.
    cache : Path
        Folder where fingerprints are kept.
    plan : Plan
    progress : callable, optional
    used : list of UsedSource
        Every source that was used.
    texts : dict of int to str
        Texts by their hash: for peers, and to look at rows.
    """

    data: Path
    cache: Path
    plan: Plan
    progress: Stages | None = None
    used: list[UsedSource] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)

    def tell(self, what: str, done: int, total: int) -> None:
        """Tell the progress, where somebody looks."""
        if self.progress is not None:
            self.progress(what, done, total)

    def fingerprint(self, name: str, parts: Mapping[str, Path], **options: Any) -> Fingerprint:
        """The fingerprint of some files, from the cache where it was made before.

        Parameters
        ----------
        name : str
        parts : mapping of str to Path
            Files by their domain; an empty domain labels nothing.
        **options
            Of `open_corpus`.
        """
        hashes = {domain: _sha256(self.data / path) for domain, path in parts.items()}
        key = json.dumps([__version__, asdict(FeatureSpec()), name, hashes, options])
        self._keep_texts(parts, options)
        place = self.cache / f"{hashlib.sha256(key.encode()).hexdigest()}.fp"
        if place.is_file():
            return Fingerprint.load(place)
        self.tell(f"measuring {name}", 0, 1)
        made = fit_fingerprint(self._corpus(parts, options), name)
        self.cache.mkdir(parents=True, exist_ok=True)
        made.save(place)
        return made

    def _keep_texts(self, parts: Mapping[str, Path], options: Mapping[str, Any]) -> None:
        from provenance.validation.peers.peer_rows import texts_by_hash

        self.texts |= texts_by_hash(self._corpus(parts, options), FeatureSpec())

    def _corpus(self, parts: Mapping[str, Path], options: Mapping[str, Any]) -> Corpus:
        labelled = any(parts) or "domain_field" in options
        rows = self._rows(parts, options)
        return open_corpus(rows, domain_field="domain" if labelled else None)

    def _rows(
        self, parts: Mapping[str, Path], options: Mapping[str, Any]
    ) -> Iterator[dict[str, str]]:
        for domain, path in parts.items():
            for document in open_corpus(self.data / path, **options):
                yield _row(document, document.domain or domain)

    def run(self, sources: Sources) -> list[Reading]:
        """All readings of the plan on some sources."""
        self.used += used_sources(sources)
        return run(sources, self.plan, texts=self.texts, progress=self.progress)[0]


def _row(document: Document, domain: str) -> dict[str, str]:
    labels = {"prompt": document.prompt, "domain": domain}
    return {"text": document.text, **{key: value for key, value in labels.items() if value}}


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), remedy="Name the --data folder")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sources_of(
    candidates: Sequence[Fingerprint], others: Sequence[Fingerprint], role: str
) -> Sources:
    """Candidates and others of one role, in the order of their names."""
    given = [("candidate", item) for item in candidates] + [(role, item) for item in others]
    given.sort(key=lambda pair: pair[1].name)
    return Sources(tuple(item for _, item in given), tuple(role for role, _ in given))
