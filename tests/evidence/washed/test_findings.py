"""Each trace as a finding: what was found, of how many, and what is said."""

from __future__ import annotations

import json

from provenance.corpus.document import Document
from provenance.evidence.washed.findings import with_traces
from provenance.evidence.washed.tally import traces_of
from provenance.files.json import plain
from provenance.records import Diagnostic, Finding

REPAIRS = Finding(
    kind="text_repair", verdict="found", statistic=2, n_documents=2, details={"repairs": {}}
)


def told(texts: list[str]) -> tuple[dict[str, Finding], tuple[Diagnostic, ...]]:
    rows = [Document(id=f"d{n}", text=text, path="x", line=n + 1) for n, text in enumerate(texts)]
    found, checks = with_traces([REPAIRS], traces_of(rows, None)[0])
    by_name = {str(item.details.get("of", item.kind)): item for item in found}
    assert json.loads(json.dumps(plain(list(found))))
    return by_name, checks


def soup(count: int, text: str = "Soup number {}.") -> list[str]:
    return [text.format(number) for number in range(count)]


def test_clean_text_is_accused_of_nothing() -> None:
    found, checks = told([*soup(100), "So\u200bup.", "W\u0430rm soup."])
    edits = ["typing", "gaps", "articles", "joins"]
    assert [*found] == ["text_repair", "phrases", "identity", "lengths", *edits]
    assert {item.verdict for item in found.values()} == {"not_found"}
    assert checks == ()
    assert (found["text_repair"].p_value or 0) > 0.01
    assert found["text_repair"].n_documents == 2


def test_washing_is_found_with_rows_and_a_sentence() -> None:
    found, checks = told(
        [
            *soup(50),
            *soup(20, "So\u200bup {}."),
            *soup(20, "As an AI language model, I had soup {}."),
            *soup(20, "As an AI assistant created by Acme, I had soup {}."),
        ]
    )
    names = ("text_repair", "phrases", "identity")
    assert [found[name].verdict for name in names] == ["found"] * 3
    assert all((found[name].p_value or 1) < 0.01 for name in names)
    assert found["phrases"].n_documents == 20 == len(found["phrases"].where)
    (phrase,) = found["phrases"].details["phrases"]
    assert phrase["language"] == "en" and "2024" in phrase["known_from"]
    assert phrase["in_peoples_text"] == {"n_shown": 0, "n_texts": 17_234}
    assert found["identity"].kind == "suppressed_signature"
    assert [check.name for check in checks] == [
        *("washed[repairs]", "washed[phrases]", "washed[identity]"),
    ]
    assert all(
        check.verdict == "ok" and "no part of the shares" in check.sentence for check in checks
    )
    assert "20 of 110 texts" in checks[1].sentence


def test_copies_of_one_disclosure_are_one() -> None:
    found, _ = told([*soup(50), *["As an AI language model, I had soup."] * 40])
    assert found["phrases"].verdict == "not_found"
    assert found["phrases"].n_documents == 40
    assert found["phrases"].details["n_shown"] == 1


def test_a_corpus_about_models_is_not_accused() -> None:
    found, _ = told(
        soup(60, 'Chatbot {} of OpenAI told me: "As an AI language model, I cannot." So are LLMs.')
    )
    assert found["phrases"].verdict == "not_found"
    assert found["phrases"].details["n_quoted_or_about_models"] == 60


def test_texts_cut_at_one_length_are_found() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen " * 9
    texts = [(f"{number} " + words)[: 300 if number % 2 else 250 + number] for number in range(60)]
    found, checks = told(texts)
    assert found["lengths"].verdict == "found"
    assert found["lengths"].details["length"] == 300
    assert "300 characters" in checks[-1].sentence


def test_repairs_are_told_where_nobody_read_for_them() -> None:
    rows = [Document(id=f"d{n}", text=f"So\u200bup {n}.", path="x", line=n) for n in range(30)]
    found, _ = with_traces([], traces_of(rows, None)[0])
    assert found[0].kind == "text_repair"
    assert (found[0].verdict, found[0].n_documents, len(found[0].where)) == ("found", 30, 20)


def test_light_edits_are_found_with_rows_and_a_sentence() -> None:
    plain = "It is soup {} that we had for dinner and it was good in the end."
    typed = "It is soup {} that we had becuase of the rain and it was good in the end."
    gaps = "We\thad  soup\xa0number {} in  the\tend of\xa0it."
    bare = (
        "It was soup {} on table of friend, and they have it by day of rest: he has to be at home,"
        " but we are on way to that town, and this was of use to his sister by end of it."
    )
    joined = "It is the end of the day: soup {} was the of a important house."
    washed = [*soup(20, typed), *soup(20, gaps), *soup(20, bare), *soup(20, joined)]
    found, checks = told([*soup(20, plain), *washed])
    for name in ("typing", "gaps", "articles", "joins"):
        assert found[name].verdict == "found" and found[name].n_documents == 20
        assert found[name].kind == "suppressed_signature" and len(found[name].where) == 20
        assert (found[name].p_value or 0) < 1e-3
    assert [check.name for check in checks] == [
        f"washed[{name}]" for name in ("typing", "gaps", "articles", "joins")
    ]
    assert "20 of 100 texts hold errors of typing" in checks[0].sentence
    assert "20 of 100 texts are English and hold next to no article" in checks[2].sentence


def test_a_few_errors_are_no_washing() -> None:
    typed = "It is soup {} that we had becuase of the rain and it was good in the end."
    found, checks = told([*soup(198), *soup(2, typed)])
    assert found["typing"].verdict == "not_found" and checks == ()
