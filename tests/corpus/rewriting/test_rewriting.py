"""A file written again holds the kept rows, in their order and as they were."""

from __future__ import annotations

import gzip
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_formats import columnar, delimited

from provenance.corpus import open_corpus
from provenance.corpus.formats import FORMATS
from provenance.corpus.formats.compression import COMPRESSIONS, decompressed
from provenance.corpus.places.inputs import FileInput
from provenance.corpus.rewriting.choosing import TAG, Choice, Choose
from provenance.corpus.rewriting.packing import packed
from provenance.corpus.rewriting.rewriting import check_rewritable, rewrite
from provenance.errors import InputError

LINES = (".jsonl", ".csv", ".tsv")
KINDS = (*LINES, ".json", ".parquet", ".arrow", ".feather")
# Two of them are written as another is.
TRIED = [
    pytest.param(kind, marks=pytest.mark.slow if kind in (".tsv", ".feather") else ())
    for kind in KINDS
]

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=12)
rows_of_text = st.lists(
    st.tuples(words.map(lambda word: f"x{word}"), words), min_size=1, max_size=9
).map(lambda pairs: [{"text": text, "more": more} for text, more in pairs])


def stored(rows: list[dict[str, str]], suffix: str) -> bytes:
    if suffix == ".jsonl":
        return b"\n".join(json.dumps(row).encode() for row in rows) + b"\n"
    if suffix == ".json":
        return json.dumps(rows, indent=1).encode()
    if suffix in (".csv", ".tsv"):
        return delimited(rows, "," if suffix == ".csv" else "\t")
    return columnar(rows, {".parquet": "parquet", ".arrow": "stream"}.get(suffix, "file"))


def source_of(name: str, data: bytes) -> FileInput:
    place = Path(tempfile.mkdtemp()) / name
    place.write_bytes(data)
    (found,) = open_corpus(place).sources
    return check_rewritable(found, is_tagged=False)


def rewritten(source: FileInput, choose: Choose) -> bytes:
    out = io.BytesIO()
    rewrite(source, out, choose)
    return out.getvalue()


def read(name: str, data: bytes) -> list[str]:
    place = Path(tempfile.mkdtemp()) / name
    place.write_bytes(data)
    return [one.text for one in open_corpus(place, text_field="text")]


@given(rows=rows_of_text, kept=st.lists(st.booleans(), min_size=9, max_size=9))
@pytest.mark.parametrize("suffix", TRIED)
def test_kept_and_dropped_are_all(
    suffix: str, rows: list[dict[str, str]], kept: list[bool]
) -> None:
    name = f"a{suffix}"
    source = source_of(name, stored(rows, suffix))
    lines: list[int] = []

    def choose(line: int) -> Choice:
        if line:
            lines.append(line)
        return Choice(not line or kept[len(lines) - 1])

    data = rewritten(source, choose)
    assert lines == [one.line for one in open_corpus(source.location, text_field="text")]
    assert lines == sorted(lines) and len(lines) == len(rows)
    wanted = [row["text"] for row, keep in zip(rows, kept, strict=False) if keep]
    if wanted:
        expected = read(name, stored([r for r, k in zip(rows, kept, strict=False) if k], suffix))
        assert read(name, data) == expected
    if suffix in LINES and wanted:
        # Rows as they were, the header too.
        assert data == stored([r for r, k in zip(rows, kept, strict=False) if k], suffix)


@given(rows=rows_of_text)
@pytest.mark.parametrize("suffix", [*LINES, ".csv.gz", ".parquet", ".jsonl.zst"])
def test_nothing_dropped_is_the_same_file(suffix: str, rows: list[dict[str, str]]) -> None:
    kind, _, packing = suffix[1:].partition(".")
    data = stored(rows, f".{kind}")
    plain = data
    if packing:
        out = io.BytesIO()
        with packed(out, f".{packing}") as file:
            file.write(data)
        data = out.getvalue()
    found = rewritten(source_of(f"a{suffix}", data), lambda line: Choice(True))
    if packing:
        found = decompressed(io.BytesIO(found), f".{packing}").read()  # type: ignore[arg-type]
    if kind != "parquet":
        assert found == plain
    else:
        import pyarrow.parquet as pq

        before, after = (pq.read_table(io.BytesIO(one)) for one in (plain, found))
        assert after.equals(before, check_metadata=True)


