"""Every number that a public function takes: an odd one is refused before any work, or will do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_text import fingerprint

from provenance import (
    CorpusOptions,
    FeatureSpec,
    InputError,
    detect_watermark,
    fit_fingerprint,
    index_log,
    match,
    open_corpus,
    validate,
)
from provenance.evidence.canary.checking import check
from provenance.evidence.canary.planting import Canary
from provenance.evidence.watermark.corpus import check_watermarks
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.files.keys import Secret
from provenance.fingerprint.comparing import compare
from provenance.fingerprint.sample import Limits

ODD: tuple[Any, ...] = (
    0,
    -1,
    float("nan"),
    float("inf"),
    1e30,
    10**30,
    10**5000,
    "5%",
    "",
    True,
    [],
    2.5,
)
KEY = Secret("0123456789abcdef")


class Reached(Exception):  # noqa: N818
    """The work began."""


def unread() -> Iterator[str]:
    raise Reached
    yield ""


def corpus() -> Any:
    return open_corpus(unread())


def watermark(**named: Any) -> object:
    key = WatermarkKey(name="k", scheme_name="gumbel_vllm", key=Secret(42), tokenizer="cl100k_base")
    return check_watermarks(corpus(), [key], **named)


def unigram(**named: Any) -> object:
    settings = {"key": 1, "vocab_size": 50, "gamma": 0.5} | named
    return detect_watermark(np.arange(9), scheme="unigram", **settings)


def measured(**named: Any) -> object:
    progress = named.pop("progress", None)
    pair: dict[str, Any] = {
        "candidates": [fingerprint("alpha")],
        "references": [fingerprint("human")],
    }
    return validate(**pair, progress=progress or stop, **named)


def stop(*_: object) -> None:
    raise Reached


TAKE: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "match": (
        lambda **named: match(
            corpus(),
            candidates=[fingerprint("alpha")],
            references=[fingerprint("human")],
            **named,
        ),
        ("confidence_level", "fdr", "seed", "workers"),
    ),
    "fit_fingerprint": (lambda **named: fit_fingerprint(corpus(), "a", **named), ("workers",)),
    "index_log": (
        lambda **named: index_log(corpus(), Path("no.idx"), **named),
        ("window", "workers"),
    ),
    "open_corpus": (CorpusOptions, ("limit", "sample", "seed")),
    "limits": (Limits, ("rows", "row_tokens")),
    "spec": (FeatureSpec, ("min_tokens", "word_bits", "shape_bits")),
    "compare": (
        lambda **named: compare([fingerprint("alpha"), fingerprint("human")], **named),
        ("confidence_level",),
    ),
    "validate": (
        measured,
        ("shares", "sizes", "repeats", "splits", "seed", "confidence_level", "fdr"),
    ),
    "canary": (lambda **named: Canary(key=KEY, **named), ("rate", "strings")),
    "check": (
        lambda **named: check(corpus(), [Canary(key=KEY, accounts=("a",))], **named),
        ("level", "workers", "max_states"),
    ),
    "check_watermarks": (
        watermark,
        ("level", "fdr", "n_random_keys", "confidence_level", "seed", "max_states", "workers"),
    ),
    "detect_watermark": (unigram, ("vocab_size", "gamma", "key")),
}
CASES = [
    pytest.param(call, name, id=f"{function}-{name}")
    for function, (call, names) in TAKE.items()
    for name in names
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("provenance.matching.estimating.cached_panel", stop)


@pytest.mark.parametrize(("call", "name"), CASES)
def test_an_odd_number_is_one_paragraph_or_will_do(call: Callable[..., object], name: str) -> None:
    refused = 0
    for value in ODD:
        try:
            call(**{name: value})
        except InputError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 500
            refused += 1
        except Reached:
            continue
    # A word, nothing and a list are never numbers.
    assert refused >= 3
