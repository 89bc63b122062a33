"""The whole story: how much of a corpus is consistent with each source, and which rows."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from provenance import __version__
from provenance.conformal import Conformal, row_statistic
from provenance.corpus import Corpus
from provenance.diagnostics import (
    choose_view,
    fit_checks,
    length_check,
    negative_control,
    reference_passages,
    size_checks,
)
from provenance.documents_file import DocumentScores, Spill, write_documents
from provenance.errors import InputError
from provenance.evidence import findings, signature, telling_spans
from provenance.execution import map_batches
from provenance.fingerprint import Fingerprint, merge
from provenance.measuring import batches, prepare_documents
from provenance.panel_file import cached_panel, default_cache_folder
from provenance.report import (
    Breakdown,
    CorpusSummary,
    Diagnostic,
    Excerpt,
    Manifest,
    Power,
    Report,
    Share,
)
from provenance.scoring import Panel
from provenance.share import CAUTION, ZERO_LEVEL, Mixture, against, fit_mixture, mixture_shares
from provenance.tally import Suspect, Tally, scorer

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["match"]

UNITS = ("documents", "tokens")
_ROLES = ("candidate", "panel", "reference")
_POWER = 0.8
_MOST_VALUES = 200
_FEWEST_DOCUMENTS = 30


@dataclass(frozen=True, slots=True)
class _Sources:
    """The sources in the order of their names."""

    fingerprints: tuple[Fingerprint, ...]
    roles: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.fingerprints)

    @property
    def candidates(self) -> list[int]:
        return [number for number, role in enumerate(self.roles) if role == "candidate"]


@dataclass(frozen=True, slots=True)
class _Settings:
    confidence_level: float
    caution: float
    fdr: float
    keep_text: bool


def match(
    corpus: Corpus,
    *,
    candidates: Sequence[Fingerprint],
    references: Sequence[Fingerprint] = (),
    panel: Sequence[Fingerprint] = (),
    aliases: Mapping[str, str] | None = None,
    output: str | os.PathLike[str] | None = None,
    confidence_level: float = 0.95,
    same_domain: bool = False,
    fdr: float = 0.05,
    keep_text: bool = True,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    command: Sequence[str] = (),
    progress: Callable[[Corpus], None] | None = None,
) -> Report:
    """Estimate how much of a corpus is consistent with each source.

    Parameters
    ----------
    corpus : Corpus
        From `open_corpus`; its ``by`` fields break the shares down.
    candidates, references, panel : sequence of Fingerprint
        The APIs under test, text known not to come from a model, and other models.
    aliases : mapping of str to str, optional
        Sources that are another source under a second name, such as a reseller's endpoint.
    output : path, optional
        Folder for ``report.json``, ``documents.parquet`` and ``report.html``.
    confidence_level : float
    same_domain : bool
        The references are declared to be of the corpus's own domain and period; without it every
        standard error is multiplied by 1.5.
    fdr : float
        Rows with q-values up to it are listed.
    keep_text : bool
        Whether the report shows excerpts.
    seed : int
        Draws the folds of the fit.
    workers : int
    executor : concurrent.futures.Executor, optional
    cache_dir : path, optional
        Where fitted panels are kept.
    command : sequence of str
        What the manifest tells as the command.
    progress : callable, optional
        Called with the corpus after each batch.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        Where the sources cannot be used together, or the corpus cannot be read or is one of them.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    _check_levels(confidence_level, fdr)
    sources = _sources(candidates, references, panel, aliases or {})
    settings = _Settings(confidence_level, 1.0 if same_domain else CAUTION, fdr, keep_text)
    with _workplace(output) as folder:
        cache = default_cache_folder() if cache_dir is None else Path(cache_dir)
        fitted, panel_path = cached_panel(sources.fingerprints, seed, cache)
        tally = Tally(fitted.spec, len(fitted.names), corpus.options.by)
        spill = Spill(folder / "scores.parquet")
        job = scorer(panel_path, sources.candidates)
        first = partial(prepare_documents, spec=fitted.spec)
        for batch in map_batches(
            job, batches(corpus), prepare=first, workers=workers, executor=executor
        ):
            tally.add(batch)
            spill.add(batch)
            if progress is not None:
                progress(corpus)
        spill.close()
        _refuse_same_file(corpus, sources)
        suspect = tally.suspect()
        view, layout = choose_view(fitted, tally)
        conformal = {
            source: Conformal.fit(fitted, view, suspect, source) for source in sources.candidates
        }
        told = _report(corpus, sources, fitted, tally, suspect, view, layout, conformal, settings)
        report = _with_manifest(told, corpus, fitted, seed, command, started, clock)
        if output is not None:
            _write(report, Path(output), folder, spill, fitted, sources, suspect, view, conformal)
    return report


