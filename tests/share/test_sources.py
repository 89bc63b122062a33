"""Sources and what each is taken for."""

from __future__ import annotations

import numpy as np
import pytest
from known_text import SPEC, fingerprint, texts

from provenance import Fingerprint, fit_fingerprint, open_corpus
from provenance.fingerprint.asking.answers import joined_to
from provenance.fingerprint.asking.requests import Asked
from provenance.fingerprint.fingerprint import merge
from provenance.share.sources import FEWEST_MODELS, Sources

NAMES = ("alpha", "beta", "human")


@pytest.mark.parametrize(
    ("roles", "candidates", "references", "of_two_classes"),
    [
        (("candidate", "panel", "reference"), [0], [2], False),
        (("candidate", "reference", "reference"), [0], [1, 2], True),
        (("candidate", "candidate", "reference"), [0, 1], [2], False),
        (("candidate", "panel", "panel"), [0], [], False),
    ],
)
def test_roles_by_hand(
    roles: tuple[str, ...], candidates: list[int], references: list[int], of_two_classes: bool
) -> None:
    found = Sources(tuple(fingerprint(name) for name in NAMES), roles)
    assert found.names == NAMES
    assert (found.candidates, found.references) == (candidates, references)
    assert found.of_two_classes == of_two_classes


@pytest.mark.parametrize(
    ("roles", "only", "too_few"),
    [
        (("candidate", "reference", "reference"), False, False),
        (("candidate", "panel", "reference"), False, True),
        (("candidate", "panel", "reference"), True, False),
        (("candidate", "candidate", "panel"), False, True),
        (("candidate", *FEWEST_MODELS * ("panel",)), False, False),
        (("candidate", *(FEWEST_MODELS - 1) * ("panel",), "reference"), False, True),
    ],
)
def test_what_too_few_models_are(roles: tuple[str, ...], only: bool, too_few: bool) -> None:
    """People's text alone is told as text like a language model's, which needs no other model."""
    found = Sources(tuple(fingerprint("alpha") for _ in roles), roles, only=only)
    assert found.too_few_models == too_few
    assert found.n_other_models == len(roles) - roles.count("reference") - 1
    assert found.beside_many == (
        tuple(found.candidates) if found.n_other_models >= FEWEST_MODELS else ()
    )


@pytest.mark.parametrize(
    ("roles", "only", "told"),
    [
        (("candidate", "reference", "reference"), False, True),
        (("candidate", "reference"), True, False),
        (("candidate", "panel", "reference"), False, True),
        (("candidate", "panel", "reference"), True, False),
        (("candidate", "candidate", "reference"), False, False),
        (("candidate", "panel", "panel"), False, False),
        (("candidate", *FEWEST_MODELS * ("panel",), "reference"), False, False),
    ],
)
def test_where_any_models_text_is_told(roles: tuple[str, ...], only: bool, told: bool) -> None:
    found = Sources(tuple(fingerprint("alpha") for _ in roles), roles, only=only)
    assert found.tell_a_model == told


def test_what_was_asked_of_another_corpus_is_not_this_ones() -> None:
    """A hundredth of a set must stand in its corpus: two may share a greeting.

    Where nothing stands there nobody knows, and all that was asked is believed to be this one's.
    """

    def asked(first: int, last: int) -> Fingerprint:
        rows = [
            {"id": f"p{place}", "answer": f"{text} {place}"}
            for place, text in enumerate(texts("alpha", 300, 0))
        ][first:last]
        prompts = {f"p{place}": f"Question {place}?" for place in range(first, last)}
        answers = joined_to(Asked("ask.jsonl", prompts), open_corpus(iter(rows)))
        return fit_fingerprint(answers, "model", SPEC)

    here, other = asked(0, 150), asked(150, 300)
    people = fit_fingerprint(iter(texts("human", 40, 0)), "people", SPEC)
    sources = Sources((merge(here, other), people), ("candidate", "reference"))
    own, others = here.sample.prompt_hash, other.sample.prompt_hash
    assert len(own) == len(others) == 150
    both = sorted([*own.tolist(), *others.tolist()])
    assert sources.asked_of(np.empty(0, np.uint64)).tolist() == both
    assert sources.asked_of(own[:1]).tolist() == both
    assert sources.asked_of(own[:2]).tolist() == sorted(own.tolist())
    assert sources.asked_of(np.append(own[:2], others[:1])).tolist() == sorted(own.tolist())
    assert sources.asked_of(np.append(own[:2], others[:2])).tolist() == both
