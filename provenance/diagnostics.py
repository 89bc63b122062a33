"""When not to believe a share: each check has a limit and says what it found in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance._stats import clopper_pearson, effective_number
from provenance._words import percent, percent_range
from provenance.features import STATISTICS
from provenance.many_sources import MISFIT_LIMIT, closed_reading
from provenance.records import Diagnostic
from provenance.sample import SampledDocuments
from provenance.scoring import FEWEST_OF_A_DOMAIN, VIEWS, Panel
from provenance.share import Mixture, mixture_shares
from provenance.shift import FEWEST_TRUSTED, WIDEST, ShiftedShare
from provenance.tally import Suspect, Tally
from provenance.two_source import FIT_LEVEL, Passages, row_statistic, two_source

__all__ = [
    "choose_view",
    "contamination_check",
    "fit_checks",
    "length_check",
    "negative_control",
    "prompt_check",
    "reference_passages",
    "shift_checks",
    "sibling_checks",
    "size_checks",
]

CONTAMINATION_LIMIT: Final = 0.005
_TAILS: Final = (0.5, 0.9)
_PLATEAU: Final = 0.5
_ALONE: Final = {"fail": 0.5, "warn": 0.05}
LENGTH_LIMIT: Final = 0.10
LENGTH_WARNING: Final = 0.05
LAYOUT_SLACK: Final = 0.5
SHORT_WARNING: Final = 0.2
SKIPPED_WARNING: Final = 0.01
FEW_DOCUMENTS: Final = 200
FEWEST_DOCUMENTS: Final = 20
OVERLAP_WARNING: Final = 0.01
_LAYOUT: Final = ("capitalised", "punctuation", "newlines", "markup")
_NO_LAYOUT: Final = 0.02


def reference_passages(panel: Panel, view: str) -> Passages:
    """The samples' held-out passages; weights of one source add up to 1."""
    references = panel.references
    return Passages(
        panel.views[view].log_ratio,
        references.passage_weight,
        references.component[references.document],
        references.source[references.document],
    )


def layout_rates(sums: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.float64]:
    """Capitals, punctuation, newlines and markup a word, shape (..., 4)."""
    words = np.maximum(1, sums[..., STATISTICS.index("words")])
    columns = [STATISTICS.index(name) for name in _LAYOUT]
    return np.asarray(sums[..., columns] / words[..., None], np.float64)


def choose_view(panel: Panel, tally: Tally) -> tuple[str, Diagnostic]:
    """The feature families to score with: shape only where the corpus's layout is the samples'.

    A corpus that mixes the sources has a layout between theirs.
    """
    both, words = VIEWS
    references = panel.references
    source = references.source[references.document]
    weighted = references.statistics * references.passage_weight[:, None]
    sums = np.stack([weighted[source == k].sum(axis=0) for k in range(len(panel.names))])
    samples, corpus = layout_rates(sums), layout_rates(tally.sums)
    if samples.max() < _NO_LAYOUT:
        sentence = "The samples hold words alone, without layout; shape was left out."
        return words, Diagnostic(
            name="layout", verdict="ok", statistic=None, limit=None, sentence=sentence
        )
    low, high = samples.min(axis=0), samples.max(axis=0)
    room = LAYOUT_SLACK * np.maximum(high - low, 0.1 * high) + 0.005
    excess = float((np.maximum(low - corpus, corpus - high) / room).max())
    outside = excess > 1
    worst = _LAYOUT[int((np.maximum(low - corpus, corpus - high) / room).argmax())]
    sentence = (
        f"The corpus's layout ({worst} a word) lies outside the samples'; shape was left out and"
        " only words were scored."
        if outside
        else "The corpus's layout lies within the samples'."
    )
    return words if outside else both, Diagnostic(
        name="layout",
        verdict="warn" if outside else "ok",
        statistic=max(0.0, excess),
        limit=1.0,
        sentence=sentence,
    )


