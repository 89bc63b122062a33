"""When not to believe a share: each check has a limit and says what it found in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from provenance.records import FEW_MODELS, FIT, SHIFT, Diagnostic
from provenance.scoring.panel import FEWEST_OF_A_DOMAIN
from provenance.share.many_sources.kinds_of_people import FEWEST_KINDS
from provenance.share.many_sources.many_sources import MISFIT_LIMIT
from provenance.share.mixture import Mixture
from provenance.share.other_domain.shift import FEWEST_TRUSTED, WIDEST, ShiftedShare
from provenance.share.sources import FEWEST_MODELS, Sources
from provenance.share.two_sources.two_sources import FIT_LEVEL
from provenance.words import HOW_TO_ASK, MODEL_LIKE, percent

__all__ = [
    "few_kinds_checks",
    "few_models_checks",
    "fit_checks",
    "shift_checks",
    "sibling_checks",
    "warn_where",
]


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
        " samples. Bring a reference of the corpus's own kind, and a sample on its own prompts:"
        f" {HOW_TO_ASK}."
        if failed
        else f"The fitted mixture explains the corpus's scores for {name}."
    )
    return Diagnostic(
        name=f"{FIT}[{name}]",
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
            name=f"{FIT}[{name}]",
            verdict="fail",
            statistic=mixture.misfits[source],
            limit=MISFIT_LIMIT,
            sentence=(
                f"The corpus's scores for {name} are farther from those of the samples than text"
                " of a model that is not among them would be: it answers other prompts, is of"
                " another domain, or is not a model's. Bring samples of all sources on the"
                f" corpus's own prompts ({HOW_TO_ASK}), and a reference of its domain."
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
        name=f"{FIT}[{name}]",
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
                " given: what they have together is told first. If the corpus may hold a sibling"
                f" that was not given, the low end of {names[family.source]} alone is"
                f" {percent(family.low_alone)} of the scored documents."
            ),
        )
        for family in mixture.families
    ]


def few_models_checks(
    mixture: Mixture, sources: Sources, *, withheld: bool
) -> Iterator[Diagnostic]:
    """Candidates that have no low end because too few other models were given.

    Parameters
    ----------
    mixture : Mixture
    sources : Sources
    withheld : bool
        Whether another check failed: what reads as the candidate's is not told then.
    """
    n_others = sources.n_other_models
    others = "one other model" if n_others == 1 else f"{n_others} other models"
    for source, low in mixture.low_of_given.items():
        name = sources.names[source]
        least = (
            f" At least {percent(low)} of the scored documents are its, or a source's that was not"
            " given."
            if low > 0 and not withheld
            else ""
        )
        yield warn_where(
            withheld or low > 0,
            f"{FEW_MODELS}[{name}]",
            None if withheld else low,
            None,
            f"Beside {others} nothing tells how much of another model's text would read as that of"
            f" {name}: its low end is 0, and no row is shown to be its.{least} Bring"
            f" {FEWEST_MODELS} other models or more (--panel library has some), or declare with"
            " --only that no model but those given may stand behind the corpus."
            if withheld or low > 0
            else f"Beside {others} no low end of {name} would stand; it is 0 without that too.",
        )


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
    name = checks[0].source
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
            name=f"{SHIFT}[{name}]",
            verdict="warn" if found.identified else "fail",
            statistic=found.shift,
            limit=None,
            sentence=sentence,
        )
    )
    return told


def few_kinds_checks(mixture: Mixture, sources: Sources) -> Iterator[Diagnostic]:
    """All models together have no low end because people's text of too few kinds was given.

    Parameters
    ----------
    mixture : Mixture
    sources : Sources
    """
    if mixture.models is None or mixture.models.low_of_given is None:
        return
    low, n_kinds = mixture.models.low_of_given, len(sources.references)
    kinds = "one kind" if n_kinds == 1 else f"{n_kinds} kinds"
    least = (
        f" At least {percent(low)} of the scored documents are a model's, or by people of a kind"
        " that was not given."
        if low > 0
        else ""
    )
    yield warn_where(
        low > 0,
        "few_kinds",
        low,
        None,
        f"People's text of {kinds} was given: people of another kind may read as a language model,"
        f" so that of {MODEL_LIKE} no more is sure than of the candidates.{least} Bring references"
        f" of {FEWEST_KINDS} kinds or more (--reference people has some), or declare with"
        " --same-domain that the references are of the corpus's own kind.",
    )


def warn_where(
    warned: bool, name: str, statistic: float | None, limit: float | None, sentence: str
) -> Diagnostic:
    """A check that warns, or else is passed."""
    return Diagnostic(
        name=name,
        verdict="warn" if warned else "ok",
        statistic=statistic,
        limit=limit,
        sentence=sentence,
    )
