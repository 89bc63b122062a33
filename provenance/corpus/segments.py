"""The parts that a text is made of: prose, reasoning, code, tool calls, what is quoted, grades.

`RECOGNISERS` is the table: what each part looks like, and in how many texts by people that hold
nothing but prose it was seen all the same. A text is cut at what they find, the first row first;
what is left is prose, or code where its lines look like code. Prose and reasoning are told apart by
language, code by programming language, so that like is compared with like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from provenance.corpus.chats.spelled import holds_parts, spelled_out
from provenance.corpus.document import CorpusOptions, Document
from provenance.corpus.languages import OTHER_SCRIPTS, language_of

__all__ = [
    "FALSE_TEXTS",
    "PEOPLES_TEXTS",
    "RECOGNISERS",
    "SEGMENT",
    "Recogniser",
    "Splitter",
    "holds_segments",
    "kind_of",
    "recognised_by",
    "segments_of",
    "split_documents",
]

SEGMENT: Final = "segment"
"""The field under which a document tells the segment that it is of."""
_FLAGS: Final = re.MULTILINE | re.DOTALL | re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One way in which a part of a text is marked.

    Parameters
    ----------
    name : str
    kind : str
        What it marks: ``reasoning``, ``tool``, ``code``, ``quoted`` or ``label``.
    pattern : re.Pattern
        Its group ``body`` is the part; a group ``language`` tells that of code. Each holds to the
        end of the text where it is not closed, so that it is looked at once.
    hint : str
        What every match holds, in lower case; a look before the pattern.
    """

    name: str
    kind: str
    pattern: re.Pattern[str]
    hint: str


def _row(name: str, kind: str, hint: str, pattern: str) -> Recogniser:
    return Recogniser(name, kind, re.compile(pattern, _FLAGS), hint)


_THOUGHTS: Final = "think|thinking|thought|thoughts|reasoning|scratchpad|reflection"
_TOOLS: Final = (
    "tool_call|tool_calls|tool_use|tool_response|tool_result|tool_output|function_call"
    "|function_calls|function_result|function_results|function_response"
)
_VERDICT: Final = (
    r"(?:(?:overall|final)[ ])?(?:score|rating|grade|verdict|label|judge?ment|classification)"
)

RECOGNISERS: Final[Sequence[Recogniser]] = (
    _row(
        "tags of thought",
        "reasoning",
        "<",
        rf"<(?P<tag>{_THOUGHTS})>(?P<body>.*?)(?:</(?P=tag)>|\Z)",
    ),
    # The opening tag of some models' templates is part of the prompt.
    _row("an end of thought", "reasoning", "</think>", r"\A(?P<body>.*?)</think>"),
    _row(
        "a channel of analysis",
        "reasoning",
        "<|channel|>",
        r"(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary)<\|message\|>"
        r"(?P<body>.*?)(?:<\|end\|>|(?=<\|start\|>)|\Z)",
    ),
    _row(
        "marks of thought",
        "reasoning",
        "<|begin_of_thought|>",
        r"<\|begin_of_thought\|>(?P<body>.*?)(?:<\|end_of_thought\|>|\Z)",
    ),
    _row(
        "tags of tools",
        "tool",
        "<",
        rf"<(?P<tag>{_TOOLS})(?:\s[^<>]{{0,200}})?>(?P<body>.*?)(?:</(?P=tag)>|\Z)",
    ),
    _row("calls in brackets", "tool", "[tool_calls]", r"\[TOOL_CALLS\](?P<body>[^\n]*)"),
    _row(
        "results in brackets",
        "tool",
        "[tool_results]",
        r"\[TOOL_RESULTS\](?P<body>.*?)(?:\[/TOOL_RESULTS\]|\Z)",
    ),
    _row(
        "actions",
        "tool",
        "action input:",
        r"^(?P<body>Action:[^\n]*\nAction Input:[^\n]*(?:\nObservation:[^\n]*)?)$",
    ),
    _row(
        "fences",
        "code",
        "```",
        r"^[ \t]{0,8}(?P<fence>```+)[ \t]*(?P<language>[\w+#.-]{0,20})[^\n`]*\n"
        r"(?P<body>.*?)(?:^[ \t]{0,8}(?P=fence)`*[ \t]*$|\Z)",
    ),
    _row("quoted lines", "quoted", ">", r"(?P<body>(?:^>[ \t][^\n]*(?:\n|\Z))+)"),
    _row(
        "lines of a grade",
        "label",
        ":",
        rf"^[ \t*_#-]{{0,8}}(?P<body>{_VERDICT}[ *_]{{0,4}}:[ *_]{{0,4}}\[{{0,2}}"
        r"(?:\d{1,3}(?:\.\d{1,2})?(?:[ ]?/[ ]?\d{1,3}|[ ]?%)?|[A-E][+-]?|yes|no|true|false|tie"
        r"|positive|negative|neutral|pass|fail|correct|incorrect|win|lose)\]{0,2}[ *_.]{0,4})$",
    ),
    _row("grades in brackets", "label", "[[", r"(?P<body>\[\[(?:\d{1,3}(?:\.\d{1,2})?|[A-E])\]\])"),
    _row(
        "a label alone",
        "label",
        "",
        r"\A\s{0,9}(?P<body>[\[(\"'*]{0,2}(?:\d{1,3}(?:\.\d{1,2})?(?:[ ]?/[ ]?\d{1,3}|[ ]?%)?"
        r"|[A-E]|yes|no|true|false|tie|positive|negative|neutral|pass|fail|correct|incorrect)"
        r"[\])\"'*.]{0,3})\s{0,9}\Z",
    ),
)
"""The first row that finds something cuts it out; the next ones see what is left."""
_FENCES: Final = next(row.pattern for row in RECOGNISERS if row.kind == "code")
_IN_TAGS: Final = tuple(row for row in RECOGNISERS if row.kind in ("reasoning", "tool"))

