"""A saved fingerprint is the same fingerprint; whatever else is loaded is one clear refusal."""

from __future__ import annotations

import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.files import archive
from provenance.fingerprint.file import (
    KIND,
    _header,
    _planes,
    fields_sha256,
    read_fields,
)
from provenance.fingerprint.fingerprint import Fingerprint, merge
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.sample import Limits, SampledDocuments

SMALL = FeatureSpec(
    word_bits=8, shape_bits=6, token_bits=6, frequency_bits=6, min_tokens=4, passage_tokens=20
)


SECRETS = ("Zanzibar", "quokka", "Perigord", "confidential-folder", "lawdomain", "promptwise")


def small(n_rows: int = 12, **changes: Any) -> Fingerprint:
    rows = [
        {
            "text": f"In Zanzibar the quokka eats a Perigord truffle, number {number} "
            * (number + 1),
            "prompt": f"promptwise {number}",
            "group": f"group {number % 5}",
            "domain": "lawdomain",
            "date": "2024-05-01",
        }
        for number in range(n_rows)
    ]
    named = {f"{name}_field": name for name in ("group", "domain", "date")}
    fingerprint = fit_fingerprint(open_corpus(iter(rows), **named), "a source", SMALL)
    return replace(fingerprint, origin=("/home/confidential-folder/a.jsonl",), **changes)


FINGERPRINT = small()


def differing(one: object, other: object) -> list[str]:
    """Names of the fields in which two records differ, in type, shape or value."""
    found = []
    # A hash that is kept once it was counted is no part of the record.
    for field in (item for item in fields(one) if item.compare):  # type: ignore[arg-type]
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, SampledDocuments | FeatureRows):
            found += differing(left, right)
        elif isinstance(left, np.ndarray):
            same = left.dtype == right.dtype and np.array_equal(left, right)
            found += [] if same else [field.name]
        elif left != right:
            found.append(field.name)
    return found


def saved(fingerprint: Fingerprint, folder: Path) -> bytes:
    path = folder / "saved.fp"
    fingerprint.save(path)
    return path.read_bytes()


def refusal(data: bytes, folder: Path) -> str:
    path = folder / "hostile.fp"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        Fingerprint.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert len(message) < len(str(path)) + 600
    return message


# Saving and loading


@pytest.mark.parametrize(
    "fingerprint",
    [
        FINGERPRINT,
        FINGERPRINT.seal(),
        small(1),
        small(3, name="né $x$ \x1b[2J\n", repairs={"b": 2, "a": 1}),
        Fingerprint.empty("nothing", SMALL, Limits(3, 4)),
        merge(FINGERPRINT, small(20, name="other")),
    ],
    ids=["whole", "sealed", "one document", "odd name", "empty", "merged"],
)
def test_a_saved_fingerprint_is_the_same(fingerprint: Fingerprint, tmp_path: Path) -> None:
    path = tmp_path / "a.fp"
    fingerprint.save(path)
    assert differing(Fingerprint.load(path), fingerprint) == []


def test_a_fitted_fingerprint_of_the_default_spec_is_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{rank}" for rank in rng.zipf(1.5, 300)) for _ in range(20)]
    fingerprint = fit_fingerprint(texts, "zipf")
    assert differing(loaded_again(fingerprint, tmp_path), fingerprint) == []


def loaded_again(fingerprint: Fingerprint, folder: Path) -> Fingerprint:
    saved(fingerprint, folder)
    return Fingerprint.load(folder / "saved.fp")


def test_the_same_fingerprint_gives_the_same_bytes(tmp_path: Path) -> None:
    again = small()
    assert saved(FINGERPRINT, tmp_path) == saved(again, tmp_path)
    loaded = loaded_again(again, tmp_path)
    assert saved(loaded, tmp_path) == saved(again, tmp_path)


def test_merged_shards_give_the_bytes_of_the_whole(tmp_path: Path) -> None:
    texts = [f"number {number} of the texts is here and it is short" for number in range(30)]
    spec = replace(SMALL, frequency_bits=20)
    whole = fit_fingerprint(texts, "a", spec)
    shards = [fit_fingerprint(texts[place::3], "a", spec) for place in (2, 0, 1)]
    merged = merge(shards[0], merge(shards[1], shards[2]))
    assert whole.readable
    merged = replace(merged, origin=whole.origin, inputs_sha256=whole.inputs_sha256)
    assert saved(merged, tmp_path) == saved(whole, tmp_path)


