"""A generator's own tokenizer, on text as it stands: tiktoken's, or a local ``tokenizer.json``."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.batches.batches import batches, map_batches
from provenance.errors import InputError
from provenance.evidence.watermark.schemes.draws import Documents
from provenance.features.tokens import encode, load_encoding

if TYPE_CHECKING:
    from provenance.corpus import Corpus, Document

__all__ = [
    "Tokens",
    "character_span",
    "find_tokenizer",
    "tokenize_documents",
    "tokenize_texts",
    "tokenized",
]

_SUFFIX: Final = ".json"


def find_tokenizer(name: str, folder: Path) -> str:
    """A tokenizer that can be loaded: an encoding's name, or the path of its file.

    Raises
    ------
    InputError
        Where there is no such encoding or file, or the package `tokenizers` is missing.

    Examples
    --------
    >>> find_tokenizer("cl100k_base", Path("."))
    'cl100k_base'
    """
    found = str(folder / name) if _is_file(name) else name
    _encoder(found)
    return found


def _is_file(name: str) -> bool:
    return name.endswith(_SUFFIX) or "/" in name or os.sep in name


@functools.cache
def _encoder(name: str) -> Callable[[str], NDArray[Any]]:
    """What turns text into ids; loaded once a process."""
    if _is_file(name):
        return _of_file(name)
    encoding = load_encoding(name)
    return lambda text: encode(text, encoding)


def _of_file(path: str) -> Callable[[str], NDArray[Any]]:
    tokenizer = _tokenizer(path)
    return lambda text: np.array(
        tokenizer.encode(_whole(text), add_special_tokens=False).ids, np.int64
    )


@functools.cache
def _tokenizer(path: str) -> Any:
    if not os.path.isfile(path):
        raise InputError(
            f"there is no tokenizer at {path}",
            expected="a tokenizer.json, or the name of a tiktoken encoding such as cl100k_base",
        )
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise InputError(
            f"{path} needs the package tokenizers, which is not installed",
            remedy="Install llm-provenance[tokenizers], or name a tiktoken encoding",
        ) from None
    try:
        tokenizer = Tokenizer.from_file(path)
    except Exception as error:  # the package raises nothing more exact
        raise InputError(
            f"{path} cannot be read as a tokenizer ({str(error)[:120]})",
            expected="a tokenizer.json of the package tokenizers",
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # What looks like a special token in a text is text.
    tokenizer.encode_special_tokens = True
    return tokenizer


def _whole(text: str) -> str:
    """The text with U+FFFD for lone surrogates."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def tokenize_texts(texts: Sequence[str], name: str) -> Documents:
    """Ids of texts under one tokenizer, end to end.

    Examples
    --------
    >>> tokenize_texts(["one two", ""], "cl100k_base").bounds.tolist()
    [0, 2, 2]
    """
    encoder = _encoder(name)
    parts = [encoder(text) for text in texts]
    bounds = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Documents(np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64), bounds)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Documents under one tokenizer, with their prompts where these are asked for."""

    ids: Documents
    prompts: Documents | None = None


def tokenize_documents(
    documents: Sequence[Document], names: Sequence[str], *, prompts: bool = False
) -> dict[str, Tokens]:
    """Documents under several tokenizers, text as it stands; with their prompts if asked."""
    texts = [document.text for document in documents]
    asked = [document.prompt or "" for document in documents] if prompts else None
    return {
        name: Tokens(
            tokenize_texts(texts, name), None if asked is None else tokenize_texts(asked, name)
        )
        for name in names
    }


def tokenized(
    corpus: Corpus,
    tokenizer: Callable[[Sequence[Document]], dict[str, Tokens]],
    workers: int,
    executor: Executor | None,
) -> Iterator[tuple[list[Document], dict[str, Tokens]]]:
    """Batches of a corpus with their tokens, in order; ``tokenizer`` runs in any process."""
    return map_batches(
        _both, batches(corpus), prepare=tokenizer, workers=workers, executor=executor
    )


def _both(
    documents: list[Document], tokens: dict[str, Tokens]
) -> tuple[list[Document], dict[str, Tokens]]:
    return documents, tokens


def character_span(text: str, name: str, start: int, end: int) -> tuple[int, int]:
    """Characters of the ids from ``start`` to ``end`` (exclusive) of a text under a tokenizer.

    Examples
    --------
    >>> character_span("one two three", "cl100k_base", 1, 2)
    (3, 7)
    """
    if _is_file(name):
        spans = _tokenizer(name).encode(_whole(text), add_special_tokens=False).offsets
        return int(spans[start][0]), int(spans[end - 1][1])
    encoding = load_encoding(name)
    ids = encode(text, encoding)[:end].tolist()
    # A token may end inside a character, which then belongs to the next one.
    before, within = (
        len(encoding.decode_bytes(part).decode("utf-8", "ignore")) for part in (ids[:start], ids)
    )
    return before, within
