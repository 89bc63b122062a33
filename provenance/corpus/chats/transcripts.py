"""Both sides of a chat inside one string: cut at its markers, or told where it may be one.

A string is cut where it begins with a marker and, unless no prose holds such markers, where both
sides have theirs. Each style of markers is one row of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.corpus.chats.roles import PRODUCTS, role_of
from provenance.corpus.chats.shapes import is_several_words
from provenance.corpus.chats.turns import Turn

__all__ = ["STYLES", "may_hold_both_sides", "turns_in"]

_USERS = (
    "Human|User|Prompter|用户|Utilisateur|Usuario|Usuário|Benutzer|Nutzer|Utente|Пользователь"
    "|ユーザー|사용자"
)
_ASSISTANTS = (
    "Assistant|AI|Bot|Chatbot|ChatGPT|GPT|Claude|Gemini|Bard|Bing|LLM|助手|助理|Asistente|Assistente"
    "|Assistent|Ассистент|アシスタント|어시스턴트"
)
_COLON = "[:：]{1,2}"
_PRODUCTS = "|".join(map(re.escape, sorted(PRODUCTS, key=len, reverse=True)))
"""Of lines these answer only behind a user's: any of them may begin a line of prose."""
_SPEAKERS = f"{_USERS}|{_ASSISTANTS}|System"
_BOS = (
    r"(?:<s>|<bos>|<BOS_TOKEN>|\[gMASK\]\s?<sop>|<\|begin_of_text\|>|<\|endoftext\|>"
    r"|<｜begin▁of▁sentence｜>|<\|begin_of_sentence\|>)"
)
_ENDS = re.compile(
    r"<\|im_end\|>|<\|eot_id\|>|<\|eom_id\|>|<\|end_of_text\|>|<end_of_turn>|<\|end\|>"
    r"|<\|return\|>|<\|call\|>|<\|endoftext\|>|<｜end▁of▁sentence｜>|<\|END_OF_TURN_TOKEN\|>"
    r"|<\|end_of_sentence\|>|</s>|<eos>|<\|eot\|>|<\|end_of_turn\|>|<eo[acmh]>|\[\|endofturn\|\]"
    r"|<\|separator\|>|<seed:eos>|<SPECIAL_\d+>|<extra_id_\d+>|<｜hy_[^<>\n]{0,30}｜>"
    r"|<\|(?:system|user|assistant)_end\|>|</(?:system|user|human|assistant|ai|bot)>"
    r"|(?<=\n)### End(?=\s*$)|</(?:turn|message|msg|utterance)>|\{\{/(?:user|assistant|system)\}\}"
)
_NAME = r"([^\n<]{0,60})"


@dataclass(frozen=True, slots=True)
class _Style:
    """How a transcript begins, and what stands before each turn; a group of it is the name.

    ``needs_both``: a marker may stand in prose, so that one side alone is no transcript.
    ``says_much``: its markers are those of tests, too, where answers are no texts.
    ``same_names``: the first two names are the speakers; other names may stand in a turn.
    """

    begins: re.Pattern[str]
    marker: re.Pattern[str]
    needs_both: bool = False
    same_names: bool = False
    says_much: bool = False


def _style(begins: str, marker: str, flags: int = 0, **rules: bool) -> _Style:
    begins = rf"\s*(?:{_BOS}\s*)?(?:{begins})"
    return _Style(re.compile(begins, flags), re.compile(marker, flags), **rules)