PROMPT: Final = "the prompt again"
LINES_OF_CODE: Final = "lines of code"

PEOPLES_TEXTS: Final = 20_468
FALSE_TEXTS: Final[Mapping[str, int]] = {
    **{row.name: 0 for row in RECOGNISERS},
    PROMPT: 0,
    "quoted lines": 115,
    "a label alone": 2,
    LINES_OF_CODE: 3,
}
"""Texts by people, of plain prose, and in how many of them each row found something
(`python -m provenance.validation.bench.segmenting DATA`). Of the quoted lines 112 are quotations
indeed, in a forum."""

_FEWEST_QUOTED: Final = 40
"""Characters of a prompt below which its words in a text are no quotation: a round figure."""

_ALIASES: Final[Mapping[str, str]] = {
    alias: name
    for name, aliases in {
        "python": "python py python3 ipython pycon",
        "javascript": "javascript js jsx node typescript ts tsx",
        "java": "java kotlin scala",
        "c": "c c++ cpp h hpp c# cs csharp",
        "go": "go golang",
        "rust": "rust rs",
        "php": "php",
        "ruby": "ruby rb",
        "shell": "bash sh shell zsh console terminal powershell",
        "sql": "sql mysql postgresql sqlite",
        "html": "html xml css svg",
        "data": "json yaml yml toml csv",
    }.items()
    for alias in aliases.split()
}
_TELLING: Final[Mapping[str, re.Pattern[str]]] = {
    "python": re.compile(r"^[ \t]*(?:def \w+\(.*:|class \w+.*:|from [\w.]+ import |elif )", re.M),
    "javascript": re.compile(r"\b(?:const|let) \w+ ?=|=>|\bfunction ?\w*\(|console\.log|===", re.M),
    "java": re.compile(
        r"\bpublic (?:static |final |class |\w+ \w+\()|System\.out|\bval \w+ ?=", re.M
    ),
    "c": re.compile(r"^#include|\bstd::|\bint main\(|\bprintf\(|\busing namespace|->\w", re.M),
    "go": re.compile(r"^package \w+|^func |:= |\bfmt\.", re.M),
    "rust": re.compile(r"\bfn \w+|\blet mut |\bimpl\b|&mut |\.unwrap\(", re.M),
    "php": re.compile(r"<\?php|\$\w+ ?=|\$this->", re.M),
    "ruby": re.compile(r"^[ \t]*(?:end|puts .*|def \w+[^:{]*)$|\bdo \|", re.M),
    "sql": re.compile(r"\b(?:SELECT .* FROM|INSERT INTO|CREATE TABLE|UPDATE \w+ SET)\b", re.M),
    "html": re.compile(r"</(?:div|p|html|body|span|a|ul|head)>", re.M),
}
"""What the lines of a language hold that those of others seldom do; of code without a name."""
_CODE_LINE: Final = re.compile(
    r"[;{}]\s*$|^\s*(?:def |class |import |from \S+ import |return\b|if .*[:{]$|for .*[:{]$|while"
    r" .*[:{]$|else\b.*[:{]?$|elif |try[:{]|except|#include|@\w|fn |func |let |const |var |public"
    r" |private |end$|//|/\*|\*/|\)[,;:]?$|\][,;]?$)|^\s*[\w.\[\]\"', ]{1,60}(?:[+*/%-]|:)?=[^=]"
    r"|^\s*[\w.]+\(.*\)[;,]?\s*$|</?\w+[^>]*>\s*$|^\s+#|^\s*assert |^\s+.*[(\[{,]$"
    r"|^\s*[\"'][\w -]+[\"']\s*:.*$"
)
_DOCSTRING: Final = re.compile(r'"""[^"]*"""|\'\'\'[^\']*\'\'\'')
"""Prose within code."""
_MOST_LINES: Final = 400
"""Lines that are looked at; a bound on time, not tuned."""
_LEAST_CODE: Final = 0.5
"""Part of the lines that look like code where a text is code; chosen on `code_classeval` and
`code_evocode`, told of other folders too in the table of the bench `segmenting`."""
_FEWEST_LINES: Final = 3


