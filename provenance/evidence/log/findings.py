"""What of the corpus stands in the API's own log, as findings and a diagnostic of a report."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.log.accounts import join_rows
from provenance.evidence.log.cover import cover
from provenance.evidence.log.index import LogIndex
from provenance.evidence.log.matcher import LIMIT, LONG
from provenance.evidence.log.rows import LogRow
from provenance.evidence.log.tally import LogTally
from provenance.evidence.protocol import MatchContext
from provenance.files.json import plain
from provenance.records import Diagnostic, Finding, Place
from provenance.words import percent

__all__ = ["log_check", "log_findings"]

_IDS_A_ROW: Final = 5
_DAYS: Final = 400


def log_findings(
    tally: LogTally, asked: MatchContext, trusted: LogTally | None = None
) -> tuple[Finding, Finding]:
    """What the report tells of the log: of its runs, and of answers that were edited."""
    return _runs(tally, asked, trusted), _edited(tally, asked)


def _runs(tally: LogTally, asked: MatchContext, trusted: LogTally | None) -> Finding:
    log = tally.matcher.log
    rows = [row for row in tally.rows if row.kind == "overlap"]
    n_windows = len(log.arrays["window_hashes"])
    return Finding(
        kind="overlap",
        verdict="found" if tally.n_with_run else "not_found",
        statistic=tally.n_covered / max(1, tally.n_tokens),
        null_hypothesis=(
            f"no run of {log.window} words stands in the corpus and in the API's log but"
            " in common text"
        ),
        n_documents=tally.n_with_run,
        where=_places(rows),
        source=log.path.name,
        share=tally.n_matched / max(1, tally.n_documents),
        low=tally.lowest_share(asked.confidence_level, trusted),
        details={
            "of": "log",
            "n_answers": log.n_answers,
            "n_half_covered": tally.n_half,
            "n_matched": tally.n_matched,
            "n_with_common_text_alone": tally.n_common_alone,
            "n_older_than_the_answer": tally.n_too_early,
            "share_of_tokens_discounted": tally.n_discounted / max(1, tally.n_tokens),
            "expected_false_hits": tally.n_tokens * n_windows / 2.0**64,
            "false_matches_measured_on": _measured_on(tally.matcher.decoys, trusted),
            **_join(tally, asked.seed),
            "pairs": _pairs(tally, rows, asked.keep_text),
        },
    )


def _edited(tally: LogTally, asked: MatchContext) -> Finding:
    decoys, last = tally.matcher.decoys, tally.last_rank
    near = [row for row in tally.rows if row.kind == "near_duplicate"]
    rows = [row for row in near if tally.lists(row.strength, last)]
    tested = decoys is not None
    return Finding(
        kind="near_duplicate",
        verdict=tally.near_verdict,
        statistic=float(tally.n_near),
        p_value=None,
        null_hypothesis=(
            "no text is more like an answer of the log than the decoys are"
            if tested
            else f"no text of {LONG} words shares {LIMIT:.0%} of its rare pairs of words"
            " with one answer (no decoys: not a test)"
        ),
        n_documents=tally.n_near,
        where=_places(rows),
        source=tally.matcher.log.path.name,
        share=tally.n_near / max(1, tally.n_documents),
        q_value=float(tally.q_by_rank()[last]) if tested and last >= 0 else None,
        details={
            "of": "log",
            "n_decoys": len(tally.matcher.null),
            "smallest_p_value": float(tally.p(np.zeros(1))[0]) if tested else None,
            "fdr": tally.fdr if tested else None,
            "pairs": _pairs(tally, rows, asked.keep_text),
        },
    )


def _measured_on(decoys: LogIndex | None, trusted: LogTally | None) -> str | None:
    if decoys is not None:
        return "decoys"
    return None if trusted is None or not trusted.n_documents else "trusted rows"


def _pairs(tally: LogTally, rows: Iterable[LogRow], keep_text: bool) -> list[dict[str, Any]]:
    log = tally.matcher.log
    return [
        row.record(
            [log.answer_id(answer) for answer in log.answers(row.answer)[:_IDS_A_ROW]], keep_text
        )
        for row in rows
    ]


def _places(rows: Iterable[LogRow]) -> tuple[Place, ...]:
    return tuple(
        Place(id=row.id, path=row.path, line=row.line, start=row.start, end=row.end) for row in rows
    )


def _join(tally: LogTally, seed: int) -> dict[str, Any]:
    """To whom, when and through what the matched answers went."""
    log = tally.matcher.log
    texts = tally.matched_texts()
    matched = np.repeat(texts, log.answers_a_text)
    told: dict[str, Any] = {"n_matched_answers": int(matched.sum())}
    for name, names, codes in (
        ("accounts", log.account_names, log.arrays["accounts"]),
        ("endpoints", log.endpoint_names, log.arrays["endpoints"]),
    ):
        all_answers = np.bincount(codes, minlength=len(names)).astype(np.int64)
        n_matched = np.bincount(codes[matched], minlength=len(names)).astype(np.int64)
        known = np.array([bool(item) for item in names]) & (all_answers > 0)
        rows = join_rows(
            [item for item, keep in zip(names, known, strict=True) if keep],
            all_answers[known],
            n_matched[known],
        )
        told[name] = [plain(row) for row in rows]
    # Each answer once: copies in the corpus are not drawn from the log one by one.
    explained = Counter(tally.accounts_of(text) for text in np.flatnonzero(texts).tolist())
    n_answers = np.bincount(log.arrays["accounts"], minlength=len(log.account_names))
    rng = np.random.default_rng(seed)
    smallest = cover(explained, log.account_names, n_answers.astype(np.int64), rng)
    told["cover"] = plain(smallest)
    told["days"] = [list(day) for day in _days(log, matched)]
    return told


def _days(log: LogIndex, matched: NDArray[np.bool_]) -> list[tuple[str, int, int]]:
    """Day, answers and matched answers; the last days where there are too many."""
    days = log.arrays["days"]
    values, code = np.unique(days, return_inverse=True)
    n_answers = np.bincount(code, minlength=len(values))
    n_matched = np.bincount(code[matched], minlength=len(values))
    first = datetime.date(1970, 1, 1)
    lowest, highest = datetime.date.min, datetime.date.max
    return [
        ((first + datetime.timedelta(days=int(day))).isoformat(), int(answers), int(found))
        for day, answers, found in zip(values, n_answers, n_matched, strict=True)
        if (lowest - first).days <= int(day) <= (highest - first).days
    ][-_DAYS:]


def log_check(tally: LogTally, overlap: Finding, highest: float) -> Diagnostic:
    """How the log alone agrees with the shares; it can only speak against them from below.

    Parameters
    ----------
    tally : LogTally
    overlap : Finding
        The first of `log_findings`.
    highest : float
        Largest share of the documents that style allows a candidate.
    """
    low = overlap.low
    told = f"{tally.n_matched:,} of {tally.n_documents:,} documents match the log"
    if tally.n_too_early:
        told += f" ({tally.n_too_early:,} of them dated before the answer, which are left out)"
    if low is None:
        sentence = (
            f"{told}; without decoys (--decoy-log) or trusted rows nobody can say how many would"
            " by chance, so no share stands on the log alone."
        )
    elif not tally.n_matched:
        sentence = f"{told}."
    elif low == 0:
        sentence = (
            f"{told}; as many may match by chance, by what {_nulls(overlap)} allow for: no share"
            " stands on the log alone."
        )
    elif low > highest:
        sentence = (
            f"{_stand(told, low, tally, overlap)}: more than the {percent(highest)} that style"
            " allows for. Text that was edited, is short or is of another kind than the samples"
            " hides from style, not from the log."
        )
    elif highest == 1:
        sentence = f"{_stand(told, low, tally, overlap)}."
    else:
        sentence = (
            f"{_stand(told, low, tally, overlap)}, which agrees with the share that style allows"
            f" for (at most {percent(highest)})."
        )
    against_style = low is not None and low > highest
    return Diagnostic(
        name="log",
        verdict="warn" if against_style else "ok",
        statistic=low,
        limit=highest,
        sentence=sentence,
    )


def _stand(told: str, low: float, tally: LogTally, overlap: Finding) -> str:
    """What stands on the log alone, and what was taken off for it."""
    n_possible = tally.n_matched - tally.n_too_early
    n_chance = n_possible - round(low * tally.n_documents)
    return (
        f"{told}; less {n_chance:,} that may match by chance, the most that {_nulls(overlap)} allow"
        f" for, at least {percent(low)} of the documents stand on the log alone"
    )


def _nulls(overlap: Finding) -> str:
    return f"the {(overlap.details or {}).get('false_matches_measured_on')}"
