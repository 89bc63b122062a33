"""Speed of watermark detectors beside the libraries that mark text, in turns on one thread.

``python -m provenance.validation.bench.watermark_speed`` needs torch and transformers; a reference
that is not installed is left out, with a line that says how to get it. Values are held against each
other before anything is timed. Ours is `detect_watermark` from ids to p-value, each draw once; of
SynthID also its bits alone.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.evidence.watermark import Documents, detect_watermark, make_scheme
from provenance.evidence.watermark.schemes.layers import MULTIPLIER
from provenance.evidence.watermark.tokens import tokenize_texts
from provenance.validation.markdown import table

__all__ = ["Case", "main", "measured", "zipf_ids"]

_KEY: Final = 15485863
_GAMMA: Final = 0.25
_DEPTH: Final = 30
_ROW: Final = 1000
_SHORT: Final = 500
_BARS: Final = {"lefthash": 30, "selfhash": 60, "bits": 15, "vllm": 20}

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Case:
    """One detector, ours and the reference's, on the same ids.

    Parameters
    ----------
    name, text : str
    n_tokens : int
    bar : int
        Times that ours should be faster.
    ours, theirs : callable
        What is timed.
    differs : callable
        Whether the two disagree; called once.
    """

    name: str
    text: str
    n_tokens: int
    bar: int
    ours: Callable[[], object]
    theirs: Callable[[], object]
    differs: Callable[[], bool]


def zipf_ids(n: int, vocab_size: int, seed: int) -> Ids:
    """Independent ids, the one of rank r with a weight of r to the power of -1.1, shape (n,)."""
    weights = np.arange(1, vocab_size + 1) ** -1.1
    rng = np.random.default_rng(seed)
    return rng.choice(vocab_size, n, p=weights / weights.sum()).astype(np.int64)


def measured(case: Case, rounds: int) -> tuple[str, ...]:
    """Tokens a second of both, and their ratio in the middle and in the worst round.

    Raises
    ------
    InputError
        Where the two do not agree.
    """
    if case.differs():
        raise InputError(f"ours and the reference's values differ: {case.name}, {case.text}")
    case.ours()
    seconds = [(_timed(case.theirs), _timed(case.ours)) for _ in range(rounds)]
    ratios = [theirs / ours for theirs, ours in seconds]
    rates = [case.n_tokens / statistics.median(column) for column in zip(*seconds, strict=True)]
    return (
        *(case.name, case.text, f"{case.n_tokens:,}"),
        *(f"{rate:,.0f}" for rate in rates),
        *(f"{statistics.median(ratios):.0f}", f"{min(ratios):.0f}", str(case.bar)),
    )


def _timed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _green_lists(text: str, ids: Ids, vocab_size: int) -> Iterator[Case]:
    """transformers' `WatermarkDetector`, each n-gram once."""
    import torch
    from transformers import WatermarkDetector

    for name, width in (("lefthash", 1), ("selfhash", 4)):
        settings = {
            "greenlist_ratio": _GAMMA,
            "hashing_key": _KEY,
            "seeding_scheme": name,
            "context_width": width,
        }
        model = SimpleNamespace(vocab_size=vocab_size, bos_token_id=-1, is_encoder_decoder=False)
        detector = WatermarkDetector(
            model, "cpu", {**settings, "bias": 2.0}, ignore_repeated_ngrams=True
        )
        rows = torch.tensor(ids)[None]

        def theirs(detector: Any = detector, rows: Any = rows) -> Any:
            return detector(rows, return_dict=True)

        def ours(deduplicate: str = "state", settings: Any = settings) -> Any:
            given = {**settings, "vocab_size": vocab_size, "deduplicate": deduplicate}
            return detect_watermark(ids, scheme="kgw_hf", **given)

        def differs(ours: Any = ours, theirs: Any = theirs) -> bool:
            own, other = ours("ngram"), theirs()
            counts = (other.num_tokens_scored[0], other.num_green_tokens[0])
            return bool((own.n_scored, own.statistic) != counts)

        yield Case(f"KGW {name}", text, len(ids), _BARS[name], ours, theirs, differs)


