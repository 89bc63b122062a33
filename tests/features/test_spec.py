"""A spec that cannot be measured is refused, wherever it is made and wherever it is read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st
from known_text import SPEC, panel

from provenance.errors import InputError
from provenance.features.features import extract
from provenance.features.spec import _BOUNDS, FeatureSpec, check_bounds
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.report.report import Report
from provenance.scoring.cached.file import load_panel, save_panel

NUMBERS = [field.name for field in fields(FeatureSpec) if type(field.default) is int]
ABSURD: list[tuple[str, Any]] = [
    *((name, _BOUNDS[name][0] - 1) for name in NUMBERS),
    *((name, _BOUNDS[name][1] + 1) for name in NUMBERS),
    *((name, value) for name in ("passage_tokens", "word_bits") for value in (
        -1, 2**63, 10**5000, True, 8.0, float("nan"), "8", None, [8], np.int64(8))),
    ("encoding", ""),
    ("encoding", "x" * 65),
    ("encoding", "\x1b[2J"),
    ("encoding", 3),
    ("strip_markdown", 1),
    ("schema", "provenance-features/9"),
]  # fmt: skip


def test_every_number_has_bounds() -> None:
    assert sorted(_BOUNDS) == sorted(NUMBERS)


@pytest.mark.parametrize("place", range(len(ABSURD)))
def test_what_cannot_be_measured_is_no_spec(place: int) -> None:
    name, value = ABSURD[place]
    makers: list[Callable[[], object]] = [
        lambda: FeatureSpec(**{name: value}),
        lambda: replace(FeatureSpec(), **{name: value}),
        lambda: FeatureSpec.from_dict({**asdict(FeatureSpec()), name: value}),
    ]
    for make in makers:
        with pytest.raises(InputError) as caught:
            make()
        told = str(caught.value)
        assert told.isprintable() and len(told) < 200
        assert name in told or name == "schema"


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("end", [0, 1])
def test_the_bounds_themselves_are_allowed(name: str, end: int) -> None:
    values: dict[str, Any] = {name: _BOUNDS[name][end]}
    assert getattr(FeatureSpec(**values), name) == values[name]


SMALL: dict[str, Any] = {"word_bits": 6, "shape_bits": 6, "token_bits": 6, "frequency_bits": 6}
TEXTS = [
    "One two. Three four! Five six? Seven eight.",
    "a " * 40,
    "",
    "\n\n",
    "x" * 300,
    "你好。" * 9,
]


@given(
    passage_tokens=st.sampled_from([1, 2, 3, 512, 1 << 20]),
    min_tokens=st.sampled_from([0, 1, 8, 600, 1 << 20]),
    orders=st.tuples(*[st.integers(1, 8)] * 3),
    edges=st.tuples(*[st.sampled_from([0, 1, 5, 1 << 12])] * 3),
)
def test_whatever_is_allowed_can_be_measured(
    passage_tokens: int,
    min_tokens: int,
    orders: tuple[int, int, int],
    edges: tuple[int, int, int],
) -> None:
    """Also the odd ones: documents must be longer than their passages, edges lie inside others."""
    spec = FeatureSpec(
        passage_tokens=passage_tokens,
        min_tokens=min_tokens,
        word_order=orders[0],
        shape_order=orders[1],
        token_order=orders[2],
        opening=edges[0],
        long_opening=edges[1],
        ending=edges[2],
        **SMALL,
    )
    batch = extract(TEXTS, spec)
    short = np.bincount(batch.document, minlength=len(TEXTS)) == 0
    assert short.tolist() == (batch.n_tokens < min_tokens).tolist() or min_tokens == 0
    assert (batch.passage_tokens >= 0).all()
    assert np.isfinite(batch.statistics).all()


# In files


def with_header(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Rewrite the header of an archive; the arrays stay, and their hash with them."""
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: (entry, archive.read(entry)) for entry in archive.infolist()}
    entry, data = entries["header.npy"]
    header = json.loads(np.load(BytesIO(data)).tobytes())
    change(header)
    target = BytesIO()
    np.save(target, np.frombuffer(json.dumps(header).encode(), np.uint8))
    entries["header.npy"] = (entry, target.getvalue())
    with zipfile.ZipFile(path, "w") as archive:
        for kept, data in entries.values():
            archive.writestr(kept.filename, data, compress_type=kept.compress_type)


