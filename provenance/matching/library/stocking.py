"""Measure the sources that ship: a bounded sample of each, sealed, with what is known of it.

``provenance library build DATA -o FOLDER`` writes them anew; the same texts give the same bytes.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.features.hashes import text_hash
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.matching.library.kinds import written_by
from provenance.matching.library.shelf import Entry, Shelf

__all__ = ["SETS", "TextSet", "known_of", "release_of", "stock"]

_PUBLIC = "no licence stated with the texts; statistics only"
_EQBENCH: Final = "EQ-bench/creative-writing-bench, cut at 4,500 letters"
_FEWEST: Final = 20
"""Documents of a source: no panel is fitted on fewer."""
_SHARED: Final = 0.5
"""Part of a set's models that answer a prompt from which it is the set's; a round figure."""


@dataclass(frozen=True, slots=True)
class TextSet:
    """A folder of texts, and how much of it ships.

    Parameters
    ----------
    folder : str
        In the folder of the data.
    files : str
        Pattern of its files.
    most : int
        Documents of a source. A document takes 1.5 KB of answers of 220 words, 4 KB of 730.
    source, licence : str
    cut : bool
        Whether texts end at a length that somebody chose. Beside whole answers such ones are told
        apart by their ends, so that the set is no panel unasked.
    without : tuple of str
        Models that do not ship, for room.
    """

    folder: str
    files: str
    most: int
    source: str
    licence: str = _PUBLIC
    cut: bool = False
    without: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the set is called in the library."""
        return self.folder.split("/")[-1]

    def holds(self, model: str) -> bool:
        """Whether a model ships: one whose vendor is known, as others have no name to ask for."""
        return known_of(model)[0] is not None and model not in self.without


SETS: Final = (
    TextSet(
        "alpaca_eval",
        "*",
        240,
        "tatsu-lab/alpaca_eval, results",
        "CC BY-NC 4.0",
        without=(
            *("chatglm2-6b", "baichuan-13b-chat", "falcon-40b-instruct", "internlm2-chat-20b-ppo"),
            *("Qwen1.5-7B-Chat", "Qwen1.5-72B-Chat", "Yi-34B-Chat", "dbrx-instruct"),
            *("deepseek-llm-67b-chat", "gpt-3.5-turbo-0613", "gemma-7b-it"),
        ),
    ),
    TextSet("more/slop_score", "*", 40, "sam-paech/slop-score, cut at 4,500 letters", cut=True),
    TextSet("more/eqbench_cw", "*", 22, _EQBENCH, cut=True),
    TextSet("more/debate_2026", "*", 30, "lechmazur/debate"),
    TextSet("detectrl", "human_*", 60, "NLP2CT/DetectRL"),
    TextSet(
        "more/human_web", "human_*", 60, "yizhongw/self-instruct, GAIR-NLP/LIMO, nltk/nltk_data"
    ),
    TextSet("more/human_abstracts", "human_*", 60, "pubmedqa/pubmedqa"),
    TextSet("more/reddit_qa", "human_*", 60, "madlab-ucr/GriD"),
    TextSet("more/stackoverflow", "human_*", 60, "SamiaKabir/ChatGPT-Answers-to-SO-questions"),
    TextSet("more/selfinstruct_human", "human_*", 60, "yizhongw/self-instruct"),
    TextSet("more/hc3plus", "human_en_*", 60, "suu990901/chatgpt-comparison-detection-HC3-Plus"),
)
"""How many documents of each: by room, 25 MB in the wheel for all. Beside 16 models of
`alpaca_eval` with 260 answers 5 of 8 candidates with a share of 30 % were told, beside 31 with 130
answers, which take the same room, 2 of 8 (`bench.library_panels`, one division of the prompts
each)."""

_KNOWN: Final = (
    (r"chatgpt|gpt[-_]?[345]|text_davinci", "OpenAI", "GPT"),
    (r"gpt-oss", "OpenAI", "gpt-oss"),
    (r"o[134]-", "OpenAI", "o"),
    (r"(anthropic__)?claude-(?!\w*alpaca)", "Anthropic", "Claude"),
    (r"gemini", "Google", "Gemini"),
    (r"(google__)?gemma-(?!.*(simpo|antislop))", "Google", "Gemma"),
    (r"(meta-llama__)?(meta-)?llama-?\d(?!.*(alpaca|sft))", "Meta", "Llama"),
    (r"(mistralai__)?(mistral|mixtral|ministral)", "Mistral AI", "Mistral"),
    (r"(qwen__)?(qwen|qwq)", "Alibaba", "Qwen"),
    (r"(deepseek-ai__)?deepseek", "DeepSeek", "DeepSeek"),
    (r"(cohereforai__)?(cohere|c4ai-command)", "Cohere", "Command"),
    (r"grok", "xAI", "Grok"),
    (r"glm|chatglm", "Zhipu AI", "GLM"),
    (r"kimi", "Moonshot AI", "Kimi"),
    (r"minimax", "MiniMax", "MiniMax"),
    (r"ernie", "Baidu", "ERNIE"),
    (r"seed-", "ByteDance", "Seed"),
    (r"mimo", "Xiaomi", "MiMo"),
    (r"hy3", "Tencent", "Hunyuan"),
    (r"(liquid__)?lfm", "Liquid AI", "LFM"),
    (r"dbrx", "Databricks", "DBRX"),
    (r"yi-\d", "01.AI", "Yi"),
    (r"baichuan", "Baichuan", "Baichuan"),
    (r"internlm", "Shanghai AI Laboratory", "InternLM"),
    (r"falcon", "TII", "Falcon"),
    (r"phi-\d(?!.*sft)", "Microsoft", "Phi"),
)
"""Beginnings of models' names, and whose they are; models that others tuned are nobody's here."""
_DAY: Final = re.compile(r"(?<!\d)(20[12]\d)-?(\d\d)-?(\d\d)(?!\d)", re.ASCII)
_MONTH: Final = re.compile(r"(?<!\d)(0[1-9]|1[0-2])-(20[12]\d)(?!\d)", re.ASCII)


