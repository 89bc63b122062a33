"""Whether words alone may answer where the samples do not explain layout and tokens.

``python -m provenance.validation.bench.views DATA``. White space that was changed makes the check
`fit` fail while words read the share as before. A rule that reads the words alone then would tell
more shares; this counts which of them would be wrong where another model wrote the rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from provenance.corpus import open_corpus
from provenance.fingerprint.measuring import fit_fingerprint, prepare_documents
from provenance.matching.checks.checks import choose_view
from provenance.matching.judging import Judged, Told, judge
from provenance.matching.scored_batch import hold_panel, scorer
from provenance.matching.tally import Tally
from provenance.records import FIT
from provenance.scoring.cached.file import cached_panel
from provenance.share.sources import Sources
from provenance.share.two_sources.two_sources import CAUTION
from provenance.validation.bench.files import existing
from provenance.validation.held_out import rng_of

__all__ = ["Outcome", "main", "read_in_views", "table"]

_MODELS: Final = ("ChatGPT", "Claude-instant", "Google-PaLM", "Llama-2-70b")
_DOMAINS: Final = ("xsum", "writing", "yelp")
_VIEWS: Final = ("n-grams", "words")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one corpus was read as: by all n-grams, and by words alone.

    Parameters
    ----------
    kind : str
        Who wrote the rows that are not people's.
    truth : float
    told : tuple of Told
        In the order of the views.
    fits : tuple of bool
    """

    kind: str
    truth: float
    told: tuple[Told, ...]
    fits: tuple[bool, ...]

    @property
    def by_rule(self) -> Told:
        """Words alone, where they fit and all n-grams do not."""
        return self.told[not self.fits[0] and self.fits[1]]


def read_in_views(sources: Sources, texts: Sequence[str], place: Path) -> list[Judged]:
    """One corpus, judged in both views, by the rules of `match`.

    Parameters
    ----------
    sources : Sources
        The candidate, and people.
    texts : sequence of str
    place : Path
        Where fitted panels are kept.
    """
    panel, path = cached_panel(sources.fingerprints, 0, place, place, lambda *_: None)
    hold_panel(path, panel)
    tally = Tally(panel.spec, len(panel.names))
    documents = [*open_corpus([{"text": text} for text in texts])]
    score = scorer(path, sources.candidates)
    tally.add(score(documents, prepare_documents(documents, panel.spec)))
    _, layout = choose_view(panel, tally, sources.beside_many)
    return [
        judge(
            tally,
            tally.sampled(view),
            panel.samples(view),
            sources,
            layout,
            confidence_level=0.95,
            caution=CAUTION,
        )
        for view in _VIEWS
    ]


def _outcome(kind: str, truth: float, sources: Sources, texts: list[str], place: Path) -> Outcome:
    judged = read_in_views(sources, texts, place)
    number = sources.candidates[0]
    fits = (
        all(item.verdict != "fail" for item in one.diagnostics if item.kind == FIT)
        for one in judged
    )
    return Outcome(kind, truth, tuple(one.told(number) for one in judged), tuple(fits))


def _read(path: Path) -> list[str]:
    texts = [one.text for one in open_corpus(existing(path), text_field="text") if one.text.strip()]
    return [texts[at] for at in rng_of("views", path.name).permutation(len(texts))]


def _outcomes(data: Path, domain: str, place: Path) -> Iterator[Outcome]:
    people = _read(data / f"human_{domain}.jsonl.gz")[:900]
    texts = {name: _read(data / domain / "direct_prompt" / f"{name}.jsonl.gz") for name in _MODELS}
    theirs = fit_fingerprint(open_corpus([{"text": one} for one in people[:600]]), "people")
    others = people[600:]
    for candidate in _MODELS:
        half = len(texts[candidate]) // 2
        own = open_corpus([{"text": one} for one in texts[candidate][:half]])
        sources = Sources((fit_fingerprint(own, candidate), theirs), ("candidate", "reference"))
        yield _outcome("nobody", 0.0, sources, others, place)
        for writer in _MODELS:
            rows = texts[writer][half:] if writer == candidate else texts[writer]
            rows = rows[: len(others) // 4]
            is_own = writer == candidate
            truth = len(rows) / (len(rows) + len(others)) if is_own else 0.0
            kind = "the candidate" if is_own else "a model that was not given"
            yield _outcome(kind, truth, sources, [*others, *rows], place)


def table(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, ...]]:
    """How many shares are told, how many are wrong, and how many accuse falsely."""
    yield "a fifth of the rows by", "corpora", "read by", "told", "wrong", "low end above the truth"
    every = [*outcomes]
    for kind in dict.fromkeys(one.kind for one in every):
        held = [one for one in every if one.kind == kind]
        for name in ("all n-grams", "words", "words where these alone fit"):
            read = [
                (one.truth, one.by_rule if name.endswith("fit") else one.told[name == "words"])
                for one in held
            ]
            told = [(truth, found) for truth, found in read if found.share is not None]
            wrong = sum(not found.low - 1e-9 <= truth <= found.high + 1e-9 for truth, found in told)
            false = sum(found.low > truth + 1e-9 for truth, found in told)
            yield kind, str(len(held)), name, str(len(told)), str(wrong), str(false)


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data, which is not the project's.")],
) -> None:
    """Print what a rule that reads words alone would tell, and whom it would accuse."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        found = [one for name in _DOMAINS for one in _outcomes(data / "detectrl", name, place)]
    for number, row in enumerate(table(found)):
        typer.echo("| " + " | ".join(row) + " |")
        if not number:
            typer.echo("|" + "---|" * len(row))


if __name__ == "__main__":
    typer.run(main)
