"""Sources and what each is taken for."""

from __future__ import annotations

import numpy as np
import pytest
from known_text import SPEC, fingerprint, texts

from provenance import fit_fingerprint, open_corpus
from provenance.fingerprint.asking.answers import joined_to
from provenance.fingerprint.asking.requests import Asked
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
    """Of a corpus with prompts a hundredth of a set must stand there: two may share a greeting."""
    rows = [
        {"id": f"p{place}", "answer": f"{text} {place}"}
        for place, text in enumerate(texts("alpha", 150, 0))
    ]
    asked = Asked("ask.jsonl", {f"p{place}": f"Question {place}?" for place in range(len(rows))})
    model = fit_fingerprint(joined_to(asked, open_corpus(iter(rows))), "model", SPEC)
    sources = Sources(
        (model, fit_fingerprint(iter(texts("human", 40, 0)), "people", SPEC)),
        ("candidate", "reference"),
    )
    prompts = model.sample.prompt_hash
    none = np.empty(0, np.uint64)
    assert len(prompts) == 150
    assert not len(sources.asked_of(none, is_known=True))
    assert not len(sources.asked_of(prompts[:1], is_known=True))
    assert sources.asked_of(prompts[:2], is_known=True).tolist() == sorted(prompts.tolist())
    assert sources.asked_of(none, is_known=False).tolist() == sorted(prompts.tolist())
