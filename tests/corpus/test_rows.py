"""Which text, prompt, group, field and date a row holds."""

from __future__ import annotations

import datetime
import pickle
from typing import Any

import pytest
from known_corpora import DAY, one, refusal

from provenance.corpus import open_corpus

TEXTS: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, str | None]]]] = {
    "text": ({"text": "a", "output": "b"}, {}, [("a", None)]),
    "first name in the list": ({"response": "a", "output": "b"}, {}, [("b", None)]),
    "empty": ({"text": " "}, {}, [(" ", None)]),
    "list of strings": ({"text": ["two", "words"]}, {}, [("two words", None)]),
    "named": ({"text": "a", "answer": "b"}, {"text_field": "answer"}, [("b", None)]),
    "dotted": ({"a": {"b": "c"}}, {"text_field": "a.b"}, [("c", None)]),
    "dot in the key": ({"a.b": "c", "a": {"b": "d"}}, {"text_field": "a.b"}, [("c", None)]),
    "place": ({"a": [{"b": "c"}, {"b": "d"}]}, {"text_field": "a[1].b"}, [("d", None)]),
    "every place": (
        {"a": [{"b": "c"}, {"b": ["d", "e"]}]},
        {"text_field": "a[*].b"},
        [("c", None), ("d e", None)],
    ),
    "every string": ({"a": ["b", "c"]}, {"text_field": "a[*]"}, [("b", None), ("c", None)]),
    "Alpaca": ({"instruction": "Sum", "input": "", "output": "4"}, {}, [("4", "Sum")]),
    "Alpaca with input": (
        {"instruction": "Sum", "input": "1 3", "output": "4"},
        {},
        [("4", "Sum\n1 3")],
    ),
    "chosen": (
        {"prompt": "Hi", "chosen": "a", "rejected": "b"},
        {"text_field": "chosen"},
        [("a", "Hi")],
    ),
    "answer beside preferences": ({"chosen": "a", "response": "b"}, {}, [("b", None)]),
    "prompt null": ({"prompt": None, "text": "a"}, {}, [("a", None)]),
    "prompt order": ({"query": "b", "question": "a", "text": "c"}, {}, [("c", "a")]),
    "prompt named": (
        {"ask": "a", "prompt": "b", "text": "c"},
        {"prompt_field": "ask"},
        [("c", "a")],
    ),
}


@pytest.mark.parametrize(("row", "changes", "expected"), TEXTS.values(), ids=TEXTS)
def test_texts_and_prompts(
    row: dict[str, Any], changes: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    found = [(document.text, document.prompt) for document in open_corpus([row], **changes)]
    assert found == expected


def test_what_stands_beside_a_text() -> None:
    row = {"text": "a", "key": 3, "user": {"name": "u"}, "source": "web", "lang": None, "n": 1.5}
    document = one(
        row,
        id_field="key",
        group_field="user.name",
        domain_field="source",
        by=("source", "n"),
    )
    assert (document.id, document.group, document.domain) == ("3", "u", "web")
    assert document.fields == {"source": "web", "n": "1.5"}
    assert pickle.loads(pickle.dumps(document)) == document


def test_a_text_alone_has_no_group() -> None:
    assert one({"id": "row", "text": "a"}).group is None


def test_a_row_that_lacks_a_field_has_an_empty_one() -> None:
    rows = [{"text": "a", "lang": "en"}, {"text": "b"}, {"text": "c", "lang": None}]
    found = [(d.fields, d.group) for d in open_corpus(rows, by=("lang",), group_field="lang")]
    assert found == [({"lang": "en"}, "en"), ({"lang": ""}, None), ({"lang": ""}, None)]


# --- dates


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-31", DAY),
        ("2024-01-31T23:59:59", DAY),
        ("2024-01-31T23:59:59Z", DAY),
        ("2024-02-01T00:30:00+02:00", DAY),
        ("2024-01-31 20:30:00-02:00", DAY),
        ("20240131", DAY),
        (1706659200, DAY),
        (1706745599, DAY),
        (1706745600, DAY + datetime.timedelta(1)),
        (1706659200.5, DAY),
        (1706659200000, DAY),
        ("1706659200", DAY),
        ("1706659200000", DAY),
    ],
)
def test_dates(value: object, expected: datetime.date) -> None:
    assert one({"text": "a", "at": value}, date_field="at").date == expected


@pytest.mark.parametrize("value", ["soon", "", None, True, [], 1e300, "9" * 400, "2024-13-01"])
def test_dates_that_are_none(value: object) -> None:
    row = {"text": "a", "at": value}
    assert one(row, date_field="at").date is None
    assert "<rows>:1: the date 'at' holds" in refusal([row], date_field="at", before=DAY)


@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_preference_pairs_wait_for_a_word(on_error: str) -> None:
    said = refusal([{"chosen": "a", "rejected": "b", "prompt": "c"}], on_error=on_error)
    assert "Pass --text-field chosen or --text-field rejected" in said


def test_a_missing_id_is_named() -> None:
    rows = [{"text": "a", "key": 1}, {"text": "b"}]
    assert "<rows>:2: the row has no id under 'key'" in refusal(rows, id_field="key")
