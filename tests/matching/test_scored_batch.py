"""A worker scores as this process does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from known_text import SPEC, documents, fingerprint, panel, panel_path, scored, texts

from provenance import fit_fingerprint, open_corpus
from provenance.features.features import prepare
from provenance.features.hashes import text_hash
from provenance.matching.scored_batch import score_batch, scorer
from provenance.matching.tally import Tally
from provenance.scoring.fitting.fitting import fit_panel

VIEW = "n-grams"


def test_prompts_that_a_sample_answers_are_met_once() -> None:
    rows = [{"text": text, "prompt": f"Q{n}"} for n, text in enumerate(texts("alpha", 40, 0))]
    api = fit_fingerprint(open_corpus(rows), "alpha", SPEC)
    fitted = fit_panel([api, fingerprint("human")])
    given = ("Q3", "Q7", "Q3", None, "Another")
    plain = documents(texts("alpha", 5, 5))
    found = [replace(item, prompt=prompt) for item, prompt in zip(plain, given, strict=True)]
    batch = score_batch(found, prepare([item.text for item in found], SPEC), fitted, (0,))
    expected = sorted({text_hash("Q3"), text_hash("Q7")})
    assert batch.prompts.tolist() == expected
    tally = Tally(SPEC, 2)
    for _ in range(2):
        tally.add(batch)
    assert tally.prompts.tolist() == expected


def test_a_worker_scores_as_this_process_does() -> None:
    found = documents(texts("alpha", 3, 5))
    prepared = prepare([item.text for item in found], SPEC)
    batch = scorer(panel_path(), (0,))(found, prepared)
    expected = scored(found)
    assert np.array_equal(batch.log_posterior[VIEW], expected.log_posterior[VIEW])
    assert panel().names == ("alpha", "human")


def test_chance_draws_the_same_rows_however_they_come() -> None:
    found = documents([*texts("alpha", 150, 5), *texts("human", 150, 6)])
    copies = [replace(found[0], id=f"copy {n}", line=900 + n) for n in range(50)]
    told = []
    for order in ([*found, *copies], [*copies, *found][::-1]):
        tally = Tally(SPEC, 2)
        for start in range(0, len(order), 70):
            tally.add(scored(order[start : start + 70]))
        told.append([item.document.id for item in tally.drawn[VIEW]])
    assert told[0] == told[1] and len(told[0]) == len({*told[0]}) == 140
    # Copies are one text: none but the first of their names may be drawn.
    assert not {item.id for item in copies[1:]} & {*told[0]}
