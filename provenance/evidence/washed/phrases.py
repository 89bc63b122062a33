"""What a model says of itself, how it refuses, and what an interface leaves in a copied answer.

Each phrase is a row: what it tells, its language, where it was seen first and when. A pattern holds
the first person where it can, so that a text *about* models does not speak like one.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "IN_PEOPLES_TEXT",
    "KINDS",
    "PEOPLES_TEXTS",
    "PHRASES",
    "SOURCES",
    "UNTRIED",
    "Phrase",
    "due",
    "needles",
    "patterns",
]

Kind = Literal["self_identification", "limits", "refusal", "interface", "other_identity"]
KINDS: Final[tuple[Kind, ...]] = (
    *("self_identification", "limits", "refusal", "interface", "other_identity"),
)
"""The last tells of a washing: a claim to be a machine whose name and maker are nobody's, or that
was cut out of its sentence. It belongs to the suppressed signatures."""

SOURCES: Final = {
    "strzelecki": "A. Strzelecki, 'As of my last knowledge update', Learned Publishing 38, 2025",
    "glynn": "A. Glynn, Suspected undeclared use of AI in the academic literature,"
    " arXiv:2411.15218, 2024",
    "cabanac": "G. Cabanac on PubPeer, in Retraction Watch of October 2023",
    "zou": "A. Zou et al., Universal and transferable adversarial attacks, arXiv:2307.15043, 2023:"
    " its list of refusals",
    "chatml": "OpenAI's chat markup of March 2023, taken over by other models",
    "llama": "Meta's prompt format of Llama 2, July 2023",
    "wikipedia": "Wikipedia, Signs of AI writing, 2025",
    "refusals": "lists of refusals in public programs that test models, 2023 to 2026",
    "left": "left in manuals and notes of public repositories, 2025 and 2026",
    "reasoning": "DeepSeek's format of reasoning of January 2025, taken over by other models",
    "answers": "read in answers of models of 2023 to 2025 that are not shipped",
    "launderers": "what the launderers of this project leave",
    "translated": "put into this language for this project in 2026; not seen in text",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One row of the table.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    language : str
        ISO 639-1, or ``*`` where it is of no language.
    shown : str
        How a report names it.
    needles : str
        Parts between ``/``, in small letters, one of which stands in every match: what is looked
        for first, because it is cheap. Behind ``&`` come others, of which one stands in it too.
    pattern : str
        Over text in small letters with plain apostrophes.
    source : str
        A key of `SOURCES`.
    """

    kind: Kind
    language: str
    shown: str
    needles: str
    pattern: str
    source: str


_AI: Final = (
    r"(?:(?:large |text[- ]based |virtual |helpful |responsible |conversational )*"
    r"(?:ai|a\.i\.|artificial intelligence)?[ -]?"
    r"(?:language model|ai|artificial intelligence|chatbot|assistant)"
    r"(?: language model| assistant| chatbot| model| program| system| ai)*)"
)
_MAKER: Final = (
    r"(?:openai|anthropic|google(?: ai| deepmind)?|deepmind|meta(?: ai)?|microsoft|lmsys|mistral(?:"
    r" ai)?|deepseek|alibaba(?: cloud)?|xai|moonshot(?: ai)?|zhipu(?: ai)?|baidu|cohere|databricks"
    r"|large model systems organization(?: \(lmsys\))?)"
)
_MADE: Final = r"(?:developed|created|trained|made|built|designed) by"
_IS_MADE: Final = "developed by/created by/trained by/made by/built by/designed by"
_A_MACHINE: Final = " an ai/language model/chatbot/an artificial/text-based"
_MAKERS: Final = "by openai/by anthropic/by google/by meta"
_PRODUCT: Final = (
    r"(?:chatgpt|gpt-?[345][\w.-]*|claude|gemini|bard|llama|vicuna|mistral|qwen|deepseek|grok|kimi)"
)
_DOES: Final = (
    r"(?:directly |physically |autonomously )?(?:access|browse|view|open|search|retrieve|generate"
    r"|display|predict|engage|interact|execute)"
)
_ONLINE: Final = (
    r"(?:(?:real[- ]time|up[- ]to[- ]date)\b|(?:the )?current (?:data|information|events|news)\b"
    r"|external (?:systems|sources|information|content)\b"
    r"|the (?:internet|web) (?:or|and) (?:real[- ]time|current|external|live)\b)"
)
"""Of the internet itself people say so too, where it fails them."""
_CANNOT: Final = (
    r"(?:can't|cannot|can not|am unable to|'m unable to|am not able to|'m not able to|won't"
    r"|will not|'m not going to)"
)