@given(rows=rows_of_text)
@pytest.mark.parametrize("suffix", TRIED)
def test_a_tag_stands_beside_what_was_there(suffix: str, rows: list[dict[str, str]]) -> None:
    name = f"a{suffix}"
    source = source_of(name, stored(rows, suffix))
    said = 'q<=0.05, "log"\tx'
    data = rewritten(source, lambda line: Choice(True, said))
    place = Path(tempfile.mkdtemp()) / name
    place.write_bytes(data)
    found = list(open_corpus(place, text_field="text", by=(TAG, "more")))
    before = list(open_corpus(source.location, text_field="text", by=("more",)))
    assert [one.text for one in found] == [one.text for one in before]
    assert [one.fields["more"] for one in found] == [one.fields["more"] for one in before]
    assert {one.fields[TAG] for one in found} == {said}


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_equal_bytes_are_packed_equally(suffix: str) -> None:
    found = []
    for _ in range(2):
        out = io.BytesIO()
        with packed(out, suffix) as file:
            file.write(b"one\ntwo\n")
        found.append(out.getvalue())
    assert found[0] == found[1]
    stream: Any = io.BytesIO(found[0])
    assert decompressed(stream, suffix).read() == b"one\ntwo\n"


def test_bytes_of_lines_stay_whatever_they_are() -> None:
    data = (
        b'\xef\xbb\xbf{"text": "a",  "n": 1.50}\r\n\n  \n'
        b'{"text": "\\u0062"}\n{"text": broken}\n{"text": "c"}'
    )
    kept = rewritten(source_of("a.jsonl", data), lambda line: Choice(line != 4))
    assert kept == data.replace(b'{"text": "\\u0062"}\n', b"")
    # Blank lines are no rows: those below a dropped one stay.
    first = rewritten(source_of("a.jsonl", data), lambda line: Choice(line != 1))
    assert first == data.replace(b'{"text": "a",  "n": 1.50}\r\n', b"")


def test_a_quoted_row_goes_with_all_its_lines() -> None:
    data = b'text,n\r\n"a\n\n""b"",",1\r\nc,2\r\n\r\n"d\n",3'
    kept = rewritten(source_of("a.csv", data), lambda line: Choice(line != 2))
    assert kept == b'text,n\r\nc,2\r\n\r\n"d\n",3'
    tagged = rewritten(source_of("a.csv", data), lambda line: Choice(True, "x"))
    assert tagged == (b'text,n,provenance_drop\r\n"a\n\n""b"",",1,x\r\nc,2,x\r\n\r\n"d\n",3,x')


def test_an_empty_last_cell_is_tagged_behind_its_tab() -> None:
    data = b"text\tn\na\t\nb\t2\n"
    tagged = rewritten(source_of("a.tsv", data), lambda line: Choice(True, "x"))
    assert tagged == b"text\tn\tprovenance_drop\na\t\tx\nb\t2\tx\n"