_BAR = rf"<[|｜]({_SPEAKERS}|Tool|Observation)[|｜]>:?"
_OPEN_BAR = _BAR.replace("(", "(?:")
_TOKENED = rf"<(?!/)[^<>\s/]{{1,30}}>({_SPEAKERS}|Model|Tool):?[ \t]*(?:\n|$)"
"""Any token before the name of who speaks, as Nemotron's and Seed's are."""
_NAMED = rf"<[|｜]?(?:hy_)?({_SPEAKERS})(?:_start)?[|｜]?>:?|\{{\{{(User|Char)\}}\}}:"
"""A token, a tag or a slot that is the name of who speaks."""
_BRACKETED = rf"(?:\[|<<|\{{\{{#)({_SPEAKERS})(?:\]|>>|\}}\}})(?!\s?{_COLON})"
"""A name in brackets, also in the middle of a line."""
_TAGGED = rf"<[a-z_]{{1,20}}\s(?:role|speaker|from)=[\"']?({_SPEAKERS})[\"']?\s?>"
"""A tag of any name whose attribute is who speaks."""
_DECORATED = (
    rf"[ \t]*(?:[=~*(-]{{1,6}}[ \t]?({_SPEAKERS})[ \t]?[=~*)-]{{1,6}}|({_USERS}|{_ASSISTANTS})>)"
    r"(?=\s)"
)
"""A name within dashes, stars or brackets, or before an arrow, at the beginning of a line."""
_OPENED = re.compile(rf"{_BOS}\s*(?=(?:{_SPEAKERS})\s?{_COLON})")
_LINE_NAME = rf"(?:\*\*|\[)?({_SPEAKERS})(?:\*\*|\])?\s?{_COLON}(?:\*\*)?"
_ASKED_LINE = rf"(?:System\s?{_COLON}[\s\S]{{0,20000}}?\n[ \t]*)?(?:{_USERS}|Me)\s?{_COLON}"
_PRODUCT_LINE = rf"((?:{_SPEAKERS}|Me|{_PRODUCTS})(?:[-_ .]?\d[\w.-]{{0,20}})?)\s?{_COLON}"
_HASHED = f"{_SPEAKERS}|Instruction|Input|Response|Question|Prompt|Answer|指令|问题|输入|回答|输出"
_HASH = rf"#{{2,4}}\s?({_HASHED})\s?{_COLON}"
_ASKED_FIRST = rf"(?:Question|Instruction|Prompt)\s?{_COLON}(?=[^\n]*\S)"
_ASKED_OR_TOLD = rf"(Question|Instruction|Prompt|Input|Answer|Response|Completion)\s?{_COLON}"
"""What a text that opens with a question calls what answers it; Q and A are also in interviews."""
_TITLE = r"# [^\n]*\n\s*(?:\*\*[^\n]*\n\s*)*"
"""A heading, and lines about a chat, above what is said in it."""
_HASH_LINE = rf"#{{2,4}}\s?({_SPEAKERS}|Instruction|Input|Response)(?=\n)"
_ANY_CASE = re.IGNORECASE

