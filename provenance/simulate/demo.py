"""A whole run on text that is at hand: a model's answers about Python, and Python's own manual.

The answers ship with the package. The manual is the one that every Python carries. Both are cut by
topic into a sample to learn from and a part that goes into the suspect corpus, so that no topic
stands on both sides.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from provenance.errors import InputError
from provenance.files.aside import write_aside
from provenance.files.places import require_folder, unwritable

if TYPE_CHECKING:
    from provenance.corpus import Corpus
    from provenance.report.report import Report

__all__ = [
    "CANDIDATE",
    "DemoResult",
    "manual_pieces",
    "manual_topics",
    "prose",
    "run_demo",
    "write_corpora",
]

CANDIDATE: Final = "demo-api"
REFERENCE: Final = "python-manual"
SHARE: Final = 0.3

_FILES: Final = (
    *(f"{name}.{suffix}" for name in (CANDIDATE, REFERENCE) for suffix in ("jsonl", "fp")),
    *("suspect.jsonl", "documents.parquet", "report.json", "report.html"),
)
_GROUP: Final = "topic"
_AUTHOR: Final = "author"

_SHORTEST: Final = 80
_ENOUGH: Final = 92
_LONGEST: Final = 150
_BLANK: Final = re.compile(r"\n[ \t]*\n")
_MARKER: Final = re.compile(r"\A(?:\*|\d+\.|\[\d+\]) (?=\S)")
_CODE: Final = re.compile(r"(?:^|\s)(?:>>>|\.\.\.|::=|->|==|\(Pdb\))(?:\s|$)")
_WORD: Final = re.compile(r"[\"(*“‘]*[A-Za-z][A-Za-z’'-]*[\"*.,;:!?)”’]*")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a demonstration did.

    Parameters
    ----------
    report : Report
    truth : float
        Share of the suspect corpus that the model wrote.
    n_api, n_human : int
        Documents of the suspect corpus by who wrote them.
    output : Path
        Folder with the corpora, the fingerprints and the report.
    """

    report: Report
    truth: float
    n_api: int
    n_human: int
    output: Path

    @property
    def page(self) -> Path:
        """The report as a page."""
        return self.output / "report.html"

    @property
    def commands(self) -> tuple[str, ...]:
        """What to type for the same result."""
        return tuple(map(shlex.join, _commands(self.output, self.report.manifest.seed)))


def _commands(output: Path, seed: int) -> list[list[str]]:
    """The two fingerprints and the match, as command lines."""
    steps = []
    for name in (CANDIDATE, REFERENCE):
        sample, made = str(output / f"{name}.jsonl"), str(output / f"{name}.fp")
        options = ["--name", name, "--group-field", _GROUP, "-o", made]
        steps.append(["provenance", "fingerprint", sample, *options])
    sources = ["--candidate", str(output / f"{CANDIDATE}.fp")]
    sources += ["--reference", str(output / f"{REFERENCE}.fp")]
    options = ["--same-domain", "--only", "--by", _AUTHOR, "--seed", str(seed), "-o", str(output)]
    steps.append(["provenance", "match", str(output / "suspect.jsonl"), *sources, *options])
    return steps


def run_demo(
    output: Path,
    *,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[Corpus], None] | None = None,
) -> DemoResult:
    """Mix a corpus of known share, fingerprint both sources and match it.

    It shows how the tool is used, and is no measurement: answers in markdown and a manual differ by
    more than two authors of one kind of text do.

    Parameters
    ----------
    output : Path
        Folder for the corpora, the fingerprints and the report; made where missing.
    seed : int
        Order of the suspect corpus, and of everything random in the match.
    workers : int
    progress : callable, optional
        Called with the corpus that is being read, after each batch.

    Raises
    ------
    InputError
        Where this Python lacks its manual or the folder cannot be written.

    Examples
    --------
    >>> run_demo(Path("out")).report.summary()  # doctest: +SKIP
    '29.9 % of the documents are consistent with demo-api (95 % interval 24.1 to 36.4 %).'
    """
    from provenance.corpus import open_corpus
    from provenance.matching.matching import match

    require_folder(output, _FILES)
    corpora = _corpora(seed)
    write_corpora(output, corpora)
    candidate, reference = (
        _fingerprint(output, name, workers, progress) for name in (CANDIDATE, REFERENCE)
    )
    report = match(
        open_corpus(output / "suspect.jsonl", by=(_AUTHOR,)),
        candidates=[candidate],
        references=[reference],
        same_domain=True,
        only=True,
        output=output,
        seed=seed,
        workers=workers,
        command=_commands(output, seed)[-1],
        progress=progress,
    )
    n_api = sum(row[_AUTHOR] == CANDIDATE for row in corpora["suspect"])
    n_all = len(corpora["suspect"])
    return DemoResult(report, n_api / n_all, n_api, n_all - n_api, output)


