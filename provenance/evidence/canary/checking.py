"""Whether a corpus holds an account's canaries, with p-values that hold whatever the text is.

Words. A place is told by its choice and the words before it; the key tosses a coin for each
distinct place. Where the places of a corpus were written without the key, the coins are independent
of the wording that stands there more often, so that the number of agreements is exactly binomial
with probability 1/2: the chance is that of drawing the key, and no property of the text enters.
Counting each distinct place once, by its commoner wording, and leaving out ties depends on the text
alone; counting repeats would not be exact, since they share one coin.

Strings. Of M distinct strings of the form in a corpus and S strings of an account, each uniform
over ``2**BITS``, some pair is equal with a chance of at most ``M * S / 2**BITS`` (union bound).

An account that was checked by both gets twice the smaller p-value; all accounts that were checked
count in Holm's correction, whatever was found.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from provenance.corpus import Corpus, open_corpus
from provenance.corpus.batches.batches import batches, map_batches
from provenance.errors import InputError, require_number, require_whole
from provenance.evidence.canary.keyed_bits import keyed_bits
from provenance.evidence.canary.nonce_strings import BITS, keyed_strings
from provenance.evidence.canary.planting import Canary, strings_key, words_key
from provenance.evidence.canary.traces import (
    MAX_PLACES,
    HeldStates,
    HeldStrings,
    read_traces,
    readable_texts,
)
from provenance.records import Place
from provenance.statistics.conventions import POWER
from provenance.statistics.multiple_testing import holm
from provenance.statistics.tails import SMALLEST_P, binomial_tail, critical_heads
from provenance.words import percent

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["LEVEL", "AccountCheck", "CanaryCheck", "check", "states_needed"]

LEVEL: Final = 0.001
"""Largest corrected p-value that is called found; a round figure; not tuned."""

MAX_STATES: Final = 1 << 22
MAX_STRINGS: Final = 1 << 16
_NULL: Final = (
    "the corpus was written without the account's key: the key is drawn at random and says nothing"
    " about the text"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """What one account's canaries tell.

    Parameters
    ----------
    account : str
    key_name : str
        The name of the key table.
    verdict : {"found", "not_found", "not_checked"}
        ``not_checked``: the corpus has too few places, even were all of them planted.
    n_states, n_agreeing : int or None
        Distinct places, and at how many the wording is as the key says; None where the account
        has no word choices.
    n_strings : int or None
        The account's strings in the corpus.
    p_value : float
        Never below the smallest number a float holds in full.
    log10_p_value : float
    adjusted_p_value : float
        By Holm's rule over all accounts that were checked.
    smallest_share : float or None
        Share of the places that would have to be planted to be told 4 times in 5; None where no
        share would do.
    sentence : str
    where : tuple of Place
        Up to 20 documents that hold the account's strings.
    """

    account: str
    key_name: str
    verdict: Literal["found", "not_found", "not_checked"]
    n_states: int | None
    n_agreeing: int | None
    n_strings: int | None
    p_value: float
    log10_p_value: float
    adjusted_p_value: float
    smallest_share: float | None
    sentence: str
    where: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryCheck:
    """What a corpus tells about all accounts.

    Parameters
    ----------
    accounts : tuple of AccountCheck
        In the order in which they were given.
    n_documents : int
    n_choices : int
        Places, repeated ones included.
    n_states : int
        Distinct places that count, those with as many of one wording as of the other left out.
    states_kept : float
        Share of all distinct places that these were taken from; below 1 only where there were
        too many to hold, and then chosen by a hash that knows no key.
    n_strings : int
        Distinct strings of the form, whoever's.
    pooled_p_value : float or None
        Of all accounts' word choices together: the sum of all agreements is exactly binomial, too.
        It finds answers that were spread over many accounts. None for one account.
    level : float
    null_hypothesis : str
    """

    accounts: tuple[AccountCheck, ...]
    n_documents: int
    n_choices: int
    n_states: int
    states_kept: float
    n_strings: int
    pooled_p_value: float | None
    level: float
    null_hypothesis: str = _NULL


def states_needed(share: float, level: float = LEVEL, power: float = POWER) -> int:
    """Distinct places after which a planted share of them is told with that power.

    Examples
    --------
    >>> states_needed(1.0, 1e-6), states_needed(0.5, 1e-6)
    (20, 121)
    """
    most = 1
    while (found := _smallest_share(most, math.log(level), power)) is None or found > share:
        most *= 2
    low = most // 2
    while most - low > 1:
        middle = (low + most) // 2
        found = _smallest_share(middle, math.log(level), power)
        low, most = (middle, most) if found is None or found > share else (low, middle)
    return most


def _smallest_share(n_states: int, log_level: float, power: float = POWER) -> float | None:
    from scipy.special import betaincinv

    needed = critical_heads(n_states, log_level)
    if needed > n_states:
        return None
    if needed == 0:
        return 0.0
    # A planted place always agrees, any other half the time.
    return max(0.0, 2 * float(betaincinv(needed, n_states - needed + 1, power)) - 1)


def check(
    corpus: Corpus | str | os.PathLike[str] | Iterable[object],
    canaries: Sequence[Canary],
    accounts: Sequence[str] | None = None,
    *,
    level: float = LEVEL,
    workers: int = 1,
    executor: Executor | None = None,
    max_states: int = MAX_STATES,
    progress: Callable[[Corpus], None] | None = None,
) -> CanaryCheck:
    """Check a corpus for the canaries of accounts.

    Parameters
    ----------
    corpus : Corpus, path, or iterable of str
        From `open_corpus`, what it takes as a path, or the texts themselves.
    canaries : sequence of Canary
        One for each key.
    accounts : sequence of str, optional
        Checked under every key; without them, each key's own.
    level : float
        Largest corrected p-value that is called found.
    workers : int
        Processes that read text; the result is the same for any number. No key goes there.
    executor : concurrent.futures.Executor, optional
        Used instead of processes of our own.
    max_states : int
        Distinct places held; of more a sample is kept.
    progress : callable, optional
        Called with the corpus after each batch.

    Raises
    ------
    InputError
        Where there is no account, a key twice, or the corpus cannot be read.

    Examples
    --------
    >>> from provenance.files.keys import Secret
    >>> canary = Canary(key=Secret("0123456789abcdef"), accounts=("ann",))
    >>> check(["Nothing stands here."], [canary]).accounts[0].verdict
    'not_checked'
    """
    require_number("level", level, within=True)
    require_whole("max_states", max_states, 1)
    tests = _tests(canaries, accounts)
    if isinstance(corpus, list | tuple):
        corpus = iter(corpus)
    opened = corpus if isinstance(corpus, Corpus) else open_corpus(corpus)
    styles = {style for canary, _ in tests for style in canary.styles}
    job = partial(read_traces, words="words" in styles, strings="strings" in styles)
    states, strings, n_documents = HeldStates(max_states), HeldStrings(MAX_STRINGS), 0
    for read in map_batches(
        job, batches(opened), prepare=readable_texts, workers=workers, executor=executor
    ):
        states.add(read.ids, read.leads)
        strings.add(read.strings)
        n_documents += read.n_documents
        if progress is not None:
            progress(opened)
    states.settle()
    return _told(tests, states, strings, n_documents, level)


def _tests(canaries: Sequence[Canary], accounts: Sequence[str] | None) -> list[tuple[Canary, str]]:
    derived = [canary.key.derive() for canary in canaries]
    if len({*derived}) < len(derived):
        raise InputError("a key is given twice", expected="each key once")
    tests = [
        (canary, account)
        for canary in canaries
        for account in dict.fromkeys(canary.accounts if accounts is None else accounts)
    ]
    if not tests:
        raise InputError(
            "no account is named",
            remedy="Name some with --account or --accounts, or as accounts in the key's table",
        )
    if not all(account for _, account in tests):
        raise InputError("an account has no name", expected="any text")
    return tests


@dataclass(frozen=True, slots=True)
class _Counted:
    """An account's counts and the logarithms of their p-values."""

    n_agreeing: int | None
    strings: tuple[str, ...] | None
    log_p: float


