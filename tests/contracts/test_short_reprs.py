"""What a notebook shows of an object is short, and what it is given may be a percentage."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import report_examples as examples
from known_matches import ALPHA, BETA, CACHE, HUMAN, MIXED, matched

from provenance import InputError, LogIndex, fit_fingerprint, index_log, open_corpus, same_source
from provenance.errors import require_number
from provenance.fingerprint.comparing import compare
from provenance.matching.comparisons.lean import Lean
from provenance.validation.result import Validation

LEAN = Lean(
    suspect="s",
    base="b",
    candidate="c",
    n_prompts=9,
    suspect_share=0.5,
    base_share=0.4,
    more=0.1,
    more_low=-0.1,
    more_high=0.3,
    others=(),
    confidence_level=0.95,
    seed=0,
)
VALIDATION = Validation(
    name="samples",
    readings=(),
    confidence_level=0.95,
    version="1",
    seed=0,
    options={},
    spec={},
    sources=(),
)


def log(folder: Path) -> LogIndex:
    return index_log(open_corpus([{"text": row["text"]} for row in MIXED]), folder / "log.idx")


SHOWN: dict[str, Callable[[Path], Any]] = {
    "corpus": lambda _: open_corpus(MIXED),
    "fingerprint": lambda _: ALPHA,
    "report": lambda _: examples.crowded(),
    "log": log,
    "same": lambda _: same_source(ALPHA, BETA),
    "lean": lambda _: LEAN,
    "comparison": lambda _: compare([ALPHA, HUMAN]),
    "validation": lambda _: VALIDATION,
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_repr_is_short(name: str, tmp_path: Path) -> None:
    told = repr(SHOWN[name](tmp_path))
    assert re.fullmatch(r"<[A-Z][A-Za-z]+ ?[^\n]*>", told) and len(told) <= 600
    assert " object at 0x" not in told


@pytest.mark.parametrize("name", ["report", "same", "lean"])
def test_a_notebook_shows_the_answer_first(name: str, tmp_path: Path) -> None:
    assert SHOWN[name](tmp_path)._repr_html_().startswith("<p><strong>")


@pytest.mark.parametrize("given", ["5%", "5 %", 0.05, np.float64(0.05)])
def test_a_fraction_may_be_a_percentage(given: Any) -> None:
    assert require_number("fdr", given) == 0.05


@pytest.mark.parametrize("given", ["5", "%", "nan%", "105%", True, None])
def test_what_is_neither_is_refused(given: Any) -> None:
    with pytest.raises(InputError, match="fdr is"):
        require_number("fdr", given)


def test_a_number_of_percent_is_told_how_to_write_it() -> None:
    with pytest.raises(InputError, match=r"write 0\.95 or '95%'"):
        require_number("confidence_level", 95)


def test_a_match_takes_percentages() -> None:
    given: dict[str, Any] = {"cache_dir": CACHE, "only": True}
    found = matched(MIXED[:80], confidence_level="90%", fdr="5%", **given)
    assert {row.confidence_level for row in found.shares} == {0.9}
    same = matched(MIXED[:80], confidence_level=0.9, fdr=0.05, **given)
    assert (found.shares, found.excerpts) == (same.shares, same.excerpts)


def test_samples_and_name_that_are_swapped_are_told() -> None:
    with pytest.raises(InputError, match="the samples first and the name second"):
        fit_fingerprint("alpha", MIXED)  # type: ignore[arg-type]