def known_of(name: str) -> tuple[str | None, str | None]:
    """Vendor and family of a model by its name, None where it does not tell them.

    Examples
    --------
    >>> known_of("gpt-4o-2024-05-13"), known_of("claude2-alpaca-13b")
    (('OpenAI', 'GPT'), (None, None))
    """
    for beginning, vendor, family in _KNOWN:
        if re.match(beginning, name, re.IGNORECASE):
            return vendor, family
    return None, None


def release_of(name: str) -> str | None:
    """Day or month that a model's name tells, None where it tells none.

    Examples
    --------
    >>> release_of("claude-3-opus-20240229"), release_of("c4ai-command-a-03-2025")
    ('2024-02-29', '2025-03')
    >>> release_of("gpt4_0613")
    """
    day, month = _DAY.search(name), _MONTH.search(name)
    if day:
        return "-".join(day.groups())
    return f"{month[2]}-{month[1]}" if month else None


def stock(
    folder: Path, target: Path, told: Callable[[str], object] = str, sets: Sequence[TextSet] = SETS
) -> Shelf:
    """Measure the sources of a data folder and put them into a new library folder.

    Parameters
    ----------
    folder : Path
        Holds the folders of `sets`; those that are not there are passed over.
    target : Path
        Must hold no library yet.
    told : callable
        Called with a line on each source.
    sets : sequence of TextSet

    Raises
    ------
    InputError
        Where there is none of the sets, or the target holds a library.
    """
    shelf = Shelf.load(target)
    if shelf.entries:
        raise InputError(
            "there is a library already", where=str(target), remedy="Name a new folder"
        )
    for one in sets:
        for entry, fingerprint, hashes in _measured(folder, one):
            shelf = shelf.with_source(entry, fingerprint, hashes)
            told(f"{entry.name}: {len(fingerprint.sample)} documents")
    if not shelf.entries:
        raise InputError("it holds none of the sources", where=str(folder))
    return shelf


def _measured(folder: Path, texts: TextSet) -> Iterator[tuple[Entry, Fingerprint, list[str]]]:
    paths = sorted((folder / texts.folder).glob(f"{texts.files}.jsonl.gz"))
    by_people = {path: written_by(path.name) == "people" for path in paths}
    used = {
        path: _rows(path)
        for path in paths
        if by_people[path] or texts.holds(path.name.removesuffix(".jsonl.gz"))
    }
    answered = Counter(
        prompt for path, rows in used.items() if not by_people[path] for prompt in _prompts(rows)
    )
    n_models = len(used) - sum(by_people[path] for path in used)
    shared = [prompt for prompt, n in answered.items() if n > 1 and n >= _SHARED * n_models]
    chosen = sorted(shared, key=lambda one: (text_hash(one), one))[: texts.most]
    for path, rows in used.items():
        name = path.name.removesuffix(".jsonl.gz")
        drawn = _drawn(rows, [] if by_people[path] else chosen, texts.most)
        if len(drawn) < _FEWEST:
            continue
        made = fit_fingerprint(open_corpus(iter(drawn)), f"{texts.name}/{name}")
        vendor, family = (None, None) if by_people[path] else known_of(name)
        entry = Entry(
            name=made.name,
            by="people" if by_people[path] else "model",
            prompts=texts.name,
            n_documents=0,
            n_tokens=0,
            language="en",
            source=texts.source,
            licence=texts.licence,
            sha256="",
            vendor=vendor,
            family=family,
            release=None if by_people[path] else release_of(name),
        )
        hashes = [] if texts.cut else [f"{text_hash(one):x}" for one in chosen]
        yield entry, replace(made, inputs_sha256=()), hashes


def _prompts(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    return {row["prompt"] for row in rows if row.get("prompt")}


def _rows(path: Path) -> list[dict[str, Any]]:
    """Rows in English, one for each text.

    Short ones stay: a panel without them would make short answers the candidate's.
    """
    with gzip.open(path) as lines:
        rows = [*map(orjson.loads, lines)]
    kept = {
        row["text"]: row
        for row in rows
        if (row.get("lang") or "en") == "en" and isinstance(row.get("text"), str)
    }
    return [*kept.values()]


def _drawn(
    rows: Sequence[Mapping[str, Any]], chosen: Sequence[str], most: int
) -> list[dict[str, str]]:
    """One answer to each prompt that was chosen; where none was, the texts of smallest hash."""
    in_order = sorted(rows, key=lambda row: (text_hash(row["text"]), row["text"]))
    if not chosen:
        return [_row(row, with_prompt=False) for row in in_order[:most]]
    first = {row.get("prompt"): row for row in reversed(in_order)}
    return [_row(first[prompt], with_prompt=True) for prompt in chosen if prompt in first]


def _row(row: Mapping[str, Any], *, with_prompt: bool) -> dict[str, str]:
    prompt = row.get("prompt")
    return {"text": row["text"], **({"prompt": prompt} if with_prompt and prompt else {})}