def test_groups_schema_and_compression_stay() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {"text": ["a", "b", "c", "d"], "n": pa.array([1, 2, 3, 4], pa.int8())}
    ).replace_schema_metadata({"made": "by hand"})
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=2, compression="zstd")
    kept = rewritten(source_of("a.parquet", sink.getvalue()), lambda line: Choice(line != 2))
    found = pq.ParquetFile(io.BytesIO(kept))
    assert found.schema_arrow.equals(table.schema, check_metadata=True)
    assert found.read()["n"].to_pylist() == [1, 3, 4]
    groups = [found.metadata.row_group(at) for at in range(found.metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [1, 2]
    assert {group.column(0).compression for group in groups} == {"ZSTD"}


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def test_views_of_strings_are_kept() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = parquet({"text": pa.array(["a", "b" * 40, "c"], pa.string_view())})
    kept = rewritten(source_of("a.parquet", data), lambda line: Choice(line != 2))
    found = pq.read_table(io.BytesIO(kept))
    assert (found["text"].to_pylist(), found.schema[0].type) == (["a", "c"], pa.string_view())
    assert not pq.read_table(
        io.BytesIO(rewritten(source_of("a.parquet", data), lambda line: Choice(False)))
    ).num_rows


def test_times_of_96_bits_stay_what_they_were() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def times(unit: str, values: list[int | None]) -> bytes:
        columns = {"text": ["a", "b", "c"], "at": pa.array(values, pa.timestamp(unit))}
        return parquet(columns, use_deprecated_int96_timestamps=True)

    # The years 1 and 9999, which nanoseconds do not reach.
    data = times("us", [-62135596800000000, None, 253402214400000001])
    kept = rewritten(source_of("a.parquet", data), lambda line: Choice(line != 2))
    found = pq.ParquetFile(io.BytesIO(kept), coerce_int96_timestamp_unit="us")
    assert found.schema.column(1).physical_type == "INT96"
    assert found.read()["at"].cast(pa.int64()).to_pylist() == [
        -62135596800000000,
        253402214400000001,
    ]
    fine = source_of("a.parquet", times("ns", [1, 2000, None]))
    with pytest.raises(InputError, match="96 bits"):
        rewritten(fine, lambda line: Choice(True))


def test_a_bad_row_of_a_table_gets_no_cell() -> None:
    data = b"text,n\na\nb,1\nc,2,3\nd,4\n"
    tagged = rewritten(source_of("a.csv", data), lambda line: Choice(True, "x"))
    assert tagged == b"text,n,provenance_drop\na\nb,1,x\nc,2,3\nd,4,x\n"


@pytest.mark.parametrize("codec", [None, "lz4", "zstd"])
def test_arrow_keeps_its_compression(codec: str | None) -> None:
    import pyarrow as pa

    table = pa.table({"text": ["a" * 500] * 20})
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=codec)
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    data = sink.getvalue()
    again = rewritten(source_of("a.arrow", data), lambda line: Choice(True))
    assert abs(len(again) - len(data)) <= 64


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet", ".arrow", ".txt", ".jsonl.gz"])
def test_no_bytes_are_no_rows(suffix: str) -> None:
    assert rewritten(source_of(f"a{suffix}", b""), lambda line: Choice(False)) == b""


def test_a_header_that_cannot_be_read_gets_no_cell() -> None:
    data = b"text,text\na,b\n"
    assert rewritten(source_of("a.csv", data), lambda line: Choice(True, "")) == data


def test_a_text_file_is_one_row() -> None:
    source = source_of("a.txt.gz", gzip.compress(b"A text.", mtime=0))
    assert gzip.decompress(rewritten(source, lambda line: Choice(True))) == b"A text."
    assert not rewrite(source, io.BytesIO(), lambda line: Choice(False))


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.json", b'{"data": [{"text": "a"}]}', "not one list of rows"),
        ("a.json", b'[{"role": "user", "content": "a"}]', "not one list of rows"),
        ("a.json", b'[{"text": "a"}][{"text": "b"}]', "not one list of rows"),
        ("a.jsonl", b'{"text": "a", "provenance_drop": 1}\n', "already"),
        ("a.csv", b"text,provenance_drop\na,1\n", "already"),
        ("a.json", b'["a", "b"]', "no room for a tag"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "a"}\n' * 9, mtime=0)[:-12], "cannot be read"),
    ],
)
def test_what_cannot_be_written_again_is_told(name: str, data: bytes, told: str) -> None:
    source = source_of(name, data)
    with pytest.raises(InputError, match=told) as error:
        rewritten(source, lambda line: Choice(True, "x"))
    assert str(error.value).startswith(f"{os.fspath(source.path)}")


@pytest.mark.parametrize(("name", "tagged"), [("a.warc", False), ("a.txt", True)])
def test_what_is_only_read_is_refused(name: str, tagged: bool) -> None:
    assert f".{name.split('.')[1]}" in FORMATS
    place = Path(tempfile.mkdtemp()) / name
    place.write_bytes(b"A text.")
    (source,) = open_corpus(place).sources
    with pytest.raises(InputError, match=r"Write the texts|Convert it"):
        check_rewritable(source, is_tagged=tagged)
