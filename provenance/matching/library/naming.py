"""Names of the library's sources in place of files of fingerprints."""

from __future__ import annotations

import difflib
import glob
import os
import unicodedata
from collections.abc import Iterable, Sequence
from functools import partial

from provenance.corpus.formats.by_name import format_of
from provenance.errors import InputError
from provenance.files.named import Given, GivenOne, loaded, loaded_one
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.opened import CheckedFiles
from provenance.matching.library.shelf import Entry, Shelf, own_shelf, shelves, shipped_shelf

__all__ = [
    "LIBRARY",
    "PEOPLE",
    "found_entry",
    "is_name",
    "is_no_corpus",
    "named_source",
    "named_sources",
    "own_entry",
    "require_new_name",
    "the_one",
]

PEOPLE = "people"
"""Stands for all sources of the library that are people's text."""
LIBRARY = "library"
"""Stands for the set whose prompts the candidate answers; ``library:SET`` names one."""


def named_sources(
    given: Given[Fingerprint], *, checked: CheckedFiles | None = None
) -> list[Fingerprint]:
    """Fingerprints that are given ready, by their files, or by names of the library.

    A name is taken for one of the library where there is no such file and it does not end in
    ``.fp``.

    Parameters
    ----------
    given : Fingerprint, str, path, or several of these
    checked : CheckedFiles, optional
        Where given, arrays of files are read when they are first looked at; see
        `Fingerprint.opened`.

    Raises
    ------
    InputError
        Of `loaded`, and where the library holds no such source, or several; the message names the
        nearest.
    """
    items = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    named: list[str] = []
    others: list[Fingerprint | str | os.PathLike[str]] = []
    for item in items:
        if isinstance(item, str) and is_name(item):
            named.append(item)
        else:
            others.append(item)
    opened = None if checked is None else partial(Fingerprint.opened, checked=checked)
    found = loaded(others, Fingerprint, ".fp", opened)
    if named:
        held = shelves()
        for name in named:
            found += _of_name(held, name)
    return found


def named_source(given: GivenOne[Fingerprint]) -> Fingerprint:
    """One source, given in any of the ways of `named_sources`.

    Raises
    ------
    InputError
        Of `named_sources`, and where several are meant.
    """
    if not isinstance(given, str) or not is_name(given):
        return loaded_one(given, Fingerprint, ".fp")
    return the_one(given, named_sources(given))


def the_one(name: str, found: Sequence[Fingerprint]) -> Fingerprint:
    """The only source that a name stands for.

    Raises
    ------
    InputError
        Where it stands for several.
    """
    if len(found) > 1:
        raise InputError(
            f"{name[:80]!r} stands for {len(found)} sources of the library",
            expected="one source",
            remedy="Name one: see provenance library list",
        )
    return found[0]


def is_no_corpus(text: str) -> bool:
    """Whether a text that may name a corpus or a source can only be meant as one of the library.

    Examples
    --------
    >>> is_no_corpus("gpt-4o"), is_no_corpus("answers.jsonl.gz"), is_no_corpus("hf:a/b")
    (True, False, False)
    """
    return is_name(text) and not _reads_as_corpus(text)


def is_name(text: str) -> bool:
    """Whether a text can only be meant as a name of the library.

    Examples
    --------
    >>> is_name("gpt-4o"), is_name("api.fp"), is_name("samples/*.fp"), is_name("")
    (True, False, False, False)
    """
    return _reads_as_name(text) and not _is_there(text)


def require_new_name(name: str) -> None:
    """Refuse a name for a source of the user's that could not be used, or means another already.

    Raises
    ------
    InputError
    """
    is_all = words_of(name.partition(":")[0]) in ("", PEOPLE, LIBRARY)
    is_option = name.startswith("-")
    is_bare = name == name.strip()
    if is_all or is_option or not is_bare or not _reads_as_name(name) or _reads_as_corpus(name):
        raise InputError(
            f"{name[:80]!r} cannot name a source of the library: it is read as a path or a corpus,"
            " as an option, or as all sources of a kind, or has spaces around it",
            expected="a name such as mine/model-1",
            remedy="Give one with --name",
        )
    if any(words_of(one.name) == words_of(name) for one in shipped_shelf().entries):
        raise InputError(
            f"a source that ships is called {name[:80]!r}",
            expected="a name of its own",
            remedy="Give one with --name",
        )
    alike = [one.name for one in own_shelf().entries if words_of(one.name) == words_of(name)]
    if alike and name not in alike:
        raise InputError(
            f"{name[:80]!r} means {alike[0][:80]} too, as case and punctuation make no difference",
            expected="a name of its own",
            remedy=f"Name it otherwise, or provenance library remove {alike[0][:80]} first",
        )


