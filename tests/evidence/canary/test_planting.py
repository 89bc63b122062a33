"""Canaries: what is planted is read back, harms nothing, and says nothing about other text."""

from __future__ import annotations

import gzip
import math
import os
import random
import re
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.evidence.canary.checking import CanaryCheck, check, states_needed
from provenance.evidence.canary.keyed_bits import keyed_bits, siphash
from provenance.evidence.canary.nonce_strings import BITS, nonce_string, strings_in
from provenance.evidence.canary.planting import Canary, plant, readable, state_ids
from provenance.evidence.canary.traces import HeldStates, HeldStrings
from provenance.evidence.canary.word_choices import (
    CHOICES,
    Choice,
    in_case_of,
    lowered,
    occurrences,
)
from provenance.files.keys import Secret
from provenance.records import Place

KEY = "kept-to-itself-0123456789"
WORDS = Canary(key=Secret(KEY))
STRINGS = Canary(key=Secret(KEY), styles=("strings",), rate=1.0)
BOTH = Canary(key=Secret(KEY), styles=("words", "strings"), rate=1.0)
WORDINGS = [wording for choice in CHOICES for wording in choice.wordings]
FOLLOWS = ["you to", "the way", "a", "your", "role", "to", "of", "3", "than", "that", "time", ""]


def text_of(rng: random.Random, n_choices: int) -> str:
    """Sentences with a choice in each, and three words of their own before it."""
    sentences = []
    for _ in range(n_choices):
        before = " ".join(f"w{rng.randrange(10**6)}" for _ in range(3))
        wording = rng.choice(["for example", "furthermore", "among", "toward", "usually"])
        sentences.append(f"{before} {wording} it ends.")
    return " ".join(sentences)


def answers(n: int, n_choices: int = 4, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return [text_of(rng, n_choices) for _ in range(n)]


def one(texts: list[str], canary: Canary = WORDS, account: str = "ann", **more: Any) -> Any:
    (found,) = check(texts, [canary], [account], **more).accounts
    return found


# choices of words


def test_every_wording_is_a_choice_of_one_kind() -> None:
    assert len({*WORDINGS}) == 2 * len(CHOICES)
    assert all(wording == wording.lower() for wording in WORDINGS)


STARTS = [" ".join(wording.split()[:n]) for wording in WORDINGS for n in (1, 2, 3)]


def reworded(text: str, side: int) -> str:
    """The text with one side's wording at every place."""
    pieces, last = [], 0
    for place in occurrences(text):
        pieces += [text[last : place.start], CHOICES[place.choice].wordings[side]]
        last = place.end
    return "".join([*pieces, text[last:]])


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.wordings[0])
def test_a_place_is_a_place_whatever_stands_beside_it(choice: Choice) -> None:
    """Else another wording of one place would make, or hide, a place beside it."""
    for beside, side in product({*STARTS, *WORDINGS}, (0, 1)):
        text = f"x {beside} {choice.wordings[side]} {beside} the a"
        found = [place.choice for place in occurrences(text)]
        for other in (0, 1):
            assert [place.choice for place in occurrences(reworded(text, other))] == found, text


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        ("we go, for  example, there", ["for example"]),
        ("we go for\nInstance", ["for instance"]),
        ("for example-like, co-for example's", []),
        ("forexample for examples before example", []),
        ("for instance variables", []),
        ("see `for example` and ```\nfor example\n``` or for example", ["for example"]),
        ("```\nfor example", []),
        ("http://a.b/for example and https://a.b/often", []),
        ("quite often, more often than not", ["often"]),
        ("an often seen thing", []),
        ("is hard to see, works hard to win", ["hard to"]),
        ("it allows you to go and allows no one", ["allows"]),
        ("usually.com and usually.", ["usually"]),
        ("a therefore, b. Therefore, c", ["therefore,"]),
        ("", []),
    ],
)
def test_places(text: str, wordings: list[str]) -> None:
    found = occurrences(lowered(text))
    assert [CHOICES[place.choice].wordings[place.side] for place in found] == wordings


def test_words_before_a_place_are_told_whatever_the_wordings() -> None:
    texts = ["a b usually, c for example d", "A b typically c: for\ninstance d"]
    first, second = ([p.context for p in occurrences(lowered(text))] for text in texts)
    assert first == second == [("a", "b"), ("b", "<usually>", "c")]


