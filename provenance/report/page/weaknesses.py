"""What weakens an answer: each doubt once, in words of everyday life, the check beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from provenance.records import Diagnostic
from provenance.report.page.grounds import first_sentence
from provenance.report.report import Report
from provenance.words import is_advice, visible

__all__ = ["IN_PLAIN_WORDS", "Weakness", "weaknesses"]


IN_PLAIN_WORDS: Final = {
    "bound": "Nothing was given to compare the API with, so only an upper limit can be told.",
    "calibration": "A single row tells little here: how strongly it speaks for the API is told too"
    " boldly or too timidly.",
    "contamination": "Some of the text that should be people's reads like the API's own. Shares"
    " come out too low by as much.",
    "corpus_size": "The corpus is too small, or says the same thing too often, to tell anything.",
    "feature_families": "Words, layout and letters each give another share. Text that was edited"
    " or rewritten reads like that.",
    "few_kinds": "So few kinds of people's text were given that people of another kind may read as"
    " a language model.",
    "few_models": "So few other models were given that what reads as the API's may be the text of"
    " one that was not.",
    "fit": "The samples do not fully explain the corpus: it may hold a writer, or a kind of text,"
    " that none of them stands for.",
    "fresh_answers": "A near sibling of the API (another version or size of it, or a model trained"
    " on its answers) may have written what reads as the API's.",
    "kind_of_text": "The corpus is unlike the samples: another kind of text, other questions,"
    " edited, or by a writer who was not given. More of it may be the API's than shows.",
    "language": "Much of the corpus is not in the language or the kind of text that can be judged.",
    "lengths": "The texts are shorter or longer than the samples, and at such lengths the samples"
    " themselves are misread, or hold next to nothing.",
    "layout": "The corpus is laid out unlike the samples (lists, headings, line breaks), or like"
    " the API's sample alone, so only its words were read.",
    "library": "The models compared with are those of the library that comes with the tool.",
    "log": "What the log shows and what style shows do not agree.",
    "mixed_rows": "Rows read as put together from text by several writers, or were edited: how many"
    " hold some of the API's text is not known.",
    "negative_control": "Text that is known not to be the API's was read as a little of it: the"
    " same error may be in the answer.",
    "openings": "The API is told by how its texts begin. Where the beginnings were cut off, its"
    " text is not seen.",
    "overlap": "Some texts of the corpus also stand in a sample that it is compared with.",
    "processed": "The API's sample was edited or kept in another form than the others, so that"
    " anybody's text which was treated so looks like its.",
    "prompts": "The samples answer different questions, or nobody knows which. What looks like a"
    " writer's habit may be the question's.",
    "regenerated": "Too few prompts were asked again to learn much from the answers.",
    "rows": "There is too little text to compare with to point at single rows with confidence.",
    "sample_size": "The sample of the API is small; its habits are known roughly only.",
    "sampled": "Only a part of the corpus was kept for the shares, drawn by chance.",
    "segments": "Rows are made of parts (prose, reasoning, code), and not all of them could be read"
    " each on its own.",
    "separable": "On this text the API and the others cannot be told apart.",
    "shift": "The corpus is of another kind or time than the samples. Part of the difference seen"
    " may come from that.",
    "short_documents": "Some texts could not be judged by their style: they are too short, or of"
    " another kind.",
    "siblings": "Another model writes almost as the API does; each may be taken for the other.",
    "skipped": "Some rows could not be read and are in no figure.",
    "trusted": "Rows that no model can have written were read as the API's. No share of this"
    " corpus can be believed.",
    "topics": "The API's sample is about other things than the other models'. What looks like a"
    " difference of writers may be one of topics.",
    "turns": "Of some texts it is not known who speaks: they may be a user's words, not a model's.",
    "undated": "Some rows have no date, so it is not known whether a model could have written"
    " them.",
    "washed": "There are signs that text was edited to hide where it is from; the share counts it"
    " as it stands.",
    "watermark": "For some keys nothing could be told.",
}
"""What each check means where it does not hold, by its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """One doubt.

    Parameters
    ----------
    plain : str
    checks : tuple of Diagnostic
        What was measured, which may be folded away.
    rest : str
        What was said beyond `plain`, where no check was made; else empty.
    verdict : {"fail", "warn", "note", "granted"}
        ``granted`` is no doubt, but what the answer takes for granted.
    """

    plain: str
    verdict: str
    checks: tuple[Diagnostic, ...] = ()
    rest: str = ""


def weaknesses(report: Report) -> list[Weakness]:
    """Failed checks first, then what is worth a word, then what the answer takes for granted.

    Where no share is told, what was said without a check is a reason as a failed one is.

    Examples
    --------
    >>> [one.plain for one in weaknesses(Report.load("out"))]  # doctest: +SKIP
    ['The sample of the API is small; its habits are known roughly only.']
    """
    by_kind: dict[str, list[Diagnostic]] = {}
    for check in report.diagnostics:
        if check.verdict != "ok":
            by_kind.setdefault(check.kind, []).append(check)
    checked = [_of_checks(kind, found) for kind, found in by_kind.items()]
    told = {check.sentence for check in report.diagnostics}
    is_told = any(row.verdict == "estimated" for row in report.shares)
    kind = "granted" if report.verdict == "estimated" and is_told else "note"
    said = [
        _said(one, kind)
        for one in dict.fromkeys(report.reasons)
        if one not in told and not is_advice(one)
    ]
    said += _looked(report)
    order = ("fail", "note", "warn", "granted")
    return sorted([*checked, *said], key=lambda one: order.index(one.verdict))


def _looked(report: Report) -> list[Weakness]:
    looks = report.manifest.looks
    if looks is None or not looks.n_before:
        return []
    times = "once" if looks.n_before == 1 else f"{looks.n_before:,} times"
    times += " or more" if looks.at_least else ""
    plain = f"This corpus was looked at {times} before: who looks often finds something by chance."
    return [Weakness(plain=plain, verdict="granted")]


def _of_checks(kind: str, found: list[Diagnostic]) -> Weakness:
    worst = "fail" if any(one.verdict == "fail" for one in found) else "warn"
    plain = IN_PLAIN_WORDS.get(kind)
    if plain is None:
        plain = first_sentence(visible(found[0].sentence))
    return Weakness(plain=plain, verdict=worst, checks=tuple(found))


def _said(reason: str, verdict: str) -> Weakness:
    whole = " ".join(visible(reason).split())
    plain = first_sentence(whole)
    return Weakness(plain=plain[:1].upper() + plain[1:], verdict=verdict, rest=_rest(whole, plain))


def _rest(whole: str, told: str) -> str:
    """What is left of a text of which the first sentences were told; all, where one was cut."""
    return whole.removeprefix(told).strip() if whole.startswith(told) else whole
