"""Rows that are made of parts by several writers: shares by segment, and by the whole row.

``python -m provenance.validation.bench.mixed_rows DATA`` puts another model's trace of thought
before the API's answer, and sentences of the API's into people's texts. Samples and corpora share
no prompt, and no text is a trace here and an answer there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.matching import match
from provenance.report.report import Report
from provenance.validation.bench.files import rows_of
from provenance.validation.held_out import rng_of
from provenance.words import percent

__all__ = ["Reading", "bilingual", "main", "polished", "traced"]

_CANDIDATES: Final = (
    "gpt4_1106_preview",
    "claude-3-opus-20240229",
    "gpt-3.5-turbo-1106",
    "Mixtral-8x7B-Instruct-v0.1",
)
_PANEL: Final = ("vicuna-13b-v1.5", "llama-2-70b-chat-hf", "Qwen1.5-72B-Chat")
_SHARES: Final = (0.0, 0.3, 0.6, 1.0)
_DOMAINS: Final = ("xsum", "writing", "yelp")

Texts = Mapping[str, str]
Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one corpus.

    Parameters
    ----------
    mixture : str
        What was mixed.
    part : str
        The segment, or ``whole rows``.
    truth : float
    share : float or None
    low, high : float
    """

    mixture: str
    part: str
    truth: float
    share: float | None
    low: float
    high: float

    def cells(self) -> tuple[str, ...]:
        """As a row of a table."""
        told = "–" if self.share is None else percent(self.share)
        ends = f"{percent(self.low)} to {percent(self.high)}"
        return self.mixture, self.part, percent(self.truth), told, ends


def _read(path: Path) -> dict[str, str]:
    return {str(row.get("prompt") or n): row["text"] for n, row in enumerate(rows_of(path))}


def _sample(rows: Rows, name: str, *, segments: bool) -> Fingerprint:
    return fit_fingerprint(open_corpus([*rows], segments=segments), name)


def _told(report: Report, name: str, segment: str | None) -> tuple[float | None, float, float]:
    rows = report.shares
    if segment is not None:
        rows = next((part.shares for part in report.breakdown if part.value == segment), ())
    found = next(row for row in rows if (row.source, row.unit) == (name, "documents"))
    return found.share, found.low, found.high


def _whole(rows: Rows) -> list[dict[str, str]]:
    """Rows with their thoughts in the text, as a corpus that nobody split holds them."""
    return [
        {
            "prompt": row["prompt"],
            "text": f"<think>{row['reasoning_content']}</think>\n{row['text']}",
        }
        for row in rows
    ]


def _pairs(answers: Texts, traces: Texts, asked: Sequence[str], other: Sequence[str]) -> Rows:
    return [
        {"prompt": one, "text": answers[one], "reasoning_content": traces[two]}
        for one, two in zip(asked, other, strict=False)
        if answers[one].strip() and traces[two].strip()
    ]


def traced(texts: Mapping[str, Texts], candidate: str, place: Path) -> Iterator[Reading]:
    """Another model's trace around the API's answer, in a part of the rows.

    Parameters
    ----------
    texts : mapping of str to mapping of str to str
        By model and prompt; all but the candidate are the panel.
    candidate : str
    place : Path
        Where fitted panels are kept.
    """
    prompts = sorted(set.intersection(*(set(one) for one in texts.values())))
    rng = rng_of("mixed rows", candidate)
    order = [prompts[place] for place in rng.permutation(len(prompts))]
    quarter = len(order) // 4
    own, thought, asked, other = (order[n * quarter : (n + 1) * quarter] for n in range(4))
    panel = sorted(set(texts) - {candidate})
    samples = {name: _pairs(texts[name], texts[name], own, thought) for name in texts}
    split, whole = (
        {
            name: _sample(rows if segments else _whole(rows), name, segments=segments)
            for name, rows in samples.items()
        }
        for segments in (True, False)
    )
    for share in _SHARES:
        rows, by = _mixed(texts, candidate, panel, (asked, other), share)
        truth = by.count(candidate) / len(by)
        mixture = f"{100 * share:.0f} % of the answers, no trace"
        given: dict[str, Any] = {"cache_dir": place, "keep_text": False, "only": True}
        report = match(
            open_corpus([*rows], segments=True),
            candidates=[split[candidate]],
            panel=[split[name] for name in panel],
            **given,
        )
        for segment, of in (("prose:en", truth), ("reasoning:en", 0.0)):
            yield Reading(mixture, segment, of, *_told(report, candidate, segment))
        report = match(
            open_corpus(_whole(rows)),
            candidates=[whole[candidate]],
            panel=[whole[name] for name in panel],
            library=False,
            **given,
        )
        yield Reading(mixture, "whole rows", truth, *_told(report, candidate, None))


def _mixed(
    texts: Mapping[str, Texts],
    candidate: str,
    panel: Sequence[str],
    prompts: tuple[Sequence[str], Sequence[str]],
    share: float,
) -> tuple[list[Mapping[str, str]], list[str]]:
    """Rows, and who wrote the answer of each; traces are by models of the panel."""
    rng = rng_of("answers", candidate, share)
    rows: list[Mapping[str, str]] = []
    by: list[str] = []
    for one, two in zip(*prompts, strict=True):
        writer = candidate if rng.random() < share else str(rng.choice(panel))
        found = _pairs(texts[writer], texts[str(rng.choice(panel))], [one], [two])
        rows += found
        by += [writer] * len(found)
    return rows, by