def holds_segments(text: str) -> bool:
    """Whether a text holds reasoning, code or calls of tools in marks of their own.

    Examples
    --------
    >>> holds_segments("<think>Hm.</think>Yes, I do."), holds_segments("Yes, I do.")
    (True, False)
    """
    # One character is looked for much faster than three.
    fence = text.find("```") if "`" in text else -1
    if fence >= 0 and _FENCES.search(text, text.rfind("\n", 0, fence) + 1) is not None:
        return True
    lowered = text.lower() if "<" in text or fence >= 0 else ""
    return bool(lowered) and any(
        row.hint in lowered and row.pattern.search(text) is not None for row in _IN_TAGS
    )


def kind_of(segment: str) -> str:
    """What a segment is, without its language.

    Examples
    --------
    >>> kind_of("code:python")
    'code'
    """
    return segment.partition(":")[0]


def segments_of(text: str, prompt: str | None = None) -> dict[str, str]:
    """The segments of a text, by their names; parts of one segment are joined.

    Parameters
    ----------
    text : str
    prompt : str, optional
        What the text answers: its words in the text are quoted.

    Examples
    --------
    >>> segments_of("<think>The user greets me.</think>Hello to you and to all of yours!")
    {'reasoning:en': 'The user greets me.', 'prose:en': 'Hello to you and to all of yours!'}
    """
    joined: dict[str, list[str]] = {}
    for kind, part in _parts(text, prompt):
        if part.strip():
            joined.setdefault(kind, []).append(part.strip("\n") if ":" in kind else part.strip())
    named: dict[str, list[str]] = {}
    for kind, parts in joined.items():
        whole = "\n\n".join(parts)
        named.setdefault(_name(kind, whole, text), []).append(whole)
    return {name: "\n\n".join(parts) for name, parts in named.items()}


def split_documents(documents: Iterable[Document]) -> Iterator[Document]:
    """Each document as one for each of its segments, of the group of the whole.

    Examples
    --------
    >>> whole = Document("7", "It is so.\\n```python\\nprint(1)\\n```", "a.jsonl", 3)
    >>> [(one.id, one.group, one.segment) for one in split_documents([whole])]
    [('7/code:python', '7', 'code:python'), ('7/prose:en', '7', 'prose:en')]
    """
    for whole in documents:
        group = whole.id if whole.group is None else whole.group
        for name, text in segments_of(whole.text, whole.prompt).items():
            yield replace(
                whole,
                id=f"{whole.id}/{name}",
                text=text,
                group=group,
                segment=name,
                fields={**whole.fields, SEGMENT: name},
            )