def fit_checks(
    mixture: Mixture, candidates: Sequence[int], names: Sequence[str]
) -> list[Diagnostic]:
    """Goodness of fit of the fitted mixture on each candidate's scores."""
    check = _open_fit_check if mixture.open_fit_p_values else _fit_check
    return [check(mixture, source, names[source]) for source in candidates]


def _fit_check(mixture: Mixture, source: int, name: str) -> Diagnostic:
    p_value = mixture.fit_p_values[source]
    failed = p_value < FIT_LEVEL
    sentence = (
        f"No mixture of the samples has the scores that the corpus has for {name}:"
        " the corpus is of another domain or period, or holds a source that is not among the"
        " samples. Bring a reference and a sample of the corpus's own kind."
        if failed
        else f"The fitted mixture explains the corpus's scores for {name}."
    )
    return Diagnostic(
        name=f"fit[{name}]",
        verdict="fail" if failed else "ok",
        statistic=p_value,
        limit=FIT_LEVEL,
        sentence=sentence,
    )


def _open_fit_check(mixture: Mixture, source: int, name: str) -> Diagnostic:
    """The same where unknown sources have stand-ins: far from these too, or only from the rest."""
    strange = mixture.open_fit_p_values[source] < FIT_LEVEL
    if strange and mixture.misfits[source] > MISFIT_LIMIT:
        return Diagnostic(
            name=f"fit[{name}]",
            verdict="fail",
            statistic=mixture.misfits[source],
            limit=MISFIT_LIMIT,
            sentence=(
                f"The corpus's scores for {name} are farther from those of the samples than text"
                " of a model that is not among them would be: it answers other prompts, is of"
                " another domain, or is not a model's. Bring samples of all sources on the"
                " corpus's own kind of prompts, and a reference of its domain."
            ),
        )
    p_value = mixture.fit_p_values[source]
    if p_value >= FIT_LEVEL:
        sentence = f"The fitted mixture explains the corpus's scores for {name}."
    else:
        sentence = (
            f"The samples alone do not explain the corpus's scores for {name}: it holds text of a"
            " source that is not among them, or answers other prompts. The low end is what"
            " remains if all else is of an unknown source."
        )
    return Diagnostic(
        name=f"fit[{name}]",
        verdict="ok" if p_value >= FIT_LEVEL else "warn",
        statistic=p_value,
        limit=FIT_LEVEL,
        sentence=sentence,
    )


def sibling_checks(mixture: Mixture, names: Sequence[str]) -> list[Diagnostic]:
    """Candidates that an unknown sibling would be taken for."""
    return [
        Diagnostic(
            name=f"siblings[{names[family.source]}]",
            verdict="warn",
            statistic=family.low_alone,
            limit=None,
            sentence=(
                f"{names[family.source]} and {_listed([names[one] for one in family.siblings])}"
                " write so much alike that either would be taken for the other if it were not"
                f" given. Together they have {percent_range(family.low, family.high)}; if the"
                " corpus may hold a sibling that was not given, the low end of"
                f" {names[family.source]} alone is {percent(family.low_alone)}."
            ),
        )
        for family in mixture.families
    ]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def shift_checks(checks: Sequence[Diagnostic], found: ShiftedShare | None) -> list[Diagnostic]:
    """Checks of a corpus of another domain: what was estimated instead, and what to bring.

    Parameters
    ----------
    checks : sequence of Diagnostic
        The only candidate's `fit_checks`, which failed.
    found : ShiftedShare or None
        None where nothing tells how far scores shift.
    """
    slice_wanted = (
        f"at least {FEWEST_TRUSTED}, better 200 or more, rows of the corpus's own domain that no"
        " model wrote: --reference-before DATE where the corpus has dates"
    )
    if found is None:
        wanted = (
            " Nothing tells how far scores move from domain to domain. Bring "
            f"{slice_wanted}; or samples with --domain-field that share two domains of"
            f" {FEWEST_OF_A_DOMAIN} documents or more."
        )
        return [replace(item, sentence=item.sentence + wanted) for item in checks]
    told = [
        replace(
            item,
            verdict="warn",
            sentence="No mixture of the samples as they are has the scores that the corpus has:"
            " the corpus is of another domain or period than the samples. Its rows are not listed.",
        )
        for item in checks
    ]
    name = checks[0].name.removeprefix("fit[").removesuffix("]")
    by = [f"{found.n_domains} labelled domains left out in turn"] if found.n_domains > 1 else []
    by += [f"{found.n_trusted:.0f} trusted rows of the corpus"] if found.n_trusted else []
    sentence = (
        f"The share of {name} was estimated as that of a corpus of another domain, by"
        f" {' and '.join(by)}; scores moved by up to {found.shift:.1f} spreads between domains."
    )
    if not found.identified:
        sentence += (
            f" The interval is wider than {100 * WIDEST:.0f} points: the share is not identified."
        )
    if not found.n_trusted or not found.identified:
        sentence += f" To narrow it bring {slice_wanted}."
    told.append(
        Diagnostic(
            name=f"shift[{name}]",
            verdict="warn" if found.identified else "fail",
            statistic=found.shift,
            limit=None,
            sentence=sentence,
        )
    )
    return told


