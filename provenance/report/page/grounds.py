"""What the answer rests on: each kind of evidence found, not found or not checked.

The strongest first: what was written down beside what reads alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from provenance.records import OF_LIBRARY, Diagnostic, Finding
from provenance.report.report import Report
from provenance.words import MODEL_LIKE, how_many, percent, source_name, visible

__all__ = ["MOST_WORDS", "Ground", "finding_name", "first_sentence", "grounds"]

State = Literal["found", "not_found", "cannot_tell", "not_checked"]

MOST_WORDS: Final = 60
"""Of anything that is told at one look, as of a headline."""

_LOG, _CANARY, _HIDDEN, _STYLE = "log", "canary", "text_repair", "style"
_MISSING, _KNOWN = "suppressed_signature", "known_answer"
_APART = ("identity", "lengths", "typing", "gaps", "articles", "joins")
"""What else is told as a suppressed signature, and says something else."""

_WASHED: Final = {
    _HIDDEN: "washed[repairs",
    "disclosure": "washed[phrases",
    _MISSING: "washed[telling words",
    "identity": "washed[identity",
    "lengths": "washed[lengths",
    "typing": "washed[typing",
    "gaps": "washed[gaps",
    "articles": "washed[articles",
    "joins": "washed[joins",
}
"""How the check begins that is made where one of these is found."""

_NAMES: Final = {
    _LOG: "The API's own log",
    _CANARY: "Planted canaries",
    "watermark": "Watermarks",
    "regenerated": "The same prompts asked again",
    "disclosure": "What the texts say of themselves",
    _HIDDEN: "Odd characters and hidden marks",
    "overlap": "Copies from the samples",
    _KNOWN: "Known answers of models",
    "near_duplicate": "Near copies",
    _MISSING: "Missing telling words",
    "identity": "Claims to be an unknown model",
    "lengths": "Texts cut at one length",
    "typing": "Errors of typing in common words",
    "gaps": "Odd gaps between words",
    "articles": "English without articles",
    "joins": "Words that do not follow each other",
    _STYLE: "Style",
}
"""In the order of their weight: a record, a secret, a repetition, a slip, a habit."""

_STATES: Final[tuple[State, ...]] = ("found", "not_found", "cannot_tell", "not_checked")

_UNCHECKED: Final = {
    _LOG: "Only the log can tell who wrote a row from who writes alike. Nobody gave it.",
    _CANARY: "provenance canary check looks for them, where answers were planted before.",
    "watermark": "No key of a watermark was given.",
    "regenerated": "No model was asked the corpus's own prompts, or too few were.",
}

_NOT_FOUND: Final = {
    "disclosure": "Texts that say what a model says of itself are not shown to be more than among"
    " people's.",
    _MISSING: "The candidate's telling words are not shown to be missing oftener than others.",
    "identity": "Texts that claim to be an unknown maker's machine are not shown to be more than"
    " among people's.",
    "lengths": "No length is shown at which texts break off oftener than beside it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One kind of evidence, with what came of it."""

    name: str
    state: State
    sentence: str
    p_value: float | None = None


def grounds(report: Report) -> list[Ground]:
    """All kinds, what was found first, each state in the order of their weight.

    Examples
    --------
    >>> [one.state for one in grounds(Report.load("out"))][-1]  # doctest: +SKIP
    'not_checked'
    """
    by_kind: dict[str, list[Finding]] = {_LOG: [], "watermark": [], "regenerated": []}
    for finding in report.findings:
        by_kind.setdefault(_kind(finding), []).append(finding)
    for kind in ("overlap", "near_duplicate"):
        if all(one.verdict == "not_checked" for one in by_kind.get(kind, ())):
            # A log is where most of them would be found, and has a line of its own.
            by_kind.pop(kind, None)
    told = [
        *(_of_findings(kind, found, report) for kind, found in by_kind.items()),
        *_style(report),
        Ground(name=_NAMES[_CANARY], state="not_checked", sentence=_UNCHECKED[_CANARY]),
    ]
    weights = {name: place for place, name in enumerate(_NAMES.values())}
    last = len(weights)
    return sorted(
        told, key=lambda one: (_STATES.index(one.state), weights.get(one.name, last), one.name)
    )


def finding_name(finding: Finding) -> str:
    """What a kind of evidence is called; one that has no name yet by its key.

    Examples
    --------
    >>> finding_name(Finding(kind="text_repair", verdict="found"))
    'Odd characters and hidden marks'
    """
    plain, kind = finding.kind.replace("_", " ").capitalize(), _kind(finding)
    if kind == _LOG:
        return (
            f"{_NAMES[_LOG]}: {'edited' if finding.kind == 'near_duplicate' else 'word for word'}"
        )
    return _NAMES.get(kind, plain)


