"""Which language a text is in: by its script, and by the commonest words of languages in Latin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = [
    "COMMON_WORDS",
    "LONGEST",
    "OTHER_SCRIPTS",
    "TRIED",
    "UNTRIED",
    "language_of",
    "words_looked_at",
]

LONGEST: Final = 2000
"""Characters that are looked at; a bound on time, not tuned."""
_LEAST_COMMON: Final = 0.08
"""Least part of the words that are the commonest ones of a language for the text to be in it."""
_LEAD: Final = 1.5
"""How many times as many of them a language needs as the next. Both are round figures: their
errors stand in the table of `python -m provenance.validation.bench.segmenting`."""
_FEWEST_WORDS: Final = 4
"""Words below which no language is told; a round figure, not tuned."""
_LEAST_OF_A_SCRIPT: Final = 0.3
"""Part of the letters that a script other than Latin needs: names and terms stay in Latin."""
_LEAST_KANA: Final = 0.05
"""Part of the letters that is kana where Han letters are Japanese; a round figure, not tuned."""
_FORMULA: Final = re.compile(r"\$[^$\n]{1,400}\$|\\[A-Za-z]+")
"""Letters of formulas are of no language."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SCRIPTS: Final[Mapping[str, re.Pattern[str]]] = {
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7a3]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
}
OTHER_SCRIPTS: Final = frozenset({*_SCRIPTS, "ja"})
"""Languages that are not written in Latin letters."""
_KANA: Final = re.compile("[\u3040-\u30ff]")

COMMON_WORDS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to a in is it that for was on with as i you be at by this have are or not"
        " from but they his he she we an my were has had your which their its can will would there"
        " been if so all what who when more about into than them these some out up no do just like"
        " very me our",
        "de": "der die das und ist nicht ich ein eine zu den mit von im auf für dem sich es auch"
        " als an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über",
        "fr": "le la les de des et un une est que qui dans pour pas sur avec ce il je vous du au"
        " en par plus ne se sont nous mais ou cette aux être elle",
        "es": "el la los las de y que en un una es por con para no se su al del lo como más pero"
        " sus le ya este si porque está son entre cuando muy",
        "it": "il lo la gli le di e che un una è per con non si del della dei nel alla sono da come"
        " più ma anche questo ha al delle nella",
        "pt": "o os as de e que um uma é em para com não se do da dos das por no na mais como mas"
        " ao são foi ou seu sua pelo pela você",
        "nl": "de het een en van is dat in niet op te zijn voor met die aan er om ook als maar ik"
        " bij nog wordt naar door uit",
        "fi": "ja on ei se että oli ovat kun mutta hän myös tai kuin joka niin ole sen mukaan voi"
        " ne nyt jos vain minä mitä tämä olla sitä",
        "sv": "och att det som en på är av för med den till inte om ett han jag var sig men har de"
        " från vi så kan när",
        "pl": "i w na nie się z do że to jest o jak po co tak za od przez ale dla jego są tym czy"
        " być był",
    }.items()
}

TRIED: Final = ("en", "ko", "zh")
"""Languages of texts that people wrote, or models, on which it was tried."""
UNTRIED: Final = tuple(sorted({*_SCRIPTS, *COMMON_WORDS, "ja"} - {*TRIED}))
"""Languages that it names and was tried on no text of."""


def language_of(text: str) -> str:
    """The language of a text (ISO 639-1), or nothing where it cannot be told.

    Examples
    --------
    >>> language_of("It is a truth universally acknowledged, that a single man is in want.")
    'en'
    >>> [language_of(text) for text in ("潮汐是因为月亮吸引海水。", "月が海の水を引きます。", "7")]
    ['zh', 'ja', '']
    """
    start = _FORMULA.sub(" ", text[: 2 * LONGEST])[:LONGEST]
    n_letters = len(_LETTER.findall(start))
    if not n_letters:
        return ""
    n_kana = len(_KANA.findall(start))
    counts = {name: len(script.findall(start)) for name, script in _SCRIPTS.items()}
    counts["zh"] += n_kana
    script = max(counts, key=lambda name: counts[name])
    if counts[script] >= _LEAST_OF_A_SCRIPT * n_letters:
        return "ja" if script == "zh" and n_kana >= _LEAST_KANA * n_letters else script
    return _latin(words_looked_at(start))


def words_looked_at(text: str) -> list[str]:
    """The words at the beginning of a text, in lower case."""
    return _WORD.findall(text[:LONGEST].lower())


def _latin(words: list[str]) -> str:
    if len(words) < _FEWEST_WORDS:
        return ""
    found = {
        language: sum(map(common.__contains__, words)) for language, common in COMMON_WORDS.items()
    }
    best, second = sorted(found, key=lambda language: -found[language])[:2]
    enough = found[best] >= max(2, _LEAST_COMMON * len(words))
    return best if enough and found[best] >= _LEAD * found[second] else ""
