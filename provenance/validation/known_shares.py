"""Mixtures of known share from real data: the tables of error and coverage in the README.

``python -m provenance.validation.known_shares SUITE --data FOLDER`` prints one table. Samples and
corpora never share a prompt (``alpaca_eval``) or a document (``detectrl``); no document stands in
a corpus twice, so that its size is the smaller of what was asked and what there is.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import orjson
import typer

from provenance._stats import clopper_pearson
from provenance.corpus import Document, open_corpus
from provenance.fingerprint import Fingerprint
from provenance.matching import match
from provenance.measuring import fit_fingerprint

__all__ = ["SUITES", "Reading", "main", "table"]

SHARES: Final = (0.0, 0.01, 0.05, 0.2, 0.5, 1.0)
SIZES: Final = (500, 2000)
MODELS: Final = (
    "Meta-Llama-3-70B-Instruct",
    "Mixtral-8x7B-Instruct-v0.1",
    "Qwen1.5-72B-Chat",
    "claude-2",
    "claude-3-opus-20240229",
    "cohere",
    "gemini-pro",
    "gpt-3.5-turbo-0613",
    "gpt4_0613",
    "gpt4_1106_preview",
    "llama-2-70b-chat-hf",
    "mistral-large-2402",
)
DOMAINS: Final = ("writing", "xsum", "yelp")
DETECTRL_MODELS: Final = ("ChatGPT", "Claude-instant", "Google-PaLM", "Llama-2-70b")
FIELDS: Final = ("CS", "Phys")
TRUSTED: Final = (50, 200, 500)
TRUSTED_SENTENCES: Final = (200, 500, 2000)
_TODAY: Final = datetime.date(2024, 1, 1)
_BEFORE: Final = datetime.date(2020, 1, 1)

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one corpus of known share was read as.

    Parameters
    ----------
    suite, candidate : str
    asked, n : int
        Documents asked for, and documents there were.
    truth : float
        The candidate's share of the corpus as drawn.
    level : float
        The share that was asked for.
    share : float or None
        None where withheld.
    low, high : float
    """

    suite: str
    candidate: str
    asked: int
    n: int
    level: float
    truth: float
    share: float | None
    low: float
    high: float

    @property
    def covers(self) -> bool:
        """Whether the truth lies in the interval."""
        return self.low <= self.truth <= self.high


def _rows(path: Path, **options: Any) -> Rows:
    return [_row(document) for document in open_corpus(path, **options)]


def _row(document: Document) -> dict[str, Any]:
    row: dict[str, Any] = {"id": document.id, "text": document.text}
    if document.prompt is not None:
        row["prompt"] = document.prompt
    return row


def _fingerprint(rows: Rows, name: str) -> Fingerprint:
    field = "domain" if "domain" in rows[0] else None
    return fit_fingerprint(open_corpus(iter(rows), domain_field=field), name)


def _halves(groups: Sequence[str], seed: int) -> set[str]:
    """Half of the groups, drawn by the seed."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    return {names[position] for position in order[: len(names) // 2]}


def _mixture(
    own: Rows, rest: Mapping[str, Rows], level: float, asked: int, rng: np.random.Generator
) -> tuple[Rows, float]:
    """A corpus with the candidate's share as near as whole documents allow, and that share."""
    available = sum(len(rows) for rows in rest.values())
    n = min(
        asked,
        int(len(own) / level) if level > 0 else asked,
        int(available / (1 - level)) if level < 1 else asked,
    )
    n_own = min(len(own), round(level * n))
    names = sorted(rest)
    weights = rng.dirichlet(np.ones(len(names)))
    wanted = rng.multinomial(n - n_own, weights)
    drawn = [own[position] for position in rng.permutation(len(own))[:n_own]]
    missing = 0
    for name, count in zip(names, wanted.tolist(), strict=True):
        kept = rng.permutation(len(rest[name]))[: count + missing]
        missing += count - len(kept)
        drawn += [rest[name][position] for position in kept]
    corpus = [{**row, "id": str(number)} for number, row in enumerate(drawn)]
    return corpus, n_own / max(1, len(corpus))


def _read(
    suite: str,
    candidate: Fingerprint,
    others: Sequence[Fingerprint],
    role: str,
    drawn: tuple[Rows, float],
    level: float,
    asked: int,
    cache: Path,
    trusted: Sequence[dict[str, Any]] = (),
) -> Reading:
    rows, truth = drawn
    sources: dict[str, Any] = {role: others}
    dated = [{**row, "id": f"trusted-{k}", "date": _BEFORE} for k, row in enumerate(trusted)]
    dated += [{**row, "date": _TODAY} for row in rows]
    report = match(
        open_corpus(
            ({key: str(row[key]) for key in ("id", "text", "date")} for row in dated),
            date_field="date",
        ),
        candidates=[candidate],
        cache_dir=cache,
        reference_before=_TODAY if trusted else None,
        **sources,
    )
    told = report.candidates()[0]
    return Reading(
        suite, candidate.name, asked, len(rows), level, truth, told.share, told.low, told.high
    )