def _told(
    tests: Sequence[tuple[Canary, str]],
    states: HeldStates,
    strings: HeldStrings,
    n_documents: int,
    level: float,
) -> CanaryCheck:
    decided = states.leads != 0
    ids, sides = states.ids[decided], states.leads[decided] > 0
    counted = [_counted(canary, account, ids, sides, strings) for canary, account in tests]
    p_values = [max(SMALLEST_P, math.exp(each.log_p)) for each in counted]
    smallest = {n: _smallest_share(len(ids), math.log(level / len(tests) / n)) for n in (1, 2)}
    accounts = [
        _account(test, each, adjusted, len(ids), smallest, strings, level)
        for test, each, adjusted in zip(tests, counted, holm(p_values), strict=True)
    ]
    agreeing = [each.n_agreeing for each in counted if each.n_agreeing is not None]
    pooled = binomial_tail(sum(agreeing), len(ids) * len(agreeing), 0.5)
    return CanaryCheck(
        accounts=tuple(accounts),
        n_documents=n_documents,
        n_choices=states.n_choices,
        n_states=len(ids),
        states_kept=0.5**states.halvings,
        n_strings=len(strings.places),
        pooled_p_value=max(SMALLEST_P, math.exp(pooled)) if len(agreeing) > 1 else None,
        level=level,
    )