def _check_levels(confidence_level: float, fdr: float) -> None:
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level is {confidence_level}", expected="a number in (0, 1)")
    if not 0 <= fdr <= 1:
        raise InputError(f"fdr is {fdr}", expected="a number in [0, 1]")


def _sources(
    candidates: Sequence[Fingerprint],
    references: Sequence[Fingerprint],
    panel: Sequence[Fingerprint],
    aliases: Mapping[str, str],
) -> _Sources:
    if not candidates:
        raise InputError("no candidate was given", remedy="Pass --candidate A.fp")
    if not references and not panel and len(candidates) < 2:
        raise InputError(
            "there is nothing to tell the candidate from",
            expected="a reference (text by no model) or a panel of other models",
            remedy="Pass --reference H.fp or --panel OTHER.fp",
        )
    given = [("candidate", item) for item in candidates]
    given += [("panel", item) for item in panel] + [("reference", item) for item in references]
    if not all(item.name.strip() for _, item in given):
        raise InputError(
            "a source has no name", remedy="Name it with provenance fingerprint --name"
        )
    known = {item.name for _, item in given}
    if len(known) < len(given):
        twice = Counter(item.name for _, item in given).most_common(1)[0][0]
        raise InputError(
            f"two sources are called {twice!r}",
            expected="different names",
            remedy="Name them with provenance fingerprint --name",
        )
    for alias, name in aliases.items():
        if name in aliases:
            raise InputError(
                f"the alias {alias}={name} names {name}, which is an alias itself",
                expected="the name of the source that both are",
            )
        if alias not in known or name not in known:
            raise InputError(
                f"the alias {alias}={name} names a source that was not given",
                expected=f"two of {', '.join(sorted(known))}",
            )
    roles: dict[str, str] = {}
    merged: dict[str, Fingerprint] = {}
    for role, item in given:
        name = aliases.get(item.name, item.name)
        renamed = _renamed(item, name)
        merged[name] = _renamed(merge(merged[name], renamed), name) if name in merged else renamed
        roles.setdefault(name, role)
    # In the order of their names, so that a fitted panel serves whatever the roles are.
    names = sorted(merged)
    return _Sources(tuple(merged[name] for name in names), tuple(roles[name] for name in names))


def _renamed(fingerprint: Fingerprint, name: str) -> Fingerprint:
    from dataclasses import replace

    return replace(fingerprint, name=name)


