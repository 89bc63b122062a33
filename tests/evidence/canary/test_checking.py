"""What was planted is found, and other text says nothing."""

from __future__ import annotations

import gzip
import math
import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_canaries import BOTH, KEY, STRINGS, WORDS, answers, one, planted

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.evidence.canary.checking import CanaryCheck, check, states_needed
from provenance.evidence.canary.keyed_bits import keyed_bits
from provenance.evidence.canary.nonce_strings import BITS
from provenance.evidence.canary.planting import Canary, plant, readable, state_ids
from provenance.evidence.canary.traces import HeldStates
from provenance.evidence.canary.word_choices import (
    occurrences,
)
from provenance.files.keys import Secret


def test_a_check_worked_by_hand() -> None:
    """Ten distinct places, all as planted: the chance of that is 2 to the power of -10."""
    found = one(planted(answers(10, 1)))
    assert (found.n_states, found.n_agreeing) == (10, 10)
    assert found.p_value == pytest.approx(2**-10)
    assert found.log10_p_value == pytest.approx(-10 * math.log10(2))
    assert found.adjusted_p_value == pytest.approx(2**-10)
    assert (found.verdict, found.n_strings, found.where) == ("found", None, ())


def test_a_place_counts_once_by_its_commoner_wording() -> None:
    text = planted(["x y z usually"])[0]
    swapped = {"usually": "typically", "typically": "usually"}
    other = re.sub("usually|typically", lambda match: swapped[match[0]], text)
    for texts, n_states, n_agreeing in [
        ([text], 1, 1),
        ([text] * 5, 1, 1),
        ([text, other], 0, 0),
        ([text, other, other], 1, 0),
        ([text, text, other], 1, 1),
    ]:
        found = one(texts)
        assert (found.n_states, found.n_agreeing) == (n_states, n_agreeing)
    assert one([text, other]).p_value == 1.0


def test_all_accounts_that_were_checked_count() -> None:
    texts = planted(answers(20, 1))
    p_alone = one(texts).adjusted_p_value
    found = check(texts, [WORDS], ["ann", "bob", "cleo", "dan"]).accounts
    assert [row.account for row in found] == ["ann", "bob", "cleo", "dan"]
    assert found[0].adjusted_p_value == pytest.approx(4 * p_alone)
    assert [row.verdict for row in found] == ["found", "not_found", "not_found", "not_found"]


def test_an_account_named_twice_counts_once() -> None:
    assert len(check(["a"], [WORDS], ["ann", "ann"]).accounts) == 1


def test_accounts_come_from_each_keys_own_table() -> None:
    second = Canary(key=Secret(KEY[::-1]), name="old", accounts=("bob", "cleo"))
    found = check(answers(3), [replace(WORDS, accounts=("ann",)), second])
    assert [(row.key_name, row.account) for row in found.accounts] == [
        ("", "ann"),
        ("old", "bob"),
        ("old", "cleo"),
    ]


def test_strings_are_found_wherever_they_stand() -> None:
    texts = answers(30, 1)
    made = planted(texts[:3], canary=STRINGS)
    rows = [{"id": f"r{n}", "text": text} for n, text in enumerate([*texts[3:], *made])]
    found = check(open_corpus(rows), [STRINGS], ["ann", "bob"])
    ann, bob = found.accounts
    assert (ann.n_strings, ann.n_states, ann.n_agreeing) == (3, None, None)
    assert [place.id for place in ann.where] == ["r27", "r28", "r29"]
    assert ann.p_value == pytest.approx(3 * 1024 / 2**BITS)
    assert ann.adjusted_p_value == pytest.approx(2 * ann.p_value)
    assert (bob.n_strings, bob.p_value, bob.verdict) == (0, 1.0, "not_found")
    assert "does not show" in bob.sentence
    assert found.pooled_p_value is None