def alpaca_eval(data: Path, cache: Path) -> Iterator[Reading]:
    """Twelve models, each the candidate among the others; prompts are split in halves."""
    answers = {name: _rows(data / "alpaca_eval" / f"{name}.jsonl.gz") for name in MODELS}
    prompts = [row["prompt"] for row in answers[MODELS[0]]]
    seed = 0
    rng = np.random.default_rng(seed)
    inside = _halves(prompts, seed)
    samples = {
        name: _fingerprint([row for row in rows if row["prompt"] in inside], name)
        for name, rows in answers.items()
    }
    held = {
        name: [row for row in rows if row["prompt"] not in inside] for name, rows in answers.items()
    }
    for name in MODELS:
        rest = {other: rows for other, rows in held.items() if other != name}
        others = [samples[other] for other in MODELS if other != name]
        for asked in SIZES:
            for level in SHARES:
                drawn = _mixture(held[name], rest, level, asked, rng)
                yield _read(
                    "alpaca_eval", samples[name], others, "panel", drawn, level, asked, cache
                )


def _detectrl(data: Path, domain: str, model: str) -> tuple[Rows, Rows]:
    folder = data / "detectrl"
    human = _rows(folder / f"human_{domain}.jsonl.gz")
    return human, _rows(folder / domain / "direct_prompt" / f"{model}.jsonl.gz")


def detectrl(data: Path, cache: Path) -> Iterator[Reading]:
    """One model against human text of its domain; documents are split in halves."""
    for model in DETECTRL_MODELS:
        for domain in DOMAINS:
            yield from _two_sources("detectrl", data, cache, model, [domain], domain)


def detectrl_other_domain(data: Path, cache: Path) -> Iterator[Reading]:
    """The same, but samples of two labelled domains and the corpus of the third."""
    for model in DETECTRL_MODELS:
        for domain in DOMAINS:
            others = [other for other in DOMAINS if other != domain]
            yield from _two_sources("detectrl_other_domain", data, cache, model, others, domain)


def detectrl_trusted_rows(data: Path, cache: Path) -> Iterator[Reading]:
    """The same, with human rows of the corpus's own domain that are known to be human."""
    for model in DETECTRL_MODELS:
        for domain in DOMAINS:
            others = [other for other in DOMAINS if other != domain]
            for n_trusted in TRUSTED:
                suite = f"detectrl_trusted_rows {n_trusted}"
                sizes = (SIZES[0],)
                yield from _two_sources(
                    suite, data, cache, model, others, domain, sizes=sizes, n_trusted=n_trusted
                )


def _two_sources(
    suite: str,
    data: Path,
    cache: Path,
    model: str,
    fitted: Sequence[str],
    target: str,
    *,
    sizes: Sequence[int] = SIZES,
    n_trusted: int = 0,
) -> Iterator[Reading]:
    human: Rows = []
    written: Rows = []
    for domain in fitted:
        people, answers = _detectrl(data, domain, model)
        human += _labelled(_part(people, 0) if domain == target else people, domain)
        written += _labelled(_part(answers, 0) if domain == target else answers, domain)
    people, answers = _detectrl(data, target, model)
    if target in fitted:
        people, answers = _part(people, 1), _part(answers, 1)
    candidate, reference = _fingerprint(written, model), _fingerprint(human, "human")
    rng = np.random.default_rng(0)
    shuffled = [people[position] for position in rng.permutation(len(people))]
    trusted, people = shuffled[:n_trusted], shuffled[n_trusted:]
    for asked in sizes:
        for level in SHARES:
            drawn = _mixture(answers, {"human": people}, level, asked, rng)
            yield _read(
                suite, candidate, [reference], "references", drawn, level, asked, cache, trusted
            )


def _labelled(rows: Rows, domain: str) -> Rows:
    return [{**row, "domain": domain} for row in rows]


def _part(rows: Rows, number: int) -> Rows:
    inside = _halves([row["text"] for row in rows], 0)
    return [row for row in rows if (row["text"] in inside) == (number == 0)]


