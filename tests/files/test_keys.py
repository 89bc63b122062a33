"""Key files: what they may hold, what is refused in one paragraph, and that no key is shown."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import InputError
from provenance.files.keys import MAX_BYTES, Secret, read_keys

KEY = "kept-to-itself-0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    key: Secret
    scheme: Literal["a", "b"]
    width: int = 4
    names: tuple[str, ...] = ()


@pytest.fixture(name="write")
def writer(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "K.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


Write = Callable[[str | bytes], Path]


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_keys(path, "mark", Mark)
    told = "".join(traceback.format_exception(caught.value))
    assert KEY not in told
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_tables_of_one_kind_are_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARK_KEY", KEY)
    path = write(
        f'[[mark]]\nkey = "{KEY}"\nscheme = "a"\n'
        "[[canary]]\nanything = 3\n[also]\nx = 1\n"
        '[[mark]]\nkey_env = "MARK_KEY"\nscheme = "b"\nwidth = 2\nnames = ["x", "y"]\n'
        '[[mark]]\nkey = 15485863\nscheme = "b"\n'
    )
    first, second, third = read_keys(path, "mark", Mark)
    assert (first.scheme, first.width, first.names) == ("a", 4, ())
    assert (second.scheme, second.width, second.names) == ("b", 2, ("x", "y"))
    assert [each.key.reveal() for each in (first, second, third)] == [KEY, KEY, 15485863]


GOOD = f'key = "{KEY}"\nscheme = "a"\n'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "K.toml: it has no [[mark]] table. Expected [[mark]] and below it key_env"),
        ("mark = []", "it has no [[mark]] table"),
        ("mark = 3", "mark is not a list of tables. Expected [[mark]] in double brackets"),
        (f"[mark]\n{GOOD}", "mark is not a list of tables"),
        (f'[[mark]]\nkey = "{KEY}\n', "K.toml:2: it cannot be read as TOML"),
        (f"[[mark]]\nkey = {KEY}\n", "K.toml:2: it cannot be read as TOML"),
        (f"a = {{{KEY}=1, {KEY}=2}}", "K.toml:1: it cannot be read as TOML"),
        ("[[mark]]\nkey = " + "9" * 5000, "it cannot be read as TOML"),
        ("a = " + "[" * 100_000, "it is nested too deep"),
        (b"\xff\xfe", "it is not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "the key file is larger than 1,048,576 bytes"),
        (f'x = 1\n[[mark]]\n{GOOD}kee = "{KEY}"', "K.toml:2: a [[mark]] table has no field 'kee'"),
        (f'[[mark]]\n{GOOD}"\x7f" = 1', "it cannot be read as TOML"),
        (f'[[mark]]\n{GOOD}"\\u202e" = 1', "has no field '<U+202E>'"),
        (f'[[mark]]\nkey = "{KEY}"', "K.toml:1: a [[mark]] table has no `scheme`"),
        ('[[mark]]\nscheme = "a"', "neither key nor key_env is given. Expected exactly one"),
        (f'[[mark]]\n{GOOD}key_env = "X"', "both key and key_env are given"),
        (f'[[mark]]\nkey = ["{KEY}"]\nscheme = "a"', "the key has a wrong type"),
        ('[[mark]]\nkey = 1.5\nscheme = "a"', "the key has a wrong type"),
        ('[[mark]]\nkey = true\nscheme = "a"', "the key has a wrong type"),
        ('[[mark]]\nkey = " "\nscheme = "a"', "the key is empty"),
        ('[[mark]]\nkey_env = 3\nscheme = "a"', "key_env is not a string"),
        (f'[[mark]]\nkey_env = "{KEY}"\nscheme = "a"', "key_env names is not set. Set it, or"),
        ('[[mark]]\nkey_env = ""\nscheme = "a"', "key_env names is not set"),
        ('[[mark]]\nkey_env = "A=\\u0000"\nscheme = "a"', "key_env names is not set"),
        (f'[[mark]]\nkey = "{KEY}"\nscheme = "c"', "K.toml:1: `scheme` is the string 'c'"),
        (f'[[mark]]\n{GOOD}width = "4"', "`width` is the string '4'. Expected a whole number"),
        (f"[[mark]]\n{GOOD}names = 2024-01-01", "`names` is 2024-01-01. Expected a list"),
        (f'x = """\n[[mark]]\n"""\n[[mark]]\n{GOOD}w = 1', "K.toml: [[mark]] 1: a [[mark]]"),
    ],
)
def test_what_is_wrong_is_told_in_a_paragraph(
    write: Write, content: str | bytes, told: str
) -> None:
    said = refused(write(content))
    assert told in said
    assert "\n" not in said and said.endswith(".")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read (No such file" in refused(tmp_path / "none.toml")
    assert "cannot be read (Is a directory)" in refused(tmp_path)


@pytest.mark.parametrize(
    "write_out",
    [repr, str, format, lambda key: f"{key!r:>30}", lambda key: repr([key])],
)
def test_a_key_is_never_shown(write_out: Callable[[Any], str]) -> None:
    assert KEY not in write_out(Secret(KEY))
    assert KEY not in write_out(Mark(key=Secret(KEY), scheme="a"))


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_is_not_taken_along(take: Callable[[Any], object]) -> None:
    for holder in (Secret(KEY), Mark(key=Secret(KEY), scheme="a")):
        if take is copy.copy and isinstance(holder, Mark):
            assert KEY not in repr(take(holder))
            continue
        with pytest.raises(TypeError, match="not copied"):
            take(holder)


def test_a_record_with_a_key_is_no_mapping() -> None:
    with pytest.raises(TypeError, match="not copied"):
        asdict(Mark(key=Secret(KEY), scheme="a"))


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_each_purpose_has_a_key_of_its_own(one: list[str], other: list[str]) -> None:
    secret = Secret(KEY)
    assert (secret.derive(*one) == secret.derive(*other)) == (one == other)
    assert secret.derive(*one) != Secret(f"{KEY}!").derive(*one)


def test_a_number_is_the_key_that_its_digits_are() -> None:
    assert Secret(1234567890123456).derive("a") == Secret("1234567890123456").derive("a")
    assert len(Secret(1234567890123456)) == 16
