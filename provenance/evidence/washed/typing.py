"""Errors of typing in common words: what light edits leave behind.

A model spells common words right, and people nearly always: of texts by people one in three hundred
holds such an error. Somebody who puts errors into text so that it reads as typed by hand puts them
into many texts.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["all_mistyped", "is_mistyped", "mistyped_forms"]

_MOST_CHARACTERS: Final = 8000
"""Of a text that are looked at; bounds time, and a long text has more room to err. A round
figure."""

_COMMON: Final = (
    "about after again against almost along already although always among another around because"
    " become before began being believe below between bring brought called cannot change children"
    " could country course created different doing during early either enough every everything"
    " example experience family feeling finally first follow following found friend front further"
    " future general getting given going great group happened having health heard helped herself"
    " himself house however human important include including inside instead itself knowing known"
    " large later learn leave light little local making matter maybe means might minute moment"
    " money month morning mother music myself nature never night nothing number often other others"
    " outside people perhaps person place point possible power present problem process public"
    " question quite rather reach really reason remember report result return right school second"
    " seemed sense service several should showed since small social something sometimes sound"
    " special start started state still story strong study support system taken thank their them"
    " themselves there these thing things think those though thought three through today together"
    " toward tried trust trying turned under understand until using usually walked wanted watch"
    " water where whether which while white whole window without woman women words working world"
    " would write written wrong years young yourself"
)
"""Common English words, of five letters and more where errors are looked for."""
_OTHER_WORDS: Final = (
    "akong alter aming bellow bought calles chang corse county create creates crested curse"
    " escond ether fiend fried genera goong greta hears heath hunan hyman latter layer maling"
    " mater matte monet mooney noting numer persoon posible preset probleem proces procesa"
    " pubic publix quiet quitte quote rally realty satte schol sende simeone sociaal sometime"
    " sowed speciaal stare stared starr starred stated statt stort strat string suing systeem"
    " talen theor thins thong thongs threw thunk tired tough tries trist trough tuned tying"
    " unser walled waned widow woking wrote"
)
"""Words and names, of English and of its neighbours, that one error makes of these: those that a
tokenizer of 200,000 words holds, and those that several texts of models hold."""
_ENGLISH: Final = frozenset("the and of that with for was is to in it".split())
_ENGLISH_ENOUGH: Final = 5
"""Of these words, that a text must hold to be English: Dutch *persoon* is no error. A round
figure."""
_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@functools.cache
def mistyped_forms() -> frozenset[str]:
    """Common words with one letter left out, doubled, changed with the one before or hit beside.

    The first letter stays, and the last is not left out: a text that was cut ends so, and dialect
    is written so.

    Examples
    --------
    >>> [one in mistyped_forms() for one in ("becuase", "wouldd", "because", "nothin")]
    [True, True, False, False]
    """
    common = {word for word in _COMMON.split() if len(word) >= _SHORTEST}
    forms = {form for word in common for form in _errors(word) if len(form) >= _SHORTEST}
    return frozenset(forms - {*_COMMON.split()} - {*_OTHER_WORDS.split()})


_SHORTEST: Final = 5
"""Letters of a word and of its error; shorter ones are words too often."""


def _errors(word: str) -> set[str]:
    found = set()
    for at in range(1, len(word)):
        before, letter, after = word[:at], word[at], word[at + 1 :]
        found |= {before + letter + letter + after, before[:-1] + letter + before[-1] + after}
        found |= {before + beside + after for beside in _neighbours(letter)}
        if after:
            found.add(before + after)
    return found


def _neighbours(letter: str) -> str:
    """Keys to both sides of a letter's."""
    (row,) = (keys for keys in _KEYS if letter in keys)
    at = row.index(letter)
    return row[max(0, at - 1) : at] + row[at + 1 : at + 2]


def all_mistyped(texts: Sequence[str], may_hold: NDArray[np.bool_]) -> list[bool]:
    """`is_mistyped` of each text; hardly any has to be looked at word by word.

    Parameters
    ----------
    texts : sequence of str
    may_hold : ndarray of bool, shape (n_texts,)
        Where one of `mistyped_forms` may stand, as `glance` tells.

    Examples
    --------
    >>> all_mistyped(["It was becuase of the rain that it fell in the end."], np.array([True]))
    [True]
    """
    likely = may_hold.tolist()
    return [may and is_mistyped(text) for text, may in zip(texts, likely, strict=True)]


def is_mistyped(text: str) -> bool:
    """Whether a common word has an error of typing; words beside a mark are not looked at.

    Examples
    --------
    >>> is_mistyped("It was becuase of the rain that it fell in the end.")
    True
    >>> is_mistyped("It was because of the rain that it fell in the end.")
    False
    """
    # The last may have been cut.
    words = text[:_MOST_CHARACTERS].lower().split()[:-1]
    if mistyped_forms().isdisjoint(words):
        return False
    return len(_ENGLISH.intersection(words)) >= _ENGLISH_ENOUGH
