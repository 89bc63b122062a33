"""Models of the library behind a candidate: only where they answer what its sample answers.

A candidate that was sampled on other prompts than the rest is told apart by these, and an innocent
model on such prompts was read as 82 % the candidate's. So a set of the library becomes the panel
only where each candidate's sample answers its prompts, and then candidates are known by these
answers alone. One whose answers are of another kind, as those that were cut, is not (`kindred.py`).
Elsewhere the library's models stand for nobody, and the report says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.matching.library.kindred import of_another_kind
from provenance.matching.library.naming import LIBRARY, words_of
from provenance.matching.library.shelf import Entry, Shelf, shelves
from provenance.records import Diagnostic
from provenance.report.report import Report
from provenance.scoring.fitting.fitting import MINIMUM_DOCUMENTS

__all__ = ["FEWEST_SHARED", "Background", "background", "set_asked"]

FEWEST_SHARED: Final = 60
"""Prompts of a set that a candidate's sample has to answer. A round figure, not tuned: three times
what a source must have to be fitted; `bench.library_panels` was run with 75 and 130."""
_FEWEST_MODELS: Final = 8
"""Models of a set beside the candidates. A round figure: of 12 to 40 models more were safer."""
_SAME_TEXTS: Final = 0.2
"""Part of a candidate's answers that are a model's word for word from which it is that model. A
round figure: short answers are often alike."""


@dataclass(frozen=True, slots=True)
class Background:
    """What the library adds to a match.

    Parameters
    ----------
    candidates : tuple of Fingerprint
        As given, or by their answers to the set's prompts alone.
    panel : tuple of Fingerprint
        The set's models; empty where none is used.
    prompts : str
        Name of the set; empty where none is used.
    sentence : str
        What the report says of it; empty where the library was not asked.
    hashes : tuple of str
        Of each model of the panel, that of its arrays as the library holds them, before the answers
        to other prompts were left out: what a report can be checked against.
    """

    candidates: tuple[Fingerprint, ...]
    panel: tuple[Fingerprint, ...] = ()
    prompts: str = ""
    sentence: str = ""
    hashes: tuple[str, ...] = ()

    def told(self, report: Report) -> Report:
        """The report with what the library was."""
        if not self.sentence:
            return report
        check = Diagnostic(
            name="library",
            verdict="ok",
            statistic=float(len(self.panel)),
            limit=float(_FEWEST_MODELS),
            sentence=self.sentence,
        )
        # How much of a sample is compared stands before what is said of its size.
        told = report.diagnostics if self.panel else ()
        size = {one.sentence for one in told if one.name == "sample_size"}
        reasons = report.reasons
        place = next((at for at, one in enumerate(reasons) if one in size), len(reasons))
        return replace(
            report,
            diagnostics=(*report.diagnostics, check),
            reasons=(*reasons[:place], self.sentence, *reasons[place:]),
        )


def set_asked(panel: object) -> str | None:
    """Name of the set that ``library`` or ``library:SET`` asks for, empty for whichever is fair.

    Examples
    --------
    >>> set_asked("library:alpaca_eval"), set_asked(["library"]), set_asked(["other.fp"])
    ('alpaca_eval', '', None)
    """
    items = [panel] if isinstance(panel, str) else panel
    if not isinstance(items, list | tuple):
        return None
    asked = [
        one for one in items if isinstance(one, str) and one.partition(":")[0].strip() == LIBRARY
    ]
    if not asked:
        return None
    if len(items) > 1:
        raise InputError(
            "the library was given as a panel beside others",
            expected=f"{LIBRARY} alone, or names of its sources",
        )
    return asked[0].partition(":")[2]


def background(
    candidates: Sequence[Fingerprint],
    others: Sequence[Fingerprint],
    asked: str | None = None,
    held: Sequence[Shelf] | None = None,
) -> Background:
    """Which set of the library is a fair panel for the candidates, and what is said of it.

    Parameters
    ----------
    candidates, others : sequence of Fingerprint
        `others` are the references.
    asked : str, optional
        The set that the user asked for; empty for whichever is fair. Then one has to be.
    held : sequence of Shelf, optional
        By default the user's and what ships.

    Raises
    ------
    InputError
        Where a set was asked for that is not there or not fair.
    """
    every = shelves() if held is None else held
    sets = _sets(every)
    if asked and asked not in sets:
        raise InputError(
            f"the library holds no set of prompts called {asked[:80]!r}",
            expected=", ".join(sorted(sets)) or "a set",
            remedy="See provenance library list",
        )
    chosen = {asked: sets[asked]} if asked else sets
    shared = {name: _shared(candidates, hashes) for name, hashes in chosen.items()}
    best = max(shared, key=lambda name: (shared[name], name), default="")
    why = _why_not(candidates, best, shared.get(best, 0))
    kept = tuple(_answering(one, sets[best]) for one in candidates) if not why else ()
    panel: list[Fingerprint] = []
    whole: dict[str, str] = {}
    if not why:
        panel, whole = _panel(every, best, kept, others)
        if len(panel) < _FEWEST_MODELS:
            why = f"its set {best} holds {len(panel)} models measured as the candidate was"
    if not why:
        kept, panel = _on_common_prompts(kept, panel)
        if len(panel) < _FEWEST_MODELS or any(len(one.sample) < FEWEST_SHARED for one in kept):
            why = f"few prompts that it answers are answered by most models of its set {best}"
    if not why:
        why = next(filter(None, (of_another_kind(one, panel) for one in kept)), "")
    if why and asked is not None:
        raise InputError(
            f"the library is no fair panel: {why}",
            expected=f"a sample that answers {FEWEST_SHARED} prompts of a set as its models do",
            remedy="Leave --panel library out, or ask the candidate the prompts of one of its sets",
        )
    if why:
        return Background(
            tuple(candidates),
            sentence=f"No model of the library stands behind this answer: {why}.",
        )
    return Background(
        kept,
        tuple(panel),
        best,
        _said(candidates, kept, panel, best),
        tuple(whole[one.name] for one in panel),
    )


def _said(
    given: Sequence[Fingerprint],
    kept: Sequence[Fingerprint],
    panel: Sequence[Fingerprint],
    prompts: str,
) -> str:
    """What the panel is, and how much of each sample is compared with it."""
    sizes = [(len(one.sample), len(whole.sample)) for one, whole in zip(kept, given, strict=True)]
    n_kept, n_given = min(sizes)
    compared = (
        f"Of the {n_given:,} answers in the candidate's sample the {n_kept:,} to prompts that they"
        " answer, too, are compared with theirs, and the rest is left out"
        if n_kept < n_given
        else f"All {n_kept:,} answers in the candidate's sample are compared with theirs"
    )
    return (
        f"{len(panel)} models of the library that answer the prompts of {prompts} are the panel."
        f" {compared}. A model that is not among them is unknown (--no-library leaves them out)."
    )


def _sets(held: Sequence[Shelf]) -> dict[str, NDArray[np.uint64]]:
    names = sorted({name for shelf in held for name in shelf.prompts})
    return {name: np.unique(np.concatenate([one.hashes(name) for one in held])) for name in names}


def _shared(candidates: Sequence[Fingerprint], hashes: NDArray[np.uint64]) -> int:
    """Prompts of a set that every candidate's sample answers at least."""
    return min(
        (len(np.intersect1d(one.sample.prompt_hash, hashes)) for one in candidates), default=0
    )


