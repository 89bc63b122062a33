"""What is told: ``report.json`` as a whole, and the words for it.

Nothing is computed here that is not already known; a record only refuses what the contract
refuses. Shares are fractions in [0, 1] everywhere but in words.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from provenance.errors import InputError, ProvenanceWarning
from provenance.features.spec import check_bounds
from provenance.files.aside import write_json_aside
from provenance.files.json import decode, plain
from provenance.records import (
    FEW_MODELS,
    FRESH,
    MAX_DRAWN,
    MAX_EXCERPTS,
    SHORT,
    Baseline,
    Breakdown,
    CorpusSummary,
    Diagnostic,
    Excerpt,
    Family,
    FamilyReading,
    Finding,
    ListedParts,
    ListedRows,
    Manifest,
    Power,
    RowCalibration,
    Share,
    SignatureRow,
    Unit,
    check,
)
from provenance.report.checksum import KEY, check_content, with_checksum
from provenance.report.headline import (
    Given,
    beside_candidates,
    headline,
    sentences,
    without_candidate,
)
from provenance.report.rows import DOCUMENTS, KeptRows
from provenance.words import MODEL_LIKE, did_you_mean, percent, percent_range, source_name, visible

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["LIMITS", "SCAN_LIMITS", "Report", "shown_order"]

SCHEMA = "provenance-report/1"
MAX_BYTES = 64 * 2**20

LIMITS = (
    "“Consistent with” is not authorship: a model trained on an API's outputs, or a close "
    "sibling of it, writes like the API. Only the API's own log or a watermark separates them.",
    "A share is of all documents where the samples hold short texts as the corpus does, else of "
    "the scored ones alone; the check short_documents says which. In a column of their own rows "
    "too short to score are counted at their worst case; skipped rows are outside every share.",
    "A source that is not among the samples can be taken for one that is. Only a candidate's low "
    "end beside a panel allows for that, and not for close siblings of it, which only its answers "
    "to the corpus's own prompts tell from it. Give every model that may stand behind the corpus: "
    "beside people's text alone any model's text reads as the candidate's, beside few other models "
    "some model's may.",
    "The samples are taken to stand for what each source writes. Other prompts, another domain "
    "or period, translation, paraphrase and editing move the share, most often down. It moves up "
    "where people wrote on what the candidate's sample is about and the references are not, or "
    "where the corpus was cleaned or cut as the candidate's sample was and the others were not.",
    "“No evidence for” is not absence: below the smallest detectable share nothing can be seen.",
    "Single rows are listed at an error rate, never one by one: some of them are wrong.",
)

SCAN_LIMITS = (
    "What reads as a language model's need not be one's: a corpus of a kind of people's text that "
    "was not measured may read so.",
    "A share is of the documents that were judged, English prose that is long enough. In a column "
    "of their own the others are counted at their worst case; skipped rows are outside every "
    "share.",
    "Newer models, translation, paraphrase and editing move the share, most often down.",
    "“No evidence for” is not absence: the high end tells what may be there all the same.",
    LIMITS[-1],
)
"""Of a report without a candidate, where no samples were given."""

_ROLE_ORDER = ("candidate", "machine", "reference", "unknown", "panel")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Report:
    """The answer, how sure it is, and everything needed to doubt it.

    Examples
    --------
    >>> Report.load("out").answer()  # doctest: +SKIP
    '12.3 % of the documents are consistent with gpt-4 (95 % interval 10.1 to 14.6 %).'
    """

    schema: str = SCHEMA
    verdict: Literal["estimated", "withheld"]
    reasons: tuple[str, ...]
    corpus: CorpusSummary
    shares: tuple[Share, ...]
    shares_scored: tuple[Share, ...] = ()
    shares_all: tuple[Share, ...] = ()
    breakdown: tuple[Breakdown, ...] = ()
    parts_listed: ListedParts | None = None
    findings: tuple[Finding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    power: tuple[Power, ...] = ()
    signature: tuple[SignatureRow, ...] = ()
    families: tuple[Family, ...] = ()
    by_family: tuple[FamilyReading, ...] = ()
    baseline: Baseline | None = None
    calibration: tuple[RowCalibration, ...] = ()
    row_lists: tuple[ListedRows, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    drawn: tuple[Excerpt, ...] = ()
    manifest: Manifest
    rows: KeptRows | None = field(default=None, compare=False, metadata={"aside": True})

    def __post_init__(self) -> None:
        check(self.schema == SCHEMA, f'schema: {self.schema[:40]!r} is not "{SCHEMA}"')
        check(bool(self.reasons) or self.verdict == "estimated", "reasons: withheld without one")
        check(len(self.excerpts) <= MAX_EXCERPTS, f"excerpts: more than {MAX_EXCERPTS}")
        check(len(self.drawn) <= MAX_DRAWN, f"drawn: more than {MAX_DRAWN}")
        _check_models(self.shares)
        check_bounds(self.manifest.spec)

    def candidates(self, unit: Unit = "documents") -> tuple[Share, ...]:
        """Return the candidates' rows of one unit, in the order of their names."""
        return tuple(row for row in self.shares if (row.role, row.unit) == ("candidate", unit))

    def model_like(self, unit: Unit = "documents") -> Share | None:
        """Return the row of text like a language model's, whosever; None where it is not told."""
        found = (row for row in self.shares if (row.role, row.unit) == ("machine", unit))
        return next(found, None)

    def unattributed(self, unit: Unit = "documents") -> Share | None:
        """Return that row where it stands in place of the candidates'; None where they are told.

        Of a candidate beside people's text alone, or beside too few other models, and of a scan.
        """
        n_models = sum((row.role, row.unit) == ("panel", unit) for row in self.shares)
        n_models += len(self.candidates(unit))
        is_few = any(one.kind == FEW_MODELS for one in self.diagnostics)
        return self.model_like(unit) if n_models < 2 or is_few else None

    def beside_few_models(self) -> bool:
        """Whether what reads as a candidate's may be a model's that was not given, so few were."""
        return any(one.kind == FEW_MODELS and one.verdict == "warn" for one in self.diagnostics)

    def near_siblings(self) -> frozenset[str]:
        """Candidates whose text that of a near sibling which was not given may be."""
        checks = (one for one in self.diagnostics if one.kind == FRESH and one.verdict == "warn")
        return frozenset(one.source for one in checks if one.source is not None)

    @property
    def counted(self) -> str:
        """What shares are of, in words."""
        if self.corpus.n_judged is not None:
            return "documents that were judged"
        found = any(one.name == SHORT and one.verdict == "warn" for one in self.diagnostics)
        return "documents long enough to score" if found else "documents"

    @property
    def n_counted(self) -> int:
        """How many documents shares are of: all, where the samples explain the short ones."""
        if self.corpus.n_judged is not None:
            return self.corpus.n_judged
        of_all = any(one.name == SHORT and one.verdict == "ok" for one in self.diagnostics)
        return self.corpus.n_documents if of_all else self.corpus.n_scored

    def summary(self) -> str:
        """Say the answer, and below it what weakens it, a doubt a line; safe to print."""
        doubts = self.reasons if self.verdict == "estimated" else ()
        return "\n".join([self.answer(), *(f"· {visible(doubt)}" for doubt in doubts)])

    def answer(self) -> str:
        """Say the answer: one sentence for each candidate, safe to print."""
        rows = self.candidates()
        measured = self.model_like()
        if not rows and measured is not None:
            return without_candidate(measured, self.reasons)
        if not rows:
            return "Not checked: no candidate source was given."
        given = self._given(self.reasons)
        told = [part for row in rows for part in sentences(row, given)]
        if measured is not None and given.model_like is None and measured.share is not None:
            told.append(beside_candidates(measured, self.counted))
        return " ".join(told)

    def headline(self) -> str:
        """Say the answer in one plain sentence or two, at most 60 words, safe to print."""
        rows, measured = self.candidates(), self.model_like()
        if not rows and measured is None:
            return "Not checked: no candidate source was given."
        return headline(rows, self._given(()))

    def _given(self, reasons: Sequence[str]) -> Given:
        return Given(
            self.verdict == "withheld",
            reasons,
            self.families,
            self.power,
            self.unattributed(),
            self.counted,
            self.beside_few_models(),
            self.near_siblings(),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; ValueError names the key of a NaN or an infinity."""
        values: dict[str, Any] = plain(self)
        return values

    @classmethod
    def from_dict(cls, values: object) -> Report:
        """Read `to_dict` back, trusting nothing; InputError names the key that is wrong.

        Where the values carry a ``content_sha256``, as files do, it has to be theirs.
        """
        if isinstance(values, dict) and values.get("schema") != SCHEMA:
            found = repr(values.get("schema"))[:60]
            raise InputError(f"`schema` is {found}", expected=f'"{SCHEMA}"')
        if isinstance(values, dict):
            check_content(values)
        report: Report = decode(cls, values, "")
        return report

    def save(self, path: str | PathLike[str]) -> None:
        """Write ``report.json`` whole or not at all; equal reports give equal bytes.

        The file also holds ``content_sha256``, a checksum of everything else in it: no signature,
        but a report that was changed since is refused by `load`.
        """
        write_json_aside(path, with_checksum(self.to_dict()))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Report:
        """Read a ``report.json``, or the one in a folder; InputError says what is wrong.

        A report that was changed since it was written is refused; one that carries no checksum,
        as older ones, is read with a `ProvenanceWarning`.
        """
        place = Path(path)
        place = place / "report.json" if place.is_dir() else place
        try:
            values = _parsed(place)
            report = cls.from_dict(values)
        except InputError as error:
            remedy = error.remedy or "Give a report.json that `provenance match` wrote"
            what, expected = error.what, error.expected
            raise InputError(what, where=str(place), expected=expected, remedy=remedy) from None
        if isinstance(values, dict) and KEY not in values:
            warnings.warn(
                f"{place}: the report carries no checksum ({KEY}), so that nobody can tell whether"
                " it was changed since it was written.",
                ProvenanceWarning,
                stacklevel=2,
            )
        return replace(report, rows=KeptRows(place.absolute().with_name(DOCUMENTS)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each row of `shares`, with its keys as columns."""
        import pandas as pd

        columns = list(Share.__dataclass_fields__)
        return pd.DataFrame([plain(row) for row in self.shares], columns=columns)

    def plot_shares(self, unit: Unit = "documents", ax: Axes | None = None) -> Axes:
        """Draw each source's interval and share, candidates first."""
        rows = shown_order(row for row in self.shares if row.unit == unit)
        labels = [source_name(row.source, row.role) for row in rows]
        axes: Axes = pictures().draw_intervals(labels, rows, ax)
        axes.set_xlabel(f"share of the {unit} (%)")
        return axes

    def plot_breakdown(self, field: str, source: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw one candidate's share (the first, or `source`) for each value of a field.

        Where nobody knows whose model-like text is, that text is drawn unless `source` is named.
        """
        shown, told = self._parts(field, source)
        labels = [visible(value) for value, _ in shown]
        axes: Axes = pictures().draw_intervals(labels, [row for _, row in shown], ax)
        axes.set_xlabel(f"{told} (%)", parse_math=False)
        axes.set_ylabel(visible(field), parse_math=False)
        return axes

    def _parts(self, field: str, source: str | None) -> tuple[list[tuple[str, Share]], str]:
        """A source's row for each value of a field, and what these rows tell."""
        nobodys = source is None and self.unattributed() is not None
        first = None if nobodys else next((row.source for row in self.candidates()), None)
        name = source or first
        parts = [(part.value, _row_of(part, name)) for part in self.breakdown]
        shown = [
            (value, row)
            for part, (value, row) in zip(self.breakdown, parts, strict=True)
            if part.field == field and row is not None
        ]
        if not shown:
            raise InputError(
                f"the report has no breakdown of {visible(str(name))} by {visible(field)}",
                remedy=did_you_mean(field, {part.field for part in self.breakdown})
                or f"Run match with --by {visible(field)}",
            )
        return shown, MODEL_LIKE if nobodys else f"documents consistent with {source_name(name)}"

    def _calibration(self, source: str | None) -> RowCalibration:
        found = [row for row in self.calibration if source in (None, row.source)]
        if not found:
            raise InputError(
                f"the report holds no calibration of {visible(str(source))}",
                remedy=did_you_mean(str(source), [row.source for row in self.calibration])
                or "Match the corpus against a reference or a panel",
            )
        return found[0]

    def plot_tippett(self, source: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw how many held-out rows have at least each likelihood ratio (Tippett plot).

        Parameters
        ----------
        source : str, optional
            A candidate; the first unless told.
        ax : matplotlib.axes.Axes, optional
        """
        axes: Axes = pictures().draw_tippett(self._calibration(source), ax)
        return axes

    def plot_over_time(
        self,
        field: str,
        source: str | None = None,
        releases: Mapping[str, str | date] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw a candidate's share for each day, month or year of a field, beside releases.

        Parameters
        ----------
        field : str
            Of ``by``; its values are days (``2024-05-01``), months or years.
        source : str, optional
            As in `plot_breakdown`.
        releases : mapping of str to str or datetime.date, optional
            When each model came out.
        ax : matplotlib.axes.Axes, optional
        """
        shown, told = self._parts(field, source)
        axes: Axes = pictures().draw_over_time(shown, releases or {}, ax)
        axes.set_ylabel(f"{told} (%)", parse_math=False)
        axes.set_xlabel(visible(field), parse_math=False)
        return axes

    def plot_scores(self, source: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw how the rows score, and the mix of held-out rows that the share makes of them.

        Where both lie on one another, the share explains the corpus. `documents` has the scores.

        Parameters
        ----------
        source : str, optional
            A candidate; the first unless told.
        ax : matplotlib.axes.Axes, optional
        """
        found = self._calibration(source)
        row = next(row for row in self.candidates() if row.source == found.source)
        measured = self.unattributed() or row
        share = measured.share
        if share is None:
            raise InputError(
                f"no share of {source_name(found.source)} is told, so that no mix can be drawn",
                remedy="Draw plot_tippett, which needs none",
            )
        scores = self.documents[f"llr[{found.source}]"].to_numpy()
        axes: Axes = pictures().draw_scores(scores, found, share, ax)
        return axes

    def log_pairs(self, count: int = 5) -> Html:
        """Show rows of the corpus beside the answers of the log that they match.

        Parameters
        ----------
        count : int
            At most so many.
        """
        from provenance.report.pictures import pairs_html

        logs = [one for one in self.findings if one.details.get("of") == "log"]
        if not logs:
            raise InputError("nobody looked into a log", remedy="Give match the API's own log")
        return Html("".join(pairs_html(one, count) for one in logs))

    @property
    def documents(self) -> pd.DataFrame:
        """One row for each document, as ``documents.parquet`` holds them; see the manual.

        Ids that were whole numbers in the corpus are whole numbers again.

        Raises
        ------
        InputError
            Where the rows were not kept: of a report that was loaded without them beside it, of a
            candidate alone, or of more than was held in memory.
        """
        from provenance.report.rows import read_rows

        return read_rows(self.rows, self.corpus.n_documents)

    def __repr__(self) -> str:
        """The answer at one look; `summary` adds the doubts, `to_dict` tells everything."""
        return f"<Report: {self.headline()}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("Source", "Role", "Share", "Interval"))
        rows = shown_order(row for row in self.shares if row.unit == "documents")
        body = "".join(f"<tr>{''.join(map(_cell, _told(row)))}</tr>" for row in rows)
        answer = html.escape(self.answer())
        doubts = self.reasons if self.verdict == "estimated" else ()
        told = "".join(f"<li>{html.escape(visible(doubt))}</li>" for doubt in doubts)
        table = f"<table><tr>{head}</tr>{body}</table>"
        return f"<p><strong>{answer}</strong></p>{table}" + (f"<ul>{told}</ul>" if told else "")


def shown_order(rows: Iterable[Share]) -> list[Share]:
    """Order rows for the eye: candidates, references, unknown, then the panel, largest first."""
    return sorted(rows, key=lambda row: (_ROLE_ORDER.index(row.role), -_size(row)))


def _size(row: Share) -> float:
    return row.high if row.share is None else row.share


def _check_models(rows: Iterable[Share]) -> None:
    low = {row.unit: row.low for row in rows if row.role == "machine"}
    for row in rows:
        check(
            row.role != "candidate" or row.low <= low.get(row.unit, 1.0),
            "shares: a candidate's low end above that of the row of the role machine",
        )


def _told(row: Share) -> tuple[str, str, str, str]:
    share = row.verdict if row.share is None else percent(row.share)
    name = source_name(row.source, row.role)
    return name, row.role, share, percent_range(row.low, row.high)


def _cell(text: str) -> str:
    return f"<td>{html.escape(text)}</td>"


def _row_of(part: Breakdown, source: str | None) -> Share | None:
    rows = (
        row
        for row in part.shares
        if (row.source, row.unit) == (source, "documents") and row.role != "unknown"
    )
    return next(rows, None)


def pictures() -> Any:
    """The module that draws, loaded where something is drawn."""
    from provenance.report import pictures

    return pictures


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of HTML that a notebook shows; foreign text in it is escaped."""

    text: str = field(repr=False)

    def _repr_html_(self) -> str:
        return self.text


def _parsed(path: Path) -> object:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InputError("the file is too large", expected=f"at most {MAX_BYTES >> 20} MiB")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InputError(f"not JSON: {error}") from None
