"""The records of ``watermark.json``: what keys say of a corpus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from provenance.evidence.watermark.marked_share import MarkedShare
from provenance.records import Place
from provenance.statistics.conventions import POWER

__all__ = [
    "KeyCheck",
    "KeyPower",
    "MarkedPassage",
    "RandomKeys",
    "SelfTest",
    "Verdict",
    "WatermarkCheck",
]

Verdict = Literal["found", "not_found", "not_checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPower:
    """How much would be told, at the level that the number of keys leaves.

    Parameters
    ----------
    excess : float
        Mean score of marked text above the null's, in standard deviations of one score: measured
        on the self-test's text where there is one, else assumed.
    mean_score, null_mean : float
        The mean score that this is, and the null's.
    tokens_needed : int
        Scored tokens of wholly marked text that are told 4 times in 5.
    smallest_share : float or None
        Share of the scored tokens that would have to be marked to be told 4 times in 5; None
        where no share would do.
    """

    excess: float
    mean_score: float
    null_mean: float
    tokens_needed: int
    smallest_share: float | None
    at_power: float = POWER


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """The key on text that is known to be marked with it."""

    path: str
    n_documents: int
    n_scored: int
    p_value: float
    excess: float | None
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomKeys:
    """Keys that nobody marked with, on part of the same text.

    Parameters
    ----------
    n_keys, n_tokens : int
    p_value : float
        Of the largest surplus of small p-values over a uniform law's (one-sided
        Kolmogorov-Smirnov).
    n_smaller : int
        Random keys whose p-value on that part is at most that of the key itself.
    uniform : bool
        Uniform or larger, as far as so many keys tell.
    """

    n_keys: int
    n_tokens: int
    p_value: float
    n_smaller: int
    uniform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPassage:
    """A marked stretch of a document.

    Parameters
    ----------
    place : Place
        With the characters from which and to which it runs, as far as tokens tell.
    start_token, end_token : int
        The same in the generator's tokens.
    p_value : float
        Chance, at most, that a document's unmarked text holds any such stretch.
    """

    place: Place
    start_token: int
    end_token: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """What one key says of the corpus.

    Parameters
    ----------
    name, account, scheme, tokenizer, settings
        Of the key's table, without the key.
    verdict : {"found", "not_found", "not_checked"}
    sentence : str
    n_tokens : int
    n_scored : int
        Distinct draws that the pooled test adds up.
    draws_kept : float
        Share of all distinct draws that these are; below 1 only where there were too many.
    statistic : float or None
        Green tokens, sum of -log(1 - u), mean of bits, or log posterior odds.
    p_value, log10_p_value : float
        Of the pooled test.
    document_p_value : float
        Of the document with the smallest p-value, as a whole or of its best passage, corrected
        for all documents and for both (Bonferroni).
    adjusted_p_value : float
        Of the two tests together (twice the smaller), by Holm's rule over all keys.
    n_documents_scored, n_documents_listed, n_passages_listed : int
        Documents with a p-value; those of a q-value of at most the false-discovery rate, as a
        whole and by their best passage.
    share : MarkedShare
    power : KeyPower or None
    self_test : SelfTest or None
    random_keys : RandomKeys or None
        Only where the key was found.
    where : tuple of Place
        Where the key was found, the documents of smallest p-values among those listed, up to 20.
    passages : tuple of MarkedPassage
        Where it was found, those of the documents whose best passages have the smallest p-values
        among those listed, up to 20 documents.
    """

    name: str
    account: str | None
    scheme: str
    tokenizer: str
    settings: dict[str, Any]
    verdict: Verdict
    sentence: str
    n_tokens: int
    n_scored: int
    draws_kept: float
    statistic: float | None
    p_value: float
    log10_p_value: float
    document_p_value: float
    adjusted_p_value: float
    n_documents_scored: int
    n_documents_listed: int
    n_passages_listed: int
    share: MarkedShare
    power: KeyPower | None
    self_test: SelfTest | None
    random_keys: RandomKeys | None
    null_hypothesis: str
    where: tuple[Place, ...] = ()
    passages: tuple[MarkedPassage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkCheck:
    """What a corpus tells about all keys, in the order in which they were given.

    Parameters
    ----------
    keys : tuple of KeyCheck
    n_documents : int
    level : float
        Largest corrected p-value that is called found.
    fdr : float
        Largest q-value of a document that is listed.
    prompts_excluded : bool
        Whether contexts that stand in a document's prompt were left out.
    """

    keys: tuple[KeyCheck, ...]
    n_documents: int
    level: float
    fdr: float
    prompts_excluded: bool = False