def arxiv(data: Path, cache: Path) -> Iterator[Reading]:
    """The sentence mixtures of Liang et al. 2024, fitted on their own training sentences."""
    for field in FIELDS:
        folder = data / "arxiv_mixtures" / field
        candidate, reference = (
            fit_fingerprint(
                open_corpus(folder / f"{name}_data.parquet", text_field=f"{name}_sentence"), name
            )
            for name in ("ai", "human")
        )
        for path in sorted(folder.glob("ground_truth_alpha_*.parquet")):
            truth = float(path.stem.rsplit("_", 1)[1])
            report = match(
                open_corpus(path, text_field="inference_sentence"),
                candidates=[candidate],
                references=[reference],
                cache_dir=cache,
            )
            told, n = report.candidates()[0], report.corpus.n_documents
            yield Reading("arxiv", field, n, n, truth, truth, told.share, told.low, told.high)


def arxiv_other_field(data: Path, cache: Path) -> Iterator[Reading]:
    """The same corpora by samples of the other field, alone and with trusted sentences."""
    for field, other in zip(FIELDS, reversed(FIELDS), strict=True):
        candidate, reference = (_sentences(data, other, name) for name in ("ai", "human"))
        texts = _texts(data / "arxiv_mixtures" / field / "human_data.parquet", "human_sentence")
        rng = np.random.default_rng(0)
        order = rng.permutation(len(texts))
        for path in sorted((data / "arxiv_mixtures" / field).glob("ground_truth_alpha_*.parquet")):
            truth = float(path.stem.rsplit("_", 1)[1])
            found = _texts(path, "inference_sentence")
            rows = [{"id": str(k), "text": text} for k, text in enumerate(found)]
            for n_trusted in (0, *TRUSTED_SENTENCES):
                trusted = [{"text": texts[position]} for position in order[:n_trusted]]
                yield _read(
                    f"arxiv_other_field {n_trusted}",
                    candidate,
                    [reference],
                    "references",
                    (rows, truth),
                    truth,
                    len(rows),
                    cache,
                    trusted,
                )


def _sentences(data: Path, field: str, name: str) -> Fingerprint:
    path = data / "arxiv_mixtures" / field / f"{name}_data.parquet"
    return fit_fingerprint(open_corpus(path, text_field=f"{name}_sentence"), name)


def _texts(path: Path, field: str) -> list[str]:
    return [document.text for document in open_corpus(path, text_field=field)]


SUITES: Final = {
    "arxiv": arxiv,
    "arxiv_other_field": arxiv_other_field,
    "alpaca_eval": alpaca_eval,
    "detectrl": detectrl,
    "detectrl_other_domain": detectrl_other_domain,
    "detectrl_trusted_rows": detectrl_trusted_rows,
}


def table(readings: Iterable[Reading]) -> str:
    """Error, coverage and width by suite, size and share, as a Markdown table."""
    cells: dict[tuple[str, int, float], list[Reading]] = {}
    for reading in readings:
        asked = reading.asked if reading.suite != "arxiv" else 0
        cells.setdefault((reading.suite, asked, reading.level), []).append(reading)
    head = (
        "| suite | n asked (fewest) | share | corpora | mean error | worst | bias | covered"
        " | low > truth | median width | withheld |"
    )
    lines = [head, "|---" * 11 + "|"]
    lines += [_line(key, found) for key, found in sorted(cells.items())]
    return "\n".join(lines)


def _line(key: tuple[str, int, float], found: Sequence[Reading]) -> str:
    suite, asked, level = key
    told = [item for item in found if item.share is not None]
    errors = np.array([100 * ((item.share or 0.0) - item.truth) for item in told])
    fewest = min(item.n for item in found)
    cells = [suite, f"{asked or found[0].n} ({fewest})", f"{100 * level:g} %", str(len(found))]
    if told:
        covered = sum(item.covers for item in told)
        low, high = clopper_pearson(covered, len(told))
        wrong = sum(item.low > item.truth for item in told)
        width = 100 * float(np.median([item.high - item.low for item in told]))
        cells += [f"{np.abs(errors).mean():.2f}", f"{np.abs(errors).max():.2f}"]
        cells += [f"{errors.mean():+.2f}", f"{covered}/{len(told)} ({low:.2f}–{high:.2f})"]
        cells += [str(wrong), f"{width:.1f}"]
    else:
        cells += ["–"] * 6
    cells.append(str(len(found) - len(told)))
    return "| " + " | ".join(cells) + " |"


def main(
    suite: Annotated[str, typer.Argument(help=f"One of {', '.join(SUITES)}.")],
    data: Annotated[Path, typer.Option(help="Folder of the data.")],
    output: Annotated[Path | None, typer.Option(help="JSON lines of every reading.")] = None,
) -> None:
    """Print the table of error and coverage at known shares of one suite."""
    with tempfile.TemporaryDirectory() as cache:
        readings = list(SUITES[suite](data, Path(cache)))
    if output is not None:
        output.write_bytes(b"".join(orjson.dumps(asdict(item)) + b"\n" for item in readings))
    typer.echo(table(readings))


if __name__ == "__main__":
    typer.run(main)