def own_entry(shelf: Shelf, name: str) -> Entry:
    """The user's own source of exactly this name: what is taken away is not guessed at.

    Raises
    ------
    InputError
    """
    if name in shelf.by_name:
        return shelf.by_name[name]
    if name in shipped_shelf().by_name:
        raise InputError(
            f"{name[:80]} ships with llm-provenance; only sources of your own can be taken out",
            remedy="To match without models of the library, --no-library",
        )
    near = difflib.get_close_matches(name, shelf.by_name, 3, 0.4)
    raise InputError(
        f"your library holds no source called {name[:80]!r}",
        expected=f"a whole name, such as {', '.join(near)}" if near else None,
        remedy="See provenance library list",
    )


def _reads_as_corpus(text: str) -> bool:
    is_elsewhere = "://" in text or text.startswith("hf:") or "=" in text
    return is_elsewhere or format_of(text) is not None


def _reads_as_name(text: str) -> bool:
    return bool(
        text.strip()
        and not text.lower().endswith(".fp")
        and not glob.has_magic(text)
        and not text.endswith(os.sep)
        and not text.startswith((os.sep, ".", "~"))
    )


def found_entry(held: Sequence[Shelf], name: str) -> tuple[Shelf, Entry]:
    """The source of a name: whole, or its part behind the set where only one source has it.

    Letters' case and what stands between words make no difference, and a model's name may lack its
    end where that leaves one.

    Raises
    ------
    InputError
        Where there is none or are several.
    """
    every = [(shelf, entry) for shelf in held for entry in shelf.entries]
    for alike in (_same, _same_words, _same_model, _same_but_release, _begins):
        matching = {
            entry.name: (shelf, entry) for shelf, entry in reversed(every) if alike(entry, name)
        }
        if len(matching) == 1:
            return next(iter(matching.values()))
        if matching:
            raise InputError(
                f"the library holds several sources called {name[:80]!r}",
                expected=", ".join(sorted(matching)[:6]),
                remedy="Write the whole name",
            )
    near = difflib.get_close_matches(name, [PEOPLE, LIBRARY], 1, 0.7)
    near += difflib.get_close_matches(name, [entry.name for _, entry in every], 3, 0.4)
    models = [entry.name.split("/")[-1] for _, entry in every]
    near += [one for one in difflib.get_close_matches(name, models, 3, 0.5) if one not in near]
    raise InputError(
        f"there is no such file, and the library holds no source called {name[:80]!r}",
        expected=f"a file or a name such as {', '.join(near[:4])}" if near else "a file (.fp)",
        remedy="See provenance library list",
    )


def _is_there(text: str) -> bool:
    try:
        return os.path.exists(text)
    except ValueError:
        return True


def _of_name(held: Sequence[Shelf], name: str) -> list[Fingerprint]:
    if name == PEOPLE:
        return [
            shelf.fingerprint(entry)
            for shelf in held
            for entry in shelf.entries
            if entry.by == "people"
        ]
    shelf, entry = found_entry(held, name)
    return [shelf.fingerprint(entry)]


def words_of(name: str) -> str:
    """A name without case and punctuation, in whatever script and however it is encoded.

    Examples
    --------
    >>> words_of("Mine/Model_1.5"), words_of("模型/甲")
    ('minemodel15', '模型甲')
    """
    plain = unicodedata.normalize("NFKC", name).lower()
    # A vowel of Hindi or Thai is a mark, and tells words apart as a letter does.
    return "".join(one for one in plain if one.isalnum() or unicodedata.category(one)[0] == "M")


def _same(known: Entry, name: str) -> bool:
    return known.name == name


def _same_words(known: Entry, name: str) -> bool:
    return words_of(known.name) == words_of(name)


def _same_model(known: Entry, name: str) -> bool:
    return _model(known) == words_of(name)


def _same_but_release(known: Entry, name: str) -> bool:
    release = words_of(known.release or "")
    return bool(release) and _model(known).removesuffix(release) == words_of(name)


def _begins(known: Entry, name: str) -> bool:
    own = words_of(name)
    return len(own) > 3 and _model(known).startswith(own)


def _model(known: Entry) -> str:
    return words_of(known.name.split("/")[-1])
