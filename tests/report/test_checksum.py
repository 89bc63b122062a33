"""The checksum of a report: how it is written changes nothing, what it says changes everything."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import InputError, ProvenanceWarning
from provenance.report.checksum import KEY, check_content, content_sha256
from provenance.report.report import Report

CHANGED = "changed since it was written"


def written(make: Callable[[], Report] = examples.estimated) -> dict[str, Any]:
    values = make().to_dict()
    return {**values, KEY: content_sha256(values)}


WRITTEN = written()


def refusal(values: object) -> str:
    with pytest.raises(InputError) as caught:
        Report.from_dict(values)
    return str(caught.value)


def test_a_saved_report_carries_its_checksum(tmp_path: Path) -> None:
    made = examples.estimated()
    made.save(tmp_path / "report.json")
    found = orjson.loads((tmp_path / "report.json").read_bytes())
    assert list(found)[-1] == KEY
    assert {name: value for name, value in found.items() if name != KEY} == made.to_dict()
    assert check_content(found)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Report.load(tmp_path) == made


def test_the_checksum_is_that_of_the_words_of_its_description() -> None:
    """Made by hand with the standard library, on values whose spelling no library disputes."""
    text = b'{"a":[1,2.5,null,true],"b":{"c":"\xc3\xa9","d":-3}}'
    values = {"b": {"d": -3.0, "c": "é"}, KEY: "whatever", "a": [1, 2.5, None, True]}
    assert content_sha256(values) == hashlib.sha256(text).hexdigest()


def turned(value: Any, rng: random.Random) -> Any:
    """The same with every object's keys in another order."""
    if isinstance(value, dict):
        items = [(name, turned(item, rng)) for name, item in value.items()]
        rng.shuffle(items)
        return dict(items)
    return [turned(item, rng) for item in value] if isinstance(value, list) else value


def shortened(value: Any) -> Any:
    """The same as written by a tool whose numbers are all of one kind: 1.0 becomes 1."""
    if isinstance(value, dict):
        return {name: shortened(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


REWRITTEN: dict[str, Callable[[Any], str | bytes]] = {
    "as it is": json.dumps,
    "on many lines": lambda values: json.dumps(values, indent=7),
    "unescaped": lambda values: json.dumps(values, ensure_ascii=False),
    "sorted": lambda values: json.dumps(values, sort_keys=True),
    "with another library": orjson.dumps,
    "shuffled": lambda values: json.dumps(turned(values, random.Random(0))),
    "without fractions": lambda values: json.dumps(shortened(values)),
    "twice": lambda values: json.dumps(json.loads(json.dumps(values, indent=1))),
}


@pytest.mark.parametrize("rewrite", REWRITTEN.values(), ids=REWRITTEN)
@pytest.mark.parametrize("make", [examples.estimated, examples.crowded, examples.hostile])
def test_how_it_is_written_changes_nothing(
    make: Callable[[], Report], rewrite: Callable[[Any], str | bytes], tmp_path: Path
) -> None:
    text = rewrite(written(make))
    (tmp_path / "report.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert Report.load(tmp_path) == make()


@pytest.mark.parametrize("text", ["0.25", "25e-2", "2.5E-1", "0.250000000000000000000000"])
def test_how_a_number_is_spelt_changes_nothing(text: str) -> None:
    found = orjson.loads(f'{{"a": {text}, "b": -0.0, "c": 1e3}}')
    assert content_sha256(found) == content_sha256({"a": 0.25, "b": 0, "c": 1000})


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    inner = [
        place
        for name, item in items
        if isinstance(item, dict | list)
        for place in places(item, (*at, name))
    ]
    names = value if isinstance(value, dict) else range(len(value))
    return [(*at, name) for name in names] + inner


PLACES = [place for place in places(WRITTEN) if place != (KEY,)]
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    0.5,
    1e-300,
    2**53 + 1,
    "",
    "0",
    "é",
    [],
    {},
    [0],
    {"a": 0},
)


def other(value: Any, drawn: Any) -> Any:
    same = type(value) is type(drawn) and value == drawn
    numbers = {type(value), type(drawn)} <= {int, float}
    return "something else" if same or (numbers and value == drawn) else drawn


@given(place=st.sampled_from(PLACES), drawn=st.sampled_from(OTHERS))
def test_any_changed_value_is_refused(place: tuple[Any, ...], drawn: Any) -> None:
    values = copy.deepcopy(WRITTEN)
    at = values
    for name in place[:-1]:
        at = at[name]
    at[place[-1]] = other(at[place[-1]], drawn)
    told = refusal(values)
    assert (CHANGED in told) == (place != ("schema",))


@given(place=st.sampled_from(PLACES))
def test_any_key_that_is_gone_or_new_is_refused(place: tuple[Any, ...]) -> None:
    for change in ("gone", "new"):
        values = copy.deepcopy(WRITTEN)
        at: Any = values
        for name in place[:-1]:
            at = at[name]
        if change == "gone":
            del at[place[-1]]
        elif isinstance(at, dict):
            at["new"] = None
        else:
            at.append(None)
        told = refusal(values)
        assert CHANGED in told or place == ("schema",)


@pytest.mark.parametrize("found", [None, "", "0" * 64, 3, [], {}, WRITTEN[KEY].upper()])
def test_another_checksum_is_refused(found: object) -> None:
    assert CHANGED in refusal({**WRITTEN, KEY: found})


def test_hostile_depth_is_refused_without_recursion(tmp_path: Path) -> None:
    deep = b"[" * 1000 + b"]" * 1000
    text = orjson.dumps(WRITTEN)[:-1] + b', "later": ' + deep + b"}"
    (tmp_path / "report.json").write_bytes(text)
    with pytest.raises(InputError, match="nested too deeply"):
        Report.load(tmp_path)


def test_values_that_are_not_json_are_refused() -> None:
    assert "not JSON" in refusal({**WRITTEN, "later": {1, 2}})


def test_a_report_without_a_checksum_is_read_and_told(tmp_path: Path) -> None:
    made = examples.estimated()
    (tmp_path / "report.json").write_bytes(orjson.dumps(made.to_dict()))
    with pytest.warns(ProvenanceWarning, match="carries no checksum"):
        assert Report.load(tmp_path) == made