STYLES: dict[str, _Style] = {
    "<|header_start|>": _style(
        r"<\|header_start\|>", rf"<\|header_start\|>{_NAME}<\|header_end\|>"
    ),
    "<|start_of_role|>": _style(
        r"<\|start_of_role\|>", rf"<\|start_of_role\|>{_NAME}<\|end_of_role\|>"
    ),
    "<|im_user|>": _style(
        r"<\|im_(?:system|user)\|>",
        rf"<\|im_(system|user|assistant|tool)\|>{_NAME.replace('(', '(?:')}<\|im_middle\|>",
    ),
    "<reserved_106>": _style("<reserved_106>", "<(reserved_106|reserved_107)>"),
    "<|im_start|>": _style(
        r"<\|im_start\|>", rf"<\|im_start\|>{_NAME}(?:\n|<\|im_sep\|>|$|(?=<))"
    ),
    "<|start_header_id|>": _style(
        r"<\|start_header_id\|>", rf"<\|start_header_id\|>{_NAME}<\|end_header_id\|>"
    ),
    "<start_of_turn>": _style("<start_of_turn>", rf"<start_of_turn>{_NAME}(?:\n|$|(?=<))"),
    "<|start|>": _style(
        r"<\|(?:start|channel)\|>",
        rf"(?:<\|start\|>{_NAME})?(?:<\|channel\|>{_NAME})?(?:<\|constrain\|>[^\n<]{{0,60}})?"
        r"<\|message\|>",
    ),
    "<|START_OF_TURN_TOKEN|>": _style(
        r"<\|START_OF_TURN_TOKEN\|>", r"<\|START_OF_TURN_TOKEN\|><\|([A-Z]+)_TOKEN\|>"
    ),
    "<|user|>": _style(rf"{_OPEN_BAR}|(?<=sentence｜>)[^<]*{_OPEN_BAR}", _BAR, _ANY_CASE),
    "[INST]": _style(
        r"\[(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS)\]",
        r"\[(/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS))\]|<<(/?SYS)>>",
    ),
    "[|Human|]": _style(
        rf"(?:The [^\n]*\n)?\[\|(?:{_USERS}|System)\|\]", rf"\[\|({_SPEAKERS})\|\]", _ANY_CASE
    ),
    "[Human]: <eoh>": _style(r"\[Human\]:[^<]*<eoh>", r"\[(Human|MOSS)\]:"),
    "[Round 1]": _style(rf"\[Round \d+\]\s*问{_COLON}", rf"(?:\[Round \d+\]\s*)?(问|答){_COLON}"),
    "<human>:": _style(
        rf"(?:Background:[^<]*)?<(?:{_USERS})>:", rf"<({_USERS}|{_ASSISTANTS})>:", _ANY_CASE
    ),
    "<token>User": _style(_TOKENED, _TOKENED, _ANY_CASE, needs_both=True),
    "<user>": _style(
        rf"(?:<｜[^<>\n]{{1,40}}>[^<]{{0,2000}})?(?:{_NAMED})",
        _NAMED,
        _ANY_CASE,
        needs_both=True,
    ),
    "### Human:": _style(
        f"(?:{_TITLE}|Below is an instruction[^#]*|下面是[^#]*)?{_HASH}",
        _HASH,
        _ANY_CASE,
        needs_both=True,
    ),
    "### Human": _style(
        f"(?:{_TITLE}|Below is an instruction[^#]*)?{_HASH_LINE}",
        _HASH_LINE,
        _ANY_CASE,
        needs_both=True,
    ),
    "GPT4 Correct User:": _style(
        r"\w+ (?:Correct )?User:[^<]*<\|end_of_turn\|>",
        r"(?:^\s*|<\|end_of_turn\|>\s?)\w+ (?:Correct )?(User|Assistant):",
    ),
    "[USER]": _style(_BRACKETED, _BRACKETED, _ANY_CASE, needs_both=True),
    '<turn role="user">': _style(_TAGGED, _TAGGED, _ANY_CASE, needs_both=True),
    "decorated": _style(
        _DECORATED.replace("(Human", "(?:Human"), rf"\n{_DECORATED}", _ANY_CASE, needs_both=True
    ),
    "pictures": _style("[👤🧑🙋]", r"(?<=\n)[ \t]*([👤🧑🙋🤖])[:：]?", needs_both=True),
    "You said:": _style(
        "You said:\n", r"\n(You|ChatGPT|Claude|Gemini) said:(?=\n)", needs_both=True
    ),
    # What is left of tokens of roles where special tokens were skipped.
    "names on lines": _style(
        "(?:system|user)\n", r"\n(system|user|assistant|model|tool)(?=\n)", needs_both=True
    ),
    "USER:": _style(
        r"(?:A chat between [^\n]{0,400}?\s|SYSTEM:[\s\S]{0,20000}?\s"
        r"|BEGINNING OF CONVERSATION:\s)?USER:",
        r"(?:^|(?<=\s)|(?<=</s>))(USER|ASSISTANT|GPT|FUNCTION RESPONSE):",
        needs_both=True,
    ),
    "paragraphs": _style(
        rf"(?:Human|User)\s?{_COLON}",
        rf"\n[ \t]*\n[ \t]*(Human|User|Assistant|AI)\s?{_COLON}",
        needs_both=True,
        same_names=True,
    ),
    "lines": _style(
        _LINE_NAME, rf"\n[ \t]*{_LINE_NAME}", _ANY_CASE, needs_both=True, same_names=True
    ),
    "lines of a product": _style(
        _ASKED_LINE, rf"\n[ \t]*{_PRODUCT_LINE}", _ANY_CASE, needs_both=True, same_names=True
    ),
    "question and answer": _style(
        _ASKED_FIRST,
        rf"\n[ \t]*{_ASKED_OR_TOLD}",
        _ANY_CASE,
        needs_both=True,
        says_much=True,
    ),
}  # fmt: skip
"""What a style is called to what its transcripts look like; the first that fits is taken."""

_OPENING = 500
"""Characters in which a list of turns names its first user; a round figure, not tuned."""
_FRONT = 48
"""Characters in which the first marker must open; a round figure, not tuned."""
_OPENINGS = (
    "A chat between",
    "Below is an instruction",
    "The conversation",
    "The following",
    "下面是",
    "user\n",
    "system\n",
    *"👤🧑🙋=~*(-",
)
_BY_FIRST = {
    "<": [name for name in STYLES if name[0] == "<"] + ["[INST]", "[USER]"],
    "[": [name for name in STYLES if name[0] == "["] + ["<|user|>", "lines"],
    "{": ["<user>", "[USER]"],
    **{first: ["pictures"] for first in "👤🧑🙋"},
    **{first: ["decorated", "lines"] for first in "=~*(-"},
    "#": ["### Human:", "### Human"],
    "下": ["### Human:"],
    "A": ["USER:", "lines"],
    "B": ["### Human:", "### Human", "<human>:", "USER:", "lines"],
    "C": ["GPT4 Correct User:", "lines"],
    "G": ["GPT4 Correct User:", "lines"],
    "H": ["decorated", "paragraphs", "lines", "lines of a product"],
    "S": ["USER:", "lines", "lines of a product"],
    "T": ["[|Human|]"],
    "M": ["lines of a product"],
    "U": ["decorated", "USER:", "paragraphs", "lines", "lines of a product"],
    "Y": ["You said:", "lines"],
    **{first: ["lines", "question and answer"] for first in "IPQipq"},
    "s": ["names on lines", "lines"],
    "u": ["names on lines", "lines", "decorated"],
}
"""Which styles may begin with a character; others with none but lines."""
_NAMES = {
    "/INST": "assistant",
    "INST": "user",
    "SYSTEM_PROMPT": "system",
    "/SYSTEM_PROMPT": "user",
    "AVAILABLE_TOOLS": "system",
    "/AVAILABLE_TOOLS": "system",
    "TOOL_RESULTS": "tool",
    "/TOOL_RESULTS": "assistant",
    "FUNCTION": "tool",
    "reserved_106": "user",
    "reserved_107": "assistant",
    "You": "user",
    "Me": "user",
    "char": "assistant",
    "SYS": "system",
    "/SYS": "user",
    "CHATBOT": "assistant",
    "final": "assistant",
    "Response": "response",
    **dict.fromkeys("👤🧑🙋", "user"),
    "🤖": "assistant",
}