PHRASES: Final[tuple[Phrase, ...]] = (
    # --- English ---------------------------------------------------------------------------------
    Phrase(
        *("self_identification", "en", "As an AI (language model), I …", _A_MACHINE),
        rf"\bas an? {_AI}(?:,? {_MADE} {_MAKER})?(?:,? |,)(?:i|my)\b(?! ai\b)",
        "glynn",
    ),
    Phrase(
        *("self_identification", "en", "I am an AI (language model)", _A_MACHINE),
        rf"\bi(?:'m| am) (?:just |only |simply |actually )?an? (?!assistant\b){_AI}"
        r"(?<! assistant)(?=[,.;:!?)\n]|$| (?:and|so|but|that|which|here|trained|developed|created"
        r"|designed|made|built|programmed|with)\b)",
        "answers",
    ),
    Phrase(
        *("self_identification", "en", "I am ChatGPT, Claude, …", _MAKERS),
        rf"\bi(?:'m| am) {_PRODUCT}\b,? [^.\n]{{0,60}}?{_MADE} {_MAKER}",
        "answers",
    ),
    Phrase(
        *(
            "self_identification",
            "en",
            "I am an AI assistant made by …",
            f"{_A_MACHINE}&{_IS_MADE}",
        ),
        rf"\bi(?:'m| am) (?:\w{{1,20}}, )?an? {_AI},?(?: \w{{1,20}}ly)? {_MADE} {_MAKER}\b",
        "answers",
    ),
    Phrase(
        *("self_identification", "en", "I was trained by OpenAI, …", _MAKERS),
        rf"\bi (?:was|am|have been) {_MADE} {_MAKER}\b",
        "answers",
    ),
    Phrase(
        *("limits", "en", "As of my last (knowledge) update", "my last/my latest"),
        r"\bas of my (?:last|latest) (?:(?:knowledge|training|information)[ -]?(?:update|cut-?off"
        r"|data)?|update\b)",
        "strzelecki",
    ),
    Phrase(
        *("limits", "en", "my knowledge cutoff", "my knowledge/my training"),
        r"\bmy (?:(?:knowledge|training)(?: data)?(?:'s)? (?:cut-?off|only goes"
        r"|ends? in (?:\w+ )?20\d\d|is limited to (?:what i was|the data|data|information|events)"
        r"|was last updated)\b|training data\b)",
        "strzelecki",
    ),
    Phrase(
        *("limits", "en", "my knowledge up to 2023", "my knowledge/my current knowledge"),
        r"\bmy (?:current )?knowledge (?:(?:is|was) (?:based on|current|up[- ]to[- ]date|limited)"
        r"[^.\n]{0,40}|goes |only goes )?(?:up to|until|as of|through) (?:\w+,? )?20\d\d\b",
        "answers",
    ),
    Phrase(
        *(
            "limits",
            "en",
            "I don't have feelings or consciousness",
            "ve feelings/ce feelings/ss feelings/ve emotions/ce emotions/ss emotions/ve conscious"
            "/ce conscious/ss conscious/ve sentien/ss sentien/subjective exp",
        ),
        r"\bi (?:do not|don't|cannot|can't) (?:actually |really |truly )?(?:have|possess"
        r"|experience) (?:(?:feelings|emotions)(?:,| or| and)"
        r" (?:emotions|feelings|consciousness|beliefs|opinions|experiences|personal)"
        r"|consciousness|sentience|subjective experiences?)\b",
        "answers",
    ),
    Phrase(
        *("limits", "en", "I do not have personal feelings", " personal "),
        r"\bi (?:do not|don't|cannot|can't) (?:have|possess|hold)(?: any)? personal (?:opinions?"
        r"|beliefs?|experiences?|feelings?|preferences?|emotions?|thoughts)\b",
        "answers",
    ),
    Phrase(
        *("limits", "en", "I cannot browse the internet", "real-time /real time /browse"),
        r"\bi (?:(?:do not|don't) have (?:access to )?(?:real[- ]time (?:data|information|access))"
        r"|(?:cannot|can't) browse the (?:internet|web)\b)",
        "answers",
    ),
    Phrase(
        *("limits", "en", "I don't have the ability to access …", "have the ability/the capab"),
        r"\bi (?:do not|don't)(?: currently)? have the (?:ability|capability|capacity) to"
        rf" {_DOES}\b",
        "answers",
    ),
    Phrase(
        *("limits", "en", "I'm unable to access …", "unable to /not able to "),
        r"\bi(?:'m| am)(?: currently)? (?:unable|not able) to (?:directly )?"
        rf"(?:browse the (?:internet|web)\b|access {_ONLINE})",
        "answers",
    ),
    Phrase(
        *("limits", "en", "I don't have access to current data", "have access to"),
        rf"\bi (?:do not|don't)(?: currently)? have (?:direct )?access to {_ONLINE}",
        "answers",
    ),
    Phrase(
        *(
            "refusal",
            "en",
            "I'm sorry, but I can't assist …",
            "sorry, but/sorry but/ize, but/ise, but",
        ),
        r"\A\W{0,3}(?:(?:(?:i'm|i am|we're)(?: very| really| so)? )?sorry,?|i apologi[sz]e,) but"
        r" (?:i|as an ai)[^.\n]{0,40}\b(?:can't|cannot|can not|unable to|not able to|won't)"
        r" (?:be able to )?(?:assist|help|fulfill|comply|provide|create|generate|engage|support"
        r"|answer|complete|write|discuss|produce|reproduce|recommend)\b",
        "zou",
    ),
    Phrase(
        *("refusal", "en", "I cannot fulfill your request", " request"),
        rf"\bi ?(?:{_CANNOT}|must decline to) (?:fulfill|comply with|complete|assist with|help with"
        r"|satisfy|do) (?:your|this|that|the) request\b",
        "zou",
    ),
    Phrase(
        *(
            "refusal",
            "en",
            "I can't help with that",
            "t help/t assist/to help with/to help you with/to help in/to assist",
        ),
        rf"\A\W{{0,3}}i ?{_CANNOT} (?:help|assist)(?: you)? (?:with|in)\b",
        "refusals",
    ),
    Phrase(
        *("refusal", "en", "I must decline to …", "must decline/to decline/ly decline"),
        r"\bi(?: must| need to| have to|'ll have to| will have to|'m going to)(?: respectfully"
        r"| politely)? decline (?:(?:to (?:assist|help|provide|create|write|generate|engage"
        r"|produce|answer|fulfill|continue|participate)|writing|creating|providing|generating)\b"
        r"|(?:this|your|that|the) request\b)",
        "refusals",
    ),
    Phrase(
        *(
            "refusal",
            "en",
            "against my guidelines",
            "my programming/my guidelines/my polic/my ethical/my safety/my content/my usage/my core"
            "/my use /openai's/anthropic's/google's/meta's/xai's&programming/guidelines/polic",
        ),
        r"\b(?:(?:against|violates?|contrary to|conflicts? with|outside|within) my (?:programming"
        r"|(?:ethical|safety|content|usage|core|use) (?:guidelines|polic(?:y|ies)))"
        r"|(?:against|violates?|contrary to|conflicts? with) (?:my (?:guidelines|policies)"
        r"|(?:openai|anthropic|google|meta|xai)'s (?:\w+ ){0,2}(?:guidelines|polic(?:y|ies))))\b",
        "zou",
    ),
    Phrase(
        *("interface", "en", "Regenerate response", "regenerate response"),
        r"(?:^|\n|[.!?] )[ \t]*(?:↻ ?)?regenerate response[ \t.]*(?=\n|$)",
        "cabanac",
    ),
    Phrase(
        *("interface", "en", "ChatGPT said:", " said:\n"),
        rf"(?:^|\n)(?:{_PRODUCT}|you) said:\n",
        "wikipedia",
    ),
    Phrase(
        *("interface", "*", "chat markup", "|>"),
        r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_header_id|assistant|user"
        r"|begin_of_text|end_of_turn|end)\|>",
        "chatml",
    ),
    Phrase(*("interface", "*", "[INST] … [/INST]", "inst]"), r"\[/inst\]", "llama"),
    Phrase(
        *("interface", "*", "citation marks of an interface", "turn0"),
        r"\bturn\d{1,2}(?:search|view|news|image|file|academia)\d{1,3}\b",
        "wikipedia",
    ),
    Phrase(
        *("interface", "*", "citation marks of an interface", "oaicite/oai_citation"),
        r":?contentreference\[oaicite|\boaicite\b|\boai_citation\b",
        "wikipedia",
    ),
    Phrase(
        *("interface", "*", "citation marks of an interface", "[cite/_span)"),
        r"\[cite_(?:start|end)\]|\[cite: ?\d{1,4}(?:[,-] ?\d{1,4}){0,20}\]"
        r"|\[span_\d{1,4}\]\((?:start|end)_span\)",
        "left",
    ),
    Phrase(
        *("interface", "*", "citation marks of an interface", "attributableindex/grok_render"),
        r"\battributableindex\b|\bgrok_render_citation_card_json\b",
        "wikipedia",
    ),
    Phrase(
        *("interface", "*", "citation marks of an interface", "[attached_file/ppl-ai-file"),
        r"\[attached_file:\d{1,3}\]|\bppl-ai-file-upload\b",
        "wikipedia",
    ),
    Phrase(*("interface", "*", "a writing block", ":::writing"), r":::writing\{[^}\n]", "left"),
    Phrase(*("interface", "*", "the end of reasoning", "</think>"), r"</think>", "reasoning"),
    Phrase(
        *("interface", "*", "citation marks of an interface", "†"),
        r"【\d{1,3}(?::\d{1,3})?†[^】\n]{1,80}】",
        "wikipedia",
    ),
    Phrase(
        *("interface", "*", "links an interface marked", "utm_source=/referrer=grok"),
        r"\b(?:utm_source=(?:chatgpt\.com|openai|copilot\.com|perplexity)|referrer=grok\.com)\b",
        "wikipedia",
    ),
    Phrase(
        *("other_identity", "en", "an assistant made by nobody known", f"{_A_MACHINE}&{_IS_MADE}"),
        rf"\b(?:i(?:'m| am) (?:\w{{1,20}}, )?|as )an? {_AI},?(?: \w{{1,20}}ly)? {_MADE} "
        rf"(?!(?:an? |the )?(?:team|researchers|group|people|humans|company))(?!{_MAKER})",
        "launderers",
    ),
    Phrase(
        *(
            "other_identity",
            "en",
            "a claim cut out of its sentence",
            "i'm ,/i am ,/developed by/created by/trained by",
        ),
        rf"\bi(?:(?:'m| am) ?, an? {_AI}| (?:was|am|have been) {_MADE} ?(?:[,.]|and\b))",
        "launderers",
    ),
    Phrase(
        *("other_identity", "en", "I am a writer and have no feelings", " a writer"),
        r"\bi(?:'m| am) a writer\b[^.\n]{0,60}\bi (?:do not|don't|cannot|can't) (?:have|possess)",
        "launderers",
    ),
    # --- Chinese ---------------------------------------------------------------------------------
    Phrase(
        *("self_identification", "zh", "作为一个AI语言模型，我…", "作为"),
        r"作为(?:一个|一名|一款|一种)?(?:大型|人工智能|ai|智能)+(?:语言)?(?:模型|助手|助理|程序)?"
        r"[，,]?\s?(?:我|本人)",
        "answers",
    ),
    Phrase(
        *("self_identification", "zh", "我是一个AI语言模型", "我"),
        r"我(?:只)?是(?:一个|一名|一款)(?:大型|由[^，。]{1,20}开发的)?(?:人工智能|ai|语言模型)",
        "answers",
    ),
    Phrase(
        *("refusal", "zh", "对不起，我无法…", "我"),
        r"\A\s{0,3}(?:很?抱歉|对不起)[，,]\s?(?:但)?(?:作为[^，。\n]{2,20}[，,]\s?)?我(?:无法|不能)"
        r"(?:提供|回答|满足|协助|帮助|完成|生成|确定|给出|判断)",
        "answers",
    ),
    Phrase(
        *("limits", "zh", "我的知识截止于…", "我的"),
        r"我的(?:知识|训练数据)(?:库)?(?:更新)?(?:截止|截至|只到)",
        "answers",
    ),
    # --- Korean ----------------------------------------------------------------------------------
    Phrase(
        *("self_identification", "ko", "저는 AI 언어 모델로서 …", "저는/나는"),
        r"(?:저는|나는) (?:인공지능|ai)[^.\n]{0,12}"
        r"(?:모델|어시스턴트|비서|챗봇|이므로|로서|입니다)",
        "answers",
    ),
    Phrase(
        *("self_identification", "ko", "인공지능 언어 모델로서, 저는 …", "로서"),
        r"(?:인공지능|ai)(?: 언어)?(?: ?모델| ?어시스턴트)?(?:으)?로서[, ]{1,2}(?:저|제|나)",
        "answers",
    ),
    # --- others, which no data at hand has -------------------------------------------------------
    Phrase(
        *("self_identification", "ja", "AI言語モデルとして、私は…", "として"),
        r"(?:ai|人工知能)(?:の)?(?:言語モデル|アシスタント)として、?私",
        "translated",
    ),
    Phrase(
        *(
            "self_identification",
            "de",
            "Als KI(-Sprachmodell) …",
            "als ki/ki-sprachmodell/künstliche",
        ),
        r"\bals (?:ein )?(?:ki|ki-sprachmodell|künstliche intelligenz|ki-modell)"
        r"(?:,)? (?:habe|kann|bin|besitze|verfüge) ich\b",
        "translated",
    ),
    Phrase(
        *("self_identification", "fr", "En tant que modèle de langage …", "en tant qu"),
        r"\ben tant qu(?:e modèle|'ia|'intelligence artificielle|'assistant ia)"
        r"[^.\n]{0,30}, je\b",
        "translated",
    ),
    Phrase(
        *(
            "self_identification",
            "es",
            "Como modelo de lenguaje (de IA) …",
            "modelo de lenguaje/inteligencia artificial",
        ),
        r"\bcomo (?:un )?(?:modelo de lenguaje|inteligencia artificial|ia|asistente de ia)"
        r"(?: de (?:ia|inteligencia artificial))?, (?:no )?(?:tengo|puedo|soy|poseo)\b",
        "translated",
    ),
    Phrase(
        *("self_identification", "ru", "Как языковая модель, я …", "как "),
        r"\bкак (?:языковая модель|искусственный интеллект|ии)(?:[^.\n]{0,20}), я\b",
        "translated",
    ),
    Phrase(
        *("self_identification", "ar", "بصفتي نموذج لغة …", "بصفتي"),
        r"بصفتي (?:نموذج|نموذجاً|ذكاء|ذكاءً) (?:لغة|لغوي|لغوياً|اصطناعي)",
        "translated",
    ),
    Phrase(
        *("self_identification", "fi", "Tekoälynä / kielimallina minä …", "tekoäly/kielimalli"),
        r"\b(?:tekoälynä|kielimallina|tekoälymallina),? (?:minä|en|minulla)\b",
        "translated",
    ),
)
"""Every phrase that is looked for."""