def _fingerprint(
    output: Path, name: str, workers: int, progress: Callable[[Corpus], None] | None
) -> str:
    """Measure one source into its file, which is named; texts on one topic belong together."""
    from provenance.corpus import open_corpus
    from provenance.fingerprint.measuring import fit_fingerprint

    corpus = open_corpus(output / f"{name}.jsonl", group_field=_GROUP)
    made = fit_fingerprint(corpus, name, workers=workers, progress=progress)
    made.save(output / f"{name}.fp")
    return str(output / f"{name}.fp")


def write_corpora(output: Path, corpora: Mapping[str, Sequence[Row]]) -> None:
    """Write each corpus as JSON lines under its name.

    Raises
    ------
    InputError
        Where the folder cannot be made.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, output) from None
    for name, rows in corpora.items():
        write_aside(output / f"{name}.jsonl", b"".join(orjson.dumps(row) + b"\n" for row in rows))


def _corpora(seed: int) -> dict[str, list[Row]]:
    """Sample, reference and suspect corpus."""
    import numpy as np

    sample, held_back = _answers("api_sample"), _answers("api_held_back")
    pieces = manual_pieces(manual_topics())
    rng = np.random.default_rng(seed)
    n_api, n_human = _mixture(len(held_back), len(_about(pieces, held_back)))
    suspect = _drawn(held_back, n_api, rng) + _drawn(_about(pieces, held_back), n_human, rng)
    return {
        CANDIDATE: sample,
        REFERENCE: _about(pieces, sample),
        "suspect": _drawn(suspect, len(suspect), rng),
    }


def _mixture(most_api: int, most_human: int) -> tuple[int, int]:
    """Largest corpus with the share wanted."""
    n_all = int(min(most_api / SHARE, most_human / (1 - SHARE)))
    n_api = round(SHARE * n_all)
    return n_api, n_all - n_api


def _drawn(rows: Sequence[Row], count: int, rng: Any) -> list[Row]:
    return [rows[place] for place in rng.permutation(len(rows))[:count]]


def _about(pieces: Iterable[Row], answers: Sequence[Row]) -> list[Row]:
    """Pieces whose topics are also those of the answers."""
    topics = {row["topic"] for row in answers}
    return [row for row in pieces if row["topic"] in topics]


def _answers(name: str) -> list[Row]:
    path = _fixtures() / f"{name}.jsonl"
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return [{**row, _AUTHOR: CANDIDATE} for row in rows]


def _fixtures() -> Any:
    """The folder of the package, or of the source tree where it runs from there."""
    package = resources.files("provenance")
    installed = package / "fixtures"
    return installed if installed.is_dir() else Path(str(package)).parent / "fixtures"


def manual_topics() -> Mapping[str, str]:
    """Python's manual by topic, as ``pydoc`` shows it.

    Raises
    ------
    InputError
        Where this Python lacks it.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise InputError(
            "this Python lacks its manual (the module pydoc_data.topics)",
            remedy="Run the demo with a complete Python, such as one from python.org",
        ) from None
    return {str(topic): str(text) for topic, text in dict(topics).items()}


def manual_pieces(topics: Mapping[str, str]) -> list[Row]:
    """Cut a manual into documents of 80 to 150 words of prose, ending where paragraphs end.

    A paragraph that several topics repeat is of the shortest of them alone.

    Parameters
    ----------
    topics : mapping of str to str
        reStructuredText as plain text, as ``pydoc`` shows it.

    Returns
    -------
    list of dict
        ``id``, ``topic``, ``text`` and ``author``.

    Examples
    --------
    >>> manual_pieces({"pass": "Too short."})
    []
    """
    seen: set[str] = set()
    rows = []
    for topic in sorted(topics, key=lambda topic: (len(topics[topic]), topic)):
        paragraphs = [prose(block) for block in _BLANK.split(topics[topic])]
        fresh = [text for text in dict.fromkeys(paragraphs) if text and text not in seen]
        seen.update(fresh)
        rows += [
            {"id": f"{topic}-{number}", "topic": topic, "text": text, _AUTHOR: REFERENCE}
            for number, text in enumerate(_pieces(fresh), 1)
        ]
    return rows


def prose(block: str) -> str | None:
    """One paragraph without its layout; None where it is code, grammar or a heading.

    Examples
    --------
    >>> prose("   * The name is bound when the\\n     whole statement has been run.")
    'The name is bound when the whole statement has been run.'
    >>> prose("   >>> x = 1")
    """
    text = _MARKER.sub("", " ".join(block.split()))
    words = text.split()
    plain = sum(_WORD.fullmatch(word) is not None for word in words)
    if len(words) < 6 or plain < 0.7 * len(words) or _CODE.search(text):
        return None
    return text if text[-1] in '.:!?)"' else None


def _pieces(paragraphs: Iterable[str]) -> Iterator[str]:
    """Paragraphs together until they are long enough; what is too long or left over is dropped."""
    held: list[str] = []
    count = 0
    for paragraph in paragraphs:
        n_words = len(paragraph.split())
        if n_words > _LONGEST:
            continue
        if count + n_words > _LONGEST or count >= _ENOUGH:
            if count >= _SHORTEST:
                yield "\n\n".join(held)
            held, count = [], 0
        held.append(paragraph)
        count += n_words
    if count >= _SHORTEST:
        yield "\n\n".join(held)