def _counted(
    canary: Canary,
    account: str,
    ids: NDArray[np.uint64],
    sides: NDArray[np.bool_],
    strings: HeldStrings,
) -> _Counted:
    logs = []
    n_agreeing = own = None
    if "words" in canary.styles:
        n_agreeing = int((keyed_bits(words_key(canary, account), ids) == sides).sum())
        logs.append(binomial_tail(n_agreeing, len(ids), 0.5))
    if "strings" in canary.styles:
        made = keyed_strings(strings_key(canary, account), canary.strings)
        own = tuple(string for string in dict.fromkeys(made) if string in strings.places)
        pairs = len(strings.places) * canary.strings
        logs.append(math.log(pairs) - BITS * math.log(2) if own else 0.0)
    return _Counted(n_agreeing, own, min(0.0, min(logs) + math.log(len(logs))))


def _account(
    test: tuple[Canary, str],
    counted: _Counted,
    adjusted: float,
    n_states: int,
    smallest: Mapping[int, float | None],
    strings: HeldStrings,
    level: float,
) -> AccountCheck:
    canary, account = test
    has_words = counted.n_agreeing is not None
    share = smallest[len({*canary.styles})] if has_words else None
    verdict: Literal["found", "not_found", "not_checked"] = "not_found"
    if adjusted <= level:
        verdict = "found"
    elif has_words and share is None:
        verdict = "not_checked"
    places = [place for string in counted.strings or () for place in strings.places[string]]
    return AccountCheck(
        account=account,
        key_name=canary.name,
        verdict=verdict,
        n_states=n_states if has_words else None,
        n_agreeing=counted.n_agreeing,
        n_strings=None if counted.strings is None else len(counted.strings),
        p_value=max(SMALLEST_P, math.exp(counted.log_p)),
        log10_p_value=counted.log_p / math.log(10),
        adjusted_p_value=adjusted,
        smallest_share=share,
        sentence=_sentence(verdict, share, n_states, counted),
        where=tuple(sorted({*places}, key=lambda place: (place.path, place.line, place.id)))[
            :MAX_PLACES
        ],
    )


def _sentence(verdict: str, share: float | None, n_states: int, counted: _Counted) -> str:
    if verdict == "found":
        return "more of the wording or strings of the account is there than chance allows"
    if verdict == "not_checked":
        return f"{n_states} distinct places are too few, even were all of them planted"
    if counted.n_agreeing is None:
        return "no string of the account is there, which does not show that no answer is"
    least = percent(share or 0.0)
    return f"planted wording at {least} of the places would be told 4 times in 5"
