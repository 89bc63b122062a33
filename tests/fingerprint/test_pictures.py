"""Sources beside each other, drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from provenance.errors import InputError
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.pictures import plot_lengths, plot_ranks, weighed

MINE = fit_fingerprint([f"we delve into it here and there now {n}" for n in range(9)], "mi$e")
THEIRS = fit_fingerprint([f"we dig into it here and there now {n}" for n in range(9)], "theirs")


def test_ranks_fall_from_what_every_passage_holds() -> None:
    axes = plot_ranks([MINE, THEIRS], Figure().subplots())
    for line in axes.lines:
        rates = np.asarray(line.get_ydata())
        assert rates[0] == 100
        assert (np.diff(rates) <= 0).all()
    assert [str(line.get_label()) for line in axes.lines] == [r"mi\$e", "theirs"]


def test_a_source_without_text_is_drawn() -> None:
    empty = Fingerprint(name="empty", spec=MINE.spec)
    plot_ranks([empty, MINE], Figure().subplots()).figure.canvas.draw()
    plot_lengths([empty], Figure().subplots())


def test_lengths_end_at_all_documents() -> None:
    texts = ["one two three four five six seven eight nine ten"] + ["so " * 40] * 3
    line = plot_lengths([fit_fingerprint(texts, "a")], Figure().subplots()).lines[0]
    assert np.asarray(line.get_ydata()).tolist() == [25, 100]


def test_a_word_weighs_the_logarithm_of_how_much_oftener_it_is_said() -> None:
    found = weighed("We delve, we dig.", MINE, [THEIRS])
    words = [found.text[start:end] for start, end in found.spans]
    assert words == ["We", "delve", "we", "dig"]
    # In 9 passages of 9 and in none, half a passage more on both sides.
    most = math.log((9.5 / 10) / (0.5 / 10))
    assert found.weights == pytest.approx([0, most, 0, -most])


def test_foreign_text_is_escaped() -> None:
    shown = weighed("<script>alert</script> we delve", MINE, [THEIRS])._repr_html_()
    assert "<script>" not in shown
    assert "&lt;" in shown
    assert len(repr(weighed("we delve " * 999, MINE, [THEIRS]))) < 99


def test_a_text_without_words_has_no_weights() -> None:
    assert weighed(" … ", MINE, [THEIRS]).spans == ()


def test_nothing_to_weigh_against() -> None:
    with pytest.raises(InputError, match="no other source"):
        weighed("we", MINE, [])
