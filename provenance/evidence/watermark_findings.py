"""What keys say of a corpus, as findings of a report."""

from __future__ import annotations

from provenance._record import plain
from provenance.evidence.watermark_records import KeyCheck, WatermarkCheck
from provenance.records import Finding

__all__ = ["watermark_findings"]

_ELSEWHERE = ("verdict", "null_hypothesis", "where", "passages")


def watermark_findings(check: WatermarkCheck) -> tuple[Finding, ...]:
    """One finding a key; its p-value is corrected for all keys, its details hold the others."""
    return tuple(_finding(row, check) for row in check.keys)


def _finding(row: KeyCheck, check: WatermarkCheck) -> Finding:
    details = {name: value for name, value in plain(row).items() if name not in _ELSEWHERE}
    details["passages"] = [
        {"start_token": item.start_token, "end_token": item.end_token, "p_value": item.p_value}
        for item in row.passages
    ]
    share = row.share
    return Finding(
        kind="watermark",
        verdict=row.verdict,
        statistic=row.statistic,
        p_value=row.adjusted_p_value,
        null_hypothesis=row.null_hypothesis,
        n_documents=row.n_documents_listed,
        where=(*(item.place for item in row.passages), *row.where)
        if row.verdict == "found"
        else (),
        share=share.share,
        low=share.low,
        high=share.high,
        details={**details, "level": check.level, "fdr": check.fdr},
    )