@contextmanager
def _workplace(output: str | os.PathLike[str] | None) -> Iterator[Path]:
    """A folder for what is being written, beside the output so that it can be renamed there."""
    parent = None
    if output is not None:
        target = Path(output)
        if target.exists() and not target.is_dir():
            raise InputError("the output is a file", where=str(target), expected="a folder")
        parent = target.absolute().parent
    try:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".provenance-", dir=parent))
    except OSError as error:
        raise InputError(
            f"nothing can be written there ({error.strerror})", where=str(parent)
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_same_file(corpus: Corpus, sources: _Sources) -> None:
    for entry in corpus.inputs():
        for fingerprint in sources.fingerprints:
            if entry["sha256"] in fingerprint.inputs_sha256:
                raise InputError(
                    f"this very file was also read for the source {fingerprint.name!r}",
                    where=entry["path"],
                    expected="a corpus that no sample was taken from",
                    remedy="Split the file, by prompt or document, and use one part for each",
                )


def _report(
    corpus: Corpus,
    sources: _Sources,
    panel: Panel,
    tally: Tally,
    suspect: Suspect,
    view: str,
    layout: Diagnostic,
    conformal: Mapping[int, Conformal],
    settings: _Settings,
) -> dict[str, Any]:
    """All fields of the report but the manifest."""
    if not len(suspect.weight):
        raise InputError(
            f"no document of the corpus has {panel.spec.min_tokens} tokens or more",
            where=", ".join(corpus.paths[:3]),
            expected="longer texts",
        )
    mixtures = {
        unit: fit_mixture(
            suspect.passages(view, unit),
            reference_passages(panel, view),
            sources.candidates,
            confidence_level=settings.confidence_level,
            caution=settings.caution,
        )
        for unit in UNITS
    }
    diagnostics = [
        layout,
        *fit_checks(mixtures["documents"], sources.candidates, sources.names),
        length_check(panel, view, suspect, sources.candidates),
        negative_control(panel, view, sources.candidates),
        *size_checks(panel, tally, corpus.counts.n_skipped, sources.candidates, suspect.complete),
    ]
    withheld = any(item.verdict == "fail" for item in diagnostics)
    shares = [
        row for unit in UNITS for row in _rows(mixtures[unit], sources, unit, settings, withheld)
    ]
    return {
        "verdict": "withheld" if withheld else "estimated",
        "reasons": _reasons(diagnostics, sources),
        "corpus": _summary(corpus, tally, suspect),
        "shares": tuple(shares),
        "shares_all": tuple(_over_all(row, tally) for row in shares),
        "breakdown": tuple(_breakdown(suspect, panel, view, tally, sources, settings, withheld)),
        "findings": tuple(findings(tally, sources.names)),
        "diagnostics": tuple(diagnostics),
        "power": tuple(_powers(mixtures, sources)),
        "signature": tuple(
            row
            for number in sources.candidates
            for row in signature(sources.fingerprints[number], _others(sources, number), tally)
        ),
        "excerpts": tuple(_excerpts(tally, panel, view, mixtures, conformal, sources, settings)),
    }


def _others(sources: _Sources, number: int) -> list[Fingerprint]:
    return [item for position, item in enumerate(sources.fingerprints) if position != number]


def _reasons(diagnostics: Sequence[Diagnostic], sources: _Sources) -> tuple[str, ...]:
    failed = [item.sentence for item in diagnostics if item.verdict == "fail"]
    warned = [item.sentence for item in diagnostics if item.verdict == "warn"]
    closed = (
        "The shares assume that the corpus holds no source but those given"
        f" ({len(sources.names)} of them); text by another model may be taken for a relative."
    )
    return (*failed, *warned, closed)


def _rows(
    mixture: Mixture, sources: _Sources, unit: str, settings: _Settings, withheld: bool
) -> list[Share]:
    rows = [
        _share(
            name,
            role,
            unit,
            None if withheld else float(mixture.shares[number]),
            0.0 if withheld else float(mixture.low[number]),
            1.0 if withheld else float(mixture.high[number]),
            settings,
        )
        for number, (name, role) in enumerate(zip(sources.names, sources.roles, strict=True))
    ]
    rows.sort(key=lambda row: _ROLES.index(row.role))
    claimed = sum(row.low for row in rows)
    unknown = _share(None, "unknown", unit, None, 0.0, max(0.0, 1 - claimed), settings)
    return [*rows, unknown]


def _share(
    name: str | None,
    role: str,
    unit: str,
    share: float | None,
    low: float,
    high: float,
    settings: _Settings,
) -> Share:
    verdict = "estimated" if share is not None else "bounded" if role == "unknown" else "withheld"
    return Share(
        source=name,
        role=role,  # type: ignore[arg-type]
        unit=unit,  # type: ignore[arg-type]
        share=share,
        low=low,
        high=high,
        confidence_level=settings.confidence_level,
        verdict=verdict,  # type: ignore[arg-type]
    )


def _over_all(row: Share, tally: Tally) -> Share:
    """The same row over all documents, those too short to score at their worst case."""
    if row.unit == "documents":
        scored = tally.n_scored / tally.n_documents
    else:
        scored = tally.n_tokens_scored / max(1, tally.n_tokens)
    return Share(
        source=row.source,
        role=row.role,
        unit=row.unit,
        share=None,
        low=row.low * scored,
        high=min(1.0, row.high * scored + 1 - scored),
        confidence_level=row.confidence_level,
        verdict="withheld" if row.verdict == "withheld" else "bounded",
    )


def _breakdown(
    suspect: Suspect,
    panel: Panel,
    view: str,
    tally: Tally,
    sources: _Sources,
    settings: _Settings,
    withheld: bool,
) -> Iterator[Breakdown]:
    """Shares by the values of each field, the commonest values first."""
    passages = reference_passages(panel, view)
    for column, (name, numbers) in enumerate(zip(tally.by, tally.value_numbers, strict=True)):
        weight = np.bincount(suspect.values[:, column], suspect.weight, minlength=len(numbers))
        values = sorted(numbers, key=lambda value: (-weight[numbers[value]], value))
        for value in values[:_MOST_VALUES]:
            entries = suspect.values[:, column] == numbers[value]
            shares: list[Share] = []
            for unit in UNITS if entries.any() else ():
                mixture = fit_mixture(
                    suspect.passages(view, unit, entries),
                    passages,
                    sources.candidates,
                    confidence_level=settings.confidence_level,
                    caution=settings.caution,
                )
                few = weight[numbers[value]] < _FEWEST_DOCUMENTS
                failed = any(
                    item.verdict == "fail"
                    for item in fit_checks(mixture, sources.candidates, sources.names)
                )
                shares += _rows(mixture, sources, unit, settings, withheld or few or failed)
            n_documents = round(float(weight[numbers[value]]))
            yield Breakdown(field=name, value=value, n_documents=n_documents, shares=tuple(shares))


def _powers(mixtures: Mapping[str, Mixture], sources: _Sources) -> Iterator[Power]:
    level = ZERO_LEVEL / len(sources.candidates)
    for unit in UNITS:
        for number in sources.candidates:
            detectable = mixtures[unit].two_sources[number].smallest_detectable(_POWER, level)
            yield Power(
                source=sources.names[number],
                unit=unit,  # type: ignore[arg-type]
                smallest_detectable_share=detectable,
                at_power=_POWER,
            )


def _summary(corpus: Corpus, tally: Tally, suspect: Suspect) -> CorpusSummary:
    distinct = len(np.unique(suspect.text_hash))
    if not suspect.complete:
        distinct = round(distinct * tally.n_scored / max(1.0, float(suspect.weight.sum())))
    return CorpusSummary(
        paths=tuple(corpus.paths),
        n_documents=tally.n_documents,
        n_scored=tally.n_scored,
        n_too_short=tally.n_too_short,
        n_skipped=corpus.counts.n_skipped,
        n_tokens=tally.n_tokens,
        n_distinct=distinct,
        sha256=corpus.sha256,
        repairs=dict(sorted(tally.repairs.items())),
        text_fields=dict(corpus.text_fields),
    )


def _excerpts(
    tally: Tally,
    panel: Panel,
    view: str,
    mixtures: Mapping[str, Mixture],
    conformal: Mapping[int, Conformal],
    sources: _Sources,
    settings: _Settings,
) -> Iterator[Excerpt]:
    """The strongest rows of each candidate whose q-value is at most the rate asked for."""
    if not settings.keep_text:
        return
    most = 100 // len(sources.candidates)
    for number in sources.candidates:
        others = _weights_of_others(mixtures["documents"].fitted, number)
        shown = 0
        for item in tally.strongest.get((view, number), []):
            ratios = item.log_ratio[None]
            p_value = conformal[number].p(np.array([item.statistic]))
            q_value = float(conformal[number].q(p_value)[0])
            if q_value > settings.fdr or shown == most:
                continue
            shown += 1
            text = item.document.text.encode("utf-8", "replace").decode()
            yield Excerpt(
                id=item.document.id,
                path=item.document.path,
                line=item.document.line,
                text=text,
                spans=tuple(telling_spans(text, panel, view, number)),
                source=sources.names[number],
                llr=float(against(ratios, number, others)[0]),
                q_value=q_value,
            )


def _weights_of_others(shares: NDArray[np.float64], source: int) -> NDArray[np.float64]:
    others = np.where(np.arange(len(shares)) == source, 0, shares) + 1e-6
    others[source] = 0
    weights: NDArray[np.float64] = others / others.sum()
    return weights


def _with_manifest(
    fields: dict[str, Any],
    corpus: Corpus,
    panel: Panel,
    seed: int,
    command: Sequence[str],
    started: datetime,
    clock: float,
) -> Report:
    import resource

    manifest = Manifest(
        version=__version__,
        command=tuple(command),
        seed=seed,
        inputs=tuple(corpus.inputs()),
        spec=asdict(panel.spec),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )
    return Report(**fields, manifest=manifest)


def _write(
    report: Report,
    output: Path,
    folder: Path,
    spill: Spill,
    panel: Panel,
    sources: _Sources,
    suspect: Suspect,
    view: str,
    conformal: Mapping[int, Conformal],
) -> None:
    """Write everything aside, then move it into the output folder."""
    from provenance.render import save_html

    shares = _final_shares(report, sources, suspect, view)

    def columns(scores: DocumentScores) -> dict[str, NDArray[np.float64]]:
        return _document_columns(scores, shares, sources, conformal)

    write_documents(spill.path, folder / "documents.parquet", view, panel.names, columns)
    report.save(folder / "report.json")
    save_html(report, folder / "report.html")
    output.mkdir(parents=True, exist_ok=True)
    for name in ("documents.parquet", "report.json", "report.html"):
        if (folder / name).exists():
            os.replace(folder / name, output / name)


def _final_shares(
    report: Report, sources: _Sources, suspect: Suspect, view: str
) -> NDArray[np.float64]:
    """Shares in the order of the sources; fitted ones where the report withholds them."""
    told = {row.source: row.share for row in report.shares if row.unit == "documents"}
    shares = [told[name] for name in sources.names]
    if any(share is None for share in shares):
        passages = suspect.passages(view)
        return mixture_shares(passages.log_ratio, passages.weight)
    return np.array(shares, np.float64)


def _posteriors(log_ratio: NDArray[np.float32], shares: NDArray[np.float64]) -> NDArray[np.float32]:
    """Posterior of each source at these shares, shape (n_passages, n_sources)."""
    with np.errstate(divide="ignore"):
        logits = log_ratio.astype(np.float64) + np.log(shares)
    weighted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = weighted / weighted.sum(axis=1, keepdims=True)
    return result.astype(np.float32)


def _document_columns(
    scores: DocumentScores,
    shares: NDArray[np.float64],
    sources: _Sources,
    conformal: Mapping[int, Conformal],
) -> dict[str, NDArray[np.float64]]:
    """Log likelihood ratios, posteriors, p- and q-values of the documents of a row group."""
    columns: dict[str, NDArray[np.float64]] = {}
    for number in sources.candidates:
        name = sources.names[number]
        others = _weights_of_others(shares, number)
        ratio = against(scores.log_ratio, number, others).astype(np.float32)[:, None]
        columns[f"llr[{name}]"] = scores.means(ratio)[:, 0]
    means = scores.means(_posteriors(scores.log_ratio, shares))
    for number, name in enumerate(sources.names):
        columns[f"posterior[{name}]"] = means[:, number]
    for number in sources.candidates:
        name = sources.names[number]
        statistic = scores.means(row_statistic(scores.log_ratio, number))[:, 0]
        p_values = conformal[number].p(statistic)
        columns[f"p[{name}]"] = p_values
        columns[f"q[{name}]"] = conformal[number].q(p_values)
    return columns
