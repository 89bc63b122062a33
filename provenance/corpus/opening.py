"""Open a corpus: files, folders, URLs, hub names and Python objects as inputs of one."""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Iterable, Mapping
from typing import Any

from provenance.corpus.document import CorpusOptions
from provenance.corpus.places.folders import Passed, files_at
from provenance.corpus.places.inputs import FileInput, Input
from provenance.corpus.places.tables import hub_tables, is_saved, object_tables, saved_tables
from provenance.corpus.reading import Corpus
from provenance.errors import InputError

__all__ = ["open_corpus", "opened"]

_DEFAULTS = CorpusOptions()


def open_corpus(source: object, options: CorpusOptions = _DEFAULTS, /, **changes: Any) -> Corpus:
    """Open a corpus; nothing is read before it is iterated.

    Parameters
    ----------
    source : path, list of paths, datasets object, table, or iterable of str or dict
        A path is a file, a folder, a glob, an fsspec URL or
        ``hf:NAME[@REVISION][:CONFIG][:SPLIT]``.
        A list or tuple of ``str`` holds paths; texts are given as dicts or by any other iterable.
        A ``.txt`` file is one document.
        A table is a DataFrame, or what has the Arrow interface.
    options : CorpusOptions
    **changes
        Options by name, over ``options``.

    Raises
    ------
    InputError
        Where there is no such input or its format is not known.
    TypeError
        Where there is no such option; the message names the nearest.

    Examples
    --------
    >>> [d.id for d in open_corpus([{"id": 7, "text": "a"}, {"text": "b"}])]
    ['7', 'row:2']
    """
    _check_options(changes)
    passed = Passed()
    chosen = dataclasses.replace(options, **changes)
    return Corpus(_sources(source, passed), chosen, passed, _given(source))


def opened(corpus: object, options: Mapping[str, Any], others: Iterable[str] = ()) -> Corpus:
    """A corpus as it is, or opened with these options.

    Parameters
    ----------
    corpus : Corpus, or what `open_corpus` takes
        A list of ``str`` holds texts where one of them is longer than any name of a file.
    options : mapping of str to Any
        Of `open_corpus`; none for what is open already.
    others : iterable of str
        What the function that was called has besides, for whoever misspells it.

    Raises
    ------
    InputError, TypeError
        As `open_corpus`, or where a corpus that is open would have to be read otherwise.

    Examples
    --------
    >>> [d.text for d in opened([{"answer": "a", "text": "b"}], {"text_field": "answer"})]
    ['a']
    """
    _check_options(options, others)
    if isinstance(corpus, list | tuple) and all(isinstance(one, str) for one in corpus):
        corpus = [{"text": one} for one in corpus] if any(map(_is_text, corpus)) else corpus
    if not isinstance(corpus, Corpus):
        return open_corpus(corpus, **options)
    if options:
        raise InputError(
            f"{', '.join(options)} cannot be changed: the corpus was opened before",
            remedy="Give it to open_corpus, or give what open_corpus takes in place of the corpus",
        )
    return corpus


def _check_options(named: Iterable[str], others: Iterable[str] = ()) -> None:
    known = [item.name for item in dataclasses.fields(CorpusOptions)]
    for name in named:
        if name not in known:
            near = difflib.get_close_matches(name, [*known, *others], 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise TypeError(f"there is no option {name!r}; {hint}")


def _sources(source: object, passed: Passed) -> list[Input]:
    if isinstance(source, str | os.PathLike):
        return _at(source, passed)
    if isinstance(source, list | tuple) and any(isinstance(i, str | os.PathLike) for i in source):
        return _distinct([found for item in source for found in _at(item, passed)])
    return [*object_tables(source)]


def _given(source: object) -> list[str]:
    named = source if isinstance(source, list | tuple) else [source]
    paths = [os.fspath(one) for one in named if isinstance(one, str | os.PathLike)]
    return paths if len(paths) == len(named) else []


_LONGEST_NAME = 255
"""Bytes of a name within a folder, on the file systems of today."""


def _is_text(item: str) -> bool:
    name = max(item.split("/"), key=len)
    return "://" not in item and len(name.encode(errors="replace")) > _LONGEST_NAME


def _at(path: str | os.PathLike[str], passed: Passed) -> list[Input]:
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"a {type(path).__name__} among paths", expected="paths only")
    location = os.fspath(path)
    if location.startswith("hf:"):
        return [*hub_tables(location)]
    if "://" not in location and is_saved(location):
        return [*saved_tables(location)]
    found, passed_here = files_at(location)
    passed.update(passed_here)
    return [*found]


def _distinct(sources: list[Input]) -> list[Input]:
    """Leave out an input that is named twice."""
    return list({_identity(source): source for source in sources}.values())


def _identity(source: Input) -> str:
    if isinstance(source, FileInput) and source.filesystem is None:
        return os.path.realpath(source.location)
    return source.path
