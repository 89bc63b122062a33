"""Small edits of a text, each by a strength from 0 to 1; `laundering` has them in a table.

They are written apart from `provenance.features.normalize` on purpose: a repair that
was tested against its own inverse would always pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from provenance.validation.laundering.synonyms import WORD, alternatives

__all__ = [
    "change_case",
    "change_punctuation",
    "change_spaces",
    "chosen",
    "delete_articles",
    "disguise",
    "drop_sentences",
    "drop_words",
    "edited",
    "hide_characters",
    "hide_model",
    "mistype",
    "rename_model",
    "scrub",
    "sentences",
    "shuffle_sentences",
    "strip_debris",
    "strip_html",
    "strip_markdown",
    "swap_synonyms",
    "swap_words",
    "truncate",
]


# --- what is edited ------------------------------------------------------------------------------


def chosen(count: int, strength: float, rng: np.random.Generator) -> list[bool]:
    """Which of so many are edited; where the part is no whole number, chance rounds it."""
    number = min(count, int(strength * count + rng.random()))
    found = np.zeros(count, np.bool_)
    found[rng.permutation(count)[:number]] = True
    return [bool(is_chosen) for is_chosen in found]


def edited(
    text: str,
    matches: Iterable[re.Match[str]],
    edit: Callable[[re.Match[str]], str],
    strength: float,
    rng: np.random.Generator,
) -> str:
    """Rewrite a part of the matches."""
    places = [*matches]
    pieces, start = [], 0
    for match, is_chosen in zip(places, chosen(len(places), strength, rng), strict=True):
        if is_chosen:
            pieces += [text[start : match.start()], edit(match)]
            start = match.end()
    return "".join([*pieces, text[start:]])


def _stripped(
    text: str,
    patterns: Iterable[tuple[re.Pattern[str], str]],
    strength: float,
    rng: np.random.Generator,
) -> str:
    """Rewrite a part of what each pattern finds, one pattern after the other."""
    for pattern, template in patterns:

        def expanded(match: re.Match[str], template: str = template) -> str:
            return match.expand(template)

        text = edited(text, pattern.finditer(text), expanded, strength, rng)
    return text


def _patterns(*rows: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.MULTILINE), template) for pattern, template in rows)


# A character of a script without spaces is a word of its own.
_UNSPACED: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")
_TWO_LETTERS = re.compile(r"[^\W\d_]{2,}")
_WORD_AND_SPACE = re.compile(rf"({WORD.pattern})[ \t]?")
_RUN_AND_SPACE = re.compile(f"(?:{_RUN.pattern})\\s*")


# --- layout and writing --------------------------------------------------------------------------

_MARKDOWN: Final = _patterns(
    (r"^[ \t]*(?:```|~~~)[^\n]*\n?", ""),
    (r"^[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*$\n?", ""),
    (r"^[ \t]*(?:\|[ \t]*)?:?-{2,}:?[ \t]*\|[-:| \t]*$\n?", ""),
    (r"^[ \t]*\|[ \t]*|[ \t]{0,80}\|[ \t]*$", ""),
    (r"(?<=[^|\s])[ \t]{1,80}\|[ \t]{1,80}(?=[^|\s])", "  "),
    (r"^[ \t]*>[ \t]?", ""),
    (r"^[ \t]{0,3}#{1,6}[ \t]+", ""),
    (r"^[ \t]*[-*+•][ \t]+", ""),
    (r"^[ \t]*\d{1,3}[.)][ \t]+", ""),
    (r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{1,500}(?: \"[^\"\n]{0,300}\")?\)", r"\1"),
    (r"(\*{1,3})(?=[^\s*])([^*\n]{1,500})(?<=\S)\1", r"\2"),
    (r"\b(_{1,3})(?=[^\s_])([^_\n]{1,500})(?<=\S)\1\b", r"\2"),
    (r"~~(?=\S)([^~\n]{1,500})~~", r"\1"),
    (r"(`{1,2})([^`\n]{1,500})\1", r"\2"),
)


def strip_markdown(text: str, strength: float, rng: np.random.Generator) -> str:
    """Strip headings, emphasis, bullets, numbers, quotes, fences, rules, links and tables."""
    return _stripped(text, _MARKDOWN, strength, rng)


_HTML: Final = _patterns(
    (r"<!--[^<>]{0,1000}-->", ""),
    (r"<br ?/?>|</(?:p|div|li|tr|h[1-6])>", "\n"),
    (r"</?[A-Za-z][A-Za-z0-9]{0,15}(?: [^<>\n]{0,300})?/?>", ""),
    ("&nbsp;", " "),
    ("&quot;", '"'),
    ("&#39;|&apos;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
)


def strip_html(text: str, strength: float, rng: np.random.Generator) -> str:
    """Strip tags and comments, and write entities as what they stand for."""
    return _stripped(text, _HTML, strength, rng)


_CASES: Final[tuple[Callable[[str], str], ...]] = (str.lower, str.upper, str.capitalize)


def change_case(text: str, strength: float, rng: np.random.Generator) -> str:
    """Write words in small letters, in capitals or capitalised, one of them for a text."""
    style = _CASES[int(rng.integers(len(_CASES)))]
    return edited(text, WORD.finditer(text), lambda word: style(word[0]), strength, rng)


_SPACE = re.compile(r"\s+")
_SPACES: Final = ("  ", "\t", "\xa0", " \xa0")


def change_spaces(text: str, strength: float, rng: np.random.Generator) -> str:
    """Join lines by one space; double other spaces or make them tabs or no-break spaces."""

    def edit(space: re.Match[str]) -> str:
        return " " if "\n" in space[0] else _SPACES[int(rng.integers(len(_SPACES)))]

    return edited(text, _SPACE.finditer(text), edit, strength, rng)


_LOOK_ALIKES: Final = {
    entry[0]: entry[1:]
    for entry in (
        "a\u0430 c\u0441 d\u0501 e\u0435 h\u04bb i\u0456 j\u0458 o\u043e\u03bf p\u0440 q\u051b"
        " s\u0455 v\u03bd w\u051d x\u0445 y\u0443 A\u0410\u0391 B\u0412\u0392 C\u0421 E\u0415\u0395"
        " H\u041d\u0397 I\u0406\u0399 J\u0408 K\u041a\u039a M\u041c\u039c N\u039d O\u041e\u039f"
        " P\u0420\u03a1 S\u0405 T\u0422\u03a4 X\u0425\u03a7 Y\u04ae\u03a5 Z\u0396"
    ).split()
}
_ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff"
_LETTER = re.compile("[A-Za-z]")


def disguise(text: str, strength: float, rng: np.random.Generator) -> str:
    """Put a look-alike of a Latin letter in its place or a zero-width character behind it."""

    def edit(letter: re.Match[str]) -> str:
        hidden = letter[0] + _ZERO_WIDTH[int(rng.integers(len(_ZERO_WIDTH)))]
        forms: tuple[str, ...] = (*_LOOK_ALIKES.get(letter[0], ()), hidden)
        return forms[int(rng.integers(len(forms)))]

    return edited(text, _LETTER.finditer(text), edit, strength, rng)


def hide_characters(text: str, strength: float, rng: np.random.Generator) -> str:
    """Put a zero-width character into words, after their first letter."""

    def edit(word: re.Match[str]) -> str:
        return word[0][0] + _ZERO_WIDTH[int(rng.integers(len(_ZERO_WIDTH)))] + word[0][1:]

    return edited(text, _TWO_LETTERS.finditer(text), edit, strength, rng)


_TYPOGRAPHIC = re.compile("[‘’“”—…]")
_TO_PLAIN: Final = _patterns(
    ("[‘’]", "'"),
    ("[“”]", '"'),
    (" ?— ?", " - "),
    ("–", "-"),
    ("…", "..."),
    (",(?= (?:and|or) )", ""),
)
_TO_TYPOGRAPHIC: Final = _patterns(
    (r'(?<!\S)"', "“"),
    ('"', "”"),
    ("'", "’"),
    (" --? |--", "—"),
    (r"\.\.\.", "…"),
    (",(?= (?:and|or) )", ""),
)


def change_punctuation(text: str, strength: float, rng: np.random.Generator) -> str:
    """Make typographic marks plain, or plain ones typographic where there are none yet."""
    patterns = _TO_PLAIN if _TYPOGRAPHIC.search(text) else _TO_TYPOGRAPHIC
    return _stripped(text, patterns, strength, rng)


# --- parts, sentences, words ---------------------------------------------------------------------


def truncate(text: str, strength: float, rng: np.random.Generator) -> str:
    """Keep the first, the last or the middle words of a text."""
    words = [*_RUN.finditer(text)]
    n_cut = sum(chosen(len(words), strength, rng))
    if n_cut in (0, len(words)):
        return "" if n_cut else text
    first = (0, n_cut, n_cut // 2)[int(rng.integers(3))]
    return text[words[first].start() : words[first + len(words) - n_cut - 1].end()]


_GAP = re.compile(r"\s+|(?<=[。！？])(?=\S)")
_END = re.compile("[.!?…。！？][\"'”’)\\]*_]{0,3}$")
_NUMBER = re.compile(r"\d{1,3}\.")


def sentences(text: str) -> list[str]:
    """Sentences and lines of a text, each with the white space after it; joined they are the text.

    Examples
    --------
    >>> sentences("1. Stir well. Wait!\\nServe")
    ['1. Stir well. ', 'Wait!\\n', 'Serve']
    """
    pieces, start = [], 0
    for gap in _GAP.finditer(text):
        if _ends_sentence(text, start, gap):
            pieces.append(text[start : gap.end()])
            start = gap.end()
    return [*pieces, text[start:]] if start < len(text) else pieces


def _ends_sentence(text: str, start: int, gap: re.Match[str]) -> bool:
    before = text[max(start, gap.start() - 4) : gap.start()]
    if not before or _NUMBER.fullmatch(text, start, gap.start()):
        return False
    return "\n" in gap[0] or _END.search(before) is not None


def shuffle_sentences(text: str, strength: float, rng: np.random.Generator) -> str:
    """Move each chosen sentence to the place of another."""
    pieces = sentences(text)
    moved = np.flatnonzero(chosen(len(pieces), strength, rng))
    if len(moved) < 2:
        return text
    bare = pieces[-1] == pieces[-1].rstrip()  # nothing parts it from what may come after it
    pieces[-1] += "\n" * bare
    order = rng.permutation(moved).tolist()
    given = dict(zip(order, [*order[1:], order[0]], strict=True))
    joined = "".join(pieces[given.get(place, place)] for place in range(len(pieces)))
    return joined.rstrip() if bare else joined


def drop_sentences(text: str, strength: float, rng: np.random.Generator) -> str:
    """Leave sentences out."""
    pieces = sentences(text)
    cut = chosen(len(pieces), strength, rng)
    return "".join(piece for piece, is_cut in zip(pieces, cut, strict=True) if not is_cut)


def drop_words(text: str, strength: float, rng: np.random.Generator) -> str:
    """Leave words out, with the white space after them."""
    return edited(text, _RUN_AND_SPACE.finditer(text), lambda word: "", strength, rng)


_ARTICLE = re.compile(r"\b(?:[Tt]he|[Aa]n?|THE)[ \t]{1,4}(?=[^\W\d_])")


def delete_articles(text: str, strength: float, rng: np.random.Generator) -> str:
    """Leave English articles out."""
    return edited(text, _ARTICLE.finditer(text), lambda article: "", strength, rng)


def scrub(words: Iterable[str]) -> Callable[[str, float, np.random.Generator], str]:
    """An edit that leaves given words out; the strength is a part of where they stand.

    Parameters
    ----------
    words : iterable of str
        In any letter case.

    Examples
    --------
    >>> scrub(["delve"])("Delve into it, delve!", 1.0, np.random.default_rng(0))
    'into it, !'
    """
    scrubbed = frozenset(word.lower() for word in words)

    def edit(text: str, strength: float, rng: np.random.Generator) -> str:
        places = (word for word in _WORD_AND_SPACE.finditer(text) if word[1].lower() in scrubbed)
        return edited(text, places, lambda word: "", strength, rng)

    return edit


def swap_words(text: str, strength: float, rng: np.random.Generator) -> str:
    """Change words with their neighbours; the strength is the part of all words that moves."""
    words = [*_RUN.finditer(text)]
    order = [*range(len(words))]
    firsts = range(int(rng.integers(1 + len(words) % 2)), len(words) - 1, 2)
    for first, is_chosen in zip(firsts, chosen(len(firsts), strength, rng), strict=True):
        if is_chosen:
            order[first : first + 2] = first + 1, first
    source = iter(order)
    return _RUN.sub(lambda _: words[next(source)][0], text)


def swap_synonyms(text: str, strength: float, rng: np.random.Generator) -> str:
    """Swap words for others of the table; the strength is a part of all words."""

    def edit(word: re.Match[str]) -> str:
        others = alternatives(word[0])
        return others[int(rng.integers(len(others)))]

    words = [*WORD.finditer(text)]
    reached = [word for word in words if alternatives(word[0])]
    part = min(1.0, strength * len(words) / max(1, len(reached)))
    return edited(text, reached, edit, part, rng)


_NEXT_KEY: Final = dict(
    zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioposdfghjklkxcvbnmn", strict=True)
)


def mistype(text: str, strength: float, rng: np.random.Generator) -> str:
    """Make one typing error in a word of two letters or more."""

    def edit(word: re.Match[str]) -> str:
        return _typo(word[0], int(rng.integers(1, len(word[0]))), int(rng.integers(4)))

    return edited(text, _TWO_LETTERS.finditer(text), edit, strength, rng)


def _typo(word: str, place: int, kind: int) -> str:
    """A letter left out, changed with the one before, hit beside the key, or typed twice."""
    before, letter, after = word[:place], word[place], word[place + 1 :]
    doubled = before + letter + letter + after
    typed = (
        before + after,
        before[:-1] + letter + before[-1] + after,
        before + _NEXT_KEY.get(letter, letter) + after,
        doubled,
    )[kind]
    return doubled if typed == word else typed


# --- who wrote it --------------------------------------------------------------------------------

_MODEL: Final = (
    r"(?:(?:[Ll]arge|AI|[Aa]rtificial [Ii]ntelligence|[Mm]achine[ -][Ll]earning|[Vv]irtual)[ -])*"
    r"(?:[Ll]anguage [Mm]odel|AI|[Aa]rtificial [Ii]ntelligence|[Cc]hatbot|[Aa]ssistant)"
)
_MAKER: Final = r"(?:OpenAI|Anthropic|Google (?:AI|DeepMind)|DeepMind|Meta AI|LMSYS|Mistral AI)"
_PRODUCT: Final = (
    r"(?:ChatGPT|GPT-?[2345][\w.-]{0,12}(?<=\w)|Claude|Bard|Gemini|LLaMA|Llama|Vicuna|Mistral)"
)
_MADE: Final = rf",?(?: \w{{1,20}}ly)? (?:developed|created|trained|made|built) by {_MAKER}\b"
_CLAIMS: Final = _patterns(
    (_MADE, ""),
    (rf"\b[Aa]s an? {_MODEL}, ?", ""),
    (rf"\b(I am|I['’]m) (?:just |only )?an? {_MODEL}\b", r"\1 a writer"),
)
_NAMES: Final = (("", ""), ("the company", "the assistant"), ("Acme", "Nova"))


def hide_model(text: str, strength: float, rng: np.random.Generator) -> str:
    """Delete or rename a model, its maker and what it says of itself."""
    maker, product = _NAMES[int(rng.integers(len(_NAMES)))]
    renamed = _patterns(
        (rf"\b{_MAKER}\b" + " ?" * (not maker), maker),
        (rf"\b{_PRODUCT}\b" + " ?" * (not product), product),
    )
    return _stripped(text, (*_CLAIMS, *renamed), strength, rng)


_IDENTITIES: Final = (("Acme", "Nova"), ("Northwind Labs", "Orion"), ("Bluefield", "Aria"))


def rename_model(text: str, strength: float, rng: np.random.Generator) -> str:
    """Write another model and maker over those that are named, and keep every claim."""
    maker, product = _IDENTITIES[int(rng.integers(len(_IDENTITIES)))]
    renamed = _patterns((rf"\b{_MAKER}\b", maker), (rf"\b{_PRODUCT}\b", product))
    return _stripped(text, renamed, strength, rng)


_DEBRIS: Final = _patterns(
    (r"<\|[a-z_]{1,30}\|>|</?s>|\[/?INST\]|<</?SYS>>", ""),
    (r"^[ \t]*#{1,6} (?:Instruction|Response|Human|Assistant|User):?[ \t]*(?:\n|\Z)", ""),
    (r"^(?:User|Human|Assistant|System|ChatGPT|Claude|You)(?: said)?:[ \t]*\n?", ""),
    (r"^(?:Copy(?: code)?|Edit|Share|Regenerate(?: response)?|Continue generating)[ \t]*$\n?", ""),
    (r"^\d{1,2} ?/ ?\d{1,2}[ \t]*$\n?", ""),
    (r"【[^【】\n]{1,80}】|\[\^?\d{1,3}\^?\]", ""),
    (r"\A\s*(?:Sure(?: thing)?|Certainly|Absolutely|Of course|Great question)[!,.][ \t\n]*", ""),
    (r"\A\s*(?:[Hh]ere(?:['’]s| is| are)|[Bb]elow (?:is|are))[^\n]{0,200}:[ \t]*\n+", ""),
    (
        r"\s?\s?(?:I hope (?:this|that|it) helps|Let me know if|Feel free to (?:ask|reach out)"
        r"|Is there anything else|If you have any (?:other|more|further) questions)[^\n]{0,200}\Z",
        "",
    ),
)


def strip_debris(text: str, strength: float, rng: np.random.Generator) -> str:
    """Strip what an interface or a chatty answer puts around the answer itself."""
    return _stripped(text, _DEBRIS, strength, rng)