@pytest.mark.parametrize(
    ("wording", "shown", "made"),
    [
        ("for instance", "for example", "for instance"),
        ("for instance", "For  example", "For  instance"),
        ("for instance", "FOR\nEXAMPLE", "FOR\nINSTANCE"),
        ("for instance", "For Example", "For Instance"),
        ("in addition,", "Additionally,", "In addition,"),
        ("thus,", "THEREFORE,", "THUS,"),
        ("despite", "in spite\nof", "despite"),
    ],
)
def test_letter_case_and_white_space_are_kept(wording: str, shown: str, made: str) -> None:
    assert in_case_of(wording, shown) == made


# planting

PIECES = [*WORDINGS, *FOLLOWS, "is", "an", "not", ".", ",", "`", "```", "\r\n", "\n\n", "\u200b"]
ODD = ["\u0430mong", "İt", "fi\ufb01", "e\u0301", "ﬁnd", "*", "_", "http://x.y", "Σ", "'", "-"]
pieces = st.sampled_from(PIECES + ODD).flatmap(
    lambda piece: st.sampled_from([piece, piece.capitalize(), piece.upper(), piece.title()])
)
mixed_texts = st.lists(pieces, max_size=25).map(" ".join) | st.lists(pieces).map("".join)


@given(mixed_texts)
@settings(max_examples=300)
def test_planting_twice_is_planting_once(text: str) -> None:
    made = plant(text, BOTH, "ann")
    again = plant(made.text, BOTH, "ann")
    assert again.text == made.text
    assert (again.n_changed, again.string) == (0, None)


@given(mixed_texts)
@settings(max_examples=300)
def test_what_was_planted_agrees_at_every_place(text: str) -> None:
    made = plant(text, WORDS, "ann")
    if made.n_choices:
        found = one([made.text])
        assert found.n_agreeing == found.n_states > 0
    else:
        assert made.text == text


@given(st.lists(st.sampled_from([*WORDINGS, *FOLLOWS, "is", "it", "one"]), max_size=20))
def test_ordinary_text_is_always_planted(words: list[str]) -> None:
    text = " ".join(words)
    assert plant(text, WORDS, "ann").n_choices == len(list(occurrences(text)))


@given(st.text())
def test_any_text_can_be_planted(text: str) -> None:
    made = plant(text, BOTH, "ann")
    assert made.text.startswith(text.rstrip()) or made.n_changed


def test_nothing_but_wordings_changes() -> None:
    text = "# Usually\r\n\r\n  Furthermore, `often` red.\r\n- Among us\ttoday \r\n"
    for account in "abcdef":
        made = plant(text, WORDS, account).text
        shape = re.sub("Furthermore|Moreover", "F", made)
        shape = re.sub("Usually|Typically", "U", re.sub("Among(st)?", "A", shape))
        assert shape == "# U\r\n\r\n  F, `often` red.\r\n- A us\ttoday \r\n"


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("It ends.", "It ends.\n\n(Ref. {})"),
        ("It\r\nends! \r\n", "It\r\nends!\r\n\r\n(Ref. {}) \r\n"),
        ("", ""),
        ('{"a": "It ends."}', '{"a": "It ends."}'),
        ("```\nx.\n```\nIt ends.", "```\nx.\n```\nIt ends."),
        ("no end", "no end"),
    ],
)
def test_a_string_stands_after_a_sentence_only(text: str, ends: str) -> None:
    made = plant(text, STRINGS, "ann")
    assert made.text == ends.replace("{}", made.string or "{}")


def test_about_so_many_answers_get_a_string() -> None:
    canary = replace(STRINGS, rate=0.2)
    n_strings = sum(plant(text, canary, "ann").string is not None for text in answers(1000, 1))
    assert 150 < n_strings < 250
    assert plant("It ends.", replace(STRINGS, rate=0.0), "ann").string is None


def test_accounts_and_keys_differ() -> None:
    texts = answers(20)
    made = [
        tuple(plant(text, canary, account).text for text in texts)
        for canary in (WORDS, Canary(key=Secret(KEY[::-1])))
        for account in ("ann", "bob")
    ]
    assert len({*made}) == 4


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"key": Secret("short")}, "the key has 5 characters. Expected at least 16"),
        ({"key": Secret(123456789)}, "the key has 9 characters"),
        ({"styles": ()}, "styles is empty"),
        ({"styles": ("letters",)}, "styles is empty or unknown"),
        ({"rate": 1.5}, "rate is 1.5"),
        ({"strings": 0}, "strings is 0"),
        ({"strings": 10**9}, "strings is 1000000000"),
    ],
)
def test_what_cannot_be_planted_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        replace(WORDS, **changes)
    assert "short" not in str(caught.value) and "123456789" not in str(caught.value)


