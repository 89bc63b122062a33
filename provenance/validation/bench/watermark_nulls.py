"""Watermark nulls on real text that nobody marked: many random keys, pooled and by document.

``python -m provenance.validation.bench.watermark_nulls DATA`` tokenizes the answers and the human
text of a data folder and tries random keys of every scheme on them, as `check_watermarks` does.
Beside it stand the figures of detectors that count draws more than once, and of normal tails.
`--scheme`, `--tokens` and `--keys` make it short.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from provenance.corpus import open_corpus
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.evidence.watermark.schemes.draws import Documents
from provenance.evidence.watermark.schemes.parameters import one_of
from provenance.evidence.watermark.tokens import tokenize_texts
from provenance.files.keys import Secret
from provenance.validation.bench.null_figures import LEVELS, NAIVE, OURS, Figures, try_keys
from provenance.validation.markdown import table

__all__ = ["SETTINGS", "Setting", "main", "read_text"]

TOKENIZER: Final = "cl100k_base"
VOCABULARY: Final = 100_277
_FOLDERS: Final = ("alpaca_eval", "arena_hard", "alpaca52k_en", "detectrl")
_DOCUMENTS: Final = 8192
"""Of a batch."""
_DEPTH: Final = 30

Runs = tuple[tuple[int, int], ...]
SLOW: Final[Runs] = ((1_000_000, 200), (10_000_000, 3))
FAST: Final[Runs] = ((10_000_000, 50),)
FEW: Final[Runs] = ((1_000_000, 50),)


@dataclass(frozen=True, slots=True)
class Setting:
    """A scheme with all but its key, and on how many tokens how many keys are tried.

    Parameters
    ----------
    scheme : str
    settings : dict
    runs : tuple of (int, int)
    """

    scheme: str
    settings: dict[str, Any]
    runs: Runs = SLOW

    @property
    def key(self) -> WatermarkKey:
        """A key of these settings, from which random ones are made."""
        layers = ",".join(["1"] * _DEPTH) if self.scheme.startswith("synthid") else 1
        return WatermarkKey(
            name=self.scheme,
            scheme_name=self.scheme,
            key=Secret(layers),
            tokenizer=TOKENIZER,
            settings=self.settings,
        )


def _settings() -> dict[str, Setting]:
    lists = {"vocab_size": VOCABULARY, "gamma": 0.25}
    mean, weighted = {"statistic": "mean"}, {"statistic": "weighted_mean"}
    # No detector was trained for random keys: plausible numbers, for which the bound must hold too.
    bayesian = {
        "statistic": "bayesian",
        "beta": [-1.0] * _DEPTH,
        "delta": np.tril(np.full((_DEPTH, _DEPTH), 0.3), -1).tolist(),
    }
    found = {
        f"kgw {name}": Setting("kgw", {**lists, "seeding_scheme": name})
        for name in ("lefthash", "minhash", "skipgram", "selfhash", "ff-minfunc-4-False")
    }
    found["kgw_hf selfhash"] = Setting(
        "kgw_hf",
        {
            "vocab_size": VOCABULARY,
            "greenlist_ratio": 0.25,
            "seeding_scheme": "selfhash",
            "context_width": 4,
        },
    )
    half = {"vocab_size": VOCABULARY, "gamma": 0.5}
    found["kgw_markllm"] = Setting("kgw_markllm", {**half, "prefix_length": 1})
    found["kgw_markllm min, self"] = Setting(
        "kgw_markllm", {**half, "prefix_length": 4, "f_scheme": "min", "window_scheme": "self"}, FEW
    )
    found["unigram"] = Setting("unigram", half, FAST)
    found["exp_threebricks"] = Setting("exp_threebricks", {"vocab_size": VOCABULARY, "ngram": 2})
    found["exp_threebricks maryland"] = Setting(
        "exp_threebricks", {**lists, "ngram": 2, "statistic": "maryland"}, FEW
    )
    # 100,352 is where models pad this vocabulary to; many products are 0 modulo 2**11 * 7**2.
    for size in (VOCABULARY, 100_352):
        found[f"exp_markllm {size}"] = Setting(
            "exp_markllm", {"vocab_size": size, "prefix_length": 4}
        )
    found["gumbel_vllm"] = Setting("gumbel_vllm", {}, FAST)
    found["gumbel_vllm_dual"] = Setting("gumbel_vllm_dual", {"alpha": 0.1}, FAST)
    found["synthid_google mean"] = Setting("synthid_google", mean, FAST)
    found["synthid_google weighted"] = Setting("synthid_google", weighted, FAST)
    found["synthid_google bayesian"] = Setting("synthid_google", bayesian, FEW)
    for seed in (0, 2, 3):
        table_seed = {"sampling_table_seed": seed}
        found[f"synthid_hf mean, table {seed}"] = Setting(
            "synthid_hf", {**mean, **table_seed}, FAST
        )
    found["synthid_hf weighted, table 0"] = Setting("synthid_hf", weighted, FAST)
    found["synthid_hf bayesian, table 0"] = Setting("synthid_hf", bayesian, FEW)
    return found


SETTINGS: Final = _settings()


def read_text(data: Path, n_tokens: int, seed: int = 0) -> list[Documents]:
    """About so many tokens of drawn documents, in batches.

    Parameters
    ----------
    data : Path
        A folder with `alpaca_eval`, `arena_hard`, `alpaca52k_en` and `detectrl`, of which those
        that are there are read; or a corpus.
    n_tokens, seed : int
    """
    folders = [data / name for name in _FOLDERS if (data / name).is_dir()]
    texts = [item.text for folder in folders or [data] for item in open_corpus(folder)]
    order = np.random.default_rng(seed).permutation(len(texts))
    batches: list[Documents] = []
    left = n_tokens
    for begin in range(0, len(order), _DOCUMENTS):
        if left <= 0:
            break
        drawn = [texts[number] for number in order[begin : begin + _DOCUMENTS].tolist()]
        found = tokenize_texts(drawn, TOKENIZER)
        n_whole = int(np.searchsorted(found.bounds, left))
        bounds = np.unique(found.bounds[: n_whole + 1])
        batches.append(Documents(found.ids[: bounds[-1]], bounds))
        left -= int(bounds[-1])
    return batches


def rows_of(name: str, n_tokens: int, found: Sequence[Figures]) -> dict[str, Any]:
    """One line of the table, and everything behind it."""
    ours = found[0]
    return {
        "setting": name,
        "tokens": n_tokens,
        "keys": len(ours.rates),
        "too_many": ours.too_many,
        "excess": ours.excess,
        "distance": ours.distance,
        "detectors": [asdict(one) for one in found],
    }


def line(name: str, n_tokens: int, found: Sequence[Figures]) -> tuple[str, ...]:
    """What the table tells of a setting: ours, then the naive detectors."""
    by_name = {one.detector: one for one in found}
    ours = by_name[OURS]
    others = [by_name[naive] for naive in NAIVE]
    return (
        name,
        f"{n_tokens / 1e6:.1f} M × {len(ours.rates)}",
        _with_error(ours.sd) if ours.z else "–",
        _with_error(ours.mean) if ours.z else "–",
        *(_rate(ours, number) for number in range(len(LEVELS))),
        f"{ours.distance:.4f}" if ours.z else "–",
        f"{by_name['draws once a document'].sd[0]:.2f}" if ours.z else "–",
        *(f"{one.sd[0]:.2f}; {_rates(one)}" if one.z else "–" for one in others),
    )


HEAD: Final = (
    *("scheme", "tokens × keys", "sd of z", "mean of z", "% at 1 %", "% at 0.1 %", "distance"),
    *("sd, once a document", *(f"{name}: sd; % at 1, 0.1 %" for name in NAIVE)),
)


def _with_error(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.2f} ± {pair[1]:.2f}"


def _rate(found: Figures, number: int) -> str:
    rate, error = found.rate(number)
    return f"{100 * rate:.3g} ± {100 * error:.1g}"


def _rates(found: Figures) -> str:
    return ", ".join(f"{100 * found.rate(number)[0]:.2g}" for number in range(len(LEVELS)))


def main(
    data: Annotated[Path, typer.Argument(help="Folder of real text that nobody marked.")],
    scheme: Annotated[
        list[str] | None, typer.Option(help="A setting of the table. Repeat; all unless told.")
    ] = None,
    tokens: Annotated[int | None, typer.Option(help="Of the text, for all settings.")] = None,
    keys: Annotated[int | None, typer.Option(help="Random keys, for all settings.")] = None,
    seed: Annotated[int, typer.Option(help="Draws documents and keys.")] = 0,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="JSON lines.")] = None,
) -> None:
    """Print the pooled z and the documents' rates of every scheme under random keys."""
    names = [one_of("scheme", name, list(SETTINGS)) for name in scheme or SETTINGS]
    lines = []
    read: dict[int, list[Documents]] = {}
    for name in names:
        for n_tokens, n_keys in SETTINGS[name].runs:
            n_tokens, n_keys = tokens or n_tokens, keys or n_keys
            if n_tokens not in read:
                read = {n_tokens: read_text(data, n_tokens, seed)}
            parts = read[n_tokens]
            start = time.perf_counter()
            found = try_keys(SETTINGS[name].key, parts, n_keys, seed)
            seconds = time.perf_counter() - start
            n_read = sum(len(part.ids) for part in parts)
            lines.append(line(name, n_read, found))
            typer.echo(f"{name}: {seconds:.0f} s; {'; '.join(found[0].too_many) or 'holds'}")
            typer.echo(table([HEAD, lines[-1]]))
            if output is not None:
                with output.open("a") as file:
                    file.write(json.dumps(rows_of(name, n_read, found)) + "\n")
            if tokens or keys:
                break
    typer.echo(f"\n{table([HEAD, *lines])}")


if __name__ == "__main__":
    typer.run(main)