def test_two_styles_are_two_tries() -> None:
    texts = planted(answers(10, 1), canary=BOTH)
    found = one(texts, BOTH)
    assert found.p_value == pytest.approx(2 * min(2**-10, 10 * 1024 / 2**BITS))
    assert one(answers(3), BOTH).p_value <= 1


def test_disguises_hide_nothing() -> None:
    texts = planted(answers(10, 2), canary=BOTH)
    hidden = [
        text.upper().replace("A", "\u0410").replace("ED", "E\u200bD").replace("-", "\u2011")
        for text in texts
    ]
    plain_found, found = one(texts, BOTH), one(hidden, BOTH)
    assert (found.n_agreeing, found.n_strings) == (plain_found.n_agreeing, plain_found.n_strings)


@pytest.mark.parametrize(
    ("n_states", "verdict"), [(0, "not_checked"), (9, "not_checked"), (10, "not_found")]
)
def test_too_few_places_cannot_tell(n_states: int, verdict: str) -> None:
    found = one(answers(max(1, n_states), 1) if n_states else ["nothing here"], account="zoe")
    assert found.n_states == n_states
    assert found.verdict == verdict
    assert (found.smallest_share is None) == (verdict == "not_checked")


@pytest.mark.parametrize("text", ["", " ", "\r\n", "for example", "日本語だけの文章。"])
def test_odd_texts_are_no_evidence(text: str) -> None:
    assert one([text]).verdict == "not_checked"


def library() -> list[str]:
    return [topics[name] for name in sorted(topics)]


@pytest.mark.slow
def test_text_by_people_does_not_fire() -> None:
    accounts = [f"account {n}" for n in range(60)]
    found = check(library(), [BOTH], accounts)
    assert found.n_states > 200
    assert {row.verdict for row in found.accounts} == {"not_found"}
    assert found.n_strings == 0
    assert found.pooled_p_value is not None and found.pooled_p_value > 1e-3


def test_answers_among_others_text_are_found() -> None:
    texts = library()
    ours = planted(answers(40, 8))
    found = one([*texts, *ours])
    share = 320 / (found.n_states or 1)
    assert found.verdict == "found"
    assert found.smallest_share is not None and found.smallest_share < share


def test_answers_spread_over_accounts_are_found_together() -> None:
    accounts = [f"a{n}" for n in range(40)]
    texts = answers(400, 2)
    ours = [plant(text, WORDS, accounts[n % 40]).text for n, text in enumerate(texts)]
    found = check(ours, [WORDS], accounts)
    assert found.pooled_p_value is not None
    assert found.pooled_p_value < min(row.adjusted_p_value for row in found.accounts)
    agreeing = sum(row.n_agreeing or 0 for row in found.accounts)
    excess = 2 * agreeing - 40 * found.n_states
    assert found.pooled_p_value == pytest.approx(
        normal_tail(excess / math.sqrt(40 * found.n_states)), rel=0.2
    )


def normal_tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def comparable(found: CanaryCheck) -> CanaryCheck:
    return replace(found, accounts=tuple(replace(row, where=()) for row in found.accounts))


