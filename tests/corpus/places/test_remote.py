"""What a server gives in bad health is what it gives in good health, or is told."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from known_servers import Served, serving

from provenance.corpus import open_corpus
from provenance.corpus.places import remote
from provenance.corpus.places.remote import again
from provenance.errors import InputError

TEXTS = [f"Row {number} of many, {'and so on ' * (number % 7)}" for number in range(4_000)]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_WAITS", (0.0, 0.0, 0.0))


def lines() -> bytes:
    return b"".join(json.dumps({"text": text}).encode() + b"\n" for text in TEXTS)


def parquet(tmp_path: Path) -> bytes:
    """The texts beside a column that takes far more room."""
    noise = [f"{number * 7_919_777:x}" * 200 for number in range(len(TEXTS))]
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"text": TEXTS, "noise": noise}),
        path,
        compression="none",
        row_group_size=1000,
        use_dictionary=False,
    )
    return path.read_bytes()


def texts(url: str, **options: Any) -> list[str]:
    return [document.text for document in open_corpus(url, **options)]


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize(
    "health", [{}, {"busy": 2}, {"cut": 3}, {"busy": 1, "cut": 1}, {"down": 2}]
)
def test_lines_of_a_server(ranges: bool, health: dict[str, Any]) -> None:
    files = {"/a.jsonl": lines(), "/a.jsonl.gz": gzip.compress(lines())}
    for name in files:
        with serving(Served(files, ranges, **health)) as served:
            assert texts(f"{served.url}{name}?token=secret") == TEXTS


@pytest.mark.parametrize("health", [{}, {"busy": 2}, {"cut": 2}])
def test_a_table_of_a_server_is_read_by_column(tmp_path: Path, health: dict[str, Any]) -> None:
    whole = parquet(tmp_path)
    with serving(Served({"/a.parquet": whole}, **health)) as served:
        assert texts(f"{served.url}/a.parquet") == TEXTS
        assert served.given < len(whole) / 2


def test_a_server_that_stays_ill_is_told_without_its_secrets() -> None:
    with (
        serving(Served({"/a.jsonl": lines()}, busy=99)) as served,
        pytest.raises(InputError) as told,
    ):
        texts(f"{served.url.replace('//', '//me:secret@')}/a.jsonl?token=secret")
    assert "secret" not in str(told.value)
    assert "503" in str(told.value)


def test_what_is_not_there_is_asked_for_once() -> None:
    with serving(Served({})) as served:
        with pytest.raises(InputError, match="no such file"):
            texts(f"{served.url}/a.jsonl")
        assert len(served.asked) <= 3


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:1/a.jsonl", "127.0.0.1:1"),
        ("http:///a.jsonl", "InvalidUrl"),
    ],
)
def test_a_server_that_is_not_there_is_no_missing_file(url: str, told: str) -> None:
    with pytest.raises(InputError, match=f"cannot be read .*{told}"):
        texts(url)


def test_who_may_not_read_is_told_at_once() -> None:
    with serving(Served({"/a.jsonl": lines()}, refused=403)) as served:
        with pytest.raises(InputError, match="403"):
            texts(f"{served.url}/a.jsonl")
        assert len(served.asked) <= 3


@pytest.mark.parametrize("mark", ["ETag", "Last-Modified"])
def test_a_file_that_is_written_anew_between_its_parts(mark: str) -> None:
    """Parts of two files, one behind the other, are rows of neither."""
    first, second = (b'{"text": "%s"}\n' % (letter * 80) * 70_000 for letter in (b"a", b"b"))
    served = Served({"/a.jsonl": first}, later={"/a.jsonl": second}, mark=mark)
    with serving(served), pytest.raises(InputError, match="changed while it was read"):
        texts(f"{served.url}/a.jsonl")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed")
    # One that was made for another server would be taken for this one's.
    s3fs.S3FileSystem.clear_instance_cache()
    files = {
        "/bucket/corpus/a.jsonl": lines(),
        "/bucket/corpus/deep/b.jsonl.gz": gzip.compress(lines()),
        "/bucket/corpus/notes.md": b"not a corpus",
    }
    with serving(Served(files)) as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield served


def test_a_folder_of_a_bucket(bucket: Served) -> None:
    bucket.busy = bucket.cut = 1
    corpus = open_corpus("s3://bucket/corpus")
    assert [document.text for document in corpus] == [*TEXTS, *TEXTS]
    assert corpus.paths == ["s3://bucket/corpus/a.jsonl", "s3://bucket/corpus/deep/b.jsonl.gz"]
    assert ["notes.md" in one for one in corpus.passed_over] == [True]


def test_a_glob_of_a_bucket(bucket: Served) -> None:
    assert texts("s3://bucket/corpus/*.jsonl") == TEXTS


class Broken(io.BytesIO):
    """Fails at one place, once for all that were opened."""

    left = 1

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 20 and Broken.left:
            Broken.left -= 1
            raise OSError("reset by peer")
        return super().read(size)


class Changing:
    """A filesystem whose file is another one each time."""

    def __init__(self) -> None:
        self.opened = 0

    def open(self, location: str, mode: str, block_size: int | None) -> Broken:
        self.opened += 1
        return Broken(b"0123456789" * (5 + self.opened))

    def info(self, location: str) -> dict[str, int]:
        return {"size": 10 * (5 + self.opened)}


def test_a_file_that_is_another_one_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Broken, "left", 1)
    found = remote.RemoteFile(Changing(), "a")
    assert found.read(20) == b"0123456789" * 2
    with pytest.raises(ValueError, match="changed while it was read"):
        found.read(20)


class Shrinking(Broken):
    """Cannot be sought in, and ends before the place that was reached when it is opened anew."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise ValueError("no seeking")


class Streams:
    """A filesystem that tells nothing of its files."""

    def __init__(self) -> None:
        self.lengths = iter([50, 15])

    def open(self, location: str, mode: str, block_size: int | None) -> Broken:
        return Shrinking(b"0" * next(self.lengths))

    def info(self, location: str) -> dict[str, int]:
        raise FileNotFoundError(location)


def test_a_stream_that_is_shorter_when_it_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Broken, "left", 1)
    found = remote.RemoteFile(Streams(), "a")
    assert found.read(20) == b"0" * 20
    with pytest.raises(ValueError, match="changed while it was read"):
        found.read(20)


def test_after_a_failure_a_place_can_be_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Broken, "left", 4)
    filesystem = Changing()
    filesystem.info = lambda location: {}  # type: ignore[method-assign]
    found = remote.RemoteFile(filesystem, "a")
    assert found.read(20) == b"0123456789" * 2
    with pytest.raises(OSError, match="reset by peer"):
        found.read(20)
    assert found.seek(5) == 5
    assert found.read(5) == b"56789"


def test_tries_are_counted() -> None:
    tries = []

    def failing() -> None:
        tries.append(1)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        again(failing)
    assert len(tries) == 4