def turns_in(text: str) -> tuple[list[Turn], bool] | None:
    """Cut a transcript, None where a string is not clearly one.

    Returns
    -------
    turns : list of (str, str or None)
    is_doubtful : bool
        Whether a turn still holds what may be a marker.

    Examples
    --------
    >>> turns_in("\\n\\nHuman: Hi\\n\\nAssistant: Yes?")
    ([('Human', 'Hi'), ('Assistant', 'Yes?')], False)
    >>> turns_in("Human: the word is old.")
    """
    if not _may_begin(text):
        return None
    # Searches for what begins with a line end are quick, and so the first line has one too.
    stripped = text.lstrip()
    if stripped[:1] in "<[" and (opened := _OPENED.match(stripped)):
        stripped = stripped[opened.end() :]
    text = f"\n\n{stripped}"
    for name in _BY_FIRST.get(stripped[:1], ["lines"]):
        style = STYLES[name]
        if style.begins.match(text):
            marks = list(style.marker.finditer(text))
            names = [_name(mark) for mark in marks]
            if not style.needs_both or _both_sides(names):
                turns, is_doubtful = _cut(text, style, marks, names)
                return None if style.says_much and _is_a_test(turns) else (turns, is_doubtful)
    return None


def _may_begin(text: str) -> bool:
    """Whether a look at the styles is worth it: a marker opens in the front of a transcript."""
    front = text[:_FRONT]
    if ":" in front or "<" in front or "[" in front or "#" in front or "：" in front:
        return True
    if "{{#" in front or ">" in front:
        return True
    return front.lstrip().startswith(_OPENINGS)


def _name(mark: re.Match[str]) -> str:
    """The last group that took part; of ``final json`` the first word."""
    words = mark[mark.lastindex].split(None, 1) if mark.lastindex else []
    return _NAMES.get(words[0], words[0]) if words else ""


def _both_sides(names: Sequence[str]) -> bool:
    return {"user", "assistant"} <= {role_of(name) for name in names}


def _is_a_test(turns: Sequence[Turn]) -> bool:
    """Whether what answers is a letter or a number: the text is rather the questions."""
    told = [words for name, words in turns if role_of(name) == "assistant"]
    return not all(words is not None and is_several_words(words) for words in told)


def _cut(
    text: str, style: _Style, marks: list[re.Match[str]], names: list[str]
) -> tuple[list[Turn], bool]:
    kept = _of_speakers(marks, names) if style.same_names else [*zip(marks, names, strict=True)]
    turns = list(_between(text, kept))
    # No line is marked without a colon: counting these is quick, and nearly always enough.
    is_doubtful = (
        style.same_names
        and text.count(":") > len(kept)
        and sum(1 for _ in _LINE_MARK.finditer(text)) > len(kept)
    )
    return _with_inputs(turns), is_doubtful


_LINE_MARK = re.compile(rf"\n[ \t]*{_LINE_NAME}")


def _of_speakers(marks: list[re.Match[str]], names: list[str]) -> list[tuple[re.Match[str], str]]:
    """Markers of the first user and the first assistant, and of a system before both."""
    if len({*names}) == 2:  # both sides are there
        return [*zip(marks, names, strict=True)]
    roles = [role_of(name) for name in names]
    speakers = {names[roles.index(role)].lower() for role in ("user", "assistant")}
    return [
        (mark, name)
        for at, (mark, name) in enumerate(zip(marks, names, strict=True))
        if name.lower() in speakers or (at == 0 and roles[0] == "system")
    ]