def test_numpy_alone_reads_the_file(tmp_path: Path) -> None:
    saved(FINGERPRINT, tmp_path)
    with np.load(tmp_path / "saved.fp", allow_pickle=False) as arrays:
        header = json.loads(arrays["header"].tobytes())
        planes = arrays["text_hash"].astype(np.uint64)
        assert list(arrays) == ["header", *KIND.arrays]
    assert header["schema"] == "provenance-fingerprint/2"
    assert header["spec"] == asdict(SMALL)
    assert header["counts"]["n_documents"] == 12
    assert header["sha256"] == FINGERPRINT.sha256
    hashes = sum(planes[place] << np.uint64(8 * place) for place in range(8))
    np.testing.assert_array_equal(hashes, FINGERPRINT.sample.text_hash)


def everything(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return data + b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-32-le"])
def test_a_sealed_file_holds_nothing_readable(secret: str, encoding: str, tmp_path: Path) -> None:
    sealed = everything(saved(FINGERPRINT.seal(), tmp_path)).lower()
    assert secret.lower().encode(encoding) not in sealed


@pytest.mark.parametrize("secret", [secret for secret in SECRETS if secret != "promptwise"])
def test_an_open_file_shows_them(secret: str, tmp_path: Path) -> None:
    assert secret.lower().encode() in everything(saved(FINGERPRINT, tmp_path)).lower()


def test_the_hash_depends_on_what_was_measured_alone() -> None:
    renamed = replace(FINGERPRINT, name="b", origin=(), readable=())
    assert renamed.sha256 == FINGERPRINT.sha256
    assert small(11).sha256 != FINGERPRINT.sha256


def test_lone_surrogates_in_names_are_replaced(tmp_path: Path) -> None:
    odd = replace(FINGERPRINT, name="a\udcff", origin=("x\udcfe", "x\udcff"))
    loaded = loaded_again(odd, tmp_path)
    assert (loaded.name, loaded.origin) == ("a\ufffd", ("x\ufffd",))


# Saving to bad places


def test_a_folder_is_no_place_for_a_file(tmp_path: Path) -> None:
    for path in (tmp_path, Path(), "/"):
        with pytest.raises(InputError, match="folder"):
            FINGERPRINT.save(path)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        FINGERPRINT.save(tmp_path / "missing" / "a.fp")


@pytest.mark.parametrize("limit", ["LARGEST", "LONGEST_HEADER", "MOST_NUMBERS"])
def test_what_could_not_be_loaded_is_not_saved(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, limit, 100)
    with pytest.raises(InputError, match="row-tokens"):
        FINGERPRINT.save(tmp_path / "a.fp")
    assert [*tmp_path.iterdir()] == []


# Other files


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b'{"text": "a"}\n' * 20, "not a fingerprint (.fp) but JSON"),
        (b"plain text " * 20, "not a fingerprint (.fp) but another file"),
        (b"\x1f\x8b\x08" + b"\0" * 100, "gzip"),
        (b"PAR1" + b"\0" * 100 + b"PAR1", "parquet"),
        (b"PK\x03\x04", "zip archive"),
        (b"PK\x05\x06" + b"\0" * 18, "zip archive"),
        (b"\x93NUMPY\x01\x00" + b"\0" * 100, "numpy array"),
        (b"\xff" * 10_000, "another file"),
    ],
)
def test_another_file_is_named(data: bytes, told: str, tmp_path: Path) -> None:
    message = refusal(data, tmp_path)
    assert told in message
    assert "a fingerprint (.fp)" in message and "provenance fingerprint" in message