def contamination_check(
    panel: Panel, view: str, candidates: Sequence[int], references: Sequence[int]
) -> list[Diagnostic]:
    """References part of which looks as the candidate does.

    The higher a score of the candidate, the rarer it is in another's text, until what remains is
    the candidate's own: a part of a reference that stays as high scores are reached is its share.
    """
    passages = reference_passages(panel, view)
    assert passages.source is not None
    checks = []
    for candidate in candidates:
        score = row_statistic(passages.log_ratio, candidate)[:, 0]
        own = passages.source == candidate
        levels = np.quantile(score[own], _TAILS)
        for other in references:
            rest = passages.source == other
            n_rest = effective_number(passages.weight[rest], passages.cluster[rest])
            above = [float(passages.weight[rest] @ (score[rest] > level)) for level in levels]
            ratios = [part / (1 - tail) for part, tail in zip(above, _TAILS, strict=True)]
            least = clopper_pearson(above[1] * n_rest, n_rest)[0] / (1 - _TAILS[1])
            stays = ratios[1] > _PLATEAU * ratios[0]
            found = least > CONTAMINATION_LIMIT and stays
            checks.append(
                _warned(
                    f"contamination[{panel.names[other]}]",
                    found,
                    ratios[1] if stays else 0.0,
                    CONTAMINATION_LIMIT,
                    f"About {percent(ratios[1])} of {panel.names[other]} looks as the text of"
                    f" {panel.names[candidate]} does: shares of {panel.names[candidate]} are read"
                    " too low by as much. Bring a reference from before the API."
                    if found
                    else f"No part of {panel.names[other]} stays as scores of"
                    f" {panel.names[candidate]} get high.",
                )
            )
    return checks


def prompt_check(samples: Mapping[str, SampledDocuments]) -> list[Diagnostic]:
    """Whether models answered the same prompts; nothing where fewer than two have any.

    A model that was sampled on prompts of its own is told from the others by these: text of an
    innocent one on such prompts was read as 82 % the candidate's.

    Parameters
    ----------
    samples : mapping of str to SampledDocuments
        Of all sources that are models.
    """
    prompts = {
        name: sample.prompt_hash[sample.prompt_hash != 0]
        for name, sample in samples.items()
        if sample.prompt_hash.any()
    }
    if len(prompts) < 2:
        return []
    answered, n_models = np.unique(
        np.concatenate([np.unique(hashes) for hashes in prompts.values()]), return_counts=True
    )
    alone = {
        name: float((n_models[np.searchsorted(answered, hashes)] == 1).mean())
        for name, hashes in prompts.items()
    }
    worst = max(alone, key=lambda name: (alone[name], name))
    verdict = next(
        (name for name, limit in _ALONE.items() if alone[worst] > limit),
        "ok",
    )
    return [
        Diagnostic(
            name="prompts",
            verdict=verdict,  # type: ignore[arg-type]
            statistic=alone[worst],
            limit=_ALONE["warn"],
            sentence=(
                f"{percent(alone[worst])} of the sampled texts of {worst} answer prompts that no"
                " other model was given."
                + (
                    " The sources may be told apart by their prompts. Sample all of them on the"
                    " same prompts."
                    if verdict != "ok"
                    else ""
                )
            ),
        )
    ]


