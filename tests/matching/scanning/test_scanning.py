"""A corpus and nothing else, from its rows to the report."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from rich.console import Console

from provenance.cli.gate import bounds
from provenance.corpus import open_corpus
from provenance.corpus.document import CorpusOptions
from provenance.errors import InputError
from provenance.matching.library.library import starter_library
from provenance.matching.scanning.scanning import scan
from provenance.report.page.next_steps import next_steps
from provenance.report.page.page import render_html
from provenance.report.page.weaknesses import weaknesses
from provenance.report.report import Report
from provenance.report.terminal import render_terminal
from provenance.simulate.words import library_texts
from provenance.words import TO_TELL_MORE


def manual(n: int = 160) -> list[dict[str, Any]]:
    """Python's manual, which people wrote, in parts of two kinds."""
    texts = [text for text in library_texts() if len(text) > 300]
    return [{"text": text[:1500], "part": "ab"[at % 2]} for at, text in enumerate(texts[:n])]


def on_the_terminal(report: Report) -> str:
    """What is printed, in one line."""
    stream = io.StringIO()
    render_terminal(report, Console(file=stream, width=200))
    return " ".join(stream.getvalue().split())


def test_peoples_text_is_not_accused(tmp_path: Path) -> None:
    report = scan(open_corpus(manual(), CorpusOptions(by=("part",))), output=tmp_path / "out")
    row = report.model_like()
    assert row is not None and row.low == 0
    assert {item.role for item in report.shares} == {"machine", "unknown"}
    assert report.candidates() == ()
    assert "unknown" not in report.summary()
    again = Report.load(tmp_path / "out")
    assert again.summary() == report.summary()
    rows = pq.read_table(tmp_path / "out" / "documents.parquet")
    assert rows.num_rows == report.corpus.n_documents
    assert {"id", "line", "judged", "score[stack]"} <= {*rows.column_names}
    # No list without a low end that stands behind it.
    assert rows["q[machine]"].null_count == rows["p[machine]"].null_count == rows.num_rows
    assert not report.excerpts
    page = (tmp_path / "out" / "report.html").read_text()
    assert "reads as a language model" in page


def test_another_language_is_refused_with_what_to_bring() -> None:
    texts = [
        f"Wir haben am {n}. Tag lange auf den Zug gewartet, aber er kam nicht. " * 5
        for n in range(40)
    ]
    report = scan(open_corpus([{"text": text} for text in texts]))
    assert report.verdict == "withheld"
    assert "English" in report.summary()
    assert "%" not in report.reasons[0]
    assert any("provenance match" in reason for reason in report.reasons)


def test_a_corpus_of_models_scores_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores as of models' text, whatever the text is."""
    library = starter_library()
    scored: Any = lambda _, features: np.full((len(features.n_tokens), 4), 1.2)  # noqa: E731
    monkeypatch.setattr(type(library), "scores", scored)
    report = scan(open_corpus(manual(), CorpusOptions(by=("part",))))
    row = report.model_like()
    assert row is not None and row.share is not None
    assert row.low > 0.8 and row.share > 0.9
    assert {part.value for part in report.breakdown} == {"a", "b"}
    assert all(part.shares[0].low > 0.5 for part in report.breakdown)
    assert report.excerpts
    assert not any("No single row is listed" in reason for reason in report.reasons)
    n_listed = int((report.documents["q[machine]"] <= 0.05).sum())
    told = f"{n_listed} rows are listed (q-value at most 0.05)"
    assert n_listed > 1 and any(reason.startswith(told) for reason in report.reasons)
    strict = scan(open_corpus(manual()), fdr=1e-9)
    assert any("No single row is listed" in reason for reason in strict.reasons)
    assert not strict.excerpts
    (bound,) = bounds(report, ("machine",))
    assert bound.name.startswith("share of documents that were judged")
    assert "np." not in repr(row)
    assert "n-grams are marked" not in render_html(report)


def test_what_open_corpus_takes_is_taken() -> None:
    import pandas as pd

    table = pd.DataFrame(manual(40)).rename(columns={"text": "said"})
    report = scan(table, text_field="said", by=("part",))
    assert report.corpus.n_documents == 40
    with pytest.raises(InputError, match="text_field cannot be changed"):
        scan(open_corpus(manual(2)), text_field="said")
    with pytest.raises(InputError, match="int"):
        scan(3)
    library: Any = "starter.library"
    with pytest.raises(InputError, match="library is a str"):
        scan(table, library=library)


def test_nothing_is_said_of_samples_that_nobody_gave() -> None:
    report = scan([{"text": "It was a cold day and we all went to the sea. " * 9}])
    assert "too few independent documents of English prose: 1," in report.summary()
    page = render_html(report)
    assert "none of these sources" not in page and "samples hold" not in page