def test_another_archive_is_named(tmp_path: Path) -> None:
    data = io.BytesIO()
    np.savez_compressed(data, values=np.arange(3))
    assert "another zip archive" in refusal(data.getvalue(), tmp_path)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.fp: there is no such file"):
        Fingerprint.load(tmp_path / "missing.fp")
    with pytest.raises(InputError, match="cannot be read"):
        Fingerprint.load(tmp_path)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("provenance-fingerprint/1", r"another version .*/2'?\. Make one with"),
        ("provenance-fingerprint/3", r"another version .*Update llm-provenance, or make one"),
        ("provenance-fingerprint/" + "9" * 5000, r"another version .*Update llm-provenance"),
        ("provenance-index/1", r"not a fingerprint \(\.fp\) but 'provenance-index/1'"),
        ("provenance-fingerprint/x", "but 'provenance-fingerprint/x'"),
        ("\x1b[2J", r"but '\\x1b\[2J'"),
    ],
)
def test_another_schema_is_named(schema: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "other.fp"
    kind = replace(KIND, schema=schema)
    archive.write(path, kind, _header(FINGERPRINT._fields), _planes(FINGERPRINT._fields))
    assert re.search(told, refusal(path.read_bytes(), tmp_path))


# Hostile content: the zip and its entries

Entries = dict[str, bytes]


def entries_of(fingerprint: Fingerprint) -> Entries:
    arrays = {
        "header": np.frombuffer(header_text(fingerprint), np.uint8),
        **_planes(fingerprint._fields),
    }
    return {f"{name}.npy": stored(array) for name, array in arrays.items()}


def header_text(fingerprint: Fingerprint, **changes: Any) -> bytes:
    sha256 = fingerprint.sha256
    header = {**_header(fingerprint._fields), "schema": KIND.schema, "sha256": sha256, **changes}
    return json.dumps(header).encode()


def stored(array: NDArray[Any], *, pickled: bool = False) -> bytes:
    target = io.BytesIO()
    np.lib.format.write_array(target, array, version=(1, 0), allow_pickle=pickled)
    return target.getvalue()


def zipped(entries: Entries, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def declaring(shape: object, data: bytes = b"", dtype: str = "|u1") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("sums", stored(np.zeros((1, 12), np.int64)), "not one of bytes"),
        ("sums", stored(np.zeros(12, np.uint8)), "shape"),
        ("sums", stored(np.array([[{}] * 12], object), pickled=True), "not one of bytes"),
        ("sums", declaring((10**9, 10**3)), "shape"),
        ("sums", declaring((10**15, 10**3)), "not one of bytes"),
        ("sums", declaring((1, -12)), "not one of bytes"),
        ("sums", declaring((0, 0)), "hash"),
        ("sums", declaring((1, 12), b"\0" * 11), "shape"),
        ("sums", declaring((1, 12), b"\0" * 13), "shape"),
        ("sums", declaring("'x'"), "not one of bytes"),
        ("sums", declaring("(" * 200), "not one of bytes"),
        ("sums", declaring((1, 12), b"\0" * 12, "V9999999999"), "not one of bytes"),
        ("sums", b"", "not one of bytes"),
        ("sums", b"\x93NUMPY\x03\x00", "not one of bytes"),
        ("sums", b"not numpy", "not one of bytes"),
        ("sums", stored(np.ones((1, 12), np.uint8)), "hash"),
        ("header", stored(np.zeros(3, np.uint8)), "not JSON"),
        ("header", stored(np.frombuffer(b"[" * 99_999, np.uint8)), "not JSON"),
        ("header", stored(np.frombuffer(b"1" * 9_999, np.uint8)), "not JSON"),
        ("header", stored(np.frombuffer(b"\xff{}", np.uint8)), "not JSON"),
        ("header", stored(np.frombuffer(b"[]", np.uint8)), "no schema"),
        ("header", stored(np.frombuffer(b'{"schema": 1}', np.uint8)), "no schema"),
        ("header", stored(np.zeros((1, 3), np.uint8)), "shape"),
    ],
)
def test_hostile_entries_are_refused(name: str, data: bytes, told: str, tmp_path: Path) -> None:
    entries = {**entries_of(FINGERPRINT), f"{name}.npy": data}
    assert re.search(told, refusal(zipped(entries), tmp_path))


def test_the_entries_are_those_of_a_fingerprint(tmp_path: Path) -> None:
    entries = entries_of(FINGERPRINT)
    (tmp_path / "plain.fp").write_bytes(zipped(entries))
    assert differing(Fingerprint.load(tmp_path / "plain.fp"), FINGERPRINT) == []
    less = {name: data for name, data in entries.items() if name != "rows.npy"}
    for changed in (less, {**entries, "../evil.npy": b""}, dict(reversed(entries.items()))):
        assert "arrays are not those" in refusal(zipped(changed), tmp_path)
    assert "packed" in refusal(zipped(entries, zipfile.ZIP_STORED), tmp_path)
    assert "packed" in refusal(zipped(entries, zipfile.ZIP_LZMA), tmp_path)