@pytest.mark.parametrize(
    ("name", "value"), [("passage_tokens", 0), ("word_bits", 60), ("min_tokens", True)]
)
def test_a_header_with_it_is_refused(name: str, value: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.fp"
    Fingerprint.empty("a", SPEC).save(path)
    with_header(path, lambda header: header["spec"].update({name: value}))
    with pytest.raises(InputError, match=name) as caught:
        Fingerprint.load(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("name", ["rows", "row_tokens"])
def test_limits_in_a_header_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.fp"
    Fingerprint.empty("a", SPEC).save(path)
    with_header(path, lambda header: header["limits"].update({name: 0}))
    with pytest.raises(InputError, match=f"{name} is out of bounds"):
        Fingerprint.load(path)


def test_a_cached_panel_with_it_is_refused(tmp_path: Path) -> None:
    """Its checksum is right: somebody made it so."""
    made = panel()
    spec = replace(made.spec)
    object.__setattr__(spec, "passage_tokens", 0)
    save_panel(replace(made, spec=spec), tmp_path / "a.panel")
    with pytest.raises(InputError, match="passage_tokens is out of bounds"):
        load_panel(tmp_path / "a.panel")


def test_a_report_with_it_is_refused() -> None:
    values = examples.estimated().to_dict()
    values["manifest"]["spec"] = {**asdict(FeatureSpec()), "passage_tokens": 0}
    with pytest.raises(InputError, match="passage_tokens is out of bounds"):
        Report.from_dict(values)


def test_whatever_else_a_spec_of_a_report_says_is_kept() -> None:
    values = examples.estimated().to_dict()
    values["manifest"]["spec"] = {"schema": "provenance-features/9", "later": 10**9}
    assert Report.from_dict(values).manifest.spec == values["manifest"]["spec"]
    check_bounds({"later": -1, "passage_tokens": 1})


def test_a_spec_survives_json() -> None:
    spec = FeatureSpec(min_tokens=3, strip_markdown=True)
    assert FeatureSpec.from_dict(json.loads(json.dumps(asdict(spec)))) == spec


def test_differences_name_the_fields_and_values() -> None:
    other = FeatureSpec(word_bits=18, encoding="cl100k_base")
    assert FeatureSpec().differences(other) == [
        "encoding: o200k_base and cl100k_base",
        "word_bits: 19 and 18",
    ]
    assert other.differences(replace(other)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"word_bits": 0}, "word_bits"),
        ({"word_bits": 60}, "word_bits"),
        ({"shape_bits": 25}, "shape_bits"),
        ({"frequency_bits": -1}, "frequency_bits"),
        ({"word_order": 10**9}, "word_order"),
        ({"shape_order": 0}, "shape_order"),
        ({"opening": 10**12}, "opening"),
        ({"long_opening": -1}, "long_opening"),
        ({"ending": 1 << 40}, "ending"),
        ({"passage_tokens": 0}, "passage_tokens"),
        ({"min_tokens": -1}, "min_tokens"),
        ({"min_tokens": True}, "min_tokens"),
        ({"min_tokens": 8.0}, "min_tokens"),
        ({"min_tokens": "8"}, "min_tokens"),
        ({"min_tokens": None}, "min_tokens"),
        ({"strip_markdown": 1}, "strip_markdown"),
        ({"encoding": ["o200k_base"]}, "encoding"),
        ({"schema": "provenance-features/9"}, "provenance-features/9"),
        ({"more": 1}, "fields"),
    ],
)
def test_a_hostile_spec_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        FeatureSpec.from_dict({**asdict(FeatureSpec()), **change})


@pytest.mark.parametrize("values", [None, [], "spec", 3, {}, {"schema": "x"}])
def test_what_is_no_spec_is_refused(values: object) -> None:
    with pytest.raises(InputError, match="fields"):
        FeatureSpec.from_dict(values)
