"""A validation is written and read back; whatever else is read is refused."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from known_validation import validated

from provenance import InputError
from provenance.validation.page import markdown, page
from provenance.validation.result import Validation


def test_a_validation_is_written_and_read_back(tmp_path: Path) -> None:
    validated().save(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "validation.html",
        "validation.json",
        "validation.md",
    ]
    assert Validation.load(tmp_path / "out") == validated()
    values = orjson.loads((tmp_path / "out" / "validation.json").read_bytes())
    assert len(values["table"]) == len(validated().table())
    assert [row["winkler_score"] for row in values["table"]] == [
        row.winkler_score for row in validated().table()
    ]
    assert str(tmp_path) not in (tmp_path / "out" / "validation.json").read_text()


def test_an_older_file_tells_of_no_lists(tmp_path: Path) -> None:
    values = validated().to_dict()
    del values["options"]["fdr"], values["list_table"]
    for item in values["readings"]:
        del item["n_listed"], item["n_false"]
    (tmp_path / "validation.json").write_bytes(orjson.dumps(values))
    found = Validation.load(tmp_path)
    assert found.list_table() == () and found.table() == validated().table()
    assert "listed" not in markdown(found) and "realised FDR</th>" not in page(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ("[]", "no validation"),
        ('{"schema": "provenance-validation/1"}', "`name` is missing"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "validation.json"
    path.write_text(text)
    with pytest.raises(InputError, match=told) as caught:
        Validation.load(tmp_path)
    assert caught.value.where == str(path)


def test_a_level_that_no_interval_has_is_refused(tmp_path: Path) -> None:
    values = validated().to_dict() | {"confidence_level": 1.0}
    (tmp_path / "validation.json").write_bytes(orjson.dumps(values))
    with pytest.raises(InputError, match=r"confidence_level is 1\.0") as caught:
        Validation.load(tmp_path)
    assert caught.value.where == str(tmp_path / "validation.json")


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="output is a file"):
        validated().save(tmp_path / "out")