def length_check(
    panel: Panel,
    view: str,
    suspect: Suspect,
    candidates: Sequence[int],
    shares: NDArray[np.float64],
    *,
    many: bool = False,
) -> Diagnostic:
    """Error at known shares on held-out rows that have the corpus's lengths.

    Of a candidate against references each side alone; of many sources, which differ in length, the
    mixture that was fitted.
    """
    references = panel.references
    passages = reference_passages(panel, view)
    edges = np.unique(np.quantile(references.passage_tokens, np.arange(1, 10) / 10))
    corpus = suspect.passages(view)
    n_bins = len(edges) + 1
    target = _shares_of(np.searchsorted(edges, suspect.passage_tokens), corpus.weight, n_bins)
    place = np.searchsorted(edges, references.passage_tokens)
    error = max(
        _length_error(passages, place, target, part, candidate, many)
        for candidate in candidates
        for part in _compositions(np.maximum(shares, 0), candidate, many)
    )
    verdict = "fail" if error > LENGTH_LIMIT else "warn" if error > LENGTH_WARNING else "ok"
    mixed = "beyond their interval" if many else "at shares 0 and 100 %"
    return Diagnostic(
        name="lengths",
        verdict=verdict,  # type: ignore[arg-type]
        statistic=error,
        limit=LENGTH_LIMIT,
        sentence=(
            "Held-out rows of the samples, weighted to the corpus's lengths, are read with an error"
            f" of {100 * error:.1f} points {mixed}."
            + (" Bring samples of the corpus's lengths." if verdict != "ok" else "")
        ),
    )


def _compositions(
    shares: NDArray[np.float64], candidate: int, many: bool
) -> list[NDArray[np.float64]]:
    """What a corpus of the samples' rows is made of, shares of the sources."""
    if many:
        return [shares]
    own = (np.arange(len(shares)) == candidate).astype(np.float64)
    return [own, 1 - own]


def _length_error(
    passages: Passages,
    place: NDArray[np.intp],
    target: NDArray[np.float64],
    shares: NDArray[np.float64],
    candidate: int,
    many: bool,
) -> float:
    """Of rows with these shares and lengths read as a corpus; 1 where none has such lengths."""
    assert passages.source is not None
    weight = passages.weight * shares[passages.source]
    own = _shares_of(place, weight, len(target))
    factor = np.where(own > 0, target / np.maximum(own, 1e-12), 0)
    weight = weight * np.minimum(factor, 20)[place]
    used = weight > 0
    if not used.any():
        return 1.0
    held = Passages(passages.log_ratio[used], weight[used], passages.cluster[used])
    truth = float(weight[passages.source == candidate].sum() / weight.sum())
    share, low, high = _reading(held, passages, candidate, many)
    return abs(share - truth) if high is None else max(0.0, low - truth, truth - high)


def _reading(
    held: Passages, references: Passages, candidate: int, many: bool
) -> tuple[float, float, float | None]:
    """Share, low and high end of a part of the samples read as if it were a corpus.

    By densities no high end: their share alone is near enough.
    """
    if many:
        return closed_reading(held, references, candidate)
    shares = mixture_shares(held.log_ratio, held.weight)
    found = two_source(held, references, candidate, shares)
    return found.share, found.interval(0.95)[0], None


def _shares_of(
    place: NDArray[np.intp], weight: NDArray[np.float64], n_bins: int
) -> NDArray[np.float64]:
    counted = np.bincount(place, weight, minlength=n_bins)
    result: NDArray[np.float64] = counted / counted.sum()
    return result