def test_what_was_left_out_is_told_once_before_the_checks() -> None:
    german = "Wir haben lange auf den Zug gewartet, aber er kam nicht, und es war kalt. " * 5
    page = render_html(scan([*manual(40), {"text": german}]))
    told = (
        "Outside the share, of 41 documents: shorter than 30 tokens 0, in another language than"
        " English 1 (de 1), code 9, neither prose nor code 0."
    )
    # Under what weakens it; the table of all checks points there.
    assert page.count(told) == 1


def test_what_washing_leaves_and_who_asked_is_told(tmp_path: Path) -> None:
    speaking = [
        {"text": f"As an AI language model, I cannot tell you of day {n}. " + "We went on. " * 20}
        for n in range(20)
    ]
    out = tmp_path / "out"
    report = scan([*manual(40), *speaking], output=out, title="Spring", case="7", author="A. B.")
    (found,) = [one for one in report.findings if one.kind == "disclosure"]
    assert (found.verdict, found.n_documents) == ("found", 20)
    assert any(one.kind == "washed" for one in report.diagnostics)
    marks = pq.read_table(out / "documents.parquet")["findings"].to_pylist()
    assert sum("disclosure" in one for one in marks) == 20
    told = report.manifest
    assert (told.title, told.case, told.author) == ("Spring", "7", "A. B.")


def test_each_reason_is_in_the_checks_and_in_the_rows(tmp_path: Path) -> None:
    others = [
        {"text": "Too short."},
        {"text": "Wir haben lange auf den Zug gewartet, aber er kam nicht, und es war kalt. " * 5},
        {"text": "for (i = 0; i < n; i++) { total[i] += value[i]; print(total[i]); }\n" * 9},
        {"text": "Hamburg 7 kg, Turku 9 kg, Porto 3 kg, Oslo 2 kg, Malmo 5 kg, Ghent 8 kg. " * 9},
    ]
    prose = [{"text": f"On day {n} we all went down to the sea. " * 9} for n in range(40)]
    report = scan([*prose, *others], output=tmp_path / "out")
    checks = {one.name: one.statistic for one in report.diagnostics}
    assert checks["short_documents"] == checks["language"] == checks["code"] == checks["unlike"]
    assert checks["code"] == 1 / 44
    rows = pq.read_table(tmp_path / "out" / "documents.parquet")["left_out"].to_pylist()
    assert rows == [None] * 40 + ["too short", "language", "code", "unlike"]
    # One number, one meaning: what is judged is neither too short nor of another kind.
    assert (report.corpus.n_scored, report.corpus.n_judged, report.n_counted) == (43, 40, 40)
    told = on_the_terminal(report)
    assert "40 of 44 documents judged, 1 too short, 3 of another kind" in told
    assert "scored" not in told
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<dt>Judged</dt><dd>40</dd>" in page and "<dt>Scored</dt>" not in page
    assert Report.load(tmp_path / "out").corpus.n_judged == 40


def test_no_family_is_named_and_what_to_bring_is_said() -> None:
    report = scan(manual(40))
    assert report.families == ()
    assert any("no family of models" in one for one in report.reasons)
    (told,) = [one for one in report.reasons if one.startswith(TO_TELL_MORE)]
    assert "provenance ask" in told


@pytest.mark.parametrize("n_texts", [12, 160])
def test_what_to_bring_is_said_once(n_texts: int, tmp_path: Path) -> None:
    report = scan(manual(n_texts), output=tmp_path / "out")
    assert (report.verdict == "withheld") == (n_texts == 12)
    assert on_the_terminal(report).count("bring") == 1
    assert [one.why for one in next_steps(report)].count(f"{TO_TELL_MORE}.") == 1
    assert not any("bring" in one.plain + one.rest for one in weaknesses(report))


def test_a_file_by_a_model_is_told_where_the_whole_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The smaller file reads as a model's, the other between models' and people's text."""
    library = starter_library()

    def scored(_: object, features: Any) -> NDArray[np.float64]:
        by_model = [text.startswith("Day") for text in features.texts]
        return np.repeat(np.where(by_model, 1.2, 0.0)[:, None], 4, axis=1)

    monkeypatch.setattr(type(library), "scores", scored)
    for name, begin, n in (("a", "Day", 40), ("b", "On day", 560)):
        texts = [f"{begin} {at}: we {at} went down to the {at} sea. " * 5 for at in range(n)]
        lines = [orjson.dumps({"text": text}) for text in texts]
        (tmp_path / f"{name}.jsonl").write_bytes(b"\n".join(lines))
    report = scan(tmp_path)
    assert report.verdict == "withheld" and not report.excerpts
    assert report.parts_listed is not None
    (listed,) = report.parts_listed.parts
    assert (listed.field, Path(listed.value).name, listed.n_documents) == ("file", "a.jsonl", 40)
    assert listed.low > 0.5
    told = " ".join(render_html(report).split())
    assert "Told by file, as no --by was given: 2 of 2 files" in told