def _why_not(candidates: Sequence[Fingerprint], best: str, shared: int) -> str:
    if not any(one.sample.prompt_hash.any() for one in candidates):
        return "the candidate's sample tells no prompts (--prompt-field)"
    if shared < FEWEST_SHARED:
        near = f"; of {best} it answers {shared}" if shared else ""
        return f"the candidate's sample answers other prompts than its models do{near}"
    return ""


def _panel(
    held: Sequence[Shelf],
    prompts: str,
    candidates: Sequence[Fingerprint],
    others: Sequence[Fingerprint],
) -> tuple[list[Fingerprint], dict[str, str]]:
    """Models of a set that are none of the candidates, by name or by their very answers.

    Each by its answers to what the candidates answered, and by name the hash of it whole.
    """
    entries: Mapping[str, tuple[Shelf, Entry]] = {
        entry.name: (shelf, entry)
        for shelf in reversed(held)
        for entry in shelf.entries
        if entry.prompts == prompts and entry.by == "model"
    }
    taken = {words_of(one.name) for one in (*candidates, *others)}
    answered = np.concatenate([one.sample.prompt_hash for one in candidates])
    found, whole = [], {}
    for name, (shelf, entry) in sorted(entries.items()):
        if taken & {words_of(name), words_of(name.split("/")[-1])}:
            continue
        held_whole = shelf.fingerprint(entry)
        made = _answering(held_whole, answered)
        if len(made.sample) >= MINIMUM_DOCUMENTS and all(
            _is_another(made, one) for one in candidates
        ):
            found.append(made)
            whole[name] = held_whole.sha256
    return found, whole


def _on_common_prompts(
    candidates: Sequence[Fingerprint], models: Sequence[Fingerprint]
) -> tuple[tuple[Fingerprint, ...], list[Fingerprint]]:
    """All by their answers to what at least half of the models answer."""
    prompts, counts = np.unique(
        np.concatenate([np.unique(one.sample.prompt_hash) for one in models]), return_counts=True
    )
    common = prompts[2 * counts >= len(models)]
    left = (_answering(one, common) for one in models)
    return (
        tuple(_answering(one, common) for one in candidates),
        [one for one in left if len(one.sample) >= MINIMUM_DOCUMENTS],
    )


def _is_another(model: Fingerprint, candidate: Fingerprint) -> bool:
    """Whether it is measured as the candidate is, and is not the candidate by another name."""
    same = np.isin(model.sample.text_hash, candidate.sample.text_hash).sum()
    shared = np.isin(model.sample.prompt_hash, candidate.sample.prompt_hash).sum()
    alike = same > _SAME_TEXTS * max(1, int(shared))
    return not alike and not model.spec.differences(candidate.spec)


def _answering(fingerprint: Fingerprint, hashes: NDArray[np.uint64]) -> Fingerprint:
    """A fingerprint whose sample is its answers to some prompts."""
    kept = np.flatnonzero(np.isin(fingerprint.sample.prompt_hash, hashes))
    return replace(fingerprint, sample=fingerprint.sample.take(kept))