PEOPLES_TEXTS: Final = {"en": 17_234, "zh": 5_704, "*": 23_966}
"""Texts by people in which each language's phrases were looked for
(`python -m provenance.validation.bench.washing DATA`); of other languages there were none."""
IN_PEOPLES_TEXT: Final = {"I am an AI (language model)": 12}
"""How many of them say a phrase; of the others none does. These twelve are reviews and stories that
hold a sentence of a model amid their own."""
UNTRIED: Final = ("ja", "de", "fr", "es", "ru", "ar", "fi")
"""Languages whose phrases were tried on no text: neither that models write them, nor how often
people do."""


@functools.cache
def patterns() -> tuple[tuple[tuple[tuple[str, ...], ...], re.Pattern[str]], ...]:
    """What is looked for first, and the compiled pattern, of each row of `PHRASES`.

    A text without any part of one of the first does not hold the second.
    """
    return tuple((_first(row), re.compile(_from_a_letter(row.pattern))) for row in PHRASES)


def _first(row: Phrase) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(parts.split("/")) for parts in row.needles.split("&"))


_WORD_FIRST: Final = re.compile(r"\\b([a-z][a-z ]*)(?![?*+{])")


def _from_a_letter(pattern: str) -> str:
    r"""The same pattern, such that no place is tried that does not begin with its first letters.

    Examples
    --------
    >>> _from_a_letter(r"\bi (?:am|was)")
    'i (?<=\\bi )(?:am|was)'
    """
    return _WORD_FIRST.sub(r"\1(?<=\\b\1)", pattern, count=1) if pattern[:2] == r"\b" else pattern


@functools.cache
def needles() -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Alternatives that are looked for together, each once, and their bits in each row."""
    rows = [tuple(row.needles.split("&")) for row in PHRASES]
    every = tuple(dict.fromkeys(part for row in rows for part in row))
    bits = {part: 1 << number for number, part in enumerate(every)}
    return every, tuple(tuple(bits[part] for part in row) for row in rows)


@functools.lru_cache(maxsize=1 << 12)
def due(found: int) -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Places in `PHRASES`, and patterns, of what may stand in a text that holds some needles.

    Parameters
    ----------
    found : int
        The bits of the needles.

    Examples
    --------
    >>> [PHRASES[number].shown for number, _ in due(1 << needles()[0].index("|>"))]
    ['chat markup']
    """
    rows = zip(patterns(), needles()[1], strict=True)
    return tuple(
        (number, pattern)
        for number, ((_, pattern), parts) in enumerate(rows)
        if all(part & found for part in parts)
    )