def test_an_account_has_a_name() -> None:
    for call in (lambda: plant("a", WORDS, ""), lambda: check(["a"], [WORDS], [""])):
        with pytest.raises(InputError, match="an account has no name"):
            call()


# bits and strings


def test_siphash_is_siphash() -> None:
    """The value that its authors publish: bytes 0 to 7 under a key of bytes 0 to 15."""
    message = np.array([int.from_bytes(bytes(range(8)), "little")], np.uint64)
    assert int(siphash(bytes(range(16)), message)[0]) == 0x93F5F5799A932462


def test_bits_are_fair_and_each_number_has_its_own() -> None:
    values = np.arange(100_000, dtype=np.uint64)
    one_key, other = (keyed_bits(bytes([n] * 16), values) for n in (1, 2))
    assert abs(one_key.mean() - 0.5) < 0.01
    assert abs((one_key == other).mean() - 0.5) < 0.01
    assert (keyed_bits(bytes([1] * 16), values[::-1])[::-1] == one_key).all()
    assert abs((one_key[1:] == one_key[:-1]).mean() - 0.5) < 0.01


@given(st.integers(0, 2**BITS - 1), st.integers(0, 2**BITS - 1))
def test_every_number_is_a_string_of_its_own(number: int, other: int) -> None:
    """So a string has as many bits as it claims."""
    string = nonce_string(number)
    assert (string == nonce_string(other)) == (number == other)
    assert list(strings_in(f"(ref. {string}).")) == [string]
    assert BITS >= 64


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bababa-bababa-bababa-bababa", 1),
        ("bababa–bababa—bababa‑bababa", 1),
        ("xbababa-bababa-bababa-bababa", 0),
        ("bababa-bababa-bababa", 0),
        ("bababa-bababa-bababa-bababay", 0),
        ("bebaba-bababa-bababa-bababa", 0),
    ],
)
def test_strings_of_the_form(text: str, found: int) -> None:
    assert len(list(strings_in(text))) == found


# checking


def planted(texts: list[str], account: str = "ann", canary: Canary = WORDS) -> list[str]:
    return [plant(text, canary, account).text for text in texts]


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


@given(st.permutations(range(12)), st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_the_order_of_documents_does_not_matter(order: list[int], most: int) -> None:
    texts = planted(answers(12), canary=BOTH)
    accounts = ["ann", "bob"]
    straight = check(texts, [BOTH], accounts, max_states=most)
    mixed = check([texts[n] for n in order], [BOTH], accounts, max_states=most)
    assert comparable(mixed) == comparable(straight)


def test_the_number_of_workers_does_not_matter() -> None:
    texts = planted(answers(12), canary=BOTH)
    rows = [{"text": f"{text} {'filler ' * 60_000}"} for text in texts]
    one_worker, two = (check(open_corpus(rows), [BOTH], ["ann"], workers=n) for n in (1, 2))
    assert one_worker == two


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=30), max_size=8), st.integers(1, 20))
def test_held_places_are_a_sample_by_their_number(parts: list[list[int]], most: int) -> None:
    held = HeldStates(most)
    for part in parts:
        held.add(np.array(part, np.uint64), np.ones(len(part), np.int64))
    held.settle()
    every = [value for part in parts for value in part]
    limit = 1 << (64 - held.halvings)
    assert held.ids.tolist() == sorted({value for value in every if value < limit})
    assert held.leads.sum() == sum(value < limit for value in every)
    assert len(held.ids) <= most
    if held.halvings:
        assert len({value for value in every if value < 2 * limit}) > most


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=6))
def test_held_strings_do_not_depend_on_the_order(parts: list[list[str]]) -> None:
    held = HeldStrings(3)
    for part in parts:
        held.add({string: [Place(id="x", path="p", line=1)] for string in part})
    assert sorted(held.places) == sorted({string for part in parts for string in part})[:3]


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


def test_p_values_hold_over_keys() -> None:
    assert_rates_hold(1000, library())


def test_p_values_hold_on_text_planted_for_others() -> None:
    assert_rates_hold(1000, planted(answers(100, 4), account="somebody else"))


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