def negative_control(
    panel: Panel, view: str, candidates: Sequence[int], *, many: bool = False
) -> Diagnostic:
    """Each fifth of the other sources matched as if it were a corpus; no share may show."""
    passages = reference_passages(panel, view)
    references = panel.references
    fold = references.fold[references.document]
    assert passages.source is not None
    fired, n_read, worst = 0, 0, 0.0
    for candidate in candidates:
        for held in np.unique(fold):
            test = (fold == held) & (passages.source != candidate)
            kept = fold != held
            if not test.any() or not np.isin(passages.source, passages.source[kept]).all():
                continue
            suspect = Passages(
                passages.log_ratio[test], passages.weight[test], passages.cluster[test]
            )
            source = passages.source[kept]
            rest = Passages(
                passages.log_ratio[kept],
                passages.weight[kept] / np.bincount(source, passages.weight[kept])[source],
                passages.cluster[kept],
                source,
            )
            share, low, _ = _reading(suspect, rest, candidate, many)
            n_read += 1
            fired += int(low > 0)
            worst = max(worst, share)
    failed = fired > len(candidates)
    return Diagnostic(
        name="negative_control",
        verdict="fail" if failed else "warn" if fired else "ok",
        statistic=worst,
        limit=0.0,
        sentence=(
            f"Held-back fifths of the other sources read up to {100 * worst:.2f} % and"
            f" {fired} of {n_read} times above 0."
        ),
    )


def size_checks(
    panel: Panel,
    tally: Tally,
    n_skipped: int,
    candidates: Sequence[int],
    complete: bool,
    n_independent: float | None = None,
) -> list[Diagnostic]:
    """Too little text, too short text, rows that were skipped.

    Parameters
    ----------
    panel, tally, n_skipped, candidates
    complete : bool
        Whether all documents are in the sample that shares are estimated on.
    n_independent : float, optional
        Documents that the corpus is worth: copies and one conversation count once.
    """
    references = panel.references
    counts = np.bincount(references.source)
    smallest = int(counts[list(candidates)].min())
    short = tally.n_too_short / max(1, tally.n_documents)
    skipped = n_skipped / max(1, n_skipped + tally.n_documents)
    checks = [
        _warned(
            "sample_size",
            smallest < FEW_DOCUMENTS,
            smallest,
            FEW_DOCUMENTS,
            f"The smallest candidate sample has {smallest} different documents.",
        ),
        _warned(
            "too_short",
            short > SHORT_WARNING,
            short,
            SHORT_WARNING,
            f"{100 * short:.1f} % of the documents are too short to score.",
        ),
        _warned(
            "skipped",
            skipped > SKIPPED_WARNING,
            skipped,
            SKIPPED_WARNING,
            f"{100 * skipped:.1f} % of the rows could not be read and were skipped.",
        ),
    ]
    worth = tally.n_scored if n_independent is None else n_independent
    if worth < FEWEST_DOCUMENTS:
        sentence = (
            f"The corpus has {tally.n_scored} documents long enough to score, worth {worth:.0f}"
            " that share nothing: too few to tell."
        )
        checks.append(
            Diagnostic(
                name="corpus_size",
                verdict="fail",
                statistic=worth,
                limit=FEWEST_DOCUMENTS,
                sentence=sentence,
            )
        )
    overlap = tally.n_overlapping / max(1, tally.n_scored)
    checks.append(
        _warned(
            "overlap",
            overlap > OVERLAP_WARNING,
            overlap,
            OVERLAP_WARNING,
            f"{100 * overlap:.1f} % of the scored documents also stand in a source's sample"
            " (they were scored by models that had not seen them).",
        )
    )
    if not complete:
        sentence = "Shares are of a uniform sample of the distinct documents; counts are of all."
        checks.append(_warned("sampled", False, None, None, sentence))
    return checks


def _warned(
    name: str, warned: bool, statistic: float | None, limit: float | None, sentence: str
) -> Diagnostic:
    return Diagnostic(
        name=name,
        verdict="warn" if warned else "ok",
        statistic=statistic,
        limit=limit,
        sentence=sentence,
    )
