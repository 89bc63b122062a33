"""What the sources are told apart by is learnt from prompts that they share."""

from __future__ import annotations

import numpy as np
import pytest
from known_text import SPEC, texts

from provenance import Fingerprint, fit_fingerprint, open_corpus
from provenance.features.features import extract
from provenance.scoring.fitting import learning
from provenance.scoring.fitting import left_out as leaving_out
from provenance.scoring.fitting.fitting import fit_panel
from provenance.scoring.fitting.shared_prompts import FEWEST_SHARED, taught


def left_out(*prompts: list[int]) -> list[int]:
    """How many documents of each source are not learnt from."""
    source = np.repeat(np.arange(len(prompts)), [len(one) for one in prompts])
    hashes = np.array([prompt for one in prompts for prompt in one], np.uint64)
    found = np.bincount(source[~taught(source, hashes)], minlength=len(prompts))
    return [int(one) for one in found]


SHARED = [*range(1, 101)]
OWN = [*range(1000, 1020)]


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        pytest.param([SHARED, SHARED, SHARED], [0, 0, 0], id="one set"),
        pytest.param([SHARED + OWN, SHARED, SHARED], [20, 0, 0], id="one was asked more"),
        pytest.param([SHARED + OWN] * 2 + [SHARED] * 4, [20, 20, 0, 0, 0, 0], id="a few were"),
        pytest.param([SHARED + OWN] * 3 + [SHARED] * 2, [0] * 5, id="half of them were"),
        pytest.param([SHARED + OWN, SHARED], [0, 0], id="two sources"),
        pytest.param([SHARED + OWN, SHARED, SHARED, [0] * 50], [20, 0, 0, 0], id="none known"),
        pytest.param([SHARED + [0] * 20, SHARED, SHARED], [0, 0, 0], id="a part unknown"),
        pytest.param([SHARED + OWN[:5], SHARED, SHARED], [0, 0, 0], id="hardly any"),
        pytest.param([SHARED[:-1] + OWN, SHARED, SHARED], [0, 0, 0], id="too few are left"),
        pytest.param([OWN, SHARED, SHARED], [0, 0, 0], id="all of its own"),
        pytest.param(
            [SHARED + [n + 100 * one for n in OWN] for one in range(3)], [0, 0, 0], id="all do"
        ),
    ],
)
def test_answers_to_prompts_that_few_others_answered(
    prompts: list[list[int]], expected: list[int]
) -> None:
    assert len(SHARED) == FEWEST_SHARED
    assert left_out(*prompts) == expected


def asked(name: str, extra: int = 0) -> Fingerprint:
    """Answers to a hundred shared prompts, and to some about a topic of their own."""
    found = [
        {"prompt": f"p{n}", "text": text} for n, text in enumerate(texts(name, 100 + extra, 3))
    ]
    for row in found[100:]:
        row["text"] += " quarks and gluons in a collider" * 3
    return fit_fingerprint(open_corpus(iter(found), prompt_field="prompt"), name, SPEC)


def of_topic(name: str, monkeypatch: pytest.MonkeyPatch, *, all_teach: bool) -> float:
    """How much another source's texts on the topic read as the candidate's."""
    if all_teach:
        for module in (learning, leaving_out):
            monkeypatch.setattr(module, "taught", lambda source, _: np.ones(len(source), bool))
    panel = fit_panel([asked("alpha", 60), asked("beta"), asked("gamma")])
    monkeypatch.undo()
    strange = [f"{text} quarks and gluons in a collider" * 3 for text in texts(name, 30, 8)]
    found = panel.score(extract(strange, SPEC))["n-grams"]
    return float(np.exp(found[:, 0]).mean())


def test_a_topic_that_one_source_was_asked_about_is_not_its_style(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learnt = of_topic("beta", monkeypatch, all_teach=True)
    shared = of_topic("beta", monkeypatch, all_teach=False)
    assert shared < 0.35 < learnt
    assert of_topic("alpha", monkeypatch, all_teach=False) > 0.5


def test_what_taught_nothing_is_scored_as_the_rest_is() -> None:
    panel = fit_panel([asked("alpha", 60), asked("beta"), asked("gamma")])
    for view in panel.views.values():
        assert np.isfinite(view.log_posterior).all()
        assert np.isfinite(view.unknown).all()
    own = panel.references.source[panel.references.document] == 0
    assert np.exp(panel.views["n-grams"].log_posterior[own, 0]).mean() > 0.5
