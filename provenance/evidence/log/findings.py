"""What of the corpus stands in the API's own log, as findings of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from provenance.evidence.log.tally import LogTally
from provenance.matching.matched import Settings
from provenance.records import (
    Diagnostic,
    Finding,
    Share,
)
from provenance.words import percent

__all__ = ["with_log"]


def with_log(
    told: dict[str, Any],
    in_log: LogTally,
    trusted: LogTally | None,
    settings: Settings,
    seed: int,
) -> dict[str, Any]:
    """The fields with what the log finds in place of what nobody looked for."""
    found = in_log.findings(settings.confidence_level, seed, settings.keep_text, trusted)
    kept = [
        item
        for item in told.get("findings", ())
        if item.verdict == "found" or item.kind not in ("overlap", "near_duplicate")
    ]
    check = _log_check(in_log, found[0], told["shares"])
    reasons = told["reasons"] if check.verdict == "ok" else (check.sentence, *told["reasons"])
    return {
        **told,
        "findings": (*found, *kept),
        "diagnostics": (*told["diagnostics"], check),
        "reasons": reasons,
    }


def _log_check(in_log: LogTally, overlap: Finding, shares: Sequence[Share]) -> Diagnostic:
    """How the log alone agrees with the shares; it can only speak against them from below."""
    highest = max(
        (row.high for row in shares if row.role == "candidate" and row.unit == "documents"),
        default=1.0,
    )
    low = overlap.low
    told = f"{in_log.n_matched:,} of {in_log.n_documents:,} documents match the log"
    if in_log.n_too_early:
        told += f" ({in_log.n_too_early:,} of them dated before the answer, which are left out)"
    if low is None:
        sentence = (
            f"{told}; without decoys (--decoy-log) or trusted rows nobody can say how many would"
            " by chance, so no share stands on the log alone."
        )
    elif low > highest:
        sentence = (
            f"{told}, so that at least {percent(low)} stand on the log alone: more than the"
            f" {percent(highest)} that style allows for. Text that was edited, is short or is of"
            " another kind than the samples hides from style, not from the log."
        )
    elif highest == 1:
        sentence = f"{told}; at least {percent(low)} stand on the log alone."
    else:
        sentence = (
            f"{told}; at least {percent(low)} stand on the log alone, which agrees with the share"
            f" that style allows for (at most {percent(highest)})."
        )
    against_style = low is not None and low > highest
    return Diagnostic(
        name="log",
        verdict="warn" if against_style else "ok",
        statistic=low,
        limit=highest,
        sentence=sentence,
    )