def test_bombs_are_refused_before_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = entries_of(FINGERPRINT)
    bomb = zipped({**entries, "rows.npy": bytes(3_000_000)})
    long_header = zipped({**entries, "header.npy": bytes(3_000_000)})
    many = zipped({**entries, **{f"{number}.npy": b"" for number in range(500)}})
    assert max(map(len, (bomb, long_header))) < 30_000

    def refuse(*_: object) -> None:
        raise AssertionError("nothing may be unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "read", refuse)
    monkeypatch.setattr(archive, "LARGEST", 2_000_000)
    assert "too large" in refusal(bomb, tmp_path)
    monkeypatch.setattr(archive, "LONGEST_HEADER", 1_000_000)
    assert "header is too large" in refusal(long_header, tmp_path)
    assert "not a fingerprint" in refusal(many, tmp_path)


# Hostile content: the header


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, "no name"),
        ({"name": 3}, "header.name"),
        ({"spec": {}}, "feature spec"),
        ({"spec": {**asdict(SMALL), "word_bits": 63}}, "word_bits"),
        ({"spec": [1]}, "header.spec"),
        ({"limits": {"rows": -1, "row_tokens": 3}}, "out of bounds"),
        ({"limits": {"rows": 1.5, "row_tokens": 3}}, "header.limits.rows"),
        ({"origin": "x"}, "header.origin"),
        ({"origin": ["b", "a"]}, "origin is not in ascending order"),
        ({"readable": ["a", "a"]}, "readable is not in ascending order"),
        ({"readable": [1]}, "header.readable"),
        ({"domains": None}, "header.domains"),
        ({"sealed": True}, "sealed"),
        ({"sealed": 1}, "header.sealed"),
        ({"counts": {"n_documents": 1}}, "n_too_short"),
        (
            {"counts": dict.fromkeys(("n_documents", "n_too_short", "n_passages", "n_tokens"), -1)},
            "0",
        ),
        ({"repairs": {"x": 1 << 63}}, "out of bounds"),
        ({"repairs": {"x": 10**400}}, "header.repairs|64 bits|damaged"),
        ({"sha256": "0" * 64}, "hash"),
        ({"sha256": None}, "hash"),
    ],
)
def test_hostile_headers_are_refused(changes: dict[str, Any], told: str, tmp_path: Path) -> None:
    header = np.frombuffer(header_text(FINGERPRINT, **changes), np.uint8)
    entries = {**entries_of(FINGERPRINT), "header.npy": stored(header)}
    assert re.search(told, refusal(zipped(entries), tmp_path))


# Hostile content: arrays whose hash is right

Change = Callable[[NDArray[np.uint64]], NDArray[np.uint64] | Sequence[int]]


def joined(planes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    wide = np.zeros((planes.shape[1], 8), np.uint8)
    wide[:, : len(planes)] = planes.T
    return wide.view(np.uint64).ravel()


def with_array(name: str, change: Change, folder: Path) -> Path:
    planes = _planes(FINGERPRINT._fields)
    planes[name] = archive.split(np.asarray(change(joined(planes[name])), np.uint64))
    path = folder / "changed.fp"
    archive.write(path, KIND, _header(FINGERPRINT._fields), planes)
    return path


def at(place: int, value: int) -> Change:
    def change(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
        numbers[place] = value
        return numbers

    return change


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("sums", lambda a: a[1:], "sums holds 26 numbers"),
        ("sums", at(0, 1 << 63), "sums holds a number out of bounds"),
        ("lengths", lambda a: [*a, 1], "lengths holds 33"),
        ("text_hash", lambda a: a[::-1], "not strictly ascending"),
        ("text_hash", lambda a: [a[0], *a[:-1]], "not strictly ascending"),
        ("prompt_hash", lambda a: a[1:], "differ in length"),
        ("date", at(0, 1 << 33), "date"),
        ("n_tokens", lambda a: a[1:], "n_tokens holds 11"),
        ("n_tokens", at(0, 1 << 60), "n_tokens"),
        ("multiplicity", at(0, 0), "multiplicity"),
        ("n_passages", at(0, 0), "n_passages"),
        ("n_passages", at(0, 99), "passage_tokens"),
        ("n_passages", at(0, 1 << 40), "n_passages"),
        ("passage_tokens", lambda a: a[:-1], "passage_tokens"),
        ("statistics", lambda a: a[:-1], "statistics"),
        ("frequency_counts", at(0, 0), "frequency_counts"),
        ("frequency_counts", at(0, 1 << 32), "frequency_counts"),
        ("frequency_slots", at(0, 64), "frequency_slots"),
        ("frequency_slots", lambda a: a[:-1], "frequency_slots"),
        ("frequency_slots", lambda a: np.zeros_like(a), "not ascending|twice"),
        ("features", at(0, 256 + 64), "features"),
        ("features", lambda a: np.zeros_like(a), "not ascending|twice"),
        ("feature_rows", at(0, 0), "feature_rows"),
        ("feature_rows", lambda a: [*a[:-1], a[-1] + 1], "twice|features|rows that they say"),
        ("rows", lambda a: a[:-1], "rows that they say"),
        ("rows", at(0, 10**6), "rows holds a number out of bounds"),
        ("rows", lambda a: np.zeros_like(a), "rows is not ascending"),
        ("counts", at(0, 0), "counts"),
        ("counts", at(0, 256), "counts"),
        ("counts", lambda a: a[:-1], "counts holds"),
        ("counts", lambda a: [], "counts holds 0"),
    ],
)
def test_hostile_arrays_are_refused(name: str, change: Change, told: str, tmp_path: Path) -> None:
    data = with_array(name, change, tmp_path).read_bytes()
    message = refusal(data, tmp_path)
    assert re.search(told, message)
    assert "Make one with provenance fingerprint" in message


