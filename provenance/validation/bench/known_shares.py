"""Suites of known share on real data: each makes one table of RESULTS.md.

``provenance validate --suite NAME --data FOLDER -o OUTDIR`` runs one. Samples and corpora never
share a prompt or a text; no document stands in a corpus twice, so that its size is the smaller of
what was asked and what there is. The data is not part of the project.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from provenance.errors import InputError
from provenance.features.spec import FeatureSpec
from provenance.files.json import plain
from provenance.scoring.fitting.stages import Stages
from provenance.validation.bench.data import Bench
from provenance.validation.bench.suites_of_domains import (
    ARXIV_SHARES,
    arxiv,
    arxiv_other_field,
    detectrl,
    detectrl_other_domain,
    innocents,
)
from provenance.validation.bench.suites_of_models import (
    alpaca_eval,
    alpaca_eval_unknown,
    asked_prompts,
    collections,
    other_prompts,
)
from provenance.validation.plan import Plan
from provenance.validation.readings import Reading
from provenance.validation.result import Validation
from provenance.version import __version__

__all__ = ["SUITES", "Suite", "run_suite"]


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite: what it runs, and the plan that it follows unless told otherwise."""

    readings: Callable[[Bench], Iterator[Reading]]
    plan: Plan


_ARXIV: Final = Plan(shares=ARXIV_SHARES, scenarios=(), splits=1)
_DETECTRL: Final = Plan(shares=(0.0, 0.01, 0.05, 0.2, 0.5, 1.0), sizes=(500, 2000))

SUITES: Final[Mapping[str, Suite]] = {
    "arxiv": Suite(arxiv, _ARXIV),
    "arxiv_other_field": Suite(
        arxiv_other_field,
        replace(_ARXIV, shares=(0.0, 0.05, 0.1, 0.25), trusted=(0, 200, 500, 2000)),
    ),
    "alpaca_eval": Suite(alpaca_eval, Plan(sizes=(500, 1500), splits=5, scenarios=("closed",))),
    "alpaca_eval_unknown": Suite(
        alpaca_eval_unknown, Plan(sizes=(1500,), splits=5, scenarios=("unknown source",))
    ),
    "asked_prompts": Suite(
        asked_prompts,
        Plan(shares=(0.0, 0.1, 0.5, 1.0), sizes=(500,), splits=1, scenarios=("closed",)),
    ),
    "collections": Suite(
        collections,
        Plan(shares=(0.0, 0.1, 0.25, 0.5, 1.0), sizes=(300,), splits=1, scenarios=("closed",)),
    ),
    "detectrl": Suite(detectrl, replace(_DETECTRL, scenarios=("closed",))),
    "detectrl_other_domain": Suite(
        detectrl_other_domain, replace(_DETECTRL, scenarios=("other domain",))
    ),
    "detectrl_trusted_rows": Suite(
        detectrl_other_domain,
        replace(_DETECTRL, scenarios=("other domain",), sizes=(500,), trusted=(50, 200, 500)),
    ),
    "innocents": Suite(innocents, Plan(shares=(0.0, 0.2), sizes=(300,), splits=1, scenarios=())),
    "other_prompts": Suite(
        other_prompts,
        Plan(shares=(0.0, 0.1, 0.5), sizes=(500, 2000), scenarios=("other domain",)),
    ),
}


def run_suite(
    name: str,
    data: Path,
    cache: Path,
    changes: Mapping[str, Any] | None = None,
    progress: Stages | None = None,
) -> Validation:
    """Run one suite.

    Parameters
    ----------
    name : str
        One of `SUITES`.
    data, cache : Path
        Folder of the data, and where fingerprints are kept.
    changes : mapping of str to value, optional
        Fields of the suite's plan that differ.
    progress : callable, optional

    Raises
    ------
    InputError
        Where the suite is unknown or its data is not there.
    """
    if name not in SUITES:
        raise InputError(f"there is no suite {name!r}", expected=f"one of {', '.join(SUITES)}")
    clock = time.monotonic()
    plan = SUITES[name].plan.changed(changes or {})
    bench = Bench(data, cache, plan, progress)
    readings = tuple(SUITES[name].readings(bench))
    return Validation(
        name=name,
        readings=readings,
        confidence_level=plan.confidence_level,
        version=__version__,
        seed=plan.seed,
        options=plain(plan),
        spec=plain(FeatureSpec()),
        sources=tuple(dict.fromkeys(bench.used)),
        seconds=round(time.monotonic() - clock, 1),
    )