@pytest.mark.slow
@given(st.permutations(range(12)), st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_the_order_of_documents_does_not_matter(order: list[int], most: int) -> None:
    texts = planted(answers(12), canary=BOTH)
    accounts = ["ann", "bob"]
    straight = check(texts, [BOTH], accounts, max_states=most)
    mixed = check([texts[n] for n in order], [BOTH], accounts, max_states=most)
    assert comparable(mixed) == comparable(straight)


@pytest.mark.slow
def test_the_number_of_workers_does_not_matter() -> None:
    texts = planted(answers(12), canary=BOTH)
    rows = [{"text": f"{text} {'filler ' * 60_000}"} for text in texts]
    one_worker, two = (check(open_corpus(rows), [BOTH], ["ann"], workers=n) for n in (1, 2))
    assert one_worker == two


def test_a_sample_of_the_places_is_told() -> None:
    texts = planted(answers(50, 4))
    found = check(texts, [WORDS], ["ann"], max_states=64)
    assert 0 < found.states_kept < 1
    assert 0 < found.n_states <= 64
    assert found.accounts[0].n_agreeing == found.n_states


def test_what_is_asked_wrongly_is_refused() -> None:
    with pytest.raises(InputError, match="no account is named"):
        check(["a"], [WORDS])
    with pytest.raises(InputError, match="a key is given twice"):
        check(["a"], [WORDS, replace(BOTH, name="again")], ["ann"])


# theory


@cache
def ids_and_sides() -> tuple[Any, Any]:
    held = HeldStates(1 << 20)
    for text in library():
        found = list(occurrences(readable(text)))
        held.add(state_ids(found), np.array([2 * place.side - 1 for place in found], np.int64))
    held.settle()
    decided = held.leads != 0
    return held.ids[decided], held.leads[decided] > 0


def exceedances(n_keys: int, texts: list[str]) -> dict[float, int]:
    canary = Canary(key=Secret(KEY), accounts=tuple(f"key {n}" for n in range(n_keys)))
    p_values = np.array([row.p_value for row in check(texts, [canary]).accounts])
    return {level: int((p_values <= level).sum()) for level in (0.01, 0.05, 0.2, 0.5)}


def assert_rates_hold(n_keys: int, texts: list[str]) -> None:
    """At most nominal and 4 standard errors; not far below either, since places are many."""
    for level, count in exceedances(n_keys, texts).items():
        error = math.sqrt(level * (1 - level) / n_keys)
        assert count / n_keys <= level + 4 * error
        assert count / n_keys >= 0.6 * level - 4 * error


@pytest.mark.slow
def test_p_values_hold_over_keys() -> None:
    assert_rates_hold(1000, library())


@pytest.mark.slow
def test_p_values_hold_on_text_planted_for_others() -> None:
    assert_rates_hold(1000, planted(answers(100, 4), account="somebody else"))


@pytest.mark.slow
def test_agreements_are_binomial() -> None:
    ids, sides = ids_and_sides()
    keys = [Secret(f"{KEY}{n}").derive("words") for n in range(2000)]
    agreeing = np.array([(keyed_bits(key, ids) == sides).sum() for key in keys])
    assert agreeing.mean() == pytest.approx(len(ids) / 2, abs=4 * math.sqrt(len(ids) / 4 / 2000))
    assert agreeing.var() == pytest.approx(len(ids) / 4, rel=0.15)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.2])
def test_so_many_places_are_enough(share: float) -> None:
    n_states = states_needed(share, 1e-6)
    rng = np.random.default_rng(0)
    ours = rng.random((2000, n_states)) < share
    agreeing = (ours | (rng.random((2000, n_states)) < 0.5)).sum(axis=1)
    from provenance.statistics.tails import critical_heads

    told = (agreeing >= critical_heads(n_states, math.log(1e-6))).mean()
    assert told >= 0.77


@pytest.mark.slow
def test_p_values_hold_over_many_keys() -> None:
    assert_rates_hold(50_000, library())


def data() -> Path | None:
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    named = os.environ.get("PROVENANCE_DATA")
    return Path(named) if named else beside if beside.is_dir() else None


@pytest.mark.slow
@pytest.mark.parametrize("domain", ["xsum", "writing", "yelp"])
def test_peoples_text_does_not_fire(domain: str) -> None:
    folder = data()
    if folder is None:
        pytest.skip("the folder of measuring data is not there (PROVENANCE_DATA)")
    with gzip.open(folder / "detectrl" / f"human_{domain}.jsonl.gz") as lines:
        texts = [orjson.loads(line)["text"] for line in lines]
    accounts = [f"key {n}" for n in range(200)]
    assert {row.verdict for row in check(texts, [BOTH], accounts).accounts} == {"not_found"}
