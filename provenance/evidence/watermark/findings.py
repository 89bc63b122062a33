"""What keys say of a corpus, as findings and a diagnostic of a report, and for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from provenance.errors import InputError
from provenance.evidence.watermark.marked_share import MarkedShare
from provenance.evidence.watermark.records import (
    KeyCheck,
    KeyPower,
    RandomKeys,
    SelfTest,
    WatermarkCheck,
)
from provenance.files.json import decode, plain
from provenance.records import Diagnostic, Finding
from provenance.words import percent

__all__ = ["WatermarkView", "watermark_check", "watermark_findings", "watermark_view"]

_ELSEWHERE: Final = ("verdict", "null_hypothesis", "where", "passages")
_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkView:
    """What a page shows of a key, decoded from a finding's details; fields as of `KeyCheck`."""

    name: str
    account: str | None
    scheme: str
    tokenizer: str
    sentence: str
    n_tokens: int
    n_scored: int
    draws_kept: float
    p_value: float
    document_p_value: float
    n_documents_listed: int
    n_passages_listed: int
    share: MarkedShare
    power: KeyPower | None
    self_test: SelfTest | None
    random_keys: RandomKeys | None


def watermark_view(finding: Finding) -> WatermarkView | None:
    """The view of a key's finding; None of others, and where its details are not so.

    Examples
    --------
    >>> watermark_view(Finding(kind="watermark", verdict="not_checked")) is None
    True
    """
    if finding.kind != "watermark" or not finding.details:
        return None
    try:
        found: WatermarkView = decode(WatermarkView, plain(finding.details), "details")
    except InputError:
        return None
    return found


def watermark_findings(check: WatermarkCheck) -> tuple[Finding, ...]:
    """One finding a key; its p-value is corrected for all keys, its details hold the others."""
    return tuple(_finding(row, check) for row in check.keys)


def _finding(row: KeyCheck, check: WatermarkCheck) -> Finding:
    details = {name: value for name, value in plain(row).items() if name not in _ELSEWHERE}
    details["passages"] = [
        {"start_token": item.start_token, "end_token": item.end_token, "p_value": item.p_value}
        for item in row.passages
    ]
    share, found = row.share, row.verdict == "found"
    return Finding(
        kind="watermark",
        verdict=row.verdict,
        statistic=row.statistic,
        p_value=row.adjusted_p_value,
        null_hypothesis=row.null_hypothesis,
        n_documents=row.n_documents_listed if found else 0,
        where=(*(item.place for item in row.passages), *row.where),
        share=share.share,
        low=share.low,
        high=share.high,
        details={**details, "level": check.level, "fdr": check.fdr},
    )


def watermark_check(check: WatermarkCheck) -> Diagnostic:
    """All keys in one sentence; the statistic is the smallest corrected p-value."""
    found = [row for row in check.keys if row.verdict == "found"]
    n_open = sum(row.verdict == "not_checked" for row in check.keys)
    if found:
        told = "; ".join(_told(row) for row in found[:_NAMED])
        more = f"; and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        sentence = f"Consistent with text marked with {told}{more}."
    elif len(check.keys) == 1:
        (row,) = check.keys
        sentence = f"Watermark key {row.name}: {row.sentence}."
    else:
        sentence = f"No evidence for a mark of any of {len(check.keys):,} watermark keys."
    if n_open and len(check.keys) > 1:
        sentence += f" Keys of which nothing can be told: {n_open:,}; their findings say why."
    return Diagnostic(
        name="watermark",
        verdict="warn" if n_open else "ok",
        statistic=min(row.adjusted_p_value for row in check.keys),
        limit=check.level,
        sentence=sentence,
    )


def _told(row: KeyCheck) -> str:
    who = row.name if row.account is None else f"{row.name} (account {row.account})"
    share = row.share
    if share.low is not None and share.high is not None:
        return f"{who}, {percent(share.low)} to {percent(share.high)} of the scored tokens"
    if share.floor > 0:
        return f"{who}, at least {percent(share.floor)} of the scored tokens"
    return f"{who}, no share told"