def _between(text: str, marks: list[tuple[re.Match[str], str]]) -> Iterator[Turn]:
    before = text[: marks[0][0].start()].strip() if marks else text
    if before and (before := re.sub(_BOS, "", before).strip()):
        yield "system", before
    may_end = "<" in text or "[|" in text or "### End" in text or "{{/" in text
    ends = [mark.start() for mark, _ in marks[1:]] + [len(text)]
    for (mark, name), end in zip(marks, ends, strict=False):
        start = mark.end()
        found = _ENDS.search(text, start, end) if may_end else None
        words = text[start : end if found is None else found.start()].strip()
        if words:
            yield name, words


def _with_inputs(turns: list[Turn]) -> list[Turn]:
    """An ``### Input:`` belongs to the instruction before it."""
    merged: list[Turn] = []
    for name, text in turns:
        if merged and name.lower() == "input" and role_of(merged[-1][0]) == "user":
            merged[-1] = merged[-1][0], f"{merged[-1][1]}\n{text}"
        else:
            merged.append((name, text))
    return merged


# --- what may be one

_LINE_TRACE = re.compile(
    # What cannot begin a line of these is told by one look.
    r"\n(?=[ \t*\[ABCGHU<])"
    r"[ \t]*(?:\*\*|\[)?(?:AI|Bot|GPT|ChatGPT|Bing|Bard|Claude|Human|USER|User|A|Answer|<bot>)"
    r"(?:[- ]?\d[\w.-]{0,20})?(?:\*\*|\])?:"
)
_TOKEN = re.compile(
    r"<\|(?:im_start|user|start_header_id|prompter)\|>|<start_of_turn>user|\[/INST\]|\[\|Human\|\]"
    r"|(?:^|\n)[- ]*role: user\n",
)
_USER_MARK = re.compile(
    rf"(?:^|[\n.>\s])\W{{0,4}}(?:{_USERS}|Q|Question|Instruction|Interviewer)\W{{0,3}}:",
    _ANY_CASE,
)
_ASSISTANT_MARK = re.compile(
    rf"(?:^|[\n.>\s])\W{{0,4}}(?:{_ASSISTANTS}|A|Answer|Response)(?:[- ]?\d[\w.-]{{0,20}})?"
    r"\W{0,3}:",
    _ANY_CASE,
)


_SPOKEN_FIRST = re.compile(r"\s*[^\W\d_][\w .'-]{0,30}\s?:\s")
_PRODUCT_THEN = re.compile(
    r"\n[ \t]*(?:ChatGPT|GPT|Claude|Bard|Bing|AI|Bot)(?:[- ]?\d[\w.-]{0,20})?:"
)
"""Anybody's name opens the text, and a model's a line of it."""
_ASKS_FIRST = re.compile(rf"\s*(?:Instruction|Input|Prompt|Me|问题?|指令)\s?{_COLON}")
_ANSWERS_THEN = re.compile(rf"\n[ \t]*(?:Response|Output|Completion|GPT|答案?|回答)\s?{_COLON}")
"""Names that are those of two sides only where the first of them opens the text."""


def may_hold_both_sides(text: str) -> bool:
    """Whether a string that is not clearly a transcript holds markers of one.

    Examples
    --------
    >>> may_hold_both_sides("He wrote: Human: Hi Assistant: Yes?"), may_hold_both_sides("A text.")
    (True, False)
    """
    if _ASKS_FIRST.match(text) and _ANSWERS_THEN.search(text):
        return True
    if not _has_trace(text):
        return False
    if _TOKEN.search(text) or "\n\nHuman:" in text:
        return True
    if _USER_MARK.search(text) and _ASSISTANT_MARK.search(text):
        return True
    return bool(_SPOKEN_FIRST.match(text) and _PRODUCT_THEN.search(text))


def _has_trace(text: str) -> bool:
    """Whether a search for markers is worth it: no text with markers is without these."""
    return (
        (":" in text and (_names_assistant(text) or _LINE_TRACE.search(text) is not None))
        or ("|" in text and ("<|" in text or "[|AI|]" in text))
        or ("[" in text and "[INST]" in text)
        or ("<" in text and "<start_of_turn>" in text)
        or ("#" in text and "### Response" in text)
        or "role: user" in text[:_OPENING]
    )


def _names_assistant(text: str) -> bool:
    if "ssistant" in text and ("ssistant:" in text or "ssistant**" in text):
        return True
    return "SSISTANT:" in text
