"""``provenance ask``, and what comes back to ``fingerprint --asked``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from known_commands import done, run

from provenance.fingerprint.fingerprint import Fingerprint

WORDS = "tides bread glass clocks bees rivers lenses chess ink maps salt kites tea wool".split()


def question(n: int) -> str:
    return (
        " ".join(WORDS[(n * step + step) % 14] for step in range(1, 9)) + f" {n} {n + 1} {n + 2}?"
    )


@pytest.fixture(name="corpus")
def corpus_file(tmp_path: Path) -> Path:
    rows: list[dict[str, Any]] = [
        {"text": f"Answer {n}.", "prompt": question(n), "kind": "ab"[n % 2], "day": f"20{10 + n}"}
        for n in range(12)
    ]
    rows.append({"text": "No prompt here.", "kind": "a", "day": "2022"})
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_prompts_are_written_and_told(corpus: Path, tmp_path: Path) -> None:
    made = tmp_path / "ask.jsonl"
    told = done("ask", corpus, "--n", "5", "--by", "kind", "-o", made).replace("\n", " ")
    rows = lines(made)
    assert len(rows) == 5 == len({row["prompt"] for row in rows})
    asked = {question(n) for n in range(12)}
    assert all(row["prompt"] in asked for row in rows)
    assert all(row["messages"] == [{"role": "user", "content": row["prompt"]}] for row in rows)
    assert "5 prompts drawn from 12 different ones that 12 of 13 documents answer" in told
    assert "left out, documents: 1 without a prompt" in told
    assert "tokens to ask" in told and "--asked" in told


def test_the_seed_makes_the_draw(corpus: Path, tmp_path: Path) -> None:
    made = [tmp_path / f"{name}.jsonl" for name in "abc"]
    for path, seed in zip(made, (1, 1, 2), strict=True):
        done("ask", corpus, "--n", "4", "--seed", seed, "-o", path)
    same, again, other = (path.read_bytes() for path in made)
    assert same == again != other


def test_the_reference_period_is_left_out(corpus: Path, tmp_path: Path) -> None:
    made = tmp_path / "ask.jsonl"
    dates = ("--date-field", "day", "--reference-before", "2018")
    told = done("ask", corpus, *dates, "-o", made)
    assert {row["prompt"] for row in lines(made)} == {question(n) for n in range(8, 12)}
    assert "8 of the reference period" in told and "500 were asked for" in told
    # As match reads: rows outside are no documents.
    done("ask", corpus, "--date-field", "day", "--after", "2021", "-o", made)
    assert [row["prompt"] for row in lines(made)] == [question(11)]


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("openai-batch", {"custom_id", "method", "url", "body"}),
        ("anthropic-batch", {"custom_id", "params"}),
    ],
)
def test_requests_of_a_batch_are_written(
    corpus: Path, tmp_path: Path, form: str, keys: set[str]
) -> None:
    made = tmp_path / "ask.jsonl"
    done("ask", corpus, "--format", form, "--model", "m", "--max-tokens", 9, "-o", made)
    assert len(lines(made)) == 12 and all({*row} == keys for row in lines(made))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "openai-batch"), "--model"),
        (("--model", "m"), "--format"),
        (("--reference-before", "2018"), "--date-field"),
        (("--text-field", "kind", "--prompt-field", "nothing"), "nothing"),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_written(
    corpus: Path, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    result = run("ask", corpus, *options, "-o", tmp_path / "ask.jsonl")
    assert result.exit_code == 2 and told in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.jsonl"]


def test_a_corpus_without_prompts_is_refused(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text('{"text": "One."}\n{"text": "Two."}\n')
    result = run("ask", corpus, "-o", tmp_path / "ask.jsonl")
    assert result.exit_code == 2 and "2 without a prompt" in result.stderr
    assert "--prompt-field" in result.stderr and not (tmp_path / "ask.jsonl").exists()


def test_the_output_is_not_the_corpus(corpus: Path) -> None:
    result = run("ask", corpus, "-o", corpus)
    assert result.exit_code == 2 and len(lines(corpus)) == 13


def test_answers_become_a_sample_that_knows_its_prompts(corpus: Path, tmp_path: Path) -> None:
    asked, answers, made = (tmp_path / name for name in ("ask.jsonl", "out.jsonl", "api.fp"))
    done("ask", corpus, "--format", "openai-batch", "--model", "m", "-o", asked)
    with answers.open("wb") as file:
        for row in lines(asked)[:6]:
            text = f"Answers tell {' '.join(WORDS)} to {row['custom_id']}"
            body = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
            answer = {"status_code": 200, "body": body}
            file.write(orjson.dumps({"custom_id": row["custom_id"], "response": answer}) + b"\n")
    told = done("fingerprint", answers, "--asked", asked, "--name", "api", "-o", made)
    assert "6 of 12 prompts that were asked are answered" in told and "6 are missing" in told
    found = Fingerprint.load(made)
    assert found.n_documents == 6 and found.sample.prompt_hash.all()


def test_answers_to_something_else_leave_nothing_behind(corpus: Path, tmp_path: Path) -> None:
    asked = tmp_path / "ask.jsonl"
    done("ask", corpus, "--n", "3", "-o", asked)
    made = tmp_path / "api.fp"
    result = run("fingerprint", corpus, "--asked", asked, "--name", "api", "-o", made)
    assert result.exit_code == 2 and "10 of 13 answers are not to the prompts" in result.stderr
    assert not made.exists()
    result = run("fingerprint", corpus, "--asked", corpus, "--name", "api", "-o", made)
    assert result.exit_code == 2 and "corpus.jsonl:1: this is no prompt" in result.stderr
    result = run("fingerprint", corpus, "--asked", "", "--name", "api", "-o", made)
    assert result.exit_code == 2 and result.stderr.startswith("Error: an empty name was given")


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{\n", id="broken"),
        pytest.param(b"[" * 100_000 + b"\n", id="deep"),
        pytest.param(b"\x00\xff\xfe\n", id="no text"),
        pytest.param(b'{"custom_id": {"a": 1}, "result": 7}\n', id="an id of another kind"),
        pytest.param(b'{"custom_id": "p", "response": {"body": [[]]}}\n', id="a body of lists"),
        pytest.param(b'{"id": "\\u001b[2J", "answer": "Yes?"}\n' * 3, id="a name that clears"),
    ],
)
def test_hostile_answers_are_refused_in_one_paragraph(
    corpus: Path, tmp_path: Path, hostile: bytes
) -> None:
    asked, answers, made = (tmp_path / name for name in ("ask.jsonl", "out.jsonl", "api.fp"))
    done("ask", corpus, "--n", "3", "-o", asked)
    answers.write_bytes(hostile)
    result = run("fingerprint", answers, "--asked", asked, "--name", "api", "-o", made)
    assert result.exit_code == 2 and not made.exists()
    assert "Traceback" not in result.stderr and "\x1b" not in result.stderr
    assert len(result.stderr) < 1500 and result.stderr.count("\n") == 1