def _bits(text: str, ids: Ids) -> Iterator[Case]:
    """Bits of SynthID-Text and their mean, rows of 1,000 ids."""
    import torch
    from transformers import SynthIDTextWatermarkLogitsProcessor as Processor

    keys = np.random.default_rng(0).integers(1, 1 << 40, _DEPTH).tolist()
    rows = ids[: len(ids) // _ROW * _ROW].reshape(-1, _ROW)
    tensor = torch.tensor(rows)
    table_of = {"sampling_table_size": 1 << 16, "sampling_table_seed": 0}
    settings = {"ngram_len": 5, "keys": keys, "context_history_size": 1024, **table_of}
    made = Processor(device="cpu", **settings)
    start = make_scheme("synthid_google", {"keys": keys})._hash_start  # type: ignore[attr-defined]

    def mean() -> float:
        bits = made.compute_g_values(tensor)
        mask = made.compute_context_repetition_mask(tensor)
        return float((bits * mask[..., None]).sum() / (mask.sum() * _DEPTH))

    def detected(deduplicate: str = "state") -> Any:
        given: dict[str, Any] = {"keys": keys, "statistic": "mean", "deduplicate": deduplicate}
        return detect_watermark(rows, scheme="synthid_hf", **given)

    def case(name: str, scheme: str, theirs: Callable[[], Any]) -> Case:
        found: Any = make_scheme(scheme, {"keys": keys})
        documents = Documents(rows.ravel(), np.arange(0, rows.size + 1, _ROW))

        def ours() -> Any:
            return found.g_values(documents)

        def differs() -> bool:
            bits = ours().reshape(*rows.shape, _DEPTH)[:, 4:]
            return not np.array_equal(bits, theirs().numpy())

        return Case(name, text, rows.size, _BARS["bits"], ours, theirs, differs)

    yield case("SynthID bits", "synthid_hf", lambda: made.compute_g_values(tensor))
    yield Case(
        *("SynthID mean and p", text, rows.size, _BARS["bits"]),
        *(detected, mean),
        lambda: abs(detected("none").statistic - mean()) > 1e-6,
    )
    yield case("SynthID bits, google's", "synthid_google", lambda: _google(tensor, keys, start))


def _google(rows: Any, keys: Sequence[int], start: int) -> Any:
    """The bits of google-deepmind/synthid-text by its recipe: that code is in no package."""
    import torch

    grams = rows.unfold(1, 5, 1)
    state = torch.full(grams.shape[:2], start, dtype=torch.long)
    for place in range(5):
        state = (state + grams[..., place]) * MULTIPLIER + 1
    bits = (state[..., None] + torch.tensor(keys)) * MULTIPLIER + 1
    for _ in range(12):
        bits = ((bits + 1) * MULTIPLIER + 1) >> 5
    return (bits >> 30) & 1


def _gumbel(text: str, ids: Ids, detector: Any) -> Case:
    """vLLM's detector, documents of 500 ids one by one, each context once."""
    parts = [part.tolist() for part in np.split(ids, range(_SHORT, len(ids), _SHORT))]

    def ours() -> list[tuple[int, float, float]]:
        found = [
            detect_watermark(part, scheme="gumbel_vllm", key=_KEY, deduplicate="context")
            for part in parts
        ]
        return [(one.n_scored, one.statistic, one.p_value) for one in found]

    def theirs() -> list[tuple[int, float, float]]:
        found = [detector.detect(part) for part in parts]
        return [(one.num_scored_tokens, one.score, one.p_value) for one in found]

    def differs() -> bool:
        return not np.allclose(np.array(ours()), np.array(theirs()), rtol=1e-9)

    return Case("vLLM Gumbel", text, len(ids), _BARS["vllm"], ours, theirs, differs)


def _vllm_detector(wheel: Path | None) -> Any:
    """The detector of an installed vLLM, or of a wheel, from which nothing else is loaded."""
    if wheel is not None:
        # What only generation needs is left empty: it would ask for a device.
        for name in ("", ".v1", ".config", ".v1.watermarking"):
            package = ModuleType(f"vllm{name}")
            package.__path__ = [f"{wheel}/vllm{name.replace('.', '/')}"]
            sys.modules[package.__name__] = package
        sys.path.insert(0, str(wheel))
        _stand_in("config.watermarking", "WatermarkPRFName", "derive_watermark_key")
        generation = ("DraftContextState", "RandomSampler", "WatermarkSample")
        classes = ("SupportsSpeculativeDecoding", "Watermarker")
        _stand_in("v1.watermarking.watermarker", *generation, *classes)
    gumbel = importlib.import_module("vllm.v1.watermarking.gumbel")
    return gumbel.GumbelWatermarkDetector(key=_KEY)


def _stand_in(module: str, *names: str) -> None:
    made = ModuleType(f"vllm.{module}")
    for name in names:
        setattr(made, name, type(name, (), {}))
    sys.modules[made.__name__] = made


def _cases(
    texts: Sequence[tuple[str, Ids, int]], wheel: Path | None, only: Sequence[str]
) -> Iterator[Case]:
    """Cases whose reference is installed."""
    try:
        import torch
    except ImportError:
        typer.echo("torch is not installed: pip install torch transformers")
        return
    torch.set_num_threads(1)
    detector = None
    try:
        detector = _vllm_detector(wheel)
    except ImportError as error:
        typer.echo(
            f"vLLM's detector is left out ({error}): pip install vllm, or pip download --no-deps "
            "vllm==0.33.0 and --vllm-wheel FILE"
        )
    for text, ids, vocab_size in texts:
        if detector is not None and "vllm" in only:
            yield _gumbel(text, ids, detector)
        try:
            if "synthid" in only:
                yield from _bits(text, ids)
            if "kgw" in only:
                yield from _green_lists(text, ids, vocab_size)
        except ImportError as error:
            typer.echo(f"transformers is left out ({error}): pip install transformers")


def _real(path: Path, n_tokens: int) -> Ids:
    texts = [item.text for item in open_corpus(path)]
    drawn = np.random.default_rng(0).permutation(len(texts)).tolist()
    found = tokenize_texts([texts[number] for number in drawn], "cl100k_base").ids
    if len(found) < n_tokens:
        raise InputError(f"{len(found):,} tokens", where=str(path), expected=f"{n_tokens:,}")
    return found[:n_tokens]


def main(
    corpus: Annotated[Path | None, typer.Argument(help="Real text, beside drawn ids.")] = None,
    tokens: Annotated[int, typer.Option(help="Of each text.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="Times that both are timed in turn.")] = 3,
    vllm_wheel: Annotated[Path | None, typer.Option(help="Of vLLM, not installed.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="kgw, synthid or vllm. Repeat.")] = None,
) -> None:
    """Print tokens a second of ours and of each reference, and their ratio."""
    texts = [("Zipf 1.1", zipf_ids(tokens, 50_272, 0), 50_272)]
    if corpus is not None:
        texts.append(("real text", _real(corpus, tokens), 100_277))
    head = ("detector", "ids", "tokens", "reference, tokens/s", "ours, tokens/s")
    rows: list[tuple[str, ...]] = [(*head, "ratio", "worst round", "bar")]
    for case in _cases(texts, vllm_wheel, only or ["kgw", "synthid", "vllm"]):
        rows.append(measured(case, rounds))
        typer.echo(table([rows[0], rows[-1]]).splitlines()[-1])
    typer.echo(f"\n{table(rows)}")


if __name__ == "__main__":
    typer.run(main)