# Fuzzing


def flipped(data: bytes, rng: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
    return bytes(broken)


def spliced(data: bytes, rng: random.Random) -> bytes:
    first, second = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
    return rng.choice(
        [
            data[:first],
            data[first:],
            data[:first] + data[second:],
            data + data[first:second],
            data[:first] + rng.randbytes(rng.randrange(64)) + data[first:],
        ]
    )


def check_outcome(path: Path) -> bool:
    """Whether the file was refused; if not, it has to be the fingerprint as it was."""
    try:
        found = Fingerprint.load(path)
    except InputError:
        return True
    assert differing(found, FINGERPRINT) == []
    return False


@pytest.mark.parametrize("breaking", [flipped, spliced])
def test_a_broken_file_is_refused_or_read_as_it_was(
    breaking: Callable[[bytes, random.Random], bytes], tmp_path: Path
) -> None:
    data = saved(FINGERPRINT, tmp_path)
    rng = random.Random(7)
    path = tmp_path / "broken.fp"
    refused = 0
    for _ in range(400):
        path.write_bytes(breaking(data, rng))
        refused += check_outcome(path)
    assert refused > 300


def test_flips_in_the_directory_of_the_zip_are_refused_or_harmless(tmp_path: Path) -> None:
    data = saved(FINGERPRINT, tmp_path)
    start = data.index(b"PK\x01\x02")
    path = tmp_path / "broken.fp"
    for place in range(start, start + 130):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        check_outcome(path)
    for place in range(len(data) - 22, len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        check_outcome(path)


@given(name=st.sampled_from(KIND.arrays), data=st.data())
def test_any_arrays_with_the_right_hash_are_refused_or_of_use(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def change(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
        place = data.draw(st.integers(0, len(numbers) - 1))
        near = int(numbers[place]) + data.draw(st.integers(-2, 2))
        numbers[place] = data.draw(st.one_of(st.just(near % 2**64), st.integers(0, 2**64 - 1)))
        return numbers

    path = with_array(name, change, tmp_path_factory.getbasetemp())
    try:
        found = Fingerprint.load(path)
    except InputError:
        return
    assert merge(found, FINGERPRINT).n_documents == 24
    assert np.isfinite([*found.statistics.values()]).all()
    matrix = found.sample.rows.matrix(SMALL, ["words", "shape"])
    assert matrix.shape == (len(found.sample.rows), SMALL.n_features)
    assert np.isfinite(matrix.data).all()


@given(
    key=st.sampled_from(["schema", "sha256", *_header(FINGERPRINT._fields)]),
    value=st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=5,
    ),
)
def test_any_value_in_the_header_is_refused_or_of_use(
    key: str, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    header = np.frombuffer(header_text(FINGERPRINT, **{key: value}), np.uint8)
    path = tmp_path_factory.getbasetemp() / "header.fp"
    path.write_bytes(zipped({**entries_of(FINGERPRINT), "header.npy": stored(header)}))
    try:
        found = Fingerprint.load(path)
    except InputError:
        return
    assert differing(found, FINGERPRINT) in ([], [key])
    assert found.name.strip()


def test_nothing_is_left_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match="No space left"):
        FINGERPRINT.save(tmp_path / "a.fp")
    assert [*tmp_path.iterdir()] == []


def test_a_file_that_was_read_has_the_hash_of_what_it_holds(tmp_path: Path) -> None:
    """It is not reckoned anew: a match of many sources would take seconds for it."""
    path = tmp_path / "a.fp"
    made = fit_fingerprint(["one two three four five six seven eight nine"] * 3, "a")
    made.save(path)
    found, sha256 = read_fields(path)
    assert sha256 == fields_sha256(found) == made.sha256 == Fingerprint.load(path).sha256