def _sentences(text: str) -> list[str]:
    return [one.strip() + "." for one in text.split(".") if one.strip()]


def polished(people: Sequence[str], api: Sequence[str], place: Path) -> Iterator[Reading]:
    """People's texts of which some sentences were replaced by the API's.

    Parameters
    ----------
    people, api : sequence of str
        Texts of one domain; half of each is the sample.
    place : Path
    """
    # Put together as the mixed ones are, so that no layout tells them.
    people, api = ([" ".join(_sentences(one)) for one in texts] for texts in (people, api))
    (mine, theirs), (texts, others) = (
        (people[: len(people) // 2], api[: len(api) // 2]),
        (people[len(people) // 2 :], api[len(api) // 2 :]),
    )
    given: dict[str, Any] = {"cache_dir": place, "keep_text": False}
    split, whole = (
        [
            _sample([{"text": one} for one in sample], name, segments=segments)
            for sample, name in ((theirs, "api"), (mine, "people"))
        ]
        for segments in (True, False)
    )
    rng = rng_of("polished")
    for part in (0.0, 0.3, 0.6):
        rows, n_api, n_all = [], 0, 0
        for number, text in enumerate(texts[: len(others)]):
            sentences, pool = _sentences(text), _sentences(others[number])
            for at in range(len(sentences)):
                if pool and rng.random() < part:
                    sentences[at] = pool.pop(0)
                    n_api += len(sentences[at])
                n_all += len(sentences[at])
            rows.append({"text": " ".join(sentences)})
        truth = n_api / max(1, n_all)
        mixture = f"{100 * part:.0f} % of the sentences of every text"
        report = match(
            open_corpus([*rows], segments=True),
            candidates=[split[0]],
            references=[split[1]],
            only=True,
            **given,
        )
        yield Reading(mixture, "prose:en", truth, *_told(report, "api", "prose:en"))
        report = match(
            open_corpus([*rows]),
            candidates=[whole[0]],
            references=[whole[1]],
            only=True,
            **given,
        )
        yield Reading(mixture, "whole rows", truth, *_told(report, "api", None))


def bilingual(texts: Mapping[tuple[str, str], Sequence[str]], place: Path) -> Iterator[Reading]:
    """A corpus in two languages with another share in each, and samples that lack one of them.

    Parameters
    ----------
    texts : mapping of (str, str) to sequence of str
        By writer (``api`` or ``people``) and language (``en`` or ``zh``); the first half of each is
        the sample.
    place : Path
    """
    half = {key: len(one) // 2 for key, one in texts.items()}
    corpus: list[dict[str, str]] = []
    truth: dict[str, float] = {}
    for language, share in (("en", 0.2), ("zh", 0.6)):
        own, others = (
            texts[writer, language][half[writer, language] :] for writer in ("api", "people")
        )
        n = min(int(len(own) / share), int(len(others) / (1 - share)))
        n_own = int(n * share)
        corpus += [{"text": one} for one in (*own[:n_own], *others[: n - n_own])]
        truth[language] = n_own / n
    for languages in (("en", "zh"), ("en",)):
        split = {
            writer: _sample(
                [
                    {"text": one}
                    for language in languages
                    for one in texts[writer, language][: half[writer, language]]
                ],
                writer,
                segments=True,
            )
            for writer in ("api", "people")
        }
        report = match(
            open_corpus(corpus, segments=True),
            candidates=[split["api"]],
            references=[split["people"]],
            only=True,
            cache_dir=place,
            keep_text=False,
        )
        for language, of in truth.items():
            told = _told(report, "api", f"prose:{language}")
            mixture = f"samples in {' and '.join(languages)}"
            yield Reading(mixture, f"prose:{language}", of, *told)


def _shuffled(texts: Sequence[str]) -> list[str]:
    return [texts[at] for at in rng_of("shuffled", len(texts)).permutation(len(texts))]


def _echo(title: str, readings: Iterator[Reading]) -> None:
    typer.echo(f"\n{title}\n\n| mixture | part | truth | share | interval |\n|---|---|---|---|---|")
    for one in readings:
        typer.echo("| " + " | ".join(one.cells()) + " |")


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data, which is not the project's.")],
) -> None:
    """Print shares by segment and by whole rows, of rows that several wrote."""
    with tempfile.TemporaryDirectory() as folder:
        for candidate in _CANDIDATES:
            names = (candidate, *_PANEL)
            texts = {name: _read(data / "alpaca_eval" / f"{name}.jsonl.gz") for name in names}
            _echo(f"**{candidate}**", traced(texts, candidate, Path(folder)))
        for domain in _DOMAINS:
            place = data / "detectrl"
            people = _read(place / f"human_{domain}.jsonl.gz")
            api = _read(place / domain / "direct_prompt" / "ChatGPT.jsonl.gz")
            written = [_shuffled([*one.values()]) for one in (people, api)]
            found = polished(written[0][:600], written[1], Path(folder))
            _echo(f"**{domain}**, people and ChatGPT", found)
        place = data / "more" / "hc3plus"
        both = {
            (writer, language): _shuffled(
                [*_read(place / f"{name}_{language}_val_si.jsonl.gz").values()]
            )
            for writer, name in (("api", "chatgpt-2023"), ("people", "human"))
            for language in ("en", "zh")
        }
        _echo("**hc3plus**, people and ChatGPT", bilingual(both, Path(folder)))


if __name__ == "__main__":
    typer.run(main)
