"""Which text, prompt, group, field and date a row holds."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from known_corpora import one, refusal

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


@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_preference_pairs_wait_for_a_word(on_error: str) -> None:
    said = refusal([{"chosen": "a", "rejected": "b", "prompt": "c"}], on_error=on_error)
    assert "Pass --text-field chosen or --text-field rejected" in said


def test_a_missing_id_is_named() -> None:
    rows = [{"text": "a", "key": 1}, {"text": "b"}]
    assert "<rows>:2: the row has no id under 'key'" in refusal(rows, id_field="key")
