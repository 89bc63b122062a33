"""The bench of views, on outcomes that are made up and on made-up text."""

from __future__ import annotations

from pathlib import Path

from known_text import fingerprint, texts

from provenance.matching.judging import Told
from provenance.share.sources import Sources
from provenance.validation.bench.views import Outcome, read_in_views, table

RIGHT, WRONG, NOTHING = Told(0.2, 0.1, 0.3), Told(0.5, 0.4, 0.6), Told(None, 0.0, 1.0)


def test_words_answer_where_they_alone_fit() -> None:
    one = Outcome("a", 0.2, (NOTHING, WRONG), (False, True))
    other = Outcome("a", 0.2, (RIGHT, WRONG), (True, True))
    assert one.by_rule is WRONG and other.by_rule is RIGHT
    _, *rows = table([one, other])
    assert rows == [
        ("a", "2", "all n-grams", "1", "0", "0"),
        ("a", "2", "words", "2", "2", "2"),
        ("a", "2", "words where these alone fit", "2", "1", "1"),
    ]


def test_both_views_are_judged(tmp_path: Path) -> None:
    sources = Sources((fingerprint("alpha"), fingerprint("human")), ("candidate", "reference"))
    rows = [*texts("alpha", 40, 41), *texts("human", 80, 41)]
    found = read_in_views(sources, rows, tmp_path)
    assert len(found) == 2
    assert all(one.told(0).low <= 1 / 3 <= one.told(0).high for one in found)
