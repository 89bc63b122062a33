"""The sources of a match with their roles, refused where they cannot be used together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from provenance.corpus import Corpus
from provenance.errors import InputError
from provenance.files.named import Given
from provenance.fingerprint.fingerprint import Fingerprint, merge
from provenance.fingerprint.opened import CheckedFiles
from provenance.matching.custody.custody import library_entries, source_entries
from provenance.matching.library.background import Background, background, set_asked
from provenance.matching.library.naming import named_sources
from provenance.share.sources import FEWEST_MODELS, Sources

__all__ = ["AskedSources", "asked_sources", "given_sources", "refuse_same_file"]


@dataclass(frozen=True, slots=True)
class AskedSources:
    """What a corpus is matched with, and the files that it comes from.

    ``alone`` is one candidate and nothing beside it. The files are read and hashed as they are
    walked through, once: who writes no manifest need not.
    """

    sources: Sources
    behind: Background
    files: Iterator[Mapping[str, Any]]
    alone: bool


def asked_sources(
    candidates: Given[Fingerprint],
    references: Given[Fingerprint],
    panel: Given[Fingerprint],
    aliases: Mapping[str, str],
    *,
    only: bool,
    library: bool,
    cache: Path,
) -> AskedSources:
    """What a corpus is matched with, the library's models among them; see `match`."""
    asked, checked = set_asked(panel), CheckedFiles(cache)
    tested, people, others = (
        named_sources(given, checked=checked)
        for given in (candidates, references, () if asked is not None else panel)
    )
    alone = len(tested) == 1 and not people and not others and asked is None
    behind = Background(tuple(tested))
    if asked is not None or (library and tested and people and not others and not only):
        behind = background(tested, people, asked)
    sources = given_sources(
        behind.candidates, people, [*others, *behind.panel], aliases, alone=alone, only=only
    )
    files = chain(
        source_entries("candidate", candidates, tested),
        source_entries("reference", references, people),
        source_entries("panel", () if asked is not None else panel, others),
        library_entries("panel", behind.panel, behind.hashes),
    )
    return AskedSources(sources, behind, files, alone)


def given_sources(
    candidates: Sequence[Fingerprint],
    references: Sequence[Fingerprint],
    panel: Sequence[Fingerprint],
    aliases: Mapping[str, str],
    *,
    alone: bool = False,
    only: bool = False,
) -> Sources:
    """The sources with their roles, refused where they cannot be used together.

    Parameters
    ----------
    candidates, references, panel, aliases
        As in `match`.
    alone : bool
        Whether one candidate may stand without anything to tell it from.
    only : bool
        Whether no model but those given is declared to stand behind the corpus.
    """
    if not candidates:
        raise InputError("no candidate was given", remedy="Pass --candidate A.fp")
    if not alone and not references and not panel and len(candidates) < 2:
        raise InputError(
            "there is nothing to tell the candidate from",
            expected="a reference (text by no model) or a panel of other models",
            remedy="Pass --reference H.fp or --panel OTHER.fp",
        )
    given = [("candidate", item) for item in candidates]
    given += [("panel", item) for item in panel] + [("reference", item) for item in references]
    if not all(item.name.strip() for _, item in given):
        raise InputError(
            "a source has no name", remedy="Name it with provenance fingerprint --name"
        )
    known = {item.name for _, item in given}
    if len(known) < len(given):
        twice = Counter(item.name for _, item in given).most_common(1)[0][0]
        raise InputError(
            f"two sources are called {twice!r}",
            expected="different names",
            remedy="Name them with provenance fingerprint --name",
        )
    for alias, name in aliases.items():
        if name in aliases:
            raise InputError(
                f"the alias {alias}={name} names {name}, which is an alias itself",
                expected="the name of the source that both are",
            )
        if alias not in known or name not in known:
            raise InputError(
                f"the alias {alias}={name} names a source that was not given",
                expected=f"two of {', '.join(sorted(known))}",
            )
    roles: dict[str, str] = {}
    merged: dict[str, Fingerprint] = {}
    for role, item in given:
        name = aliases.get(item.name, item.name)
        renamed = _renamed(item, name)
        merged[name] = _renamed(merge(merged[name], renamed), name) if name in merged else renamed
        roles.setdefault(name, role)
    # In the order of their names, so that a fitted panel serves whatever the roles are.
    names = sorted(merged)
    sources = Sources(tuple(merged[name] for name in names), tuple(roles[name] for name in names))
    if only and (len(names) == 1 or not (sources.of_two_classes or sources.too_few_models)):
        raise InputError(
            "--only declares that no model but those given may stand behind the corpus, which says"
            " nothing beside these sources",
            expected=f"something to tell the candidate from, and fewer than {FEWEST_MODELS} other"
            " models",
            remedy="Leave --only out",
        )
    return replace(sources, only=only)


def _renamed(fingerprint: Fingerprint, name: str) -> Fingerprint:
    # One that stays keeps the hash that it was read with.
    return fingerprint if fingerprint.name == name else replace(fingerprint, name=name)


def refuse_same_file(corpus: Corpus, sources: Sources) -> None:
    """Refuse a corpus of which a file, by its hash, is one that a sample was taken from."""
    for entry in corpus.inputs():
        for fingerprint in sources.fingerprints:
            if entry["sha256"] in fingerprint.inputs_sha256:
                raise InputError(
                    f"this very file was also read for the source {fingerprint.name!r}",
                    where=entry["path"],
                    expected="a corpus that no sample was taken from",
                    remedy="Split the file, by prompt or document, and use one part for each",
                )