class Splitter:
    """Splits what is read into segments where that is asked for, and else counts what has some.

    Parameters
    ----------
    options : CorpusOptions
    """

    def __init__(self, options: CorpusOptions) -> None:
        self._splits = options.segments
        self._text_field = options.text_field

    def spelled(self, record: object) -> object:
        """A record with what stands beside its words written into them; see `spelled_out`."""
        return spelled_out(record, self._text_field) if self._splits else record

    def split(self, documents: list[Document], record: object) -> tuple[list[Document], int]:
        """The documents of a record, and how many of them hold segments and were left whole."""
        if self._splits:
            return [*split_documents(documents)], 0
        if not documents:
            return documents, 0
        beside = holds_parts(record)
        return documents, sum(beside or holds_segments(one.text) for one in documents)


def recognised_by(text: str, prompt: str | None = None) -> list[tuple[str, str, int]]:
    """Which recognisers found something: name, kind, and characters that they took.

    Examples
    --------
    >>> recognised_by("Well argued.\\nScore: 8/10")
    [('lines of a grade', 'label', 11)]
    """
    found: list[tuple[str, str, int]] = []
    gaps = [text]
    for row in RECOGNISERS:
        gaps, bodies = _cut(gaps, row)
        if bodies:
            found.append((row.name, row.kind, sum(len(body) for _, body in bodies)))
    gaps, quoted = _without_prompt(gaps, prompt)
    if quoted:
        found.append((PROMPT, "quoted", len(quoted)))
    left = "\n".join(gaps)
    if _is_code(left):
        found.append((LINES_OF_CODE, "code", len(left)))
    return found


def _parts(text: str, prompt: str | None) -> Iterator[tuple[str, str]]:
    """Kinds and parts; the kind of code carries the language that a fence names."""
    gaps = [text]
    found: list[tuple[str, str]] = []
    for row in RECOGNISERS:
        gaps, bodies = _cut(gaps, row)
        found += bodies
    gaps, quoted = _without_prompt(gaps, prompt)
    if quoted:
        found.append(("quoted", quoted))
    left = "\n\n".join(gap.strip() for gap in gaps if gap.strip())
    yield from found
    yield ("code:" if _is_code(left) else "prose"), left


def _cut(gaps: list[str], row: Recogniser) -> tuple[list[str], list[tuple[str, str]]]:
    """What is left of some texts, and what a recogniser cut out of them."""
    left: list[str] = []
    found: list[tuple[str, str]] = []
    for gap in gaps:
        if row.hint and row.hint not in gap.lower():
            left.append(gap)
            continue
        end = 0
        for match in row.pattern.finditer(gap):
            left.append(gap[end : match.start()])
            end = match.end()
            language = match.groupdict().get("language")
            kind = (
                row.kind if language is None else f"{row.kind}:{_ALIASES.get(language.lower(), '')}"
            )
            found.append((kind, match["body"]))
        left.append(gap[end:])
    return left, found


def _without_prompt(gaps: list[str], prompt: str | None) -> tuple[list[str], str]:
    asked = (prompt or "").strip()
    if len(asked) < _FEWEST_QUOTED or not any(asked in gap for gap in gaps):
        return gaps, ""
    return [part for gap in gaps for part in gap.split(asked)], asked


def _is_code(text: str) -> bool:
    start = "\n".join(text.split("\n", _MOST_LINES)[:_MOST_LINES])
    lines = [line for line in _DOCSTRING.sub("", start).split("\n") if line.strip()]
    if len(lines) < _FEWEST_LINES or language_of(start) in OTHER_SCRIPTS:
        return False
    n_code = sum(_CODE_LINE.search(line[:300]) is not None for line in lines)
    return n_code >= _LEAST_CODE * len(lines)


def _name(kind: str, part: str, text: str) -> str:
    if kind.startswith("code"):
        language = kind.partition(":")[2] or _programming_language(part)
        return f"code:{language}" if language else "code"
    if kind not in ("prose", "reasoning"):
        return kind
    # Of a few words, the language of the whole.
    language = language_of(part) or language_of(text)
    return f"{kind}:{language}" if language else kind


def _programming_language(text: str) -> str:
    start = text[:8000]
    found = {name: len(pattern.findall(start)) for name, pattern in _TELLING.items()}
    best = max(found, key=lambda name: found[name])
    return best if found[best] else ""