def first_sentence(text: str, most: int = MOST_WORDS) -> str:
    """A text of so many words at most: whole, to the end of a sentence, or cut.

    Examples
    --------
    >>> first_sentence("It is so. It is not.", 4), first_sentence("one two three", 2)
    ('It is so.', 'one two…')
    """
    words = text.split()
    if len(words) <= most:
        return " ".join(words)
    kept = words[:most]
    ends = [place for place, word in enumerate(kept, 1) if word.endswith((".", "?", "!"))]
    return " ".join(kept[: ends[-1]]) if ends else f"{' '.join(kept)}…"


def _kind(finding: Finding) -> str:
    """Both findings of a log are one kind, word for word and edited; signs of washing several."""
    of = finding.details.get("of")
    if of == "log":
        return _LOG
    if finding.kind == "overlap" and of == OF_LIBRARY:
        return _KNOWN
    return str(of) if finding.kind == _MISSING and of in _APART else finding.kind


def _of_washing(kind: str, report: Report) -> list[Diagnostic]:
    start = _WASHED.get(kind)
    return [one for one in report.diagnostics if start and one.name.startswith(start)]


def _of_findings(kind: str, found: list[Finding], report: Report) -> Ground:
    state: State = min((one.verdict for one in found), key=_STATES.index, default="not_checked")
    chosen = [one for one in found if one.verdict == state]
    p_values = [one.p_value for one in chosen if one.p_value is not None]
    if kind == _HIDDEN and state == "found" and not _of_washing(kind, report):
        # No rate of people's text speaks for it: the marks do, or nothing.
        state, p_values = ("found" if _n_marked(chosen) else "not_found"), []
    return Ground(
        name=_NAMES.get(kind, visible(kind.replace("_", " ")).capitalize()),
        state=state,
        sentence=first_sentence(visible(_sentence(kind, state, chosen, report))),
        p_value=min(p_values, default=None) if state == "found" else None,
    )


def _sentence(kind: str, state: State, found: list[Finding], report: Report) -> str:
    # The check "lengths" is of the samples, the sign of washing of that name of the corpus.
    checks = [one for one in report.diagnostics if one.kind == kind and kind not in _WASHED]
    if checks and state != "not_checked":
        return _most_telling(checks).sentence
    own = [one.details.get("sentence") for one in found]
    said = next((one for one in own if isinstance(one, str) and one), None)
    if said is not None:
        return said
    if state == "not_checked":
        why = next((one.null_hypothesis for one in found if one.null_hypothesis), "")
        return _UNCHECKED.get(kind) or (f"{why[:1].upper()}{why[1:]}." if why else "Nobody looked.")
    n = max(one.n_documents for one in found)
    documents = how_many(n, "document")
    washed = _of_washing(kind, report) if state == "found" else []
    if washed and not (kind == _HIDDEN and _n_marked(found)):
        return _most_telling(washed).sentence
    if kind == _HIDDEN:
        return _hidden_sentence(found, n)
    if state == "found":
        return f"Found in {documents} of {report.corpus.n_documents:,}."
    return _NOT_FOUND.get(kind, "Looked for, and not found.")


def _n_marked(found: list[Finding]) -> int:
    """Documents with a mark; characters that no keyboard types are none by themselves."""
    marks = [one.details.get("hidden_marks") for one in found]
    numbers = [one.get("n_marked") for one in marks if isinstance(one, Mapping)]
    return max((one for one in numbers if isinstance(one, int)), default=0)


def _hidden_sentence(found: list[Finding], n: int) -> str:
    odd = how_many(n, "document holds", "documents hold") if n else "No document holds"
    n_marked = _n_marked(found)
    mark = how_many(n_marked, "carries", "carry") if n_marked else "none carries"
    return f"{odd} characters that no keyboard types; {mark} a hidden mark."


def _most_telling(checks: Iterable[Diagnostic]) -> Diagnostic:
    """Of several candidates' checks the one with the smallest statistic, which is a p-value."""
    return min(checks, key=lambda one: 1.0 if one.statistic is None else one.statistic)


def _style(report: Report) -> list[Ground]:
    measured = report.unattributed()
    rows = [measured] if measured is not None else [*report.candidates()]
    if not rows:
        return []
    best = max(rows, key=lambda row: (row.low, row.high))
    name = MODEL_LIKE if best.role == "machine" else f"as {source_name(best.source)}'s do"
    reads = "are" if best.role == "machine" else "read"
    if report.verdict == "withheld" or best.verdict == "withheld":
        state: State = "cannot_tell"
        told = "A check failed, so that what the texts read like tells no share."
    elif best.low > 0:
        state = "found"
        told = f"At least {percent(best.low)} of the {report.counted} {reads} {name}."
    else:
        state = "not_found"
        told = (
            f"It may be none; at most {percent(best.high)} of the {report.counted} {reads} {name}."
        )
    return [Ground(name=_NAMES[_STYLE], state=state, sentence=told)]
