"""Answers joined to prompts: by id, by prompt, and those that belong to none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.fingerprint.asking.answers import AskedAnswers, joined_to
from provenance.fingerprint.asking.requests import Asked
from provenance.fingerprint.measuring import fit_fingerprint

ASKED = Asked("ask.jsonl", {f"p{n}": f"Question {n}?" for n in range(20)})


def answers(rows: Iterable[Any], **options: Any) -> tuple[AskedAnswers, dict[str, str]]:
    corpus = joined_to(ASKED, open_corpus(iter(list(rows)), **options))
    found = {document.id: document.text for document in corpus}
    return corpus, found


def plain(n: int, text: str | None = "Yes?") -> dict[str, Any]:
    return {"id": f"p{n}", "answer": text}


def filtered(n: int) -> dict[str, Any]:
    choice = {"message": {"content": None}, "finish_reason": "content_filter"}
    return {"custom_id": f"p{n}", "response": {"body": {"choices": [choice]}}}


def expired(n: int) -> dict[str, Any]:
    return {"custom_id": f"p{n}", "result": {"type": "expired"}}


def chat(*turns: str) -> list[dict[str, str]]:
    roles = ("user", "assistant") * len(turns)
    return [{"role": role, "content": text} for role, text in zip(roles, turns, strict=False)]


def test_answers_are_joined_by_id_and_have_the_prompt() -> None:
    rows = [plain(3, "Three."), plain(1, "One.")]
    corpus = joined_to(ASKED, open_corpus(iter(rows)))
    found = [(item.id, item.text, item.prompt) for item in corpus]
    assert found == [("p3", "Three.", "Question 3?"), ("p1", "One.", "Question 1?")]
    assert corpus.joined.n_missing == 18


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Question 4?", "text": "Four."},
        {"id": 77, "prompt": " Question 4?\n", "text": "Four."},
        {"id": 77, "prompt": "Question 4?", "answer": "Four."},
        {"id": "p4", "text": "Four."},
        {"id": "p4", "messages": chat("Question 4?", "Four.")},
        {"messages": chat("Question 4?", "Four.")},
        {"id": "p4", "messages": chat("Question 5?", "Not the API's.", "Question 4?", "Four.")},
        {"messages": chat("Question 5?", "Not the API's.", "Question 4?", "Four.")},
        {"instruction": "Question 4?", "output": "Four."},
    ],
)
def test_any_corpus_with_prompts_is_joined(row: dict[str, Any]) -> None:
    assert answers([row])[1] == {"p4": "Four."}


def test_what_came_back_is_counted() -> None:
    rows = [
        *(plain(n) for n in range(9)),
        plain(9, None),
        filtered(10),
        expired(11),
        plain(0, "Again."),
        plain(0, "Yes?"),
        {"id": "p12", "prompt": "Question 13?", "answer": "Another prompt's."},
    ]
    corpus, found = answers(rows)
    assert sorted(found) == [f"p{n}" for n in range(9)]
    joined = corpus.joined
    assert (joined.n_missing, joined.n_others, joined.n_unknown) == (8, 1, 0)
    assert (joined.n_further, joined.n_copies, joined.n_read) == (1, 1, 15)
    assert joined.told() == [
        "9 of 20 prompts that were asked are answered, 1 was refused, 2 failed, 8 are missing",
        "1 answer more to a prompt that has one",
        "1 answer in the words of another to its prompt, left out",
        "9 answers in words that stand under another prompt too, as refusals do",
        "1 answer to another prompt than that of the id, left out",
    ]
    assert corpus.what_was_read()[:5] == joined.told()


def test_an_answer_outweighs_a_failure_before_and_after_it() -> None:
    corpus, found = answers([expired(0), plain(0), expired(0), filtered(1), expired(1)])
    assert found == {"p0": "Yes?"}
    assert corpus.joined.outcomes == {"p0": "answered", "p1": "refused"}
    assert corpus.joined.n_further == corpus.joined.n_copies == 0


def test_several_answers_to_a_prompt_are_all_kept() -> None:
    choices = [{"message": {"content": f"Answer {n}."}, "finish_reason": "stop"} for n in (1, 2)]
    cut = {"message": {"content": "Answer"}, "finish_reason": "length"}
    refused = {"message": {"content": None, "refusal": "No."}, "finish_reason": "stop"}
    rows = [
        {"custom_id": "p0", "response": {"body": {"choices": [refused, None, *choices, cut]}}},
        {"id": "p1", "answer": "One."},
        {"prompt": "Question 1?", "text": "Another."},
        {"prompt": "Question 0?", "text": "Answer 2."},
    ]
    corpus = joined_to(ASKED, open_corpus(rows))
    found = [(item.id, item.text, item.prompt) for item in corpus]
    assert [text for key, text, _ in found if key == "p0"] == ["Answer 1.", "Answer 2.", "Answer"]
    assert [text for key, text, _ in found if key == "p1"] == ["One.", "Another."]
    assert {prompt for key, _, prompt in found if key == "p1"} == {"Question 1?"}
    joined = corpus.joined
    assert joined.outcomes == {"p0": "answered", "p1": "answered"}
    assert (joined.n_further, joined.n_copies, joined.n_cut) == (3, 1, 1)


def test_a_fingerprint_holds_several_answers_to_a_prompt() -> None:
    words = "one two three four five six seven eight nine ten".split()
    rows = [
        plain(n, " ".join(words[n + time :] + words[: n + time]))
        for n in range(4)
        for time in (0, 5)
    ]
    made = fit_fingerprint(joined_to(ASKED, open_corpus(rows)), "api")
    assert made.n_documents == 8
    assert np.unique(made.sample.prompt_hash, return_counts=True)[1].tolist() == [2] * 4


def test_answers_that_were_cut_are_told() -> None:
    choice = {"message": {"content": "Yes"}, "finish_reason": "length"}
    corpus, _ = answers([{"custom_id": "p0", "response": {"body": {"choices": [choice]}}}])
    assert "1 answer cut off, at a bound of tokens or in a pause" in corpus.joined.told()


def test_a_few_unknown_ids_are_left_out_and_told() -> None:
    corpus, found = answers([*(plain(n) for n in range(18)), {"id": "x\x1b[2J", "answer": "No."}])
    assert len(found) == 18 and corpus.joined.n_unknown == 1
    assert corpus.joined.told()[-1] == ("1 answer to what was not asked, left out, first x\\x1b[2J")


@pytest.mark.parametrize(
    ("n_known", "n_unknown", "is_refused"), [(18, 2, False), (17, 2, True), (0, 5, True)]
)
def test_more_than_a_tenth_of_unknown_ids_is_refused(
    n_known: int, n_unknown: int, is_refused: bool
) -> None:
    rows = [plain(n) for n in range(n_known)]
    rows += [{"id": f"q{n}", "answer": "No."} for n in range(n_unknown)]
    if not is_refused:
        assert len(answers(rows)[1]) == n_known
        return
    with pytest.raises(InputError) as caught:
        answers(rows)
    told = f"{n_unknown} of {n_known + n_unknown} answers are not to the prompts that were asked"
    assert told in str(caught.value) and "q0" in str(caught.value)
    assert "ask.jsonl" in str(caught.value) and "\n" not in str(caught.value)


def test_answers_to_others_prompts_under_known_ids_are_refused() -> None:
    rows = [{"id": f"p{n}", "prompt": f"Question {n + 1}?", "text": "x"} for n in range(9)]
    with pytest.raises(InputError, match="9 of 9 answers are not to the prompts"):
        answers(rows)


def test_where_nobody_answered_that_is_told() -> None:
    with pytest.raises(
        InputError, match=r"no prompt is answered \(0 of 20 .* 1 was refused, 1 fail"
    ):
        answers([filtered(0), expired(1)])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "14 are missing"),
        ({"limit": 4}, "16 were not read, as only a part of the answers was asked for"),
        ({"sample": 5, "seed": 1}, "15 were not read, as only a part of the answers was asked for"),
        ({"limit": 7}, "14 are missing"),
        ({"sample": 7}, "14 are missing"),
    ],
)
def test_what_was_not_read_is_not_missing(options: dict[str, int], told: str) -> None:
    corpus, _ = answers([plain(n) for n in range(6)], **options)
    assert corpus.joined.told()[0].endswith(told)


def test_an_odd_line_stops_nothing() -> None:
    odd = [{"custom_id": f"p{n}", "response": {"body": "<html>"}} for n in (1, 2)]
    corpus, found = answers([plain(0), *odd, plain(3), plain(2)])
    assert [*found] == ["p0", "p3", "p2"] and corpus.counts.n_skipped == 0
    assert corpus.joined.outcomes["p1"] == "failed"
    assert corpus.joined.told()[-1] == (
        "2 lines cannot be read as an answer, and count as failed, first <rows>:2: the body of the"
        " answer is no object"
    )
    with pytest.raises(InputError, match=r"no prompt is answered .* <rows>:1: the body"):
        answers(odd)


def test_a_bad_line_stops_or_is_counted() -> None:
    rows = [plain(0), {"custom_id": ["p1"], "result": {"type": "expired"}}]
    with pytest.raises(InputError, match="<rows>:2: the id of the answer is no text"):
        answers(rows)
    corpus, found = answers(rows, on_error="skip")
    assert len(found) == corpus.counts.n_skipped == 1


def test_a_fingerprint_knows_the_prompts_that_were_asked() -> None:
    words = "one two three four five six seven eight nine ten".split()
    rows = [plain(n, " ".join(words[n:] + words[:n])) for n in range(8)]
    made = fit_fingerprint(joined_to(ASKED, open_corpus(iter(rows))), "api")
    beside = [{"prompt": ASKED.prompts[row["id"]], "text": row["answer"]} for row in rows]
    same = fit_fingerprint(open_corpus(iter(beside)), "api")
    assert made.n_documents == 8
    assert made.sample.prompt_hash.all()
    assert made.sample.prompt_hash.tolist() == same.sample.prompt_hash.tolist()


REFUSAL = "I cannot help with that."


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        pytest.param([f"Question {n} is odd" for n in range(20)], "", id="right"),
        pytest.param([REFUSAL] * 20, "20 answers in words that stand under another", id="refusals"),
        pytest.param(
            [REFUSAL] * 5 + [f"Question {n} is odd" for n in range(5, 20)],
            "5 answers in words that stand under another prompt too, as refusals do",
            id="some refusals",
        ),
        pytest.param(
            [f"Question {(n + n % 2) % 20} is odd" for n in range(20)],
            "of 20 answers that share words with their prompt or the next one, 10 share more with",
            id="other prompts",
        ),
    ],
)
def test_wrong_answers_are_told(texts: list[str], told: str) -> None:
    corpus, _ = answers(plain(n, text) for n, text in enumerate(texts))
    lines = [line for line in corpus.joined.told()[1:] if told in line]
    assert len(corpus.joined.told()) == 1 if not told else len(lines) == 1


def test_a_prompt_beside_its_answer_is_no_matter_of_ids() -> None:
    rows = [{"prompt": f"Question {n}?", "text": f"Question {n + n % 2} is"} for n in range(20)]
    corpus, _ = answers(rows)
    assert not corpus.joined.belonging.n_own
